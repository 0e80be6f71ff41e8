//! Encoders for what leaves the program as a file: [`csv`] tables and [`icalendar`] weeks. Pure functions.

pub mod csv;
pub mod icalendar;
