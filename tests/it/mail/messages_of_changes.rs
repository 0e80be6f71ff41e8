//! What the e-mails about changes, drafts, costs and minutes to log say.

use coop_scheduler::mail::message::{
    ChangeOfVisit, CostsFrom, DraftFigures, DraftReady, MinutesToLog, ScheduleChanged, StatementBefore, VisitChange,
    VisitToLog,
};

use super::messages::{assert_snapshots, date, interval};

fn change(day: &str, starts: &str, ends: &str, what: ChangeOfVisit) -> VisitChange {
    VisitChange {
        visit_on: date(day),
        time: interval(starts, ends),
        service: "Speech".to_owned(),
        school: "Gravois Park".to_owned(),
        request_code: "SR-2026-0041".to_owned(),
        what,
    }
}

fn changed(changes: Vec<VisitChange>) -> ScheduleChanged {
    ScheduleChanged {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Keisha".to_owned(),
        changes,
        is_own_week: false,
        has_choice: true,
        link: "https://coop.example.org/requests".to_owned(),
    }
}

fn not_covered() -> ChangeOfVisit {
    ChangeOfVisit::NotCovered { person: "Dana Whitfield".to_owned() }
}

#[test]
fn visits_that_do_not_take_place() {
    let mail = changed(vec![
        change("2026-12-03", "08:15", "09:00", not_covered()),
        change("2026-12-03", "09:05", "09:50", not_covered()),
    ]);
    let rendered = mail.render().expect("rendered");
    assert_eq!(rendered.subject, "Thursday: no speech visits at Gravois Park, December 3");
    assert_snapshots("schedule_changed_for_coordinator", &rendered);
}

#[test]
fn a_summary_of_a_specialist() {
    let mail = ScheduleChanged {
        is_own_week: true,
        link: "https://coop.example.org/week/SLP-01".to_owned(),
        ..changed(vec![
            change("2026-12-10", "08:15", "09:00", ChangeOfVisit::Closed { reason: "Snow day".to_owned() }),
            change("2026-12-10", "11:35", "12:20", ChangeOfVisit::YouCover { instead_of: "Ana Ruiz".to_owned() }),
            change("2026-12-11", "09:05", "09:50", ChangeOfVisit::OwnMakeUp),
        ])
    };
    let rendered = mail.render().expect("rendered");
    assert_eq!(rendered.subject, "3 changes of visits from Thursday, December 10");
    assert_snapshots("schedule_changed_for_specialist", &rendered);
}

#[test]
fn no_subject_names_a_person() {
    let (by, person) = ("Marcus Oyelaran".to_owned(), "Dana Whitfield".to_owned());
    let all = [
        not_covered(),
        ChangeOfVisit::Covered { by: by.clone(), instead_of: person.clone() },
        ChangeOfVisit::TakesPlace { person: person.clone() },
        ChangeOfVisit::MakeUpPlanned { person: person.clone() },
        ChangeOfVisit::MakeUpCancelled,
        ChangeOfVisit::Gone,
        ChangeOfVisit::Closed { reason: "Snow day".to_owned() },
        ChangeOfVisit::EarlyRelease { reason: "Half day, until 12:30 p.m.".to_owned() },
        ChangeOfVisit::OpenAgain,
        ChangeOfVisit::YoursAgain,
        ChangeOfVisit::OwnMakeUp,
        ChangeOfVisit::YouCover { instead_of: person.clone() },
        ChangeOfVisit::NoCoverOfYours { why: format!("{person} comes.") },
    ];
    for what in all {
        let rendered = changed(vec![change("2026-12-03", "08:15", "09:00", what)]).render().expect("rendered");
        assert!(!rendered.subject.contains("Dana") && !rendered.subject.contains("Marcus"), "{}", rendered.subject);
        assert!(
            rendered.subject.starts_with("Thursday: ") && rendered.subject.contains("speech"),
            "{}",
            rendered.subject
        );
        assert!(!rendered.text.contains(".."), "{}", rendered.text);
    }
}

#[test]
fn a_draft_that_is_ready() {
    let figures = |code: &str, met_minutes| DraftFigures {
        code: code.to_owned(),
        met_minutes,
        asked_minutes: 9_960,
        mandated_unmet_minutes: 60,
        driving_minutes: 1_200,
    };
    let mail = DraftReady {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Rosalind".to_owned(),
        draft: figures("PLAN-2026-0009", 9_780),
        in_use: Some(figures("PLAN-2026-0007", 9_390)),
        link: "https://coop.example.org/plans/PLAN-2026-0009/compare/PLAN-2026-0007".to_owned(),
    };
    let rendered = mail.render().expect("rendered");
    assert_eq!(rendered.subject, "Draft PLAN-2026-0009 is ready: 390 more minutes met");
    assert_snapshots("draft_ready", &rendered);
    let fewer = DraftReady { draft: figures("PLAN-2026-0009", 9_389), ..mail.clone() }.render().expect("rendered");
    assert_eq!(fewer.subject, "Draft PLAN-2026-0009 is ready: 1 fewer minute met");
    let first = DraftReady { in_use: None, ..mail }.render().expect("rendered");
    assert_eq!(first.subject, "Draft PLAN-2026-0009 is ready: 9,780 of 9,960 minutes met");
    assert!(!first.text.contains("now"), "{}", first.text);
}

#[test]
fn what_costs_follow() {
    let before = StatementBefore {
        code: "CS-2026-0007".to_owned(),
        counted_from: date("2026-11-01"),
        counted_until: date("2026-12-01"),
        charged_cents: 1_234_556,
    };
    let mail = CostsFrom {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Paul".to_owned(),
        schedule_name: "Spring schedule".to_owned(),
        plan_code: "PLAN-2026-0009".to_owned(),
        starts_on: date("2027-01-04"),
        before: Some(before),
        link: "https://coop.example.org/costs".to_owned(),
    };
    assert_snapshots("costs_from", &mail.render().expect("rendered"));
    let first = CostsFrom { before: None, ..mail }.render().expect("rendered");
    assert!(!first.text.contains('$'), "no amount is made up: {}", first.text);
}

#[test]
fn minutes_to_log() {
    let visit = |day: &str, starts: &str, ends: &str| VisitToLog {
        visit_on: date(day),
        time: interval(starts, ends),
        service: "Speech".to_owned(),
        school: "Gravois Park".to_owned(),
        request_code: "SR-2026-0041".to_owned(),
    };
    let mail = MinutesToLog {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Dana".to_owned(),
        visits: vec![visit("2026-12-01", "08:15", "09:00"), visit("2026-12-03", "11:35", "12:20")],
        link: "https://coop.example.org/me/log".to_owned(),
    };
    let rendered = mail.render().expect("rendered");
    assert_eq!(rendered.subject, "2 visits to log from this week");
    assert_snapshots("minutes_to_log", &rendered);
    let one = MinutesToLog { visits: vec![visit("2026-12-01", "08:15", "09:00")], ..mail }.render().expect("rendered");
    assert!(one.text.contains("1 visit of this week is not logged yet:"), "{}", one.text);
}
