//! Reading the text of one cell. Every error says what to write instead.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::limits::YEARS;
use super::table::RowReader;
use crate::domain::calendar::{Interval, Period, Weekday, WeeklyHours};
use crate::domain::fault::Faults;
use crate::domain::service_request::UNIT_MINUTES;
use crate::domain::text::{check_code, check_email, check_line, shortened};

/// A code, by the rule of the domain.
pub(super) fn code(text: &str) -> Result<String, String> {
    checked(text, check_code)
}

/// A code that must be among `codes`; `kind` and `file` tell where it should have been.
pub(super) fn one_of_codes<'a>(
    codes: &'a BTreeSet<String>,
    kind: &'a str,
    file: &'a str,
) -> impl FnOnce(&str) -> Result<String, String> + 'a {
    move |text| {
        let code = code(text)?;
        match codes.contains(&code) {
            true => Ok(code),
            false => Err(format!("there is no {kind} {code}; add it to {file} or correct the code")),
        }
    }
}

/// Codes separated by spaces.
pub(super) fn codes(text: &str) -> Result<BTreeSet<String>, String> {
    text.split_whitespace().map(code).collect()
}

/// A name, an address or another line of text.
pub(super) fn text(text: &str) -> Result<String, String> {
    checked(text, check_line)
}

/// An e-mail address.
pub(super) fn email(text: &str) -> Result<String, String> {
    checked(text, check_email)
}

/// Text that a rule of the domain accepts, or the first thing that the rule says against it.
fn checked(text: &str, check: impl FnOnce(&mut Faults, &str, &str)) -> Result<String, String> {
    let mut faults = Faults::default();
    check(&mut faults, "", text);
    faults.into_vec().into_iter().next().map_or_else(|| Ok(text.to_owned()), |fault| Err(fault.message))
}

/// A date, written YYYY-MM-DD.
pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    match parsed.filter(|date| text.len() == 10 && YEARS.contains(&date.year())) {
        Some(date) => Ok(date),
        None => Err(format!("\"{}\" is not a date; write YYYY-MM-DD, like 2026-08-17", shortened(text))),
    }
}

/// Two date columns as a period; the first date is needed, the second is the first day outside.
pub(super) fn period(row: &mut RowReader<'_>, from_column: &str, until_column: &str) -> Option<Period> {
    let from = row.required(from_column, date);
    let until = row.optional(until_column, date);
    let (from, until) = (from?, until?);
    if until.is_some_and(|until| until <= from) {
        row.note(until_column, format!("{until_column} must be later than {from_column}; it is the first day outside"));
        return None;
    }
    Some(Period { from, until })
}

/// A whole number within limits.
pub(super) fn whole(range: RangeInclusive<i64>) -> impl Fn(&str) -> Result<i64, String> {
    move |text| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<i64>().ok().filter(|number| digits && range.contains(number)) {
            Some(number) => Ok(number),
            None => {
                let (low, high) = (range.start(), range.end());
                Err(format!("\"{}\" is not allowed; write a whole number from {low} to {high}", shortened(text)))
            }
        }
    }
}

/// A whole number of minutes within limits that is a multiple of the planning unit.
pub(super) fn units(range: RangeInclusive<i64>) -> impl Fn(&str) -> Result<i64, String> {
    move |text| {
        let minutes = whole(range.clone())(text)?;
        let rest = minutes % UNIT_MINUTES;
        if rest == 0 {
            return Ok(minutes);
        }
        let (below, above) = ((minutes - rest).max(UNIT_MINUTES), minutes - rest + UNIT_MINUTES);
        Err(format!("{minutes} is not a multiple of {UNIT_MINUTES}; write {below} or {above}"))
    }
}

/// A decimal number as a whole number of its smallest unit: with two places, `64.5` is 6450. Never rounded.
pub(super) fn decimal(
    places: u32,
    range: RangeInclusive<i64>,
    example: &'static str,
) -> impl Fn(&str) -> Result<i64, String> {
    move |text| {
        let fault = || format!("\"{}\" is not allowed; write a number like {example}", shortened(text));
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || fraction.len() > places as usize || whole.len() > 9 {
            return Err(fault());
        }
        let padded = format!("{whole}{fraction:0<width$}", width = places as usize);
        let size = padded.parse::<i64>().map_err(|_| fault())?;
        let number = if negative { -size } else { size };
        if range.contains(&number) { Ok(number) } else { Err(fault()) }
    }
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(words: &[(&str, T)]) -> impl Fn(&str) -> Result<T, String> {
    move |text| match words.iter().find(|(word, _)| *word == text) {
        Some((_, value)) => Ok(*value),
        None => {
            let expected: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Err(format!("\"{}\" is not allowed; write {}", shortened(text), expected.join(", ")))
        }
    }
}

/// Hours of a week, written `mon 08:30-11:00; mon 12:00-14:45; tue 08:30-11:00`.
pub(super) fn weekly_hours(text: &str) -> Result<WeeklyHours, String> {
    let mut days: BTreeMap<Weekday, Vec<Interval>> = BTreeMap::new();
    for window in text.split(';').map(str::trim).filter(|window| !window.is_empty()) {
        let shape =
            || format!("\"{}\" is not a window; write a day and times, like mon 08:30-11:00", shortened(window));
        let (day, times) = window.split_once(' ').ok_or_else(shape)?;
        let (starts, ends) = times.trim().split_once('-').ok_or_else(shape)?;
        let interval = Interval::new(starts.trim().parse()?, ends.trim().parse()?)?;
        days.entry(day.parse()?).or_default().push(interval);
    }
    match WeeklyHours::new(days)? {
        hours if hours.is_empty() => Err("no window; write at least one, like mon 08:30-11:00".to_owned()),
        hours => Ok(hours),
    }
}

/// Notes a fault when a code stands in two rows; remembers it otherwise.
pub(super) fn only_once(row: &mut RowReader<'_>, column: &str, seen: &mut BTreeMap<String, usize>) {
    let code = row.text(column).to_owned();
    if code.is_empty() {
        return;
    }
    match seen.get(&code) {
        Some(line) => row.note(column, format!("{code} is already on line {line}; a code stands in one row only")),
        None => {
            seen.insert(code, row.line());
        }
    }
}
