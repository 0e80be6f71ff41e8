//! The heat map: what is met of what was asked, districts or schools by services.

use super::wording;
use crate::domain::discipline::service_word;
use crate::domain::plan::{Coverage, CoverageCell, CoverageRow};
use crate::domain::small_cells;

/// The whole table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Map {
    pub caption: String,
    /// Over the first column: District or School.
    pub head: &'static str,
    /// Before the totals.
    pub all: &'static str,
    pub services: Vec<String>,
    pub rows: Vec<Row>,
    pub totals: Vec<Cell>,
    pub total: Cell,
    /// Below the table: why some cells are shown together; empty where none are.
    pub note: String,
}

/// One district or school.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub name: String,
    /// The district of a school that is not named like it; empty otherwise.
    pub second: String,
    pub cells: Vec<Cell>,
    pub total: Cell,
}

/// One service of a district or school, or a total.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub class: &'static str,
    pub is_asked: bool,
    pub is_met: bool,
    /// Whether its minutes are told among others of its row only.
    pub is_pooled: bool,
    pub percent: String,
    /// Minutes that are missing.
    pub short: String,
    /// Said to those who do not see a check mark.
    pub all_met: String,
    /// The requests behind the cell; empty for those who do not see requests.
    pub href: String,
}

impl Map {
    pub(super) fn new(caption: String, head: &'static str, all: &'static str, coverage: &Coverage) -> Map {
        let total_cell = |one: &CoverageCell| cell(one, "", "");
        Map {
            caption,
            head,
            all,
            services: coverage.disciplines.iter().map(|code| column_word(code).to_owned()).collect(),
            rows: coverage.rows.iter().map(row).collect(),
            totals: coverage.totals.iter().map(total_cell).collect(),
            total: total_cell(&coverage.total),
            note: note(coverage),
        }
    }

    /// For those who do not see requests.
    pub(super) fn without_links(mut self) -> Map {
        self.rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|cell| cell.href.clear());
        self
    }
}

fn note(coverage: &Coverage) -> String {
    let is_pooled = |name: &str| name == small_cells::POOLED;
    let is_any_pooled = coverage.disciplines.iter().any(|code| is_pooled(code))
        || coverage.rows.iter().any(|row| is_pooled(&row.member_code));
    match coverage.pooled_below_minutes {
        Some(least) if is_any_pooled => format!(
            "Fewer than {} minutes a week are shown together with others, so that no number is about one or two students.",
            wording::thousands(least)
        ),
        _ => String::new(),
    }
}

fn row(row: &CoverageRow) -> Row {
    let (district, school) = (row.member_code.as_str(), row.site_code.as_deref().unwrap_or_default());
    let name = row.site_name.as_ref().unwrap_or(&row.member_name).clone();
    let second = if name.starts_with(&row.member_name) { String::new() } else { row.member_name.clone() };
    Row {
        name,
        second,
        cells: row.cells.iter().map(|one| cell(one, district, school)).collect(),
        total: cell(&row.total, district, school),
    }
}

/// Whole percent, rounded down, so that 100% means every minute.
pub(super) fn percent(placed: i64, asked: i64) -> String {
    let cell = CoverageCell { requested_minutes: asked, placed_minutes: placed, ..CoverageCell::default() };
    cell.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent}%"))
}

/// The service at the head of a column, where space is short.
fn column_word(discipline: &str) -> &str {
    match discipline {
        "OT" | "PT" | "COTA" | "PTA" | "SLPA" => discipline,
        small_cells::POOLED => "Others together",
        other => service_word(other),
    }
}

fn cell(one: &CoverageCell, district: &str, school: &str) -> Cell {
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
        is_pooled: one.is_pooled,
        percent: percent(one.placed_minutes, asked),
        short: wording::thousands(short),
        all_met: format!("All {} met", wording::count(asked, "minute", "minutes")),
        href: requests_behind(district, school, &one.discipline),
    }
}

fn requests_behind(district: &str, school: &str, discipline: &str) -> String {
    let filters = [("district", district), ("school", school), ("service", discipline)];
    let chosen = filters.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = chosen.map(|(name, value)| format!("{name}={}", wording::in_path(value))).collect();
    if query.is_empty() { "/requests".to_owned() } else { format!("/requests?{}", query.join("&")) }
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
        let almost = cell(&asked(10_000, 9_999), "KIPP", "");
        assert_eq!((almost.percent.as_str(), almost.class, almost.is_met), ("99%", "heat-3", false));
        assert_eq!(almost.short, "1");
        assert!(cell(&asked(10_000, 10_000), "KIPP", "").is_met);
        let none = cell(&asked(0, 0), "KIPP", "");
        assert_eq!((none.is_asked, none.is_met, none.percent.as_str()), (false, false, "–"));
    }

    #[test]
    fn each_step_of_the_heat_map_has_its_class() {
        let classes: Vec<&str> =
            [100, 94, 93, 88, 87, 75, 74, 0].map(|placed| cell(&asked(100, placed), "", "").class).to_vec();
        assert_eq!(classes, ["heat-4", "heat-3", "heat-2", "heat-2", "heat-1", "heat-1", "heat-0", "heat-0"]);
    }

    #[test]
    fn a_cell_leads_to_its_requests() {
        assert_eq!(cell(&asked(1, 1), "A&B", "").href, "/requests?district=A%26B&service=O%26M");
        assert_eq!(cell(&asked(1, 1), "A", "A-1").href, "/requests?district=A&school=A-1&service=O%26M");
        assert_eq!(cell(&CoverageCell::default(), "", "").href, "/requests");
    }
}
