//! Causes of a shortfall in minutes that add up to it, tested in a fixed order.
//!
//! Rules are added one group after the other, and each time the minutes that could still be placed are counted, the
//! rest of the plan standing. What a group takes away is what it causes.

use super::room::{Room, Rules};
use crate::domain::service_request::{Mode, Priority};
use crate::planning::case::{Case, DAYS, Placed, credential_valid};
use crate::planning::plan_document::{Cause, CauseKind};
use crate::planning::rule::Rule;
use crate::planning::timetable::Timetable;

/// So many qualified people are few.
const FEW: usize = 2;

/// Every cause with its minutes, in the order of the tests.
pub(super) fn causes(case: &Case, timetable: &Timetable, request: usize) -> Vec<Cause> {
    let room = Room { case, timetable, request, skip: None };
    if let Some(cause) = nobody_qualifies(&room) {
        return vec![cause];
    }
    let mut sum = Telescope { left: room.missing(), causes: Vec::new() };
    let wanted = &case.requests[request];
    let people: Vec<usize> = wanted.matches.iter().map(|(person, _)| *person).collect();
    sum.down_to(
        own_limit(&room),
        CauseKind::RequestAllowsNoMore,
        &[Rule::OneVisitPerRequestAndDay, Rule::VisitLength, Rule::VisitWithinWindow],
        allows_no_more(&room),
    );
    hours(&room, &people, &mut sum);
    caps(&room, &mut sum);
    let (rules, sentence) = no_time(&room);
    sum.down_to(room.potential(Rules::Windows, |_| 0), CauseKind::NoWindowOverlaps, &rules, sentence);
    day_rules(&room, &mut sum);
    sum.down_to(
        room.potential(Rules::All, |_| 0),
        CauseKind::VisitLengthDoesNotFit,
        &[Rule::VisitLength],
        format!("What is left free is shorter than the shortest visit of {} minutes.", wanted.visit_min),
    );
    let kind =
        if wanted.priority == Priority::Mandated { CauseKind::NotFound } else { CauseKind::LostToHigherPriority };
    let sentence = match kind {
        CauseKind::NotFound => "There is room left, but the search ended before it found it.",
        _ => "The hours went to requests that come first.",
    };
    sum.down_to(0, kind, &[Rule::SpecialistInOnePlace, Rule::VisitWithinWindow], sentence.to_string());
    sum.causes
}

/// Minutes that are not explained yet, and the causes so far.
struct Telescope {
    left: u32,
    causes: Vec<Cause>,
}

impl Telescope {
    /// A cause that leaves so many minutes possible; it explains the difference.
    fn down_to(&mut self, possible: u32, cause: CauseKind, rules: &[Rule], sentence: String) {
        let possible = possible.min(self.left);
        if possible < self.left {
            let rules = rules.iter().map(|rule| rule.name().to_string()).collect();
            self.causes.push(Cause { cause, minutes: self.left - possible, rules, sentence });
            self.left = possible;
        }
    }
}

