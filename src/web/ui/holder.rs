//! Somebody with a session, and the proof that a form was sent from one of our own pages.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, ORIGIN, USER_AGENT};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, web};

use super::cookie::Cookie;
use super::shell::{Place, Shell, lead_to, refuse, refuse_stranger, say};
use super::visitor::in_background;
use super::{UiSettings, sign_in, too_many};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::ids::AccountId;
use crate::operations::sign_in::Caller;
use crate::operations::sign_in::sessions::{self, Next, SignedIn};
use crate::operations::{Context, OperationError, Operations, ReadTx, WriteTx};
use crate::web::address;
use crate::web::limits::{Limits, Work};
use crate::web::state::asked_by;

/// Somebody with a session that works, whatever must still come before it is complete.
pub(super) struct Holder {
    pub operations: web::Data<Operations>,
    pub settings: web::Data<UiSettings>,
    pub signed_in: SignedIn,
    pub secret: String,
    pub caller: Caller,
}

impl Holder {
    /// Who still has to complete the sign-in is led there.
    pub(super) fn complete(&self) -> Result<(), HttpResponse> {
        address_of(self.signed_in.next).map_or(Ok(()), |address| Err(lead_to(address)))
    }

    /// Whoever may change all records of a kind, with the sign-in complete.
    ///
    /// # Errors
    /// The answer for everybody else.
    pub(super) fn changes_all(&self, resource: Resource, back: &str) -> Result<(), HttpResponse> {
        self.complete()?;
        match may(&self.signed_in.actor, Action::Write(resource)).covers(Owner::COOP) {
            true => Ok(()),
            false => Err(self.refuse(&OperationError::NotFound, back)),
        }
    }

    /// Runs an operation with the session's secret.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Operations, &str, &Caller) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, OperationError> {
        let (operations, secret, caller) = (self.operations.clone(), self.secret.clone(), self.caller.clone());
        in_background(move || work(&operations, &secret, &caller)).await
    }

    /// Reads under the rights of the session's account.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut ReadTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, OperationError> {
        let actor = self.signed_in.actor.clone();
        self.run(move |operations, _, _| operations.look(actor, look)).await
    }

    /// Changes something under the rights of the session's account.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut WriteTx, &Context) -> Result<T, OperationError> + Send + 'static,
    ) -> Result<T, OperationError> {
        let actor = self.signed_in.actor.clone();
        self.run(move |operations, _, _| operations.change(actor, change)).await
    }

    /// The same, who says that what is sent names nobody who is taught.
    pub(super) fn naming_nobody(self) -> Holder {
        let origin = self.operations.origin.clone().naming_nobody(true);
        let operations = web::Data::new(self.operations.asked_from(origin));
        Holder { operations, ..self }
    }

    /// What surrounds a page: the menu only once the session is complete.
    pub(super) fn shell(&self) -> Shell {
        match self.signed_in.next {
            Next::Nothing => {
                Shell::new(&self.settings, &self.signed_in.actor, Some(&self.signed_in.form_token), Place::Elsewhere)
            }
            _ => Shell::for_stranger(&self.settings),
        }
    }

    /// The page of an error; where a newer proof is needed, the way to give it and back.
    pub(super) fn refuse(&self, error: &OperationError, back: &str) -> HttpResponse {
        match error {
            OperationError::ProofRequired => lead_to(&format!("/account/confirm?to={back}")),
            OperationError::SignInRequired => lead_to("/sign-in"),
            error => refuse(&self.shell(), error),
        }
    }

    /// What a form of one of our pages sent, for who completed the sign-in. What cannot be read is like nothing sent, and has
    /// no token.
    ///
    /// # Errors
    /// The page to complete the sign-in, or the one that says that the form is foreign, with 403.
    pub(super) fn sent<T: SentForm>(
        &self,
        request: &HttpRequest,
        form: Option<web::Form<T>>,
    ) -> Result<T, HttpResponse> {
        self.complete()?;
        let form = form.map(web::Form::into_inner).unwrap_or_default();
        self.check_form(request, form.token())?;
        Ok(form)
    }

    /// Whether a form was sent from one of our pages, made for this session.
    ///
    /// # Errors
    /// The page that says so, with 403.
    pub(super) fn check_form(&self, request: &HttpRequest, token: &str) -> Result<(), HttpResponse> {
        match is_from_here(request, &self.settings) && sessions::is_own_form(&self.signed_in, token) {
            true => Ok(()),
            false => Err(refuse_foreign(&self.shell())),
        }
    }
}

/// The entries of a form, with the token of the page it stood on.
pub(super) trait SentForm: Default {
    /// The token.
    fn token(&self) -> &str;
}

