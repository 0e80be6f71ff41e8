//! Routes that read.

use actix_web::HttpResponse;
use actix_web::http::Method;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Api, Narrowing};
use crate::operations::{Context, OperationError, Page, PageRequest, ReadTx};
use crate::web::answer;
use crate::web::call::Call;
use crate::web::document::{Described, etag, json_answer, page_parameters, parameter};
use crate::web::problem::{Problem, ProblemKind};
use crate::web::record::Record;

type Outcome<T> = Result<T, OperationError>;

impl Api {
    /// Signs in, reads the input, looks, answers.
    pub(super) fn reading<I: Send + 'static, T: Send + 'static>(
        &mut self,
        mut described: Described,
        input: impl Fn(&Call) -> Result<I, Problem> + Copy + 'static,
        look: impl Fn(&mut ReadTx, &Context, I) -> Outcome<T> + Copy + Send + 'static,
        answer: impl Fn(&Call, T) -> HttpResponse + Copy + 'static,
    ) {
        // What a role cannot see at all does not exist for it.
        described.problems.push(ProblemKind::NotFound);
        self.add(described, move |call| async move {
            let actor = call.actor().await?;
            let input = input(&call)?;
            let found = call.state.look(actor, move |tx, ctx| look(tx, ctx, input)).await?;
            Ok(answer(&call, found))
        });
    }

    fn described_list<T: ToSchema>(&mut self, path: &str, summary: &'static str, parameters: Vec<Value>) -> Described {
        let page = self.document.page::<T>();
        let answers = vec![(200, json_answer("A part of the list", page, json!({})))];
        Described { parameters, answers, ..self.described(Method::GET, path, summary) }
    }

