//! The REST API over real HTTP, on both databases.

mod bad_input;
mod conventions;
mod document;
mod life;
mod repeats;
mod replan;
mod scenarios;
mod work_terms;
