//! The specialists of a term who can be planned: what is in force of contracts, hours, credentials and other work.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{named, whole};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::WeeklyHours;
use crate::domain::credential::{OnFile, Standing};
use crate::domain::ids::{MemberId, SiteId, SpecialistId};
use crate::domain::specialist::{ContractFields, Employer, Holding};
use crate::domain::term::Term;
use crate::domain::workload::{self, IndirectBlockFields, IndirectMinutes, WeekFrom};
use crate::operations::credentials;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::planning::instance as plan;

/// A specialist who can be planned: with a contract and weekly hours in force.
pub(in crate::operations) struct Available {
    pub id: SpecialistId,
    pub code: String,
    pub name: String,
    pub home: SiteId,
    disciplines: Vec<String>,
    qualifications: Vec<String>,
    pub contract: ContractFields,
    /// Weekly hours without the blocks that have a time.
    hours: WeeklyHours,
    /// All minutes of the week, and where that is from.
    pub week: (i64, WeekFrom),
    /// What is reserved for work that is not visits.
    pub indirect: Vec<IndirectMinutes>,
    /// Most different sites and requests in the week; the co-op's.
    caps: (Option<u32>, Option<u32>),
    /// By discipline, the first day without a valid credential, where that is in the term or before it.
    pub credentials_until: BTreeMap<String, NaiveDate>,
}

