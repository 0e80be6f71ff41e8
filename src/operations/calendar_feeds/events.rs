//! What a calendar shows: visits, those that were dropped, drives between schools, and time away.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::db::calendar_events::Whose;
use crate::db::{self, ReadTx};
use crate::domain::calendar::{Interval, WallClock};
use crate::domain::calendar_feed::{
    CANCELLED_KEPT, CalendarFeedFields, CalendarVisit, DAYS_BACK, Standing, cover_identity, identities, sequence,
};
use crate::domain::dated_visit::{DatedVisitState, is_in_indirect_week};
use crate::domain::discipline::service_word;
use crate::domain::ids::{PlanId, SiteId, SpecialistId};
use crate::domain::text::in_minutes;
use crate::domain::time_away::TimeAway;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::reports::icalendar::{FeedCalendar, FeedEvent, When};

/// The calendar of a link.
pub(super) fn calendar(
    tx: &mut ReadTx,
    ctx: &Context,
    fields: &CalendarFeedFields,
) -> Result<FeedCalendar, OperationError> {
    let from = ctx.today() - DAYS_BACK;
    let whose = match (fields.specialist_id, fields.site_id) {
        (Some(specialist), _) => Whose::Specialist(specialist),
        (None, Some(site)) => Whose::Site(site),
        (None, None) => return Err(OperationError::NotFound),
    };
    let mut standing = db::calendar_events::standing(tx, whose, from)?;
    // What was never to take place is nothing to cancel.
    standing.retain(|visit| match &visit.standing {
        Standing::Stands { state, reason } => !is_in_indirect_week(*state, reason),
        _ => true,
    });
    let dropped = db::calendar_events::dropped(tx, whose, from, ctx.now - CANCELLED_KEPT)?;
    let told = Told::read(tx, ctx, whose, &standing)?;
    let mut events = told.visits(&standing, &dropped);
    let mut name = "Co-op visits".to_owned();
    match whose {
        Whose::Specialist(id) => {
            name = "My co-op visits".to_owned();
            if fields.with_drives {
                events.extend(drives(tx, &told, &standing)?);
            }
            for away in db::time_away::list(tx, Some(id))?.iter().filter(|away| away.fields.ends_on >= from) {
                events.extend(away_events(away));
            }
        }
        Whose::Site(id) => {
            if let Some(site) = db::sites::find(tx, id)? {
                name = format!("Co-op visits at {}", site.fields.name);
            }
        }
    }
    events.sort_by(|one, two| (&one.when, &one.uid).cmp(&(&two.when, &two.uid)));
    let domain = ctx.settings.mail_domain().to_owned();
    Ok(FeedCalendar { zone: ctx.settings.time_zone, name, from, domain, events })
}

/// What is known beside the visits.
struct Told<'a> {
    ctx: &'a Context,
    whose: Whose,
    /// Plans by when they were published, and how many of their term were published or taken back before.
    plans: HashMap<PlanId, (DateTime<Utc>, i64)>,
    /// Names of those who come to a site, or cover for the specialist.
    names: HashMap<SpecialistId, String>,
}

