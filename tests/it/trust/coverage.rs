//! Requirement 51: every kind of event has a row here, and the row's deeds prove that the event is written.

mod letters;
mod mail;
mod names;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use coop_scheduler::domain::account::Role;
use coop_scheduler::domain::audit::EVENTS;
use coop_scheduler::jobs::Worked;
use coop_scheduler::operations::sign_in::resets;
use serde_json::{Value, json};

use super::{chain, meddle_with, trail};
use crate::sign_in::browser::Browser;
use crate::sign_in::second_factor::{code, set_up};
use crate::sign_in::{OTHER_PASSWORD, PASSWORD, account, email_codes, invite, openid};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{
    Made, SmallCoop, contract, hours, id, license, member, paperwork, request, site, specialist, supervised,
};

/// What somebody does, and the events that must follow from it.
type Row = (fn(&TestApp, &SmallCoop, &Made), &'static [&'static str]);

const TABLE: &[Row] = &[
    // Entered by SmallCoop before the table begins.
    (
        |_, _, _| {},
        &[
            "create member",
            "create site",
            "create specialist",
            "create contract",
            "create availability",
            "create term",
            "create service_request",
            "submit service_request",
            "accept service_request",
            "change travel",
            "start plan_run",
            "store plan",
            "publish plan",
            "create cost_share",
            "create account",
            "create token",
        ],
    ),
    (letters::take_back, &["take back plan"]),
    (letters::choose_emails, &["choose e-mails account"]),
    (plan_again, &["cancel plan_run", "fail plan_run", "supersede plan"]),
    (
        change_everything,
        &[
            "change member",
            "change site",
            "change specialist",
            "change contract",
            "change availability",
            "change term",
            "change service_request",
            "change account",
        ],
    ),
    (
        names::name_nobody,
        &[
            "confirm no names scenario",
            "confirm no names service_request",
            "confirm no names term",
            "confirm no names token",
        ],
    ),
    (decide, &["decline service_request", "withdraw service_request", "end service_request"]),
    (import, &["import files"]),
    (
        school_year,
        &[
            "create calendar_entry",
            "change calendar_entry",
            "remove calendar_entry",
            "import calendar_entry",
            "create calendar_feed",
            "change calendar_feed",
            "remove calendar_feed",
            "create time_away",
            "change time_away",
            "remove time_away",
            "renew plan",
        ],
    ),
    (
        credentials_and_workload,
        &[
            "create credential",
            "change credential",
            "remove credential",
            "warn credential",
            "create indirect_block",
            "change indirect_block",
            "remove indirect_block",
            "create supervision_log",
            "remove supervision_log",
        ],
    ),
    (try_out, &["start scenario", "cancel scenario", "archive scenario", "store scenario", "export scenario_document"]),
    (tokens, &["revoke token", "refuse token"]),
    (hand_over, &["hand over account", "take over account"]),
    (mail::resend, &["resend email"]),
    (
        mail::trouble,
        &["pause mail_queue", "resume mail_queue", "suppress address", "remove suppressed_address", "take back email"],
    ),
    (
        look_around,
        &[
            "view service_request",
            "view visit",
            "view shortfall",
            "view work_terms",
            "view cost_share",
            "view plan_document",
            "view coverage",
            "export cost_share",
            "export member",
            "export plan_document",
            "export plan_instance",
            "export report",
            "export audit_entry",
            "refuse address",
        ],
    ),
    (
        deliver,
        &[
            "cover visit",
            "release visit",
            "log visit",
            "create make_up",
            "cancel make_up",
            "lock month",
            "view service_log",
            "view owed",
        ],
    ),
    (erase, &["erase service_request", "erase specialist", "erase account", "erase member"]),
    (break_down, &["fail address"]),
    (
        sign_in,
        &[
            "invite account",
            "set password account",
            "sign in account",
            "refuse sign-in account",
            "end session account",
            "change password account",
            "prove account",
            "refuse proof account",
            "sign out account",
        ],
    ),
    (
        second_factor,
        &["set up second factor account", "give code account", "refuse code account", "use recovery code account"],
    ),
    (email_code, &["ask for a code account", "refuse e-mailed code account", "sign in by e-mailed code account"]),
    (reset, &["reset second factor account", "forget OpenID Connect identity account"]),
];

/// Events that happen by the command line, or may: the first account is made there.
const COMMAND_LINE: &[&str] = &[
    "create account",
    "create token",
    "export audit_entry",
    "erase service_request",
    "erase specialist",
    "erase account",
    "erase member",
    "reset second factor account",
    "forget OpenID Connect identity account",
];

