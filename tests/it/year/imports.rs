//! Days of calendars from CSV and iCalendar files.

use serde_json::{Value, json};

use crate::support::both::on_both_databases;
use crate::support::small_coop::SmallCoop;

const CSV: &str = "kind,name,starts_on,ends_on,released,site\n\
    holiday,Winter break,2026-12-21,2027-01-01,,\n\
    early_release,\"Half day, conferences\",2027-02-12,,12:30,A-1\n\
    testing,State testing,2027-04-12,2027-04-23,,\n";

const ICS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//District//EN\r\n\
    BEGIN:VEVENT\r\nUID:1@d\r\nDTSTAMP:20260801T000000Z\r\nDTSTART;VALUE=DATE:20270118\r\nSUMMARY:Dr. King Day\\, no \r\n school\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2@d\r\nDTSTAMP:20260801T000000Z\r\nDTSTART;VALUE=DATE:20270315\r\nDTEND;VALUE=DATE:20270320\r\nCATEGORIES:Intersession\r\nSUMMARY:Break\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Day\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

on_both_databases! {
    fn files_are_read_whole_and_a_second_time_changes_nothing(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([first, second], _) = coop.accounts(app);
        for (key, text, rows) in [("csv", CSV, 3), ("ics", ICS, 2)] {
            let mut body = json!({"member_id": coop.members[0]});
            body[key] = json!(text);
            second.post("/calendar-imports", &body).expect_problem(422, "invalid-entries");
            let done = first.post("/calendar-imports", &body).expect(200);
            assert_eq!(done, json!({"created": rows, "unchanged": 0, "dated_visits_changed": 0}));
            let again = first.post("/calendar-imports", &body).expect(200);
            assert_eq!(again, json!({"created": 0, "unchanged": rows, "dated_visits_changed": 0}));
        }
        let found = first.get("/calendar-entries").expect(200);
        let short = |entry: &Value| {
            let text = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
            let site = if entry["site_id"] == coop.sites[0] { "A-1" } else { "all" };
            format!("{} {} {} {} {} {site}", text("kind"), text("name"), text("starts_on"), text("ends_on"), text("released"))
        };
        let found: Vec<String> = found["items"].as_array().expect("items").iter().map(short).collect();
        assert_eq!(found, [
            "holiday Winter break 2026-12-21 2027-01-01 - all",
            "early_release Half day, conferences 2027-02-12 2027-02-12 12:30 A-1",
            "testing State testing 2027-04-12 2027-04-23 - all",
            "holiday Dr. King Day, no school 2027-01-18 2027-01-18 - all",
            "intersession Break 2027-03-15 2027-03-19 - all",
        ]);
    }

    fn what_cannot_be_taken_is_named_by_line_and_nothing_is_kept(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let refused = |key: &str, text: &str| {
            let mut body = json!({"member_id": coop.members[0]});
            body[key] = json!(text);
            let faults = app.office.post("/calendar-imports", &body).expect_problem(422, "invalid-entries");
            faults.into_iter().map(|fault| fault.1).collect::<Vec<_>>().join("\n")
        };
        let start = "DTSTART;VALUE=DATE:20270118\r\n";
        for (lines, words) in [
            (format!("{start}RRULE:FREQ=YEARLY\r\n"), "calendar.ics:3:1: this event repeats (RRULE)"),
            ("DTSTART:20270118T090000Z\r\n".to_owned(), "has a time of day in DTSTART"),
            (format!("{start}DURATION:P1D\r\n"), "has a DURATION"),
            (String::new(), "no DTSTART"),
            ("DTSTART;VALUE=DATE:20271345\r\n".to_owned(), "DTSTART is not a date"),
            (format!("{start}DTEND;VALUE=DATE:20270110\r\n"), "ends_on: "),
            (format!("{start}CATEGORIES:EARLY RELEASE\r\n"), "needs a time"),
        ] {
            let said = refused("ics", &event(&lines));
            assert!(said.contains(words), "{lines}: {said}");
        }
        for text in ["", "nonsense", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"] {
            assert!(refused("ics", text).starts_with("calendar.ics:1:1: "), "{text}");
        }
        let said = refused(
            "csv",
            "kind,name,starts_on,ends_on,released,site\nparty,X,2027-01-05,,,\nholiday,Y,2027-01-05,2027-01-04,,\n\
             holiday,Z,2027-01-06,,12:00,\n",
        );
        for words in ["calendar.csv:2:1: kind", "calendar.csv:3:1: ends_on", "calendar.csv:4:1: released"] {
            assert!(said.contains(words), "{said}");
        }
        let said = refused("csv", "kind,name,starts_on,site\nholiday,X,2027-01-05,\nclosure,Y,2027-01-05,\nholiday,Z,2027-01-07,B-1\n");
        assert!(said.contains("calendar.csv:3:1: \"X\" from 2027-01-05") && said.contains("calendar.csv:4:1: the member has no site B-1"));
        app.office.post("/calendar-imports", &json!({"member_id": coop.members[0]})).expect_problem(422, "invalid-entries");
        assert_eq!(app.office.get("/calendar-entries").expect(200)["items"], json!([]));
    }
}
