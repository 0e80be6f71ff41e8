//! The field's own facts and rules. Pure: no database, no network, no clock.

pub mod calendar;
pub mod fault;
pub mod ids;
pub mod service_request;
