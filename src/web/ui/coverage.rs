//! Coverage of a plan: what is met where, why the rest is not, and what more staff would change.

mod hire;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::{Place, Shell, answer, lead_to};
use super::shortage::{self, Shortage};
use super::visitor::Visitor;
use super::{heat, icon, wording};
use crate::domain::discipline::service_word;
use crate::domain::plan::{Coverage, CoverageRows, Plan, PlanState};
use crate::domain::plan_comparison::{HourPrice, PlanMeasures};
use crate::domain::service_request::Priority;
use crate::operations::overview::CoverageView;
use crate::operations::{
    Context, OperationError, PageRequest, ReadTx, members, overview, plan_measures, plans, scenarios, visits,
};
use hire::Hire;

/// How many shortages are open at first.
const OPEN_SHORTAGES: usize = 5;

#[derive(Template)]
#[template(path = "coverage.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "coverage_empty.html")]
struct EmptyHtml<'a> {
    shell: &'a Shell,
}

struct Page {
    code: String,
    path: String,
    lede: String,
    /// Name, label and entries of each filter.
    filters: [(&'static str, &'static str, Vec<Choice>); 3],
    map: heat::Map,
    shortages: Vec<Shortage>,
    more_shortages: Vec<Shortage>,
    counted: String,
    prices: Vec<String>,
    hire: Hire,
}

/// One entry of a filter.
struct Choice {
    value: String,
    words: String,
    is_chosen: bool,
}

/// What the page is narrowed to.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    plan: String,
    #[serde(default)]
    rows: String,
    #[serde(default)]
    priority: String,
}

impl Asked {
    /// Anything else than a known word narrows nothing.
    fn view(&self) -> CoverageView {
        let rows = if self.rows == "districts" { CoverageRows::Members } else { CoverageRows::Sites };
        let priority = match self.priority.as_str() {
            "mandated" => Some(Priority::Mandated),
            "evaluation" => Some(Priority::Evaluation),
            "consult" => Some(Priority::Consult),
            _ => None,
        };
        CoverageView { rows, priority }
    }
}

/// `GET /plans/{code}/coverage?rows=&priority=`
pub(super) async fn get(visitor: Visitor, code: web::Path<String>, asked: Option<web::Query<Asked>>) -> HttpResponse {
    let view = asked.map(web::Query::into_inner).unwrap_or_default().view();
    let read = move |tx: &mut ReadTx, ctx: &Context| read(tx, ctx, &code, view);
    visitor.show(Place::Coverage, read, |shell, page| Html { shell, page }.render()).await
}

/// `GET /coverage?plan=&rows=&priority=`: leads to a plan's page, the one in use if none is chosen.
pub(super) async fn lead(visitor: Visitor, asked: Option<web::Query<Asked>>) -> HttpResponse {
    let asked = asked.map(web::Query::into_inner).unwrap_or_default();
    let chosen = asked.plan.clone();
    let find = move |tx: &mut ReadTx, ctx: &Context| -> Result<Option<String>, OperationError> {
        let all = plans::list(tx, ctx, PageRequest::ALL)?.items;
        let plan = if chosen.is_empty() {
            overview::plan_in_use(tx, ctx)?
        } else {
            Some(all.into_iter().find(|plan| plan.code == chosen).ok_or(OperationError::NotFound)?)
        };
        // Asked even without a plan, so that only those who may see coverage learn that there is none.
        plan_measures::may_see(ctx)?;
        Ok(plan.map(|plan| plan.code))
    };
    let shell = visitor.shell(Place::Coverage);
    match visitor.look(find).await {
        Ok(Some(code)) => {
            let filters = [("rows", &asked.rows), ("priority", &asked.priority)];
            let chosen = filters.iter().filter(|(_, value)| value.bytes().all(|byte| byte.is_ascii_lowercase()));
            let query: Vec<String> =
                chosen.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
            let mark = if query.is_empty() { "" } else { "?" };
            lead_to(&format!("/plans/{}/coverage{mark}{}", wording::in_path(&code), query.join("&")))
        }
        Ok(None) => answer(&shell, StatusCode::OK, EmptyHtml { shell: &shell }.render()),
        Err(error) => visitor.refuse(&error),
    }
}

