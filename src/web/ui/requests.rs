//! All requests that the visitor can see, narrowed by district, school, service and where they stand.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::{Place, Shell};
use super::status::{Given, Pill};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::actor::{Action, Resource, may};
use crate::domain::discipline::service_word;
use crate::domain::member::Member;
use crate::domain::service_request::{RequestState, ServiceRequest};
use crate::domain::site::Site;
use crate::operations::{
    Context, OperationError, PageRequest, ReadTx, members, overview, service_requests, sites, visits,
};

#[derive(Template)]
#[template(path = "requests.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Requests,
}

struct Requests {
    lede: String,
    has_any: bool,
    districts: Vec<Choice>,
    schools: Vec<Choice>,
    services: Vec<Choice>,
    statuses: Vec<Choice>,
    rows: Vec<Row>,
    /// Whether the visitor may ask for somebody.
    asks: bool,
}

/// One entry of a filter.
struct Choice {
    code: String,
    words: String,
    is_chosen: bool,
}

struct Row {
    code: String,
    href: String,
    service: String,
    school: String,
    district: String,
    priority: &'static str,
    minutes: String,
    pill: Pill,
}

/// What the list is narrowed to.
#[derive(Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    district: String,
    #[serde(default)]
    school: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    status: String,
}

/// Where requests stand, as the filter has it.
const STATUSES: [(&str, &str, &[RequestState]); 5] = [
    ("saved", "Saved, not sent", &[RequestState::Draft]),
    ("sent", "Sent, not decided", &[RequestState::Submitted]),
    ("accepted", "Accepted for the next plan", &[RequestState::Accepted]),
    ("planned", "In a plan", &[RequestState::Planned]),
    ("over", "Declined, taken back or ended", &[RequestState::Declined, RequestState::Withdrawn, RequestState::Ended]),
];

/// `GET /requests?district=&school=&service=&status=`
pub(super) async fn get(visitor: Visitor, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let chosen = chosen.map(web::Query::into_inner).unwrap_or_default();
    let read = move |tx: &mut ReadTx, ctx: &Context| read(tx, ctx, &chosen);
    visitor.show(Place::Requests, read, |shell, page| Html { shell, page }.render()).await
}

/// What the plan in use gives to the requests that the actor can see.
pub(super) fn given(tx: &mut ReadTx, ctx: &Context) -> Result<Given, OperationError> {
    let Some(plan) = overview::plan_in_use(tx, ctx)? else { return Ok(Given::default()) };
    let visits = visits::list(tx, ctx, plan.id, PageRequest::ALL)?.items;
    let shortfalls = visits::list_shortfalls(tx, ctx, plan.id, PageRequest::ALL)?.items;
    Ok(Given::new(&visits, &shortfalls))
}

fn read(tx: &mut ReadTx, ctx: &Context, chosen: &Chosen) -> Result<Requests, OperationError> {
    let requests = service_requests::list(tx, ctx, &service_requests::Filter::default(), PageRequest::ALL)?.items;
    let members = members::list(tx, ctx, PageRequest::ALL)?.items;
    let sites = sites::list(tx, ctx, PageRequest::ALL)?.items;
    let given = given(tx, ctx)?;
    let member_of = |request: &ServiceRequest| members.iter().find(|member| member.id == request.member_id);
    let is_chosen = |request: &&ServiceRequest| {
        let district = member_of(request).map_or("", |member| member.fields.code.as_str());
        let school = sites.iter().find(|site| site.id == request.fields.site_id);
        let school = school.map_or("", |site| site.fields.code.as_str());
        (chosen.district.is_empty() || chosen.district == district)
            && (chosen.school.is_empty() || chosen.school == school)
            && (chosen.service.is_empty() || chosen.service == request.fields.discipline)
            && STATUSES.iter().all(|(code, _, states)| chosen.status != *code || states.contains(&request.state))
    };
    let row = |request: &ServiceRequest| Row {
        code: request.code.clone(),
        href: format!("/requests/{}", wording::in_path(&request.code)),
        service: service_word(&request.fields.discipline).to_owned(),
        school: sites
            .iter()
            .find(|site| site.id == request.fields.site_id)
            .map_or_else(String::new, |site| site.fields.name.clone()),
        district: member_of(request).map_or_else(String::new, |member| member.fields.name.clone()),
        priority: wording::priority(request.fields.priority),
        minutes: minutes(request, &given),
        pill: given.pill(request),
    };
    let rows: Vec<Row> = requests.iter().filter(is_chosen).map(row).collect();
    Ok(Requests {
        lede: format!(
            "Showing {} of {}.",
            wording::thousands(rows.len() as i64),
            wording::count(requests.len() as i64, "request", "requests")
        ),
        has_any: !requests.is_empty(),
        districts: districts(&members, chosen),
        schools: schools(&sites, &members, chosen),
        services: services(&requests, chosen),
        statuses: STATUSES
            .iter()
            .map(|(code, words, _)| Choice {
                code: (*code).to_owned(),
                words: (*words).to_owned(),
                is_chosen: chosen.status == *code,
            })
            .collect(),
        rows,
        asks: !may(&ctx.actor, Action::Write(Resource::ServiceRequests)).is_nothing(),
    })
}

fn minutes(request: &ServiceRequest, given: &Given) -> String {
    let asked = wording::thousands(request.fields.minutes_per_week);
    let is_over = matches!(request.state, RequestState::Withdrawn | RequestState::Declined | RequestState::Ended);
    match given.minutes(request.id).filter(|_| !is_over) {
        Some((placed, _)) => format!("{} of {asked}", wording::thousands(placed)),
        None => asked,
    }
}

fn districts(members: &[Member], chosen: &Chosen) -> Vec<Choice> {
    let choice = |member: &Member| Choice {
        code: member.fields.code.clone(),
        words: member.fields.name.clone(),
        is_chosen: member.fields.code == chosen.district,
    };
    members.iter().map(choice).collect()
}

/// The schools of the chosen district, or all.
fn schools(sites: &[Site], members: &[Member], chosen: &Chosen) -> Vec<Choice> {
    let district = members.iter().find(|member| member.fields.code == chosen.district).map(|member| member.id);
    let shown = sites.iter().filter(|site| district.is_none_or(|district| district == site.fields.member_id));
    let choice = |site: &Site| Choice {
        code: site.fields.code.clone(),
        words: site.fields.name.clone(),
        is_chosen: site.fields.code == chosen.school,
    };
    let mut schools: Vec<Choice> = shown.map(choice).collect();
    schools.sort_by(|a, b| a.words.cmp(&b.words));
    schools
}

fn services(requests: &[ServiceRequest], chosen: &Chosen) -> Vec<Choice> {
    let mut codes: Vec<&str> = requests.iter().map(|request| request.fields.discipline.as_str()).collect();
    codes.sort_unstable_by_key(|code| service_word(code));
    codes.dedup();
    let choice = |code: &str| Choice {
        code: code.to_owned(),
        words: service_word(code).to_owned(),
        is_chosen: code == chosen.service,
    };
    codes.into_iter().map(choice).collect()
}
