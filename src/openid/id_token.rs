//! Whether an identity is to be believed (OpenID Connect Core 1.0, section 3.1.3.7), and what it says.

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::signature::ALGORITHMS;
use super::{Identity, OpenidError, ProviderSettings};

/// Clocks may differ by so much.
const LEEWAY_SECONDS: i64 = 60;

fn refused(why: impl std::fmt::Display) -> OpenidError {
    OpenidError::Refused(why.to_string())
}

/// The key that a token names, or the only one there is.
fn key<'a>(header: &Header, keys: &'a JwkSet) -> Option<&'a Jwk> {
    let mut fit = keys.keys.iter().filter(|key| {
        key.common.public_key_use != Some(PublicKeyUse::Encryption)
            && header.kid.as_ref().is_none_or(|kid| key.common.key_id.as_ref() == Some(kid))
    });
    fit.next().filter(|_| fit.next().is_none())
}

/// Whether the key of a token is among these.
pub(super) fn has_key(token: &str, keys: &JwkSet) -> bool {
    decode_header(token).is_ok_and(|header| key(&header, keys).is_some())
}

/// Who a token says it is.
pub(super) fn verify(
    token: &str,
    keys: &JwkSet,
    settings: &ProviderSettings,
    nonce: &str,
    now: DateTime<Utc>,
) -> Result<Identity, OpenidError> {
    let header = decode_header(token).map_err(refused)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refused(format!("signed by {:?}", header.alg)));
    }
    let key = key(&header, keys).ok_or_else(|| refused("signed with an unknown key"))?;
    let key = DecodingKey::from_jwk(key).map_err(refused)?;
    let mut validation = Validation::new(header.alg);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&[&settings.client_id]);
    // Times are compared below, by our own clock.
    validation.validate_exp = false;
    let claims = decode::<Map<String, Value>>(token, &key, &validation).map_err(refused)?.claims;
    check(&claims, settings, nonce, now.timestamp())?;
    let subject = text(&claims, "sub").filter(|subject| (1..=255).contains(&subject.len()));
    Ok(Identity {
        issuer: settings.issuer.clone(),
        subject: subject.ok_or_else(|| refused("no subject"))?.to_owned(),
        email: email(&claims, settings),
        second_factor: has_second_factor(&claims, settings),
    })
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

fn check(
    claims: &Map<String, Value>,
    settings: &ProviderSettings,
    nonce: &str,
    seconds: i64,
) -> Result<(), OpenidError> {
    let time = |name: &str| claims.get(name).map(|value| value.as_i64().ok_or_else(|| refused(format!("odd {name}"))));
    let expires = time("exp").ok_or_else(|| refused("no exp"))??;
    if expires + LEEWAY_SECONDS <= seconds {
        return Err(refused("expired"));
    }
    if let Some(from) = time("nbf")
        && from? - LEEWAY_SECONDS > seconds
    {
        return Err(refused("not valid yet"));
    }
    if text(claims, "nonce") != Some(nonce) {
        return Err(refused("made for another try"));
    }
    let audiences = claims.get("aud").and_then(Value::as_array).map_or(1, Vec::len);
    let party = claims.get("azp").map(|party| party == &Value::from(settings.client_id.as_str()));
    if party == Some(false) || (party.is_none() && audiences > 1) {
        return Err(refused("made for another party"));
    }
    for (name, wanted) in &settings.required_claims {
        if text(claims, name) != Some(wanted) {
            return Err(refused(format!("{name} is not the one of the settings")));
        }
    }
    Ok(())
}

/// The e-mail address, if it was checked by the provider and lies in a domain that it may vouch for.
fn email(claims: &Map<String, Value>, settings: &ProviderSettings) -> Option<String> {
    // Some providers send the word or the number 1 instead.
    let verified = claims.get(&settings.verified_claim)?;
    let verified =
        verified.as_bool() == Some(true) || verified.as_str() == Some("true") || verified.as_i64() == Some(1);
    let email = text(claims, &settings.email_claim)?;
    let (_, domain) = email.rsplit_once('@')?;
    let own = settings.email_domains.iter().any(|one| one.eq_ignore_ascii_case(domain));
    (verified && own).then(|| email.to_owned())
}

fn has_second_factor(claims: &Map<String, Value>, settings: &ProviderSettings) -> bool {
    let given = claims.get("amr").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    given.into_iter().any(|one| settings.second_factor_amr.iter().any(|counts| counts == one))
}
