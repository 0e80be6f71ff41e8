//! A specialist's week as a calendar file, read back by another program.

use std::io::Write;
use std::process::{Command, Stdio};

use chrono_tz::Tz;
use coop_scheduler::domain::calendar::Weekday;
use coop_scheduler::reports::icalendar::{WeekCalendar, WeeklyVisit, week_calendar};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::messages::{date, interval};
use crate::support::smtp::python;

fn visit(key: &str, weekday: Weekday, starts: &str, ends: &str) -> WeeklyVisit {
    WeeklyVisit {
        key: key.to_owned(),
        weekday,
        time: interval(starts, ends),
        except: Vec::new(),
        title: "Gravois Park: Speech, SR-2026-0041".to_owned(),
        location: "Momentum Academy Gravois Park; Room 114".to_owned(),
        description: "IEP-mandated, 45 minutes.\nhttps://coop.example.org/me/week".to_owned(),
    }
}

fn week() -> WeekCalendar {
    WeekCalendar {
        zone: Tz::America__Chicago,
        from: date("2027-01-04"),
        until: date("2027-05-22"),
        sequence: 2,
        published_at: "2026-12-18T21:00:00Z".parse().expect("an instant"),
        domain: "coop.example.org".to_owned(),
        visits: vec![visit("a1", Weekday::Tue, "08:15", "09:00"), visit("b2", Weekday::Fri, "13:00", "13:30")],
    }
}

