//! The overview: what the plan in use meets of what was asked, and why the rest is short.

use actix_web::HttpResponse;
use askama::Template;

use super::people::People;
use super::shell::{Place, Shell};
use super::shortage::Shortage;
use super::status::Given;
use super::visitor::Visitor;
use super::{credentials, heat, icon, shortage, wording};
use crate::domain::actor::{Action, Scope, may};
use crate::domain::member::Member;
use crate::domain::plan::{Coverage, Plan, Shortfall};
use crate::domain::service_request::RequestState;
use crate::operations::overview::CoverageView;
use crate::operations::{
    Context, OperationError, PageRequest, ReadTx, emails, members, overview, service_requests, visits,
};

/// How many shortages are open at first.
const OPEN_SHORTAGES: usize = 5;

#[derive(Template)]
#[template(path = "overview.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Overview,
}

/// The whole page.
#[derive(Debug, PartialEq, Eq)]
struct Overview {
    /// Absent until a plan is in use.
    plan: Option<PlanInUse>,
    /// What waits for somebody: bold words, a second line, address and words of the way there.
    waits: Vec<[String; 4]>,
    /// E-mails are not leaving: why. For the office.
    mail: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct PlanInUse {
    lede: String,
    figures: Vec<Figure>,
    map: heat::Map,
    /// Whether the visitor sees single requests, and so why minutes are unmet.
    sees_shortages: bool,
    shortages: Vec<Shortage>,
    more_shortages: Vec<Shortage>,
    shortages_counted: String,
}

/// A large number with its label above and a plain line below.
#[derive(Debug, PartialEq, Eq)]
struct Figure {
    label: &'static str,
    number: String,
    line: String,
}

/// `GET /overview`
pub(super) async fn get(visitor: Visitor) -> HttpResponse {
    visitor.show(Place::Overview, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Overview, OperationError> {
    overview::may_see_coverage(ctx)?;
    let members = members::list(tx, ctx, PageRequest::ALL)?.items;
    let (waits, mail) = (waits(tx, ctx)?, emails::alert(tx, ctx)?);
    let Some(plan) = overview::plan_in_use(tx, ctx)? else { return Ok(Overview { plan: None, waits, mail }) };
    let coverage = overview::coverage(tx, ctx, plan.id, &CoverageView::default())?;
    let (shortfalls, visits, sees_shortages) = match visits::list_shortfalls(tx, ctx, plan.id, PageRequest::ALL) {
        Ok(shortfalls) => (shortfalls.items, visits::list(tx, ctx, plan.id, PageRequest::ALL)?.items, true),
        // The board sees sums only.
        Err(OperationError::NotFound) => (Vec::new(), Vec::new(), false),
        Err(error) => return Err(error),
    };
    let given = Given::new(&visits, &shortfalls);
    let (shortages, more_shortages, shortages_counted) =
        shortages(shortfalls, &given, &members, &People::read(tx, ctx)?);
    Ok(Overview {
        mail,
        plan: Some(PlanInUse {
            lede: lede(&plan),
            figures: figures(&coverage),
            map: map(&plan, &coverage, sees_shortages),
            sees_shortages,
            shortages,
            more_shortages,
            shortages_counted,
        }),
        waits,
    })
}

/// What the office should look at.
fn waits(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<[String; 4]>, OperationError> {
    let mut waits = Vec::new();
    if may(&ctx.actor, Action::DecideRequest) == Scope::All {
        let filter = service_requests::Filter { state: Some(RequestState::Submitted), ..Default::default() };
        let sent = service_requests::list(tx, ctx, &filter, PageRequest::ALL)?.items.len() as i64;
        if sent > 0 {
            let words = wording::count(sent, "request waits for you", "requests wait for you");
            let second = "Sent by districts, not accepted or declined yet.".to_owned();
            waits.push([words, second, "/requests?status=sent".to_owned(), "See them".to_owned()]);
        }
    }
    let ending = credentials::ending(tx, ctx)?;
    if ending > 0 {
        let words = wording::count(ending, "credential ends", "credentials end");
        let days = credentials::SOON_DAYS;
        let second = "Visits after its last day are not covered until a renewal is on file.".to_owned();
        let words = format!("{words} within {days} days or ended before");
        waits.push([words, second, "/credentials?show=ending".to_owned(), "See which".to_owned()]);
    }
    Ok(waits)
}

fn lede(plan: &Plan) -> String {
    match plan.effective_from {
        Some(day) => format!("{} is the plan in use. It counts from {}.", plan.code, wording::date(day)),
        None => format!("{} is the plan in use.", plan.code),
    }
}

fn figures(coverage: &Coverage) -> Vec<Figure> {
    let total = &coverage.total;
    let (asked, placed) = (total.mandated_requested_minutes, total.mandated_placed_minutes);
    let mut figures = vec![
        Figure {
            label: "Requested minutes met",
            number: heat::percent(total.placed_minutes, total.requested_minutes),
            line: of_a_week(total.placed_minutes, total.requested_minutes),
        },
        Figure {
            label: "IEP-mandated minutes met",
            number: heat::percent(placed, asked),
            line: if placed == asked {
                format!("All {} a week", wording::thousands(asked))
            } else {
                format!("{} of {} are short", wording::thousands(asked - placed), wording::thousands(asked))
            },
        },
    ];
    if let Some(limit) = coverage.mandated_placed_at_most {
        let best = if limit == placed { "Proven best. " } else { "" };
        figures.push(Figure {
            label: "Most IEP-mandated minutes possible",
            number: wording::thousands(limit),
            line: format!(
                "{best}No plan can place more than {} with these people, hours and rules",
                wording::thousands(limit)
            ),
        });
    }
    figures
}

fn of_a_week(placed: i64, asked: i64) -> String {
    format!("{} of {} a week", wording::thousands(placed), wording::thousands(asked))
}

fn map(plan: &Plan, coverage: &Coverage, sees_requests: bool) -> heat::Map {
    let hint = if sees_requests { " Choose a cell to see its requests." } else { "" };
    let caption = format!("Share of requested weekly minutes that {} meets.{hint}", plan.code);
    let map = heat::Map::new(caption, "District", "All districts", coverage);
    if sees_requests { map } else { map.without_links() }
}

/// The worst shortages, the others, and how many there are: mandated minutes first, then the largest.
fn shortages(
    mut shortfalls: Vec<Shortfall>,
    given: &Given,
    members: &[Member],
    people: &People,
) -> (Vec<Shortage>, Vec<Shortage>, String) {
    shortfalls.sort_by_key(|one| (one.priority, -one.minutes, one.service_request_code.clone()));
    let counted = wording::count(shortfalls.len() as i64, "request is short", "requests are short");
    let mut worst: Vec<Shortage> =
        shortfalls.iter().map(|one| shortage::of_request(one, given, members, people)).collect();
    let more = worst.split_off(worst.len().min(OPEN_SHORTAGES));
    (worst, more, counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::CoverageCell;

    #[test]
    fn the_limit_is_called_best_only_when_it_is_reached() {
        let coverage = |placed| Coverage {
            plan_id: crate::domain::ids::PlanId::new(),
            disciplines: Vec::new(),
            rows: Vec::new(),
            totals: Vec::new(),
            total: CoverageCell {
                mandated_requested_minutes: 1_500,
                mandated_placed_minutes: placed,
                ..CoverageCell::default()
            },
            mandated_placed_at_most: Some(1_230),
            pooled_below_minutes: None,
        };
        let line = |placed: i64| figures(&coverage(placed)).pop().expect("a figure").line;
        let limit = "No plan can place more than 1,230 with these people, hours and rules";
        assert_eq!(line(1_200), limit);
        assert_eq!(line(1_230), format!("Proven best. {limit}"));
    }
}
