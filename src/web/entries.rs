//! Bodies and filters that belong to HTTP alone; all others are types of the domain.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::api::Narrowing;
use super::document::{Document, parameter};
use super::query::Query;
use crate::domain::dated_visit::{DatedVisitKind, DatedVisitState};
use crate::domain::email::EmailState;
use crate::domain::ids::{AccountId, MemberId, ServiceRequestId, SiteId, SpecialistId, TermId};
use crate::domain::mandate::{MINUTES_MAX, MandatePeriod};
use crate::domain::plan::CoverageRows;
use crate::domain::plan_comparison::GroupBy;
use crate::domain::report::evaluation_clocks::OnlyClocks;
use crate::domain::report::service_fidelity::OnlyFidelity;
use crate::domain::service_log::LogOutcome;
use crate::domain::service_request::{Priority, RequestState};
use crate::operations::audit;
use crate::operations::away_effects::AwayTimes;
use crate::operations::calendars::weekly_minutes::Promise;
use crate::operations::overview::CoverageView;
use crate::operations::owed::{self, Counted};
use crate::operations::reports::{Days, evaluation_clocks, service_fidelity, time_and_effort};
use crate::operations::service_requests::Filter;
use crate::operations::{calendars, credentials, dated_visits, service_logs, supervision};

const SPECIALIST: &str = "Only of this specialist, also what they cover";

/// Why the office refuses a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// Read by the member's coordinators. Name no student.
    #[schema(min_length = 1, max_length = 120)]
    pub reason: String,
}

/// CSV files to be imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportFiles {
    /// Code of the term that the requests are for.
    #[schema(example = "SPRING-2027")]
    pub term: String,
    /// The text of each file by its name: `members.csv`, `sites.csv` and so on.
    pub files: BTreeMap<String, String>,
}

/// Narrows drives.
pub struct TravelFilter {
    /// Only from this site.
    pub from: Option<SiteId>,
}

/// How changes between plans are told.
pub struct Compared {
    /// By what they are grouped.
    pub by: GroupBy,
}

/// Narrows e-mails.
pub struct EmailFilter {
    /// Only in this state.
    pub state: Option<EmailState>,
}

/// Time away that is not entered yet.
impl Narrowing for AwayTimes {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let date = || json!({"type": "string", "format": "date"});
        let time = || json!({"type": "string", "example": "12:00"});
        let _ = document;
        vec![
            parameter("query", "starts_on", "First day; today when left out", date()),
            parameter("query", "ends_on", "Last day; the first day when left out", date()),
            parameter("query", "starts", "For a part of each day: from when", time()),
            parameter("query", "ends", "Until when", time()),
        ]
    }

    fn read(query: &mut Query) -> AwayTimes {
        AwayTimes {
            starts_on: query.take("starts_on"),
            ends_on: query.take("ends_on"),
            starts: query.take("starts"),
            ends: query.take("ends"),
        }
    }
}

/// A list that cannot be narrowed.
impl Narrowing for () {
    fn parameters(_: &mut Document) -> Vec<Value> {
        Vec::new()
    }

    fn read(_: &mut Query) {}
}

impl Narrowing for TravelFilter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![parameter("query", "from", "Only from this site", document.schema::<SiteId>())]
    }

    fn read(query: &mut Query) -> TravelFilter {
        TravelFilter { from: query.take("from") }
    }
}

impl Narrowing for CoverageView {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "rows", "What the rows are; members when left out", document.schema::<CoverageRows>()),
            parameter("query", "priority", "Only requests of this priority", document.schema::<Priority>()),
        ]
    }

    fn read(query: &mut Query) -> CoverageView {
        CoverageView { rows: query.take("rows").unwrap_or_default(), priority: query.take("priority") }
    }
}

impl Narrowing for Compared {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let words = "By what changes are grouped; by specialist when left out";
        vec![parameter("query", "by", words, document.schema::<GroupBy>())]
    }

    fn read(query: &mut Query) -> Compared {
        Compared { by: query.take("by").unwrap_or_default() }
    }
}

impl Narrowing for EmailFilter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![parameter("query", "state", "Only in this state", document.schema::<EmailState>())]
    }

    fn read(query: &mut Query) -> EmailFilter {
        EmailFilter { state: query.take("state") }
    }
}

