//! Contracts and weekly hours of specialists, each in force for a time.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::schema::{specialist_availability as availability, specialist_contracts as contracts};
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::calendar::WeeklyHours;
use crate::domain::ids::{AvailabilityId, ContractId, MemberId, SiteId, SpecialistId};
use crate::domain::policy::StayPreference;
use crate::domain::specialist::{Availability, AvailabilityFields, Contract, ContractFields, Employer};

#[derive(Queryable)]
struct ContractRow {
    id: ContractId,
    specialist_id: SpecialistId,
    employer_kind: String,
    employer_member_id: Option<MemberId>,
    employer_agency: Option<String>,
    home_site_id: SiteId,
    direct_minutes_per_week_max: i64,
    direct_minutes_per_day_max: i64,
    paid_minutes_per_week: Option<i64>,
    lendable_minutes_per_week_max: Option<i64>,
    sites_per_day_max: i64,
    travel_minutes_per_day_max: i64,
    reach_minutes_max: i64,
    break_minutes: i64,
    cost_cents_per_hour: i64,
    evaluation_block_minutes: i64,
    supervisor_ids: Json<Vec<SpecialistId>>,
    supervision_hours: Option<Json<WeeklyHours>>,
    stay_preference: Option<StayPreference>,
    effective_from: NaiveDate,
    effective_until: Option<NaiveDate>,
    version: i64,
    created_at: At,
    updated_at: At,
}