impl FromRequest for Holder {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Holder, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            held(&request).await.map_err(|answer| InternalError::from_response("there is no session", answer).into())
        })
    }
}

async fn held(request: &HttpRequest) -> Result<Holder, HttpResponse> {
    let data = (request.app_data::<web::Data<Operations>>(), request.app_data::<web::Data<UiSettings>>());
    let (Some(operations), Some(settings)) = data else {
        return Err(refuse_stranger(request, &OperationError::internal("the pages were mounted without their data")));
    };
    let stranger = || lead_to(&sign_in::address_with_return(request));
    let Some(secret) = Cookie::Session.read(request, settings) else { return Err(stranger()) };
    let operations = web::Data::new(asked_by(operations, request));
    match resumed(&operations, &secret).await {
        Ok(signed_in) => admitted(request, signed_in.actor.account_id).map(|()| Holder {
            operations,
            settings: settings.clone(),
            signed_in,
            secret,
            caller: caller(request, settings),
        }),
        Err(OperationError::SignInRequired) => Err(stranger()),
        Err(error) => Err(refuse_stranger(request, &error)),
    }
}

/// Whether the account has not asked for too much.
///
/// # Errors
/// The page that says so, with 429.
pub(super) fn admitted(request: &HttpRequest, account: AccountId) -> Result<(), HttpResponse> {
    let Some(limits) = request.app_data::<web::Data<Limits>>() else { return Ok(()) };
    let work = Work::of(request.method(), &request.match_pattern().unwrap_or_default());
    limits.admit(account, work).map_err(|seconds| too_many(request, seconds))
}

/// The session behind a secret.
pub(super) async fn resumed(operations: &web::Data<Operations>, secret: &str) -> Result<SignedIn, OperationError> {
    let (operations, secret) = (operations.clone(), secret.to_owned());
    in_background(move || sessions::resume(&operations, &secret)).await
}

/// The page on which a session is completed.
pub(super) fn address_of(next: Next) -> Option<&'static str> {
    match next {
        Next::Nothing => None,
        Next::Code => Some("/sign-in/code"),
        Next::SetUp => Some("/account/second-factor"),
    }
}

/// The answer to a form that another site sent.
pub(super) fn refuse_foreign(shell: &Shell) -> HttpResponse {
    let words =
        "This form is old, or was not sent from our own page. Nothing was changed. Open the page and try again.";
    say(shell, StatusCode::FORBIDDEN, "Send the form again", words)
}

/// Whether the browser says that one of our pages sent this; what says nothing is refused.
pub(super) fn is_from_here(request: &HttpRequest, settings: &UiSettings) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = header("Sec-Fetch-Site") {
        return site == "same-origin";
    }
    let Some(origin) = header(ORIGIN.as_str()) else { return false };
    let host = origin.split_once("://").map(|(_, host)| host);
    origin == settings.public_url || (!settings.secure_cookies && host.is_some() && host == header(HOST.as_str()))
}

/// From where somebody tries.
pub(super) fn caller(request: &HttpRequest, settings: &UiSettings) -> Caller {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Caller {
        address: address::of(request.headers(), request.peer_addr(), &settings.trusted_proxies),
        agent: agent_words(agent),
        device: Cookie::Device.read(request, settings),
    }
}

/// `Firefox on Windows`
fn agent_words(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| agent.contains(part)).map(|one| one.1);
    let browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "Chromebook"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("Linux", "Linux"),
    ];
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A program on {system}"),
        (None, None) => "Another program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn settings() -> UiSettings {
        let public_url = "https://coop.example.org".to_owned();
        UiSettings { public_url, secure_cookies: true, ..UiSettings::default() }
    }

    #[test]
    fn c15_only_our_own_pages_send_forms() {
        let sent = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(TestRequest::post(), |request, header| request.insert_header(*header));
            is_from_here(&request.to_http_request(), &settings())
        };
        assert!(sent(&[("Sec-Fetch-Site", "same-origin")]) && sent(&[("Origin", "https://coop.example.org")]));
        assert!(!sent(&[]), "who says nothing is refused");
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(!sent(&[("Sec-Fetch-Site", site), ("Origin", "https://coop.example.org")]), "{site}");
        }
        for origin in
            ["https://evil.example", "null", "http://coop.example.org", "https://coop.example.org.evil.example"]
        {
            assert!(!sent(&[("Origin", origin), ("Host", "evil.example")]), "{origin}");
        }
    }

    #[test]
    fn a_browser_is_told_in_plain_words() {
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(agent_words(firefox), "Firefox on Windows");
        assert_eq!(agent_words("curl/8"), "Another program");
    }
}
