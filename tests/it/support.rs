//! Real parts for tests: servers that the tests start and end themselves.

pub mod app;
pub mod both;
pub mod client;
pub mod demo_coop;
pub mod openid;
pub mod outbox;
pub mod postgres;
pub mod small_coop;
pub mod smtp;
