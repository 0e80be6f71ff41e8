//! The VTIMEZONE of any IANA zone, derived from the zone's own transitions.
//!
//! A zone that changes its clocks by a yearly rule ("the second Sunday in March") is written with that rule, because
//! some calendars understand nothing else. Any other zone is written change by change.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// One change of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Transition {
    /// The wall clock at the change, as it was before.
    local: NaiveDateTime,
    /// Seconds east of UTC before.
    from: i32,
    /// Seconds east of UTC after.
    to: i32,
    /// Whether daylight saving time begins.
    daylight: bool,
    /// The abbreviation after, like `CDT`.
    name: String,
}

/// The content lines of the VTIMEZONE, good for dates from `from` on.
pub(super) fn definition(zone: Tz, from: NaiveDate) -> Vec<String> {
    let year_before = transitions(zone, from.year() - 1);
    let year = transitions(zone, from.year());
    let pairs = year_before.iter().zip(&year);
    let rules: Option<Vec<String>> = pairs.map(|(before, now)| yearly_rule(before, now)).collect();
    let components: Vec<String> = match rules {
        Some(rules) if !rules.is_empty() && year_before.len() == year.len() => {
            year_before.iter().zip(&rules).flat_map(|(transition, rule)| component(transition, Some(rule))).collect()
        }
        _ => {
            let start = standing(zone, from.year() - 1);
            let year_after = transitions(zone, from.year() + 1);
            start
                .iter()
                .chain(&year_before)
                .chain(&year)
                .chain(&year_after)
                .flat_map(|transition| component(transition, None))
                .collect()
        }
    };
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{}", zone.name())];
    lines.extend(components);
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// What holds at the beginning of a year, as if the clocks had changed from it to itself.
fn standing(zone: Tz, year: i32) -> Option<Transition> {
    let local = NaiveDate::from_ymd_opt(year, 1, 1)?.and_time(NaiveTime::MIN);
    let offset = zone.offset_from_utc_datetime(&local);
    let seconds = offset.fix().local_minus_utc();
    let name = offset.abbreviation().unwrap_or(zone.name()).to_owned();
    Some(Transition { local, from: seconds, to: seconds, daylight: !offset.dst_offset().is_zero(), name })
}

fn component(transition: &Transition, rule: Option<&str>) -> Vec<String> {
    let kind = if transition.daylight { "DAYLIGHT" } else { "STANDARD" };
    let mut lines = vec![format!("BEGIN:{kind}"), format!("DTSTART:{}", super::local(transition.local))];
    lines.extend(rule.map(|rule| format!("RRULE:{rule}")));
    lines.extend([
        format!("TZOFFSETFROM:{}", offset(transition.from)),
        format!("TZOFFSETTO:{}", offset(transition.to)),
        format!("TZNAME:{}", transition.name),
        format!("END:{kind}"),
    ]);
    lines
}

/// `-0600`
fn offset(seconds: i32) -> String {
    let minutes = seconds.abs() / 60;
    format!("{}{:02}{:02}", if seconds < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
}

/// The rule that both transitions, one year apart, follow: "the nth such weekday of the month", or the last one.
fn yearly_rule(this: &Transition, next: &Transition) -> Option<String> {
    let same = this.local.month() == next.local.month()
        && this.local.weekday() == next.local.weekday()
        && this.local.time() == next.local.time()
        && (this.from, this.to) == (next.from, next.to);
    let nth = |date: NaiveDate| (date.day() - 1) / 7 + 1;
    let is_last =
        |date: NaiveDate| date.checked_add_days(Days::new(7)).is_none_or(|later| later.month() != date.month());
    let (this_date, next_date) = (this.local.date(), next.local.date());
    let place = if is_last(this_date) && is_last(next_date) {
        "-1".to_owned()
    } else if nth(this_date) == nth(next_date) {
        nth(this_date).to_string()
    } else {
        return None;
    };
    let weekday = &this_date.format("%a").to_string().to_uppercase()[..2];
    same.then(|| format!("FREQ=YEARLY;BYMONTH={};BYDAY={place}{weekday}", this.local.month()))
}

/// The transitions of a year, in order. Looked for in steps of half an hour, the finest on which zones change.
fn transitions(zone: Tz, year: i32) -> Vec<Transition> {
    let Some(start) = NaiveDate::from_ymd_opt(year, 1, 1) else {
        return Vec::new();
    };
    let steps = (0..366 * 48).map(|step| start.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(30 * step));
    steps.filter(|at| at.year() == year).filter_map(|at| transition_at(zone, at)).collect()
}

/// The transition between half an hour before and this instant, if there is one.
fn transition_at(zone: Tz, at: DateTime<Utc>) -> Option<Transition> {
    let before = zone.offset_from_utc_datetime(&(at - TimeDelta::minutes(30)).naive_utc()).fix();
    let after = zone.offset_from_utc_datetime(&at.naive_utc());
    (before != after.fix()).then(|| Transition {
        local: (at + before).naive_utc(),
        from: before.local_minus_utc(),
        to: after.fix().local_minus_utc(),
        daylight: !after.dst_offset().is_zero(),
        name: after.abbreviation().unwrap_or(zone.name()).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from() -> NaiveDate {
        NaiveDate::from_ymd_opt(2027, 1, 4).expect("a date")
    }

    #[test]
    fn chicago_follows_the_rule_of_the_united_states() {
        let expected = "BEGIN:VTIMEZONE TZID:America/Chicago \
            BEGIN:DAYLIGHT DTSTART:20260308T020000 RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU \
            TZOFFSETFROM:-0600 TZOFFSETTO:-0500 TZNAME:CDT END:DAYLIGHT \
            BEGIN:STANDARD DTSTART:20261101T020000 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU \
            TZOFFSETFROM:-0500 TZOFFSETTO:-0600 TZNAME:CST END:STANDARD END:VTIMEZONE";
        assert_eq!(definition(Tz::America__Chicago, from()).join(" "), expected);
    }

    #[test]
    fn other_zones_are_derived_too() {
        let berlin = definition(Tz::Europe__Berlin, from()).join(" ");
        assert!(berlin.contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU "), "{berlin}");
        let phoenix = definition(Tz::America__Phoenix, from()).join(" ");
        assert_eq!((phoenix.matches("BEGIN:STANDARD").count(), phoenix.matches("RRULE").count()), (1, 0), "{phoenix}");
    }
}
