//! The cost share of a published weekly plan over a period of dates: who owes what to whom.
//!
//! Each minute is billed to the member that receives it, at the cost of the specialist who gives it; each drive to the
//! member it leads to. What becomes of the money depends on the employer. The co-op and agencies are paid from a pool;
//! a member that lends its specialist is credited; a member served by its own specialist pays its employee already, so
//! that is shown and neither charged nor credited. The cost of administration comes on top.
//!
//! A period in which the plan or a rate changes is cut at the change: share each part and add the statements.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::costing::apportion::ApportionError;
use crate::domain::employer::EmployerCode;

mod administration;
mod balance;
mod input;
mod lines;

use input::MAX_PERIOD_DAYS;

pub use balance::{OutOfBalance, check_balance};
pub use input::{CostedPlan, CostedSpecialist, CostedVisit, Leg, Settings, WeekdayCounts};

/// Why a cost share cannot be worked out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CostShareError {
    /// A visit or leg names a specialist that is not in the list.
    #[error("the plan names specialist {0}, for whom there is no rate")]
    UnknownSpecialist(String),
    /// A visit, leg or employer names a member that is not in the list.
    #[error("the plan names member {0}, which is not a member of the co-op in this period")]
    UnknownMember(String),
    /// Two members or two specialists have the same code.
    #[error("{0} is listed twice")]
    ListedTwice(String),
    /// A rate, length or setting is outside its range.
    #[error("{what} must be from 0 to {maximum}, and is {value}")]
    OutOfRange {
        /// Which figure.
        what: String,
        /// What it is.
        value: i64,
        /// The largest value allowed.
        maximum: i64,
    },
    /// The period holds no day, or more than ten years of them.
    #[error("a period holds 1 to {MAX_PERIOD_DAYS} days; this one holds {0}")]
    Period(i64),
    /// An amount could not be split.
    #[error(transparent)]
    Apportion(#[from] ApportionError),
    /// The result does not add up: a fault of this program. Nothing is billed.
    #[error(transparent)]
    OutOfBalance(#[from] OutOfBalance),
}

/// The minutes that one specialist gave to one member, and what they cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffLine {
    /// Code of the member served.
    pub member: String,
    /// Code of the specialist.
    pub specialist: String,
    /// Who employs the specialist.
    pub employer: EmployerCode,
    /// Discipline of the visits.
    pub discipline: String,
    /// Minutes in the whole period.
    pub minutes: u64,
    /// What an hour of the specialist costs.
    pub cents_per_hour: i64,
    /// `minutes * cents_per_hour / 60`, less than one cent off (see [`share`]).
    pub cents: i64,
}

/// The drives of one specialist to sites of one member, and what they cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelLine {
    /// Code of the member driven to, which bears the cost.
    pub member: String,
    /// Code of the specialist.
    pub specialist: String,
    /// Who employs the specialist and pays the mileage.
    pub employer: EmployerCode,
    /// Drives in the whole period.
    pub legs: u64,
    /// Hundredths of a mile in the whole period.
    pub miles_hundredths: u64,
    /// What a mile costs.
    pub cents_per_mile: i64,
    /// `miles_hundredths * cents_per_mile / 100`, less than one cent off.
    pub cents: i64,
}

impl StaffLine {
    /// Whether a member is served by its own employee: shown, neither charged nor credited.
    pub fn is_own_staff(&self) -> bool {
        self.employer == EmployerCode::Member(self.member.clone())
    }
}

impl TravelLine {
    /// Whether a member's own employee drives to a site of that member.
    pub fn is_own_staff(&self) -> bool {
        self.employer == EmployerCode::Member(self.member.clone())
    }
}

/// Amounts of one member, or of all members together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Minutes received from other employers' specialists.
    pub charged_minutes: u64,
    /// Minutes of its own specialists given to other members.
    pub lent_minutes: u64,
    /// Minutes received from its own specialists.
    pub own_staff_minutes: u64,
    /// Charge for the minutes received.
    pub staff_charge_cents: i64,
    /// Charge for the drives to its sites.
    pub travel_charge_cents: i64,
    /// Its part of the cost of administration.
    pub administration_charge_cents: i64,
    /// Credit for the minutes lent.
    pub lender_staff_credit_cents: i64,
    /// Credit for the drives of its specialists to other members.
    pub lender_travel_credit_cents: i64,
    /// What its own specialists cost it here, for information.
    pub own_staff_cost_cents: i64,
    /// What the drives of its own specialists to its own sites cost it, for information.
    pub own_travel_cost_cents: i64,
    /// Charges less credits. Negative when the member is owed money.
    pub net_cents: i64,
}

impl Amounts {
    /// All charges.
    pub fn charges_cents(&self) -> i64 {
        self.staff_charge_cents + self.travel_charge_cents + self.administration_charge_cents
    }

