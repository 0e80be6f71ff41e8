//! Erasure: nothing of what was erased is left in any file or table, the rest works on, and a certificate says so.

use coop_scheduler::db;
use coop_scheduler::domain::account::Role;
use coop_scheduler::jobs::Worked;
use coop_scheduler::operations::erasure::Subject;
use coop_scheduler::operations::{OperationError, audit, erasure};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use super::{meddle, trail};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{Made, SmallCoop, contract, hours, id, license, paperwork, request, supervised};

/// Words that stand for everything that must go; nothing else in the co-op has them.
const CANARIES: [&str; 12] = [
    "Zqissuer",
    "Zqmember",
    "Zqcontact",
    "zqcontact@",
    "Zqsite",
    "Zqstreet",
    "Zqstaff",
    "zqstaff@",
    "Zqcoordinator",
    "zqcoordinator@",
    "Zqreason",
    "Zqsubject",
];

/// Changes what was entered, keeping the rest.
fn put(app: &TestApp, path: &str, changes: Value) {
    let mut fields = app.office.get(path).expect(200);
    let version = format!("\"{}\"", fields["version"]);
    let object = fields.as_object_mut().expect("an object");
    object.retain(|name, _| !["id", "version", "created_at", "updated_at"].contains(&name.as_str()));
    object.extend(changes.as_object().expect("an object").clone());
    app.office.put(path, &version, &fields).expect(200);
}

/// The contract of a specialist.
fn terms_of(app: &TestApp, specialist: &str) -> Value {
    app.office.get(&format!("/specialists/{specialist}/contracts")).expect(200)["items"][0].clone()
}

/// A third member with a site, a specialist, a coordinator, planned and declined requests, a plan and money; and that it
/// has left.
fn member_that_left(app: &TestApp, coop: &SmallCoop) -> (Made, String) {
    let member = json!({"code": "ZQM", "name": "Zqmember District", "contact_name": "Zqcontact Person",
        "contact_email": "zqcontact@example.org", "member_from": "2026-07-01"});
    let member = id(&app.office.post("/members", &member).expect(201));
    let site = json!({"member_id": member, "code": "ZQM-S", "name": "Zqsite School", "address": "1 Zqstreet",
        "open_from": "2026-07-01"});
    let site = id(&app.office.post("/sites", &site).expect(201));
    for other in &coop.sites {
        for (from, to) in [(other, &site), (&site, other)] {
            app.office
                .put(&format!("/travel/{from}/{to}"), "\"0\"", &json!({"minutes": 15, "miles_hundredths": 500}))
                .expect(200);
        }
    }
    let staff = json!({"code": "ZQM-T", "name": "Zqstaff Person", "email": "zqstaff@example.org",
        "disciplines": [{"code": "SLP", "held_from": "2020-01-01"}]});
    let staff = id(&app.office.post("/specialists", &staff).expect(201));
    app.office.post(&format!("/specialists/{staff}/contracts"), &contract(&member, &site)).expect(201);
    app.office.post(&format!("/specialists/{staff}/availability"), &hours()).expect(201);
    // The answer that is kept for a repeat names nobody, but why somebody with that identity is away.
    let away = json!({"reason": "illness", "starts_on": "2027-03-01", "ends_on": "2027-03-02"}).to_string();
    let path = format!("/api/v1/specialists/{staff}/time-away");
    app.office.send("POST", &path, &[("Idempotency-Key", "zq-2")], Some(away.as_bytes())).expect(201);
    let mut license = license("2029-01-01");
    license["issuer"] = json!("Zqissuer");
    app.office.post(&format!("/specialists/{staff}/credentials"), &license).expect(201);
    app.office.post(&format!("/specialists/{staff}/indirect-blocks"), &paperwork(30)).expect(201);
    let mut terms = contract(&member, &site);
    terms["supervisor_ids"] = json!([coop.specialists[0]]);
    app.office.put(&format!("/contracts/{}", id(&terms_of(app, &staff))), "\"1\"", &terms).expect(200);
    app.office.post(&format!("/specialists/{}/supervision-logs", coop.specialists[0]), &supervised(&staff)).expect(201);
    let block =
        json!({"kind": "supervision", "minutes_per_week": 30, "assistant_id": staff, "effective_from": "2026-08-01"});
    app.office.post(&format!("/specialists/{}/indirect-blocks", coop.specialists[0]), &block).expect(201);
    let coordinator =
        app.sign_up("Zqcoordinator", Role::Coordinator { member_id: member.parse().expect("an identity") });
    let known = "INSERT INTO openid_identities (issuer, subject, account_id, created_at) SELECT 'https://id.example.org', \
         'Zqsubject', id, created_at FROM accounts WHERE name = 'Zqcoordinator'";
    meddle(app, known).expect("an identity");
    let key = [("Idempotency-Key", "zq-1")];
    let body = request(&site, &coop.term, 600).to_string();
    let sent = coordinator.send("POST", "/api/v1/service-requests", &key, Some(body.as_bytes()));
    let large = id(&sent.expect(201));
    let small = id(&coordinator.post("/service-requests", &request(&site, &coop.term, 60)).expect(201));
    let refused = id(&coordinator.post("/service-requests", &request(&site, &coop.term, 60)).expect(201));
    for one in [&large, &small, &refused] {
        coordinator.act(&format!("/service-requests/{one}/submit")).expect(200);
    }
    for one in [&large, &small] {
        app.office.act(&format!("/service-requests/{one}/accept")).expect(200);
    }
    app.office
        .post(&format!("/service-requests/{refused}/decline"), &json!({"reason": "Zqreason says no"}))
        .expect(200);
    let made = coop.make(app);
    let away = json!({"name": "Without Zqstaff", "seconds_max": 3,
        "changes": [{"kind": "absence", "specialist": "ZQM-T", "days": ["mon"]}]});
    let headers = [("Confirm-No-Names", "true")];
    let path = format!("/api/v1/plans/{}/scenarios", made.plan);
    app.office.send("POST", &path, &headers, Some(away.to_string().as_bytes())).expect(201);
    let planner = app.app.planner().expect("a planner");
    while planner.work(&std::sync::atomic::AtomicBool::new(false)) == Worked::One {}
    (made, member)
}

