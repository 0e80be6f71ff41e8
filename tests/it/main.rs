//! One integration binary: it links once, and every test shares one private PostgreSQL.

mod costing;
mod intake;
mod jobs;
mod mail;
mod planning;
mod support;
mod tidy;