/// Nobody holds what is asked for, is near enough, or works when the school is open: all minutes have this cause.
fn nobody_qualifies(room: &Room) -> Option<Cause> {
    let (case, wanted) = (room.case, &room.case.instance.requests[room.request]);
    let all = |cause, rule: &[Rule], sentence: String| {
        let rules = rule.iter().map(|rule| rule.name().to_string()).collect();
        Some(Cause { cause, minutes: room.missing(), rules, sentence })
    };
    let what = match wanted.qualifications.as_slice() {
        [] => wanted.discipline.clone(),
        more => format!("{} with {}", wanted.discipline, more.join(" and ")),
    };
    let qualified = qualified(case, room.request);
    if qualified.is_empty()
        && let Some(sentence) = credentials_ended(case, room.request, &what)
    {
        return all(CauseKind::NobodyQualifies, &[Rule::CredentialValid], sentence);
    }
    if qualified.is_empty() {
        let sentence = format!("Nobody on the staff is qualified for {what}.");
        return all(CauseKind::NobodyQualifies, &[Rule::OnlyQualifiedSpecialist], sentence);
    }
    let site = case.instance.travel.sites.iter().position(|site| *site == wanted.site)?;
    let drive = |person: &usize| case.drives[case.specialists[*person].home][site];
    let limit = |person: &usize| case.instance.specialists[*person].reach_minutes_max;
    let near =
        |person: &&usize| wanted.mode == Mode::Teletherapy || limit(person).is_none_or(|most| drive(person) <= most);
    let within: Vec<usize> = qualified.iter().filter(near).copied().collect();
    if within.is_empty() {
        let nearest = qualified.iter().min_by_key(|person| (drive(person), **person))?;
        let sentence = format!(
            "Nobody qualified for {what} is near enough: the nearest is {}, {} minutes away with a limit of {}.",
            names(case, &[*nearest]),
            drive(nearest),
            limit(nearest).unwrap_or(0)
        );
        return all(CauseKind::NobodyQualifies, &[Rule::SiteWithinReach], sentence);
    }
    let shortest = wanted.visit_minutes.min;
    if u32::from(wanted.windows.longest_minutes()) < shortest {
        let sentence =
            format!("No time that the school is open to visits holds the shortest one of {shortest} minutes.");
        return all(CauseKind::VisitLengthDoesNotFit, &[Rule::VisitWithinWindow, Rule::VisitLength], sentence);
    }
    let assistants = within.iter().all(|person| case.instance.specialists[*person].is_assistant());
    if case.requests[room.request].matches.is_empty() && assistants {
        let who = names(case, &within);
        let sentence =
            format!("Only assistants could come ({who}), and no supervisor can be reached there at that time.");
        return all(CauseKind::NoWindowOverlaps, &[Rule::AssistantSupervised, Rule::VisitWithinWindow], sentence);
    }
    if case.requests[room.request].matches.is_empty() {
        let who = names(case, &within);
        let sentence = format!(
            "No working hours of {who} meet a time when the school is open to these visits, for {shortest} minutes."
        );
        let rules = [Rule::VisitWithinWindow, Rule::VisitWithinAvailability];
        return all(CauseKind::NoWindowOverlaps, &rules, sentence);
    }
    None
}

/// Those who would qualify, if their credentials were valid on the first day of the plan; `None` when there is nobody.
fn credentials_ended(case: &Case, request: usize, what: &str) -> Option<String> {
    let discipline = &case.instance.requests[request].discipline;
    let held = holders(case, request);
    let first_day = case.instance.effective_from?;
    let ended: Vec<String> = held
        .iter()
        .filter_map(|person| {
            let one = &case.instance.specialists[*person];
            Some(format!("{} (no longer valid on {})", one.code, one.credentials_until.get(discipline)?))
        })
        .take(4)
        .collect();
    let who = ended.join(", ");
    (!who.is_empty())
        .then(|| format!("Nobody has a valid credential for {what} on {first_day}, when the plan begins: {who}."))
}

/// Specialists who hold the discipline and the qualifications, with a credential that is valid where one is needed.
pub(super) fn qualified(case: &Case, request: usize) -> Vec<usize> {
    let instance = case.instance;
    let discipline = &instance.requests[request].discipline;
    let mut held = holders(case, request);
    held.retain(|person| credential_valid(instance, &instance.specialists[*person], discipline));
    held
}

fn holders(case: &Case, request: usize) -> Vec<usize> {
    let wanted = &case.instance.requests[request];
    let holds = |person: &usize| {
        let one = &case.instance.specialists[*person];
        one.disciplines.contains(&wanted.discipline)
            && wanted.qualifications.iter().all(|qualification| one.qualifications.contains(qualification))
    };
    (0..case.specialists.len()).filter(holds).collect()
}

/// What the request's own days and visits could still hold, were its visits as long as it allows.
fn own_limit(room: &Room) -> u32 {
    let wanted = &room.case.requests[room.request];
    let most = wanted.reachable(wanted.minutes, wanted.visits_max.min(open_days(room)), room.case.unit());
    most.saturating_sub(room.timetable.placed[room.request])
}