/// Everything that the database keeps, as text: its files, or every row of every table.
fn kept(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let url = &app.app.config.database.url;
    let Some(path) = url.strip_prefix("sqlite:") else { return dumped(url) };
    let backup = format!("{path}.backup");
    let _ = std::fs::remove_file(&backup);
    let mut connection = SqliteConnection::establish(path).expect("a file");
    connection.batch_execute(&format!("VACUUM INTO '{backup}'")).expect("a backup");
    let files = [path.to_owned(), format!("{path}-wal"), backup];
    files.into_iter().filter_map(|file| std::fs::read(&file).ok().map(|bytes| (file, bytes))).collect()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn dumped(url: &str) -> Vec<(String, Vec<u8>)> {
    let mut connection = PgConnection::establish(url).expect("a server");
    let names = "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'";
    let names: Vec<Line> = diesel::sql_query(names).load(&mut connection).expect("tables");
    let dump = |Line { line: name }: Line| {
        // E-mails are bytes; shown as letters where they are.
        let rows = format!("SELECT (t::text) AS line FROM {name} t");
        let mut rows: Vec<Line> = diesel::sql_query(rows).load(&mut connection).expect("rows");
        if name == "emails" {
            let text = "SELECT encode(message, 'escape') AS line FROM emails";
            rows.extend(diesel::sql_query(text).load::<Line>(&mut connection).expect("rows"));
        }
        let text: Vec<String> = rows.into_iter().map(|row| row.line).collect();
        (name, text.join("\n").into_bytes())
    };
    names.into_iter().map(dump).collect()
}

fn holds(kept: &[(String, Vec<u8>)], word: &str) -> Vec<String> {
    let word = word.as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    kept.iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name.clone()).collect()
}

fn send_all(app: &TestApp) {
    while app.app.sender().expect("mail").work() == Worked::One {}
}

fn erase(app: &TestApp, subject: &Subject) -> Result<coop_scheduler::domain::erasure::Certificate, OperationError> {
    erasure::erase(&app.app.operations, app.actor.clone(), subject)
}

