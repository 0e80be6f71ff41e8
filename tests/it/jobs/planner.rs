//! Plan runs: stored only when verified, stoppable, bounded in time, fenced.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use coop_scheduler::domain::plan::PlanState;
use coop_scheduler::domain::plan_run::PlanRunState;
use coop_scheduler::jobs::plan_run::Planner;
use coop_scheduler::operations::{OperationError, PageRequest, plan_runs, plans, visits};

use crate::support::demo_coop::DemoCoop;

fn coop(folder: &tempfile::TempDir) -> DemoCoop {
    let url = format!("sqlite:{}", folder.path().join("coop.db").display());
    DemoCoop::imported(&url, folder.path())
}

/// A program that stands in for the planner and misbehaves.
fn impostor(folder: &tempfile::TempDir, script: &str) -> PathBuf {
    let path = folder.path().join("planner");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    path
}

fn with_program(coop: &DemoCoop, program: PathBuf) -> Planner {
    Planner { program, grace: Duration::from_secs(1), ..coop.app.planner().expect("a planner") }
}

#[test]
fn a_run_ends_in_a_verified_draft_with_visits_and_shortfalls() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    let id = coop.draft();
    coop.app
        .operations
        .look(coop.office.clone(), |tx, ctx| {
            assert_eq!(plans::get(tx, ctx, id)?.state, PlanState::Draft);
            assert!(visits::list(tx, ctx, id, PageRequest::ALL)?.items.len() > 100);
            let short = visits::list_shortfalls(tx, ctx, id, PageRequest::ALL)?.items;
            assert!(short.iter().all(|one| one.minutes > 0 && !one.reason.is_empty()), "a shortfall has no reason");
            Ok(())
        })
        .expect("a draft");
}

#[test]
fn one_run_a_term_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    coop.queue_run(5).expect("the first run");
    let second = coop.queue_run(5).expect_err("a second run");
    assert!(second.to_string().contains("RUN-2026-0001 is still at work"), "{second}");
}

#[test]
fn a_planner_that_does_not_end_is_stopped_by_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    let planner = with_program(&coop, impostor(&folder, "trap '' TERM; exec sleep 60"));
    let run = coop.queue_run(1).expect("a run");
    let started = Instant::now();
    planner.work(&AtomicBool::new(false));
    assert!(started.elapsed() < Duration::from_secs(30), "it was waited for");
    let run = coop.run(&run);
    assert_eq!(run.state, PlanRunState::Failed);
    assert!(run.failure.unwrap_or_default().contains("stopped by force"));
}

#[test]
fn the_best_plan_so_far_of_a_planner_that_never_ends_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    // The real planner writes a good plan, and then nothing ever ends.
    let real = env!("CARGO_BIN_EXE_coop-scheduler");
    let script = format!("trap '' TERM; {real} \"$@\" || exit 1; exec sleep 600");
    let planner = Planner { grace: Duration::from_secs(12), ..with_program(&coop, impostor(&folder, &script)) };
    let run = coop.queue_run(3).expect("a run");
    let started = Instant::now();
    planner.work(&AtomicBool::new(false));
    assert!(started.elapsed() < Duration::from_secs(60), "it was waited for");
    let run = coop.run(&run);
    assert_eq!((run.state, run.failure), (PlanRunState::Succeeded, None));
    let plan = run.plan_id.expect("a plan");
    let visits = coop.app.operations.look(coop.office.clone(), |tx, ctx| visits::list(tx, ctx, plan, PageRequest::ALL));
    assert!(visits.expect("visits").items.len() > 100);
}

#[test]
fn a_planner_that_crashes_or_lies_leaves_no_plan_and_says_why() {
    let cases = [
        ("kill -SEGV $$", "ended without a plan"),
        ("echo out of memory >&2; exit 1", "out of memory"),
        ("echo '{}' > \"$4\"", "cannot be read"),
    ];
    for (script, expected) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let coop = coop(&folder);
        let planner = with_program(&coop, impostor(&folder, script));
        let run = coop.queue_run(1).expect("a run");
        planner.work(&AtomicBool::new(false));
        let run = coop.run(&run);
        assert_eq!((run.state, run.plan_id), (PlanRunState::Failed, None), "{script}");
        let failure = run.failure.unwrap_or_default();
        assert!(failure.contains(expected), "{script}: {failure}");
    }
}

#[test]
fn a_plan_that_breaks_a_rule_is_not_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    // The real planner's plan with one visit given twice as long as its window allows.
    let real = env!("CARGO_BIN_EXE_coop-scheduler");
    let script = format!(
        "{real} \"$@\" >/dev/null && python3 - \"$4\" <<'P'\nimport json,sys\np=json.load(open(sys.argv[1]))\n\
         p['visits'][0]['ends']='23:55'\njson.dump(p,open(sys.argv[1],'w'))\nP"
    );
    let planner = Planner { grace: Duration::from_secs(20), ..with_program(&coop, impostor(&folder, &script)) };
    let run = coop.queue_run(3).expect("a run");
    planner.work(&AtomicBool::new(false));
    let run = coop.run(&run);
    assert_eq!((run.state, run.plan_id), (PlanRunState::Failed, None));
    let failure = run.failure.unwrap_or_default();
    assert!(failure.contains("visit_within_window"), "{failure}");
}

#[test]
fn a_run_is_stopped_on_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    let planner = with_program(&coop, impostor(&folder, "while [ ! -e \"$7\" ]; do sleep 0.1; done"));
    let run = coop.queue_run(60).expect("a run");
    let worker = std::thread::spawn(move || planner.work(&AtomicBool::new(false)));
    while coop.run(&run).state == PlanRunState::Queued {
        std::thread::sleep(Duration::from_millis(20));
    }
    coop.app
        .operations
        .change(coop.office.clone(), |tx, ctx| plan_runs::cancel(tx, ctx, run.id))
        .expect("a cancelled run");
    worker.join().expect("the worker");
    assert_eq!(coop.run(&run).state, PlanRunState::Cancelled);
}

#[test]
fn a_worker_that_lost_its_run_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = coop(&folder);
    coop.queue_run(60).expect("a run");
    let slow = plan_runs::claim(&coop.app.operations).expect("a claim").expect("a run");
    // Another worker comes when the lease has run out.
    let mut later = coop.app.operations.clone();
    later.clock = std::sync::Arc::new(|| crate::support::demo_coop::noon() + chrono::TimeDelta::minutes(5));
    let second = plan_runs::claim(&later).expect("a claim").expect("the run again");
    assert_eq!(slow.id, second.id);
    plan_runs::fail(&coop.app.operations, &slow, PlanRunState::Failed, "too late").expect("no error");
    let stored = plan_runs::store(&coop.app.operations, &slow, "{}");
    assert!(matches!(stored, Err(OperationError::Conflict { .. })));
    let run = coop.app.operations.look(coop.office.clone(), |tx, ctx| plan_runs::get(tx, ctx, slow.id)).expect("run");
    assert_eq!((run.state, run.failure), (PlanRunState::Running, None));
}
