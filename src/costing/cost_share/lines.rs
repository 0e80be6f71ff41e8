//! The lines of a cost share: minutes and drives of the period, added up per specialist and member, and priced.
//!
//! Lines are kept under (specialist, member, discipline). A specialist's lines stand together, to be rounded together,
//! and equal remainders go to the member whose code comes first.

use std::collections::BTreeMap;

use super::{CostShareError, CostedPlan, CostedSpecialist, StaffLine, TravelLine};
use crate::costing::apportion::{ApportionError, round_together};

const MINUTES_PER_HOUR: i128 = 60;
const HUNDREDTHS_PER_MILE: i128 = 100;

/// Every staff line, by member, specialist and discipline.
pub(super) fn staff(
    plan: &CostedPlan,
    specialists: &BTreeMap<&str, &CostedSpecialist>,
) -> Result<Vec<StaffLine>, CostShareError> {
    let mut minutes: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for visit in &plan.visits {
        let key = (visit.specialist.as_str(), visit.member.as_str(), visit.discipline.as_str());
        *minutes.entry(key).or_default() += in_period(visit.minutes, plan.weekday_counts.of(visit.weekday));
    }
    let mut lines = Vec::new();
    for ((specialist, member, discipline), minutes) in minutes.into_iter().filter(|(_, minutes)| *minutes > 0) {
        let Some(rated) = specialists.get(specialist) else { continue };
        lines.push(StaffLine {
            member: member.to_owned(),
            specialist: specialist.to_owned(),
            employer: rated.employer.clone(),
            discipline: discipline.to_owned(),
            minutes,
            cents_per_hour: rated.cents_per_hour,
            cents: 0,
        });
    }
    for of_one in lines.chunk_by_mut(|a, b| a.specialist == b.specialist) {
        let exact: Vec<_> = of_one.iter().map(|line| (line.minutes, line.cents_per_hour)).collect();
        for (line, cents) in of_one.iter_mut().zip(price(&exact, MINUTES_PER_HOUR)?) {
            line.cents = cents;
        }
    }
    lines.sort_by(|a, b| (&a.member, &a.specialist, &a.discipline).cmp(&(&b.member, &b.specialist, &b.discipline)));
    Ok(lines)
}

/// Every travel line, by member and specialist.
pub(super) fn travel(
    plan: &CostedPlan,
    specialists: &BTreeMap<&str, &CostedSpecialist>,
) -> Result<Vec<TravelLine>, CostShareError> {
    let mut drives: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for leg in &plan.legs {
        let count = plan.weekday_counts.of(leg.weekday);
        let (legs, miles) = drives.entry((&leg.specialist, &leg.to_member)).or_default();
        *legs += u64::from(count);
        *miles += in_period(leg.miles_hundredths, count);
    }
    let mut lines = Vec::new();
    for ((specialist, member), (legs, miles_hundredths)) in drives.into_iter().filter(|(_, (legs, _))| *legs > 0) {
        let Some(rated) = specialists.get(specialist) else { continue };
        lines.push(TravelLine {
            member: member.to_owned(),
            specialist: specialist.to_owned(),
            employer: rated.employer.clone(),
            legs,
            miles_hundredths,
            cents_per_mile: plan.settings.travel_cents_per_mile,
            cents: 0,
        });
    }
    for of_one in lines.chunk_by_mut(|a, b| a.specialist == b.specialist) {
        let exact: Vec<_> = of_one.iter().map(|line| (line.miles_hundredths, line.cents_per_mile)).collect();
        for (line, cents) in of_one.iter_mut().zip(price(&exact, HUNDREDTHS_PER_MILE)?) {
            line.cents = cents;
        }
    }
    lines.sort_by(|a, b| (&a.member, &a.specialist).cmp(&(&b.member, &b.specialist)));
    Ok(lines)
}

/// A weekly quantity over the whole period.
fn in_period(weekly: u32, times: u32) -> u64 {
    u64::from(weekly) * u64::from(times)
}

/// Cents of several quantities at their rates, rounded together; `per` is how many quantity units the rate is for.
fn price(quantities: &[(u64, i64)], per: i128) -> Result<Vec<i64>, ApportionError> {
    let exact: Vec<i128> = quantities.iter().map(|&(quantity, rate)| i128::from(quantity) * i128::from(rate)).collect();
    round_together(&exact, per)
}
