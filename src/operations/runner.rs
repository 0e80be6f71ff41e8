//! Runs operations: opens the transaction, knows the time, and repeats nothing twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit::{Recorder, Trail, known, note_views};
use super::error::OperationError;
use super::origin::Origin;
use super::sign_in::{PasswordWork, SignInSettings};
use crate::db::{Database, ReadTx, WriteTx, idempotency};
use crate::domain::actor::Actor;
use crate::domain::ids::AccountId;
use crate::domain::owed::OwedRules;
use crate::domain::workload::WorkloadPolicy;
use crate::mail::return_path::ReturnPaths;
use crate::openid::Provider;
use crate::planning::instance::Policy;

/// Tells the time; tests give their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Settings that operations need.
#[derive(Debug, Clone)]
pub struct OperationSettings {
    /// Name of the co-op, for e-mails.
    pub coop_name: String,
    /// Zone of wall-clock times.
    pub time_zone: Tz,
    /// The address in e-mails, without a slash at the end.
    pub public_url: String,
    /// Sender of e-mails: name and address.
    pub mail_from: (String, String),
    /// Where answers go.
    pub mail_reply_to: String,
    /// How long the e-mails of a published plan wait.
    pub publish_wait_minutes: i64,
    /// Recognizes the addresses to which our e-mails come back.
    pub return_paths: Option<ReturnPaths>,
    /// Rules and rates that every plan is made with.
    pub planning_policy: Policy,
    /// What the co-op asks of a week of work.
    pub workload: WorkloadPolicy,
    /// Disciplines for which a credential must be on file.
    pub credentials_required: BTreeSet<String>,
    /// Disciplines that work three weeks of four with visits.
    pub three_to_one: BTreeSet<String>,
    /// What a mile is paid, in cents.
    pub travel_cents_per_mile: i64,
    /// Administration as a part of staff cost, in hundredths of a percent.
    pub administration_basis_points: i64,
    /// The part of it that is shared equally, in hundredths of a percent.
    pub administration_equal_share_basis_points: i64,
    /// Fewer minutes a week than these are not shown alone to who sees sums only.
    pub small_cell_minutes: i64,
    /// The most minutes that can be logged for a visit, in percent of its length.
    pub logged_percent_max: i64,
    /// Which missed minutes are owed.
    pub owed_rules: OwedRules,
    /// Calendar days from a parent's consent until an evaluation is due.
    pub evaluation_days: u32,
    /// Limits of signing in.
    pub sign_in: SignInSettings,
}

impl OperationSettings {
    /// The host of the sender's address: it ends Message-IDs and the identities of events in calendars.
    pub fn mail_domain(&self) -> &str {
        self.mail_from.1.rsplit_once('@').map_or("localhost", |(_, host)| host)
    }
}

/// Who asks, when, and under which settings.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who asks.
    pub actor: Actor,
    /// One moment for the whole operation, to the microsecond, as both databases keep it.
    pub now: DateTime<Utc>,
    /// Settings.
    pub settings: Arc<OperationSettings>,
    /// From where it is asked for.
    pub origin: Origin,
    /// What is touched on the way.
    pub trail: Trail,
}

impl Context {
    /// The date of now, where the co-op is.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.settings.time_zone).date_naive()
    }

    /// The actor's account; a visitor of a demonstration has none.
    pub(super) fn account(&self) -> Option<AccountId> {
        known(self.actor.account_id)
    }
}

/// Runs operations. Cheap to clone.
#[derive(Clone)]
pub struct Operations {
    /// The data.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// Settings.
    pub settings: Arc<OperationSettings>,
    /// Hashes passwords.
    pub password_work: Arc<PasswordWork>,
    /// Writes down what is seen and refused.
    pub recorder: Arc<Recorder>,
    /// From where is asked; the command line when nothing else is said.
    pub origin: Origin,
    /// Who says who somebody is, beside ourselves.
    pub openid: Arc<Vec<Provider>>,
}

/// The identity of a POST that may be sent again.
#[derive(Debug, Clone)]
pub struct Repeatable {
    /// What the client chose as `Idempotency-Key`.
    pub key: String,
    /// Hash of method, path and body.
    pub fingerprint: String,
}

/// What a POST answers, kept so that a repeat gets the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where the new record is, if there is one.
    pub location: Option<String>,
    /// Its version, for the ETag.
    pub version: Option<i64>,
    /// The body.
    pub body: Value,
    /// Whether this is a repeat of an earlier answer.
    #[serde(skip)]
    pub repeated: bool,
}

