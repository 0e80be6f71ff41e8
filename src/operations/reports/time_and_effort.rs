//! The report of time and effort: what specialists gave to each member in each month, with the drives between visits.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::service_fidelity::is_over;
use super::{Days, head, months};
use crate::db::delivered::Placed;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Owner, Resource, Scope};
use crate::domain::calendar::Interval;
use crate::domain::dated_visit::DatedVisitState;
use crate::domain::employer::EmployerCode;
use crate::domain::ids::{MemberId, SpecialistId};
use crate::domain::month::Month;
use crate::domain::report::time_and_effort::{EffortRow, Supervised, TimeAndEffort, Worked, add_up};
use crate::domain::service_log::LogOutcome;
use crate::domain::specialist::{Contract, Employer};
use crate::operations::access::visible;
use crate::operations::error::{OperationError, no_faults};
use crate::operations::runner::Context;

const RESOURCE: Resource = Resource::TimeAndEffort;

/// What the report is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// For which months.
    pub days: Days,
    /// Of one specialist.
    pub specialist: Option<SpecialistId>,
    /// For one member.
    pub member: Option<MemberId>,
}

/// For whom each specialist worked, month by month.
pub fn report(tx: &mut ReadTx, ctx: &Context, asked: &Narrowed) -> Result<TimeAndEffort, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let period = months(tx, ctx, asked.days)?;
    no_faults(period.check_months())?;
    let placed = db::delivered::of_specialists(tx, &scope, (period.period_from, period.period_until))?;
    let today = ctx.today();
    let is_of =
        |who: SpecialistId| scope.covers(Owner::specialist(who)) && asked.specialist.is_none_or(|only| only == who);
    let is_asked = |visit: &Worked| is_of(visit.specialist_id);
    let visits: Vec<Worked> = placed.iter().filter_map(|one| worked(ctx, today, one)).filter(is_asked).collect();
    let drives = db::travel::list(tx, None)?.into_iter();
    let drives = drives.map(|drive| ((drive.from_site_id, drive.to_site_id), drive.fields.minutes)).collect();
    let names = Names::read(tx)?;
    let mut rows = Vec::new();
    let supervised = db::supervision_logs::of_period(tx, (period.period_from, period.period_until))?;
    let supervised: Vec<Supervised> = supervised
        .into_iter()
        .map(|log| (log.supervisor_id, log.fields.supervised_on, log.fields.minutes))
        .filter(|(who, ..)| is_of(*who))
        .collect();
    for ((specialist_id, month, member_id), figures) in add_up(&visits, &supervised, &drives) {
        if asked.member.is_some_and(|only| Some(only) != member_id) {
            continue;
        }
        let (specialist, specialist_name) = names.specialists.get(&specialist_id).cloned().unwrap_or_default();
        let employer = names.employer(specialist_id, month);
        rows.push(EffortRow {
            specialist_id,
            specialist,
            specialist_name,
            employer: employer.map_or_else(String::new, |one| names.written(one)),
            month,
            is_locked: names.locked.contains(&month),
            member_id,
            member: member_id.and_then(|id| names.members.get(&id).cloned()),
            is_own_employer: matches!(employer, Some(Employer::Member { member_id: own }) if Some(*own) == member_id),
            figures,
        });
    }
    rows.sort_by(|a, b| (&a.specialist, a.month, &a.member).cmp(&(&b.specialist, b.month, &b.member)));
    let total = rows.iter().map(|row| &row.figures).sum();
    ctx.trail.count(RESOURCE, rows.len());
    Ok(TimeAndEffort { head: head(ctx), period, rows, total })
}

/// A visit as work; nothing for one that lies ahead, or that did not take place as far as calendars and absences say.
fn worked(ctx: &Context, today: NaiveDate, (visit, place): &Placed) -> Option<Worked> {
    let log = visit.log.filter(|log| log.outcome != LogOutcome::NotLogged);
    let takes_place = visit.state == DatedVisitState::Planned || visit.is_covered;
    if log.is_none() && !(takes_place && is_over(ctx, today, visit)) {
        return None;
    }
    Some(Worked {
        specialist_id: visit.given_by,
        member_id: visit.member_id,
        place_id: *place,
        visit_on: visit.visit_on,
        starts: visit.starts,
        planned_minutes: i64::from(Interval { starts: visit.starts, ends: visit.ends }.minutes()),
        delivered_minutes: log.map(|log| log.minutes.unwrap_or(0)),
    })
}

/// What rows are named by.
struct Names {
    specialists: HashMap<SpecialistId, (String, String)>,
    members: HashMap<MemberId, String>,
    contracts: HashMap<SpecialistId, Vec<Contract>>,
    locked: BTreeSet<Month>,
}

impl Names {
    fn read(tx: &mut ReadTx) -> Result<Names, OperationError> {
        let specialists = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items.into_iter();
        let members = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items.into_iter();
        let mut contracts: HashMap<SpecialistId, Vec<Contract>> = HashMap::new();
        for contract in db::work_terms::contracts(tx, None)? {
            contracts.entry(contract.specialist_id).or_default().push(contract);
        }
        Ok(Names {
            specialists: specialists.map(|one| (one.id, (one.fields.code, one.fields.name))).collect(),
            members: members.map(|one| (one.id, one.fields.code)).collect(),
            contracts,
            locked: db::locked_months::list(tx)?.into_iter().map(|one| one.month).collect(),
        })
    }

    /// By the last contract that touches the month; contracts come by first day.
    fn employer(&self, specialist: SpecialistId, month: Month) -> Option<&Employer> {
        let touches = |contract: &&Contract| {
            let fields = &contract.fields;
            fields.effective_from < month.first_day_after()
                && fields.effective_until.is_none_or(|until| until > month.first_day())
        };
        let contracts = self.contracts.get(&specialist)?;
        contracts.iter().rfind(touches).map(|contract| &contract.fields.employer)
    }

    fn written(&self, employer: &Employer) -> String {
        let code = match employer {
            Employer::Member { member_id } => {
                EmployerCode::Member(self.members.get(member_id).cloned().unwrap_or_default())
            }
            Employer::Coop {} => EmployerCode::Coop,
            Employer::Agency { name } => EmployerCode::Agency(name.clone()),
        };
        code.to_string()
    }
}
