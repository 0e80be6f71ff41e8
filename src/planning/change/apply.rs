//! Making a new instance from changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, HireEmployer};
use crate::domain::calendar::{Interval, WallClock, Weekday, WeeklyHours};
use crate::domain::fault::Fault;
use crate::planning::document;
use crate::planning::instance::{
    self, Employer, FixedVisit, Instance, MINUTES_MAX, SITES_MAX, ServiceRequest, Specialist, VisitMinutes,
};

/// What is known of a person who is hired: direct minutes a day, sites a day, driving minutes a day, break.
const HIRED: (u32, u32, u32, u32) = (360, 3, 75, 30);
/// Hours of a person who is hired, in minutes after midnight: 07:30-15:30.
const HIRED_HOURS: (u16, u16) = (450, 930);

/// The instance with all changes, one after the other. The result passes [`Instance::check`]; otherwise every fault, with
/// pointers such as `/changes/0/request`. Faults of the instance itself keep their own pointers.
pub fn apply(instance: &Instance, changes: &[Change]) -> Result<Instance, Vec<Fault>> {
    let mut changed = instance.clone();
    let mut faults = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        if let Err(fault) = change.make(&mut changed) {
            faults.push(Fault::at(format!("/changes/{index}{}", fault.pointer), fault.message));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    changed.raise_format();
    if changed.check().is_empty() { Ok(changed) } else { Err(blame(instance, changes)) }
}

/// Finds the change after which the instance is no longer sound.
fn blame(instance: &Instance, changes: &[Change]) -> Vec<Fault> {
    let mut changed = instance.clone();
    let mut found = changed.check();
    for (index, change) in changes.iter().enumerate() {
        if !found.is_empty() {
            break;
        }
        let made = change.make(&mut changed);
        debug_assert!(made.is_ok());
        changed.raise_format();
        for fault in changed.check() {
            let place = change.place_of(&fault.pointer);
            let message = if place.is_empty() { fault.to_string() } else { fault.message };
            found.push(Fault::at(format!("/changes/{index}{place}"), message));
        }
    }
    found
}

impl Change {
    /// Makes the change; the pointer of a fault begins at the change.
    pub(super) fn make(&self, instance: &mut Instance) -> Result<(), Fault> {
        match self {
            Change::OpenWindow { request, day, starts, ends } => {
                let request = find_request(instance, request)?;
                request.windows = widened(&request.windows, *day, *starts, *ends)?;
            }
            Change::SetWindows { request, windows } => find_request(instance, request)?.windows = windows.clone(),
            Change::VisitLength { request, min, max } => {
                find_request(instance, request)?.visit_minutes = VisitMinutes { min: *min, max: *max };
            }
            Change::VisitsPerWeek { request, max } => find_request(instance, request)?.visits_per_week_max = *max,
            Change::RequestMinutes { request, minutes_per_week } => {
                find_request(instance, request)?.minutes_per_week = *minutes_per_week;
            }
            Change::AddRequest { request } => instance.requests.push((**request).clone()),
            Change::RemoveRequest { request } => {
                find_request(instance, request)?;
                instance.requests.retain(|one| one.code != *request);
                instance.fixed.retain(|visit| visit.request != *request);
            }
            Change::AddSpecialist { specialist } => instance.specialists.push((**specialist).clone()),
            Change::Hire { .. } => {
                let hired = self.hired(instance)?;
                instance.specialists.push(hired);
            }
            Change::RemoveSpecialist { specialist } => remove_specialist(instance, specialist)?,
            Change::Absence { specialist, days } => absence(instance, specialist, days)?,
            Change::CloseSite { site, days } => {
                close_site(instance, site, days.as_deref().unwrap_or(&Weekday::ALL))?;
            }
            Change::Mileage { cents_per_mile } => instance.policy.travel_cents_per_mile = Some(*cents_per_mile),
            Change::AgencyPay { discipline, cents_per_hour } => {
                instance.policy.agency_cents_per_hour.insert(discipline.clone(), *cents_per_hour);
            }
            Change::Policy(keys) => policy(instance, keys)?,
            _ => self.make_on_specialist(instance)?,
        }
        Ok(())
    }

    /// The changes of one specialist's own figures.
    fn make_on_specialist(&self, instance: &mut Instance) -> Result<(), Fault> {
        match self {
            Change::LendMore { specialist, minutes } => {
                raise(&mut find_specialist(instance, specialist)?.lendable_minutes_per_week_max, *minutes, || {
                    format!("{specialist} has no limit of minutes for other members that could be raised")
                })?;
            }
            Change::LongerWeek { specialist, minutes } => {
                let most = &mut find_specialist(instance, specialist)?.direct_minutes_per_week_max;
                *most = most.saturating_add(*minutes);
            }
            Change::LongerDay { specialist, minutes } => {
                raise(&mut find_specialist(instance, specialist)?.direct_minutes_per_day_max, *minutes, || {
                    format!("{specialist} has no limit of direct minutes a day that could be raised")
                })?;
            }
            Change::DriveFurther { specialist, minutes } => {
                raise(&mut find_specialist(instance, specialist)?.reach_minutes_max, *minutes, || {
                    format!("{specialist} has no limit of reach that could be raised")
                })?;
            }
            Change::MoreSites { specialist, sites } => {
                let most = &mut find_specialist(instance, specialist)?.sites_per_day_max;
                raise(most, *sites, || format!("{specialist} has no limit of sites a day that could be raised"))
                    .map_err(|fault| Fault::at(fault.pointer.replace("minutes", "sites"), fault.message))?;
                if most.is_some_and(|most| most as usize > SITES_MAX) {
                    return Err(Fault::at("/sites", format!("must be at most {SITES_MAX} sites a day in all")));
                }
            }
            Change::MoreSitesAWeek { specialist, sites } => {
                let most = &mut find_specialist(instance, specialist)?.sites_per_week_max;
                raise(most, *sites, || format!("{specialist} has no limit of sites a week that could be raised"))?;
            }
            Change::MoreRequests { specialist, requests } => {
                let most = &mut find_specialist(instance, specialist)?.requests_max;
                raise(most, *requests, || format!("{specialist} has no limit of requests that could be raised"))?;
            }
            Change::SuperviseMore { specialist, day, starts, ends } => {
                let supervises = instance.specialists.iter().any(|one| one.supervisors.contains(specialist));
                let supervisor = find_specialist(instance, specialist)?;
                if !supervises {
                    let message = format!("{specialist} supervises nobody; name a supervisor of an assistant");
                    return Err(Fault::at("/specialist", message));
                }
                let hours = supervisor.supervision_hours.as_ref().unwrap_or(&supervisor.availability);
                supervisor.supervision_hours = Some(widened(hours, *day, *starts, *ends)?);
            }
            Change::LongerHours { specialist, day, starts, ends } => {
                let specialist = find_specialist(instance, specialist)?;
                specialist.availability = widened(&specialist.availability, *day, *starts, *ends)?;
            }
            Change::AddQualification { specialist, qualification } => {
                insert(&mut find_specialist(instance, specialist)?.qualifications, qualification);
            }
            Change::AddDiscipline { specialist, discipline } => {
                insert(&mut find_specialist(instance, specialist)?.disciplines, discipline);
            }
            Change::Pay { specialist, cents_per_hour } => {
                find_specialist(instance, specialist)?.cost_cents_per_hour = *cents_per_hour;
            }
            // Every other kind is made by `make`.
            _ => {}
        }
        Ok(())
    }

    /// The person whom [`Change::Hire`] describes.
    fn hired(&self, instance: &Instance) -> Result<Specialist, Fault> {
        let Change::Hire { discipline, minutes_per_week, qualifications, employer, cents_per_hour, code, home_site } =
            self
        else {
            return Err(Fault::at("", "nobody is hired by this change"));
        };
        if *minutes_per_week == 0 {
            let message = "0 minutes a week hire nobody; write how many direct minutes a week are wanted";
            return Err(Fault::at("/minutes_per_week", message));
        }
        let home_site = match home_site {
            Some(site) => known_site(instance, site, "/home_site").map(|()| site.clone())?,
            None => busiest_site(instance, discipline).ok_or_else(|| {
                Fault::at(
                    "/discipline",
                    format!("no request asks for {discipline}; name a home_site, or another discipline"),
                )
            })?,
        };
        let (starts, ends) = HIRED_HOURS;
        let day = WallClock::from_minutes(starts).zip(WallClock::from_minutes(ends));
        let day = day.and_then(|(starts, ends)| Interval::new(starts, ends).ok());
        let days = Weekday::ALL.into_iter().take(5).map(|weekday| (weekday, day.into_iter().collect())).collect();
        let (day_max, sites, travel, break_minutes) = HIRED;
        Ok(Specialist {
            code: code.clone().unwrap_or_else(|| free_code(instance, discipline)),
            disciplines: vec![discipline.clone()],
            qualifications: qualifications.clone(),
            employer: match employer {
                HireEmployer::Coop => Employer::Coop,
                HireEmployer::Agency => Employer::Agency { name: "Agency".to_string() },
            },
            home_site,
            availability: WeeklyHours::new(days).map_err(|message| Fault::at("", message))?,
            direct_minutes_per_week_max: *minutes_per_week,
            direct_minutes_per_day_max: Some(day_max),
            lendable_minutes_per_week_max: None,
            sites_per_day_max: Some(sites),
            travel_minutes_per_day_max: Some(travel),
            reach_minutes_max: None,
            break_minutes,
            cost_cents_per_hour: *cents_per_hour,
            stay_preference: None,
            evaluation_block_minutes: 0,
            supervisors: Vec::new(),
            supervision_hours: None,
            credentials_until: BTreeMap::new(),
            sites_per_week_max: None,
            requests_max: None,
        })
    }

    /// Where in this change the value stands that `check` refused at a place of the instance; empty when unclear.
    fn place_of(&self, pointer: &str) -> String {
        let inner = |list: &str| {
            let rest = pointer.strip_prefix(list)?.trim_start_matches(|letter: char| letter.is_ascii_digit());
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        match self {
            Change::AddRequest { .. } => inner("/requests/").map(|rest| format!("/request{rest}")),
            Change::AddSpecialist { .. } => inner("/specialists/").map(|rest| format!("/specialist{rest}")),
            Change::Hire { .. } => {
                inner("/specialists/").map(|rest| match rest.split('/').nth(1).unwrap_or_default() {
                    "disciplines" => "/discipline".to_string(),
                    "direct_minutes_per_week_max" => "/minutes_per_week".to_string(),
                    "cost_cents_per_hour" => "/cents_per_hour".to_string(),
                    _ => rest.to_string(),
                })
            }
            Change::Policy(_) => pointer.strip_prefix("/policy").map(str::to_string),
            Change::VisitLength { .. } => {
                inner("/requests/").map(|rest| rest.strip_prefix("/visit_minutes").unwrap_or(rest).to_string())
            }
            Change::VisitsPerWeek { .. } => inner("/requests/").map(|_| "/max".to_string()),
            Change::RequestMinutes { .. } => inner("/requests/").map(str::to_string),
            Change::LendMore { .. }
            | Change::LongerWeek { .. }
            | Change::LongerDay { .. }
            | Change::DriveFurther { .. } => inner("/specialists/").map(|_| "/minutes".to_string()),
            Change::AddQualification { .. } => inner("/specialists/").map(|_| "/qualification".to_string()),
            Change::AddDiscipline { .. } => inner("/specialists/").map(|_| "/discipline".to_string()),
            Change::Pay { .. } => inner("/specialists/").map(|_| "/cents_per_hour".to_string()),
            Change::Mileage { .. } => pointer.strip_prefix("/policy/travel_").map(|rest| format!("/{rest}")),
            Change::AgencyPay { .. } => pointer.strip_prefix("/policy/").map(|_| "/cents_per_hour".to_string()),
            _ => None,
        }
        .unwrap_or_default()
    }
}

fn find_request<'a>(instance: &'a mut Instance, code: &str) -> Result<&'a mut ServiceRequest, Fault> {
    let found = instance.requests.iter_mut().find(|request| request.code == code);
    found.ok_or_else(|| Fault::at("/request", format!("there is no request \"{code}\"")))
}

