//! What every answer carries, and what no request gets past: headers, methods, lengths, names of files, secrets.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use coop_scheduler::db::Database;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::Reply;

const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// The source of the pages in which their routes stand, a file each.
fn page_sources() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut found = vec![std::fs::read_to_string(root.join("ui.rs")).expect("a file")];
    let mut folders = vec![root.join("ui")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("pages") {
            let path = entry.expect("a file").path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(std::fs::read_to_string(path).expect("a file")),
            }
        }
    }
    found
}

/// Fills the places of an address with an identity that nothing has.
fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.contains('{') { NOTHING } else { part }).collect::<Vec<_>>().join("/")
}

/// Every page that takes a form. Its address stands in its route, or in a constant of the file.
fn forms() -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    for source in page_sources() {
        let here = source.split("const HERE: &str = \"").nth(1).and_then(|rest| rest.split('"').next());
        for resource in source.split("web::resource(\"").skip(1) {
            let (address, rest) = resource.split_once('"').expect("an address");
            if rest.split(".service(").next().is_some_and(|own| own.contains(".route(web::post()")) {
                forms.insert(filled(address));
            }
        }
        for route in source.split(".route(").skip(1).filter(|route| !route.starts_with("web::")) {
            let (address, rest) = route.split_once(',').expect("an address and a handler");
            if rest.trim_start().starts_with("web::post()") {
                let address = if address == "HERE" { here.expect("the constant") } else { address.trim_matches('"') };
                forms.insert(filled(address));
            }
        }
    }
    assert!(forms.len() > 25 && forms.contains("/me/time-away") && forms.contains("/months/lock"), "{forms:?}");
    forms
}

/// Every path that is served: those of the API's description and those of the pages, with their places filled.
fn paths(app: &TestApp) -> BTreeSet<String> {
    let document = app.nobody().send("GET", "/openapi.json", &[], None).expect(200);
    let described = document["paths"].as_object().expect("paths").keys().cloned();
    let source = page_sources().concat();
    // The address of a page stands in its route, or in a constant before.
    let pages = [".route(\"", "web::resource(\"", "const HERE: &str = \""]
        .into_iter()
        .flat_map(|start| source.split(start).skip(1));
    let pages = pages.filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    let mut paths = BTreeSet::new();
    for path in described.chain(pages) {
        paths.insert(filled(&path));
    }
    assert!(
        paths.len() > 60
            && paths.contains("/sign-in/email")
            && paths.contains("/people/new")
            && paths.contains("/me/time-away")
            && paths.contains("/api/v1/me"),
        "{paths:?}"
    );
    paths
}

fn assert_headers(reply: &Reply, is_secure: bool, what: &str) {
    let policy = reply.header("Content-Security-Policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe-inline") || what.contains("/docs"), "{what}: {policy}");
    assert_eq!(reply.header("X-Content-Type-Options"), "nosniff", "{what}");
    assert_eq!(reply.header("Referrer-Policy"), "no-referrer", "{what}");
    assert_eq!(reply.header("X-Frame-Options"), "DENY", "{what}");
    assert_eq!(reply.header("Cross-Origin-Resource-Policy"), "same-origin", "{what}");
    let strict = if is_secure { "max-age=31536000; includeSubDomains" } else { "" };
    assert_eq!(reply.header("Strict-Transport-Security"), strict, "{what}");
    for name in reply.headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "{what}: {name}");
        assert!(!["server", "x-powered-by"].contains(&name.as_str()), "{what}: {name}");
    }
}

fn https(config: &mut coop_scheduler::config::Config) {
    config.server.public_url = "https://coop.example.org".to_owned();
}

async fn broken() -> &'static str {
    panic!("a handler that fails")
}

