//! The rows of a statement tell the same story as the cost share.

use std::collections::BTreeMap;

use coop_scheduler::costing::cost_share::share;
use coop_scheduler::costing::statement::{LINE_HEADER, LineKind, SUMMARY_HEADER, lines, summary};

use super::cost_share::worked_example;

#[test]
fn the_lines_of_a_member_add_up_to_its_net() {
    let share = share(&worked_example()).expect("a sound plan");
    let rows = lines(&share);
    let mut net: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &rows {
        *net.entry(&row.member).or_default() += row.cents;
    }
    for (member, amounts) in &share.members {
        assert_eq!(net[member.as_str()], amounts.net_cents, "{member}");
    }
    let information: i64 = rows.iter().map(|row| row.information_cents).sum();
    assert_eq!(information, 103_280);
}

#[test]
fn a_lenders_credit_names_whom_it_served() {
    let rows = lines(&share(&worked_example()).expect("a sound plan"));
    let credits: Vec<_> = rows
        .iter()
        .filter(|row| row.kind == LineKind::LenderStaffCredit)
        .map(|row| (&*row.member, &*row.served_member, row.minutes, row.rate_cents, row.cents))
        .collect();
    assert_eq!(credits, [("KIPP", "ATLAS", 375, 6455, -40_344), ("KIPP", "SOULARD", 525, 6455, -56_481)]);
}

#[test]
fn the_summary_ends_with_the_total() {
    let share = share(&worked_example()).expect("a sound plan");
    let rows = summary(&share);
    assert_eq!(rows.iter().map(|row| &*row.member).collect::<Vec<_>>(), ["ATLAS", "KIPP", "SOULARD", "TOTAL"]);
    for column in 0..11 {
        let sum: i64 = rows[..3].iter().map(|row| row.figures()[column]).sum();
        assert_eq!(rows[3].figures()[column], sum, "{}", SUMMARY_HEADER[column + 1]);
    }
    assert_eq!(LINE_HEADER.len(), 11);
}
