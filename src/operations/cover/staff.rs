//! Everybody who could come, with the week that each has.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::{Interval, Weekday};
use crate::domain::dated_visit::{DatedVisit, DatedVisitState, Facts, WeeklyVisit, outcome};
use crate::domain::ids::{DatedVisitId, PlanId, SpecialistId};
use crate::domain::service_request::Mode;
use crate::domain::specialist::Specialist;
use crate::operations::{Context, OperationError, dated_visits, instance, overview};
use crate::planning::fit::{extra_drive_minutes, objections};
use crate::planning::plan_document::Visit;
use crate::planning::{BrokenRule, Instance, Rule};

/// Somebody who can be planned.
#[derive(Debug, Clone)]
pub(in crate::operations) struct Person {
    /// Who.
    pub id: SpecialistId,
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// Pay.
    pub cents_per_hour: i64,
    /// Most direct minutes a week.
    pub week_minutes_max: i64,
}

/// How a visit fits into somebody's week.
pub(in crate::operations) struct Fit {
    /// What speaks against it.
    pub objections: Vec<String>,
    /// Whether nothing does if it is given by video.
    pub is_free_by_video: bool,
    /// Minutes of driving that it adds.
    pub extra_drive_minutes: i64,
    /// Direct minutes of the week without it.
    pub week_minutes: i64,
}

/// A dated visit in the words of the planner, and who comes.
type Placed = (DatedVisitId, SpecialistId, Visit);

/// The staff of a plan's term as it is known now.
pub(in crate::operations) struct Staff {
    /// Which plan.
    pub plan: PlanId,
    /// What the planner would be told.
    pub instance: Instance,
    /// What decides whether visits take place.
    pub facts: Facts,
    /// By identity.
    people: Vec<Specialist>,
    /// Weeks that were read, by their Monday.
    weeks: HashMap<NaiveDate, Vec<Placed>>,
}

impl Staff {
    /// Reads everything that does not depend on a week.
    pub fn read(tx: &mut ReadTx, ctx: &Context, plan: PlanId) -> Result<Staff, OperationError> {
        let plan = db::plans::find(tx, plan)?.ok_or(OperationError::NotFound)?;
        let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
        let mut instance = instance::build(tx, ctx, &term)?;
        // Requests that ended since are still visited until another plan is followed.
        let (before, _) = overview::read_files(tx, &plan)?;
        let is_known = |code: &str| instance.requests.iter().any(|one| one.code == code);
        let has_site = |code: &str| instance.sites.iter().any(|one| one.code == code);
        let ended: Vec<_> =
            before.requests.into_iter().filter(|one| !is_known(&one.code) && has_site(&one.site)).collect();
        instance.requests.extend(ended);
        let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
        Ok(Staff { plan: plan.id, instance, facts: dated_visits::facts(tx, ctx)?, people, weeks: HashMap::new() })
    }

    /// Everybody in the instance who holds the discipline and the qualifications of a visit on its day.
    pub fn who_can(&self, visit: &DatedVisit) -> Vec<Person> {
        let asked = self.instance.requests.iter().find(|one| one.code == visit.service_request_code);
        let qualifications = asked.map(|one| one.qualifications.as_slice()).unwrap_or_default();
        let holds = |person: &Specialist| {
            let day = visit.visit_on;
            let held = |list: &[crate::domain::specialist::Holding], code: &str| {
                list.iter().any(|one| one.code == code && one.is_held_on(day))
            };
            held(&person.fields.disciplines, &visit.discipline)
                && qualifications.iter().all(|code| held(&person.fields.qualifications, code))
        };
        let planned: BTreeMap<&str, _> = self.instance.specialists.iter().map(|one| (one.code.as_str(), one)).collect();
        let people = self.people.iter().filter(|person| holds(person));
        people
            .filter_map(|person| {
                let known = planned.get(person.fields.code.as_str())?;
                Some(Person {
                    id: person.id,
                    code: person.fields.code.clone(),
                    name: person.fields.name.clone(),
                    cents_per_hour: known.cost_cents_per_hour,
                    week_minutes_max: i64::from(known.direct_minutes_per_week_max),
                })
            })
            .collect()
    }

    /// Whether the visit takes place if this person comes: an open school, a contract, and not away.
    pub fn is_there(&self, person: SpecialistId, visit: &DatedVisit) -> bool {
        let time = Interval { starts: visit.starts, ends: visit.ends };
        let weekly = WeeklyVisit {
            id: visit.visit_id,
            discipline: visit.discipline.clone(),
            specialist_id: person,
            member_id: visit.member_id,
            site_id: visit.site_id,
            weekday: Weekday::of(visit.visit_on),
            time,
        };
        outcome(&weekly, visit.visit_on, &self.facts).0 == DatedVisitState::Planned
    }

