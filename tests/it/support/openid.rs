//! A real OpenID Connect provider for tests: pyop in its own process, by TLS on a free loopback port.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use coop_scheduler::config::Openid;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::demo_coop::noon;
use super::smtp::python;

/// Our name and password at the provider.
const CLIENT: (&str, &str) = ("coop-scheduler", "kestrel-91-canary");

/// A running provider; dropping it ends its process.
pub struct OpenidServer {
    /// Where it listens.
    pub port: u16,
    folder: TempDir,
    process: Child,
    agent: ureq::Agent,
}

impl OpenidServer {
    /// Starts a provider that knows a co-op at this address, and waits until it listens.
    pub fn start(public_url: &str) -> OpenidServer {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(Command::new(root.join(".ci/python-tools")).status().expect("bash").success());
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("secret"), format!("{}\n", CLIENT.1)).expect("a file");
        let arguments = json!({
            "folder": folder.path(), "now": noon().timestamp(), "client_id": CLIENT.0, "client_secret": CLIENT.1,
            "redirect_uri": format!("{public_url}/sign-in/openid/district/callback"),
        });
        let mut process = Command::new(python())
            .arg(root.join("tests/it/support/openid_server.py"))
            .arg(arguments.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the provider starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
        let port = line.trim().parse().expect("a port; its error output says what went wrong");
        let pem = fs::read(folder.path().join("ca.pem")).expect("its certificate");
        let trusted = ureq::tls::Certificate::from_pem(&pem).expect("a certificate");
        let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::from(vec![trusted])).build();
        let agent = ureq::Agent::config_builder().max_redirects(0).tls_config(tls).proxy(None).build().into();
        let server = OpenidServer { port, folder, process, agent };
        server.says(&json!({"user": "nobody"}));
        server
    }

    /// What it says from now on; see the program.
    pub fn says(&self, words: &Value) {
        fs::write(self.folder.path().join("says.json"), words.to_string()).expect("a file");
    }

    /// Says that somebody with a checked address comes.
    pub fn sends(&self, user: &str, email: &str) {
        self.says(&json!({"user": user, "claims": {"email": email, "email_verified": true}}));
    }

    /// The settings of a co-op that trusts it.
    pub fn settings(&self) -> Openid {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        Openid {
            name: "district".to_owned(),
            label: "Momentum Academy".to_owned(),
            issuer: format!("https://localhost:{}", self.port),
            client_id: CLIENT.0.to_owned(),
            client_secret_file: path("secret"),
            scopes: "openid email".to_owned(),
            hosts: Vec::new(),
            email_domains: vec!["school.example.org".to_owned(), "coop.example.org".to_owned()],
            email_claim: "email".to_owned(),
            verified_claim: "email_verified".to_owned(),
            required_claims: Default::default(),
            second_factor_amr: Vec::new(),
            ca_file: path("ca.pem"),
        }
    }

    /// Goes to an address of the provider like a browser, and gives where it leads back to.
    pub fn visit(&self, address: &str) -> String {
        let answer = self.agent.get(address).call().expect("the provider answers");
        assert_eq!(answer.status().as_u16(), 302);
        answer.headers()["Location"].to_str().expect("an address").to_owned()
    }

    /// The paths that were asked for so far.
    pub fn requests(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("requests")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Ends it before its time.
    pub fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for OpenidServer {
    fn drop(&mut self) {
        self.end();
    }
}
