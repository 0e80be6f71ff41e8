//! Tests of `mail` through its public face, and of the calendar that travels with an e-mail.

mod bounce;
mod calendar;
mod compose;
mod dkim;
mod folder;
mod hostile;
mod messages;
mod messages_of_changes;
mod smtp;
