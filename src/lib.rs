//! Co-op Scheduler: shared special-education staff for school co-ops.
//!
//! Members (school districts) request hours, linear programs and a day search allocate shared specialists over sites and
//! weekdays, the office publishes the plan, e-mails confirm it, and every member's cost share is exact to the cent.
//!
//! # The code map, in reading order
//!
//! Data flows one way through the rings; `tests/it/tidy.rs` fails when an arrow is reversed.
//!
//! | ring | module | what it holds |
//! |---|---|---|
//! | 1 | [`domain`] | the field's own facts and rules, pure |
//! | 2 | [`planning`] | instance, solver, independent verification, explanations: a pure function from instance to plan |
//! | 2 | [`costing`] | exact splits of money and the cost share of a plan |
//! | 2 | [`reports`], [`mail`] | encoders: CSV and iCalendar, rendered e-mails and their transports |
//! | 2 | [`openid`] | asks a provider of identities who somebody is |
//! | 2 | [`intake`] | CSV folders read into typed rows, or every fault by file, line and column |
//! | 3 | [`db`] | the only SQL: SQLite and PostgreSQL behind two verbs, `read` and `write` |
//! | 4 | [`operations`] | what the co-op can do, one transaction each |
//! | 5 | [`jobs`] | workers that run plans and send e-mails |
//! | 5 | [`web`] | the REST API and the pages |
//! | 6 | [`app`], [`cli`], [`config`] | composition, command line, settings |

pub mod app;
pub mod cli;
pub mod config;
pub mod costing;
pub mod db;
pub mod domain;
pub mod intake;
pub mod jobs;
pub mod mail;
pub mod openid;
pub mod operations;
pub mod planning;
pub mod reports;
pub mod telemetry;
pub mod web;
