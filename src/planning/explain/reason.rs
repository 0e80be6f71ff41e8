//! The one sentence: the first obstacle in a fixed order of tests.

use super::trial::{self, Trial};
use crate::domain::service_request::{Mode, Priority};
use crate::planning::case::{Case, DAYS};
use crate::planning::instance::Instance;
use crate::planning::rule::Rule;
use crate::planning::timetable::Timetable;

/// Why a request is short.
pub(super) struct Reason {
    pub sentence: String,
    pub rules: Vec<Rule>,
}

fn because(rules: &[Rule], sentence: String) -> Reason {
    Reason { sentence, rules: rules.to_vec() }
}

/// The first obstacle that holds.
pub(super) fn reason(case: &Case, timetable: &Timetable, request: usize) -> Reason {
    nobody(case, request)
        .or_else(|| own_limits(case, timetable, request))
        .or_else(|| all_full(case, timetable, request))
        .or_else(|| rule_in_the_way(case, timetable, request))
        .unwrap_or_else(|| {
            let able = codes(case, people(case, request));
            because(
                &[Rule::VisitWithinWindow, Rule::VisitWithinAvailability, Rule::SpecialistInOnePlace],
                format!("The hours left to {able} do not meet the windows of the request."),
            )
        })
}

/// Specialists who can serve the request at some time.
fn people(case: &Case, request: usize) -> Vec<usize> {
    case.requests[request].matches.iter().map(|(person, _)| *person).collect()
}

