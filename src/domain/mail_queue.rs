//! How the queue of e-mails as a whole stands: whether the next one may be sent, and what a try does to that.
//!
//! | a try | what it does to the queue |
//! |---|---|
//! | the server talks to us | all counters go back to nothing |
//! | trouble with the server | the fifth in a row opens the breaker: nothing for 1, 5, 15 and then every 30 minutes, one e-mail as a probe |
//! | the server asks us to slow down | nothing for 15 seconds, twice as long each time in a row, 15 minutes at most |
//! | our configuration is refused | paused with the reason; one e-mail as a probe every 30 minutes |
//! | refused by policy, three in a row | the same: more likely it is us than three recipients |

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Troubles in a row that open the breaker.
pub const TROUBLES_MAX: i64 = 5;
/// Refusals by policy in a row that pause the queue.
pub const REFUSALS_MAX: i64 = 3;
/// Minutes until the next probe while the breaker is open; the last one goes on.
const BREAKER_MINUTES: [i64; 4] = [1, 5, 15, 30];
/// Minutes until the next probe while the queue is paused.
const PAUSE_MINUTES: i64 = 30;
/// The first wait, in seconds, when the server asks us to slow down.
const SLOWDOWN_SECONDS: i64 = 15;
/// The longest of them.
const SLOWDOWN_SECONDS_MAX: i64 = 900;

/// How the queue stands, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether a person must look: our configuration is refused.
    pub paused: bool,
    /// The mail server's words for why it is paused or waits.
    pub reason: String,
    /// Since when it is paused or waits.
    pub since: Option<DateTime<Utc>>,
    /// Troubles in a row.
    pub troubles: i64,
    /// Requests in a row to slow down.
    pub slowdowns: i64,
    /// Refusals by policy in a row.
    pub refusals: i64,
    /// No e-mail before this.
    pub waits_until: Option<DateTime<Utc>>,
}

/// What a try told about the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The server talked to us about the e-mail itself.
    Talks,
    /// The server could not be reached, or broke off.
    Trouble,
    /// The server asks us to slow down.
    SlowDown,
    /// One message was refused by policy.
    PolicyRefusal,
    /// Our configuration is refused.
    Misconfigured,
}

impl Standing {
    /// Whether an e-mail may be claimed now.
    pub fn admits(&self, now: DateTime<Utc>) -> bool {
        self.waits_until.is_none_or(|until| until <= now)
    }

    /// Whether only one e-mail at a time may be tried, to see whether it works again.
    pub fn probes(&self) -> bool {
        self.paused || self.troubles >= TROUBLES_MAX
    }

    /// How it stands after a try.
    pub fn after(&self, effect: Effect, words: &str, now: DateTime<Utc>) -> Standing {
        let waiting = |next: Standing, wait: TimeDelta| Standing {
            reason: words.to_owned(),
            since: self.since.or(Some(now)),
            waits_until: Some(now + wait),
            ..next
        };
        match effect {
            Effect::Talks => Standing::default(),
            Effect::Trouble => {
                let next = Standing { troubles: self.troubles + 1, ..self.clone() };
                if self.paused {
                    return waiting(next, TimeDelta::minutes(PAUSE_MINUTES));
                }
                match usize::try_from(next.troubles - TROUBLES_MAX) {
                    Ok(more) => {
                        let minutes = BREAKER_MINUTES[more.min(BREAKER_MINUTES.len() - 1)];
                        waiting(next, TimeDelta::minutes(minutes))
                    }
                    Err(_) => next,
                }
            }
            Effect::SlowDown => {
                let doubled = SLOWDOWN_SECONDS << self.slowdowns.clamp(0, 10);
                // The server talks, so there is no trouble; a pause stays until something is accepted.
                let next = Standing { slowdowns: self.slowdowns + 1, troubles: 0, ..self.clone() };
                waiting(next, TimeDelta::seconds(doubled.min(SLOWDOWN_SECONDS_MAX)))
            }
            Effect::PolicyRefusal if self.refusals + 1 < REFUSALS_MAX && !self.paused => {
                Standing { refusals: self.refusals + 1, ..Standing::default() }
            }
            Effect::PolicyRefusal | Effect::Misconfigured => {
                let since = if self.paused { self.since } else { Some(now) };
                let paused = Standing { paused: true, since, troubles: 0, slowdowns: 0, ..self.clone() };
                Standing { since, ..waiting(paused, TimeDelta::minutes(PAUSE_MINUTES)) }
            }
        }
    }

