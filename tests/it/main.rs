//! One integration binary: it links once, and every test shares one private PostgreSQL.

mod accounts;
mod api;
mod authorisation;
mod calendar_feeds;
mod costing;
mod db;
mod hardening;
mod intake;
mod jobs;
mod limits;
mod mail;
mod planning;
mod sign_in;
mod support;
mod tidy;
mod trust;
mod ui;
mod year;
