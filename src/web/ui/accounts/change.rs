//! One person: entries and roles, the invitation, switching the account off and on. What is changed here needs a proof
//! of the last ten minutes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::choices::{Group, Named, Sent, groups};
use crate::domain::account::{AccountFields, Role};
use crate::domain::actor::{Action, Resource, may};
use crate::domain::ids::AccountId;
use crate::operations::accounts::{self, Person, Progress};
use crate::operations::sign_in::invitations;
use crate::operations::{Context, OperationError, ReadTx, WriteTx};
use crate::web::ui::account::moment;
use crate::web::ui::holder::Holder;
use crate::web::ui::icon;
use crate::web::ui::shell::{Place, Shell, answer, lead_to, say};
use crate::web::ui::status::Pill;

/// Somebody who may change accounts and has just proven who it is.
pub(super) struct Office {
    holder: Holder,
    here: String,
}

impl Office {
    /// # Errors
    /// The answer for everybody else: what they may not see does not exist.
    pub(super) fn of(holder: Holder, here: &str) -> Result<Office, HttpResponse> {
        holder.complete()?;
        if may(&holder.signed_in.actor, Action::Write(Resource::Accounts)).is_nothing() {
            return Err(holder.refuse(&OperationError::NotFound, here));
        }
        if !holder.signed_in.session.is_proven(holder.signed_in.now) {
            return Err(holder.refuse(&OperationError::ProofRequired, here));
        }
        Ok(Office { holder, here: here.to_owned() })
    }

    /// The same, for a form that one of our pages sent.
    pub(super) fn sent(self, request: &HttpRequest, sent: &Sent) -> Result<Office, HttpResponse> {
        self.holder.check_form(request, sent.one("form")).map(|()| self)
    }

    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut ReadTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, OperationError> {
        self.holder.look(look).await
    }

    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut WriteTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, OperationError> {
        self.holder.change(change).await
    }

    pub(super) fn shell(&self) -> Shell {
        Shell { place: Place::People, ..self.holder.shell() }
    }

    /// What the session's forms carry.
    pub(super) fn form_token(&self) -> String {
        self.holder.signed_in.form_token.clone()
    }

    /// The page of an error; what stands in the way is said in words.
    pub(super) fn refuse(&self, error: &OperationError) -> HttpResponse {
        match error {
            OperationError::Conflict { detail, .. } => {
                say(&self.shell(), StatusCode::CONFLICT, "Not changed", &format!("{detail}."))
            }
            OperationError::StaleVersion => {
                let words = "Somebody else changed this account meanwhile. Open it again to see how it is now.";
                say(&self.shell(), StatusCode::CONFLICT, "Not changed", words)
            }
            error => self.holder.refuse(error, &self.here),
        }
    }

    /// The page with the form: 422 where something in it is wrong.
    pub(super) fn answer(&self, heading: &str, form: Form, account: Option<Shown>) -> HttpResponse {
        let shell = self.shell();
        let status = if form.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let form_token = &self.holder.signed_in.form_token;
        answer(&shell, status, Html { shell: &shell, heading, form_token, form, account }.render())
    }
}

#[derive(Template)]
#[template(path = "person.html")]
struct Html<'a> {
    shell: &'a Shell,
    heading: &'a str,
    form_token: &'a str,
    form: Form,
    /// The account that is changed; none for a new one.
    account: Option<Shown>,
}

/// The state of an account, and what can be done with it besides changing its entries.
pub(super) struct Shown {
    path: String,
    pill: Pill,
    last_sign_in: String,
    is_off: bool,
    has_password: bool,
    is_own: bool,
}

/// The form as it is shown.
pub(super) struct Form {
    action: String,
    name: String,
    email: String,
    version: String,
    groups: Vec<Group>,
    /// Which entry is wrong, and what to do.
    faults: Vec<(String, String)>,
}

impl Form {
    pub(super) fn new(named: &Named, typed: &Typed, action: String, faults: Vec<(String, String)>) -> Form {
        Form {
            action,
            name: typed.name.clone(),
            email: typed.email.clone(),
            version: typed.version.clone(),
            groups: groups(named, &typed.roles),
            faults,
        }
    }

    /// The faults of entries, each with the field that it belongs to.
    pub(super) fn faults(error: &OperationError) -> Option<Vec<(String, String)>> {
        let field = |pointer: &str| pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        match error {
            OperationError::Invalid(faults) => {
                Some(faults.iter().map(|fault| (field(&fault.pointer), fault.message.clone())).collect())
            }
            OperationError::Conflict { detail, .. } if detail.contains("e-mail address") => {
                Some(vec![("email".to_owned(), detail.clone())])
            }
            _ => None,
        }
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, words)| words.as_str())
    }
}

/// What was typed into the form.
#[derive(Default)]
pub(super) struct Typed {
    pub name: String,
    pub email: String,
    pub version: String,
    pub roles: Vec<Role>,
}

impl Typed {
    pub(super) fn read(sent: &Sent) -> Result<Typed, OperationError> {
        let one = |name: &str| sent.one(name).trim().to_owned();
        Ok(Typed { name: one("name"), email: one("email"), version: one("version"), roles: sent.roles()? })
    }

