//! OpenID Connect, the client's side: a provider that the settings name is asked who somebody is.
//!
//! Authorization code with PKCE, and nothing else. Connections go to the provider's own host and those that the settings
//! list, over TLS, never by redirect, and end after a few seconds. Nothing here knows our accounts.

mod http;
mod id_token;
mod signature;

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::{Origin, Url, form_urlencoded};

pub use http::Secret;

/// A provider as the settings describe it.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its name in addresses.
    pub name: String,
    /// Its name for people: "Sign in with ...".
    pub label: String,
    /// Its identity, an https address.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our password there.
    pub client_secret: Secret,
    /// What is asked for, `openid` among it.
    pub scopes: String,
    /// Further hosts that its endpoints may lie on.
    pub hosts: Vec<String>,
    /// Domains whose addresses it may vouch for.
    pub email_domains: Vec<String>,
    /// The claim that holds the e-mail address.
    pub email_claim: String,
    /// The claim that says whether the provider has checked the address.
    pub verified_claim: String,
    /// Claims that must have these values, such as the tenant.
    pub required_claims: Vec<(String, String)>,
    /// Values of `amr` that count as a second factor.
    pub second_factor_amr: Vec<String>,
    /// Certificates to trust, as PEM, instead of the usual ones.
    pub ca_pem: Option<Vec<u8>>,
}

/// Why a provider did not tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum OpenidError {
    /// It cannot be reached, or its answer makes no sense: the person can do nothing about it.
    #[error("the provider does not answer as it should: {0}")]
    Unreachable(String),
    /// It says no, or what it says is not to be believed.
    #[error("the provider's answer is not accepted: {0}")]
    Refused(String),
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// What belongs to one try, made from the secret of the browser that began it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Comes back with the browser.
    pub state: String,
    /// Comes back inside the identity.
    pub nonce: String,
    /// Shown only when the code is redeemed.
    pub verifier: String,
    /// Where the provider leads the browser back to.
    pub redirect_uri: String,
}

/// Somebody, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person there, for good.
    pub subject: String,
    /// The e-mail address, if the provider has checked it and may vouch for it.
    pub email: Option<String>,
    /// Whether a second factor was given there that counts here.
    pub second_factor: bool,
}

/// What a provider publishes about itself.
#[derive(Debug, Clone, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

/// A provider that can be asked.
#[derive(Debug)]
pub struct Provider {
    /// What the settings say of it.
    pub settings: ProviderSettings,
    origins: Vec<Origin>,
    agent: http::Agent,
    /// What it published, kept until a key is missing.
    published: Mutex<Option<(Discovery, JwkSet)>>,
}

impl Provider {
    /// Prepares a provider. Nothing is asked yet: it may be away while we start.
    ///
    /// # Errors
    /// [`OpenidError::Settings`] for an issuer or host that is none, or certificates that cannot be read.
    pub fn new(settings: ProviderSettings) -> Result<Provider, OpenidError> {
        let hosts = settings.hosts.iter().map(|host| format!("https://{host}"));
        let origins = [settings.issuer.clone()].into_iter().chain(hosts).map(|text| match Url::parse(&text) {
            Ok(url) if url.scheme() == "https" && url.host().is_some() => Ok(url.origin()),
            _ => Err(OpenidError::Settings(format!("\"{text}\" is not an https address"))),
        });
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        let agent = http::Agent::new(settings.ca_pem.as_deref())?;
        signature::install();
        Ok(Provider { settings, origins, agent, published: Mutex::default() })
    }

    /// The address at the provider to which the browser goes.
    ///
    /// # Errors
    /// [`OpenidError::Unreachable`] when the provider does not tell where that is.
    pub fn address(&self, attempt: &Attempt) -> Result<String, OpenidError> {
        let (discovery, _) = self.published(false)?;
        let mut address = self.checked(&discovery.authorization_endpoint)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier.as_bytes()));
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &attempt.redirect_uri),
            ("scope", &self.settings.scopes),
            ("state", &attempt.state),
            ("nonce", &attempt.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(address.into())
    }

    /// Redeems the code that the browser brought back, and gives who it is. Waits for the provider.
    ///
    /// # Errors
    /// [`OpenidError::Refused`] for a code or an identity that is not to be believed.
    pub fn redeem(&self, code: &str, attempt: &Attempt, now: DateTime<Utc>) -> Result<Identity, OpenidError> {
        let (discovery, keys) = self.published(false)?;
        let endpoint = self.checked(&discovery.token_endpoint)?;
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let login = format!("{}:{}", encoded(&self.settings.client_id), encoded(self.settings.client_secret.shown()));
        let login = format!("Basic {}", STANDARD.encode(login));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &attempt.redirect_uri),
            ("code_verifier", &attempt.verifier),
        ];
        let answer: TokenAnswer = self.agent.post(&endpoint, &login, form)?;
        // A provider changes its keys now and then; then they are asked for once more.
        let keys = match id_token::has_key(&answer.id_token, &keys) {
            true => keys,
            false => self.published(true)?.1,
        };
        id_token::verify(&answer.id_token, &keys, &self.settings, &attempt.nonce, now)
    }

    /// What the provider published about itself.
    fn published(&self, anew: bool) -> Result<(Discovery, JwkSet), OpenidError> {
        let kept = self.published.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|_| !anew) {
            return Ok(kept);
        }
        let issuer = &self.settings.issuer;
        let address = self.checked(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
        let discovery: Discovery = self.agent.get(&address)?;
        if discovery.issuer != *issuer {
            let words = format!("it calls itself \"{}\", the settings say \"{issuer}\"", discovery.issuer);
            return Err(OpenidError::Unreachable(words));
        }
        let keys: JwkSet = self.agent.get(&self.checked(&discovery.jwks_uri)?)?;
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = Some((discovery.clone(), keys.clone()));
        Ok((discovery, keys))
    }

    /// An address, if it lies on a host that the settings allow.
    fn checked(&self, address: &str) -> Result<Url, OpenidError> {
        let url = Url::parse(address).ok().filter(|url| self.origins.contains(&url.origin()));
        let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
        url.ok_or_else(|| OpenidError::Unreachable(format!("{address} lies on a host that the settings do not allow")))
    }
}
