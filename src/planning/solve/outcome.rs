//! What a run tells besides its visits: bounds, prices, reasons, and the document that holds it all.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{EXPLAIN_PART, RunState};
use crate::domain::calendar::Weekday;
use crate::domain::service_request::Priority;
use crate::planning::case::DAYS;
use crate::planning::instance::Member;
use crate::planning::plan_document::{Bounds, Lender, PLAN_FORMAT, PlanDocument, PlanStatus, Price, Run, Visit};
use crate::planning::relaxation::{Bounded, Relaxation};
use crate::planning::timetable::Timetable;
use crate::planning::verify::totals_of;
use crate::planning::{explain, solver};

impl RunState<'_> {
    pub(super) fn bounds(&self, relaxations: &[Relaxation], mandated: &[Bounded], timetable: &Timetable) -> Bounds {
        let later = self.each(relaxations, |index, relaxation| {
            let placed = |priority: Priority| -> u32 {
                let of = |request: &&usize| self.case.requests[**request].priority == priority;
                let requests = self.components[index].requests.iter().filter(of);
                requests.map(|request| timetable.placed[*request]).sum()
            };
            let first = (Priority::Mandated, placed(Priority::Mandated));
            let second = (Priority::Evaluation, placed(Priority::Evaluation));
            let seconds = self.seconds_left().min(10.0);
            let evaluation = relaxation.bound(self.case, Priority::Evaluation, &[first], seconds);
            let consult = relaxation.bound(self.case, Priority::Consult, &[first, second], seconds);
            (evaluation.minutes, consult.minutes)
        });
        Bounds {
            mandated_placed_at_most: mandated.iter().map(|bounded| bounded.minutes).sum(),
            evaluation_placed_at_most: later.iter().map(|bounds| bounds.0).sum(),
            consult_placed_at_most: later.iter().map(|bounds| bounds.1).sum(),
            worst_share_at_most_basis_points: None,
        }
    }

    /// The most that an hour more of any specialist of a discipline on a day would bring, where it would bring anything.
    pub(super) fn prices(&self, relaxations: &[Relaxation], mandated: &[Bounded]) -> Vec<Price> {
        let mut best: BTreeMap<(&str, usize), f64> = BTreeMap::new();
        for (relaxation, bounded) in relaxations.iter().zip(mandated) {
            let Some(solved) = &bounded.solved else { continue };
            for (specialist, day, price) in relaxation.staff_prices(solved) {
                for discipline in &self.case.instance.specialists[specialist].disciplines {
                    let best = best.entry((discipline, day)).or_default();
                    *best = best.max(price);
                }
            }
        }
        let prices = best.into_iter().map(|((discipline, day), price)| Price {
            discipline: discipline.to_string(),
            day: Weekday::ALL[day],
            minutes_per_extra_hour: (price * 60.0).round(),
        });
        prices.filter(|price| price.minutes_per_extra_hour > 0.0).collect()
    }

    pub(super) fn document(
        &self,
        timetable: &Timetable,
        bounds: Bounds,
        alone: &[Vec<u32>],
        prices: Vec<Price>,
        cut: bool,
    ) -> PlanDocument {
        let instance = self.case.instance;
        let mut visits: Vec<Visit> = Vec::new();
        for (slot, placed) in timetable.days.iter().enumerate() {
            visits.extend(placed.iter().map(|placed| self.case.visit(slot / DAYS, slot % DAYS, placed)));
        }
        let totals = totals_of(instance, &visits);
        let requests: Vec<usize> = (0..self.case.requests.len()).collect();
        let shortfalls = self.each(&requests, |_, request| {
            let explaining_ends = self.deadline + Duration::from_secs(u64::from(self.options.seconds / EXPLAIN_PART));
            let in_time = Instant::now() < explaining_ends && !self.stop.load(Ordering::Relaxed);
            explain::shortfall(self.case, timetable, &visits, *request, in_time)
        });
        let lender = |(index, member): (usize, &Member)| {
            let employs = self.case.specialists.iter().any(|one| one.employer == Some(index));
            let minutes = alone.iter().map(|alone| alone[index]).sum();
            employs.then(|| Lender {
                member: member.code.clone(),
                alone_mandated_minutes: minutes,
                alone_at_most_minutes: None,
            })
        };
        let reached = totals.all.mandated.placed == bounds.mandated_placed_at_most
            && totals.all.evaluation.placed == bounds.evaluation_placed_at_most
            && totals.all.consult.placed == bounds.consult_placed_at_most;
        // Where mandated minutes are short, how they are shared out is not proven to be the fairest way.
        let nothing_to_share = totals.all.mandated.placed == totals.all.mandated.requested;
        PlanDocument {
            format: PLAN_FORMAT.to_string(),
            instance_name: instance.name.clone(),
            instance_sha256: instance.sha256(),
            status: match (reached && nothing_to_share, cut) {
                (true, _) => PlanStatus::Optimal,
                (false, true) => PlanStatus::TimeLimit,
                (false, false) => PlanStatus::WithinGap,
            },
            shortfalls: shortfalls.into_iter().flatten().collect(),
            visits,
            totals,
            bounds,
            lenders: instance.members.iter().enumerate().filter_map(lender).collect(),
            prices,
            trade_offs: Vec::new(),
            run: Run {
                seconds: (self.started.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0,
                seed: self.options.seed,
                solver: solver::SOLVER_NAME.to_string(),
                work: None,
            },
        }
    }
}