    /// A list in pages.
    pub fn list<T: Serialize + ToSchema + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, PageRequest) -> Outcome<Page<T>>,
    ) {
        let described = self.described_list::<T>(path, summary, page_parameters());
        let input = |call: &Call| {
            let mut query = call.query()?;
            let page = query.page();
            query.finish().map(|()| page)
        };
        self.reading(described, input, look, |_, page| answer::page(&page));
    }

    /// A list in pages that can be narrowed.
    pub fn list_where<F: Narrowing, T: Serialize + ToSchema + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, &F, PageRequest) -> Outcome<Page<T>>,
    ) {
        let mut parameters = F::parameters(&mut self.document);
        parameters.extend(page_parameters());
        let described = self.described_list::<T>(path, summary, parameters);
        let input = |call: &Call| {
            let mut query = call.query()?;
            let asked = (F::read(&mut query), query.page());
            query.finish().map(|()| asked)
        };
        let look = move |tx: &mut ReadTx, ctx: &Context, (filter, page): (F, PageRequest)| look(tx, ctx, &filter, page);
        self.reading(described, input, look, |_, page| answer::page(&page));
    }

    /// A list in pages below a record.
    pub fn list_of<Id: From<Uuid> + Send + 'static, T: Serialize + ToSchema + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, Id, PageRequest) -> Outcome<Page<T>>,
    ) {
        let described = self.described_list::<T>(path, summary, page_parameters());
        let input = |call: &Call| {
            let mut query = call.query()?;
            let asked = (call.id(0)?, query.page());
            query.finish().map(|()| asked)
        };
        let look = move |tx: &mut ReadTx, ctx: &Context, (id, page): (Id, PageRequest)| look(tx, ctx, id, page);
        self.reading(described, input, look, |_, page| answer::page(&page));
    }

    /// A short list that is never cut, and can be narrowed.
    pub fn all_where<F: Narrowing, T: Serialize + ToSchema + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, &F) -> Outcome<Vec<T>>,
    ) {
        let parameters = F::parameters(&mut self.document);
        let described = self.described_list::<T>(path, summary, parameters);
        let input = |call: &Call| {
            let mut query = call.query()?;
            let filter = F::read(&mut query);
            query.finish().map(|()| filter)
        };
        let look = move |tx: &mut ReadTx, ctx: &Context, filter: F| look(tx, ctx, &filter);
        self.reading(described, input, look, |_, items| answer::whole_list(&items));
    }

    /// A short list below a record.
    pub fn all_of<Id: From<Uuid> + Send + 'static, T: Serialize + ToSchema + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, Id) -> Outcome<Vec<T>>,
    ) {
        let described = self.described_list::<T>(path, summary, Vec::new());
        self.reading(described, only_id, look, |_, items| answer::whole_list(&items));
    }

    /// A short list below a record, made up as asked.
    pub fn all_of_where<Id: From<Uuid> + Send + 'static, F: Narrowing, T: Serialize + ToSchema + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, Id, &F) -> Outcome<Vec<T>>,
    ) {
        let parameters = F::parameters(&mut self.document);
        let described = self.described_list::<T>(path, summary, parameters);
        let input = |call: &Call| {
            let mut query = call.query()?;
            let asked = (call.id(0)?, F::read(&mut query));
            query.finish().map(|()| asked)
        };
        let look = move |tx: &mut ReadTx, ctx: &Context, (id, how): (Id, F)| look(tx, ctx, id, &how);
        self.reading(described, input, look, |_, items| answer::whole_list(&items));
    }

    /// One record.
    pub fn get<Id: From<Uuid> + Send + 'static, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, Id) -> Outcome<T>,
    ) {
        let described = self.described_record::<T>(path, summary);
        self.reading(described, only_id, look, |call, found| answer::record(call, &found));
    }

    /// One record, made up as asked.
    pub fn get_where<Id: From<Uuid> + Send + 'static, F: Narrowing, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, Id, &F) -> Outcome<T>,
    ) {
        let parameters = F::parameters(&mut self.document);
        let described = Described { parameters, ..self.described_record::<T>(path, summary) };
        let input = |call: &Call| {
            let mut query = call.query()?;
            let asked = (call.id(0)?, F::read(&mut query));
            query.finish().map(|()| asked)
        };
        let look = move |tx: &mut ReadTx, ctx: &Context, (id, how): (Id, F)| look(tx, ctx, id, &how);
        self.reading(described, input, look, |call, found| answer::record(call, &found));
    }

    /// What lies between two records of one kind, told as asked.
    pub fn get_between<Id: From<Uuid> + Send + 'static, F: Narrowing, T: Record>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, (Id, Id), &F) -> Outcome<T>,
    ) {
        let parameters = F::parameters(&mut self.document);
        let described = Described { parameters, ..self.described_record::<T>(path, summary) };
        let input = |call: &Call| {
            let mut query = call.query()?;
            let asked = ((call.id(0)?, call.id(1)?), F::read(&mut query));
            query.finish().map(|()| asked)
        };
        let look = move |tx: &mut ReadTx, ctx: &Context, (ids, how): ((Id, Id), F)| look(tx, ctx, ids, &how);
        self.reading(described, input, look, |call, found| answer::record(call, &found));
    }

    /// The one record that belongs to the actor.
    pub fn own<T: Record>(&mut self, path: &str, summary: &'static str, look: fn(&mut ReadTx, &Context) -> Outcome<T>) {
        let described = self.described_record::<T>(path, summary);
        let look = move |tx: &mut ReadTx, ctx: &Context, ()| look(tx, ctx);
        self.reading(described, |call| call.query()?.finish(), look, |call, found| answer::record(call, &found));
    }

    pub(super) fn described_record<T: Record>(&mut self, path: &str, summary: &'static str) -> Described {
        let schema = self.document.schema::<T>();
        let described = self.described(Method::GET, path, summary);
        if !T::VERSIONED {
            return Described { answers: vec![(200, json_answer("The record", schema, json!({})))], ..described };
        }
        let unchanged = json!({"description": "You have this version already", "headers": etag()});
        let tag = "The ETag you have; with the same version the answer is 304 without a body";
        Described {
            parameters: vec![parameter("header", "If-None-Match", tag, json!({"type": "string"}))],
            answers: vec![(200, json_answer("The record", schema, etag())), (304, unchanged)],
            ..described
        }
    }

    /// A document that is stored as JSON text.
    pub fn json_text<Id: From<Uuid> + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        look: fn(&mut ReadTx, &Context, Id) -> Outcome<String>,
    ) {
        let answers = vec![(200, json_answer("The document", json!({"type": "object"}), json!({})))];
        let described = Described { answers, ..self.described(Method::GET, path, summary) };
        self.reading(described, only_id, look, |_, text| answer::json_text(text));
    }

    /// A CSV file, named after the kind of record and its identity.
    pub fn csv<Id: From<Uuid> + Send + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        name: &'static str,
        look: fn(&mut ReadTx, &Context, Id) -> Outcome<Vec<u8>>,
    ) {
        let file = json!({"description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}});
        let described = Described { answers: vec![(200, file)], ..self.described(Method::GET, path, summary) };
        let look = move |tx: &mut ReadTx, ctx: &Context, id: Uuid| {
            look(tx, ctx, Id::from(id)).map(|bytes| (format!("{name}-{id}"), bytes))
        };
        self.reading(described, only_id, look, |_, (name, bytes)| answer::csv(&name, bytes));
    }
}

fn only_id<Id: From<Uuid>>(call: &Call) -> Result<Id, Problem> {
    let id = call.id(0)?;
    call.query()?.finish().map(|()| id)
}
