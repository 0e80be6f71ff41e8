//! Plans: a weekly timetable, first a draft, then the one people follow, at last replaced.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{WallClock, Weekday};
use super::ids::{MemberId, PlanId, PlanRunId, ServiceRequestId, ShortfallId, SiteId, SpecialistId, TermId, VisitId};
use super::service_request::Priority;

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Made and verified; nobody follows it.
    Draft,
    /// The one people follow.
    Published,
    /// Was published, until another took over.
    Superseded,
}

/// A weekly timetable of a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Plan {
    /// Identity.
    pub id: PlanId,
    /// The number people use, `PLAN-2026-0003`.
    pub code: String,
    /// For which term.
    pub term_id: TermId,
    /// The run that made it.
    pub plan_run_id: PlanRunId,
    /// Where it stands.
    pub state: PlanState,
    /// SHA-256 of the planning instance it was made from.
    pub instance_sha256: String,
    /// First day it is followed, once published.
    pub effective_from: Option<NaiveDate>,
    /// First day it is no longer followed, once another took over.
    pub followed_until: Option<NaiveDate>,
    /// What fewer moved visits would cost in minutes; empty for a plan that was not made to stay close to another.
    pub trade_offs: Vec<TradeOff>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When another took over.
    pub superseded_at: Option<DateTime<Utc>>,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is given up for fewer moved visits, and what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TradeOff {
    /// Mandated minutes that one visit left in its place was taken to be worth.
    pub minutes_per_moved_visit: i64,
    /// Mandated minutes a week of the plan found so.
    pub mandated_minutes: i64,
    /// Visits that stand otherwise than in the plan before.
    pub visits_moved: i64,
    /// Specialists with such a visit.
    pub people_touched: i64,
}

/// A meeting of a specialist and a group at a site, every week on the same day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Visit {
    /// Identity.
    pub id: VisitId,
    /// Of which plan.
    pub plan_id: PlanId,
    /// Who comes.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// Their name.
    pub specialist_name: String,
    /// For which request.
    pub service_request_id: ServiceRequestId,
    /// Its number.
    pub service_request_code: String,
    /// Its discipline.
    pub discipline: String,
    /// Its weight.
    pub priority: Priority,
    /// Where the specialist is; for teletherapy the specialist's home site.
    pub site_id: SiteId,
    /// Name of that site.
    pub site_name: String,
    /// The member that is served.
    pub member_id: MemberId,
    /// On which day.
    pub weekday: Weekday,
    /// From.
    #[schema(value_type = String, example = "08:30")]
    pub starts: WallClock,
    /// To.
    #[schema(value_type = String, example = "09:15")]
    pub ends: WallClock,
}

impl Visit {
    /// Length in minutes.
    pub fn minutes(&self) -> i64 {
        i64::from(self.ends.minutes()) - i64::from(self.starts.minutes())
    }
}

/// A change that would place more minutes, tried by planning again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remedy {
    /// What to change, in plain words.
    pub change: String,
    /// Minutes a week it places, over all requests.
    pub minutes_gained: i64,
    /// Of these, mandated.
    #[serde(default)]
    pub mandated_minutes_gained: i64,
    /// Of these, for the request that goes short.
    #[serde(default)]
    pub minutes_gained_for_request: i64,
    /// What the change itself costs a week, in cents; 0 for no cost.
    #[serde(default)]
    pub cents_per_week: i64,
    /// Visits that get another time or person.
    #[serde(default)]
    pub visits_moved: i64,
}

/// Why minutes are missing, in the order in which causes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// Nobody on the staff may give this.
    NobodyQualifies,
    /// Few may, and these have no time left.
    FewQualifyAndAreFull,
    /// Everybody who may give this has no hours left.
    NoHoursLeft,
    /// Those with hours left have as many sites or requests as they may.
    CapReached,
    /// Hours are left, but not when the school is open to visits.
    NoWindowOverlaps,
    /// The drive is too long, or does not fit into the day.
    DriveDoesNotFit,
    /// No free time is as long as a visit must be.
    VisitLengthDoesNotFit,
    /// The time went to a request of higher priority.
    LostToHigherPriority,
    /// The request's own limits allow no more.
    RequestAllowsNoMore,
    /// The search found no place; a longer one may.
    NotFound,
}

