//! The staff of an import: people with their contracts, and weekly hours.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Import, Outcome, all_members, all_specialists, by_code, site_ids};
use crate::db::{self, WriteTx};
use crate::domain::calendar::{Interval, Period, Weekday, WeeklyHours};
use crate::domain::employer::EmployerCode;
use crate::domain::ids::{MemberId, SiteId, SpecialistId};
use crate::domain::specialist::{
    Availability, AvailabilityFields, Contract, ContractFields, Employer, Holding, Specialist, SpecialistFields,
};
use crate::intake::Intake;
use crate::intake::specialists::SpecialistRow;
use crate::operations::error::OperationError;
use crate::operations::{specialists, work_terms};

/// What the codes of a row stand for.
struct Codes {
    members: HashMap<String, MemberId>,
    sites: HashMap<String, SiteId>,
    people: HashMap<String, SpecialistId>,
}

impl Import<'_> {
    /// A row holds the person and one contract. All people come first, because a contract can name any as supervisor.
    pub(super) fn specialists(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let present = by_code(all_specialists(tx)?, |one| one.fields.code.clone());
        let mut people = Vec::new();
        for row in &intake.specialists {
            people.push(self.person(tx, present.get(&row.code), row));
        }
        let codes = Codes {
            members: all_members(tx)?.into_iter().map(|member| (member.fields.code, member.id)).collect(),
            sites: site_ids(tx)?,
            people: all_specialists(tx)?.into_iter().map(|one| (one.fields.code, one.id)).collect(),
        };
        for (row, person) in intake.specialists.iter().zip(people) {
            let outcome = person.and_then(|(id, outcome)| self.contract(tx, &codes, row, id, outcome));
            self.settle(|summary| &mut summary.specialists, ("specialists.csv", row.line), outcome)?;
        }
        Ok(())
    }

    fn person(
        &self,
        tx: &mut WriteTx,
        present: Option<&Specialist>,
        row: &SpecialistRow,
    ) -> Result<(SpecialistId, Outcome), OperationError> {
        let fields = SpecialistFields {
            code: row.code.clone(),
            name: row.name.clone(),
            email: row.email.clone(),
            disciplines: held(&row.disciplines, present.map(|one| &one.fields.disciplines), row.effective),
            qualifications: held(&row.qualifications, present.map(|one| &one.fields.qualifications), row.effective),
        };
        match present {
            None => Ok((specialists::create(tx, self.ctx, &fields)?.id, Outcome::Created)),
            Some(one) if one.fields == fields => Ok((one.id, Outcome::Unchanged)),
            Some(one) => {
                specialists::change(tx, self.ctx, one.id, Some(one.version), &fields)?;
                Ok((one.id, Outcome::Changed))
            }
        }
    }

    fn contract(
        &self,
        tx: &mut WriteTx,
        codes: &Codes,
        row: &SpecialistRow,
        id: SpecialistId,
        outcome: Outcome,
    ) -> Result<Outcome, OperationError> {
        let contracts = db::work_terms::contracts(tx, Some(id))?;
        let present = contracts.iter().find(|one| one.fields.effective_from == row.effective.from);
        // A member or site whose own row was at fault: that fault is told, and nothing is kept.
        let Some(contract) = contract_fields(codes, row, present) else { return Ok(outcome) };
        match present {
            Some(Contract { fields, .. }) if *fields == contract => Ok(outcome),
            Some(one) => {
                work_terms::change_contract(tx, self.ctx, one.id, Some(one.version), &contract)?;
                Ok(outcome.or_changed())
            }
            None => {
                work_terms::create_contract(tx, self.ctx, id, &contract)?;
                Ok(outcome.or_changed())
            }
        }
    }

    /// Rows of one specialist and period make one set of weekly hours.
    pub(super) fn availability(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let people: HashMap<String, SpecialistId> =
            all_specialists(tx)?.into_iter().map(|one| (one.fields.code, one.id)).collect();
        // By specialist and period: the first line, and the intervals of each weekday.
        type Sets<'a> = BTreeMap<(&'a str, Period), (usize, BTreeMap<Weekday, Vec<Interval>>)>;
        let mut sets = Sets::new();
        for row in &intake.availability {
            let set = sets.entry((&row.specialist, row.effective)).or_insert_with(|| (row.line, BTreeMap::new()));
            set.1.entry(row.weekday).or_default().push(row.interval);
        }
        for ((code, period), (line, days)) in sets {
            let Some(specialist) = people.get(code).copied() else { continue };
            let outcome = self.weekly_hours(tx, specialist, period, days);
            self.settle(|summary| &mut summary.availability, ("availability.csv", line), outcome)?;
        }
        Ok(())
    }

    fn weekly_hours(
        &self,
        tx: &mut WriteTx,
        specialist: SpecialistId,
        period: Period,
        days: BTreeMap<Weekday, Vec<Interval>>,
    ) -> Result<Outcome, OperationError> {
        let weekly_hours = WeeklyHours::new(days).map_err(|message| OperationError::invalid("", message))?;
        let fields = AvailabilityFields { weekly_hours, effective_from: period.from, effective_until: period.until };
        let present = db::work_terms::availability(tx, Some(specialist))?;
        match present.iter().find(|one| one.fields.effective_from == period.from) {
            Some(Availability { fields: same, .. }) if *same == fields => Ok(Outcome::Unchanged),
            Some(one) => {
                work_terms::change_availability(tx, self.ctx, one.id, Some(one.version), &fields)?;
                Ok(Outcome::Changed)
            }
            None => {
                work_terms::create_availability(tx, self.ctx, specialist, &fields)?;
                Ok(Outcome::Created)
            }
        }
    }
}

