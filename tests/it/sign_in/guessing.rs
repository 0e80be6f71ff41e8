//! Who guesses learns nothing, is slowed down, and locks nobody out.

use std::time::Instant;

use coop_scheduler::domain::account::Role;

use super::browser::Browser;
use super::{OTHER_PASSWORD, PASSWORD, account, coordinator, signed_in, with_password};
use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};

on_both_databases! {
    fn c25_a_thousand_guesses_hardly_reach_the_hash_and_the_owner_gets_in(app: &TestApp) {
        with_password(app, "keisha@school.example.org");
        let mut owner = signed_in(app, "keisha@school.example.org");
        let before = app.app.operations.password_work.begun();
        let mut guesser = Browser::new(app);
        let mut refused = 0;
        for number in 0..1_000 {
            // A minute for all of them.
            app.later(i64::from(number % 17 == 0));
            let reply = guesser.sign_in("Keisha@school.example.org", &format!("guess number {number}"));
            assert!([422, 429].contains(&reply.status), "{}", reply.status);
            refused += u32::from(reply.status == 429);
            if reply.status == 429 {
                let seconds: i64 = reply.header("Retry-After").parse().expect("seconds");
                assert!((1..=901).contains(&seconds), "{seconds}");
            }
        }
        let reached = app.app.operations.password_work.begun() - before;
        assert!((5..=20).contains(&reached), "{reached} of 1,000 guesses were looked at");
        assert_eq!(u64::from(refused) + reached, 1_000);
        // The right password does not help a stranger's device while it must wait, but does on the owner's.
        assert_eq!(guesser.sign_in("keisha@school.example.org", PASSWORD).status, 429);
        owner.cookies.remove("coop");
        assert_eq!(owner.sign_in("keisha@school.example.org", PASSWORD).status, 303);
        app.later(901);
        assert_eq!(guesser.sign_in("keisha@school.example.org", PASSWORD).status, 303, "after the wait");
    }

    fn c26_two_hundred_tries_at_known_and_unknown_accounts_are_answered_alike(app: &TestApp) {
        with_password(app, "keisha@school.example.org");
        coordinator(app, "no.password@school.example.org");
        let mut answers: Vec<Vec<(u16, String, String, u64)>> = Vec::new();
        for email in ["keisha@school.example.org", "nobody@school.example.org", "no.password@school.example.org"] {
            let mut browser = Browser::new(app);
            let mut tries = Vec::new();
            for _ in 0..200 {
                app.later(5);
                // The same work takes the same time: a wrong password is hashed whether there is an account or not.
                let before = app.app.operations.password_work.begun();
                let reply = browser.sign_in(email, "some wrong password");
                let work = app.app.operations.password_work.begun() - before;
                let wait = reply.header("Retry-After").to_owned();
                tries.push((reply.status, wait, reply.text().replace(email, ""), work));
            }
            assert!(browser.cookies.is_empty());
            answers.push(tries);
        }
        assert!(answers.iter().all(|tries| tries.len() == 200));
        for (number, known) in answers[0].iter().enumerate() {
            let [unknown, without] = [1, 2].map(|one| &answers[one][number]);
            assert!(known == unknown && known == without, "try {number}: {known:?} {unknown:?} {without:?}");
        }
        let statuses: Vec<u16> = answers[0].iter().map(|one| one.0).collect();
        assert!(statuses[0] == 422 && answers[0][0].2.contains("There is a problem") && answers[0][0].3 == 1);
        assert!(statuses.iter().filter(|status| **status == 429).count() > 150, "{statuses:?}");
    }

    fn c29_there_is_no_account_to_begin_with(app: &TestApp) {
        let mut browser = Browser::new(app);
        for email in ["admin", "admin@example.org", "root", "director@coop.example.org", "office@coop.example.org"] {
            for password in ["", "admin", "password", "changeme", "coop", "director"] {
                let reply = browser.sign_in(email, password);
                assert!([422, 429].contains(&reply.status), "{email} {password}");
            }
        }
    }
}

#[test]
fn c26_a_refusal_takes_as_long_for_nobody_as_for_somebody() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..60 {
        // An address of its own for each try, so that none must wait.
        app.later(1_000);
        let known = format!("k{number}@school.example.org");
        account(&app, &known, Role::Finance);
        for (which, email) in [(0, known), (1, format!("u{number}@school.example.org"))] {
            let begun = Instant::now();
            assert_eq!(Browser::new(&app).sign_in(&email, "some wrong password").status, 422);
            times[which].push(begun.elapsed());
        }
    }
    let [known, unknown] = times;
    // Mann-Whitney: how often a known one takes longer than an unknown one, of all pairs.
    let longer = known.iter().flat_map(|one| unknown.iter().map(move |other| u32::from(one > other))).sum::<u32>();
    let (pairs, middle) = (3_600.0, 1_800.0);
    let deviation = (pairs * 121.0_f64 / 12.0).sqrt();
    let z = (f64::from(longer) - middle) / deviation;
    assert!(z.abs() < 3.29, "z = {z}: the time tells known from unknown accounts");
}

#[test]
fn c40_many_at_once_wait_their_turn_and_the_server_stays_awake() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    with_password(&app, "keisha@school.example.org");
    std::thread::scope(|scope| {
        for number in 0..40 {
            let app = &app;
            scope.spawn(move || {
                let reply = Browser::new(app).sign_in(&format!("n{number}@school.example.org"), OTHER_PASSWORD);
                assert!([422, 429, 503].contains(&reply.status), "{}", reply.status);
            });
        }
        let begun = Instant::now();
        assert_eq!(app.nobody().send("GET", "/healthz", &[], None).status, 204);
        assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    });
}

#[test]
fn c14_cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    with_password(&app, "keisha@school.example.org");
    let fields = [("email", "keisha@school.example.org"), ("password", PASSWORD), ("to", "/requests")];
    let reply = Browser::new(&app).post("/sign-in", &fields);
    assert_eq!((reply.status, reply.header("Location")), (303, "/requests"));
    let cookies: Vec<&str> =
        reply.headers.get_all("Set-Cookie").iter().map(|one| one.to_str().expect("text")).collect();
    assert_eq!(cookies.len(), 2);
    assert!(cookies[0].starts_with("coop=") && cookies[0].ends_with("; Path=/; HttpOnly; SameSite=Strict"));
    assert!(cookies[1].starts_with("coop-device=") && cookies[1].ends_with("; HttpOnly; SameSite=Strict"));
    let elsewhere = [("email", "keisha@school.example.org"), ("password", PASSWORD), ("to", "//evil.example")];
    assert_eq!(Browser::new(&app).post("/sign-in", &elsewhere).header("Location"), "/");

    let token = app.office.token.as_deref().expect("a token");
    let mut pasted = Browser::new(&app);
    pasted.cookies.insert("coop".to_owned(), token.to_owned());
    assert_eq!(pasted.get("/overview").header("Location"), "/sign-in?to=/overview", "a token is no session");
}
