//! What is done with a request as it stands: sent, taken back, ended by those who asked; accepted or declined by the office.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::form::shell;
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::service_request::{RequestVerb, ServiceRequest};
use crate::operations::{Context, OperationError, ReadTx, service_requests};
use crate::web::ui::fields::{Choice, ConfirmPage, Field, FieldsPage};
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::{lead_to, say};
use crate::web::ui::typed::{Posted, Typed, faults};
use crate::web::ui::wording;

/// A way on from where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub verb: RequestVerb,
    /// The last part of its address.
    pub path: &'static str,
    /// On the button.
    pub words: &'static str,
    /// Whether a page asks before it is done.
    pub asks: bool,
}

const WAYS: [Way; 5] = [
    Way { verb: RequestVerb::Submit, path: "send", words: "Send request", asks: false },
    Way { verb: RequestVerb::Accept, path: "accept", words: "Accept", asks: false },
    Way { verb: RequestVerb::Decline, path: "decline", words: "Decline", asks: true },
    Way { verb: RequestVerb::Withdraw, path: "withdraw", words: "Take it back", asks: true },
    Way { verb: RequestVerb::End, path: "end", words: "End it", asks: true },
];

/// Whether somebody may change the request's entries now.
pub(super) fn is_changeable(ctx: &Context, request: &ServiceRequest) -> bool {
    is_open(ctx, request, RequestVerb::Edit)
}

fn is_open(ctx: &Context, request: &ServiceRequest, verb: RequestVerb) -> bool {
    let action = match verb {
        RequestVerb::Accept | RequestVerb::Decline => Action::DecideRequest,
        _ => Action::Write(Resource::ServiceRequests),
    };
    request.state.after(verb).is_some() && may(&ctx.actor, action).covers(Owner::member(request.member_id))
}

/// The ways that are open to somebody.
pub(super) fn ways(ctx: &Context, request: &ServiceRequest) -> Vec<Way> {
    WAYS.into_iter().filter(|way| is_open(ctx, request, way.verb)).collect()
}

fn page_of(code: &str) -> String {
    format!("/requests/{}", wording::in_path(code))
}

/// A request with a way that is open.
async fn found(holder: &Holder, code: &str, path: &str) -> Result<(ServiceRequest, Way), HttpResponse> {
    holder.complete()?;
    let (code, path, back) = (code.to_owned(), path.to_owned(), page_of(code));
    let look = move |tx: &mut ReadTx, ctx: &Context| {
        let request = service_requests::get_by_code(tx, ctx, &code)?;
        let way = ways(ctx, &request).into_iter().find(|way| way.path == path).ok_or(OperationError::NotFound)?;
        Ok((request, way))
    };
    holder.look(look).await.map_err(|error| holder.refuse(&error, &back))
}

/// `GET /requests/{code}/{withdraw, end or decline}`
pub(super) async fn ask(holder: Holder, path: web::Path<(String, String)>) -> HttpResponse {
    let (request, way) = match found(&holder, &path.0, &path.1).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let code = &request.code;
    let (heading, words, button, keep) = match way.verb {
        RequestVerb::Decline => return decline_form(&holder, &request, &Typed::default(), (Vec::new(), false)),
        RequestVerb::Withdraw => (
            format!("Take {code} back?"),
            "No plan includes it then. This cannot be undone; you can copy it into a new request.",
            "Take it back",
            "Keep it",
        ),
        RequestVerb::End => (
            format!("End {code}?"),
            "The next plan leaves it out. Until then its visits go on. This cannot be undone; you can copy it into a new \
             request.",
            "End it",
            "Keep it",
        ),
        _ => return holder.refuse(&OperationError::NotFound, &page_of(code)),
    };
    let shell = shell(&holder);
    let back = page_of(code);
    let page = ConfirmPage {
        shell: &shell,
        back: (back.clone(), code.clone()),
        heading,
        sentences: vec![words.to_owned()],
        warnings: Vec::new(),
        facts: Vec::new(),
        rows_heading: String::new(),
        rows: Vec::new(),
        more: 0,
        chooser: None,
        action: format!("{back}/{}", way.path),
        hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone())],
        buttons: vec![("yes", button)],
        is_grave: true,
        cancel: (back, keep.to_owned()),
    };
    page.answer()
}

fn decline_form(
    holder: &Holder,
    request: &ServiceRequest,
    typed: &Typed,
    (faults, may_name): (Vec<(String, String)>, bool),
) -> HttpResponse {
    let shell = shell(holder);
    let back = page_of(&request.code);
    let reason = Field::text("reason", "Why", typed.one("reason"))
        .with_hint("The district reads this, in up to 120 letters. Name no student");
    let mut fields = vec![reason];
    if may_name {
        let words = "This names nobody who is taught";
        fields.push(Field::boxes("names_nobody", "If it is not a name", vec![Choice::new("yes", words, "")]));
    }
    let page = FieldsPage {
        shell: &shell,
        back: (back.clone(), request.code.clone()),
        heading: format!("Decline {}", request.code),
        lede: "No plan includes it then. This cannot be undone.".to_owned(),
        action: format!("{back}/decline"),
        sends_file: false,
        hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone())],
        fields,
        button: "Decline it",
        faults,
        after: Vec::new(),
    };
    page.answer()
}

/// `POST /requests/{code}/{way}`
pub(super) async fn act(posted: Posted, path: web::Path<(String, String)>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    let (request, way) = match found(&holder, &path.0, &path.1).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let (id, reason) = (request.id, typed.one("reason").to_owned());
    let done = holder.change(move |tx, ctx| match way.verb {
        RequestVerb::Submit => service_requests::submit(tx, ctx, id),
        RequestVerb::Accept => service_requests::accept(tx, ctx, id),
        RequestVerb::Decline => service_requests::decline(tx, ctx, id, &reason),
        RequestVerb::Withdraw => service_requests::withdraw(tx, ctx, id),
        RequestVerb::End => service_requests::end(tx, ctx, id),
        RequestVerb::Edit | RequestVerb::Plan => Err(OperationError::NotFound),
    });
    let may_name = |error: &OperationError| matches!(error, OperationError::MayNameChild(_));
    match done.await {
        Ok(_) => lead_to(&format!("{}?done={}", page_of(&request.code), way.path)),
        Err(OperationError::Conflict { detail, .. }) => {
            say(&shell(&holder), StatusCode::CONFLICT, "Not done", &format!("{detail}."))
        }
        Err(error) => match faults(&error).filter(|_| way.verb == RequestVerb::Decline) {
            Some(faults) => decline_form(&holder, &request, &typed, (faults, may_name(&error))),
            None => holder.refuse(&error, &page_of(&request.code)),
        },
    }
}

/// What was done just now.
pub(super) fn notice(done: &str, code: &str) -> Option<String> {
    let words = match done {
        "sent" | "send" => {
            "is sent to the co-op's office. The district's coordinators get an e-mail. It can be changed until the office decides."
        }
        "saved" => "is saved. The office sees it once you send it.",
        "changed" => "is changed.",
        "accept" => "is accepted: the next plan includes it.",
        "decline" => "is declined.",
        "withdraw" => "is taken back.",
        "end" => "is ended. The next plan leaves it out.",
        _ => return None,
    };
    Some(format!("{code} {words}"))
}
