//! The planning instance of a term, built from what is in force, and what changed between two instances.
//!
//! There is no revision counter: a plan is up to date exactly when the instance built now equals the one it was made
//! from, so nothing can be forgotten when a new kind of fact enters the instance.

pub(super) mod staff;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::Value;

use super::error::OperationError;
use super::runner::Context;
use crate::db::service_requests::Filter;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::ids::{MemberId, ServiceRequestId, SiteId, SpecialistId};
use crate::domain::member::Member;
use crate::domain::service_request::{ServiceRequest, UNIT_MINUTES};
use crate::domain::site::Site;
use crate::domain::term::Term;
use crate::planning::instance as plan;
use crate::planning::instance::Instance;

/// The most differences that are named; the rest is counted.
const CHANGES_MAX: usize = 20;

/// The day whose facts count for a term: today, or the nearest day of the term.
pub fn day_in_force(term: &Term, ctx: &Context) -> NaiveDate {
    let today = ctx.today();
    today.clamp(term.fields.starts_on, term.fields.ends_on)
}

/// Builds the instance of a term.
///
/// # Errors
/// A conflict that names every fact that is missing or does not fit, for example a drive that nobody entered.
pub fn build(tx: &mut ReadTx, ctx: &Context, term: &Term) -> Result<Instance, OperationError> {
    let day = day_in_force(term, ctx);
    let members = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let all_sites = db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let filter = Filter { term: Some(term.id), ..Filter::default() };
    let mut requests = db::service_requests::list(tx, &Scope::All, &filter, PageRequest::ALL)?.items;
    requests.retain(|request| request.state.is_plannable());
    requests.sort_by(|a, b| a.code.cmp(&b.code));
    let mut faults = closed_sites(&requests, &all_sites, &members, day);
    let specialists = staff::specialists(tx, ctx, term, day)?;
    faults.extend(staff::unsupervised(&specialists, day));

    let needed: BTreeSet<SiteId> =
        requests.iter().map(|request| request.fields.site_id).chain(specialists.iter().map(|one| one.home)).collect();
    let mut sites: Vec<&Site> = all_sites.iter().filter(|site| needed.contains(&site.id)).collect();
    sites.sort_by(|a, b| a.fields.code.cmp(&b.fields.code));
    let travel = travel(tx, &sites, &mut faults)?;

    let site_codes: BTreeMap<SiteId, &str> = sites.iter().map(|site| (site.id, site.fields.code.as_str())).collect();
    let member_codes: BTreeMap<MemberId, &str> =
        members.iter().map(|member| (member.id, member.fields.code.as_str())).collect();
    let people: BTreeMap<SpecialistId, String> = specialists.iter().map(|one| (one.id, one.code.clone())).collect();
    let current = current_specialists(tx, term, &requests)?;

    let credentials_end = specialists.iter().any(|one| !one.credentials_until.is_empty());
    let mut instance = Instance {
        format: plan::INSTANCE_FORMAT.to_owned(),
        name: term.fields.code.clone(),
        unit_minutes: UNIT_MINUTES as u32,
        effective_from: credentials_end.then_some(day),
        members: planned_members(&members),
        sites: sites.iter().map(|site| planned_site(site, &member_codes)).collect(),
        travel,
        specialists: specialists.iter().map(|one| one.planned(&site_codes, &member_codes, &people)).collect(),
        requests: requests
            .iter()
            .map(|request| {
                let current = current.get(&request.id).or(request.fields.current_specialist_id.as_ref());
                planned_request(request, &site_codes, current.and_then(|id| people.get(id)))
            })
            .collect(),
        policy: ctx.settings.planning_policy.clone(),
        fixed: Vec::new(),
    };
    instance.raise_format();
    if faults.is_empty() {
        faults = instance.check().iter().map(ToString::to_string).collect();
    }
    if faults.is_empty() {
        return Ok(instance);
    }
    let detail = format!(
        "{} cannot be planned yet: {} things must be entered or corrected first",
        term.fields.name,
        faults.len()
    );
    Err(OperationError::Conflict { detail, changes: faults })
}

