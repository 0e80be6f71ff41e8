//! Everything of one member in one document: to take along, to check, to keep when it leaves.

use serde::Serialize;
use serde_json::Value;

use super::access::can_see;
use super::error::OperationError;
use super::runner::Context;
use super::{audit, cost_shares, dated_visits, members, visits};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::account::{Account, Role};
use crate::domain::actor::{Owner, Resource, Scope};
use crate::domain::credential::Credential;
use crate::domain::email::opens_an_account;
use crate::domain::ids::{MemberId, SiteId};
use crate::domain::plan::{Plan, Shortfall, Visit};
use crate::domain::specialist::{Availability, Contract, Employer, Specialist};
use crate::domain::supervision::SupervisionLog;
use crate::domain::time_away::TimeAway;
use crate::domain::workload::IndirectBlock;

/// One specialist whom the member employs or employed.
#[derive(Serialize)]
struct Staff {
    specialist: Specialist,
    contracts: Vec<Contract>,
    availability: Vec<Availability>,
    credentials: Vec<Credential>,
    indirect_blocks: Vec<IndirectBlock>,
    supervision_logs: Vec<SupervisionLog>,
    time_away: Vec<TimeAway>,
}

/// The member's part of a plan.
#[derive(Serialize)]
struct PlanPart {
    plan: Plan,
    visits: Vec<Visit>,
    shortfalls: Vec<Shortfall>,
}

/// An e-mail with its text; empty where that opens an account.
#[derive(Serialize)]
struct SentEmail {
    recipient: String,
    subject: String,
    created_at: chrono::DateTime<chrono::Utc>,
    message: String,
}

/// Everything of a member as one JSON object, a key for each kind of record. The member's coordinator gets what a
/// coordinator sees; the office gets staff with their pay, accounts, e-mails and the audit trail too.
///
/// # Errors
/// [`OperationError::NotFound`] for whoever does not see the member's requests.
pub fn export(tx: &mut ReadTx, ctx: &Context, id: MemberId) -> Result<String, OperationError> {
    let member = members::get(tx, ctx, id)?;
    if !can_see(ctx, Resource::ServiceRequests)?.covers(Owner::member(id)) {
        return Err(OperationError::NotFound);
    }
    ctx.trail.exported("member");
    ctx.trail.code(&member.fields.code);
    let scope = Scope::Parts { members: vec![id], specialists: Vec::new() };
    let sites = db::sites::list(tx, &scope, PageRequest::ALL)?.items;
    let own: Vec<SiteId> = sites.iter().map(|site| site.id).collect();
    let filter = db::service_requests::Filter::default();
    let mut all = serde_json::Map::new();
    let mut put = |name: &str, part: Result<Value, serde_json::Error>| {
        part.map(|part| drop(all.insert(name.to_owned(), part))).map_err(OperationError::internal)
    };
    put("member", serde_json::to_value(&member))?;
    put("sites", serde_json::to_value(&sites))?;
    let requests = db::service_requests::list(tx, &scope, &filter, PageRequest::ALL)?.items;
    put("service_requests", serde_json::to_value(&requests))?;
    let mut terms = db::terms::list(tx, PageRequest::ALL)?.items;
    terms.retain(|term| requests.iter().any(|request| request.fields.term_id == term.id));
    put("terms", serde_json::to_value(&terms))?;
    let days = db::calendar_entries::Filter { member: Some(id), ..Default::default() };
    let days = db::calendar_entries::list(tx, &Scope::All, &days, PageRequest::ALL)?.items;
    put("calendar_entries", serde_json::to_value(&days))?;
    let (dated, zone) = (db::dated_visits::Filter::default(), ctx.settings.time_zone);
    let mut dated = db::dated_visits::list(tx, (&scope, &dated), zone, PageRequest::ALL)?.items;
    dated_visits::leave_out_credentials(ctx, &mut dated);
    put("dated_visits", serde_json::to_value(&dated))?;
    put("service_logs", serde_json::to_value(db::service_logs::of_member(tx, id)?))?;
    put("plans", serde_json::to_value(plans(tx, ctx, &scope)?))?;
    put("cost_shares", serde_json::to_value(cost_shares::of_member(tx, &member)?))?;
    if can_see(ctx, Resource::Accounts).is_ok_and(|scope| scope == Scope::All) {
        let mut travel = db::travel::list(tx, None)?;
        travel.retain(|drive| own.contains(&drive.from_site_id) && own.contains(&drive.to_site_id));
        put("travel", serde_json::to_value(&travel))?;
        put("staff", serde_json::to_value(staff(tx, id)?))?;
        let all_accounts = db::accounts::list(tx, PageRequest::ALL)?.items;
        let is_own = |role: &Role| role.member_id() == Some(id);
        let accounts: Vec<&Account> =
            all_accounts.iter().filter(|account| account.fields.roles.iter().any(is_own)).collect();
        put("accounts", serde_json::to_value(&accounts))?;
        let chosen = db::email_choices::all(tx)?;
        let chosen: std::collections::BTreeMap<_, _> =
            accounts.iter().filter_map(|account| Some((account.id, chosen.get(&account.id)?))).collect();
        put("email_choices", serde_json::to_value(&chosen))?;
        // Whoever has to do with another member too, or with the co-op, gets e-mails about both, and none of them says
        // about which.
        let members = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items;
        let others = members.iter().filter(|other| other.id != id).map(|other| other.fields.contact_email.as_str());
        let elsewhere = all_accounts.iter().filter(|account| !account.fields.roles.iter().all(is_own));
        let shared: Vec<&str> = others.chain(elsewhere.map(|account| account.fields.email.as_str())).collect();
        let mut recipients: Vec<&str> = accounts.iter().map(|account| account.fields.email.as_str()).collect();
        recipients.push(&member.fields.contact_email);
        recipients.retain(|address| !shared.contains(address));
        put("emails", serde_json::to_value(emails(tx, &recipients)?))?;
        put("audit_entries", serde_json::to_value(audit::of_member(tx, id)?))?;
    }
    serde_json::to_string_pretty(&all).map_err(OperationError::internal)
}

