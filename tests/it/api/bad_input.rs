//! Every kind of bad input gets its problem document with every fault, and changes nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, contract, hours, member, request, specialist};

/// The entries with some replaced.
fn with(mut entries: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        entries.pointer_mut(parent).expect("a place")[name] = value.clone();
    }
    entries
}

on_both_databases! {
    fn an_entry_that_stands_twice_is_refused(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let sound = request(&coop.sites[0], &coop.term, 60).to_string();
        let twice = sound.replacen("\"min\":30", "\"min\":45,\"min\":30", 1);
        assert_ne!(sound, twice);
        let send = |text: &str| app.office.send("POST", "/api/v1/service-requests", &[], Some(text.as_bytes()));
        let faults = send(&twice).expect_problem(422, "invalid-entries");
        let message = "\"min\" stands more than once in this object; keep one";
        assert_eq!(faults, [("/visit_minutes/min".to_owned(), message.to_owned())]);
        send(&sound).expect(201);
    }

    fn every_fault_of_a_request_is_named(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([coordinator, _], _) = coop.accounts(app);
        let good = request(&coop.sites[0], &coop.term, 60);
        let nobody = "01900000-0000-7000-8000-000000000000";
        type Entry = (&'static str, Value);
        let cases: &[(&[Entry], &str, &str)] = &[
            (&[("/student_name", json!("X"))], "/student_name", "There is no such entry"),
            (&[("/id", json!(nobody))], "/id", "There is no such entry"),
            (&[("/state", json!("accepted"))], "/state", "There is no such entry"),
            (&[("/minutes_per_week", json!("60"))], "/minutes_per_week", "write a whole number"),
            (&[("/minutes_per_week", json!(60.5))], "/minutes_per_week", "write a whole number"),
            (&[("/minutes_per_week", json!(100))], "/minutes_per_week", "Try 105"),
            (&[("/minutes_per_week", json!(i64::MAX))], "/minutes_per_week", "out of range"),
            (&[("/minutes_per_week", json!(-15))], "/minutes_per_week", "out of range"),
            (&[("/visits_per_week_max", json!(8))], "/visits_per_week_max", "write 1 to 7"),
            (&[("/visit_minutes", json!([30, 60]))], "/visit_minutes", "write an object"),
            (&[("/visit_minutes", json!({"min": 60, "max": 30}))], "/visit_minutes/max", "shorter"),
            (&[("/windows", json!({"mon": [["08:00", "08:15"]]}))], "/windows/mon/0", "shortest visit is 30"),
            (&[("/windows", json!({"mon": [["08:00", "10:00"], ["09:00", "11:00"]]}))], "/windows", "overlap"),
            (&[("/windows", json!({"mon": [["10:00", "08:00"]]}))], "/windows", "ends before it starts"),
            (&[("/windows", json!({"mon": [["08:03", "10:00"]]}))], "/windows", "five-minute step"),
            (&[("/windows", json!({"funday": []}))], "/windows/funday", "There is no such entry"),
            (&[("/windows", json!({}))], "/windows", "at least one time"),
            (&[("/priority", json!("urgent"))], "/priority", "Choose one of mandated"),
            (&[("/discipline", json!("XYZ"))], "/discipline", "There is no such discipline"),
            (&[("/site_id", json!("A-1"))], "/site_id", "not an identity"),
            (&[("/site_id", json!(nobody))], "/site_id", "no such site, or it is not yours"),
            (&[("/site_id", json!(coop.sites[1]))], "/site_id", "no such site, or it is not yours"),
            (&[("/term_id", json!(nobody))], "/term_id", "There is no such term"),
            (&[("/current_specialist_id", json!(nobody))], "/current_specialist_id", "no such specialist"),
        ];
        for (changes, pointer, message) in cases {
            let reply = coordinator.post("/service-requests", &with(good.clone(), changes));
            let faults = reply.expect_problem(422, "invalid-entries");
            let named = faults.iter().any(|(place, text)| place == pointer && text.contains(message));
            assert!(named, "{changes:?}: {pointer} {message:?} is not in {faults:?}");
        }
        let several = with(good, &[("/minutes_per_week", json!(7)), ("/visits_per_week_max", json!(0))]);
        assert!(coordinator.post("/service-requests", &several).expect_problem(422, "invalid-entries").len() >= 3);
        let missing = coordinator.post("/service-requests", &json!({})).expect_problem(422, "invalid-entries");
        assert_eq!(missing.len(), 8, "{missing:?}");
        let list = coordinator.get("/service-requests").expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "nothing was entered");
    }

    fn faults_of_people_and_their_terms_are_named(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let path = |list: &str| format!("/specialists/{}/{list}", coop.specialists[0]);
        let contract = contract(&coop.members[0], &coop.sites[0]);
        let cases = [
            (path("availability"), hours(), "/effective_from", "is still in force"),
            (path("contracts"), contract.clone(), "/effective_from", "is still in force"),
            (path("contracts"), with(contract.clone(), &[("/cost_cents_per_hour", json!(-1))]), "/cost_cents_per_hour", "out of range"),
            (path("contracts"), with(contract.clone(), &[("/employer", json!({"kind": "agency"}))]), "/employer/name", "missing"),
            (path("contracts"), with(contract.clone(), &[("/employer", json!({"kind": "coop", "name": "x"}))]), "/employer/name", "no such entry"),
            (path("contracts"), with(contract, &[("/effective_from", json!("2027-2-1"))]), "/effective_from", "not a date"),
            ("/specialists".to_owned(), with(specialist("S-3"), &[("/disciplines", json!([{"code": "XYZ", "held_from": "2020-01-01"}]))]), "/disciplines/0/code", "no such discipline"),
            ("/specialists".to_owned(), with(specialist("S-3"), &[("/disciplines", json!([]))]), "/disciplines", "at least one"),
            ("/members".to_owned(), with(member("C"), &[("/contact_email", json!("x\r\nBcc: e@x"))]), "/contact_email", "not an e-mail address"),
            ("/members".to_owned(), with(member("C"), &[("/name", json!("a\u{0}b"))]), "/name", "control character"),
            ("/plan-runs".to_owned(), json!({"term_id": coop.term, "seconds_max": 99_999}), "/seconds_max", "out of range"),
            ("/imports".to_owned(), json!({"term": "NONE", "files": {}}), "/term", "no term NONE"),
            ("/imports".to_owned(), json!({"term": "SPRING-2027", "files": {"odd.csv": "a\n"}}), "/files/odd.csv", ""),
        ];
        for (path, body, pointer, message) in cases {
            let faults = app.office.post(&path, &body).expect_problem(422, "invalid-entries");
            let said = |text: &str| text.to_lowercase().contains(&message.to_lowercase());
            let named = faults.iter().any(|(place, text)| place == pointer && said(text));
            assert!(named, "{path}: {pointer} {message:?} is not in {faults:?}");
        }
    }
}

