//! The shape of an instance file: every fault of form, each with its JSON pointer.

use crate::domain::fault::Fault;
use crate::planning::document::{self, Fields, Place};

use super::*;

/// Reads the form of an instance; its content is checked by [`Instance::check`].
pub(super) fn instance(bytes: &[u8]) -> Result<Instance, Vec<Fault>> {
    document::read(bytes, INSTANCE_BYTES_MAX, whole)
}

/// Which keys a file may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    /// [`INSTANCE_FORMAT`].
    First,
    /// [`INSTANCE_FORMAT_2`].
    Second,
    /// [`INSTANCE_FORMAT_3`].
    Third,
    /// [`INSTANCE_FORMAT_4`].
    Fourth,
}

impl Format {
    /// A file that names no known format is refused anyway; its keys are read as those of the newest.
    fn of(name: Option<&String>) -> Format {
        match name.map(String::as_str) {
            Some(INSTANCE_FORMAT) => Format::First,
            Some(INSTANCE_FORMAT_2) => Format::Second,
            Some(INSTANCE_FORMAT_3) => Format::Third,
            _ => Format::Fourth,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Format::First => INSTANCE_FORMAT,
            Format::Second => INSTANCE_FORMAT_2,
            Format::Third => INSTANCE_FORMAT_3,
            Format::Fourth => INSTANCE_FORMAT_4,
        }
    }

    /// Notes a fault at every key that came with a later format than the file's.
    fn allows(self, fields: &Fields, since: Format, keys: &[&str]) {
        for key in keys.iter().filter(|_| self < since) {
            fields.maybe(key, |place| {
                place.note(format!("this key needs \"format\": \"{}\"", since.name()));
                Some(())
            });
        }
    }
}

fn whole(place: &Place) -> Option<Instance> {
    let keys = [
        "format",
        "name",
        "unit_minutes",
        "effective_from",
        "members",
        "sites",
        "travel",
        "specialists",
        "requests",
        "policy",
        "fixed",
    ];
    let fields = place.object(&keys)?;
    let format = fields.required("format");
    let version = Format::of(format.as_ref());
    version.allows(&fields, Format::Third, &["effective_from"]);
    let name = fields.required("name");
    let unit_minutes = fields.required("unit_minutes");
    let effective_from = fields.optional("effective_from");
    let members = fields.at("members").and_then(|list| list.list(MEMBERS_MAX, member));
    let sites = fields.at("sites").and_then(|list| list.list(SITES_MAX, site));
    let travel = fields.at("travel").and_then(|place| travel(&place));
    let specialists =
        fields.at("specialists").and_then(|list| list.list(SPECIALISTS_MAX, |place| specialist_in(place, version)));
    let requests = fields.at("requests").and_then(|list| list.list(REQUESTS_MAX, request));
    let policy = fields.maybe("policy", |place| policy_in(place, version));
    let fixed = fields.maybe("fixed", |list| list.list(REQUESTS_MAX * 7, fixed_visit));
    Some(Instance {
        format: format?,
        name: name?,
        unit_minutes: unit_minutes?,
        effective_from: effective_from?,
        members: members?,
        sites: sites?,
        travel: travel?,
        specialists: specialists?,
        requests: requests?,
        policy: policy?.unwrap_or_default(),
        fixed: fixed?.unwrap_or_default(),
    })
}

fn member(place: &Place) -> Option<Member> {
    let fields = place.object(&["code", "name"])?;
    let (code, name) = (fields.required("code"), fields.required("name"));
    Some(Member { code: code?, name: name? })
}

fn site(place: &Place) -> Option<Site> {
    let fields = place.object(&["code", "member", "name"])?;
    let (code, member, name) = (fields.required("code"), fields.required("member"), fields.required("name"));
    Some(Site { code: code?, member: member?, name: name? })
}

fn travel(place: &Place) -> Option<Travel> {
    let fields = place.object(&["sites", "minutes", "miles"])?;
    let sites = fields.required("sites");
    let minutes = fields.at("minutes").and_then(|table| table.list(SITES_MAX, |row| row.leaf()));
    let miles = fields.maybe("miles", |table| table.list(SITES_MAX, |row| row.leaf()));
    Some(Travel { sites: sites?, minutes: minutes?, miles: miles? })
}

