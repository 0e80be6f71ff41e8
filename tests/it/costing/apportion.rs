//! Splits that add up: known cases and the properties that every split has.

use std::collections::BTreeSet;

use coop_scheduler::costing::apportion::{ApportionError, round_together, split};
use proptest::prelude::*;

#[test]
fn known_splits() {
    // $1,000.00 of travel by miles.
    assert_eq!(split(100_000, &[10, 20, 3]), Ok(vec![30_303, 60_606, 9_091]));
    // Equal remainders go to the earlier code.
    assert_eq!(split(100, &[1, 1, 1]), Ok(vec![34, 33, 33]));
    assert_eq!(split(-100, &[1, 1, 1]), Ok(vec![-34, -33, -33]));
    assert_eq!(split(0, &[0, 0]), Ok(vec![0, 0]));
    assert_eq!(split(0, &[]), Ok(vec![]));
}

#[test]
fn the_alabama_paradox_is_real() {
    assert_eq!(split(10, &[6, 6, 2]), Ok(vec![4, 4, 2]));
    assert_eq!(split(11, &[6, 6, 2]), Ok(vec![5, 5, 1]));
}

#[test]
fn an_amount_without_bearers_is_refused() {
    assert_eq!(split(1, &[0, 0]), Err(ApportionError::NobodyToBear { total_cents: 1 }));
    assert_eq!(split(-1, &[]), Err(ApportionError::NobodyToBear { total_cents: -1 }));
}

#[test]
fn the_largest_figures_are_split_or_refused_and_never_wrong() {
    assert_eq!(split(i64::MAX, &[u64::MAX]), Ok(vec![i64::MAX]));
    assert_eq!(split(i64::MIN + 1, &[1, 1]), Ok(vec![i64::MIN / 2, i64::MIN / 2 + 1]));
    assert_eq!(split(i64::MAX, &[u64::MAX; 3]), Err(ApportionError::TooLarge));
}

#[test]
fn overhead_partly_equal_partly_by_use_is_rounded_once() {
    // $10,000.01: 20 % equal, 80 % by 1000, 600, 400; exact cents 7000007/15, 23000023/75, 17000017/75.
    let exact = [7_000_007 * 5, 23_000_023, 17_000_017];
    assert_eq!(round_together(&exact, 75), Ok(vec![466_667, 306_667, 226_667]));
}

/// Totals of either sign and weights, at least one of them positive.
fn cases() -> impl Strategy<Value = (i64, Vec<u64>)> {
    let weights = prop::collection::vec(prop_oneof![Just(0), 1_u64..10, 0_u64..1_000_000], 1..12);
    (-1_000_000_000_i64..1_000_000_000, weights)
        .prop_filter("someone must bear", |(_, weights)| weights.iter().any(|w| *w > 0))
}

proptest! {
    #[test]
    fn parts_add_up_and_stay_within_a_cent((total, weights) in cases()) {
        let parts = split(total, &weights).expect("there is a weight");
        prop_assert_eq!(parts.iter().sum::<i64>(), total);
        let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        for (&part, &weight) in parts.iter().zip(&weights) {
            let error = i128::from(part) * sum - i128::from(total) * i128::from(weight);
            prop_assert!(error.abs() < sum, "{part} for weight {weight}");
            prop_assert!(weight > 0 || part == 0);
        }
    }

    #[test]
    fn more_weight_never_bears_less((total, weights) in cases()) {
        let parts = split(total.abs(), &weights).expect("there is a weight");
        for (a, b) in weights.iter().zip(&parts) {
            for (c, d) in weights.iter().zip(&parts) {
                prop_assert!(a <= c || b >= d, "weight {a} bears {b}, weight {c} bears {d}");
            }
        }
    }

    #[test]
    fn the_order_decides_nothing_but_ties((total, weights) in cases(), turn in 0_usize..12) {
        let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        let remainders: BTreeSet<i128> = weights.iter().map(|&w| i128::from(total) * i128::from(w) % sum).collect();
        prop_assume!(remainders.len() == weights.len());
        let turn = turn % weights.len();
        let mut turned = weights.clone();
        turned.rotate_left(turn);
        let mut expected = split(total, &weights).expect("there is a weight");
        expected.rotate_left(turn);
        prop_assert_eq!(split(total, &turned), Ok(expected));
    }

    #[test]
    fn only_proportions_count((total, weights) in cases(), factor in 1_u64..1000) {
        let scaled: Vec<u64> = weights.iter().map(|weight| weight * factor).collect();
        prop_assert_eq!(split(total, &weights), split(total, &scaled));
    }

    #[test]
    fn a_credit_mirrors_a_charge((total, weights) in cases()) {
        let mirrored: Vec<i64> = split(-total, &weights).expect("there is a weight").iter().map(|part| -part).collect();
        prop_assert_eq!(split(total, &weights), Ok(mirrored));
    }
}
