//! Takes away what belongs to a person, a member or a request. Rows that others refer to stay, emptied.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{
    account_roles, accounts, api_tokens, calendar_entries, calendar_feeds, cost_shares, credentials, dated_visits,
    dropped_visits, email_choices, emails, erasures, idempotency_keys, indirect_blocks, invitations, known_devices,
    login_sessions, mail_queue, members, openid_identities, passwords, plan_runs, plans, recovery_codes, scenarios,
    schedule_news, second_factors, service_logs, service_requests, shortfalls, sign_in_codes, sites,
    specialist_availability, specialist_contracts, specialist_disciplines, specialist_qualifications, specialists,
    supervision_logs, suppressed_addresses, time_away, travel, visits,
};
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::email::EmailState;
use crate::domain::erasure::Certificate;
use crate::domain::ids::*;
use crate::domain::schedule_news::Reader;

/// What stands in place of a name.
pub const NAME: &str = "Erased";

/// Rows that were deleted or emptied, by what was done.
pub type Counts = std::collections::BTreeMap<String, usize>;

fn count(counts: &mut Counts, what: &str, rows: usize) {
    *counts.entry(what.to_owned()).or_default() += rows;
}

/// Deletes the rows of an account in each table.
macro_rules! delete_of_account {
    ($tx:expr, $counts:expr, $id:expr, $($table:ident),*) => {$(
        let rows = diesel::delete($table::table.filter($table::account_id.eq($id))).execute($tx.connection())?;
        count($counts, concat!(stringify!($table), " deleted"), rows);
    )*};
}

