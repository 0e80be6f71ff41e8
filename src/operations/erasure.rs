//! Erasure: takes away what belongs to a member that left, a request, a specialist or an account, and certifies it. What
//! others need stays without names: money, and the minutes that were worked, under codes that mean nothing.

mod replacement;

use super::access::allow_write;
use super::accounts;
use super::audit::note;
use super::error::OperationError;
use super::runner::{Context, Operations};
use crate::db::erasure::{Counts, NAME};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::account::{AccountFields, Role};
use crate::domain::actor::{Actor, Resource, Scope};
use crate::domain::email::EmailState;
use crate::domain::erasure::{Certificate, ErasureKind};
use crate::domain::ids::{AccountId, ErasureId, MemberId, SpecialistId};
use crate::domain::member::Member;
use crate::domain::plan_run::PlanRunState;
use crate::domain::service_request::{RequestState, ServiceRequest};
use crate::domain::specialist::{Employer, Specialist};
use crate::planning::{Instance, PlanDocument};
use replacement::Replacement;

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A member that left, by its code.
    Member(String),
    /// A request that is over, by its code.
    ServiceRequest(String),
    /// A specialist who left, by the code.
    Specialist(String),
    /// A person's account, by its e-mail address.
    Account(String),
}

/// What is being erased, gathered before anything is.
#[derive(Default)]
struct Plan {
    replacement: Replacement,
    addresses: Vec<String>,
    /// Identities, which stay in emptied rows but must not lead from there to what an answer told.
    identities: Vec<String>,
    counts: Counts,
}

/// Erases in one transaction, then makes the database forget what it held. Everything that was erased is also in backups
/// that are older: those are for the person who keeps them.
///
/// # Errors
/// A conflict while it is still in use, while planning is under way, or while e-mails wait that may tell of it.
pub fn erase(operations: &Operations, actor: Actor, subject: &Subject) -> Result<Certificate, OperationError> {
    let certificate = operations.change(actor, |tx, ctx| carry_out(tx, ctx, subject))?;
    operations.database.forget_deleted()?;
    Ok(certificate)
}

fn carry_out(tx: &mut WriteTx, ctx: &Context, subject: &Subject) -> Result<Certificate, OperationError> {
    allow_write(ctx, Resource::Accounts)?;
    nothing_is_planned(tx)?;
    let mut plan = Plan::default();
    let (kind, subject_id) = match subject {
        Subject::Member(code) => {
            let member = db::members::find_by_code(tx, code)?.ok_or(OperationError::NotFound)?;
            erase_member(tx, ctx, &member, &mut plan)?;
            ctx.trail.about(member.id);
            (ErasureKind::Member, member.id.0)
        }
        Subject::ServiceRequest(code) => {
            let request = db::service_requests::find_by_code(tx, code)?.ok_or(OperationError::NotFound)?;
            if !matches!(request.state, RequestState::Withdrawn | RequestState::Declined | RequestState::Ended) {
                return Err(OperationError::conflict(format!("{code} is not over; withdraw or end it first")));
            }
            erase_request(tx, &request, &mut plan)?;
            ctx.trail.about(request.member_id);
            (ErasureKind::ServiceRequest, request.id.0)
        }
        Subject::Specialist(code) => {
            let found = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
            let found = found.into_iter().find(|one| one.fields.code == *code).ok_or(OperationError::NotFound)?;
            has_left(tx, ctx, &found)?;
            erase_specialist(tx, ctx, &found, &mut plan)?;
            take_from_accounts(tx, ctx, (None, &[found.id]), &mut plan)?;
            ctx.trail.about_everybody();
            (ErasureKind::Specialist, found.id.0)
        }
        Subject::Account(email) => {
            let account = db::accounts::find_by_email(tx, email)?.ok_or(OperationError::NotFound)?;
            if account.id == ctx.actor.account_id {
                return Err(OperationError::conflict("Nobody erases the own account; ask another office account"));
            }
            if !account.fields.disabled {
                return Err(OperationError::conflict("This account is in use; switch it off first"));
            }
            erase_account(tx, ctx, account.id, &mut plan)?;
            (ErasureKind::Account, account.id.0)
        }
    };
    finish(tx, &mut plan)?;
    let id = ErasureId::new();
    let certificate =
        Certificate { id, at: ctx.now, account_id: ctx.actor.account_id, kind, subject_id, counts: plan.counts };
    db::erasure::insert(tx, &certificate)?;
    let detail = format!("certificate {id} {}", certificate.sha256());
    note(tx, ctx, "erase", (kind.code(), &subject_id.to_string()), &detail)?;
    Ok(certificate)
}

