//! Delivery to a real SMTP server, well-behaved and not. One test a row of the reply policy.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use coop_scheduler::mail::transport::{
    Accepted, Failure, Login, Parcel, Password, SetupError, SmtpSecurity, SmtpSettings, SmtpTransport, Transport,
};

use super::compose::composed;
use crate::support::smtp::{Misbehavior, Moment, Options, Security, SmtpServer, start};

const RECIPIENT: &str = "dana@kipp.example.org";

fn settings(server: &SmtpServer) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        security: SmtpSecurity::Starttls,
        login: None,
        envelope_from: "bounces@coop.example.org".to_owned(),
        hello_name: Some("coop.example.org".to_owned()),
        ca_file: Some(server.ca_file.clone()),
        reply_timeout_seconds: 10,
        final_reply_timeout_seconds: 10,
        deadline_seconds: 30,
    }
}

fn login(password: &str) -> Option<Login> {
    Some(Login { username: "coop".to_owned(), password: Password::new(password) })
}

fn parcel<'a>(recipient: &'a str, message: &'a [u8]) -> Parcel<'a> {
    Parcel { return_path: None, recipient, message }
}

fn deliver(settings: SmtpSettings, message: &[u8]) -> Result<Accepted, Failure> {
    SmtpTransport::new(settings).expect("good settings").deliver(&parcel(RECIPIENT, message))
}

/// The failure at a server that misbehaves this way, and the server.
fn failure_at(moment: Moment, misbehavior: Misbehavior) -> (Failure, SmtpServer) {
    let server = start(Options { fault: Some((moment, misbehavior)), ..Options::default() });
    let timeouts = SmtpSettings { reply_timeout_seconds: 1, final_reply_timeout_seconds: 1, ..settings(&server) };
    (deliver(timeouts, &composed()).expect_err("a failure"), server)
}

/// Checks the kind of a failure.
macro_rules! assert_is {
    ($failure:expr, $kind:ident) => {{
        let failure = $failure;
        assert!(matches!(failure, Failure::$kind(_)), "{failure:?} is not {}", stringify!($kind));
    }};
}

#[test]
fn starttls_and_login_deliver_our_very_bytes() {
    let server = start(Options { login: Some(("coop", "right")), ..Options::default() });
    let message = composed();
    let accepted = deliver(SmtpSettings { login: login("right"), ..settings(&server) }, &message).expect("accepted");
    assert_eq!(accepted.server_text, "OK queued as 1");
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].from.as_str(), received[0].encrypted), ("bounces@coop.example.org", true));
    assert_eq!(received[0].to, [RECIPIENT]);
    assert_eq!(received[0].content, message);
}

#[test]
fn tls_from_the_first_byte_delivers() {
    let server = start(Options { security: Security::Tls, ..Options::default() });
    deliver(SmtpSettings { security: SmtpSecurity::Tls, ..settings(&server) }, &composed()).expect("accepted");
    assert_eq!(server.received()[0].content, composed());
}

#[test]
fn a_server_on_this_machine_may_go_without_tls() {
    let server = start(Options { security: Security::None, ..Options::default() });
    deliver(SmtpSettings { security: SmtpSecurity::None, ..settings(&server) }, &composed()).expect("accepted");
    assert!(!server.received()[0].encrypted);
}

#[test]
fn lone_dots_and_long_lines_survive() {
    let server = start(Options::default());
    let long = "x".repeat(900);
    let message = format!("Message-ID: <a@b>\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\nMAIL FROM:<e@x>\r\n{long}\r\n.\r\n");
    deliver(settings(&server), message.as_bytes()).expect("accepted");
    assert_eq!(server.received().len(), 1);
    assert_eq!(String::from_utf8_lossy(&server.received()[0].content), message);
}

#[test]
fn a_wrong_password_is_a_matter_of_settings() {
    let server = start(Options { login: Some(("coop", "right")), ..Options::default() });
    let failure = deliver(SmtpSettings { login: login("wrong"), ..settings(&server) }, &composed());
    let failure = failure.expect_err("refused");
    assert_is!(&failure, Misconfigured);
    assert!(failure.to_string().starts_with("AUTH: ") && !failure.to_string().contains("wrong"), "{failure}");
    assert!(server.received().is_empty());
}

#[test]
fn a_missing_login_is_a_matter_of_settings() {
    let server = start(Options { login: Some(("coop", "right")), ..Options::default() });
    assert_is!(deliver(settings(&server), &composed()).expect_err("refused"), Misconfigured);
}

#[test]
fn an_unknown_certificate_authority_stops_before_the_login() {
    let server = start(Options { login: Some(("coop", "right")), ..Options::default() });
    let other = start(Options::default());
    for ca_file in [None, Some(other.ca_file.clone())] {
        let failure = deliver(SmtpSettings { ca_file, login: login("right"), ..settings(&server) }, &composed());
        assert_is!(failure.expect_err("refused"), Trouble);
    }
    assert_eq!(server.commands(), ["EHLO", "STARTTLS", "EHLO", "STARTTLS"]);
}

