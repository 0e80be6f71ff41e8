//! Text that people type: checked once at the border, with a message that says what to write instead.

use super::fault::Faults;

/// Longest name of a person, site or member.
pub const NAME_LENGTH_MAX: usize = 120;

/// `1 minute`, `30 minutes`
pub fn in_minutes(minutes: i64) -> String {
    format!("{minutes} {}", if minutes == 1 { "minute" } else { "minutes" })
}

/// A human code such as `KIPP-VIC`: 1 to 32 letters, digits, `-`, `_`, `&` or `.`.
pub fn check_code(faults: &mut Faults, pointer: &str, code: &str) {
    let fits =
        (1..=32).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_&.".contains(&b));
    faults.require(fits, pointer, || {
        format!("\"{}\" is not a code; write 1 to 32 letters, digits, - _ & or ., like KIPP-VIC", shortened(code))
    });
}

/// A name or another line of text: 1 to 120 characters, no control characters.
pub fn check_name(faults: &mut Faults, pointer: &str, name: &str) {
    faults.require(!name.trim().is_empty(), pointer, || "Write a name of 1 to 120 characters".to_owned());
    check_line(faults, pointer, name);
}

/// A line of text that may be empty: at most 120 characters, no control characters.
pub fn check_line(faults: &mut Faults, pointer: &str, text: &str) {
    faults.require(text.chars().count() <= NAME_LENGTH_MAX, pointer, || {
        format!("This text has {} characters; write at most {NAME_LENGTH_MAX}", text.chars().count())
    });
    faults.require(!text.chars().any(char::is_control), pointer, || {
        "This text holds a line break or another control character; write one plain line".to_owned()
    });
}

/// An e-mail address in its usual form, `name@host`; ASCII, at most 254 characters.
pub fn check_email(faults: &mut Faults, pointer: &str, email: &str) {
    let plain = |part: &str, extra: &[u8]| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
    };
    let fits = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, host)| {
            local.len() <= 64 && plain(local, b".!#$%&'*+/=?^_`{|}~-") && plain(host, b".-") && !host.starts_with('-')
        });
    faults.require(fits, pointer, || {
        format!("\"{}\" is not an e-mail address; write one like ana@school.example.org", shortened(email))
    });
}

/// A whole number inside a range, both ends included.
pub fn check_range(faults: &mut Faults, pointer: &str, value: i64, unit: &str, range: std::ops::RangeInclusive<i64>) {
    faults.require(range.contains(&value), pointer, || {
        format!("{value} is out of range; write {} to {} {unit}", range.start(), range.end())
    });
}

/// What was typed, short enough to repeat in a message.
pub fn shortened(text: &str) -> String {
    let clean = text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut out: String = clean.collect();
    if text.chars().count() > 40 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email_fits(text: &str) -> bool {
        let mut faults = Faults::default();
        check_email(&mut faults, "", text);
        faults.is_empty()
    }

    #[test]
    fn one_minute_is_a_minute() {
        assert_eq!([0, 1, 30].map(in_minutes), ["0 minutes", "1 minute", "30 minutes"]);
    }

    #[test]
    fn an_email_cannot_smuggle_a_header() {
        assert!(email_fits("keisha.o'neal+ot@momentum.example.org"));
        for bad in ["", "a@", "@b", "a b@c", "a@b\r\nBcc: e@x", "a@b@c", ".a@b", "a@-b", "a,b@c", "ä@b"] {
            assert!(!email_fits(bad), "{bad:?}");
        }
    }
}
