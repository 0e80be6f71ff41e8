//! Bulk input: a folder of CSV files becomes members, sites, specialists, travel and requests; all of it or nothing.
//!
//! A row whose record exists is compared field by field, so that importing the same folder twice changes nothing.

mod credentials;
mod staff;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use super::access::allow_write;
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use super::{members, sites};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::fault::Fault;
use crate::domain::ids::{MemberId, SiteId, SpecialistId};
use crate::domain::member::{Member, MemberFields};
use crate::domain::service_request::{RequestState, RequestVerb, ServiceRequestFields, VisitMinutes};
use crate::domain::site::{Site, SiteFields};
use crate::domain::specialist::Specialist;
use crate::domain::term::Term;
use crate::domain::travel::TravelFields;
use crate::intake::{self, Intake, Known, estimate};

/// What happened to the rows of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tally {
    /// New records.
    pub created: u32,
    /// Records that differed.
    pub changed: u32,
    /// Records that were the same already.
    pub unchanged: u32,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportSummary {
    /// `members.csv`
    pub members: Tally,
    /// `sites.csv`
    pub sites: Tally,
    /// `specialists.csv`
    pub specialists: Tally,
    /// `availability.csv`, counted by specialist and first day
    pub availability: Tally,
    /// `credentials.csv`
    pub credentials: Tally,
    /// `travel.csv`, and estimates for pairs that it leaves out
    pub travel: Tally,
    /// `requests.csv`
    pub requests: Tally,
}

/// Imports the files, given by name and text. Requests are for the term with that code.
///
/// # Errors
/// [`OperationError::Invalid`] with every fault of every file as `file:line:column: what to do`; then nothing is kept.
pub fn run(
    tx: &mut WriteTx,
    ctx: &Context,
    files: &BTreeMap<String, String>,
    term_code: &str,
) -> Result<ImportSummary, OperationError> {
    allow_write(ctx, Resource::Imports)?;
    let term = db::terms::find_by_code(tx, term_code)?;
    let term = term.ok_or_else(|| {
        OperationError::invalid(
            "/term",
            format!("There is no term {term_code}; enter it first, or take one that exists"),
        )
    })?;
    let known = known(tx)?;
    let bytes = files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect();
    let intake = intake::read(&bytes, &known, &estimate::Settings::default()).map_err(|faults| {
        let faults = faults.iter().map(|fault| Fault::at(format!("/files/{}", fault.file), fault.to_string()));
        OperationError::Invalid(faults.collect())
    })?;
    let mut import = Import { ctx, term, summary: ImportSummary::default(), faults: Vec::new() };
    import.carry_out(tx, &intake)?;
    if !import.faults.is_empty() {
        return Err(OperationError::Invalid(import.faults));
    }
    ctx.trail.about_everybody();
    note(tx, ctx, "import", ("files", &files.keys().cloned().collect::<Vec<_>>().join(" ")), "")?;
    Ok(import.summary)
}

/// The codes that the files may refer to.
fn known(tx: &mut ReadTx) -> Result<Known, OperationError> {
    let all_sites = db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let codes: HashMap<SiteId, String> = all_sites.iter().map(|site| (site.id, site.fields.code.clone())).collect();
    let coordinates = |site: &Site| {
        let (latitude, longitude) = (site.fields.latitude?, site.fields.longitude?);
        Some(estimate::Coordinates::from_degrees(latitude, longitude))
    };
    let drives = db::travel::list(tx, None)?.into_iter();
    Ok(Known {
        member_codes: all_members(tx)?.into_iter().map(|member| member.fields.code).collect(),
        sites: all_sites.iter().map(|site| (site.fields.code.clone(), coordinates(site))).collect(),
        specialist_codes: people.iter().map(|one| one.fields.code.clone()).collect(),
        disciplines: people.iter().flat_map(|one| &one.fields.disciplines).map(|held| held.code.clone()).collect(),
        travel: drives
            .filter_map(|drive| Some((codes.get(&drive.from_site_id)?.clone(), codes.get(&drive.to_site_id)?.clone())))
            .collect(),
    })
}

fn all_members(tx: &mut ReadTx) -> Result<Vec<Member>, OperationError> {
    Ok(db::members::list(tx, &Scope::All, PageRequest::ALL)?.items)
}

