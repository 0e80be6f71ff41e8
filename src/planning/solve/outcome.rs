//! What a run tells besides its visits: bounds, prices, reasons, and the document that holds it all.

use std::collections::BTreeMap;

use super::alone::Alone;
use super::rounds::Searched;
use super::run::{Proof, Run, seconds_until};
use crate::domain::calendar::Weekday;
use crate::domain::service_request::Priority;
use crate::planning::case::DAYS;
use crate::planning::instance::Member;
use crate::planning::plan_document::{
    Bounds, Lender, PLAN_FORMAT, PlanDocument, PlanStatus, Price, Run as RunNote, Shortfall, Visit,
};
use crate::planning::relaxation::Relaxation;
use crate::planning::timetable::Timetable;
use crate::planning::verify::{totals_of, verify};
use crate::planning::{explain, solver};

/// A bound is looked at more closely for plans that reach so many percent of it, and in very small groups for all plans.
const WORTH_PROVING_PERCENT: u64 = 97;

impl Run<'_> {
    /// The document of a finished search.
    pub(super) fn outcome(
        &self,
        searched: &Searched,
        proofs: &[Proof],
        alone: &Alone,
        worst_share: Option<u32>,
    ) -> PlanDocument {
        let timetable = &searched.timetable;
        let mut plan = self.document(timetable, searched.cut);
        plan.bounds = Bounds { worst_share_at_most_basis_points: worst_share, ..self.bounds(proofs, timetable) };
        plan.lenders = self.lenders(alone);
        plan.prices = self.prices(proofs);
        plan.status = self.status(&plan, searched.cut);
        if self.options.explain {
            plan.shortfalls = explain::shortfalls(self, &plan, timetable);
        }
        plan.run.seconds = (self.started.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
        plan
    }

    /// Hands out a plan that is not the last one, after it was verified like the last one.
    pub(super) fn hand_out_now(&self, timetable: &Timetable) {
        let plan = self.document(timetable, true);
        if verify(self.case.instance, &plan).is_ok() {
            self.progress.plan(&plan);
        }
    }

    /// The visits of a timetable, in order of specialist, day and start.
    pub(super) fn visits(&self, timetable: &Timetable) -> Vec<Visit> {
        let days = timetable.days.iter().enumerate();
        let visit = |(slot, placed)| self.case.visit(slot / DAYS, slot % DAYS, placed);
        days.flat_map(|(slot, day)| day.iter().map(move |placed| (slot, placed))).map(visit).collect()
    }

    /// The document of a timetable, without what is proven and found out only at the end.
    fn document(&self, timetable: &Timetable, cut: bool) -> PlanDocument {
        let instance = self.case.instance;
        let visits = self.visits(timetable);
        let totals = totals_of(instance, &visits);
        let missing = |(request, wanted): (usize, &crate::planning::case::CaseRequest)| {
            let minutes = wanted.minutes - timetable.placed[request];
            let code = &instance.requests[request].code;
            (minutes > 0).then(|| Shortfall::unexplained(code, minutes))
        };
        let asked = |amount: crate::planning::plan_document::Amount| amount.requested;
        PlanDocument {
            format: PLAN_FORMAT.to_string(),
            instance_name: instance.name.clone(),
            instance_sha256: instance.sha256(),
            status: if cut { PlanStatus::TimeLimit } else { PlanStatus::WithinGap },
            shortfalls: self.case.requests.iter().enumerate().filter_map(missing).collect(),
            visits,
            bounds: Bounds {
                mandated_placed_at_most: asked(totals.all.mandated),
                evaluation_placed_at_most: asked(totals.all.evaluation),
                consult_placed_at_most: asked(totals.all.consult),
                worst_share_at_most_basis_points: None,
            },
            totals,
            lenders: Vec::new(),
            prices: Vec::new(),
            trade_offs: Vec::new(),
            run: RunNote {
                seconds: self.started.elapsed().as_secs_f64(),
                seed: self.options.seed,
                solver: solver::SOLVER_NAME.to_string(),
                work: Some(self.work()),
            },
        }
    }

    fn bounds(&self, proofs: &[Proof], timetable: &Timetable) -> Bounds {
        let until = self.last_bounds_until();
        let mandated = self.each(proofs, |index, proof| {
            let (placed, most) = (self.mandated_in(&self.components[index], timetable), proof.mandated_at_most);
            // Where the search of a larger group is far from the linear bound, more search is what would help.
            let near = u64::from(placed) * 100 >= u64::from(most) * WORTH_PROVING_PERCENT;
            if placed == most || !Relaxation::may_be_whole(self.pairs(&self.components[index])) {
                return most;
            }
            let relaxation = Relaxation::of(self.case, &self.components[index]);
            if !(near || relaxation.is_very_small()) {
                return most;
            }
            let whole = relaxation.whole_mandated_bound(self.case, timetable, seconds_until(until));
            whole.map_or(most, |whole| whole.min(most))
        });
        let later = self.each(&self.components, |_, component| {
            let placed = |priority: Priority| -> u32 {
                let of = |request: &&usize| self.case.requests[**request].priority == priority;
                let requests = component.requests.iter().filter(of);
                requests.map(|request| timetable.placed[*request]).sum()
            };
            let first = (Priority::Mandated, placed(Priority::Mandated));
            let second = (Priority::Evaluation, placed(Priority::Evaluation));
            let _turn = self.turn(component);
            let bound = |goal, floors: &[_]| {
                let mut relaxation = Relaxation::of_goals(self.case, component, goal);
                relaxation.bound(self.case, goal, floors, timetable, seconds_until(until))
            };
            let evaluation = bound(Priority::Evaluation, &[first]);
            let consult = bound(Priority::Consult, &[first, second]);
            (evaluation.minutes, consult.minutes)
        });
        Bounds {
            mandated_placed_at_most: mandated.iter().sum(),
            evaluation_placed_at_most: later.iter().map(|bounds| bounds.0).sum(),
            consult_placed_at_most: later.iter().map(|bounds| bounds.1).sum(),
            worst_share_at_most_basis_points: None,
        }
    }

    fn lenders(&self, alone: &Alone) -> Vec<Lender> {
        let lender = |(index, member): (usize, &Member)| {
            let employs = self.case.specialists.iter().any(|one| one.employer == Some(index));
            let minutes = alone.floors.iter().map(|floors| floors[index]).sum();
            employs.then(|| Lender {
                member: member.code.clone(),
                alone_mandated_minutes: minutes,
                alone_at_most_minutes: Some(alone.at_most[index]),
            })
        };
        self.case.instance.members.iter().enumerate().filter_map(lender).collect()
    }

    /// The most that an hour more of any specialist of a discipline on a day would bring, where it would bring anything.
    fn prices(&self, proofs: &[Proof]) -> Vec<Price> {
        let mut best: BTreeMap<(&str, usize), f64> = BTreeMap::new();
        for proof in proofs {
            for &(specialist, day, price) in &proof.prices {
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

    fn status(&self, plan: &PlanDocument, cut: bool) -> PlanStatus {
        let (all, bounds) = (&plan.totals.all, &plan.bounds);
        let reached = all.mandated.placed == bounds.mandated_placed_at_most
            && all.evaluation.placed == bounds.evaluation_placed_at_most
            && all.consult.placed == bounds.consult_placed_at_most;
        // Where mandated minutes are short, how they are shared out is not proven to be the fairest way.
        let nothing_to_share = all.mandated.placed == all.mandated.requested;
        match (reached && nothing_to_share, cut) {
            (true, _) => PlanStatus::Optimal,
            (false, true) => PlanStatus::TimeLimit,
            (false, false) => PlanStatus::WithinGap,
        }
    }
}