/// Everybody who can be planned on a day of a term, by code.
pub(in crate::operations) fn specialists(
    tx: &mut ReadTx,
    ctx: &Context,
    term: &Term,
    day: NaiveDate,
) -> Result<Vec<Available>, OperationError> {
    let in_force = |from: NaiveDate, until: Option<NaiveDate>| from <= day && until.is_none_or(|until| day < until);
    let contracts = db::work_terms::contracts(tx, None)?;
    let availability = db::work_terms::availability(tx, None)?;
    let blocks = db::indirect_blocks::list(tx, None)?;
    let on_file = credentials::on_file(tx, ctx)?;
    let held = |holdings: &[Holding]| -> Vec<String> {
        let codes = holdings.iter().filter(|one| one.is_held_on(day)).map(|one| one.code.clone());
        codes.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let mut found = Vec::new();
    for specialist in db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items {
        let contract = contracts.iter().find(|one| {
            one.specialist_id == specialist.id && in_force(one.fields.effective_from, one.fields.effective_until)
        });
        let hours = availability.iter().find(|one| {
            one.specialist_id == specialist.id && in_force(one.fields.effective_from, one.fields.effective_until)
        });
        let disciplines = held(&specialist.fields.disciplines);
        let (Some(contract), Some(hours), false) = (contract, hours, disciplines.is_empty()) else { continue };
        let own = blocks.iter().filter(|one| one.specialist_id == specialist.id && one.fields.period().contains(day));
        let own: Vec<IndirectBlockFields> = own.map(|one| one.fields).collect();
        let hours = &hours.fields.weekly_hours;
        found.push(Available {
            id: specialist.id,
            home: contract.fields.home_site_id,
            credentials_until: credentials_until(&on_file, specialist.id, &disciplines, (term, day)),
            disciplines,
            qualifications: held(&specialist.fields.qualifications),
            code: specialist.fields.code,
            name: specialist.fields.name,
            contract: contract.fields.clone(),
            hours: workload::without_blocks(hours, &own),
            week: match contract.fields.paid_minutes_per_week {
                Some(paid) => (paid, WeekFrom::Contract),
                None => (workload::length(hours), WeekFrom::WeeklyHours),
            },
            indirect: workload::reserved(&own, &ctx.settings.workload),
            caps: (cap(ctx.settings.workload.sites_per_week_max), cap(ctx.settings.workload.requests_max)),
        });
    }
    found.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(found)
}

/// A setting of 0 is no limit.
fn cap(most: i64) -> Option<u32> {
    (most > 0).then(|| whole(most))
}

/// Where credentials end in the term or before it. What was never valid ends before the term, so that the same facts give
/// the same instance on every day.
fn credentials_until(
    on_file: &OnFile,
    specialist: SpecialistId,
    disciplines: &[String],
    (term, day): (&Term, NaiveDate),
) -> BTreeMap<String, NaiveDate> {
    let (first, last) = (term.fields.starts_on, term.fields.ends_on);
    let end = |discipline: &String| {
        let until = match on_file.standing(specialist, discipline, day) {
            Standing::NotOnFile => return None,
            Standing::Valid { until } => until?,
            Standing::NotValid { since } => since.unwrap_or(first),
            Standing::Missing => first,
        };
        (until <= last).then(|| (discipline.clone(), until))
    };
    disciplines.iter().filter_map(end).collect()
}

/// Assistants none of whose supervisors can be planned: without one they would be taken for specialists.
pub(super) fn unsupervised(specialists: &[Available], day: NaiveDate) -> Vec<String> {
    let people: BTreeMap<SpecialistId, String> = specialists.iter().map(|one| (one.id, one.code.clone())).collect();
    let alone = |one: &&Available| !one.contract.supervisor_ids.is_empty() && one.supervisors(&people).is_empty();
    let message = |one: &Available| {
        format!(
            "{} is an assistant, and no supervisor has a contract and weekly hours on {day}; enter them or name another",
            one.code
        )
    };
    specialists.iter().filter(alone).map(message).collect()
}

impl Available {
    /// Codes of the supervisors who can be planned, in order.
    fn supervisors(&self, people: &BTreeMap<SpecialistId, String>) -> Vec<String> {
        let known: BTreeSet<&String> = self.contract.supervisor_ids.iter().filter_map(|id| people.get(id)).collect();
        known.into_iter().cloned().collect()
    }

    /// The most minutes of visits a week: what the contract says, and no more than other work leaves.
    pub fn direct_minutes_max(&self) -> i64 {
        let contract_max = self.contract.direct_minutes_per_week_max;
        workload::direct_minutes_max(contract_max, self.week.0, workload::sum(&self.indirect))
    }

    pub(super) fn planned(
        &self,
        sites: &BTreeMap<SiteId, &str>,
        members: &BTreeMap<MemberId, &str>,
        people: &BTreeMap<SpecialistId, String>,
    ) -> plan::Specialist {
        let contract = &self.contract;
        let employer = match &contract.employer {
            Employer::Member { member_id } => plan::Employer::Member { member: named(members, member_id) },
            Employer::Coop {} => plan::Employer::Coop,
            Employer::Agency { name } => plan::Employer::Agency { name: name.clone() },
        };
        plan::Specialist {
            code: self.code.clone(),
            disciplines: self.disciplines.clone(),
            qualifications: self.qualifications.clone(),
            employer,
            home_site: named(sites, &self.home),
            availability: self.hours.clone(),
            direct_minutes_per_week_max: whole(self.direct_minutes_max()),
            direct_minutes_per_day_max: Some(whole(contract.direct_minutes_per_day_max)),
            lendable_minutes_per_week_max: contract.lendable_minutes_per_week_max.map(whole),
            sites_per_day_max: Some(whole(contract.sites_per_day_max)),
            travel_minutes_per_day_max: Some(whole(contract.travel_minutes_per_day_max)),
            reach_minutes_max: Some(whole(contract.reach_minutes_max)),
            break_minutes: whole(contract.break_minutes),
            cost_cents_per_hour: contract.cost_cents_per_hour,
            stay_preference: contract.stay_preference,
            evaluation_block_minutes: whole(contract.evaluation_block_minutes),
            supervisors: self.supervisors(people),
            supervision_hours: contract.supervision_hours.clone(),
            credentials_until: self.credentials_until.clone(),
            sites_per_week_max: self.caps.0,
            requests_max: self.caps.1,
        }
    }
}