/// A planner at work holds everything in its memory and writes it back.
fn nothing_is_planned(tx: &mut ReadTx) -> Result<(), OperationError> {
    let is_open = |state: PlanRunState| !state.is_over();
    let runs = db::plan_runs::list(tx, PageRequest::ALL)?.items;
    let mut busy = runs.iter().any(|run| is_open(run.state));
    for plan in db::plans::list(tx, true, PageRequest::ALL)?.items {
        busy |= db::scenarios::list(tx, plan.id, PageRequest::ALL)?.items.iter().any(|one| is_open(one.state));
    }
    match busy {
        true => Err(OperationError::conflict("A plan or trial is being made; wait for it or cancel it, then erase")),
        false => Ok(()),
    }
}

fn erase_member(tx: &mut WriteTx, ctx: &Context, member: &Member, plan: &mut Plan) -> Result<(), OperationError> {
    if member.fields.member_until.is_none_or(|until| until > ctx.today()) {
        let message = format!("{} is still a member; enter the day on which it left first", member.fields.code);
        return Err(OperationError::conflict(message));
    }
    let scope = Scope::Parts { members: vec![member.id], specialists: Vec::new() };
    for request in
        db::service_requests::list(tx, &scope, &db::service_requests::Filter::default(), PageRequest::ALL)?.items
    {
        erase_request(tx, &request, plan)?;
    }
    let staff = own_staff(tx, member.id)?;
    for specialist in &staff {
        erase_specialist(tx, ctx, specialist, plan)?;
    }
    for site in db::sites::list(tx, &scope, PageRequest::ALL)?.items {
        let code = meaningless(tx, &site.fields.code, plan)?;
        plan.forget(&[&site.fields.name, &site.fields.address]);
        plan.identities.push(site.id.to_string());
        db::erasure::site(tx, site.id, &code, ctx.now, &mut plan.counts)?;
    }
    let staff: Vec<SpecialistId> = staff.iter().map(|person| person.id).collect();
    take_from_accounts(tx, ctx, (Some(member.id), &staff), plan)?;
    let fields = &member.fields;
    let code = meaningless(tx, &fields.code, plan)?;
    plan.replacement.add_person(&fields.contact_name, NAME);
    plan.forget(&[&fields.name, &fields.contact_email]);
    plan.addresses.push(fields.contact_email.clone());
    plan.identities.push(member.id.to_string());
    Ok(db::erasure::member(tx, member.id, &code, ctx.now, &mut plan.counts)?)
}

/// Nobody is erased who still works, or who is in a plan that people follow from today on.
fn has_left(tx: &mut ReadTx, ctx: &Context, person: &Specialist) -> Result<(), OperationError> {
    let code = &person.fields.code;
    let contracts = db::work_terms::contracts(tx, Some(person.id))?;
    if contracts.iter().any(|one| one.fields.effective_until.is_none_or(|until| until > ctx.today())) {
        let message = format!("{code} still has a contract; enter the day on which it ended first");
        return Err(OperationError::conflict(message));
    }
    let ahead = db::dated_visits::Filter {
        from: Some(ctx.today()),
        specialist: Some(person.id),
        ..db::dated_visits::Filter::default()
    };
    let visits = db::dated_visits::list(tx, (&Scope::All, &ahead), ctx.settings.time_zone, PageRequest::ALL)?.items;
    if !visits.is_empty() {
        let message = format!("{code} is in the plan that people follow; publish one without this person first");
        return Err(OperationError::conflict(message));
    }
    Ok(())
}

fn erase_specialist(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: &Specialist,
    plan: &mut Plan,
) -> Result<(), OperationError> {
    let code = meaningless(tx, &specialist.fields.code, plan)?;
    plan.replacement.add_person(&specialist.fields.name, NAME);
    plan.forget(&[&specialist.fields.email]);
    plan.addresses.push(specialist.fields.email.clone());
    plan.identities.push(specialist.id.to_string());
    Ok(db::erasure::specialist(tx, specialist.id, &code, ctx.now, &mut plan.counts)?)
}