/// The contract of a row. What a left-out column would say stays as it is entered.
fn contract_fields(codes: &Codes, row: &SpecialistRow, present: Option<&Contract>) -> Option<ContractFields> {
    let employer = match &row.employer {
        EmployerCode::Member(code) => Employer::Member { member_id: *codes.members.get(code)? },
        EmployerCode::Coop => Employer::Coop {},
        EmployerCode::Agency(name) => Employer::Agency { name: name.clone() },
    };
    let kept = present.map(|one| &one.fields);
    let supervisor_ids = match &row.supervisors {
        Some(named) => named.iter().filter_map(|code| codes.people.get(code).copied()).collect(),
        None => kept.map(|fields| fields.supervisor_ids.clone()).unwrap_or_default(),
    };
    let block = row.evaluation_block_minutes.or(kept.map(|fields| fields.evaluation_block_minutes));
    let supervision_hours =
        row.supervision_hours.clone().unwrap_or_else(|| kept.and_then(|fields| fields.supervision_hours.clone()));
    let stay = row.stay_preference.or(kept.map(|fields| fields.stay_preference));
    Some(ContractFields {
        employer,
        home_site_id: *codes.sites.get(&row.home_site)?,
        direct_minutes_per_week_max: row.direct_minutes_per_week_max,
        direct_minutes_per_day_max: row.direct_minutes_per_day_max,
        paid_minutes_per_week: kept.and_then(|fields| fields.paid_minutes_per_week),
        lendable_minutes_per_week_max: row.lendable_minutes_per_week_max,
        sites_per_day_max: row.sites_per_day_max,
        travel_minutes_per_day_max: row.travel_minutes_per_day_max,
        reach_minutes_max: row.reach_minutes_max,
        break_minutes: row.break_minutes,
        cost_cents_per_hour: row.cost_cents_per_hour,
        evaluation_block_minutes: block.unwrap_or(0),
        supervisor_ids,
        supervision_hours,
        stay_preference: stay.flatten(),
        effective_from: row.effective.from,
        effective_until: row.effective.until,
    })
}

/// What a row says is held. One that is held already keeps its dates.
fn held(codes: &BTreeSet<String>, present: Option<&Vec<Holding>>, effective: Period) -> Vec<Holding> {
    let today = effective.from;
    let known = |code: &String| -> Option<Holding> {
        present?.iter().find(|one| one.code == *code && one.is_held_on(today)).cloned()
    };
    let new = |code: &String| Holding { code: code.clone(), held_from: effective.from, held_until: None };
    let ended: Vec<Holding> = present.into_iter().flatten().filter(|one| !one.is_held_on(today)).cloned().collect();
    let mut holdings: Vec<Holding> =
        codes.iter().map(|code| known(code).unwrap_or_else(|| new(code))).chain(ended).collect();
    holdings.sort();
    holdings
}