/// Codes as people read a list; long lists end with a count.
fn codes(case: &Case, people: Vec<usize>) -> String {
    let name = |person: &usize| case.instance.specialists[*person].code.clone();
    let shown: Vec<String> = people.iter().take(4).map(name).collect();
    match (shown.len(), people.len() - shown.len()) {
        (0, _) => "nobody".to_string(),
        (1, _) => shown[0].clone(),
        (count, 0) => format!("{} and {}", shown[..count - 1].join(", "), shown[count - 1]),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Nobody is qualified, near enough, or there at the right time.
fn nobody(case: &Case, request: usize) -> Option<Reason> {
    let wanted = &case.instance.requests[request];
    let what = match wanted.qualifications.as_slice() {
        [] => wanted.discipline.clone(),
        more => format!("{} with {}", wanted.discipline, more.join(" and ")),
    };
    let qualified: Vec<usize> = (0..case.specialists.len())
        .filter(|person| {
            let one = &case.instance.specialists[*person];
            one.disciplines.contains(&wanted.discipline)
                && wanted.qualifications.iter().all(|qualification| one.qualifications.contains(qualification))
        })
        .collect();
    if qualified.is_empty() {
        return Some(because(
            &[Rule::OnlyQualifiedSpecialist],
            format!("Nobody on the staff is qualified for {what}."),
        ));
    }
    let site = case.instance.travel.sites.iter().position(|site| *site == wanted.site)?;
    let drive = |person: &usize| case.drives[case.specialists[*person].home][site];
    let limit = |person: &usize| case.instance.specialists[*person].reach_minutes_max;
    let near =
        |person: &&usize| wanted.mode == Mode::Teletherapy || limit(person).is_none_or(|most| drive(person) <= most);
    let within: Vec<usize> = qualified.iter().filter(near).copied().collect();
    if within.is_empty() {
        let nearest = qualified.iter().min_by_key(|person| (drive(person), **person))?;
        return Some(because(
            &[Rule::SiteWithinReach],
            format!(
                "Nobody qualified for {what} is near enough: the nearest is {}, {} minutes away with a limit of {}.",
                codes(case, vec![*nearest]),
                drive(nearest),
                limit(nearest).unwrap_or(0)
            ),
        ));
    }
    let shortest = wanted.visit_minutes.min;
    if u32::from(wanted.windows.longest_minutes()) < shortest {
        return Some(because(
            &[Rule::VisitWithinWindow, Rule::VisitLength],
            format!("No window of the request is long enough for its shortest visit of {shortest} minutes."),
        ));
    }
    case.requests[request].matches.is_empty().then(|| {
        because(
            &[Rule::VisitWithinWindow, Rule::VisitWithinAvailability],
            format!("No working hours of {} meet a window of the request for {shortest} minutes.", codes(case, within)),
        )
    })
}

/// The request itself allows no more.
fn own_limits(case: &Case, timetable: &Timetable, request: usize) -> Option<Reason> {
    let wanted = &case.requests[request];
    let missing = wanted.minutes - timetable.placed[request];
    if missing < wanted.visit_min {
        return Some(because(
            &[Rule::VisitLength],
            format!("The missing {missing} minutes are less than the shortest visit of {} minutes.", wanted.visit_min),
        ));
    }
    let visits = timetable.visits[request];
    if visits >= wanted.visits_max {
        return Some(because(
            &[Rule::OneVisitPerRequestAndDay],
            format!("The request allows {} visits a week, and all of them are in the plan.", wanted.visits_max),
        ));
    }
    let open = |day: &usize| {
        wanted.matches.iter().any(|(person, option)| !case.specialists[*person].options[*option].slots[*day].is_empty())
    };
    let free = (0..DAYS).filter(open).filter(|day| timetable.taken[request] & (1 << day) == 0).count();
    (free == 0).then(|| {
        because(
            &[Rule::OneVisitPerRequestAndDay, Rule::VisitLength, Rule::VisitWithinWindow],
            format!(
                "There is already a visit on each of the {visits} days on which somebody can come, and one day has one \
                 visit of at most {} minutes.",
                wanted.visit_max
            ),
        )
    })
}

/// Everybody who could come has no minutes left.
fn all_full(case: &Case, timetable: &Timetable, request: usize) -> Option<Reason> {
    let wanted = &case.requests[request];
    let able = people(case, request);
    let week_left = |person: usize| case.specialists[person].week_max.saturating_sub(timetable.week[person]);
    let lendable = |person: usize, option: usize| {
        let lent = case.specialists[person].options[option].lent;
        if lent { case.specialists[person].lend_max.saturating_sub(timetable.lent[person]) } else { u32::MAX }
    };
    let full = |person: usize| week_left(person) < wanted.visit_min;
    let kept = |(person, option): (usize, usize)| lendable(person, option) < wanted.visit_min;
    if !wanted.matches.iter().all(|(person, option)| full(*person) || kept((*person, *option))) {
        return None;
    }
    let count = if able.len() == 1 {
        format!("Only {} can give this", codes(case, able.clone()))
    } else {
        format!("{} people can give this ({})", able.len(), codes(case, able.clone()))
    };
    if wanted.matches.iter().any(|(person, option)| !full(*person) && kept((*person, *option))) {
        return Some(because(
            &[Rule::LendableWithinLimit, Rule::SpecialistWeekWithinContract],
            format!("{count}; whoever has hours left may give no more of them to other members."),
        ));
    }
    let only_mandated = wanted.priority != Priority::Mandated
        && able.iter().all(|person| {
            let days = &timetable.days[person * DAYS..(person + 1) * DAYS];
            days.iter().flatten().all(|visit| case.requests[visit.request].priority < wanted.priority)
        });
    let why = if only_mandated { ", all for requests that come first" } else { "" };
    Some(because(&[Rule::SpecialistWeekWithinContract], format!("{count}, and every contracted minute is used{why}.")))
}

/// Rules, what to say about them, and a change after which they are no obstacle.
type Test<'a> = (&'a [Rule], &'a str, &'a dyn Fn(&mut Instance));

/// A single rule without which another visit would fit, tried on the plan.
fn rule_in_the_way(case: &Case, timetable: &Timetable, request: usize) -> Option<Reason> {
    let trial = Trial { case, timetable, request };
    let stay = case.instance.policy.min_minutes_at_site;
    let tests: [Test; 6] = [
        (
            &[Rule::SpecialistInOnePlace, Rule::TravelWithinDay],
            "the drive does not fit between the other visits",
            &|small| {
                small.travel.minutes.iter_mut().flatten().for_each(|drive| *drive = 0);
            },
        ),
        (&[Rule::StayLongEnough], "a stay at the school would be shorter than the rule asks for", &|small| {
            small.policy.min_minutes_at_site = 0;
        }),
        (&[Rule::SitesPerDay], "the day already has as many sites as allowed", &|small| {
            trial::specialist(small).sites_per_day_max = None;
        }),
        (&[Rule::SpecialistDayWithinLimit], "the day already has as many minutes as allowed", &|small| {
            trial::specialist(small).direct_minutes_per_day_max = None;
        }),
        (&[Rule::BreakKept], "the break of a long day leaves no room", &|small| {
            trial::specialist(small).break_minutes = 0;
        }),
        (&[Rule::VisitLength], "what is left free is shorter than the shortest visit", &|small| {
            let unit = small.unit_minutes;
            trial::request(small).visit_minutes.min = unit;
        }),
    ];
    for (rules, why, change) in tests {
        let helped = |person: &usize| trial.attempt(*person, change).is_some();
        let helped: Vec<usize> = people(case, request).into_iter().filter(helped).collect();
        if !helped.is_empty() {
            let who = codes(case, helped);
            let detail = if rules[0] == Rule::StayLongEnough { format!(" ({stay} minutes)") } else { String::new() };
            return Some(because(rules, format!("{who} could come, but {why}{detail}.")));
        }
    }
    None
}