/// Takes specialists out of an instance, as if they were not there: they get no visits, and supervise nobody. Assistants
/// whom nobody else supervises get no visits either.
pub(super) fn leave_out(instance: &mut Instance, codes: &[String]) {
    instance.specialists.retain_mut(|one| {
        let is_assistant = one.is_assistant();
        one.supervisors.retain(|code| !codes.contains(code));
        !codes.contains(&one.code) && one.is_assistant() == is_assistant
    });
    for request in &mut instance.requests {
        request.current_specialist.take_if(|code| codes.contains(code));
    }
}

/// Requests whose site is closed or whose member left: they would silently never be met.
fn closed_sites(requests: &[ServiceRequest], sites: &[Site], members: &[Member], day: NaiveDate) -> Vec<String> {
    let open = |from: NaiveDate, until: Option<NaiveDate>| from <= day && until.is_none_or(|until| day < until);
    let mut faults = Vec::new();
    for request in requests {
        let Some(site) = sites.iter().find(|site| site.id == request.fields.site_id) else { continue };
        if !open(site.fields.open_from, site.fields.open_until) {
            faults.push(format!(
                "{} is for {}, which is not open on {day}; end or withdraw it",
                request.code, site.fields.code
            ));
        }
        let Some(member) = members.iter().find(|member| member.id == request.member_id) else { continue };
        if !open(member.fields.member_from, member.fields.member_until) {
            let code = &member.fields.code;
            faults.push(format!("{} is for {code}, which is not a member on {day}; end or withdraw it", request.code));
        }
    }
    faults
}

fn named<Id: Ord>(codes: &BTreeMap<Id, &str>, id: &Id) -> String {
    codes.get(id).copied().unwrap_or_default().to_owned()
}

/// Entries were checked to be small and not negative when they were made.
fn whole(minutes: i64) -> u32 {
    u32::try_from(minutes).unwrap_or(u32::MAX)
}

fn planned_members(members: &[Member]) -> Vec<plan::Member> {
    let mut planned: Vec<plan::Member> = members
        .iter()
        .map(|member| plan::Member { code: member.fields.code.clone(), name: member.fields.name.clone() })
        .collect();
    planned.sort_by(|a, b| a.code.cmp(&b.code));
    planned
}

fn planned_site(site: &Site, members: &BTreeMap<MemberId, &str>) -> plan::Site {
    plan::Site {
        code: site.fields.code.clone(),
        member: named(members, &site.fields.member_id),
        name: site.fields.name.clone(),
    }
}

fn planned_request(
    request: &ServiceRequest,
    sites: &BTreeMap<SiteId, &str>,
    current: Option<&String>,
) -> plan::ServiceRequest {
    let fields = &request.fields;
    plan::ServiceRequest {
        code: request.code.clone(),
        site: named(sites, &fields.site_id),
        discipline: fields.discipline.clone(),
        qualifications: fields.qualifications.clone(),
        priority: fields.priority,
        mode: fields.mode,
        minutes_per_week: whole(fields.minutes_per_week),
        visits_per_week_max: whole(fields.visits_per_week_max),
        visit_minutes: plan::VisitMinutes {
            min: whole(fields.visit_minutes.min),
            max: whole(fields.visit_minutes.max),
        },
        windows: fields.windows.clone(),
        current_specialist: current.cloned(),
    }
}

