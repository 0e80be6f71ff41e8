//! The only SQL of the program: SQLite or PostgreSQL, chosen by URL, behind two verbs.
//!
//! [`Database::read`] gives a snapshot, [`Database::write`] one atomic change. Every query function takes the token of
//! one of the two, so that a change outside a transaction does not compile.

pub mod accounts;
pub mod audit;
pub mod calendar_entries;
pub mod calendar_events;
pub mod calendar_feeds;
pub mod codes;
mod connection;
pub mod cost_shares;
pub mod credentials;
mod database;
pub mod dated_visits;
pub mod delivered;
pub mod disciplines;
pub mod email_choices;
pub mod emails;
pub mod erasure;
pub mod error;
pub mod idempotency;
pub mod indirect_blocks;
pub mod locked_months;
pub mod mail_queue;
pub mod members;
mod migrations;
pub mod openid;
mod page;
pub mod plan_runs;
pub mod plans;
pub mod publications;
pub mod scenarios;
pub mod schedule_news;
mod schema;
pub mod second_factors;
pub mod service_logs;
pub mod service_requests;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_codes;
pub mod sites;
pub mod specialists;
mod sql_types;
pub mod supervision_logs;
pub mod suppressed_addresses;
pub mod terms;
pub mod time_away;
pub mod tokens;
pub mod travel;
pub mod visits;
pub mod work_terms;
pub mod written_emails;

pub use database::{Database, ReadTx, RetryHint, WriteTx};
pub use error::DbError;
pub use page::{Page, PageRequest};
