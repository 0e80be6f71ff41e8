//! How numbers, money, times and dates read on a page.

use chrono::NaiveDate;

use crate::domain::calendar::{Interval, WallClock, Weekday, WeeklyHours};
use crate::domain::service_request::Priority;

/// `1,200`, with a real minus sign below zero.
pub(super) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut written = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// `1 visit`, `31 visits`, `1,200 minutes`
pub(super) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// Minutes as `41 h 20`, or `50 min` below an hour.
pub(super) fn hours(minutes: i64) -> String {
    if minutes < 60 { format!("{minutes} min") } else { format!("{} h {:02}", thousands(minutes / 60), minutes % 60) }
}

/// Cents as whole dollars: `$41,200`
pub(super) fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let dollars = (cents.unsigned_abs() + 50) / 100;
    format!("{sign}${}", thousands(i64::try_from(dollars).unwrap_or(i64::MAX)))
}

/// With a capital first letter.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `Jan 4`
pub(super) fn month_day(date: NaiveDate) -> String {
    date.format("%b %-d").to_string()
}

/// Cents as `$1,234.56`, or `−$1,234.56` with a real minus sign before the dollar.
pub(super) fn money(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let (dollars, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    format!("{sign}${}.{rest:02}", thousands(i64::try_from(dollars).unwrap_or(i64::MAX)))
}

/// Hundredths of a mile as `1.6 mi`, rounded half up to a tenth.
pub(super) fn miles(hundredths: i64) -> String {
    let tenths = (hundredths + 5).div_euclid(10);
    format!("{}.{} mi", thousands(tenths / 10), tenths % 10)
}

/// `9:05`
pub(super) fn clock(time: WallClock) -> String {
    let spoken = time.spoken();
    spoken.split_once(' ').map_or(spoken.clone(), |(clock, _)| clock.to_owned())
}

/// `9:05–9:50`, for grids whose hours stand beside them.
pub(super) fn short_span(time: Interval) -> String {
    format!("{}–{}", clock(time.starts), clock(time.ends))
}

/// `9:05–9:50 a.m.`, or `11:35 a.m.–12:20 p.m.` across noon.
pub(super) fn time_span(time: Interval) -> String {
    let half = |minutes: u16| minutes / 60 < 12;
    let ends = time.ends.spoken();
    if half(time.starts.minutes()) == half(time.ends.minutes()) {
        format!("{}–{ends}", clock(time.starts))
    } else {
        format!("{}–{ends}", time.starts.spoken())
    }
}

/// `January 4, 2027`
pub(super) fn date(date: NaiveDate) -> String {
    date.format("%B %-d, %Y").to_string()
}

/// Each day with its times: `Tuesday 8:30–11:00 a.m.`
pub(super) fn open_times(hours: &WeeklyHours) -> Vec<String> {
    let day = |(weekday, intervals): (Weekday, &[Interval])| {
        let spans: Vec<String> = intervals.iter().map(|time| time_span(*time)).collect();
        format!("{} {}", weekday.name(), spans.join(", "))
    };
    hours.days().map(|(weekday, intervals)| day((weekday, intervals))).collect()
}

/// A code as part of an address. Codes hold only letters, digits, `-`, `_`, `.` and `&`, and only the last needs care.
pub(super) fn in_path(code: &str) -> String {
    code.replace('&', "%26")
}

/// The priority as a fact about a request.
pub(super) fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Mandated => "IEP-mandated",
        Priority::Evaluation => "Evaluation",
        Priority::Consult => "Consult",
    }
}

/// The priority where space is short.
pub(super) fn short_priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Mandated => "IEP",
        Priority::Evaluation => "Eval",
        Priority::Consult => "Consult",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_cents_commas_and_a_real_minus_sign() {
        let written: Vec<String> = [0, 5, 123_456, -123_456, -7, i64::MIN].map(money).to_vec();
        assert_eq!(written, ["$0.00", "$0.05", "$1,234.56", "−$1,234.56", "−$0.07", "−$92,233,720,368,547,758.08"]);
    }

    #[test]
    fn miles_are_rounded_to_a_tenth() {
        assert_eq!([0, 154, 155, 123_456].map(miles).to_vec(), ["0.0 mi", "1.5 mi", "1.6 mi", "1,234.6 mi"]);
    }

    #[test]
    fn a_span_names_each_half_of_the_day_once() {
        let span = |starts: &str, ends: &str| {
            let read = |text: &str| text.parse().expect("a time");
            time_span(Interval::new(read(starts), read(ends)).expect("an interval"))
        };
        assert_eq!(span("09:05", "09:50"), "9:05–9:50 a.m.");
        assert_eq!(span("11:35", "12:20"), "11:35 a.m.–12:20 p.m.");
        assert_eq!(span("12:00", "12:45"), "12:00–12:45 p.m.");
    }
}