impl<'a> Told<'a> {
    fn read(
        tx: &mut ReadTx,
        ctx: &'a Context,
        whose: Whose,
        visits: &[CalendarVisit],
    ) -> Result<Told<'a>, OperationError> {
        let mut found = db::plans::list(tx, false, db::PageRequest::ALL)?.items;
        found.sort_by_key(|plan| plan.published_at);
        // A plan that was taken back had its turn, and taking it back is one more.
        let mut before = db::terms::plans_taken_back(tx)?;
        before.values_mut().for_each(|taken_back| *taken_back *= 2);
        let mut plans = HashMap::new();
        for plan in found {
            let before: &mut i64 = before.entry(plan.term_id).or_default();
            plans.insert(plan.id, (plan.published_at.unwrap_or(plan.updated_at), *before));
            *before += 1;
        }
        let mut named: BTreeSet<SpecialistId> = visits.iter().filter_map(|visit| visit.covered_by).collect();
        if matches!(whose, Whose::Site(_)) {
            named.extend(visits.iter().map(|visit| visit.specialist_id));
        }
        let mut names = HashMap::new();
        for id in named {
            names.extend(db::specialists::find(tx, id)?.map(|person| (id, person.fields.name)));
        }
        Ok(Told { ctx, whose, plans, names })
    }

    /// When a plan was published, and how many of its term were published or taken back before.
    fn plan(&self, id: PlanId) -> (DateTime<Utc>, i64) {
        self.plans.get(&id).copied().unwrap_or((DateTime::UNIX_EPOCH, 0))
    }

    /// Every visit that stands, and of those that were dropped what no standing one took the place of.
    fn visits(&self, standing: &[CalendarVisit], dropped: &[CalendarVisit]) -> Vec<FeedEvent> {
        let named = identities(&standing.iter().collect::<Vec<_>>());
        let mut uids: HashSet<String> = HashSet::new();
        let mut events = Vec::new();
        for (visit, identity) in standing.iter().zip(named) {
            let uid = if self.is_cover(visit) { cover_identity(visit.id) } else { identity };
            events.push(self.event(visit, uid.clone()));
            uids.insert(uid);
        }
        // Numbered plan by plan, as they stood there; what was dropped last tells.
        let mut by_plan: BTreeMap<(DateTime<Utc>, PlanId), Vec<&CalendarVisit>> = BTreeMap::new();
        for visit in dropped {
            by_plan.entry((self.plan(visit.plan_id).0, visit.plan_id)).or_default().push(visit);
        }
        for visits in by_plan.values().rev() {
            for (visit, uid) in visits.iter().rev().zip(identities(visits).into_iter().rev()) {
                if uids.insert(uid.clone()) {
                    events.push(self.event(visit, uid));
                }
            }
        }
        events
    }

    /// Whether the person whose calendar this is comes in place of another.
    fn is_cover(&self, visit: &CalendarVisit) -> bool {
        matches!(self.whose, Whose::Specialist(id) if id != visit.specialist_id)
    }

    fn event(&self, visit: &CalendarVisit, uid: String) -> FeedEvent {
        let (published_at, before) = self.plan(visit.plan_id);
        let service = service_word(&visit.discipline);
        let mut title = match self.whose {
            Whose::Specialist(_) => format!("{}: {service}, {}", visit.site_name, visit.request_code),
            Whose::Site(_) => {
                let who = self.names.get(&visit.covered_by.unwrap_or(visit.specialist_id));
                format!(
                    "{service}, {}: {}",
                    visit.request_code,
                    who.map_or(visit.specialist_code.as_str(), String::as_str)
                )
            }
        };
        let why_not = self.why_not(visit);
        let mut description = match &why_not {
            Some(why) => why.clone(),
            None => in_minutes(i64::from(visit.time.minutes())),
        };
        if why_not.is_none() && self.is_cover(visit) {
            description.push_str(". You cover this visit");
        }
        if let Whose::Specialist(_) = self.whose {
            let log = format!("{}/me/log/{}", self.ctx.settings.public_url, visit.visit_on);
            description.push_str(&format!("\nLog minutes: {log}"));
        }
        if why_not.is_some() {
            title.insert_str(0, "Cancelled: ");
        }
        let separator = if visit.site_address.is_empty() { "" } else { ", " };
        FeedEvent {
            uid,
            sequence: sequence(before, visit.revision),
            changed_at: visit.changed_at.unwrap_or(published_at),
            when: When::Time(visit.visit_on, visit.time),
            title,
            location: format!("{}{separator}{}", visit.site_name, visit.site_address),
            description,
            is_cancelled: why_not.is_some(),
        }
    }

    /// Why a visit does not take place for whoever looks at this calendar; nothing where it does.
    fn why_not(&self, visit: &CalendarVisit) -> Option<String> {
        let Standing::Stands { state, reason } = &visit.standing else {
            let is_cover = visit.standing == Standing::CoverTakenBack;
            return Some(if is_cover { "You no longer cover this visit" } else { "No longer planned" }.to_owned());
        };
        let with_reason = |words: &str| if reason.is_empty() { words.to_owned() } else { format!("{words}: {reason}") };
        match (state, visit.covered_by) {
            (DatedVisitState::Closed, _) => Some(with_reason("The school is closed")),
            (DatedVisitState::EarlyRelease, _) => Some(with_reason("Early release")),
            (DatedVisitState::NotCovered, _) => Some("Nobody comes".to_owned()),
            (DatedVisitState::Planned, Some(cover)) if matches!(self.whose, Whose::Specialist(id) if id != cover) => {
                let who = self.names.get(&cover).map_or("somebody else", String::as_str);
                Some(format!("Covered by {who}"))
            }
            (DatedVisitState::Planned, _) => None,
        }
    }
}

