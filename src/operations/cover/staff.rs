//! Everybody who could come, with the week that each has.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::Weekday;
use crate::domain::cover::{CREDENTIAL_VALID, Objection, QUALIFIED, REQUEST_KNOWN, SCHOOL_OPEN, SPECIALIST_THERE};
use crate::domain::dated_visit::{CREDENTIAL_ENDED, DatedVisit, DatedVisitState, Facts, outcome};
use crate::domain::ids::{DatedVisitId, PlanId, SpecialistId};
use crate::domain::service_request::Mode;
use crate::domain::specialist::{Holding, Specialist};
use crate::operations::{Context, OperationError, dated_visits, instance, overview};
use crate::planning::fit::{WeekSoFar, extra_drive_minutes, objections};
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
    pub objections: Vec<Objection>,
    /// Whether nothing does if it is given by video.
    pub is_free_by_video: bool,
    /// Minutes of driving that it adds.
    pub extra_drive_minutes: i64,
    /// Direct minutes of the week without it.
    pub week_minutes: i64,
}

/// A dated visit in the words of the planner, and who comes.
type Placed = (DatedVisitId, SpecialistId, Visit);

/// What somebody does in a week, and what is wrong with it already.
#[derive(Debug)]
struct Week {
    ids: Vec<DatedVisitId>,
    visits: Vec<Visit>,
    counted: WeekSoFar,
}

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
    /// Weeks of one person that were counted: many times are tried in each.
    counted: HashMap<(SpecialistId, NaiveDate), Rc<Week>>,
}

impl Staff {
    /// Reads everything that does not depend on a week.
    pub fn read(tx: &mut ReadTx, ctx: &Context, plan: PlanId) -> Result<Staff, OperationError> {
        let plan = db::plans::find(tx, plan)?.ok_or(OperationError::NotFound)?;
        let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
        let mut instance = instance::build(tx, ctx, &term)?;
        // Requests that ended since are still visited until another plan is followed.
        let before = overview::read_instance(tx, &plan)?;
        let is_known = |code: &str| instance.requests.iter().any(|one| one.code == code);
        let has_site = |code: &str| instance.sites.iter().any(|one| one.code == code);
        let ended: Vec<_> =
            before.requests.into_iter().filter(|one| !is_known(&one.code) && has_site(&one.site)).collect();
        instance.requests.extend(ended);
        let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
        let facts = dated_visits::facts(tx, ctx)?;
        Ok(Staff { plan: plan.id, instance, facts, people, weeks: HashMap::new(), counted: HashMap::new() })
    }

