//! Every kind of e-mail with made-up content, so that the office can see what people get. A test holds the list against
//! the kinds there are.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::message::{
    AccountInvitation, ChangeOfVisit, CostsFrom, CredentialEnds, DraftFigures, DraftReady, MetRequest, MinutesToLog,
    OpenTime, OwnVisit, PlanPublishedForMember, PlanPublishedForSpecialist, RenderError, Rendered, RequestReceived,
    ScheduleChange, ScheduleChanged, ShortRequest, SignInChange, SignInChanged, SignInCode, VisitBySpecialist,
    VisitChange, VisitToLog,
};
use crate::domain::calendar::{Interval, WallClock, Weekday};
use crate::domain::service_request::Priority;

/// One kind.
#[derive(Debug)]
pub struct Sample {
    /// Its name in addresses.
    pub name: &'static str,
    /// When it is sent and to whom.
    pub about: &'static str,
    /// The e-mail.
    pub rendered: Result<Rendered, RenderError>,
}

/// All of them. Links lead to `public_url`, as in real e-mails; codes and links in them work nowhere.
pub fn all(coop_name: &str, public_url: &str) -> Vec<Sample> {
    let link = |path: &str| format!("{public_url}{path}");
    let mut all = about_schedules(coop_name.to_owned(), link);
    all.extend(about_people(coop_name.to_owned(), link));
    all
}

fn somebody() -> String {
    "Keisha".to_owned()
}

/// What people hear about requests, plans and visits.
fn about_schedules(coop_name: String, link: impl Fn(&str) -> String) -> Vec<Sample> {
    vec![
        Sample {
            name: "request-received",
            about: "A coordinator sent a request; goes to the district's coordinators",
            rendered: RequestReceived {
                coop_name: coop_name.clone(),
                recipient_name: somebody(),
                request_code: "SR-2026-0042".to_owned(),
                service: "Speech".to_owned(),
                priority: Priority::Mandated,
                school: "Momentum Academy, Fox Park".to_owned(),
                requested_minutes_per_week: 60,
                visits_per_week: 2,
                times: times().into_iter().map(|(weekday, time)| OpenTime { weekday, time }).collect(),
                next_plan_on: None,
                link: link("/requests/SR-2026-0042"),
            }
            .render(),
        },
        Sample {
            name: "plan-published-district",
            about: "A plan is in use; goes to each district's coordinators",
            rendered: for_member(&coop_name, link("/overview")).render(),
        },
        Sample {
            name: "plan-published-specialist",
            about: "A plan is in use; goes to each specialist in it, with invitations for the own calendar",
            rendered: for_specialist(&coop_name, link("/week/SLP-01")).render(),
        },
        Sample {
            name: "costs-from",
            about: "A plan is in use; tells finance from when costs follow it",
            rendered: CostsFrom {
                coop_name: coop_name.clone(),
                recipient_name: somebody(),
                schedule_name: "Spring schedule".to_owned(),
                plan_code: "PLAN-2026-0003".to_owned(),
                starts_on: date(),
                before: None,
                link: link("/costs"),
            }
            .render(),
        },
        Sample {
            name: "schedule-changed",
            about: "A visit changed; goes to the district's coordinators, to the specialist and to whoever covers",
            rendered: schedule_changed(&coop_name, link("/week/SLP-01")).render(),
        },
        Sample {
            name: "draft-ready",
            about: "The planner made a draft; goes to the office",
            rendered: DraftReady {
                coop_name: coop_name.clone(),
                recipient_name: somebody(),
                draft: figures("PLAN-2026-0004", 1_260),
                in_use: Some(figures("PLAN-2026-0003", 870)),
                link: link("/plans/PLAN-2026-0004/compare/PLAN-2026-0003"),
            }
            .render(),
        },
        Sample {
            name: "minutes-to-log",
            about: "Fridays, where visits of the week are not logged; goes to the specialist",
            rendered: MinutesToLog {
                coop_name: coop_name.clone(),
                recipient_name: "Dana Whitfield".to_owned(),
                visits: times().into_iter().map(|(_, time)| to_log(time)).collect(),
                link: link("/me/log"),
            }
            .render(),
        },
    ]
}