#[test]
fn c17_c18_every_answer_has_its_headers_whatever_it_is() {
    for is_secure in [false, true] {
        let more = |pages: &mut actix_web::web::ServiceConfig| {
            pages.route("/broken", actix_web::web::get().to(broken));
        };
        let app = TestApp::start_changed(DatabaseKind::Sqlite, more, |config| {
            if is_secure {
                https(config);
            }
        });
        let cookie = app.cookie(&app.office).replace("coop=", if is_secure { "__Host-coop=" } else { "coop=" });
        let evil = ("Origin", "https://evil.example");
        let large = vec![b'1'; 3 * 1024 * 1024];
        let mut statuses = BTreeSet::new();
        let mut check = |method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>| {
            for client in [&app.office, &app.nobody()] {
                let reply = client.send(method, path, headers, body);
                assert_headers(&reply, is_secure, &format!("{method} {path} {}", reply.status));
                statuses.insert(reply.status);
            }
        };
        for path in paths(&app) {
            check("GET", &path, &[evil], None);
            check("GET", &path, &[evil, ("Cookie", &cookie)], None);
            check("POST", &path, &[evil], Some(b"{"));
            check("DELETE", &path, &[evil], None);
            check("OPTIONS", &path, &[evil, ("Access-Control-Request-Method", "PUT")], None);
        }
        for path in ["/no-such-page", "/assets/nothing.css", "/docs", "/docs/", "/openapi.json", "/broken", "/api/none"]
        {
            check("GET", path, &[evil], None);
        }
        check("POST", "/api/v1/members", &[evil], Some(&large));
        check("POST", "/api/v1/members", &[evil, ("Content-Type", "text/plain")], Some(b"x"));
        check("GET", "/api/v1/members?limit=x", &[evil], None);
        let expected = [200, 204, 303, 400, 401, 403, 404, 405, 413, 415, 422, 500];
        assert!(expected.iter().all(|status| statuses.contains(status)), "{statuses:?}");
    }
}

