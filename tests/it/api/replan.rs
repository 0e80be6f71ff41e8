//! A plan that stays close to another one, and what publishing it leaves of the past.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, NaiveDate, Utc};
use coop_scheduler::domain::ids::PlanId;
use coop_scheduler::domain::plan::{Plan, Visit};
use coop_scheduler::domain::plan_run::{PlanRun, PlanRunFields, PlanRunPurpose};
use coop_scheduler::domain::specialist::AvailabilityFields;
use coop_scheduler::operations::{OperationError, PageRequest, overview, plan_runs, plans, visits, work_terms};
use serde_json::json;

use crate::support::both::on_both_databases;
use crate::support::demo_coop::DemoCoop;
use crate::support::small_coop::{SmallCoop, id};

/// The visits of a plan, each in one comparable line, with who comes and the day.
fn week(coop: &DemoCoop, plan: PlanId) -> Vec<Visit> {
    let look = coop.app.operations.look(coop.office.clone(), |tx, ctx| visits::list(tx, ctx, plan, PageRequest::ALL));
    look.expect("visits").items
}

fn same(left: &Visit, right: &Visit) -> bool {
    (left.specialist_id, left.service_request_id, left.site_id)
        == (right.specialist_id, right.service_request_id, right.site_id)
        && (left.weekday, left.starts, left.ends) == (right.weekday, right.starts, right.ends)
}

fn run(coop: &DemoCoop, fields: &PlanRunFields) -> PlanRun {
    let run = coop.app.operations.change(coop.office.clone(), |tx, ctx| plan_runs::create(tx, ctx, fields));
    let run = run.unwrap_or_else(|error| panic!("{error}"));
    coop.app.planner().expect("a planner").work(&AtomicBool::new(false));
    coop.run(&run)
}

/// The busiest specialist is away on one day; the rest of the co-op hardly notices.
fn one_absence_leaves_the_others_alone(url: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let coop = DemoCoop::imported(url, folder.path());
    let plan = coop.draft();
    let before = week(&coop, plan);
    let away = before[0].clone();
    let operations = &coop.app.operations;
    operations
        .change(coop.office.clone(), |tx, ctx| {
            let all = work_terms::availability(tx, ctx, away.specialist_id)?;
            let present = all.last().expect("weekly hours");
            let mut hours: std::collections::BTreeMap<_, _> = present.fields.weekly_hours.clone().into();
            hours.remove(&away.weekday);
            let weekly_hours = coop_scheduler::domain::calendar::WeeklyHours::new(hours).expect("hours");
            let fields = AvailabilityFields { weekly_hours, ..present.fields.clone() };
            work_terms::change_availability(tx, ctx, present.id, Some(present.version), &fields)
        })
        .expect("an absence");
    let lost = |visit: &Visit| visit.specialist_id == away.specialist_id && visit.weekday == away.weekday;
    let untouched: Vec<&Visit> = before.iter().filter(|visit| !lost(visit)).collect();
    let pinned: Vec<&Visit> =
        untouched.iter().filter(|visit| visit.specialist_id != away.specialist_id).copied().take(3).collect();
    let fields = PlanRunFields {
        without_specialist_ids: Vec::new(),
        based_on_plan_id: Some(plan),
        // The first plan is made in a hurry; at a low price a better one would move much of it.
        minutes_per_moved_visit: Some(300),
        pinned_visit_ids: pinned.iter().map(|visit| visit.id).collect(),
        ..PlanRunFields::of_term(coop.term, 20)
    };
    let run = run(&coop, &fields);
    assert_eq!((run.purpose, run.fields.minutes_per_moved_visit), (PlanRunPurpose::Replan, Some(300)));
    let new = run.plan_id.unwrap_or_else(|| panic!("no plan: {:?}", run.failure));
    let after = week(&coop, new);
    assert!(!after.iter().any(lost), "somebody who is away has visits");
    let stands = |visit: &&&Visit| after.iter().any(|one| same(one, visit));
    let kept = untouched.iter().filter(stands).count();
    assert!(kept * 100 >= untouched.len() * 95, "only {kept} of {} stand", untouched.len());
    assert_eq!(pinned.iter().filter(stands).count(), pinned.len(), "a pin does not hold");
    let plan: Plan = operations.look(coop.office.clone(), |tx, ctx| plans::get(tx, ctx, new)).expect("the plan");
    assert!(!plan.trade_offs.is_empty(), "what fewer moved visits cost is not told");
    // The pins are no change of data: the plan can be published.
    let publication = plans::Publication::default();
    operations
        .change(coop.office.clone(), |tx, ctx| plans::publish(tx, ctx, new, None, &publication))
        .expect("published");
}

