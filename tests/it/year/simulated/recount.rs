//! What the API says is owed, held against a recount by a program in another language.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::super::all;
use super::story::Story;

/// Columns of minutes that are compared, beside the missed minutes by cause.
const COLUMNS: [&str; 13] = [
    "planned_minutes",
    "delivered_minutes",
    "missed_minutes",
    "to_log_minutes",
    "to_come_minutes",
    "falls_out_minutes",
    "no_school_minutes",
    "made_up_minutes",
    "still_owed_minutes",
    "not_owed_minutes",
    "make_ups_open_minutes",
    "over_delivered_minutes",
    "for_team_decision_minutes",
];

/// Minutes by column over all requests, and by cause under `missed ...`.
pub type Sums = BTreeMap<String, i64>;

impl Story<'_> {
    /// Compares every request and every column, of the whole term or of a period; gives the sums.
    pub fn reconcile(&self, period: Option<(&str, &str)>) -> Sums {
        let folder = tempfile::tempdir().expect("a folder");
        self.write_facts(folder.path());
        let query = period.map(|(from, until)| format!("?from={from}&until={until}")).unwrap_or_default();
        let owed = all(&self.app.office, &format!("/owed{query}"));
        let recounted = self.recount(folder.path(), period);
        assert_eq!(recounted["faults"], json!([]));
        let recounted = recounted["requests"].as_object().expect("requests");
        let known = |id: &String| owed.iter().any(|row| row["service_request_id"] == *id);
        assert!(recounted.keys().all(known), "a request with visits is missing in the answer");
        let (mut sums, mut differences) = (Sums::new(), Vec::new());
        for row in &owed {
            let id = row["service_request_id"].as_str().expect("an identity");
            let empty = json!({"missed": {}});
            let other = recounted.get(id).unwrap_or(&empty);
            for (name, minutes) in columns_of(row) {
                let (part, index) = name.split_once('/').unwrap_or((&name, ""));
                let place = match part.strip_prefix("missed ") {
                    Some(cause) => &other["missed"][cause][index.parse::<usize>().expect("a place")],
                    None => &other[part],
                };
                if place.as_i64().unwrap_or(0) != minutes {
                    differences.push(format!("{} {name}: {minutes}, recounted {place}", row["service_request_code"]));
                }
                *sums.entry(name).or_default() += minutes;
            }
            let causes = row["missed"].as_array().map_or(0, Vec::len);
            assert_eq!(other["missed"].as_object().map_or(0, Map::len), causes, "{row} {other}");
        }
        assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
        sums
    }

    fn write_facts(&self, folder: &Path) {
        let office = &self.app.office;
        let write = |name: &str, value: Value| {
            fs::write(folder.join(format!("{name}.json")), value.to_string()).expect("a file");
        };
        write("visits", json!(all(office, "/dated-visits")));
        write("logs", json!(all(office, "/service-logs")));
        write("calendar", json!(all(office, "/calendar-entries")));
        write("requests", json!(all(office, "/service-requests")));
        for (name, list) in [("away", "time-away"), ("contracts", "contracts")] {
            let of = |id: &String| office.get(&format!("/specialists/{id}/{list}")).expect(200)["items"].clone();
            let by_person: Map<String, Value> = self.people.values().map(|id| (id.clone(), of(id))).collect();
            write(name, Value::Object(by_person));
        }
    }

    fn recount(&self, folder: &Path, period: Option<(&str, &str)>) -> Value {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/year/recount.py");
        let now = self.at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut command = Command::new("python3");
        command.arg(program).arg(folder).arg(now);
        if let Some((from, until)) = period {
            command.args([from, until]);
        }
        let output = command.output().expect("python3 runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

/// Every number of an answer by name; `missed closure/1` is what was made up of that cause.
fn columns_of(row: &Value) -> Vec<(String, i64)> {
    let minutes = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("a number is missing in {row}"));
    let mut found: Vec<(String, i64)> = COLUMNS.iter().map(|name| ((*name).to_owned(), minutes(&row[*name]))).collect();
    for missed in row["missed"].as_array().expect("a list") {
        let cause = missed["cause"].as_str().expect("a cause");
        for (index, name) in ["minutes", "made_up_minutes", "still_owed_minutes"].iter().enumerate() {
            found.push((format!("missed {cause}/{index}"), minutes(&missed[*name])));
        }
    }
    found
}
