//! Tests of `mail` through its public face, and of the calendar that travels with an e-mail.

mod calendar;
mod compose;
mod folder;
mod messages;
mod messages_of_changes;
mod smtp;