#[test]
fn an_absence_leaves_the_others_alone_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    one_absence_leaves_the_others_alone(&format!("sqlite:{}", folder.path().join("coop.db").display()));
}

#[test]
fn an_absence_leaves_the_others_alone_on_postgres() {
    one_absence_leaves_the_others_alone(&crate::support::postgres::new_database());
}

/// A pinned visit that alone would be too short a stay away from home keeps the rest of its stay.
fn a_pin_keeps_its_stay(url: &str) {
    const LEAST: i64 = 60;
    let folder = tempfile::tempdir().expect("a folder");
    let mut coop = DemoCoop::imported(url, folder.path());
    let mut settings = (*coop.app.operations.settings).clone();
    settings.planning_policy.min_minutes_at_site = LEAST as u32;
    coop.app.operations.settings = Arc::new(settings);
    let plan = coop.draft();
    let visits = week(&coop, plan);
    let operations = &coop.app.operations;
    let home = |visit: &Visit| {
        let terms = |tx: &mut _, ctx: &_| work_terms::contracts(tx, ctx, visit.specialist_id);
        operations.look(coop.office.clone(), terms).expect("contracts").last().expect("one").fields.home_site_id
    };
    let short = |visit: &&Visit| visit.minutes() < LEAST && home(visit) != visit.site_id;
    let pin = visits.iter().find(short).expect("a short visit away from home");
    let stay = |visit: &&Visit| {
        (visit.specialist_id, visit.weekday, visit.site_id) == (pin.specialist_id, pin.weekday, pin.site_id)
    };
    let stay: Vec<&Visit> = visits.iter().filter(stay).collect();
    assert!(stay.len() > 1 && stay.iter().map(|visit| visit.minutes()).sum::<i64>() >= LEAST, "{stay:?}");
    let fields = PlanRunFields {
        without_specialist_ids: Vec::new(),
        based_on_plan_id: Some(plan),
        pinned_visit_ids: vec![pin.id],
        ..PlanRunFields::of_term(coop.term, 5)
    };
    let run = operations.change(coop.office.clone(), |tx, ctx| plan_runs::create(tx, ctx, &fields)).expect("a run");
    let pinned: BTreeSet<_> = run.fields.pinned_visit_ids.into_iter().collect();
    assert_eq!(pinned, stay.iter().map(|visit| visit.id).collect());
}

#[test]
fn a_pin_keeps_its_stay_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    a_pin_keeps_its_stay(&format!("sqlite:{}", folder.path().join("coop.db").display()));
}

#[test]
fn a_pin_keeps_its_stay_on_postgres() {
    a_pin_keeps_its_stay(&crate::support::postgres::new_database());
}