fn find_specialist<'a>(instance: &'a mut Instance, code: &str) -> Result<&'a mut Specialist, Fault> {
    let found = instance.specialists.iter_mut().find(|specialist| specialist.code == code);
    found.ok_or_else(|| Fault::at("/specialist", format!("there is no specialist \"{code}\"")))
}

fn known_site(instance: &Instance, code: &str, pointer: &str) -> Result<(), Fault> {
    let known = instance.sites.iter().any(|site| site.code == code);
    if known { Ok(()) } else { Err(Fault::at(pointer, format!("there is no site \"{code}\""))) }
}

/// Raises a limit; there must be one, and something must be added.
fn raise(limit: &mut Option<u32>, by: u32, unlimited: impl FnOnce() -> String) -> Result<(), Fault> {
    let Some(most) = limit else {
        return Err(Fault::at("/specialist", unlimited()));
    };
    *most = most.saturating_add(by);
    Ok(())
}

fn insert(list: &mut Vec<String>, entry: &str) {
    if !list.iter().any(|known| known == entry) {
        list.push(entry.to_string());
    }
}

/// Hours with one more interval, joined with every interval that it overlaps or touches.
fn widened(hours: &WeeklyHours, day: Weekday, starts: WallClock, ends: WallClock) -> Result<WeeklyHours, Fault> {
    let mut joined = Interval::new(starts, ends).map_err(|message| Fault::at("/ends", message))?;
    let mut days: BTreeMap<Weekday, Vec<Interval>> = hours.clone().into();
    let kept = days.entry(day).or_default();
    kept.retain(|known| {
        let touches = known.starts <= joined.ends && joined.starts <= known.ends;
        if touches {
            joined.starts = joined.starts.min(known.starts);
            joined.ends = joined.ends.max(known.ends);
        }
        !touches
    });
    kept.push(joined);
    WeeklyHours::new(days).map_err(|message| Fault::at("/day", message))
}

