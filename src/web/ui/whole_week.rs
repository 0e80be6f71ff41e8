//! The whole week of specialists, visits and other work, and their credentials: for the schedule and for one week.

use chrono::{NaiveDate, TimeDelta};

use super::wording;
use crate::domain::credential::{Credential, DisciplineStanding, EndingCredential, StandingWord};
use crate::domain::discipline::service_word;
use crate::domain::ids::{PlanId, SpecialistId};
use crate::domain::supervision::SupervisionMonth;
use crate::domain::workload::{SpecialistWorkload, WeekFrom, Workload, percent, sum};
use crate::operations::credentials::{self, Filter};
use crate::operations::supervision::{self, Asked};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, workload};

/// Credentials that end within so many days are shown beside the schedule.
const SOON: TimeDelta = TimeDelta::days(90);

/// The load of everybody.
pub(super) struct WholeWeeks {
    pub caption: String,
    pub rows: Vec<Row>,
    pub warnings: Vec<String>,
}

/// The load of one person.
pub(super) struct Row {
    pub name: String,
    pub visits: String,
    pub reserved: String,
    pub other: String,
    pub week: String,
    pub share: String,
    pub requests: String,
    /// The part of the bar that is visits, from 0 to 100.
    pub filled: i64,
    /// And the part that is reserved, after it.
    pub filled_reserved: i64,
}

/// A credential that ends soon, or has.
pub(super) struct Ending {
    pub name: String,
    pub href: String,
    pub what: String,
    pub until: String,
    pub state: &'static str,
}

