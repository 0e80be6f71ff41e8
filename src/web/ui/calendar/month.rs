//! A month as weeks of days, each with what is entered for it.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::days::{Group, kind_words, letter};
use crate::domain::calendar::Weekday;
use crate::web::ui::wording;

/// A month.
pub(super) struct Month {
    /// `January 2027`
    pub title: String,
    pub weeks: Vec<Vec<Cell>>,
}

/// A place in the table of a month.
pub(super) struct Cell {
    /// The day of the month; absent before its first and after its last.
    pub day: Option<u32>,
    pub class: &'static str,
    pub marks: Vec<Mark>,
}

/// What a day is.
pub(super) struct Mark {
    /// Class of its kind, and whether it is about a part of what is shown.
    pub class: &'static str,
    pub is_part: bool,
    pub letter: &'static str,
    pub kind: &'static str,
    pub name: String,
    pub who: String,
    /// The line of the list that it belongs to.
    pub href: String,
}

/// The first day of a day's month.
pub(super) fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month after.
pub(super) fn next(day: NaiveDate) -> NaiveDate {
    first_of(day).checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

impl Month {
    /// The month that begins on a day.
    pub(super) fn new(first: NaiveDate, today: NaiveDate, groups: &[Group]) -> Month {
        let monday = first - Days::new(u64::from(first.weekday().num_days_from_monday()));
        let days: Vec<NaiveDate> = monday.iter_days().take_while(|day| *day < next(first)).collect();
        let missing = (7 - days.len() % 7) % 7;
        let mut cells: Vec<Cell> =
            days.into_iter().map(|day| if day < first { Cell::outside() } else { cell(day, today, groups) }).collect();
        cells.extend(std::iter::repeat_with(Cell::outside).take(missing));
        let mut weeks = Vec::new();
        while !cells.is_empty() {
            let rest = cells.split_off(cells.len().min(7));
            weeks.push(std::mem::replace(&mut cells, rest));
        }
        Month { title: first.format("%B %Y").to_string(), weeks }
    }
}

impl Cell {
    fn outside() -> Cell {
        Cell { day: None, class: "outside", marks: Vec::new() }
    }
}

fn cell(day: NaiveDate, today: NaiveDate, groups: &[Group]) -> Cell {
    let mut on: Vec<&Group> = groups.iter().filter(|one| (one.starts_on..=one.ends_on).contains(&day)).collect();
    // What is about all stands first, and a closed day before one that ends early.
    on.sort_by_key(|one| (!one.is_whole, !one.kind.closes()));
    let class = match (day == today, Weekday::of(day) > Weekday::Fri) {
        (true, _) => "today",
        (false, true) => "free",
        (false, false) => "",
    };
    Cell { day: Some(day.day()), class, marks: on.into_iter().map(mark).collect() }
}

fn mark(group: &Group) -> Mark {
    Mark {
        class: group.kind.code(),
        is_part: !group.is_whole,
        letter: letter(group.kind),
        kind: kind_words(group.kind),
        name: group.name.clone(),
        who: wording::capital(&group.who),
        href: group.ids.first().map(|id| format!("#e-{id}")).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::school_calendar::CalendarKind;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn group(kind: CalendarKind, from: &str, to: &str, is_whole: bool) -> Group {
        Group {
            kind,
            name: "Days".to_owned(),
            starts_on: day(from),
            ends_on: day(to),
            released: None,
            who: String::new(),
            is_whole,
            ids: Vec::new(),
            all: Vec::new(),
        }
    }

    #[test]
    fn a_month_is_whole_weeks_from_monday_on() {
        let month = Month::new(day("2027-01-01"), day("2027-01-18"), &[]);
        assert_eq!((month.title.as_str(), month.weeks.len()), ("January 2027", 5));
        assert!(month.weeks.iter().all(|week| week.len() == 7));
        let first: Vec<Option<u32>> = month.weeks[0].iter().map(|cell| cell.day).collect();
        assert_eq!(first, [None, None, None, None, Some(1), Some(2), Some(3)]);
        assert_eq!(month.weeks[3][0].class, "today");
        assert_eq!(month.weeks[0][5].class, "free");
        // February 2027 begins on a Monday and ends on a Sunday.
        let month = Month::new(day("2027-02-01"), day("2027-01-18"), &[]);
        assert_eq!((month.weeks.len(), month.weeks[3][6].day), (4, Some(28)));
    }

    #[test]
    fn every_day_of_an_entry_is_marked_and_what_is_about_all_stands_first() {
        let groups = [
            group(CalendarKind::EarlyRelease, "2027-01-20", "2027-01-20", false),
            group(CalendarKind::Holiday, "2026-12-21", "2027-01-04", true),
            group(CalendarKind::Testing, "2027-01-20", "2027-01-21", true),
        ];
        let month = Month::new(day("2027-01-01"), day("2027-01-18"), &groups);
        let letters = |week: usize, at: usize| -> Vec<&str> {
            month.weeks[week][at].marks.iter().map(|mark| mark.letter).collect()
        };
        assert_eq!((letters(0, 4), letters(1, 0), letters(1, 1)), (vec!["H"], vec!["H"], vec![]));
        assert_eq!((letters(2, 2), letters(2, 3)), (vec![], vec![]));
        assert_eq!((letters(3, 2), letters(3, 3)), (vec!["T", "E"], vec!["T"]));
    }
}
