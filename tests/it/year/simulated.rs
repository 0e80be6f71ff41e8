//! The demo co-op lives through a spring and a summer, from the first request to the last make-up, and what is owed at the end and twice
//! in between agrees with a recount by a program in another language, for every request and every column.

mod recount;
mod story;
mod weeks;

use chrono::{Datelike, Days, NaiveDate};

use self::story::Story;
use super::date;
use crate::support::both::on_both_databases;

/// Days of the calendar that are known on their morning only: members (all when none is named), kind, day, release.
const AS_IT_COMES: [(&[&str], &str, &str, Option<&str>); 6] = [
    (&[], "closure", "2027-01-20", None),
    (&["ATLAS", "KIPP"], "closure", "2027-02-03", None),
    (&["CONF", "KIPP"], "early_release", "2027-02-25", Some("11:30")),
    (&["MOMENTUM"], "closure", "2027-04-14", None),
    (&["KAIROS", "ATLAS"], "early_release", "2027-05-06", Some("12:00")),
    (&[], "holiday", "2027-06-18", None),
];
/// Whose contract ends, on which day, and on which Monday the office learns it; a week later another plan is followed.
const LEAVES: (&str, &str, &str) = ("SLP-08", "2027-04-01", "2027-03-29");
/// After the weeks of these days everything is recounted.
const RECOUNTED: [&str; 2] = ["2027-02-22", "2027-04-12"];

/// What the week's days bring, as they come.
fn days_pass(story: &mut Story, monday: NaiveDate) {
    for day in monday.iter_days().take(5) {
        for (members, kind, _, released) in AS_IT_COMES.iter().filter(|one| date(one.2) == day) {
            story.go(day, 12);
            story.enter_day(members, kind, day, *released);
        }
    }
}

/// What was done in a year, to see that the test tests something.
#[derive(Debug, Default)]
struct Done {
    covered: usize,
    made_up: usize,
    fell_out: usize,
    came_back: usize,
    for_nothing: bool,
}

/// A week, from Monday's early morning to Friday's evening.
fn week_passes(story: &mut Story, monday: NaiveDate, done: &mut Done) {
    story.go(monday, 11);
    if monday.day() <= 7 && monday > date("2027-01-31") {
        story.month_is_locked(monday);
    }
    let (person, ends, known) = LEAVES;
    if monday == date(known) {
        story.leaves(person, date(ends), monday + Days::new(7));
    }
    if monday == date("2027-05-10") {
        // A holiday of last week that nobody had entered.
        story.enter_day(&["GARDEN", "CONF"], "holiday", date("2027-05-07"), None);
    }
    story.some_are_away(monday);
    match story.a_make_up_falls_out(monday) {
        Some(true) => done.came_back += 1,
        Some(false) => done.fell_out += 1,
        None => {}
    }
    done.covered += story.some_are_covered(monday);
    days_pass(story, monday);
    story.go(monday + Days::new(4), 23);
    story.is_logged(monday);
    done.made_up += story.some_are_made_up(monday);
    if !done.for_nothing {
        done.for_nothing = story.one_was_made_up_for_nothing(&monday.format("%Y-%m").to_string());
    }
}

on_both_databases! {
    fn a_simulated_year_reconciles_with_an_independent_recount(app: &TestApp) {
        let (mut story, mut done) = (Story::begin(app), Done::default());
        for monday in weeks::mondays("2027-01-04", "2027-05-28") {
            week_passes(&mut story, monday, &mut done);
            if RECOUNTED.iter().any(|day| date(day) == monday) {
                let sums = story.reconcile(None);
                assert!(sums["to_come_minutes"] > 0 && sums["falls_out_minutes"] > 0, "{sums:?}");
            }
        }
        story.go(date("2027-06-01"), 18);
        story.summer_begins();
        for monday in weeks::mondays("2027-06-07", "2027-07-02") {
            week_passes(&mut story, monday, &mut done);
        }
        story.go(date("2027-07-06"), 18);
        story.month_is_locked(date("2027-07-06"));
        let sums = story.reconcile(None);
        println!("{done:?} {sums:?}");
        assert!(done.fell_out >= 5 && done.came_back >= 1, "{done:?}");
        assert!(done.covered >= 1 && done.made_up >= 20 && done.for_nothing, "{done:?}");
        // Nothing of it is compared in vain.
        for name in ["delivered", "to_log", "no_school", "made_up", "still_owed", "not_owed", "over_delivered"] {
            assert!(sums[&format!("{name}_minutes")] > 0, "{name}: {sums:?}");
        }
        assert_eq!((sums["to_come_minutes"], sums["falls_out_minutes"]), (0, 0));
        assert_eq!(sums.keys().filter(|name| name.ends_with("/0")).count(), 8, "every cause of missed minutes");
        story.reconcile(Some(("2027-02-10", "2027-03-23")));
    }
}
