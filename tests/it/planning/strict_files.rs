//! A key that stands twice in an object of a file is told, not passed over.

use std::path::Path;
use std::process::{Command, Output};

use coop_scheduler::planning::change::changes_file;
use coop_scheduler::planning::{Instance, PlanDocument};
use serde_json::json;

use super::small_coop::{plan_of, read, small_coop, visit};

const INSTANCE: &str = "/requests/0/site: \"site\" stands more than once in this object; keep one";
const PLAN: &str = "/visits/0/day: \"day\" stands more than once in this object; keep one";
const CHANGES: &str = "/changes/0/max: \"max\" stands more than once in this object; keep one";

fn twice(text: &str, entry: &str, another: &str) -> String {
    assert!(text.contains(entry), "{entry} is not in {text}");
    text.replacen(entry, &format!("{another},{entry}"), 1)
}

/// An instance, a plan and changes that are sound but for one key that stands twice, the last time as it should be.
fn files() -> [String; 3] {
    let instance = small_coop();
    let plan = plan_of(&read(&instance), vec![visit("SLP-01 R1 A1 mon 08:00 09:00")]);
    let plan = serde_json::to_string(&plan).expect("JSON");
    let changes = json!({"changes": [{"kind": "visits_per_week", "request": "R1", "max": 4}]});
    [
        twice(&instance.to_string(), "\"site\":\"A1\"", "\"site\":\"B1\""),
        twice(&plan, "\"day\":\"mon\"", "\"day\":\"tue\""),
        twice(&changes.to_string(), "\"max\":4", "\"max\":5"),
    ]
}

#[test]
fn no_file_may_say_a_thing_twice() {
    let [instance, plan, changes] = files();
    let told = |faults: Vec<coop_scheduler::domain::fault::Fault>| -> Vec<String> {
        faults.iter().map(ToString::to_string).collect()
    };
    assert_eq!(told(Instance::read(instance.as_bytes()).expect_err("refused")), [INSTANCE]);
    assert_eq!(told(PlanDocument::read(plan.as_bytes()).expect_err("refused")), [PLAN]);
    assert_eq!(told(changes_file(changes.as_bytes()).expect_err("refused")), [CHANGES]);
    // Together with every other fault.
    let colour = changes.replacen("{\"changes\"", "{\"colour\":1,\"changes\"", 1);
    assert_eq!(changes_file(colour.as_bytes()).expect_err("refused").len(), 2);
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coop-scheduler")).current_dir(folder).args(arguments).output().expect("runs")
}

#[test]
fn every_command_tells_the_key_and_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let [instance, plan, changes] = files();
    write("twice-instance.json", &instance);
    write("twice-plan.json", &plan);
    write("twice-changes.json", &changes);
    write("instance.json", &small_coop().to_string());
    let sound = plan_of(&read(&small_coop()), Vec::new());
    write("plan.json", &serde_json::to_string(&sound).expect("JSON"));
    write("changes.json", "{\"changes\": []}");
    let what_if = |instance, plan, changes| {
        let out = ["--out-instance", "out-instance.json", "--out", "out.json"];
        [&["what-if", instance, plan, "--changes", changes], &out[..]].concat()
    };
    let (one, two) = ("instance.json", "plan.json");
    for (arguments, fault) in [
        (vec!["plan", "twice-instance.json", "--out", "out.json"], INSTANCE),
        (vec!["plan", one, "--out", "out.json", "--start", "twice-plan.json"], PLAN),
        (vec!["verify", "twice-instance.json", two], INSTANCE),
        (vec!["verify", one, "twice-plan.json"], PLAN),
        (vec!["diff", one, two, one, "twice-plan.json"], PLAN),
        (what_if("twice-instance.json", two, "changes.json"), INSTANCE),
        (what_if(one, "twice-plan.json", "changes.json"), PLAN),
        (what_if(one, two, "twice-changes.json"), CHANGES),
    ] {
        let refused = run(folder.path(), &arguments);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(fault) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
    assert!(!folder.path().join("out.json").exists() && !folder.path().join("out-instance.json").exists());
}
