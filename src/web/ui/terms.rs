//! Terms: all of them with what they are, and for the office entering and changing one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::fields::{Choice, Field, FieldsPage};
use super::holder::Holder;
use super::shell::{Place, Shell, answer, lead_to};
use super::typed::{Posted, Typed, faults};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::fault::Faults;
use crate::domain::ids::TermId;
use crate::domain::term::{Term, TermFields, TermKind};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, terms};

const HERE: &str = "/terms";

#[derive(Template)]
#[template(path = "terms.html")]
struct Html<'a> {
    shell: &'a Shell,
    rows: Vec<Row>,
    /// Whether there are forms: not in a demonstration without a session.
    changes: bool,
    notice: Option<&'static str>,
}

struct Row {
    code: String,
    name: String,
    kind: &'static str,
    first: String,
    last: String,
    when: &'static str,
    href: String,
    calendar: String,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route("/terms/new", web::get().to(new))
        .route("/terms/new", web::post().to(enter))
        .route("/terms/{id}", web::get().to(edit))
        .route("/terms/{id}", web::post().to(save));
}

fn kind_words(kind: TermKind) -> &'static str {
    match kind {
        TermKind::Regular => "Regular",
        TermKind::Esy => "Extended school year (ESY)",
    }
}

#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    done: String,
}

