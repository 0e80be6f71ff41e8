//! Who may do what: the whole access policy, in one file.
//!
//! [`may`] answers with a [`Scope`]: the part of the co-op on which the actor may do it. Queries filter by the scope,
//! so that lists, counts and single look-ups obey the same line. What is outside the scope of reading does not exist
//! for the actor (404); what can be read but not changed is refused (403).

use super::account::Role;
use super::ids::{AccountId, MemberId, SpecialistId};

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: AccountId,
    /// Name, for audit entries and greetings.
    pub name: String,
    /// What the account may do.
    pub role: Role,
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
    /// Cost-share statements.
    CostShares,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// What belongs to one member.
    Member(MemberId),
    /// What belongs to one specialist.
    Specialist(SpecialistId),
    /// Nothing.
    Nothing,
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
    /// Whether a record of this owner lies inside.
    pub fn covers(self, owner: Owner) -> bool {
        match self {
            Scope::All => true,
            Scope::Member(id) => owner.member == Some(id),
            Scope::Specialist(id) => owner.specialist == Some(id),
            Scope::Nothing => false,
        }
    }
}

/// On what part of the co-op the actor may do this. The only place that decides.
pub fn may(actor: &Actor, action: Action) -> Scope {
    match actor.role {
        Role::Office => Scope::All,
        Role::Finance => finance_may(action),
        Role::Coordinator { member_id } => coordinator_may(member_id, action),
        Role::Specialist { specialist_id } => specialist_may(specialist_id, action),
    }
}

/// Finance sees all money and whom it concerns, but not what schools ask for nor who is visited when.
fn finance_may(action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Members | Sites | Specialists | WorkTerms | Terms | Plans | CostShares) => {
            Scope::All
        }
        Action::Write(CostShares) => Scope::All,
        _ => Scope::Nothing,
    }
}

/// A coordinator sees and asks for the own member only.
fn coordinator_may(member: MemberId, action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Terms | Plans) => Scope::All,
        Action::Read(Members | Sites | ServiceRequests | Visits | Shortfalls | CostShares) => Scope::Member(member),
        Action::Write(ServiceRequests) => Scope::Member(member),
        _ => Scope::Nothing,
    }
}

/// A specialist sees the own record and the own schedule.
fn specialist_may(specialist: SpecialistId, action: Action) -> Scope {
    use Resource::*;
    match action {
        Action::Read(Disciplines | Terms | Plans) => Scope::All,
        Action::Read(Specialists | WorkTerms | Visits) => Scope::Specialist(specialist),
        _ => Scope::Nothing,
    }
}