/// Those whose weeks the visitor can see; `None` for whoever sees none.
pub(super) fn read(tx: &mut ReadTx, ctx: &Context, plan: PlanId) -> Result<Option<WholeWeeks>, OperationError> {
    let found = match workload::of_plan(tx, ctx, plan) {
        Ok(found) => found,
        Err(OperationError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let named = |week: &SpecialistWorkload, words: &String| words.replace(&week.specialist_code, &week.specialist_name);
    let warnings = found.specialists.iter().flat_map(|week| week.warnings.iter().map(|words| named(week, words)));
    Ok(Some(WholeWeeks {
        caption: caption(&found),
        warnings: warnings.collect(),
        rows: found.specialists.iter().map(row).collect(),
    }))
}

fn caption(found: &Workload) -> String {
    format!(
        "Minutes a week by what they are for. In the mean of a national survey (ASHA 2022, speech-language pathologists in \
         schools) {}% of a week are visits.",
        found.direct_share_asha_2022_percent
    )
}

fn row(week: &SpecialistWorkload) -> Row {
    let reserved = sum(&week.indirect);
    let part = |minutes: i64| if week.week_minutes > 0 { minutes * 100 / week.week_minutes } else { 0 };
    let filled = part(week.direct_minutes).clamp(0, 100);
    Row {
        name: week.specialist_name.clone(),
        visits: wording::thousands(week.direct_minutes),
        reserved: wording::thousands(reserved),
        other: wording::thousands(week.other_minutes),
        week: wording::thousands(week.week_minutes),
        share: match week.direct_minutes_on_average < week.direct_minutes {
            true => format!(
                "{}%, {}% on average (3:1)",
                week.direct_share_percent,
                percent(week.direct_minutes_on_average, week.week_minutes)
            ),
            false => format!("{}%", week.direct_share_percent),
        },
        requests: wording::thousands(week.requests),
        filled,
        filled_reserved: part(reserved).clamp(0, 100 - filled),
    }
}

/// Credentials that end soon or have ended, and that nothing follows; first those that end first.
pub(super) fn ending(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<Ending>, OperationError> {
    let today = ctx.today();
    let filter = Filter { ending_before: Some(today + SOON), ..Filter::default() };
    let mut found: Vec<(NaiveDate, EndingCredential)> = match credentials::list(tx, ctx, &filter, PageRequest::ALL) {
        Ok(page) => page.items.into_iter().filter_map(|one| Some((one.credential.fields.valid_until?, one))).collect(),
        Err(OperationError::NotFound) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    found.retain(|(_, one)| !one.renewed);
    found.sort_by_key(|(until, one)| (*until, one.specialist_code.clone()));
    let shown = |(until, one): (NaiveDate, EndingCredential)| Ending {
        href: format!("/credentials/of/{}", wording::in_path(&one.specialist_code)),
        what: what(&one.credential),
        until: wording::date(until - TimeDelta::days(1)),
        state: if until <= today { "Ended" } else { "Ends soon" },
        name: one.specialist_name,
    };
    Ok(found.into_iter().map(shown).collect())
}

fn what(credential: &Credential) -> String {
    let fields = &credential.fields;
    let state = fields.us_state.as_ref().map_or_else(String::new, |state| format!(", {state}"));
    let kind = wording::capital(fields.kind.word());
    format!("{}: {kind} ({}{state})", service_word(&fields.discipline), fields.issuer)
}

/// What a person's week holds beside visits, and how they stand, a sentence each.
pub(super) fn of_person(
    tx: &mut ReadTx,
    ctx: &Context,
    (plan, id): (PlanId, SpecialistId),
) -> Result<Vec<String>, OperationError> {
    let mut sentences = Vec::new();
    match workload::of_plan(tx, ctx, plan) {
        Ok(found) => sentences.extend(found.specialists.iter().filter(|one| one.specialist_id == id).map(sentence)),
        Err(OperationError::NotFound) => {}
        Err(error) => return Err(error),
    }
    sentences.extend(standing_of(tx, ctx, id)?);
    match supervision::month(tx, ctx, id, &Asked::default()) {
        Ok(found) => sentences.extend(found.iter().map(supervised)),
        Err(OperationError::NotFound) => {}
        Err(error) => return Err(error),
    }
    Ok(sentences)
}

/// How a person stands in each discipline, a sentence each; nothing for whoever does not see that.
pub(super) fn standing_of(tx: &mut ReadTx, ctx: &Context, id: SpecialistId) -> Result<Vec<String>, OperationError> {
    match credentials::standing(tx, ctx, id) {
        Ok(found) => Ok(found.iter().map(standing).collect()),
        Err(OperationError::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn supervised(month: &SupervisionMonth) -> String {
    format!(
        "{} supervises {}: {} of {} planned minutes logged in {}.",
        month.supervisor_code,
        month.assistant_code,
        wording::thousands(month.logged_minutes),
        wording::thousands(month.planned_minutes),
        month.month_from.format("%B")
    )
}

fn sentence(week: &SpecialistWorkload) -> String {
    let of = match week.week_minutes_from {
        WeekFrom::Contract => "paid minutes",
        WeekFrom::WeeklyHours => "minutes of weekly hours",
    };
    let mut parts: Vec<String> = week
        .indirect
        .iter()
        .map(|one| format!("{} for {}", wording::thousands(one.fixed_minutes + one.floating_minutes), one.kind.word()))
        .collect();
    parts.insert(0, format!("{} in visits ({}%)", wording::thousands(week.direct_minutes), week.direct_share_percent));
    let three_to_one = match week.direct_minutes_on_average < week.direct_minutes {
        true => format!(
            " Every fourth week of the term is without these visits (3:1): {} minutes of visits a week on average.",
            wording::thousands(week.direct_minutes_on_average)
        ),
        false => String::new(),
    };
    format!("Of {} {of}: {}.{three_to_one}", wording::thousands(week.week_minutes), parts.join(", "))
}

fn standing(one: &DisciplineStanding) -> String {
    let last_day = |day: NaiveDate| wording::date(day - TimeDelta::days(1));
    let words = match (one.standing, one.until, one.since) {
        (StandingWord::NotOnFile, ..) => "credential not on file".to_owned(),
        (StandingWord::Missing, ..) => {
            "credential not on file, and one is needed. Send it to the co-op's office".to_owned()
        }
        (StandingWord::Valid, None, _) => "credential valid".to_owned(),
        (StandingWord::Valid, Some(until), _) => format!("credential valid until {}", last_day(until)),
        (StandingWord::NotValid, _, Some(since)) => {
            format!("credential ended on {}. Visits are not covered", last_day(since))
        }
        (StandingWord::NotValid, _, None) => "credential not valid yet. Visits are not covered".to_owned(),
    };
    format!("{}: {words}.", service_word(&one.discipline))
}
