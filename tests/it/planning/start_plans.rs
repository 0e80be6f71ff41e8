//! A plan to stay close to must be of the same co-op; what is left out of it is told.

use std::process::{Command, Output};

use coop_scheduler::planning::instance::FixedVisit;
use coop_scheduler::planning::{LeftOut, PlanDocument, left_out};
use serde_json::{Value, json};

use super::small_coop::{plan_of, quick, read, small_coop, visit};

/// A plan of four visits that the small co-op allows.
fn plan() -> PlanDocument {
    let visits = [
        "SLP-01 R1 A1 mon 08:00 09:00",
        "SLP-01 R1 A1 wed 08:00 09:00",
        "SLP-01 R2 B1 tue 08:00 09:00",
        "SLP-01 R3 A1 thu 08:00 09:00",
    ];
    plan_of(&read(&small_coop()), visits.map(visit).to_vec())
}

/// Other codes for everybody and everything that visits name.
fn renamed(mut value: Value) -> Value {
    for list in ["specialists", "requests"] {
        for entry in value[list].as_array_mut().expect("a list") {
            let code = format!("X-{}", entry["code"].as_str().expect("a code"));
            entry["code"] = json!(code);
        }
    }
    value
}

#[test]
fn what_is_left_out_is_counted() {
    let plan = plan();
    assert_eq!(left_out(&read(&small_coop()), &plan), Ok(LeftOut { unknown: 0, unfit: 0, of: 4 }));
    let mut value = small_coop();
    value["requests"].as_array_mut().expect("a list").remove(0);
    value["requests"][0]["windows"] = json!({"mon": [["08:00", "09:00"]]});
    assert_eq!(left_out(&read(&value), &plan), Ok(LeftOut { unknown: 2, unfit: 1, of: 4 }));
    // Where a visit of the same people is fixed on the day, the fixed one stands for it.
    let mut instance = read(&small_coop());
    let fixed = |text: &str| {
        let visit = visit(text);
        let (specialist, request) = (visit.specialist, visit.request);
        FixedVisit { specialist, request, day: visit.day, starts: visit.starts, ends: visit.ends }
    };
    instance.fixed = vec![fixed("SLP-01 R1 A1 mon 10:00 11:00")];
    assert_eq!(instance.check(), []);
    assert_eq!(left_out(&instance, &plan), Ok(LeftOut { unknown: 0, unfit: 0, of: 4 }));
}

#[test]
fn the_plan_of_another_co_op_is_told_from_a_plan_before_a_change() {
    let plan = plan();
    let strange = left_out(&read(&renamed(small_coop())), &plan).expect_err("refused");
    assert!(strange.contains("no specialist and no request in common"), "{strange}");
    // Nobody is there any more, but the requests are: the same co-op after a change, or another of another name.
    let mut value = renamed(small_coop());
    value["requests"] = small_coop()["requests"].clone();
    assert_eq!(left_out(&read(&value), &plan), Ok(LeftOut { unknown: 4, unfit: 0, of: 4 }));
    value["name"] = json!("another");
    let other = left_out(&read(&value), &plan).expect_err("refused");
    assert!(other.contains("no visit of this plan of") && other.contains("\"another\""), "{other}");
    // Codes that agree by chance are not enough.
    let mut value = small_coop();
    value["name"] = json!("another");
    for request in value["requests"].as_array_mut().expect("a list") {
        request["windows"] = json!({"fri": [["12:00", "15:00"]]});
    }
    assert!(left_out(&read(&value), &plan).is_err());
    value["name"] = small_coop()["name"].clone();
    assert_eq!(left_out(&read(&value), &plan), Ok(LeftOut { unknown: 0, unfit: 4, of: 4 }));
}

#[test]
fn a_plan_without_visits_leaves_nothing_out() {
    let instance = read(&small_coop());
    let empty = plan_of(&instance, Vec::new());
    assert_eq!(left_out(&instance, &empty), Ok(LeftOut::default()));
    assert!(left_out(&read(&renamed(small_coop())), &empty).is_err(), "its shortfalls name other requests");
}

/// Runs `plan --start` and `what-if` on an instance with the plan of the small co-op.
fn commands(instance: &Value) -> [(Output, bool); 2] {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("instance.json", &instance.to_string());
    write("before.json", &serde_json::to_string(&quick(&read(&small_coop()), 1_000_000, 0)).expect("JSON"));
    write("changes.json", "{\"changes\": []}");
    let plan = ["plan", "instance.json", "--out", "a.json", "--start", "before.json", "--work", "1000000"];
    let try_it = ["what-if", "instance.json", "before.json", "--changes", "changes.json", "--work", "1000000"];
    let out = ["--out", "b.json", "--out-instance", "changed.json"];
    [(plan.to_vec(), "a.json"), ([&try_it[..], &out].concat(), "b.json")].map(|(arguments, out)| {
        let program = env!("CARGO_BIN_EXE_coop-scheduler");
        let output = Command::new(program).current_dir(folder.path()).args(arguments).output().expect("runs");
        (output, folder.path().join(out).exists())
    })
}

#[test]
fn commands_refuse_a_strange_plan_and_say_what_they_leave_out() {
    for (refused, written) in commands(&renamed(small_coop())) {
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.starts_with("before.json: ") && said.contains("in common") && !written, "{said}");
    }
    let mut less = small_coop();
    less["requests"].as_array_mut().expect("a list").remove(0);
    for (made, written) in commands(&less) {
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(made.status.success() && written, "{said}");
        let note =
            said.lines().find(|line| line.contains(" visits in before.json were left out: ")).unwrap_or_default();
        assert!(note.starts_with("note: ") && !note.starts_with("note: 0"), "{said}");
        assert!(note.contains(", 0 at times"), "{note}");
    }
    for (made, _) in commands(&small_coop()) {
        assert!(!String::from_utf8_lossy(&made.stderr).contains("left out"));
    }
}
