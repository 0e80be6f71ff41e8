//! What handlers share, and the one place where HTTP meets the blocking core.

use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest, web};

use super::limits::Limits;
use super::problem::Problem;
use crate::config;
use crate::domain::actor::Actor;
use crate::operations::accounts::tokens;
use crate::operations::{Answer, Context, OperationError, Operations, Origin, ReadTx, Repeatable, WriteTx};

/// What the co-op can do, asked from where the request came from.
pub(super) fn asked_by(operations: &Operations, request: &HttpRequest) -> Operations {
    let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
    operations.asked_from(origin)
}

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// What the co-op can do.
    pub operations: Operations,
    /// The `[server]` section.
    pub settings: Arc<config::Server>,
    /// What each may ask for.
    pub limits: web::Data<Limits>,
}

impl ApiState {
    /// The state of a server.
    pub fn new(operations: Operations, settings: config::Server, limits: web::Data<Limits>) -> ApiState {
        ApiState { operations, settings: Arc::new(settings), limits }
    }

    /// The same for one request.
    pub fn asked_by(&self, request: &HttpRequest) -> ApiState {
        ApiState {
            operations: asked_by(&self.operations, request),
            settings: Arc::clone(&self.settings),
            limits: self.limits.clone(),
        }
    }

    /// Who a bearer token belongs to.
    pub async fn sign_in(&self, secret: String) -> Result<Actor, Problem> {
        self.block(move |operations| tokens::actor_of_token(&operations, &secret)).await
    }

    /// Reads as the actor.
    pub async fn look<T: Send + 'static>(
        &self,
        actor: Actor,
        look: impl FnOnce(&mut ReadTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.block(move |operations| operations.look(actor, look)).await
    }

    /// Changes as the actor: all of it, or nothing.
    pub async fn change<T: Send + 'static>(
        &self,
        actor: Actor,
        change: impl FnMut(&mut WriteTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.block(move |operations| operations.change(actor, change)).await
    }

    /// Changes as the actor, once however often it is sent.
    pub async fn change_once(
        &self,
        actor: Actor,
        repeatable: Option<Repeatable>,
        change: impl FnMut(&mut WriteTx, &Context) -> Result<Answer, OperationError> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.block(move |operations| operations.change_once(actor, repeatable.as_ref(), change)).await
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), Problem> {
        self.block(|operations| operations.ready()).await
    }

    /// Runs blocking work off the threads that serve connections.
    async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce(Operations) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, Problem> {
        let operations = self.operations.clone();
        let outcome = web::block(move || work(operations)).await;
        // The work ends without an answer only when it panics.
        outcome.map_err(|_| Problem::panicked())?.map_err(Problem::from)
    }
}
