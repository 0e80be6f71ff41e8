//! A week of the co-op: who is away and is covered, what is logged, what is made up, and months that are locked.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::{Value, json};

use super::super::{all, date};
use super::story::Story;
use crate::support::client::Reply;
use crate::support::small_coop::id;

/// Why visits do not take place.
const REASONS: [&str; 7] = [
    "student_absent_excused",
    "student_absent_unexcused",
    "provider_absent",
    "closure",
    "activity",
    "declined",
    "other",
];
/// Specialists who are away for some days of a week.
const AWAY_A_WEEK: usize = 2;
/// Visits of a week for which somebody else is asked, and how many are covered at most.
const COVER_A_WEEK: (usize, usize) = (8, 2);
/// Visits of a week for which a time to make up is asked.
const MAKE_UPS_A_WEEK: usize = 6;

fn minutes(visit: &Value) -> i64 {
    visit["minutes"].as_i64().expect("minutes")
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_else(|| panic!("no {key} in {record}"))
}

fn delivered(minutes: i64) -> Value {
    json!({"outcome": "delivered", "minutes": minutes})
}

fn missed(reason: &str) -> Value {
    json!({"outcome": "did_not_take_place", "reason": reason})
}

/// Who comes.
fn who_comes(visit: &Value) -> &str {
    visit["covered_by_specialist_id"].as_str().unwrap_or_else(|| text(visit, "specialist_id"))
}

