//! The tables as diesel sees them: one schema for both databases, kept by hand beside `migrations/`.

diesel::table! {
    use diesel::sql_types::{Text};

    disciplines (code) {
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    members (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        contact_name -> Text,
        contact_email -> Text,
        member_from -> Date,
        member_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Double, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    sites (id) {
        id -> Uuid,
        member_id -> Uuid,
        code -> Text,
        name -> Text,
        address -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        coordinates_source -> Text,
        open_from -> Date,
        open_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{Instant, Uuid};

    specialists (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        email -> Text,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Text, Nullable};
    use crate::db::sql_types::{Uuid};

    specialist_disciplines (specialist_id, discipline_code, held_from) {
        specialist_id -> Uuid,
        discipline_code -> Text,
        held_from -> Date,
        held_until -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Text, Nullable};
    use crate::db::sql_types::{Uuid};

    specialist_qualifications (specialist_id, qualification, held_from) {
        specialist_id -> Uuid,
        qualification -> Text,
        held_from -> Date,
        held_until -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    specialist_contracts (id) {
        id -> Uuid,
        specialist_id -> Uuid,
        employer_kind -> Text,
        employer_member_id -> Nullable<Uuid>,
        employer_agency -> Nullable<Text>,
        home_site_id -> Uuid,
        direct_minutes_per_week_max -> BigInt,
        direct_minutes_per_day_max -> BigInt,
        paid_minutes_per_week -> Nullable<BigInt>,
        lendable_minutes_per_week_max -> Nullable<BigInt>,
        sites_per_day_max -> BigInt,
        travel_minutes_per_day_max -> BigInt,
        reach_minutes_max -> BigInt,
        break_minutes -> BigInt,
        cost_cents_per_hour -> BigInt,
        evaluation_block_minutes -> BigInt,
        supervisor_ids -> Text,
        supervision_hours -> Nullable<Text>,
        stay_preference -> Nullable<Text>,
        effective_from -> Date,
        effective_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    specialist_availability (id) {
        id -> Uuid,
        specialist_id -> Uuid,
        weekly_hours -> Text,
        effective_from -> Date,
        effective_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool};
    use crate::db::sql_types::{Uuid};

    travel (from_site_id, to_site_id) {
        from_site_id -> Uuid,
        to_site_id -> Uuid,
        minutes -> BigInt,
        miles_hundredths -> BigInt,
        estimated -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text};
    use crate::db::sql_types::{Instant, Uuid};

    terms (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        starts_on -> Date,
        ends_on -> Date,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        kind -> Text,
        plans_taken_back -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    accounts (id) {
        id -> Uuid,
        name -> Text,
        email -> Text,
        disabled_at -> Nullable<Instant>,
        last_sign_in_at -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text, Nullable};
    use crate::db::sql_types::Uuid;

    account_roles (account_id, place) {
        account_id -> Uuid,
        place -> BigInt,
        role -> Text,
        member_id -> Nullable<Uuid>,
        specialist_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    api_tokens (id) {
        id -> Uuid,
        account_id -> Uuid,
        name -> Text,
        read_only -> Bool,
        areas -> Text,
        token_sha256 -> Text,
        created_at -> Instant,
        expires_at -> Instant,
        last_used_at -> Nullable<Instant>,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    service_requests (id) {
        id -> Uuid,
        code -> Text,
        member_id -> Uuid,
        site_id -> Uuid,
        term_id -> Uuid,
        discipline_code -> Text,
        qualifications -> Text,
        priority -> Text,
        mode -> Text,
        minutes_per_week -> BigInt,
        visits_per_week_max -> BigInt,
        visit_minutes_min -> BigInt,
        visit_minutes_max -> BigInt,
        windows -> Text,
        current_specialist_id -> Nullable<Uuid>,
        state -> Text,
        decision_note -> Text,
        created_by -> Uuid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        consent_on -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    plan_runs (id) {
        id -> Uuid,
        code -> Text,
        term_id -> Uuid,
        state -> Text,
        seconds_max -> BigInt,
        seed -> BigInt,
        instance_json -> Text,
        instance_sha256 -> Text,
        phase -> Text,
        best_mandated_minutes -> Nullable<BigInt>,
        bound_mandated_minutes -> Nullable<BigInt>,
        elapsed_seconds -> BigInt,
        cancel_requested -> Bool,
        failure -> Nullable<Text>,
        requested_by -> Uuid,
        lease_token -> Nullable<Uuid>,
        lease_until -> Nullable<Instant>,
        attempts -> BigInt,
        version -> BigInt,
        created_at -> Instant,
        started_at -> Nullable<Instant>,
        finished_at -> Nullable<Instant>,
        purpose -> Text,
        progress_curve -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    plans (id) {
        id -> Uuid,
        code -> Text,
        term_id -> Uuid,
        plan_run_id -> Uuid,
        state -> Text,
        instance_sha256 -> Text,
        document_json -> Text,
        effective_from -> Nullable<Date>,
        published_at -> Nullable<Instant>,
        published_by -> Nullable<Uuid>,
        superseded_at -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        followed_until -> Nullable<Date>,
        trade_offs -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::Uuid;

    plan_run_starts (plan_run_id) {
        plan_run_id -> Uuid,
        plan_id -> Uuid,
        minutes_per_moved_visit -> BigInt,
        pinned_visit_ids -> Text,
        without_specialist_ids -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    scenarios (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        plan_id -> Uuid,
        plan_run_id -> Uuid,
        changes -> Text,
        sentences -> Text,
        cents_per_week -> BigInt,
        document_json -> Nullable<Text>,
        measures -> Nullable<Text>,
        archived_at -> Nullable<Instant>,
        version -> BigInt,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Uuid};

    visits (id) {
        id -> Uuid,
        plan_id -> Uuid,
        specialist_id -> Uuid,
        service_request_id -> Uuid,
        site_id -> Uuid,
        weekday -> Text,
        starts -> Text,
        ends -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{Uuid};

    shortfalls (id) {
        id -> Uuid,
        plan_id -> Uuid,
        service_request_id -> Uuid,
        minutes -> BigInt,
        reason -> Text,
        binding -> Text,
        remedies -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Text};
    use crate::db::sql_types::{Instant, Uuid};

    cost_shares (id) {
        id -> Uuid,
        code -> Text,
        plan_id -> Uuid,
        period_from -> Date,
        period_until -> Date,
        statement_json -> Text,
        created_by -> Uuid,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    emails (id) {
        id -> Uuid,
        event -> Text,
        recipient -> Text,
        subject -> Text,
        message_id -> Text,
        message -> Binary,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Instant,
        lease_token -> Nullable<Uuid>,
        lease_until -> Nullable<Instant>,
        server_text -> Text,
        created_at -> Instant,
        finished_at -> Nullable<Instant>,
        trying_since -> Nullable<Instant>,
        ambiguous -> BigInt,
        parked_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::sql_types::Instant;

    mail_queue (id) {
        id -> BigInt,
        paused -> Bool,
        reason -> Text,
        since -> Nullable<Instant>,
        troubles -> BigInt,
        slowdowns -> BigInt,
        refusals -> BigInt,
        waits_until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{Instant, Uuid};

    suppressed_addresses (id) {
        id -> Uuid,
        address -> Text,
        because -> Text,
        server_text -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    audit_entries (id) {
        id -> Uuid,
        at -> Instant,
        account_id -> Nullable<Uuid>,
        action -> Text,
        subject_kind -> Text,
        subject_code -> Text,
        detail -> Text,
        seq -> BigInt,
        means -> Text,
        address -> Text,
        members -> Text,
        outcome -> Text,
        hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant, Uuid};

    erasures (id) {
        id -> Uuid,
        at -> Instant,
        account_id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        counts -> Text,
        sha256 -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant, Uuid};

    idempotency_keys (account_id, key) {
        account_id -> Uuid,
        key -> Text,
        fingerprint -> Text,
        answer -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    code_counters (series) {
        series -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant, Uuid};

    passwords (account_id) {
        account_id -> Uuid,
        hash -> Text,
        changed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text, Nullable};
    use crate::db::sql_types::{Uuid};

    second_factors (account_id) {
        account_id -> Uuid,
        secret -> Nullable<Text>,
        waiting_secret -> Nullable<Text>,
        last_step -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Uuid};

    recovery_codes (account_id, code_sha256) {
        account_id -> Uuid,
        code_sha256 -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant, Uuid};

    invitations (account_id) {
        account_id -> Uuid,
        secret_sha256 -> Text,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    login_sessions (id) {
        id -> Uuid,
        account_id -> Uuid,
        secret_sha256 -> Text,
        created_at -> Instant,
        last_used_at -> Instant,
        ends_at -> Instant,
        proven_at -> Instant,
        second_factor_at -> Nullable<Instant>,
        agent -> Text,
        address -> Text,
        began_with -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant, Uuid};

    known_devices (secret_sha256) {
        secret_sha256 -> Text,
        account_id -> Uuid,
        last_used_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::sql_types::{Instant};

    sign_in_failures (subject_sha256) {
        subject_sha256 -> Text,
        failures -> BigInt,
        wait_until -> Instant,
        last_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::sql_types::{Instant, Uuid};

    sign_in_codes (browser_sha256) {
        browser_sha256 -> Text,
        account_id -> Nullable<Uuid>,
        code_sha256 -> Text,
        tries -> BigInt,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant};

    openid_sign_ins (browser_sha256) {
        browser_sha256 -> Text,
        provider -> Text,
        return_to -> Text,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use crate::db::sql_types::{Instant, Uuid};

    openid_identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        account_id -> Uuid,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    calendar_entries (id) {
        id -> Uuid,
        member_id -> Uuid,
        site_id -> Nullable<Uuid>,
        kind -> Text,
        name -> Text,
        starts_on -> Date,
        ends_on -> Date,
        released -> Nullable<Text>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    time_away (id) {
        id -> Uuid,
        specialist_id -> Uuid,
        reason -> Text,
        starts_on -> Date,
        ends_on -> Date,
        starts -> Nullable<Text>,
        ends -> Nullable<Text>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::db::sql_types::{Instant, Uuid};

    dated_visits (id) {
        id -> Uuid,
        plan_id -> Uuid,
        visit_id -> Uuid,
        specialist_id -> Uuid,
        service_request_id -> Uuid,
        site_id -> Uuid,
        member_id -> Uuid,
        visit_on -> Date,
        starts -> Text,
        ends -> Text,
        state -> Text,
        reason -> Text,
        kind -> Text,
        makes_up_id -> Nullable<Uuid>,
        covered_by_specialist_id -> Nullable<Uuid>,
        log_version -> BigInt,
        revision -> BigInt,
        changed_at -> Nullable<Instant>,
        told_school -> Text,
        told_staff -> Text,
        is_untold -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::db::sql_types::{Instant, Uuid};

    dropped_visits (id) {
        id -> Uuid,
        dated_visit_id -> Uuid,
        plan_id -> Uuid,
        specialist_id -> Uuid,
        service_request_id -> Uuid,
        site_id -> Uuid,
        visit_on -> Date,
        starts -> Text,
        ends -> Text,
        kind -> Text,
        was_cover -> Bool,
        revision -> BigInt,
        dropped_at -> Instant,
        visit_id -> Nullable<Uuid>,
        member_id -> Nullable<Uuid>,
        state -> Nullable<Text>,
        reason -> Nullable<Text>,
        makes_up_id -> Nullable<Uuid>,
        covered_by_specialist_id -> Nullable<Uuid>,
        told_school -> Text,
        told_staff -> Text,
        tell_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Date, Text};
    use crate::db::sql_types::{Instant, Uuid};

    schedule_news (id) {
        id -> Uuid,
        reader -> Text,
        dated_visit_id -> Uuid,
        specialist_id -> Uuid,
        service_request_id -> Uuid,
        site_id -> Uuid,
        visit_on -> Date,
        starts -> Text,
        ends -> Text,
        kind -> Text,
        reason -> Text,
        told -> Text,
        news -> Text,
        at_once -> Bool,
        due_at -> Instant,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{Instant, Uuid};

    email_choices (account_id) {
        account_id -> Uuid,
        schedule -> Text,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{Instant, Uuid};

    publications (plan_id) {
        plan_id -> Uuid,
        published_at -> Instant,
        emails_at -> Instant,
        undo -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::db::sql_types::{Instant, Uuid};

    calendar_feeds (id) {
        id -> Uuid,
        account_id -> Uuid,
        specialist_id -> Nullable<Uuid>,
        site_id -> Nullable<Uuid>,
        secret_sha256 -> Text,
        with_drives -> Bool,
        last_used_on -> Nullable<Date>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::sql_types::{Instant, Uuid};

    service_logs (id) {
        id -> Uuid,
        dated_visit_id -> Uuid,
        version -> BigInt,
        outcome -> Text,
        minutes -> BigInt,
        reason -> Nullable<Text>,
        group_size -> Nullable<BigInt>,
        account_id -> Uuid,
        logged_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::sql_types::{Instant, Uuid};

    locked_months (id) {
        id -> Uuid,
        month -> Text,
        account_id -> Uuid,
        locked_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    credentials (id) {
        id -> Uuid,
        specialist_id -> Uuid,
        discipline_code -> Text,
        kind -> Text,
        issuer -> Text,
        us_state -> Nullable<Text>,
        valid_from -> Date,
        valid_until -> Nullable<Date>,
        warned_until -> Nullable<Date>,
        warned_days -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text, Nullable};
    use crate::db::sql_types::{Instant, Uuid};

    indirect_blocks (id) {
        id -> Uuid,
        specialist_id -> Uuid,
        kind -> Text,
        minutes_per_week -> BigInt,
        weekday -> Nullable<Text>,
        starts -> Nullable<Text>,
        assistant_id -> Nullable<Uuid>,
        effective_from -> Date,
        effective_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date};
    use crate::db::sql_types::{Instant, Uuid};

    supervision_logs (id) {
        id -> Uuid,
        supervisor_id -> Uuid,
        assistant_id -> Uuid,
        supervised_on -> Date,
        minutes -> BigInt,
        account_id -> Uuid,
        created_at -> Instant,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    calendar_feeds,
    dropped_visits,
    schedule_news,
    email_choices,
    publications,
    disciplines,
    members,
    sites,
    specialists,
    specialist_disciplines,
    specialist_qualifications,
    specialist_contracts,
    specialist_availability,
    travel,
    terms,
    accounts,
    account_roles,
    api_tokens,
    service_requests,
    plan_runs,
    plans,
    plan_run_starts,
    scenarios,
    visits,
    shortfalls,
    cost_shares,
    emails,
    mail_queue,
    suppressed_addresses,
    audit_entries,
    erasures,
    idempotency_keys,
    code_counters,
    passwords,
    second_factors,
    recovery_codes,
    invitations,
    login_sessions,
    known_devices,
    sign_in_failures,
    sign_in_codes,
    openid_sign_ins,
    openid_identities,
    calendar_entries,
    time_away,
    dated_visits,
    service_logs,
    locked_months,
    credentials,
    indirect_blocks,
    supervision_logs,
);

diesel::joinable!(plans -> plan_runs (plan_run_id));
diesel::joinable!(plan_run_starts -> plan_runs (plan_run_id));
diesel::joinable!(scenarios -> plan_runs (plan_run_id));