#[test]
fn what_is_not_json_is_refused_before_it_is_looked_at() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let send = |media_type: &str, body: &[u8]| {
        app.office.send("POST", "/api/v1/members", &[("Content-Type", media_type)], Some(body))
    };
    let json = "application/json";
    for body in ["", "{", "{\"code\": }", "nonsense", "{\"code\": 1e400}", "\u{feff}{}"] {
        send(json, body.as_bytes()).expect_problem(400, "unreadable-request");
    }
    send(json, b"{\"code\": \"\xff\xfe\"}").expect_problem(400, "unreadable-request");
    assert!(send(json, b"{\n  \"code\": }").text().contains("line 2 column 11"));
    let started = Instant::now();
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        send(json, deep.as_bytes()).expect_problem(400, "unreadable-request");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    for other in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "multipart/form-data"] {
        send(other, b"{}").expect_problem(415, "unsupported-media-type");
    }
    for shape in ["[]", "3", "null", "\"x\"", "[\"A\"]"] {
        assert_eq!(
            send("application/json; charset=utf-8", shape.as_bytes()).expect_problem(422, "invalid-entries")[0].0,
            ""
        );
    }
}

#[test]
fn unknown_query_parameters_are_named() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    for (path, pointer) in [
        ("/members?offset=3", "/offset"),
        ("/members?limit=0", "/limit"),
        ("/members?limit=201", "/limit"),
        ("/members?limit=ten", "/limit"),
        ("/members?limit=5&limit=6", "/limit"),
        ("/members?after=x", "/after"),
        ("/me?x=1", "/x"),
        ("/service-requests?state=lost", "/state"),
        ("/service-requests?site=x", "/site"),
        ("/emails?state=lost", "/state"),
    ] {
        let faults = app.office.get(path).expect_problem(422, "invalid-entries");
        assert_eq!(faults.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>(), [pointer], "{path}");
    }
    app.office.get("/service-requests?state=draft&limit=200").expect(200);
}

