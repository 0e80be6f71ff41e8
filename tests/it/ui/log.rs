//! Logging on the pages: as planned, something else, a whole day, undo, a locked month; the week and the account of owed
//! minutes lead there and on.

use serde_json::Value;

use crate::sign_in::browser::Browser;
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id};

const DAY: i64 = 24 * 60 * 60;
const MONDAY: &str = "/me/log/2027-01-18";

pub fn browser(app: &TestApp, who: &Client) -> Browser {
    let mut browser = Browser::new(app);
    browser.cookies.insert("coop".to_owned(), app.cookie(who).trim_start_matches("coop=").to_owned());
    browser
}

/// The specialist who has most visits on Monday, January 18, and these visits.
fn busy(coop: &SmallCoop, app: &TestApp) -> (usize, Vec<Value>) {
    let found = app.office.get("/dated-visits?from=2027-01-18&until=2027-01-19").expect(200);
    let all = found["items"].as_array().expect("items");
    let of = |n: usize| -> Vec<Value> {
        all.iter().filter(|one| one["specialist_id"] == coop.specialists[n]).cloned().collect()
    };
    let who = usize::from(of(1).len() > of(0).len());
    (who, of(who))
}

fn logged(app: &TestApp, visit: &Value) -> Value {
    app.office.get(&format!("/dated-visits/{}/log", id(visit))).expect(200)
}

