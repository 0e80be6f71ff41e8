//! A day as its page shows it.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::sent::{REASONS, Sent, outcome_words};
use crate::domain::calendar::Interval;
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState};
use crate::domain::discipline::service_word;
use crate::domain::ids::DatedVisitId;
use crate::domain::service_log::{LogFields, LogOutcome, MissedReason};
use crate::domain::text::in_minutes;
use crate::operations::log_days::{LogDay, VisitOfDay};
use crate::web::ui::account::moment;
use crate::web::ui::wording;

/// What is asked of the page beside its date.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The visit whose form is open.
    pub open: Option<DatedVisitId>,
    /// The visit that was logged just now.
    pub logged: Option<DatedVisitId>,
    /// How many visits were logged at once just now.
    pub count: Option<u16>,
    /// What was typed into the open form.
    pub typed: Option<Sent>,
    /// What is wrong with it: field and words.
    pub faults: Vec<(&'static str, String)>,
}

/// The page.
pub(super) struct Day {
    pub action: String,
    pub lede: String,
    pub before: String,
    pub after: String,
    pub notice: Option<Notice>,
    /// What is wrong: the place it leads to, and words.
    pub faults: Vec<(String, String)>,
    pub locked: Option<String>,
    /// Whether several visits can be logged at once.
    pub has_all: bool,
    pub to_log: Vec<Card>,
    pub done: Vec<Card>,
    pub off: Vec<Card>,
    pub to_come: Vec<Card>,
    pub earlier: Vec<Earlier>,
    /// What is said when nothing is to log at all.
    pub rest: Option<String>,
}

/// What was done just now.
pub(super) struct Notice {
    pub strong: String,
    pub words: String,
    /// Where it is undone, and the version that is.
    pub undo: Option<(String, i64)>,
}

/// A visit.
pub(super) struct Card {
    pub id: DatedVisitId,
    pub action: String,
    pub time: String,
    pub school: String,
    /// Its request and service, and whether it is a make-up.
    pub about: String,
    pub minutes: i64,
    pub minutes_max: i64,
    pub version: i64,
    /// What became of it, or why it does not take place.
    pub outcome: String,
    pub took_place: bool,
    /// Earlier versions, with when they were logged.
    pub history: Vec<String>,
    /// The form, where it is open.
    pub form: Option<Form>,
}

/// An open form.
pub(super) struct Form {
    pub what: String,
    pub minutes: String,
    pub group_size: String,
    /// Code, words and whether it is chosen.
    pub reasons: Vec<(&'static str, &'static str, bool)>,
    faults: Vec<(&'static str, String)>,
}

impl Form {
    /// What is wrong with a field.
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| *name == field).map(|(_, words)| words.as_str())
    }
}

/// A visit of another day that is still to log.
pub(super) struct Earlier {
    pub href: String,
    pub when: String,
    pub school: String,
    pub about: String,
}

impl Day {
    pub(super) fn new(found: &LogDay, asked: &Asked, zone: Tz) -> Day {
        let mut page = Day {
            action: super::address(found.date),
            lede: String::new(),
            before: found.date.pred_opt().map(super::address).unwrap_or_default(),
            after: found.date.succ_opt().map(super::address).unwrap_or_default(),
            notice: notice(found, asked),
            faults: Vec::new(),
            locked: found
                .is_locked
                .then(|| found.date.format("%B is locked. Ask finance for a credit instead.").to_string()),
            has_all: false,
            to_log: Vec::new(),
            done: Vec::new(),
            off: Vec::new(),
            to_come: Vec::new(),
            earlier: found.earlier.iter().map(earlier).collect(),
            rest: None,
        };
        for one in &found.visits {
            let card = card(found, one, asked, zone);
            if one.logged().is_some() {
                page.done.push(card);
            } else if !one.has_begun {
                page.to_come.push(card);
            } else if one.visit.state != DatedVisitState::Planned {
                page.off.push(card);
            } else {
                page.to_log.push(card);
            }
        }
        page.has_all = !found.is_locked && page.to_log.len() > 1;
        let anchor = asked.open.map_or_else(|| "main".to_owned(), |id| format!("v-{id}"));
        let place = |field: &str| if asked.open.is_some() { format!("{field}-{anchor}") } else { anchor.clone() };
        page.faults = asked.faults.iter().map(|(field, words)| (place(field), words.clone())).collect();
        page.lede = lede(found, &page);
        page.rest = rest(found, &page);
        page
    }
}

fn lede(found: &LogDay, page: &Day) -> String {
    let day = found.date.format("%A, %B %-d");
    match (page.done.len(), page.to_log.len(), found.visits.len()) {
        (_, _, 0) => format!("{day}. No visits."),
        (done, 0, _) => format!("{day}. {} logged, nothing to log.", wording::count(done as i64, "visit", "visits")),
        (done, open, _) => format!("{day}. {} logged, {open} to log.", wording::count(done as i64, "visit", "visits")),
    }
}

/// What is said when nothing is to log, here or from other days.
fn rest(found: &LogDay, page: &Day) -> Option<String> {
    if !page.to_log.is_empty() || !page.earlier.is_empty() {
        return None;
    }
    let next = found.next.as_ref().map(|visit| {
        let day = visit.visit_on.format("%A, %B %-d");
        format!(" Your next visit is {day} at {}.", wording::clock(visit.starts))
    });
    Some(format!("All minutes are logged.{}", next.unwrap_or_default()))
}

