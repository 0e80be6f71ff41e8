//! E-mails that operations cause: rendered and stored in the same transaction, sent later, byte for byte.

mod of_accounts;
mod of_plans;
mod of_schedule;
mod series;

use std::collections::{BTreeMap, BTreeSet};

use super::error::OperationError;
use super::outbox;
use super::runner::Context;
use crate::db::emails::NewEmail;
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::Interval;
use crate::domain::credential::Credential;
use crate::domain::discipline::service_word;
use crate::domain::ids::{EmailId, MemberId, ServiceRequestId, SpecialistId};
use crate::domain::member::Member;
use crate::domain::plan::{Plan, Shortfall, Visit};
use crate::domain::service_request::ServiceRequest;
use crate::domain::specialist::Specialist;
use crate::domain::term::Term;
use crate::mail::compose::{Correspondent, Envelope, compose, message_id};
use crate::mail::message::{
    CredentialEnds, MetRequest, OpenTime, OwnVisit, PlanPublishedForMember, PlanPublishedForSpecialist, Rendered,
    RequestReceived, ScheduleChange, ShortRequest, VisitBySpecialist,
};

use series::Series;

pub(super) use of_accounts::{invitation, sign_in_changed, sign_in_code};
pub(super) use of_plans::{draft_ready, measured, minutes_to_log};
pub(super) use of_schedule::{is_written, schedule_changed};

/// A credential that ends, and how many days ahead this is told.
pub(super) struct CredentialEnd<'a> {
    pub credential: &'a Credential,
    pub person: &'a Specialist,
    pub until: chrono::NaiveDate,
    pub days: i64,
}

/// Tells the person and the office that a credential ends; the person comes first.
pub(super) fn credential_ends(
    tx: &mut WriteTx,
    ctx: &Context,
    end: &CredentialEnd<'_>,
    recipients: &[(String, String)],
) -> Result<(), OperationError> {
    let (fields, person) = (&end.credential.fields, &end.person.fields);
    // The same credential with another end is told again.
    let subject = format!("{}/{}/{}", end.credential.id, end.until, end.days);
    for (name, address) in recipients {
        let mail = CredentialEnds {
            coop_name: ctx.settings.coop_name.clone(),
            recipient_name: name.clone(),
            is_own: *address == person.email,
            person_name: person.name.clone(),
            kind: fields.kind.word().to_owned(),
            service: service_word(&fields.discipline).to_owned(),
            issuer: fields.issuer.clone(),
            ends_before: end.until,
            link: format!("{}/week/{}", ctx.settings.public_url, person.code),
        };
        let rendered = mail.render().map_err(OperationError::internal)?;
        let event = Event { name: "credential_ends", subject: &subject, version: 1 };
        post(tx, ctx, &event, (name, address), &rendered)?;
    }
    Ok(())
}

/// Confirms a submitted request to the member's coordinators.
pub(super) fn request_received(
    tx: &mut WriteTx,
    ctx: &Context,
    request: &ServiceRequest,
) -> Result<(), OperationError> {
    let member = db::members::find(tx, request.member_id)?.ok_or(OperationError::NotFound)?;
    let site = db::sites::find(tx, request.fields.site_id)?.ok_or(OperationError::NotFound)?;
    let times = request.fields.windows.days();
    let times: Vec<OpenTime> =
        times.flat_map(|(weekday, day)| day.iter().map(move |time| OpenTime { weekday, time: *time })).collect();
    for (name, address) in coordinators(tx, &member)? {
        let mail = RequestReceived {
            coop_name: ctx.settings.coop_name.clone(),
            recipient_name: name.clone(),
            request_code: request.code.clone(),
            service: service_word(&request.fields.discipline).to_owned(),
            priority: request.fields.priority,
            school: format!("{}, {}", member.fields.name, site.fields.name),
            requested_minutes_per_week: request.fields.minutes_per_week,
            visits_per_week: request.fields.visits_per_week_max,
            times: times.clone(),
            next_plan_on: None,
            link: format!("{}/requests/{}", ctx.settings.public_url, request.code),
        };
        let rendered = mail.render().map_err(OperationError::internal)?;
        let event = Event { name: "request_received", subject: &request.code, version: request.version };
        post(tx, ctx, &event, (&name, &address), &rendered)?;
    }
    Ok(())
}

