//! A shortage explained: causes whose minutes add up, and what would change it, cheapest first. Of one request, or of
//! one service of a district with all its requests.

use std::collections::BTreeMap;

use super::people::People;
use super::status::{Given, Pill};
use super::{hue, wording};
use crate::domain::discipline::service_word;
use crate::domain::member::Member;
use crate::domain::plan::{Cause, CauseKind, Remedy, Shortfall};
use crate::domain::scenario::SCHOOL_WEEKS_A_YEAR;
use crate::domain::service_request::Priority;

/// More options than this help nobody to choose.
const REMEDIES_MAX: usize = 5;

/// What goes short and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shortage {
    pub discipline: String,
    pub hue: &'static str,
    pub title: String,
    /// The request; empty where there are several.
    pub code: String,
    /// What is short, in words.
    pub lede: String,
    pub pill: Pill,
    pub why: Why,
}

/// Causes and options.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Why {
    pub causes: Vec<Numbered>,
    /// Told where there are no causes.
    pub reason: String,
    pub remedies: Vec<Remedied>,
}

/// One cause.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    /// What kind of cause, with its minutes.
    pub head: String,
    /// The requests that it concerns with what is known of each; without a code where there is only one.
    pub sentences: Vec<(String, String)>,
}

/// One thing that would change it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remedied {
    pub gain: String,
    pub change: String,
    pub cost: String,
}

impl Why {
    /// Of one request.
    pub(super) fn of_request(shortfall: &Shortfall, people: &People) -> Why {
        let one = |cause: &Cause| Numbered {
            head: head(cause.cause, cause.minutes),
            sentences: vec![(String::new(), people.named(&cause.sentence))],
        };
        Why {
            causes: shortfall.causes.iter().map(one).collect(),
            reason: people.named(&shortfall.reason),
            remedies: options(shortfall.remedies.iter(), people),
        }
    }

    /// Of several requests: minutes of the same kind of cause are added up.
    fn of_requests(shortfalls: &[&Shortfall], people: &People) -> Why {
        if let [only] = shortfalls {
            return Why::of_request(only, people);
        }
        let mut untold = Vec::new();
        let mut kinds: BTreeMap<CauseKind, (i64, Vec<(String, String)>)> = BTreeMap::new();
        for shortfall in shortfalls {
            let code = &shortfall.service_request_code;
            if shortfall.causes.is_empty() {
                // A plan from before causes were told has one sentence a request.
                let head = format!("{} min.", wording::thousands(shortfall.minutes));
                untold.push(Numbered { head, sentences: vec![(code.clone(), people.named(&shortfall.reason))] });
            }
            for cause in &shortfall.causes {
                let (minutes, sentences) = kinds.entry(cause.cause).or_default();
                *minutes += cause.minutes;
                sentences.push((code.clone(), people.named(&cause.sentence)));
            }
        }
        let numbered =
            |(kind, (minutes, sentences)): (CauseKind, (i64, _))| Numbered { head: head(kind, minutes), sentences };
        Why {
            causes: kinds.into_iter().map(numbered).chain(untold).collect(),
            reason: String::new(),
            remedies: options(shortfalls.iter().flat_map(|one| &one.remedies), people),
        }
    }
}

fn head(kind: CauseKind, minutes: i64) -> String {
    format!("{} ({} min).", cause_words(kind), wording::thousands(minutes))
}

fn cause_words(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::NobodyQualifies => "Nobody qualifies",
        CauseKind::FewQualifyAndAreFull => "The few who qualify are full",
        CauseKind::NoHoursLeft => "No hours left",
        CauseKind::CapReached => "As many sites or requests as allowed",
        CauseKind::NoWindowOverlaps => "No hours left when the school is open to visits",
        CauseKind::DriveDoesNotFit => "The drive does not fit",
        CauseKind::VisitLengthDoesNotFit => "The visit length does not fit",
        CauseKind::LostToHigherPriority => "The time went to a higher priority",
        CauseKind::RequestAllowsNoMore => "The request itself allows no more",
        CauseKind::NotFound => "The planner found no place",
    }
}