/// A record as it can be sent back, with its version.
fn fields(app: &TestApp, path: &str) -> (Value, String) {
    let mut record = app.office.get(path).expect(200);
    let version = format!("\"{}\"", record["version"]);
    let kept = |name: &str| {
        !["id", "version", "created_at", "updated_at", "specialist_id", "code_", "state", "member_id_", "decision_note"]
            .contains(&name)
    };
    if let Some(object) = record.as_object_mut() {
        object.retain(|name, _| kept(name));
    }
    (record, version)
}

fn change_everything(app: &TestApp, coop: &SmallCoop, _: &Made) {
    let put = |path: String, body: Value| {
        let (_, version) = fields(app, &path);
        app.office.put(&path, &version, &body).expect(200);
    };
    put(format!("/members/{}", coop.members[0]), member("A"));
    put(format!("/sites/{}", coop.sites[0]), site(&coop.members[0], "A-1"));
    put(format!("/specialists/{}", coop.specialists[0]), specialist("S-1"));
    put(format!("/contracts/{}", coop.contracts[0]), contract(&coop.members[0], &coop.sites[0]));
    put(format!("/availability/{}", coop.availability[0]), hours());
    let term = json!({"code": "SPRING-2027", "name": "Spring", "starts_on": "2027-01-04", "ends_on": "2027-05-28"});
    put(format!("/terms/{}", coop.term), term);
    let asked = request(&coop.sites[0], &coop.term, 60);
    let entered = id(&app.office.post("/service-requests", &asked).expect(201));
    put(format!("/service-requests/{entered}"), asked);
    app.office.act(&format!("/service-requests/{entered}/withdraw")).expect(200);
    let made = account(app, "ana@example.org", Role::Finance);
    let changed = json!({"name": "Ana", "email": "ana@example.org", "roles": [{"role": "finance"}], "disabled": true});
    put(format!("/accounts/{}", made.id), changed);
}

fn decide(app: &TestApp, coop: &SmallCoop, _: &Made) {
    let entered = || id(&app.office.post("/service-requests", &request(&coop.sites[0], &coop.term, 60)).expect(201));
    let declined = entered();
    app.office.act(&format!("/service-requests/{declined}/submit")).expect(200);
    app.office.post(&format!("/service-requests/{declined}/decline"), &json!({"reason": "Too late"})).expect(200);
    app.office.act(&format!("/service-requests/{}/withdraw", entered())).expect(200);
    // The first one was planned.
    let all = app.office.get("/service-requests?state=planned").expect(200);
    app.office.act(&format!("/service-requests/{}/end", id(&all["items"][0]))).expect(200);
}

fn import(app: &TestApp, _: &SmallCoop, _: &Made) {
    let header = "code,name,contact_name,contact_email,member_from,member_until\n";
    let files = json!({"members.csv": format!("{header}Z,District Z,Keisha Lee,keisha@example.org,2026-07-01,\n")});
    app.office.post("/imports", &json!({"term": "SPRING-2027", "files": files})).expect(200);
}

fn school_year(app: &TestApp, coop: &SmallCoop, made: &Made) {
    let days = json!({"member_id": coop.members[0], "kind": "closure", "name": "Snow", "starts_on": "2027-02-01",
        "ends_on": "2027-02-01"});
    let away = json!({"reason": "illness", "starts_on": "2027-02-01", "ends_on": "2027-02-01"});
    let of_specialist = format!("/specialists/{}/time-away", coop.specialists[0]);
    let link = json!({"specialist_id": coop.specialists[0]});
    let tables = [
        ("/calendar-entries", "/calendar-entries", days),
        (of_specialist.as_str(), "/time-away", away),
        ("/calendar-feeds", "/calendar-feeds", link),
    ];
    for (list, place, body) in tables {
        let path = format!("{place}/{}", id(&app.office.post(list, &body).expect(201)));
        app.office.put(&path, "\"1\"", &body).expect(200);
        assert_eq!(app.office.send("DELETE", &format!("/api/v1{path}"), &[], None).status, 204);
    }
    let csv = "kind,name,starts_on\nholiday,Break,2027-03-15\n";
    app.office.post("/calendar-imports", &json!({"member_id": coop.members[0], "csv": csv})).expect(200);
    app.office.act(&format!("/plans/{}/renew-dated-visits", made.plan)).expect(200);
}

