//! The composition root: builds everything from settings, starts it, and stops it. Production and tests use the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::Utc;

use crate::config::{self, Config, MailTransport};
use crate::db::Database;
use crate::domain::workload::WorkloadPolicy;
use crate::jobs::Workers;
use crate::jobs::anchor::Anchor;
use crate::jobs::housekeeping::Housekeeping;
use crate::jobs::letters::Letters;
use crate::jobs::outbox::Sender;
use crate::jobs::plan_run::Planner;
use crate::mail::dkim::Signer;
use crate::mail::return_path::ReturnPaths;
use crate::mail::transport::{
    FolderTransport, Login, Password, SigningTransport, SmtpSecurity, SmtpSettings, SmtpTransport, Transport,
};
use crate::openid::{Provider, ProviderSettings, Secret};
use crate::operations::outbox;
use crate::operations::sign_in::SignInSettings;
use crate::operations::{Clock, OperationSettings, Operations, Origin};
use crate::planning::instance::Policy;

/// The parts of the program.
#[derive(Clone)]
pub struct App {
    /// Settings in force.
    pub config: Config,
    /// What the co-op can do.
    pub operations: Operations,
    /// How e-mails leave; `None` leaves them in the outbox.
    pub transport: Option<Arc<dyn Transport>>,
}

/// The clock of the machine. The only place that asks for the time.
pub fn system_clock() -> Clock {
    Arc::new(Utc::now)
}

impl App {
    /// Builds the parts and brings the database up to date.
    pub fn build(config: Config, clock: Clock) -> Result<App> {
        let database = Database::open(&config.database.url, config.database.connections_max)
            .context("the database could not be opened (database.url)")?;
        let settings = OperationSettings {
            coop_name: config.coop.name.clone(),
            time_zone: config.coop.time_zone,
            public_url: config.server.public_url.clone(),
            mail_from: (config.mail.from_name.clone(), config.mail.from_address.clone()),
            mail_reply_to: config.mail.reply_to.clone(),
            publish_wait_minutes: config.mail.publish_wait_minutes,
            return_paths: return_paths(&config)?,
            planning_policy: Policy {
                travel_cents_per_mile: Some(config.costs.travel_cents_per_mile),
                agency_cents_per_hour: config.planner.agency_cents_per_hour.clone(),
                min_minutes_at_site: config.planner.min_minutes_at_site,
                fairness: config.planner.fairness,
                person_member_share_max_percent: config.planner.person_member_share_max_percent,
                stay_preference: config.planner.stay_preference,
            },
            workload: WorkloadPolicy {
                sites_per_week_max: config.workload.sites_per_week_max,
                requests_max: config.workload.requests_max,
                planning_minutes_per_week: config.workload.planning_minutes_per_week,
            },
            credentials_required: config.workload.credentials_required.iter().cloned().collect(),
            three_to_one: config.workload.three_to_one.iter().cloned().collect(),
            travel_cents_per_mile: config.costs.travel_cents_per_mile,
            administration_basis_points: config.costs.administration_basis_points,
            administration_equal_share_basis_points: config.costs.administration_equal_share_basis_points,
            small_cell_minutes: config.privacy.small_cell_minutes,
            logged_percent_max: config.logging.percent_max,
            owed_rules: config.owed,
            evaluation_days: config.reports.evaluation_days,
            sign_in: SignInSettings {
                idle_minutes: config.sign_in.idle_minutes,
                office_hours_max: config.sign_in.office_hours_max,
                hours_max: config.sign_in.hours_max,
                invitation_hours: config.sign_in.invitation_hours,
                email_codes: config.sign_in.email_codes && config.mail.transport != MailTransport::None,
            },
        };
        let transport = transport(&config)?;
        let openid = config.sign_in.openid.iter().map(provider).collect::<Result<Vec<_>>>()?;
        let operations = Operations {
            database,
            clock,
            settings: Arc::new(settings),
            password_work: Arc::default(),
            recorder: Arc::default(),
            origin: Origin::default(),
            openid: Arc::new(openid),
        };
        Ok(App { config, operations, transport })
    }

    /// The same with another way for e-mails to leave.
    pub fn with_transport(self, transport: Arc<dyn Transport>) -> App {
        App { transport: Some(transport), ..self }
    }

    /// The sender of the outbox, if e-mails leave at all.
    pub fn sender(&self) -> Option<Sender> {
        Some(Sender {
            operations: self.operations.clone(),
            transport: Arc::clone(self.transport.as_ref()?),
            lease: Duration::from_secs(self.config.mail.lease_seconds),
            give_up_after: Duration::from_secs(self.config.mail.give_up_after_hours * 3600),
        })
    }

    /// The planner's worker.
    pub fn planner(&self) -> Result<Planner> {
        let configured = &self.config.planner.program;
        let program = if configured.is_empty() { std::env::current_exe()? } else { PathBuf::from(configured) };
        Ok(Planner {
            operations: self.operations.clone(),
            program,
            threads: self.config.planner.threads,
            memory_mib: self.config.planner.memory_mib,
            grace: Duration::from_secs(self.config.planner.grace_seconds),
        })
    }