fn without_days(hours: &WeeklyHours, days: &[Weekday]) -> WeeklyHours {
    let mut kept: BTreeMap<Weekday, Vec<Interval>> = hours.clone().into();
    kept.retain(|day, _| !days.contains(day));
    // Hours from which whole days were taken cannot overlap.
    WeeklyHours::new(kept).unwrap_or_default()
}

fn remove_specialist(instance: &mut Instance, code: &str) -> Result<(), Fault> {
    find_specialist(instance, code)?;
    instance.specialists.retain(|one| one.code != code);
    instance.fixed.retain(|visit| visit.specialist != code);
    for request in &mut instance.requests {
        request.current_specialist.take_if(|current| current == code);
    }
    // An assistant whom nobody supervises any more can give no visit.
    let mut alone = Vec::new();
    for assistant in instance.specialists.iter_mut().filter(|one| one.supervisors.iter().any(|one| one == code)) {
        assistant.supervisors.retain(|supervisor| supervisor != code);
        if assistant.supervisors.is_empty() {
            assistant.availability = WeeklyHours::default();
            alone.push(assistant.code.clone());
        }
    }
    instance.fixed.retain(|visit| !alone.contains(&visit.specialist));
    Ok(())
}

fn absence(instance: &mut Instance, code: &str, days: &[Weekday]) -> Result<(), Fault> {
    let specialist = find_specialist(instance, code)?;
    specialist.availability = without_days(&specialist.availability, days);
    specialist.supervision_hours = specialist.supervision_hours.as_ref().map(|hours| without_days(hours, days));
    instance.fixed.retain(|visit| visit.specialist != code || !days.contains(&visit.day));
    Ok(())
}