/// In January, when visits can be logged.
fn deliver(app: &TestApp, coop: &SmallCoop, _: &Made) {
    app.later(79 * 24 * 60 * 60);
    let visits = app.office.get("/dated-visits?from=2027-01-18&until=2027-01-19").expect(200);
    let visit = &visits["items"][0];
    let path = format!("/dated-visits/{}", id(visit));
    let missed = json!({"outcome": "did_not_take_place", "reason": "other"});
    app.office.post(&format!("{path}/log"), &missed).expect(200);
    let make_up = json!({
        "specialist_id": visit["specialist_id"], "visit_on": "2027-01-22", "starts": "09:00", "ends": "09:30",
        "despite_objections": true
    });
    let make_up = id(&app.office.post(&format!("{path}/make-ups"), &make_up).expect(201));
    assert_eq!(app.office.send("DELETE", &format!("/api/v1/dated-visits/{make_up}"), &[], None).status, 204);
    let fall = json!({"code": "FALL-2026", "name": "Fall", "starts_on": "2026-08-17", "ends_on": "2026-12-18"});
    app.office.post("/terms", &fall).expect(201);
    app.office.post("/locked-months", &json!({"month": "2026-12"})).expect(201);
    cover(app, coop);
    app.office.get("/service-logs").expect(200);
    app.office.get("/owed").expect(200);
}

/// Somebody is away, somebody else comes, and is not needed after all.
fn cover(app: &TestApp, coop: &SmallCoop) {
    let visits = app.office.get("/dated-visits?from=2027-02-01&until=2027-02-02").expect(200);
    let visit = &visits["items"][0];
    let own = visit["specialist_id"].as_str().expect("an identity");
    let away = json!({"reason": "other", "starts_on": "2027-02-01", "ends_on": "2027-02-01"});
    let away = id(&app.office.post(&format!("/specialists/{own}/time-away"), &away).expect(201));
    // Somebody who has no visits, and is free.
    let other = id(&app.office.post("/specialists", &specialist("S-3")).expect(201));
    let terms = contract(&coop.members[1], &coop.sites[1]);
    app.office.post(&format!("/specialists/{other}/contracts"), &terms).expect(201);
    app.office.post(&format!("/specialists/{other}/availability"), &hours()).expect(201);
    let path = format!("/dated-visits/{}", id(visit));
    let by = json!({"specialist_id": other, "despite_objections": true});
    app.office.post(&format!("{path}/cover"), &by).expect(200);
    app.office.act(&format!("{path}/release-cover")).expect(200);
    assert_eq!(app.office.send("DELETE", &format!("/api/v1/time-away/{away}"), &[], None).status, 204);
}

fn credentials_and_workload(app: &TestApp, coop: &SmallCoop, _: &Made) {
    for (list, place, body) in
        [("credentials", "/credentials", license("2026-12-20")), ("indirect-blocks", "/indirect-blocks", paperwork(30))]
    {
        let entered = app.office.post(&format!("/specialists/{}/{list}", coop.specialists[0]), &body).expect(201);
        let path = format!("{place}/{}", id(&entered));
        app.office.put(&path, "\"1\"", &body).expect(200);
        coop_scheduler::operations::credentials::warn(&app.app.operations).expect("the database");
        assert_eq!(app.office.send("DELETE", &format!("/api/v1{path}"), &[], None).status, 204);
    }
    let assistant = coop.assistant(&app.office, 0, "AS-1");
    let logs = format!("/specialists/{}/supervision-logs", coop.specialists[0]);
    let log = id(&app.office.post(&logs, &supervised(&assistant)).expect(201));
    assert_eq!(app.office.send("DELETE", &format!("/api/v1/supervision-logs/{log}"), &[], None).status, 204);
}

fn plan_again(app: &TestApp, coop: &SmallCoop, made: &Made) {
    let asked = json!({"term_id": coop.term, "seconds_max": 3});
    let cancelled = id(&app.office.post("/plan-runs", &asked).expect(201));
    app.office.act(&format!("/plan-runs/{cancelled}/cancel")).expect(200);
    id(&app.office.post("/plan-runs", &asked).expect(201));
    let mut planner = app.app.planner().expect("a planner");
    planner.program = "/bin/false".into();
    while planner.work(&AtomicBool::new(false)) == Worked::One {}
    app.office.post(&format!("/plans/{}/publish", made.draft), &json!({"effective_from": "2027-02-01"})).expect(200);
}

