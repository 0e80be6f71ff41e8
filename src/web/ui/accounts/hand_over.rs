//! Handing over by page: who takes over, somebody with an account or a new person.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::change::{Office, identity, path_of};
use super::choices::{Named, Sent};
use super::role_of;
use crate::domain::account::{Account, HandOver, NewPerson, Role};
use crate::operations::accounts::hand_over::hand_over;
use crate::operations::{Context, OperationError, PageRequest, ReadTx, accounts};
use crate::web::ui::holder::Holder;
use crate::web::ui::icon;
use crate::web::ui::shell::{Shell, answer, lead_to};

#[derive(Template)]
#[template(path = "hand_over.html")]
struct Html<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    path: &'a str,
    page: &'a Page,
    sent: &'a Sent,
    wrong: Option<String>,
}

struct Page {
    name: String,
    /// What goes over, in words.
    roles: Vec<String>,
    /// What ends with the account, in words.
    ending: Vec<String>,
    /// Identity and name of those who can take over.
    others: Vec<(String, String)>,
}

fn read(tx: &mut ReadTx, ctx: &Context, id: &str) -> Result<Page, OperationError> {
    let leaver = accounts::get(tx, ctx, identity(id)?)?;
    let named = Named::read(tx, ctx)?;
    let all = accounts::list(tx, ctx, PageRequest::ALL)?.items;
    let can_take = |other: &&Account| other.id != leaver.id && !other.fields.disabled;
    let mut others: Vec<(String, String)> = all
        .iter()
        .filter(can_take)
        .map(|other| (other.id.to_string(), format!("{} ({})", other.fields.name, other.fields.email)))
        .collect();
    others.sort_by(|a, b| a.1.cmp(&b.1));
    let (going, ending): (Vec<_>, Vec<_>) = leaver.fields.roles.iter().partition(|role| role.specialist_id().is_none());
    let words = |roles: Vec<&Role>| roles.into_iter().map(|role| role_of(*role, &named)).collect();
    Ok(Page { name: leaver.fields.name, roles: words(going), ending: words(ending), others })
}

/// `GET /people/{id}/hand-over`
pub(super) async fn get(holder: Holder, id: web::Path<String>) -> HttpResponse {
    let office = match Office::of(holder, &format!("{}/hand-over", path_of(&id))) {
        Ok(office) => office,
        Err(answer) => return answer,
    };
    page(&office, &id, &Sent::default(), None).await
}

async fn page(office: &Office, id: &str, sent: &Sent, wrong: Option<String>) -> HttpResponse {
    let asked = id.to_owned();
    match office.look(move |tx, ctx| read(tx, ctx, &asked)).await {
        Ok(page) => {
            let (shell, path, form_token) = (office.shell(), path_of(id), office.form_token());
            let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let html = Html { shell: &shell, form_token: &form_token, path: &path, page: &page, sent, wrong };
            answer(&shell, status, html.render())
        }
        Err(error) => office.refuse(&error),
    }
}

/// `POST /people/{id}/hand-over`
pub(super) async fn post(
    request: HttpRequest,
    holder: Holder,
    path: web::Path<String>,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> HttpResponse {
    let sent = Sent(form.map(web::Form::into_inner).unwrap_or_default());
    let here = format!("{}/hand-over", path_of(&path));
    let office = match Office::of(holder, &here).and_then(|office| office.sent(&request, &sent)) {
        Ok(office) => office,
        Err(answer) => return answer,
    };
    let (id, asked) = match (identity(&path), asked(&sent)) {
        (Ok(id), Ok(asked)) => (id, asked),
        (Err(error), _) => return office.refuse(&error),
        (_, Err(words)) => return page(&office, &path, &sent, Some(words.to_owned())).await,
    };
    match office.change(move |tx, ctx| hand_over(tx, ctx, id, &asked)).await {
        Ok(_) => lead_to("/people"),
        Err(OperationError::Invalid(faults)) => {
            let words = faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join(". ");
            page(&office, &path, &sent, Some(words)).await
        }
        Err(error) => office.refuse(&error),
    }
}

/// Who takes over: the chosen account, or the person that was typed in.
fn asked(sent: &Sent) -> Result<HandOver, &'static str> {
    let (to, name, email) = (sent.one("to"), sent.one("name").trim(), sent.one("email").trim());
    match (to.is_empty(), name.is_empty() && email.is_empty()) {
        (false, true) => {
            let id = identity(to).map_err(|_| "Choose somebody from the list")?;
            Ok(HandOver { to_account_id: Some(id), to_person: None })
        }
        (true, false) => {
            let person = NewPerson { name: name.to_owned(), email: email.to_owned() };
            Ok(HandOver { to_account_id: None, to_person: Some(person) })
        }
        (true, true) => Err("Choose somebody, or write the name and address of a new person"),
        (false, false) => Err("Choose somebody, or write a new person: not both"),
    }
}
