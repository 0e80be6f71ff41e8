//! The whole program behind a real port: built like in production, with a clock that stands still and mail in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use chrono::TimeDelta;
use coop_scheduler::app::App;
use coop_scheduler::config::Config;
use coop_scheduler::domain::account::{AccountFields, Role};
use coop_scheduler::domain::actor::Actor;
use coop_scheduler::domain::login_session::Means;
use coop_scheduler::domain::token::TokenFields;
use coop_scheduler::mail::transport::MemoryTransport;
use coop_scheduler::operations::accounts::{self, tokens};
use coop_scheduler::operations::sign_in::{Caller, sessions};
use coop_scheduler::web;

use super::both::DatabaseKind;
use super::client::Client;
use super::demo_coop::{config, noon};
use super::postgres;

/// A running program.
pub struct TestApp {
    /// Its parts.
    pub app: App,
    /// Where e-mails go.
    pub mail: Arc<MemoryTransport>,
    /// The director.
    pub actor: Actor,
    /// Speaks HTTP as the director.
    pub office: Client,
    /// Seconds after noon at which the clock stands.
    seconds: Arc<AtomicI64>,
    cookies: Mutex<BTreeMap<String, String>>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// Starts the program on an empty database.
    pub fn start(kind: DatabaseKind) -> TestApp {
        TestApp::start_with(kind, |_| {})
    }

    /// The same with more pages.
    pub fn start_with(kind: DatabaseKind, pages: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> TestApp {
        TestApp::start_changed(kind, pages, |_| {})
    }

    /// The same with other settings.
    pub fn start_changed(
        kind: DatabaseKind,
        pages: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
        change: impl FnOnce(&mut Config),
    ) -> TestApp {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match kind {
            DatabaseKind::Sqlite => format!("sqlite:{}", folder.path().join("coop.db").display()),
            DatabaseKind::Postgres => postgres::new_database(),
        };
        let mail = Arc::new(MemoryTransport::new());
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&seconds);
        let clock = Arc::new(move || noon() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let mut settings = config(&url, folder.path());
        change(&mut settings);
        let app = App::build(settings, clock).expect("the program's parts");
        let app = app.with_transport(mail.clone());
        let (account, token) =
            tokens::create_for_office(&app.operations, "Director", "director@coop.example.org").expect("an account");

        let (send, receive) = mpsc::channel();
        let parts = app.clone();
        let thread = std::thread::spawn(move || {
            let serve = async {
                let bound =
                    web::bind_with(&parts.config.server, &parts.config.coop, &parts.operations, pages).expect("a port");
                send.send((bound.address, bound.server.handle())).expect("the test waits");
                bound.server.await.expect("the server ends well");
            };
            actix_web::rt::System::new().block_on(serve);
        });
        let (address, server) = receive.recv().expect("the server's address");
        let office = Client::new(&address, Some(&token.secret));
        TestApp {
            app,
            mail,
            actor: accounts::actor(account),
            office,
            seconds,
            cookies: Mutex::default(),
            server,
            thread: Some(thread),
            _folder: folder,
        }
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The cookie of a complete session of an account that has a token, the same one each time.
    pub fn cookie(&self, client: &Client) -> String {
        let token = client.token.as_deref().expect("a token");
        let mut cookies = self.cookies.lock().expect("no test panicked here");
        cookies.entry(token.to_owned()).or_insert_with(|| self.new_cookie(token)).clone()
    }

    fn new_cookie(&self, token: &str) -> String {
        let operations = &self.app.operations;
        let actor = tokens::actor_of_token(operations, token).expect("an actor");
        let opened = operations.change(actor, |tx, ctx| {
            let account = accounts::me(tx, ctx)?;
            sessions::open(tx, operations, &account, (Means::Password, Some(ctx.now)), &Caller::default())
        });
        format!("coop={}", opened.expect("a session").secret)
    }

    /// Speaks HTTP without a token.
    pub fn nobody(&self) -> Client {
        Client::new(&self.office.address, None)
    }

    /// Speaks HTTP as a new account of a role.
    pub fn sign_up(&self, name: &str, role: Role) -> Client {
        self.sign_up_as(name, &[role])
    }

    /// The same with several roles.
    pub fn sign_up_as(&self, name: &str, roles: &[Role]) -> Client {
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let fields = AccountFields { name: name.to_owned(), email, roles: roles.to_vec(), disabled: false };
        let token = TokenFields::for_everything("Test");
        let made = self.app.operations.change(self.actor.clone(), |tx, ctx| {
            let account = accounts::create(tx, ctx, &fields)?;
            tokens::create(tx, ctx, account.id, &token)
        });
        Client::new(&self.office.address, Some(&made.expect("an account").secret))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Not graceful: connections that the test's client keeps open would be waited for.
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