fn read(tx: &mut ReadTx, ctx: &Context, code: &str, view: CoverageView) -> Result<Page, OperationError> {
    let all = plans::list(tx, ctx, PageRequest::ALL)?.items;
    let plan = all.iter().find(|plan| plan.code == code).ok_or(OperationError::NotFound)?;
    let findings = plan_measures::findings(tx, ctx, plan.id)?;
    let members = members::list(tx, ctx, PageRequest::ALL)?.items;
    let coverage = overview::coverage(tx, ctx, plan.id, &view)?;
    let districts = CoverageView { rows: CoverageRows::Members, ..view };
    let asked = asked_by_district(&overview::coverage(tx, ctx, plan.id, &districts)?);
    let compared = scenarios::compare(tx, ctx, plan.id)?;
    let tried = scenarios::list(tx, ctx, plan.id, PageRequest::ALL)?.items;
    let mut shortfalls = visits::list_shortfalls(tx, ctx, plan.id, PageRequest::ALL)?.items;
    shortfalls.retain(|one| view.priority.is_none_or(|only| only == one.priority));
    let of = |district: &str, service: &str| {
        asked.get(&(district.to_owned(), service.to_owned())).copied().unwrap_or_default()
    };
    let mut shortages = shortage::by_service_and_district(&shortfalls, &members, of);
    let counted = wording::count(shortages.len() as i64, "shortage", "shortages");
    let more_shortages = shortages.split_off(shortages.len().min(OPEN_SHORTAGES));
    Ok(Page {
        code: plan.code.clone(),
        path: format!("/plans/{}", wording::in_path(&plan.code)),
        lede: lede(&findings.measures),
        filters: [
            ("plan", "Plan", all.iter().rev().map(|one| plan_choice(one, plan)).collect()),
            ("priority", "Priority", priorities(view.priority)),
            ("rows", "Rows", rows(view.rows)),
        ],
        map: map(plan, &coverage, view.rows),
        shortages,
        more_shortages,
        counted,
        prices: prices(&findings.prices),
        hire: Hire::new(&findings.measures, &compared, &tried),
    })
}

/// Minutes asked for by code of the district and service.
fn asked_by_district(coverage: &Coverage) -> BTreeMap<(String, String), i64> {
    let cells = coverage.rows.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell)));
    cells.map(|(row, cell)| ((row.member_code.clone(), cell.discipline.clone()), cell.requested_minutes)).collect()
}

fn lede(measures: &PlanMeasures) -> String {
    let (asked, placed) = (measures.requested_minutes(), measures.placed_minutes());
    let unmet = measures.mandated.requested_minutes - measures.mandated.placed_minutes;
    if asked == placed {
        return format!("All {} requested minutes are met each week.", wording::thousands(asked));
    }
    format!(
        "{} of {} requested minutes are met each week. {} are not, and {} of those are IEP-mandated.",
        wording::thousands(placed),
        wording::thousands(asked),
        wording::thousands(asked - placed),
        if unmet == 0 { "none".to_owned() } else { wording::thousands(unmet) }
    )
}

fn map(plan: &Plan, coverage: &Coverage, rows: CoverageRows) -> heat::Map {
    let (head, all, at) = match rows {
        CoverageRows::Members => ("District", "All districts", "in each district"),
        CoverageRows::Sites => ("School", "All schools", "at each school"),
    };
    let caption =
        format!("Share of requested weekly minutes that {} meets {at}. Choose a cell to see its requests.", plan.code);
    heat::Map::new(caption, head, all, coverage)
}

