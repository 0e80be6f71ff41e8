//! Reading the text of one cell. Every error says what to write instead.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::limits::{CODE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, UNIT_MINUTES, YEARS};
use super::table::RowReader;
use crate::domain::calendar::Period;

/// A code: capital letters, digits and hyphens.
pub(super) fn code(text: &str) -> Result<String, String> {
    let sound = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if text.len() <= CODE_CHARACTERS_MAX && text.bytes().all(sound) && !text.starts_with('-') {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "\"{}\" is not a code; use up to {CODE_CHARACTERS_MAX} capital letters, digits and hyphens",
            shown(text)
        ))
    }
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

/// Codes separated by spaces; at least one.
pub(super) fn codes(text: &str) -> Result<BTreeSet<String>, String> {
    text.split_whitespace().map(code).collect()
}

/// Qualifications separated by spaces: small letters, digits and hyphens.
pub(super) fn qualifications(text: &str) -> Result<BTreeSet<String>, String> {
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.split_whitespace()
        .map(|word| match word.len() <= CODE_CHARACTERS_MAX && word.bytes().all(sound) {
            true => Ok(word.to_owned()),
            false => Err(format!(
                "\"{}\" is not a qualification; use small letters, digits and hyphens, separated by spaces",
                shown(word)
            )),
        })
        .collect()
}

/// A name or an address.
pub(super) fn text(text: &str) -> Result<String, String> {
    match text.chars().count() <= TEXT_CHARACTERS_MAX {
        true => Ok(text.to_owned()),
        false => Err(format!("longer than {TEXT_CHARACTERS_MAX} characters; shorten it")),
    }
}

/// An e-mail address, checked for its shape only.
pub(super) fn email(text: &str) -> Result<String, String> {
    let sound = text.len() <= 254
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"'))
        && text.split('@').count() == 2
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        });
    if sound { Ok(text.to_owned()) } else { Err(format!("\"{}\" is not an e-mail address", shown(text))) }
}

/// A date, written YYYY-MM-DD.
pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    match parsed.filter(|date| text.len() == 10 && YEARS.contains(&date.year())) {
        Some(date) => Ok(date),
        None => Err(format!("\"{}\" is not a date; write YYYY-MM-DD, like 2026-08-17", shown(text))),
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
                Err(format!("\"{}\" is not allowed; write a whole number from {low} to {high}", shown(text)))
            }
        }
    }
}

/// A whole number of minutes within limits that is a multiple of the planning unit.
pub(super) fn units(range: RangeInclusive<i64>) -> impl Fn(&str) -> Result<i64, String> {
    move |text| {
        let minutes = whole(range.clone())(text)?;
        match minutes % UNIT_MINUTES {
            0 => Ok(minutes),
            rest => Err(format!(
                "{minutes} is not a multiple of {UNIT_MINUTES}; write {} or {}",
                (minutes - rest).max(UNIT_MINUTES),
                minutes - rest + UNIT_MINUTES
            )),
        }
    }
}

/// A decimal number as a whole number of its smallest unit: with two places, `64.5` is 6450. Never rounded.
pub(super) fn decimal(
    places: u32,
    range: RangeInclusive<i64>,
    example: &'static str,
) -> impl Fn(&str) -> Result<i64, String> {
    move |text| {
        let fault = || format!("\"{}\" is not allowed; write a number like {example}", shown(text));
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
            Err(format!("\"{}\" is not allowed; write {}", shown(text), expected.join(", ")))
        }
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

/// The text as it is repeated in a message, cut when it is long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
