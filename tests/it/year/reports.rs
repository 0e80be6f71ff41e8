//! Reports of the school year: they agree with what they are made from, add up, and say the same in every form.

mod clocks;
mod files;

use coop_scheduler::domain::account::Role;
use coop_scheduler::domain::service_log::MonthToLock;
use coop_scheduler::operations::locked_months;
use coop_scheduler::operations::reports::time_and_effort;
use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id};

const DAY: i64 = 24 * 60 * 60;
/// What minutes of a row must add up to its planned ones.
const PARTS: [&str; 4] = ["delivered_minutes", "missed_minutes", "to_log_minutes", "to_come_minutes"];
const WHOLE: &str = "/reports/service-fidelity?from=2027-01-04&until=2027-05-29";

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn report(client: &Client, path: &str) -> (Vec<Value>, Value) {
    let found = client.get(path).expect(200);
    (found["rows"].as_array().cloned().expect("rows"), found["total"].clone())
}

/// In January, with some visits logged in every way and one made up in part.
fn log_some(app: &TestApp, coop: &SmallCoop) {
    app.later(79 * DAY);
    let reasons = ["provider_absent", "student_absent_excused", "closure", "activity", "declined", "other"];
    for (n, visit) in all(&app.office, "/dated-visits?from=2027-01-04&until=2027-01-20").iter().enumerate() {
        let minutes = number(visit, "minutes");
        let body = match n % 8 {
            0..=2 => json!({"outcome": "delivered", "minutes": minutes}),
            3 => json!({"outcome": "delivered", "minutes": minutes - 10}),
            4 => json!({"outcome": "delivered", "minutes": minutes + 5}),
            5 | 6 => json!({"outcome": "did_not_take_place", "reason": reasons[n % reasons.len()]}),
            _ => continue,
        };
        app.office.post(&format!("/dated-visits/{}/log", id(visit)), &body).expect(200);
        if n == 3 {
            // Friday is free for everybody; it is logged in full.
            let make_up = json!({"specialist_id": visit["specialist_id"], "visit_on": "2027-01-08", "starts": "09:00",
                "ends": "09:05", "despite_objections": true});
            let path = format!("/dated-visits/{}/make-ups", id(visit));
            let made = app.office.post(&path, &make_up);
            if made.status == 201 {
                let log = json!({"outcome": "delivered", "minutes": 5});
                app.office.post(&format!("/dated-visits/{}/log", id(&made.json())), &log).expect(200);
            }
        }
    }
    assert!(!coop.term.is_empty());
}

