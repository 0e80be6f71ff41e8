//! The week of one specialist. The same list of stays, visits and drives is a grid on a wide screen, an agenda on a
//! phone, and one sheet of paper.

mod grid;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Deserialize;

use super::shell::{Place, Shell};
use super::visitor::Visitor;
use super::{hue, icon, whole_week, wording};
use crate::domain::account::Role;
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::plan::{Plan, Visit};
use crate::operations::weeks::{self, SpecialistWeek};
use crate::operations::{Context, OperationError, ReadTx, overview};
use grid::{Entry, Grid};

#[derive(Template)]
#[template(path = "week.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Week,
}

struct Week {
    title: String,
    /// Whether this is the week of the visitor.
    is_own: bool,
    lede: String,
    /// Code, hue and name of each district in the week.
    legend: Vec<(String, &'static str, String)>,
    /// A day of the week before, and of the week after.
    before: NaiveDate,
    after: NaiveDate,
    grid: Grid,
    /// What else the week holds, and how the person stands, a sentence each.
    beside: Vec<String>,
    /// The page of the person's credentials, for whoever sees them.
    credentials: Option<String>,
}

/// Which week is shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Any day of it.
    on: Option<NaiveDate>,
}

/// `GET /week/{specialist code}?on=2027-01-11`
pub(super) async fn get(visitor: Visitor, code: web::Path<String>, asked: Option<web::Query<Asked>>) -> HttpResponse {
    let on = asked.and_then(|asked| asked.on).filter(|day| (2000..2200).contains(&day.year()));
    let read = move |tx: &mut ReadTx, ctx: &Context| read(tx, ctx, &code, on);
    visitor.show(Place::Schedule, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context, code: &str, on: Option<NaiveDate>) -> Result<Week, OperationError> {
    let plan = overview::plan_in_use(tx, ctx)?.ok_or(OperationError::NotFound)?;
    // Before a plan is followed, its first week is what people want to see.
    let today = ctx.today();
    let on = on.unwrap_or_else(|| plan.effective_from.map_or(today, |day| day.max(today)));
    let week = weeks::of_specialist(tx, ctx, (plan.id, code), on)?;
    let is_own = ctx.actor.roles.contains(&Role::Specialist { specialist_id: week.specialist.id });
    let mut grid = Grid::new(&week);
    if is_own {
        grid.add_log_links(&week.dates, today);
    }
    grid.keep_links(&may(&ctx.actor, Action::Read(Resource::ServiceRequests)));
    let name = &week.specialist.fields.name;
    Ok(Week {
        title: if is_own { "My week".to_owned() } else { name.clone() },
        is_own,
        lede: lede(&plan, &week),
        legend: legend(&week),
        before: on - TimeDelta::days(7),
        after: on + TimeDelta::days(7),
        grid,
        credentials: may(&ctx.actor, Action::Read(Resource::Credentials))
            .covers(Owner::specialist(week.specialist.id))
            .then(|| format!("/credentials/of/{}", wording::in_path(code))),
        beside: whole_week::of_person(tx, ctx, (plan.id, week.specialist.id))?,
    })
}

fn lede(plan: &Plan, week: &SpecialistWeek) -> String {
    let minutes = week.visits.iter().map(Visit::minutes).sum();
    let load = format!(
        "{}, {}, {} a week.",
        wording::count(week.visits.len() as i64, "visit", "visits"),
        wording::count(minutes, "minute", "minutes"),
        wording::count(week.hosts.len() as i64, "school", "schools")
    );
    match plan.effective_from {
        Some(day) => format!("{load} {}, from {}.", plan.code, wording::date(day)),
        None => format!("{load} {}.", plan.code),
    }
}

fn legend(week: &SpecialistWeek) -> Vec<(String, &'static str, String)> {
    let districts: BTreeMap<usize, _> = week.hosts.values().map(|host| (host.place, host)).collect();
    districts.into_iter().map(|(place, host)| (host.code.clone(), hue::of_district(place), host.name.clone())).collect()
}
