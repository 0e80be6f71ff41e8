//! A private PostgreSQL for the tests of this process: started once, gone with the process, a new database a test.

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// How long the server may take to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);

struct Cluster {
    folder: PathBuf,
    /// Ends the server when its input closes, which happens when this process is gone, however it ends.
    _guard: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The URL of a new, empty database.
pub fn new_database() -> String {
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::establish(&cluster.url("postgres")).expect("the test cluster answers");
    connection.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    cluster.url(&name)
}

impl Cluster {
    fn start() -> Cluster {
        let programs = programs();
        let account = account();
        let folder = tempfile::Builder::new().prefix("coop-pg-").tempdir().expect("a folder").keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("permissions");
        if let Some((user, group)) = account {
            chown(&folder, Some(user), Some(group)).expect("a folder of the server's account");
        }
        let as_server = |command: &mut Command| {
            command.current_dir("/");
            if let Some((user, group)) = account {
                command.uid(user).gid(group);
            }
        };
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"]);
        initdb.arg(folder.join("data")).stdout(Stdio::null());
        as_server(&mut initdb);
        assert!(initdb.status().expect("initdb").success(), "initdb failed");

        // fsync off: these data need not outlive the tests.
        let script = "\"$1/postgres\" -D \"$2/data\" -k \"$2\" -c listen_addresses= -c fsync=off -c max_connections=300 \
             >\"$2/log\" 2>&1 & server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf \"$2\"";
        let mut guard = Command::new("sh");
        guard.args(["-c", script, "sh"]).arg(&programs).arg(&folder).stdin(Stdio::piped()).process_group(0);
        as_server(&mut guard);
        let cluster = Cluster { folder, _guard: guard.spawn().expect("a shell") };
        cluster.wait_until_it_answers();
        cluster
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.folder.display())
    }

    fn wait_until_it_answers(&self) {
        let deadline = Instant::now() + START_TIMEOUT;
        while PgConnection::establish(&self.url("postgres")).is_err() {
            if Instant::now() > deadline {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                let _ = std::io::stderr().write_all(log.as_bytes());
                panic!("PostgreSQL did not start");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The newest installed server.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let others = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"].map(PathBuf::from);
    let found = folders.chain(others).filter(|folder| folder.join("initdb").exists());
    found
        .max_by_key(|folder| version(folder))
        .expect("PostgreSQL must be installed to run these tests (apt: postgresql)")
}

fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    name.parse().unwrap_or(0)
}

/// User and group of the account `postgres` or `nobody`: the server refuses to run as root.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the list of accounts");
    let find = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let fields: Vec<&str> = line.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody"))
}
