//! Changes that would give a request more minutes. Each one that is told was planned again and gained what it says.

use super::causes::qualified;
use super::part::Whole;
use super::room::{Fit, Room, Rules};
use super::supervision::supervise_more;
use crate::domain::calendar::Weekday;
use crate::domain::service_request::Mode;
use crate::planning::case::{DAYS, clock};
use crate::planning::change::{Change, HireEmployer, cents_per_week};
use crate::planning::plan_document::Remedy;
use crate::planning::rule::Rule;

/// Changes that are planned again for one shortfall.
pub(super) const TRIES_MAX: usize = 10;
/// Changes of one kind among them.
const EACH_KIND_MAX: usize = 2;
/// Without a rate of the policy, an agency is taken to cost a third more than the best-paid specialist.
const AGENCY_OVER_PAY: (i64, i64) = (4, 3);

/// Changes that help, cheapest first, then the most helpful. No further one is tried when time is up.
pub(super) fn remedies(whole: &Whole, request: usize, may_go_on: impl Fn() -> bool) -> Vec<Remedy> {
    let room = Room { case: whole.case, timetable: whole.timetable, request, skip: None };
    // What planning again gains without any change is no merit of a change.
    let without = whole.replan(request, &[]).map_or(0, |found| found.minutes_gained_for_request.max(0));
    let mut found: Vec<Remedy> = Vec::new();
    for change in changes(&room).into_iter().take(TRIES_MAX).take_while(|_| may_go_on()) {
        let apply = vec![change];
        let Ok(replanned) = whole.replan(request, &apply) else { continue };
        let for_request = replanned.minutes_gained_for_request - without;
        if for_request <= 0 || replanned.minutes_gained <= 0 {
            continue;
        }
        found.push(Remedy {
            change: apply[0].sentence(whole.case.instance),
            minutes_gained: replanned.minutes_gained as u32,
            mandated_minutes_gained: replanned.mandated_minutes_gained.max(0) as u32,
            minutes_gained_for_request: for_request as u32,
            cents_per_week: cents_per_week(whole.case.instance, &apply),
            visits_moved: replanned.visits_moved,
            apply,
        });
    }
    found.sort_by(|left, right| {
        (left.cents_per_week.cmp(&right.cents_per_week))
            .then(right.minutes_gained_for_request.cmp(&left.minutes_gained_for_request))
            .then(left.visits_moved.cmp(&right.visits_moved))
            .then_with(|| left.change.cmp(&right.change))
    });
    found
}

/// Changes that may help, those without cost first.
fn changes(room: &Room) -> Vec<Change> {
    let kinds = [
        open_windows(room),
        supervise_more(room),
        more_requests(room),
        more_sites_a_week(room),
        more_visits(room),
        lend_more(room),
        visit_length(room),
        more_sites(room),
        longer_days(room),
        policy(room),
        drive_further(room),
        more_qualified(room),
        longer_weeks(room),
        buy_hours(room),
    ];
    let mut changes: Vec<Change> = Vec::new();
    // The first of each kind, then the second of each.
    for turn in 0..EACH_KIND_MAX {
        changes.extend(kinds.iter().filter_map(|kind| kind.get(turn)).cloned());
    }
    changes
}

fn code(room: &Room, person: usize) -> String {
    room.case.instance.specialists[person].code.clone()
}

fn wanted_code(room: &Room) -> String {
    room.case.instance.requests[room.request].code.clone()
}

/// Missing minutes in whole units, at least a visit.
fn minutes_to_ask(room: &Room) -> u32 {
    room.missing().max(room.case.requests[room.request].visit_min)
}

