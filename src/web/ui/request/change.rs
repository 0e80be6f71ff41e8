//! Entering and changing a request: the form, a page to check it, then it is kept or sent.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::form::{self, Of, Offered, address, answers, shell};
use super::read::{self, on_form, rearranged};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::service_request::{RequestState, RequestVerb, ServiceRequest};
use crate::operations::{Answer, Context, OperationError, ReadTx, Repeatable, WriteTx, service_requests};
use crate::web::ui::fields::ConfirmPage;
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::lead_to;
use crate::web::ui::typed::{Posted, Typed, faults};
use crate::web::ui::wording;

const HERE: &str = "/requests";

/// Who may ask for somebody.
///
/// # Errors
/// The answer for everybody else.
fn asker(holder: &Holder) -> Result<(), HttpResponse> {
    holder.complete()?;
    match may(&holder.signed_in.actor, Action::Write(Resource::ServiceRequests)).is_nothing() {
        true => Err(holder.refuse(&OperationError::NotFound, HERE)),
        false => Ok(()),
    }
}

/// What the page of a new request may begin with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Start {
    /// The number of a request to copy.
    #[serde(default)]
    copy: String,
}

/// `GET /requests/new?copy=`
pub(super) async fn new(holder: Holder, start: Option<web::Query<Start>>) -> HttpResponse {
    if let Err(answer) = asker(&holder) {
        return answer;
    }
    let copy = start.map(|start| start.into_inner().copy).unwrap_or_default();
    let found = holder.look(move |tx, ctx| {
        let offered = Offered::read(tx, ctx)?;
        let copied = match copy.as_str() {
            "" => None,
            code => Some(service_requests::get_by_code(tx, ctx, code)?),
        };
        Ok((offered, copied))
    });
    match found.await {
        Ok((offered, copied)) => {
            let mut typed = copied.map(|one| read::typed_of(&one.fields)).unwrap_or_default();
            // The day of a consent belongs to one evaluation.
            typed.set("consent_on", "");
            form::page(&holder, &offered, Of { present: None, typed: &typed, faults: Vec::new() })
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// A request that can still be changed, by somebody who may.
fn changeable(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<ServiceRequest, OperationError> {
    let request = service_requests::get_by_code(tx, ctx, code)?;
    let scope = may(&ctx.actor, Action::Write(Resource::ServiceRequests));
    let is_open = request.state.after(RequestVerb::Edit).is_some();
    Some(request).filter(|one| is_open && scope.covers(Owner::member(one.member_id))).ok_or(OperationError::NotFound)
}

/// What can be chosen, and the request that is changed, if one is.
async fn looked_up(holder: &Holder, code: Option<&str>) -> Result<(Offered, Option<ServiceRequest>), OperationError> {
    let code = code.map(str::to_owned);
    let look = move |tx: &mut ReadTx, ctx: &Context| {
        let present = code.map(|code| changeable(tx, ctx, &code)).transpose()?;
        Ok((Offered::read(tx, ctx)?, present))
    };
    holder.look(look).await
}

/// `GET /requests/{code}/edit`
pub(super) async fn edit(holder: Holder, code: web::Path<String>) -> HttpResponse {
    if let Err(answer) = asker(&holder) {
        return answer;
    }
    match looked_up(&holder, Some(&code)).await {
        Ok((offered, present)) => {
            let typed = present.as_ref().map(|one| read::typed_of(&one.fields)).unwrap_or_default();
            form::page(&holder, &offered, Of { present: present.as_ref(), typed: &typed, faults: Vec::new() })
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// `POST /requests/new/check`
pub(super) async fn check_new(posted: Posted) -> HttpResponse {
    check(posted, None).await
}

/// `POST /requests/{code}/edit/check`
pub(super) async fn check_edit(posted: Posted, code: web::Path<String>) -> HttpResponse {
    check(posted, Some(code.into_inner())).await
}

/// The form again, with a row more or less; or the page that asks.
async fn check(posted: Posted, code: Option<String>) -> HttpResponse {
    let Posted { holder, mut typed } = posted;
    if let Err(answer) = asker(&holder) {
        return answer;
    }
    let (offered, present) = match looked_up(&holder, code.as_deref()).await {
        Ok(found) => found,
        Err(error) => return holder.refuse(&error, HERE),
    };
    if rearranged(&mut typed) {
        return form::page(&holder, &offered, Of { present: present.as_ref(), typed: &typed, faults: Vec::new() });
    }
    let current = present.as_ref().and_then(|one| one.fields.current_specialist_id);
    let fields = match read::read(&typed, &offered, current) {
        Ok(fields) => fields,
        Err(error) => return refused(&holder, &offered, (present.as_ref(), &typed), &error),
    };
    let more: Vec<_> = faults(&OperationError::Invalid(fields.check())).unwrap_or_default();
    if !more.is_empty() {
        return refused(&holder, &offered, (present.as_ref(), &typed), &OperationError::Invalid(fields.check()));
    }
    let before = present.as_ref().map(|one| answers(&one.fields, &offered)).unwrap_or_default();
    let facts = answers(&fields, &offered).into_iter().map(|(label, value)| {
        let old = before.iter().find(|(known, _)| *known == label).map(|(_, value)| value.clone());
        let is_new = present.is_some() && old.as_ref() != Some(&value);
        (label, value, is_new.then(|| old.unwrap_or_else(|| "nothing".to_owned())))
    });
    let is_sent = present.as_ref().is_some_and(|one| one.state == RequestState::Submitted);
    let mut hidden = vec![("form".to_owned(), holder.signed_in.form_token.clone())];
    hidden.extend(typed.kept());
    if present.is_none() {
        hidden.push(("once".to_owned(), Uuid::now_v7().to_string()));
    }
    let shell = shell(&holder);
    let back = match &code {
        Some(code) => (format!("{HERE}/{}", wording::in_path(code)), code.clone()),
        None => (HERE.to_owned(), "Requests".to_owned()),
    };
    let page = ConfirmPage {
        shell: &shell,
        back: back.clone(),
        heading: match &code {
            Some(code) => format!("Check the changes of {code}"),
            None => "Check your request".to_owned(),
        },
        sentences: Vec::new(),
        warnings: Vec::new(),
        facts: facts.collect(),
        rows_heading: String::new(),
        rows: Vec::new(),
        more: 0,
        chooser: None,
        action: address(code.as_deref(), false),
        hidden,
        buttons: match is_sent {
            true => vec![("save", "Save changes"), ("change", "Back to the form")],
            false => vec![("send", "Send request"), ("save", "Save for later"), ("change", "Back to the form")],
        },
        is_grave: false,
        cancel: (back.0, "Cancel".to_owned()),
    };
    page.answer()
}

/// The form with what is wrong, or the page of the error.
fn refused(
    holder: &Holder,
    offered: &Offered,
    (present, typed): (Option<&ServiceRequest>, &Typed),
    error: &OperationError,
) -> HttpResponse {
    match faults(error) {
        Some(faults) => {
            let faults = faults.into_iter().map(on_form).collect();
            form::page(holder, offered, Of { present, typed, faults })
        }
        None => holder.refuse(error, HERE),
    }
}

/// `POST /requests/new`
pub(super) async fn enter(posted: Posted) -> HttpResponse {
    keep(posted, None).await
}

/// `POST /requests/{code}/edit`
pub(super) async fn save(posted: Posted, code: web::Path<String>) -> HttpResponse {
    keep(posted, Some(code.into_inner())).await
}

/// Keeps what was checked, and sends it where that was the button.
async fn keep(posted: Posted, code: Option<String>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = asker(&holder) {
        return answer;
    }
    let (offered, present) = match looked_up(&holder, code.as_deref()).await {
        Ok(found) => found,
        Err(error) => return holder.refuse(&error, HERE),
    };
    let wanted = typed.one("do").to_owned();
    if !["send", "save"].contains(&wanted.as_str()) {
        return form::page(&holder, &offered, Of { present: present.as_ref(), typed: &typed, faults: Vec::new() });
    }
    let asked = typed.clone();
    let done = match &code {
        None => enter_once(&holder, asked).await,
        Some(code) => {
            let code = code.clone();
            let done = holder.change(move |tx, ctx| {
                let present = changeable(tx, ctx, &code)?;
                let fields = read::read(&asked, &Offered::read(tx, ctx)?, present.fields.current_specialist_id)?;
                let changed = service_requests::change(tx, ctx, present.id, asked.version(), &fields)?;
                sent(tx, ctx, changed, asked.one("do"))
            });
            done.await.map(|request| request.code)
        }
    };
    match done {
        Ok(code) => {
            let word = match (wanted.as_str(), &present) {
                ("send", _) => "sent",
                (_, Some(_)) => "changed",
                (_, None) => "saved",
            };
            lead_to(&format!("{HERE}/{}?done={word}", wording::in_path(&code)))
        }
        Err(error) => refused(&holder, &offered, (present.as_ref(), &typed), &error),
    }
}

/// Enters a request, however often the same page is sent; gives its number.
async fn enter_once(holder: &Holder, typed: Typed) -> Result<String, OperationError> {
    let key = format!("page-{}", typed.one("once"));
    // What is sent again under the key of a page must be the same.
    let text: String = typed.kept().iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let hash = Sha256::digest(format!("{text}{}", typed.one("do")).as_bytes());
    let fingerprint = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let repeatable = Uuid::parse_str(typed.one("once")).ok().map(|_| Repeatable { key, fingerprint });
    let actor = holder.signed_in.actor.clone();
    let enter = move |tx: &mut WriteTx, ctx: &Context| {
        let fields = read::read(&typed, &Offered::read(tx, ctx)?, None)?;
        let request = service_requests::create(tx, ctx, &fields)?;
        let request = sent(tx, ctx, request, typed.one("do"))?;
        Answer::new(201, &json!({"code": request.code}))
    };
    let done = holder.run(move |operations, _, _| operations.change_once(actor, repeatable.as_ref(), enter)).await?;
    Ok(done.body["code"].as_str().unwrap_or_default().to_owned())
}

/// Sends a draft where that is wanted.
fn sent(
    tx: &mut WriteTx,
    ctx: &Context,
    request: ServiceRequest,
    wanted: &str,
) -> Result<ServiceRequest, OperationError> {
    match wanted == "send" && request.state == RequestState::Draft {
        true => service_requests::submit(tx, ctx, request.id),
        false => Ok(request),
    }
}
