//! Rules that one visit can break by itself.

use super::Found;
use super::facts::{Facts, Known};
use crate::domain::calendar::{CLOCK_STEP_MINUTES, WeeklyHours};
use crate::domain::service_request::{Mode, Priority};
use crate::planning::instance::Specialist;
use crate::planning::plan_document::Visit;

fn inside(hours: &WeeklyHours, visit: &Visit) -> bool {
    hours.on(visit.day).iter().any(|interval| interval.starts <= visit.starts && visit.ends <= interval.ends)
}

fn each(facts: &Facts, found: &mut Found, holds: impl Fn(&Known) -> bool) {
    for known in &facts.visits {
        found.require(holds(known), || known.tag());
    }
}

/// The specialist holds the discipline and every qualification of the request.
pub(super) fn only_qualified_specialist(facts: &Facts, found: &mut Found) {
    each(facts, found, |Known { specialist, request, .. }| {
        specialist.disciplines.contains(&request.discipline)
            && request.qualifications.iter().all(|wanted| specialist.qualifications.contains(wanted))
    });
}

/// The visit lies inside one interval of the specialist's hours.
pub(super) fn visit_within_availability(facts: &Facts, found: &mut Found) {
    each(facts, found, |known| inside(&known.specialist.availability, known.visit));
}

/// The visit lies inside one window of the request.
pub(super) fn visit_within_window(facts: &Facts, found: &mut Found) {
    each(facts, found, |known| inside(&known.request.windows, known.visit));
}

/// A multiple of the unit, between the shortest and the longest visit of the request, on a step of five minutes.
pub(super) fn visit_length(facts: &Facts, found: &mut Found) {
    each(facts, found, |Known { visit, request, .. }| {
        let minutes = visit.minutes();
        visit.starts < visit.ends
            && minutes.is_multiple_of(facts.instance.unit_minutes)
            && (request.visit_minutes.min..=request.visit_minutes.max).contains(&minutes)
            && visit.starts.minutes().is_multiple_of(CLOCK_STEP_MINUTES)
    });
}

/// The drive from the home site to the site is no longer than the specialist's reach; teletherapy needs none.
pub(super) fn site_within_reach(facts: &Facts, found: &mut Found) {
    each(facts, found, |known| known.request.mode == Mode::Teletherapy || reaches(facts, known.specialist, known));
}

/// A visit of an assistant is no evaluation, and one supervisor supervises at that time and can reach the site.
pub(super) fn assistant_supervised(facts: &Facts, found: &mut Found) {
    each(facts, found, |known| {
        let supervises = |code: &String| {
            let Some(supervisor) = facts.specialists.get(code.as_str()) else { return false };
            let hours = supervisor.supervision_hours.as_ref().unwrap_or(&supervisor.availability);
            inside(hours, known.visit) && (known.request.mode == Mode::Teletherapy || reaches(facts, supervisor, known))
        };
        let supervisors = &known.specialist.supervisors;
        supervisors.is_empty() || (known.request.priority != Priority::Evaluation && supervisors.iter().any(supervises))
    });
}

/// The plan begins before the credential of the specialist for the request's discipline ends.
pub(super) fn credential_valid(facts: &Facts, found: &mut Found) {
    let Some(first_day) = facts.instance.effective_from else { return };
    for known in &facts.visits {
        let mut ends = known.specialist.credentials_until.iter();
        let ended = ends.find(|(discipline, until)| **discipline == known.request.discipline && **until <= first_day);
        if let Some((discipline, until)) = ended {
            found.require(false, || format!("{} {discipline} until {until}", known.tag()));
        }
    }
}

/// The visit is given at the requesting site, or from the home site for teletherapy.
pub(super) fn visit_at_request_site(facts: &Facts, found: &mut Found) {
    for known in &facts.visits {
        let (site, place) = (&known.visit.site, known.place());
        found.require(site == place, || format!("{} at {site}, expected {place}", known.tag()));
    }
}

fn reaches(facts: &Facts, who: &Specialist, known: &Known) -> bool {
    who.reach_minutes_max.is_none_or(|most| facts.drive_minutes(&who.home_site, &known.request.site) <= most)
}
