//! Planning again close to a plan that people follow.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use coop_scheduler::planning::change::{Change, apply};
use coop_scheduler::planning::generate::{SIZES, generate};
use coop_scheduler::planning::instance::FixedVisit;
use coop_scheduler::planning::plan_document::Visit;
use coop_scheduler::planning::{Instance, Options, PlanDocument, Silent, Start, solve};

use super::small_coop::options;

const WORK: u64 = 40_000_000;

fn planned(instance: &Instance, start: Option<(&PlanDocument, u32)>) -> PlanDocument {
    let start = start.map(|(plan, price)| Start { visits: plan.visits.clone(), minutes_per_moved_visit: price });
    let options = Options { start, explain: false, ..options(WORK, 3) };
    solve(instance, &options, &Silent, &AtomicBool::new(false)).expect("a plan")
}

/// A co-op, its plan, and the co-op when its busiest specialist is away on two days.
fn absence() -> (Instance, PlanDocument, Instance, String) {
    let size = *SIZES.iter().find(|size| size.name == "coop").expect("a size");
    let instance = generate(size, 107, 1);
    let plan = planned(&instance, None);
    let minutes = |code: &str| -> u32 {
        plan.visits.iter().filter(|visit| visit.specialist == code).map(|visit| visit.minutes()).sum()
    };
    let free = |code: &&String| instance.fixed.iter().all(|fixed| fixed.specialist != **code);
    let codes = instance.specialists.iter().map(|one| &one.code).filter(free);
    let away = codes.max_by_key(|code| minutes(code)).expect("somebody").clone();
    let change = Change::Absence {
        specialist: away.clone(),
        days: vec!["tue".parse().expect("day"), "wed".parse().expect("day")],
    };
    let changed = apply(&instance, &[change]).expect("a sound change");
    (instance, plan, changed, away)
}

fn same<'a>(before: &'a PlanDocument, after: &PlanDocument, which: impl Fn(&&Visit) -> bool) -> (usize, usize) {
    let stands: BTreeSet<&Visit> = after.visits.iter().collect();
    let asked: Vec<&'a Visit> = before.visits.iter().filter(which).collect();
    (asked.iter().filter(|visit| stands.contains(**visit)).count(), asked.len())
}

#[test]
fn an_absence_moves_few_visits_and_loses_hardly_any_minutes() {
    let (_, plan, changed, away) = absence();
    let close = planned(&changed, Some((&plan, 15)));
    let free = planned(&changed, None);
    let touched = |visit: &Visit| visit.specialist == away && ["tue", "wed"].contains(&visit.day.code());
    let (kept, all) = same(&plan, &close, |visit| !touched(visit));
    assert!(kept * 100 >= all * 95, "{kept} of {all} visits that nothing happened to stand");
    let (close_minutes, free_minutes) = (close.totals.all.mandated.placed, free.totals.all.mandated.placed);
    // Every moved visit has to bring 15 minutes, so a little less is placed than when everything may move.
    assert!(close_minutes * 100 >= free_minutes * 99, "{close_minutes} of {free_minutes}");
}

#[test]
fn the_price_of_a_moved_visit_is_kept_and_shown() {
    let (_, plan, changed, _) = absence();
    let close = planned(&changed, Some((&plan, 15)));
    let rows = &close.trade_offs;
    assert_eq!(rows.iter().map(|row| row.minutes_per_moved_visit).collect::<Vec<_>>(), [10_000, 15, 0]);
    for pair in rows.windows(2) {
        let more_minutes = i64::from(pair[1].mandated_minutes) - i64::from(pair[0].mandated_minutes);
        let more_moves = i64::from(pair[1].visits_moved) - i64::from(pair[0].visits_moved);
        let price = i64::from(pair[1].minutes_per_moved_visit);
        assert!(more_minutes >= price * more_moves, "{pair:?}");
    }
    let (kept, all) = same(&plan, &close, |_| true);
    assert_eq!(rows[1].visits_moved as usize, all - kept);
    assert_eq!(rows[1].mandated_minutes, close.totals.all.mandated.placed);
}

#[test]
fn pinned_visits_stand_and_nothing_moves_without_a_reason() {
    let (instance, plan, _, _) = absence();
    let again = planned(&instance, Some((&plan, 10_000)));
    let (kept, all) = same(&plan, &again, |_| true);
    assert_eq!(kept, all, "nothing happened, and visits moved");
    let mut pinned = instance.clone();
    let fixed: BTreeSet<(&str, &str)> =
        instance.fixed.iter().map(|fixed| (fixed.specialist.as_str(), fixed.request.as_str())).collect();
    // Whole days, so that minimum stays hold for the pins by themselves.
    let first = plan.visits.iter().find(|visit| !fixed.iter().any(|one| one.0 == visit.specialist)).expect("a visit");
    for visit in plan.visits.iter().filter(|visit| (&visit.specialist, visit.day) == (&first.specialist, first.day)) {
        pinned.fixed.push(FixedVisit {
            specialist: visit.specialist.clone(),
            request: visit.request.clone(),
            day: visit.day,
            starts: visit.starts,
            ends: visit.ends,
        });
    }
    let free = planned(&pinned, None);
    for fixed in &pinned.fixed {
        let stands = |visit: &Visit| {
            (&visit.specialist, &visit.request, visit.day, visit.starts)
                == (&fixed.specialist, &fixed.request, fixed.day, fixed.starts)
        };
        assert!(free.visits.iter().any(stands), "{fixed:?}");
    }
}
