//! A co-op small enough to plan by hand, and plans of it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use coop_scheduler::planning::plan_document::{Bounds, PLAN_FORMAT, PlanStatus, Run, Shortfall, Visit};
use coop_scheduler::planning::verify::totals_of;
use coop_scheduler::planning::{Instance, Options, PlanDocument, Silent, solve};
use serde_json::{Value, json};

/// Two members, three sites, an SLP of member A and an OT of the co-op.
pub fn small_coop() -> Value {
    let week = |hours: Value| json!({"mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours});
    let request = |code: &str, site: &str, minutes: u32, longest: u32| {
        json!({"code": code, "site": site, "discipline": "SLP", "priority": "mandated", "minutes_per_week": minutes,
               "visits_per_week_max": 3, "visit_minutes": {"min": 30, "max": longest},
               "windows": week(json!([["07:00", "15:00"]]))})
    };
    json!({
        "format": "coop-planning-instance/1", "name": "small", "unit_minutes": 15,
        "members": [{"code": "A", "name": "District A"}, {"code": "B", "name": "District B"}],
        "sites": [{"code": "A1", "member": "A", "name": "School A1"}, {"code": "B1", "member": "B", "name": "School B1"},
                  {"code": "B2", "member": "B", "name": "School B2"}],
        "travel": {"sites": ["A1", "B1", "B2"], "minutes": [[0, 20, 40], [20, 0, 15], [40, 15, 0]],
                   "miles": [[0, 8.5, 18], [8.5, 0, 6], [18, 6, 0]]},
        "specialists": [
            {"code": "SLP-01", "disciplines": ["SLP"], "employer": {"kind": "member", "member": "A"}, "home_site": "A1",
             "availability": week(json!([["08:00", "16:00"]])), "direct_minutes_per_week_max": 600,
             "direct_minutes_per_day_max": 330, "lendable_minutes_per_week_max": 240, "sites_per_day_max": 2,
             "travel_minutes_per_day_max": 45, "reach_minutes_max": 45, "break_minutes": 30,
             "cost_cents_per_hour": 6450},
            {"code": "OT-01", "disciplines": ["OT"], "employer": {"kind": "coop"}, "home_site": "B2",
             "availability": week(json!([["08:00", "16:00"]])), "direct_minutes_per_week_max": 600,
             "cost_cents_per_hour": 6100}],
        "requests": [request("R1", "A1", 120, 60), request("R2", "B1", 120, 60), request("R3", "A1", 60, 60),
                     request("R4", "A1", 315, 330)],
        "policy": {"travel_cents_per_mile": 70, "agency_cents_per_hour": {"SLP": 8500}, "min_minutes_at_site": 60}
    })
}

/// Reads an instance that must be sound.
pub fn read(value: &Value) -> Instance {
    Instance::read(value.to_string().as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// A visit from text: `SLP-01 R1 A1 mon 08:00 09:00`.
pub fn visit(text: &str) -> Visit {
    let words: Vec<&str> = text.split(' ').collect();
    Visit {
        specialist: words[0].to_string(),
        request: words[1].to_string(),
        site: words[2].to_string(),
        day: words[3].parse().expect("day"),
        starts: words[4].parse().expect("start"),
        ends: words[5].parse().expect("end"),
    }
}

/// A plan of these visits whose totals and shortfalls are right.
pub fn plan_of(instance: &Instance, visits: Vec<Visit>) -> PlanDocument {
    let mut placed: BTreeMap<&str, u32> = BTreeMap::new();
    for visit in &visits {
        *placed.entry(&visit.request).or_default() += visit.minutes();
    }
    let shortfalls = instance.requests.iter().filter_map(|request| {
        let missing = request.minutes_per_week.saturating_sub(placed.get(request.code.as_str()).copied().unwrap_or(0));
        (missing > 0).then(|| Shortfall {
            request: request.code.clone(),
            minutes: missing,
            reason: String::new(),
            binding: Vec::new(),
            causes: Vec::new(),
            remedies: Vec::new(),
        })
    });
    let totals = totals_of(instance, &visits);
    let bounds = Bounds {
        mandated_placed_at_most: totals.all.mandated.requested,
        evaluation_placed_at_most: totals.all.evaluation.requested,
        consult_placed_at_most: totals.all.consult.requested,
        worst_share_at_most_basis_points: None,
    };
    PlanDocument {
        format: PLAN_FORMAT.to_string(),
        instance_name: instance.name.clone(),
        instance_sha256: instance.sha256(),
        status: PlanStatus::WithinGap,
        shortfalls: shortfalls.collect(),
        totals,
        visits,
        bounds,
        lenders: Vec::new(),
        prices: Vec::new(),
        trade_offs: Vec::new(),
        run: Run { seconds: 0.0, seed: 0, solver: "none".to_string(), work: None },
    }
}

/// One thread and so much work.
pub fn options(work: u64, seed: u64) -> Options {
    Options { work: Some(work), seed, threads: 1, ..Options::default() }
}

/// Plans with little work, enough for small instances.
pub fn quick(instance: &Instance, work: u64, seed: u64) -> PlanDocument {
    let stop = AtomicBool::new(false);
    solve(instance, &options(work, seed), &Silent, &stop).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Minutes of a request in a plan.
pub fn minutes_of(plan: &PlanDocument, request: &str) -> u32 {
    plan.visits.iter().filter(|visit| visit.request == request).map(Visit::minutes).sum()
}
