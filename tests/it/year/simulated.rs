//! The demo co-op lives through a term, from the first request to the last make-up, and what is owed at the end and twice
//! in between agrees with a recount by a program in another language, for every request and every column.

mod recount;
mod story;
mod weeks;

use chrono::{Datelike, Days, NaiveDate};

use self::story::Story;
use super::date;
use crate::support::both::on_both_databases;

/// Days of the calendar that are known on their morning only: members (all when none is named), kind, day, release.
const AS_IT_COMES: [(&[&str], &str, &str, Option<&str>); 5] = [
    (&[], "closure", "2027-01-20", None),
    (&["ATLAS", "KIPP"], "closure", "2027-02-03", None),
    (&["CONF", "KIPP"], "early_release", "2027-02-25", Some("11:30")),
    (&["MOMENTUM"], "closure", "2027-04-14", None),
    (&["KAIROS", "ATLAS"], "early_release", "2027-05-06", Some("12:00")),
];
/// Whose contract ends on March 10, and until when the co-op waits for another plan.
const LEAVES: (&str, &str, &str) = ("SLP-08", "2027-03-10", "2027-03-22");
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

on_both_databases! {
    fn a_simulated_year_reconciles_with_an_independent_recount(app: &TestApp) {
        let mut story = Story::begin(app);
        let (mut covered, mut made_up, mut for_nothing) = (0, 0, false);
        for monday in weeks::mondays() {
            story.go(monday, 11);
            if monday.day() <= 7 && monday > date("2027-01-31") {
                story.month_is_locked(monday);
            }
            if monday == date("2027-03-01") {
                let (person, ends, followed_from) = LEAVES;
                story.leaves(person, date(ends), date(followed_from));
            }
            if monday == date("2027-05-10") {
                // A holiday of last week that nobody had entered.
                story.enter_day(&["GARDEN", "CONF"], "holiday", date("2027-05-07"), None);
            }
            story.some_are_away(monday);
            covered += story.some_are_covered(monday);
            days_pass(&mut story, monday);
            story.go(monday + Days::new(4), 23);
            story.is_logged(monday);
            made_up += story.some_are_made_up(monday);
            if !for_nothing {
                for_nothing = story.one_was_made_up_for_nothing(&monday.format("%Y-%m").to_string());
            }
            if RECOUNTED.iter().any(|day| date(day) == monday) {
                let sums = story.reconcile(None);
                assert!(sums["to_come_minutes"] > 0 && sums["make_ups_open_minutes"] > 0, "{sums:?}");
            }
        }
        story.go(date("2027-06-01"), 18);
        story.month_is_locked(date("2027-06-01"));
        let sums = story.reconcile(None);
        println!("{covered} covered, {made_up} made up, made up for nothing: {for_nothing}; {sums:?}");
        assert!(covered >= 5 && made_up >= 20 && for_nothing, "{covered} {made_up} {for_nothing}");
        // Nothing of it is compared in vain.
        for name in ["delivered", "to_log", "no_school", "made_up", "still_owed", "not_owed", "over_delivered"] {
            assert!(sums[&format!("{name}_minutes")] > 0, "{name}: {sums:?}");
        }
        assert_eq!((sums["to_come_minutes"], sums["falls_out_minutes"]), (0, 0));
        assert_eq!(sums.keys().filter(|name| name.ends_with("/0")).count(), 8, "every cause of missed minutes");
        story.reconcile(Some(("2027-02-10", "2027-03-23")));
    }
}
