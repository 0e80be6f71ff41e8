//! What a plan reaches, counted from its visits, and whether the plan says the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Index, Known};
use crate::domain::calendar::Weekday;
use crate::planning::instance::Instance;
use crate::planning::plan_document::{PlanDocument, Totals, Visit};
use crate::planning::rule::Rule;

/// Counts what a list of visits reaches. Visits with unknown codes count nothing.
pub fn totals_of(instance: &Instance, visits: &[Visit]) -> Totals {
    let index = Index::of(instance);
    let visits = index.known_visits(visits, &mut Check::default());
    let mut totals = Totals::default();
    let placed = placed_by_request(&visits);
    for request in &instance.requests {
        let member = totals.by_member.entry(index.member_of(request).to_string()).or_default();
        for amounts in [&mut totals.all, member] {
            let amount = amounts.of(request.priority);
            amount.requested += request.minutes_per_week;
            amount.placed += placed.get(request.code.as_str()).copied().unwrap_or(0);
        }
    }
    let pairs: BTreeSet<_> = visits.iter().map(|known| (&known.specialist.code, &known.request.code)).collect();
    let kept = |(specialist, request): &&(&String, &String)| {
        index.requests[request.as_str()].current_specialist.as_ref() == Some(*specialist)
    };
    totals.pairs_kept = pairs.iter().filter(kept).count() as u32;
    totals.pairs = pairs.len() as u32;
    let (minutes, miles) = drives(&index, &visits);
    totals.travel_minutes = minutes;
    totals.travel_miles = (miles * 1_000.0).round() / 1_000.0;
    let minutes_times_rate = |known: &Known| i64::from(known.visit.minutes()) * known.specialist.cost_cents_per_hour;
    totals.staff_cost_cents = sixtieth(visits.iter().map(minutes_times_rate).sum());
    totals
}

/// A sixtieth, half to even, so that no rounding drifts one way.
fn sixtieth(amount: i64) -> i64 {
    let (whole, rest) = (amount.div_euclid(60), amount.rem_euclid(60));
    whole + i64::from(rest > 30 || (rest == 30 && whole % 2 != 0))
}

fn placed_by_request<'a>(visits: &'a [Known]) -> BTreeMap<&'a str, u32> {
    let mut placed = BTreeMap::new();
    for known in visits {
        *placed.entry(known.request.code.as_str()).or_default() += known.visit.minutes();
    }
    placed
}

fn drives(index: &Index, visits: &[Known]) -> (u32, f64) {
    let mut days: BTreeMap<(&str, Weekday), Vec<&Known>> = BTreeMap::new();
    for known in visits {
        days.entry((&known.specialist.code, known.visit.day)).or_default().push(known);
    }
    let (mut minutes, mut miles) = (0, 0.0);
    for visits in days.values_mut() {
        visits.sort_by(|left, right| left.order().cmp(&right.order()));
        for pair in visits.windows(2).filter(|pair| pair[0].place() != pair[1].place()) {
            minutes += index.drive_minutes(pair[0].place(), pair[1].place());
            miles += index.drive_miles(pair[0].place(), pair[1].place());
        }
    }
    (minutes, miles)
}

/// Compares what the plan says with what it is.
pub(super) fn agreement(index: &Index, found: &Totals, plan: &PlanDocument, check: &mut Check) {
    let told = &plan.totals;
    let mut same = |holds: bool, name: &str, told: String, found: String| {
        check.require(holds, Rule::Totals, || format!("{name} says {told}, is {found}"));
    };
    for (name, told, found) in [
        ("mandated", told.all.mandated, found.all.mandated),
        ("evaluation", told.all.evaluation, found.all.evaluation),
        ("consult", told.all.consult, found.all.consult),
    ] {
        let words =
            |amount: &crate::planning::plan_document::Amount| format!("{} of {}", amount.placed, amount.requested);
        same(told == found, name, words(&told), words(&found));
    }
    for (name, told, found) in [
        ("pairs", told.pairs, found.pairs),
        ("pairs_kept", told.pairs_kept, found.pairs_kept),
        ("travel_minutes", told.travel_minutes, found.travel_minutes),
    ] {
        same(told == found, name, told.to_string(), found.to_string());
    }
    let (told_cost, found_cost) = (told.staff_cost_cents, found.staff_cost_cents);
    same(told_cost == found_cost, "staff_cost_cents", told_cost.to_string(), found_cost.to_string());
    let near = (told.travel_miles - found.travel_miles).abs() < 0.002;
    same(near, "travel_miles", told.travel_miles.to_string(), found.travel_miles.to_string());
    same(told.by_member == found.by_member, "by_member", "otherwise".into(), format!("{:?}", found.by_member));
    shortfalls(index, plan, check);
    for lender in &plan.lenders {
        let own = found.by_member.get(&lender.member).map_or(0, |amounts| amounts.mandated.placed);
        let alone = lender.alone_mandated_minutes;
        check.require(own >= alone, Rule::NoLenderWorseThanAlone, || {
            format!("{} {own} mandated minutes, {alone} alone", lender.member)
        });
    }
}

fn shortfalls(index: &Index, plan: &PlanDocument, check: &mut Check) {
    let visits = index.known_visits(&plan.visits, &mut Check::default());
    let placed = placed_by_request(&visits);
    let told: BTreeMap<&str, u32> =
        plan.shortfalls.iter().map(|shortfall| (shortfall.request.as_str(), shortfall.minutes)).collect();
    check.require(told.len() == plan.shortfalls.len(), Rule::Shortfalls, || "a request is listed twice".to_string());
    for request in &index.instance.requests {
        let gap =
            i64::from(request.minutes_per_week) - i64::from(placed.get(request.code.as_str()).copied().unwrap_or(0));
        let told = told.get(request.code.as_str()).copied().unwrap_or(0);
        check.require(i64::from(told) == gap, Rule::Shortfalls, || format!("{} says {told}, is {gap}", request.code));
    }
    for code in told.keys().filter(|code| !index.requests.contains_key(*code)) {
        check.require(false, Rule::UnknownCode, || format!("shortfall of {code}"));
    }
}
