//! What changes from one plan to another, by specialist, school and request.
//!
//! The two plans may come from different instances: people, schools and requests that only one of them knows are
//! treated like the others. Visits are matched within a request, so that every visit of either plan is told exactly
//! once: [`PlanDiff::apply`] turns the visits before into those after.

mod matching;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::instance::Instance;
use super::plan_document::{Amounts, PlanDocument, Visit};

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Nothing: the same person, time and place.
    Kept,
    /// The same person at another time, at another place or for another length.
    Moved,
    /// Another person, at the same or another time.
    NewPerson,
    /// Only in the plan after.
    Added,
    /// Only in the plan before.
    Removed,
}

/// One visit before and after. At least one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VisitChange {
    /// What became of it.
    pub kind: ChangeKind,
    /// The visit before; absent when it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Visit>,
    /// The visit after; absent when it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Visit>,
}

impl VisitChange {
    /// Code of the request.
    pub fn request(&self) -> &str {
        self.visits().next().map_or("", |visit| visit.request.as_str())
    }

    /// The visit before and the visit after, as far as they exist.
    fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.before.iter().chain(&self.after)
    }

    /// Day, time and codes, earliest first, for lists that people read.
    fn order(&self) -> impl Ord + '_ {
        let visit = self.visits().next();
        (visit.map(|visit| (visit.day, visit.starts)), self)
    }
}

/// A number before and after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pair<T> {
    /// In the plan before.
    pub before: T,
    /// In the plan after.
    pub after: T,
}

/// The changes that concern one specialist, school or request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Code of the specialist, site or request.
    pub code: String,
    /// Minutes a week in visits.
    pub minutes: Pair<u32>,
    /// Visits that stay as they are.
    pub visits_kept: u32,
    /// Visits that change, by day and time. A visit that goes to another specialist concerns both.
    pub changes: Vec<VisitChange>,
}

/// How many visits change, and whom that touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Visits that stay as they are.
    pub kept: u32,
    /// Visits that get another time, place or length.
    pub moved: u32,
    /// Visits that get another specialist.
    pub new_person: u32,
    /// Visits that are new.
    pub added: u32,
    /// Visits that fall away.
    pub removed: u32,
    /// Specialists with at least one change.
    pub people_touched: u32,
    /// Schools with at least one change.
    pub schools_touched: u32,
    /// Requests with at least one change.
    pub requests_touched: u32,
    /// Requests of which a visit goes to another specialist.
    pub requests_with_new_person: u32,
}

/// What changes from one plan to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanDiff {
    /// How many visits change.
    pub counts: Counts,
    /// Asked and given minutes a week by priority.
    pub minutes: Pair<Amounts>,
    /// Driving minutes a week.
    pub travel_minutes: Pair<u32>,
    /// Pay of the placed minutes a week, in cents.
    pub staff_cost_cents: Pair<i64>,
    /// By specialist, in order of codes. A group for everybody with a visit before or after.
    pub by_specialist: Vec<Group>,
    /// By site of the request, in order of codes.
    pub by_school: Vec<Group>,
    /// By request, in order of codes.
    pub by_request: Vec<Group>,
}

/// What changes from the plan `before` to the plan `after`, each with the instance that it was made for. Equal plans
/// give equal differences, whatever the order of their visits.
pub fn diff(before: (&Instance, &PlanDocument), after: (&Instance, &PlanDocument)) -> PlanDiff {
    let changes = matching::changes(&before.1.visits, &after.1.visits);
    let schools = Schools::of(before.0, after.0);
    let by_specialist = groups(&changes, |visit, _| &visit.specialist);
    let by_school = groups(&changes, |visit, side| schools.of_visit(visit, side));
    let by_request = groups(&changes, |visit, _| &visit.request);
    let touched = |groups: &[Group]| groups.iter().filter(|group| !group.changes.is_empty()).count() as u32;
    let (old, new) = (&before.1.totals, &after.1.totals);
    PlanDiff {
        counts: Counts {
            people_touched: touched(&by_specialist),
            schools_touched: touched(&by_school),
            requests_touched: touched(&by_request),
            ..counts(&changes)
        },
        minutes: Pair { before: old.all, after: new.all },
        travel_minutes: Pair { before: old.travel_minutes, after: new.travel_minutes },
        staff_cost_cents: Pair { before: old.staff_cost_cents, after: new.staff_cost_cents },
        by_specialist,
        by_school,
        by_request,
    }
}