on_both_databases! {
    fn a_specialist_logs_a_day_on_the_page_and_takes_it_back(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, specialists) = coop.accounts(app);
        app.later(79 * DAY);
        let (who, visits) = busy(&coop, app);
        let mut page = browser(app, &specialists[who]);
        let today = page.get("/me/log");
        assert_eq!((today.status, today.header("Location")), (303, "/me/log/2027-01-20"));
        let minutes = visits[0]["minutes"].as_i64().expect("minutes");
        let first = page.get(MONDAY).text();
        assert!(first.contains(&format!("Took place, {minutes} min")) && first.contains("Something else happened"), "{first}");
        assert!(first.contains("Monday, January 18") && !first.contains("student_absent"), "{first}");

        // As planned, by one button.
        let path = format!("{MONDAY}/{}", id(&visits[0]));
        let sent = page.submit(MONDAY, &path, &[("what", "planned"), ("version", "0")]);
        assert_eq!((sent.status, sent.header("Location")), (303, format!("{MONDAY}?logged={}", id(&visits[0])).as_str()));
        let after = page.get(&format!("{MONDAY}?logged={}", id(&visits[0]))).text();
        assert!(after.contains(&format!("{minutes} minutes logged")) && after.contains(">Undo</button>"), "{after}");
        assert_eq!(logged(app, &visits[0])["minutes"], minutes);
        // Undo leaves it not logged, with both versions kept.
        let undo = format!("{path}/undo");
        assert_eq!(page.submit(MONDAY, &undo, &[("version", "1")]).status, 303);
        assert_eq!(logged(app, &visits[0])["outcome"], "not_logged");
        assert_eq!(page.submit(MONDAY, &undo, &[("version", "1")]).status, 422, "it is another version now");

        // Something else: the form is open, what is wrong is said beside the field, what was typed stays.
        let open = page.get(&format!("{MONDAY}?open={}", id(&visits[0]))).text();
        assert!(open.contains("What happened?") && open.contains("student_absent_excused"), "{open}");
        let bad = page.submit(MONDAY, &path, &[("what", "minutes"), ("minutes", "999"), ("version", "2")]);
        assert_eq!(bad.status, 422);
        let bad = bad.text();
        assert!(bad.contains("<title>Error: Log minutes") && bad.contains("value=\"999\""), "{bad}");
        assert!(bad.contains(&format!("Enter 1 to {}", minutes * 2)) && bad.contains("aria-invalid"), "{bad}");
        for (sent, words) in [
            (vec![("what", "minutes"), ("minutes", "many")], "Enter the minutes as a number"),
            (vec![("what", "missed")], "Choose why it did not take place"),
            (vec![("what", "planned"), ("group_size", "x")], "how many were in the group"),
            (vec![], "Choose what happened"),
        ] {
            let reply = page.submit(MONDAY, &path, &[sent.as_slice(), &[("version", "2")]].concat());
            assert!(reply.status == 422 && reply.text().contains(words), "{words}");
        }
        let sent = page.submit(MONDAY, &path, &[("what", "missed"), ("reason", "activity"), ("version", "2")]);
        assert_eq!(sent.status, 303);
        assert_eq!(logged(app, &visits[0])["reason"], "activity");
        let done = page.get(MONDAY).text();
        assert!(done.contains("Did not take place: School activity") && done.contains("Before: Not logged"), "{done}");

        // All the rest as planned, and again without effect.
        for _ in 0..2 {
            assert_eq!(page.submit(MONDAY, MONDAY, &[]).status, 303);
        }
        assert!(visits[1..].iter().all(|visit| logged(app, visit)["version"] == 1));
        assert_eq!(logged(app, &visits[0])["reason"], "activity");
        // A form without the session's token changes nothing; another's visit does not exist.
        assert_eq!(page.post(&path, &[("what", "planned"), ("version", "3")]).status, 403);
        let mut other = browser(app, &specialists[1 - who]);
        assert_eq!(other.submit("/account", &path, &[("what", "planned"), ("version", "3")]).status, 404);
        let mut office = browser(app, &app.office);
        assert_eq!(office.get("/me/log").status, 404);
        // The week leads to the day.
        let week = page.get(&format!("/week/S-{}?on=2027-01-18", who + 1)).text();
        assert!(week.contains(&format!("href=\"{MONDAY}\"")) && !week.contains("/me/log/2027-01-25"), "{week}");
    }

    fn a_month_is_locked_by_its_page_and_the_day_says_so(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        app.later(79 * DAY);
        let (who, visits) = busy(&coop, app);
        let path = format!("{MONDAY}/{}", id(&visits[0]));
        crate::trust::meddle(app, "UPDATE api_tokens SET expires_at = '2027-06-01T00:00:00.000000Z'").expect("the owner can");
        app.later(14 * DAY);
        let mut office = browser(app, &app.office);
        let page = office.get("/months");
        assert!(page.status == 200 && page.text().contains("Lock a month"), "{}", page.text());
        for month in ["2027-02", "January", "2027-13"] {
            let sent = office.submit("/months", "/months/lock", &[("month", month)]);
            assert!(sent.status == 422 && sent.text().contains("There is a problem"), "{month}");
        }
        assert_eq!(office.submit("/months", "/months/lock", &[("month", "2027-01")]).status, 303);
        assert!(office.get("/months").text().contains("January 2027"));
        let mut own = browser(app, &specialists[who]);
        assert_eq!(own.get("/months").status, 404);
        let day = own.get(MONDAY).text();
        assert!(day.contains("January is locked") && !day.contains("Took place, "), "{day}");
        let sent = own.submit("/account", &path, &[("what", "planned"), ("version", "0")]);
        assert!(sent.status == 422 && sent.text().contains("January 2027 is locked"), "{}", sent.text());
        assert!(!own.get("/me/log/2027-02-03").text().contains("Jan 18"), "what is locked is not to log");
        // Coordinators see what came of it.
        let member = coop.members.iter().position(|one| visits[0]["member_id"] == *one).expect("one of both");
        let mut coordinator = browser(app, &coordinators[member]);
        let owed = coordinator.get("/owed").text();
        let own_code = format!("SR-2026-000{}", member + 1);
        assert!(owed.contains("Delivered and still owed") && owed.contains(&own_code), "{owed}");
        assert!(!owed.contains(&format!("SR-2026-000{}", 2 - member)), "{owed}");
        let request = coordinator.get(&format!("/requests/{own_code}")).text();
        assert!(request.contains("Delivered and still owed") && request.contains("At this pace"), "{request}");
        assert_eq!(own.get("/owed").status, 404);
    }
}