/// Empties an account for good: nobody can sign in with it, and no name or address is left.
pub fn account(tx: &mut WriteTx, id: AccountId, now: DateTime<Utc>, counts: &mut Counts) -> Result<(), DbError> {
    delete_of_account!(
        tx,
        counts,
        id,
        account_roles,
        passwords,
        second_factors,
        recovery_codes,
        invitations,
        sign_in_codes,
        openid_identities,
        login_sessions,
        known_devices,
        api_tokens,
        calendar_feeds,
        email_choices,
        idempotency_keys
    );
    news_for(tx, Reader::Coordinator(id), counts)?;
    let rows = diesel::update(accounts::table.find(id))
        .set((
            accounts::name.eq(NAME),
            accounts::email.eq(address(id)),
            accounts::disabled_at.eq(Some(At(now))),
            accounts::last_sign_in_at.eq(None::<At>),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    count(counts, "accounts emptied", rows);
    Ok(())
}

/// Deletes what somebody was still to be told.
fn news_for(tx: &mut WriteTx, reader: Reader, counts: &mut Counts) -> Result<(), DbError> {
    let news = schedule_news::table.filter(schedule_news::reader.eq(reader));
    let rows = diesel::delete(news).execute(tx.connection())?;
    count(counts, "schedule_news deleted", rows);
    Ok(())
}

/// An address that reaches nobody (RFC 2606) and is no other's.
fn address(id: impl std::fmt::Display) -> String {
    format!("erased-{id}@erased.invalid")
}

/// Empties a member.
pub fn member(
    tx: &mut WriteTx,
    id: MemberId,
    code: &str,
    now: DateTime<Utc>,
    counts: &mut Counts,
) -> Result<(), DbError> {
    news_for(tx, Reader::Contact(id), counts)?;
    let days = calendar_entries::table.filter(calendar_entries::member_id.eq(id));
    let rows = diesel::delete(days).execute(tx.connection())?;
    count(counts, "calendar_entries deleted", rows);
    let rows = diesel::update(members::table.find(id))
        .set((
            members::code.eq(code),
            members::name.eq(NAME),
            members::contact_name.eq(NAME),
            members::contact_email.eq(address(id)),
            members::version.eq(members::version + 1),
            members::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    count(counts, "members emptied", rows);
    Ok(())
}

/// Empties a site and deletes the drives from and to it.
pub fn site(tx: &mut WriteTx, id: SiteId, code: &str, now: DateTime<Utc>, counts: &mut Counts) -> Result<(), DbError> {
    let of_site = travel::table.filter(travel::from_site_id.eq(id).or(travel::to_site_id.eq(id)));
    let drives = diesel::delete(of_site).execute(tx.connection())?;
    count(counts, "drives deleted", drives);
    let days = calendar_entries::table.filter(calendar_entries::site_id.eq(id));
    let rows = diesel::delete(days).execute(tx.connection())?;
    count(counts, "calendar_entries deleted", rows);
    let links = diesel::delete(calendar_feeds::table.filter(calendar_feeds::site_id.eq(Some(id))));
    let rows = links.execute(tx.connection())?;
    count(counts, "calendar_feeds deleted", rows);
    let rows = diesel::update(sites::table.find(id))
        .set((
            sites::code.eq(code),
            sites::name.eq(NAME),
            sites::address.eq(""),
            sites::latitude.eq(None::<f64>),
            sites::longitude.eq(None::<f64>),
            sites::coordinates_source.eq(""),
            sites::version.eq(sites::version + 1),
            sites::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    count(counts, "sites emptied", rows);
    Ok(())
}

/// Deletes what is known of the rows of a specialist in each table.
macro_rules! delete_of_specialist {
    ($tx:expr, $counts:expr, $id:expr, $($table:ident),*) => {$(
        let rows = diesel::delete($table::table.filter($table::specialist_id.eq($id))).execute($tx.connection())?;
        count($counts, concat!(stringify!($table), " deleted"), rows);
    )*};
}

/// Empties a specialist; contracts, hours, credentials, indirect work, time away, disciplines and qualifications go.
pub fn specialist(
    tx: &mut WriteTx,
    id: SpecialistId,
    code: &str,
    now: DateTime<Utc>,
    counts: &mut Counts,
) -> Result<(), DbError> {
    delete_of_specialist!(
        tx,
        counts,
        id,
        specialist_contracts,
        specialist_availability,
        specialist_disciplines,
        specialist_qualifications,
        credentials,
        indirect_blocks,
        time_away,
        dropped_visits,
        schedule_news
    );
    news_for(tx, Reader::Specialist(id), counts)?;
    let links = diesel::delete(calendar_feeds::table.filter(calendar_feeds::specialist_id.eq(Some(id))));
    let rows = links.execute(tx.connection())?;
    count(counts, "calendar_feeds deleted", rows);
    let logs = supervision_logs::supervisor_id.eq(id).or(supervision_logs::assistant_id.eq(id));
    let rows = diesel::delete(supervision_logs::table.filter(logs)).execute(tx.connection())?;
    count(counts, "supervision_logs deleted", rows);
    let blocks = diesel::update(indirect_blocks::table.filter(indirect_blocks::assistant_id.eq(id)));
    let rows = blocks.set(indirect_blocks::assistant_id.eq(None::<SpecialistId>)).execute(tx.connection())?;
    count(counts, "indirect_blocks emptied", rows);
    let rows = diesel::update(specialists::table.find(id))
        .set((
            specialists::code.eq(code),
            specialists::name.eq(NAME),
            specialists::email.eq(address(id)),
            specialists::version.eq(specialists::version + 1),
            specialists::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    count(counts, "specialists emptied", rows);
    Ok(())
}

/// Deletes a request with its visits and shortfalls in every plan.
pub fn service_request(tx: &mut WriteTx, id: ServiceRequestId, counts: &mut Counts) -> Result<(), DbError> {
    let ids: Vec<DatedVisitId> = dated_visits::table
        .filter(dated_visits::service_request_id.eq(id))
        .select(dated_visits::id)
        .load(tx.connection())?;
    for ids in ids.chunks(500) {
        let logs = service_logs::table.filter(service_logs::dated_visit_id.eq_any(ids.to_vec()));
        let rows = diesel::delete(logs).execute(tx.connection())?;
        count(counts, "service_logs deleted", rows);
    }
    let dropped = dropped_visits::table.filter(dropped_visits::service_request_id.eq(id));
    let rows = diesel::delete(dropped).execute(tx.connection())?;
    count(counts, "dropped_visits deleted", rows);
    let news = schedule_news::table.filter(schedule_news::service_request_id.eq(id));
    let rows = diesel::delete(news).execute(tx.connection())?;
    count(counts, "schedule_news deleted", rows);
    let dated = dated_visits::table.filter(dated_visits::service_request_id.eq(id));
    let rows = diesel::delete(dated).execute(tx.connection())?;
    count(counts, "dated_visits deleted", rows);
    let rows = diesel::delete(visits::table.filter(visits::service_request_id.eq(id))).execute(tx.connection())?;
    count(counts, "visits deleted", rows);
    let rows =
        diesel::delete(shortfalls::table.filter(shortfalls::service_request_id.eq(id))).execute(tx.connection())?;
    count(counts, "shortfalls deleted", rows);
    let rows = diesel::delete(service_requests::table.find(id)).execute(tx.connection())?;
    count(counts, "service_requests deleted", rows);
    Ok(())
}

/// Deletes e-mails to these addresses in any state, and those that a person should have looked at; empties all others
/// that were sent, since any of them may list what is erased.
pub fn emails(tx: &mut WriteTx, addresses: &[String], counts: &mut Counts) -> Result<(), DbError> {
    let of_them = emails::recipient.eq_any(addresses.to_vec()).or(emails::state.eq(EmailState::Parked));
    let rows = diesel::delete(emails::table.filter(of_them)).execute(tx.connection())?;
    count(counts, "emails deleted", rows);
    let spellings: Vec<String> = addresses.iter().map(|address| address.to_ascii_lowercase()).collect();
    let listed = suppressed_addresses::table.filter(suppressed_addresses::address.eq_any(spellings));
    let rows = diesel::delete(listed).execute(tx.connection())?;
    count(counts, "suppressed_addresses deleted", rows);
    // Its words quote the mail server, which may quote an address.
    diesel::update(mail_queue::table).set(mail_queue::reason.eq("")).execute(tx.connection())?;
    let full = emails::state.eq(EmailState::Accepted).and(emails::subject.ne(""));
    let rows = diesel::update(emails::table.filter(full))
        .set((emails::message.eq(Vec::<u8>::new()), emails::subject.eq(""), emails::server_text.eq("")))
        .execute(tx.connection())?;
    count(counts, "emails emptied", rows);
    Ok(())
}

/// Deletes the answers kept for repeats that hold one of these texts.
pub fn answers(tx: &mut WriteTx, texts: &[String], counts: &mut Counts) -> Result<(), DbError> {
    let kept: Vec<(AccountId, String, String)> = idempotency_keys::table
        .select((idempotency_keys::account_id, idempotency_keys::key, idempotency_keys::answer))
        .load(tx.connection())?;
    for (account, key, answer) in kept {
        if texts.iter().any(|text| answer.contains(text.as_str())) {
            let rows = diesel::delete(idempotency_keys::table.find((account, key))).execute(tx.connection())?;
            count(counts, "idempotency_keys deleted", rows);
        }
    }
    Ok(())
}

/// Rewrites a column of texts, one row at a time.
macro_rules! rewrite_column {
    ($tx:expr, $counts:expr, $how:expr, $table:ident.$column:ident, $id:ty) => {
        let ids: Vec<$id> = $table::table.select($table::id).load($tx.connection()).map_err(DbError::from)?;
        for id in ids {
            let text: Option<String> = $table::table
                .find(id)
                .select($table::$column.nullable())
                .first($tx.connection())
                .map_err(DbError::from)?;
            let Some(text) = text else { continue };
            let new = $how(&text)?;
            if new != text {
                let rows = diesel::update($table::table.find(id))
                    .set($table::$column.eq(new))
                    .execute($tx.connection())
                    .map_err(DbError::from)?;
                count($counts, concat!(stringify!($table), ".", stringify!($column), " rewritten"), rows);
            }
        }
    };
}

/// Rewrites every text that may name what is erased: JSON by `json`, sentences by `words`.
pub fn rewrite<E: From<DbError>>(
    tx: &mut WriteTx,
    counts: &mut Counts,
    json: impl Fn(&str) -> Result<String, E>,
    words: impl Fn(&str) -> Result<String, E>,
) -> Result<(), E> {
    rewrite_column!(tx, counts, json, plan_runs.instance_json, PlanRunId);
    rewrite_column!(tx, counts, words, plan_runs.failure, PlanRunId);
    rewrite_column!(tx, counts, json, plans.document_json, PlanId);
    rewrite_column!(tx, counts, json, scenarios.document_json, ScenarioId);
    rewrite_column!(tx, counts, json, scenarios.changes, ScenarioId);
    rewrite_column!(tx, counts, json, scenarios.sentences, ScenarioId);
    rewrite_column!(tx, counts, json, scenarios.measures, ScenarioId);
    rewrite_column!(tx, counts, words, scenarios.name, ScenarioId);
    rewrite_column!(tx, counts, json, cost_shares.statement_json, CostShareId);
    rewrite_column!(tx, counts, words, shortfalls.reason, ShortfallId);
    rewrite_column!(tx, counts, json, shortfalls.binding, ShortfallId);
    rewrite_column!(tx, counts, json, shortfalls.remedies, ShortfallId);
    rewrite_column!(tx, counts, words, service_requests.decision_note, ServiceRequestId);
    Ok(())
}

/// Keeps a certificate.
pub fn insert(tx: &mut WriteTx, certificate: &Certificate) -> Result<(), DbError> {
    diesel::insert_into(erasures::table)
        .values((
            erasures::id.eq(certificate.id),
            erasures::at.eq(At(certificate.at)),
            erasures::account_id.eq(certificate.account_id),
            erasures::kind.eq(certificate.kind.code()),
            erasures::subject_id.eq(ErasureId(certificate.subject_id)),
            erasures::counts.eq(Json(certificate.counts.clone())),
            erasures::sha256.eq(certificate.sha256()),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The hash of a certificate that is kept.
pub fn kept(tx: &mut ReadTx, id: ErasureId) -> Result<Option<String>, DbError> {
    Ok(erasures::table.find(id).select(erasures::sha256).first(tx.connection()).optional()?)
}