#[test]
fn c15_every_form_needs_its_token_and_its_origin() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = crate::support::small_coop::SmallCoop::enter(&app.office);
    // Who may do the most: the office, that is a specialist too.
    let roles = [coop_scheduler::domain::account::Role::Office, coop.specialist(0)];
    let person = app.sign_up_as("Both", &roles);
    let cookie = app.cookie(&person);
    let html = app.nobody().send("GET", "/account", &[("Cookie", &cookie)], None).text();
    let token = html.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let with_token = format!("form={token}");
    let own = [("Cookie", cookie.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
    for path in forms() {
        let send = |headers: &[(&str, &str)], body: &str| {
            app.nobody().send("POST", &path, &[&own[..], headers].concat(), Some(body.as_bytes())).status
        };
        let mut answers = vec![send(&[("Sec-Fetch-Site", "cross-site")], &with_token), send(&[], &with_token)];
        answers.push(send(&[("Origin", "https://evil.example")], &with_token));
        // Who signs in has no session yet, and so no token of one.
        if !path.starts_with("/sign-in") && !path.starts_with("/invitation/") {
            answers.push(send(&[("Sec-Fetch-Site", "same-origin")], "form=0123456789abcdef"));
            answers.push(send(&[("Sec-Fetch-Site", "same-origin")], ""));
        }
        // What does not exist may be answered before the form is looked at.
        let is_refused = |status: &u16| *status == 403 || (*status == 404 && path.contains(NOTHING));
        assert!(answers.iter().all(is_refused), "{path}: {answers:?}");
    }
}

#[test]
fn c14_over_https_every_cookie_is_bound_to_the_host() {
    let app = TestApp::start_changed(DatabaseKind::Sqlite, |_| {}, https);
    let director = app.actor.account_id;
    let password = "lamp otter violin";
    coop_scheduler::operations::sign_in::invitations::give_password(&app.app.operations, director, password)
        .expect("a password");
    let headers = [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")];
    let mut seen = BTreeSet::new();
    for (path, body) in [
        ("/sign-in", "email=director%40coop.example.org&password=lamp%20otter%20violin"),
        ("/sign-in/email", "email=director%40coop.example.org"),
    ] {
        let reply = app.nobody().send("POST", path, &headers, Some(body.as_bytes()));
        assert_eq!(reply.status, 303, "{}", reply.text());
        for cookie in reply.headers.get_all("Set-Cookie") {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.starts_with("__Host-coop") && cookie.contains("; Path=/;"), "{cookie}");
            assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Secure") && !cookie.contains("Domain"), "{cookie}");
            seen.insert(cookie.split('=').next().expect("a name").to_owned());
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["__Host-coop", "__Host-coop-code", "__Host-coop-device"]);
}

/// Sends bytes as they are, and gives what comes back until the server closes or falls silent.
fn raw(app: &TestApp, bytes: &str) -> String {
    let mut stream = TcpStream::connect(app.office.address.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a limit");
    stream.write_all(bytes.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn c20_a_request_whose_length_can_be_read_in_two_ways_is_refused() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    // What a proxy may take for a body, and we must not take for a second request.
    let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for (what, headers) in [
        ("both", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        ("both, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"),
        ("two lengths in one", "Content-Length: 5, 6\r\n"),
        ("a signed length", "Content-Length: +5\r\n"),
        ("a length in hexadecimal", "Content-Length: 0x5\r\n"),
        ("a folded header", "X-Long: a\r\n b\r\nContent-Length: 0\r\n"),
        ("a space before the colon", "Content-Length : 5\r\n"),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
    ] {
        let request = format!("POST /api/v1/members HTTP/1.1\r\nHost: x\r\n{headers}\r\n0\r\n\r\n{hidden}");
        let answer = raw(&app, &request);
        assert!(answer.starts_with("HTTP/1.1 400"), "{what}: {answer}");
        assert!(!answer.contains("HTTP/1.1 204"), "{what}: the hidden request was answered: {answer}");
    }
    let bare = raw(&app, "GET /healthz HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\r\n\r\n");
    assert!(bare.matches("HTTP/1.1 204").count() <= 2);
    assert!(raw(&app, hidden).starts_with("HTTP/1.1 204"), "a plain request is answered");
}

#[test]
fn c44_nothing_echoes_tunnels_or_tells_about_the_inside() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    for method in ["TRACE", "CONNECT"] {
        for target in ["/", "/sign-in", "/api/v1/me", "/healthz"] {
            let answer = raw(&app, &format!("{method} {target} HTTP/1.1\r\nHost: x\r\nX-Canary: kestrel\r\n\r\n"));
            let status = &answer[..answer.len().min(12)];
            assert!(["HTTP/1.1 405", "HTTP/1.1 400"].contains(&status), "{method} {target}: {answer}");
            assert!(!answer.contains("kestrel"), "{method} {target}: {answer}");
        }
    }
    for path in ["/metrics", "/debug", "/.git/config", "/.env", "/coop.db", "/status", "/server-info", "/actuator"] {
        assert_eq!(app.nobody().send("GET", path, &[], None).status, 404, "{path}");
    }
}

#[test]
fn c22_names_of_files_are_ours_whatever_a_school_is_called() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = crate::support::small_coop::SmallCoop::enter(&app.office);
    let path = format!("/members/{}", coop.members[0]);
    let mut fields = app.office.get(&path).expect(200);
    let version = format!("\"{}\"", fields["version"]);
    for only_read in ["id", "version", "created_at", "updated_at"] {
        fields.as_object_mut().expect("an object").remove(only_read);
    }
    fields["name"] = json!("../..\"; filename=\"evil.exe");
    app.office.put(&path, &version, &fields).expect(200);
    fields["name"] = json!("x\r\nSet-Cookie: evil=1");
    assert_eq!(app.office.put(&path, "\"2\"", &fields).status, 422, "no line breaks at all");
    let made = coop.make(&app);
    let reply = app.office.get(&format!("/cost-shares/{}/csv", made.cost_share));
    assert_eq!(
        reply.header("Content-Disposition"),
        format!("attachment; filename=\"cost-share-{}.csv\"", made.cost_share)
    );
    let code = app.office.get(&format!("/cost-shares/{}", made.cost_share)).expect(200)["code"].clone();
    let code = code.as_str().expect("a code");
    let page = format!("/costs/{code}.csv");
    let reply = app.nobody().send("GET", &page, &[("Cookie", &app.cookie(&app.office))], None);
    assert_eq!(reply.header("Content-Disposition"), format!("attachment; filename=\"coop-cost-{code}.csv\""));
    assert!(code.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'-'), "{code}");
}

#[test]
fn c21_what_is_packed_is_not_unpacked_beyond_the_limits() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    // 64 MiB of one letter, packed to some 64 kB by Python's gzip.
    let program = "import gzip, sys; sys.stdout.buffer.write(gzip.compress(b'email=' + b'a' * 67108864))";
    let packed = Command::new(crate::support::smtp::python()).args(["-c", program]).output().expect("python").stdout;
    assert!(packed.len() < 100_000);
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = [form, ("Content-Encoding", "gzip"), ("Sec-Fetch-Site", "same-origin")];
    let reply = app.nobody().send("POST", "/sign-in", &headers, Some(&packed));
    assert_eq!(reply.status, 422, "not taken for a form at all");
    assert!(!reply.text().contains("aaaaaaaa"));
    let reply = app.office.send("POST", "/api/v1/imports", &[("Content-Encoding", "gzip")], Some(&packed));
    assert_eq!(reply.status, 400, "the API unpacks nothing");
    let large = json!({"term": "T", "files": {"members.csv": "x".repeat(2 * 1024 * 1024)}}).to_string();
    app.office.send("POST", "/api/v1/imports", &[], Some(large.as_bytes())).expect_problem(413, "body-too-large");
}

#[test]
fn c41_a_database_connection_that_must_be_encrypted_is_not_made_in_the_clear() {
    let url = crate::support::postgres::new_database();
    assert!(Database::open(&url, 1).is_ok());
    for mode in ["require", "verify-ca", "verify-full"] {
        let joined = if url.contains('?') { "&" } else { "?" };
        assert!(Database::open(&format!("{url}{joined}sslmode={mode}"), 1).is_err(), "{mode}");
    }
}

#[test]
fn c42_secrets_are_in_no_log_no_command_line_and_no_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("smtp"), "canary-smtp-kestrel\n").expect("a file");
    std::fs::write(path("openid"), "canary-openid-kestrel\n").expect("a file");
    // The server trusts everybody, so any password will do.
    let url = format!("{}&password=canary-database-kestrel", crate::support::postgres::new_database());
    let settings = format!(
        "[database]\nurl = {url:?}\n[server]\nport = 0\n[log]\nlevel = \"trace\"\n[mail]\ntransport = \"smtp\"\n\
         [mail.smtp]\nhost = \"127.0.0.1\"\nport = 9\nusername = \"coop\"\npassword_file = {:?}\n\
         [[sign_in.openid]]\nname = \"d\"\nlabel = \"D\"\nissuer = \"https://127.0.0.1:9\"\nclient_id = \"c\"\n\
         client_secret_file = {:?}\nemail_domains = [\"x.example\"]\n",
        path("smtp"),
        path("openid"),
    );
    std::fs::write(path("settings.toml"), settings).expect("a file");
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coop-scheduler"));
        command.arg("--config").arg(path("settings.toml")).args(arguments);
        command
    };
    let printed = program(&["check-config"]).output().expect("the program");
    let mut all = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert!(all.contains("password_file") && printed.status.success(), "{all}");
    let log = std::fs::File::create(path("log")).expect("a file");
    let mut serving = program(&["serve"])
        .stdout(log.try_clone().expect("a copy"))
        .stderr(log)
        .stdin(Stdio::null())
        .spawn()
        .expect("the server");
    let address = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let text = std::fs::read_to_string(path("log")).unwrap_or_default();
        text.lines().find_map(|line| line.strip_prefix("Co-op Scheduler is at ").map(str::to_owned))
    });
    let address = address.expect("the server's address");
    let client = crate::support::client::Client::new(&address, None);
    let here = [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")];
    for reply in [
        client.send("POST", "/sign-in/openid/d", &here, Some(b"to=")),
        client.send("POST", "/sign-in", &here, Some(b"email=a%40x.example&password=canary-typed-kestrel")),
        client.send("GET", "/api/v1/me", &[("Authorization", "Bearer canary-token-kestrel")], None),
        client.send("GET", "/sign-in/openid/d/callback?code=canary-code-kestrel&state=x", &[], None),
        client.send("GET", "/readyz", &[], None),
    ] {
        all.push_str(&reply.text());
        all.push_str(&format!("{:?}", reply.headers));
    }
    let process = format!("/proc/{}", serving.id());
    if let Ok(line) = std::fs::read(format!("{process}/cmdline")) {
        all.push_str(&String::from_utf8_lossy(&line));
    }
    serving.kill().expect("ended");
    serving.wait().expect("ended");
    let log = std::fs::read_to_string(path("log")).expect("the log");
    assert!(log.lines().count() > 5, "{log}");
    all.push_str(&log);
    let found: Vec<&str> = all.lines().filter(|line| line.contains("kestrel")).collect();
    assert!(found.is_empty(), "{found:?}");
}