/// One reason why minutes are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cause {
    /// Which.
    pub cause: CauseKind,
    /// Minutes a week that are missing for it.
    pub minutes: i64,
    /// Names of the planning rules that stand in the way.
    pub rules: Vec<String>,
    /// The same in one plain sentence.
    pub sentence: String,
}

/// What was asked and not given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shortfall {
    /// Identity.
    pub id: ShortfallId,
    /// Of which plan.
    pub plan_id: PlanId,
    /// Of which request.
    pub service_request_id: ServiceRequestId,
    /// Its number.
    pub service_request_code: String,
    /// Its discipline.
    pub discipline: String,
    /// Its weight.
    pub priority: Priority,
    /// The site that goes short.
    pub site_name: String,
    /// The member that goes short.
    pub member_id: MemberId,
    /// Minutes a week that are missing.
    pub minutes: i64,
    /// Why, in one plain sentence.
    pub reason: String,
    /// Causes whose minutes add up to the missing ones; empty in plans made before causes were told.
    pub causes: Vec<Cause>,
    /// Names of the planning rules that stand in the way.
    pub binding: Vec<String>,
    /// What would change it, cheapest first.
    pub remedies: Vec<Remedy>,
}

/// Asked and planned minutes a week of one member and discipline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverageCell {
    /// The discipline's code; empty in a total.
    pub discipline: String,
    /// Minutes a week asked for.
    pub requested_minutes: i64,
    /// Minutes a week planned.
    pub placed_minutes: i64,
    /// Of these asked for, mandated.
    pub mandated_requested_minutes: i64,
    /// Of these planned, mandated.
    pub mandated_placed_minutes: i64,
    /// Whether it is too small to be shown alone: its minutes are in the column `pooled` of its row.
    pub is_pooled: bool,
}

impl CoverageCell {
    /// Several cells as one of a discipline; empty in a total.
    pub fn sum<'a>(cells: impl IntoIterator<Item = &'a CoverageCell>, discipline: &str) -> CoverageCell {
        let start = CoverageCell { discipline: discipline.to_owned(), ..CoverageCell::default() };
        cells.into_iter().fold(start, |mut total, cell| {
            total.requested_minutes += cell.requested_minutes;
            total.placed_minutes += cell.placed_minutes;
            total.mandated_requested_minutes += cell.mandated_requested_minutes;
            total.mandated_placed_minutes += cell.mandated_placed_minutes;
            total
        })
    }

    /// Whole percent of the minutes that are planned, rounded down: 100 only when every minute is. `None` where
    /// nothing was asked for.
    pub fn percent(&self) -> Option<i64> {
        (self.requested_minutes > 0).then(|| self.placed_minutes * 100 / self.requested_minutes)
    }

    /// Minutes that are missing.
    pub fn short_minutes(&self) -> i64 {
        self.requested_minutes - self.placed_minutes
    }

    /// Adds a request's minutes.
    pub fn add(&mut self, priority: Priority, requested: i64, placed: i64) {
        self.requested_minutes += requested;
        self.placed_minutes += placed;
        if priority == Priority::Mandated {
            self.mandated_requested_minutes += requested;
            self.mandated_placed_minutes += placed;
        }
    }
}

/// What the rows of a coverage table are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageRows {
    /// One row a member.
    #[default]
    Members,
    /// One row a site.
    Sites,
}

/// Coverage of one member or site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverageRow {
    /// The member's code.
    pub member_code: String,
    /// Its name.
    pub member_name: String,
    /// The site's code, in a row of one site.
    pub site_code: Option<String>,
    /// Its name.
    pub site_name: Option<String>,
    /// One cell for each discipline of the table, in its order.
    pub cells: Vec<CoverageCell>,
    /// Over all disciplines.
    pub total: CoverageCell,
}

/// What a plan meets of what was asked, by member or site and discipline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coverage {
    /// Of which plan.
    pub plan_id: PlanId,
    /// The disciplines that anybody asked for, by code.
    pub disciplines: Vec<String>,
    /// One row a member or site that asked.
    pub rows: Vec<CoverageRow>,
    /// One cell for each discipline, over the rows.
    pub totals: Vec<CoverageCell>,
    /// Over everything.
    pub total: CoverageCell,
    /// No plan can place more mandated minutes than this; only for those who see the whole co-op.
    pub mandated_placed_at_most: Option<i64>,
    /// Groups of fewer minutes a week are put together (see `pooled`), for those who see sums only.
    pub pooled_below_minutes: Option<i64>,
}