#[test]
fn a_body_of_100_megabytes_is_refused_without_being_kept() {
    let served = Served::start();
    for framing in ["Content-Length: 100000000", "Transfer-Encoding: chunked"] {
        let before = served.resident_kilobytes();
        let answer = send_100_megabytes(&served, framing);
        let grown = served.resident_kilobytes().saturating_sub(before);
        assert!(grown < 64 * 1024, "{framing}: the process grew by {grown} kB");
        // A client that goes on sending may lose the answer to the reset of the connection.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
    let large = vec![b' '; 3_000_000];
    served.office.send("POST", "/api/v1/members", &[], Some(&large)).expect_problem(413, "body-too-large");
    served.office.get("/me").expect(200);
}

fn send_100_megabytes(served: &Served, framing: &str) -> String {
    let mut stream = TcpStream::connect(served.office.address.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    let token = served.office.token.as_deref().unwrap_or_default();
    let head = format!(
        "POST /api/v1/members HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{framing}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("the head is taken");
    let piece = vec![b' '; 100_000];
    let size = format!("{:x}\r\n", piece.len());
    let (before, after) = if framing.starts_with("Transfer") { (size.as_str(), "\r\n") } else { ("", "") };
    for _ in 0..1000 {
        // The server may answer and close before everything is sent.
        if [before.as_bytes(), &piece, after.as_bytes()].iter().any(|part| stream.write_all(part).is_err()) {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The program in a process of its own, so that its memory can be measured.
struct Served {
    process: Child,
    office: Client,
    _folder: tempfile::TempDir,
}

impl Served {
    fn start() -> Served {
        let folder = tempfile::tempdir().expect("a folder");
        let program = || {
            let mut program = Command::new(env!("CARGO_BIN_EXE_coop-scheduler"));
            program.current_dir(folder.path()).stdout(Stdio::piped());
            program
                .env("COOP__SERVER__PORT", "0")
                .env("COOP__MAIL__TRANSPORT", "none")
                .env("COOP__LOG__LEVEL", "error");
            program
        };
        let made = program().args(["create-account", "Director", "director@example.org"]).output().expect("an account");
        assert!(String::from_utf8_lossy(&made.stdout).contains("/invitation/"), "a link to set the password");
        let made = program().args(["create-token", "director@example.org", "Test"]).output().expect("a token");
        let made = String::from_utf8_lossy(&made.stdout).into_owned();
        let token = made.lines().find(|line| line.starts_with("coop_")).expect("a token");
        let mut process = program().arg("serve").spawn().expect("the program");
        let mut said = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("its address");
        let address = line.split_whitespace().find(|word| word.starts_with("http")).expect("its address");
        Served { office: Client::new(address, Some(token)), process, _folder: folder }
    }

    fn resident_kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
