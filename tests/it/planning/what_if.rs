//! `what-if` on the command line: changes on files, planned again from the plan.

use std::path::Path;
use std::process::{Command, Output};

use coop_scheduler::planning::{Instance, PlanDocument};
use serde_json::{Value, json};

use super::small_coop::small_coop;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coop-scheduler")).current_dir(folder).args(arguments).output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const WHAT_IF: [&str; 11] = [
    "what-if",
    "instance.json",
    "plan.json",
    "--changes",
    "changes.json",
    "--out-instance",
    "changed.json",
    "--out",
    "new.json",
    "--work",
    "1000000",
];

fn planned(changes: &Value) -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, value: &Value| std::fs::write(folder.path().join(name), value.to_string()).expect("written");
    write("instance.json", &small_coop());
    write("changes.json", changes);
    let made = run(folder.path(), &["plan", "instance.json", "--out", "plan.json", "--work", "1000000"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let tried = run(folder.path(), &WHAT_IF);
    (folder, tried)
}

#[test]
fn changes_are_tried_and_what_they_bring_is_told() {
    // R4 asks for 315 minutes in at most three visits; SLP-01 has 600 minutes for all four requests, 240 to lend.
    let changes = json!({"changes": [
        {"kind": "request_minutes", "request": "R1", "minutes_per_week": 180},
        {"kind": "longer_week", "specialist": "SLP-01", "minutes": 120}]});
    let (folder, tried) = planned(&changes);
    assert!(tried.status.success(), "{}", text(&tried.stderr));
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    let instance = Instance::read(&read("changed.json")).expect("a sound instance");
    assert_eq!(instance.specialists[0].direct_minutes_per_week_max, 720);
    let [before, after] = ["plan.json", "new.json"].map(|name| PlanDocument::read(&read(name)).expect("a plan"));
    assert_eq!(after.instance_sha256, instance.sha256());
    let gained = after.totals.all.mandated.placed - before.totals.all.mandated.placed;
    assert!(gained > 0, "nothing was gained");
    let told = text(&tried.stdout);
    for line in [
        "Ask for 180 min a week for R1 at School A1".to_string(),
        "Extend SLP-01's week by 120 minutes".to_string(),
        format!("minutes gained: {gained}, mandated: {gained}"),
        "cents a week: 12900".to_string(),
    ] {
        assert!(told.lines().any(|said| said == line), "{line:?} is not in {told}");
    }
    let verified = run(folder.path(), &["verify", "changed.json", "new.json"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
}

#[test]
fn changes_that_cannot_be_made_are_told_and_nothing_is_written() {
    let (folder, tried) = planned(&json!({"changes": [{"kind": "remove_request", "request": "R77"}]}));
    assert_eq!(tried.status.code(), Some(2));
    assert!(text(&tried.stderr).contains("/changes/0/request: there is no request \"R77\""), "{}", text(&tried.stderr));
    assert!(!folder.path().join("new.json").exists() && !folder.path().join("changed.json").exists());
}
