//! The proof that a cost share adds up, made again from its lines before anything is billed.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Amounts, CostShare};
use crate::domain::employer::EmployerCode;

/// Two figures that must be equal and are not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the cost share does not balance: {what} should be {expected} and is {found}")]
pub struct OutOfBalance {
    /// Which figure.
    pub what: String,
    /// What it must be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

/// Checks, to the cent:
///
/// 1. each member's charges and own-staff cost are the sum of its lines, each lender's credits the sum of the lines
///    of its specialists at other members;
/// 2. each member's net is charges less credits, and the totals are the sums over the members;
/// 3. all charges less all credits are what is payable to the co-op, to agencies and for administration.
pub fn check_balance(share: &CostShare) -> Result<(), OutOfBalance> {
    let mut from_lines: BTreeMap<&str, Amounts> = BTreeMap::new();
    let (mut coop_cents, mut agency_cents) = (0, 0);
    let staff = share.staff_lines.iter().map(|line| (&line.member, &line.employer, line.cents, true));
    let travel = share.travel_lines.iter().map(|line| (&line.member, &line.employer, line.cents, false));
    for (member, employer, cents, is_staff) in staff.chain(travel) {
        let served = from_lines.entry(member).or_default();
        match employer {
            EmployerCode::Member(code) if code == member && is_staff => served.own_staff_cost_cents += cents,
            EmployerCode::Member(code) if code == member => served.own_travel_cost_cents += cents,
            _ if is_staff => served.staff_charge_cents += cents,
            _ => served.travel_charge_cents += cents,
        }
        match employer {
            EmployerCode::Member(code) if code == member => {}
            EmployerCode::Member(code) if is_staff => {
                from_lines.entry(code).or_default().lender_staff_credit_cents += cents;
            }
            EmployerCode::Member(code) => from_lines.entry(code).or_default().lender_travel_credit_cents += cents,
            EmployerCode::Coop => coop_cents += cents,
            EmployerCode::Agency(_) => agency_cents += cents,
        }
    }
    let nothing = Amounts::default();
    let mut total = Amounts::default();
    for (code, amounts) in &share.members {
        let lines = from_lines.remove(code.as_str()).unwrap_or_else(|| nothing.clone());
        check_member(code, amounts, &lines)?;
        total.add(amounts);
    }
    if let Some((code, amounts)) = from_lines.into_iter().next() {
        return Err(OutOfBalance {
            what: format!("lines of {code}, which is no member"),
            expected: 0,
            found: amounts.charges_cents() + amounts.credits_cents(),
        });
    }
    check_member("all members", &share.total, &total)?;
    equal("administration of all members", share.payable.administration_cents, total.administration_charge_cents)?;
    equal("payable to the co-op", coop_cents, share.payable.coop_cents)?;
    equal("payable to agencies", agency_cents, share.payable.agency_cents.values().sum())?;
    equal("net of all members", share.payable.total_cents(), total.charges_cents() - total.credits_cents())
}

/// Compares the amounts of a member with what its lines add up to. Administration has no lines; `net` is recomputed.
fn check_member(whose: &str, amounts: &Amounts, lines: &Amounts) -> Result<(), OutOfBalance> {
    let pairs = [
        ("staff charge", lines.staff_charge_cents, amounts.staff_charge_cents),
        ("travel charge", lines.travel_charge_cents, amounts.travel_charge_cents),
        ("staff credit", lines.lender_staff_credit_cents, amounts.lender_staff_credit_cents),
        ("travel credit", lines.lender_travel_credit_cents, amounts.lender_travel_credit_cents),
        ("own staff cost", lines.own_staff_cost_cents, amounts.own_staff_cost_cents),
        ("own travel cost", lines.own_travel_cost_cents, amounts.own_travel_cost_cents),
        ("net", amounts.charges_cents() - amounts.credits_cents(), amounts.net_cents),
    ];
    for (figure, expected, found) in pairs {
        equal(&format!("{figure} of {whose}"), expected, found)?;
    }
    Ok(())
}

fn equal(what: &str, expected: i64, found: i64) -> Result<(), OutOfBalance> {
    if expected == found { Ok(()) } else { Err(OutOfBalance { what: what.to_owned(), expected, found }) }
}
