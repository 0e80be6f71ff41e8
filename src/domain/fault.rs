//! What is wrong with an input, where, and how to mend it. Validation collects *all* faults before it answers.

use std::fmt;

use serde::Serialize;

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the value at fault; empty for the whole document.
    pub pointer: String,
    /// What is wrong and what to write instead, in plain words.
    pub message: String,
}

impl Fault {
    /// A fault at a place.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault { pointer: pointer.into(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "(whole document)" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

/// Collects faults while an input is checked.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Begins with faults that were found before.
    pub fn of(found: Vec<Fault>) -> Faults {
        Faults(found)
    }

    /// Notes a fault and goes on.
    pub fn note(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(Fault::at(pointer, message));
    }

    /// Notes a fault unless the condition holds.
    pub fn require(&mut self, holds: bool, pointer: &str, message: impl FnOnce() -> String) {
        if !holds {
            self.note(pointer, message());
        }
    }

    /// Takes the value of a parse, or notes its fault.
    pub fn take<T>(&mut self, pointer: &str, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|message| self.note(pointer, message)).ok()
    }

    /// Whether nothing was noted so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that was noted.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    /// `Ok` when nothing was noted, otherwise every fault.
    pub fn into_result(self) -> Result<(), Vec<Fault>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