impl Story<'_> {
    /// Dated visits of some days, in a state or in any.
    fn visits(&self, from: NaiveDate, days: u64, state: &str) -> Vec<Value> {
        let until = from + Days::new(days);
        all(&self.app.office, &format!("/dated-visits?from={from}&until={until}{state}"))
    }

    /// Whoever comes logs it.
    fn log(&self, visit: &Value, body: &Value) -> Reply {
        self.accounts[who_comes(visit)].post(&format!("/dated-visits/{}/log", id(visit)), body)
    }

    /// Specialists are away for one to three days from some day of the week on, some for the afternoons only.
    pub fn some_are_away(&mut self, monday: NaiveDate) {
        let people: Vec<String> = self.people.values().cloned().collect();
        let chosen: Vec<String> = people.sample(&mut self.random, AWAY_A_WEEK).cloned().collect();
        for person in chosen {
            let first = monday + Days::new(self.random.random_range(0..3));
            let last = first + Days::new(self.random.random_range(0..3));
            let mut away = json!({"reason": "illness", "starts_on": first, "ends_on": last});
            if self.random.random_bool(0.25) {
                (away["starts"], away["ends"]) = (json!("12:00"), json!("16:00"));
            }
            self.app.office.post(&format!("/specialists/{person}/time-away"), &away).expect(201);
        }
    }

    /// Whoever was to make something up this week is ill that day; now and then they are well again at once. Whether the
    /// make-up came back; nothing where there was none.
    pub fn a_make_up_falls_out(&mut self, monday: NaiveDate) -> Option<bool> {
        let open = self.visits(monday, 5, "&kind=make_up&state=planned");
        let make_up = open.choose(&mut self.random)?;
        let (person, day) = (text(make_up, "specialist_id"), &make_up["visit_on"]);
        let away = json!({"reason": "illness", "starts_on": day, "ends_on": day});
        let entered = self.app.office.post(&format!("/specialists/{person}/time-away"), &away);
        // Who is away for a part of the day already is left alone.
        let away = (entered.status == 201).then(|| id(&entered.expect(201)))?;
        let state = || self.app.office.get(&format!("/dated-visits/{}", id(make_up))).expect(200)["state"].clone();
        assert_eq!(state(), "not_covered");
        // After the holiday that nobody had entered, some of these minutes are not owed any more, and nothing comes back.
        let is_well_again = self.random.random_bool(0.3) && monday < date("2027-05-10");
        if is_well_again {
            assert_eq!(self.app.office.send("DELETE", &format!("/api/v1/time-away/{away}"), &[], None).status, 204);
            assert_eq!(state(), "planned");
        }
        Some(is_well_again)
    }

    /// For some visits somebody else is asked, who comes where they are free. Gives how many are covered.
    pub fn some_are_covered(&mut self, monday: NaiveDate) -> usize {
        let open = self.visits(monday, 5, "&state=not_covered&kind=weekly");
        let chosen: Vec<Value> = open.sample(&mut self.random, COVER_A_WEEK.0).cloned().collect();
        let mut covered = 0;
        for visit in chosen {
            let path = format!("/dated-visits/{}", id(&visit));
            let found = self.app.office.get(&format!("{path}/cover-options")).expect(200);
            let free = found["options"].as_array().expect("a list").iter().find(|one| one["is_free"] == true);
            let Some(free) = free else { continue };
            let body = json!({"specialist_id": free["specialist_id"]});
            assert_eq!(self.app.office.post(&format!("{path}/cover"), &body).expect(200)["state"], "planned");
            covered += 1;
            if covered == COVER_A_WEEK.1 {
                break;
            }
        }
        covered
    }

    /// What is logged one by one about a visit, where it did not go as planned.
    fn other_outcome(&mut self, visit: &Value) -> Option<Value> {
        let (planned, chance) = (minutes(visit), self.random.random_range(0..100));
        let reason = REASONS.choose(&mut self.random).expect("a reason");
        let make_up = visit["kind"] == "make_up";
        match (text(visit, "state"), chance) {
            ("planned", 0..40) if make_up => Some(match chance {
                0..15 => delivered(planned + 5),
                15..30 => delivered(planned - 4),
                _ => missed("student_absent_excused"),
            }),
            // What fell out took place nowhere.
            _ if make_up => None,
            ("planned", 0..4) => Some(delivered((planned - 5 * self.random.random_range(1..=4)).max(5))),
            ("planned", 4..7) => Some(delivered(planned + 5 * self.random.random_range(1..=3))),
            ("planned", 7..15) => Some(missed(reason)),
            // They came after all, or somebody wrote down what was known anyway.
            ("not_covered", 0..10) => Some(delivered(planned)),
            ("not_covered", 10..30) => Some(missed("provider_absent")),
            ("early_release", 0..40) => Some(delivered(planned - 10)),
            ("closed", 0..10) => Some(missed("closure")),
            _ => None,
        }
    }

    /// On Friday evening the week is logged, except for some days of some specialists.
    pub fn is_logged(&mut self, monday: NaiveDate) {
        let mut as_planned = BTreeSet::new();
        for visit in self.visits(monday, 5, "") {
            match self.other_outcome(&visit) {
                Some(body) => {
                    self.log(&visit, &body).expect(200);
                }
                None if visit["state"] == "planned" => {
                    as_planned.insert((who_comes(&visit).to_owned(), text(&visit, "visit_on").to_owned()));
                }
                None => {}
            }
        }
        for (person, day) in as_planned {
            if self.random.random_bool(0.97) {
                let path = format!("/specialists/{person}/log-day-as-planned");
                let done = self.accounts[&person].post(&path, &json!({"date": day})).expect(200);
                assert_ne!(done["logged"], json!([]), "{person} {day}");
            }
        }
        self.some_logs_change(monday);
    }

    /// Some logs were wrong: two become something else, one is taken back, and one is taken back and logged again.
    fn some_logs_change(&mut self, monday: NaiveDate) {
        let until = monday + Days::new(5);
        let mut logs = all(&self.app.office, &format!("/service-logs?from={monday}&until={until}&outcome=delivered"));
        // A make-up may be of few minutes, of which no twenty can be logged.
        logs.retain(|log| log["version"] == 1 && log["minutes"] == log["planned_minutes"] && minutes(log) >= 20);
        logs.shuffle(&mut self.random);
        let bodies =
            [missed("activity"), delivered(20), json!({"outcome": "not_logged"}), json!({"outcome": "not_logged"})];
        let mut last = None;
        for (log, body) in logs.iter().zip(&bodies) {
            let visit = text(log, "dated_visit_id").to_owned();
            self.change_log(&visit, 1, body).expect(200);
            last = Some(visit);
        }
        if let Some(visit) = last {
            let version = self.app.office.get(&format!("/dated-visits/{visit}/log")).expect(200)["version"].clone();
            self.change_log(&visit, version.as_i64().expect("a version"), &missed("other")).expect(200);
        }
    }

    fn change_log(&self, visit: &str, version: i64, body: &Value) -> Reply {
        let path = format!("/api/v1/dated-visits/{visit}/log");
        let tag = format!("\"{version}\"");
        self.app.office.send("POST", &path, &[("If-Match", &tag)], Some(body.to_string().as_bytes()))
    }

    /// For some visits that were missed this week a make-up is entered at a time that is suggested, some of them shorter
    /// than what is owed. Gives how many.
    pub fn some_are_made_up(&mut self, monday: NaiveDate) -> usize {
        let logs = all(&self.app.office, &format!("/service-logs?from={monday}"));
        let is_missed = |visit: &Value| {
            let log = logs.iter().find(|log| log["dated_visit_id"] == visit["id"]);
            visit["kind"] == "weekly" && log.map_or(visit["state"] != "planned", |log| minutes(log) < minutes(visit))
        };
        let mut missed = self.visits(monday, 5, "");
        missed.retain(is_missed);
        let chosen: Vec<Value> = missed.sample(&mut self.random, MAKE_UPS_A_WEEK).cloned().collect();
        let mut entered = 0;
        for visit in chosen {
            let path = format!("/dated-visits/{}", id(&visit));
            let found = self.app.office.get(&format!("{path}/make-up-times")).expect(200);
            let times = found["times"].as_array().expect("a list");
            let Some(time) = times.choose(&mut self.random) else { continue };
            let mut ends = text(time, "ends").to_owned();
            if minutes(time) >= 30 && self.random.random_bool(0.3) {
                ends = later(text(time, "starts"), 15);
            }
            let body = json!({
                "specialist_id": time["specialist_id"], "visit_on": time["visit_on"], "starts": time["starts"], "ends": ends,
                // A shorter one may not be worth the drive.
                "despite_objections": time["ends"] != ends
            });
            let made = self.app.office.post(&format!("{path}/make-ups"), &body).expect(201);
            if self.random.random_bool(0.1) {
                let path = format!("/api/v1/dated-visits/{}", id(&made));
                assert_eq!(self.app.office.send("DELETE", &path, &[], None).status, 204);
            } else {
                entered += 1;
            }
        }
        entered
    }

    /// Something was made up, and then it turns out that the visit had taken place: it is delivered twice. Whether one was
    /// found in a month that is open.
    pub fn one_was_made_up_for_nothing(&self, month: &str) -> bool {
        let office = &self.app.office;
        let logs = all(office, "/service-logs");
        let log_of = |id: &Value| logs.iter().find(|log| log["dated_visit_id"] == *id);
        let made_up = all(office, "/dated-visits?kind=make_up").into_iter().find_map(|make_up| {
            let given = log_of(&make_up["id"]).filter(|log| log["outcome"] == "delivered");
            let before = log_of(&make_up["makes_up_id"]).filter(|log| text(log, "visit_on").starts_with(month));
            let could_be = |log: &&Value| log["outcome"] == "did_not_take_place" && log["reason"] != "closure";
            given.and(before).filter(could_be).cloned()
        });
        let Some(log) = made_up else { return false };
        let body = delivered(log["planned_minutes"].as_i64().expect("minutes"));
        let version = log["version"].as_i64().expect("a version");
        self.change_log(text(&log, "dated_visit_id"), version, &body).expect(200);
        true
    }

    /// Locks the month before a day; nothing that was left open in it can be logged after that.
    pub fn month_is_locked(&self, day: NaiveDate) {
        let last = day.with_day(1).and_then(|first| first.pred_opt()).expect("a date");
        let first = last.with_day(1).expect("a date");
        let month = last.format("%Y-%m").to_string();
        let lock = json!({"month": month});
        self.finance.post("/locked-months", &lock).expect(201);
        let refused = |reply: Reply| {
            reply.expect_problem(409, "conflict");
            assert!(reply.text().contains("is locked"), "{}", reply.text());
        };
        let visits = self.visits(first, u64::from(last.day()), "&state=planned");
        let open = visits.iter().min_by_key(|visit| visit["log_version"].as_i64()).expect("a visit");
        refused(self.log(open, &delivered(minutes(open))));
        let path = format!("/specialists/{}/log-day-as-planned", who_comes(open));
        refused(self.accounts[who_comes(open)].post(&path, &json!({"date": open["visit_on"]})));
        let logged = visits.iter().find(|visit| visit["log_version"] == 1).expect("a visit that was logged");
        refused(self.change_log(&id(logged), 1, &json!({"outcome": "not_logged"})));
    }
}

/// A wall-clock time some minutes later.
fn later(time: &str, minutes: u32) -> String {
    let (hour, minute) = time.split_once(':').expect("a time");
    let sum = hour.parse::<u32>().expect("an hour") * 60 + minute.parse::<u32>().expect("a minute") + minutes;
    format!("{:02}:{:02}", sum / 60, sum % 60)
}

/// The Mondays from one day on and before another.
pub fn mondays(from: &str, until: &str) -> impl Iterator<Item = NaiveDate> {
    let until = date(until);
    date(from).iter_weeks().take_while(move |monday| *monday < until)
}
