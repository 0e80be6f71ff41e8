//! Weekly visits of a specialist through the plans of a term, so that people's calendars are told of what begins and what
//! ends, and of nothing that stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{News, time};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::{Interval, Weekday};
use crate::domain::discipline::service_word;
use crate::domain::ids::{ServiceRequestId, SpecialistId};
use crate::domain::plan::{Plan, Visit};
use crate::domain::specialist::Specialist;
use crate::domain::text::in_minutes;
use crate::operations::dated_visits;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::reports::icalendar::{Invitation, Participant, WeeklySeries, invitation};

/// A visit at the same time of every week.
type Key = (SpecialistId, ServiceRequestId, Weekday, Interval);

/// Since when a visit is in the plans without a break.
#[derive(Debug)]
struct Since {
    /// How many plans of the term were published before the one that brought it.
    plans_before: usize,
    from: NaiveDate,
    /// Dates on which it does not take place.
    off: BTreeSet<NaiveDate>,
    visit: Visit,
}

/// What a plan holds, and what ends with it.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// How many plans of the term were published before: series that are in the plans since it begin with it.
    plans_before: usize,
    present: BTreeMap<Key, Since>,
    ends: BTreeMap<Key, Since>,
}

impl Series {
    /// Follows the published plans of a term up to the last one.
    pub(super) fn read(tx: &mut ReadTx, plan: &Plan) -> Result<Series, OperationError> {
        let mut plans = db::plans::list(tx, false, PageRequest::ALL)?.items;
        plans.retain(|one| one.term_id == plan.term_id);
        plans.sort_by_key(|one| one.published_at);
        let mut series = Series::default();
        for (plans_before, plan) in plans.iter().enumerate() {
            let Some(from) = plan.effective_from else { continue };
            let off = dated_visits::off_days(tx, plan.id, from)?;
            let (mut before, mut present) = (series.present, BTreeMap::new());
            for visit in db::visits::list(tx, plan.id, &Scope::All, PageRequest::ALL)?.items {
                let key = (visit.specialist_id, visit.service_request_id, visit.weekday, time(&visit));
                let off = off.get(&visit.id).into_iter().flatten().copied();
                let new = || Since { plans_before, from, off: BTreeSet::new(), visit };
                let mut since = before.remove(&key).unwrap_or_else(new);
                since.off.extend(off);
                present.insert(key, since);
            }
            series = Series { plans_before, present, ends: before };
        }
        Ok(series)
    }

    /// The invitations of a specialist: to what begins, and to what ends before the plan's first day.
    pub(super) fn invitations(&self, ctx: &Context, news: &News, plan: &Plan, person: &Specialist) -> Vec<String> {
        let own = |series: &&Since| series.visit.specialist_id == person.id;
        let begins = self.present.values().filter(|since| since.plans_before == self.plans_before);
        let begins = begins.filter(own).map(|since| (since, news.until, 0));
        let ends = self.ends.values().filter(own).map(|since| (since, news.starts_on, 1));
        let (organizer, address) = &ctx.settings.mail_from;
        begins
            .chain(ends)
            .map(|(since, until, sequence)| Invitation {
                zone: ctx.settings.time_zone,
                domain: ctx.settings.mail_domain().to_owned(),
                organizer: Participant { name: organizer.clone(), address: address.clone() },
                attendee: Participant { name: person.fields.name.clone(), address: person.fields.email.clone() },
                published_at: plan.published_at.unwrap_or(ctx.now),
                sequence,
                series: weekly(since, &person.fields.code, until),
            })
            .map(|facts| invitation(&facts))
            .collect()
    }
}

fn weekly(since: &Since, person: &str, until: NaiveDate) -> WeeklySeries {
    let visit = &since.visit;
    let service = service_word(&visit.discipline);
    let request = &visit.service_request_code;
    let starts = visit.starts.to_string().replace(':', "");
    WeeklySeries {
        key: format!("weekly-{request}-{person}-{}-{starts}-{}", visit.weekday, since.plans_before),
        weekday: visit.weekday,
        time: time(visit),
        from: since.from,
        until,
        except: since.off.iter().copied().collect(),
        title: format!("{}: {service}, {request}", visit.site_name),
        location: visit.site_name.clone(),
        description: format!("{service}, {}", in_minutes(visit.minutes())),
    }
}
