//! What the API must know of a record: where it lives and which version it is.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::{Account, HandedOver};
use crate::domain::calendar_feed::{CalendarFeed, NewCalendarFeed};
use crate::domain::cost_share::CostShareStatement;
use crate::domain::cover::{AwayEffects, CoverOptions, MakeUpTimes};
use crate::domain::credential::Credential;
use crate::domain::dated_visit::DatedVisit;
use crate::domain::email::{BounceVerdict, Email, SuppressedAddress};
use crate::domain::mail_queue::MailQueue;
use crate::domain::mandate::WeeklyMinutes;
use crate::domain::member::Member;
use crate::domain::owed::RequestOwed;
use crate::domain::plan::{Coverage, Plan};
use crate::domain::plan_comparison::PlanComparison;
use crate::domain::plan_run::PlanRun;
use crate::domain::report::evaluation_clocks::EvaluationClocks;
use crate::domain::report::service_fidelity::ServiceFidelity;
use crate::domain::report::time_and_effort::TimeAndEffort;
use crate::domain::report::unscheduled_time::UnscheduledTime;
use crate::domain::scenario::{Scenario, ScenarioComparison, ScenarioSet};
use crate::domain::schedule_news::EmailChoices;
use crate::domain::school_calendar::CalendarEntry;
use crate::domain::service_log::{LockedMonth, ServiceLog};
use crate::domain::service_request::ServiceRequest;
use crate::domain::site::Site;
use crate::domain::specialist::{Availability, Contract, Specialist};
use crate::domain::supervision::SupervisionLog;
use crate::domain::term::Term;
use crate::domain::time_away::TimeAway;
use crate::domain::token::NewToken;
use crate::domain::travel::Travel;
use crate::domain::workload::{IndirectBlock, Workload};
use crate::operations::calendars::CalendarImport;
use crate::operations::dated_visits::Renewal;
use crate::operations::imports::ImportSummary;
use crate::operations::service_logs::DayLogged;
use crate::operations::sign_in::invitations::Invitation;
use crate::operations::workload::PlanChecks;

/// A record that the API answers with.
pub trait Record: Serialize + ToSchema + Send + 'static {
    /// Whether people change it, so that it has versions.
    const VERSIONED: bool;

    /// The address of the record itself, if it has one.
    fn location(&self) -> Option<String>;

    /// Its version, if it has one.
    fn version(&self) -> Option<i64>;
}

/// Records with an address of their own and a version.
macro_rules! versioned {
    ($($record:ty: $place:literal;)*) => {$(
        impl Record for $record {
            const VERSIONED: bool = true;

            fn location(&self) -> Option<String> {
                Some(format!(concat!("/api/v1/", $place, "/{}"), self.id))
            }

            fn version(&self) -> Option<i64> {
                Some(self.version)
            }
        }
    )*};
}

/// Records that never change, or change without a person.
macro_rules! unversioned {
    ($($record:ty: $location:expr;)*) => {$(
        impl Record for $record {
            const VERSIONED: bool = false;

            fn location(&self) -> Option<String> {
                let location: fn(&$record) -> Option<String> = $location;
                location(self)
            }

            fn version(&self) -> Option<i64> {
                None
            }
        }
    )*};
}

versioned! {
    Account: "accounts";
    Availability: "availability";
    CalendarEntry: "calendar-entries";
    CalendarFeed: "calendar-feeds";
    Contract: "contracts";
    Credential: "credentials";
    IndirectBlock: "indirect-blocks";
    Member: "members";
    Plan: "plans";
    PlanRun: "plan-runs";
    Scenario: "scenarios";
    ServiceRequest: "service-requests";
    Site: "sites";
    Specialist: "specialists";
    Term: "terms";
    TimeAway: "time-away";
}

unversioned! {
    CostShareStatement: |statement| Some(format!("/api/v1/cost-shares/{}", statement.head.id));
    CalendarImport: |_| None;
    AwayEffects: |_| None;
    BounceVerdict: |_| None;
    CoverOptions: |_| None;
    Coverage: |_| None;
    DatedVisit: |visit| Some(format!("/api/v1/dated-visits/{}", visit.id));
    DayLogged: |_| None;
    EmailChoices: |_| None;
    EvaluationClocks: |_| None;
    ServiceFidelity: |_| None;
    TimeAndEffort: |_| None;
    UnscheduledTime: |_| None;
    Email: |email| Some(format!("/api/v1/emails/{}", email.id));
    HandedOver: |_| None;
    ImportSummary: |_| None;
    Invitation: |_| None;
    LockedMonth: |_| None;
    MailQueue: |_| None;
    MakeUpTimes: |_| None;
    PlanChecks: |_| None;
    PlanComparison: |_| None;
    Renewal: |_| None;
    RequestOwed: |_| None;
    ScenarioComparison: |_| None;
    ScenarioSet: |_| None;
    NewCalendarFeed: |new| Some(format!("/api/v1/calendar-feeds/{}", new.feed.id));
    NewToken: |new| Some(format!("/api/v1/accounts/{}/tokens", new.token.account_id));
    SuppressedAddress: |one| Some(format!("/api/v1/suppressed-addresses/{}", one.id));
    SupervisionLog: |log| Some(format!("/api/v1/supervision-logs/{}", log.id));
    Travel: |_| None;
    WeeklyMinutes: |_| None;
    Workload: |_| None;
}

/// A log lives at its visit; its versions are the ETag.
impl Record for ServiceLog {
    const VERSIONED: bool = true;

    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/dated-visits/{}/log", self.dated_visit_id))
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
