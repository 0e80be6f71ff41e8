//! The school year: calendars, time away, dated visits, weekly minutes, the clocks, credentials and
//! the whole work of a week.

mod calendars;
mod clocks;
mod cover;
mod credentials;
mod dated_visits;
mod imports;
mod logs;
mod make_ups;
mod owed;
mod region;
mod reports;
mod simulated;
mod supervision;
mod workload;

use chrono::NaiveDate;
use serde_json::Value;

use crate::support::client::Client;

/// A date.
fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Every record of a list, over all its pages.
fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{sign}limit=200{after}")).expect(200);
        found.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}
