//! The audit trail: who did what, when, from where, and how it ended. Each entry holds a hash over itself and the hash
//! before it, so that nothing can be changed, taken away or moved without a trace.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::ids::{AccountId, AuditEntryId, MemberId};

/// How it ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    #[default]
    Done,
    /// It was refused.
    Refused,
    /// It broke, on our side.
    Failed,
}

impl Outcome {
    /// As it is stored.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditFields {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; absent where nobody known acted.
    pub account_id: Option<AccountId>,
    /// By which means: `session` or `token` with its identity, `command line`, `web` before anybody is known.
    pub means: String,
    /// The network address it came from; empty for the command line.
    pub address: String,
    /// What, as a verb: `submit`, `publish`, `view`.
    pub action: String,
    /// On what kind of record; several kinds have a comma between them.
    pub subject_kind: String,
    /// The record's human code, or its identity where it has none.
    pub subject_code: String,
    /// The members it concerns.
    pub members: Concerned,
    /// What more there is to say; never what the record holds.
    pub detail: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// The members that an entry concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "which", content = "ids")]
pub enum Concerned {
    /// None.
    #[default]
    Nobody,
    /// These.
    Members(Vec<MemberId>),
    /// Any of them, because it was done on records of all.
    Everybody,
}

impl Concerned {
    /// As it is stored: identities, each between spaces, so that one can be found inside the text.
    pub fn stored(&self) -> String {
        match self {
            Concerned::Nobody => String::new(),
            Concerned::Members(ids) => ids.iter().fold(" ".to_owned(), |text, id| format!("{text}{id} ")),
            Concerned::Everybody => "*".to_owned(),
        }
    }

    /// From the stored form.
    pub fn read(stored: &str) -> Concerned {
        match stored {
            "" => Concerned::Nobody,
            "*" => Concerned::Everybody,
            ids => Concerned::Members(ids.split_whitespace().filter_map(|id| id.parse().ok()).collect()),
        }
    }
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// Identity.
    pub id: AuditEntryId,
    /// What it tells.
    #[serde(flatten)]
    pub fields: AuditFields,
    /// SHA-256 over the hash before and this entry; empty for entries from before the trail was chained.
    pub hash: String,
}

/// The last entry: whoever knows it can tell later whether the trail was cut or made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 for an empty trail.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

impl Head {
    /// Before the first entry.
    pub fn genesis() -> Head {
        Head { seq: 0, hash: "0".repeat(64) }
    }

    /// Reads `SEQ:HASH`.
    pub fn read(text: &str) -> Option<Head> {
        let (seq, hash) = text.trim().split_once(':')?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let seq = seq.parse().ok().filter(|seq| *seq > 0 && is_hash)?;
        Some(Head { seq, hash: hash.to_ascii_lowercase() })
    }