fn plan_choice(one: &Plan, chosen: &Plan) -> Choice {
    let state = match one.state {
        PlanState::Draft => ", draft",
        PlanState::Published => ", in use",
        PlanState::Superseded => "",
    };
    Choice { value: one.code.clone(), words: format!("{}{state}", one.code), is_chosen: one.id == chosen.id }
}

fn priorities(chosen: Option<Priority>) -> Vec<Choice> {
    let choice =
        |value: &str, words: &str, is_chosen| Choice { value: value.to_owned(), words: words.to_owned(), is_chosen };
    vec![
        choice("", "All priorities", chosen.is_none()),
        choice("mandated", "IEP-mandated", chosen == Some(Priority::Mandated)),
        choice("evaluation", "Evaluation", chosen == Some(Priority::Evaluation)),
        choice("consult", "Consult", chosen == Some(Priority::Consult)),
    ]
}

fn rows(chosen: CoverageRows) -> Vec<Choice> {
    let choice = |value: &str, words: &str, one| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        is_chosen: chosen == one,
    };
    vec![choice("schools", "Schools", CoverageRows::Sites), choice("districts", "Districts", CoverageRows::Members)]
}

/// One sentence a service, the most valuable first. Days of equal worth are told together.
fn prices(prices: &[HourPrice]) -> Vec<String> {
    let mut services: Vec<(&str, Vec<(i64, Vec<&str>)>)> = Vec::new();
    for price in prices {
        let place = services.iter().position(|(service, _)| *service == price.discipline);
        let place = place.unwrap_or_else(|| {
            services.push((&price.discipline, Vec::new()));
            services.len() - 1
        });
        let days = &mut services[place].1;
        match days.iter_mut().find(|(minutes, _)| *minutes == price.minutes) {
            Some((_, names)) => names.push(price.weekday.name()),
            None => days.push((price.minutes, vec![price.weekday.name()])),
        }
    }
    let told = |(service, days): (&str, Vec<(i64, Vec<&str>)>)| {
        let parts: Vec<String> = days
            .iter()
            .enumerate()
            .map(|(place, (minutes, names))| {
                let names = listed(names);
                match place {
                    0 => format!(
                        "An extra {} hour on {names} is worth {}",
                        in_sentence(service),
                        wording::count(*minutes, "minute", "minutes")
                    ),
                    _ => format!("on {names} {}", wording::thousands(*minutes)),
                }
            })
            .collect();
        format!("{}.", parts.join("; "))
    };
    services.into_iter().map(told).collect()
}

/// `Monday`, `Monday or Friday`, `any school day`
fn listed(names: &[&str]) -> String {
    match names {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"] => "any school day".to_owned(),
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A service inside a sentence: `speech`, but `SLP` stays for a discipline that has no word.
fn in_sentence(discipline: &str) -> String {
    let word = service_word(discipline);
    if word == discipline { word.to_owned() } else { word.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Weekday;

    #[test]
    fn prices_are_told_by_service_and_days_of_equal_worth_together() {
        let price =
            |discipline: &str, weekday, minutes| HourPrice { discipline: discipline.to_owned(), weekday, minutes };
        let all = [
            price("SLP", Weekday::Tue, 45),
            price("SLP", Weekday::Mon, 30),
            price("SLP", Weekday::Fri, 30),
            price("ABC", Weekday::Wed, 1),
        ];
        assert_eq!(
            prices(&all),
            [
                "An extra speech hour on Tuesday is worth 45 minutes; on Monday or Friday 30.",
                "An extra ABC hour on Wednesday is worth 1 minute."
            ]
        );
    }

    #[test]
    fn unknown_filters_narrow_nothing() {
        let asked = Asked { rows: "<b>".to_owned(), priority: "all".to_owned(), ..Asked::default() };
        assert_eq!((asked.view().rows, asked.view().priority), (CoverageRows::Sites, None));
    }
}