fn employer(place: &Place) -> Option<Employer> {
    let fields = place.object(&["kind", "member", "name"])?;
    let kind: String = fields.required("kind")?;
    let only = |allowed: &[&str]| place.object(allowed).is_some();
    match kind.as_str() {
        "member" => {
            only(&["kind", "member"]);
            Some(Employer::Member { member: fields.required("member")? })
        }
        "coop" => {
            only(&["kind"]);
            Some(Employer::Coop)
        }
        "agency" => {
            only(&["kind", "name"]);
            Some(Employer::Agency { name: fields.required("name")? })
        }
        _ => {
            fields.at("kind")?.note(format!("\"{kind}\" is no kind of employer; write member, coop or agency"));
            None
        }
    }
}

/// A specialist in the words of the newest instance file.
pub(crate) fn specialist(place: &Place) -> Option<Specialist> {
    specialist_in(place, Format::Fourth)
}

fn specialist_in(place: &Place, format: Format) -> Option<Specialist> {
    let keys = [
        "code",
        "disciplines",
        "qualifications",
        "employer",
        "home_site",
        "availability",
        "direct_minutes_per_week_max",
        "direct_minutes_per_day_max",
        "lendable_minutes_per_week_max",
        "sites_per_day_max",
        "travel_minutes_per_day_max",
        "reach_minutes_max",
        "break_minutes",
        "cost_cents_per_hour",
        "stay_preference",
        "evaluation_block_minutes",
        "supervisors",
        "supervision_hours",
        "credentials_until",
        "sites_per_week_max",
        "requests_max",
    ];
    let fields = place.object(&keys)?;
    let second = ["stay_preference", "evaluation_block_minutes", "supervisors", "supervision_hours"];
    format.allows(&fields, Format::Second, &second);
    format.allows(&fields, Format::Third, &["credentials_until"]);
    format.allows(&fields, Format::Fourth, &["sites_per_week_max", "requests_max"]);
    let code = fields.required("code");
    let disciplines = fields.required("disciplines");
    let qualifications = fields.or_default("qualifications");
    let employer = fields.at("employer").and_then(|place| employer(&place));
    let home_site = fields.required("home_site");
    let availability = fields.at("availability").and_then(|place| place.hours());
    let direct_minutes_per_week_max = fields.required("direct_minutes_per_week_max");
    let direct_minutes_per_day_max = fields.optional("direct_minutes_per_day_max");
    let lendable_minutes_per_week_max = fields.optional("lendable_minutes_per_week_max");
    let sites_per_day_max = fields.optional("sites_per_day_max");
    let travel_minutes_per_day_max = fields.optional("travel_minutes_per_day_max");
    let reach_minutes_max = fields.optional("reach_minutes_max");
    let break_minutes = fields.or_default("break_minutes");
    let cost_cents_per_hour = fields.required("cost_cents_per_hour");
    let stay_preference = fields.optional("stay_preference");
    let evaluation_block_minutes = fields.or_default("evaluation_block_minutes");
    let supervisors = fields.maybe("supervisors", |list| list.list(SPECIALISTS_MAX, |code| code.leaf()));
    let supervision_hours = fields.maybe("supervision_hours", |place| place.hours());
    let credentials_until = fields.maybe("credentials_until", |place| place.table(|day| day.leaf()));
    let sites_per_week_max = fields.optional("sites_per_week_max");
    let requests_max = fields.optional("requests_max");
    Some(Specialist {
        code: code?,
        disciplines: disciplines?,
        qualifications: qualifications?,
        employer: employer?,
        home_site: home_site?,
        availability: availability?,
        direct_minutes_per_week_max: direct_minutes_per_week_max?,
        direct_minutes_per_day_max: direct_minutes_per_day_max?,
        lendable_minutes_per_week_max: lendable_minutes_per_week_max?,
        sites_per_day_max: sites_per_day_max?,
        travel_minutes_per_day_max: travel_minutes_per_day_max?,
        reach_minutes_max: reach_minutes_max?,
        break_minutes: break_minutes?,
        cost_cents_per_hour: cost_cents_per_hour?,
        stay_preference: stay_preference?,
        evaluation_block_minutes: evaluation_block_minutes?,
        supervisors: supervisors?.unwrap_or_default(),
        supervision_hours: supervision_hours?,
        credentials_until: credentials_until?.unwrap_or_default(),
        sites_per_week_max: sites_per_week_max?,
        requests_max: requests_max?,
    })
}

