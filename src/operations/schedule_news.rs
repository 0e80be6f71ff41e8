//! E-mails about changes of visits: gathered from what changed, sent when they are due.
//!
//! Whatever changes a dated visit marks it in its own transaction. Gathering works out who is to learn what of it, and
//! writes down in the same transaction what everybody knows from then on; sending takes the news away in the transaction
//! that writes the e-mail. So nothing is lost and nothing is told twice, wherever the program stops.

mod send;

use std::collections::HashMap;

use super::dated_visits;
use super::error::OperationError;
use super::runner::{Context, Operations};
use crate::db::schedule_news::{self as rows, News};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::account::Role;
use crate::domain::actor::Actor;
use crate::domain::dated_visit::DatedVisitKind;
use crate::domain::ids::{AccountId, DatedVisitId, MemberId, ScheduleNewsId};
use crate::domain::schedule_news::{
    ChangedVisit, EmailChoices, Reader, ScheduleEmails, Told, cover_learns, is_near, make_up_learns, next_summary,
    owner_learns,
};
use crate::domain::school_calendar::SchoolCalendar;

/// Changed visits in one transaction.
const VISITS_AT_ONCE: i64 = 200;

/// Gathers what changed and writes the e-mails that are due; gives how many.
///
/// # Errors
/// When the database cannot be reached; the next call does what this one did not.
pub fn tell(operations: &Operations) -> Result<usize, OperationError> {
    let ctx = operations.context(program());
    while operations.database.write(|tx| gather(tx, &ctx))? {}
    operations.database.write(|tx| send::send(tx, &ctx))
}

/// The program acts by itself: it may do nothing but what stands here.
pub(super) fn program() -> Actor {
    Actor { account_id: AccountId(uuid::Uuid::nil()), name: String::new(), roles: Vec::new(), limit: None }
}

/// Looks at some visits that changed; whether there may be more.
fn gather(tx: &mut WriteTx, ctx: &Context) -> Result<bool, OperationError> {
    let changed = rows::untold(tx, VISITS_AT_ONCE)?;
    let dropped = rows::untold_drops(tx, ctx.now, VISITS_AT_ONCE)?;
    if changed.is_empty() && dropped.is_empty() {
        return Ok(false);
    }
    let ids: Vec<DatedVisitId> = changed.iter().chain(&dropped).map(|visit| visit.id).collect();
    let mut desk = Desk::read(tx, ctx, &ids)?;
    for visit in &changed {
        let school = desk.tell(tx, visit)?;
        rows::gathered(tx, visit.id, (school, visit.now))?;
    }
    for visit in &dropped {
        desk.tell(tx, visit)?;
        rows::drop_gathered(tx, visit.id)?;
    }
    Ok(true)
}

/// Everything that decides who is told what, and when.
struct Desk<'a> {
    ctx: &'a Context,
    calendar: SchoolCalendar,
    pending: HashMap<(DatedVisitId, Reader), News>,
    choices: HashMap<Reader, EmailChoices>,
    readers: HashMap<MemberId, Vec<Reader>>,
}

impl<'a> Desk<'a> {
    fn read(tx: &mut ReadTx, ctx: &'a Context, visits: &[DatedVisitId]) -> Result<Desk<'a>, OperationError> {
        let chosen = db::email_choices::all(tx)?;
        let (mut choices, mut readers) = (HashMap::new(), HashMap::<MemberId, Vec<Reader>>::new());
        for account in db::accounts::list(tx, PageRequest::ALL)?.items {
            if account.fields.disabled {
                continue;
            }
            let choice = chosen.get(&account.id).copied().unwrap_or_default();
            for role in &account.fields.roles {
                match *role {
                    Role::Coordinator { member_id } => {
                        readers.entry(member_id).or_default().push(Reader::Coordinator(account.id));
                        choices.insert(Reader::Coordinator(account.id), choice);
                    }
                    Role::Specialist { specialist_id } => {
                        choices.insert(Reader::Specialist(specialist_id), choice);
                    }
                    _ => {}
                }
            }
        }
        let calendar = dated_visits::facts(tx, ctx)?.calendar;
        Ok(Desk { ctx, calendar, pending: rows::pending(tx, visits)?, choices, readers })
    }

    /// Keeps the news of one visit for everybody who learns something; gives what the school knows from now on.
    fn tell(&mut self, tx: &mut WriteTx, visit: &ChangedVisit) -> Result<Told, OperationError> {
        let is_make_up = visit.kind == DatedVisitKind::MakeUp;
        // A make-up that falls out has to be chosen anew, so the school hears of it although it knows its closed days.
        let school = if is_make_up { visit.now } else { visit.now.for_school(visit.told_school) };
        let contact = vec![Reader::Contact(visit.member_id)];
        // Which visits a plan has, the e-mails about the plan tell.
        let is_plans = visit.now == Told::Nothing && visit.kind == DatedVisitKind::Weekly;
        for reader in self.readers.get(&visit.member_id).cloned().unwrap_or(contact) {
            self.note(tx, visit, reader, (visit.told_school, school), |known, now| {
                if is_make_up { make_up_learns(known, now) } else { known != now && !is_plans }
            })?;
        }
        let staff = (visit.told_staff, visit.now);
        self.note(tx, visit, Reader::Specialist(visit.specialist_id), staff, |known, now| {
            if is_make_up { make_up_learns(known, now) } else { owner_learns(known, now) }
        })?;
        let mut covering: Vec<_> = [visit.told_staff, visit.now]
            .into_iter()
            .filter_map(|told| if let Told::CoveredBy(person) = told { Some(person) } else { None })
            .collect();
        covering.dedup();
        for person in covering {
            let learns = move |known, now| cover_learns(person, known, now);
            self.note(tx, visit, Reader::Specialist(person), staff, learns)?;
        }
        Ok(school)
    }

    /// What somebody is to be told of a visit: the difference to what they know, and nothing when there is none.
    fn note(
        &mut self,
        tx: &mut WriteTx,
        visit: &ChangedVisit,
        reader: Reader,
        (told, news): (Told, Told),
        learns: impl Fn(Told, Told) -> bool,
    ) -> Result<(), OperationError> {
        let earlier = self.pending.remove(&(visit.id, reader));
        // Of what is waiting they know nothing yet.
        let told = earlier.as_ref().map_or(told, |one| one.told);
        if let Some(one) = &earlier {
            rows::remove(tx, &[one.id])?;
        }
        if !learns(told, news) || visit.visit_on < self.ctx.today() {
            return Ok(());
        }
        let near = is_near(&self.calendar, (visit.member_id, visit.site_id), visit.visit_on, self.ctx.today());
        let each = self.choices.get(&reader).copied().unwrap_or_default().schedule == ScheduleEmails::EachChange;
        let at_once = near || each || earlier.as_ref().is_some_and(|one| one.at_once);
        let due_at = if at_once { self.ctx.now } else { next_summary(self.ctx.settings.time_zone, self.ctx.now) };
        let due_at = earlier.as_ref().map_or(due_at, |one| one.due_at.min(due_at));
        let one = News {
            id: ScheduleNewsId::new(),
            reader,
            visit: visit.id,
            specialist_id: visit.specialist_id,
            service_request_id: visit.service_request_id,
            site_id: visit.site_id,
            visit_on: visit.visit_on,
            time: visit.time,
            kind: visit.kind,
            reason: visit.reason.clone(),
            told,
            news,
            at_once,
            due_at,
        };
        rows::put(tx, &one, self.ctx.now)?;
        self.pending.insert((visit.id, reader), one);
        Ok(())
    }
}
