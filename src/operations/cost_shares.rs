//! Cost-share statements: made once from a published plan, kept as they were.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::access::{allow_write, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::overview::read_files;
use super::plans;
use super::runner::Context;
use crate::costing::cost_share::{
    CostShare, CostedPlan, CostedSpecialist, CostedVisit, Leg, Settings, WeekdayCounts, share,
};
use crate::costing::statement;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Resource, Scope, may};
use crate::domain::cost_share::{
    AgencyPayment, CostShareFields, CostShareHead, CostShareStatement, MemberShare, ShareLine, Statement,
};
use crate::domain::employer::EmployerCode;
use crate::domain::ids::{CostShareId, PlanId};
use crate::domain::member::Member;
use crate::domain::plan::{Plan, PlanState};
use crate::planning::instance::Employer;
use crate::planning::{Instance, PlanDocument};
use crate::reports::csv::{Cell, encode};

/// All statements; everybody who sees one sees their own part of it.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<CostShareHead>, OperationError> {
    visible(ctx, Resource::CostShares)?;
    let found = db::cost_shares::list(tx, page)?;
    ctx.trail.count(Resource::CostShares, found.items.len());
    Ok(found)
}

/// One statement, for the part that the actor can see.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: CostShareId) -> Result<CostShareStatement, OperationError> {
    visible(ctx, Resource::CostShares)?;
    let (head, json) = db::cost_shares::find(tx, id)?.ok_or(OperationError::NotFound)?;
    shown(tx, ctx, head, &json)
}

/// The newest statement of a plan, if there is one.
pub fn latest(tx: &mut ReadTx, ctx: &Context, plan: PlanId) -> Result<Option<CostShareStatement>, OperationError> {
    visible(ctx, Resource::CostShares)?;
    match db::cost_shares::latest(tx, plan)? {
        Some((head, json)) => shown(tx, ctx, head, &json).map(Some),
        None => Ok(None),
    }
}

fn shown(
    tx: &mut ReadTx,
    ctx: &Context,
    head: CostShareHead,
    json: &str,
) -> Result<CostShareStatement, OperationError> {
    ctx.trail.code(&head.code);
    let mut statement: Statement = serde_json::from_str(json).map_err(OperationError::internal)?;
    let sums = visible(ctx, Resource::CostShares)?;
    let lines = may(&ctx.actor, Action::Read(Resource::CostShareLines));
    let own = codes(tx, &lines)?;
    statement.nets = statement.nets();
    statement.lines.retain(|line| own.contains(&line.member));
    statement.members.retain(|share| own.contains(&share.member));
    // Beside some of the members, the sum of all would tell the others.
    if lines != Scope::All && !statement.members.is_empty() {
        statement.total = None;
    }
    if sums != Scope::All {
        let shown = codes(tx, &sums)?;
        statement.nets.retain(|net| shown.contains(&net.member));
        statement.total = None;
        statement.payable_to_agencies.clear();
        statement.payable_to_coop_cents = 0;
        statement.administration_cents = 0;
    }
    Ok(CostShareStatement { head, statement })
}

/// Leaves a member's own part.
fn keep_part_of(statement: &mut Statement, code: &str) {
    statement.members.retain(|share| share.member == code);
    statement.nets = statement.nets();
    statement.lines.retain(|line| line.member == code);
    statement.total = None;
    statement.payable_to_agencies.clear();
    statement.payable_to_coop_cents = 0;
    statement.administration_cents = 0;
}

/// A member's part of all statements.
pub(super) fn of_member(tx: &mut ReadTx, member: &Member) -> Result<Vec<CostShareStatement>, OperationError> {
    let mut all = Vec::new();
    for head in db::cost_shares::list(tx, PageRequest::ALL)?.items {
        let (head, json) = db::cost_shares::find(tx, head.id)?.ok_or(OperationError::NotFound)?;
        let mut statement: Statement = serde_json::from_str(&json).map_err(OperationError::internal)?;
        keep_part_of(&mut statement, &member.fields.code);
        if !statement.members.is_empty() {
            all.push(CostShareStatement { head, statement });
        }
    }
    Ok(all)
}

/// Codes of the members in a scope.
fn codes(tx: &mut ReadTx, scope: &Scope) -> Result<BTreeSet<String>, OperationError> {
    let members = db::members::list(tx, scope, PageRequest::ALL)?.items;
    Ok(members.into_iter().map(|member| member.fields.code).collect())
}