fn close_site(instance: &mut Instance, code: &str, days: &[Weekday]) -> Result<(), Fault> {
    known_site(instance, code, "/site")?;
    for request in instance.requests.iter_mut().filter(|request| request.site == code) {
        request.windows = without_days(&request.windows, days);
    }
    let closed: Vec<&str> =
        instance.requests.iter().filter(|request| request.site == code).map(|request| request.code.as_str()).collect();
    let stands = |visit: &FixedVisit| !closed.contains(&visit.request.as_str()) || !days.contains(&visit.day);
    instance.fixed.retain(stands);
    Ok(())
}

/// Lays keys over the policy and reads the result as the policy of a file is read.
fn policy(instance: &mut Instance, keys: &serde_json::Map<String, Value>) -> Result<(), Fault> {
    let unreadable = || Fault::at("", "the policy could not be read");
    let Ok(Value::Object(mut all)) = serde_json::to_value(&instance.policy) else {
        return Err(unreadable());
    };
    all.extend(keys.clone());
    let read = document::read_value(&Value::Object(all), "", instance::read::policy);
    instance.policy = read.map_err(|faults| faults.into_iter().next().unwrap_or_else(unreadable))?;
    Ok(())
}

/// The site that asks for most minutes of a discipline; the first in the order of the instance when several do.
fn busiest_site(instance: &Instance, discipline: &str) -> Option<String> {
    let mut asked: BTreeMap<&str, u64> = BTreeMap::new();
    for request in instance.requests.iter().filter(|request| request.discipline == discipline) {
        *asked.entry(request.site.as_str()).or_default() += u64::from(request.minutes_per_week.min(MINUTES_MAX));
    }
    let most = *asked.values().max()?;
    instance.sites.iter().find(|site| asked.get(site.code.as_str()) == Some(&most)).map(|site| site.code.clone())
}

/// `NEW-SLP-1`, or the next number that is free.
fn free_code(instance: &Instance, discipline: &str) -> String {
    let taken = |code: &String| instance.specialists.iter().any(|specialist| specialist.code == *code);
    let mut number = 1_u32;
    loop {
        let code = format!("NEW-{discipline}-{number}");
        if !taken(&code) {
            return code;
        }
        number += 1;
    }
}
