//! What changes from one plan to another, told with names. For the office.

use std::collections::BTreeMap;

use super::access::visible;
use super::error::OperationError;
use super::overview::read_files;
use super::runner::Context;
use super::{plan_measures, plans};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::discipline::service_word;
use crate::domain::ids::PlanId;
use crate::domain::plan_comparison::{
    ChangeCounts, ChangeGroup, ChangedVisit, GroupBy, PlanChange, PlanChangeKind, PlanComparison,
};
use crate::domain::service_request::Priority;
use crate::planning::Instance;
use crate::planning::diff::{ChangeKind, Counts, Group, VisitChange, diff};
use crate::planning::instance::ServiceRequest;
use crate::planning::plan_document::Visit;

/// What changes from the plan `before` to the plan `after`.
pub fn compare(
    tx: &mut ReadTx,
    ctx: &Context,
    (after, before): (PlanId, PlanId),
    by: GroupBy,
) -> Result<PlanComparison, OperationError> {
    visible(ctx, Resource::PlanDocuments)?;
    let after = plans::get(tx, ctx, after)?;
    let before = plans::get(tx, ctx, before)?;
    let (old, old_document) = read_files(tx, &before)?;
    let (new, new_document) = read_files(tx, &after)?;
    let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let people = people.into_iter().map(|one| (one.fields.code, one.fields.name)).collect();
    let found = diff((&old, &old_document), (&new, &new_document));
    let names = Names::of(people, [&new, &old]);
    let groups = match by {
        GroupBy::Specialist => &found.by_specialist,
        GroupBy::School => &found.by_school,
        GroupBy::Request => &found.by_request,
    };
    let changed = groups.iter().filter(|group| !group.changes.is_empty());
    let mut groups: Vec<ChangeGroup> = changed.map(|group| names.group(group, by)).collect();
    groups.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    Ok(PlanComparison {
        before: plan_measures::of(&before, &old, &old_document),
        after: plan_measures::of(&after, &new, &new_document),
        counts: counts(&found.counts),
        groups,
    })
}

fn counts(counts: &Counts) -> ChangeCounts {
    ChangeCounts {
        kept: i64::from(counts.kept),
        moved: i64::from(counts.moved),
        new_person: i64::from(counts.new_person),
        added: i64::from(counts.added),
        removed: i64::from(counts.removed),
        specialists_touched: i64::from(counts.people_touched),
        schools_touched: i64::from(counts.schools_touched),
        requests_touched: i64::from(counts.requests_touched),
        requests_with_new_person: i64::from(counts.requests_with_new_person),
    }
}

/// From the codes of planning files to what people read. What neither the records nor a file knows goes by its code.
struct Names<'a> {
    people: BTreeMap<String, String>,
    disciplines: BTreeMap<&'a str, &'a [String]>,
    /// Name of the site and code of its member.
    sites: BTreeMap<&'a str, (&'a str, &'a str)>,
    members: BTreeMap<&'a str, &'a str>,
    requests: BTreeMap<&'a str, &'a ServiceRequest>,
}

impl<'a> Names<'a> {
    /// Of two instances; what both know is told as the first says.
    fn of(people: BTreeMap<String, String>, instances: [&'a Instance; 2]) -> Names<'a> {
        let [first, second] = instances;
        let both = || second.members.iter().chain(&first.members);
        let sites = second.sites.iter().chain(&first.sites);
        let specialists = second.specialists.iter().chain(&first.specialists);
        let requests = second.requests.iter().chain(&first.requests);
        Names {
            people,
            disciplines: specialists.map(|one| (one.code.as_str(), one.disciplines.as_slice())).collect(),
            sites: sites.map(|site| (site.code.as_str(), (site.name.as_str(), site.member.as_str()))).collect(),
            members: both().map(|member| (member.code.as_str(), member.name.as_str())).collect(),
            requests: requests.map(|request| (request.code.as_str(), request)).collect(),
        }
    }

    fn person(&self, code: &str) -> String {
        self.people.get(code).map_or(code, String::as_str).to_owned()
    }

    fn site(&self, code: &str) -> String {
        self.sites.get(code).map_or(code, |(name, _)| *name).to_owned()
    }

    fn group(&self, group: &Group, by: GroupBy) -> ChangeGroup {
        let (name, detail) = match by {
            GroupBy::Specialist => (self.person(&group.code), self.services_of(&group.code)),
            GroupBy::School => (self.site(&group.code), self.member_of(&group.code)),
            GroupBy::Request => (group.code.clone(), self.asked(&group.code)),
        };
        ChangeGroup {
            code: group.code.clone(),
            name,
            detail,
            minutes_before: i64::from(group.minutes.before),
            minutes_after: i64::from(group.minutes.after),
            visits_kept: i64::from(group.visits_kept),
            changes: group.changes.iter().filter_map(|change| self.change(change)).collect(),
        }
    }

    fn services_of(&self, specialist: &str) -> String {
        let codes = self.disciplines.get(specialist).copied().unwrap_or_default();
        codes.iter().map(|code| service_word(code)).collect::<Vec<_>>().join(", ")
    }

    fn member_of(&self, site: &str) -> String {
        let code = self.sites.get(site).map_or("", |(_, member)| *member);
        self.members.get(code).copied().unwrap_or(code).to_owned()
    }

    fn asked(&self, request: &str) -> String {
        let words = |one: &&ServiceRequest| format!("{} at {}", service_word(&one.discipline), self.site(&one.site));
        self.requests.get(request).map_or_else(String::new, words)
    }

    fn change(&self, change: &VisitChange) -> Option<PlanChange> {
        let kind = match change.kind {
            ChangeKind::Kept => return None,
            ChangeKind::Moved => PlanChangeKind::Moved,
            ChangeKind::NewPerson => PlanChangeKind::NewPerson,
            ChangeKind::Added => PlanChangeKind::Added,
            ChangeKind::Removed => PlanChangeKind::Removed,
        };
        let request = self.requests.get(change.request());
        Some(PlanChange {
            kind,
            request_code: change.request().to_owned(),
            discipline: request.map_or_else(String::new, |request| request.discipline.clone()),
            priority: request.map_or(Priority::Consult, |request| request.priority),
            school_name: request.map_or_else(String::new, |request| self.site(&request.site)),
            before: change.before.as_ref().map(|visit| self.visit(visit)),
            after: change.after.as_ref().map(|visit| self.visit(visit)),
        })
    }

    fn visit(&self, visit: &Visit) -> ChangedVisit {
        ChangedVisit {
            specialist_code: visit.specialist.clone(),
            specialist_name: self.person(&visit.specialist),
            site_name: self.site(&visit.site),
            weekday: visit.day,
            starts: visit.starts,
            ends: visit.ends,
        }
    }
}
