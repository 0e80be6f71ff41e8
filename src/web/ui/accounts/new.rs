//! Inviting somebody: name, address, roles; the person gets a link to set a password.

use actix_web::{HttpRequest, HttpResponse, web};

use super::change::{Form, Office, Typed};
use super::choices::{Named, Sent};
use crate::domain::account::AccountFields;
use crate::operations::accounts;
use crate::operations::sign_in::invitations;
use crate::web::ui::holder::Holder;
use crate::web::ui::shell::lead_to;

const HERE: &str = "/people/new";

/// `GET /people/new`
pub(super) async fn get(holder: Holder) -> HttpResponse {
    let office = match Office::of(holder, HERE) {
        Ok(office) => office,
        Err(answer) => return answer,
    };
    match office.look(Named::read).await {
        Ok(named) => page(&office, &named, &Typed::default(), Vec::new()),
        Err(error) => office.refuse(&error),
    }
}

/// `POST /people/new`
pub(super) async fn post(
    request: HttpRequest,
    holder: Holder,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> HttpResponse {
    let sent = Sent(form.map(web::Form::into_inner).unwrap_or_default());
    let office = match Office::of(holder, HERE).and_then(|office| office.sent(&request, &sent)) {
        Ok(office) => office,
        Err(answer) => return answer,
    };
    let typed = match Typed::read(&sent) {
        Ok(typed) => typed,
        Err(error) => return office.refuse(&error),
    };
    let fields: AccountFields = typed.fields(false);
    let entered = office.change(move |tx, ctx| {
        let account = accounts::create(tx, ctx, &fields)?;
        invitations::invite(tx, ctx, account.id)
    });
    match entered.await {
        Ok(_) => lead_to("/people"),
        Err(error) => match (office.look(Named::read).await, Form::faults(&error)) {
            (Ok(named), Some(faults)) => page(&office, &named, &typed, faults),
            _ => office.refuse(&error),
        },
    }
}

fn page(office: &Office, named: &Named, typed: &Typed, faults: Vec<(String, String)>) -> HttpResponse {
    let form = Form::new(named, typed, HERE.to_owned(), faults);
    office.answer("Invite somebody", form, None)
}
