//! No minute is lost or doubled, and each rule decides as it says.

use proptest::prelude::*;

use super::*;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 5, 28).expect("a date")
}

fn visit(minutes: i64) -> PlannedVisit {
    let state = DatedVisitState::Planned;
    PlannedVisit { minutes, state, no_school: false, is_over: true, log: None, make_ups: Vec::new() }
}

fn logged(minutes: i64, log: LogFields) -> PlannedVisit {
    PlannedVisit { log: Some(log), ..visit(minutes) }
}

fn to_come(minutes: i64) -> PlannedVisit {
    PlannedVisit { is_over: false, ..visit(minutes) }
}

fn sum(visits: &[PlannedVisit]) -> Owed {
    owed(visits, &OwedRules::default(), day())
}

#[test]
fn a_visit_that_is_over_and_not_logged_is_neither_owed_nor_delivered() {
    let taken_back = logged(30, LogFields::NOT_LOGGED);
    let found = sum(&[visit(30), taken_back, to_come(45)]);
    assert_eq!((found.to_log_minutes, found.to_come_minutes, found.planned_minutes), (60, 45, 105));
    assert_eq!((found.still_owed_minutes, found.delivered_minutes, found.missed.len()), (0, 0, 0));
}

#[test]
fn what_the_specialist_missed_is_for_the_team_and_what_the_family_missed_is_not_owed() {
    let missed = MissedReason::ALL.map(|reason| logged(30, LogFields::missed(reason)));
    let found = sum(&missed);
    // Absent twice and declined are not owed; the specialist, closure, activity and other are.
    assert_eq!((found.missed_minutes, found.still_owed_minutes, found.not_owed_minutes), (210, 120, 90));
    assert_eq!(found.for_team_decision_minutes, 30);
    let source = |cause| found.missed.iter().find(|one| one.cause == cause).map(|one| one.source.as_str());
    assert!(source(MissedCause::ProviderAbsent).is_some_and(|text| text.contains("LS05.23.08")));
    assert!(source(MissedCause::AbsentExcused).is_some_and(|text| text.contains("Balkman")));
    let all = OwedRules { family: true, declined: true, ..OwedRules::default() };
    assert_eq!(owed(&missed, &all, day()).still_owed_minutes, 210);
    let none = OwedRules { closure: false, activity: false, other: false, ..OwedRules::default() };
    assert_eq!(owed(&missed, &none, day()).still_owed_minutes, 30);
}

#[test]
fn nobody_logs_what_the_calendar_says_and_a_holiday_was_never_planned() {
    let closed = |no_school| PlannedVisit { state: DatedVisitState::Closed, no_school, ..visit(30) };
    let away = PlannedVisit { state: DatedVisitState::NotCovered, ..visit(20) };
    let found = sum(&[closed(false), closed(true), away.clone()]);
    assert_eq!((found.planned_minutes, found.no_school_minutes, found.missed_minutes), (50, 30, 50));
    assert_eq!((found.still_owed_minutes, found.for_team_decision_minutes), (50, 20));
    // Ahead it only falls out: somebody may still cover it.
    let ahead = sum(&[PlannedVisit { is_over: false, ..away }]);
    assert_eq!((ahead.to_come_minutes, ahead.falls_out_minutes, ahead.still_owed_minutes), (20, 20, 0));
}

#[test]
fn a_make_up_counts_for_its_visit_up_to_what_was_missed() {
    let make_up = |minutes, log| MakeUp { minutes, falls_out: false, log };
    let mut missed = logged(45, LogFields::missed(MissedReason::ProviderAbsent));
    assert_eq!(missed.can_be_made_up(&OwedRules::default()), 45);
    missed.make_ups = vec![make_up(30, Some(LogFields::delivered(30))), make_up(10, None)];
    assert_eq!(missed.can_be_made_up(&OwedRules::default()), 5);
    let found = sum(std::slice::from_ref(&missed));
    assert_eq!((found.made_up_minutes, found.still_owed_minutes, found.make_ups_open_minutes), (30, 15, 10));
    missed.make_ups[1].log = Some(LogFields::delivered(20));
    let found = sum(std::slice::from_ref(&missed));
    assert_eq!((found.made_up_minutes, found.still_owed_minutes, found.over_delivered_minutes), (45, 0, 5));
    // What falls out promises nothing, and its minutes can be made up again; what was logged of it counts all the same.
    missed.make_ups[1] = MakeUp { falls_out: true, ..make_up(10, None) };
    assert_eq!(missed.can_be_made_up(&OwedRules::default()), 15);
    assert_eq!(sum(std::slice::from_ref(&missed)).make_ups_open_minutes, 0);
    missed.make_ups[0].falls_out = true;
    assert_eq!(sum(std::slice::from_ref(&missed)).made_up_minutes, 30);
    let absent = logged(45, LogFields::missed(MissedReason::AbsentExcused));
    assert_eq!(absent.can_be_made_up(&OwedRules::default()), 0);
}

