//! How dates, times and counts read in an e-mail.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::calendar::{Interval, Weekday};
use crate::domain::service_request::Priority;

/// `January 4`
pub(super) fn month_and_day(date: NaiveDate) -> String {
    date.format("%B %-d").to_string()
}

/// `Monday, January 4`
pub(super) fn full_date(date: NaiveDate) -> String {
    date.format("%A, %B %-d").to_string()
}

/// `Thursday, November 5, 12:00 p.m.`, which ends a sentence too.
pub(super) fn moment(at: NaiveDateTime) -> String {
    let half = if at.format("%p").to_string() == "AM" { "a.m." } else { "p.m." };
    format!("{}, {} {half}", full_date(at.date()), at.format("%-I:%M"))
}

/// `9:05–9:50 a.m.`, or `11:35 a.m.–12:20 p.m.` across noon.
pub(super) fn time_span(time: Interval) -> String {
    let (starts, ends) = (time.starts.spoken(), time.ends.spoken());
    match (starts.split_once(' '), ends.split_once(' ')) {
        (Some((clock, half)), Some((_, other_half))) if half == other_half => format!("{clock}–{ends}"),
        _ => format!("{starts}–{ends}"),
    }
}

/// `Tuesday 9:05–9:50 a.m.`
pub(super) fn day_and_time(weekday: Weekday, time: Interval) -> String {
    format!("{} {}", weekday.name(), time_span(time))
}

/// `1 visit`, `31 visits`, `1,200 minutes`
pub(super) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `1,200`
pub(super) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut written = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// `$1,234.56`
pub(super) fn money(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let (dollars, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    format!("{sign}${}.{rest:02}", thousands(i64::try_from(dollars).unwrap_or(i64::MAX)))
}

/// The priority, as people read it.
pub(super) fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Mandated => "IEP-mandated",
        Priority::Evaluation => "evaluation",
        Priority::Consult => "consult",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(starts: &str, ends: &str) -> Interval {
        Interval::new(starts.parse().expect("a time"), ends.parse().expect("a time")).expect("an interval")
    }

    #[test]
    fn a_time_span_names_each_half_of_the_day_once() {
        assert_eq!(time_span(interval("09:05", "09:50")), "9:05–9:50 a.m.");
        assert_eq!(time_span(interval("11:35", "12:20")), "11:35 a.m.–12:20 p.m.");
        assert_eq!(time_span(interval("12:00", "12:45")), "12:00–12:45 p.m.");
    }

    #[test]
    fn thousands_are_grouped() {
        let written: Vec<String> = [0, 999, 1_200, 1_234_567, -1_200, i64::MIN].map(thousands).to_vec();
        assert_eq!(written, ["0", "999", "1,200", "1,234,567", "-1,200", "-9,223,372,036,854,775,808"]);
        assert_eq!(count(1, "visit", "visits"), "1 visit");
        assert_eq!(count(0, "visit", "visits"), "0 visits");
    }
}