/// What PyPI's `icalendar` and `dateutil` read: every event's properties, and every start in UTC.
fn read_by_python(text: &str) -> Value {
    let script = r#"
import json, sys, icalendar
from dateutil.rrule import rrulestr
from datetime import timezone
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
events = []
for event in calendar.walk("VEVENT"):
    start = event["DTSTART"].dt
    starts = rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)
    off = event.get("EXDATE")
    off = [] if off is None else off.dts
    events.append({
        "excepted": [one.dt.astimezone(timezone.utc).strftime("%Y%m%dT%H%MZ") for one in off],
        "names": sorted(event.keys()),
        "uid": str(event["UID"]), "summary": str(event["SUMMARY"]), "location": str(event["LOCATION"]),
        "description": str(event["DESCRIPTION"]),
        "minutes": int((event["DTEND"].dt - start).total_seconds() // 60),
        "starts": [moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%MZ") for moment in starts],
    })
print(json.dumps({"method": str(calendar["METHOD"]), "events": events}))
"#;
    let mut process = Command::new(python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    process.stdin.take().expect("its input").write_all(text.as_bytes()).expect("written");
    let output = process.wait_with_output().expect("its output");
    assert!(output.status.success(), "Python cannot read\n{text}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_file_is_as_written_here() {
    let text = week_calendar(&week());
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
    insta::assert_snapshot!("week.ics", text.replace("\r\n", "\n"));
}

#[test]
fn another_program_reads_the_same_week() {
    let read = read_by_python(&week_calendar(&week()));
    assert_eq!(read["method"], "PUBLISH");
    let events = read["events"].as_array().expect("events");
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["uid"], "visit-a1@coop.example.org");
    assert_eq!(events[0]["summary"], "Gravois Park: Speech, SR-2026-0041");
    assert_eq!(events[0]["location"], "Momentum Academy Gravois Park; Room 114");
    assert_eq!(events[0]["description"], "IEP-mandated, 45 minutes.\nhttps://coop.example.org/me/week");
    assert_eq!(events[0]["minutes"], 45);
    // 20 Tuesdays from January 5 to May 18; 8:15 is 14:15 UTC in winter and 13:15 from March 14 on.
    let tuesdays = events[0]["starts"].as_array().expect("starts");
    assert_eq!((tuesdays.len(), &tuesdays[0], &tuesdays[19]), (20, &json!("20270105T1415Z"), &json!("20270518T1315Z")));
    // 20 Fridays from January 8 to May 21, the last day of the plan.
    let fridays = events[1]["starts"].as_array().expect("starts");
    assert_eq!((fridays.len(), &fridays[19]), (20, &json!("20270521T1800Z")));
}

#[test]
fn closed_days_are_left_out_by_date_and_time() {
    let mut closed = week();
    // A Tuesday in winter and one in summer; a Wednesday and a day after the plan say nothing about Tuesdays.
    closed.visits[0].except = ["2027-01-19", "2027-01-20", "2027-03-16", "2027-05-25"].map(date).to_vec();
    let text = week_calendar(&closed).replace("\r\n ", "");
    assert!(text.contains("EXDATE;TZID=America/Chicago:20270119T081500,20270316T081500\r\n"), "{text}");
    assert_eq!(text.matches("EXDATE").count(), 1);
    let read = read_by_python(&week_calendar(&closed));
    let excepted: Vec<&str> =
        read["events"][0]["excepted"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    // 8:15 is 14:15 UTC in winter and 13:15 from March 14 on: the very starts that the rule gives.
    assert_eq!(excepted, ["20270119T1415Z", "20270316T1315Z"]);
    let starts = read["events"][0]["starts"].as_array().expect("starts");
    assert!(excepted.iter().all(|one| starts.contains(&json!(one))));
    assert_eq!(read["events"][1]["excepted"], json!([]));
}

#[test]
fn the_time_zone_in_the_file_is_right_by_itself() {
    for zone in [Tz::America__Chicago, Tz::Europe__Berlin, Tz::America__Phoenix, Tz::Australia__Lord_Howe] {
        let text = week_calendar(&WeekCalendar { zone, ..week() });
        // Under a name that nobody knows, a reader has only the definition to go by.
        let by_definition = read_by_python(&text.replace(zone.name(), "Unknown"));
        assert_eq!(by_definition["events"], read_by_python(&text)["events"], "{text}");
    }
}

#[test]
fn text_from_outside_adds_no_property() {
    let payload = "x\r\nATTENDEE:mailto:e@example.org\rORGANIZER:e\n\u{0}END:VEVENT\r\nBEGIN:VEVENT\r\n";
    let mut hostile = week();
    hostile.domain = payload.to_owned();
    hostile.visits = vec![WeeklyVisit {
        key: payload.to_owned(),
        title: payload.to_owned(),
        location: payload.to_owned(),
        description: payload.to_owned(),
        ..visit("", Weekday::Tue, "08:15", "09:00")
    }];
    let honest = read_by_python(&week_calendar(&week()));
    let read = read_by_python(&week_calendar(&hostile));
    assert_eq!(read["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(read["events"][0]["names"], honest["events"][0]["names"]);
    assert!(week_calendar(&hostile).split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
}

#[test]
fn a_short_plan_has_only_the_days_it_contains() {
    let mut short = week();
    short.until = date("2027-01-06");
    let text = week_calendar(&short);
    assert!(text.contains("visit-a1@") && !text.contains("visit-b2@"), "{text}");
    assert!(text.contains("UNTIL=20270105T141500Z"), "{text}");
    short.visits.clear();
    let empty = week_calendar(&short);
    assert!(empty.contains("BEGIN:VTIMEZONE\r\n") && empty.ends_with("END:VTIMEZONE\r\nEND:VCALENDAR\r\n"), "{empty}");
}

proptest! {
    /// Whatever the text: the same number of content lines, none over 75 octets, and none that is cut in a letter.
    #[test]
    fn any_text_stays_in_its_line(text in "(?s)(.|[ ,;\\\\老é\r\n]){0,120}") {
        let content_lines = |calendar: &str| calendar.replace("\r\n ", "").matches("\r\n").count();
        let mut any = week();
        any.visits[0].title = text.clone();
        any.visits[0].description = text;
        let written = week_calendar(&any);
        prop_assert_eq!(content_lines(&written), content_lines(&week_calendar(&week())));
        prop_assert!(written.split("\r\n").all(|line| line.len() <= 75 && !line.contains(char::is_control)));
    }
}