#[test]
fn a_certificate_for_another_name_is_not_enough() {
    let server = start(Options::default());
    // Another name of the same machine; the certificate is for 127.0.0.1 only.
    let failure = deliver(SmtpSettings { host: "localhost".to_owned(), ..settings(&server) }, &composed());
    assert_is!(failure.expect_err("refused"), Trouble);
    assert_eq!(server.commands(), ["EHLO", "STARTTLS"]);
}

#[test]
fn a_server_without_starttls_gets_neither_password_nor_mail() {
    let server = start(Options { security: Security::None, ..Options::default() });
    for login in [login("right"), None] {
        let failure = deliver(SmtpSettings { login, ..settings(&server) }, &composed());
        assert_is!(failure.expect_err("refused"), Misconfigured);
    }
    assert_eq!(server.commands(), ["EHLO", "EHLO"]);
}

#[test]
fn no_server_means_trying_again() {
    let server = start(Options::default());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    assert_is!(deliver(SmtpSettings { port, ..settings(&server) }, &composed()).expect_err("refused"), Trouble);
}

#[test]
fn trouble_that_says_nothing_about_the_message_is_trouble_of_the_server() {
    for (moment, reply) in [
        (Moment::Connect, "421 4.3.2 closing"),
        (Moment::Ehlo, "421 4.3.2 closing"),
        (Moment::Mail, "451 4.3.0 later"),
        (Moment::Mail, "421 4.3.2 closing"),
        (Moment::Data, "421 4.3.2 closing"),
        (Moment::Dot, "421 4.3.2 closing"),
    ] {
        let (failure, server) = failure_at(moment, Misbehavior::Reply(reply));
        assert_is!(failure, Trouble);
        assert!(server.received().is_empty());
    }
}

#[test]
fn a_passing_refusal_of_the_mailbox_or_the_message_is_tried_again() {
    assert_is!(failure_at(Moment::Rcpt, Misbehavior::Reply("450 4.2.1 busy mailbox")).0, MailboxNotNow);
    assert_is!(failure_at(Moment::Rcpt, Misbehavior::Reply("421 4.7.0 not you now")).0, MailboxNotNow);
    assert_is!(failure_at(Moment::Rcpt, Misbehavior::Reply("452 4.2.2 mailbox full")).0, MailboxNotNow);
    assert_is!(failure_at(Moment::Data, Misbehavior::Reply("451 4.3.0 later")).0, NotNow);
    assert_is!(failure_at(Moment::Dot, Misbehavior::Reply("451 4.3.0 later")).0, NotNow);
}

#[test]
fn a_server_without_room_wants_us_to_slow_down() {
    for moment in [Moment::Mail, Moment::Rcpt, Moment::Data, Moment::Dot] {
        assert_is!(failure_at(moment, Misbehavior::Reply("452 4.3.1 no room")).0, SlowDown);
    }
}

#[test]
fn a_permanent_refusal_of_the_recipient_is_final_for_that_person() {
    assert_is!(failure_at(Moment::Rcpt, Misbehavior::Reply("550 5.1.1 no such user")).0, RecipientRefused);
    assert_is!(failure_at(Moment::Rcpt, Misbehavior::Reply("550 no such user at 5.7.1.9")).0, RecipientRefused);
}

#[test]
fn a_permanent_refusal_of_the_message_is_final_for_it() {
    for (moment, reply) in [(Moment::Data, "554 no"), (Moment::Dot, "552 5.3.4 too big"), (Moment::Dot, "554 5.6.0 no")]
    {
        assert_is!(failure_at(moment, Misbehavior::Reply(reply)).0, MessageRefused);
    }
}

#[test]
fn a_refusal_by_policy_may_be_about_us() {
    for moment in [Moment::Rcpt, Moment::Data, Moment::Dot] {
        assert_is!(failure_at(moment, Misbehavior::Reply("554 5.7.1 relay access denied")).0, PolicyRefused);
    }
}

#[test]
fn a_permanent_refusal_of_us_is_a_matter_of_settings() {
    for (moment, reply) in [
        (Moment::Connect, "554 5.7.1 go away"),
        (Moment::Ehlo, "550 not you"),
        (Moment::Mail, "550 5.7.1 not you"),
        (Moment::Mail, "530 5.7.0 authentication required"),
        // Postfix asks for the login as late as at RCPT.
        (Moment::Rcpt, "530 5.7.0 authentication required"),
    ] {
        assert_is!(failure_at(moment, Misbehavior::Reply(reply)).0, Misconfigured);
    }
}

