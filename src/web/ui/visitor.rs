//! Who looks at a page: a signed-in account, or anybody while the pages are open for a demonstration.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::cookie::Cookie;
use super::holder::{address_of, admitted, resumed};
use super::shell::{Place, Shell, answer, lead_to, refuse, refuse_stranger};
use super::{UiSettings, sign_in};
use crate::domain::account::Role;
use crate::domain::actor::{Action, Actor, Resource, Scope, may};
use crate::domain::ids::{AccountId, SpecialistId};
use crate::operations::{Context, OperationError, Operations, ReadTx, specialists};
use crate::web::state::asked_by;

/// Somebody who may see pages.
pub(super) struct Visitor {
    operations: web::Data<Operations>,
    settings: web::Data<UiSettings>,
    /// Under whose rights pages are read.
    pub actor: Actor,
    /// What forms of the session carry; none in a demonstration.
    form_token: Option<String>,
}

impl Visitor {
    /// Reads under the visitor's rights.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut ReadTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, OperationError> {
        let (operations, actor) = (self.operations.clone(), self.actor.clone());
        in_background(move || operations.look(actor, look)).await
    }

    /// Reads, and answers with the page of what was found or of the error.
    pub(super) async fn show<T: Send + 'static>(
        self,
        place: Place,
        look: impl FnOnce(&mut ReadTx, &Context) -> Result<T, OperationError> + Send + 'static,
        print: impl FnOnce(&Shell, &T) -> askama::Result<String>,
    ) -> HttpResponse {
        let shell = self.shell(place);
        match self.look(look).await {
            Ok(found) => answer(&shell, StatusCode::OK, print(&shell, &found)),
            Err(error) => self.refuse(&error),
        }
    }

    /// The page of an error, the same wherever it arose.
    pub(super) fn refuse(&self, error: &OperationError) -> HttpResponse {
        refuse(&self.shell(Place::Elsewhere), error)
    }

    /// What surrounds a page for this visitor.
    pub(super) fn shell(&self, place: Place) -> Shell {
        Shell::new(&self.settings, &self.actor, self.form_token.as_deref(), place)
    }
}

/// Runs what waits for the database away from the threads that serve requests.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OperationError> + Send + 'static,
) -> Result<T, OperationError> {
    match web::block(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(OperationError::internal(error)),
    }
}

/// What the co-op can do, asked by somebody who is not known yet.
#[derive(Clone)]
pub(super) struct AskedHere(pub web::Data<Operations>);

impl std::ops::Deref for AskedHere {
    type Target = web::Data<Operations>;

    fn deref(&self) -> &web::Data<Operations> {
        &self.0
    }
}

impl FromRequest for AskedHere {
    type Error = Error;
    type Future = std::future::Ready<Result<AskedHere, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let operations = request.app_data::<web::Data<Operations>>();
        let broken = || OperationError::internal("the pages were mounted without their data");
        let found = operations.map(|operations| AskedHere(web::Data::new(asked_by(operations, request))));
        let refused = || InternalError::from_response("there is no data", refuse_stranger(request, &broken()));
        std::future::ready(found.ok_or_else(|| refused().into()))
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Visitor, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            recognized(&request)
                .await
                .map_err(|answer| InternalError::from_response("the visitor is not known", answer).into())
        })
    }
}

/// The visitor, or the answer for one who is not known: the way to sign in, and back here after it.
async fn recognized(request: &HttpRequest) -> Result<Visitor, HttpResponse> {
    let data = (request.app_data::<web::Data<Operations>>(), request.app_data::<web::Data<UiSettings>>());
    let (Some(operations), Some(settings)) = data else {
        return Err(refuse_stranger(request, &OperationError::internal("the pages were mounted without their data")));
    };
    let operations = web::Data::new(asked_by(operations, request));
    let settings = settings.clone();
    if let Some(secret) = Cookie::Session.read(request, &settings) {
        match resumed(&operations, &secret).await {
            Ok(found) => {
                if let Some(address) = address_of(found.next) {
                    return Err(lead_to(address));
                }
                admitted(request, found.actor.account_id)?;
                let form_token = Some(found.form_token);
                return Ok(Visitor { operations, settings, actor: found.actor, form_token });
            }
            Err(OperationError::SignInRequired) => {}
            Err(error) => return Err(refuse_stranger(request, &error)),
        }
    }
    if settings.open_pages {
        return Ok(Visitor { operations, settings, actor: demo_office(), form_token: None });
    }
    Err(lead_to(&sign_in::address_with_return(request)))
}

/// Sees what the office sees and, since pages only read, changes nothing.
fn demo_office() -> Actor {
    let (account_id, name) = (AccountId(Uuid::nil()), "Demo".to_owned());
    Actor { account_id, name, roles: vec![Role::Office], limit: None }
}

/// `GET /`: the first page of the menu, which the first role works with most.
pub(super) async fn home(visitor: Visitor) -> HttpResponse {
    match visitor.shell(Place::Elsewhere).first_address() {
        Some("/week") => match own_record(&visitor.actor) {
            Some(_) => lead_to_own_week(visitor).await,
            None => lead_to("/week"),
        },
        address => lead_to(address.unwrap_or("/account")),
    }
}

/// The one specialist whose week the actor sees, if it is just one.
pub(super) fn own_record(actor: &Actor) -> Option<SpecialistId> {
    match may(actor, Action::Read(Resource::Specialists)) {
        Scope::Parts { specialists, .. } if specialists.len() == 1 => specialists.first().copied(),
        _ => None,
    }
}

/// Who sees one week only is led to it.
pub(super) async fn lead_to_own_week(visitor: Visitor) -> HttpResponse {
    let Some(specialist_id) = own_record(&visitor.actor) else {
        return visitor.refuse(&OperationError::NotFound);
    };
    match visitor.look(move |tx, ctx| specialists::get(tx, ctx, specialist_id)).await {
        Ok(specialist) => lead_to(&format!("/week/{}", super::wording::in_path(&specialist.fields.code))),
        Err(error) => visitor.refuse(&error),
    }
}
