//! The cost share as rows for export and for the statement page.
//!
//! Two tables: [`summary`] with one row a member, and [`lines`] with every amount of every member. The cents of a
//! member's lines add up to its net; what is shown for information stands in a column of its own.

use crate::costing::cost_share::{Amounts, CostShare};
use crate::domain::employer::EmployerCode;

/// What a line of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Minutes received.
    StaffCharge,
    /// Drives to the member's sites.
    TravelCharge,
    /// Part of the cost of administration.
    AdministrationCharge,
    /// Minutes lent to another member.
    LenderStaffCredit,
    /// Drives of a lent specialist to another member.
    LenderTravelCredit,
    /// Minutes of the member's own staff at its own sites, for information.
    OwnStaff,
    /// Drives of the member's own staff to its own sites, for information.
    OwnTravel,
}

impl LineKind {
    /// As it is written in an export.
    pub fn code(self) -> &'static str {
        match self {
            LineKind::StaffCharge => "staff_charge",
            LineKind::TravelCharge => "travel_charge",
            LineKind::AdministrationCharge => "administration_charge",
            LineKind::LenderStaffCredit => "lender_staff_credit",
            LineKind::LenderTravelCredit => "lender_travel_credit",
            LineKind::OwnStaff => "own_staff",
            LineKind::OwnTravel => "own_travel",
        }
    }
}

/// One amount of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Code of the member whose statement the row is on.
    pub member: String,
    /// What the row is.
    pub kind: LineKind,
    /// The member served, on the rows of a lender; empty otherwise.
    pub served_member: String,
    /// Code of the specialist; empty for administration.
    pub specialist: String,
    /// Employer of the specialist, as in the import files; empty for administration.
    pub employer: String,
    /// Discipline; empty for travel and administration.
    pub discipline: String,
    /// Minutes; zero for travel and administration.
    pub minutes: i64,
    /// Hundredths of a mile; zero for staff and administration.
    pub miles_hundredths: i64,
    /// Cents per hour, or per mile on travel rows; zero for administration.
    pub rate_cents: i64,
    /// What the member owes for it; negative for a credit, zero for information.
    pub cents: i64,
    /// What the member bears itself, outside of the co-op; zero for charges and credits.
    pub information_cents: i64,
}

/// Column names of [`lines`], in the order of the fields of [`Row`].
pub const LINE_HEADER: [&str; 11] = [
    "member",
    "kind",
    "served_member",
    "specialist",
    "employer",
    "discipline",
    "minutes",
    "miles_hundredths",
    "rate_cents",
    "cents",
    "information_cents",
];

/// All amounts of one member; the last row of [`summary`] is the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRow {
    /// Code of the member, or `TOTAL`.
    pub member: String,
    /// The amounts.
    pub amounts: Amounts,
}

/// Column names of [`summary`], in the order of [`SummaryRow::figures`] after the member.
pub const SUMMARY_HEADER: [&str; 12] = [
    "member",
    "charged_minutes",
    "lent_minutes",
    "own_staff_minutes",
    "staff_charge_cents",
    "travel_charge_cents",
    "administration_charge_cents",
    "lender_staff_credit_cents",
    "lender_travel_credit_cents",
    "own_staff_cost_cents",
    "own_travel_cost_cents",
    "net_cents",
];

/// How the total row is named. It is always the last row, whatever the members are called.
pub const TOTAL: &str = "TOTAL";

impl SummaryRow {
    /// The figures of the row: three columns of minutes, then eight of cents.
    pub fn figures(&self) -> [i64; 11] {
        let minutes = |minutes: u64| i64::try_from(minutes).unwrap_or(i64::MAX);
        let amounts = &self.amounts;
        [
            minutes(amounts.charged_minutes),
            minutes(amounts.lent_minutes),
            minutes(amounts.own_staff_minutes),
            amounts.staff_charge_cents,
            amounts.travel_charge_cents,
            amounts.administration_charge_cents,
            amounts.lender_staff_credit_cents,
            amounts.lender_travel_credit_cents,
            amounts.own_staff_cost_cents,
            amounts.own_travel_cost_cents,
            amounts.net_cents,
        ]
    }
}

/// One row a member, by code, and the total.
pub fn summary(share: &CostShare) -> Vec<SummaryRow> {
    let row = |member: &str, amounts: &Amounts| SummaryRow { member: member.to_owned(), amounts: amounts.clone() };
    let members = share.members.iter().map(|(code, amounts)| row(code, amounts));
    members.chain([row(TOTAL, &share.total)]).collect()
}

/// Every amount of every member, by member, kind, served member, specialist and discipline.
pub fn lines(share: &CostShare) -> Vec<Row> {
    let mut rows = Vec::new();
    for (member, amounts) in &share.members {
        if amounts.administration_charge_cents != 0 {
            let cents = amounts.administration_charge_cents;
            rows.push(Row { cents, ..blank(member, LineKind::AdministrationCharge) });
        }
    }
    rows.extend(staff_rows(share));
    rows.extend(travel_rows(share));
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    rows
}

fn order(row: &Row) -> (&str, LineKind, &str, &str, &str) {
    (&row.member, row.kind, &row.served_member, &row.specialist, &row.discipline)
}

/// Each staff line once on the statement of the member served and, when another member lent, once on the lender's.
fn staff_rows(share: &CostShare) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in &share.staff_lines {
        let base = Row {
            specialist: line.specialist.clone(),
            employer: line.employer.to_string(),
            discipline: line.discipline.clone(),
            minutes: i64::try_from(line.minutes).unwrap_or(i64::MAX),
            rate_cents: line.cents_per_hour,
            ..blank(&line.member, LineKind::OwnStaff)
        };
        rows.extend(both_sides(base, line.cents, &line.employer, LineKind::StaffCharge, LineKind::LenderStaffCredit));
    }
    rows
}

/// The same for travel lines.
fn travel_rows(share: &CostShare) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in &share.travel_lines {
        let base = Row {
            specialist: line.specialist.clone(),
            employer: line.employer.to_string(),
            miles_hundredths: i64::try_from(line.miles_hundredths).unwrap_or(i64::MAX),
            rate_cents: line.cents_per_mile,
            ..blank(&line.member, LineKind::OwnTravel)
        };
        rows.extend(both_sides(base, line.cents, &line.employer, LineKind::TravelCharge, LineKind::LenderTravelCredit));
    }
    rows
}

/// `base` is the row of a member served by its own staff; otherwise it becomes a charge and, for a lender, a credit.
fn both_sides(base: Row, cents: i64, employer: &EmployerCode, charge: LineKind, credit: LineKind) -> Vec<Row> {
    match employer {
        EmployerCode::Member(code) if *code == base.member => vec![Row { information_cents: cents, ..base }],
        EmployerCode::Member(lender) => {
            let served_member = base.member.clone();
            let credited = Row { member: lender.clone(), kind: credit, served_member, cents: -cents, ..base.clone() };
            vec![Row { kind: charge, cents, ..base }, credited]
        }
        EmployerCode::Coop | EmployerCode::Agency(_) => vec![Row { kind: charge, cents, ..base }],
    }
}

fn blank(member: &str, kind: LineKind) -> Row {
    Row {
        member: member.to_owned(),
        kind,
        served_member: String::new(),
        specialist: String::new(),
        employer: String::new(),
        discipline: String::new(),
        minutes: 0,
        miles_hundredths: 0,
        rate_cents: 0,
        cents: 0,
        information_cents: 0,
    }
}
