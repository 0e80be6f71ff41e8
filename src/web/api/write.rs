//! Routes that change.

use std::rc::Rc;

use actix_web::http::Method;
use serde::de::DeserializeOwned;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use crate::operations::{Answer, Context, OperationError, WriteTx};
use crate::web::answer;
use crate::web::boundary::CONFIRM_NO_NAMES;
use crate::web::call::{Call, KEY_LENGTH_MAX};
use crate::web::document::{Described, created_headers, etag, json_answer, parameter};
use crate::web::problem::{Problem, ProblemKind};
use crate::web::record::Record;
use crate::web::shape::Shape;

type Outcome<T> = Result<T, OperationError>;

/// What somebody sent: the identities of the path, the version it is based on, and the body.
struct Sent<I, B> {
    path: I,
    based_on: Option<i64>,
    body: B,
}

/// Whether an `Idempotency-Key` is taken. Never where the answer holds a secret: answers under a key are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Taken,
    NotTaken,
}

/// What `If-Match` means to a route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    NotTaken,
    Optional,
    Required,
}

impl Api {
    /// Signs in, reads path and body, changes, answers.
    fn entering<I: Send + 'static, B: DeserializeOwned + ToSchema + Send + 'static>(
        &mut self,
        mut described: Described,
        (key, matching): (Key, Match),
        path: impl Fn(&Call) -> Result<I, Problem> + Copy + 'static,
        change: impl Fn(&mut WriteTx, &Context, &Sent<I, B>) -> Outcome<Answer> + Copy + Send + 'static,
    ) {
        described.body = Some(self.document.schema::<B>());
        described.problems.extend([
            ProblemKind::BodyTooSlow,
            ProblemKind::BodyTooLarge,
            ProblemKind::UnsupportedMediaType,
        ]);
        let about = "`true` says that what you wrote in your own words names no student";
        described.parameters.push(parameter("header", CONFIRM_NO_NAMES, about, json!({"type": "string"})));
        describe_write(&mut described, key, matching);
        let shape = Rc::new(Shape::of::<B>());
        self.add(described, move |mut call| {
            let shape = Rc::clone(&shape);
            async move {
                let actor = call.actor().await?;
                let path = path(&call)?;
                call.query()?.finish()?;
                let (body, bytes) = call.json(&shape).await?;
                let based_on = if matching == Match::NotTaken { None } else { call.based_on() };
                let repeatable = if key == Key::Taken { call.repeatable(&bytes)? } else { None };
                let sent = Sent { path, based_on, body };
                let change = move |tx: &mut WriteTx, ctx: &Context| change(tx, ctx, &sent);
                let answer = call.state.change_once(actor, repeatable, change).await?;
                Ok(answer::change(&answer))
            }
        });
    }

