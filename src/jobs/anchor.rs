//! Writes the head of the audit trail down outside of the database, once an hour if there is something new: into a file and into the log. Whoever
//! changes the database cannot change what is kept there, and `audit verify` holds the trail against it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use chrono::SecondsFormat;

use crate::domain::audit::Head;
use crate::operations::{Operations, audit};

/// Keeps heads.
pub struct Anchor {
    /// The data.
    pub operations: Operations,
    /// The file; empty for the log alone.
    pub file: PathBuf,
    /// The last head that was written down.
    pub last: Option<Head>,
}

impl Anchor {
    /// Writes the head down if it is another one than the last.
    pub fn work(&mut self) {
        let now = self.operations.now();
        let head = match audit::head(&self.operations) {
            Ok(head) if head.seq == 0 || self.last.as_ref() == Some(&head) => return,
            Ok(head) => head,
            Err(error) => return tracing::warn!(%error, "the head of the audit trail could not be read"),
        };
        let line = format!("{} {head}\n", now.to_rfc3339_opts(SecondsFormat::Secs, true));
        tracing::info!(%head, "head of the audit trail");
        match self.append(&line) {
            Ok(()) => self.last = Some(head),
            Err(error) => tracing::error!(%error, file = %self.file.display(), "audit.heads_file cannot be written"),
        }
    }

    fn append(&self, line: &str) -> std::io::Result<()> {
        if self.file.as_os_str().is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file)?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    }
}
