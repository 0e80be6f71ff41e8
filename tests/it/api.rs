//! The REST API over real HTTP, on both databases.

mod bad_input;
mod conventions;
mod document;
mod life;
mod repeats;
mod replan;
mod scenarios;
mod take_back;
mod two_members;
mod work_terms;