/// What people hear about themselves and their accounts.
fn about_people(coop_name: String, link: impl Fn(&str) -> String) -> Vec<Sample> {
    vec![
        Sample {
            name: "credential-ends",
            about: "A credential ends in 60, 30 or 7 days; goes to the specialist and the office",
            rendered: CredentialEnds {
                coop_name: coop_name.clone(),
                recipient_name: "Dana Whitfield".to_owned(),
                is_own: true,
                person_name: "Dana Whitfield".to_owned(),
                kind: "license".to_owned(),
                service: "Speech".to_owned(),
                issuer: "MO-BHA".to_owned(),
                ends_before: date(),
                link: link("/week/SLP-01"),
            }
            .render(),
        },
        Sample {
            name: "invitation",
            about: "The office invited somebody; the link sets a password and works once",
            rendered: AccountInvitation {
                coop_name: coop_name.clone(),
                recipient_name: somebody(),
                has_password: false,
                address: "keisha@momentum.example.org".to_owned(),
                works_until: moment(),
                link: link("/invitation/sample"),
            }
            .render(),
        },
        Sample {
            name: "sign-in-code",
            about: "Somebody asked for a code to sign in",
            rendered: SignInCode {
                coop_name: coop_name.clone(),
                recipient_name: somebody(),
                code: "00000000".to_owned(),
                works_until: moment(),
            }
            .render(),
        },
        Sample {
            name: "sign-in-changed",
            about: "A password, second factor, token or address changed; goes to the owner of the account",
            rendered: SignInChanged {
                coop_name,
                recipient_name: somebody(),
                change: SignInChange::Password,
                at: moment(),
                link: link("/account"),
            }
            .render(),
        },
    ]
}

fn for_member(coop_name: &str, link: String) -> PlanPublishedForMember {
    let visits = |number: usize| {
        let visit = |(weekday, time)| VisitBySpecialist { weekday, time, specialist: "Dana Whitfield".to_owned() };
        times().into_iter().take(number).map(visit).collect()
    };
    PlanPublishedForMember {
        coop_name: coop_name.to_owned(),
        recipient_name: "Keisha".to_owned(),
        schedule_name: "Spring schedule".to_owned(),
        member_name: "Momentum Academy".to_owned(),
        starts_on: date(),
        met: vec![MetRequest {
            request_code: "SR-2026-0041".to_owned(),
            service: "Speech".to_owned(),
            school: "Gravois Park".to_owned(),
            minutes_per_week: 60,
            visits: visits(2),
        }],
        short: vec![ShortRequest {
            request_code: "SR-2026-0042".to_owned(),
            service: "Speech".to_owned(),
            school: "Fox Park".to_owned(),
            requested_minutes_per_week: 60,
            planned_minutes_per_week: 30,
            reason: "Nobody is free on Thursday mornings.".to_owned(),
            visits: visits(1),
        }],
        link,
    }
}

fn for_specialist(coop_name: &str, link: String) -> PlanPublishedForSpecialist {
    let visit = |code: &str, (weekday, time)| OwnVisit {
        request_code: code.to_owned(),
        service: "Speech".to_owned(),
        school: "Fox Park".to_owned(),
        weekday,
        time,
    };
    let visits: Vec<OwnVisit> = times().into_iter().map(|time| visit("SR-2026-0041", time)).collect();
    let changes = visits.first().cloned().map(ScheduleChange::New).into_iter().collect();
    PlanPublishedForSpecialist {
        coop_name: coop_name.to_owned(),
        recipient_name: "Dana Whitfield".to_owned(),
        schedule_name: "Spring schedule".to_owned(),
        starts_on: date(),
        visits,
        changes,
        note: None,
        link,
        invitations: Vec::new(),
    }
}

fn schedule_changed(coop_name: &str, link: String) -> ScheduleChanged {
    let change = |(_, time)| VisitChange {
        visit_on: date(),
        time,
        service: "Speech".to_owned(),
        school: "Fox Park".to_owned(),
        request_code: "SR-2026-0041".to_owned(),
        what: ChangeOfVisit::Closed { reason: "Snow day".to_owned() },
    };
    ScheduleChanged {
        coop_name: coop_name.to_owned(),
        recipient_name: "Dana Whitfield".to_owned(),
        changes: times().into_iter().map(change).collect(),
        is_own_week: true,
        has_choice: true,
        link,
    }
}

fn figures(code: &str, met_minutes: i64) -> DraftFigures {
    DraftFigures {
        code: code.to_owned(),
        met_minutes,
        asked_minutes: 1_500,
        mandated_unmet_minutes: 1_500 - met_minutes,
        driving_minutes: 240,
    }
}

fn to_log(time: Interval) -> VisitToLog {
    VisitToLog {
        visit_on: date(),
        time,
        service: "Speech".to_owned(),
        school: "Fox Park".to_owned(),
        request_code: "SR-2026-0041".to_owned(),
    }
}

fn times() -> Vec<(Weekday, Interval)> {
    let time = |starts, ends| {
        let (starts, ends) = (WallClock::from_minutes(starts)?, WallClock::from_minutes(ends)?);
        Interval::new(starts, ends).ok()
    };
    let days = [(Weekday::Tue, time(510, 540)), (Weekday::Thu, time(600, 630))];
    days.into_iter().filter_map(|(weekday, time)| time.map(|time| (weekday, time))).collect()
}

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, 4).unwrap_or_default()
}

fn moment() -> NaiveDateTime {
    date().and_time(NaiveTime::default())
}
