//! Settings: `default.toml` (compiled in), then a file, then `COOP__SECTION__KEY`. Nothing else reads the environment.

mod mail;
mod year;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::{Deserialize, Serialize};

use crate::domain::owed::OwedRules;
use crate::domain::policy::{Fairness, StayPreference};

pub use mail::{Bounces, Dkim, Mail, MailTransport, Smtp};
pub use year::{Costs, Logging, Reports, Workload};

const DEFAULTS: &str = include_str!("../config/default.toml");

/// Why the settings cannot be used. Names the key, what is wrong with it, and where it came from.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// All settings. Each part of the program is given its own section only.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The co-op itself.
    pub coop: Coop,
    /// Where the data is.
    pub database: Database,
    /// The HTTP server.
    pub server: Server,
    /// Signing in to the pages.
    pub sign_in: SignIn,
    /// The audit trail.
    pub audit: Audit,
    /// What is told to whom.
    pub privacy: Privacy,
    /// The planner's process.
    pub planner: Planner,
    /// Logging what was delivered.
    pub logging: Logging,
    /// Which missed minutes are owed.
    pub owed: OwedRules,
    /// Reports of the school year.
    pub reports: Reports,
    /// What a week of work may hold.
    pub workload: Workload,
    /// Cost-share rules.
    pub costs: Costs,
    /// Outgoing e-mail.
    pub mail: Mail,
    /// The log.
    pub log: Log,
}

/// The co-op itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coop {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub city: String,
    /// IANA zone.
    pub time_zone: Tz,
}

/// Where the data is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://...`
    pub url: String,
    /// Size of the connection pool.
    pub connections_max: u32,
}

/// The HTTP server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address to listen on.
    pub host: String,
    /// Port; 0 takes a free one.
    pub port: u16,
    /// The address in e-mails, without a slash at the end.
    pub public_url: String,
    /// HTTP worker threads.
    pub workers: usize,
    /// Larger bodies are refused.
    pub body_bytes_max: usize,
    /// A body that takes longer to arrive is refused.
    pub body_seconds_max: u64,
    /// Whether the read-only pages need no sign-in.
    pub open_pages: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How much one may ask for.
    pub limits: Limits,
}

/// How much one address and one account may ask for; 0 is no limit.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests a minute from one address.
    pub requests_per_minute_by_address: u32,
    /// Requests a minute of one account.
    pub requests_per_minute: u32,
    /// Requests under way at once from one address.
    pub requests_at_once_by_address: usize,
    /// Requests under way at once with one token or session.
    pub requests_at_once: usize,
    /// Plans an hour that one account may start.
    pub plan_runs_per_hour: u32,
    /// Trials an hour that one account may start.
    pub trials_per_hour: u32,
    /// Files an hour that one account may fetch.
    pub exports_per_hour: u32,
    /// Actions an hour of one account that write e-mails.
    pub mailings_per_hour: u32,
}

/// Signing in to the pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// A session ends when it was not used for so many minutes.
    pub idle_minutes: i64,
    /// A session of the office or of finance ends after so many hours.
    pub office_hours_max: i64,
    /// Any other session ends after so many hours.
    pub hours_max: i64,
    /// The link of an invitation works for so many hours.
    pub invitation_hours: i64,
    /// Whether people can sign in by a code that is e-mailed to them.
    pub email_codes: bool,
    /// Providers of identities.
    pub openid: Vec<Openid>,
}

/// A provider of identities, by OpenID Connect.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Openid {
    /// Its name in addresses: lower case letters, digits and hyphens.
    pub name: String,
    /// Its name for people: "Sign in with ...".
    pub label: String,
    /// Its https address, exactly as it writes it itself.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// File that holds our password there alone.
    pub client_secret_file: String,
    /// What is asked for.
    #[serde(default = "usual_scopes")]
    pub scopes: String,
    /// Further hosts that its endpoints lie on.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Domains whose e-mail addresses it may vouch for.
    pub email_domains: Vec<String>,
    /// The claim that holds the e-mail address.
    #[serde(default = "usual_email_claim")]
    pub email_claim: String,
    /// The claim that says that the provider has checked it.
    #[serde(default = "usual_verified_claim")]
    pub verified_claim: String,
    /// Claims that must have these values: the district's tenant.
    #[serde(default)]
    pub required_claims: BTreeMap<String, String>,
    /// Values of `amr` that count as a second factor here.
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    /// Certificates to trust instead of the usual ones.
    #[serde(default)]
    pub ca_file: String,
}