fn try_out(app: &TestApp, _: &SmallCoop, made: &Made) {
    let path = format!("/plans/{}/scenarios", made.plan);
    let away = json!({"name": "Away", "seconds_max": 3,
        "changes": [{"kind": "absence", "specialist": "S-1", "days": ["mon"]}]});
    let cancelled = id(&app.office.post(&path, &away).expect(201));
    app.office.act(&format!("/scenarios/{cancelled}/cancel")).expect(200);
    let longer = json!({"name": "Longer", "seconds_max": 3,
        "changes": [{"kind": "visit_length", "request": "SR-2026-0002", "min": 30, "max": 240}]});
    let planned = id(&app.office.post(&path, &longer).expect(201));
    let planner = app.app.planner().expect("a planner");
    while planner.work(&AtomicBool::new(false)) == Worked::One {}
    app.office.get(&format!("/scenarios/{planned}/document")).expect(200);
    app.office.act(&format!("/scenarios/{planned}/archive")).expect(200);
}

fn tokens(app: &TestApp, _: &SmallCoop, _: &Made) {
    let made = account(app, "token@example.org", Role::Finance);
    let path = format!("/accounts/{}/tokens", made.id);
    let token = app.office.post(&path, &json!({"name": "Export"})).expect(201);
    let revoked = app.office.send("DELETE", &format!("/api/v1{path}/{}", id(&token)), &[], None);
    assert_eq!(revoked.status, 204);
    let mut late = app.office.clone();
    late.token = token["secret"].as_str().map(str::to_owned);
    late.get("/me").expect_problem(401, "sign-in-required");
}

fn hand_over(app: &TestApp, _: &SmallCoop, _: &Made) {
    let [leaver, heir] = ["leaver@example.org", "heir@example.org"].map(|email| account(app, email, Role::Finance).id);
    app.office.post(&format!("/accounts/{leaver}/hand-over"), &json!({"to_account_id": heir})).expect(200);
}

fn look_around(app: &TestApp, coop: &SmallCoop, made: &Made) {
    for path in [
        "/service-requests".to_owned(),
        format!("/members/{}/export", coop.members[0]),
        format!("/plans/{}/visits", made.plan),
        format!("/plans/{}/coverage", made.plan),
        format!("/plans/{}/shortfalls", made.plan),
        format!("/specialists/{}/contracts", coop.specialists[0]),
        format!("/cost-shares/{}", made.cost_share),
        format!("/plans/{}/compare/{}", made.draft, made.plan),
        format!("/cost-shares/{}/csv", made.cost_share),
        format!("/plans/{}/document", made.plan),
        format!("/plan-runs/{}/instance", made.run),
        "/reports/service-fidelity/xlsx".to_owned(),
    ] {
        assert_eq!(app.office.get(&path).status, 200, "{path}");
    }
    assert_eq!(app.office.get("/members/01900000-0000-7000-8000-000000000000").status, 404);
    assert!(chain::run(app, &["audit", "export", "--as", "director@coop.example.org"]).0);
}

fn erase(app: &TestApp, _: &SmallCoop, _: &Made) {
    use coop_scheduler::operations::erasure::{Subject, erase};
    while app.app.sender().expect("mail").work() == Worked::One {}
    let over = app.office.get("/service-requests?state=withdrawn").expect(200)["items"][0]["code"].clone();
    let left = json!({"code": "LEFT", "name": "District Left", "contact_name": "Ana", "contact_email": "left@example.org",
        "member_from": "2026-01-01", "member_until": "2026-07-01"});
    app.office.post("/members", &left).expect(201);
    app.office.post("/specialists", &specialist("S-LEFT")).expect(201);
    for subject in [
        Subject::ServiceRequest(over.as_str().expect("a code").to_owned()),
        Subject::Specialist("S-LEFT".to_owned()),
        Subject::Account("ana@example.org".to_owned()),
        Subject::Member("LEFT".to_owned()),
    ] {
        erase(&app.app.operations, app.actor.clone(), &subject).expect("a certificate");
    }
}

/// A stored file that cannot be read is our fault, and is written down like a refusal.
fn break_down(app: &TestApp, _: &SmallCoop, made: &Made) {
    let spoil = format!("UPDATE plans SET document_json = 'x' WHERE id = '{}'", made.plan);
    meddle_with(app, &spoil, &spoil).expect("the owner can");
    assert_eq!(app.office.get(&format!("/plans/{}/coverage", made.plan)).status, 500);
}

