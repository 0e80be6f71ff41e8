//! Bodies and filters that belong to HTTP alone; all others are types of the domain.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::api::Narrowing;
use super::document::{Document, parameter};
use super::query::Query;
use crate::domain::dated_visit::DatedVisitState;
use crate::domain::email::EmailState;
use crate::domain::ids::{AccountId, MemberId, SiteId, SpecialistId, TermId};
use crate::domain::mandate::{MINUTES_MAX, MandatePeriod};
use crate::domain::plan::CoverageRows;
use crate::domain::plan_comparison::GroupBy;
use crate::domain::service_request::{Priority, RequestState};
use crate::operations::audit;
use crate::operations::calendars::weekly_minutes::Promise;
use crate::operations::overview::CoverageView;
use crate::operations::service_requests::Filter;
use crate::operations::{calendars, credentials, dated_visits, supervision};

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
        Filter { term: query.take("term"), site: query.take("site"), state: query.take("state") }
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
            parameter("query", "specialist", "Only of this specialist", document.schema::<SpecialistId>()),
            parameter("query", "site", "Only at this site", document.schema::<SiteId>()),
            parameter("query", "state", "Only in this state", document.schema::<DatedVisitState>()),
        ]
    }

    fn read(query: &mut Query) -> dated_visits::Filter {
        dated_visits::Filter {
            from: query.take("from"),
            until: query.take("until"),
            specialist: query.take("specialist"),
            site: query.take("site"),
            state: query.take("state"),
        }
    }
}

impl Narrowing for Promise {
    fn parameters(document: &mut Document) -> Vec<Value> {
        let minutes = json!({"type": "integer", "minimum": 1, "maximum": MINUTES_MAX});
        vec![
            parameter("query", "term", "The term, or a term of the year; needed", document.schema::<TermId>()),
            parameter("query", "minutes", "How many minutes are promised; needed", minutes),
            parameter("query", "per", "For how long; needed", document.schema::<MandatePeriod>()),
        ]
    }

    fn read(query: &mut Query) -> Promise {
        // A number in an address is text.
        let minutes = query.take::<String>("minutes").map(|text| text.parse().unwrap_or(0));
        Promise { term: query.take("term"), minutes, per: query.take("per") }
    }
}

fn date_schema() -> Value {
    json!({"type": "string", "format": "date"})
}