    /// The state in a word.
    pub fn state(&self, now: DateTime<Utc>) -> MailQueueState {
        match self {
            Standing { paused: true, .. } => MailQueueState::Paused,
            waiting if !waiting.admits(now) => MailQueueState::Waiting,
            _ => MailQueueState::Running,
        }
    }
}

/// The state of the queue in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailQueueState {
    /// E-mails leave as they are due.
    Running,
    /// The mail server cannot be reached or asks us to slow down; it goes on by itself.
    Waiting,
    /// The mail server refuses our configuration; a person must look.
    Paused,
}

/// The queue as the office sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailQueue {
    /// The state in a word.
    pub state: MailQueueState,
    /// The mail server's words, if it is not running.
    pub reason: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// When one e-mail is tried again.
    pub waits_until: Option<DateTime<Utc>>,
    /// How many e-mails wait.
    pub queued: i64,
    /// How many are parked.
    pub parked: i64,
    /// How many were accepted.
    pub accepted: i64,
    /// How many tries may have arrived although no answer came.
    pub ambiguous_total: i64,
    /// How many addresses nothing is sent to.
    pub suppressed_addresses: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-02T18:00:00Z".parse().expect("a time")
    }

    fn many(effect: Effect, times: usize) -> Standing {
        (0..times).fold(Standing::default(), |standing, _| standing.after(effect, "words", now()))
    }

    fn wait(standing: &Standing) -> Option<i64> {
        standing.waits_until.map(|until| (until - now()).num_seconds())
    }

    #[test]
    fn the_fifth_trouble_in_a_row_opens_the_breaker_for_longer_each_time() {
        let waits: Vec<Option<i64>> = (1..=9).map(|times| wait(&many(Effect::Trouble, times))).collect();
        assert_eq!(waits[..4], [None; 4]);
        assert_eq!(waits[4..], [Some(60), Some(300), Some(900), Some(1_800), Some(1_800)]);
        let open = many(Effect::Trouble, 5);
        assert_eq!((open.state(now()), open.probes(), open.admits(now())), (MailQueueState::Waiting, true, false));
        assert!(open.admits(now() + TimeDelta::seconds(60)));
        assert_eq!(open.after(Effect::Talks, "", now()), Standing::default());
        let between = many(Effect::Trouble, 4).after(Effect::Talks, "", now()).after(Effect::Trouble, "", now());
        assert_eq!((between.troubles, between.waits_until), (1, None));
    }

    #[test]
    fn asked_to_slow_down_it_waits_twice_as_long_each_time() {
        let waits: Vec<Option<i64>> = [1, 2, 3, 7, 40].map(|times| wait(&many(Effect::SlowDown, times))).into();
        assert_eq!(waits, [Some(15), Some(30), Some(60), Some(900), Some(900)]);
    }

    #[test]
    fn a_refused_configuration_pauses_at_once_and_refusals_by_policy_at_the_third() {
        let paused = many(Effect::Misconfigured, 1);
        assert_eq!((paused.state(now()), wait(&paused)), (MailQueueState::Paused, Some(1_800)));
        assert_eq!(paused.after(Effect::Trouble, "gone", now()).state(now()), MailQueueState::Paused);
        assert_eq!(many(Effect::PolicyRefusal, 2).state(now()), MailQueueState::Running);
        assert_eq!(many(Effect::PolicyRefusal, 3).state(now()), MailQueueState::Paused);
        let between = many(Effect::PolicyRefusal, 2).after(Effect::Talks, "", now());
        assert_eq!(between.after(Effect::PolicyRefusal, "", now()).state(now()), MailQueueState::Running);
    }
}