fn sign_in(app: &TestApp, coop: &SmallCoop, _: &Made) {
    let email = "keisha@school.example.org";
    let member_id = coop.members[0].parse().expect("an identity");
    let made = account(app, email, Role::Coordinator { member_id });
    let link = invite(app, made.id);
    let mut browser = Browser::new(app);
    assert_eq!(browser.post(&link, &[("password", PASSWORD)]).status, 200);
    assert_eq!(browser.sign_in(email, "not the password").status, 422);
    assert_eq!(browser.sign_in(email, PASSWORD).status, 303);
    let mut other = Browser::new(app);
    assert_eq!(other.sign_in(email, PASSWORD).status, 303);
    let html = browser.get("/account").text();
    let start = html.find("/account/sessions/").expect("a session");
    let session = html[start..].split('"').next().expect("a path").to_owned();
    assert_eq!(other.submit("/account", &session, &[]).status, 303);
    let mut browser = Browser::new(app);
    browser.sign_in(email, PASSWORD);
    let confirm = "/account/confirm?to=/account";
    for (given, status) in [("not the password", 422), (PASSWORD, 303)] {
        let sent = browser.submit(confirm, "/account/confirm", &[("code", given), ("to", "/account")]);
        assert_eq!(sent.status, status);
    }
    let page = "/account/password";
    assert_eq!(browser.submit(page, page, &[("present", PASSWORD), ("new", OTHER_PASSWORD)]).status, 303);
    assert_eq!(browser.submit("/account", "/sign-out", &[]).status, 303);
}

fn second_factor(app: &TestApp, _: &SmallCoop, _: &Made) {
    let email = "second@coop.example.org";
    let made = account(app, email, Role::Finance);
    let link = invite(app, made.id);
    let mut browser = Browser::new(app);
    assert_eq!(browser.post(&link, &[("password", PASSWORD)]).status, 200);
    browser.sign_in(email, PASSWORD);
    let (secret, codes) = set_up(app, &mut browser);
    app.later(30);
    for (given, status) in [("000000", 422), (code(app, &secret).as_str(), 303), (codes[0].as_str(), 303)] {
        let mut browser = Browser::new(app);
        browser.sign_in(email, PASSWORD);
        assert_eq!(browser.submit("/sign-in/code", "/sign-in/code", &[("code", given)]).status, status);
    }
}

fn email_code(app: &TestApp, coop: &SmallCoop, _: &Made) {
    let member_id = coop.members[0].parse().expect("an identity");
    account(app, "code@school.example.org", Role::Coordinator { member_id });
    let mut browser = Browser::new(app);
    assert_eq!(email_codes::ask(&mut browser, "code@school.example.org"), 303);
    let code = email_codes::code_of(&email_codes::last_mail(app));
    assert_eq!(email_codes::give(&mut browser, &email_codes::other(&code, 1)).status, 422);
    assert_eq!(email_codes::give(&mut browser, &code).status, 303);
}

fn reset(app: &TestApp, _: &SmallCoop, _: &Made) {
    let operations = &app.app.operations;
    resets::second_factor(operations, "second@coop.example.org").expect("an account");
    resets::openid(operations, "second@coop.example.org").expect("an account");
}

on_both_databases! {
    fn c51_every_kind_of_event_is_written(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let listed: BTreeSet<String> = EVENTS.iter().map(|(action, kind)| format!("{action} {kind}")).collect();
        // Those of OpenID Connect need a provider and are proven beside its other tests.
        let rows = TABLE.iter().flat_map(|(_, events)| *events).chain(openid::EVENTS).map(|&one| one.to_owned());
        let rows: BTreeSet<String> = rows.collect();
        assert_eq!(rows, listed, "each kind of event needs a row, each row a kind of event");
        let mut seen = 0;
        for (deed, events) in TABLE {
            deed(app, &coop, &made);
            let new = trail(app).split_off(seen);
            seen += new.len();
            for event in *events {
                let entry = new.iter().find(|one| {
                    let kinds = one.fields.subject_kind.split(", ");
                    kinds.into_iter().any(|kind| format!("{} {kind}", one.fields.action) == *event)
                });
                let entry = &entry.unwrap_or_else(|| panic!("{event} is not written: {new:#?}")).fields;
                assert!(!entry.means.is_empty() && !entry.subject_kind.is_empty(), "{entry:?}");
                assert!(entry.means != "command line" || COMMAND_LINE.contains(event), "{entry:?}");
                let is_web = entry.means.starts_with("session") || entry.means == "web";
                assert!(!is_web || entry.address == "127.0.0.1", "{entry:?}");
                assert!(entry.account_id.is_some() || entry.means == "program", "{entry:?}");
            }
        }
        // Nothing that people typed, and no address of a person, is in what can never be erased.
        for entry in trail(app) {
            let text = format!("{:?}", entry.fields);
            for typed in ["Too late", "Tyrell", "Tyvon", "@", "Keisha", PASSWORD, "Export\""] {
                assert!(!text.contains(typed), "{typed} is in {text}");
            }
        }
    }
}
