//! Rules over the whole plan: fixed visits, codes, lenders, and whether the plan tells the truth about itself.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use super::count::placed;
use super::facts::Facts;
use crate::planning::plan_document::{Amount, PlanDocument, Shortfall, Totals};

/// Every fixed visit is in the plan.
pub(super) fn fixed_visits_stand(facts: &Facts, found: &mut Found) {
    let standing: BTreeSet<_> = facts
        .visits
        .iter()
        .map(|known| known.visit)
        .map(|one| (one.specialist.as_str(), one.request.as_str(), one.day, one.starts, one.ends))
        .collect();
    for fixed in &facts.instance.fixed {
        let visit = (fixed.specialist.as_str(), fixed.request.as_str(), fixed.day, fixed.starts, fixed.ends);
        found.require(standing.contains(&visit), || {
            format!("{} {} {} {}-{}", fixed.specialist, fixed.request, fixed.day, fixed.starts, fixed.ends)
        });
    }
}

/// Every visit is for a request and by a specialist of the instance.
pub(super) fn unknown_code(facts: &Facts, found: &mut Found) {
    for visit in &facts.unknown {
        found.require(false, || format!("{} {}", visit.specialist, visit.request));
    }
}

/// A lender keeps at least the mandated minutes that it could place alone, and its numbers can be true.
pub(super) fn no_lender_worse_than_alone(facts: &Facts, plan: &PlanDocument, counted: &Totals, found: &mut Found) {
    let members: BTreeSet<&String> = facts.instance.members.iter().map(|member| &member.code).collect();
    let mut seen = BTreeSet::new();
    for lender in &plan.lenders {
        let (member, alone) = (&lender.member, lender.alone_mandated_minutes);
        found.require(members.contains(member), || format!("there is no member {member}"));
        found.require(seen.insert(member), || format!("{member} is listed twice"));
        let own = counted.by_member.get(member).map(|amounts| amounts.mandated).unwrap_or_default();
        found.require(own.placed >= alone, || format!("{member} {} mandated minutes, {alone} alone", own.placed));
        let most = lender.alone_at_most_minutes;
        found.require(most.is_none_or(|most| most >= alone), || {
            format!("{member} {alone} mandated minutes alone, at most {}", most.unwrap_or_default())
        });
    }
}

/// The stated totals are the true totals.
pub(super) fn totals(_: &Facts, plan: &PlanDocument, counted: &Totals, found: &mut Found) {
    let told = &plan.totals;
    let words = |amount: &Amount| format!("{} of {}", amount.placed, amount.requested);
    let mut same = |holds: bool, name: &str, told: String, counted: String| {
        found.require(holds, || format!("{name} says {told}, is {counted}"));
    };
    for (name, told, counted) in [
        ("mandated", told.all.mandated, counted.all.mandated),
        ("evaluation", told.all.evaluation, counted.all.evaluation),
        ("consult", told.all.consult, counted.all.consult),
    ] {
        same(told == counted, name, words(&told), words(&counted));
    }
    for (name, told, counted) in [
        ("pairs", told.pairs.into(), counted.pairs.into()),
        ("pairs_kept", told.pairs_kept.into(), counted.pairs_kept.into()),
        ("travel_minutes", told.travel_minutes.into(), counted.travel_minutes.into()),
        ("staff_cost_cents", told.staff_cost_cents, counted.staff_cost_cents),
    ] {
        same(told == counted, name, told.to_string(), counted.to_string());
    }
    let near = (told.travel_miles - counted.travel_miles).abs() < 0.002;
    same(near, "travel_miles", told.travel_miles.to_string(), counted.travel_miles.to_string());
    let members: BTreeSet<&String> = told.by_member.keys().chain(counted.by_member.keys()).collect();
    for member in members {
        let (told, counted) = (told.by_member.get(member), counted.by_member.get(member));
        let words = |amounts: Option<&_>| format!("{amounts:?}");
        same(told == counted, &format!("by_member {member}"), words(told), words(counted));
    }
}

/// The stated shortfalls are the true shortfalls, and the causes of each add up to it.
pub(super) fn shortfalls(facts: &Facts, plan: &PlanDocument, _: &Totals, found: &mut Found) {
    let mut told: BTreeMap<&str, u32> = BTreeMap::new();
    for shortfall in &plan.shortfalls {
        let code = shortfall.request.as_str();
        found.require(facts.requests.contains_key(code), || format!("there is no request {code}"));
        found.require(told.insert(code, shortfall.minutes).is_none(), || format!("{code} is listed twice"));
        causes(shortfall, found);
    }
    for request in &facts.instance.requests {
        let code = request.code.as_str();
        let gap = i64::from(request.minutes_per_week) - i64::from(placed(facts, code));
        let told = told.get(code).copied().unwrap_or(0);
        found.require(i64::from(told) == gap, || format!("{code} says {told}, is {gap}"));
    }
}

fn causes(shortfall: &Shortfall, found: &mut Found) {
    let sum: u64 = shortfall.causes.iter().map(|cause| u64::from(cause.minutes)).sum();
    let holds = shortfall.causes.is_empty() || sum == u64::from(shortfall.minutes);
    found.require(holds, || format!("{} the causes are {sum} of {} minutes", shortfall.request, shortfall.minutes));
}

/// No stated bound is below what the plan itself reaches.
pub(super) fn bounds(_: &Facts, plan: &PlanDocument, counted: &Totals, found: &mut Found) {
    let bounds = &plan.bounds;
    for (name, most, placed) in [
        ("mandated_placed_at_most", bounds.mandated_placed_at_most, counted.all.mandated.placed),
        ("evaluation_placed_at_most", bounds.evaluation_placed_at_most, counted.all.evaluation.placed),
        ("consult_placed_at_most", bounds.consult_placed_at_most, counted.all.consult.placed),
    ] {
        found.require(placed <= most, || format!("{name} says {most}, the plan places {placed}"));
    }
    let shares = counted.by_member.values().map(|amounts| amounts.mandated).filter(|amount| amount.requested > 0);
    let worst = shares.map(|one| u64::from(one.placed) * 10_000 / u64::from(one.requested)).min();
    if let (Some(most), Some(worst)) = (bounds.worst_share_at_most_basis_points, worst) {
        found.require(worst <= u64::from(most), || {
            format!("worst_share_at_most_basis_points says {most}, the plan reaches {worst}")
        });
    }
}
