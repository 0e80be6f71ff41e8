//! The page of e-mails: what the office sees and does there, and what it never sees.

use coop_scheduler::jobs::Worked;
use coop_scheduler::mail::transport::Failure;

use super::log::browser;
use crate::support::both::on_both_databases;
use crate::support::small_coop::SmallCoop;

on_both_databases! {
    fn the_office_sees_what_failed_and_tries_it_again(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let sender = app.app.sender().expect("a sender");
        let mut office = browser(app, &app.office);
        let quiet = office.get("/outbox").text();
        assert!(quiet.contains("No e-mail waits for you") && !quiet.contains("Try again now"), "{quiet}");

        app.mail.fail_next(1, Failure::Misconfigured("AUTH: 535 wrong <password>".to_owned()));
        assert_eq!(sender.work(), Worked::One);
        let paused = office.get("/outbox").text();
        for words in ["Sending is paused since", "AUTH: 535 wrong &#60;password&#62;", "Try again now", "All e-mails are kept"] {
            assert!(paused.contains(words), "{words}: {paused}");
        }
        let overview = office.get("/overview").text();
        assert!(overview.contains("href=\"/outbox\"") && overview.contains("E-mails are not leaving"), "{overview}");
        assert_eq!(sender.work(), Worked::Nothing);
        assert_eq!(office.submit("/outbox", "/outbox/resume", &[]).header("Location"), "/outbox");

        app.mail.fail_next(1, Failure::RecipientRefused("550 5.1.1 no such user".to_owned()));
        while sender.work() == Worked::One {}
        let failed = office.get("/outbox").text();
        for words in ["550 5.1.1 no such user", "does not know this address", "Send to it from now on", "kept in memory as number"] {
            assert!(failed.contains(words), "{words}: {failed}");
        }
        assert!(!failed.contains("Sending is paused"), "{failed}");
        let action = |html: &str, start: &str| -> String {
            let rest = html.split(&format!("action=\"{start}")).nth(1).unwrap_or_else(|| panic!("{start}: {html}"));
            format!("{start}{}", rest.split('"').next().expect("an end"))
        };
        // While nothing is sent to the address there is no button.
        assert!(!failed.contains("/resend\""), "{failed}");
        assert_eq!(office.submit("/outbox", &action(&failed, "/outbox/suppressed/"), &[]).status, 303);
        let free = office.get("/outbox").text();
        assert!(free.contains("E-mails are sent to every address"), "{free}");
        // What waited for the same address was parked with the one that was refused.
        let mut resent = 0;
        loop {
            let html = office.get("/outbox").text();
            let resend = html.split("action=\"").find(|part| part.contains("/resend\""));
            let Some(resend) = resend.and_then(|part| part.split('"').next()) else { break };
            let before = app.mail.delivered().len();
            assert_eq!(office.submit("/outbox", resend, &[]).status, 303);
            while sender.work() == Worked::One {}
            assert_eq!(app.mail.delivered().len(), before + 1);
            resent += 1;
        }
        assert!(resent > 0 && office.get("/outbox").text().contains("No e-mail waits for you"));

        let junk = office.submit("/outbox", "/outbox/returned", &[("message", "Subject: Thanks\n\nI got it.")]).text();
        assert!(junk.contains("Nothing was changed"), "{junk}");
        let foreign = office.post("/outbox/resume", &[("form", "x")]);
        assert_eq!(foreign.status, 403, "a form needs its token");
    }

    fn every_kind_of_email_can_be_seen_and_no_real_one_is(app: &TestApp) {
        let mut office = browser(app, &app.office);
        let kinds = office.get("/outbox/templates").text();
        for words in ["We have your request SR-2026-0042", "Your code to sign in", "/outbox/templates/invitation.eml"] {
            assert!(kinds.contains(words), "{words}: {kinds}");
        }
        let eml = office.get("/outbox/templates/invitation.eml");
        assert_eq!((eml.status, eml.header("Content-Type")), (200, "message/rfc822"));
        assert_eq!(eml.header("Content-Disposition"), "attachment; filename=\"invitation.eml\"");
        assert!(eml.text().contains("multipart/alternative"));
        assert_eq!(office.get("/outbox/templates/nothing.eml").status, 404);

        // A real invitation: neither pages nor API show its link.
        let made = crate::sign_in::account(app, "ana@x.example", coop_scheduler::domain::account::Role::Board);
        app.office.act(&format!("/accounts/{}/invitation", made.id)).expect(200);
        let email = app.office.get("/emails?limit=200").expect(200);
        let invitation = email["items"].as_array().expect("items").iter().find(|one| one["event"] == "invitation");
        assert!(invitation.is_some_and(|one| one.get("message").is_none()), "{email}");
        assert!(!office.get("/outbox").text().contains("/invitation/"));
    }
}