/// Confirms a published plan to every member's coordinators, to every specialist in it or in the one it replaces, and to
/// finance. Gives the e-mails.
pub(super) fn plan_published(
    tx: &mut WriteTx,
    ctx: &Context,
    plan: &Plan,
    term: &Term,
    replaced: Option<&Plan>,
) -> Result<Vec<EmailId>, OperationError> {
    let mut written = of_plans::costs_from(tx, ctx, plan, term, replaced)?;
    let news = News::read(tx, plan, term, replaced)?;
    let series = Series::read(tx, plan)?;
    for member in &news.members {
        let Some((met, short)) = news.of_member(member.id) else { continue };
        for (name, address) in coordinators(tx, member)? {
            let mail = PlanPublishedForMember {
                coop_name: ctx.settings.coop_name.clone(),
                recipient_name: name.clone(),
                schedule_name: news.schedule_name(),
                member_name: member.fields.name.clone(),
                starts_on: news.starts_on,
                met: met.clone(),
                short: short.clone(),
                link: format!("{}/overview", ctx.settings.public_url),
            };
            let rendered = mail.render().map_err(OperationError::internal)?;
            // One person may speak for several members and gets an e-mail about each.
            let subject = format!("{}/{}", plan.code, member.fields.code);
            let event = Event { name: "plan_published", subject: &subject, version: plan.version };
            written.push(post(tx, ctx, &event, (&name, &address), &rendered)?);
        }
    }
    for specialist in &news.specialists {
        let (visits, changes) = news.of_specialist(specialist.id);
        if visits.is_empty() && changes.is_empty() {
            continue;
        }
        let code = &specialist.fields.code;
        let mail = PlanPublishedForSpecialist {
            coop_name: ctx.settings.coop_name.clone(),
            recipient_name: specialist.fields.name.clone(),
            schedule_name: news.schedule_name(),
            starts_on: news.starts_on,
            visits,
            changes,
            note: None,
            link: format!("{}/week/{code}", ctx.settings.public_url),
            invitations: series.invitations(ctx, &news, plan, specialist),
        };
        let rendered = mail.render().map_err(OperationError::internal)?;
        let subject = format!("{}/{code}", plan.code);
        let event = Event { name: "schedule_published", subject: &subject, version: plan.version };
        written.push(post(tx, ctx, &event, (&specialist.fields.name, &specialist.fields.email), &rendered)?);
    }
    Ok(written)
}

/// What caused an e-mail: with the recipient it makes the Message-ID.
struct Event<'a> {
    name: &'static str,
    subject: &'a str,
    version: i64,
}

fn post(
    tx: &mut WriteTx,
    ctx: &Context,
    event: &Event<'_>,
    (name, address): (&str, &str),
    rendered: &Rendered,
) -> Result<EmailId, OperationError> {
    let (from_name, from_address) = &ctx.settings.mail_from;
    let message_id =
        message_id(&format!("{}/{}", event.name, event.subject), address, event.version, ctx.settings.mail_domain());
    let person = |name: &str, address: &str| Correspondent { name: Some(name.to_owned()), address: address.to_owned() };
    let envelope = Envelope {
        from: person(from_name, from_address),
        reply_to: Some(Correspondent { name: None, address: ctx.settings.mail_reply_to.clone() }),
        to: person(name, address),
        message_id: message_id.clone(),
        date: ctx.now,
    };
    let message = compose(rendered, &envelope).map_err(OperationError::internal)?;
    let email = NewEmail {
        event: event.name,
        recipient: address.to_owned(),
        subject: rendered.subject.clone(),
        message_id,
        message,
    };
    outbox::enqueue(tx, &email, ctx.now)
}

/// Names and addresses of a member's coordinators; its contact while it has no coordinator account.
fn coordinators(tx: &mut ReadTx, member: &Member) -> Result<Vec<(String, String)>, OperationError> {
    let accounts = db::accounts::coordinators(tx, member.id)?;
    if accounts.is_empty() {
        return Ok(vec![(member.fields.contact_name.clone(), member.fields.contact_email.clone())]);
    }
    Ok(accounts.into_iter().map(|account| (account.fields.name, account.fields.email)).collect())
}

/// Everything that the e-mails of a published plan tell.
struct News {
    starts_on: chrono::NaiveDate,
    until: chrono::NaiveDate,
    term_name: String,
    members: Vec<Member>,
    specialists: Vec<Specialist>,
    requests: BTreeMap<ServiceRequestId, (ServiceRequest, String)>,
    visits: Vec<Visit>,
    before: Vec<Visit>,
    shortfalls: Vec<Shortfall>,
}

impl News {
    fn read(tx: &mut ReadTx, plan: &Plan, term: &Term, replaced: Option<&Plan>) -> Result<News, OperationError> {
        let all = PageRequest::ALL;
        let filter = db::service_requests::Filter { term: Some(term.id), ..Default::default() };
        let requests = db::service_requests::list(tx, &Scope::All, &filter, all)?.items;
        let sites: BTreeMap<_, _> =
            db::sites::list(tx, &Scope::All, all)?.items.into_iter().map(|site| (site.id, site.fields.name)).collect();
        let named = |request: ServiceRequest| {
            let site = sites.get(&request.fields.site_id).cloned().unwrap_or_default();
            (request.id, (request, site))
        };
        let before = match replaced {
            Some(old) => db::visits::list(tx, old.id, &Scope::All, all)?.items,
            None => Vec::new(),
        };
        Ok(News {
            starts_on: plan.effective_from.unwrap_or(term.fields.starts_on),
            until: term.fields.ends_on + chrono::TimeDelta::days(1),
            term_name: term.fields.name.clone(),
            members: db::members::list(tx, &Scope::All, all)?.items,
            specialists: db::specialists::list(tx, &Scope::All, all)?.items,
            requests: requests.into_iter().map(named).collect(),
            visits: db::visits::list(tx, plan.id, &Scope::All, all)?.items,
            before,
            shortfalls: db::visits::list_shortfalls(tx, plan.id, &Scope::All, all)?.items,
        })
    }

