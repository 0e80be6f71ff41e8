//! Writes the e-mails about changes that are due: one a person.

use std::collections::{BTreeMap, HashMap};

use crate::db::schedule_news::{self as rows, News};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::account::Account;
use crate::domain::actor::Scope;
use crate::domain::dated_visit::{DatedVisitKind, TIME_TAKEN};
use crate::domain::discipline::service_word;
use crate::domain::ids::{AccountId, MemberId, ScheduleNewsId, ServiceRequestId, SiteId, SpecialistId};
use crate::domain::member::Member;
use crate::domain::schedule_news::{Reader, Told, next_summary};
use crate::domain::specialist::Specialist;
use crate::mail::message::{ChangeOfVisit, ScheduleChanged, VisitChange};
use crate::operations::error::OperationError;
use crate::operations::notices;
use crate::operations::runner::Context;

/// Writes what is due into the outbox and takes it off the list; how many e-mails.
pub(super) fn send(tx: &mut WriteTx, ctx: &Context) -> Result<usize, OperationError> {
    let due = rows::due(tx, ctx.now)?;
    if due.is_empty() {
        return Ok(0);
    }
    let names = Names::read(tx, &due)?;
    // What is over, and what was for somebody who is there no more, is told to nobody.
    let mut gone: Vec<ScheduleNewsId> = Vec::new();
    // What a new plan dropped meanwhile waits: the plan may be taken back. If it stays, its e-mails tell enough.
    let mut waiting: Vec<ScheduleNewsId> = Vec::new();
    let standing = rows::standing(tx, &due.iter().map(|news| news.visit).collect::<Vec<_>>())?;
    let mut letters: BTreeMap<String, (Addressee, Vec<News>)> = BTreeMap::new();
    for news in due {
        if news.news != Told::Nothing && !standing.contains(&news.visit) && news.visit_on >= ctx.today() {
            waiting.push(news.id);
            continue;
        }
        match names.addressee(news.reader).filter(|_| news.visit_on >= ctx.today()) {
            Some(to) => letters.entry(to.address.clone()).or_insert_with(|| (to, Vec::new())).1.push(news),
            None => gone.push(news.id),
        }
    }
    rows::remove(tx, &gone)?;
    rows::postpone(tx, &waiting, next_summary(ctx.settings.time_zone, ctx.now))?;
    let mut written = 0;
    for (address, (to, news)) in letters {
        let ids: Vec<ScheduleNewsId> = news.iter().map(|one| one.id).collect();
        let is_summary = news.iter().all(|one| !one.at_once);
        let event = match (is_summary, ids.first()) {
            (true, _) => format!("summary/{}", ctx.today()),
            (false, Some(first)) => format!("change/{first}"),
            (false, None) => continue,
        };
        if is_summary && notices::is_written(tx, ctx, ("schedule_changed", &event), &address)? {
            // After a standstill: one summary a day all the same.
            rows::postpone(tx, &ids, next_summary(ctx.settings.time_zone, ctx.now))?;
            continue;
        }
        let mail = names.mail(ctx, &to, &news);
        notices::schedule_changed(tx, ctx, &event, (&to.name, &address), &mail)?;
        rows::remove(tx, &ids)?;
        written += 1;
    }
    Ok(written)
}

/// Who gets an e-mail.
struct Addressee {
    name: String,
    address: String,
    has_account: bool,
    /// The own week, where there is one.
    week: Option<String>,
}

/// What the e-mails call people, places and requests.
struct Names {
    accounts: HashMap<AccountId, Account>,
    members: HashMap<MemberId, Member>,
    specialists: HashMap<SpecialistId, Specialist>,
    sites: HashMap<SiteId, String>,
    /// Code and discipline.
    requests: HashMap<ServiceRequestId, (String, String)>,
}

impl Names {
    fn read(tx: &mut ReadTx, due: &[News]) -> Result<Names, OperationError> {
        let all = PageRequest::ALL;
        let mut requests = HashMap::new();
        for news in due {
            if !requests.contains_key(&news.service_request_id)
                && let Some(found) = db::service_requests::find(tx, news.service_request_id)?
            {
                requests.insert(found.id, (found.code, found.fields.discipline));
            }
        }
        Ok(Names {
            accounts: db::accounts::list(tx, all)?.items.into_iter().map(|one| (one.id, one)).collect(),
            members: db::members::list(tx, &Scope::All, all)?.items.into_iter().map(|one| (one.id, one)).collect(),
            specialists: db::specialists::list(tx, &Scope::All, all)?
                .items
                .into_iter()
                .map(|one| (one.id, one))
                .collect(),
            sites: db::sites::list(tx, &Scope::All, all)?
                .items
                .into_iter()
                .map(|one| (one.id, one.fields.name))
                .collect(),
            requests,
        })
    }

    fn addressee(&self, reader: Reader) -> Option<Addressee> {
        match reader {
            Reader::Coordinator(id) => {
                let fields = &self.accounts.get(&id).filter(|account| !account.fields.disabled)?.fields;
                let (name, address) = (fields.name.clone(), fields.email.clone());
                Some(Addressee { name, address, has_account: true, week: None })
            }
            Reader::Contact(id) => {
                let fields = &self.members.get(&id)?.fields;
                let (name, address) = (fields.contact_name.clone(), fields.contact_email.clone());
                Some(Addressee { name, address, has_account: false, week: None })
            }
            Reader::Specialist(id) => {
                let fields = &self.specialists.get(&id)?.fields;
                let has_account = self.accounts.values().any(|account| {
                    !account.fields.disabled && account.fields.roles.iter().any(|role| role.specialist_id() == Some(id))
                });
                let (name, address) = (fields.name.clone(), fields.email.clone());
                Some(Addressee { name, address, has_account, week: Some(fields.code.clone()) })
            }
        }
    }

