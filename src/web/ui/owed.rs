//! What was delivered and what is still owed: a table of all requests that the visitor sees, and the account of one.

use actix_web::HttpResponse;
use askama::Template;

use super::shell::{Place, Shell};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::discipline::service_word;
use crate::domain::owed::{MissedCause, MissedMinutes, RequestOwed};
use crate::operations::owed::{self, Filter};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, sites};

#[derive(Template)]
#[template(path = "owed.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Page,
}

struct Page {
    lede: String,
    rows: Vec<Row>,
}

struct Row {
    code: String,
    href: String,
    about: String,
    /// Planned, delivered, missed, to log, to come, made up.
    numbers: [String; 6],
    still_owed: String,
    owes: bool,
    pace: String,
}

/// `GET /owed`
pub(super) async fn get(visitor: Visitor) -> HttpResponse {
    visitor.show(Place::Owed, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Page, OperationError> {
    let found = owed::list(tx, ctx, &Filter::default(), PageRequest::ALL)?.items;
    let sites = sites::list(tx, ctx, PageRequest::ALL)?.items;
    let site = |one: &RequestOwed| {
        let site = sites.iter().find(|site| site.id == one.site_id);
        site.map_or_else(String::new, |site| site.fields.name.clone())
    };
    let all: i64 = found.iter().map(|one| one.owed.still_owed_minutes).sum();
    let team: i64 = found.iter().map(|one| one.owed.for_team_decision_minutes).sum();
    let team = match team {
        0 => String::new(),
        team => format!(" Of these, {} are for IEP teams to decide about.", wording::thousands(team)),
    };
    let lede = format!("{} still owed.{team}", wording::count(all, "minute is", "minutes are"));
    Ok(Page { lede, rows: found.iter().map(|one| row(one, &site(one))).collect() })
}

fn row(one: &RequestOwed, site: &str) -> Row {
    let sum = &one.owed;
    let numbers = [
        sum.planned_minutes,
        sum.delivered_minutes,
        sum.missed_minutes,
        sum.to_log_minutes,
        sum.to_come_minutes,
        sum.made_up_minutes,
    ];
    Row {
        code: one.service_request_code.clone(),
        href: format!("/requests/{}", wording::in_path(&one.service_request_code)),
        about: format!("{}, {site}", service_word(&one.discipline)),
        numbers: numbers.map(wording::thousands),
        still_owed: wording::thousands(sum.still_owed_minutes),
        owes: sum.still_owed_minutes > 0,
        pace: sum.projection.as_ref().map_or_else(|| "–".to_owned(), |one| one.sentence.clone()),
    }
}

/// The account of one request.
pub(super) struct Account {
    /// Label, number, and a line below it.
    pub figures: Vec<(&'static str, String, String)>,
    pub pace: Option<String>,
    pub team: Option<String>,
    pub missed: Vec<Missed>,
}

/// Minutes missed for one reason.
pub(super) struct Missed {
    pub cause: &'static str,
    pub rule: String,
    pub source: String,
    pub minutes: String,
    pub made_up: String,
    pub still_owed: String,
}

impl Account {
    pub(super) fn new(found: &RequestOwed) -> Account {
        let sum = &found.owed;
        let number = wording::thousands;
        let ahead = match sum.to_log_minutes {
            0 => format!("{} still to come", number(sum.to_come_minutes)),
            minutes => format!("{} to log, {} still to come", number(minutes), number(sum.to_come_minutes)),
        };
        let delivered = format!("of {} this term; {ahead}", wording::count(sum.planned_minutes, "minute", "minutes"));
        let team = (sum.for_team_decision_minutes > 0).then(|| {
            format!(
                "{} were missed because the specialist was absent. Make them up, or ask the IEP team to decide \
                 (Missouri DESE 2008, LS05.23.08, after OSEP Letter to Clarke, 2007).",
                wording::count(sum.for_team_decision_minutes, "minute", "minutes")
            )
        });
        Account {
            figures: vec![
                ("Delivered", number(sum.delivered_minutes), delivered),
                ("Missed", number(sum.missed_minutes), format!("{} made up", number(sum.made_up_minutes))),
                ("Still owed", number(sum.still_owed_minutes), format!("{} not owed", number(sum.not_owed_minutes))),
            ],
            pace: sum.projection.as_ref().map(|one| format!("{}.", one.sentence)),
            team,
            missed: sum.missed.iter().map(missed).collect(),
        }
    }
}

fn missed(one: &MissedMinutes) -> Missed {
    Missed {
        cause: match one.cause {
            MissedCause::AbsentExcused => "Student absent, excused",
            MissedCause::AbsentUnexcused => "Student absent, not excused",
            MissedCause::ProviderAbsent => "Specialist absent",
            MissedCause::Closure => "School closed or day ended early",
            MissedCause::Activity => "School activity",
            MissedCause::Declined => "Student did not take part",
            MissedCause::Other => "Another reason",
            MissedCause::Shortened => "Visit shorter than planned",
        },
        rule: one.rule.clone(),
        source: one.source.clone(),
        minutes: wording::thousands(one.minutes),
        made_up: wording::thousands(one.made_up_minutes),
        still_owed: wording::thousands(one.still_owed_minutes),
    }
}