    fn schedule_name(&self) -> String {
        format!("{} schedule", self.term_name)
    }

    /// What a member's requests got, and what is short; `None` for a member without requests in the plan.
    fn of_member(&self, member: MemberId) -> Option<(Vec<MetRequest>, Vec<ShortRequest>)> {
        let mut visits: BTreeMap<ServiceRequestId, Vec<VisitBySpecialist>> = BTreeMap::new();
        for visit in self.visits.iter().filter(|visit| visit.member_id == member) {
            let specialist = visit.specialist_name.clone();
            let own = VisitBySpecialist { weekday: visit.weekday, time: time(visit), specialist };
            visits.entry(visit.service_request_id).or_default().push(own);
        }
        for own in visits.values_mut() {
            own.sort_by_key(|visit| (visit.weekday, visit.time));
        }
        let short: BTreeMap<ServiceRequestId, &Shortfall> = self
            .shortfalls
            .iter()
            .filter(|one| one.member_id == member)
            .map(|one| (one.service_request_id, one))
            .collect();
        let asked: BTreeSet<ServiceRequestId> = visits.keys().chain(short.keys()).copied().collect();
        let (mut met, mut missing) = (Vec::new(), Vec::new());
        for id in asked {
            let Some((request, school)) = self.requests.get(&id) else { continue };
            let (school, service) = (school.clone(), service_word(&request.fields.discipline).to_owned());
            let (request_code, visits) = (request.code.clone(), visits.remove(&id).unwrap_or_default());
            let minutes = request.fields.minutes_per_week;
            match short.get(&id) {
                None => met.push(MetRequest { request_code, service, school, minutes_per_week: minutes, visits }),
                Some(shortfall) => missing.push(ShortRequest {
                    request_code,
                    service,
                    school,
                    requested_minutes_per_week: minutes,
                    planned_minutes_per_week: minutes - shortfall.minutes,
                    reason: shortfall.reason.clone(),
                    visits,
                }),
            }
        }
        (!met.is_empty() || !missing.is_empty()).then_some((met, missing))
    }

    /// A specialist's week, and what differs from the plan before.
    fn of_specialist(&self, specialist: SpecialistId) -> (Vec<OwnVisit>, Vec<ScheduleChange>) {
        let own = |visits: &[Visit]| -> Vec<Visit> {
            visits.iter().filter(|visit| visit.specialist_id == specialist).cloned().collect()
        };
        let (now, before) = (own(&self.visits), own(&self.before));
        let week = now.iter().map(own_visit).collect();
        let changes = if self.before.is_empty() { Vec::new() } else { self.changes(&now, &before) };
        (week, changes)
    }

    /// Visits of a request that are gone and visits that are new are paired as moves, in the order of the week.
    fn changes(&self, now: &[Visit], before: &[Visit]) -> Vec<ScheduleChange> {
        let place = |visit: &Visit| (visit.service_request_id, visit.weekday, visit.starts, visit.ends);
        let kept: BTreeSet<_> = now.iter().map(place).collect();
        let known: BTreeSet<_> = before.iter().map(place).collect();
        let added: Vec<&Visit> = now.iter().filter(|visit| !known.contains(&place(visit))).collect();
        let mut gone: Vec<&Visit> = before.iter().filter(|visit| !kept.contains(&place(visit))).collect();
        let mut changes = Vec::new();
        for visit in added {
            let old = gone.iter().position(|old| old.service_request_id == visit.service_request_id);
            changes.push(match old.map(|index| gone.remove(index)) {
                Some(old) => {
                    ScheduleChange::Moved { visit: own_visit(visit), from_weekday: old.weekday, from_time: time(old) }
                }
                None => ScheduleChange::New(own_visit(visit)),
            });
        }
        for visit in gone {
            let other = self.visits.iter().find(|other| {
                other.service_request_id == visit.service_request_id && other.specialist_id != visit.specialist_id
            });
            let taken_by = other.map(|other| other.specialist_name.clone());
            changes.push(ScheduleChange::NoLongerYours { visit: own_visit(visit), taken_by });
        }
        changes
    }
}

fn own_visit(visit: &Visit) -> OwnVisit {
    OwnVisit {
        request_code: visit.service_request_code.clone(),
        service: service_word(&visit.discipline).to_owned(),
        school: visit.site_name.clone(),
        weekday: visit.weekday,
        time: time(visit),
    }
}

fn time(visit: &Visit) -> Interval {
    Interval { starts: visit.starts, ends: visit.ends }
}
