//! What one more specialist would change: what was tried on the plan, each really planned again.

use std::collections::BTreeMap;

use crate::domain::discipline::service_word;
use crate::domain::plan_comparison::PlanMeasures;
use crate::domain::scenario::{ComparedScenario, Scenario, ScenarioComparison};
use crate::web::ui::wording;

/// Longer lists of changes are cut.
const SENTENCES_MAX: usize = 3;
/// The drawing's width and height, without room for words.
const WIDTH: i64 = 300;
const HEIGHT: i64 = 120;

/// The table and its charts.
pub(super) struct Hire {
    pub caption: String,
    pub rows: Vec<Row>,
    /// How many are still being planned; empty when none is.
    pub unfinished: String,
    /// One a service that was tried with different hours, the largest gain first.
    pub charts: Vec<Chart>,
}

/// One thing that was tried.
pub(super) struct Row {
    pub name: String,
    pub sentences: String,
    pub more: String,
    /// Percent of the largest gain.
    pub filled: i64,
    pub mandated: String,
    pub cost: String,
    pub cost_of_minute: String,
}

/// Where added hours of a service stop helping.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chart {
    pub title: String,
    pub words: String,
    /// Corners of the line, as SVG writes them.
    pub line: String,
    /// The same down to the ground.
    pub area: String,
    /// Place of each point, and the hours below it.
    pub points: Vec<(i64, i64, String)>,
    /// What the first point says.
    pub today: String,
}

impl Hire {
    pub(super) fn new(measures: &PlanMeasures, compared: &ScenarioComparison, all: &[Scenario]) -> Hire {
        let largest = compared.scenarios.iter().map(|one| one.minutes_gained).max().unwrap_or(0).max(1);
        let mut scenarios: Vec<&ComparedScenario> = compared.scenarios.iter().collect();
        // Those that cost nothing first; the others as they were made.
        scenarios.sort_by_key(|one| one.cents_per_week > 0);
        let unmet = measures.requested_minutes() - measures.placed_minutes();
        Hire {
            caption: format!("Compared with {}. Costs are yearly estimates from your pay table.", measures.plan_code),
            rows: scenarios.into_iter().map(|one| row(one, largest)).collect(),
            unfinished: match compared.unfinished {
                0 => String::new(),
                count => format!("{} being planned.", wording::count(count, "more is", "more are")),
            },
            charts: charts(unmet, &compared.scenarios, all),
        }
    }
}

fn row(one: &ComparedScenario, largest: i64) -> Row {
    let mut sentences: Vec<String> = one.sentences.iter().take(SENTENCES_MAX).cloned().collect();
    if one.sentences.len() > SENTENCES_MAX {
        sentences.push(format!("and {} more", one.sentences.len() - SENTENCES_MAX));
    }
    Row {
        name: one.name.clone(),
        sentences: sentences.join("; "),
        more: wording::thousands(one.minutes_gained),
        filled: (one.minutes_gained * 100 / largest).clamp(0, 100),
        mandated: wording::thousands(one.mandated_minutes_gained),
        cost: wording::dollars(one.cents_per_year),
        cost_of_minute: one.cents_per_minute_gained.map_or_else(|| "–".to_owned(), wording::money),
    }
}

/// Discipline and minutes a week of a scenario that hires one person and changes nothing else.
fn hired(scenario: &Scenario) -> Option<(String, i64)> {
    let [change] = scenario.changes.as_slice() else { return None };
    let text = |key: &str| change.get(key)?.as_str();
    let minutes = change.get("minutes_per_week")?.as_i64()?;
    (text("kind") == Some("hire")).then(|| text("discipline").map(|discipline| (discipline.to_owned(), minutes)))?
}

fn charts(unmet: i64, compared: &[ComparedScenario], all: &[Scenario]) -> Vec<Chart> {
    // By service: hours a week and minutes gained by them.
    let mut services: BTreeMap<String, BTreeMap<i64, i64>> = BTreeMap::new();
    for one in compared {
        let scenario = all.iter().find(|scenario| scenario.id == one.scenario_id);
        if let Some((discipline, minutes)) = scenario.and_then(hired) {
            services.entry(discipline).or_default().insert(minutes, one.minutes_gained);
        }
    }
    services.retain(|_, gains| gains.len() > 1);
    let mut services: Vec<_> = services.into_iter().collect();
    services.sort_by_key(|(_, gains)| -gains.values().max().copied().unwrap_or(0));
    services.iter().map(|(discipline, gains)| chart(discipline, unmet, gains)).collect()
}

fn chart(discipline: &str, unmet: i64, gains: &BTreeMap<i64, i64>) -> Chart {
    let longest = gains.keys().max().copied().unwrap_or(1).max(1);
    let all: Vec<(i64, i64)> = std::iter::once((0, 0)).chain(gains.iter().map(|(at, gain)| (*at, *gain))).collect();
    let place = |(minutes, gain): &(i64, i64)| {
        let left = (unmet - gain).clamp(0, unmet.max(1));
        (minutes * WIDTH / longest, HEIGHT - left * HEIGHT / unmet.max(1))
    };
    let corners: Vec<(i64, i64)> = all.iter().map(place).collect();
    let line: Vec<String> = corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let line = line.join(" ");
    let hours = |minutes: i64| wording::count((minutes + 30) / 60, "hour", "hours");
    let told: Vec<String> = all
        .iter()
        .skip(1)
        .map(|(minutes, gain)| {
            format!(
                "with {} a week added, {} more are met",
                hours(*minutes),
                wording::count(*gain, "minute", "minutes")
            )
        })
        .collect();
    let best = all.iter().map(|(_, gain)| *gain).max().unwrap_or(0);
    let enough = all.iter().find(|(_, gain)| *gain == best).map_or(0, |(minutes, _)| *minutes);
    let ending = if enough < longest {
        format!(" More than {} would not meet anything else.", hours(enough))
    } else {
        String::new()
    };
    Chart {
        title: format!("{}: where added hours stop helping", service_word(discipline)),
        words: format!("{}.{ending}", wording::capital(&told.join("; "))),
        area: format!("0,{HEIGHT} {line} {WIDTH},{HEIGHT}"),
        line,
        points: corners
            .iter()
            .zip(&all)
            .map(|((x, y), (minutes, _))| (*x, *y, wording::thousands((minutes + 30) / 60)))
            .collect(),
        today: format!("{} min unmet today", wording::thousands(unmet)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_says_where_hours_stop_helping() {
        let chart = chart("SLP", 300, &BTreeMap::from([(660, 150), (1_320, 150)]));
        assert_eq!(chart.line, "0,0 150,60 300,60");
        assert_eq!(
            chart.words,
            "With 11 hours a week added, 150 minutes more are met; with 22 hours a week added, 150 minutes more are met. \
             More than 11 hours would not meet anything else."
        );
    }
}
