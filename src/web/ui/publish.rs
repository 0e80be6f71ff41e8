//! Publishing a plan by its page: asked for on a page of its own, after a proof of the last ten minutes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::form::FormPage;
use super::holder::{Holder, SentForm};
use super::shell::{lead_to, say};
use super::{plan, wording};
use crate::domain::actor::{Action, may};
use crate::domain::ids::DatedVisitId;
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
            let code = plan.code.clone();
            let checks = match holder.look(move |tx, ctx| plan::checks(tx, ctx, &plan)).await {
                Ok(checks) => checks,
                Err(error) => return holder.refuse(&error, &path(&code)),
            };
            let words = "It becomes the plan that people follow, from tomorrow or the first day of its term. Coordinators \
                         and specialists get an e-mail. This cannot be taken back; a newer plan can replace it.";
            let page = FormPage {
                shell: &shell,
                heading: &format!("Publish {code}"),
                lede: words.to_owned(),
                // What to look at stands between the words and the button.
                notes: checks.warnings.into_iter().map(|words| format!("{words}.")).collect(),
                action: path(&code),
                hidden: vec![("form", holder.signed_in.form_token.clone()), ("fall_out", written(&checks.fall_out))],
                entries: Vec::new(),
                button: match checks.fall_out.len() {
                    0 => "Publish and send e-mails",
                    1 => "Publish, let the make-up fall out and send e-mails",
                    _ => "Publish, let these make-ups fall out and send e-mails",
                },
                wrong: None,
                doors: Vec::new(),
                after: vec![(Some(plan_path(&code)), "Back to the plan".to_owned())],
            };
            page.answer()
        }
        Err(error) => holder.refuse(&error, &path(&code)),
    }
}

/// `POST /plans/{code}/publish`
pub(super) async fn post(
    request: HttpRequest,
    holder: Holder,
    code: web::Path<String>,
    form: Option<web::Form<Sent>>,
) -> HttpResponse {
    let form = match holder.sent(&request, form) {
        Ok(form) => form,
        Err(answer) => return answer,
    };
    // Those that the page named; another one that clashes by now is named on the next page.
    let named: Vec<DatedVisitId> = form.fall_out.split(',').filter_map(|id| id.parse().ok()).collect();
    let publication = Publication { make_ups_that_fall_out: named.clone(), ..Publication::default() };
    let plan = match draft(&holder, &code).await {
        Ok(plan) => plan,
        Err(error) => return holder.refuse(&error, &path(&code)),
    };
    let draft = plan.clone();
    match holder.change(move |tx, ctx| plans::publish(tx, ctx, plan.id, None, &publication)).await {
        Ok(plan) => lead_to(&plan_path(&plan.code)),
        Err(OperationError::Conflict { detail, changes }) => {
            let checks = holder.look(move |tx, ctx| plan::checks(tx, ctx, &draft)).await.unwrap_or_default();
            if !checks.fall_out.iter().all(|id| named.contains(id)) {
                let words = "Meanwhile a make-up was added at the time of a visit of this plan. Open the page again: it \
                             names every make-up that would fall out.";
                return say(&holder.shell(), StatusCode::CONFLICT, "Not published", words);
            }
            let words = [vec![detail], changes].concat().join(". ");
            say(&holder.shell(), StatusCode::CONFLICT, "Not published", &words)
        }
        Err(error) => holder.refuse(&error, &path(&code)),
    }
}

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    form: String,
    /// The make-ups that fall out, as the page named them: identities with commas between.
    #[serde(default)]
    fall_out: String,
}

impl SentForm for Sent {
    fn token(&self) -> &str {
        &self.form
    }
}

fn written(ids: &[DatedVisitId]) -> String {
    ids.iter().map(DatedVisitId::to_string).collect::<Vec<_>>().join(",")
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