/// A request in the words of the instance file.
pub(crate) fn request(place: &Place) -> Option<ServiceRequest> {
    let keys = [
        "code",
        "site",
        "discipline",
        "qualifications",
        "priority",
        "mode",
        "minutes_per_week",
        "visits_per_week_max",
        "visit_minutes",
        "windows",
        "current_specialist",
    ];
    let fields = place.object(&keys)?;
    let code = fields.required("code");
    let site = fields.required("site");
    let discipline = fields.required("discipline");
    let qualifications = fields.or_default("qualifications");
    let priority = fields.required("priority");
    let mode = fields.or_default("mode");
    let minutes_per_week = fields.required("minutes_per_week");
    let visits_per_week_max = fields.required("visits_per_week_max");
    let visit_minutes = fields.at("visit_minutes").and_then(|place| {
        let fields = place.object(&["min", "max"])?;
        let (min, max) = (fields.required("min"), fields.required("max"));
        Some(VisitMinutes { min: min?, max: max? })
    });
    let windows = fields.at("windows").and_then(|place| place.hours());
    let current_specialist = fields.optional("current_specialist");
    Some(ServiceRequest {
        code: code?,
        site: site?,
        discipline: discipline?,
        qualifications: qualifications?,
        priority: priority?,
        mode: mode?,
        minutes_per_week: minutes_per_week?,
        visits_per_week_max: visits_per_week_max?,
        visit_minutes: visit_minutes?,
        windows: windows?,
        current_specialist: current_specialist?,
    })
}

/// The policy in the words of the newest instance file; absent keys are defaults.
pub(crate) fn policy(place: &Place) -> Option<Policy> {
    policy_in(place, Format::Fourth)
}

fn policy_in(place: &Place, format: Format) -> Option<Policy> {
    let keys = [
        "travel_cents_per_mile",
        "agency_cents_per_hour",
        "min_minutes_at_site",
        "fairness",
        "person_member_share_max_percent",
        "stay_preference",
    ];
    let fields = place.object(&keys)?;
    format.allows(&fields, Format::Second, &["fairness", "person_member_share_max_percent", "stay_preference"]);
    let travel_cents_per_mile = fields.optional("travel_cents_per_mile");
    let agency_cents_per_hour = fields.maybe("agency_cents_per_hour", |place| place.table(|rate| rate.leaf()));
    let min_minutes_at_site = fields.or_default("min_minutes_at_site");
    let fairness = fields.or_default("fairness");
    let share = fields.maybe("person_member_share_max_percent", |place| place.leaf());
    let stay_preference = fields.or_default("stay_preference");
    Some(Policy {
        travel_cents_per_mile: travel_cents_per_mile?,
        agency_cents_per_hour: agency_cents_per_hour?.unwrap_or_default(),
        min_minutes_at_site: min_minutes_at_site?,
        fairness: fairness?,
        person_member_share_max_percent: share?.unwrap_or(Policy::default().person_member_share_max_percent),
        stay_preference: stay_preference?,
    })
}

fn fixed_visit(place: &Place) -> Option<FixedVisit> {
    let fields = place.object(&["specialist", "request", "day", "starts", "ends"])?;
    let (specialist, request) = (fields.required("specialist"), fields.required("request"));
    let (day, starts, ends) = (fields.required("day"), fields.required("starts"), fields.required("ends"));
    Some(FixedVisit { specialist: specialist?, request: request?, day: day?, starts: starts?, ends: ends? })
}
