//! Service requests.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::service_requests as requests;
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::WeeklyHours;
use crate::domain::ids::{AccountId, MemberId, ServiceRequestId, SiteId, SpecialistId, TermId};
use crate::domain::service_request::{
    Mode, Priority, RequestState, ServiceRequest, ServiceRequestFields, VisitMinutes,
};

#[derive(Queryable)]
struct Row {
    id: ServiceRequestId,
    code: String,
    member_id: MemberId,
    site_id: SiteId,
    term_id: TermId,
    discipline: String,
    qualifications: Json<Vec<String>>,
    priority: Priority,
    mode: Mode,
    minutes_per_week: i64,
    visits_per_week_max: i64,
    visit_minutes_min: i64,
    visit_minutes_max: i64,
    windows: Json<WeeklyHours>,
    current_specialist_id: Option<SpecialistId>,
    state: RequestState,
    decision_note: String,
    #[expect(dead_code, reason = "who entered it is kept for the audit, not shown")]
    created_by: AccountId,
    version: i64,
    created_at: At,
    updated_at: At,
    consent_on: Option<NaiveDate>,
}

impl From<Row> for ServiceRequest {
    fn from(row: Row) -> ServiceRequest {
        ServiceRequest {
            id: row.id,
            code: row.code,
            member_id: row.member_id,
            state: row.state,
            decision_note: row.decision_note,
            fields: ServiceRequestFields {
                site_id: row.site_id,
                term_id: row.term_id,
                discipline: row.discipline,
                qualifications: row.qualifications.0,
                priority: row.priority,
                mode: row.mode,
                minutes_per_week: row.minutes_per_week,
                visits_per_week_max: row.visits_per_week_max,
                visit_minutes: VisitMinutes { min: row.visit_minutes_min, max: row.visit_minutes_max },
                windows: row.windows.0,
                current_specialist_id: row.current_specialist_id,
                consent_on: row.consent_on,
            },
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one term.
    pub term: Option<TermId>,
    /// Of one site.
    pub site: Option<SiteId>,
    /// In one state.
    pub state: Option<RequestState>,
    /// Just this one.
    pub id: Option<ServiceRequestId>,
    /// Of one member.
    pub member: Option<MemberId>,
    /// Of one discipline.
    pub discipline: Option<String>,
    /// Only those that a plan was ever made for: planned or ended.
    pub was_planned: bool,
    /// Only of this priority.
    pub priority: Option<Priority>,
}

fn within(scope: &Scope) -> requests::BoxedQuery<'static, MultiBackend> {
    let query = requests::table.into_boxed();
    match scope {
        Scope::All => query,
        Scope::Parts { members, .. } => query.filter(requests::member_id.eq_any(members.clone())),
    }
}

/// The requests in a scope.
pub fn list(
    tx: &mut ReadTx,
    scope: &Scope,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<ServiceRequest>, DbError> {
    let mut query = within(scope).filter(requests::id.gt(page.start::<ServiceRequestId>()));
    if let Some(term) = filter.term {
        query = query.filter(requests::term_id.eq(term));
    }
    if let Some(site) = filter.site {
        query = query.filter(requests::site_id.eq(site));
    }
    if let Some(state) = filter.state {
        query = query.filter(requests::state.eq(state));
    }
    if let Some(id) = filter.id {
        query = query.filter(requests::id.eq(id));
    }
    if let Some(member) = filter.member {
        query = query.filter(requests::member_id.eq(member));
    }
    if let Some(discipline) = &filter.discipline {
        query = query.filter(requests::discipline_code.eq(discipline.clone()));
    }
    if let Some(priority) = filter.priority {
        query = query.filter(requests::priority.eq(priority));
    }
    if filter.was_planned {
        query = query.filter(requests::state.eq_any(vec![RequestState::Planned, RequestState::Ended]));
    }
    let rows: Vec<Row> = query.order(requests::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(ServiceRequest::from).collect(), page, |request| request.id.0))
}

/// One request.
pub fn find(tx: &mut ReadTx, id: ServiceRequestId) -> Result<Option<ServiceRequest>, DbError> {
    let row: Option<Row> = requests::table.find(id).first(tx.connection()).optional()?;
    Ok(row.map(ServiceRequest::from))
}

/// One request by its number.
pub fn find_by_code(tx: &mut ReadTx, code: &str) -> Result<Option<ServiceRequest>, DbError> {
    let row: Option<Row> = requests::table.filter(requests::code.eq(code)).first(tx.connection()).optional()?;
    Ok(row.map(ServiceRequest::from))
}

/// The columns that hold what was entered, in one place for insert and update.
macro_rules! field_columns {
    ($fields:expr) => {
        (
            requests::site_id.eq($fields.site_id),
            requests::term_id.eq($fields.term_id),
            requests::discipline_code.eq(&$fields.discipline),
            requests::qualifications.eq(Json($fields.qualifications.clone())),
            requests::priority.eq($fields.priority),
            requests::mode.eq($fields.mode),
            requests::minutes_per_week.eq($fields.minutes_per_week),
            requests::visits_per_week_max.eq($fields.visits_per_week_max),
            requests::visit_minutes_min.eq($fields.visit_minutes.min),
            requests::visit_minutes_max.eq($fields.visit_minutes.max),
            requests::windows.eq(Json($fields.windows.clone())),
            requests::current_specialist_id.eq($fields.current_specialist_id),
            requests::consent_on.eq($fields.consent_on),
        )
    };
}

/// Enters a request as a draft.
pub fn insert(
    tx: &mut WriteTx,
    code: &str,
    member: MemberId,
    fields: &ServiceRequestFields,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<ServiceRequestId, DbError> {
    let id = ServiceRequestId::new();
    diesel::insert_into(requests::table)
        .values((
            requests::id.eq(id),
            requests::code.eq(code),
            requests::member_id.eq(member),
            field_columns!(fields),
            requests::state.eq(RequestState::Draft),
            requests::decision_note.eq(""),
            requests::created_by.eq(by),
            requests::version.eq(1),
            requests::created_at.eq(At(now)),
            requests::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes what was entered.
pub fn update(
    tx: &mut WriteTx,
    id: ServiceRequestId,
    member: MemberId,
    fields: &ServiceRequestFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(requests::table.find(id))
        .set((
            requests::member_id.eq(member),
            field_columns!(fields),
            requests::version.eq(requests::version + 1),
            requests::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Moves a request to another state.
pub fn move_to(
    tx: &mut WriteTx,
    id: ServiceRequestId,
    state: RequestState,
    decision_note: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(requests::table.find(id))
        .set((
            requests::state.eq(state),
            requests::decision_note.eq(decision_note),
            requests::version.eq(requests::version + 1),
            requests::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
