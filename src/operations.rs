//! What the co-op can do: one function an action, inside one transaction, without HTTP.
//!
//! [`Operations`] runs them: [`Operations::look`] on a snapshot, [`Operations::change`] as one atomic change. Every
//! function takes the transaction's token and a [`Context`] that says who asks and when.

pub mod access;
pub mod accounts;
mod asked;
pub mod audit;
pub mod away_effects;
pub mod calendar_feeds;
pub mod calendars;
pub mod cost_shares;
pub mod cover;
pub mod credentials;
pub mod dated_visits;
pub mod email_choices;
pub mod emails;
pub mod erasure;
pub mod error;
mod free_text;
pub mod imports;
pub mod indirect_blocks;
pub mod instance;
pub mod locked_months;
pub mod log_days;
pub mod make_up_times;
pub mod make_ups;
pub mod member_export;
pub mod members;
pub mod minutes_to_log;
mod notices;
mod origin;
pub mod outbox;
pub mod overview;
pub mod owed;
pub mod plan_comparison;
pub mod plan_measures;
pub mod plan_runs;
pub mod plans;
mod publish;
pub mod reference;
pub mod reports;
mod runner;
pub mod scenarios;
pub mod schedule_news;
pub mod service_logs;
pub mod service_requests;
pub mod sign_in;
pub mod sites;
pub mod specialists;
pub mod supervision;
pub mod terms;
pub mod time_away;
pub mod visits;
pub mod weeks;
pub mod work_terms;
pub mod workload;

pub use error::OperationError;
pub use origin::Origin;
pub use runner::{Answer, Clock, Context, OperationSettings, Operations, Repeatable};

pub use crate::db::{Page, PageRequest, ReadTx, WriteTx};