on_both_databases! {
    fn c47_nothing_of_a_member_is_left_after_its_erasure(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (made, member) = member_that_left(app, &coop);
        let subject = Subject::Member("ZQM".to_owned());
        let refused = erase(app, &subject).expect_err("still a member");
        assert!(refused.to_string().contains("still a member"), "{refused}");
        put(app, &format!("/members/{member}"), json!({"member_until": "2026-11-01"}));
        let refused = erase(app, &subject).expect_err("e-mails wait");
        assert!(refused.to_string().contains("e-mails wait to be sent"), "{refused}");
        send_all(app);
        let before = kept(app);
        for canary in CANARIES {
            assert!(!holds(&before, canary).is_empty(), "{canary} was never there");
        }
        let money = app.office.get(&format!("/cost-shares/{}", made.cost_share)).expect(200)["statement"]["total"].clone();
        let visits = app.office.get(&format!("/plans/{}/visits?limit=200", made.plan)).expect(200);
        let others = visits["items"].as_array().expect("a list").iter().filter(|one| one["member_id"] != *member).count();

        let certificate = erase(app, &subject).expect("a certificate");
        let after = kept(app);
        for canary in CANARIES {
            assert_eq!(holds(&after, canary), Vec::<String>::new(), "{canary}");
        }
        // Codes are left in the audit trail, which nothing can change; they lead nowhere.
        let codes = ["ZQM", "ZQM-S", "ZQM-T", "SR-2026-0003", "SR-2026-0004", "SR-2026-0005"];
        if after.len() > 3 {
            for code in codes {
                assert!(holds(&after, code).iter().all(|table| table == "audit_entries"), "{code}: {:?}", holds(&after, code));
            }
        }
        assert_eq!(certificate.counts["service_requests deleted"], 3);
        for (what, count) in [("members emptied", 1), ("sites emptied", 1), ("specialists emptied", 1), ("accounts emptied", 1)] {
            assert_eq!(certificate.counts[what], count, "{what}");
        }
        assert_eq!(certificate.counts["idempotency_keys deleted"], 2, "{certificate:?}");
        let kept_hash = app.app.operations.database.read(|tx| db::erasure::kept(tx, certificate.id));
        assert_eq!(kept_hash.expect("a look"), Some(certificate.sha256()));
        let noted = trail(app).pop().expect("an entry").fields;
        assert_eq!((noted.action.as_str(), noted.subject_kind.as_str()), ("erase", "member"));
        assert!(noted.detail.ends_with(&certificate.sha256()));
        audit::verify(&app.app.operations, &[]).expect("a look").expect("the chain is whole");

        // The rest works on: the money adds up to the same, other members' visits stand, plans can be read and made.
        let share = app.office.get(&format!("/cost-shares/{}", made.cost_share)).expect(200);
        assert_eq!(share["statement"]["total"], money);
        assert!(share.to_string().contains("ERASED-"), "{share}");
        let left = app.office.get(&format!("/plans/{}/visits?limit=200", made.plan)).expect(200);
        assert_eq!(left["items"].as_array().map(Vec::len), Some(others));
        for path in ["coverage".to_owned(), "document".to_owned(), format!("compare/{}", made.draft)] {
            app.office.get(&format!("/plans/{}/{path}", made.plan)).expect(200);
        }
        let director = app.cookie(&app.office);
        for page in ["/overview", "/requests", "/plans", "/week", "/costs"] {
            assert_eq!(app.nobody().send("GET", page, &[("Cookie", &director)], None).status, 200, "{page}");
        }
        coop.plan(app);
    }

    fn c47_a_specialist_who_left_is_erased_with_the_account(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let person = json!({"code": "ZQT-1", "name": "Zqstaff Person", "email": "zqstaff@example.org",
            "disciplines": [{"code": "SLP", "held_from": "2020-01-01"}]});
        let staff = id(&app.office.post("/specialists", &person).expect(201));
        let mut terms = contract(&coop.members[0], &coop.sites[0]);
        (terms["employer"], terms["supervisor_ids"]) = (json!({"kind": "coop"}), json!([coop.specialists[0]]));
        let below = |list: &str, body: &Value| id(&app.office.post(&format!("/specialists/{staff}/{list}"), body).expect(201));
        let agreed = below("contracts", &terms);
        below("availability", &hours());
        let mut license = license("2029-01-01");
        license["issuer"] = json!("Zqissuer");
        below("credentials", &license);
        below("indirect-blocks", &paperwork(30));
        below("time-away", &json!({"reason": "illness", "starts_on": "2027-03-01", "ends_on": "2027-03-02"}));
        app.office.post(&format!("/specialists/{}/supervision-logs", coop.specialists[0]), &supervised(&staff)).expect(201);
        let role = Role::Specialist { specialist_id: staff.parse().expect("an identity") };
        app.sign_up("Zqstaff", role);
        let (_, draft) = coop.plan(app);
        send_all(app);
        let subject = Subject::Specialist("ZQT-1".to_owned());
        assert!(erase(app, &subject).expect_err("at work").to_string().contains("still has a contract"));
        terms["effective_until"] = json!("2026-11-02");
        app.office.put(&format!("/contracts/{agreed}"), "\"1\"", &terms).expect(200);
        for canary in ["Zqstaff", "zqstaff@", "Zqissuer", "ZQT-1"] {
            assert!(!holds(&kept(app), canary).is_empty(), "{canary} was never there");
        }
        let certificate = erase(app, &subject).expect("a certificate");
        for (what, count) in [("specialists emptied", 1), ("accounts emptied", 1), ("credentials deleted", 1),
            ("time_away deleted", 1), ("supervision_logs deleted", 1), ("specialist_contracts deleted", 1)] {
            assert_eq!(certificate.counts[what], count, "{what}");
        }
        let after = kept(app);
        for canary in ["Zqstaff", "zqstaff@", "Zqissuer"] {
            assert_eq!(holds(&after, canary), Vec::<String>::new(), "{canary}");
        }
        app.office.get(&format!("/plans/{draft}/document")).expect(200);
        // Whoever is in the plan that people follow is not erased.
        let path = format!("/contracts/{}", coop.contracts[0]);
        let mut terms = contract(&coop.members[0], &coop.sites[0]);
        terms["effective_until"] = json!("2026-11-02");
        app.office.put(&path, "\"1\"", &terms).expect(200);
        let refused = erase(app, &Subject::Specialist("S-1".to_owned())).expect_err("in the plan");
        assert!(refused.to_string().contains("in the plan that people follow"), "{refused}");
    }

    fn c47_a_request_and_an_account_are_erased_by_themselves(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let subject = Subject::ServiceRequest("SR-2026-0001".to_owned());
        assert!(erase(app, &subject).expect_err("in use").to_string().contains("is not over"));
        let first = app.office.get("/service-requests").expect(200)["items"][0].clone();
        assert_eq!(first["code"], "SR-2026-0001");
        app.office.act(&format!("/service-requests/{}/end", id(&first))).expect(200);
        send_all(app);
        let certificate = erase(app, &subject).expect("a certificate");
        assert!(certificate.counts["visits deleted"] >= 2, "{certificate:?}");
        let document = app.office.get(&format!("/plans/{}/document", made.plan)).expect(200).to_string();
        assert!(!document.contains("SR-2026-0001") && document.contains("ERASED-0001") && document.contains("SR-2026-0002"));
        assert_eq!(app.office.get(&format!("/service-requests/{}", id(&first))).status, 404);

        let finance = app.sign_up("Zqfinance", Role::Finance);
        let account = finance.get("/me").expect(200);
        let subject = Subject::Account("zqfinance@example.org".to_owned());
        assert!(erase(app, &subject).expect_err("in use").to_string().contains("switch it off"));
        put(app, &format!("/accounts/{}", id(&account)), json!({"disabled": true}));
        erase(app, &subject).expect("a certificate");
        assert_eq!(holds(&kept(app), "qfinance"), Vec::<String>::new());
        finance.get("/me").expect_problem(401, "sign-in-required");
        let own = Subject::Account("director@coop.example.org".to_owned());
        assert!(erase(app, &own).expect_err("the own account").to_string().contains("the own account"));
        // Nobody else may: who sees no accounts finds nothing to erase.
        let (coordinators, _) = coop.accounts(app);
        let token = coordinators[0].token.as_deref().expect("a token");
        let coordinator = coop_scheduler::operations::accounts::tokens::actor_of_token(&app.app.operations, token).expect("an actor");
        let subject = Subject::ServiceRequest("SR-2026-0002".to_owned());
        let refused = erasure::erase(&app.app.operations, coordinator, &subject).expect_err("not theirs");
        assert!(matches!(refused, OperationError::NotFound), "{refused:?}");
    }
}
