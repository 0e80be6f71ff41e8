//! Calendars: who keeps them, what is refused, what they mean for minutes a week and for the week's page.

use serde_json::{Value, json};

use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};

fn days(member: &str, from: &str, to: &str) -> Value {
    json!({"member_id": member, "kind": "holiday", "name": "Winter break", "starts_on": from, "ends_on": to})
}

on_both_databases! {
    fn a_coordinator_keeps_the_own_calendar_only(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([first, second], _) = coop.accounts(app);
        let entry = id(&first.post("/calendar-entries", &days(&coop.members[0], "2027-01-18", "2027-01-18")).expect(201));
        let faults = second.post("/calendar-entries", &days(&coop.members[0], "2027-02-18", "2027-02-18"));
        assert_eq!(faults.expect_problem(422, "invalid-entries")[0].0, "/member_id");
        second.get(&format!("/calendar-entries/{entry}")).expect_problem(404, "not-found");
        assert_eq!(second.get("/calendar-entries").expect(200)["items"], json!([]));
        let path = format!("/api/v1/calendar-entries/{entry}");
        assert_eq!(second.send("DELETE", &path, &[], None).status, 404);
        let moved = days(&coop.members[1], "2027-01-18", "2027-01-18");
        app.office.put(&format!("/calendar-entries/{entry}"), "\"1\"", &moved).expect_problem(422, "invalid-entries");
        let longer = days(&coop.members[0], "2027-01-18", "2027-01-19");
        assert_eq!(first.put(&format!("/calendar-entries/{entry}"), "\"1\"", &longer).expect(200)["version"], 2);
        first.put(&format!("/calendar-entries/{entry}"), "\"1\"", &longer).expect_problem(412, "stale-version");
        let found = app.office.get("/calendar-entries?from=2027-01-19&until=2027-01-20").expect(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.office.get("/calendar-entries?from=2027-01-20").expect(200)["items"], json!([]));
    }

    fn what_does_not_fit_together_is_refused_with_the_way_to_mend_it(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let member = &coop.members[0];
        app.office.post("/calendar-entries", &days(member, "2027-03-15", "2027-03-19")).expect(201);
        let with = |key: &str, value: Value| {
            let mut body = days(member, "2027-04-01", "2027-04-02");
            body[key] = value;
            body
        };
        let early = json!({
            "member_id": member, "kind": "early_release", "name": "Half day", "starts_on": "2027-03-15",
            "ends_on": "2027-03-15", "released": "12:30"
        });
        for (body, place) in [
            (days(member, "2027-03-19", "2027-03-22"), "/starts_on"),
            (with("ends_on", json!("2027-03-31")), "/ends_on"),
            (with("ends_on", json!("2028-04-30")), "/ends_on"),
            (with("released", json!("12:30")), "/released"),
            (with("kind", json!("early_release")), "/released"),
            (with("site_id", json!(coop.sites[1])), "/site_id"),
            (with("name", json!("")), "/name"),
        ] {
            let faults = app.office.post("/calendar-entries", &body).expect_problem(422, "invalid-entries");
            assert_eq!(faults[0].0, place, "{body} {faults:?}");
        }
        // A closed day beats a half day, and one school may close while the others of the member are open.
        app.office.post("/calendar-entries", &early).expect(201);
        let mut school = days(member, "2027-03-19", "2027-03-22");
        school["site_id"] = json!(coop.sites[0]);
        app.office.post("/calendar-entries", &school).expect(201);
    }

    fn regular_terms_lie_beside_each_other_and_the_summer_where_it_likes(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let term = |kind: &str, starts: &str, ends: &str| {
            json!({"code": "T-2", "name": "Another", "kind": kind, "starts_on": starts, "ends_on": ends})
        };
        for (starts, ends, place) in [
            ("2027-05-28", "2027-06-30", "/starts_on"),
            ("2026-08-17", "2027-01-04", "/ends_on"),
            ("2027-02-01", "2027-02-28", "/starts_on"),
            ("2026-08-17", "2027-06-30", "/ends_on"),
        ] {
            let faults = app.office.post("/terms", &term("regular", starts, ends)).expect_problem(422, "invalid-entries");
            assert!(faults.len() == 1 && faults[0].0 == place && faults[0].1.contains("SPRING-2027 is from 2027-01-04"), "{faults:?}");
        }
        let mut page = crate::ui::browser(app, &app.office);
        let sent = page.submit("/terms/new", "/terms/new", &[("code", "T-2"), ("name", "Another"), ("kind", "regular"),
            ("starts_on", "2027-05-01"), ("ends_on", "2027-06-30")]);
        assert!(sent.status != 303 && sent.text().contains("SPRING-2027 is from"), "{}", sent.text());
        app.office.post("/terms", &term("esy", "2027-05-01", "2027-06-30")).expect(201);
        let mut next = term("regular", "2027-05-29", "2027-06-30");
        next["code"] = json!("T-3");
        let next_id = id(&app.office.post("/terms", &next).expect(201));
        // Changed dates are looked at too, a name is not.
        next["starts_on"] = json!("2027-05-28");
        app.office.put(&format!("/terms/{next_id}"), "\"1\"", &next).expect_problem(422, "invalid-entries");
        next["starts_on"] = json!("2027-05-29");
        next["name"] = json!("Late spring");
        app.office.put(&format!("/terms/{next_id}"), "\"1\"", &next).expect(200);
        // Minutes a year are of the regular year: the summer is promised apart.
        let year = |term: &str| {
            app.office.get(&format!("/sites/{}/weekly-minutes?term={term}&minutes=1200&per=year", coop.sites[0])).expect(200)
        };
        assert_eq!(year(&coop.term)["instructional_weeks"], 26);
    }

    fn a_promise_a_year_is_told_in_minutes_a_week_of_the_calendar(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ask = |more: &str| app.office.get(&format!("/sites/{}/weekly-minutes?{more}", coop.sites[0]));
        let year = format!("term={}&minutes=1200&per=year", coop.term);
        // 21 weeks from January 4 to May 28; a week of break leaves 20.
        assert_eq!(ask(&year).expect(200)["instructional_weeks"], 21);
        app.office.post("/calendar-entries", &days(&coop.members[0], "2027-03-15", "2027-03-19")).expect(201);
        let found = ask(&year).expect(200);
        assert_eq!((&found["instructional_weeks"], &found["minutes_per_week"]), (&json!(20), &json!(60)));
        assert!(found["arithmetic"].as_str().is_some_and(|text| text.contains("1200 minutes ÷ 20 weeks = 60.0")));
        let fall = json!({"code": "FALL-2026", "name": "Fall", "starts_on": "2026-08-17", "ends_on": "2026-12-18"});
        app.office.post("/terms", &fall).expect(201);
        assert_eq!(ask(&year).expect(200)["instructional_weeks"], 38);
        assert_eq!(ask(&year.replace("per=year", "per=term")).expect(200)["instructional_weeks"], 20);
        // 120 minutes in each of 5 months over 20 weeks.
        let month = ask(&format!("term={}&minutes=120&per=month", coop.term)).expect(200);
        assert_eq!(month["minutes_per_week"], 30);
        let places: Vec<String> =
            ask("minutes=x").expect_problem(422, "invalid-entries").into_iter().map(|fault| fault.0).collect();
        assert_eq!(places, ["/term", "/per", "/minutes"]);
    }

    fn the_week_shows_its_dates_and_what_does_not_take_place(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, [own, _]) = coop.accounts(app);
        app.office.post("/calendar-entries", &days(&coop.members[0], "2027-01-11", "2027-01-15")).expect(201);
        let cookie = app.cookie(&own);
        let page = |query: &str| {
            let path = format!("/week/S-1{query}");
            app.nobody().send("GET", &path, &[("Cookie", &cookie)], None).text()
        };
        let first = page("");
        assert!(first.contains("Jan 4: ") && !first.contains("Winter break"), "{first}");
        let second = page("?on=2027-01-13");
        assert!(second.contains("Jan 11: ") && second.contains("no visit: Winter break"), "{second}");
        assert!(second.contains("href=\"?on=2027-01-20\"") && page("?on=nonsense").contains("Jan 4: "));
    }
}
