//! E-mails about plans to those who look after them, and about what is still to log.

use super::{Event, post};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::account::{Account, Role};
use crate::domain::cost_share::Statement;
use crate::domain::ids::{EmailId, TermId};
use crate::domain::plan::Plan;
use crate::domain::plan_comparison::PlanMeasures;
use crate::domain::term::Term;
use crate::mail::message::{CostsFrom, DraftFigures, DraftReady, MinutesToLog, StatementBefore};
use crate::operations::overview::read_files;
use crate::operations::{Context, OperationError, plan_measures};

/// What the plan in use of a term reaches, if there is one.
pub(in crate::operations) fn measured(tx: &mut ReadTx, term: TermId) -> Result<Option<DraftFigures>, OperationError> {
    let Some(plan) = db::plans::published(tx, term)? else { return Ok(None) };
    let (instance, document) = read_files(tx, &plan)?;
    Ok(Some(figures(&plan_measures::of(&plan, &instance, &document))))
}

fn figures(measures: &PlanMeasures) -> DraftFigures {
    DraftFigures {
        code: measures.plan_code.clone(),
        met_minutes: measures.placed_minutes(),
        asked_minutes: measures.requested_minutes(),
        mandated_unmet_minutes: measures.mandated.requested_minutes - measures.mandated.placed_minutes,
        driving_minutes: measures.travel_minutes,
    }
}

/// Active accounts of a role.
fn accounts_with(tx: &mut ReadTx, role: Role) -> Result<Vec<Account>, OperationError> {
    let mut accounts = db::accounts::list(tx, PageRequest::ALL)?.items;
    accounts.retain(|account| !account.fields.disabled && account.fields.roles.contains(&role));
    Ok(accounts)
}

/// Tells the office that a draft is ready.
pub(in crate::operations) fn draft_ready(
    tx: &mut WriteTx,
    ctx: &Context,
    draft: &PlanMeasures,
    in_use: Option<&DraftFigures>,
) -> Result<(), OperationError> {
    let path = format!("{}/plans/{}", ctx.settings.public_url, draft.plan_code);
    let link = in_use.map_or_else(|| path.clone(), |other| format!("{path}/compare/{}", other.code));
    for account in accounts_with(tx, Role::Office)? {
        let (name, address) = (&account.fields.name, &account.fields.email);
        let mail = DraftReady {
            coop_name: ctx.settings.coop_name.clone(),
            recipient_name: name.clone(),
            draft: figures(draft),
            in_use: in_use.cloned(),
            link: link.clone(),
        };
        let rendered = mail.render().map_err(OperationError::internal)?;
        let event = Event { name: "draft_ready", subject: &draft.plan_code, version: 1 };
        post(tx, ctx, &event, (name, address), &rendered)?;
    }
    Ok(())
}

/// Tells finance from when on costs follow a plan.
pub(super) fn costs_from(
    tx: &mut WriteTx,
    ctx: &Context,
    plan: &Plan,
    term: &Term,
    replaced: Option<&Plan>,
) -> Result<Vec<EmailId>, OperationError> {
    let before = match replaced {
        Some(old) => db::cost_shares::latest(tx, old.id)?,
        None => None,
    };
    let before = match before {
        Some((head, json)) => {
            let statement: Statement = serde_json::from_str(&json).map_err(OperationError::internal)?;
            statement.total.map(|total| StatementBefore {
                code: head.code,
                counted_from: statement.counted_from,
                counted_until: statement.counted_until,
                charged_cents: total.staff_charge_cents + total.travel_charge_cents + total.administration_charge_cents,
            })
        }
        None => None,
    };
    let mut written = Vec::new();
    for account in accounts_with(tx, Role::Finance)? {
        let (name, address) = (&account.fields.name, &account.fields.email);
        let mail = CostsFrom {
            coop_name: ctx.settings.coop_name.clone(),
            recipient_name: name.clone(),
            schedule_name: format!("{} schedule", term.fields.name),
            plan_code: plan.code.clone(),
            starts_on: plan.effective_from.unwrap_or(term.fields.starts_on),
            before: before.clone(),
            link: format!("{}/costs", ctx.settings.public_url),
        };
        let rendered = mail.render().map_err(OperationError::internal)?;
        let event = Event { name: "costs_published", subject: &plan.code, version: plan.version };
        written.push(post(tx, ctx, &event, (name, address), &rendered)?);
    }
    Ok(written)
}

/// Reminds somebody of what is still to log of a week.
pub(in crate::operations) fn minutes_to_log(
    tx: &mut WriteTx,
    ctx: &Context,
    week: &str,
    to: (&str, &str),
    mail: &MinutesToLog,
) -> Result<(), OperationError> {
    let rendered = mail.render().map_err(OperationError::internal)?;
    let event = Event { name: "minutes_to_log", subject: week, version: 1 };
    post(tx, ctx, &event, to, &rendered).map(drop)
}
