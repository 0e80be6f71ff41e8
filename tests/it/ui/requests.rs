//! A request on the pages: the form with its times, the check page, sent once however often it is sent, changed, taken back,
//! and decided by the office.

use serde_json::json;

use super::log::browser;
use crate::support::both::on_both_databases;
use crate::support::small_coop::SmallCoop;

fn holds(html: &str, all: &[&str]) {
    for words in all {
        assert!(html.contains(words), "{words}: {html}");
    }
}

/// A request for 60 minutes in two visits, on Tuesday mornings.
fn entries<'a>(coop: &'a SmallCoop, more: &[(&'static str, &'static str)]) -> Vec<(&'a str, &'a str)> {
    let base = [
        ("school", coop.sites[0].as_str()),
        ("term", coop.term.as_str()),
        ("service", "SLP"),
        ("priority", "mandated"),
        ("mode", "in_person"),
        ("day-0", "tue"),
        ("from-0", "08:30"),
        ("to-0", "11:00"),
    ];
    let mut all: Vec<(&str, &str)> = base.into_iter().chain(more.iter().copied()).collect();
    if !more.iter().any(|(name, _)| *name == "minutes") {
        all.extend([("minutes", "60"), ("visits", "2")]);
    }
    all
}

on_both_databases! {
    fn a_coordinator_enters_a_request_checks_it_sends_it_once_and_changes_it(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([first, second], _) = coop.accounts(app);
        let mut page = browser(app, &first);
        let (form, check) = ("/requests/new", "/requests/new/check");
        let html = page.get(form).text();
        holds(&html, &["New request", "School A-1", "What happens next", "Add another time", "Spring, January 4, 2027"]);
        assert!(!html.contains("School B-1"), "{html}");
        // Empty: every entry is named, at once.
        let wrong = page.submit(form, check, &[("do", "check"), ("school", ""), ("term", "")]);
        assert_eq!(wrong.status, 422);
        for words in ["Choose a school", "Choose a service", "Choose a term", "Enter minutes a week as a number", "Enter visits a week", "at least one time", "Choose why it is needed"] {
            holds(&wrong.text(), &[words]);
        }
        let with = |more: &[(&'static str, &'static str)]| {
            entries(&coop, &[more, &[("minutes", "70"), ("visits", "3")]].concat())
        };
        holds(&page.submit(form, check, &with(&[("do", "check")])).text(), &["70 minutes do not make 3 equal visits of whole 15 minutes. Try 90"]);
        // A row of times more, and one less; nothing that was typed is lost.
        let added = page.submit(form, check, &with(&[("do", "add")]));
        assert_eq!(added.status, 200);
        holds(&added.text(), &["name=\"day-1\"", "value=\"08:30\"", "value=\"70\"", "autofocus"]);
        let removed = page.submit(form, check, &with(&[("day-1", "thu"), ("from-1", "13:00"), ("to-1", "15:00"), ("do", "remove-0")])).text();
        assert!(removed.contains("value=\"13:00\"") && !removed.contains("value=\"08:30\"") && !removed.contains("day-1"), "{removed}");
        let good = |more: &[(&'static str, &'static str)]| entries(&coop, more);
        for (more, words) in [
            (vec![("day-1", "thu"), ("from-1", "15:00"), ("to-1", "13:00")], "Thursday&#39;s end time must be after its start time"),
            (vec![("day-1", "thu"), ("from-1", "13:00"), ("to-1", "13:15")], "but Thursday&#39;s time is only 15"),
            (vec![("day-1", "tue"), ("from-1", "10:00"), ("to-1", "12:00")], "Two of these times overlap"),
            (vec![("consent_on", "2026-10-01")], "Only a request for an evaluation"),
        ] {
            let reply = page.submit(form, check, &[good(&more), vec![("do", "check")]].concat());
            assert!(reply.status == 422 && reply.text().contains(words), "{words}: {}", reply.text());
        }
        let checked = page.submit(form, check, &good(&[("do", "check")])).text();
        holds(&checked, &["Check your request", "2 visits of 30 minutes", "Tuesday 8:30–11:00 a.m.", "Send request", "Save for later"]);
        let once = checked.split("name=\"once\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a key").to_owned();
        assert_eq!(app.office.get("/service-requests").expect(200)["items"].as_array().map(Vec::len), Some(2), "only looked");
        let send = [good(&[("do", "send")]), vec![("once", once.as_str())]].concat();
        for _ in 0..2 {
            assert_eq!(page.submit(form, form, &send).header("Location"), "/requests/SR-2026-0003?done=sent");
        }
        assert_eq!(app.office.get("/service-requests").expect(200)["items"].as_array().map(Vec::len), Some(3), "sent once");
        let shown = page.get("/requests/SR-2026-0003?done=sent").text();
        holds(&shown, &["SR-2026-0003 is sent", "Waiting", "/requests/SR-2026-0003/edit", "Take it back"]);
        assert!(!shown.contains(">Accept"), "{shown}");

        // Changed on the version that was seen; what is new stands beside what was.
        let (edit, edit_check) = ("/requests/SR-2026-0003/edit", "/requests/SR-2026-0003/edit/check");
        holds(&page.get(edit).text(), &["Change SR-2026-0003", "value=\"60\"", "value=\"08:30\""]);
        let version = page.get(edit).text().split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let other = [good(&[]), vec![("shortest", "30"), ("longest", "60"), ("version", version.as_str())]].concat();
        let asked = page.submit(edit, edit_check, &[other.clone(), vec![("do", "check")]].concat()).text();
        holds(&asked, &["Check the changes of SR-2026-0003", "2 visits of 30 minutes</s>", "At most 2 visits of 30 to 60 minutes"]);
        let save = [other.clone(), vec![("do", "save")]].concat();
        assert_eq!(page.submit(edit, edit, &save).header("Location"), "/requests/SR-2026-0003?done=changed");
        let stale = page.submit(edit, edit, &save);
        assert!(stale.status == 422 && stale.text().contains("Somebody else changed this meanwhile"), "{}", stale.text());
        // Another district's coordinator finds nothing.
        let mut stranger = browser(app, &second);
        for path in [edit, "/requests/SR-2026-0003/withdraw", "/requests/SR-2026-0003", "/requests/new?copy=SR-2026-0003"] {
            assert_eq!(stranger.get(path).status, 404, "{path}");
        }
        assert_eq!(stranger.submit("/account", "/requests/SR-2026-0003/withdraw", &[]).status, 404);
        let foreign = [good(&[("do", "send")]), vec![("once", once.as_str())]].concat();
        assert_eq!(stranger.submit("/requests/new", form, &foreign).status, 422, "a school of another district");
    }

    fn the_office_accepts_or_declines_and_a_coordinator_takes_back(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([first, _], _) = coop.accounts(app);
        let mut page = browser(app, &first);
        let (form, edit) = ("/requests/new", "/requests/SR-2026-0003/edit");
        let good = |more: &[(&'static str, &'static str)]| entries(&coop, more);
        assert_eq!(page.submit(form, form, &good(&[("do", "send")])).header("Location"), "/requests/SR-2026-0003?done=sent");

        // The office accepts one, and declines another with a reason that names nobody.
        let mut office = browser(app, &app.office);
        holds(&office.get("/overview").text(), &["1 request waits for you"]);
        holds(&office.get("/requests?status=sent").text(), &["Showing 1 of 3", "SR-2026-0003"]);
        assert_eq!(office.submit("/requests/SR-2026-0003", "/requests/SR-2026-0003/accept", &[]).header("Location"), "/requests/SR-2026-0003?done=accept");
        assert_eq!(page.get(edit).status, 404, "the office has decided");
        assert_eq!(page.submit("/account", "/requests/SR-2026-0003/accept", &[]).status, 404);
        let saved = [good(&[("do", "save")]), vec![("once", "01900000-0000-7000-8000-000000000001")]].concat();
        assert_eq!(page.submit(form, form, &saved).header("Location"), "/requests/SR-2026-0004?done=saved");
        assert_eq!(page.submit("/requests/SR-2026-0004", "/requests/SR-2026-0004/send", &[]).status, 303);
        let decline = "/requests/SR-2026-0004/decline";
        let named = office.submit(decline, decline, &[("reason", "Ask again for Tyrell Moody")]);
        assert!(named.status == 422 && named.text().contains("This names nobody"), "{}", named.text());
        assert_eq!(office.submit(decline, decline, &[("reason", "")]).status, 422);
        assert_eq!(office.submit(decline, decline, &[("reason", "Too late for this term")]).status, 303);
        holds(&page.get("/requests/SR-2026-0004").text(), &["Declined", "Too late for this term", "Copy"]);
        holds(&page.get("/requests/new?copy=SR-2026-0004").text(), &["value=\"60\"", "value=\"08:30\""]);
        // Taken back after a page that asks.
        holds(&page.get("/requests/SR-2026-0003/withdraw").text(), &["Take SR-2026-0003 back?", "Keep it"]);
        assert_eq!(page.submit("/requests/SR-2026-0003/withdraw", "/requests/SR-2026-0003/withdraw", &[]).status, 303);
        let states = app.office.get("/service-requests?state=withdrawn").expect(200);
        assert_eq!(states["items"][0]["code"], json!("SR-2026-0003"));
        assert_eq!(page.get("/requests/SR-2026-0003/withdraw").status, 404, "it is over");
    }
}