fn plans(tx: &mut ReadTx, ctx: &Context, scope: &Scope) -> Result<Vec<PlanPart>, OperationError> {
    let sees_drafts = can_see(ctx, Resource::PlanDocuments).is_ok();
    let mut parts = Vec::new();
    for plan in db::plans::list(tx, sees_drafts, PageRequest::ALL)?.items {
        let visits = db::visits::list(tx, plan.id, scope, PageRequest::ALL)?.items;
        let shortfalls = visits::shortfalls_of(tx, plan.id, scope)?;
        if !visits.is_empty() || !shortfalls.is_empty() {
            parts.push(PlanPart { plan, visits, shortfalls });
        }
    }
    Ok(parts)
}

/// Those whom the member employs or employed, with what was agreed with it.
fn staff(tx: &mut ReadTx, member: MemberId) -> Result<Vec<Staff>, OperationError> {
    let mut all = Vec::new();
    let employs = |contract: &Contract| contract.fields.employer == Employer::Member { member_id: member };
    let mut contracts = db::work_terms::contracts(tx, None)?;
    contracts.retain(employs);
    for specialist in db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items {
        let own: Vec<Contract> = contracts.iter().filter(|one| one.specialist_id == specialist.id).cloned().collect();
        if !own.is_empty() {
            let availability = db::work_terms::availability(tx, Some(specialist.id))?;
            let time_away = db::time_away::list(tx, Some(specialist.id))?;
            let credentials = db::credentials::all(tx, Some(specialist.id))?;
            let indirect_blocks = db::indirect_blocks::list(tx, Some(specialist.id))?;
            let supervision_logs = db::supervision_logs::of_specialist(tx, specialist.id)?;
            all.push(Staff {
                specialist,
                contracts: own,
                availability,
                credentials,
                indirect_blocks,
                supervision_logs,
                time_away,
            });
        }
    }
    Ok(all)
}

fn emails(tx: &mut ReadTx, recipients: &[&str]) -> Result<Vec<SentEmail>, OperationError> {
    let mut all = Vec::new();
    for email in db::emails::list(tx, None, PageRequest::ALL)?.items {
        if recipients.contains(&email.recipient.as_str()) {
            let message = match opens_an_account(&email.event) {
                true => Vec::new(),
                false => db::emails::message(tx, email.id)?.unwrap_or_default(),
            };
            let message = String::from_utf8_lossy(&message).into_owned();
            let (recipient, subject, created_at) = (email.recipient, email.subject, email.created_at);
            all.push(SentEmail { recipient, subject, created_at, message });
        }
    }
    Ok(all)
}
