//! A credential is entered, corrected or taken off the file, by the office.

use actix_web::{HttpResponse, web};
use chrono::TimeDelta;

use super::{HERE, last_day, path_of, person, what};
use crate::domain::actor::Resource;
use crate::domain::credential::{Credential, CredentialFields, CredentialKind};
use crate::domain::discipline::service_word;
use crate::domain::fault::Faults;
use crate::domain::ids::CredentialId;
use crate::domain::specialist::Specialist;
use crate::operations::{Context, OperationError, ReadTx, credentials, specialists};
use crate::web::ui::fields::{Choice, ConfirmPage, Field, FieldsPage};
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::{Place, Shell, lead_to};
use crate::web::ui::typed::{Posted, Typed, faults};
use crate::web::ui::wording;

const KINDS: [CredentialKind; 3] = [CredentialKind::License, CredentialKind::Certificate, CredentialKind::Registration];

fn shell(holder: &Holder) -> Shell {
    Shell { place: Place::Credentials, ..holder.shell() }
}

/// `GET /credentials/of/{specialist code}/new`
pub(super) async fn new(holder: Holder, code: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.changes_all(Resource::Credentials, HERE) {
        return answer;
    }
    new_form(&holder, &code, &Typed::default(), Vec::new()).await
}

async fn new_form(holder: &Holder, code: &str, typed: &Typed, faults: Vec<(String, String)>) -> HttpResponse {
    let wanted = code.to_owned();
    match holder.look(move |tx, ctx| person(tx, ctx, &wanted)).await {
        Ok(person) => form(holder, &person, (None, typed), faults),
        Err(error) => holder.refuse(&error, HERE),
    }
}

fn form(
    holder: &Holder,
    person: &Specialist,
    (present, typed): (Option<&Credential>, &Typed),
    faults: Vec<(String, String)>,
) -> HttpResponse {
    let mut held: Vec<&str> = person.fields.disciplines.iter().map(|held| held.code.as_str()).collect();
    held.sort_unstable();
    held.dedup();
    let chosen = if typed.one("discipline").is_empty() && held.len() == 1 { held[0] } else { typed.one("discipline") };
    let services = held.iter().map(|code| Choice::new(*code, format!("{} ({code})", service_word(code)), chosen));
    let services = std::iter::once(Choice::new("", "Choose a service", chosen)).chain(services).collect();
    let kinds = KINDS.map(|kind| Choice::new(kind.word(), wording::capital(kind.word()), typed.one("kind")));
    let shell = shell(holder);
    let back = path_of(&person.fields.code);
    let mut hidden = vec![("form".to_owned(), holder.signed_in.form_token.clone())];
    hidden.extend(present.map(|one| ("version".to_owned(), one.version.to_string())));
    let page = FieldsPage {
        shell: &shell,
        heading: match present {
            Some(one) => format!("{} of {}", what(&one.fields), person.fields.name),
            None => format!("Add a credential of {}", person.fields.name),
        },
        lede: "Only what it is for and its days are kept, never its number.".to_owned(),
        action: match present {
            Some(one) => format!("{HERE}/{}", one.id),
            None => format!("{back}/new"),
        },
        sends_file: false,
        hidden,
        fields: vec![
            Field::list("discipline", "Service", services),
            Field::radios("kind", "What is it?", kinds.into()),
            Field::text("issuer", "Who issued it", typed.one("issuer"))
                .with_hint("A short code, like MO-BHA. A renewal has the same"),
            Field::text("us_state", "State (optional)", typed.one("us_state")).with_hint("Its two letters, like MO"),
            Field::date("valid_from", "First day it is valid", typed.one("valid_from")),
            Field::date("last_day", "Last day it is valid (optional)", typed.one("last_day"))
                .with_hint("Leave empty where it has no end"),
        ],
        button: if present.is_some() { "Save" } else { "Add it" },
        faults: faults.into_iter().map(on_form).collect(),
        after: present
            .map(|one| (format!("{HERE}/{}/remove", one.id), "Take it off the file".to_owned()))
            .into_iter()
            .collect(),
        back: (back, person.fields.name.clone()),
    };
    page.answer()
}

/// A fault at the field of the form: people enter the last day, programs the first day outside.
fn on_form((name, words): (String, String)) -> (String, String) {
    match name.as_str() {
        "valid_until" => ("last_day".to_owned(), "The last day must be on or after the first day".to_owned()),
        "issuer" => (name, "Enter a code of up to 32 letters, digits and hyphens, like MO-BHA".to_owned()),
        _ => (name, words),
    }
}

/// What was typed.
///
/// # Errors
/// Every entry that cannot be read.
fn read(typed: &Typed) -> Result<CredentialFields, OperationError> {
    let mut faults = Faults::default();
    let discipline = typed.one("discipline").to_owned();
    faults.require(!discipline.is_empty(), "/discipline", || "Choose a service".to_owned());
    let kind = KINDS.into_iter().find(|kind| kind.word() == typed.one("kind"));
    faults.require(kind.is_some(), "/kind", || "Choose what it is".to_owned());
    let valid_from = typed.date(&mut faults, "valid_from", "first day");
    let last = typed.date_or_none(&mut faults, "last_day", "last day");
    let us_state = Some(typed.one("us_state").to_uppercase()).filter(|state| !state.is_empty());
    let issuer = typed.one("issuer").to_owned();
    match (kind, valid_from) {
        (Some(kind), Some(valid_from)) => {
            let valid_until = last.and_then(|day| day.checked_add_signed(TimeDelta::days(1)));
            let fields = CredentialFields { discipline, kind, issuer, us_state, valid_from, valid_until };
            let known = faults.into_vec();
            let more = fields.check().into_iter().filter(|new| known.iter().all(|old| old.pointer != new.pointer));
            let all: Vec<_> = known.iter().cloned().chain(more).collect();
            if all.is_empty() { Ok(fields) } else { Err(OperationError::Invalid(all)) }
        }
        _ => Err(OperationError::Invalid(faults.into_vec())),
    }
}

