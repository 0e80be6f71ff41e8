//! Dated visits of published plans: laid out, followed up, never changed in the past, seen by those concerned.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::all;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, contract, id, site};

const DAY: i64 = 24 * 60 * 60;

fn of_member<'a>(visits: &'a [Value], member: &str) -> Vec<&'a Value> {
    visits.iter().filter(|visit| visit["member_id"] == member).collect()
}

fn day(visit: &Value) -> &str {
    visit["visit_on"].as_str().expect("a date")
}

on_both_databases! {
    fn a_snow_day_is_one_call_and_the_past_never_changes(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let laid_out = all(&app.office, "/dated-visits");
        // 4 visits a week on Mondays and Wednesdays, 21 of each from January 4 to May 26.
        assert_eq!(laid_out.len(), 84);
        assert!(laid_out.iter().all(|visit| visit["state"] == "planned" && visit["plan_id"] == made.plan));
        let winter = laid_out.iter().find(|visit| visit["starts"] == "08:00").expect("one at eight");
        assert!(winter["starts_at"].as_str().is_some_and(|at| at.ends_with("T14:00:00Z")), "{winter}");
        let summer = laid_out.iter().rev().find(|visit| visit["starts"] == "08:00").expect("one at eight");
        assert!(summer["starts_at"].as_str().is_some_and(|at| at.ends_with("T13:00:00Z")), "{summer}");

        // Wednesday, January 20: closed since the 11th, as somebody finds out only now.
        app.later(79 * DAY);
        let snow = json!({
            "member_id": coop.members[1], "kind": "closure", "name": "Snow day",
            "starts_on": "2027-01-11", "ends_on": "2027-01-25"
        });
        let entry = id(&app.office.post("/calendar-entries", &snow).expect(201));
        let after = all(&app.office, "/dated-visits");
        assert_eq!(after.len(), 84);
        let mut closed = Vec::new();
        for (before, now) in laid_out.iter().zip(&after) {
            if now["state"] == "closed" {
                assert_eq!((before["id"].clone(), &now["reason"]), (now["id"].clone(), &json!("Snow day")));
                assert_eq!(now["member_id"], coop.members[1]);
                closed.push(day(now));
            } else {
                assert_eq!(before, now);
            }
        }
        closed.dedup();
        assert!(!closed.is_empty() && closed.iter().all(|day| ("2027-01-20"..="2027-01-25").contains(day)), "{closed:?}");

        // It was the half day only; then it is taken away, and everything is as it was.
        let mut half = snow.clone();
        half["kind"] = json!("early_release");
        half["released"] = json!("08:30");
        app.office.put(&format!("/calendar-entries/{entry}"), "\"1\"", &half).expect(200);
        let early = all(&app.office, "/dated-visits?state=early_release&from=2027-01-01&until=2027-12-01");
        assert!(!early.is_empty() && early.iter().all(|visit| visit["reason"] == "Snow day, until 8:30 a.m."));
        assert_eq!(app.office.send("DELETE", &format!("/api/v1/calendar-entries/{entry}"), &[], None).status, 204);
        assert_eq!(all(&app.office, "/dated-visits"), laid_out);
        let renewed = app.office.act(&format!("/plans/{}/renew-dated-visits", made.plan)).expect(200);
        assert_eq!(renewed, json!({"created": 0, "changed": 0, "removed": 0}));
        app.office.act(&format!("/plans/{}/renew-dated-visits", made.draft)).expect_problem(409, "conflict");
    }

    fn a_new_plan_takes_over_from_its_first_day_and_what_was_before_stays(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        app.later(79 * DAY);
        let before = all(&app.office, "/dated-visits");
        let (_, plan) = coop.plan(app);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": "2027-02-01"})).expect(200);
        let after = all(&app.office, "/dated-visits");
        let (old, new): (Vec<_>, Vec<_>) = after.iter().partition(|visit| visit["plan_id"] == made.plan);
        let kept: Vec<&Value> = before.iter().filter(|visit| day(visit) < "2027-02-01").collect();
        assert_eq!(old, kept);
        assert!(new.iter().all(|visit| visit["plan_id"] == plan && day(visit) >= "2027-02-01"));
        assert_eq!(after.len(), before.len(), "the new plan holds as many visits a week");
    }

    fn whoever_is_away_is_not_covered_and_nobody_else_learns_why(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let ([first, second], [own, other]) = coop.accounts(app);
        let path = format!("/specialists/{}/time-away", coop.specialists[0]);
        let ill = json!({"reason": "illness", "starts_on": "2027-02-01", "ends_on": "2027-02-03"});
        let away = own.post(&path, &ill).expect(201);
        other.post(&path, &ill).expect_problem(404, "not-found");
        first.post(&path, &ill).expect_problem(404, "not-found");
        let faults = own.post(&path, &json!({"reason": "vacation", "starts_on": "2027-02-03", "ends_on": "2027-02-09"}));
        assert_eq!(faults.expect_problem(422, "invalid-entries")[0].0, "/starts_on");
        let noted = json!({"reason": "illness", "starts_on": "2027-03-01", "ends_on": "2027-03-01", "note": "flu"});
        own.post(&path, &noted).expect_problem(422, "invalid-entries");
        let half = json!({"reason": "illness", "starts_on": "2027-03-01", "ends_on": "2027-03-01", "starts": "12:00"});
        own.post(&path, &half).expect_problem(422, "invalid-entries");

        let missed = all(&app.office, "/dated-visits?state=not_covered");
        assert!(!missed.is_empty());
        for visit in &missed {
            assert_eq!((&visit["specialist_id"], &visit["reason"]), (&json!(coop.specialists[0]), &json!("")));
            assert!(("2027-02-01"..="2027-02-03").contains(&day(visit)));
        }
        for (coordinator, member) in [(&first, &coop.members[0]), (&second, &coop.members[1])] {
            let seen = all(coordinator, "/dated-visits");
            assert!(!seen.is_empty() && seen.iter().all(|visit| visit["member_id"] == *member));
            assert!(!json!(seen).to_string().contains("illness"));
            assert_eq!(of_member(&all(&app.office, "/dated-visits"), member).len(), seen.len());
        }
        assert!(all(&other, "/dated-visits").iter().all(|visit| visit["specialist_id"] == coop.specialists[1]));
        let trail = app.office.get("/audit-entries?limit=200").expect(200).to_string();
        assert!(trail.contains("time_away") && !trail.contains("illness"));
        let gone = own.send("DELETE", &format!("/api/v1/time-away/{}", id(&away)), &[], None);
        assert_eq!((gone.status, all(&app.office, "/dated-visits?state=not_covered").len()), (204, 0));
    }

    fn the_end_of_a_contract_and_of_a_school_is_followed(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let mut closing = site(&coop.members[1], "B-1");
        closing["open_until"] = json!("2027-05-01");
        app.office.put(&format!("/sites/{}", coop.sites[1]), "\"1\"", &closing).expect(200);
        let closed = all(&app.office, "/dated-visits?state=closed");
        assert!(!closed.is_empty() && closed.iter().all(|visit| day(visit) >= "2027-05-01"));
        let mut ending = contract(&coop.members[0], &coop.sites[0]);
        ending["effective_until"] = json!("2027-03-01");
        app.office.put(&format!("/contracts/{}", coop.contracts[0]), "\"1\"", &ending).expect(200);
        let missed = all(&app.office, "/dated-visits?state=not_covered");
        let own = |visit: &Value| visit["specialist_id"] == coop.specialists[0] && day(visit) >= "2027-03-01";
        assert!(!missed.is_empty() && missed.iter().all(own));
    }

    fn what_falls_out_and_has_a_make_up_is_not_planned_twice_by_another_plan(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        app.later(79 * DAY);
        let mut ending = contract(&coop.members[0], &coop.sites[0]);
        ending["effective_until"] = json!("2027-02-08");
        app.office.put(&format!("/contracts/{}", coop.contracts[0]), "\"1\"", &ending).expect(200);
        let missed = all(&app.office, "/dated-visits?from=2027-02-15&until=2027-02-20&state=not_covered").remove(0);
        let make_up = json!({
            "specialist_id": coop.specialists[1], "visit_on": "2027-02-19", "starts": "09:00", "ends": "09:30", "despite_objections": true
        });
        let make_up = app.office.post(&format!("/dated-visits/{}/make-ups", id(&missed)), &make_up).expect(201);
        let asked = json!({
            "term_id": coop.term, "seconds_max": 3, "based_on_plan_id": made.plan,
            "without_specialist_ids": [coop.specialists[0]]
        });
        let run = id(&app.office.post("/plan-runs", &asked).expect(201));
        app.app.planner().expect("a planner").work(&AtomicBool::new(false));
        let plan = app.office.get(&format!("/plan-runs/{run}")).expect(200)["plan_id"].clone();
        let path = format!("/plans/{}/publish", plan.as_str().expect("a draft"));
        app.office.post(&path, &json!({"effective_from": "2027-02-08"})).expect(200);
        let week = all(&app.office, "/dated-visits?from=2027-02-15&until=2027-02-20");
        assert!(week.iter().all(|visit| visit["plan_id"] == plan && visit["kind"] == "weekly"), "{week:?}");
        app.office.get(&format!("/dated-visits/{}", id(&make_up))).expect_problem(404, "not-found");
    }
}
