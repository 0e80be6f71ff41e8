//! Whether a make-up fits at a time: the one rule for times that are suggested and times that are entered.

use crate::db::ReadTx;
use crate::domain::calendar::{Interval, Weekday, WeeklyHours};
use crate::domain::cover::{CREDENTIAL_VALID, Objection, QUALIFIED};
use crate::domain::dated_visit::DatedVisit;
use crate::operations::cover::{Person, Staff};
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::planning::Rule;

/// How a make-up fits.
pub(in crate::operations) struct Tried {
    /// What speaks against it.
    pub against: Vec<Against>,
    /// Minutes of driving that it adds to the week.
    pub extra_drive_minutes: i64,
}

/// One thing that speaks against a time.
pub(in crate::operations) struct Against {
    /// Which entry is at fault.
    pub pointer: &'static str,
    /// What is wrong.
    pub sentence: String,
    /// Whether people may agree to go beyond it once.
    pub can_be_overruled: bool,
}

/// What speaks against a make-up by somebody at a time: when the school takes visits for the request, when they work, the
/// drive from and to what they do before and after, and the limits of their day and week.
pub(in crate::operations) fn tried(
    tx: &mut ReadTx,
    ctx: &Context,
    staff: &mut Staff,
    (person, make_up): (&Person, &DatedVisit),
) -> Result<Tried, OperationError> {
    let day = Weekday::of(make_up.visit_on);
    let fit = staff.fit(tx, ctx, person, make_up)?;
    let hours = staff.instance.specialists.iter().find(|one| one.code == person.code);
    let works = hours.map(|one| spoken(one.availability.on(day))).unwrap_or_default();
    let mut against: Vec<Against> = Vec::new();
    if let Some(windows) = windows(staff, make_up) {
        let open = windows.on(day);
        if !open.iter().any(|window| window.contains(make_up.time())) {
            let sentence = format!(
                "The school takes visits for {} on {} {}",
                make_up.service_request_code,
                day.name(),
                spoken(open)
            );
            against.push(Against { pointer: of_day(open, "/starts"), sentence, can_be_overruled: true });
        }
    }
    for objection in fit.objections {
        let pointer = pointer(&objection);
        let sentence = match objection.rule == Rule::VisitWithinAvailability.name() {
            true => format!("{} works on {} {works}", person.code, day.name()),
            false => format!("{}: {}", person.code, objection.sentence.trim_end_matches('.')),
        };
        against.push(Against { pointer, sentence, can_be_overruled: objection.can_be_overruled });
    }
    Ok(Tried { against, extra_drive_minutes: fit.extra_drive_minutes })
}

/// When the request may be visited, as the planner knows it.
pub(in crate::operations) fn windows(staff: &Staff, visit: &DatedVisit) -> Option<WeeklyHours> {
    let requests = &staff.instance.requests;
    requests.iter().find(|one| one.code == visit.service_request_code).map(|one| one.windows.clone())
}

/// A day without any time is the wrong day.
fn of_day(times: &[Interval], otherwise: &'static str) -> &'static str {
    if times.is_empty() { "/visit_on" } else { otherwise }
}

fn spoken(times: &[Interval]) -> String {
    let spans: Vec<String> =
        times.iter().map(|time| format!("from {} to {}", time.starts.spoken(), time.ends.spoken())).collect();
    if spans.is_empty() { "at no time".to_owned() } else { spans.join(" and ") }
}

fn pointer(objection: &Objection) -> &'static str {
    const OF_TIMES: [Rule; 4] =
        [Rule::VisitWithinAvailability, Rule::SpecialistInOnePlace, Rule::BreakKept, Rule::AssistantSupervised];
    match objection.rule.as_str() {
        QUALIFIED | CREDENTIAL_VALID => "/specialist_id",
        rule if OF_TIMES.map(Rule::name).contains(&rule) => "/starts",
        _ => "/visit_on",
    }
}