#[test]
fn a_lost_connection_before_the_dot_means_trying_again() {
    for moment in [Moment::Connect, Moment::Ehlo, Moment::Mail, Moment::Rcpt] {
        assert_is!(failure_at(moment, Misbehavior::Drop).0, Trouble);
    }
    // The server is gone before the dot, but we cannot know what it saw of a message this small.
    let (failure, server) = failure_at(Moment::Data, Misbehavior::Drop);
    assert!(matches!(failure, Failure::Trouble(_) | Failure::Ambiguous(_)), "{failure:?}");
    assert!(server.received().is_empty());
}

#[test]
fn a_lost_connection_after_the_dot_is_ambiguous() {
    let (failure, server) = failure_at(Moment::Dot, Misbehavior::Drop);
    assert_is!(failure, Ambiguous);
    assert_eq!(server.received()[0].content, composed());
}

#[test]
fn a_server_that_stalls_is_left() {
    for moment in [Moment::Connect, Moment::Rcpt, Moment::Dot] {
        let began = Instant::now();
        let failure = failure_at(moment, Misbehavior::Stall).0;
        match moment {
            Moment::Dot => assert_is!(failure, Ambiguous),
            _ => assert_is!(failure, Trouble),
        }
        assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    }
}

/// A server that greets one byte at a time never lets a reply time out.
#[test]
fn a_server_that_trickles_is_left_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        for _ in 0..60 {
            if stream.write_all(b"2").and_then(|()| stream.flush()).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security: SmtpSecurity::None,
        login: None,
        envelope_from: "bounces@coop.example.org".to_owned(),
        hello_name: None,
        ca_file: None,
        reply_timeout_seconds: 10,
        final_reply_timeout_seconds: 10,
        deadline_seconds: 1,
    };
    let began = Instant::now();
    assert_is!(deliver(settings, &composed()).expect_err("too late"), Trouble);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn each_message_can_have_its_own_return_path() {
    let server = start(Options::default());
    let transport = SmtpTransport::new(settings(&server)).expect("good settings");
    let path = "bounces+0190@coop.example.org";
    transport.deliver(&Parcel { return_path: Some(path), ..parcel(RECIPIENT, &composed()) }).expect("accepted");
    assert_eq!(server.received()[0].from, path);
}

#[test]
fn a_recipient_that_is_no_address_is_refused_without_a_connection() {
    let server = start(Options::default());
    let transport = SmtpTransport::new(settings(&server)).expect("good settings");
    for recipient in ["", "nobody", "a@b\r\nRCPT TO:<c@d>", "zoë@example.org"] {
        assert_is!(transport.deliver(&parcel(recipient, &composed())).expect_err("refused"), RecipientRefused);
    }
    assert!(server.commands().is_empty());
}

#[test]
fn settings_that_would_show_the_password_are_refused() {
    let server = start(Options::default());
    let refused = |settings: SmtpSettings| SmtpTransport::new(settings).err().expect("refused");
    let plain = SmtpSettings { security: SmtpSecurity::None, ..settings(&server) };
    let remote = SmtpSettings { host: "mail.example.org".to_owned(), ..plain.clone() };
    assert!(matches!(refused(remote), SetupError::PlainTextToAnotherMachine(_)));
    assert!(matches!(refused(SmtpSettings { login: login("x"), ..plain.clone() }), SetupError::LoginWithoutTls));
    let missing = SmtpSettings { ca_file: Some("no-such-file.pem".into()), ..settings(&server) };
    assert!(matches!(refused(missing), SetupError::CaFile(_)));
    let nobody = SmtpSettings { envelope_from: "nobody".to_owned(), ..settings(&server) };
    assert!(matches!(refused(nobody), SetupError::EnvelopeFrom(_)));
    let hasty = SmtpSettings { reply_timeout_seconds: 0, ..settings(&server) };
    assert!(matches!(refused(hasty), SetupError::Timeout(_)));
    let without_end = SmtpSettings { deadline_seconds: 0, ..settings(&server) };
    assert!(matches!(refused(without_end), SetupError::Timeout(_)));
}

#[test]
fn settings_are_read_strictly_and_hide_the_password() {
    let text = "host = 'mail.example.org'\nport = 587\nenvelope_from = 'a@example.org'\n";
    let read = |text: &str| toml::from_str::<SmtpSettings>(text);
    let settings = read(&format!("{text}[login]\nusername = 'coop'\npassword = 'canary'\n")).expect("settings");
    assert_eq!((settings.security, settings.final_reply_timeout_seconds), (SmtpSecurity::Starttls, 600));
    let shown = format!("{settings:?}");
    assert!(shown.contains("<set>") && !shown.contains("canary"), "{shown}");
    assert!(read(&format!("{text}tls = false\n")).is_err());
}