impl Answer {
    /// An answer with a body.
    ///
    /// # Errors
    /// [`OperationError::Internal`] when the body has no JSON form.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Answer, OperationError> {
        let body = serde_json::to_value(body).map_err(OperationError::internal)?;
        Ok(Answer { status, location: None, version: None, body, repeated: false })
    }

    /// 201 with the new record, where it is, and its version.
    pub fn created(body: &impl Serialize, location: String, version: i64) -> Result<Answer, OperationError> {
        Ok(Answer { location: Some(location), version: Some(version), ..Answer::new(201, body)? })
    }

    /// 200 with the changed record and its version.
    pub fn changed(body: &impl Serialize, version: i64) -> Result<Answer, OperationError> {
        Ok(Answer { version: Some(version), ..Answer::new(200, body)? })
    }
}

impl Operations {
    /// The time, to the microsecond.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)().trunc_subsecs(6)
    }

    /// What an operation of this actor is given.
    pub fn context(&self, actor: Actor) -> Context {
        let (settings, origin) = (Arc::clone(&self.settings), self.origin.clone());
        Context { actor, now: self.now(), settings, origin, trail: Trail::default() }
    }

    /// The same, asked from somewhere else.
    pub fn asked_from(&self, origin: Origin) -> Operations {
        Operations { origin, ..self.clone() }
    }

    /// Whether the database answers.
    pub fn ready(&self) -> Result<(), OperationError> {
        self.database.read(|_| Ok(()))
    }

    /// Reads. What was seen of restricted records is in the audit trail before it is given.
    pub fn look<T>(
        &self,
        actor: Actor,
        look: impl FnOnce(&mut ReadTx, &Context) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        let ctx = self.context(actor);
        let found = self.database.read(|tx| look(tx, &ctx))?;
        note_views(self, &ctx)?;
        Ok(found)
    }

    /// Changes: all of it, or nothing.
    pub fn change<T>(
        &self,
        actor: Actor,
        mut change: impl FnMut(&mut WriteTx, &Context) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        let ctx = self.context(actor);
        self.database.write(|tx| change(tx, &ctx))
    }

    /// Changes once, however often it is sent: with a key, the answer is kept in the same transaction as the change.
    ///
    /// # Errors
    /// A fault at `Idempotency-Key` when the key was used for something else.
    pub fn change_once(
        &self,
        actor: Actor,
        repeatable: Option<&Repeatable>,
        mut change: impl FnMut(&mut WriteTx, &Context) -> Result<Answer, OperationError>,
    ) -> Result<Answer, OperationError> {
        let Some(repeatable) = repeatable else { return self.change(actor, change) };
        let outcome = self.change(actor.clone(), |tx, ctx| {
            if let Some(earlier) = earlier_answer(tx, ctx, repeatable)? {
                return Ok(earlier);
            }
            let answer = change(tx, ctx)?;
            let text = serde_json::to_string(&answer).map_err(OperationError::internal)?;
            let remembered = idempotency::Remembered { fingerprint: repeatable.fingerprint.clone(), answer: text };
            idempotency::insert(tx, ctx.actor.account_id, &repeatable.key, &remembered, ctx.now)?;
            Ok(answer)
        });
        match outcome {
            // Sent twice at once, the second may run into what the first has just entered before it sees its answer.
            Err(conflict @ OperationError::Conflict { .. }) => {
                self.look(actor, |tx, ctx| earlier_answer(tx, ctx, repeatable))?.ok_or(conflict)
            }
            outcome => outcome,
        }
    }
}

/// The answer that was given under the key.
fn earlier_answer(tx: &mut ReadTx, ctx: &Context, repeatable: &Repeatable) -> Result<Option<Answer>, OperationError> {
    let Some(earlier) = idempotency::find(tx, ctx.actor.account_id, &repeatable.key)? else { return Ok(None) };
    if earlier.fingerprint != repeatable.fingerprint {
        let message = "This key was used for another request; choose a new one for each request";
        return Err(OperationError::invalid("/Idempotency-Key", message));
    }
    let answer: Answer = serde_json::from_str(&earlier.answer).map_err(OperationError::internal)?;
    Ok(Some(Answer { repeated: true, ..answer }))
}
