//! The demo's time: its term began eight weeks ago, so that some weeks are logged when the pages are served. The clock of
//! the program is set back while the story is told and runs true from its end on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::system_clock;
use crate::domain::credential::{EndingCredential, WARNING_DAYS};
use crate::domain::dated_visit::instant;
use crate::operations::credentials::{self, Filter};
use crate::operations::{Clock, Context, OperationError, PageRequest, ReadTx};

/// Whole weeks of the term that lie behind the day on which the demo is run.
pub const WEEKS_BEHIND: u64 = 8;
/// Length of the term in weeks.
const WEEKS: u64 = 21;
/// The Monday on which the sample calendars begin.
const CALENDARS_FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2027, 1, 4);

/// When everything happens.
pub struct Story {
    zone: Tz,
    /// Microseconds by which the program's clock is behind.
    behind: Arc<AtomicI64>,
    /// The day on which the demo is run.
    pub today: NaiveDate,
    /// First day of the term, a Monday.
    pub starts_on: NaiveDate,
    /// Its last day, a Friday.
    pub ends_on: NaiveDate,
}

impl Story {
    /// Set a week before the term.
    pub fn begin(zone: Tz) -> Story {
        let today = system_clock()().with_timezone(&zone).date_naive();
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        let starts_on = monday - Days::new(7 * WEEKS_BEHIND);
        let ends_on = starts_on + Days::new(7 * WEEKS - 3);
        let story = Story { zone, behind: Arc::default(), today, starts_on, ends_on };
        story.go_to(starts_on - Days::new(7), 9);
        story
    }

    /// The clock for the program.
    pub fn clock(&self) -> Clock {
        let (behind, clock) = (Arc::clone(&self.behind), system_clock());
        Arc::new(move || clock() - TimeDelta::microseconds(behind.load(Ordering::Relaxed)))
    }

    /// Goes to an hour of a day, where the co-op is; never beyond now.
    pub fn go_to(&self, day: NaiveDate, hour: u32) {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        let wanted: DateTime<Utc> = instant(self.zone, day.and_time(time));
        let behind = (system_clock()() - wanted).num_microseconds().unwrap_or_default();
        self.behind.store(behind.max(0), Ordering::Relaxed);
    }

    /// Back to the present.
    pub fn end(&self) {
        self.behind.store(0, Ordering::Relaxed);
    }

    /// Code and name of the term: `FALL-2026`, `Fall 2026`.
    pub fn term_names(&self) -> (String, String) {
        let season = match self.starts_on.month() {
            7..=11 => "Fall",
            12 | 1..=4 => "Spring",
            _ => "Summer",
        };
        // A spring that begins in December is named after the new year.
        let year = self.starts_on.year() + i32::from(self.starts_on.month() == 12);
        (format!("{}-{year}", season.to_uppercase()), format!("{season} {year}"))
    }

    /// A sample calendar with its dates moved, by whole weeks, so that it begins with the term.
    pub fn moved(&self, csv: &str) -> String {
        let days = CALENDARS_FROM.map_or(0, |from| (self.starts_on - from).num_days());
        let cell = |text: &str| match text.parse::<NaiveDate>() {
            Ok(date) => (date + TimeDelta::days(days)).to_string(),
            Err(_) => text.to_owned(),
        };
        let line = |line: &str| line.split(',').map(cell).collect::<Vec<_>>().join(",");
        csv.lines().map(|text| line(text) + "\n").collect()
    }
}

/// What people are told about: credentials that end within the days of the first warning.
pub fn credentials_that_end(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<EndingCredential>, OperationError> {
    let days = WARNING_DAYS.into_iter().max().unwrap_or_default();
    let filter = Filter { ending_before: Some(ctx.today() + TimeDelta::days(days)), ..Filter::default() };
    Ok(credentials::list(tx, ctx, &filter, PageRequest::ALL)?.items)
}
