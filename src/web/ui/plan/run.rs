//! A plan that is being made, or could not be.

use askama::Template;

use super::Found;
use super::curve::Curve;
use crate::domain::plan_run::{PlanRun, PlanRunState, RunSize, STEPS};
use crate::domain::term::Term;
use crate::operations::{Context, OperationError, ReadTx, plan_runs, plans, terms};
use crate::web::ui::shell::Shell;
use crate::web::ui::status::Pill;
use crate::web::ui::{icon, wording};

#[derive(Template)]
#[template(path = "run.html")]
pub(super) struct Html<'a> {
    pub shell: &'a Shell,
    pub page: &'a Page,
}

/// The whole page.
pub(super) struct Page {
    code: String,
    title: &'static str,
    pill: Pill,
    lede: String,
    /// Absent when nothing more will happen.
    at_work: Option<AtWork>,
    /// Why there is no plan.
    failure: String,
}

/// How far the planner is.
struct AtWork {
    head: String,
    elapsed: String,
    seconds: i64,
    seconds_max: i64,
    sentence: String,
    /// The best so far and the limit, in thousandths of what is asked for.
    bars: Option<(i64, i64)>,
    apart: String,
    /// How both came to be so.
    curve: Option<Curve>,
    /// State, number and words of each step.
    steps: Vec<(&'static str, usize, &'static str)>,
}

/// A run by its number; where its plan is, once it has one.
pub(super) fn read(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<Found, OperationError> {
    let run = plan_runs::get_by_code(tx, ctx, code)?;
    if let Some(plan) = run.plan_id {
        let plan = plans::get(tx, ctx, plan)?;
        return Ok(Found::Moved(format!("/plans/{}", wording::in_path(&plan.code))));
    }
    let term = terms::get(tx, ctx, run.fields.term_id)?;
    let size = plan_runs::size(tx, ctx, run.id)?;
    Ok(Found::Run(Box::new(page(&run, &term, size))))
}

fn page(run: &PlanRun, term: &Term, size: RunSize) -> Page {
    let title = match run.state {
        PlanRunState::Queued | PlanRunState::Running | PlanRunState::Succeeded => "Making a draft plan",
        PlanRunState::Failed => "This plan could not be made",
        PlanRunState::Cancelled => "Stopped",
    };
    Page {
        code: run.code.clone(),
        title,
        pill: Pill::of_run(run.state),
        lede: format!(
            "{} for {}, {} to {}. {}, {}, {}.",
            run.code,
            term.fields.name,
            wording::date(term.fields.starts_on),
            wording::date(term.fields.ends_on),
            wording::count(size.requests, "request", "requests"),
            wording::count(size.specialists, "specialist", "specialists"),
            wording::count(size.sites, "school", "schools")
        ),
        at_work: (!run.state.is_over()).then(|| at_work(run, size.mandated_minutes)),
        failure: run.failure.clone().unwrap_or_default(),
    }
}

fn at_work(run: &PlanRun, asked: i64) -> AtWork {
    let progress = &run.progress;
    let current = STEPS.iter().position(|(_, words)| *words == progress.phase);
    let step = |(place, (_, words)): (usize, &(&str, &'static str))| {
        let state = match current {
            Some(current) if place < current => "done",
            Some(current) if place == current => "now",
            _ => "later",
        };
        (state, place + 1, *words)
    };
    // Before the limit is found the planner says 0.
    let known = progress.best_mandated_minutes.zip(progress.bound_mandated_minutes).filter(|(_, limit)| *limit > 0);
    let step_words = current.map_or_else(String::new, |place| format!("Step {} of {}. ", place + 1, STEPS.len()));
    let sentence = match known {
        Some((best, limit)) => format!(
            "{step_words}The best plan so far meets {} of {} IEP-mandated minutes. No plan can meet more than {}.",
            wording::thousands(best),
            wording::thousands(asked),
            wording::thousands(limit)
        ),
        None => format!("{step_words}No plan has been found yet."),
    };
    let thousandths = |minutes: i64| if asked > 0 { (minutes * 1_000 / asked).clamp(0, 1_000) } else { 0 };
    let apart = known.map(|(best, limit)| match limit - best {
        ..=0 => "The two meet: the plan is proven best in IEP-mandated minutes.".to_owned(),
        apart => format!(
            "When the two meet, the plan is proven best. They are {} apart.",
            wording::count(apart, "minute", "minutes")
        ),
    });
    AtWork {
        head: progress.phase.clone(),
        elapsed: format!(
            "{} so far, at most {}",
            wording::count(progress.elapsed_seconds, "second", "seconds"),
            wording::thousands(run.fields.seconds_max)
        ),
        seconds: progress.elapsed_seconds.clamp(0, run.fields.seconds_max),
        seconds_max: run.fields.seconds_max,
        sentence,
        bars: known.map(|(best, limit)| (thousandths(best), thousandths(limit))),
        apart: apart.unwrap_or_default(),
        curve: Curve::of(progress),
        steps: STEPS.iter().enumerate().map(step).collect(),
    }
}