/// Times of day at which somebody with hours left could come, were the school open to visits.
fn open_windows(room: &Room) -> Vec<Change> {
    let wanted = &room.case.requests[room.request];
    let mut fits: Vec<Fit> = Vec::new();
    for &(person, option) in &wanted.matches {
        let most = room.week_left(person, option, 0).min(wanted.visit_max).min(room.missing());
        for day in (0..DAYS).filter(|day| room.timetable.taken[room.request] & (1 << day) == 0) {
            let hours = &room.case.specialists[person].hours[day];
            fits.extend(room.fit_into(person, option, day, hours, Rules::All, most));
        }
    }
    fits.extend(unmatched(room));
    fits.sort_by_key(|fit| (u32::MAX - fit.minutes, fit.day, fit.person));
    let open = |fit: &Fit| Change::OpenWindow {
        request: wanted_code(room),
        day: Weekday::ALL[fit.day],
        starts: clock(fit.starts),
        ends: clock(fit.starts + fit.minutes),
    };
    fits.iter().map(open).collect()
}

/// Free time of people who never work when the school is open now; whether the drive fits, planning again will tell.
fn unmatched(room: &Room) -> Vec<Fit> {
    let instance = room.case.instance;
    let wanted = &instance.requests[room.request];
    let Some(site) = instance.travel.sites.iter().position(|site| *site == wanted.site) else { return Vec::new() };
    let mut fits = Vec::new();
    for person in qualified(room.case, room.request) {
        let drive = room.case.drives[room.case.specialists[person].home][site];
        let near = wanted.mode == Mode::Teletherapy
            || instance.specialists[person].reach_minutes_max.is_none_or(|most| drive <= most);
        let is_matched = room.case.requests[room.request].matches.iter().any(|(one, _)| *one == person);
        if is_matched || !near {
            continue;
        }
        let most = week_left(room, person).min(wanted.visit_minutes.max).min(room.missing());
        let minutes = most / room.case.unit() * room.case.unit();
        for day in (0..DAYS).filter(|_| minutes >= wanted.visit_minutes.min) {
            let visits = &room.timetable.days[person * DAYS + day];
            let ends = visits.last().map_or(0, |visit| visit.starts + visit.minutes);
            let free =
                room.case.specialists[person].hours[day].iter().find(|slot| slot.0.max(ends) + minutes <= slot.1);
            fits.extend(free.map(|slot| Fit { person, day, starts: slot.0.max(ends), minutes, grows: false }));
        }
    }
    fits
}

/// People who have hours left but may lend no more of them.
fn lend_more(room: &Room) -> Vec<Change> {
    let matches = room.case.requests[room.request].matches.iter();
    let kept = |(person, option): &&(usize, usize)| {
        let one = &room.case.specialists[*person];
        let lend_left = one.lend_max.saturating_sub(room.timetable.lent[*person]);
        one.options[*option].lent && lend_left < room.missing() && week_left(room, *person) > lend_left
    };
    let raise = |(person, _): &(usize, usize)| Change::LendMore {
        specialist: code(room, *person),
        minutes: minutes_to_ask(room).min(week_left(room, *person)).max(room.case.unit()),
    };
    matches.filter(kept).map(raise).collect()
}

fn week_left(room: &Room, person: usize) -> u32 {
    room.case.specialists[person].week_max.saturating_sub(room.timetable.week[person])
}

/// Shorter visits than the request allows now, or longer ones where its days are used up.
fn visit_length(room: &Room) -> Vec<Change> {
    let wanted = &room.case.requests[room.request];
    let unit = room.case.unit();
    let set = |min: u32, max: u32| Change::VisitLength { request: wanted_code(room), min, max };
    let mut changes = Vec::new();
    if wanted.visit_min > unit {
        let half = (wanted.visit_min / 2).div_ceil(unit) * unit;
        changes.push(set(half.min(wanted.visit_min - unit).max(unit), wanted.visit_max));
    }
    if room.visits_left() == 0 || wanted.visit_max < room.missing() {
        changes.push(set(wanted.visit_min, wanted.visit_max + room.missing()));
    }
    changes
}

