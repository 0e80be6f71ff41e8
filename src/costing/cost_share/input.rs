//! What the cost share is worked out from: a plan with rates, and the dates it covers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::CostShareError;
use crate::domain::calendar::Weekday;
use crate::domain::employer::EmployerCode;

/// One basis point is a hundredth of a percent.
const BASIS_POINTS: i64 = 10_000;

// Limits far beyond any real plan. Under them a million visits still cost less than an i64 holds, so sums are safe.
/// Days of the longest period.
pub(super) const MAX_PERIOD_DAYS: i64 = 3_660;
const MAX_CENTS_PER_HOUR: i64 = 1_000_000;
const MAX_CENTS_PER_MILE: i64 = 10_000;
const MAX_VISIT_MINUTES: u32 = 24 * 60;
const MAX_LEG_MILES_HUNDREDTHS: u32 = 100_000;

/// A published plan with everything that its cost depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostedPlan {
    /// Codes of all members in the period, also of those without visits.
    pub members: Vec<String>,
    /// Every specialist that the plan names, with employer and rate.
    pub specialists: Vec<CostedSpecialist>,
    /// The visits of one week.
    pub visits: Vec<CostedVisit>,
    /// The drives of one week.
    pub legs: Vec<Leg>,
    /// How often each weekday occurs in the period.
    pub weekday_counts: WeekdayCounts,
    /// Prices and the rule for administration.
    pub settings: Settings,
}

/// EmployerCode and rate of a specialist, the same for the whole period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostedSpecialist {
    /// Code of the specialist.
    pub code: String,
    /// Who is paid for the specialist's time.
    pub employer: EmployerCode,
    /// Loaded cost of an hour (salary, benefits and overhead of that hour, or the agency's price).
    pub cents_per_hour: i64,
}

/// A weekly visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostedVisit {
    /// Code of the specialist.
    pub specialist: String,
    /// Code of the member whose site asked for it.
    pub member: String,
    /// Discipline of the service request.
    pub discipline: String,
    /// The day of the week.
    pub weekday: Weekday,
    /// Length of the visit.
    pub minutes: u32,
}

/// A weekly drive of a specialist from one site to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Code of the specialist.
    pub specialist: String,
    /// The day of the week.
    pub weekday: Weekday,
    /// Code of the member of the destination site, which bears the cost.
    pub to_member: String,
    /// Length of the drive in hundredths of a mile.
    pub miles_hundredths: u32,
}

/// Prices and the rule for administration, voted by the co-op's board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Mileage allowance.
    pub travel_cents_per_mile: i64,
    /// Cost of administration, in hundredths of a percent of the charged staff cost of the whole co-op.
    pub administration_basis_points: i64,
    /// The part of administration that all members bear equally, in hundredths of a percent; the rest goes by the
    /// minutes charged.
    pub administration_equal_share_basis_points: i64,
}

/// How often each weekday occurs in a period, Monday first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WeekdayCounts([u32; 7]);

impl WeekdayCounts {
    /// Counts the weekdays from `from` up to but not including `until`. Holidays are not taken out.
    pub fn in_period(from: NaiveDate, until: NaiveDate) -> Result<WeekdayCounts, CostShareError> {
        let span = (until - from).num_days();
        let days = match u32::try_from(span) {
            Ok(days) if (1..=MAX_PERIOD_DAYS).contains(&span) => days,
            _ => return Err(CostShareError::Period(span)),
        };
        let first = Weekday::of(from) as u32;
        let mut counts = [days / 7; 7];
        for extra in 0..days % 7 {
            counts[((first + extra) % 7) as usize] += 1;
        }
        Ok(WeekdayCounts(counts))
    }

    /// How often the weekday occurs.
    pub fn of(&self, weekday: Weekday) -> u32 {
        self.0[weekday as usize]
    }
}

impl CostedPlan {
    /// The specialists by code, once every name, rate and setting of the plan was found sound.
    pub(super) fn checked(&self) -> Result<BTreeMap<&str, &CostedSpecialist>, CostShareError> {
        self.settings.check()?;
        let mut members = BTreeSet::new();
        for code in &self.members {
            if !members.insert(code.as_str()) {
                return Err(CostShareError::ListedTwice(code.clone()));
            }
        }
        let known = |code: &String| match members.contains(code.as_str()) {
            true => Ok(()),
            false => Err(CostShareError::UnknownMember(code.clone())),
        };
        let mut specialists = BTreeMap::new();
        for specialist in &self.specialists {
            if specialists.insert(specialist.code.as_str(), specialist).is_some() {
                return Err(CostShareError::ListedTwice(specialist.code.clone()));
            }
            in_range(|| format!("rate of {}", specialist.code), specialist.cents_per_hour, MAX_CENTS_PER_HOUR)?;
            if let EmployerCode::Member(code) = &specialist.employer {
                known(code)?;
            }
        }
        let visits = self
            .visits
            .iter()
            .map(|visit| (&visit.specialist, &visit.member, "minutes of a visit", visit.minutes, MAX_VISIT_MINUTES));
        let legs = self.legs.iter().map(|leg| {
            (
                &leg.specialist,
                &leg.to_member,
                "hundredths of a mile of a leg",
                leg.miles_hundredths,
                MAX_LEG_MILES_HUNDREDTHS,
            )
        });
        for (specialist, member, what, quantity, maximum) in visits.chain(legs) {
            in_range(|| format!("{what} of {specialist}"), quantity.into(), maximum.into())?;
            known(member)?;
            if !specialists.contains_key(specialist.as_str()) {
                return Err(CostShareError::UnknownSpecialist(specialist.clone()));
            }
        }
        Ok(specialists)
    }
}

impl Settings {
    fn check(&self) -> Result<(), CostShareError> {
        let equal = self.administration_equal_share_basis_points;
        in_range(|| "travel_cents_per_mile".into(), self.travel_cents_per_mile, MAX_CENTS_PER_MILE)?;
        in_range(|| "administration_basis_points".into(), self.administration_basis_points, BASIS_POINTS)?;
        in_range(|| "administration_equal_share_basis_points".into(), equal, BASIS_POINTS)
    }
}

fn in_range(what: impl FnOnce() -> String, value: i64, maximum: i64) -> Result<(), CostShareError> {
    if (0..=maximum).contains(&value) {
        Ok(())
    } else {
        Err(CostShareError::OutOfRange { what: what(), value, maximum })
    }
}
