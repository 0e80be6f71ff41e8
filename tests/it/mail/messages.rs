//! What each e-mail says, and that its text and its HTML say the same.

use chrono::NaiveDate;
use coop_scheduler::domain::calendar::{Interval, Weekday};
use coop_scheduler::domain::service_request::Priority;
use coop_scheduler::mail::message::{
    AccountInvitation, CredentialEnds, MetRequest, OpenTime, OwnVisit, PlanPublishedForMember,
    PlanPublishedForSpecialist, Rendered, RequestReceived, ScheduleChange, ShortRequest, SignInCode, VisitBySpecialist,
};

pub(super) fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(super) fn interval(starts: &str, ends: &str) -> Interval {
    Interval::new(starts.parse().expect("a time"), ends.parse().expect("a time")).expect("an interval")
}

fn request_received() -> RequestReceived {
    RequestReceived {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Keisha".to_owned(),
        request_code: "SR-2026-0042".to_owned(),
        service: "Speech".to_owned(),
        priority: Priority::Mandated,
        school: "Momentum Academy, Fox Park".to_owned(),
        requested_minutes_per_week: 60,
        visits_per_week: 2,
        times: vec![
            OpenTime { weekday: Weekday::Tue, time: interval("08:30", "11:00") },
            OpenTime { weekday: Weekday::Thu, time: interval("11:30", "13:00") },
        ],
        next_plan_on: Some(date("2026-12-07")),
        link: "https://coop.example.org/requests/SR-2026-0042".to_owned(),
    }
}

fn for_member() -> PlanPublishedForMember {
    let visit = |weekday, starts, ends| VisitBySpecialist {
        weekday,
        time: interval(starts, ends),
        specialist: "Dana Whitfield".to_owned(),
    };
    PlanPublishedForMember {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Keisha".to_owned(),
        schedule_name: "Spring schedule".to_owned(),
        member_name: "Momentum Academy".to_owned(),
        starts_on: date("2027-01-04"),
        met: vec![MetRequest {
            request_code: "SR-2026-0041".to_owned(),
            service: "Speech".to_owned(),
            school: "Gravois Park".to_owned(),
            minutes_per_week: 90,
            visits: vec![visit(Weekday::Tue, "08:15", "09:00"), visit(Weekday::Thu, "08:15", "09:00")],
        }],
        short: vec![
            ShortRequest {
                request_code: "SR-2026-0042".to_owned(),
                service: "Speech".to_owned(),
                school: "Fox Park".to_owned(),
                requested_minutes_per_week: 60,
                planned_minutes_per_week: 30,
                reason: "Nobody is free on Thursday mornings.".to_owned(),
                visits: vec![visit(Weekday::Tue, "09:05", "09:35")],
            },
            ShortRequest {
                request_code: "SR-2026-0043".to_owned(),
                service: "OT".to_owned(),
                school: "Fox Park <annex> & gym".to_owned(),
                requested_minutes_per_week: 1_200,
                planned_minutes_per_week: 0,
                reason: "The co-op has no OT this term.".to_owned(),
                visits: Vec::new(),
            },
        ],
        link: "https://coop.example.org/schedule?district=momentum&from=2027-01-04".to_owned(),
    }
}

pub(super) fn for_specialist() -> PlanPublishedForSpecialist {
    let visit = |code: &str, school: &str, weekday, starts, ends| OwnVisit {
        request_code: code.to_owned(),
        service: "Speech".to_owned(),
        school: school.to_owned(),
        weekday,
        time: interval(starts, ends),
    };
    PlanPublishedForSpecialist {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Dana".to_owned(),
        schedule_name: "Spring schedule".to_owned(),
        starts_on: date("2027-01-04"),
        visits: vec![
            visit("SR-2026-0051", "Soulard", Weekday::Fri, "14:35", "15:05"),
            visit("SR-2026-0042", "Fox Park", Weekday::Tue, "11:20", "11:50"),
            visit("SR-2026-0041", "Gravois Park", Weekday::Tue, "08:15", "09:00"),
            visit("SR-2026-0016", "KIPP Wisdom", Weekday::Tue, "11:55", "12:40"),
        ],
        changes: vec![
            ScheduleChange::New(visit("SR-2026-0042", "Fox Park", Weekday::Tue, "11:20", "11:50")),
            ScheduleChange::Moved {
                visit: visit("SR-2026-0051", "Soulard", Weekday::Fri, "14:35", "15:05"),
                from_weekday: Weekday::Tue,
                from_time: interval("11:35", "12:05"),
            },
            ScheduleChange::NoLongerYours {
                visit: visit("SR-2026-0017", "KIPP Victory", Weekday::Wed, "10:30", "11:00"),
                taken_by: Some("Marcus Oyelaran".to_owned()),
            },
        ],
        note: Some(("Rosalind".to_owned(), "Welcome back after the break.".to_owned())),
        link: "https://coop.example.org/me/week/2027-01-04".to_owned(),
        invitations: vec!["BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n".to_owned()],
    }
}

fn assert_snapshots(name: &str, rendered: &Rendered) {
    insta::assert_snapshot!(format!("{name}.txt"), format!("Subject: {}\n\n{}", rendered.subject, rendered.text));
    insta::assert_snapshot!(format!("{name}.html"), rendered.html);
    assert_eq!(words_of_text(&rendered.text), words_of_html(&rendered.html));
}