/// More visits a week where all that are allowed take place.
fn more_visits(room: &Room) -> Vec<Change> {
    let wanted = &room.case.requests[room.request];
    let more = room.missing().div_ceil(wanted.visit_max.max(1));
    let max = (wanted.visits_max + more).min(DAYS as u32);
    let set = Change::VisitsPerWeek { request: wanted_code(room), max };
    if room.visits_left() == 0 && max > wanted.visits_max { vec![set] } else { Vec::new() }
}

/// One more school a day for people with hours left who are at as many as they may be.
fn more_sites(room: &Room) -> Vec<Change> {
    let matches = room.case.requests[room.request].matches.iter();
    let full = |(person, option): &&(usize, usize)| {
        let one = &room.case.specialists[*person];
        let (place, days) = (one.options[*option].place, &room.timetable.days[person * DAYS..(person + 1) * DAYS]);
        let places = |day: usize| {
            let mut places: Vec<usize> = days[day].iter().map(|visit| one.options[visit.option].place).collect();
            places.dedup();
            places
        };
        let is_full = |day: usize| {
            let there = places(day);
            !one.options[*option].slots[day].is_empty()
                && there.len() >= one.sites_max as usize
                && !there.contains(&place)
        };
        room.week_left(*person, *option, 0) >= room.case.unit() && (0..DAYS).any(is_full)
    };
    matches.filter(full).map(|(person, _)| Change::MoreSites { specialist: code(room, *person), sites: 1 }).collect()
}

/// One more request for people with hours left who serve as many as they may.
fn more_requests(room: &Room) -> Vec<Change> {
    let change = |person: usize| Change::MoreRequests { specialist: code(room, person), requests: 1 };
    capped(room, Rule::RequestsWithinCap).into_iter().map(change).collect()
}

/// One more school in the week for people with hours left who go to as many as they may.
fn more_sites_a_week(room: &Room) -> Vec<Change> {
    let change = |person: usize| Change::MoreSitesAWeek { specialist: code(room, person), sites: 1 };
    capped(room, Rule::SitesWithinCap).into_iter().map(change).collect()
}

/// People with hours left whom this cap alone keeps from the request.
fn capped(room: &Room, cap: Rule) -> Vec<usize> {
    let without = Room { skip: Some(cap), ..*room };
    let is_it = |(person, option): &&(usize, usize)| {
        room.week_left(*person, *option, 0) >= room.case.unit()
            && !room.within_caps(*person, *option)
            && without.within_caps(*person, *option)
    };
    room.case.requests[room.request].matches.iter().filter(is_it).map(|(person, _)| *person).collect()
}

/// A rule of the co-op's own that stands in the way: the shortest stay, or the part of a week for one member.
fn policy(room: &Room) -> Vec<Change> {
    let set = |key: &str, value: u32| Change::Policy([(key.to_string(), value.into())].into_iter().collect());
    let mut changes = Vec::new();
    let possible = room.potential(Rules::Day, |_| 0);
    let stays = Room { skip: Some(Rule::StayLongEnough), ..*room };
    if stays.potential(Rules::Day, |_| 0) > possible {
        changes.push(set("min_minutes_at_site", room.case.requests[room.request].visit_min));
    }
    let member = room.case.requests[room.request].member;
    let shares = room.case.requests[room.request].matches.iter().filter_map(|(person, _)| {
        let one = &room.case.specialists[*person];
        let given = room.given(*person, |visit| room.case.requests[visit.request].member == member);
        let capped = one.share_max != u32::MAX && one.employer != Some(member);
        let is_it = capped && one.share_max.saturating_sub(given) < room.missing();
        let percent = ((given + room.missing()) * 100).div_ceil(one.week_max.max(1)).min(100);
        (is_it && week_left(room, *person) >= room.case.unit()).then_some(percent)
    });
    changes.extend(shares.min().map(|percent| set("person_member_share_max_percent", percent)));
    changes
}