/// Days on which anybody works when the school is open to visits.
fn open_days(room: &Room) -> u32 {
    let wanted = &room.case.requests[room.request];
    let open = |day: &usize| {
        let mut matches = wanted.matches.iter();
        matches.any(|(person, option)| !room.case.specialists[*person].options[*option].slots[*day].is_empty())
    };
    (0..DAYS).filter(open).count() as u32
}

fn allows_no_more(room: &Room) -> String {
    let wanted = &room.case.requests[room.request];
    let visits = wanted.visits_max.min(open_days(room));
    let count = if visits == 1 { "one visit".to_string() } else { format!("{visits} visits") };
    let (min, max) = (wanted.visit_min, wanted.visit_max);
    let length = if min == max { format!("{min}") } else { format!("{min} to {max}") };
    format!("The request has room for {count} a week of {length} minutes each, on days when somebody can come.")
}

/// Hours: those that others with more weight took, then those that were never there.
fn hours(room: &Room, people: &[usize], sum: &mut Telescope) {
    let priority = room.case.requests[room.request].priority;
    let higher = |person: usize| {
        let higher = |visit: &Placed| room.case.requests[visit.request].priority < priority;
        room.given(person, higher)
    };
    let without_higher = room.potential(Rules::Hours, higher);
    let who = names(room.case, people);
    let kept = room.case.requests[room.request].matches.iter().any(|(person, option)| {
        let one = &room.case.specialists[*person];
        let week = one.week_max.saturating_sub(room.timetable.week[*person]);
        room.week_left(*person, *option, 0) < room.case.unit() && week >= room.case.unit()
    });
    let hours_left = room.case.requests[room.request].matches.iter();
    let day_is_full = !kept && hours_left.clone().any(|(person, option)| room.week_left(*person, *option, 0) > 0);
    let rules: &[Rule] = if day_is_full {
        &[Rule::SpecialistDayWithinLimit, Rule::SpecialistWeekWithinContract, Rule::LendableWithinLimit]
    } else if kept {
        &[Rule::LendableWithinLimit, Rule::MemberShareWithinLimit, Rule::SpecialistWeekWithinContract]
    } else {
        &[Rule::SpecialistWeekWithinContract, Rule::SpecialistDayWithinLimit, Rule::LendableWithinLimit]
    };
    let full = if kept {
        "the limit on what may be given to other districts, or to one of them, is reached"
    } else if day_is_full {
        "the days on which that is possible are full, though the week is not"
    } else {
        "every contracted minute is used"
    };
    if people.len() <= FEW {
        let only = if people.len() == 1 { "Only one person" } else { "Only two people" };
        let sentence = format!("{only} can give this, {who}, and {full}.");
        sum.down_to(without_higher, CauseKind::FewQualifyAndAreFull, rules, sentence);
    } else {
        let sentence = format!("{} people can give this ({who}), and {full}.", people.len());
        sum.down_to(without_higher, CauseKind::NoHoursLeft, rules, sentence);
    }
    let sentence = format!("The hours of {who} went to requests that come first.");
    let possible = room.potential(Rules::Hours, |_| 0);
    sum.down_to(possible, CauseKind::LostToHigherPriority, &[Rule::SpecialistWeekWithinContract], sentence);
}

/// Caps on sites and requests of those who have hours left: the first without which more would fit is named.
fn caps(room: &Room, sum: &mut Telescope) {
    let possible = room.potential(Rules::Capped, |_| 0);
    if possible >= sum.left {
        return;
    }
    let matches = room.case.requests[room.request].matches.iter();
    let capped = matches.filter(|(person, option)| {
        room.week_left(*person, *option, 0) >= room.case.unit() && !room.within_caps(*person, *option)
    });
    let who = names(room.case, &capped.map(|(person, _)| *person).collect::<Vec<_>>());
    let both = [
        (Rule::RequestsWithinCap, "as many requests as allowed are served already"),
        (Rule::SitesWithinCap, "the week already has as many schools as allowed"),
    ];
    let helps = |rule: Rule| Room { skip: Some(rule), ..*room }.potential(Rules::Capped, |_| 0) > possible;
    let mut found: Vec<(Rule, &str)> = both.into_iter().filter(|(rule, _)| helps(*rule)).collect();
    if found.is_empty() {
        found = both.to_vec();
    }
    let rules: Vec<Rule> = found.iter().map(|(rule, _)| *rule).collect();
    let sentence = format!("Hours of {who} are left, but {}.", found[0].1);
    sum.down_to(possible, CauseKind::CapReached, &rules, sentence);
}