    /// Starts all workers.
    pub fn start_workers(&self) -> Result<Workers> {
        let mut workers = Workers::new();
        let planner = self.planner()?;
        workers.start("planner", move |stop| planner.work(stop));
        let (operations, file) = (self.operations.clone(), self.config.audit.heads_file.clone());
        let anchor = Anchor { operations: operations.clone(), file, last: None };
        let mut housekeeping = Housekeeping { operations, anchor, last: None };
        workers.start("housekeeping", move |_| housekeeping.work());
        let mut letters = Letters::new(self.operations.clone());
        workers.start("letters", move |_| letters.work());
        if let Some(sender) = self.sender() {
            outbox::begin(&self.operations)?;
            workers.start("outbox", move |_| sender.work());
        }
        Ok(workers)
    }
}

fn provider(settings: &config::Openid) -> Result<Provider> {
    let name = &settings.name;
    let read = |key: &str, path: &String| {
        std::fs::read_to_string(path).with_context(|| format!("sign_in.openid {name}: {key} {path} cannot be read"))
    };
    let secret = read("client_secret_file", &settings.client_secret_file)?;
    let ca_pem = match settings.ca_file.as_str() {
        "" => None,
        _ => Some(read("ca_file", &settings.ca_file)?.into_bytes()),
    };
    let required = settings.required_claims.iter().map(|(claim, value)| (claim.clone(), value.clone()));
    let provider = Provider::new(ProviderSettings {
        name: name.clone(),
        label: settings.label.clone(),
        issuer: settings.issuer.clone(),
        client_id: settings.client_id.clone(),
        client_secret: Secret::new(secret.trim_end_matches(['\r', '\n'])),
        scopes: settings.scopes.clone(),
        hosts: settings.hosts.clone(),
        email_domains: settings.email_domains.clone(),
        email_claim: settings.email_claim.clone(),
        verified_claim: settings.verified_claim.clone(),
        required_claims: required.collect(),
        second_factor_amr: settings.second_factor_amr.clone(),
        ca_pem,
    });
    provider.with_context(|| format!("sign_in.openid {name} cannot be used"))
}

fn transport(config: &Config) -> Result<Option<Arc<dyn Transport>>> {
    let transport: Arc<dyn Transport> = match config.mail.transport {
        MailTransport::None => return Ok(None),
        MailTransport::Folder => Arc::new(FolderTransport::new(&config.mail.folder)),
        MailTransport::Smtp => Arc::new(SmtpTransport::new(smtp_settings(config)?)?),
    };
    let dkim = &config.mail.dkim;
    if dkim.selector.is_empty() {
        return Ok(Some(transport));
    }
    let pem = std::fs::read_to_string(&dkim.key_file)
        .with_context(|| format!("mail.dkim.key_file {} cannot be read", dkim.key_file))?;
    let signer = Signer::new(&dkim.selector, config.mail.dkim_domain(), &pem)
        .with_context(|| format!("mail.dkim.key_file {} cannot be used", dkim.key_file))?;
    Ok(Some(Arc::new(SigningTransport::new(transport, signer))))
}

fn return_paths(config: &Config) -> Result<Option<ReturnPaths>> {
    let bounces = &config.mail.bounces;
    if bounces.address.is_empty() {
        return Ok(None);
    }
    let keys = std::fs::read_to_string(&bounces.key_file)
        .with_context(|| format!("mail.bounces.key_file {} cannot be read", bounces.key_file))?;
    Ok(Some(ReturnPaths::new(&bounces.address, &keys).context("mail.bounces cannot be used")?))
}

fn smtp_settings(config: &Config) -> Result<SmtpSettings> {
    let smtp = &config.mail.smtp;
    let security = match smtp.security.as_str() {
        "starttls" => SmtpSecurity::Starttls,
        "tls" => SmtpSecurity::Tls,
        "none" => SmtpSecurity::None,
        other => anyhow::bail!("mail.smtp.security is \"{other}\"; write starttls, tls or none"),
    };
    let login = match (smtp.username.is_empty(), smtp.password_file.is_empty()) {
        (true, _) => None,
        (false, true) => anyhow::bail!("mail.smtp.password_file is empty; name the file that holds the password"),
        (false, false) => {
            let text = std::fs::read_to_string(&smtp.password_file)
                .with_context(|| format!("mail.smtp.password_file {} cannot be read", smtp.password_file))?;
            let password = Password::new(text.trim_end_matches(['\r', '\n']));
            Some(Login { username: smtp.username.clone(), password })
        }
    };
    let given = |text: &String| if text.is_empty() { config.mail.from_address.clone() } else { text.clone() };
    Ok(SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security,
        login,
        envelope_from: given(&smtp.envelope_from),
        hello_name: None,
        ca_file: (!smtp.ca_file.is_empty()).then(|| PathBuf::from(&smtp.ca_file)),
        reply_timeout_seconds: smtp.reply_seconds_max,
        final_reply_timeout_seconds: smtp.final_reply_seconds_max,
        deadline_seconds: smtp.conversation_seconds_max,
    })
}