on_both_databases! {
    fn what_a_run_is_based_on_is_looked_at(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let visits = app.office.get(&format!("/plans/{plan}/visits")).expect(200);
        let visit = id(&visits["items"][0]);
        let missing = "01900000-0000-7000-8000-000000000000";
        for (body, pointer) in [
            (json!({"based_on_plan_id": missing}), "/based_on_plan_id"),
            (json!({"based_on_plan_id": plan, "minutes_per_moved_visit": 301}), "/minutes_per_moved_visit"),
            (json!({"based_on_plan_id": plan, "minutes_per_moved_visit": -1}), "/minutes_per_moved_visit"),
            (json!({"minutes_per_moved_visit": 15}), "/minutes_per_moved_visit"),
            (json!({"pinned_visit_ids": [visit]}), "/pinned_visit_ids"),
            (json!({"based_on_plan_id": plan, "pinned_visit_ids": [visit, missing]}), "/pinned_visit_ids/1"),
        ] {
            let mut body = body;
            body["term_id"] = json!(coop.term);
            let faults = app.office.post("/plan-runs", &body).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|(place, _)| place == pointer), "{pointer} is not in {faults:?}");
        }
        let asked = json!({"term_id": coop.term, "based_on_plan_id": plan, "pinned_visit_ids": [visit, visit], "seconds_max": 3});
        let run = app.office.post("/plan-runs", &asked).expect(201);
        assert_eq!((&run["purpose"], &run["minutes_per_moved_visit"]), (&json!("replan"), &json!(15)));
        let instance = app.office.get(&format!("/plan-runs/{}/instance", id(&run))).expect(200);
        assert_eq!(instance["fixed"].as_array().map(Vec::len), Some(1));
        app.app.planner().expect("a planner").work(&AtomicBool::new(false));
        let done = app.office.get(&format!("/plan-runs/{}", id(&run))).expect(200);
        assert_eq!((&done["state"], &done["failure"]), (&json!("succeeded"), &json!(null)));
        assert_eq!(done["based_on_plan_id"], json!(plan));
    }

    fn a_pin_that_cannot_stand_is_refused(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let visits = app.office.get(&format!("/plans/{plan}/visits")).expect(200);
        let visit = visits["items"].as_array().expect("a list").iter().find(|one| one["weekday"] == "mon").expect("one");
        let half = coop.specialists.iter().position(|one| visit["specialist_id"] == json!(one)).expect("a specialist");
        let mut hours = crate::support::small_coop::hours();
        hours["weekly_hours"] = json!({"wed": [["08:00", "15:00"]]});
        app.office.put(&format!("/availability/{}", coop.availability[half]), "\"1\"", &hours).expect(200);
        let asked = json!({"term_id": coop.term, "based_on_plan_id": plan, "pinned_visit_ids": [id(visit)]});
        let faults = app.office.post("/plan-runs", &asked).expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/pinned_visit_ids");
        assert!(faults[0].1.contains("visit_within_availability"), "{faults:?}");
    }

    fn the_past_never_changes(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let plan = || coop.plan(app).1;
        let at = |plan: &str, day: &str, moment: &str| {
            let publication = plans::Publication {
                effective_from: Some(day.parse().expect("a day")),
                ..plans::Publication::default()
            };
            let mut later = app.app.operations.clone();
            let moment: DateTime<Utc> = moment.parse().expect("a moment");
            later.clock = std::sync::Arc::new(move || moment);
            let id: PlanId = plan.parse().expect("an identity");
            later.change(app.actor.clone(), |tx, ctx| plans::publish(tx, ctx, id, None, &publication))
        };
        let first = plan();
        at(&first, "2027-01-11", "2026-12-01T18:00:00Z").expect("published before the term");
        let second = plan();
        // Nobody follows it yet, so that another one may begin earlier; the first is then never followed.
        at(&second, "2027-01-04", "2027-01-04T18:00:00Z").expect("published on the first day");
        let on = |day: &str| {
            let day: NaiveDate = day.parse().expect("a day");
            let term = coop.term.parse().expect("a term");
            let found = app.app.operations.look(app.actor.clone(), |tx, ctx| plans::followed_on(tx, ctx, term, day));
            found.map(|plan| plan.id.to_string()).ok()
        };
        assert_eq!(on("2027-01-03"), None);
        assert_eq!(on("2027-01-12"), Some(second.clone()));
        let third = plan();
        for day in ["2027-02-01", "2027-01-20"] {
            match at(&third, day, "2027-02-01T18:00:00Z") {
                Err(OperationError::Invalid(faults)) => {
                    assert_eq!(faults[0].pointer, "/effective_from");
                    assert!(faults[0].message.contains("the past never changes"), "{faults:?}");
                }
                other => panic!("{other:?}"),
            }
        }
        at(&third, "2027-02-08", "2027-02-01T18:00:00Z").expect("published from next week on");
        assert_eq!((on("2027-02-07"), on("2027-02-08")), (Some(second.clone()), Some(third)));
        // On the day after it was published people still follow the old one.
        let mut monday = app.app.operations.clone();
        monday.clock = std::sync::Arc::new(|| "2027-02-02T18:00:00Z".parse().expect("a moment"));
        let in_use = monday.look(app.actor.clone(), overview::plan_in_use).expect("a plan");
        assert_eq!(in_use.map(|plan| plan.id.to_string()), Some(second.clone()));
        let replaced = app.office.get(&format!("/plans/{second}")).expect(200);
        assert_eq!((&replaced["state"], &replaced["followed_until"]), (&json!("superseded"), &json!("2027-02-08")));
        let never = app.office.get(&format!("/plans/{first}")).expect(200);
        assert_eq!(never["followed_until"], never["effective_from"]);
    }
}
