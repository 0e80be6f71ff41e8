//! Checks JSON against the published schema of a type, so that every fault of shape is named at once and the
//! description of the API cannot promise what the reader does not keep.
//!
//! It looks at types, missing and unknown entries, choices, and the forms of identities and dates. Ranges and rules that
//! connect entries are the domain's.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::schema;
use crate::domain::fault::{Fault, Faults};

/// The schema of a type with everything it refers to.
pub struct Shape {
    root: Value,
    parts: BTreeMap<String, Value>,
}

impl Shape {
    /// The shape of a type.
    pub fn of<T: ToSchema>() -> Shape {
        let mut parts = BTreeMap::new();
        let root = schema::reference::<T>(&mut parts);
        Shape { root, parts }
    }

    /// Every fault of shape.
    pub fn check(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.visit(value, &self.root, "", &mut faults);
        faults.into_vec()
    }

    fn visit(&self, value: &Value, schema: &Value, pointer: &str, faults: &mut Faults) {
        let schema = schema::resolved(schema, &self.parts);
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            return self.visit_choice(value, choices, pointer, faults);
        }
        if !has_type(value, &schema["type"]) {
            return faults.note(pointer, format!("This is {}; write {}", spoken(value), wanted(&schema["type"])));
        }
        match value {
            Value::Object(entries) => self.visit_object(entries, schema, pointer, faults),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.visit(item, &schema["items"], &format!("{pointer}/{index}"), faults);
                }
            }
            Value::String(text) => visit_text(text, schema, pointer, faults),
            _ => {}
        }
    }

    fn visit_object(&self, entries: &Map<String, Value>, schema: &Value, pointer: &str, faults: &mut Faults) {
        let empty = Map::new();
        let known = schema["properties"].as_object().unwrap_or(&empty);
        for (name, value) in entries {
            let place = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            match (known.get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => self.visit(value, schema, &place, faults),
                (None, Value::Bool(false)) => {
                    let names: Vec<&str> = known.keys().map(String::as_str).collect();
                    faults.note(place, format!("There is no such entry; the entries here are {}", names.join(", ")));
                }
                (None, others @ Value::Object(_)) => self.visit(value, others, &place, faults),
                (None, _) => {}
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required.filter(|name| !entries.contains_key(*name)) {
            faults.note(format!("{pointer}/{name}"), "This entry is missing; add it");
        }
    }

    /// One of several: the faults of the one that fits best.
    fn visit_choice(&self, value: &Value, choices: &[Value], pointer: &str, faults: &mut Faults) {
        let tried = choices.iter().map(|choice| {
            let mut faults = Faults::default();
            self.visit(value, choice, pointer, &mut faults);
            faults.into_vec()
        });
        // A choice that fails at the value itself, or at its tag, fits worse than one that fails inside.
        let distance = |faults: &Vec<Fault>| {
            let outside = faults.iter().any(|fault| fault.pointer == pointer || fault.message.starts_with("Choose"));
            (!faults.is_empty(), outside, faults.len())
        };
        for fault in tried.min_by_key(distance).unwrap_or_default() {
            faults.note(fault.pointer, fault.message);
        }
    }
}

fn visit_text(text: &str, schema: &Value, pointer: &str, faults: &mut Faults) {
    if let Some(choices) = schema["enum"].as_array() {
        let words: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
        return faults.require(words.contains(&text), pointer, || format!("Choose one of {}", words.join(", ")));
    }
    match schema["format"].as_str() {
        Some("uuid") => faults.require(text.len() == 36 && Uuid::parse_str(text).is_ok(), pointer, || {
            "This is not an identity; take the \"id\" of a record as it was given".to_owned()
        }),
        Some("date") => {
            let fits = text.len() == 10 && text.parse::<NaiveDate>().is_ok();
            faults.require(fits, pointer, || "This is not a date; write one like 2027-01-04".to_owned());
        }
        Some("date-time") => {
            let fits = DateTime::parse_from_rfc3339(text).is_ok();
            faults.require(fits, pointer, || "This is not a moment; write one like 2027-01-04T08:00:00Z".to_owned());
        }
        _ => {}
    }
}

fn has_type(value: &Value, wanted: &Value) -> bool {
    let is = |wanted: &str| match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => true,
    };
    match wanted {
        Value::String(one) => is(one),
        Value::Array(several) => several.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn spoken(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number with a fraction, or too large",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wanted(types: &Value) -> String {
    let word = |name: &str| match name {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "null",
    };
    match types {
        Value::String(one) => word(one).to_owned(),
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(" or "),
        _ => "something else".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountFields;
    use crate::domain::service_request::ServiceRequestFields;
    use serde_json::json;

    #[test]
    fn every_fault_is_named_with_its_place() {
        let faults = Shape::of::<ServiceRequestFields>().check(&json!({
            "site_id": "x", "discipline": 3, "priority": "urgent", "visit_minutes": [30, 60], "colour": "red",
            "windows": {"mon": [["08:00", 9]], "funday": []}, "minutes_per_week": 60.5, "visits_per_week_max": 1
        }));
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        for place in [
            "/site_id",
            "/discipline",
            "/priority",
            "/visit_minutes",
            "/colour",
            "/windows/mon/0/1",
            "/windows/funday",
            "/minutes_per_week",
            "/term_id",
        ] {
            assert!(places.contains(&place), "{place} is not among {places:?}");
        }
        assert_eq!(places.len(), 9);
    }

    #[test]
    fn a_choice_is_judged_by_the_variant_that_was_meant() {
        let shape = Shape::of::<AccountFields>();
        let account = |role: Value| json!({"name": "Ana", "email": "ana@example.org", "roles": [role]});
        assert_eq!(shape.check(&account(json!({"role": "office"}))), []);
        let faults = shape.check(&account(json!({"role": "coordinator"})));
        assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/roles/0/member_id"]);
        assert_eq!(shape.check(&account(json!(["office"])))[0].pointer, "/roles/0");
    }
}