impl Narrowing for audit::Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        // Times are read in more forms than the format "date-time" has.
        let text = || json!({"type": "string"});
        let time = || json!({"type": "string", "example": "2026-11-02T18:00:00Z"});
        vec![
            parameter("query", "member", "Only what may concern this member", document.schema::<MemberId>()),
            parameter("query", "account", "Only what this account did", document.schema::<AccountId>()),
            parameter("query", "kind", "Only on records of this kind, for example service_request", text()),
            parameter("query", "code", "Only on the record of this code, or identity where it has none", text()),
            parameter("query", "from", "Only at this time or later", time()),
            parameter("query", "until", "Only before this time", time()),
        ]
    }

    fn read(query: &mut Query) -> audit::Filter {
        audit::Filter {
            member: query.take("member"),
            account: query.take("account"),
            kind: query.take("kind"),
            code: query.take("code"),
            from: query.take("from"),
            until: query.take("until"),
        }
    }
}

impl Narrowing for Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "term", "Only for this term", document.schema::<TermId>()),
            parameter("query", "site", "Only of this site", document.schema::<SiteId>()),
            parameter("query", "state", "Only in this state", document.schema::<RequestState>()),
        ]
    }

    fn read(query: &mut Query) -> Filter {
        let (term, site, state) = (query.take("term"), query.take("site"), query.take("state"));
        Filter { term, site, state, ..Filter::default() }
    }
}

impl Narrowing for calendars::Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "member", "Only of this member", document.schema::<MemberId>()),
            parameter("query", "from", "Only with a day from this one on", date_schema()),
            parameter("query", "until", "Only with a day before this one", date_schema()),
        ]
    }

    fn read(query: &mut Query) -> calendars::Filter {
        calendars::Filter { member: query.take("member"), from: query.take("from"), until: query.take("until") }
    }
}

impl Narrowing for credentials::Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "ending_before", "Only those that are no longer valid on this day", date_schema()),
            parameter("query", "specialist", "Only of this specialist", document.schema::<SpecialistId>()),
        ]
    }

    fn read(query: &mut Query) -> credentials::Filter {
        credentials::Filter { ending_before: query.take("ending_before"), specialist: query.take("specialist") }
    }
}

impl Narrowing for supervision::Asked {
    fn parameters(_: &mut Document) -> Vec<Value> {
        let words = "Any day of the month; this month when left out";
        vec![parameter("query", "month", words, date_schema())]
    }

    fn read(query: &mut Query) -> supervision::Asked {
        supervision::Asked { month: query.take("month") }
    }
}

impl Narrowing for dated_visits::Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "from", "Only on this date or later", date_schema()),
            parameter("query", "until", "Only before this date", date_schema()),
            parameter("query", "specialist", SPECIALIST, document.schema::<SpecialistId>()),
            parameter("query", "site", "Only at this site", document.schema::<SiteId>()),
            parameter("query", "state", "Only in this state", document.schema::<DatedVisitState>()),
            parameter("query", "request", "Only for this request", document.schema::<ServiceRequestId>()),
            parameter(
                "query",
                "kind",
                "Only of the weekly plan, or only make-ups",
                document.schema::<DatedVisitKind>(),
            ),
        ]
    }

    fn read(query: &mut Query) -> dated_visits::Filter {
        dated_visits::Filter {
            from: query.take("from"),
            until: query.take("until"),
            specialist: query.take("specialist"),
            site: query.take("site"),
            state: query.take("state"),
            request: query.take("request"),
            kind: query.take("kind"),
        }
    }
}

impl Narrowing for service_logs::Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "from", "Only of visits on this date or later", date_schema()),
            parameter("query", "until", "Only of visits before this date", date_schema()),
            parameter("query", "specialist", SPECIALIST, document.schema::<SpecialistId>()),
            parameter("query", "site", "Only at this site", document.schema::<SiteId>()),
            parameter("query", "member", "Only of this member", document.schema::<MemberId>()),
            parameter("query", "request", "Only for this request", document.schema::<ServiceRequestId>()),
            parameter("query", "outcome", "Only with this outcome", document.schema::<LogOutcome>()),
        ]
    }

    fn read(query: &mut Query) -> service_logs::Filter {
        service_logs::Filter {
            from: query.take("from"),
            until: query.take("until"),
            specialist: query.take("specialist"),
            site: query.take("site"),
            member: query.take("member"),
            request: query.take("request"),
            outcome: query.take("outcome"),
        }
    }
}