/// Makes a statement of a plan that is or was published, for the days of the period on which it was followed.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &CostShareFields) -> Result<CostShareStatement, OperationError> {
    allow_write(ctx, Resource::CostShares)?;
    no_faults(fields.check())?;
    let message = "There is no such published plan; take an id from /api/v1/plans";
    let plan = plans::get(tx, ctx, fields.plan_id).map_err(|_| OperationError::invalid("/plan_id", message))?;
    if plan.state == PlanState::Draft {
        return Err(OperationError::conflict(format!("{} is a draft; publish it first", plan.code)));
    }
    let days = counted_days(tx, &plan, fields)?;
    let (instance, document) = read_files(tx, &plan)?;
    let statement = work_out(ctx, &instance, &document, days)?;
    let json = serde_json::to_string(&statement).map_err(OperationError::internal)?;
    let year = ctx.now.with_timezone(&ctx.settings.time_zone).year();
    let code = db::codes::next(tx, &format!("CS-{year}"))?;
    let id = db::cost_shares::insert(tx, &code, fields, &json, ctx.actor.account_id, ctx.now)?;
    let period = format!("{} from {} to {}", plan.code, fields.period_from, fields.period_until);
    ctx.trail.about_everybody();
    note(tx, ctx, "create", ("cost_share", &code), &period)?;
    get(tx, ctx, id)
}

/// The days of the period on which the plan was followed.
fn counted_days(
    tx: &mut ReadTx,
    plan: &Plan,
    fields: &CostShareFields,
) -> Result<(NaiveDate, NaiveDate), OperationError> {
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
    let first = plan.effective_from.unwrap_or(term.fields.starts_on);
    let mut end = term.fields.ends_on + TimeDelta::days(1);
    if plan.state == PlanState::Superseded {
        // Until the plan that followed took over.
        let plans = db::plans::list(tx, false, PageRequest::ALL)?.items;
        let next = plans.iter().filter(|one| one.term_id == plan.term_id && one.published_at > plan.published_at);
        end = next.filter_map(|one| one.effective_from).min().unwrap_or(end).min(end);
    }
    let (from, until) = (fields.period_from.max(first), fields.period_until.min(end));
    if from < until {
        return Ok((from, until));
    }
    let message = format!(
        "{} was followed from {first} to {}; choose a period that meets it",
        plan.code,
        end - TimeDelta::days(1)
    );
    Err(OperationError::invalid("/period_from", message))
}

