//! The cost of administration: a part of the charged staff cost, borne partly equally and partly by use.

use std::collections::BTreeMap;

use super::{Amounts, CostShareError, Settings};
use crate::costing::apportion::{ApportionError, round_half_up, round_together};

const BASIS_POINTS: i128 = 10_000;

/// Charges administration to the members and returns its total.
///
/// With `T` the total, `e` the equal part in basis points, `n` the members and `m` of `M` the minutes charged to a
/// member, the member bears `T * (e / n + (10000 - e) * m / M) / 10000`, over one denominator and with one rounding.
pub(super) fn charge(settings: &Settings, members: &mut BTreeMap<String, Amounts>) -> Result<i64, CostShareError> {
    let staff_cost = members.values().map(|amounts| i128::from(amounts.staff_charge_cents)).sum::<i128>();
    let total = round_half_up(staff_cost * i128::from(settings.administration_basis_points), BASIS_POINTS);
    if total == 0 {
        return Ok(0);
    }
    // A total above zero means that minutes were charged, so neither divisor is zero.
    let all_minutes = members.values().map(|amounts| i128::from(amounts.charged_minutes)).sum::<i128>();
    let count = members.len() as i128;
    let equal = i128::from(settings.administration_equal_share_basis_points);
    let mut exact = Vec::with_capacity(members.len());
    for amounts in members.values() {
        let weight = equal * all_minutes + (BASIS_POINTS - equal) * i128::from(amounts.charged_minutes) * count;
        exact.push(total.checked_mul(weight).ok_or(ApportionError::TooLarge)?);
    }
    let parts = round_together(&exact, BASIS_POINTS * count * all_minutes)?;
    for (amounts, cents) in members.values_mut().zip(parts) {
        amounts.administration_charge_cents = cents;
    }
    i64::try_from(total).map_err(|_| ApportionError::TooLarge.into())
}
