//! Which visit of the plan before became which visit of the plan after.

use std::collections::BTreeMap;

use super::{ChangeKind, VisitChange};
use crate::planning::plan_document::Visit;

/// Every visit of both plans, once: kept ones first matched, then the nearest visits of the same specialist, then the
/// nearest of another specialist, all within a request. In order of requests.
pub(super) fn changes(before: &[Visit], after: &[Visit]) -> Vec<VisitChange> {
    let mut requests: BTreeMap<&str, Open> = BTreeMap::new();
    for visit in before {
        requests.entry(&visit.request).or_default().before.push(visit);
    }
    for visit in after {
        requests.entry(&visit.request).or_default().after.push(visit);
    }
    let mut changes = Vec::new();
    for (_, mut open) in requests {
        open.before.sort_unstable();
        open.after.sort_unstable();
        open.pair(ChangeKind::Kept, |before, after| before == after, &mut changes);
        open.pair(ChangeKind::Moved, |before, after| before.specialist == after.specialist, &mut changes);
        open.pair(ChangeKind::NewPerson, |_, _| true, &mut changes);
        let gone = |visit: &Visit| VisitChange { kind: ChangeKind::Removed, before: Some(visit.clone()), after: None };
        let new = |visit: &Visit| VisitChange { kind: ChangeKind::Added, before: None, after: Some(visit.clone()) };
        changes.extend(open.before.into_iter().map(gone));
        changes.extend(open.after.into_iter().map(new));
    }
    changes
}

/// Visits of one request that are not matched yet.
#[derive(Default)]
struct Open<'a> {
    before: Vec<&'a Visit>,
    after: Vec<&'a Visit>,
}

impl Open<'_> {
    /// Matches visits that fit, the nearest two first.
    fn pair(&mut self, kind: ChangeKind, fits: impl Fn(&Visit, &Visit) -> bool, changes: &mut Vec<VisitChange>) {
        while let Some((from, to)) = self.nearest(&fits) {
            let (before, after) = (self.before.remove(from), self.after.remove(to));
            changes.push(VisitChange { kind, before: Some(before.clone()), after: Some(after.clone()) });
        }
    }

    /// The places of the two open visits that fit and are nearest; of equally near ones the first.
    fn nearest(&self, fits: impl Fn(&Visit, &Visit) -> bool) -> Option<(usize, usize)> {
        let all = self.before.iter().enumerate().flat_map(|(from, before)| {
            self.after.iter().enumerate().map(move |(to, after)| (from, to, *before, *after))
        });
        let fitting = all.filter(|(_, _, before, after)| fits(before, after));
        fitting.min_by_key(|(_, _, before, after)| distance(before, after)).map(|(from, to, _, _)| (from, to))
    }
}

/// How far apart two visits are: days, then minutes of the day, then length.
fn distance(before: &Visit, after: &Visit) -> (u8, u16, u32) {
    let days = (before.day as u8).abs_diff(after.day as u8);
    let minutes = before.starts.minutes().abs_diff(after.starts.minutes());
    (days, minutes, before.minutes().abs_diff(after.minutes()))
}
