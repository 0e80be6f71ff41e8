//! JSON by https, with limits to time and size, and to no other host than the one that was asked.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use url::Url;

use super::OpenidError;

/// One exchange with a provider takes no longer than this.
const EXCHANGE_MAX: Duration = Duration::from_secs(5);
/// Larger answers are not read.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;

/// A secret that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(secret: impl Into<String>) -> Secret {
        Secret(secret.into())
    }

    /// The secret itself, for the one who must be told.
    pub(super) fn shown(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<set>")
    }
}

/// Asks providers.
#[derive(Debug)]
pub(super) struct Agent(ureq::Agent);

impl Agent {
    /// With certificates to trust, as PEM; without, those that browsers trust.
    pub(super) fn new(ca_pem: Option<&[u8]>) -> Result<Agent, OpenidError> {
        let root_certs = match ca_pem {
            None => RootCerts::WebPki,
            Some(pem) => RootCerts::from(certificates(pem)?),
        };
        let config = ureq::Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            // The environment is not asked for one.
            .proxy(None)
            .timeout_global(Some(EXCHANGE_MAX))
            .tls_config(TlsConfig::builder().root_certs(root_certs).build());
        Ok(Agent(config.build().into()))
    }

    pub(super) fn get<T: DeserializeOwned>(&self, address: &Url) -> Result<T, OpenidError> {
        let (status, body) = read(self.0.get(address.as_str()).call())?;
        if status != 200 {
            return Err(OpenidError::Unreachable(format!("{address} answers {status}")));
        }
        serde_json::from_slice(&body).map_err(|error| OpenidError::Unreachable(format!("{address}: {error}")))
    }

    pub(super) fn post<T: DeserializeOwned>(
        &self,
        address: &Url,
        login: &str,
        form: [(&str, &str); 4],
    ) -> Result<T, OpenidError> {
        let request = self.0.post(address.as_str()).header("Authorization", login).header("Accept", "application/json");
        let (status, body) = read(request.send_form(form))?;
        match status {
            // What it says beside that is not ours to believe, nor to write into a log.
            400..=499 => return Err(OpenidError::Refused(format!("the code was refused with {status}"))),
            200 => {}
            _ => return Err(OpenidError::Unreachable(format!("{address} answers {status}"))),
        }
        serde_json::from_slice(&body).map_err(|error| OpenidError::Unreachable(format!("{address}: {error}")))
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, OpenidError> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(OpenidError::Settings(format!("certificates cannot be read: {error}"))),
        }
    }
    Ok(found)
}

fn read(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<(u16, Vec<u8>), OpenidError> {
    let unreachable = |error: ureq::Error| OpenidError::Unreachable(error.to_string());
    let mut answer = answer.map_err(unreachable)?;
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(unreachable)?;
    Ok((answer.status().as_u16(), body))
}