    /// The same without a body.
    fn acting<I: Send + 'static>(
        &mut self,
        mut described: Described,
        key: Key,
        path: impl Fn(&Call) -> Result<I, Problem> + Copy + 'static,
        change: impl Fn(&mut WriteTx, &Context, &I) -> Outcome<Answer> + Copy + Send + 'static,
    ) {
        describe_write(&mut described, key, Match::NotTaken);
        self.add(described, move |call| async move {
            let actor = call.actor().await?;
            let path = path(&call)?;
            call.query()?.finish()?;
            let repeatable = if key == Key::Taken { call.repeatable(&[])? } else { None };
            let change = move |tx: &mut WriteTx, ctx: &Context| change(tx, ctx, &path);
            let answer = call.state.change_once(actor, repeatable, change).await?;
            Ok(answer::change(&answer))
        });
    }

    fn described_change<T: Record>(&mut self, method: Method, path: &str, summary: &'static str) -> Described {
        let schema = self.document.schema::<T>();
        let headers = if T::VERSIONED { etag() } else { json!({}) };
        let answers = vec![(200, json_answer("The record as it is now", schema, headers))];
        Described { answers, ..self.described(method, path, summary) }
    }

    fn described_creation<T: Record>(&mut self, path: &str, summary: &'static str) -> Described {
        let schema = self.document.schema::<T>();
        let answers = vec![(201, json_answer("The new record", schema, created_headers(T::VERSIONED)))];
        Described { answers, ..self.described(Method::POST, path, summary) }
    }

    /// Enters a record.
    pub fn create<B: DeserializeOwned + ToSchema + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, &B) -> Outcome<T>,
    ) {
        self.create_with(path, summary, Key::Taken, change);
    }

    /// The same for a record whose answer holds a secret: nothing of it is kept for a repeat.
    pub fn create_secret<B: DeserializeOwned + ToSchema + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, &B) -> Outcome<T>,
    ) {
        self.create_with(path, summary, Key::NotTaken, change);
    }

    fn create_with<B: DeserializeOwned + ToSchema + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        key: Key,
        change: fn(&mut WriteTx, &Context, &B) -> Outcome<T>,
    ) {
        let described = self.described_creation::<T>(path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<(), B>| created(&change(tx, ctx, &sent.body)?);
        self.entering(described, (key, Match::NotTaken), |_| Ok(()), change);
    }

    /// Enters a record below another.
    pub fn create_of<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id, &B) -> Outcome<T>,
    ) {
        self.create_below(path, summary, Key::Taken, change);
    }

    /// The same for a record whose answer holds a secret: nothing of it is kept for a repeat.
    pub fn create_secret_of<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id, &B) -> Outcome<T>,
    ) {
        self.create_below(path, summary, Key::NotTaken, change);
    }

    fn create_below<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        key: Key,
        change: fn(&mut WriteTx, &Context, Id, &B) -> Outcome<T>,
    ) {
        let described = self.described_creation::<T>(path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<Id, B>| {
            created(&change(tx, ctx, sent.path, &sent.body)?)
        };
        self.entering(described, (key, Match::NotTaken), |call| call.id(0), change);
    }

    /// Replaces what was entered about a record.
    pub fn change<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id, Option<i64>, &B) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::PUT, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<Id, B>| {
            changed(&change(tx, ctx, sent.path, sent.based_on, &sent.body)?)
        };
        self.entering(described, (Key::NotTaken, Match::Required), |call| call.id(0), change);
    }

    /// Replaces the one record that belongs to the actor.
    pub fn change_own<B: DeserializeOwned + ToSchema + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, &B) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::PUT, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<(), B>| changed(&change(tx, ctx, &sent.body)?);
        self.entering(described, (Key::NotTaken, Match::NotTaken), |_| Ok(()), change);
    }

    /// Enters or replaces a record between two others.
    pub fn put_between<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, (Id, Id), &B) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::PUT, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<(Id, Id), B>| {
            changed(&change(tx, ctx, sent.path, &sent.body)?)
        };
        let path = |call: &Call| Ok((call.id(0)?, call.id(1)?));
        self.entering(described, (Key::NotTaken, Match::NotTaken), path, change);
    }

    /// A verb of the trade on a record.
    pub fn act<Id: From<Uuid> + Copy + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::POST, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, id: &Id| changed(&change(tx, ctx, *id)?);
        self.acting(described, Key::Taken, |call| call.id(0), change);
    }

    /// A verb of the trade on what there is only one of.
    pub fn act_alone<T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::POST, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, (): &()| changed(&change(tx, ctx)?);
        self.acting(described, Key::Taken, |_| Ok(()), change);
    }

    /// A verb that needs to be told more.
    pub fn act_with<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id, &B) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::POST, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<Id, B>| {
            changed(&change(tx, ctx, sent.path, &sent.body)?)
        };
        self.entering(described, (Key::Taken, Match::NotTaken), |call| call.id(0), change);
    }

    /// A verb that needs to be told more and, with `If-Match`, is carried out on that version only.
    pub fn act_on_version<
        Id: From<Uuid> + Copy + Send + 'static,
        B: DeserializeOwned + ToSchema + Send + 'static,
        T: Record,
    >(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id, Option<i64>, &B) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::POST, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<Id, B>| {
            changed(&change(tx, ctx, sent.path, sent.based_on, &sent.body)?)
        };
        self.entering(described, (Key::Taken, Match::Optional), |call| call.id(0), change);
    }

    /// Something that is done as a whole, without a record of its own.
    pub fn run<B: DeserializeOwned + ToSchema + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, &B) -> Outcome<T>,
    ) {
        let described = self.described_change::<T>(Method::POST, path, summary);
        let change = move |tx: &mut WriteTx, ctx: &Context, sent: &Sent<(), B>| changed(&change(tx, ctx, &sent.body)?);
        self.entering(described, (Key::Taken, Match::NotTaken), |_| Ok(()), change);
    }

    /// Takes away a record.
    pub fn delete_one<Id: From<Uuid> + Copy + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, Id) -> Outcome<()>,
    ) {
        let answers = vec![(204, json!({"description": "Done"}))];
        let described = Described { answers, ..self.described(Method::DELETE, path, summary) };
        let change = move |tx: &mut WriteTx, ctx: &Context, id: &Id| {
            change(tx, ctx, *id)?;
            Answer::new(204, &())
        };
        self.acting(described, Key::NotTaken, |call| call.id(0), change);
    }

    /// Takes away a record below another.
    pub fn delete<A: From<Uuid> + Copy + Send + 'static, B: From<Uuid> + Copy + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        change: fn(&mut WriteTx, &Context, A, B) -> Outcome<()>,
    ) {
        let answers = vec![(204, json!({"description": "Done"}))];
        let described = Described { answers, ..self.described(Method::DELETE, path, summary) };
        let change = move |tx: &mut WriteTx, ctx: &Context, (owner, id): &(A, B)| {
            change(tx, ctx, *owner, *id)?;
            Answer::new(204, &())
        };
        self.acting(described, Key::NotTaken, |call| Ok((call.id(0)?, call.id(1)?)), change);
    }
}

fn created<T: Record>(record: &T) -> Outcome<Answer> {
    Ok(Answer { location: record.location(), version: record.version(), ..Answer::new(201, record)? })
}

fn changed<T: Record>(record: &T) -> Outcome<Answer> {
    Ok(Answer { version: record.version(), ..Answer::new(200, record)? })
}

fn describe_write(described: &mut Described, key: Key, matching: Match) {
    described.problems.extend([ProblemKind::Forbidden, ProblemKind::NotFound, ProblemKind::Conflict]);
    if key == Key::Taken {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[!-~]+$"});
        let about = "Chosen by you, new for each request: the same key again gives the same answer";
        described.parameters.push(parameter("header", "Idempotency-Key", about, schema));
    }
    if matching != Match::NotTaken {
        described.problems.push(ProblemKind::StaleVersion);
        let about = "The ETag of the version that you change";
        described.parameters.push(parameter("header", "If-Match", about, json!({"type": "string"})));
    }
    if matching == Match::Required {
        described.problems.push(ProblemKind::VersionRequired);
    }
}