impl PlanDiff {
    /// Every visit of either plan, once, by request.
    pub fn changes(&self) -> impl Iterator<Item = &VisitChange> {
        self.by_request.iter().flat_map(|group| &group.changes)
    }

    /// The visits after, from the visits before: what was removed, moved or given to another person leaves, and what
    /// was added, moved or given to another person comes.
    pub fn apply(&self, before: &[Visit]) -> Vec<Visit> {
        let mut visits = before.to_vec();
        for gone in self.changes().filter_map(|change| change.before.as_ref()) {
            if let Some(at) = visits.iter().position(|visit| visit == gone) {
                visits.swap_remove(at);
            }
        }
        visits.extend(self.changes().filter_map(|change| change.after.clone()));
        visits.sort();
        visits
    }
}

/// Which of the two plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// The site of each request, before and after.
struct Schools<'a> {
    before: BTreeMap<&'a str, &'a str>,
    after: BTreeMap<&'a str, &'a str>,
}

impl<'a> Schools<'a> {
    fn of(before: &'a Instance, after: &'a Instance) -> Schools<'a> {
        let sites = |instance: &'a Instance| {
            instance.requests.iter().map(|request| (request.code.as_str(), request.site.as_str())).collect()
        };
        Schools { before: sites(before), after: sites(after) }
    }

    /// The site that asked; where the visit is given, if its request is not known.
    fn of_visit<'v>(&self, visit: &'v Visit, side: Side) -> &'v str
    where
        'a: 'v,
    {
        let sites = if side == Side::Before { &self.before } else { &self.after };
        sites.get(visit.request.as_str()).copied().unwrap_or(visit.site.as_str())
    }
}

/// How many visits there are of each kind.
fn counts(changes: &[VisitChange]) -> Counts {
    let of = |kind: ChangeKind| changes.iter().filter(|change| change.kind == kind).count() as u32;
    let with_new_person: BTreeSet<&str> =
        changes.iter().filter(|change| change.kind == ChangeKind::NewPerson).map(VisitChange::request).collect();
    Counts {
        kept: of(ChangeKind::Kept),
        moved: of(ChangeKind::Moved),
        new_person: of(ChangeKind::NewPerson),
        added: of(ChangeKind::Added),
        removed: of(ChangeKind::Removed),
        requests_with_new_person: with_new_person.len() as u32,
        ..Counts::default()
    }
}

fn groups<'a>(changes: &'a [VisitChange], key: impl Fn(&'a Visit, Side) -> &'a str) -> Vec<Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for change in changes {
        let before = change.before.as_ref().map(|visit| (key(visit, Side::Before), visit.minutes()));
        let after = change.after.as_ref().map(|visit| (key(visit, Side::After), visit.minutes()));
        if let Some((code, minutes)) = before {
            groups.entry(code).or_default().minutes.before += minutes;
        }
        if let Some((code, minutes)) = after {
            groups.entry(code).or_default().minutes.after += minutes;
        }
        let concerned: BTreeSet<&str> = before.into_iter().chain(after).map(|(code, _)| code).collect();
        for code in concerned {
            let group = groups.entry(code).or_default();
            if change.kind == ChangeKind::Kept {
                group.visits_kept += 1;
            } else {
                group.changes.push(change.clone());
            }
        }
    }
    let named = groups.into_iter().map(|(code, mut group)| {
        group.changes.sort_by(|a, b| a.order().cmp(&b.order()));
        Group { code: code.to_owned(), ..group }
    });
    named.collect()
}
