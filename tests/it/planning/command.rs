//! `plan`, `verify`, `diff` and `generate` on the command line.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use coop_scheduler::planning::{Instance, PlanDocument};
use serde_json::Value;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coop-scheduler")).current_dir(folder).args(arguments).output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_file_is_made_planned_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = run(folder.path(), &["generate", "--size", "tiny", "--seed", "4", "--out", "instance.json"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let plan = ["plan", "instance.json", "--out", "plan.json", "--work", "1000000", "--memory-mib", "4096"];
    let planned = run(folder.path(), &[&plan[..], &["--progress-json"]].concat());
    assert!(planned.status.success(), "{}", text(&planned.stderr));
    for line in text(&planned.stdout).lines() {
        let line: Value = serde_json::from_str(line).expect("a JSON line");
        assert!(line["phase"].is_string() && line["best_mandated_minutes"].is_u64(), "{line}");
        assert!(line["bound_mandated_minutes"].is_u64() && line["seconds"].is_number(), "{line}");
    }
    let verified = run(folder.path(), &["verify", "instance.json", "plan.json"]);
    assert_eq!(verified.status.code(), Some(0));
    let totals: Value = serde_json::from_slice(&verified.stdout).expect("totals");
    let plan = PlanDocument::read(&std::fs::read(folder.path().join("plan.json")).expect("plan")).expect("readable");
    assert_eq!(totals["mandated"]["placed"], plan.totals.all.mandated.placed);
    let instance = Instance::read(&std::fs::read(folder.path().join("instance.json")).expect("file")).expect("sound");
    assert_eq!(plan.instance_sha256, instance.sha256());
}

#[test]
fn a_broken_plan_and_an_unreadable_file_have_their_own_exit_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["generate", "--size", "tiny", "--seed", "4", "--out", "instance.json"]);
    run(folder.path(), &["plan", "instance.json", "--out", "plan.json", "--work", "100000"]);
    let path = folder.path().join("plan.json");
    let mut plan: Value = serde_json::from_slice(&std::fs::read(&path).expect("plan")).expect("JSON");
    plan["totals"]["pairs"] = 99.into();
    std::fs::write(&path, plan.to_string()).expect("written");
    let broken = run(folder.path(), &["verify", "instance.json", "plan.json"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(text(&broken.stdout).starts_with("totals: pairs says 99"), "{}", text(&broken.stdout));
    plan["visits"] = "none".into();
    plan["mood"] = 1.into();
    std::fs::write(&path, plan.to_string()).expect("written");
    let unreadable = run(folder.path(), &["verify", "instance.json", "plan.json"]);
    assert_eq!(unreadable.status.code(), Some(2));
    let told = text(&unreadable.stderr);
    assert!(told.contains("/visits: must be a list") && told.contains("/mood: unknown key"), "{told}");
}

#[test]
fn too_little_memory_is_told_with_the_option_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["generate", "--size", "tiny", "--out", "instance.json"]);
    let plan = ["plan", "instance.json", "--out", "plan.json", "--work", "100000", "--memory-mib"];
    for little in ["1", "60"] {
        let output = run(folder.path(), &[&plan[..], &[little]].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{little}: {told}");
        let words =
            format!("--memory-mib {little} is too low for this instance: allow more, for example --memory-mib 256");
        assert!(told.contains(&words), "{told}");
    }
    // Faults are told as without a limit.
    std::fs::write(folder.path().join("instance.json"), "{}").expect("written");
    assert_eq!(run(folder.path(), &[&plan[..], &["4096"]].concat()).status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_planner_under_a_limit_ends_with_the_process_that_started_it() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["generate", "--size", "small", "--out", "instance.json"]);
    let arguments = ["plan", "instance.json", "--out", "plan.json", "--work", "999999999999", "--memory-mib", "4096"];
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coop-scheduler"));
        command.current_dir(folder.path()).args(arguments).spawn().expect("starts")
    };
    let wait_for = |what: &str, holds: &dyn Fn() -> bool| {
        let started = Instant::now();
        while !holds() {
            assert!(started.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let has_plan = || folder.path().join("plan.json").exists();
    // By force: nobody is left behind.
    let mut forced = start();
    wait_for("a first plan", &has_plan);
    let planner = child_of(forced.id());
    forced.kill().expect("killed");
    forced.wait().expect("ended");
    let gone = || stat(&planner).is_none_or(|(state, _)| state == "Z");
    wait_for("the planner ends too", &gone);
    // Asked to: with the best plan so far.
    std::fs::remove_file(folder.path().join("plan.json")).expect("removed");
    let mut asked = start();
    wait_for("a first plan", &has_plan);
    Command::new("kill").args(["-TERM", &asked.id().to_string()]).status().expect("kill runs");
    assert_eq!(asked.wait().expect("ended").code(), Some(0));
    assert_eq!(run(folder.path(), &["verify", "instance.json", "plan.json"]).status.code(), Some(0));
}

/// State and parent of a process.
#[cfg(target_os = "linux")]
fn stat(process: &str) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    Some((words.next()?.to_string(), words.next()?.parse().ok()?))
}

#[cfg(target_os = "linux")]
fn child_of(parent: u32) -> String {
    let processes = std::fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let mut children = names.filter(|name| stat(name).is_some_and(|(_, of)| of == parent));
    children.next().expect("the planner's own process")
}

#[test]
fn a_stop_file_ends_the_search_with_a_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["generate", "--size", "small", "--out", "instance.json"]);
    std::fs::write(folder.path().join("stop"), "").expect("written");
    let started = Instant::now();
    let arguments = ["plan", "instance.json", "--out", "plan.json", "--work", "999999999999", "--stop-file", "stop"];
    let stopped = run(folder.path(), &arguments);
    assert!(stopped.status.success(), "{}", text(&stopped.stderr));
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(run(folder.path(), &["verify", "instance.json", "plan.json"]).status.code(), Some(0));
}

#[test]
fn the_difference_of_two_plans_is_told_in_words_and_as_json() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), &["generate", "--size", "tiny", "--seed", "4", "--out", "instance.json"]);
    run(folder.path(), &["plan", "instance.json", "--out", "plan.json", "--work", "1000000"]);
    let path = folder.path().join("plan.json");
    let mut plan: Value = serde_json::from_slice(&std::fs::read(&path).expect("plan")).expect("JSON");
    let gone = plan["visits"].as_array_mut().expect("visits").remove(0);
    std::fs::write(folder.path().join("less.json"), plan.to_string()).expect("written");
    let told = run(folder.path(), &["diff", "instance.json", "plan.json", "instance.json", "less.json"]);
    let words = text(&told.stdout);
    assert!(told.status.success() && words.contains(", 0 moved, 0 to a new person, 0 added, 1 removed"), "{words}");
    let line = format!("removed  {}: {} ", gone["request"].as_str().expect("code"), gone["day"].as_str().expect("day"));
    assert!(words.contains(&line), "{words}");
    let told = run(folder.path(), &["diff", "instance.json", "less.json", "instance.json", "plan.json", "--json"]);
    let json: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!((&json["counts"]["added"], &json["counts"]["removed"]), (&1.into(), &0.into()));
    std::fs::write(folder.path().join("less.json"), "{}").expect("written");
    let unreadable = run(folder.path(), &["diff", "instance.json", "plan.json", "instance.json", "less.json"]);
    assert_eq!(unreadable.status.code(), Some(2));
}