    /// Everybody in the instance who holds the discipline and the qualifications of a visit on its day.
    pub fn who_can(&self, visit: &DatedVisit) -> Vec<Person> {
        let planned: BTreeMap<&str, _> = self.instance.specialists.iter().map(|one| (one.code.as_str(), one)).collect();
        let people = self.people.iter().filter(|person| self.holds(person, visit));
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

    fn holds(&self, person: &Specialist, visit: &DatedVisit) -> bool {
        let asked = self.instance.requests.iter().find(|one| one.code == visit.service_request_code);
        let qualifications = asked.map(|one| one.qualifications.as_slice()).unwrap_or_default();
        let held =
            |list: &[Holding], code: &str| list.iter().any(|one| one.code == code && one.is_held_on(visit.visit_on));
        held(&person.fields.disciplines, &visit.discipline)
            && qualifications.iter().all(|code| held(&person.fields.qualifications, code))
    }

    /// Somebody else who holds what a visit needs and is there on its day.
    ///
    /// # Errors
    /// Who it is, and the fact that speaks against them.
    pub fn who_is_there(&self, id: SpecialistId, visit: &DatedVisit) -> Result<Person, (String, Objection)> {
        let Some(person) = self.people.iter().find(|one| one.id == id) else {
            return Err((
                "This specialist".to_owned(),
                Objection::new(SPECIALIST_THERE, "There is no such specialist."),
            ));
        };
        let against = |rule: &str, why: &str| Err((person.fields.code.clone(), Objection::new(rule, why)));
        if id == visit.specialist_id {
            return against(SPECIALIST_THERE, "The visit is theirs, and they are away.");
        }
        if !self.holds(person, visit) {
            return against(QUALIFIED, "Does not hold what the request needs on that day.");
        }
        match outcome(&visit.of_week(id), visit.visit_on, &self.facts) {
            (DatedVisitState::Planned, _) => {}
            (DatedVisitState::Closed | DatedVisitState::EarlyRelease, _) => {
                return against(SCHOOL_OPEN, "The school is closed at that time.");
            }
            (DatedVisitState::NotCovered, why) if why == CREDENTIAL_ENDED => {
                return against(CREDENTIAL_VALID, "The credential is not valid on that day.");
            }
            (DatedVisitState::NotCovered, _) => {
                return against(SPECIALIST_THERE, "Is away or has no contract on that day.");
            }
        }
        match self.who_can(visit).into_iter().find(|one| one.id == id) {
            Some(person) => Ok(person),
            None => against(SPECIALIST_THERE, "Has no contract or hours in this term that can be planned."),
        }
    }

    /// Whether the visit takes place if this person comes: an open school, a contract, and not away.
    pub fn is_there(&self, person: SpecialistId, visit: &DatedVisit) -> bool {
        outcome(&visit.of_week(person), visit.visit_on, &self.facts).0 == DatedVisitState::Planned
    }

    /// How the visit would fit into the week that this person has.
    pub fn fit(
        &mut self,
        tx: &mut ReadTx,
        ctx: &Context,
        person: &Person,
        visit: &DatedVisit,
    ) -> Result<Fit, OperationError> {
        let week = self.week_of(tx, ctx, person.id, visit)?;
        let Some(new) = self.placed(&person.code, visit) else {
            let words = "The request is not known to the planner any more, so that nobody can say whether it fits.";
            let objections = vec![Objection::new(REQUEST_KNOWN, words)];
            return Ok(Fit { objections, is_free_by_video: false, extra_drive_minutes: 0, week_minutes: 0 });
        };
        let broken = objections(&self.instance, (&week.visits, &week.counted), &new);
        let is_free_by_video = !broken.is_empty() && self.fits_by_video(person, visit, &week);
        Ok(Fit {
            extra_drive_minutes: extra_drive_minutes(&self.instance, (&week.visits, &week.counted), &new),
            week_minutes: week.visits.iter().map(|one| i64::from(one.minutes())).sum(),
            objections: once(&broken),
            is_free_by_video,
        })
    }

    fn fits_by_video(&mut self, person: &Person, visit: &DatedVisit, week: &Week) -> bool {
        let request = self.instance.requests.iter_mut().find(|one| one.code == visit.service_request_code);
        let Some(request) = request.filter(|one| one.mode == Mode::InPerson) else { return false };
        request.mode = Mode::Teletherapy;
        let fits = self.placed(&person.code, visit).is_some_and(|new| {
            // The person's own visits for this request, if any, would be by video too; that is somebody else's case.
            let same = week.visits.iter().any(|one| one.request == new.request);
            !same && objections(&self.instance, (&week.visits, &week.counted), &new).is_empty()
        });
        if let Some(request) = self.instance.requests.iter_mut().find(|one| one.code == visit.service_request_code) {
            request.mode = Mode::InPerson;
        }
        fits
    }

    /// What this person does in the week of a visit, without the visit itself.
    fn week_of(
        &mut self,
        tx: &mut ReadTx,
        ctx: &Context,
        person: SpecialistId,
        visit: &DatedVisit,
    ) -> Result<Rc<Week>, OperationError> {
        let date = visit.visit_on;
        let monday = date - TimeDelta::days(i64::from(date.weekday().num_days_from_monday()));
        if let Some(week) = self.counted.get(&(person, monday))
            && !week.ids.contains(&visit.id)
        {
            return Ok(Rc::clone(week));
        }
        if !self.weeks.contains_key(&monday) {
            let week = self.read_week(tx, ctx, monday)?;
            self.weeks.insert(monday, week);
        }
        let all = self.weeks.get(&monday).map(Vec::as_slice).unwrap_or_default();
        let own = all.iter().filter(|(id, who, _)| *who == person && *id != visit.id);
        let (ids, visits): (Vec<_>, Vec<_>) = own.map(|(id, _, visit)| (*id, visit.clone())).unzip();
        let has_it = all.iter().any(|(id, who, _)| *who == person && *id == visit.id);
        let week = Rc::new(Week { counted: WeekSoFar::count(&self.instance, &visits), ids, visits });
        // Without the visit itself it is the week for this visit only.
        if !has_it {
            self.counted.insert((person, monday), Rc::clone(&week));
        }
        Ok(week)
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
            let who = visit.given_by();
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
fn once(broken: &[BrokenRule]) -> Vec<Objection> {
    let mut objections: Vec<Objection> = Vec::new();
    for one in broken {
        let objection = Objection::new(one.rule.name(), sentence(one.rule));
        if !objections.contains(&objection) {
            objections.push(objection);
        }
    }
    objections
}

fn sentence(rule: Rule) -> String {
    let words = match rule {
        Rule::VisitWithinAvailability => "Does not work at this time.",
        Rule::SpecialistInOnePlace => "Has another visit then, or no time for the drive.",
        Rule::SpecialistDayWithinLimit => "The day would be longer than the contract allows.",
        Rule::SpecialistWeekWithinContract => "The week would be longer than the contract allows.",
        Rule::LendableWithinLimit => "The district that employs them lends no more minutes.",
        Rule::SitesPerDay => "Too many schools on this day.",
        Rule::NoReturnToSite => "Would leave a school and come back to it.",
        Rule::TravelWithinDay => "Too much driving on this day.",
        Rule::SiteWithinReach => "The school is too far from where the day starts.",
        Rule::CredentialValid => "The licence or certificate is not valid then.",
        Rule::BreakKept => "No time is left for a break.",
        Rule::StayLongEnough => "The stay is too short for the drive.",
        Rule::MemberShareWithinLimit => "One district would get too large a part of this week.",
        Rule::EvaluationBlockKept => "No piece of the week would be left for evaluations.",
        Rule::AssistantSupervised => "No supervisor works at this time.",
        rule => return format!("It would break the rule {rule}."),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cover::can_be_overruled;

    #[test]
    fn every_rule_of_the_planner_that_is_no_limit_is_a_fact() {
        let facts: Vec<&str> = Rule::ALL.map(Rule::name).into_iter().filter(|name| !can_be_overruled(name)).collect();
        let expected = [
            "only_qualified_specialist",
            "visit_within_window",
            "visit_length",
            "one_visit_per_request_and_day",
            "request_not_exceeded",
            "specialist_in_one_place",
            "sites_within_cap",
            "requests_within_cap",
            "assistant_supervised",
            "credential_valid",
            "fixed_visits_stand",
            "no_lender_worse_than_alone",
            "visit_at_request_site",
            "unknown_code",
            "totals",
            "shortfalls",
            "bounds",
        ];
        assert_eq!(facts, expected);
    }
}
