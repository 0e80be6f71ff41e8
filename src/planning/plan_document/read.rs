//! The shape of a plan file: every fault of form, each with its JSON pointer.

use super::*;
use crate::planning::change::read_change;
use crate::planning::document::{self, Place};

/// Reads the form of a plan; whether it keeps the rules is for [`crate::planning::verify()`].
pub(super) fn plan(bytes: &[u8]) -> Result<PlanDocument, Vec<Fault>> {
    document::read(bytes, PLAN_BYTES_MAX, whole)
}

fn whole(place: &Place) -> Option<PlanDocument> {
    let keys = [
        "format",
        "instance_name",
        "instance_sha256",
        "status",
        "visits",
        "shortfalls",
        "totals",
        "bounds",
        "lenders",
        "prices",
        "trade_offs",
        "run",
    ];
    let fields = place.object(&keys)?;
    let format = fields.required::<String>("format");
    if format.as_ref().is_some_and(|format| format != PLAN_FORMAT) {
        fields.at("format")?.note(format!("must be \"{PLAN_FORMAT}\""));
    }
    let instance_name = fields.required("instance_name");
    let instance_sha256 = fields.required("instance_sha256");
    let status = fields.required("status");
    let visits = fields.at("visits").and_then(|list| list.list(PLAN_ENTRIES_MAX, |visit| visit.leaf()));
    let shortfalls = fields.at("shortfalls").and_then(|list| list.list(PLAN_ENTRIES_MAX, shortfall));
    let totals = fields.at("totals").and_then(|place| totals(&place));
    let bounds = fields.required("bounds");
    let lenders = fields.maybe("lenders", |list| list.list(PLAN_ENTRIES_MAX, |lender| lender.leaf()));
    let prices = fields.at("prices").and_then(|list| list.list(PLAN_ENTRIES_MAX, |price| price.leaf()));
    let trade_offs = fields.maybe("trade_offs", |list| list.list(PLAN_ENTRIES_MAX, |one| one.leaf()));
    let run = fields.required("run");
    Some(PlanDocument {
        format: format?,
        instance_name: instance_name?,
        instance_sha256: instance_sha256?,
        status: status?,
        visits: visits?,
        shortfalls: shortfalls?,
        totals: totals?,
        bounds: bounds?,
        lenders: lenders?.unwrap_or_default(),
        prices: prices?,
        trade_offs: trade_offs?.unwrap_or_default(),
        run: run?,
    })
}

fn shortfall(place: &Place) -> Option<Shortfall> {
    let fields = place.object(&["request", "minutes", "reason", "binding", "causes", "remedies"])?;
    let (request, minutes, reason) =
        (fields.required("request"), fields.required("minutes"), fields.required("reason"));
    let binding = fields.required("binding");
    let causes = fields.maybe("causes", |list| list.list(PLAN_ENTRIES_MAX, cause));
    let remedies = fields.at("remedies").and_then(|list| list.list(PLAN_ENTRIES_MAX, remedy));
    Some(Shortfall {
        request: request?,
        minutes: minutes?,
        reason: reason?,
        binding: binding?,
        causes: causes?.unwrap_or_default(),
        remedies: remedies?,
    })
}

fn cause(place: &Place) -> Option<Cause> {
    let fields = place.object(&["cause", "minutes", "rules", "sentence"])?;
    let (cause, minutes) = (fields.required("cause"), fields.required("minutes"));
    let (rules, sentence) = (fields.required("rules"), fields.required("sentence"));
    Some(Cause { cause: cause?, minutes: minutes?, rules: rules?, sentence: sentence? })
}

fn remedy(place: &Place) -> Option<Remedy> {
    let keys = [
        "change",
        "minutes_gained",
        "mandated_minutes_gained",
        "minutes_gained_for_request",
        "cents_per_week",
        "visits_moved",
        "apply",
    ];
    let fields = place.object(&keys)?;
    let (change, minutes_gained) = (fields.required("change"), fields.required("minutes_gained"));
    let mandated_minutes_gained = fields.or_default("mandated_minutes_gained");
    let minutes_gained_for_request = fields.or_default("minutes_gained_for_request");
    let (cents_per_week, visits_moved) = (fields.or_default("cents_per_week"), fields.or_default("visits_moved"));
    let apply = fields.maybe("apply", |list| list.list(PLAN_ENTRIES_MAX, read_change));
    Some(Remedy {
        change: change?,
        minutes_gained: minutes_gained?,
        mandated_minutes_gained: mandated_minutes_gained?,
        minutes_gained_for_request: minutes_gained_for_request?,
        cents_per_week: cents_per_week?,
        visits_moved: visits_moved?,
        apply: apply?.unwrap_or_default(),
    })
}

fn totals(place: &Place) -> Option<Totals> {
    let keys = [
        "mandated",
        "evaluation",
        "consult",
        "by_member",
        "pairs",
        "pairs_kept",
        "travel_minutes",
        "travel_miles",
        "staff_cost_cents",
    ];
    let fields = place.object(&keys)?;
    let (mandated, evaluation, consult) =
        (fields.required("mandated"), fields.required("evaluation"), fields.required("consult"));
    let by_member = fields.at("by_member").and_then(|table| table.table(|amounts| amounts.leaf()));
    let (pairs, pairs_kept) = (fields.required("pairs"), fields.required("pairs_kept"));
    let (travel_minutes, travel_miles) = (fields.required("travel_minutes"), fields.required("travel_miles"));
    let staff_cost_cents = fields.required("staff_cost_cents");
    Some(Totals {
        all: Amounts { mandated: mandated?, evaluation: evaluation?, consult: consult? },
        by_member: by_member?,
        pairs: pairs?,
        pairs_kept: pairs_kept?,
        travel_minutes: travel_minutes?,
        travel_miles: travel_miles?,
        staff_cost_cents: staff_cost_cents?,
    })
}