on_both_databases! {
    fn fidelity_agrees_with_what_is_owed_and_adds_up(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        log_some(app, &coop);
        for days in ["from=2027-01-04&until=2027-05-29", "from=2027-01-04&until=2027-01-21", "from=2027-01-11&until=2027-01-19"] {
            let (rows, total) = report(&app.office, &format!("/reports/service-fidelity?{days}"));
            let owed = all(&app.office, &format!("/owed?{days}"));
            assert_eq!((rows.len(), owed.len()), (2, 2));
            for row in &rows {
                let other = owed.iter().find(|one| one["service_request_id"] == row["service_request_id"]).expect("the same");
                let names = ["planned_minutes", "made_up_minutes", "over_delivered_minutes"];
                for name in names.iter().chain(&PARTS) {
                    assert_eq!(row[*name], other[*name], "{name} {days}");
                }
                let (reasons, planned) = (&row["reasons"], number(row, "planned_minutes"));
                for name in ["still_owed_minutes", "not_owed_minutes"] {
                    assert_eq!(reasons[name], other[name], "{name}");
                }
                assert_eq!(planned, PARTS.iter().map(|part| number(row, part)).sum::<i64>());
                let missed = reasons["missed_by_reason"].as_object().expect("reasons");
                assert_eq!(missed.values().filter_map(Value::as_i64).sum::<i64>(), number(row, "missed_minutes"));
                let given = number(row, "delivered_minutes") + number(row, "made_up_minutes");
                let over = planned - number(row, "to_come_minutes");
                assert_eq!(row["delivered_percent"].as_i64(), (over > 0).then(|| given * 100 / over), "{row}");
            }
            for (name, value) in total.as_object().expect("figures") {
                if let Some(value) = value.as_i64().filter(|_| name != "delivered_percent") {
                    assert_eq!(value, rows.iter().map(|row| number(row, name)).sum::<i64>(), "{name}");
                }
            }
        }
        // The term so far is what is asked when nothing is said.
        let so_far = app.office.get("/reports/service-fidelity").expect(200);
        assert_eq!((&so_far["period_from"], &so_far["period_until"]), (&json!("2027-01-04"), &json!("2027-01-21")));
        let (rows, total) = report(&app.office, WHOLE);
        assert!(number(&total, "missed_minutes") > 0 && number(&total, "over_delivered_minutes") > 0);
        for (only, counts) in [("short", "missed_minutes"), ("over", "over_delivered_minutes")] {
            let (some, sum) = report(&app.office, &format!("{WHOLE}&only={only}"));
            let made_up = |row: &Value| if only == "short" { number(row, "made_up_minutes") } else { 0 };
            let expected: Vec<&Value> = rows.iter().filter(|row| number(row, counts) > made_up(row)).collect();
            assert_eq!(some.iter().collect::<Vec<_>>(), expected);
            assert_eq!(number(&sum, counts), expected.iter().map(|row| number(row, counts)).sum::<i64>());
        }
        assert_eq!(report(&app.office, &format!("{WHOLE}&discipline=OT")).0.len(), 0);
        let (own, _) = report(&app.office, &format!("{WHOLE}&member={}", coop.members[1]));
        assert!(own.len() == 1 && own[0]["member"] == "B", "{own:?}");
    }

    fn a_holiday_was_never_planned_and_a_snow_day_was_missed(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let days = "from=2027-01-04&until=2027-01-23";
        let of = |client: &Client| {
            let (rows, _) = report(client, &format!("/reports/service-fidelity?{days}"));
            rows.into_iter().find(|row| row["member"] == "B").expect("B")
        };
        let before = of(&app.office);
        for (kind, day) in [("holiday", "2027-01-11"), ("closure", "2027-01-13")] {
            let closed = json!({"member_id": coop.members[1], "kind": kind, "name": "Day", "starts_on": day, "ends_on": day});
            app.office.post("/calendar-entries", &closed).expect(201);
        }
        app.later(85 * DAY);
        let after = of(&app.office);
        let closed: Vec<Value> = all(&app.office, "/dated-visits?state=closed");
        let minutes = |day: &str| -> i64 {
            closed.iter().filter(|visit| visit["visit_on"] == day).map(|visit| number(visit, "minutes")).sum()
        };
        assert!(minutes("2027-01-11") > 0 && minutes("2027-01-13") > 0, "{closed:?}");
        assert_eq!(number(&before, "planned_minutes") - number(&after, "planned_minutes"), minutes("2027-01-11"));
        assert_eq!(number(&after, "missed_minutes"), minutes("2027-01-13"));
        assert_eq!(after["reasons"]["missed_by_reason"]["closure"], after["missed_minutes"]);
        let rest = number(&after, "planned_minutes") - number(&after, "missed_minutes");
        assert_eq!((number(&after, "to_come_minutes"), number(&after, "to_log_minutes")), (0, rest));
        assert_eq!(after["delivered_percent"], 0);
    }

    fn finance_sees_sums_of_whole_months_and_coordinators_their_own_requests(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        log_some(app, &coop);
        let (coordinators, _) = coop.accounts(app);
        let finance = app.sign_up("Finance", Role::Finance);
        let january = "/reports/service-fidelity?from=2027-01-01&until=2027-02-01";
        let (rows, total) = report(&app.office, january);
        let (sums, sum) = report(&finance, january);
        assert_eq!(sums.len(), 2);
        for (row, all) in sums.iter().zip(&rows) {
            assert!(row["service_request_id"].is_null() && row["service_request_code"].is_null() && row["reasons"].is_null());
            assert!(!row.to_string().contains("SR-"), "{row}");
            for name in PARTS.iter().chain(&["planned_minutes", "asked_minutes_per_week", "made_up_minutes"]) {
                assert_eq!(row[*name], all[*name], "{name}");
            }
        }
        assert_eq!(sum["planned_minutes"], total["planned_minutes"]);
        let whole = finance.get("/reports/service-fidelity").expect(200);
        assert_eq!((&whole["period_from"], &whole["period_until"]), (&json!("2027-01-01"), &json!("2027-02-01")));
        let bad = finance.get("/reports/service-fidelity?from=2027-01-04&until=2027-01-21");
        let faults = bad.expect_problem(422, "invalid-entries");
        assert_eq!(faults.iter().map(|fault| fault.0.as_str()).collect::<Vec<_>>(), ["/from", "/until"]);
        // Two roles: the own member by request, the other one as a sum.
        let two = app.sign_up_as("Two", &[Role::Finance, coop.coordinator(0)]);
        let (mixed, _) = report(&two, january);
        for row in &mixed {
            let is_own = row["member"] == "A";
            assert_eq!((row["service_request_code"].is_string(), row["reasons"].is_object()), (is_own, is_own), "{row}");
        }
        for half in [0, 1] {
            let (own, own_total) = report(&coordinators[half], january);
            assert!(own.len() == 1 && own[0] == rows[half], "{own:?}");
            assert_eq!(own_total["planned_minutes"], rows[half]["planned_minutes"]);
            let (none, _) = report(&coordinators[half], &format!("{january}&member={}", coop.members[1 - half]));
            assert!(none.is_empty());
        }
    }

    fn time_and_effort_adds_up_what_was_logged(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        log_some(app, &coop);
        let (_, specialists) = coop.accounts(app);
        let (rows, total) = report(&app.office, "/reports/time-and-effort");
        let logs = all(&app.office, "/service-logs?outcome=delivered");
        let given: i64 = logs.iter().map(|log| number(log, "minutes")).sum();
        assert!(given > 0 && number(&total, "delivered_minutes") == given, "{total}");
        for row in &rows {
            let is_its = |log: &&Value| log["member_id"] == row["member_id"] && log["specialist_id"] == row["specialist_id"];
            let minutes: i64 = logs.iter().filter(is_its).map(|log| number(log, "minutes")).sum();
            assert_eq!(number(row, "delivered_minutes"), minutes, "{row}");
            assert_eq!(number(row, "total_minutes"), minutes + number(row, "travel_minutes"));
            let own = ["S-1", "S-2"].iter().position(|code| row["specialist"] == *code).expect("one of both");
            let employer = ["A", "B"][own];
            assert_eq!(row["employer"], format!("member:{employer}"));
            assert_eq!(row["is_own_employer"], row["member"] == employer);
            assert_eq!((&row["month"], &row["is_locked"]), (&json!("2027-01"), &json!(false)));
        }
        // Somebody who served both members on a day drove 15 minutes between them, one way or both.
        assert_eq!(number(&total, "travel_minutes") % 15, 0);
        for half in [0, 1] {
            let (own, _) = report(&specialists[half], "/reports/time-and-effort");
            let expected: Vec<&Value> = rows.iter().filter(|row| row["specialist_id"] == coop.specialists[half]).collect();
            assert_eq!(own.iter().collect::<Vec<_>>(), expected);
            let foreign = format!("/reports/time-and-effort?specialist={}", coop.specialists[1 - half]);
            assert!(report(&specialists[half], &foreign).0.is_empty());
        }
        // In February the tokens of the test have ended; people have not.
        app.later(13 * DAY);
        let (operations, month) = (&app.app.operations, "2027-01".parse().expect("a month"));
        let locked = operations.change(app.actor.clone(), |tx, ctx| locked_months::lock(tx, ctx, &MonthToLock { month }));
        locked.expect("January is over");
        let found = operations.look(app.actor.clone(), |tx, ctx| time_and_effort::report(tx, ctx, &Default::default()));
        let found = found.expect("a report");
        let is_locked = |month: &str| found.rows.iter().filter(|row| row.month.to_string() == month).all(|row| row.is_locked);
        assert!(is_locked("2027-01") && !is_locked("2027-02"), "{found:?}");
        assert_eq!(found.total.delivered_minutes, given);
    }

    fn unscheduled_time_is_what_the_plan_leaves_of_contract_and_hours(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let empty = app.office.get("/reports/unscheduled-time").expect(200);
        assert!(empty["plan_id"].is_null() && empty["rows"] == json!([]), "{empty}");
        let made = coop.make(app);
        let (_, specialists) = coop.accounts(app);
        let block = json!({"kind": "paperwork", "minutes_per_week": 45, "effective_from": "2026-08-01"});
        app.office.post(&format!("/specialists/{}/indirect-blocks", coop.specialists[0]), &block).expect(201);
        let (rows, total) = report(&app.office, "/reports/unscheduled-time");
        let document = app.office.get(&format!("/plans/{}/document", made.plan)).expect(200);
        assert_eq!(total["travel_minutes"], document["totals"]["travel_minutes"]);
        let visits = all(&app.office, &format!("/plans/{}/visits", made.plan));
        let minutes = |visit: &Value| {
            let time = |name: &str| {
                let (hours, minutes) = visit[name].as_str().and_then(|text| text.split_once(':')).expect("a time");
                hours.parse::<i64>().expect("hours") * 60 + minutes.parse::<i64>().expect("minutes")
            };
            time("ends") - time("starts")
        };
        for (half, row) in rows.iter().enumerate() {
            let own = visits.iter().filter(|visit| visit["specialist_id"] == coop.specialists[half]);
            assert_eq!(number(row, "planned_direct_minutes"), own.map(minutes).sum::<i64>());
            assert_eq!((number(row, "direct_minutes_max"), number(row, "week_minutes")), (600, 840));
            assert_eq!(number(row, "direct_minutes_left"), 600 - number(row, "planned_direct_minutes"));
            let taken = number(row, "planned_direct_minutes") + number(row, "travel_minutes");
            assert_eq!(number(row, "unscheduled_minutes"), 840 - taken - 45 * i64::from(half == 0));
            assert_eq!(number(row, "other_work_minutes"), 45 * i64::from(half == 0));
            assert_eq!(report(&specialists[half], "/reports/unscheduled-time").0.first(), Some(row));
        }
    }

    fn what_cannot_be_asked_is_told_with_its_place(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        for (query, place) in [
            ("service-fidelity?from=2027-01-04&until=2027-01-04", "/until"),
            ("service-fidelity?from=2027-01-04&until=2028-01-06", "/until"),
            ("service-fidelity?from=2027-02-30", "/from"),
            ("service-fidelity?until=0001-01-01", "/until"),
            ("service-fidelity?only=perhaps", "/only"),
            ("service-fidelity?students=all", "/students"),
            ("service-fidelity/csv?from=x", "/from"),
            ("service-fidelity/xlsx?from=2027-01-04&until=2026-01-04", "/until"),
            ("time-and-effort?from=2027-01-04&until=2027-02-01", "/from"),
            ("time-and-effort?from=2027-01-01&from=2027-01-01", "/from"),
            ("unscheduled-time?from=2027-01-04", "/from"),
            ("evaluation-clocks?only=short", "/only"),
        ] {
            let faults = app.office.get(&format!("/reports/{query}")).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|fault| fault.0 == place && !fault.1.is_empty()), "{query}: {faults:?}");
        }
        // Before there is anything, reports are empty and not broken; so is a co-op without a term.
        let (rows, total) = report(&app.office, "/reports/service-fidelity");
        assert!(rows.is_empty() && total["delivered_percent"].is_null() && !coop.term.is_empty(), "{total}");
        for report in ["time-and-effort", "unscheduled-time", "evaluation-clocks"] {
            assert_eq!(app.office.get(&format!("/reports/{report}")).expect(200)["rows"], json!([]), "{report}");
        }
        app.office.get("/reports/nothing").expect_problem(404, "not-found");
    }
}
