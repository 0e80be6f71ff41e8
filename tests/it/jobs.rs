//! Workers: plan runs, publishing and the outbox, also when the process is killed.

mod chaos;
mod fault_modes;
mod kill;
mod mail_speed;
mod outbox;
mod planner;
mod smtp_sink;
