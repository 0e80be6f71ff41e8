//! Minutes that are promised a month, a term or a year, as minutes a week, and back.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::Weekday;
use super::service_request::UNIT_MINUTES;
use super::text::in_minutes;

/// More minutes than this are a mistake.
pub const MINUTES_MAX: i64 = 200_000;

/// For how long a number of minutes is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MandatePeriod {
    /// Every week of the term.
    Week,
    /// A month.
    Month,
    /// The term.
    Term,
    /// A school year, July to June.
    Year,
}

/// How many weeks and months of a period have a day of teaching.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Teaching {
    /// Weeks, Monday to Sunday.
    pub weeks: i64,
    /// Those of them that have visits: fewer where a discipline works 3:1.
    pub direct_weeks: i64,
    /// Months.
    pub months: i64,
}

impl Teaching {
    /// Counts from the days of teaching, in any order; which of them lie in a week without visits is told by `is_indirect`.
    pub fn of(days: impl IntoIterator<Item = NaiveDate>, is_indirect: impl Fn(NaiveDate) -> bool) -> Teaching {
        let (mut weeks, mut direct, mut months) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for day in days {
            let monday = day - chrono::TimeDelta::days(Weekday::of(day) as i64);
            weeks.insert(monday);
            months.insert((day.year(), day.month()));
            if !is_indirect(day) {
                direct.insert(monday);
            }
        }
        let count = |count: usize| count as i64;
        Teaching { weeks: count(weeks.len()), direct_weeks: count(direct.len()), months: count(months.len()) }
    }
}

/// A promise as minutes a week, with the arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeeklyMinutes {
    /// What was promised.
    pub minutes: i64,
    /// For how long.
    pub per: MandatePeriod,
    /// Weeks with a day of teaching in the term or year.
    pub instructional_weeks: i64,
    /// Those of them that have visits: all, or three of four where the discipline works 3:1.
    pub direct_weeks: i64,
    /// Minutes a week with visits to ask for: rounded up to a multiple of 15, so that the promise is kept.
    pub minutes_per_week: i64,
    /// What these come to over all the weeks that have visits.
    pub minutes_over_all_weeks: i64,
    /// How it was worked out.
    pub arithmetic: String,
}

/// Minutes a week that keep a promise; `None` where there is no week of teaching.
pub fn weekly(minutes: i64, per: MandatePeriod, teaching: Teaching) -> Option<WeeklyMinutes> {
    let weeks = teaching.direct_weeks;
    if weeks <= 0 {
        return None;
    }
    let (total, times) = match per {
        MandatePeriod::Week => (minutes * teaching.weeks, Some((teaching.weeks, "week"))),
        MandatePeriod::Month => (minutes * teaching.months, Some((teaching.months, "month"))),
        MandatePeriod::Term | MandatePeriod::Year => (minutes, None),
    };
    let step = weeks * UNIT_MINUTES;
    let minutes_per_week = (total + step - 1) / step * UNIT_MINUTES;
    // Tenths, rounded to the nearest, to be read by people only.
    let tenths = (total * 20 + weeks) / (weeks * 2);
    let product = times.map(|(count, unit)| {
        let unit = if count == 1 { unit } else { &format!("{unit}s") };
        format!("{} × {count} {unit} = {}; ", in_minutes(minutes), in_minutes(total))
    });
    let with_visits = if weeks < teaching.weeks { " with visits (3:1)" } else { "" };
    let arithmetic = format!(
        "{}{} ÷ {weeks} {}{with_visits} = {}.{} minutes a week, rounded up to {minutes_per_week} (a multiple of \
         {UNIT_MINUTES}); {minutes_per_week} × {weeks} = {} minutes",
        product.unwrap_or_default(),
        in_minutes(total),
        if weeks == 1 { "week" } else { "weeks" },
        tenths / 10,
        tenths % 10,
        minutes_per_week * weeks,
    );
    Some(WeeklyMinutes {
        minutes,
        per,
        instructional_weeks: teaching.weeks,
        direct_weeks: weeks,
        minutes_per_week,
        minutes_over_all_weeks: minutes_per_week * weeks,
        arithmetic,
    })
}
