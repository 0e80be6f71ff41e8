//! All plans, and runs of the planner that made none, newest first.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::{Place, Shell};
use super::status::Pill;
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::plan::{Plan, PlanState};
use crate::domain::plan_comparison::PlanMeasures;
use crate::domain::plan_run::{PlanRun, PlanRunState};
use crate::domain::term::Term;
use crate::operations::{Context, OperationError, PageRequest, ReadTx, plan_measures, plan_runs, plans, terms};

/// Plans on one page; each is counted from its own file.
const PLANS_A_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "plans.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Plans,
}

struct Plans {
    lede: String,
    rows: Vec<Row>,
    /// Where older ones are, if there are any.
    older: Option<String>,
}

struct Row {
    code: String,
    href: String,
    second: String,
    pill: Pill,
    met: String,
    unmet: String,
    limit: String,
    /// How to compare it with the plan in use.
    compare: Option<String>,
}

/// Which part of the list.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    skip: usize,
}

/// `GET /plans?skip=`
pub(super) async fn get(visitor: Visitor, asked: Option<web::Query<Asked>>) -> HttpResponse {
    let skip = asked.map_or(0, |asked| asked.skip);
    let read = move |tx: &mut ReadTx, ctx: &Context| read(tx, ctx, skip);
    visitor.show(Place::Plans, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context, skip: usize) -> Result<Plans, OperationError> {
    // Whoever may not see runs does not see this list either: drafts are in it.
    let mut runs = plan_runs::list(tx, ctx, PageRequest::ALL)?.items;
    runs.retain(|run| run.plan_id.is_none());
    let plans = plans::list(tx, ctx, PageRequest::ALL)?.items;
    let terms = terms::list(tx, ctx, PageRequest::ALL)?.items;
    let in_use = plans.iter().rev().find(|plan| plan.state == PlanState::Published).map(|plan| plan.code.clone());
    let lede = match &in_use {
        Some(code) => format!("{}. {code} is in use.", wording::count(plans.len() as i64, "plan", "plans")),
        None => format!("{}. None is in use.", wording::count(plans.len() as i64, "plan", "plans")),
    };
    let mut all: Vec<Made> = plans.into_iter().map(Made::Plan).chain(runs.into_iter().map(Made::Run)).collect();
    all.sort_by_key(|made| std::cmp::Reverse(made.created_at()));
    let count = all.len();
    let mut rows = Vec::new();
    for made in all.into_iter().skip(skip).take(PLANS_A_PAGE) {
        rows.push(match made {
            Made::Plan(plan) => of_plan(&plan, &plan_measures::get(tx, ctx, plan.id)?, in_use.as_deref(), &terms),
            Made::Run(run) => of_run(&run, &terms),
        });
    }
    let next = skip.saturating_add(PLANS_A_PAGE);
    Ok(Plans { lede, rows, older: (next < count).then(|| format!("/plans?skip={next}")) })
}

/// A plan, or the attempt at one.
enum Made {
    Plan(Plan),
    Run(PlanRun),
}

impl Made {
    fn created_at(&self) -> chrono::DateTime<chrono::Utc> {
        match self {
            Made::Plan(plan) => plan.created_at,
            Made::Run(run) => run.created_at,
        }
    }
}

fn term_name(id: crate::domain::ids::TermId, terms: &[Term]) -> String {
    terms.iter().find(|term| term.id == id).map_or_else(String::new, |term| term.fields.name.clone())
}

fn of_plan(plan: &Plan, measures: &PlanMeasures, in_use: Option<&str>, terms: &[Term]) -> Row {
    let code = wording::in_path(&plan.code);
    let compare = in_use.filter(|other| *other != plan.code);
    let term = term_name(plan.term_id, terms);
    Row {
        code: plan.code.clone(),
        href: format!("/plans/{code}"),
        second: match plan.effective_from {
            Some(day) => format!("{term}, from {}", wording::date(day)),
            None => term,
        },
        pill: Pill::of_plan(plan.state),
        met: of(measures.placed_minutes(), measures.requested_minutes()),
        unmet: wording::thousands(measures.mandated.requested_minutes - measures.mandated.placed_minutes),
        limit: limit(measures),
        compare: compare.map(|other| format!("/plans/{code}/compare/{}", wording::in_path(other))),
    }
}

fn of_run(run: &PlanRun, terms: &[Term]) -> Row {
    let best = run.progress.best_mandated_minutes.filter(|_| !run.state.is_over());
    let limit = match (run.state, &run.failure) {
        (PlanRunState::Failed, Some(why)) => why.clone(),
        _ => String::new(),
    };
    Row {
        code: run.code.clone(),
        href: format!("/plans/{}", wording::in_path(&run.code)),
        second: term_name(run.fields.term_id, terms),
        pill: Pill::of_run(run.state),
        met: best.map_or_else(|| "–".to_owned(), |best| format!("{} so far", wording::thousands(best))),
        unmet: "–".to_owned(),
        limit,
        compare: None,
    }
}

fn of(placed: i64, asked: i64) -> String {
    format!("{} of {}", wording::thousands(placed), wording::thousands(asked))
}

/// How far a plan is from the most that any plan can meet.
pub(super) fn limit(measures: &PlanMeasures) -> String {
    match measures.minutes_below_limit() {
        0 => "Proven best".to_owned(),
        below => format!("Within {} of the limit", wording::count(below, "minute", "minutes")),
    }
}
