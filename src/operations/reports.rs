//! Reports of the school year: worked out when they are asked for, from what is known then, for the part that the actor
//! can see. Nothing of them is kept.

pub mod evaluation_clocks;
pub mod service_fidelity;
pub mod time_and_effort;
pub mod unscheduled_time;

use chrono::{NaiveDate, TimeDelta};

use super::access::can_see;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Resource;
use crate::domain::month::Month;
use crate::domain::report::{ReportHead, ReportKind, ReportPeriod};
use crate::reports::school_year::Tabular;
use crate::reports::table::Table;

/// For which days a report is asked; what is left out is the term so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub from: Option<NaiveDate>,
    /// First day after it.
    pub until: Option<NaiveDate>,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Text with commas.
    Csv,
    /// A workbook.
    Xlsx,
}

/// A file to take along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// Its name without the ending.
    pub name: String,
    /// Its form.
    pub format: FileFormat,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The reports that the actor sees any part of, in the order in which they are offered.
///
/// # Errors
/// [`OperationError::NotFound`] when there are none.
pub fn offered(ctx: &Context) -> Result<Vec<ReportKind>, OperationError> {
    let sees = |kind: &ReportKind| can_see(ctx, resource(*kind)).is_ok();
    let kinds: Vec<ReportKind> = ReportKind::ALL.into_iter().filter(sees).collect();
    if kinds.is_empty() { Err(OperationError::NotFound) } else { Ok(kinds) }
}

fn resource(kind: ReportKind) -> Resource {
    match kind {
        ReportKind::ServiceFidelity => Resource::Fidelity,
        ReportKind::UnscheduledTime => Resource::UnscheduledTime,
        ReportKind::EvaluationClocks => Resource::ServiceRequests,
        ReportKind::TimeAndEffort => Resource::TimeAndEffort,
    }
}

/// A report as a file. That it was taken along is an entry of the audit trail.
pub fn file(ctx: &Context, report: &impl Tabular, format: FileFormat) -> Result<ReportFile, OperationError> {
    file_of(ctx, report.table(), format)
}

/// A table as a file.
pub fn file_of(ctx: &Context, table: Table, format: FileFormat) -> Result<ReportFile, OperationError> {
    ctx.trail.exported("report");
    ctx.trail.code(table.kind.code());
    let bytes = match format {
        FileFormat::Csv => table.csv(),
        FileFormat::Xlsx => table.xlsx().map_err(OperationError::internal)?,
    };
    Ok(ReportFile { name: table.file_name, format, bytes })
}

fn head(ctx: &Context) -> ReportHead {
    ReportHead { made_at: ctx.now, made_on: ctx.today() }
}

/// The days of a report. The term so far is that of today, or the last one that has begun, or the first one; from its
/// first day to today, or to its end.
fn period(tx: &mut ReadTx, ctx: &Context, days: Days) -> Result<ReportPeriod, OperationError> {
    let tomorrow = ctx.today() + TimeDelta::days(1);
    let terms = db::terms::list(tx, PageRequest::ALL)?.items;
    let begun = terms.iter().filter(|term| term.fields.starts_on < tomorrow).max_by_key(|term| term.fields.starts_on);
    let term = begun.or_else(|| terms.iter().min_by_key(|term| term.fields.starts_on));
    let (starts, end) = match term {
        Some(term) => (term.fields.starts_on, term.fields.ends_on + TimeDelta::days(1)),
        None => (ctx.today(), tomorrow),
    };
    let period_from = days.from.unwrap_or(starts);
    // A term that has not begun is shown whole.
    let so_far = if starts < tomorrow { end.min(tomorrow) } else { end };
    Ok(ReportPeriod { period_from, period_until: days.until.unwrap_or(so_far) })
}

/// The same in whole months.
fn months(tx: &mut ReadTx, ctx: &Context, days: Days) -> Result<ReportPeriod, OperationError> {
    let found = period(tx, ctx, days)?;
    Ok(ReportPeriod {
        period_from: days.from.unwrap_or(Month::of(found.period_from).first_day()),
        period_until: days.until.unwrap_or(Month::of(found.last_day()).first_day_after()),
    })
}
