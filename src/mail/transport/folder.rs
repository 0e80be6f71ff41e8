//! Messages as `.eml` files in a folder, for trying the program out without a mail server.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use tempfile::NamedTempFile;

use super::{Accepted, Failure, Parcel, Transport};

/// Writes every message into a folder. The file name comes from the Message-ID, so a message that is delivered twice
/// leaves one file.
#[derive(Debug, Clone)]
pub struct FolderTransport {
    folder: PathBuf,
}

impl FolderTransport {
    /// Writes into this folder, which is made when the first message comes.
    pub fn new(folder: impl Into<PathBuf>) -> FolderTransport {
        FolderTransport { folder: folder.into() }
    }

    /// After this returns, the whole message is on the disk under its name; a crash before leaves nothing there.
    fn write(&self, file_name: &str, message: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(message)?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(file_name))?;
        // The new name is part of the folder, which has to reach the disk as well.
        File::open(&self.folder)?.sync_all()
    }
}

impl Transport for FolderTransport {
    fn deliver(&self, parcel: &Parcel<'_>) -> Result<Accepted, Failure> {
        let file_name = file_name(parcel.message)
            .ok_or_else(|| Failure::MessageRefused("the message has no Message-ID to name its file by".to_owned()))?;
        match self.write(&file_name, parcel.message) {
            Ok(()) => Ok(Accepted { server_text: format!("written to {file_name}") }),
            Err(error) => Err(Failure::Trouble(format!("cannot write {file_name}: {error}"))),
        }
    }
}

/// The part of the Message-ID before the `@`, with only letters, digits, `-` and `_` kept, and `.eml` after it.
fn file_name(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let headers = text.split("\r\n\r\n").next()?.replace("\r\n ", " ");
    let id = headers.lines().find_map(|line| line.strip_prefix("Message-ID:"))?;
    let stem: String = id
        .split('@')
        .next()?
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || ['-', '_'].contains(letter))
        .collect();
    (!stem.is_empty()).then(|| format!("{stem}.eml"))
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn the_name_comes_from_the_message_id_and_stays_in_the_folder() {
        let name = |message: &str| file_name(message.as_bytes());
        assert_eq!(name("Message-ID: <ab12@coop.example.org>\r\n\r\nHi").as_deref(), Some("ab12.eml"));
        assert_eq!(name("Message-ID:\r\n <ab12@coop.example.org>\r\n\r\nHi").as_deref(), Some("ab12.eml"));
        assert_eq!(name("Message-ID: <../../etc/x@y>\r\n\r\n").as_deref(), Some("etcx.eml"));
        assert_eq!(name("Subject: x\r\n\r\nMessage-ID: <body@y>\r\n"), None);
    }
}
