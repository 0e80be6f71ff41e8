//! Reminders of what is still to log: on Fridays at 3 p.m., once a week, to whoever came.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};

use super::error::OperationError;
use super::notices;
use super::runner::Operations;
use super::schedule_news::program;
use crate::db::{self, PageRequest};
use crate::domain::actor::Scope;
use crate::domain::calendar::Interval;
use crate::domain::dated_visit::{DatedVisit, DatedVisitState, instant};
use crate::domain::discipline::service_word;
use crate::domain::ids::{DatedVisitId, SpecialistId};
use crate::domain::month::Month;
use crate::domain::service_log::{LogFields, LogOutcome};
use crate::mail::message::{MinutesToLog, VisitToLog};

/// Days from Monday to Friday.
const TO_FRIDAY: TimeDelta = TimeDelta::days(4);
/// When people are reminded on Friday, on the wall clock of the co-op.
const AT: NaiveTime = match NaiveTime::from_hms_opt(15, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The Monday of the week of which people are to be reminded now: from Friday, 3 p.m., to the end of Sunday, for a server
/// that stood still meanwhile.
pub fn due(operations: &Operations) -> Option<NaiveDate> {
    let local = operations.now().with_timezone(&operations.settings.time_zone).naive_local();
    let monday = local.date() - TimeDelta::days(i64::from(local.weekday().num_days_from_monday()));
    (local >= (monday + TO_FRIDAY).and_time(AT)).then_some(monday)
}

/// Writes to everybody who has visits of the week to log that were over on Friday at 3 p.m.; how many e-mails. Who was
/// reminded of this week is left out.
///
/// # Errors
/// When the database cannot be reached; then nothing was written, and the next call does it.
pub fn remind(operations: &Operations, monday: NaiveDate) -> Result<usize, OperationError> {
    let ctx = operations.context(program());
    let zone = ctx.settings.time_zone;
    let friday = instant(zone, (monday + TO_FRIDAY).and_time(AT));
    let filter = db::dated_visits::Filter {
        from: Some(monday),
        until: Some(monday + TO_FRIDAY + TimeDelta::days(1)),
        state: Some(DatedVisitState::Planned),
        ..Default::default()
    };
    operations.database.write(|tx| {
        let mut visits = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
        let ids: Vec<DatedVisitId> = visits.iter().filter(|one| one.log_version > 0).map(|one| one.id).collect();
        let logs: HashMap<DatedVisitId, LogFields> = db::service_logs::of_visits(tx, &ids)?.into_iter().collect();
        let locked: HashSet<Month> = db::locked_months::list(tx)?.into_iter().map(|one| one.month).collect();
        visits.retain(|visit| {
            let is_open = logs.get(&visit.id).is_none_or(|log| log.outcome == LogOutcome::NotLogged);
            visit.ends_at <= friday && is_open && !locked.contains(&Month::of(visit.visit_on))
        });
        visits.sort_by_key(|visit| (visit.visit_on, visit.starts, visit.id));
        let mut by_person: BTreeMap<SpecialistId, Vec<VisitToLog>> = BTreeMap::new();
        for visit in &visits {
            let who = visit.covered_by_specialist_id.unwrap_or(visit.specialist_id);
            by_person.entry(who).or_default().push(line(visit));
        }
        let (week, mut written) = (monday.to_string(), 0);
        for (person, visits) in by_person {
            let Some(person) = db::specialists::find(tx, person)? else { continue };
            let (name, address) = (&person.fields.name, &person.fields.email);
            if notices::is_written(tx, &ctx, ("minutes_to_log", &week), address)? {
                continue;
            }
            let mail = MinutesToLog {
                coop_name: ctx.settings.coop_name.clone(),
                recipient_name: name.clone(),
                visits,
                link: format!("{}/me/log", ctx.settings.public_url),
            };
            notices::minutes_to_log(tx, &ctx, &week, (name, address), &mail)?;
            written += 1;
        }
        Ok(written)
    })
}

fn line(visit: &DatedVisit) -> VisitToLog {
    VisitToLog {
        visit_on: visit.visit_on,
        time: Interval { starts: visit.starts, ends: visit.ends },
        service: service_word(&visit.discipline).to_owned(),
        school: visit.site_name.clone(),
        request_code: visit.service_request_code.clone(),
    }
}
