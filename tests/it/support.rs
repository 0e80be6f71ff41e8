//! Real parts for tests: servers that the tests start and end themselves.

pub mod demo_coop;
pub mod smtp;
