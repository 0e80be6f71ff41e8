//! What tests need around the program.

pub mod smtp;