/// The full table of drives between the sites; every missing pair is a fault.
fn travel(tx: &mut ReadTx, sites: &[&Site], faults: &mut Vec<String>) -> Result<plan::Travel, OperationError> {
    let known: BTreeMap<(SiteId, SiteId), (i64, i64)> = db::travel::list(tx, None)?
        .into_iter()
        .map(|leg| ((leg.from_site_id, leg.to_site_id), (leg.fields.minutes, leg.fields.miles_hundredths)))
        .collect();
    let mut minutes = vec![vec![0; sites.len()]; sites.len()];
    let mut miles = vec![vec![0.0; sites.len()]; sites.len()];
    for (row, from) in sites.iter().enumerate() {
        for (column, to) in sites.iter().enumerate().filter(|(column, _)| *column != row) {
            match known.get(&(from.id, to.id)) {
                Some((time, distance)) => {
                    minutes[row][column] = whole(*time);
                    // The file format gives miles as a decimal number; hundredths survive the way there and back.
                    miles[row][column] = *distance as f64 / 100.0;
                }
                None => faults.push(format!(
                    "The drive from {} to {} is not known; enter it or import travel.csv",
                    from.fields.code, to.fields.code
                )),
            }
        }
    }
    let codes = sites.iter().map(|site| site.fields.code.clone()).collect();
    Ok(plan::Travel { sites: codes, minutes, miles: Some(miles) })
}

/// Who gives most of each request's minutes in the plan that is followed now.
fn current_specialists(
    tx: &mut ReadTx,
    term: &Term,
    requests: &[ServiceRequest],
) -> Result<BTreeMap<ServiceRequestId, SpecialistId>, OperationError> {
    let Some(published) = db::plans::published(tx, term.id)? else { return Ok(BTreeMap::new()) };
    let wanted: BTreeSet<ServiceRequestId> = requests.iter().map(|request| request.id).collect();
    let mut minutes: BTreeMap<(ServiceRequestId, SpecialistId), i64> = BTreeMap::new();
    for visit in db::visits::list(tx, published.id, &Scope::All, PageRequest::ALL)?.items {
        if wanted.contains(&visit.service_request_id) {
            *minutes.entry((visit.service_request_id, visit.specialist_id)).or_default() += visit.minutes();
        }
    }
    let mut most: BTreeMap<ServiceRequestId, (i64, SpecialistId)> = BTreeMap::new();
    for ((request, specialist), minutes) in minutes {
        let best = most.entry(request).or_insert((minutes, specialist));
        if minutes > best.0 {
            *best = (minutes, specialist);
        }
    }
    Ok(most.into_iter().map(|(request, (_, specialist))| (request, specialist)).collect())
}

/// What changed from one instance to another, in plain words.
pub fn changes(before: &str, now: &Instance) -> Vec<String> {
    let before: Value = serde_json::from_str(before).unwrap_or_default();
    let now = serde_json::to_value(now).unwrap_or_default();
    let mut found = Vec::new();
    for (list, word) in
        [("requests", "request"), ("specialists", "specialist"), ("sites", "site"), ("members", "member")]
    {
        let (old, new) = (by_code(&before[list]), by_code(&now[list]));
        for code in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            match (old.get(code), new.get(code)) {
                (Some(_), None) => found.push(format!("{word} {code} is no longer part of it")),
                (None, Some(_)) => found.push(format!("{word} {code} is new")),
                (Some(old), Some(new)) => {
                    found.extend(changed_keys(old, new).map(|change| format!("{word} {code}: {change}")))
                }
                (None, None) => {}
            }
        }
    }
    if before["travel"] != now["travel"] {
        found.push("travel between sites changed".to_owned());
    }
    if before["policy"] != now["policy"] {
        found.push("the planning rules changed".to_owned());
    }
    let more = found.len().saturating_sub(CHANGES_MAX);
    found.truncate(CHANGES_MAX);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    found
}

fn by_code(list: &Value) -> BTreeMap<&str, &Value> {
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry["code"].as_str()?, entry))).collect()
}

fn changed_keys<'a>(old: &'a Value, new: &'a Value) -> impl Iterator<Item = String> + 'a {
    let keys = |value: &'a Value| value.as_object().into_iter().flat_map(|map| map.keys());
    let all: BTreeSet<&String> = keys(old).chain(keys(new)).collect();
    all.into_iter().filter(|key| old[key.as_str()] != new[key.as_str()]).map(|key| {
        let (was, is) = (&old[key.as_str()], &new[key.as_str()]);
        let simple = |value: &Value| value.is_number() || value.is_string();
        let key = key.replace('_', " ");
        if simple(was) && simple(is) { format!("{key} was {was}, is now {is}") } else { format!("{key} changed") }
    })
}