/// An import under way.
struct Import<'a> {
    ctx: &'a Context,
    term: Term,
    summary: ImportSummary,
    faults: Vec<Fault>,
}

impl Import<'_> {
    fn carry_out(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        self.members(tx, intake)?;
        self.sites(tx, intake)?;
        self.specialists(tx, intake)?;
        self.availability(tx, intake)?;
        self.credentials(tx, intake)?;
        self.travel(tx, intake)?;
        self.requests(tx, intake)
    }

    /// Counts a row's outcome, or notes its faults with file and line and goes on.
    fn settle(
        &mut self,
        tally: fn(&mut ImportSummary) -> &mut Tally,
        (file, line): (&str, usize),
        outcome: Result<Outcome, OperationError>,
    ) -> Result<(), OperationError> {
        let faults = match outcome {
            Ok(outcome) => {
                let tally = tally(&mut self.summary);
                match outcome {
                    Outcome::Created => tally.created += 1,
                    Outcome::Changed => tally.changed += 1,
                    Outcome::Unchanged => tally.unchanged += 1,
                }
                return Ok(());
            }
            Err(OperationError::Invalid(faults)) => faults.into_iter().map(|fault| fault.message).collect(),
            Err(OperationError::Conflict { detail, .. }) => vec![detail],
            Err(other) => return Err(other),
        };
        for message in faults {
            self.faults.push(Fault::at(format!("/files/{file}"), format!("{file}:{line}:1: {message}")));
        }
        Ok(())
    }

    fn members(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let present = by_code(all_members(tx)?, |member| member.fields.code.clone());
        for row in &intake.members {
            let fields = MemberFields {
                code: row.code.clone(),
                name: row.name.clone(),
                contact_name: row.contact_name.clone(),
                contact_email: row.contact_email.clone(),
                member_from: row.membership.from,
                member_until: row.membership.until,
            };
            let outcome = match present.get(&row.code) {
                None => members::create(tx, self.ctx, &fields).map(|_| Outcome::Created),
                Some(member) if member.fields == fields => Ok(Outcome::Unchanged),
                Some(member) => {
                    let version = Some(member.version);
                    members::change(tx, self.ctx, member.id, version, &fields).map(|_| Outcome::Changed)
                }
            };
            self.settle(|summary| &mut summary.members, ("members.csv", row.line), outcome)?;
        }
        Ok(())
    }

    fn sites(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let present = by_code(all_sites(tx)?, |site| site.fields.code.clone());
        let members: HashMap<String, MemberId> =
            all_members(tx)?.into_iter().map(|member| (member.fields.code, member.id)).collect();
        for row in &intake.sites {
            let Some(member_id) = members.get(&row.member).copied() else { continue };
            let fields = SiteFields {
                member_id,
                code: row.code.clone(),
                name: row.name.clone(),
                address: row.address.clone().unwrap_or_default(),
                latitude: row.coordinates.map(|place| place.degrees().0),
                longitude: row.coordinates.map(|place| place.degrees().1),
                coordinates_source: row.coordinates_source.clone().unwrap_or_default(),
                open_from: row.open.from,
                open_until: row.open.until,
            };
            let outcome = match present.get(&row.code) {
                None => sites::create(tx, self.ctx, &fields).map(|_| Outcome::Created),
                Some(site) if site.fields == fields => Ok(Outcome::Unchanged),
                Some(site) => {
                    let version = Some(site.version);
                    sites::change(tx, self.ctx, site.id, version, &fields).map(|_| Outcome::Changed)
                }
            };
            self.settle(|summary| &mut summary.sites, ("sites.csv", row.line), outcome)?;
        }
        Ok(())
    }

    fn travel(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let places = site_ids(tx)?;
        for row in &intake.travel {
            let (Some(from), Some(to)) = (places.get(&row.from_site), places.get(&row.to_site)) else { continue };
            let (minutes, miles_hundredths) = (row.minutes, row.miles_hundredths);
            let fields = TravelFields { minutes, miles_hundredths, estimated: row.estimated };
            let outcome = match db::travel::find(tx, *from, *to)? {
                Some(drive) if drive.fields == fields => Outcome::Unchanged,
                Some(_) => Outcome::Changed,
                None => Outcome::Created,
            };
            if outcome != Outcome::Unchanged {
                db::travel::put(tx, *from, *to, &fields)?;
            }
            self.settle(|summary| &mut summary.travel, ("travel.csv", row.line.unwrap_or(1)), Ok(outcome))?;
        }
        Ok(())
    }

    fn requests(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let places: HashMap<String, (SiteId, MemberId)> =
            all_sites(tx)?.into_iter().map(|site| (site.fields.code, (site.id, site.fields.member_id))).collect();
        let people: HashMap<String, SpecialistId> =
            all_specialists(tx)?.into_iter().map(|one| (one.fields.code, one.id)).collect();
        for row in &intake.requests {
            let Some((site_id, member)) = places.get(&row.site).copied() else { continue };
            let fields = ServiceRequestFields {
                site_id,
                term_id: self.term.id,
                discipline: row.discipline.clone(),
                qualifications: row.qualifications.iter().cloned().collect(),
                priority: row.priority,
                mode: row.mode,
                minutes_per_week: row.minutes_per_week,
                visits_per_week_max: row.visits_per_week_max,
                visit_minutes: VisitMinutes { min: row.visit_minutes_min, max: row.visit_minutes_max },
                windows: row.windows.clone(),
                current_specialist_id: row.current_specialist.as_ref().and_then(|code| people.get(code)).copied(),
                consent_on: row.consent_on.flatten(),
            };
            let keeps = row.consent_on.is_none();
            let outcome = self.request(tx, &row.code, member, (fields, keeps), row.state);
            self.settle(|summary| &mut summary.requests, ("requests.csv", row.line), outcome)?;
        }
        Ok(())
    }

    fn request(
        &self,
        tx: &mut WriteTx,
        code: &str,
        member: MemberId,
        (mut fields, keeps_consent): (ServiceRequestFields, bool),
        state: RequestState,
    ) -> Result<Outcome, OperationError> {
        let faults = fields.check().into_iter().chain(super::service_requests::consent_fault(self.ctx, &fields));
        super::error::no_faults(faults.collect())?;
        let (ctx, now) = (self.ctx, self.ctx.now);
        let Some(present) = db::service_requests::find_by_code(tx, code)? else {
            let id = db::service_requests::insert(tx, code, member, &fields, ctx.actor.account_id, now)?;
            if state != RequestState::Draft {
                db::service_requests::move_to(tx, id, state, "", now)?;
            }
            db::codes::skip(tx, code)?;
            return Ok(Outcome::Created);
        };
        let mut outcome = Outcome::Unchanged;
        // A file without the column says nothing about the consent, as long as it can have one.
        if keeps_consent && fields.priority == present.fields.priority {
            fields.consent_on = present.fields.consent_on;
        }
        if present.fields != fields {
            if present.state.after(RequestVerb::Edit).is_none() {
                let message =
                    format!("{code} is {} already; end or withdraw it and import a new request", present.state.code());
                return Err(OperationError::conflict(message));
            }
            db::service_requests::update(tx, present.id, member, &fields, now)?;
            outcome = Outcome::Changed;
        }
        if is_ahead(state, present.state) {
            db::service_requests::move_to(tx, present.id, state, "", now)?;
            outcome = Outcome::Changed;
        }
        Ok(outcome)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Created,
    Changed,
    Unchanged,
}

impl Outcome {
    fn or_changed(self) -> Outcome {
        if self == Outcome::Unchanged { Outcome::Changed } else { self }
    }
}

/// A file moves a request forward only: draft, submitted, accepted.
fn is_ahead(wanted: RequestState, present: RequestState) -> bool {
    use RequestState::{Accepted, Draft, Submitted};
    matches!((present, wanted), (Draft, Submitted | Accepted) | (Submitted, Accepted))
}

fn by_code<T>(records: Vec<T>, code: impl Fn(&T) -> String) -> HashMap<String, T> {
    records.into_iter().map(|record| (code(&record), record)).collect()
}

fn all_sites(tx: &mut ReadTx) -> Result<Vec<Site>, OperationError> {
    Ok(db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items)
}

fn site_ids(tx: &mut ReadTx) -> Result<HashMap<String, SiteId>, OperationError> {
    Ok(all_sites(tx)?.into_iter().map(|site| (site.fields.code, site.id)).collect())
}

fn all_specialists(tx: &mut ReadTx) -> Result<Vec<Specialist>, OperationError> {
    Ok(db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items)
}
