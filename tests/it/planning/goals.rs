//! What a good plan is, goal by goal, on instances where the answer is known.

use coop_scheduler::planning::plan_document::PlanStatus;
use serde_json::{Value, json};

use super::small_coop::{minutes_of, quick, read, small_coop};

const WORK: u64 = 3_000_000;

/// The small co-op with other requests, each 30 to 60 minutes a visit and 60 minutes a week.
fn with_requests(requests: &[(&str, &str, &str)], windows: Value) -> Value {
    let mut value = small_coop();
    let one = |(code, site, priority): &(&str, &str, &str)| {
        json!({"code": code, "site": site, "discipline": "SLP", "priority": priority, "minutes_per_week": 60,
               "visits_per_week_max": 2, "visit_minutes": {"min": 30, "max": 60}, "windows": windows.clone()})
    };
    value["requests"] = requests.iter().map(one).collect();
    value["policy"]["min_minutes_at_site"] = json!(0);
    value
}

#[test]
fn a_lender_keeps_what_it_could_place_alone() {
    // The lender's own request and the two of the other member want the same hours: two beat one for the co-op.
    let mut value = with_requests(
        &[("OWN", "A1", "mandated"), ("B-1", "B1", "mandated"), ("B-2", "B1", "mandated")],
        json!({"mon": [["08:00", "10:00"]]}),
    );
    value["requests"][0]["windows"] = json!({"mon": [["08:30", "09:30"]]});
    value["requests"][0]["visit_minutes"]["min"] = json!(60);
    let plan = quick(&read(&value), WORK, 1);
    assert_eq!(minutes_of(&plan, "OWN"), 60);
    assert_eq!(plan.lenders[0].alone_mandated_minutes, 60);
    // Employed by the co-op, nobody has a first right to the specialist, and the two requests win.
    value["specialists"][0]["employer"] = json!({"kind": "coop"});
    value["specialists"][0].as_object_mut().expect("object").remove("lendable_minutes_per_week_max");
    let plan = quick(&read(&value), WORK, 1);
    assert_eq!((minutes_of(&plan, "OWN"), plan.totals.all.mandated.placed), (0, 120));
    assert!(plan.lenders.is_empty());
}

#[test]
fn shortage_is_shared_out_fairly() {
    let mut value = with_requests(
        &[("A-1", "A1", "mandated"), ("A-2", "A1", "mandated"), ("B-1", "B1", "mandated"), ("B-2", "B1", "mandated")],
        json!({"mon": [["08:00", "12:00"]], "tue": [["08:00", "12:00"]]}),
    );
    value["specialists"][0]["employer"] = json!({"kind": "coop"});
    value["specialists"][0].as_object_mut().expect("object").remove("lendable_minutes_per_week_max");
    value["specialists"][0]["direct_minutes_per_week_max"] = json!(120);
    let plan = quick(&read(&value), WORK, 1);
    let shares: Vec<u32> = plan.totals.by_member.values().map(|amounts| amounts.mandated.placed).collect();
    assert_eq!(shares, [60, 60]);
}

#[test]
fn priorities_come_in_order() {
    let requests = [("C", "A1", "consult"), ("E", "A1", "evaluation"), ("M", "A1", "mandated")];
    let mut value = with_requests(&requests, json!({"mon": [["08:00", "12:00"]]}));
    for (limit, expected) in [(60, [60, 0, 0]), (120, [60, 60, 0]), (180, [60, 60, 60])] {
        value["specialists"][0]["direct_minutes_per_week_max"] = json!(limit);
        let plan = quick(&read(&value), WORK, 1);
        assert_eq!(["M", "E", "C"].map(|code| minutes_of(&plan, code)), expected);
        let bounds = plan.bounds;
        assert_eq!(
            [bounds.mandated_placed_at_most, bounds.evaluation_placed_at_most, bounds.consult_placed_at_most],
            expected
        );
        assert_eq!(plan.status, PlanStatus::Optimal);
    }
}

#[test]
fn the_current_specialist_stays_and_one_person_serves_a_request() {
    let mut value =
        with_requests(&[("R", "A1", "mandated")], json!({"mon": [["08:00", "12:00"]], "tue": [["08:00", "12:00"]]}));
    let mut second = value["specialists"][0].clone();
    second["code"] = json!("SLP-02");
    // Cheaper, but not the one whom the school knows.
    second["cost_cents_per_hour"] = json!(6_000);
    value["specialists"].as_array_mut().expect("list").push(second);
    value["requests"][0]["minutes_per_week"] = json!(120);
    for current in ["SLP-01", "SLP-02"] {
        value["requests"][0]["current_specialist"] = json!(current);
        let plan = quick(&read(&value), WORK, 1);
        assert!(plan.visits.iter().all(|visit| visit.specialist == current), "{:?}", plan.visits);
        assert_eq!((plan.totals.pairs, plan.totals.pairs_kept, minutes_of(&plan, "R")), (1, 1, 120));
    }
}
