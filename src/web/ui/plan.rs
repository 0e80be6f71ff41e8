//! One plan: how good it is and how that is known, or how far the planner is with it.

mod run;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::people::People;
use super::shell::{Place, Shell, answer, lead_to};
use super::status::Pill;
use super::visitor::Visitor;
use super::{heat, icon, plans, wording};
use crate::domain::ids::DatedVisitId;
use crate::domain::plan::{Plan, PlanState, TradeOff};
use crate::domain::plan_comparison::{PlanFindings, PlanMeasures};
use crate::domain::term::Term;
use crate::operations::{Context, OperationError, PageRequest, ReadTx, plan_measures, terms, workload};

/// Other plans that are offered for comparison.
const OTHERS_MAX: usize = 10;

#[derive(Template)]
#[template(path = "plan.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Page,
    /// Whether the visitor has a session: a demonstration changes nothing.
    can_change: bool,
}

struct Page {
    code: String,
    path: String,
    pill: Pill,
    is_draft: bool,
    lede: String,
    /// The plan to compare with first: code and address.
    compare: Option<(String, String)>,
    figures: Vec<(&'static str, String, String)>,
    proof: Vec<String>,
    /// What to look at before it is published, of a draft.
    checks: Vec<String>,
    trade_offs: Vec<String>,
    facts: Vec<(&'static str, String)>,
    /// Code, address and pill of other plans.
    others: Vec<(String, String, Pill)>,
}

/// A plan, a run without one, or where the run's plan is.
enum Found {
    Plan(Box<Page>),
    Run(Box<run::Page>),
    Moved(String),
}

/// `GET /plans/{code}`
pub(super) async fn get(visitor: Visitor, code: web::Path<String>) -> HttpResponse {
    let shell = visitor.shell(Place::Plans);
    match visitor.look(move |tx, ctx| read(tx, ctx, &code)).await {
        Ok(Found::Plan(page)) => {
            let can_change = shell.person.is_some();
            answer(&shell, StatusCode::OK, Html { shell: &shell, page: &page, can_change }.render())
        }
        Ok(Found::Run(page)) => answer(&shell, StatusCode::OK, run::Html { shell: &shell, page: &page }.render()),
        Ok(Found::Moved(address)) => lead_to(&address),
        Err(error) => visitor.refuse(&error),
    }
}

fn read(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<Found, OperationError> {
    if code.starts_with("RUN-") {
        return run::read(tx, ctx, code);
    }
    let all = crate::operations::plans::list(tx, ctx, PageRequest::ALL)?.items;
    let plan = all.iter().find(|plan| plan.code == code).ok_or(OperationError::NotFound)?;
    let findings = plan_measures::findings(tx, ctx, plan.id)?;
    let term = terms::get(tx, ctx, plan.term_id)?;
    let mut page = page(plan, &all, &findings, &term);
    page.checks = checks(tx, ctx, plan)?.warnings;
    Ok(Found::Plan(Box::new(page)))
}

/// What to look at before a draft is published.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// Everything, a sentence each, with names in place of codes.
    pub warnings: Vec<String>,
    /// The make-ups that fall out, which are among it.
    pub fall_out: Vec<DatedVisitId>,
}

/// Of a draft, for those who may publish it.
pub(super) fn checks(tx: &mut ReadTx, ctx: &Context, plan: &Plan) -> Result<Checks, OperationError> {
    if plan.state != PlanState::Draft {
        return Ok(Checks::default());
    }
    let people = People::read(tx, ctx)?;
    match workload::checks(tx, ctx, plan.id) {
        Ok(found) => Ok(Checks {
            warnings: found.warnings.iter().map(|words| people.named(words)).collect(),
            fall_out: found.make_up_clashes.iter().map(|clash| clash.make_up_id).collect(),
        }),
        Err(OperationError::NotFound | OperationError::Forbidden(_)) => Ok(Checks::default()),
        Err(error) => Err(error),
    }
}

fn page(plan: &Plan, all: &[Plan], findings: &PlanFindings, term: &Term) -> Page {
    let measures = &findings.measures;
    let path = format!("/plans/{}", wording::in_path(&plan.code));
    let address = |other: &Plan| format!("{path}/compare/{}", wording::in_path(&other.code));
    let others: Vec<&Plan> = all.iter().rev().filter(|other| other.id != plan.id).collect();
    let in_use = others.iter().find(|other| other.state == PlanState::Published);
    // A draft is compared with the plan in use, and the plan in use with the newest other.
    let first = in_use.or(others.first());
    Page {
        code: plan.code.clone(),
        pill: Pill::of_plan(plan.state),
        is_draft: plan.state == PlanState::Draft,
        lede: lede(plan, measures, term),
        compare: first.map(|other| (other.code.clone(), address(other))),
        figures: figures(measures),
        proof: proof(findings),
        checks: Vec::new(),
        trade_offs: trade_offs(measures.mandated.placed_minutes, &plan.trade_offs),
        facts: facts(measures),
        others: others
            .iter()
            .take(OTHERS_MAX)
            .map(|other| (other.code.clone(), address(other), Pill::of_plan(other.state)))
            .collect(),
        path,
    }
}

fn lede(plan: &Plan, measures: &PlanMeasures, term: &Term) -> String {
    let from = plan.effective_from.map_or_else(String::new, |day| format!(" It counts from {}.", wording::date(day)));
    format!(
        "For {}: {}, {} with visits.{from}",
        term.fields.name,
        wording::count(measures.requests, "request", "requests"),
        wording::count(measures.specialists, "specialist", "specialists")
    )
}

fn figures(measures: &PlanMeasures) -> Vec<(&'static str, String, String)> {
    let (asked, placed) = (measures.requested_minutes(), measures.placed_minutes());
    let mandated = measures.mandated;
    let unmet = mandated.requested_minutes - mandated.placed_minutes;
    let of = |some: i64, all: i64| format!("{} of {}", wording::thousands(some), wording::thousands(all));
    vec![
        ("Requested minutes met", heat::percent(placed, asked), format!("{} a week", of(placed, asked))),
        (
            "IEP-mandated minutes met",
            heat::percent(mandated.placed_minutes, mandated.requested_minutes),
            if unmet == 0 {
                format!("All {} a week", wording::thousands(mandated.requested_minutes))
            } else {
                format!("{} are short", of(unmet, mandated.requested_minutes))
            },
        ),
        (
            "Most minutes possible",
            wording::thousands(measures.placed_at_most_minutes()),
            format!("{}.", plans::limit(measures)),
        ),
        ("Driving a week", wording::hours(measures.travel_minutes), "Between schools".to_owned()),
    ]
}

/// What is known about how good the plan is, a sentence each.
fn proof(findings: &PlanFindings) -> Vec<String> {
    let measures = &findings.measures;
    let mandated = measures.mandated;
    let distance = |below: i64| match below {
        ..=0 => "It is proven best.".to_owned(),
        below => format!("It is within {} of the limit.", wording::count(below, "minute", "minutes")),
    };
    let mut told = vec![format!(
        "No plan can place more than {} IEP-mandated minutes with these people, hours and rules. This plan places {}. {}",
        wording::thousands(mandated.placed_at_most_minutes),
        wording::thousands(mandated.placed_minutes),
        distance(mandated.placed_at_most_minutes - mandated.placed_minutes)
    )];
    for (name, one) in [("evaluation", measures.evaluation), ("consult", measures.consult)] {
        if one.requested_minutes > 0 {
            told.push(format!(
                "With so many IEP-mandated minutes, no plan can place more than {} {name} minutes. This plan places {}. {}",
                wording::thousands(one.placed_at_most_minutes),
                wording::thousands(one.placed_minutes),
                distance(one.placed_at_most_minutes - one.placed_minutes)
            ));
        }
    }
    if findings.was_cut_short {
        told.push("The search was cut short: a longer one may find a better plan.".to_owned());
    }
    told
}

/// What other plans of the same re-planning would bring and move, against this one, a sentence each.
fn trade_offs(own_minutes: i64, found: &[TradeOff]) -> Vec<String> {
    // This plan is one of them: the one with its minutes that moves least.
    let mut found: Vec<&TradeOff> = found.iter().collect();
    found.sort_by_key(|one| (one.visits_moved, one.mandated_minutes, one.people_touched));
    found.dedup_by_key(|one| (one.visits_moved, one.mandated_minutes));
    let own = found.iter().find(|one| one.mandated_minutes == own_minutes).copied();
    let told = |one: &TradeOff| {
        let minutes = one.mandated_minutes - own_minutes;
        let (moved, people) = match own {
            Some(own) => (one.visits_moved - own.visits_moved, one.people_touched - own.people_touched),
            None => (one.visits_moved, one.people_touched),
        };
        if minutes == 0 && moved == 0 {
            return None;
        }
        let sign = if minutes > 0 { "+" } else { "−" };
        let more = |count: i64, one: &str, many: &str| match (own.is_some(), count) {
            (true, 1..) => format!("{} more {}", wording::thousands(count), if count == 1 { one } else { many }),
            (true, ..=-1) => format!("{} fewer {}", wording::thousands(-count), if count == -1 { one } else { many }),
            _ => wording::count(count, one, many),
        };
        let people = match people {
            0 => String::new(),
            count => format!(", of {}", more(count, "specialist", "specialists")),
        };
        let gain = match minutes {
            0 => "The same IEP-mandated minutes".to_owned(),
            _ => format!("{sign}{} IEP-mandated minutes", wording::thousands(minutes.abs())),
        };
        Some(format!("{gain} would move {}{people}.", more(moved, "visit", "visits")))
    };
    found.into_iter().filter_map(told).collect()
}

fn facts(measures: &PlanMeasures) -> Vec<(&'static str, String)> {
    let of = |some: i64, all: i64| format!("{} of {}", wording::thousands(some), wording::thousands(all));
    let mut facts = vec![
        ("Requests met to the last minute", of(measures.requests_met, measures.requests)),
        ("Visits a week", wording::thousands(measures.visits)),
        ("Groups that keep their specialist", of(measures.pairs_kept, measures.pairs)),
        ("Staff cost of the minutes, a week", wording::money(measures.staff_cost_cents)),
    ];
    if let Some(worst) = &measures.worst_served {
        let share = heat::percent(worst.placed_minutes, worst.requested_minutes);
        let minutes = of(worst.placed_minutes, worst.requested_minutes);
        facts.push((
            "District that goes shortest of IEP-mandated minutes",
            format!("{}, {share} ({minutes})", worst.member_name),
        ));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mandated_minutes: i64, visits_moved: i64, people_touched: i64) -> TradeOff {
        TradeOff { minutes_per_moved_visit: 0, mandated_minutes, visits_moved, people_touched }
    }

    #[test]
    fn a_trade_off_is_told_against_this_plan() {
        let all = [found(1_000, 2, 1), found(1_030, 6, 3), found(970, 0, 0)];
        assert_eq!(
            trade_offs(1_000, &all),
            [
                "−30 IEP-mandated minutes would move 2 fewer visits, of 1 fewer specialist.",
                "+30 IEP-mandated minutes would move 4 more visits, of 2 more specialists."
            ]
        );
        assert_eq!(trade_offs(990, &all[..1]), ["+10 IEP-mandated minutes would move 2 visits, of 1 specialist."]);
        assert!(trade_offs(1_000, &[]).is_empty());
    }
}
