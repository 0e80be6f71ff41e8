//! Pages on which calendars, credentials, terms, schools and requests are kept: what is wrong is said, what was typed stays,
//! and nothing counts before it was looked at.

use serde_json::{Value, json};

use super::log::browser;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};

const DAY: i64 = 24 * 60 * 60;

/// The address in a link or form that begins like this.
fn address(html: &str, begin: &str) -> String {
    let from = html.split(begin).nth(1).unwrap_or_else(|| panic!("no {begin} in {html}"));
    format!("{}{}", begin.split('"').next_back().unwrap_or_default(), from.split('"').next().unwrap_or_default())
}

/// What a page hides in its form, beside the token.
fn hidden(html: &str) -> Vec<(String, String)> {
    let fields = html.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").expect("a value");
        (name.to_owned(), rest.split('"').next().unwrap_or_default().replace("&#10;", "\n").replace("&#38;", "&"))
    });
    fields.filter(|(name, _)| name != "form").collect()
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn holds(html: &str, all: &[&str]) {
    for words in all {
        assert!(html.contains(words), "{words}: {html}");
    }
}

on_both_databases! {
    fn a_coordinator_keeps_the_own_calendar_on_the_page(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        app.later(75 * DAY);
        let mut page = browser(app, &coordinators[0]);
        holds(&page.get("/calendar").text(), &["Calendar, January 2027", "open to visits on every weekday", "Snow day today"]);
        let form = "/calendar/new";
        let html = page.get(form).text();
        assert!(html.contains("School A-1") && !html.contains("School B-1") && !html.contains("name=\"district\""), "{html}");
        let wrong = page.submit(form, "/calendar/check", &[("name", "Half day"), ("kind", "early_release"), ("starts_on", "soon")]);
        assert_eq!(wrong.status, 422);
        holds(&wrong.text(), &["<title>Error: Enter days", "Enter the first day", "href=\"#starts_on\"", "value=\"Half day\""]);
        let early = [("name", "Half day"), ("kind", "early_release"), ("starts_on", "2027-01-18"), ("released", "")];
        holds(&page.submit(form, "/calendar/check", &early).text(), &["Write when the school day ends", "aria-invalid"]);

        let days = [("name", "Holiday"), ("kind", "holiday"), ("starts_on", "2027-01-18"), ("ends_on", "2027-01-20")];
        let checked = page.submit(form, "/calendar/check", &days).text();
        holds(&checked, &["Check the days", "would not take place", "Mon, Jan 18", "SR-2026-0001"]);
        assert!(!checked.contains("SR-2026-0002"), "{checked}");
        assert_eq!(app.office.get("/calendar-entries").expect(200)["items"], json!([]), "only looked");
        let entered = page.submit(form, "/calendar", &days);
        let there = entered.header("Location").to_owned();
        assert!(entered.status == 303 && there.starts_with("/calendar?month=2027-01&done="), "{there}");
        holds(&page.get(&there).text(), &["Holiday, Mon, Jan 18 to Wed, Jan 20: Holiday, all schools is entered", ">Undo</button>"]);
        let closed = app.office.get("/dated-visits?from=2027-01-18&until=2027-01-21&state=closed").expect(200);
        assert!(closed["items"].as_array().is_some_and(|all| !all.is_empty()), "{closed}");
        let again = page.submit(form, "/calendar", &days);
        assert!(again.status == 422 && again.text().contains("has some of these days already"), "{}", again.text());

        // Another coordinator sees nothing of it, a specialist no calendar at all.
        let entry = id(&app.office.get("/calendar-entries").expect(200)["items"][0]);
        let mut other = browser(app, &coordinators[1]);
        assert!(other.get("/calendar?month=2027-01").text().contains("open to visits on every weekday"));
        for path in [format!("/calendar/{entry}"), format!("/calendar/remove?entries={entry}")] {
            assert_eq!(other.get(&path).status, 404, "{path}");
        }
        assert_eq!(other.submit("/account", "/calendar/remove", &[("entries", &entry)]).status, 404);
        assert_eq!(browser(app, &specialists[0]).get("/calendar").status, 404);

        // Changed on the version that was seen, and taken away after a look.
        let edit = format!("/calendar/{entry}");
        let longer = [("name", "Long holiday"), ("kind", "holiday"), ("starts_on", "2027-01-18"), ("ends_on", "2027-01-21"), ("version", "1")];
        assert!(page.submit(&edit, &edit, &longer).header("Location").ends_with("&changed=yes"));
        let stale = page.submit(&edit, &edit, &longer);
        assert!(stale.status == 422 && stale.text().contains("Somebody else changed this meanwhile"), "{}", stale.text());
        let ask = format!("/calendar/remove?entries={entry}");
        holds(&page.get(&ask).text(), &["Take these days away?", "can take place again", "Long holiday"]);
        assert_eq!(page.post("/calendar/remove", &[("entries", &entry)]).status, 403, "a form without the session's token");
        assert!(page.submit(&ask, "/calendar/remove", &[("entries", &entry)]).header("Location").ends_with("&removed=1"));
        assert_eq!(app.office.get("/calendar-entries").expect(200)["items"], json!([]));
    }

    fn the_office_closes_all_schools_today_by_one_button_and_takes_it_back(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, _) = coop.accounts(app);
        // Monday, January 18.
        app.later(77 * DAY);
        let mut office = browser(app, &app.office);
        let asked = office.get("/calendar/snow-day").text();
        holds(&asked, &["Today is Monday, January 18, 2027", "District A, District B", "Close these schools today"]);
        let done = office.submit("/calendar/snow-day", "/calendar/snow-day", &[("district", "")]);
        let there = done.header("Location").to_owned();
        let html = office.get(&there).text();
        holds(&html, &["Snow day, Mon, Jan 18: Closed, all districts is entered", ">Undo</button>"]);
        let closed = || app.office.get("/dated-visits?from=2027-01-18&until=2027-01-19&state=closed").expect(200)["items"].as_array().map(Vec::len);
        assert!(closed().is_some_and(|count| count > 0), "{:?}", closed());
        holds(&office.get("/calendar/snow-day").text(), &["Closed today already"]);
        assert_eq!(office.submit("/calendar/snow-day", "/calendar/snow-day", &[("district", "")]).status, 409);
        let undo = hidden(&html).into_iter().find(|(name, _)| name == "entries").expect("what Undo takes away");
        assert_eq!(office.submit("/calendar", "/calendar/remove", &borrowed(&[undo])).status, 303);
        assert_eq!(closed(), Some(0));
        // A coordinator closes the own schools only, also when asked for others.
        let mut own = browser(app, &coordinators[1]);
        assert_eq!(own.get("/calendar/snow-day?district=A").status, 404);
        assert_eq!(own.submit("/calendar/snow-day", "/calendar/snow-day", &[("district", "A")]).status, 404);
        assert_eq!(own.submit("/calendar/snow-day", "/calendar/snow-day", &[]).status, 303);
        let entries = app.office.get("/calendar-entries").expect(200)["items"].clone();
        assert_eq!((entries.as_array().map(Vec::len), &entries[0]["member_id"]), (Some(1), &json!(coop.members[1])));
        assert!(office.get("/calendar?term=SPRING-2027").text().contains("School days in Spring"));
    }

    fn a_file_of_days_is_looked_at_before_it_is_imported(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let mut page = browser(app, &app.office);
        let entries = [("district", coop.members[0].as_str()), ("kind", "holiday")];
        let csv = "kind,name,starts_on,ends_on\nholiday,Winter break,2027-02-15,2027-02-19\nclosure,Boiler,2027-03-01,\n";
        let wrong = page.upload("/calendar/import", "/calendar/import/check", &entries, "kind,name,starts_on\nparty,Day,2027-02-30\n");
        assert_eq!(wrong.status, 422);
        holds(&wrong.text(), &["calendar.csv:2:", "href=\"#file\"", "<title>Error: Import a file of days"]);
        for (sent, words) in [(vec![], "Choose a district"), (entries.to_vec(), "Choose a CSV or .ics file")] {
            let reply = page.upload("/calendar/import", "/calendar/import/check", &sent, if sent.is_empty() { csv } else { "" });
            assert!(reply.status == 422 && reply.text().contains(words), "{words}: {}", reply.text());
        }
        let looked = page.upload("/calendar/import", "/calendar/import/check", &entries, csv).text();
        holds(&looked, &["2 entries are new", "Winter break", "would not take place", "Import these days"]);
        assert_eq!(app.office.get("/calendar-entries").expect(200)["items"], json!([]), "only looked");
        let kept = hidden(&looked);
        let done = page.submit("/calendar/import", "/calendar/import", &borrowed(&kept));
        assert_eq!((done.status, done.header("Location")), (303, "/calendar?imported=2"));
        assert_eq!(app.office.get("/calendar-entries").expect(200)["items"].as_array().map(Vec::len), Some(2));
        holds(&page.upload("/calendar/import", "/calendar/import/check", &entries, csv).text(), &["0 entries are new", "2 are there already"]);
        let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20270405\r\nSUMMARY:Testing week\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let testing = [("district", coop.members[1].as_str()), ("kind", "testing")];
        holds(&page.upload("/calendar/import", "/calendar/import/check", &testing, ics).text(), &["1 entry is new", "Testing, no visits"]);
        assert_eq!(page.upload_as("/calendar/import/check", "", &entries, csv).status, 403, "a form without the session's token");
    }

    fn the_office_keeps_credentials_on_the_page_and_the_person_sees_the_own(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        let mut office = browser(app, &app.office);
        holds(&office.get("/credentials").text(), &["Nothing on file", "Specialist S-1"]);
        let (one, new) = ("/credentials/of/S-1", "/credentials/of/S-1/new");
        let wrong = office.submit(new, new, &[("discipline", "SLP"), ("kind", "license"), ("issuer", "MO BHA!"), ("valid_from", "2025-02-01"), ("last_day", "2025-01-01")]);
        assert_eq!(wrong.status, 422);
        holds(&wrong.text(), &["Enter a code of up to 32", "The last day must be on or after the first day", "value=\"MO BHA!\""]);
        let good = [("discipline", "SLP"), ("kind", "license"), ("issuer", "MO-BHA"), ("us_state", "mo"), ("valid_from", "2025-02-01"), ("last_day", "2026-12-31")];
        assert_eq!(office.submit(new, new, &good).header("Location"), "/credentials/of/S-1?done=added");
        holds(&office.get(one).text(), &["License (MO-BHA, MO)", "Ends in", "December 31, 2026"]);
        let stored = app.office.get(&format!("/specialists/{}/credentials", coop.specialists[0])).expect(200);
        assert_eq!(stored["items"][0]["valid_until"], "2027-01-01", "the first day outside");
        holds(&office.get("/credentials?show=ending").text(), &["1 ends in the next 90 days", "Specialist S-1"]);
        holds(&office.get("/overview").text(), &["1 credential ends within 90 days", "/credentials?show=ending"]);
        let mut own = browser(app, &specialists[0]);
        let html = own.get(one).text();
        assert!(html.contains("Ends in") && !html.contains("Add a credential") && !html.contains("/remove"), "{html}");
        let edit = address(&office.get(one).text(), "href=\"/credentials/0");
        for (mut who, path) in [(own, edit.as_str()), (browser(app, &specialists[1]), one), (browser(app, &coordinators[0]), one)] {
            assert_eq!(who.get(path).status, 404, "{path}");
        }
        let later = [("discipline", "SLP"), ("kind", "license"), ("issuer", "MO-BHA"), ("us_state", ""), ("valid_from", "2025-02-01"), ("last_day", ""), ("version", "1")];
        assert_eq!(office.submit(&edit, &edit, &later).status, 303);
        assert!(office.submit(&edit, &edit, &later).text().contains("Somebody else changed this meanwhile"));
        assert!(!office.get("/overview").text().contains("credential ends"));
        let remove = format!("{edit}/remove");
        holds(&office.get(&remove).text(), &["Take this credential off the file?"]);
        assert_eq!(office.submit(&remove, &remove, &[]).header("Location"), "/credentials/of/S-1?done=removed");
        assert!(office.get(one).text().contains("Nothing on file"));
    }

    fn terms_and_schools_are_entered_and_changed_on_pages(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let mut office = browser(app, &app.office);
        let new = "/terms/new";
        let wrong = office.submit(new, new, &[("code", "ESY 27"), ("name", "Summer"), ("kind", "esy"), ("starts_on", "2027-07-02"), ("ends_on", "2027-06-07")]);
        assert_eq!(wrong.status, 422);
        holds(&wrong.text(), &["href=\"#code\"", "href=\"#ends_on\"", "value=\"ESY 27\"", "<title>Error: Enter a term"]);
        let good = [("code", "ESY-2027"), ("name", "Summer 2027"), ("kind", "esy"), ("starts_on", "2027-06-07"), ("ends_on", "2027-07-02")];
        assert_eq!(office.submit(new, new, &good).header("Location"), "/terms?done=entered");
        holds(&office.get("/terms").text(), &["Extended school year (ESY)", "Summer 2027", "Regular"]);
        let terms = app.office.get("/terms").expect(200)["items"].clone();
        assert_eq!([&terms[0]["kind"], &terms[1]["kind"]], ["regular", "esy"]);
        // What may be a name is refused until somebody says that it is none.
        let named = [("code", "T-1"), ("name", "Summer for Tyrell Moody"), ("kind", "esy"), ("starts_on", "2028-06-07"), ("ends_on", "2028-07-02")];
        let refused = office.submit(new, new, &named);
        assert!(refused.status == 422 && refused.text().contains("This names nobody"), "{}", refused.text());
        assert_eq!(office.submit(new, new, &[named.as_slice(), &[("names_nobody", "yes")]].concat()).status, 303);
        let edit = format!("/terms/{}", id(&terms[1]));
        let change = [good.as_slice(), &[("version", "1")]].concat();
        assert_eq!(office.submit(&edit, &edit, &change).header("Location"), "/terms?done=changed");

        let new = "/sites/new";
        let wrong = office.submit(new, new, &[("code", "a 9"), ("name", "North"), ("latitude", "north"), ("open_from", "2026-08-01")]);
        holds(&wrong.text(), &["Choose a district", "Enter degrees as a number", "value=\"North\""]);
        let good = [("district", coop.members[0].as_str()), ("code", "a-9"), ("name", "North"), ("latitude", "38.6"), ("longitude", "-90.2"), ("open_from", "2026-08-01"), ("last_day", "2027-05-28")];
        assert_eq!(office.submit(new, new, &good).header("Location"), "/sites?done=entered");
        holds(&office.get("/sites").text(), &["North", "A-9", "Until May 28, 2027", "District B"]);
        let sites = app.office.get("/sites").expect(200)["items"].clone();
        let site: &Value = sites.as_array().and_then(|all| all.iter().find(|one| one["code"] == "A-9")).expect("the school");
        assert_eq!((&site["open_until"], &site["coordinates_source"]), (&json!("2027-05-29"), &json!("entered by hand")));
        let edit = format!("/sites/{}", id(site));
        let change = [&good[1..], &[("version", "1")]].concat();
        assert_eq!(office.submit(&edit, &edit, &change).header("Location"), "/sites?done=changed");
        let (coordinators, _) = coop.accounts(app);
        for path in ["/terms", "/sites", "/terms/new", "/sites/new", &edit] {
            assert_eq!(browser(app, &coordinators[0]).get(path).status, 404, "{path}");
        }
    }
}
