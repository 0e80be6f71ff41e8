//! Ten years, two zones, every half hour of the days on which the clocks change: no visit moves on the wall clock, no
//! minute is lost or doubled.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use coop_scheduler::domain::calendar::{Interval, Period, WallClock, Weekday};
use coop_scheduler::domain::dated_visit::{DatedVisitState, Facts, WeeklyVisit, instants, lay_out};
use coop_scheduler::domain::ids::{MemberId, SiteId, SpecialistId, VisitId};
use coop_scheduler::domain::mandate::{MandatePeriod, Teaching, weekly};
use coop_scheduler::domain::school_calendar::{CalendarEntryFields, CalendarKind, SchoolCalendar};
use coop_scheduler::domain::time_away::{AwayReason, TimeAwayFields};

use super::date;

fn clock(minutes: u16) -> WallClock {
    WallClock::from_minutes(minutes).expect("a time")
}

fn span(starts: u16, ends: u16) -> Interval {
    Interval::new(clock(starts), clock(ends)).expect("a span")
}

#[test]
fn no_visit_moves_on_the_wall_clock_and_no_minute_is_lost_or_doubled() {
    let mut switching = 0;
    for zone in [Tz::America__Chicago, Tz::Europe__Berlin] {
        let days = date("2026-01-01").iter_days().take_while(|day| *day < date("2036-01-01"));
        for day in days {
            let offset = |day: NaiveDate| zone.offset_from_utc_date(&day).to_string();
            let switches = offset(day) != offset(day + TimeDelta::days(1));
            switching += i32::from(switches);
            // Every half hour where the clocks change, the ends of a school day elsewhere.
            let starts: Vec<u16> = if switches { (0..47).map(|half| half * 30).collect() } else { vec![480, 900] };
            for starts in starts {
                let (starts_at, ends_at) = instants(zone, day, span(starts, starts + 30));
                assert_eq!(ends_at - starts_at, TimeDelta::minutes(30), "{zone} {day} {starts}");
                let wanted = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(starts));
                let shown = starts_at.with_timezone(&zone).naive_local();
                match zone.from_local_datetime(&wanted) {
                    // A time that is skipped comes as much later as is skipped.
                    chrono::LocalResult::None => assert_eq!(shown - wanted, TimeDelta::hours(1), "{zone} {wanted}"),
                    chrono::LocalResult::Single(at) => assert_eq!((shown, at.to_utc()), (wanted, starts_at)),
                    chrono::LocalResult::Ambiguous(first, _) => {
                        assert_eq!((shown, first.to_utc()), (wanted, starts_at))
                    }
                }
            }
        }
    }
    assert_eq!(switching, 40, "two changes a year, ten years, two zones");
}

fn visit(weekday: Weekday, starts: u16, ends: u16) -> WeeklyVisit {
    WeeklyVisit {
        id: VisitId::new(),
        specialist_id: SpecialistId::new(),
        member_id: MemberId::new(),
        site_id: SiteId::new(),
        weekday,
        time: span(starts, ends),
        discipline: "SLP".to_owned(),
    }
}

fn under_contract(visit: &WeeklyVisit) -> Facts {
    let mut facts = Facts::default();
    facts.contracts.insert(visit.specialist_id, vec![Period { from: date("2020-01-01"), until: None }]);
    facts
}

#[test]
fn a_weekly_visit_has_one_date_a_week_also_in_years_of_53_weeks_and_leap_years() {
    // 2026 and 2032 have 53 ISO weeks; 2028 and 2032 are leap years.
    for year in 2026..2036 {
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
        let days = (day(year), day(year + 1));
        let mut sum = 0;
        for weekday in Weekday::ALL {
            let visit = visit(weekday, 540, 600);
            let facts = under_contract(&visit);
            let dated = lay_out(std::slice::from_ref(&visit), days, &facts);
            assert!(dated.iter().all(|(_, date, ..)| Weekday::of(*date) == weekday && date.year() == year));
            assert!(dated.windows(2).all(|pair| pair[1].1 - pair[0].1 == TimeDelta::days(7)));
            sum += dated.len() as i64;
        }
        assert_eq!(sum, (days.1 - days.0).num_days(), "{year}: every day once");
    }
}

