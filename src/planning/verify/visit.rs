//! Rules of one visit, of one request and of a specialist's week.

use std::collections::BTreeMap;

use super::{Check, Index, Known};
use crate::domain::calendar::{CLOCK_STEP_MINUTES, WeeklyHours};
use crate::domain::service_request::Mode;
use crate::planning::instance::Employer;
use crate::planning::plan_document::Visit;
use crate::planning::rule::Rule;

fn inside(hours: &WeeklyHours, visit: &Visit) -> bool {
    hours.on(visit.day).iter().any(|interval| interval.starts <= visit.starts && visit.ends <= interval.ends)
}

/// Rules that one visit can break by itself.
pub(super) fn check(index: &Index, known: &Known, check: &mut Check) {
    let Known { visit, specialist, request } = known;
    check.require(visit.site == known.place(), Rule::VisitAtRequestSite, || {
        format!("{} at {}, expected {}", known.tag(), visit.site, known.place())
    });
    let qualified = specialist.disciplines.contains(&request.discipline)
        && request.qualifications.iter().all(|wanted| specialist.qualifications.contains(wanted));
    check.require(qualified, Rule::OnlyQualifiedSpecialist, || known.tag());
    check.require(inside(&specialist.availability, visit), Rule::VisitWithinAvailability, || known.tag());
    check.require(inside(&request.windows, visit), Rule::VisitWithinWindow, || known.tag());
    let minutes = visit.minutes();
    let sound = visit.starts < visit.ends
        && minutes.is_multiple_of(index.instance.unit_minutes)
        && (request.visit_minutes.min..=request.visit_minutes.max).contains(&minutes)
        && visit.starts.minutes().is_multiple_of(CLOCK_STEP_MINUTES);
    check.require(sound, Rule::VisitLength, || known.tag());
    let near = request.mode == Mode::Teletherapy
        || specialist
            .reach_minutes_max
            .is_none_or(|most| index.drive_minutes(&specialist.home_site, &request.site) <= most);
    check.require(near, Rule::SiteWithinReach, || known.tag());
}

/// Rules over all visits of a request.
pub(super) fn check_requests(visits: &[Known], check: &mut Check) {
    let mut by_request: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for known in visits {
        by_request.entry(&known.request.code).or_default().push(known);
    }
    for (code, visits) in by_request {
        let request = visits[0].request;
        let mut days: Vec<_> = visits.iter().map(|known| known.visit.day).collect();
        days.sort();
        let repeated = days.windows(2).any(|pair| pair[0] == pair[1]);
        check.require(
            !repeated && days.len() <= request.visits_per_week_max as usize,
            Rule::OneVisitPerRequestAndDay,
            || format!("{code} {}", days.iter().map(|day| day.code()).collect::<Vec<_>>().join(" ")),
        );
        let minutes: u32 = visits.iter().map(|known| known.visit.minutes()).sum();
        check.require(minutes <= request.minutes_per_week, Rule::RequestNotExceeded, || format!("{code} {minutes}"));
    }
}

/// Rules over the week of a specialist.
pub(super) fn check_weeks(index: &Index, visits: &[Known], check: &mut Check) {
    let mut weeks: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for known in visits {
        let (direct, lent) = weeks.entry(&known.specialist.code).or_default();
        *direct += known.visit.minutes();
        if let Employer::Member { member } = &known.specialist.employer
            && member != index.member_of(known.request)
        {
            *lent += known.visit.minutes();
        }
    }
    for (code, (direct, lent)) in weeks {
        let specialist = index.specialists[code];
        check.require(direct <= specialist.direct_minutes_per_week_max, Rule::SpecialistWeekWithinContract, || {
            format!("{code} {direct}")
        });
        let within = specialist.lendable_minutes_per_week_max.is_none_or(|most| lent <= most);
        check.require(within, Rule::LendableWithinLimit, || format!("{code} {lent}"));
    }
}
