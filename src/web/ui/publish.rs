//! Publishing a plan by its page, and taking it back while its e-mails wait: each asked for on a page of its own, after a
//! proof of the last ten minutes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::form::FormPage;
use super::holder::Holder;
use super::shell::{lead_to, say};
use super::sign_in::CodeForm;
use super::{plan, wording};
use crate::domain::actor::{Action, may};
use crate::domain::plan::{Plan, PlanState};
use crate::operations::plans::{self, Publication};
use crate::operations::{OperationError, PageRequest};

/// `GET /plans/{code}/publish`
pub(super) async fn get(holder: Holder, code: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    match draft(&holder, &code).await {
        Ok(plan) => {
            let shell = holder.shell();
            let (actor, code) = (holder.signed_in.actor.clone(), plan.code.clone());
            let look =
                holder.run(move |operations, _, _| operations.look(actor, |tx, ctx| plan::checks(tx, ctx, &plan)));
            let checks = match look.await {
                Ok(checks) => checks,
                Err(error) => return holder.refuse(&error, &path(&code)),
            };
            let words = wait_words(holder.operations.settings.publish_wait_minutes);
            let page = FormPage {
                shell: &shell,
                heading: &format!("Publish {code}"),
                lede: format!(
                    "It becomes the plan that people follow, from tomorrow or the first day of its term. Coordinators, \
                     specialists and finance get an e-mail. {words}"
                ),
                // What to look at stands between the words and the button.
                notes: checks.into_iter().map(|words| format!("{words}.")).collect(),
                action: path(&code),
                hidden: vec![("form", holder.signed_in.form_token.clone())],
                entries: Vec::new(),
                button: "Publish and send e-mails",
                wrong: None,
                doors: Vec::new(),
                after: vec![(Some(plan_path(&code)), "Back to the plan".to_owned())],
            };
            page.answer()
        }
        Err(error) => holder.refuse(&error, &path(&code)),
    }
}

/// Until when it can be taken back.
fn wait_words(minutes: i64) -> String {
    match minutes {
        0 => "This cannot be taken back; a newer plan can replace it.".to_owned(),
        minutes => format!(
            "The e-mails wait {}: until then you can take the plan back.",
            wording::count(minutes, "minute", "minutes")
        ),
    }
}

/// `POST /plans/{code}/publish`
pub(super) async fn post(
    request: HttpRequest,
    holder: Holder,
    code: web::Path<String>,
    form: Option<web::Form<CodeForm>>,
) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.check_form(&request, &form.form) {
        return answer;
    }
    let plan = match draft(&holder, &code).await {
        Ok(plan) => plan,
        Err(error) => return holder.refuse(&error, &path(&code)),
    };
    let actor = holder.signed_in.actor.clone();
    let published = holder.run(move |operations, _, _| {
        operations.change(actor, |tx, ctx| plans::publish(tx, ctx, plan.id, None, &Publication::default()))
    });
    match published.await {
        Ok(plan) => lead_to(&plan_path(&plan.code)),
        Err(OperationError::Conflict { detail, changes }) => {
            let words = [vec![detail], changes].concat().join(". ");
            say(&holder.shell(), StatusCode::CONFLICT, "Not published", &words)
        }
        Err(error) => holder.refuse(&error, &path(&code)),
    }
}

/// The draft, for those who may publish and have just proven who they are.
async fn draft(holder: &Holder, code: &str) -> Result<Plan, OperationError> {
    let (actor, code) = (holder.signed_in.actor.clone(), code.to_owned());
    if may(&actor, Action::Publish).is_nothing() {
        return Err(OperationError::NotFound);
    }
    let look = move |operations: &crate::operations::Operations, _: &str, _: &crate::operations::sign_in::Caller| {
        operations.look(actor, |tx, ctx| plans::list(tx, ctx, PageRequest::ALL))
    };
    let all = holder.run(look).await?.items;
    let found = all.into_iter().find(|plan| plan.code == code && plan.state == PlanState::Draft);
    let plan = found.ok_or(OperationError::NotFound)?;
    if holder.signed_in.session.is_proven(holder.signed_in.now) { Ok(plan) } else { Err(OperationError::ProofRequired) }
}

fn plan_path(code: &str) -> String {
    format!("/plans/{}", wording::in_path(code))
}

fn path(code: &str) -> String {
    format!("{}/publish", plan_path(code))
}

/// `GET /plans/{code}/take-back`
pub(super) async fn get_take_back(holder: Holder, code: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    match waiting(&holder, &code).await {
        Ok(plan) => {
            let shell = holder.shell();
            let page = FormPage {
                shell: &shell,
                heading: &format!("Take {} back", plan.code),
                lede: "It is a draft again, and the plan before is in use again, with its visits, cover and make-ups. \
                       Nobody gets an e-mail."
                    .to_owned(),
                notes: Vec::new(),
                action: take_back_path(&plan.code),
                hidden: vec![("form", holder.signed_in.form_token.clone())],
                entries: Vec::new(),
                button: "Take the plan back",
                wrong: None,
                doors: Vec::new(),
                after: vec![(Some(plan_path(&plan.code)), "Back to the plan".to_owned())],
            };
            page.answer()
        }
        Err(error) => holder.refuse(&error, &take_back_path(&code)),
    }
}

/// `POST /plans/{code}/take-back`
pub(super) async fn post_take_back(
    request: HttpRequest,
    holder: Holder,
    code: web::Path<String>,
    form: Option<web::Form<CodeForm>>,
) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.complete().and_then(|()| holder.check_form(&request, &form.form)) {
        return answer;
    }
    let plan = match waiting(&holder, &code).await {
        Ok(plan) => plan,
        Err(error) => return holder.refuse(&error, &take_back_path(&code)),
    };
    match holder.change(move |tx, ctx| plans::take_back(tx, ctx, plan.id)).await {
        Ok(plan) => lead_to(&plan_path(&plan.code)),
        Err(OperationError::Conflict { detail, .. }) => {
            say(&holder.shell(), StatusCode::CONFLICT, "Not taken back", &format!("{detail}."))
        }
        Err(error) => holder.refuse(&error, &take_back_path(&code)),
    }
}

/// The published plan, for those who may take it back and have just proven who they are. Whether its e-mails still wait is
/// said when it is taken back.
async fn waiting(holder: &Holder, code: &str) -> Result<Plan, OperationError> {
    let code = code.to_owned();
    if may(&holder.signed_in.actor, Action::Publish).is_nothing() {
        return Err(OperationError::NotFound);
    }
    let plan = holder.look(move |tx, ctx| plans::get_by_code(tx, ctx, &code)).await?;
    if plan.state != PlanState::Published {
        return Err(OperationError::NotFound);
    }
    if holder.signed_in.session.is_proven(holder.signed_in.now) { Ok(plan) } else { Err(OperationError::ProofRequired) }
}

fn take_back_path(code: &str) -> String {
    format!("{}/take-back", plan_path(code))
}
