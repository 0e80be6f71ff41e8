//! The files of reports: every cell of the workbook, as another program reads it, is the cell of the CSV.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use serde_json::json;

use super::log_some;
use crate::support::both::on_both_databases;
use crate::support::client::{Client, Reply};
use crate::support::small_coop::{SmallCoop, request, specialist};

const REPORTS: [&str; 4] = ["service-fidelity", "time-and-effort", "unscheduled-time", "evaluation-clocks"];

fn lines(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    let cells = |line: csv::StringRecord| line.iter().map(str::to_owned).collect();
    reader.records().map(|line| cells(line.expect("every line has as many cells"))).collect()
}

/// Whether a cell of a workbook is the text of the CSV, with the right type.
fn is_same(cell: Option<&Data>, text: &str) -> bool {
    match cell {
        None | Some(Data::Empty) => text.is_empty(),
        Some(Data::String(found)) => found == text,
        Some(Data::Float(found)) => text.parse::<i64>().is_ok_and(|number| number as f64 == *found),
        Some(Data::Int(found)) => text.parse() == Ok(*found),
        Some(Data::DateTime(day)) => {
            let first = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a date");
            text.parse::<NaiveDate>().is_ok_and(|date| (date - first).num_days() as f64 == day.as_f64())
        }
        Some(_) => false,
    }
}

fn name_of(reply: &Reply) -> String {
    let saved = reply.header("Content-Disposition");
    saved.trim_start_matches("attachment; filename=\"").trim_end_matches('"').to_owned()
}

fn fetch(client: &Client, path: &str) -> Reply {
    let reply = client.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply
}

on_both_databases! {
    fn workbook_and_csv_hold_the_same_cells_and_nothing_calculates(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let mut evil = specialist("S-1");
        evil["name"] = json!("=HYPERLINK(\"http://example.org\")");
        app.office.put(&format!("/specialists/{}", coop.specialists[0]), "\"1\"", &evil).expect(200);
        let mut asked = request(&coop.sites[0], &coop.term, 60);
        (asked["priority"], asked["consent_on"]) = (json!("evaluation"), json!("2026-10-01"));
        app.office.post("/service-requests", &asked).expect(201);
        coop.make(app);
        log_some(app, &coop);
        let mut guarded = 0;
        for report in REPORTS {
            let csv = fetch(&app.office, &format!("/reports/{report}/csv"));
            let xlsx = fetch(&app.office, &format!("/reports/{report}/xlsx"));
            assert!(csv.header("Content-Type").starts_with("text/csv; charset=utf-8"));
            assert_eq!(xlsx.header("Content-Type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
            let days = if ["service-fidelity", "time-and-effort"].contains(&report) { "-to-" } else { "-2027-01-20" };
            let names = (name_of(&csv), name_of(&xlsx));
            assert_eq!(names.0.trim_end_matches(".csv"), names.1.trim_end_matches(".xlsx"));
            assert!(names.0.starts_with(report) && names.0.contains(days), "{names:?}");

            let lines = lines(&csv.body);
            let mut book = Xlsx::new(Cursor::new(xlsx.body.clone())).expect("a workbook");
            assert_eq!(book.sheet_names().len(), 1);
            let sheet = book.worksheet_range_at(0).expect("a sheet").expect("readable");
            assert!(sheet.height() == lines.len() && sheet.width() <= lines[0].len(), "{report}");
            for (row, line) in lines.iter().enumerate() {
                for (column, text) in line.iter().enumerate() {
                    let cell = sheet.get((row, column));
                    assert!(is_same(cell, text), "{report} {row} {column}: {cell:?} is not {text:?}");
                    assert!(!text.starts_with(['=', '+', '@']), "{text}");
                    guarded += usize::from(text.starts_with("'=HYPERLINK"));
                }
            }
            let formulas = book.worksheet_formula(&book.sheet_names()[0].clone()).expect("readable");
            assert_eq!(formulas.used_cells().count(), 0, "{report}");
            // What it is, for which days, and when it was made come first; then an empty line and the columns.
            assert_eq!(lines[0][0], "Report");
            assert!(lines.iter().any(|line| line[..2] == ["Made at (UTC)", "2027-01-20 18:00"]), "{lines:?}");
            let columns = lines.iter().position(|line| line.iter().all(String::is_empty)).expect("an empty line") + 1;
            let found = app.office.get(&format!("/reports/{report}")).expect(200);
            let rows = found["rows"].as_array().expect("rows").len();
            let has_total = usize::from(found["total"].is_object());
            assert_eq!(lines.len(), columns + 1 + rows + has_total, "{report}");
            assert!(rows > 0 && !String::from_utf8_lossy(&csv.body).to_lowercase().contains("student"), "{report}");
            // The same question has the same bytes for an answer.
            assert_eq!(xlsx.body, fetch(&app.office, &format!("/reports/{report}/xlsx")).body);
        }
        assert!(guarded >= 2, "the name is in two reports");
        let negative = fetch(&app.office, "/reports/evaluation-clocks/csv");
        assert!(negative.text().contains(",-51,Overdue,"), "{}", negative.text());
    }

    fn the_file_says_the_days_in_its_head_and_in_its_name(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let reply = fetch(&app.office, "/reports/service-fidelity/csv?from=2027-01-04&until=2027-02-01");
        assert_eq!(name_of(&reply), "service-fidelity-2027-01-04-to-2027-01-31.csv");
        let lines = lines(&reply.body);
        let head: Vec<(&str, &str)> = lines[..4].iter().map(|line| (line[0].as_str(), line[1].as_str())).collect();
        assert_eq!(head, [
            ("Report", "Service fidelity"),
            ("First day", "2027-01-04"),
            ("Last day", "2027-01-31"),
            ("Made at (UTC)", "2026-11-02 18:00"),
        ]);
        assert_eq!(lines[7][..5], ["District", "Service", "Request", "Asked a week", "Planned"]);
        assert_eq!(lines.last().expect("a total")[0], "Total");
    }
}
