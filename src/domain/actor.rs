//! Who may do what: the whole access policy, in one file.
//!
//! [`may`] answers with a [`Scope`]: the part of the co-op on which the actor may do it. Queries filter by the scope,
//! so that lists, counts and single look-ups obey the same line. What is outside the scope of reading does not exist
//! for the actor (404); what can be read but not changed is refused (403).

use super::account::Role;
use super::ids::{AccountId, MemberId, SpecialistId};
use super::token::TokenLimit;

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: AccountId,
    /// Name, for audit entries and greetings.
    pub name: String,
    /// What the account may do: the sum of its roles.
    pub roles: Vec<Role>,
    /// What the token leaves of it; absent for a person with a session.
    pub limit: Option<TokenLimit>,
}

/// Kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The table of professions.
    Disciplines,
    /// Members.
    Members,
    /// Sites.
    Sites,
    /// Specialists as persons.
    Specialists,
    /// Contracts (with cost) and weekly hours.
    WorkTerms,
    /// Travel between sites.
    Travel,
    /// Planning terms.
    Terms,
    /// Days on which schools are closed or end early.
    CalendarEntries,
    /// Days on which specialists are away, with the class of the reason.
    TimeAway,
    /// Licences and certificates of specialists.
    Credentials,
    /// Supervision of assistants that took place, and what of it is planned.
    Supervision,
    /// How full the weeks of specialists are, visits and other work.
    Workload,
    /// Visits of followed plans with their dates.
    DatedVisits,
    /// Private links to calendars of visits.
    CalendarFeeds,
    /// What was logged about dated visits, without why something did not take place.
    ServiceLogs,
    /// Why visits did not take place.
    MissedReasons,
    /// What is delivered and owed, by request.
    Owed,
    /// What was delivered of what was planned, by member and discipline; by request only where what is owed is seen.
    Fidelity,
    /// For whom specialists worked, from what was logged.
    TimeAndEffort,
    /// What the plan in use leaves of the weeks of specialists.
    UnscheduledTime,
    /// Months whose logs no longer change.
    LockedMonths,
    /// Who could cover a visit, and who does: it tells the weeks of everybody.
    Cover,
    /// What sites ask for.
    ServiceRequests,
    /// Planner executions.
    PlanRuns,
    /// That a plan exists, its dates and state.
    Plans,
    /// The whole plan with its totals over all members, and its instance.
    PlanDocuments,
    /// What is tried on a plan.
    Scenarios,
    /// Visits of a plan.
    Visits,
    /// Shortfalls of a plan.
    Shortfalls,
    /// How much of what was asked a plan meets, by member.
    Coverage,
    /// The same by site.
    SiteCoverage,
    /// Cost-share statements with the sums of each member.
    CostShares,
    /// Their lines, which tell what an hour of each specialist costs.
    CostShareLines,
    /// Accounts and their tokens.
    Accounts,
    /// The outbox.
    Emails,
    /// The audit trail.
    Audit,
    /// Bulk input.
    Imports,
}

/// What somebody wants to do with a kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See it.
    Read(Resource),
    /// Enter or change it.
    Write(Resource),
    /// Accept or decline a request.
    DecideRequest,
    /// Make a plan the one people follow.
    Publish,
}

/// The part of the co-op on which an action is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// What belongs to one of these members or to one of these specialists; nothing when there are none.
    Parts {
        /// Members.
        members: Vec<MemberId>,
        /// Specialists.
        specialists: Vec<SpecialistId>,
    },
}

/// To whom a record belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owner {
    /// The member it belongs to, if any.
    pub member: Option<MemberId>,
    /// The specialist it belongs to, if any.
    pub specialist: Option<SpecialistId>,
}

impl Owner {
    /// A record of the co-op as a whole.
    pub const COOP: Owner = Owner { member: None, specialist: None };

    /// A record of a member.
    pub fn member(id: MemberId) -> Owner {
        Owner { member: Some(id), specialist: None }
    }

    /// A record of a specialist.
    pub fn specialist(id: SpecialistId) -> Owner {
        Owner { member: None, specialist: Some(id) }
    }
}

impl Scope {
    /// Nothing.
    pub const NOTHING: Scope = Scope::Parts { members: Vec::new(), specialists: Vec::new() };

    fn member(id: MemberId) -> Scope {
        Scope::Parts { members: vec![id], specialists: Vec::new() }
    }

    fn specialist(id: SpecialistId) -> Scope {
        Scope::Parts { members: Vec::new(), specialists: vec![id] }
    }