impl Narrowing for Counted {
    fn parameters(_: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "from", "Count from this date on; the whole term when left out", date_schema()),
            parameter("query", "until", "Count before this date; to the end of the term when left out", date_schema()),
        ]
    }

    fn read(query: &mut Query) -> Counted {
        Counted { from: query.take("from"), until: query.take("until") }
    }
}

impl Narrowing for owed::Filter {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let mut parameters = vec![
            parameter("query", "member", "Only of this member", document.schema::<MemberId>()),
            parameter("query", "site", "Only of this site", document.schema::<SiteId>()),
            parameter("query", "request", "Only this request", document.schema::<ServiceRequestId>()),
            parameter("query", "discipline", "Only of this discipline, like SLP", json!({"type": "string"})),
            parameter("query", "term", "Only of this term", document.schema::<TermId>()),
        ];
        parameters.extend(Counted::parameters(document));
        parameters
    }

    fn read(query: &mut Query) -> owed::Filter {
        owed::Filter {
            member: query.take("member"),
            site: query.take("site"),
            request: query.take("request"),
            discipline: query.take("discipline"),
            term: query.take("term"),
            counted: Counted::read(query),
        }
    }
}

impl Narrowing for Days {
    fn parameters(_: &mut Document) -> Vec<Value> {
        let until = "The first day after them; tomorrow, or the end of the term, when left out";
        vec![
            parameter("query", "from", "About these days; the term so far when left out", date_schema()),
            parameter("query", "until", until, date_schema()),
        ]
    }

    fn read(query: &mut Query) -> Days {
        Days { from: query.take("from"), until: query.take("until") }
    }
}

impl Narrowing for service_fidelity::Narrowed {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let only = "Only what is short of delivery, or delivered beyond what was planned";
        let mut parameters = Days::parameters(document);
        parameters.extend([
            parameter("query", "member", "Only of this member", document.schema::<MemberId>()),
            parameter("query", "discipline", "Only of this discipline, like SLP", json!({"type": "string"})),
            parameter("query", "only", only, document.schema::<OnlyFidelity>()),
        ]);
        parameters
    }

    fn read(query: &mut Query) -> service_fidelity::Narrowed {
        service_fidelity::Narrowed {
            days: Days::read(query),
            member: query.take("member"),
            discipline: query.take("discipline"),
            only: query.take("only"),
        }
    }
}

impl Narrowing for time_and_effort::Narrowed {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let mut parameters = Days::parameters(document);
        parameters.extend([
            parameter("query", "specialist", "Only of this specialist", document.schema::<SpecialistId>()),
            parameter("query", "member", "Only what this member got", document.schema::<MemberId>()),
        ]);
        parameters
    }

    fn read(query: &mut Query) -> time_and_effort::Narrowed {
        time_and_effort::Narrowed {
            days: Days::read(query),
            specialist: query.take("specialist"),
            member: query.take("member"),
        }
    }
}

impl Narrowing for evaluation_clocks::Narrowed {
    fn parameters(document: &mut Document) -> Vec<Value> {
        vec![
            parameter("query", "member", "Only of this member", document.schema::<MemberId>()),
            parameter("query", "only", "Only what is overdue", document.schema::<OnlyClocks>()),
        ]
    }

    fn read(query: &mut Query) -> evaluation_clocks::Narrowed {
        evaluation_clocks::Narrowed { member: query.take("member"), only: query.take("only") }
    }
}

impl Narrowing for Promise {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let minutes = json!({"type": "integer", "minimum": 1, "maximum": MINUTES_MAX});
        vec![
            parameter("query", "term", "The term, or a term of the year; needed", document.schema::<TermId>()),
            parameter("query", "minutes", "How many minutes are promised; needed", minutes),
            parameter("query", "per", "For how long; needed", document.schema::<MandatePeriod>()),
            parameter("query", "discipline", "Of which discipline, where some work 3:1", json!({"type": "string"})),
        ]
    }

    fn read(query: &mut Query) -> Promise {
        // A number in an address is text.
        let minutes = query.take::<String>("minutes").map(|text| text.parse().unwrap_or(0));
        Promise { term: query.take("term"), minutes, per: query.take("per"), discipline: query.take("discipline") }
    }
}

fn date_schema() -> Value {
    json!({"type": "string", "format": "date"})
}
