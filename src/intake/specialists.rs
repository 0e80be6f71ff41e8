//! `specialists.csv`: the shared staff, who employs them and how much they may work.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{
    BREAK_MINUTES, COST_CENTS_PER_HOUR, DIRECT_MINUTES_PER_DAY, DIRECT_MINUTES_PER_WEEK, EVALUATION_BLOCK_MINUTES,
    LENDABLE_MINUTES_PER_WEEK, REACH_MINUTES, SITES_PER_DAY, TRAVEL_MINUTES_PER_DAY,
};
use super::table::{RowReader, Shape, Table};
use super::{Codes, FileFault, cell};
use crate::domain::calendar::{Period, WeeklyHours};
use crate::domain::employer::EmployerCode;
use crate::domain::policy::StayPreference;

pub(super) const SHAPE: Shape = Shape {
    file: "specialists.csv",
    columns: &[
        "code",
        "name",
        "email",
        "disciplines",
        "qualifications",
        "employer",
        "home_site",
        "effective_from",
        "effective_until",
        "direct_minutes_per_week_max",
        "direct_minutes_per_day_max",
        "lendable_minutes_per_week_max",
        "sites_per_day_max",
        "travel_minutes_per_day_max",
        "reach_minutes_max",
        "break_minutes",
        "cost_per_hour",
        "evaluation_block_minutes",
        "supervisors",
        "supervision_hours",
        "stay_preference",
    ],
    optional: &["evaluation_block_minutes", "supervisors", "supervision_hours", "stay_preference"],
};

const STAY_PREFERENCES: [(&str, StayPreference); 3] =
    [("any", StayPreference::Any), ("half_day", StayPreference::HalfDay), ("whole_day", StayPreference::WholeDay)];

/// A specialist with the contract of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialistRow {
    /// Line in the file.
    pub line: usize,
    /// Immutable code.
    pub code: String,
    /// Name, as people read it.
    pub name: String,
    /// Where schedules are sent.
    pub email: String,
    /// Disciplines held; at least one.
    pub disciplines: BTreeSet<String>,
    /// Further qualifications, such as a language.
    pub qualifications: BTreeSet<String>,
    /// Who employs the specialist.
    pub employer: EmployerCode,
    /// Code of the site where the day begins, and from which teletherapy is given.
    pub home_site: String,
    /// When the contract holds.
    pub effective: Period,
    /// Direct minutes a week.
    pub direct_minutes_per_week_max: i64,
    /// Direct minutes a day.
    pub direct_minutes_per_day_max: i64,
    /// Minutes a week for members other than the employer; `None` is no limit.
    pub lendable_minutes_per_week_max: Option<i64>,
    /// Sites a day.
    pub sites_per_day_max: i64,
    /// Travel minutes a day.
    pub travel_minutes_per_day_max: i64,
    /// Travel minutes from the home site to the furthest site.
    pub reach_minutes_max: i64,
    /// Break on long days.
    pub break_minutes: i64,
    /// Loaded cost of an hour.
    pub cost_cents_per_hour: i64,
    /// Minutes a week that stay free in one piece for evaluations; `None` when the file does not have the column.
    pub evaluation_block_minutes: Option<i64>,
    /// Codes of those who supervise; `None` when the file does not have the column.
    pub supervisors: Option<BTreeSet<String>>,
    /// When this specialist supervises, `None` inside for the weekly hours; `None` when the file does not have the column.
    pub supervision_hours: Option<Option<WeeklyHours>>,
    /// Preference for long stays, `None` inside for the co-op's; `None` when the file does not have the column.
    pub stay_preference: Option<Option<StayPreference>>,
}

