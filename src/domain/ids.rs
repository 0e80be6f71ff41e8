//! Identities: one UUIDv7 newtype per aggregate, so that a site can never be passed where a member is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Defines an identity. Its column type lives in `db::sql_types`.
macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identity; later ones sort after earlier ones.
            #[allow(clippy::new_without_default, reason = "an identity has no default")]
            pub fn new() -> $name {
                $name(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map($name)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> $name {
                $name(id)
            }
        }
    )*};
}

id_types! {
    /// A member (LEA) of the co-op.
    MemberId;
    /// A campus of a member.
    SiteId;
    /// A shared clinician.
    SpecialistId;
    /// One effective-dated contract of a specialist.
    ContractId;
    /// One effective-dated set of weekly hours of a specialist.
    AvailabilityId;
    /// A planning term.
    TermId;
    /// What a site asks for.
    ServiceRequestId;
    /// One execution of the planner.
    PlanRunId;
    /// A weekly timetable, draft, published or superseded.
    PlanId;
    /// A "what if" on a plan.
    ScenarioId;
    /// One visit of a plan.
    VisitId;
    /// What was asked and not given in a plan.
    ShortfallId;
    /// Days on which a school is closed or ends early.
    CalendarEntryId;
    /// Days on which a specialist is away.
    TimeAwayId;
    /// A private link to a calendar.
    CalendarFeedId;
    /// A licence or certificate of a specialist.
    CredentialId;
    /// A supervision that took place.
    SupervisionLogId;
    /// Work of a specialist's week that is not visits.
    IndirectBlockId;
    /// One visit of a plan on one date.
    DatedVisitId;
    /// That somebody is still to be told of a change of a dated visit.
    ScheduleNewsId;
    /// One version of what was logged about a dated visit.
    ServiceLogId;
    /// A month whose logs no longer change.
    LockedMonthId;
    /// A stored cost-share statement.
    CostShareId;
    /// A person who can sign in.
    AccountId;
    /// A bearer token of an account.
    TokenId;
    /// A sign-in that lasts, on one device.
    LoginSessionId;
    /// An e-mail of the outbox.
    EmailId;
    /// An address to which nothing is sent.
    SuppressedAddressId;
    /// An entry of the audit trail.
    AuditEntryId;
    /// The certificate of an erasure.
    ErasureId;
    /// Proof that a worker holds a job: a later claim draws another one, so that a paused worker changes nothing.
    LeaseToken;
}