/// The words of a text body without its links, which an HTML body hides in `href`.
fn words_of_text(text: &str) -> Vec<String> {
    words(&text.split_whitespace().filter(|word| !word.starts_with("https://")).collect::<Vec<_>>().join(" "))
}

/// The words that an HTML body shows.
fn words_of_html(html: &str) -> Vec<String> {
    let body = html.split_once("<body").expect("a body").1;
    let shown: String =
        body.split('<').map(|tag| format!(" {}", tag.split_once('>').map_or("", |(_, text)| text))).collect();
    words(&shown.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&"))
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '<' && letter != '&')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_request_received() {
    assert_snapshots("request_received", &request_received().render().expect("rendered"));
}

#[test]
fn an_account_invitation() {
    let mail = AccountInvitation {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Keisha".to_owned(),
        has_password: false,
        address: "keisha@momentum.example.org".to_owned(),
        works_until: date("2026-11-05").and_hms_opt(12, 0, 0).expect("a time"),
        link: "https://coop.example.org/invitation/0123456789abcdef".to_owned(),
    };
    assert_snapshots("account_invitation", &mail.render().expect("rendered"));
    let again = AccountInvitation { has_password: true, ..mail }.render().expect("rendered");
    assert_eq!(again.subject, "Set a new password for Shared Services Co-op");
    assert_eq!(words_of_text(&again.text), words_of_html(&again.html));
}

#[test]
fn a_credential_that_ends() {
    let mail = CredentialEnds {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Dana Whitfield".to_owned(),
        is_own: true,
        person_name: "Dana Whitfield".to_owned(),
        kind: "license".to_owned(),
        service: "Speech".to_owned(),
        issuer: "MO-BHA".to_owned(),
        ends_before: date("2027-04-01"),
        link: "https://coop.example.org/week/SLP-01".to_owned(),
    };
    assert_snapshots("credential_ends", &mail.render().expect("rendered"));
    let office = CredentialEnds { is_own: false, recipient_name: "Rosalind".to_owned(), ..mail };
    let office = office.render().expect("rendered");
    assert_eq!(office.subject, "Dana Whitfield’s license ends on March 31, 2027");
    assert!(office.text.contains("Enter the renewal"), "{}", office.text);
    assert_eq!(words_of_text(&office.text), words_of_html(&office.html));
}

#[test]
fn a_code_to_sign_in() {
    let mail = SignInCode {
        coop_name: "Shared Services Co-op".to_owned(),
        recipient_name: "Keisha".to_owned(),
        code: "01234567".to_owned(),
        works_until: date("2026-11-05").and_hms_opt(9, 10, 0).expect("a time"),
    };
    let rendered = mail.render().expect("rendered");
    assert_snapshots("sign_in_code", &rendered);
    assert!(!rendered.subject.contains("0123"), "phones show the subject while they are locked");
}

#[test]
fn a_request_received_before_a_plan_date_is_known() {
    let mail = RequestReceived { next_plan_on: None, times: Vec::new(), visits_per_week: 1, ..request_received() };
    let rendered = mail.render().expect("rendered");
    assert!(rendered.text.contains("The next plan will include it.\n"), "{}", rendered.text);
    assert!(rendered.text.contains("60 a week in 1 visit\n"), "{}", rendered.text);
    assert!(rendered.text.contains("Any time"), "{}", rendered.text);
    assert_eq!(words_of_text(&rendered.text), words_of_html(&rendered.html));
}

#[test]
fn a_plan_published_for_a_member() {
    assert_snapshots("plan_published_for_member", &for_member().render().expect("rendered"));
}

#[test]
fn a_plan_that_meets_everything_has_no_word_of_short() {
    let rendered = PlanPublishedForMember { short: Vec::new(), ..for_member() }.render().expect("rendered");
    assert_eq!(rendered.subject, "Spring schedule: 1 of 1 request met at Momentum Academy");
    assert!(!rendered.text.contains("Short") && !rendered.html.contains("Short"));
}

#[test]
fn a_plan_published_for_a_specialist() {
    let rendered = for_specialist().render().expect("rendered");
    assert_snapshots("plan_published_for_specialist", &rendered);
    assert_eq!(rendered.attachments[0].content, for_specialist().invitations[0].clone().into_bytes());
}

#[test]
fn a_first_plan_has_no_changes() {
    let rendered = PlanPublishedForSpecialist { changes: Vec::new(), note: None, ..for_specialist() }.render();
    let rendered = rendered.expect("rendered");
    assert_eq!(rendered.subject, "Your schedule from January 4");
    assert!(!rendered.text.contains("changes") && !rendered.text.contains("note"), "{}", rendered.text);
}

#[test]
fn html_is_escaped_and_accessible() {
    let html = for_member().render().expect("rendered").html;
    assert!(html.contains("Fox Park &#60;annex&#62; &#38; gym") && !html.contains("<annex>"));
    assert!(html.contains("<html lang=\"en-US\">") && html.contains("prefers-color-scheme: dark"));
    assert!(!html.contains("<img") && html.contains("<th scope=\"row\""));
    // A table is either for layout, and says so, or has a head for every row.
    for table in html.split("<table ").skip(1).filter(|table| !table.starts_with("role=\"presentation\"")) {
        assert_eq!(table.matches("<tr>").count(), table.matches("<th scope=\"row\"").count(), "{table}");
    }
}