pub(super) fn read(table: &Table, codes: &Codes, faults: &mut Vec<FileFault>) -> Vec<SpecialistRow> {
    let mut seen = BTreeMap::new();
    table.rows(faults, |row| {
        cell::only_once(row, "code", &mut seen);
        let code = row.required("code", cell::code);
        let name = row.required("name", cell::text);
        let email = row.required("email", cell::email);
        let disciplines = row.required("disciplines", cell::codes);
        let qualifications = row.parsed("qualifications", cell::codes);
        let employer = row.required("employer", |text| employer(text, codes));
        let home_site = row.required("home_site", cell::one_of_codes(&codes.sites, "site", "sites.csv"));
        let effective = cell::period(row, "effective_from", "effective_until");
        let week = row.required("direct_minutes_per_week_max", cell::whole(DIRECT_MINUTES_PER_WEEK));
        let day = row.required("direct_minutes_per_day_max", cell::whole(DIRECT_MINUTES_PER_DAY));
        let lendable = row.optional("lendable_minutes_per_week_max", cell::whole(LENDABLE_MINUTES_PER_WEEK));
        let sites_per_day_max = row.required("sites_per_day_max", cell::whole(SITES_PER_DAY));
        let travel = row.required("travel_minutes_per_day_max", cell::whole(TRAVEL_MINUTES_PER_DAY));
        let reach_minutes_max = row.required("reach_minutes_max", cell::whole(REACH_MINUTES));
        let break_minutes = row.required("break_minutes", cell::whole(BREAK_MINUTES));
        let cost = row.required("cost_per_hour", cell::decimal(2, COST_CENTS_PER_HOUR, "64.50 (up to 1000.00)"));
        let block = evaluation_block(row);
        let supervisors = supervisors(row, codes);
        let supervision_hours = if_there(row, "supervision_hours", cell::weekly_hours);
        let stay_preference = if_there(row, "stay_preference", cell::one_of(&STAY_PREFERENCES));
        if let (Some(Some(named)), Some(Some(Some(_)))) = (&supervisors, &supervision_hours)
            && !named.is_empty()
        {
            row.note("supervision_hours", "an assistant supervises nobody; leave supervision_hours empty".into());
            return None;
        }
        let (lendable, employer) = (lendable?, employer?);
        if lendable.is_some() && !matches!(employer, EmployerCode::Member(_)) {
            let message = "only a member's specialist is lent; leave the cell empty for coop and agency staff";
            row.note("lendable_minutes_per_week_max", message.into());
            return None;
        }
        Some(SpecialistRow {
            line: row.line(),
            code: code?,
            name: name?,
            email: email?,
            disciplines: disciplines?,
            qualifications: qualifications?,
            employer,
            home_site: home_site?,
            effective: effective?,
            direct_minutes_per_week_max: week?,
            direct_minutes_per_day_max: day?,
            lendable_minutes_per_week_max: lendable,
            sites_per_day_max: sites_per_day_max?,
            travel_minutes_per_day_max: travel?,
            reach_minutes_max: reach_minutes_max?,
            break_minutes: break_minutes?,
            cost_cents_per_hour: cost?,
            evaluation_block_minutes: block?,
            supervisors: supervisors?,
            supervision_hours: supervision_hours?,
            stay_preference: stay_preference?,
        })
    })
}

/// `Some(None)` without the column; an empty cell is `Some(Some(None))`.
fn if_there<T>(
    row: &mut RowReader<'_>,
    column: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Option<Option<T>>> {
    if row.has(column) { row.optional(column, read).map(Some) } else { Some(None) }
}

/// `Some(None)` without the column; an empty cell is no block.
fn evaluation_block(row: &mut RowReader<'_>) -> Option<Option<i64>> {
    let minutes = if_there(row, "evaluation_block_minutes", |text| {
        let minutes = cell::whole(EVALUATION_BLOCK_MINUTES)(text)?;
        if minutes % 5 == 0 { Ok(minutes) } else { Err(format!("{minutes} is not a multiple of 5")) }
    })?;
    Some(minutes.map(|minutes| minutes.unwrap_or(0)))
}

/// `Some(None)` without the column; an empty cell is no assistant.
fn supervisors(row: &mut RowReader<'_>, codes: &Codes) -> Option<Option<BTreeSet<String>>> {
    if !row.has("supervisors") {
        return Some(None);
    }
    let own = row.text("code").to_owned();
    let named = row.parsed("supervisors", |text| {
        let named = cell::codes(text)?;
        for code in &named {
            cell::one_of_codes(&codes.specialists, "specialist", SHAPE.file)(code)?;
        }
        if named.contains(&own) { Err(format!("{own} cannot supervise {own}; name somebody else")) } else { Ok(named) }
    })?;
    Some(Some(named))
}

fn employer(text: &str, codes: &Codes) -> Result<EmployerCode, String> {
    let employer: EmployerCode = cell::text(text)?.parse()?;
    if let EmployerCode::Member(code) = &employer {
        cell::one_of_codes(&codes.members, "member", "members.csv")(code)?;
    }
    Ok(employer)
}
