//! The cookies: the session's secret, the secret by which a device is known, and the secrets of sign-ins under way.

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;

use super::UiSettings;

/// Names of the cookie of the session: over HTTPS, and not.
pub(in crate::web) const SESSION_NAMES: [&str; 2] = ["__Host-coop", "coop"];
/// Longest cookie that is looked at.
const LENGTH_MAX: usize = 200;
/// A device is known for half a year.
const DEVICE_SECONDS: u32 = 180 * 24 * 60 * 60;
/// A sign-in that takes more than one page must be finished within 10 minutes.
const UNDER_WAY_SECONDS: u32 = 10 * 60;

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Holds the secret of the session; gone when the browser is closed.
    Session,
    /// Holds the secret of the device.
    Device,
    /// Holds the secret of the browser that asked for an e-mailed code.
    EmailCode,
    /// Holds the secret of the browser that went to a provider to sign in there.
    Openid,
}

impl Cookie {
    /// Over HTTPS the name itself makes browsers refuse the cookie from any other host or path.
    fn name(self, settings: &UiSettings) -> &'static str {
        match (self, settings.secure_cookies) {
            (Cookie::Session, true) => SESSION_NAMES[0],
            (Cookie::Session, false) => SESSION_NAMES[1],
            (Cookie::Device, true) => "__Host-coop-device",
            (Cookie::Device, false) => "coop-device",
            (Cookie::EmailCode, true) => "__Host-coop-code",
            (Cookie::EmailCode, false) => "coop-code",
            (Cookie::Openid, true) => "__Host-coop-openid",
            (Cookie::Openid, false) => "coop-openid",
        }
    }

    /// What the visitor's cookie holds.
    pub(super) fn read(self, request: &HttpRequest, settings: &UiSettings) -> Option<String> {
        let start = format!("{}=", self.name(settings));
        let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
        let value = headers.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(&start))?;
        let fits = (1..=LENGTH_MAX).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| value.to_owned())
    }

    /// The header that sets it; an empty value takes it away.
    pub(super) fn written(self, settings: &UiSettings, value: &str) -> String {
        let secure = if settings.secure_cookies { "; Secure" } else { "" };
        let age = match self {
            _ if value.is_empty() => "; Max-Age=0".to_owned(),
            Cookie::Session => String::new(),
            Cookie::Device => format!("; Max-Age={DEVICE_SECONDS}"),
            Cookie::EmailCode | Cookie::Openid => format!("; Max-Age={UNDER_WAY_SECONDS}"),
        };
        // The provider leads the browser back by a link of another site, with which strict cookies are not sent.
        let site = if self == Cookie::Openid { "Lax" } else { "Strict" };
        format!("{}={value}; Path=/{age}; HttpOnly; SameSite={site}{secure}", self.name(settings))
    }
}