fn work_out(
    ctx: &Context,
    instance: &Instance,
    document: &PlanDocument,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Statement, OperationError> {
    let settings = Settings {
        travel_cents_per_mile: ctx.settings.travel_cents_per_mile,
        administration_basis_points: ctx.settings.administration_basis_points,
        administration_equal_share_basis_points: ctx.settings.administration_equal_share_basis_points,
    };
    let weekday_counts = WeekdayCounts::in_period(from, until).map_err(OperationError::internal)?;
    let costed = costed_plan(instance, document, weekday_counts, settings);
    let result = share(&costed).map_err(OperationError::internal)?;
    Ok(statement(&result, (from, until)))
}

/// What a plan's visits and drives cost, at the rates it was planned with.
fn costed_plan(
    instance: &Instance,
    document: &PlanDocument,
    weekday_counts: WeekdayCounts,
    settings: Settings,
) -> CostedPlan {
    let member_of: BTreeMap<&str, &str> =
        instance.sites.iter().map(|site| (site.code.as_str(), site.member.as_str())).collect();
    let requests: BTreeMap<&str, _> = instance.requests.iter().map(|one| (one.code.as_str(), one)).collect();
    let visits = document.visits.iter().filter_map(|visit| {
        let request = requests.get(visit.request.as_str())?;
        Some(CostedVisit {
            specialist: visit.specialist.clone(),
            member: (*member_of.get(request.site.as_str())?).to_owned(),
            discipline: request.discipline.clone(),
            weekday: visit.day,
            minutes: visit.minutes(),
        })
    });
    let specialists = instance.specialists.iter().map(|one| CostedSpecialist {
        code: one.code.clone(),
        employer: match &one.employer {
            Employer::Member { member } => EmployerCode::Member(member.clone()),
            Employer::Coop => EmployerCode::Coop,
            Employer::Agency { name } => EmployerCode::Agency(name.clone()),
        },
        cents_per_hour: one.cost_cents_per_hour,
    });
    CostedPlan {
        members: instance.members.iter().map(|member| member.code.clone()).collect(),
        specialists: specialists.collect(),
        visits: visits.collect(),
        legs: legs(instance, document, &member_of),
        weekday_counts,
        settings,
    }
}

/// The drives of a week: between visits that follow each other on a day at different sites.
fn legs(instance: &Instance, document: &PlanDocument, member_of: &BTreeMap<&str, &str>) -> Vec<Leg> {
    let index: BTreeMap<&str, usize> =
        instance.travel.sites.iter().enumerate().map(|(index, code)| (code.as_str(), index)).collect();
    let mut visits: Vec<_> = document.visits.iter().collect();
    visits.sort_by(|a, b| (&a.specialist, a.day, a.starts).cmp(&(&b.specialist, b.day, b.starts)));
    let drives = visits.windows(2).filter(|pair| {
        pair[0].specialist == pair[1].specialist && pair[0].day == pair[1].day && pair[0].site != pair[1].site
    });
    let leg = |pair: &[&crate::planning::plan_document::Visit]| {
        let (from, to) = (index.get(pair[0].site.as_str())?, index.get(pair[1].site.as_str())?);
        let miles = instance.travel.miles.as_ref()?.get(*from)?.get(*to)?;
        Some(Leg {
            specialist: pair[1].specialist.clone(),
            weekday: pair[1].day,
            to_member: (*member_of.get(pair[1].site.as_str())?).to_owned(),
            // The instance was written from hundredths; rounding gives exactly those back.
            miles_hundredths: (miles * 100.0).round() as u32,
        })
    };
    drives.filter_map(leg).collect()
}

fn statement(result: &CostShare, (counted_from, counted_until): (NaiveDate, NaiveDate)) -> Statement {
    let mut members: Vec<MemberShare> = statement::summary(result).iter().map(member_share).collect();
    let total = members.pop();
    let agencies = result.payable.agency_cents.iter();
    Statement {
        counted_from,
        counted_until,
        nets: Vec::new(),
        members,
        total,
        payable_to_coop_cents: result.payable.coop_cents,
        payable_to_agencies: agencies
            .map(|(agency, cents)| AgencyPayment { agency: agency.clone(), cents: *cents })
            .collect(),
        administration_cents: result.payable.administration_cents,
        lines: statement::lines(result).into_iter().map(share_line).collect(),
    }
}

fn member_share(row: &statement::SummaryRow) -> MemberShare {
    let [charged, lent, own, staff, travel, administration, staff_credit, travel_credit, own_staff, own_travel, net] =
        row.figures();
    MemberShare {
        member: row.member.clone(),
        charged_minutes: charged,
        lent_minutes: lent,
        own_staff_minutes: own,
        staff_charge_cents: staff,
        travel_charge_cents: travel,
        administration_charge_cents: administration,
        lender_staff_credit_cents: staff_credit,
        lender_travel_credit_cents: travel_credit,
        own_staff_cost_cents: own_staff,
        own_travel_cost_cents: own_travel,
        net_cents: net,
    }
}

fn share_line(row: statement::Row) -> ShareLine {
    ShareLine {
        member: row.member,
        kind: row.kind.code().to_owned(),
        served_member: row.served_member,
        specialist: row.specialist,
        employer: row.employer,
        discipline: row.discipline,
        minutes: row.minutes,
        miles_hundredths: row.miles_hundredths,
        rate_cents: row.rate_cents,
        cents: row.cents,
        information_cents: row.information_cents,
    }
}

/// A statement's lines as CSV: `cents` add up to each member's net.
pub fn csv(tx: &mut ReadTx, ctx: &Context, id: CostShareId) -> Result<Vec<u8>, OperationError> {
    visible(ctx, Resource::CostShareLines)?;
    let shown = get(tx, ctx, id)?;
    ctx.trail.exported("cost_share");
    let header = [
        "statement",
        "member",
        "kind",
        "served_member",
        "specialist",
        "employer",
        "discipline",
        "minutes",
        "miles",
        "rate",
        "amount",
        "for_information",
    ];
    let text = |text: &str| Cell::Text(text.to_owned());
    let rows: Vec<[Cell; 12]> = shown
        .statement
        .lines
        .iter()
        .map(|line| {
            [
                text(&shown.head.code),
                text(&line.member),
                text(&line.kind),
                text(&line.served_member),
                text(&line.specialist),
                text(&line.employer),
                text(&line.discipline),
                Cell::Integer(line.minutes),
                // A hundredth of a mile is written like a cent of a dollar.
                Cell::Cents(line.miles_hundredths),
                Cell::Cents(line.rate_cents),
                Cell::Cents(line.cents),
                Cell::Cents(line.information_cents),
            ]
        })
        .collect();
    Ok(encode(header, &rows))
}
