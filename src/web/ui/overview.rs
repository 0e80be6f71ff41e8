//! The overview: what the plan in use meets of what was asked, and why the rest is short.

use actix_web::HttpResponse;
use askama::Template;

use super::shell::{Place, Shell};
use super::status::{Given, Pill};
use super::visitor::Visitor;
use super::{hue, icon, wording};
use crate::domain::discipline::service_word;
use crate::domain::member::Member;
use crate::domain::plan::{Coverage, CoverageCell, Plan, Shortfall};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, members, overview, visits};

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
}

#[derive(Debug, PartialEq, Eq)]
struct PlanInUse {
    lede: String,
    figures: Vec<Figure>,
    map: HeatMap,
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

/// Districts by services.
#[derive(Debug, PartialEq, Eq)]
struct HeatMap {
    caption: String,
    services: Vec<String>,
    rows: Vec<Row>,
    totals: Vec<Cell>,
    total: Cell,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    district: String,
    cells: Vec<Cell>,
    total: Cell,
}

#[derive(Debug, PartialEq, Eq)]
struct Cell {
    class: &'static str,
    is_asked: bool,
    is_met: bool,
    percent: String,
    /// Minutes that are missing.
    short: String,
    /// Said to those who do not see a check mark.
    all_met: String,
    /// The requests behind the cell.
    href: String,
}

/// One request that goes short.
#[derive(Debug, PartialEq, Eq)]
struct Shortage {
    discipline: String,
    hue: &'static str,
    title: String,
    code: String,
    priority: &'static str,
    minutes: String,
    pill: Pill,
    reason: String,
    /// Minutes gained, and by what.
    remedies: Vec<(String, String)>,
}

/// `GET /overview`
pub(super) async fn get(visitor: Visitor) -> HttpResponse {
    visitor.show(Place::Overview, read, |shell, page| Html { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Overview, OperationError> {
    let members = members::list(tx, ctx, PageRequest::ALL)?.items;
    let Some(plan) = overview::plan_in_use(tx, ctx)? else { return Ok(Overview { plan: None }) };
    let coverage = overview::coverage(tx, ctx, plan.id)?;
    let visits = visits::list(tx, ctx, plan.id, PageRequest::ALL)?.items;
    let shortfalls = visits::list_shortfalls(tx, ctx, plan.id, PageRequest::ALL)?.items;
    let given = Given::new(&visits, &shortfalls);
    let (shortages, more_shortages, shortages_counted) = shortages(shortfalls, &given, &members);
    Ok(Overview {
        plan: Some(PlanInUse {
            lede: lede(&plan),
            figures: figures(&coverage),
            map: map(&plan, &coverage),
            shortages,
            more_shortages,
            shortages_counted,
        }),
    })
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
            number: percent(total.placed_minutes, total.requested_minutes),
            line: of_a_week(total.placed_minutes, total.requested_minutes),
        },
        Figure {
            label: "IEP-mandated minutes met",
            number: percent(placed, asked),
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

/// Whole percent, rounded down, so that 100% means every minute.
fn percent(placed: i64, asked: i64) -> String {
    let cell = CoverageCell { requested_minutes: asked, placed_minutes: placed, ..CoverageCell::default() };
    cell.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent}%"))
}

fn map(plan: &Plan, coverage: &Coverage) -> HeatMap {
    let row = |row: &crate::domain::plan::CoverageRow| Row {
        district: row.member_name.clone(),
        cells: row.cells.iter().map(|one| cell(one, &row.member_code)).collect(),
        total: cell(&row.total, &row.member_code),
    };
    HeatMap {
        caption: format!(
            "Share of requested weekly minutes that {} meets. Choose a cell to see its requests.",
            plan.code
        ),
        services: coverage.disciplines.iter().map(|code| column_word(code).to_owned()).collect(),
        rows: coverage.rows.iter().map(row).collect(),
        totals: coverage.totals.iter().map(|one| cell(one, "")).collect(),
        total: cell(&coverage.total, ""),
    }
}

/// The service at the head of a column, where space is short.
fn column_word(discipline: &str) -> &str {
    match discipline {
        "OT" | "PT" | "COTA" | "PTA" | "SLPA" => discipline,
        other => service_word(other),
    }
}

fn cell(one: &CoverageCell, member_code: &str) -> Cell {
    let (asked, short) = (one.requested_minutes, one.short_minutes());
    let class = match one.percent() {
        None => "",
        Some(100) => "heat-4",
        Some(94..) => "heat-3",
        Some(88..) => "heat-2",
        Some(75..) => "heat-1",
        Some(_) => "heat-0",
    };
    Cell {
        class,
        is_asked: asked > 0,
        is_met: asked > 0 && short == 0,
        percent: percent(one.placed_minutes, asked),
        short: wording::thousands(short),
        all_met: format!("All {} met", wording::count(asked, "minute", "minutes")),
        href: requests_behind(member_code, &one.discipline),
    }
}

fn requests_behind(member_code: &str, discipline: &str) -> String {
    let filters = [("district", member_code), ("service", discipline)];
    let chosen = filters.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = chosen.map(|(name, value)| format!("{name}={}", wording::in_path(value))).collect();
    if query.is_empty() { "/requests".to_owned() } else { format!("/requests?{}", query.join("&")) }
}

/// The worst shortages, the others, and how many there are: mandated minutes first, then the largest.
fn shortages(
    mut shortfalls: Vec<Shortfall>,
    given: &Given,
    members: &[Member],
) -> (Vec<Shortage>, Vec<Shortage>, String) {
    shortfalls.sort_by_key(|one| (one.priority, -one.minutes, one.service_request_code.clone()));
    let counted = wording::count(shortfalls.len() as i64, "request is short", "requests are short");
    let mut worst: Vec<Shortage> = shortfalls.iter().map(|one| shortage(one, given, members)).collect();
    let more = worst.split_off(worst.len().min(OPEN_SHORTAGES));
    (worst, more, counted)
}

fn shortage(shortfall: &Shortfall, given: &Given, members: &[Member]) -> Shortage {
    let (placed, short) = given.minutes(shortfall.service_request_id).unwrap_or((0, shortfall.minutes));
    let district = members.iter().find(|member| member.id == shortfall.member_id);
    let district = district.map_or("", |member| member.fields.name.as_str());
    // A school with the name of its district is not named twice.
    let place = if shortfall.site_name.starts_with(district) {
        shortfall.site_name.clone()
    } else {
        format!("{}, {district}", shortfall.site_name)
    };
    let remedies = shortfall.remedies.iter();
    Shortage {
        discipline: shortfall.discipline.clone(),
        hue: hue::of_service(&shortfall.discipline),
        title: format!("{} at {place}", service_word(&shortfall.discipline)),
        code: shortfall.service_request_code.clone(),
        priority: wording::priority(shortfall.priority),
        minutes: format!(
            "{} of {} a week are unmet.",
            wording::thousands(short),
            wording::count(placed + short, "minute", "minutes")
        ),
        pill: Pill::of_minutes(placed, short),
        reason: shortfall.reason.clone(),
        remedies: remedies
            .map(|one| (format!("+{} min", wording::thousands(one.minutes_gained)), one.change.clone()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(requested: i64, placed: i64) -> CoverageCell {
        CoverageCell {
            discipline: "O&M".to_owned(),
            requested_minutes: requested,
            placed_minutes: placed,
            ..CoverageCell::default()
        }
    }

    #[test]
    fn a_cell_is_full_only_when_every_minute_is_met() {
        let almost = cell(&asked(10_000, 9_999), "KIPP");
        assert_eq!((almost.percent.as_str(), almost.class, almost.is_met), ("99%", "heat-3", false));
        assert_eq!(almost.short, "1");
        assert!(cell(&asked(10_000, 10_000), "KIPP").is_met);
        let none = cell(&asked(0, 0), "KIPP");
        assert_eq!((none.is_asked, none.is_met, none.percent.as_str()), (false, false, "–"));
    }

    #[test]
    fn each_step_of_the_heat_map_has_its_class() {
        let classes: Vec<&str> =
            [100, 94, 93, 88, 87, 75, 74, 0].map(|placed| cell(&asked(100, placed), "").class).to_vec();
        assert_eq!(classes, ["heat-4", "heat-3", "heat-2", "heat-2", "heat-1", "heat-1", "heat-0", "heat-0"]);
    }

    #[test]
    fn a_cell_leads_to_its_requests() {
        assert_eq!(cell(&asked(1, 1), "A&B").href, "/requests?district=A%26B&service=O%26M");
        assert_eq!(cell(&CoverageCell::default(), "").href, "/requests");
    }

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
        };
        let line = |placed: i64| figures(&coverage(placed)).pop().expect("a figure").line;
        let limit = "No plan can place more than 1,230 with these people, hours and rules";
        assert_eq!(line(1_200), limit);
        assert_eq!(line(1_230), format!("Proven best. {limit}"));
    }
}
