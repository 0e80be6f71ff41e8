//! How much one address and one account may ask for: requests a minute, requests at once, and by the hour what costs us
//! much: plans, trials, exports and e-mails.
//!
//! Counted in memory: a restart forgets it, and two servers count apart. What is counted is bounded.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap};
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::address;
use super::ui::SESSION_NAMES;
use crate::config;
use crate::domain::ids::AccountId;

/// So many addresses or accounts are counted apart; beyond, all newcomers are counted together.
const COUNTED_MAX: usize = 10_000;
/// Told to somebody who asks for too much at once.
const AT_ONCE_SECONDS: u64 = 1;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Account(AccountId),
    /// A token or a cookie, whoever it belongs to.
    Credential(u64),
    Others,
}

/// What costs more than looking something up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The planner plans the whole co-op.
    PlanRun,
    /// The planner tries something.
    Trial,
    /// Much is read at once.
    Export,
    /// E-mails are written.
    Mailing,
}

impl Work {
    /// What a request asks for, by its method and the pattern of its address.
    pub fn of(method: &Method, pattern: &str) -> Option<Work> {
        let ends = |endings: &[&str]| endings.iter().any(|ending| pattern.ends_with(ending));
        match *method {
            Method::POST if ends(&["/plan-runs"]) => Some(Work::PlanRun),
            Method::POST if ends(&["/scenarios", "/scenarios/one-more"]) => Some(Work::Trial),
            Method::POST if ends(&["/publish", "/invitation", "/resend", "/invite", "/people/new"]) => {
                Some(Work::Mailing)
            }
            Method::GET if ends(&["csv", "xlsx", "/document", "/instance", "/export"]) => Some(Work::Export),
            _ => None,
        }
    }
}

/// A number of requests in a time.
struct Rate(Option<RateLimiter<Who, HashMapStateStore<Who>, DefaultClock>>);

impl Rate {
    /// Zero is no limit.
    fn new(number: u32, quota: fn(NonZeroU32) -> Quota) -> Rate {
        Rate(NonZeroU32::new(number).map(|number| RateLimiter::hashmap(quota(number))))
    }

    /// Counts a request, or says after how many seconds to try again.
    fn admit(&self, who: Who) -> Result<(), u64> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if limiter.len() >= COUNTED_MAX {
            limiter.retain_recent();
        }
        let who = if limiter.len() >= COUNTED_MAX { Who::Others } else { who };
        limiter.check_key(&who).map_err(|not_yet| not_yet.wait_time_from(limiter.clock().now()).as_secs() + 1)
    }
}

/// Counts everything.
pub struct Limits {
    settings: config::Limits,
    trusted_proxies: Vec<IpAddr>,
    by_address: Rate,
    by_account: Rate,
    plan_runs: Rate,
    trials: Rate,
    exports: Rate,
    mailings: Rate,
    under_way: Arc<Mutex<HashMap<Who, usize>>>,
    hasher: RandomState,
}

/// Requests that are under way; they end when it is dropped.
pub struct UnderWay {
    whos: Vec<Who>,
    all: Arc<Mutex<HashMap<Who, usize>>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        for who in &self.whos {
            if let Some(number) = all.get_mut(who) {
                *number -= 1;
                if *number == 0 {
                    all.remove(who);
                }
            }
        }
    }
}

impl Limits {
    /// Nobody has asked for anything yet.
    pub fn new(server: &config::Server) -> Limits {
        let settings = server.limits.clone();
        Limits {
            trusted_proxies: server.trusted_proxies.clone(),
            by_address: Rate::new(settings.requests_per_minute_by_address, Quota::per_minute),
            by_account: Rate::new(settings.requests_per_minute, Quota::per_minute),
            plan_runs: Rate::new(settings.plan_runs_per_hour, Quota::per_hour),
            trials: Rate::new(settings.trials_per_hour, Quota::per_hour),
            exports: Rate::new(settings.exports_per_hour, Quota::per_hour),
            mailings: Rate::new(settings.mailings_per_hour, Quota::per_hour),
            settings,
            under_way: Arc::default(),
            hasher: RandomState::new(),
        }
    }