impl From<ContractRow> for Contract {
    fn from(row: ContractRow) -> Contract {
        // The table's check constraint leaves no other combination.
        let employer = match (row.employer_kind.as_str(), row.employer_member_id, row.employer_agency) {
            ("member", Some(member_id), _) => Employer::Member { member_id },
            ("agency", _, Some(name)) => Employer::Agency { name },
            _ => Employer::Coop {},
        };
        Contract {
            id: row.id,
            specialist_id: row.specialist_id,
            fields: ContractFields {
                employer,
                home_site_id: row.home_site_id,
                direct_minutes_per_week_max: row.direct_minutes_per_week_max,
                direct_minutes_per_day_max: row.direct_minutes_per_day_max,
                paid_minutes_per_week: row.paid_minutes_per_week,
                lendable_minutes_per_week_max: row.lendable_minutes_per_week_max,
                sites_per_day_max: row.sites_per_day_max,
                travel_minutes_per_day_max: row.travel_minutes_per_day_max,
                reach_minutes_max: row.reach_minutes_max,
                break_minutes: row.break_minutes,
                cost_cents_per_hour: row.cost_cents_per_hour,
                evaluation_block_minutes: row.evaluation_block_minutes,
                supervisor_ids: row.supervisor_ids.0,
                supervision_hours: row.supervision_hours.map(|hours| hours.0),
                stay_preference: row.stay_preference,
                effective_from: row.effective_from,
                effective_until: row.effective_until,
            },
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// The columns that hold a contract's fields, in one place for insert and update.
macro_rules! contract_columns {
    ($fields:expr) => {{
        let (kind, member, agency) = match &$fields.employer {
            Employer::Member { member_id } => ("member", Some(*member_id), None),
            Employer::Coop {} => ("coop", None, None),
            Employer::Agency { name } => ("agency", None, Some(name.as_str())),
        };
        (
            contracts::employer_kind.eq(kind),
            contracts::employer_member_id.eq(member),
            contracts::employer_agency.eq(agency),
            contracts::home_site_id.eq($fields.home_site_id),
            contracts::direct_minutes_per_week_max.eq($fields.direct_minutes_per_week_max),
            contracts::direct_minutes_per_day_max.eq($fields.direct_minutes_per_day_max),
            contracts::paid_minutes_per_week.eq($fields.paid_minutes_per_week),
            contracts::lendable_minutes_per_week_max.eq($fields.lendable_minutes_per_week_max),
            contracts::sites_per_day_max.eq($fields.sites_per_day_max),
            contracts::travel_minutes_per_day_max.eq($fields.travel_minutes_per_day_max),
            contracts::reach_minutes_max.eq($fields.reach_minutes_max),
            contracts::break_minutes.eq($fields.break_minutes),
            contracts::cost_cents_per_hour.eq($fields.cost_cents_per_hour),
            contracts::evaluation_block_minutes.eq($fields.evaluation_block_minutes),
            contracts::supervisor_ids.eq(Json($fields.supervisor_ids.clone())),
            contracts::supervision_hours.eq($fields.supervision_hours.clone().map(Json)),
            contracts::stay_preference.eq($fields.stay_preference),
            contracts::effective_from.eq($fields.effective_from),
            contracts::effective_until.eq($fields.effective_until),
        )
    }};
}

/// Contracts of one specialist or of all, by first day.
pub fn contracts(tx: &mut ReadTx, specialist: Option<SpecialistId>) -> Result<Vec<Contract>, DbError> {
    let mut query = contracts::table.order((contracts::specialist_id, contracts::effective_from)).into_boxed();
    if let Some(specialist) = specialist {
        query = query.filter(contracts::specialist_id.eq(specialist));
    }
    let rows: Vec<ContractRow> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(Contract::from).collect())
}

/// One contract.
pub fn find_contract(tx: &mut ReadTx, id: ContractId) -> Result<Option<Contract>, DbError> {
    let row: Option<ContractRow> = contracts::table.find(id).first(tx.connection()).optional()?;
    Ok(row.map(Contract::from))
}

/// Enters a contract.
pub fn insert_contract(
    tx: &mut WriteTx,
    specialist: SpecialistId,
    fields: &ContractFields,
    now: DateTime<Utc>,
) -> Result<ContractId, DbError> {
    let id = ContractId::new();
    diesel::insert_into(contracts::table)
        .values((
            contracts::id.eq(id),
            contracts::specialist_id.eq(specialist),
            contract_columns!(fields),
            contracts::version.eq(1),
            contracts::created_at.eq(At(now)),
            contracts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes a contract.
pub fn update_contract(
    tx: &mut WriteTx,
    id: ContractId,
    fields: &ContractFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(contracts::table.find(id))
        .set((
            contract_columns!(fields),
            contracts::version.eq(contracts::version + 1),
            contracts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type AvailabilityRow = (AvailabilityId, SpecialistId, Json<WeeklyHours>, NaiveDate, Option<NaiveDate>, i64, At, At);

fn availability_record(row: AvailabilityRow) -> Availability {
    let (id, specialist_id, weekly_hours, effective_from, effective_until, version, created_at, updated_at) = row;
    Availability {
        id,
        specialist_id,
        fields: AvailabilityFields { weekly_hours: weekly_hours.0, effective_from, effective_until },
        version,
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

/// Weekly hours of one specialist or of all, by first day.
pub fn availability(tx: &mut ReadTx, specialist: Option<SpecialistId>) -> Result<Vec<Availability>, DbError> {
    let mut query = availability::table.order((availability::specialist_id, availability::effective_from)).into_boxed();
    if let Some(specialist) = specialist {
        query = query.filter(availability::specialist_id.eq(specialist));
    }
    let rows: Vec<AvailabilityRow> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(availability_record).collect())
}

/// One set of weekly hours.
pub fn find_availability(tx: &mut ReadTx, id: AvailabilityId) -> Result<Option<Availability>, DbError> {
    Ok(availability::table.find(id).first(tx.connection()).optional()?.map(availability_record))
}

/// Enters weekly hours.
pub fn insert_availability(
    tx: &mut WriteTx,
    specialist: SpecialistId,
    fields: &AvailabilityFields,
    now: DateTime<Utc>,
) -> Result<AvailabilityId, DbError> {
    let id = AvailabilityId::new();
    diesel::insert_into(availability::table)
        .values((
            availability::id.eq(id),
            availability::specialist_id.eq(specialist),
            availability::weekly_hours.eq(Json(fields.weekly_hours.clone())),
            availability::effective_from.eq(fields.effective_from),
            availability::effective_until.eq(fields.effective_until),
            availability::version.eq(1),
            availability::created_at.eq(At(now)),
            availability::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes weekly hours.
pub fn update_availability(
    tx: &mut WriteTx,
    id: AvailabilityId,
    fields: &AvailabilityFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(availability::table.find(id))
        .set((
            availability::weekly_hours.eq(Json(fields.weekly_hours.clone())),
            availability::effective_from.eq(fields.effective_from),
            availability::effective_until.eq(fields.effective_until),
            availability::version.eq(availability::version + 1),
            availability::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
