//! Weekly visits of a specialist through the plans of a term, so that people's calendars are told of what begins and what
//! ends, and of nothing that stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{News, host, time};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::{Interval, Weekday};
use crate::domain::discipline::service_word;
use crate::domain::ids::{ServiceRequestId, SpecialistId};
use crate::domain::plan::{Plan, Visit};
use crate::domain::specialist::Specialist;
use crate::operations::dated_visits;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::reports::icalendar::{Invitation, Participant, WeeklySeries, invitation};

/// A visit at the same time of every week.
type Key = (SpecialistId, ServiceRequestId, Weekday, Interval);

/// Since when a visit is in the plans without a break.
#[derive(Debug, Clone)]
struct Since {
    /// How many plans of the term were published before the one that brought it.
    plans_before: usize,
    from: NaiveDate,
    /// Dates on which it does not take place.
    off: BTreeSet<NaiveDate>,
    visit: Visit,
}

/// What begins and what ends with a plan.
#[derive(Debug, Default)]
pub(super) struct Series {
    begins: BTreeMap<Key, Since>,
    ends: BTreeMap<Key, Since>,
}

impl Series {
    /// Follows the published plans of a term up to the last one.
    pub(super) fn read(tx: &mut ReadTx, plan: &Plan) -> Result<Series, OperationError> {
        let mut plans = db::plans::list(tx, false, PageRequest::ALL)?.items;
        plans.retain(|one| one.term_id == plan.term_id);
        plans.sort_by_key(|one| one.published_at);
        let (mut present, mut series) = (BTreeMap::<Key, Since>::new(), Series::default());
        for (plans_before, plan) in plans.iter().enumerate() {
            let Some(from) = plan.effective_from else { continue };
            let off = dated_visits::off_days(tx, plan.id, from)?;
            let mut now = BTreeMap::new();
            series = Series::default();
            for visit in db::visits::list(tx, plan.id, &Scope::All, PageRequest::ALL)?.items {
                let key = (visit.specialist_id, visit.service_request_id, visit.weekday, time(&visit));
                let off = off.get(&visit.id).into_iter().flatten().copied();
                let mut since = present.remove(&key).unwrap_or_else(|| {
                    let since = Since { plans_before, from, off: BTreeSet::new(), visit };
                    series.begins.insert(key, since.clone());
                    since
                });
                since.off.extend(off.clone());
                if let Some(begins) = series.begins.get_mut(&key) {
                    begins.off.extend(off);
                }
                now.insert(key, since);
            }
            series.ends = std::mem::replace(&mut present, now);
        }
        Ok(series)
    }

    /// The invitations of a specialist: to what begins, and to what ends before the plan's first day.
    pub(super) fn invitations(&self, ctx: &Context, news: &News, plan: &Plan, person: &Specialist) -> Vec<String> {
        let own = |series: &&Since| series.visit.specialist_id == person.id;
        let begins = self.begins.values().filter(own).map(|since| (since, news.until, 0));
        let ends = self.ends.values().filter(own).map(|since| (since, news.starts_on, 1));
        let (organizer, address) = &ctx.settings.mail_from;
        begins
            .chain(ends)
            .map(|(since, until, sequence)| Invitation {
                zone: ctx.settings.time_zone,
                domain: host(address).to_owned(),
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
        description: format!("{service}, {} minutes", visit.minutes()),
    }
}