fn notice(found: &LogDay, asked: &Asked) -> Option<Notice> {
    if let Some(count) = asked.count {
        let strong = format!("{} logged as planned.", wording::count(i64::from(count), "visit", "visits"));
        return Some(Notice { strong, words: "You can change each of them below.".to_owned(), undo: None });
    }
    let one = found.visits.iter().find(|one| Some(one.visit.id) == asked.logged)?;
    let last = one.versions.last()?;
    let place =
        format!("{}, {}, {}", one.visit.service_request_code, one.visit.site_name, wording::clock(one.visit.starts));
    let strong = match last.outcome {
        LogOutcome::Delivered => format!("{} logged", wording::count(last.minutes, "minute", "minutes")),
        LogOutcome::DidNotTakePlace => "Did not take place".to_owned(),
        LogOutcome::NotLogged => "No longer logged".to_owned(),
    };
    let undo = (!found.is_locked && last.outcome != LogOutcome::NotLogged)
        .then(|| (format!("{}/{}/undo", super::address(found.date), one.visit.id), last.version));
    Some(Notice { strong, words: format!("for {place}."), undo })
}

fn card(found: &LogDay, one: &VisitOfDay, asked: &Asked, zone: Tz) -> Card {
    let visit = &one.visit;
    let is_open = asked.open == Some(visit.id) && !found.is_locked && one.has_begun;
    let planned = visit.minutes;
    let version = |log: &crate::domain::service_log::ServiceLog| {
        format!("{}, logged {}", outcome_words(&log.fields(), planned), moment(log.logged_at, zone))
    };
    let versions = &one.versions;
    Card {
        id: visit.id,
        action: format!("{}/{}", super::address(found.date), visit.id),
        time: wording::short_span(Interval { starts: visit.starts, ends: visit.ends }),
        school: visit.site_name.clone(),
        about: about(visit),
        minutes: planned,
        minutes_max: one.minutes_max,
        version: one.version(),
        outcome: match one.logged() {
            Some(log) => outcome_words(&log.fields(), planned),
            None => off_words(visit),
        },
        took_place: one.logged().is_some_and(|log| log.outcome == LogOutcome::Delivered),
        history: versions.iter().rev().skip(1).map(version).collect(),
        form: is_open.then(|| form(one, asked)),
    }
}

/// `SR-2026-0042, speech`
fn about(visit: &DatedVisit) -> String {
    let make_up = if visit.kind == DatedVisitKind::MakeUp { ", make-up" } else { "" };
    format!("{}, {}{make_up}", visit.service_request_code, service_word(&visit.discipline).to_lowercase())
}

/// Why it does not take place, and for a make-up what to do next.
fn off_words(visit: &DatedVisit) -> String {
    let words = why_off(visit);
    if visit.kind == DatedVisitKind::Weekly || words.is_empty() {
        return words;
    }
    format!("{}. Its minutes are owed again: choose another time for them", words.trim_end_matches('.'))
}

fn why_off(visit: &DatedVisit) -> String {
    match visit.state {
        DatedVisitState::Planned => String::new(),
        DatedVisitState::Closed => format!("No visit: {}", visit.reason),
        DatedVisitState::EarlyRelease => format!("The day ends early: {}", visit.reason),
        DatedVisitState::NotCovered if visit.reason.is_empty() => "You are away".to_owned(),
        DatedVisitState::NotCovered => visit.reason.clone(),
    }
}

/// The form with what was typed, or else what is logged, or what was planned.
fn form(one: &VisitOfDay, asked: &Asked) -> Form {
    let fields = one.logged().map(|log| log.fields()).unwrap_or(match one.visit.state {
        DatedVisitState::Closed | DatedVisitState::EarlyRelease => LogFields::missed(MissedReason::Closure),
        DatedVisitState::NotCovered => LogFields::missed(MissedReason::ProviderAbsent),
        DatedVisitState::Planned => LogFields::delivered(one.visit.minutes),
    });
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let what = match (fields.outcome, fields.minutes) {
        (LogOutcome::DidNotTakePlace, _) => "missed",
        (_, Some(minutes)) if minutes != one.visit.minutes => "minutes",
        _ => "planned",
    };
    let typed = asked.typed.clone().unwrap_or_else(|| Sent {
        what: what.to_owned(),
        minutes: number(fields.minutes),
        group_size: number(fields.group_size),
        reason: fields.reason.map_or_else(String::new, |reason| reason.code().to_owned()),
        ..Sent::default()
    });
    Form {
        reasons: REASONS.map(|(reason, words)| (reason.code(), words, reason.code() == typed.reason)).to_vec(),
        what: typed.what,
        minutes: typed.minutes,
        group_size: typed.group_size,
        faults: asked.faults.clone(),
    }
}

fn earlier(visit: &DatedVisit) -> Earlier {
    let time = wording::short_span(Interval { starts: visit.starts, ends: visit.ends });
    Earlier {
        href: format!("{}?open={}#v-{}", super::address(visit.visit_on), visit.id, visit.id),
        when: format!("{} {time}", day_words(visit.visit_on)),
        school: visit.site_name.clone(),
        about: format!("{}, {} planned, not logged", visit.service_request_code, in_minutes(visit.minutes)),
    }
}

/// `Mon, Jan 18`
fn day_words(date: NaiveDate) -> String {
    date.format("%a, %b %-d").to_string()
}