    /// Whether there is nothing inside.
    pub fn is_nothing(&self) -> bool {
        *self == Scope::NOTHING
    }

    /// Whether a record of this owner lies inside.
    pub fn covers(&self, owner: Owner) -> bool {
        match self {
            Scope::All => true,
            Scope::Parts { members, specialists } => {
                owner.member.is_some_and(|id| members.contains(&id))
                    || owner.specialist.is_some_and(|id| specialists.contains(&id))
            }
        }
    }

    /// Both together.
    fn and(self, other: Scope) -> Scope {
        match (self, other) {
            (
                Scope::Parts { mut members, mut specialists },
                Scope::Parts { members: more_members, specialists: more_specialists },
            ) => {
                members.extend(more_members);
                specialists.extend(more_specialists);
                Scope::Parts { members, specialists }
            }
            _ => Scope::All,
        }
    }
}

/// On what part of the co-op the actor may do this: what any of the roles allows, as far as the token reaches. The only
/// place that decides.
pub fn may(actor: &Actor, action: Action) -> Scope {
    if actor.limit.as_ref().is_some_and(|limit| !limit.admits(action)) {
        return Scope::NOTHING;
    }
    actor.roles.iter().fold(Scope::NOTHING, |scope, role| scope.and(role_may(*role, action)))
}

fn role_may(role: Role, action: Action) -> Scope {
    match role {
        Role::Office => Scope::All,
        Role::Finance => finance_may(action),
        Role::Board => board_may(action),
        Role::Coordinator { member_id } => coordinator_may(member_id, action),
        Role::MemberFinance { member_id } => member_finance_may(member_id, action),
        Role::Specialist { specialist_id } => specialist_may(specialist_id, action),
    }
}

/// Finance sees all money, whom it concerns and the minutes that were logged, but not what schools ask for, for which
/// of them a visit was, nor why it did not take place. It locks months.
fn finance_may(action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Members | Sites | Specialists | WorkTerms | Terms | Plans) => Scope::All,
        Action::Read(CostShares | CostShareLines | ServiceLogs | LockedMonths) => Scope::All,
        Action::Read(Fidelity | TimeAndEffort) => Scope::All,
        Action::Write(CostShares | LockedMonths) => Scope::All,
        _ => Scope::NOTHING,
    }
}

/// The board sees what the co-op reaches and what each member pays, in sums: a school can be so small that its figures
/// are about one student, and a line of a statement tells what one specialist earns.
fn board_may(action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Terms | Members | Plans | Coverage | CostShares) => Scope::All,
        _ => Scope::NOTHING,
    }
}

/// A coordinator sees and asks for the own member only, keeps its calendar, and sees what was delivered there and what is
/// owed. Why somebody is away is not theirs to see.
fn coordinator_may(member: MemberId, action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Terms | Plans) => Scope::All,
        Action::Read(Members | Sites | ServiceRequests | Visits | Shortfalls | Coverage | SiteCoverage) => {
            Scope::member(member)
        }
        Action::Read(CostShares | CostShareLines) => Scope::member(member),
        Action::Read(CalendarEntries | DatedVisits | ServiceLogs | MissedReasons | Owed | Fidelity) => {
            Scope::member(member)
        }
        Action::Read(LockedMonths) => Scope::All,
        Action::Read(CalendarFeeds) => Scope::member(member),
        Action::Write(ServiceRequests | CalendarEntries | CalendarFeeds) => Scope::member(member),
        _ => Scope::NOTHING,
    }
}

/// The finance of a member sees what the member pays and for what.
fn member_finance_may(member: MemberId, action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Terms | Plans) => Scope::All,
        Action::Read(Members | CostShares | CostShareLines) => Scope::member(member),
        _ => Scope::NOTHING,
    }
}

/// A specialist sees the own record and the own schedule, says when they are away, and logs the own visits and whom they
/// supervised.
fn specialist_may(specialist: SpecialistId, action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Terms | Plans) => Scope::All,
        Action::Read(Specialists | WorkTerms | Visits | TimeAway | DatedVisits) => Scope::specialist(specialist),
        Action::Read(ServiceLogs | MissedReasons | Credentials | Workload | Supervision) => {
            Scope::specialist(specialist)
        }
        Action::Read(TimeAndEffort | UnscheduledTime) => Scope::specialist(specialist),
        Action::Read(CalendarFeeds) => Scope::specialist(specialist),
        Action::Read(LockedMonths) => Scope::All,
        Action::Write(TimeAway | ServiceLogs | Supervision | CalendarFeeds) => Scope::specialist(specialist),
        _ => Scope::NOTHING,
    }
}
