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

    /// The same for a plan of one term: a term of the extended school year may lie within a regular one.
    pub fn of_term(&self, term: (NaiveDate, NaiveDate)) -> IndirectWeeks {
        IndirectWeeks { disciplines: self.disciplines.clone(), terms: vec![term] }
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

    /// Counted the way somebody does with a calendar: from the first day on, a new week on each Monday.
    #[test]
    fn weeks_counted_by_hand_agree_over_year_ends_and_for_terms_that_begin_on_any_day() {
        // Through 2028, a leap year, and 2026 and 2032, which have 53 weeks.
        for first in date("2026-01-01").iter_days().take(7 * 366).step_by(11) {
            let last = first + TimeDelta::days(366);
            let weeks = IndirectWeeks::new(&BTreeSet::from(["OT".to_owned()]), [(first, last)]);
            let (mut week, mut without) = (0, 0);
            for day in first.iter_days().take_while(|day| *day <= last) {
                if Weekday::of(day) == Weekday::Mon && day != first {
                    week += 1;
                }
                assert_eq!(weeks.hold("OT", day), week % 4 == 3, "{day} of a term from {first}");
                without += i64::from(weeks.hold("OT", day));
            }
            assert!((84..=91).contains(&without), "{without} days from {first}");
            assert!(!weeks.hold("OT", first - TimeDelta::days(1)) && !weeks.hold("OT", last + TimeDelta::days(1)));
        }
    }

    #[test]
    fn a_summer_term_within_a_regular_one_counts_its_own_weeks() {
        let (spring, summer) = ((date("2027-01-04"), date("2027-06-25")), (date("2027-06-07"), date("2027-07-16")));
        for terms in [[spring, summer], [summer, spring]] {
            let weeks = IndirectWeeks::new(&BTreeSet::from(["SLP".to_owned()]), terms);
            let without = |term| {
                let weeks = weeks.of_term(term);
                let mondays = date("2027-05-31").iter_weeks().take(7);
                mondays.filter(|day| weeks.hold("SLP", *day)).map(|day| day.to_string()).collect::<Vec<_>>()
            };
            assert_eq!(without(spring), ["2027-06-14"]);
            assert_eq!(without(summer), ["2027-06-28"]);
        }
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
