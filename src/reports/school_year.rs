//! The reports of the school year as tables.

use super::csv::Cell;
use super::table::Table;
use crate::domain::report::evaluation_clocks::EvaluationClocks;
use crate::domain::report::service_fidelity::{FidelityFigures, FidelityRow, MissedByReason, ServiceFidelity};
use crate::domain::report::time_and_effort::{EffortFigures, TimeAndEffort};
use crate::domain::report::unscheduled_time::{UnscheduledRow, UnscheduledTime, WeekFigures};
use crate::domain::report::{ReportHead, ReportKind, ReportPeriod};

/// A report that can be shown as a table.
pub trait Tabular {
    /// The table.
    fn table(&self) -> Table;
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn number(number: Option<i64>) -> Cell {
    number.map_or(Cell::Empty, Cell::Integer)
}

fn numbers<const COUNT: usize>(numbers: [i64; COUNT]) -> impl Iterator<Item = Cell> {
    numbers.into_iter().map(Cell::Integer)
}

/// What every head says: which report, of which days, and when it was made.
fn head(kind: ReportKind, period: Option<ReportPeriod>, head: ReportHead) -> Vec<(&'static str, Cell)> {
    let mut lines = vec![("Report", text(kind.title()))];
    if let Some(period) = period {
        lines.push(("First day", Cell::Date(period.period_from)));
        lines.push(("Last day", Cell::Date(period.last_day())));
    }
    lines.push(("Made at (UTC)", text(head.made_at.format("%Y-%m-%d %H:%M").to_string())));
    lines
}

fn dated_name(kind: ReportKind, period: ReportPeriod) -> String {
    format!("{}-{}-to-{}", kind.code(), period.period_from, period.last_day())
}

impl Tabular for ServiceFidelity {
    fn table(&self) -> Table {
        const KIND: ReportKind = ReportKind::ServiceFidelity;
        let mut head = head(KIND, Some(self.period), self.head);
        let shown =
            if self.by_request { "District, service and request" } else { "District and service, whole months" };
        head.push(("Rows", text(shown)));
        head.push(("Figures", text("Minutes; the percentage is of minutes that are over, rounded down")));
        let mut columns = vec!["District", "Service"];
        columns.push(if self.by_request { "Request" } else { "Requests" });
        columns.extend(["Asked a week", "Planned", "Delivered", "Delivered or made up, percent", "Missed"]);
        if self.by_request {
            columns.extend(MissedByReason::WORDS);
        }
        columns.push("Made up");
        if self.by_request {
            columns.extend(["Still owed", "Not owed"]);
        }
        columns.extend(["Over-delivered", "To log", "To come"]);
        let rows = self.rows.iter().map(|row| {
            let first = vec![text(&row.member), text(&row.discipline), named(row, self.by_request)];
            first.into_iter().chain(fidelity(&row.figures, self.by_request)).collect()
        });
        let count = if self.by_request { Cell::Empty } else { Cell::Integer(self.total.requests) };
        let total = [text("Total"), Cell::Empty, count].into_iter().chain(fidelity(&self.total, self.by_request));
        Table {
            kind: KIND,
            head,
            columns,
            rows: rows.collect(),
            total: Some(total.collect()),
            file_name: dated_name(KIND, self.period),
        }
    }
}

/// The number of a request, or how many there are.
fn named(row: &FidelityRow, by_request: bool) -> Cell {
    match &row.service_request_code {
        Some(code) => text(code),
        None if by_request => text(format!("{} requests", row.figures.requests)),
        None => Cell::Integer(row.figures.requests),
    }
}

fn fidelity(figures: &FidelityFigures, by_request: bool) -> Vec<Cell> {
    let mut cells: Vec<Cell> =
        numbers([figures.asked_minutes_per_week, figures.planned_minutes, figures.delivered_minutes]).collect();
    cells.push(number(figures.delivered_percent));
    cells.push(Cell::Integer(figures.missed_minutes));
    if by_request {
        match &figures.reasons {
            Some(reasons) => cells.extend(numbers(reasons.missed_by_reason.figures())),
            None => cells.extend(MissedByReason::WORDS.map(|_| Cell::Empty)),
        }
    }
    cells.push(Cell::Integer(figures.made_up_minutes));
    if by_request {
        cells.push(number(figures.reasons.map(|reasons| reasons.still_owed_minutes)));
        cells.push(number(figures.reasons.map(|reasons| reasons.not_owed_minutes)));
    }
    cells.extend(numbers([figures.over_delivered_minutes, figures.to_log_minutes, figures.to_come_minutes]));
    cells
}

impl Tabular for UnscheduledTime {
    fn table(&self) -> Table {
        const KIND: ReportKind = ReportKind::UnscheduledTime;
        let mut head = head(KIND, None, self.head);
        let plan = self.plan_code.clone().unwrap_or_else(|| "No plan is in use".to_owned());
        head.push(("Plan in use", text(plan)));
        head.push(("Figures", text("Minutes a week")));
        let columns = vec![
            "Specialist",
            "Name",
            "Visits at most",
            "Planned in visits",
            "Left for visits",
            "All minutes of the week",
            "Other work",
            "Drives",
            "Kept for evaluations",
            "Unscheduled",
        ];
        let figures = |week: &WeekFigures| numbers(week.figures());
        let row = |row: &UnscheduledRow| {
            [text(&row.specialist), text(&row.specialist_name)].into_iter().chain(figures(&row.figures)).collect()
        };
        Table {
            kind: KIND,
            head,
            columns,
            rows: self.rows.iter().map(row).collect(),
            total: Some([text("Total"), Cell::Empty].into_iter().chain(figures(&self.total)).collect()),
            file_name: format!("{}-{}", KIND.code(), self.head.made_on),
        }
    }
}

impl Tabular for EvaluationClocks {
    fn table(&self) -> Table {
        const KIND: ReportKind = ReportKind::EvaluationClocks;
        let mut head = head(KIND, None, self.head);
        head.push(("Days from consent to due date", Cell::Integer(self.days)));
        head.push(("Overdue", Cell::Integer(self.overdue)));
        let columns = vec![
            "Request",
            "District",
            "School",
            "Service",
            "Request is",
            "Consent",
            "Due",
            "Days left",
            "Clock",
            "Planned",
            "Delivered",
        ];
        let date = |day: Option<chrono::NaiveDate>| day.map_or(Cell::Empty, Cell::Date);
        let rows = self.rows.iter().map(|row| {
            vec![
                text(&row.service_request_code),
                text(&row.member),
                text(&row.site),
                text(&row.discipline),
                text(row.request_state.code()),
                date(row.consent_on),
                date(row.due_on),
                number(row.days_left),
                text(row.clock.words()),
                Cell::Integer(row.planned_minutes),
                Cell::Integer(row.delivered_minutes),
            ]
        });
        let file_name = format!("{}-{}", KIND.code(), self.head.made_on);
        Table { kind: KIND, head, columns, rows: rows.collect(), total: None, file_name }
    }
}

impl Tabular for TimeAndEffort {
    fn table(&self) -> Table {
        const KIND: ReportKind = ReportKind::TimeAndEffort;
        let mut head = head(KIND, Some(self.period), self.head);
        head.push((
            "Figures",
            text("Minutes that were logged as delivered, drives between them, and logged supervision"),
        ));
        let columns = vec![
            "Specialist",
            "Name",
            "Employer",
            "Month",
            "Month is locked",
            "District served",
            "Own employer",
            "Delivered",
            "Drives",
            "Supervision of assistants",
            "All of these",
            "Drives of unknown length",
            "To log",
        ];
        let yes = |is: bool| text(if is { "yes" } else { "no" });
        let figures = |sum: &EffortFigures| {
            numbers([
                sum.delivered_minutes,
                sum.travel_minutes,
                sum.supervision_minutes,
                sum.total_minutes,
                sum.unknown_drives,
                sum.to_log_minutes,
            ])
        };
        let rows = self.rows.iter().map(|row| {
            let first = [
                text(&row.specialist),
                text(&row.specialist_name),
                text(&row.employer),
                text(row.month.to_string()),
                yes(row.is_locked),
                row.member.as_ref().map_or_else(|| text("No district"), text),
                yes(row.is_own_employer),
            ];
            first.into_iter().chain(figures(&row.figures)).collect()
        });
        let rows = rows.collect();
        let mut total = vec![Cell::Empty; 7];
        total[0] = text("Total");
        total.extend(figures(&self.total));
        Table { kind: KIND, head, columns, rows, total: Some(total), file_name: dated_name(KIND, self.period) }
    }
}