/// Erases the accounts of people who had to do with nothing else, and takes the roles from all others.
fn take_from_accounts(
    tx: &mut WriteTx,
    ctx: &Context,
    (member, staff): (Option<MemberId>, &[SpecialistId]),
    plan: &mut Plan,
) -> Result<(), OperationError> {
    for account in db::accounts::list(tx, PageRequest::ALL)?.items {
        let goes = |role: &Role| {
            (member.is_some() && role.member_id() == member)
                || role.specialist_id().is_some_and(|person| staff.contains(&person))
        };
        let (gone, kept): (Vec<Role>, Vec<Role>) = account.fields.roles.iter().partition(|role| goes(role));
        match (gone.is_empty(), kept.is_empty()) {
            (true, _) => {}
            (false, true) => erase_account(tx, ctx, account.id, plan)?,
            (false, false) => {
                let fields = AccountFields { roles: kept, ..account.fields.clone() };
                accounts::store(tx, ctx, &account, &fields)?;
            }
        }
    }
    Ok(())
}

/// Those whom nobody but the member ever employed.
fn own_staff(tx: &mut ReadTx, member: MemberId) -> Result<Vec<Specialist>, OperationError> {
    let contracts = db::work_terms::contracts(tx, None)?;
    let mut staff = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    staff.retain(|person| {
        let mut own = contracts.iter().filter(|one| one.specialist_id == person.id).peekable();
        own.peek().is_some() && own.all(|one| one.fields.employer == Employer::Member { member_id: member })
    });
    Ok(staff)
}

fn erase_request(tx: &mut WriteTx, request: &ServiceRequest, plan: &mut Plan) -> Result<(), OperationError> {
    meaningless(tx, &request.code, plan)?;
    plan.forget(&[&request.decision_note]);
    plan.identities.push(request.id.to_string());
    Ok(db::erasure::service_request(tx, request.id, &mut plan.counts)?)
}

fn erase_account(tx: &mut WriteTx, ctx: &Context, id: AccountId, plan: &mut Plan) -> Result<(), OperationError> {
    let account = db::accounts::find(tx, id)?.ok_or(OperationError::NotFound)?;
    plan.replacement.add_person(&account.fields.name, NAME);
    plan.forget(&[&account.fields.email]);
    plan.addresses.push(account.fields.email);
    plan.identities.push(id.to_string());
    Ok(db::erasure::account(tx, id, ctx.now, &mut plan.counts)?)
}

/// A code that means nothing, in place of one that does.
fn meaningless(tx: &mut WriteTx, code: &str, plan: &mut Plan) -> Result<String, OperationError> {
    let new = db::codes::next(tx, "ERASED")?;
    plan.replacement.add(code, &new);
    Ok(new)
}

impl Plan {
    /// Names that go without anything in their place.
    fn forget(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.replacement.add(name, NAME));
    }
}

/// Takes everything out of what is kept as text: planning files, sentences, e-mails, answers for repeats.
fn finish(tx: &mut WriteTx, plan: &mut Plan) -> Result<(), OperationError> {
    db::erasure::emails(tx, &plan.addresses, &mut plan.counts)?;
    let waiting = db::emails::list(tx, Some(EmailState::Queued), PageRequest::ALL)?.items.len();
    if waiting > 0 {
        return Err(OperationError::conflict(format!(
            "{waiting} e-mails wait to be sent and may tell of it; wait until they are out, then erase"
        )));
    }
    let told = [plan.replacement.olds(), std::mem::take(&mut plan.identities)].concat();
    db::erasure::answers(tx, &told, &mut plan.counts)?;
    let replacement = &plan.replacement;
    let free_text = |text: &str| Ok::<_, OperationError>(replacement.free_text(text));
    db::erasure::rewrite(tx, &mut plan.counts, |text| replacement.json(text), free_text)?;
    still_readable(tx)
}

/// Plans and their instances must be readable afterwards: pages and statements rest on them.
fn still_readable(tx: &mut ReadTx) -> Result<(), OperationError> {
    for plan in db::plans::list(tx, true, PageRequest::ALL)?.items {
        let (_, _): (Instance, PlanDocument) = super::overview::read_files(tx, &plan)?;
    }
    Ok(())
}