    fn person(&self, id: SpecialistId) -> String {
        self.specialists.get(&id).map(|one| one.fields.name.clone()).unwrap_or_default()
    }

    fn mail(&self, ctx: &Context, to: &Addressee, news: &[News]) -> ScheduleChanged {
        let mut changes: Vec<VisitChange> = news.iter().map(|one| self.change(one)).collect();
        changes.sort_by(|one, two| {
            (one.visit_on, one.time, &one.request_code).cmp(&(two.visit_on, two.time, &two.request_code))
        });
        let url = &ctx.settings.public_url;
        let codes: std::collections::BTreeSet<&str> = changes.iter().map(|one| one.request_code.as_str()).collect();
        let link = match (&to.week, codes.first()) {
            (Some(week), _) => format!("{url}/week/{week}"),
            (None, Some(code)) if codes.len() == 1 => format!("{url}/requests/{code}"),
            _ => format!("{url}/requests"),
        };
        ScheduleChanged {
            coop_name: ctx.settings.coop_name.clone(),
            recipient_name: to.name.clone(),
            changes,
            is_own_week: to.week.is_some(),
            has_choice: to.has_account,
            link,
        }
    }

    fn change(&self, news: &News) -> VisitChange {
        let (request_code, discipline) = self.requests.get(&news.service_request_id).cloned().unwrap_or_default();
        let what = match news.reader {
            Reader::Specialist(person) if person == news.specialist_id => of_own(news),
            Reader::Specialist(person) => self.of_cover(news, person),
            Reader::Coordinator(_) | Reader::Contact(_) => self.of_school(news),
        };
        VisitChange {
            visit_on: news.visit_on,
            time: news.time,
            service: service_word(&discipline).to_owned(),
            school: self.sites.get(&news.site_id).cloned().unwrap_or_default(),
            request_code,
            what,
        }
    }

    fn of_school(&self, news: &News) -> ChangeOfVisit {
        let person = self.person(news.specialist_id);
        match news.news {
            Told::CoveredBy(by) => ChangeOfVisit::Covered { by: self.person(by), instead_of: person },
            Told::Closed | Told::EarlyRelease if news.kind == DatedVisitKind::MakeUp => falls_out(&news.reason),
            Told::NotCovered if news.kind == DatedVisitKind::MakeUp && news.reason == TIME_TAKEN => {
                falls_out(TIME_TAKEN)
            }
            // Why somebody cannot come is not said.
            Told::NotCovered if news.kind == DatedVisitKind::MakeUp => falls_out(&format!("{person} cannot come")),
            Told::NotCovered => ChangeOfVisit::NotCovered { person },
            Told::Nothing if news.kind == DatedVisitKind::MakeUp => ChangeOfVisit::MakeUpCancelled,
            Told::TakesPlace if news.told == Told::Nothing => ChangeOfVisit::MakeUpPlanned { person },
            Told::TakesPlace => ChangeOfVisit::TakesPlace { person },
            // Gathering keeps none of these for a school.
            Told::Nothing | Told::Closed | Told::EarlyRelease => ChangeOfVisit::Gone,
        }
    }

    fn of_cover(&self, news: &News, person: SpecialistId) -> ChangeOfVisit {
        if news.news == Told::CoveredBy(person) {
            return ChangeOfVisit::YouCover { instead_of: self.person(news.specialist_id) };
        }
        let why = match news.news {
            Told::Closed | Told::EarlyRelease => format!("The school is closed then: {}.", news.reason),
            Told::TakesPlace => format!("{} comes.", self.person(news.specialist_id)),
            Told::CoveredBy(by) => format!("{} comes.", self.person(by)),
            Told::NotCovered | Told::Nothing => String::new(),
        };
        ChangeOfVisit::NoCoverOfYours { why }
    }
}

fn falls_out(why: &str) -> ChangeOfVisit {
    ChangeOfVisit::MakeUpFallsOut { why: why.to_owned() }
}

/// What a specialist is told of an own visit.
fn of_own(news: &News) -> ChangeOfVisit {
    match news.news {
        Told::Closed | Told::EarlyRelease | Told::NotCovered if news.kind == DatedVisitKind::MakeUp => {
            falls_out(if news.reason.is_empty() { "You cannot come then" } else { &news.reason })
        }
        Told::Closed => ChangeOfVisit::Closed { reason: news.reason.clone() },
        Told::EarlyRelease => ChangeOfVisit::EarlyRelease { reason: news.reason.clone() },
        Told::Nothing => ChangeOfVisit::MakeUpCancelled,
        Told::TakesPlace if news.told == Told::Nothing => ChangeOfVisit::OwnMakeUp,
        Told::TakesPlace if matches!(news.told, Told::CoveredBy(_)) => ChangeOfVisit::YoursAgain,
        Told::TakesPlace | Told::NotCovered | Told::CoveredBy(_) => ChangeOfVisit::OpenAgain,
    }
}
