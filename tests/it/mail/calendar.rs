//! Invitations to weekly visits, read back by another program.

use std::io::Write;
use std::process::{Command, Stdio};

use chrono_tz::Tz;
use coop_scheduler::domain::calendar::Weekday;
use coop_scheduler::reports::icalendar::{Invitation, Participant, WeeklySeries, invitation};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::messages::{date, interval};
use crate::support::smtp::python;

fn tuesdays() -> Invitation {
    Invitation {
        zone: Tz::America__Chicago,
        domain: "coop.example.org".to_owned(),
        organizer: Participant {
            name: "Shared Services Co-op".to_owned(),
            address: "schedule@coop.example.org".to_owned(),
        },
        attendee: Participant { name: "Dana Whitfield".to_owned(), address: "dana@kipp.example.org".to_owned() },
        published_at: "2026-12-18T21:00:00Z".parse().expect("an instant"),
        sequence: 2,
        series: WeeklySeries {
            key: "weekly-a1".to_owned(),
            weekday: Weekday::Tue,
            time: interval("08:15", "09:00"),
            from: date("2027-01-04"),
            until: date("2027-05-22"),
            except: Vec::new(),
            title: "Gravois Park: Speech, SR-2026-0041".to_owned(),
            location: "Momentum Academy Gravois Park; Room 114".to_owned(),
            description: "IEP-mandated, 45 minutes.\nhttps://coop.example.org/me/week".to_owned(),
        },
    }
}

fn fridays() -> Invitation {
    let mut facts = tuesdays();
    facts.series.weekday = Weekday::Fri;
    facts.series.time = interval("13:00", "13:30");
    facts
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
        "organizer": [str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]],
        "attendee": [str(event["ATTENDEE"]), event["ATTENDEE"].params["CN"]],
        "sequence": int(event["SEQUENCE"]), "status": str(event["STATUS"]),
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
    let text = invitation(&tuesdays());
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
    insta::assert_snapshot!("invitation.ics", text.replace("\r\n", "\n"));
}

#[test]
fn another_program_reads_the_same_series() {
    let read = read_by_python(&invitation(&tuesdays()));
    assert_eq!(read["method"], "REQUEST");
    assert_eq!(read["events"].as_array().map(Vec::len), Some(1));
    let event = &read["events"][0];
    assert_eq!(event["uid"], "weekly-a1@coop.example.org");
    assert_eq!(event["organizer"], json!(["mailto:schedule@coop.example.org", "Shared Services Co-op"]));
    assert_eq!(event["attendee"], json!(["mailto:dana@kipp.example.org", "Dana Whitfield"]));
    assert_eq!((&event["sequence"], &event["status"], &event["minutes"]), (&json!(2), &json!("CONFIRMED"), &json!(45)));
    assert_eq!(event["summary"], "Gravois Park: Speech, SR-2026-0041");
    assert_eq!(event["location"], "Momentum Academy Gravois Park; Room 114");
    assert_eq!(event["description"], "IEP-mandated, 45 minutes.\nhttps://coop.example.org/me/week");
    // 20 Tuesdays from January 5 to May 18; 8:15 is 14:15 UTC in winter and 13:15 from March 14 on.
    let starts = event["starts"].as_array().expect("starts");
    assert_eq!((starts.len(), &starts[0], &starts[19]), (20, &json!("20270105T1415Z"), &json!("20270518T1315Z")));
    // 20 Fridays from January 8 to May 21, the last day of the plan.
    let read = read_by_python(&invitation(&fridays()));
    let starts = read["events"][0]["starts"].as_array().expect("starts");
    assert_eq!((starts.len(), &starts[19]), (20, &json!("20270521T1800Z")));
}

#[test]
fn closed_days_are_left_out_by_date_and_time() {
    let mut closed = tuesdays();
    // A Tuesday in winter and one in summer; a Wednesday and a day after the plan say nothing about Tuesdays.
    closed.series.except = ["2027-01-19", "2027-01-20", "2027-03-16", "2027-05-25"].map(date).to_vec();
    let text = invitation(&closed).replace("\r\n ", "");
    assert!(text.contains("EXDATE;TZID=America/Chicago:20270119T081500,20270316T081500\r\n"), "{text}");
    let read = read_by_python(&invitation(&closed));
    let excepted: Vec<&str> =
        read["events"][0]["excepted"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    // 8:15 is 14:15 UTC in winter and 13:15 from March 14 on: the very starts that the rule gives.
    assert_eq!(excepted, ["20270119T1415Z", "20270316T1315Z"]);
    let starts = read["events"][0]["starts"].as_array().expect("starts");
    assert!(excepted.iter().all(|one| starts.contains(&json!(one))));
}

#[test]
fn the_time_zone_in_the_file_is_right_by_itself() {
    for zone in [Tz::America__Chicago, Tz::Europe__Berlin, Tz::America__Phoenix, Tz::Australia__Lord_Howe] {
        let text = invitation(&Invitation { zone, ..tuesdays() });
        // Under a name that nobody knows, a reader has only the definition to go by.
        let by_definition = read_by_python(&text.replace(zone.name(), "Unknown"));
        assert_eq!(by_definition["events"], read_by_python(&text)["events"], "{text}");
    }
}

#[test]
fn text_from_outside_adds_no_property() {
    let payload = "x\r\nATTENDEE:mailto:e@example.org\rORGANIZER:e\n\u{0}END:VEVENT\r\nBEGIN:VEVENT\r\n\";CN=e";
    let mut hostile = tuesdays();
    hostile.domain = payload.to_owned();
    hostile.attendee = Participant { name: payload.to_owned(), address: payload.to_owned() };
    hostile.organizer = hostile.attendee.clone();
    hostile.series.key = payload.to_owned();
    hostile.series.title = payload.to_owned();
    hostile.series.location = payload.to_owned();
    hostile.series.description = payload.to_owned();
    let honest = read_by_python(&invitation(&tuesdays()));
    let read = read_by_python(&invitation(&hostile));
    assert_eq!(read["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(read["events"][0]["names"], honest["events"][0]["names"]);
    assert!(invitation(&hostile).split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
}

#[test]
fn a_series_ends_with_its_plan_and_is_cancelled_when_no_day_is_left() {
    let mut short = tuesdays();
    short.series.until = date("2027-01-06");
    let text = invitation(&short);
    assert!(text.contains("METHOD:REQUEST\r\n") && text.contains("UNTIL=20270105T141500Z"), "{text}");
    short.series.until = date("2027-01-05");
    let read = read_by_python(&invitation(&short));
    assert_eq!((&read["method"], &read["events"][0]["status"]), (&json!("CANCEL"), &json!("CANCELLED")));
    assert_eq!(read["events"][0]["uid"], "weekly-a1@coop.example.org");
}

proptest! {
    /// Whatever the text: the same number of content lines, none over 75 octets, and none that is cut in a letter.
    #[test]
    fn any_text_stays_in_its_line(text in "(?s)(.|[ ,;\\\\老é\r\n]){0,120}") {
        let content_lines = |calendar: &str| calendar.replace("\r\n ", "").matches("\r\n").count();
        let mut any = tuesdays();
        any.series.title = text.clone();
        any.series.description = text.clone();
        any.attendee.name = text;
        let written = invitation(&any);
        prop_assert_eq!(content_lines(&written), content_lines(&invitation(&tuesdays())));
        prop_assert!(written.split("\r\n").all(|line| line.len() <= 75 && !line.contains(char::is_control)));
    }
}