/// `POST /credentials/of/{specialist code}/new`
pub(super) async fn add(posted: Posted, code: web::Path<String>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = holder.changes_all(Resource::Credentials, HERE) {
        return answer;
    }
    let (asked, wanted) = (typed.clone(), code.clone());
    let done = holder.change(move |tx, ctx| {
        let person = person(tx, ctx, &wanted)?;
        credentials::create(tx, ctx, person.id, &read(&asked)?)
    });
    match done.await {
        Ok(_) => lead_to(&format!("{}?done=added", path_of(&code))),
        Err(error) => match faults(&error) {
            Some(faults) => new_form(&holder, &code, &typed, faults).await,
            None => holder.refuse(&error, HERE),
        },
    }
}

/// A credential and whose it is.
fn with_person(tx: &mut ReadTx, ctx: &Context, id: CredentialId) -> Result<(Credential, Specialist), OperationError> {
    let credential = credentials::get(tx, ctx, id)?;
    let person = specialists::get(tx, ctx, credential.specialist_id)?;
    Ok((credential, person))
}

async fn found(holder: &Holder, id: &str) -> Result<(Credential, Specialist), HttpResponse> {
    let Ok(id) = id.parse::<CredentialId>() else { return Err(holder.refuse(&OperationError::NotFound, HERE)) };
    let look = holder.look(move |tx, ctx| with_person(tx, ctx, id)).await;
    look.map_err(|error| holder.refuse(&error, HERE))
}

/// `GET /credentials/{id}`
pub(super) async fn edit(holder: Holder, id: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.changes_all(Resource::Credentials, HERE) {
        return answer;
    }
    match found(&holder, &id).await {
        Ok((one, person)) => form(&holder, &person, (Some(&one), &typed_of(&one.fields)), Vec::new()),
        Err(answer) => answer,
    }
}

fn typed_of(fields: &CredentialFields) -> Typed {
    let pairs = [
        ("discipline", fields.discipline.clone()),
        ("kind", fields.kind.word().to_owned()),
        ("issuer", fields.issuer.clone()),
        ("us_state", fields.us_state.clone().unwrap_or_default()),
        ("valid_from", fields.valid_from.to_string()),
        ("last_day", fields.valid_until.map(|until| last_day(until).to_string()).unwrap_or_default()),
    ];
    Typed(pairs.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// `POST /credentials/{id}`
pub(super) async fn save(posted: Posted, path: web::Path<String>) -> HttpResponse {
    let Posted { holder, typed } = posted;
    if let Err(answer) = holder.changes_all(Resource::Credentials, HERE) {
        return answer;
    }
    let (one, person) = match found(&holder, &path).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let (asked, id) = (typed.clone(), one.id);
    match holder.change(move |tx, ctx| credentials::change(tx, ctx, id, asked.version(), &read(&asked)?)).await {
        Ok(_) => lead_to(&format!("{}?done=changed", path_of(&person.fields.code))),
        Err(error) => match faults(&error) {
            Some(faults) => form(&holder, &person, (Some(&one), &typed), faults),
            None => holder.refuse(&error, HERE),
        },
    }
}

/// `GET /credentials/{id}/remove`
pub(super) async fn ask_removal(holder: Holder, id: web::Path<String>) -> HttpResponse {
    if let Err(answer) = holder.changes_all(Resource::Credentials, HERE) {
        return answer;
    }
    let (one, person) = match found(&holder, &id).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let shell = shell(&holder);
    let back = path_of(&person.fields.code);
    let service = service_word(&one.fields.discipline);
    let page = ConfirmPage {
        shell: &shell,
        back: (back.clone(), person.fields.name.clone()),
        heading: "Take this credential off the file?".to_owned(),
        sentences: vec![
            format!("{}: {} for {service}.", person.fields.name, what(&one.fields)),
            "It no longer counts, neither for nor against the person: visits that it kept out can take place again, and \
             where a credential is needed and no other is on file, visits are not covered."
                .to_owned(),
        ],
        warnings: Vec::new(),
        facts: Vec::new(),
        rows_heading: String::new(),
        rows: Vec::new(),
        more: 0,
        chooser: None,
        action: format!("{HERE}/{}/remove", one.id),
        hidden: vec![("form".to_owned(), holder.signed_in.form_token.clone())],
        buttons: vec![("remove", "Take it off the file")],
        is_grave: true,
        cancel: (back, "Keep it".to_owned()),
    };
    page.answer()
}

/// `POST /credentials/{id}/remove`
pub(super) async fn remove(posted: Posted, path: web::Path<String>) -> HttpResponse {
    let Posted { holder, .. } = posted;
    if let Err(answer) = holder.changes_all(Resource::Credentials, HERE) {
        return answer;
    }
    let (one, person) = match found(&holder, &path).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match holder.change(move |tx, ctx| credentials::remove(tx, ctx, one.id)).await {
        Ok(()) => lead_to(&format!("{}?done=removed", path_of(&person.fields.code))),
        Err(error) => holder.refuse(&error, HERE),
    }
}
