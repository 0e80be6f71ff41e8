//! Splitting an amount in whole cents so that the parts add up exactly: the method of largest remainders (Hamilton).
//!
//! Every part is first rounded down; the cents still missing go one each to the parts with the largest remainders.
//! A part is therefore always less than one cent away from its exact value. The price, worth one cent, is the
//! Alabama paradox: a larger total may give a member one cent less (weights 6, 6, 2: 10 splits 4, 4, 2 but 11 splits
//! 5, 5, 1). Methods without the paradox may miss the exact value by more than a cent, which auditors mind more.

use thiserror::Error;

/// Why an amount cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ApportionError {
    /// There is an amount to split and nobody to bear it.
    #[error("{total_cents} cents cannot be split: every weight is zero")]
    NobodyToBear {
        /// The amount that was to be split.
        total_cents: i64,
    },
    /// A figure does not fit in the arithmetic used; far beyond any co-op's budget.
    #[error("an amount is too large to be split exactly")]
    TooLarge,
}

/// Splits `total_cents` in proportion to `weights`, to the cent.
///
/// Equal remainders go to the earlier weight, so callers give the weights in the order of an immutable code (members
/// by member code): then the result depends on nobody's position on a screen. A zero weight gets nothing. A negative
/// total, a credit, is the mirror image of the positive one.
pub fn split(total_cents: i64, weights: &[u64]) -> Result<Vec<i64>, ApportionError> {
    let denominator = weights.iter().map(|&weight| i128::from(weight)).sum::<i128>();
    if denominator == 0 {
        return match total_cents {
            0 => Ok(vec![0; weights.len()]),
            _ => Err(ApportionError::NobodyToBear { total_cents }),
        };
    }
    // |total| <= 2^63 and weight < 2^64: the product is below 2^127 and fits.
    let size = i128::from(total_cents).abs();
    let numerators: Vec<i128> = weights.iter().map(|&weight| size * i128::from(weight)).collect();
    let parts = round_together(&numerators, denominator)?;
    Ok(if total_cents < 0 { parts.into_iter().map(|part| -part).collect() } else { parts })
}

/// Rounds exact amounts `numerators[i] / denominator` cents together: the results add up to the exact sum rounded to
/// the nearest cent (half a cent up), and each is less than one cent away from its own exact amount.
///
/// All numerators are zero or more and the denominator is positive. Equal remainders go to the earlier amount.
pub fn round_together(numerators: &[i128], denominator: i128) -> Result<Vec<i64>, ApportionError> {
    let mut exact_sum = 0_i128;
    for numerator in numerators {
        exact_sum = exact_sum.checked_add(*numerator).ok_or(ApportionError::TooLarge)?;
    }
    let total = round_half_up(exact_sum, denominator);
    let mut parts: Vec<i128> = numerators.iter().map(|numerator| numerator / denominator).collect();

    // The remainders add up to less than one cent for each part that has one, so nobody gets more than one cent extra.
    let missing = total - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
    by_remainder.sort_by_key(|&index| std::cmp::Reverse(numerators[index] % denominator));
    for &index in by_remainder.iter().take(usize::try_from(missing).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts.into_iter().map(|part| i64::try_from(part).map_err(|_| ApportionError::TooLarge)).collect()
}

/// `numerator / denominator`, neither negative, rounded to the nearest whole; a half goes up.
pub fn round_half_up(numerator: i128, denominator: i128) -> i128 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    if rest >= denominator - rest { whole + 1 } else { whole }
}