/// The known drives between visits of a day at different schools, so that each ends when the next visit begins.
fn drives(tx: &mut ReadTx, told: &Told<'_>, visits: &[CalendarVisit]) -> Result<Vec<FeedEvent>, OperationError> {
    let mut visits: Vec<&CalendarVisit> = visits.iter().filter(|visit| told.why_not(visit).is_none()).collect();
    visits.sort_by_key(|visit| (visit.visit_on, visit.time.starts));
    let mut known: HashMap<(SiteId, SiteId), Option<i64>> = HashMap::new();
    let mut events = Vec::new();
    for pair in visits.windows(2) {
        let &[before, next] = pair else { continue };
        if before.visit_on != next.visit_on || before.site_id == next.site_id {
            continue;
        }
        let minutes = match known.get(&(before.site_id, next.site_id)) {
            Some(minutes) => *minutes,
            None => {
                let found = db::travel::find(tx, before.site_id, next.site_id)?.map(|drive| drive.fields.minutes);
                known.insert((before.site_id, next.site_id), found);
                found
            }
        };
        let Some(minutes) = minutes.filter(|minutes| *minutes > 0) else { continue };
        let earlier = u16::try_from(minutes).unwrap_or(u16::MAX);
        let starts = next.time.starts.minutes().saturating_sub(earlier);
        let Some(starts) = WallClock::from_minutes(starts) else { continue };
        let (published_at, plans_before) = told.plan(next.plan_id);
        events.push(FeedEvent {
            uid: format!("drive-{}", next.id),
            sequence: sequence(plans_before, before.revision + next.revision),
            changed_at: before.changed_at.max(next.changed_at).unwrap_or(published_at),
            when: When::Time(next.visit_on, Interval { starts, ends: next.time.starts }),
            title: format!("Drive to {}, {minutes} min", next.site_name),
            location: String::new(),
            description: format!("From {}", before.site_name),
            is_cancelled: false,
        });
    }
    Ok(events)
}

/// Time away as all-day events, or as a time of each day. The class of the reason stays out: whoever has the link reads it.
fn away_events(away: &TimeAway) -> Vec<FeedEvent> {
    let fields = &away.fields;
    let event = |uid: String, when: When| FeedEvent {
        uid,
        sequence: away.version,
        changed_at: away.updated_at,
        when,
        title: "Away".to_owned(),
        location: String::new(),
        description: String::new(),
        is_cancelled: false,
    };
    match fields.starts.zip(fields.ends) {
        None => vec![event(format!("away-{}", away.id), When::Days(fields.starts_on, fields.ends_on))],
        Some((starts, ends)) => {
            let days = (fields.ends_on - fields.starts_on).num_days();
            let day = |day: i64| -> (NaiveDate, When) {
                let date = fields.starts_on + TimeDelta::days(day);
                (date, When::Time(date, Interval { starts, ends }))
            };
            (0..=days).map(day).map(|(date, when)| event(format!("away-{}-{date}", away.id), when)).collect()
        }
    }
}
