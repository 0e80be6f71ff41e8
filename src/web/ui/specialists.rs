//! The schedule: every specialist with how full the week is, and the way to it.

use actix_web::HttpResponse;
use askama::Template;

use super::shell::{Place, Shell};
use super::visitor::{self, Visitor};
use super::whole_week::{self, Ending, WholeWeeks};
use super::{hue, icon, wording};
use crate::domain::discipline::service_word;
use crate::operations::weeks::{self, SpecialistLoad};
use crate::operations::{Context, OperationError, ReadTx, cover, overview};

#[derive(Template)]
#[template(path = "specialists.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Schedule,
}

struct Schedule {
    /// Absent until a plan is in use.
    lede: Option<String>,
    rows: Vec<Row>,
    /// Whether the visitor says who covers whom.
    finds_cover: bool,
    /// Visits of the next weeks that nobody comes to.
    uncovered: i64,
    /// For whoever sees how full whole weeks are.
    whole: Option<WholeWeeks>,
    ending: Vec<Ending>,
}

struct Row {
    name: String,
    href: String,
    /// Code, hue and name of each service.
    services: Vec<(String, &'static str, String)>,
    visits: String,
    sites: String,
    minutes: String,
    /// Filled part of the bar, from 0 to 100.
    filled: i64,
}

/// `GET /week`
pub(super) async fn get(visitor: Visitor) -> HttpResponse {
    if visitor::own_record(&visitor.actor).is_some() {
        return visitor::lead_to_own_week(visitor).await;
    }
    visitor.show(Place::Schedule, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Schedule, OperationError> {
    let plan = overview::plan_in_use(tx, ctx)?;
    let loads = match &plan {
        Some(plan) => weeks::loads(tx, ctx, plan.id)?,
        None => Vec::new(),
    };
    let finds_cover = cover::may_find(ctx);
    let uncovered = if finds_cover { cover::count_open(tx, ctx)? } else { 0 };
    let minutes: i64 = loads.iter().map(|load| load.minutes).sum();
    let visits: i64 = loads.iter().map(|load| load.visits).sum();
    let whole = match &plan {
        Some(plan) => whole_week::read(tx, ctx, plan.id)?,
        None => None,
    };
    Ok(Schedule {
        finds_cover,
        uncovered,
        whole,
        ending: whole_week::ending(tx, ctx)?,
        lede: plan.map(|plan| {
            format!(
                "{}, {} a week. {} is the plan in use.",
                wording::count(visits, "visit", "visits"),
                wording::count(minutes, "minute", "minutes"),
                plan.code
            )
        }),
        rows: loads.iter().map(row).collect(),
    })
}

fn row(load: &SpecialistLoad) -> Row {
    let fields = &load.specialist.fields;
    let filled = if load.minutes_max > 0 { load.minutes * 100 / load.minutes_max } else { 0 };
    Row {
        name: fields.name.clone(),
        href: format!("/week/{}", wording::in_path(&fields.code)),
        services: fields
            .disciplines
            .iter()
            .map(|held| (held.code.clone(), hue::of_service(&held.code), service_word(&held.code).to_owned()))
            .collect(),
        visits: wording::thousands(load.visits),
        sites: wording::thousands(load.sites),
        minutes: format!("{} of {}", wording::thousands(load.minutes), wording::thousands(load.minutes_max)),
        filled: filled.clamp(0, 100),
    }
}