    /// Lets a request in, whoever sends it.
    ///
    /// # Errors
    /// Seconds after which to try again.
    pub fn enter(&self, request: &ServiceRequest) -> Result<UnderWay, u64> {
        let mut under_way = UnderWay { whos: Vec::new(), all: Arc::clone(&self.under_way) };
        // Whether we are alive can always be asked.
        if request.path() == "/healthz" {
            return Ok(under_way);
        }
        let address = address::of(request.headers(), request.peer_addr(), &self.trusted_proxies);
        let address = address.map(|address| Who::Address(address::network(address)));
        if let Some(address) = &address {
            self.by_address.admit(address.clone())?;
        }
        let credential = credential(request.headers()).map(|secret| Who::Credential(self.hasher.hash_one(secret)));
        let limits =
            [(address, self.settings.requests_at_once_by_address), (credential, self.settings.requests_at_once)];
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = limits.into_iter().filter_map(|(who, limit)| who.map(|who| (who, limit)));
        for (who, limit) in limits.filter(|(_, limit)| *limit > 0) {
            if all.get(&who).is_some_and(|number| *number >= limit) {
                drop(all);
                return Err(AT_ONCE_SECONDS);
            }
            *all.entry(who.clone()).or_default() += 1;
            under_way.whos.push(who);
        }
        drop(all);
        Ok(under_way)
    }

    /// Lets an account do something.
    ///
    /// # Errors
    /// Seconds after which to try again.
    pub fn admit(&self, account: AccountId, work: Option<Work>) -> Result<(), u64> {
        self.by_account.admit(Who::Account(account))?;
        let rate = match work {
            None => return Ok(()),
            Some(Work::PlanRun) => &self.plan_runs,
            Some(Work::Trial) => &self.trials,
            Some(Work::Export) => &self.exports,
            Some(Work::Mailing) => &self.mailings,
        };
        rate.admit(Who::Account(account))
    }
}

/// The secret by which somebody says who they are, however the header around it is written.
fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        return value.as_bytes().split(u8::is_ascii_whitespace).rfind(|part| !part.is_empty());
    }
    let cookies = headers.get_all(COOKIE).flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let named = cookies.filter_map(|cookie| {
        let at = cookie.iter().position(|byte| *byte == b'=')?;
        Some((cookie[..at].trim_ascii(), cookie[at + 1..].trim_ascii()))
    });
    named.filter(|(name, _)| SESSION_NAMES.iter().any(|ours| ours.as_bytes() == *name)).map(|(_, secret)| secret).next()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn c13_a_flood_of_newcomers_takes_no_memory_without_end() {
        let rate = Rate::new(2, Quota::per_hour);
        for number in 0..20_000_u32 {
            let _ = rate.admit(Who::Address(IpAddr::from(number.to_be_bytes())));
        }
        let counted = rate.0.as_ref().map_or(0, RateLimiter::len);
        assert_eq!(counted, COUNTED_MAX + 1, "and all others together");
        assert!(rate.admit(Who::Address(IpAddr::from([200, 0, 0, 1]))).is_err(), "others share one count");
        assert!(Rate::new(0, Quota::per_hour).admit(Who::Others).is_ok(), "zero is no limit");
    }

    #[test]
    fn c13_another_spelling_of_a_header_is_the_same_person() {
        let secret = |name: HeaderName, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            credential(&headers).map(<[u8]>::to_vec)
        };
        let token = Some(b"abc".to_vec());
        for value in ["Bearer abc", "bEaReR   abc", "Bearer abc ", "abc"] {
            assert_eq!(secret(AUTHORIZATION, value), token, "{value}");
        }
        for value in ["coop=abc", "x=1; coop=abc", " __Host-coop = abc ; coop-device=d", "coop=abc; coop=other"] {
            assert_eq!(secret(COOKIE, value), token, "{value}");
        }
        assert_eq!(secret(COOKIE, "x=1; coop-device=d"), None);
    }

    #[test]
    fn c13_work_is_told_by_the_address() {
        let work = |method: Method, pattern: &str| Work::of(&method, pattern);
        assert_eq!(work(Method::POST, "/api/v1/plan-runs"), Some(Work::PlanRun));
        assert_eq!(work(Method::GET, "/api/v1/plan-runs"), None);
        assert_eq!(work(Method::POST, "/api/v1/plans/{id}/scenarios/one-more"), Some(Work::Trial));
        assert_eq!(work(Method::POST, "/plans/{code}/publish"), Some(Work::Mailing));
        assert_eq!(work(Method::POST, "/people/{id}/invite"), Some(Work::Mailing));
        assert_eq!(work(Method::GET, "/costs/{code}.csv"), Some(Work::Export));
        assert_eq!(work(Method::GET, "/api/v1/cost-shares/{id}/csv"), Some(Work::Export));
    }
}
