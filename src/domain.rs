//! The field's own facts and rules. Pure: no database, no network, no clock.
//!
//! An aggregate is written as two structs: `...Fields`, what a person may enter or change, with `check`; and the
//! record itself, which adds identity, version and times. The API speaks these types directly (see ADR 0003).

pub mod account;
pub mod actor;
pub mod audit;
pub mod calendar;
pub mod calendar_feed;
pub mod cost_share;
pub mod cover;
pub mod credential;
pub mod dated_visit;
pub mod discipline;
pub mod email;
pub mod employer;
pub mod erasure;
pub mod fault;
pub mod ids;
pub mod indirect_weeks;
pub mod json;
pub mod login_session;
pub mod mail_queue;
pub mod mandate;
pub mod member;
pub mod month;
pub mod name_check;
pub mod owed;
pub mod password;
pub mod plan;
pub mod plan_comparison;
pub mod plan_run;
pub mod policy;
pub mod publication;
pub mod report;
pub mod scenario;
pub mod schedule_news;
pub mod school_calendar;
pub mod service_log;
pub mod service_request;
pub mod site;
pub mod small_cells;
pub mod specialist;
pub mod supervision;
pub mod term;
pub mod text;
pub mod time_away;
pub mod token;
pub mod travel;
pub mod workload;
