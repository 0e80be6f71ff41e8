//! Stored cost-share statements.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::{CostShareId, PlanId};

/// What a statement is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostShareFields {
    /// A plan that is or was published.
    pub plan_id: PlanId,
    /// First day of the period.
    pub period_from: NaiveDate,
    /// First day after the period.
    pub period_until: NaiveDate,
}

impl CostShareFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let days = self.period_until.signed_duration_since(self.period_from).num_days();
        faults.require((1..=366).contains(&days), "/period_until", || {
            format!("A period lasts 1 to 366 days from {}; write the first day after it", self.period_from)
        });
        faults.into_vec()
    }
}

/// That a statement exists; its lines are read on their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostShareHead {
    /// Identity.
    pub id: CostShareId,
    /// The number people use, `CS-2026-0007`.
    pub code: String,
    /// What it was asked for.
    #[serde(flatten)]
    pub fields: CostShareFields,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What one member owes and is owed, in cents. Charges minus credits is `net_cents`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberShare {
    /// The member's code.
    pub member: String,
    /// Minutes received from staff of others.
    pub charged_minutes: i64,
    /// Minutes its own staff gave to other members.
    pub lent_minutes: i64,
    /// Minutes its own staff gave to its own sites.
    pub own_staff_minutes: i64,
    /// For the minutes received.
    pub staff_charge_cents: i64,
    /// For drives to its sites.
    pub travel_charge_cents: i64,
    /// Its part of administration.
    pub administration_charge_cents: i64,
    /// For the minutes lent.
    pub lender_staff_credit_cents: i64,
    /// For drives of its staff to other members.
    pub lender_travel_credit_cents: i64,
    /// What its own staff at its own sites costs; for information, not part of the net.
    pub own_staff_cost_cents: i64,
    /// The same for drives.
    pub own_travel_cost_cents: i64,
    /// What it pays; negative when it is paid.
    pub net_cents: i64,
}

/// What one member pays for a period, and nothing of how it comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberNet {
    /// The member's code.
    pub member: String,
    /// What it pays; negative when it is paid.
    pub net_cents: i64,
}

/// One amount of one member, so that a clerk can add it up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShareLine {
    /// The member whose statement it is on.
    pub member: String,
    /// `staff_charge`, `travel_charge`, `administration_charge`, `lender_staff_credit`, `lender_travel_credit`,
    /// `own_staff` or `own_travel`.
    pub kind: String,
    /// The member served, on a lender's lines.
    pub served_member: String,
    /// The specialist's code.
    pub specialist: String,
    /// Who employs the specialist: `member:KIPP`, `coop` or `agency:NAME`.
    pub employer: String,
    /// The discipline's code.
    pub discipline: String,
    /// Minutes in the period.
    pub minutes: i64,
    /// Hundredths of a mile in the period.
    pub miles_hundredths: i64,
    /// Cents an hour, or a mile on travel lines.
    pub rate_cents: i64,
    /// What the member owes for it; negative for a credit.
    pub cents: i64,
    /// What it bears itself, for information.
    pub information_cents: i64,
}

/// What goes to an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgencyPayment {
    /// The agency.
    pub agency: String,
    /// Cents.
    pub cents: i64,
}

/// A whole statement. Charges of all members equal credits plus what goes to the co-op and to agencies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    /// First day that was counted: the later of the period's and the plan's.
    pub counted_from: NaiveDate,
    /// First day that was not counted any more.
    pub counted_until: NaiveDate,
    /// What each member pays; told when it is shown, not stored.
    #[serde(default, skip_deserializing)]
    pub nets: Vec<MemberNet>,
    /// How that comes about. Only of members whose lines are seen: minutes of a small one can be about one student, and a
    /// single specialist's say what an hour costs.
    pub members: Vec<MemberShare>,
    /// The sum over all members; absent where only some members are shown.
    pub total: Option<MemberShare>,
    /// What the co-op's own staff costs.
    pub payable_to_coop_cents: i64,
    /// What agencies get.
    pub payable_to_agencies: Vec<AgencyPayment>,
    /// What administration costs.
    pub administration_cents: i64,
    /// Every amount.
    pub lines: Vec<ShareLine>,
}

impl Statement {
    /// What each member pays.
    pub fn nets(&self) -> Vec<MemberNet> {
        let net = |share: &MemberShare| MemberNet { member: share.member.clone(), net_cents: share.net_cents };
        self.members.iter().map(net).collect()
    }
}

/// A stored statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostShareStatement {
    /// Which, and for what.
    #[serde(flatten)]
    pub head: CostShareHead,
    /// The amounts.
    pub statement: Statement,
}
