//! Reporting time away on the page, seeing what it touches first, and finding who comes instead.

use serde_json::{Value, json};

use super::log::browser;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, contract, hours, id, specialist};

const DAY: i64 = 24 * 60 * 60;

on_both_databases! {
    fn time_away_is_reported_on_the_page_and_the_office_finds_who_comes(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, specialists) = coop.accounts(app);
        app.later(75 * DAY);
        let new = |path: &str, body: &Value| id(&app.office.post(path, body).expect(201));
        let third = new("/specialists", &specialist("S-3"));
        new(&format!("/specialists/{third}/contracts"), &contract(&coop.members[1], &coop.sites[1]));
        new(&format!("/specialists/{third}/availability"), &hours());

        let mut page = browser(app, &specialists[0]);
        assert!(page.get("/me/time-away").text().contains("No time away is reported"));
        let form = "/me/time-away/new";
        let wrong = page.submit(form, "/me/time-away/check", &[("reason", "gout"), ("starts_on", "soon"), ("starts", "noon")]);
        let html = wrong.text();
        assert_eq!(wrong.status, 422);
        for words in ["Choose a reason", "Enter the first day", "Enter a time", "value=\"soon\"", "Error: Report time away"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        let entries = [("reason", "illness"), ("starts_on", "2027-01-18"), ("ends_on", "2027-01-20")];
        let checked = page.submit(form, "/me/time-away/check", &entries).text();
        assert!(checked.contains("would not take place") && checked.contains("Mon, Jan 18"), "{checked}");
        assert!(app.office.get(&format!("/specialists/{}/time-away", coop.specialists[0])).text().contains("[]"), "only looked");
        assert_eq!(page.submit(form, "/me/time-away", &entries).header("Location"), "/me/time-away");
        assert!(page.get("/me/time-away").text().contains("January 18"));
        let again = page.submit(form, "/me/time-away", &entries);
        assert!(again.status == 422 && again.text().contains("is entered already"), "{}", again.text());

        let mut office = browser(app, &app.office);
        assert!(office.get("/week").text().contains("Find cover ("));
        let list = office.get("/cover").text();
        let link = list.split("href=\"/cover/").nth(1).and_then(|rest| rest.split('"').next()).expect("a link").to_owned();
        let visit = format!("/cover/{link}");
        let found = office.get(&visit).text();
        assert!(found.contains("Specialist S-3") && found.contains("Who can come") && found.contains("more driving"), "{found}");
        assert_eq!(office.submit(&visit, &visit, &[("specialist", &third)]).header("Location"), visit);
        assert!(office.get(&visit).text().contains("Covered by Specialist S-3"));
        let refused = office.submit(&visit, &visit, &[("specialist", &coop.specialists[0])]);
        assert!(refused.status == 409 && refused.text().contains("Nothing was changed"), "{}", refused.text());
        assert_eq!(office.submit(&visit, &format!("{visit}/release"), &[]).status, 303);
        assert!(!office.get(&visit).text().contains("Covered by"));
        assert_eq!(page.get("/cover").status, 404);

        let html = page.get("/me/time-away").text();
        let action = html.split("action=\"/me/time-away/").nth(1).and_then(|rest| rest.split('"').next()).expect("a form");
        assert_eq!(page.submit("/me/time-away", &format!("/me/time-away/{action}"), &[]).status, 303);
        assert!(office.get("/cover").text().contains("Every visit has somebody who comes"));
        let body = json!([]);
        assert_eq!(app.office.get(&format!("/specialists/{}/time-away", coop.specialists[0])).expect(200)["items"], body);
    }
}