    /// The hash of an entry that follows this one.
    pub fn chained(&self, seq: i64, id: AuditEntryId, fields: &AuditFields) -> String {
        // A JSON array has one reading only: no entry can look like another one.
        let canonical = serde_json::json!([
            self.hash,
            seq,
            id,
            fields.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            fields.account_id,
            fields.means,
            fields.address,
            fields.action,
            fields.subject_kind,
            fields.subject_code,
            fields.members.stored(),
            fields.detail,
            fields.outcome.code(),
        ]);
        Sha256::digest(canonical.to_string().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// Follows the trail from its first entry and says what is wrong with it.
#[derive(Debug)]
pub struct Chain {
    head: Head,
    /// Heads that were written down outside of the database.
    anchors: Vec<Head>,
    is_hashed: bool,
}

impl Chain {
    /// At the beginning.
    pub fn new(anchors: Vec<Head>) -> Chain {
        Chain { head: Head::genesis(), anchors, is_hashed: false }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// What is wrong, in a sentence. What comes after it proves nothing any more.
    pub fn follow(&mut self, entry: &AuditEntry) -> Result<(), String> {
        let expected = self.head.seq + 1;
        if entry.seq != expected {
            return Err(format!("entry {expected} is missing; the next one is {}", entry.seq));
        }
        let hash = self.head.chained(entry.seq, entry.id, &entry.fields);
        self.is_hashed |= !entry.hash.is_empty();
        if self.is_hashed && entry.hash != hash {
            let words = "was changed, put elsewhere or put in place of another, or one before it was";
            return Err(format!("entry {} {words}", entry.seq));
        }
        let anchors = self.anchors.iter().filter(|anchor| anchor.seq == entry.seq);
        if anchors.into_iter().any(|anchor| anchor.hash != hash) {
            let words = "is not the one that was written down outside: the trail was made anew";
            return Err(format!("entry {} {words}", entry.seq));
        }
        self.head = Head { seq: entry.seq, hash };
        Ok(())
    }

    /// Ends the trail, and gives its last entry.
    ///
    /// # Errors
    /// A sentence when entries are missing at the end that were written down outside.
    pub fn end(self) -> Result<Head, String> {
        match self.anchors.iter().map(|anchor| anchor.seq).max().filter(|last| *last > self.head.seq) {
            Some(last) => Err(format!("the trail ends with entry {}, but entry {last} was there", self.head.seq)),
            None => Ok(self.head),
        }
    }
}

/// Every kind of event: verb and kind of record. Each has a row in the coverage test, which proves that it is written.
pub const EVENTS: &[(&str, &str)] = &[
    ("archive", "scenario"),
    ("accept", "service_request"),
    ("ask for a code", "account"),
    ("cancel", "make_up"),
    ("cancel", "plan_run"),
    ("cancel", "scenario"),
    ("change", "account"),
    ("change", "availability"),
    ("change", "calendar_entry"),
    ("change", "calendar_feed"),
    ("change", "contract"),
    ("change", "credential"),
    ("change", "indirect_block"),
    ("change", "member"),
    ("change", "service_request"),
    ("change", "site"),
    ("change", "specialist"),
    ("change", "term"),
    ("change", "time_away"),
    ("change", "travel"),
    ("change password", "account"),
    ("choose e-mails", "account"),
    ("confirm no names", "scenario"),
    ("confirm no names", "service_request"),
    ("confirm no names", "term"),
    ("confirm no names", "token"),
    ("create", "account"),
    ("create", "availability"),
    ("cover", "visit"),
    ("create", "calendar_entry"),
    ("create", "calendar_feed"),
    ("create", "contract"),
    ("create", "cost_share"),
    ("create", "make_up"),
    ("create", "credential"),
    ("create", "indirect_block"),
    ("create", "member"),
    ("create", "service_request"),
    ("create", "site"),
    ("create", "specialist"),
    ("create", "supervision_log"),
    ("create", "term"),
    ("create", "time_away"),
    ("create", "token"),
    ("decline", "service_request"),
    ("end", "service_request"),
    ("end session", "account"),
    ("erase", "account"),
    ("erase", "member"),
    ("erase", "service_request"),
    ("erase", "specialist"),
    ("export", "audit_entry"),
    ("export", "cost_share"),
    ("export", "member"),
    ("export", "plan_document"),
    ("export", "plan_instance"),
    ("export", "report"),
    ("export", "scenario_document"),
    ("fail", "address"),
    ("fail", "plan_run"),
    ("forget OpenID Connect identity", "account"),
    ("give code", "account"),
    ("hand over", "account"),
    ("import", "calendar_entry"),
    ("import", "files"),
    ("invite", "account"),
    ("lock", "month"),
    ("log", "visit"),
    ("pause", "mail_queue"),
    ("prove", "account"),
    ("publish", "plan"),
    ("refuse", "address"),
    ("refuse", "token"),
    ("refuse code", "account"),
    ("refuse e-mailed code", "account"),
    ("refuse proof", "account"),
    ("refuse sign-in", "account"),
    ("refuse sign-in by OpenID Connect", "account"),
    ("remember OpenID Connect identity", "account"),
    ("remove", "calendar_entry"),
    ("remove", "calendar_feed"),
    ("remove", "credential"),
    ("remove", "indirect_block"),
    ("remove", "supervision_log"),
    ("remove", "suppressed_address"),
    ("remove", "time_away"),
    ("renew", "plan"),
    ("release", "visit"),
    ("resend", "email"),
    ("reset second factor", "account"),
    ("resume", "mail_queue"),
    ("revoke", "token"),
    ("set password", "account"),
    ("set up second factor", "account"),
    ("sign in", "account"),
    ("sign in by OpenID Connect", "account"),
    ("sign in by e-mailed code", "account"),
    ("sign out", "account"),
    ("start", "plan_run"),
    ("start", "scenario"),
    ("store", "plan"),
    ("store", "scenario"),
    ("submit", "service_request"),
    ("supersede", "plan"),
    ("take back", "plan"),
    ("suppress", "address"),
    ("take back", "email"),
    ("take over", "account"),
    ("use recovery code", "account"),
    ("view", "coverage"),
    ("view", "cost_share"),
    ("view", "owed"),
    ("view", "plan_document"),
    ("view", "service_log"),
    ("view", "service_request"),
    ("view", "shortfall"),
    ("view", "visit"),
    ("view", "work_terms"),
    ("warn", "credential"),
    ("withdraw", "service_request"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed_and_nothing_else_is() {
        let head = Head { seq: 12, hash: "0f".repeat(32) };
        assert_eq!(Head::read(&format!(" {head}\n")), Some(head));
        for bad in ["", "12", "12:", "0:".to_owned().as_str(), "x:00", &format!("-1:{}", "00".repeat(32))] {
            assert_eq!(Head::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn members_are_read_as_they_are_stored() {
        for concerned in
            [Concerned::Nobody, Concerned::Everybody, Concerned::Members(vec![MemberId::new(), MemberId::new()])]
        {
            assert_eq!(Concerned::read(&concerned.stored()), concerned);
        }
    }
}