/// `GET /terms`, for the office: others meet terms where they choose one.
async fn list(visitor: Visitor, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let shell = visitor.shell(Place::Terms);
    let read = |tx: &mut ReadTx, ctx: &Context| {
        if !may(&ctx.actor, Action::Write(Resource::Terms)).covers(Owner::COOP) {
            return Err(OperationError::NotFound);
        }
        let mut found = terms::list(tx, ctx, PageRequest::ALL)?.items;
        found.sort_by_key(|term| term.fields.starts_on);
        let today = ctx.today();
        Ok(found.iter().map(|term| row(term, today)).collect::<Vec<_>>())
    };
    let notice = match chosen.map(|chosen| chosen.into_inner().done).unwrap_or_default().as_str() {
        "entered" => Some("The term is entered. Requests can be made for it."),
        "changed" => Some("The term is changed. Visits from today on follow."),
        _ => None,
    };
    match visitor.look(read).await {
        Ok(rows) => {
            let changes = shell.person.is_some();
            answer(&shell, StatusCode::OK, Html { shell: &shell, rows, changes, notice }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn row(term: &Term, today: NaiveDate) -> Row {
    let fields = &term.fields;
    Row {
        code: fields.code.clone(),
        name: fields.name.clone(),
        kind: kind_words(fields.kind),
        first: wording::date(fields.starts_on),
        last: wording::date(fields.ends_on),
        when: match (today < fields.starts_on, today > fields.ends_on) {
            (true, _) => "To come",
            (_, true) => "Over",
            _ => "Now",
        },
        href: format!("{HERE}/{}", term.id),
        calendar: format!("/calendar?term={}", wording::in_path(&fields.code)),
    }
}

/// `GET /terms/new`
async fn new(holder: Holder) -> HttpResponse {
    match holder.changes_all(Resource::Terms, HERE) {
        Ok(()) => form(&holder, None, &Typed::default(), (Vec::new(), false)),
        Err(answer) => answer,
    }
}

/// The form, with what is wrong and whether that may be the name of somebody.
fn form(
    holder: &Holder,
    present: Option<&Term>,
    typed: &Typed,
    (faults, may_name): (Vec<(String, String)>, bool),
) -> HttpResponse {
    let shell = Shell { place: Place::Terms, ..holder.shell() };
    let chosen = if typed.one("kind").is_empty() { TermKind::Regular.code() } else { typed.one("kind") };
    let hint = |kind| match kind {
        TermKind::Regular => "A term of the school year",
        TermKind::Esy => "Beyond the regular year, for those whose IEP asks for it. Planned apart",
    };
    let kinds = TermKind::ALL.map(|kind| Choice::new(kind.code(), kind_words(kind), chosen).with_hint(hint(kind)));
    let mut fields = vec![
        Field::text("code", "Short code", typed.one("code")).with_hint("Like SPRING-2027"),
        Field::text("name", "Name", typed.one("name")).with_hint("Like Spring 2027"),
        Field::radios("kind", "What is it?", kinds.into()),
        Field::date("starts_on", "First day", typed.one("starts_on")),
        Field::date("ends_on", "Last day", typed.one("ends_on")),
    ];
    if may_name {
        let choice = vec![Choice::new("yes", "This names nobody who is taught", "")];
        fields.push(Field::boxes("names_nobody", "If it is not a name", choice));
    }
    let mut hidden = vec![("form".to_owned(), holder.signed_in.form_token.clone())];
    hidden.extend(present.map(|one| ("version".to_owned(), one.version.to_string())));
    let page = FieldsPage {
        shell: &shell,
        back: (HERE.to_owned(), "Terms".to_owned()),
        heading: present.map_or_else(|| "Enter a term".to_owned(), |one| one.fields.name.clone()),
        lede: "A plan is made for one term, from the requests for it.".to_owned(),
        action: present.map_or_else(|| "/terms/new".to_owned(), |one| format!("{HERE}/{}", one.id)),
        sends_file: false,
        hidden,
        fields,
        button: if present.is_some() { "Save" } else { "Enter this term" },
        faults,
        after: Vec::new(),
    };
    page.answer()
}

/// What was typed.
///
/// # Errors
/// Every entry that cannot be read.
fn read(typed: &Typed) -> Result<TermFields, OperationError> {
    let mut faults = Faults::default();
    let kind = TermKind::ALL.into_iter().find(|kind| kind.code() == typed.one("kind"));
    faults.require(kind.is_some(), "/kind", || "Choose what it is".to_owned());
    let starts_on = typed.date(&mut faults, "starts_on", "first day");
    let ends_on = typed.date(&mut faults, "ends_on", "last day");
    match (kind, starts_on, ends_on) {
        (Some(kind), Some(starts_on), Some(ends_on)) => {
            let (code, name) = (typed.one("code").to_uppercase(), typed.one("name").to_owned());
            Ok(TermFields { code, name, kind, starts_on, ends_on })
        }
        _ => Err(OperationError::Invalid(faults.into_vec())),
    }
}

/// The form with what is wrong, or the page of the error.
fn refused(holder: &Holder, present: Option<&Term>, typed: &Typed, error: &OperationError) -> HttpResponse {
    let may_name = matches!(error, OperationError::MayNameChild(_));
    match faults(error) {
        Some(faults) => form(holder, present, typed, (faults, may_name)),
        None => holder.refuse(error, HERE),
    }
}

/// `POST /terms/new`
async fn enter(posted: Posted) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = holder.changes_all(Resource::Terms, HERE) {
        return answer;
    }
    let asked = typed.clone();
    match holder.change(move |tx, ctx| terms::create(tx, ctx, &read(&asked)?)).await {
        Ok(_) => lead_to("/terms?done=entered"),
        Err(error) => refused(&holder, None, &typed, &error),
    }
}

async fn found(holder: &Holder, id: &str) -> Result<Term, HttpResponse> {
    let Ok(id) = id.parse::<TermId>() else { return Err(holder.refuse(&OperationError::NotFound, HERE)) };
    holder.look(move |tx, ctx| terms::get(tx, ctx, id)).await.map_err(|error| holder.refuse(&error, HERE))
}

/// `GET /terms/{id}`
async fn edit(holder: Holder, id: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.changes_all(Resource::Terms, HERE) {
        return answer;
    }
    match found(&holder, &id).await {
        Ok(term) => {
            let fields = &term.fields;
            let pairs = [
                ("code", fields.code.clone()),
                ("name", fields.name.clone()),
                ("kind", fields.kind.code().to_owned()),
                ("starts_on", fields.starts_on.to_string()),
                ("ends_on", fields.ends_on.to_string()),
            ];
            let typed = Typed(pairs.map(|(name, value)| (name.to_owned(), value)).to_vec());
            form(&holder, Some(&term), &typed, (Vec::new(), false))
        }
        Err(answer) => answer,
    }
}

/// `POST /terms/{id}`
async fn save(posted: Posted, path: web::Path<String>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = holder.changes_all(Resource::Terms, HERE) {
        return answer;
    }
    let term = match found(&holder, &path).await {
        Ok(term) => term,
        Err(answer) => return answer,
    };
    let (asked, id) = (typed.clone(), term.id);
    match holder.change(move |tx, ctx| terms::change(tx, ctx, id, asked.version(), &read(&asked)?)).await {
        Ok(_) => lead_to("/terms?done=changed"),
        Err(error) => refused(&holder, Some(&term), &typed, &error),
    }
}