/// Each change once, cheapest first, then by gain.
fn options<'a>(remedies: impl Iterator<Item = &'a Remedy>, people: &People) -> Vec<Remedied> {
    let mut all: Vec<&Remedy> = remedies.collect();
    all.sort_by_key(|one| (one.cents_per_week, -one.minutes_gained, &one.change));
    all.dedup_by_key(|one| &one.change);
    let told = |one: &Remedy| Remedied {
        gain: format!("+{} min", wording::thousands(one.minutes_gained)),
        change: people.named(&one.change),
        cost: cost(one),
    };
    all.into_iter().take(REMEDIES_MAX).map(told).collect()
}

fn cost(remedy: &Remedy) -> String {
    let moved = wording::count(remedy.visits_moved, "visit moves", "visits move");
    match (remedy.cents_per_week, remedy.visits_moved) {
        (0, 0) => "No cost".to_owned(),
        (0, _) => format!("No cost, {moved}"),
        (cents, 0) => yearly(cents),
        (cents, _) => format!("{}, {moved}", yearly(cents)),
    }
}

/// Cents a week as whole dollars a school year.
fn yearly(cents_per_week: i64) -> String {
    format!("{} a year", wording::dollars(cents_per_week.saturating_mul(SCHOOL_WEEKS_A_YEAR)))
}

/// The shortage of one request.
pub(super) fn of_request(shortfall: &Shortfall, given: &Given, members: &[Member], people: &People) -> Shortage {
    let (placed, short) = given.minutes(shortfall.service_request_id).unwrap_or((0, shortfall.minutes));
    let district = district(shortfall, members);
    // A school with the name of its district is not named twice.
    let place = if shortfall.site_name.starts_with(district) {
        shortfall.site_name.clone()
    } else {
        format!("{}, {district}", shortfall.site_name)
    };
    Shortage {
        discipline: shortfall.discipline.clone(),
        hue: hue::of_service(&shortfall.discipline),
        title: format!("{} at {place}", service_word(&shortfall.discipline)),
        code: shortfall.service_request_code.clone(),
        lede: format!("{}. {}", wording::priority(shortfall.priority), unmet(short, placed + short)),
        pill: Pill::of_minutes(placed, short),
        why: Why::of_request(shortfall, people),
    }
}

fn unmet(short: i64, asked: i64) -> String {
    format!("{} of {} a week are unmet.", wording::thousands(short), wording::count(asked, "minute", "minutes"))
}

fn district<'a>(shortfall: &Shortfall, members: &'a [Member]) -> &'a str {
    let member = members.iter().find(|member| member.id == shortfall.member_id);
    member.map_or("", |member| member.fields.name.as_str())
}

/// Shortages by service and district, those with most mandated minutes first. `asked` tells the minutes that a
/// district, by code, asked for of a service.
pub(super) fn by_service_and_district(
    shortfalls: &[Shortfall],
    members: &[Member],
    people: &People,
    asked: impl Fn(&str, &str) -> i64,
) -> Vec<Shortage> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Shortfall>> = BTreeMap::new();
    for one in shortfalls {
        let member = members.iter().find(|member| member.id == one.member_id);
        let code = member.map_or("", |member| member.fields.code.as_str());
        groups.entry((&one.discipline, code)).or_default().push(one);
    }
    let minutes = |group: &[&Shortfall], mandated: bool| -> i64 {
        let counted = group.iter().filter(|one| !mandated || one.priority == Priority::Mandated);
        counted.map(|one| one.minutes).sum()
    };
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(key, group)| (-minutes(group, true), -minutes(group, false), *key));
    let told = |((discipline, code), group): ((&str, &str), Vec<&Shortfall>)| {
        let (short, mandated) = (minutes(&group, false), minutes(&group, true));
        let asked = asked(code, discipline).max(short);
        let of_these = match mandated {
            0 => "None are IEP-mandated.".to_owned(),
            all if all == short => format!("All {} are IEP-mandated.", wording::thousands(all)),
            some => format!("{} are IEP-mandated.", wording::thousands(some)),
        };
        let name = group.first().map_or("", |one| district(one, members));
        Shortage {
            discipline: discipline.to_owned(),
            hue: hue::of_service(discipline),
            title: format!("{} at {name}", service_word(discipline)),
            code: if let [only] = group.as_slice() { only.service_request_code.clone() } else { String::new() },
            lede: format!("{} {of_these}", unmet(short, asked)),
            pill: Pill::of_share(asked - short, asked),
            why: Why::of_requests(&group, people),
        }
    };
    groups.into_iter().map(told).collect()
}
