//! Workers: plan runs, publishing and the outbox, also when the process is killed.

mod kill;
mod outbox;
mod planner;