#[test]
fn the_pace_so_far_is_carried_on_to_the_last_day() {
    let missed = logged(60, LogFields::missed(MissedReason::ProviderAbsent));
    let found = sum(&[logged(60, LogFields::delivered(60)), missed, to_come(60), to_come(60)]);
    let projection = found.projection.expect("something is to come");
    assert_eq!((projection.expected_minutes, projection.short_minutes), (60, 120));
    assert_eq!(projection.sentence, "At this pace 120 minutes short by May 28");
    // What the family missed slows nothing down.
    let absent = logged(60, LogFields::missed(MissedReason::AbsentExcused));
    let found = sum(&[logged(60, LogFields::delivered(60)), absent, to_come(60)]);
    assert_eq!(found.projection.map(|one| one.short_minutes), Some(0));
    assert_eq!(sum(&[logged(60, LogFields::delivered(60))]).projection, None);
}

fn any_log() -> impl Strategy<Value = Option<LogFields>> {
    prop_oneof![
        Just(None),
        Just(Some(LogFields::NOT_LOGGED)),
        (1..120_i64).prop_map(|minutes| Some(LogFields::delivered(minutes))),
        (0..MissedReason::ALL.len()).prop_map(|one| Some(LogFields::missed(MissedReason::ALL[one]))),
    ]
}

fn any_visit() -> impl Strategy<Value = PlannedVisit> {
    let states =
        [DatedVisitState::Planned, DatedVisitState::Closed, DatedVisitState::EarlyRelease, DatedVisitState::NotCovered];
    let make_up = (5..60_i64, any::<bool>(), any_log());
    let make_up = make_up.prop_map(|(minutes, falls_out, log)| MakeUp { minutes, falls_out, log });
    let parts =
        (5..90_i64, 0..states.len(), any::<bool>(), any::<bool>(), any_log(), proptest::collection::vec(make_up, 0..3));
    parts.prop_map(move |(minutes, state, no_school, is_over, log, make_ups)| PlannedVisit {
        minutes,
        state: states[state],
        no_school,
        is_over,
        log,
        make_ups,
    })
}

fn any_rules() -> impl Strategy<Value = OwedRules> {
    any::<[bool; 6]>().prop_map(|[family, declined, closure, activity, other, shortened]| OwedRules {
        family,
        declined,
        closure,
        activity,
        other,
        shortened,
    })
}

proptest! {
    #[test]
    fn no_minute_is_lost_or_doubled(
        visits in proptest::collection::vec(any_visit(), 0..40),
        rules in any_rules(),
        cut in 0..40_usize,
    ) {
        let all = owed(&visits, &rules, day());
        let parts = all.delivered_minutes + all.missed_minutes + all.to_log_minutes + all.to_come_minutes;
        prop_assert_eq!(all.planned_minutes, parts);
        let laid_out: i64 = visits.iter().map(|visit| visit.minutes).sum();
        prop_assert_eq!(laid_out, all.planned_minutes + all.no_school_minutes);
        let missed = all.made_up_minutes + all.still_owed_minutes + all.not_owed_minutes;
        prop_assert_eq!(all.missed_minutes, missed);
        prop_assert_eq!(all.missed.iter().map(|one| one.minutes).sum::<i64>(), all.missed_minutes);
        // Every minute that anybody logged as delivered is somewhere.
        let delivered = |log: &Option<LogFields>| log.and_then(|log| log.minutes).unwrap_or(0);
        let make_ups = visits.iter().flat_map(|visit| &visit.make_ups);
        let given: i64 = visits.iter().map(|visit| delivered(&visit.log)).sum::<i64>()
            + make_ups.map(|one| delivered(&one.log)).sum::<i64>();
        prop_assert_eq!(given, all.delivered_minutes + all.made_up_minutes + all.over_delivered_minutes);
        // Periods add up.
        let (first, rest) = visits.split_at(cut.min(visits.len()));
        let (first, rest) = (owed(first, &rules, day()), owed(rest, &rules, day()));
        prop_assert_eq!(all.still_owed_minutes, first.still_owed_minutes + rest.still_owed_minutes);
        prop_assert_eq!(all.made_up_minutes, first.made_up_minutes + rest.made_up_minutes);
        prop_assert!(all.for_team_decision_minutes <= all.still_owed_minutes);
        prop_assert!(all.falls_out_minutes <= all.to_come_minutes);
    }
}
