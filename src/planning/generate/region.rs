//! The map of a made-up co-op: which site belongs to whom, and how far it is from one to another.
//!
//! A co-op of up to 20 sites lies in a region of about 27 by 27 miles. Larger ones get so much more land that the number
//! of sites a square mile stays the same, and a member with more sites gets a larger district.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Size;
use crate::planning::instance::{Member, Site, Travel};

/// Sites of the co-op for which the smallest region was made.
const SITES_OF_SMALLEST: f64 = 20.0;
/// Sites of an average member of that co-op.
const SITES_A_MEMBER: f64 = 2.5;
/// Sides of that region and of a district in it, in miles.
const REGION_MILES: f64 = 27.0;
const DISTRICT_MILES: f64 = 7.0;

/// Whether the region is larger than the smallest one, so that most of the staff is out of reach for a site.
pub(super) fn is_large(size: Size) -> bool {
    size.sites as f64 > SITES_OF_SMALLEST
}

/// How many times longer the side of a district is than in the smallest region.
fn district_factor(size: Size) -> f64 {
    (size.sites as f64 / size.members as f64 / SITES_A_MEMBER).max(1.0).sqrt()
}

/// Side of the square in which the corners of the districts lie.
fn land(size: Size) -> f64 {
    if !is_large(size) {
        return REGION_MILES - DISTRICT_MILES;
    }
    REGION_MILES * (size.sites as f64 / SITES_OF_SMALLEST).sqrt() - DISTRICT_MILES * district_factor(size)
}

/// Sites, dealt out to the members.
pub(super) fn sites(size: Size, members: &[Member], random: &mut ChaCha8Rng) -> Vec<Site> {
    let owner = |index: usize, random: &mut ChaCha8Rng| {
        // Every member has a site; the rest go to the first members more often, which makes them larger.
        if index < members.len() {
            index
        } else {
            random.random_range(0..members.len()).min(random.random_range(0..members.len()))
        }
    };
    let sites = (0..size.sites).map(|index| {
        let member = &members[owner(index, random)].code;
        Site {
            code: format!("{member}-S{:02}", index + 1),
            member: member.clone(),
            name: format!("School {}", index + 1),
        }
    });
    sites.collect()
}

/// Places of the sites, and the drives between them.
pub(super) fn travel(size: Size, sites: &[Site], random: &mut ChaCha8Rng) -> Travel {
    let (land, district) = (land(size), DISTRICT_MILES * district_factor(size));
    let mut homes: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut places = Vec::new();
    for site in sites {
        let home = *homes
            .entry(&site.member)
            .or_insert_with(|| (random.random_range(0.0..land), random.random_range(0.0..land)));
        places.push((home.0 + random.random_range(0.0..district), home.1 + random.random_range(0.0..district)));
    }
    let miles = |from: (f64, f64), to: (f64, f64)| ((from.0 - to.0).hypot(from.1 - to.1) * 1.25 * 10.0).round() / 10.0;
    let row = |from: usize| -> Vec<f64> { places.iter().map(|to| miles(places[from], *to)).collect() };
    let miles: Vec<Vec<f64>> = (0..sites.len()).map(row).collect();
    let minutes = miles.iter().enumerate().map(|(from, row)| {
        let drive =
            |(to, miles): (usize, &f64)| if from == to { 0 } else { ((miles * 1.8 + 4.0) / 5.0).ceil() as u32 * 5 };
        row.iter().enumerate().map(drive).collect()
    });
    Travel {
        sites: sites.iter().map(|site| site.code.clone()).collect(),
        minutes: minutes.collect(),
        miles: Some(miles.clone()),
    }
}
