//! The 3:1 model: three weeks with visits, then a week of other work without any (speechpathology.com, "3:1 service delivery
//! model"; used by speech, occupational and physical therapists in some districts).

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};

use super::calendar::Weekday;

/// Of so many weeks the last is without visits.
pub const WEEKS: i64 = 4;
/// Why a visit does not take place in such a week.
pub const INDIRECT_WEEK: &str = "Indirect week";

/// Which weeks are without visits, and whose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndirectWeeks {
    disciplines: BTreeSet<String>,
    terms: Vec<(NaiveDate, NaiveDate)>,
}

impl IndirectWeeks {
    /// Of the disciplines that work so, in terms with these first and last days.
    pub fn new(
        disciplines: &BTreeSet<String>,
        terms: impl IntoIterator<Item = (NaiveDate, NaiveDate)>,
    ) -> IndirectWeeks {
        IndirectWeeks { disciplines: disciplines.clone(), terms: terms.into_iter().collect() }
    }

    /// Whether a discipline has no visits in the week of a date: every fourth week of the term, the first being the one of
    /// the term's first day. Weeks without school count like others, so that everybody can tell from a calendar.
    pub fn hold(&self, discipline: &str, date: NaiveDate) -> bool {
        let monday = |date: NaiveDate| date - TimeDelta::days(Weekday::of(date) as i64);
        let term = self.terms.iter().find(|(first, last)| (*first..=*last).contains(&date));
        self.disciplines.contains(discipline)
            && term.is_some_and(|(first, _)| (monday(date) - monday(*first)).num_days() / 7 % WEEKS == WEEKS - 1)
    }
}

/// Minutes a week in the mean over four weeks, one of which has none; rounded to the nearest.
pub fn on_average(minutes_of_a_direct_week: i64) -> i64 {
    (minutes_of_a_direct_week * (WEEKS - 1) * 2 + WEEKS) / (WEEKS * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn every_fourth_week_of_a_term_is_without_visits() {
        // The term begins on a Wednesday.
        let terms = [(date("2027-01-06"), date("2027-03-31")), (date("2027-04-01"), date("2027-05-28"))];
        let weeks = IndirectWeeks::new(&BTreeSet::from(["SLP".to_owned()]), terms);
        let mondays = date("2027-01-04").iter_weeks().take(21);
        let without: Vec<String> = mondays
            .map(|day| day + TimeDelta::days(4))
            .filter(|day| weeks.hold("SLP", *day))
            .map(|day| day.to_string())
            .collect();
        assert_eq!(without, ["2027-01-29", "2027-02-26", "2027-03-26", "2027-04-23", "2027-05-21"]);
        assert!(weeks.hold("SLP", date("2027-01-25")) && weeks.hold("SLP", date("2027-01-31")));
        assert!(!weeks.hold("SLP", date("2027-02-01")) && !weeks.hold("OT", date("2027-01-25")));
        assert!(!weeks.hold("SLP", date("2027-06-30")), "no term");
        assert_eq!((on_average(80), on_average(90), on_average(0)), (60, 68, 0));
    }
}