#[test]
fn closed_days_early_releases_and_absences_each_have_their_reason_and_their_limits() {
    let morning = visit(Weekday::Mon, 600, 660);
    let noon = WeeklyVisit { id: VisitId::new(), time: span(690, 750), ..morning.clone() };
    let mut facts = under_contract(&morning);
    let entry = |kind, site_id, from: &str, to: &str, released: Option<u16>| CalendarEntryFields {
        member_id: morning.member_id,
        site_id,
        kind,
        name: "Name".to_owned(),
        starts_on: date(from),
        ends_on: date(to),
        released: released.map(clock),
    };
    let elsewhere = Some(SiteId::new());
    let entries = [
        entry(CalendarKind::Holiday, None, "2027-01-18", "2027-01-18", None),
        entry(CalendarKind::Testing, Some(morning.site_id), "2027-02-01", "2027-02-05", None),
        entry(CalendarKind::Closure, elsewhere, "2027-02-08", "2027-02-08", None),
        // 12:30 ends the second visit in time, 12:29 would not.
        entry(CalendarKind::EarlyRelease, None, "2027-02-15", "2027-02-15", Some(750)),
        entry(CalendarKind::EarlyRelease, None, "2027-02-22", "2027-02-22", Some(745)),
        entry(CalendarKind::EarlyRelease, Some(morning.site_id), "2027-03-01", "2027-03-01", Some(655)),
        entry(CalendarKind::EarlyRelease, None, "2027-03-01", "2027-03-01", Some(750)),
    ];
    facts.calendar = SchoolCalendar::new(&entries);
    let away = |from: &str, starts: Option<u16>, ends: Option<u16>| TimeAwayFields {
        reason: AwayReason::Illness,
        starts_on: date(from),
        ends_on: date(from),
        starts: starts.map(clock),
        ends: ends.map(clock),
    };
    let absences = vec![
        away("2027-03-08", None, None),
        away("2027-03-15", Some(660), Some(690)),
        away("2027-03-22", Some(655), Some(690)),
        away("2027-01-18", None, None),
    ];
    facts.away.insert(morning.specialist_id, absences);
    facts
        .contracts
        .insert(morning.specialist_id, vec![Period { from: date("2026-08-01"), until: Some(date("2027-03-29")) }]);
    let dated = lay_out(&[morning.clone(), noon], (date("2027-01-11"), date("2027-04-05")), &facts);
    let states: Vec<String> = dated
        .chunks(2)
        .map(|pair| {
            let letter = |state| match state {
                DatedVisitState::Planned => 'p',
                DatedVisitState::Closed => 'c',
                DatedVisitState::EarlyRelease => 'e',
                DatedVisitState::NotCovered => 'n',
            };
            format!("{} {}{}", pair[0].1.format("%m-%d"), letter(pair[0].2), letter(pair[1].2))
        })
        .collect();
    let wanted = [
        "01-11 pp", "01-18 cc", "01-25 pp", "02-01 cc", "02-08 pp", "02-15 pp", "02-22 pe", "03-01 ee", "03-08 nn",
        "03-15 pp", "03-22 np", "03-29 nn",
    ];
    assert_eq!(states, wanted);
    assert!(dated.iter().all(|(_, _, state, reason)| (*state == DatedVisitState::NotCovered) <= reason.is_empty()));
    facts.sites.insert(morning.site_id, Period { from: date("2026-08-01"), until: Some(date("2027-01-25")) });
    let shut = lay_out(&[morning], (date("2027-01-11"), date("2027-02-01")), &facts);
    assert_eq!(shut[2].2, DatedVisitState::Closed, "{shut:?}");
}

#[test]
fn a_promise_a_year_becomes_whole_units_a_week_and_is_never_short() {
    let teaching = Teaching { weeks: 36, direct_weeks: 36, months: 10 };
    let year = weekly(1_200, MandatePeriod::Year, teaching).expect("weeks");
    assert_eq!((year.minutes_per_week, year.minutes_over_all_weeks), (45, 1_620));
    assert_eq!(
        year.arithmetic,
        "1200 minutes ÷ 36 weeks = 33.3 minutes a week, rounded up to 45 (a multiple of 15); 45 × 36 = 1620 minutes"
    );
    let month = weekly(120, MandatePeriod::Month, teaching).expect("weeks");
    assert_eq!(month.minutes_per_week, 45);
    assert!(month.arithmetic.starts_with("120 minutes × 10 months = 1200 minutes; 1200 minutes ÷ 36 weeks"));
    assert_eq!(weekly(1_080, MandatePeriod::Year, teaching).map(|one| one.minutes_per_week), Some(30));
    assert!(weekly(1_200, MandatePeriod::Year, Teaching::default()).is_none());
    for minutes in 1..4_000 {
        for weeks in 1..54 {
            let found = weekly(minutes, MandatePeriod::Term, Teaching { weeks, direct_weeks: weeks, months: 1 })
                .expect("weeks");
            assert!(found.minutes_over_all_weeks >= minutes && found.minutes_over_all_weeks - minutes < 15 * weeks);
        }
    }
    // A week over New Year is one week, of two months.
    let new_year =
        Teaching::of([date("2026-12-31"), date("2027-01-01"), date("2027-01-04")], |day| day == date("2027-01-04"));
    assert_eq!(new_year, Teaching { weeks: 2, direct_weeks: 1, months: 2 });
}

#[test]
fn a_promise_a_week_is_kept_in_three_weeks_of_four() {
    let three_to_one = Teaching { weeks: 36, direct_weeks: 27, months: 9 };
    let week = weekly(60, MandatePeriod::Week, three_to_one).expect("weeks");
    assert_eq!((week.minutes_per_week, week.instructional_weeks, week.direct_weeks), (90, 36, 27));
    assert_eq!(
        week.arithmetic,
        "60 minutes × 36 weeks = 2160 minutes; 2160 minutes ÷ 27 weeks with visits (3:1) = 80.0 minutes a week, rounded up \
         to 90 (a multiple of 15); 90 × 27 = 2430 minutes"
    );
    let exact = weekly(45, MandatePeriod::Week, three_to_one).expect("weeks");
    assert_eq!((exact.minutes_per_week, exact.minutes_over_all_weeks), (60, 45 * 36));
    // Where every week has visits, a promise a week is what is asked for.
    let all = Teaching { direct_weeks: 36, ..three_to_one };
    assert_eq!(weekly(60, MandatePeriod::Week, all).map(|one| one.minutes_per_week), Some(60));
    assert!(weekly(60, MandatePeriod::Week, Teaching { direct_weeks: 0, ..three_to_one }).is_none());
}