fn usual_scopes() -> String {
    "openid email".to_owned()
}

fn usual_email_claim() -> String {
    "email".to_owned()
}

fn usual_verified_claim() -> String {
    "email_verified".to_owned()
}

impl Openid {
    /// What is wrong with it.
    fn faults(&self) -> Vec<String> {
        let at = |words: &str| format!("sign_in.openid {}: {words}", self.name);
        let plain = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'-';
        let checks = [
            (
                !self.name.is_empty() && self.name.len() <= 40 && self.name.bytes().all(plain),
                "name must be lower case letters, digits and hyphens",
            ),
            (!self.label.trim().is_empty(), "label is empty"),
            (self.issuer.starts_with("https://"), "issuer must begin with https://"),
            (!self.client_id.is_empty(), "client_id is empty"),
            (self.scopes.split(' ').any(|scope| scope == "openid"), "scopes must name openid"),
            (!self.email_domains.is_empty(), "email_domains is empty; name the domains it may vouch for"),
        ];
        checks.iter().filter(|(holds, _)| !holds).map(|(_, words)| at(words)).collect()
    }
}

/// The audit trail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Where its head is written down once an hour; empty for the log alone.
    pub heads_file: PathBuf,
}

/// What is told to whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Weekly minutes asked for; fewer are shown together with others in reports for many. 0 pools nothing.
    pub small_cell_minutes: i64,
}

/// The planner's process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planner {
    /// Threads it may use.
    pub threads: usize,
    /// Memory it may use, in MiB.
    pub memory_mib: u64,
    /// Seconds after its time limit until it is stopped by force.
    pub grace_seconds: u64,
    /// The program to run; empty for this one.
    pub program: String,
    /// Shortest stay away from the home site, in minutes.
    pub min_minutes_at_site: u32,
    /// What comes first where mandated minutes are short.
    pub fairness: Fairness,
    /// Percent of a specialist's direct week that one member other than the employer may get.
    pub person_member_share_max_percent: u32,
    /// How strongly long stays at a site are preferred.
    pub stay_preference: StayPreference,
    /// What an agency would charge an hour, in cents, by discipline.
    pub agency_cents_per_hour: BTreeMap<String, i64>,
}

/// The log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// As in `info` or `coop_scheduler=debug`.
    pub level: String,
}

/// Shape of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