    /// All credits.
    pub fn credits_cents(&self) -> i64 {
        self.lender_staff_credit_cents + self.lender_travel_credit_cents
    }

    fn add(&mut self, other: &Amounts) {
        self.charged_minutes += other.charged_minutes;
        self.lent_minutes += other.lent_minutes;
        self.own_staff_minutes += other.own_staff_minutes;
        self.staff_charge_cents += other.staff_charge_cents;
        self.travel_charge_cents += other.travel_charge_cents;
        self.administration_charge_cents += other.administration_charge_cents;
        self.lender_staff_credit_cents += other.lender_staff_credit_cents;
        self.lender_travel_credit_cents += other.lender_travel_credit_cents;
        self.own_staff_cost_cents += other.own_staff_cost_cents;
        self.own_travel_cost_cents += other.own_travel_cost_cents;
        self.net_cents += other.net_cents;
    }
}

/// What the members' net payments are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payable {
    /// Cost of the co-op's own specialists, with their drives.
    pub coop_cents: i64,
    /// Cost of each agency's specialists, with their drives, by agency name.
    pub agency_cents: BTreeMap<String, i64>,
    /// Cost of administration, kept by the co-op.
    pub administration_cents: i64,
}

impl Payable {
    /// Everything together.
    pub fn total_cents(&self) -> i64 {
        self.coop_cents + self.agency_cents.values().sum::<i64>() + self.administration_cents
    }
}

/// The cost share of a plan over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostShare {
    /// Amounts of every member, by code; a member without visits has its part of administration.
    pub members: BTreeMap<String, Amounts>,
    /// The sum over all members.
    pub total: Amounts,
    /// Where the net payments go.
    pub payable: Payable,
    /// Every staff line, own staff included, by member, specialist and discipline.
    pub staff_lines: Vec<StaffLine>,
    /// Every travel line, own staff included, by member and specialist.
    pub travel_lines: Vec<TravelLine>,
}

/// Works out the cost share of a plan.
///
/// Rounding: a specialist's cost over the whole period is rounded once, half a cent up; the lines are rounded with it
/// by the largest remainder, so that they add up to it exactly. Travel is rounded per specialist in the same way, and
/// administration once for the whole co-op. The result is checked with [`check_balance`] before it is returned.
pub fn share(plan: &CostedPlan) -> Result<CostShare, CostShareError> {
    let specialists = plan.checked()?;
    let staff_lines = lines::staff(plan, &specialists)?;
    let travel_lines = lines::travel(plan, &specialists)?;
    let mut members: BTreeMap<String, Amounts> =
        plan.members.iter().map(|code| (code.clone(), Amounts::default())).collect();
    let mut payable = Payable::default();
    for line in &staff_lines {
        book_staff(line, &mut members, &mut payable);
    }
    for line in &travel_lines {
        book_travel(line, &mut members, &mut payable);
    }
    payable.administration_cents = administration::charge(&plan.settings, &mut members)?;

    let mut total = Amounts::default();
    for amounts in members.values_mut() {
        amounts.net_cents = amounts.charges_cents() - amounts.credits_cents();
        total.add(amounts);
    }
    let share = CostShare { members, total, payable, staff_lines, travel_lines };
    check_balance(&share)?;
    Ok(share)
}

/// Charges a staff line to the member served and credits its employer.
fn book_staff(line: &StaffLine, members: &mut BTreeMap<String, Amounts>, payable: &mut Payable) {
    let served = members.entry(line.member.clone()).or_default();
    if line.is_own_staff() {
        served.own_staff_minutes += line.minutes;
        served.own_staff_cost_cents += line.cents;
        return;
    }
    served.charged_minutes += line.minutes;
    served.staff_charge_cents += line.cents;
    match &line.employer {
        EmployerCode::Member(lender) => {
            let lender = members.entry(lender.clone()).or_default();
            lender.lent_minutes += line.minutes;
            lender.lender_staff_credit_cents += line.cents;
        }
        EmployerCode::Coop => payable.coop_cents += line.cents,
        EmployerCode::Agency(name) => *payable.agency_cents.entry(name.clone()).or_default() += line.cents,
    }
}

/// Charges a travel line to the member driven to and credits the employer, who pays the mileage.
fn book_travel(line: &TravelLine, members: &mut BTreeMap<String, Amounts>, payable: &mut Payable) {
    let visited = members.entry(line.member.clone()).or_default();
    if line.is_own_staff() {
        visited.own_travel_cost_cents += line.cents;
        return;
    }
    visited.travel_charge_cents += line.cents;
    match &line.employer {
        EmployerCode::Member(lender) => {
            members.entry(lender.clone()).or_default().lender_travel_credit_cents += line.cents;
        }
        EmployerCode::Coop => payable.coop_cents += line.cents,
        EmployerCode::Agency(name) => *payable.agency_cents.entry(name.clone()).or_default() += line.cents,
    }
}
