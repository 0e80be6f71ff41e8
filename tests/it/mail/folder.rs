//! The folder and the memory that stand in for a mail server.

use std::fs;

use coop_scheduler::mail::transport::{Failure, FolderTransport, MemoryTransport, Parcel, Transport};

use super::compose::composed;

fn parcel(message: &[u8]) -> Parcel<'_> {
    Parcel { return_path: None, recipient: "a@example.org", message }
}

#[test]
fn a_message_delivered_twice_leaves_one_whole_file() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let folder = parent.path().join("outbox");
    let transport = FolderTransport::new(&folder);
    let message = composed();
    let first = transport.deliver(&parcel(&message)).expect("written");
    let second = transport.deliver(&parcel(&message)).expect("written");
    assert_eq!(first, second);

    let files: Vec<_> = fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry")).collect();
    assert_eq!(files.len(), 1);
    let name = files[0].file_name().into_string().expect("a name");
    assert!(name.len() == 64 + 4 && name.ends_with(".eml"), "{name}");
    assert_eq!(fs::read(files[0].path()).expect("the file"), message);
}

#[test]
fn a_folder_that_cannot_be_written_means_trying_again() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let file = parent.path().join("file");
    fs::write(&file, "in the way").expect("written");
    let failure = FolderTransport::new(file.join("outbox")).deliver(&parcel(&composed()));
    assert!(matches!(failure, Err(Failure::Trouble(_))), "{failure:?}");
}

#[test]
fn memory_keeps_messages_and_fails_on_demand() {
    let transport = MemoryTransport::new();
    transport.fail_next(2, Failure::Trouble("later".to_owned()));
    for _ in 0..2 {
        assert_eq!(transport.deliver(&parcel(b"x")), Err(Failure::Trouble("later".to_owned())));
    }
    transport.deliver(&parcel(b"x")).expect("taken");
    assert_eq!(transport.delivered().len(), 1);
    assert_eq!(transport.delivered()[0].recipient, "a@example.org");
}