impl Config {
    /// Reads the settings in force.
    ///
    /// # Errors
    /// Every fault found, each with its key, value and origin.
    pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Config = figment.merge(Env::prefixed("COOP__").split("__")).extract().map_err(|errors| {
            ConfigError(errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"))
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut faults: Vec<String> = Vec::new();
        let mut range = |key: &str, value: i64, limits: std::ops::RangeInclusive<i64>| {
            if !limits.contains(&value) {
                faults.push(format!("{key} is {value}; write {} to {}", limits.start(), limits.end()));
            }
        };
        range("database.connections_max", i64::from(self.database.connections_max), 1..=200);
        range("server.workers", self.server.workers as i64, 1..=256);
        range("server.body_seconds_max", self.server.body_seconds_max as i64, 1..=3_600);
        range("server.body_bytes_max", self.server.body_bytes_max as i64, 1024..=104_857_600);
        range("sign_in.idle_minutes", self.sign_in.idle_minutes, 5..=720);
        range("sign_in.office_hours_max", self.sign_in.office_hours_max, 1..=24);
        range("sign_in.hours_max", self.sign_in.hours_max, 1..=168);
        range("sign_in.invitation_hours", self.sign_in.invitation_hours, 1..=168);
        range("privacy.small_cell_minutes", self.privacy.small_cell_minutes, 0..=100_000);
        range("planner.threads", self.planner.threads as i64, 1..=256);
        range("planner.memory_mib", self.planner.memory_mib as i64, 256..=1_048_576);
        range("planner.grace_seconds", self.planner.grace_seconds as i64, 1..=600);
        range("planner.min_minutes_at_site", i64::from(self.planner.min_minutes_at_site), 0..=480);
        let percent = i64::from(self.planner.person_member_share_max_percent);
        range("planner.person_member_share_max_percent", percent, 1..=100);
        for (discipline, cents) in &self.planner.agency_cents_per_hour {
            range(&format!("planner.agency_cents_per_hour.{discipline}"), *cents, 0..=100_000);
        }
        range("logging.percent_max", self.logging.percent_max, 100..=1_000);
        range("reports.evaluation_days", i64::from(self.reports.evaluation_days), 1..=366);
        range("workload.planning_minutes_per_week", self.workload.planning_minutes_per_week, 0..=2_400);
        range("workload.sites_per_week_max", self.workload.sites_per_week_max, 0..=100);
        range("workload.requests_max", self.workload.requests_max, 0..=1_000);
        range("costs.travel_cents_per_mile", self.costs.travel_cents_per_mile, 0..=10_000);
        range("costs.administration_basis_points", self.costs.administration_basis_points, 0..=10_000);
        let equal = self.costs.administration_equal_share_basis_points;
        range("costs.administration_equal_share_basis_points", equal, 0..=10_000);
        faults.extend(self.sign_in.openid.iter().flat_map(Openid::faults));
        if self.server.open_pages && !["127.0.0.1", "::1", "localhost"].contains(&self.server.host.as_str()) {
            faults.push("server.open_pages is true; that is allowed only while server.host is 127.0.0.1".to_owned());
        }
        let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if self.server.open_pages && !here.iter().any(|start| self.server.public_url.starts_with(start)) {
            faults.push(
                "server.open_pages is true; that is allowed only while server.public_url is of this machine".to_owned(),
            );
        }
        if !self.server.public_url.starts_with("http") || self.server.public_url.ends_with('/') {
            faults.push("server.public_url must begin with http and not end with a slash".to_owned());
        }
        faults.extend(self.mail.faults());
        if faults.is_empty() { Ok(()) } else { Err(ConfigError(faults.join("\n"))) }
    }

    /// The settings in force as TOML, with the password of the database left out.
    pub fn printed(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = without_password(&self.database.url);
        toml::to_string(&shown).unwrap_or_default()
    }
}

/// A URL with `<set>` in place of its password, wherever it stands.
fn without_password(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let shown = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}=<set>"),
        _ => pair.to_owned(),
    };
    let query = query.split('&').map(shown).collect::<Vec<_>>().join("&");
    let place = without_login(place);
    if query.is_empty() { place } else { format!("{place}?{query}") }
}

fn without_login(url: &str) -> String {
    let secret = url.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        Some(format!("{scheme}://{name}:<set>@{host}"))
    });
    secret.unwrap_or_else(|| url.to_owned())
}

/// The value of a variable for tests that end the program at a point; see `mail::failpoint`. Not a setting.
pub fn die_at() -> Option<String> {
    Env::var("COOP_DIE_AT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_secrets_are_not_printed() {
        let mut config = Config::load(None).expect("defaults");
        config.database.url = "postgres://coop:s3cret@db/coop".to_owned();
        assert!(config.printed().contains("postgres://coop:<set>@db/coop"));
        assert!(!config.printed().contains("s3cret"));
        config.database.url = "postgres:///coop?host=/run&password=s3cret&sslpassword=s3cret".to_owned();
        let printed = config.printed();
        assert!(printed.contains("host=/run&password=<set>") && !printed.contains("s3cret"), "{printed}");
    }

    #[test]
    fn every_fault_is_named() {
        let mut config = Config::load(None).expect("defaults");
        config.planner.threads = 0;
        config.server.host = "0.0.0.0".to_owned();
        config.server.open_pages = true;
        let text = config.check().expect_err("faults").to_string();
        assert!(text.contains("planner.threads is 0") && text.contains("server.open_pages"), "{text}");
        // A proxy on the same machine shows the pages to everybody.
        let mut config = Config::load(None).expect("defaults");
        config.server.open_pages = true;
        config.server.public_url = "https://coop.example.org".to_owned();
        assert!(config.check().expect_err("a fault").to_string().contains("server.public_url is of this machine"));
        config.server.public_url = "http://127.0.0.1:8080".to_owned();
        config.check().expect("pages on this machine");
    }
}
