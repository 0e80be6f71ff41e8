//! JSON schemas of the domain's types, as they are published.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Where schemas live in the document.
const PLACE: &str = "#/components/schemas/";

/// A reference to the schema of a type; adds it, and all that it refers to, to `parts`.
pub fn reference<T: ToSchema>(parts: &mut BTreeMap<String, Value>) -> Value {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    let raw: BTreeMap<String, Value> =
        found.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect();
    for (name, schema) in &raw {
        let mut schema = if schema.get("allOf").is_some() { joined(schema, &raw) } else { schema.clone() };
        close(&mut schema);
        parts.entry(name.clone()).or_insert(schema);
    }
    json!({"$ref": format!("{PLACE}{}", T::name())})
}

/// The schema behind a reference, or the schema itself.
pub fn resolved<'a>(schema: &'a Value, parts: &'a BTreeMap<String, Value>) -> &'a Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(PLACE));
    name.and_then(|name| parts.get(name)).unwrap_or(schema)
}

/// Closes every object that names its entries: what is not named is not there. For what is sent, the reader of a choice
/// between objects would otherwise pass over unknown entries.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            if entries.contains_key("properties") && !entries.contains_key("additionalProperties") {
                entries.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            entries.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// A record whose entered fields are written in line, as one object: each part alone refuses the others' entries.
fn joined(schema: &Value, parts: &BTreeMap<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    gather(schema, parts, &mut properties, &mut required);
    json!({
        "type": "object",
        "description": schema.get("description"),
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn gather(
    schema: &Value,
    parts: &BTreeMap<String, Value>,
    properties: &mut Map<String, Value>,
    required: &mut Vec<Value>,
) {
    let schema = resolved(schema, parts);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        gather(part, parts, properties, required);
    }
    properties.extend(schema["properties"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    required.extend(schema["required"].as_array().into_iter().flatten().cloned());
}
