//! Encoders for what leaves the program as a file: [`csv`] and [`xlsx`] tables and [`icalendar`] weeks; and the reports of
//! the school year as tables ([`school_year`]). Pure functions.

pub mod csv;
pub mod icalendar;
pub mod school_year;
pub mod table;
pub mod xlsx;
