//! What changes cost a week.

use super::{Change, new_minutes};
use crate::domain::calendar::Interval;
use crate::planning::instance::Instance;

/// What the changes themselves cost a week, in cents: direct minutes of people who are hired or work longer, and
/// supervision outside of the working hours, at their pay; less for people who leave. Windows, drives and lending cost nothing here; what they change in a plan is in its totals.
/// Each change is priced after those before it. One that cannot be made costs nothing.
pub fn cents_per_week(instance: &Instance, changes: &[Change]) -> i64 {
    let mut changed = instance.clone();
    let mut cents = 0_i64;
    for change in changes {
        let before = payroll_of(&changed, change);
        if change.make(&mut changed).is_ok() {
            cents = cents.saturating_add(change.alone(&changed, before));
        }
    }
    cents
}

/// Pay a week of the specialist that a change names, before it; of more supervision, the pay of what it adds.
fn payroll_of(instance: &Instance, change: &Change) -> i64 {
    if let Change::SuperviseMore { specialist, day, starts, ends } = change {
        let found = instance.specialists.iter().find(|one| one.code == *specialist);
        let interval = Interval::new(*starts, *ends).ok();
        let paid = found.zip(interval).map(|(one, interval)| (new_minutes(one, *day, interval).1, one));
        return paid.map_or(0, |(minutes, one)| pay(minutes, one.cost_cents_per_hour));
    }
    let named = match change {
        Change::RemoveSpecialist { specialist } | Change::Pay { specialist, .. } => specialist,
        _ => return 0,
    };
    let found = instance.specialists.iter().find(|one| one.code == *named);
    found.map_or(0, |one| pay(one.direct_minutes_per_week_max, one.cost_cents_per_hour))
}

/// Minutes at a rate by the hour, to the nearest cent.
fn pay(minutes: u32, cents_per_hour: i64) -> i64 {
    i64::from(minutes).saturating_mul(cents_per_hour).saturating_add(30) / 60
}

impl Change {
    /// The cost of a change that was made.
    fn alone(&self, changed: &Instance, before: i64) -> i64 {
        let pay_of = |code: &str| {
            let found = changed.specialists.iter().find(|one| one.code == code);
            found.map_or((0, 0), |one| (one.direct_minutes_per_week_max, one.cost_cents_per_hour))
        };
        match self {
            Change::Hire { minutes_per_week, cents_per_hour, .. } => pay(*minutes_per_week, *cents_per_hour),
            Change::AddSpecialist { specialist } => {
                pay(specialist.direct_minutes_per_week_max, specialist.cost_cents_per_hour)
            }
            Change::LongerWeek { specialist, minutes } => pay(*minutes, pay_of(specialist).1),
            Change::SuperviseMore { .. } => before,
            Change::RemoveSpecialist { .. } => -before,
            Change::Pay { specialist, .. } => {
                let (minutes, cents_per_hour) = pay_of(specialist);
                pay(minutes, cents_per_hour) - before
            }
            _ => 0,
        }
    }
}