/// Why hours that are left meet no time of the request.
fn no_time(room: &Room) -> (Vec<Rule>, String) {
    let (case, wanted) = (room.case, &room.case.requests[room.request]);
    let with_hours = with_hours(room);
    let who = names(case, &with_hours);
    let is_free_day = |day: &usize| room.timetable.taken[room.request] & (1 << day) == 0;
    let meet = wanted.matches.iter().filter(|(person, _)| with_hours.contains(person)).any(|(person, option)| {
        let slots = |day: usize| case.specialists[*person].options[*option].slots[day].iter();
        (0..DAYS).filter(is_free_day).any(|day| slots(day).any(|slot| slot.1 - slot.0 >= wanted.visit_min))
    });
    let mut rules = vec![Rule::VisitWithinWindow, Rule::VisitWithinAvailability];
    let mut open = "when the school is open to these visits";
    if !with_hours.is_empty() && with_hours.iter().all(|person| case.instance.specialists[*person].is_assistant()) {
        rules.insert(0, Rule::AssistantSupervised);
        open = "when the school is open to these visits and a supervisor can be reached";
    }
    if meet {
        rules.push(Rule::SpecialistInOnePlace);
        return (rules, format!("Hours of {who} are left, but {open}, other visits take that time."));
    }
    (rules, format!("Hours of {who} are left, but not {open}."))
}

/// The rules of a day, and which of them it is: the first without which more would fit.
const DAY_RULES: [(Rule, &str); 7] = [
    (Rule::SpecialistInOnePlace, "the drive does not fit between the other visits"),
    (Rule::StayLongEnough, "a stay at the school would be shorter than the co-op asks for"),
    (Rule::SitesPerDay, "the day already has as many schools as allowed"),
    (Rule::NoReturnToSite, "the school would have to be left and entered again"),
    (Rule::TravelWithinDay, "the day already has as much driving as allowed"),
    (Rule::BreakKept, "the break of a long day leaves no room"),
    (Rule::EvaluationBlockKept, "the block kept for evaluations leaves no room"),
];

/// Drives, schools a day, stays, the break and the block.
fn day_rules(room: &Room, sum: &mut Telescope) {
    let possible = room.potential(Rules::Day, |_| 0);
    if possible >= sum.left {
        return;
    }
    let helps = |(rule, _): &&(Rule, &str)| Room { skip: Some(*rule), ..*room }.potential(Rules::Day, |_| 0) > possible;
    let who = names(room.case, &with_hours(room));
    let found: Vec<&(Rule, &str)> = DAY_RULES.iter().filter(helps).collect();
    let (rules, why): (Vec<Rule>, &str) = match found.first() {
        Some((_, why)) => (found.iter().map(|(rule, _)| *rule).collect(), why),
        None => {
            (DAY_RULES.iter().map(|(rule, _)| *rule).collect(), "drives, breaks and the day's limits leave no room")
        }
    };
    sum.down_to(possible, CauseKind::DriveDoesNotFit, &rules, format!("{who} could come, but {why}."));
}

fn with_hours(room: &Room) -> Vec<usize> {
    let matches = room.case.requests[room.request].matches.iter();
    let left = |(person, option): &&(usize, usize)| {
        room.week_left(*person, *option, 0) >= room.case.unit() && room.within_caps(*person, *option)
    };
    matches.filter(left).map(|(person, _)| *person).collect()
}

/// Codes as people read a list; long lists end with a count.
pub(super) fn names(case: &Case, people: &[usize]) -> String {
    let name = |person: &usize| case.instance.specialists[*person].code.clone();
    let shown: Vec<String> = people.iter().take(4).map(name).collect();
    match (shown.len(), people.len() - shown.len()) {
        (0, _) => "nobody".to_string(),
        (1, _) => shown[0].clone(),
        (count, 0) => format!("{} and {}", shown[..count - 1].join(", "), shown[count - 1]),
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