    /// How the visit would fit into the week that this person has.
    pub fn fit(
        &mut self,
        tx: &mut ReadTx,
        ctx: &Context,
        person: &Person,
        visit: &DatedVisit,
    ) -> Result<Fit, OperationError> {
        let mut others = self.week_of(tx, ctx, person.id, visit.visit_on)?;
        others.retain(|(id, _)| *id != visit.id);
        let others: Vec<Visit> = others.into_iter().map(|(_, visit)| visit).collect();
        let Some(new) = self.placed(&person.code, visit) else {
            let words = "The request is not known to the planner any more, so that nobody can say whether it fits.";
            let objections = vec![words.to_owned()];
            return Ok(Fit { objections, is_free_by_video: false, extra_drive_minutes: 0, week_minutes: 0 });
        };
        let broken = objections(&self.instance, &others, &new);
        let is_free_by_video = !broken.is_empty() && self.fits_by_video(person, visit, &others);
        Ok(Fit {
            extra_drive_minutes: extra_drive_minutes(&self.instance, &others, &new),
            week_minutes: others.iter().map(|one| i64::from(one.minutes())).sum(),
            objections: sentences(&broken),
            is_free_by_video,
        })
    }

    fn fits_by_video(&mut self, person: &Person, visit: &DatedVisit, others: &[Visit]) -> bool {
        let request = self.instance.requests.iter_mut().find(|one| one.code == visit.service_request_code);
        let Some(request) = request.filter(|one| one.mode == Mode::InPerson) else { return false };
        request.mode = Mode::Teletherapy;
        let fits = self.placed(&person.code, visit).is_some_and(|new| {
            // The person's own visits for this request, if any, would be by video too; that is somebody else's case.
            let same = others.iter().any(|one| one.request == new.request);
            !same && objections(&self.instance, others, &new).is_empty()
        });
        if let Some(request) = self.instance.requests.iter_mut().find(|one| one.code == visit.service_request_code) {
            request.mode = Mode::InPerson;
        }
        fits
    }

    /// What this person does in the week of a date.
    fn week_of(
        &mut self,
        tx: &mut ReadTx,
        ctx: &Context,
        person: SpecialistId,
        date: NaiveDate,
    ) -> Result<Vec<(DatedVisitId, Visit)>, OperationError> {
        let monday = date - TimeDelta::days(i64::from(date.weekday().num_days_from_monday()));
        if !self.weeks.contains_key(&monday) {
            let week = self.read_week(tx, ctx, monday)?;
            self.weeks.insert(monday, week);
        }
        let week = self.weeks.get(&monday).map(Vec::as_slice).unwrap_or_default();
        let own = week.iter().filter(|(_, who, _)| *who == person);
        Ok(own.map(|(id, _, visit)| (*id, visit.clone())).collect())
    }

    fn read_week(&self, tx: &mut ReadTx, ctx: &Context, monday: NaiveDate) -> Result<Vec<Placed>, OperationError> {
        let filter = db::dated_visits::Filter {
            from: Some(monday),
            until: Some(monday + TimeDelta::days(7)),
            state: Some(DatedVisitState::Planned),
            ..Default::default()
        };
        let zone = ctx.settings.time_zone;
        let visits = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
        let codes: HashMap<SpecialistId, &str> =
            self.people.iter().map(|one| (one.id, one.fields.code.as_str())).collect();
        let placed = visits.iter().filter_map(|visit| {
            let who = visit.covered_by_specialist_id.unwrap_or(visit.specialist_id);
            let planned = self.placed(codes.get(&who)?, visit)?;
            Some((visit.id, who, planned))
        });
        Ok(placed.collect())
    }

    /// A visit in the words of the planner, given by somebody; nothing where the instance does not know one of both.
    pub fn placed(&self, specialist: &str, visit: &DatedVisit) -> Option<Visit> {
        let person = self.instance.specialists.iter().find(|one| one.code == specialist)?;
        let request = self.instance.requests.iter().find(|one| one.code == visit.service_request_code)?;
        let by_video = request.mode == Mode::Teletherapy;
        Some(Visit {
            specialist: specialist.to_owned(),
            request: request.code.clone(),
            site: if by_video { person.home_site.clone() } else { request.site.clone() },
            day: Weekday::of(visit.visit_on),
            starts: visit.starts,
            ends: visit.ends,
        })
    }
}

/// What speaks against it, each thing once.
fn sentences(broken: &[BrokenRule]) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for one in broken {
        let sentence = match one.rule {
            Rule::VisitWithinAvailability => "Does not work at this time.".to_owned(),
            Rule::SpecialistInOnePlace => "Has another visit then, or no time for the drive.".to_owned(),
            Rule::SpecialistDayWithinLimit => "The day would be longer than the contract allows.".to_owned(),
            Rule::SpecialistWeekWithinContract => "The week would be longer than the contract allows.".to_owned(),
            Rule::LendableWithinLimit => "The district that employs them lends no more minutes.".to_owned(),
            Rule::SitesPerDay => "Too many schools on this day.".to_owned(),
            Rule::NoReturnToSite => "Would leave a school and come back to it.".to_owned(),
            Rule::TravelWithinDay => "Too much driving on this day.".to_owned(),
            Rule::SiteWithinReach => "The school is too far from where the day starts.".to_owned(),
            Rule::CredentialValid => "The licence or certificate is not valid then.".to_owned(),
            Rule::BreakKept => "No time is left for a break.".to_owned(),
            Rule::StayLongEnough => "The stay is too short for the drive.".to_owned(),
            Rule::MemberShareWithinLimit => "One district would get too large a part of this week.".to_owned(),
            Rule::EvaluationBlockKept => "No piece of the week would be left for evaluations.".to_owned(),
            Rule::AssistantSupervised => "No supervisor works at this time.".to_owned(),
            rule => format!("It would break the rule {rule}."),
        };
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}
