//! Locking a month by its page, after a proof of the last ten minutes, as for publishing.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::form::{Entry, FormPage};
use super::holder::Holder;
use super::shell::{Place, Shell, lead_to};
use super::sign_in::first_fault;
use super::wording;
use crate::domain::actor::{Action, Resource, may};
use crate::domain::month::Month;
use crate::domain::service_log::{LockedMonth, MonthToLock};
use crate::operations::{OperationError, locked_months};

const HERE: &str = "/months";

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    month: String,
    #[serde(default)]
    form: String,
}

/// `GET /months`: what is locked, and the form that locks one more.
pub(super) async fn get(holder: Holder) -> HttpResponse {
    match allowed(&holder) {
        Ok(()) => page(&holder, "", None).await,
        Err(answer) => answer,
    }
}

/// `POST /months/lock`
pub(super) async fn post(request: HttpRequest, holder: Holder, form: Option<web::Form<Sent>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = allowed(&holder).and_then(|()| holder.check_form(&request, &form.form)) {
        return answer;
    }
    let month: Month = match form.month.trim().parse() {
        Ok(month) => month,
        Err(words) => return page(&holder, &form.month, Some(words)).await,
    };
    let locked = holder.change(move |tx, ctx| locked_months::lock(tx, ctx, &MonthToLock { month }));
    match locked.await {
        Ok(_) => lead_to(HERE),
        Err(OperationError::Conflict { detail, .. }) => page(&holder, &form.month, Some(detail)).await,
        Err(error) => match first_fault(&error) {
            Some(words) => page(&holder, &form.month, Some(words)).await,
            None => holder.refuse(&error, HERE),
        },
    }
}

/// Who may lock months and has just proven who it is.
fn allowed(holder: &Holder) -> Result<(), HttpResponse> {
    holder.complete()?;
    if may(&holder.signed_in.actor, Action::Write(Resource::LockedMonths)).is_nothing() {
        return Err(holder.refuse(&OperationError::NotFound, HERE));
    }
    match holder.signed_in.session.is_proven(holder.signed_in.now) {
        true => Ok(()),
        false => Err(holder.refuse(&OperationError::ProofRequired, HERE)),
    }
}

async fn page(holder: &Holder, typed: &str, wrong: Option<String>) -> HttpResponse {
    let locked = match holder.look(locked_months::list).await {
        Ok(locked) => locked,
        Err(error) => return holder.refuse(&error, HERE),
    };
    let shell = Shell { place: Place::Months, ..holder.shell() };
    let words = match locked.last() {
        None => "No month is locked.".to_owned(),
        Some(LockedMonth { month, .. }) => {
            format!(
                "{} locked, the last one is {}.",
                wording::count(locked.len() as i64, "month is", "months are"),
                month.spoken()
            )
        }
    };
    let entry = Entry {
        name: "month",
        label: "Month",
        hint: "Like 2027-01. It must be over.".to_owned(),
        kind: "text",
        autocomplete: "off",
        value: typed.chars().take(20).collect(),
    };
    let page = FormPage {
        shell: &shell,
        heading: "Lock a month",
        lede: format!("{words} In a locked month nothing more is logged or changed. This cannot be taken back."),
        action: "/months/lock".to_owned(),
        hidden: vec![("form", holder.signed_in.form_token.clone())],
        entries: vec![entry],
        button: "Lock this month",
        wrong: wrong.map(|words| ("month", words)),
        notes: Vec::new(),
        doors: Vec::new(),
        after: vec![(Some("/costs".to_owned()), "Back to cost shares".to_owned())],
    };
    page.answer()
}