    pub(super) fn fields(&self, disabled: bool) -> AccountFields {
        AccountFields { name: self.name.clone(), email: self.email.clone(), roles: self.roles.clone(), disabled }
    }
}

/// The identity in a path, if it is one.
pub(super) fn identity(text: &str) -> Result<AccountId, OperationError> {
    text.parse().map_err(|_| OperationError::NotFound)
}

pub(super) fn path_of(id: &str) -> String {
    format!("/people/{id}")
}

/// `GET /people/{id}`
pub(super) async fn get(holder: Holder, id: web::Path<String>) -> HttpResponse {
    let office = match Office::of(holder, &path_of(&id)) {
        Ok(office) => office,
        Err(answer) => return answer,
    };
    page(&office, &id, None).await
}

/// The page of a person, with what was typed and what is wrong with it.
async fn page(office: &Office, id: &str, typed: Option<(Typed, Vec<(String, String)>)>) -> HttpResponse {
    let id = match identity(id) {
        Ok(id) => id,
        Err(error) => return office.refuse(&error),
    };
    let read = move |tx: &mut ReadTx, ctx: &Context| Ok((accounts::person(tx, ctx, id)?, Named::read(tx, ctx)?));
    match office.look(read).await {
        Ok((person, named)) => {
            let (typed, faults) = typed.unwrap_or_else(|| (typed_of(&person), Vec::new()));
            let form = Form::new(&named, &typed, path_of(&id.to_string()), faults);
            let name = person.account.fields.name.clone();
            office.answer(&name, form, Some(shown(office, &person)))
        }
        Err(error) => office.refuse(&error),
    }
}

fn typed_of(person: &Person) -> Typed {
    let fields = person.account.fields.clone();
    let version = person.account.version.to_string();
    Typed { name: fields.name, email: fields.email, version, roles: fields.roles }
}

fn shown(office: &Office, person: &Person) -> Shown {
    let zone = office.holder.operations.settings.time_zone;
    Shown {
        path: path_of(&person.account.id.to_string()),
        pill: Pill::of_account(person.progress, zone),
        last_sign_in: person.last_sign_in_at.map_or_else(|| "Never".to_owned(), |at| moment(at, zone)),
        is_off: person.progress == Progress::Disabled,
        has_password: person.progress == Progress::Active,
        is_own: person.account.id == office.holder.signed_in.actor.account_id,
    }
}

/// Who sends a form about an account, and what it says.
fn asked(
    request: &HttpRequest,
    holder: Holder,
    id: &str,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> Result<(Office, AccountId, Sent), HttpResponse> {
    let sent = Sent(form.map(web::Form::into_inner).unwrap_or_default());
    let office = Office::of(holder, &path_of(id)).and_then(|office| office.sent(request, &sent))?;
    match identity(id) {
        Ok(id) => Ok((office, id, sent)),
        Err(error) => Err(office.refuse(&error)),
    }
}

/// `POST /people/{id}`
pub(super) async fn post(
    request: HttpRequest,
    holder: Holder,
    path: web::Path<String>,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> HttpResponse {
    let (office, id, sent) = match asked(&request, holder, &path, form) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let typed = match Typed::read(&sent) {
        Ok(typed) => typed,
        Err(error) => return office.refuse(&error),
    };
    let (based_on, fields) = (typed.version.parse().ok(), typed.fields(false));
    let changed = office.change(move |tx, ctx| {
        let disabled = accounts::get(tx, ctx, id)?.fields.disabled;
        accounts::change(tx, ctx, id, based_on, &AccountFields { disabled, ..fields.clone() })
    });
    match changed.await {
        Ok(_) => lead_to("/people"),
        Err(error) => match Form::faults(&error) {
            Some(faults) => page(&office, &path, Some((typed, faults))).await,
            None => office.refuse(&error),
        },
    }
}

/// `POST /people/{id}/invite`: sends the link again.
pub(super) async fn invite(
    request: HttpRequest,
    holder: Holder,
    path: web::Path<String>,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> HttpResponse {
    let (office, id, _) = match asked(&request, holder, &path, form) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    match office.change(move |tx, ctx| invitations::invite(tx, ctx, id)).await {
        Ok(_) => lead_to(&path_of(&path)),
        Err(error) => office.refuse(&error),
    }
}

/// `POST /people/{id}/switch`: off, or on again.
pub(super) async fn switch(
    request: HttpRequest,
    holder: Holder,
    path: web::Path<String>,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> HttpResponse {
    let (office, id, sent) = match asked(&request, holder, &path, form) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let disabled = match sent.one("to") {
        "off" => true,
        "on" => false,
        _ => return office.refuse(&OperationError::NotFound),
    };
    let based_on = sent.one("version").parse().ok();
    let switched = office.change(move |tx, ctx| {
        let present = accounts::get(tx, ctx, id)?;
        accounts::change(tx, ctx, id, based_on, &AccountFields { disabled, ..present.fields })
    });
    match switched.await {
        Ok(_) => lead_to(&path_of(&path)),
        Err(error) => match Form::faults(&error) {
            // Handed over: it has no role to come back with.
            Some(_) => {
                let words = "Choose a role first, save it, then switch the account on.";
                say(&office.shell(), StatusCode::CONFLICT, "Not changed", words)
            }
            None => office.refuse(&error),
        },
    }
}