/// People whose day is full while their week is not.
fn longer_days(room: &Room) -> Vec<Change> {
    let matches = room.case.requests[room.request].matches.iter();
    let full = |(person, option): &&(usize, usize)| {
        let one = &room.case.specialists[*person];
        let is_full = |day: usize| {
            let visits = &room.timetable.days[person * DAYS + day];
            let direct: u32 = visits.iter().map(|visit| visit.minutes).sum();
            !one.options[*option].slots[day].is_empty() && one.day_max.saturating_sub(direct) < room.missing()
        };
        one.day_max != u32::MAX && room.week_left(*person, *option, 0) >= room.case.unit() && (0..DAYS).any(is_full)
    };
    let raise = |(person, _): &(usize, usize)| Change::LongerDay {
        specialist: code(room, *person),
        minutes: minutes_to_ask(room),
    };
    matches.filter(full).map(raise).collect()
}

/// Qualified people with hours left who live too far away.
fn drive_further(room: &Room) -> Vec<Change> {
    let instance = room.case.instance;
    let wanted = &instance.requests[room.request];
    let Some(site) = instance.travel.sites.iter().position(|site| *site == wanted.site) else { return Vec::new() };
    let mut far: Vec<(u32, usize)> = Vec::new();
    for person in qualified(room.case, room.request) {
        let drive = room.case.drives[room.case.specialists[person].home][site];
        let limit = instance.specialists[person].reach_minutes_max.unwrap_or(u32::MAX);
        let is_matched = room.case.requests[room.request].matches.iter().any(|(one, _)| *one == person);
        if !is_matched && drive > limit && week_left(room, person) >= wanted.visit_minutes.min {
            far.push((drive - limit, person));
        }
    }
    far.sort_unstable();
    far.into_iter().map(|(minutes, person)| Change::DriveFurther { specialist: code(room, person), minutes }).collect()
}

/// People of the discipline with hours left who lack one qualification.
fn more_qualified(room: &Room) -> Vec<Change> {
    let wanted = &room.case.instance.requests[room.request];
    let mut changes = Vec::new();
    for (person, one) in room.case.instance.specialists.iter().enumerate() {
        let lacking: Vec<&String> =
            wanted.qualifications.iter().filter(|held| !one.qualifications.contains(held)).collect();
        if let ([qualification], true) = (lacking.as_slice(), one.disciplines.contains(&wanted.discipline))
            && week_left(room, person) >= wanted.visit_minutes.min
        {
            changes.push(Change::AddQualification {
                specialist: one.code.clone(),
                qualification: (*qualification).clone(),
            });
        }
    }
    changes
}

/// A longer contract for those who could come at the right time, the least-paid first.
fn longer_weeks(room: &Room) -> Vec<Change> {
    let wanted = &room.case.requests[room.request];
    let mut people: Vec<(i64, usize)> = wanted
        .matches
        .iter()
        .filter(|(person, _)| week_left(room, *person) < room.missing())
        .map(|(person, _)| (room.case.specialists[*person].cents_per_hour, *person))
        .collect();
    people.sort_unstable();
    let minutes = minutes_to_ask(room);
    people.into_iter().map(|(_, person)| Change::LongerWeek { specialist: code(room, person), minutes }).collect()
}

/// So many hours of an agency.
fn buy_hours(room: &Room) -> Vec<Change> {
    let instance = room.case.instance;
    let wanted = &instance.requests[room.request];
    let holds = |one: &&crate::planning::instance::Specialist| one.disciplines.contains(&wanted.discipline);
    let paid = instance.specialists.iter().filter(holds).map(|one| one.cost_cents_per_hour).max();
    let rate = instance.policy.agency_cents_per_hour.get(&wanted.discipline).copied();
    let Some(cents_per_hour) = rate.or(paid.map(|pay| pay * AGENCY_OVER_PAY.0 / AGENCY_OVER_PAY.1)) else {
        return Vec::new();
    };
    vec![Change::Hire {
        discipline: wanted.discipline.clone(),
        minutes_per_week: minutes_to_ask(room),
        qualifications: wanted.qualifications.clone(),
        employer: HireEmployer::Agency,
        cents_per_hour,
        code: None,
        home_site: Some(wanted.site.clone()),
    }]
}
