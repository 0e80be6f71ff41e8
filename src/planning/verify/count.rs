//! What a list of visits reaches, counted visit by visit.

use std::collections::BTreeSet;

use super::facts::{Facts, Known};
use crate::planning::instance::Instance;
use crate::planning::plan_document::{Totals, Visit};

/// Counts what a list of visits reaches. Visits with unknown codes count nothing.
pub fn totals_of(instance: &Instance, visits: &[Visit]) -> Totals {
    totals(&Facts::of(instance, visits))
}

/// Minutes placed for a request.
pub(super) fn placed(facts: &Facts, request: &str) -> u32 {
    facts.by_request.get(request).map_or(0, |visits| visits.iter().map(Known::minutes).sum())
}

pub(super) fn totals(facts: &Facts) -> Totals {
    let mut totals = Totals::default();
    let member_of: std::collections::BTreeMap<&str, &str> =
        facts.instance.sites.iter().map(|site| (site.code.as_str(), site.member.as_str())).collect();
    for request in &facts.instance.requests {
        let placed = placed(facts, &request.code);
        let member = totals.by_member.entry(member_of[request.site.as_str()].to_string()).or_default();
        for amounts in [&mut totals.all, member] {
            let amount = amounts.of(request.priority);
            amount.requested += request.minutes_per_week;
            amount.placed += placed;
        }
    }
    let pairs: BTreeSet<(&str, &str)> =
        facts.visits.iter().map(|known| (known.specialist.code.as_str(), known.request.code.as_str())).collect();
    let kept = |(specialist, request): &&(&str, &str)| {
        facts.requests[request].current_specialist.as_deref() == Some(*specialist)
    };
    totals.pairs_kept = pairs.iter().filter(kept).count() as u32;
    totals.pairs = pairs.len() as u32;
    totals.travel_minutes = facts.days.values().map(|day| day.travel_minutes()).sum();
    totals.travel_miles = (miles(facts) * 1_000.0).round() / 1_000.0;
    let minutes_times_rate = |known: &Known| i64::from(known.minutes()) * known.specialist.cost_cents_per_hour;
    totals.staff_cost_cents = sixtieth(facts.visits.iter().map(minutes_times_rate).sum());
    totals
}

fn miles(facts: &Facts) -> f64 {
    let pairs = facts.days.values().flat_map(|day| day.visits.windows(2));
    pairs
        .filter(|pair| pair[0].place() != pair[1].place())
        .fold(0.0, |miles, pair| miles + facts.drive_miles(&pair[0], &pair[1]))
}

/// A sixtieth, half to even, so that no rounding drifts one way.
fn sixtieth(amount: i64) -> i64 {
    let (whole, rest) = (amount.div_euclid(60), amount.rem_euclid(60));
    whole + i64::from(rest > 30 || (rest == 30 && whole % 2 != 0))
}
