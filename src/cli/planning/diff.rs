//! `diff`: what changes from one plan file to another.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::read;
use crate::planning::diff::{ChangeKind, Group, Pair, PlanDiff, VisitChange, diff};
use crate::planning::plan_document::{Amount, Visit};
use crate::planning::{Instance, PlanDocument};

/// Tells what changes from one plan file to another.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The instance of the plan before.
    instance_before: PathBuf,
    /// The plan before.
    plan_before: PathBuf,
    /// The instance of the plan after; the same file, if nothing else changed.
    instance_after: PathBuf,
    /// The plan after.
    plan_after: PathBuf,
    /// Prints everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `diff`. Exit 0, or 2 and every fault of an unreadable file.
pub fn run_diff(args: &DiffArgs) -> Result<ExitCode> {
    let (old, new) = (read(&args.instance_before, Instance::read)?, read(&args.instance_after, Instance::read)?);
    let before = read(&args.plan_before, PlanDocument::read)?;
    let after = read(&args.plan_after, PlanDocument::read)?;
    let (old, new, before, after) = match (old, new, before, after) {
        (Ok(old), Ok(new), Ok(before), Ok(after)) => (old, new, before, after),
        (Err(code), ..) | (_, Err(code), ..) | (_, _, Err(code), _) | (.., Err(code)) => return Ok(code),
    };
    let found = diff((&old, &before), (&new, &after));
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
    } else {
        write!(out, "{}", text(&found))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The difference as people read it: totals, then each specialist with a change.
fn text(found: &PlanDiff) -> String {
    let counts = found.counts;
    let mut lines = vec![
        format!(
            "visits: {} kept, {} moved, {} to a new person, {} added, {} removed",
            counts.kept, counts.moved, counts.new_person, counts.added, counts.removed
        ),
        format!(
            "touched: {} specialists, {} schools, {} requests",
            counts.people_touched, counts.schools_touched, counts.requests_touched
        ),
    ];
    let Pair { before, after } = found.minutes;
    for (name, before, after) in [
        ("mandated", before.mandated, after.mandated),
        ("evaluation", before.evaluation, after.evaluation),
        ("consult", before.consult, after.consult),
    ] {
        lines.push(format!("{name}: {} to {} minutes", of(before), of(after)));
    }
    let travel = found.travel_minutes;
    lines.push(format!("driving: {} to {} minutes", travel.before, travel.after));
    let cost = found.staff_cost_cents;
    lines.push(format!("staff cost: {} to {} a week", dollars(cost.before), dollars(cost.after)));
    for group in found.by_specialist.iter().filter(|group| !group.changes.is_empty()) {
        lines.push(String::new());
        lines.push(head(group));
        lines.extend(group.changes.iter().map(|change| format!("  {}", line(change, &group.code))));
    }
    lines.join("\n") + "\n"
}

fn of(amount: Amount) -> String {
    format!("{} of {}", amount.placed, amount.requested)
}

fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

fn head(group: &Group) -> String {
    let Pair { before, after } = group.minutes;
    format!("{}: {before} to {after} minutes a week, {} visits kept", group.code, group.visits_kept)
}

/// One change as it concerns a specialist.
fn line(change: &VisitChange, specialist: &str) -> String {
    let when = |visit: &Option<Visit>| {
        visit.as_ref().map_or_else(String::new, |visit| {
            format!("{} {}-{} at {}", visit.day, visit.starts, visit.ends, visit.site)
        })
    };
    let who = |visit: &Option<Visit>| visit.as_ref().map_or("", |visit| visit.specialist.as_str()).to_owned();
    let request = change.request();
    let (before, after) = (when(&change.before), when(&change.after));
    match change.kind {
        ChangeKind::Kept => format!("kept     {request}: {after}"),
        ChangeKind::Moved => format!("moved    {request}: {before} to {after}"),
        ChangeKind::Added => format!("added    {request}: {after}"),
        ChangeKind::Removed => format!("removed  {request}: {before}"),
        ChangeKind::NewPerson if who(&change.before) == specialist => {
            format!("given to {request}: {before}, now {} {after}", who(&change.after))
        }
        ChangeKind::NewPerson => format!("taken    {request}: {after}, was {} {before}", who(&change.before)),
    }
}
