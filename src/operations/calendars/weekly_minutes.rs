//! Minutes a month, a term or a year, as minutes a week of the calendar of a site.

use chrono::{Datelike, NaiveDate};

use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::fault::Faults;
use crate::domain::ids::{SiteId, TermId};
use crate::domain::indirect_weeks::IndirectWeeks;
use crate::domain::mandate::{MINUTES_MAX, MandatePeriod, Teaching, WeeklyMinutes, weekly};
use crate::domain::school_calendar::SchoolCalendar;
use crate::domain::site::Site;
use crate::domain::term::Term;
use crate::domain::text::check_range;
use crate::operations::error::no_faults;
use crate::operations::{Context, OperationError, asked, sites, terms};

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Promise {
    /// The term, or a term of the year.
    pub term: Option<TermId>,
    /// How many minutes are promised.
    pub minutes: Option<i64>,
    /// For how long.
    pub per: Option<MandatePeriod>,
    /// Of which discipline, where some work 3:1.
    pub discipline: Option<String>,
}

/// Minutes a week that keep a promise at a site, with the arithmetic.
///
/// # Errors
/// Every fault of the question; a conflict where the calendar has no week of teaching.
pub fn weekly_minutes(
    tx: &mut ReadTx,
    ctx: &Context,
    id: SiteId,
    promise: &Promise,
) -> Result<WeeklyMinutes, OperationError> {
    let site = sites::get(tx, ctx, id)?;
    asked::check(tx, promise.discipline.as_deref(), (None, None))?;
    let mut faults = Faults::default();
    faults.require(promise.term.is_some(), "/term", || "Say for which term; take an id from /api/v1/terms".to_owned());
    faults.require(promise.per.is_some(), "/per", || "Say for how long: week, month, term or year".to_owned());
    match promise.minutes {
        Some(minutes) => check_range(&mut faults, "/minutes", minutes, "minutes", 1..=MINUTES_MAX),
        None => faults.note("/minutes", "Say how many minutes are promised"),
    }
    no_faults(faults.into_vec())?;
    let (Some(term), Some(minutes), Some(per)) = (promise.term, promise.minutes, promise.per) else {
        return Err(OperationError::NotFound);
    };
    let term = terms::get(tx, ctx, term)
        .map_err(|_| OperationError::invalid("/term", "There is no such term; take an id from /api/v1/terms"))?;
    let teaching = teaching(tx, ctx, (&site, &term), (per, promise.discipline.as_deref()))?;
    weekly(minutes, per, teaching).ok_or_else(|| {
        OperationError::conflict(format!("{} has no day of teaching in {}", site.fields.name, term.fields.name))
    })
}

/// The weeks and months with teaching in a term, or in all terms of its school year.
fn teaching(
    tx: &mut ReadTx,
    ctx: &Context,
    (site, term): (&Site, &Term),
    (per, discipline): (MandatePeriod, Option<&str>),
) -> Result<Teaching, OperationError> {
    let all = db::terms::list(tx, PageRequest::ALL)?.items;
    let year = school_year(term.fields.starts_on);
    let counts = |one: &Term| match per {
        // The summer (ESY) is asked for apart.
        MandatePeriod::Year => school_year(one.fields.starts_on) == year && one.fields.kind == term.fields.kind,
        MandatePeriod::Week | MandatePeriod::Month | MandatePeriod::Term => one.id == term.id,
    };
    let filter = db::calendar_entries::Filter { member: Some(site.fields.member_id), ..Default::default() };
    let entries = db::calendar_entries::list(tx, &Scope::All, &filter, PageRequest::ALL)?.items;
    let calendar = SchoolCalendar::new(entries.iter().map(|entry| &entry.fields));
    let days = all.iter().filter(|one| counts(one)).flat_map(|one| {
        let last = one.fields.ends_on;
        one.fields.starts_on.iter_days().take_while(move |date| *date <= last)
    });
    let days = days.filter(|date| calendar.teaches(site.fields.member_id, site.id, *date));
    let terms = all.iter().filter(|one| counts(one)).map(|one| (one.fields.starts_on, one.fields.ends_on));
    let indirect = IndirectWeeks::new(&ctx.settings.three_to_one, terms);
    Ok(Teaching::of(days, |date| discipline.is_some_and(|discipline| indirect.hold(discipline, date))))
}

/// The year in which the school year of a date begins: it runs from July to June.
fn school_year(date: NaiveDate) -> i32 {
    if date.month() >= 7 { date.year() } else { date.year() - 1 }
}
