//! Rules over the week of one specialist.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use super::facts::{Facts, Known};

/// Direct minutes of a specialist in the week.
pub(super) fn specialist_week_within_contract(facts: &Facts, found: &mut Found) {
    for (code, week) in &facts.weeks {
        let direct: u32 = week.visits.iter().map(Known::minutes).sum();
        found.require(direct <= week.specialist.direct_minutes_per_week_max, || format!("{code} {direct}"));
    }
}

/// Minutes that a member's specialist gives to other members.
pub(super) fn lendable_within_limit(facts: &Facts, found: &mut Found) {
    for (code, week) in &facts.weeks {
        let lent: u32 = week.visits.iter().filter(|known| known.is_for_others()).map(Known::minutes).sum();
        let within = week.specialist.lendable_minutes_per_week_max.is_none_or(|most| lent <= most);
        found.require(within, || format!("{code} {lent}"));
    }
}

/// One member other than the employer gets no more than the policy's part of a specialist's direct week.
pub(super) fn member_share_within_limit(facts: &Facts, found: &mut Found) {
    let percent = u64::from(facts.instance.policy.person_member_share_max_percent);
    if percent >= 100 {
        return;
    }
    for (code, week) in &facts.weeks {
        let mut by_member: BTreeMap<&str, u32> = BTreeMap::new();
        for known in week.visits.iter().filter(|known| known.is_for_others()) {
            *by_member.entry(known.member).or_default() += known.minutes();
        }
        let most = u64::from(week.specialist.direct_minutes_per_week_max);
        for (member, minutes) in by_member {
            let within = u64::from(minutes) * 100 <= percent * most;
            found.require(within, || format!("{code} {minutes} for {member}, more than {percent} % of {most}"));
        }
    }
}

/// One piece of the week, inside one interval of the availability, is free of visits and drives.
/// Who visits nobody has the whole week.
pub(super) fn evaluation_block_kept(facts: &Facts, found: &mut Found) {
    for (code, week) in &facts.weeks {
        let wanted = i64::from(week.specialist.evaluation_block_minutes);
        let hours = week.specialist.availability.days();
        let pieces = hours.flat_map(|(day, open)| open.iter().map(move |interval| (day, interval)));
        let longest = pieces.map(|(day, interval)| facts.longest_free(code, day, interval)).max().unwrap_or(0);
        found.require(longest >= wanted, || format!("{code} longest free piece {longest} of {wanted}"));
    }
}

/// Different sites of a specialist in the week, the home site of teletherapy among them.
pub(super) fn sites_within_cap(facts: &Facts, found: &mut Found) {
    for (code, week) in &facts.weeks {
        let sites: BTreeSet<&str> = week.visits.iter().map(Known::place).collect();
        let within = week.specialist.sites_per_week_max.is_none_or(|most| sites.len() <= most as usize);
        found.require(within, || {
            let named: Vec<&str> = sites.iter().copied().collect();
            format!("{code} {} sites in the week: {}", named.len(), named.join(" "))
        });
    }
}

/// Different requests that a specialist serves in the week.
pub(super) fn requests_within_cap(facts: &Facts, found: &mut Found) {
    for (code, week) in &facts.weeks {
        let requests: BTreeSet<&str> = week.visits.iter().map(|known| known.request.code.as_str()).collect();
        let within = week.specialist.requests_max.is_none_or(|most| requests.len() <= most as usize);
        found.require(within, || format!("{code} {} requests", requests.len()));
    }
}
