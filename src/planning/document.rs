//! Reading a JSON document strictly, collecting every fault with its JSON pointer instead of stopping at the first.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::domain::calendar::{Interval, Weekday, WeeklyHours};
use crate::domain::fault::{Fault, Faults};
use crate::domain::json;

/// Reads a whole document with `shape`; the document is refused when it is too long, not JSON, or has any fault.
pub(crate) fn read<T>(
    bytes: &[u8],
    bytes_max: usize,
    shape: impl FnOnce(&Place) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    if bytes.len() > bytes_max {
        return Err(vec![Fault::at("", format!("the file has {} bytes; at most {bytes_max} are read", bytes.len()))]);
    }
    let unreadable = |error| vec![Fault::at("", format!("not readable as JSON: {error}"))];
    let (value, repeated) = json::read(bytes).map_err(unreadable)?;
    shaped(&value, "", Faults::of(repeated), shape)
}

/// Reads a value that stands at `pointer` of a larger document.
pub(crate) fn read_value<T>(
    value: &Value,
    pointer: &str,
    shape: impl FnOnce(&Place) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    shaped(value, pointer, Faults::default(), shape)
}

fn shaped<T>(
    value: &Value,
    pointer: &str,
    faults: Faults,
    shape: impl FnOnce(&Place) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    let faults = RefCell::new(faults);
    let shaped = shape(&Place { value, pointer: pointer.to_string(), faults: &faults });
    faults.into_inner().into_result()?;
    shaped.ok_or_else(|| vec![Fault::at(pointer, "the document could not be read")])
}

/// A value and where it stands.
pub(crate) struct Place<'a> {
    value: &'a Value,
    pointer: String,
    faults: &'a RefCell<Faults>,
}

impl<'a> Place<'a> {
    fn below(&self, key: &str, value: &'a Value) -> Place<'a> {
        let key = key.replace('~', "~0").replace('/', "~1");
        Place { value, pointer: format!("{}/{key}", self.pointer), faults: self.faults }
    }

    /// Notes a fault at this place.
    pub(crate) fn note(&self, message: impl Into<String>) {
        self.faults.borrow_mut().note(self.pointer.clone(), message);
    }

    /// The value of a key, if there is one; nothing is asked of the other keys.
    pub(crate) fn child(&self, key: &str) -> Option<Place<'a>> {
        self.value.get(key).map(|value| self.below(key, value))
    }

    /// The object without one of its keys, as `check` finds it sound.
    pub(crate) fn without(&self, key: &str, check: impl FnOnce(&Place) -> bool) -> Option<Map<String, Value>> {
        let map: Map<String, Value> = self
            .value
            .as_object()?
            .iter()
            .filter(|(name, _)| *name != key)
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let rest = Value::Object(map);
        let sound = check(&Place { value: &rest, pointer: self.pointer.clone(), faults: self.faults });
        match rest {
            Value::Object(map) if sound => Some(map),
            _ => None,
        }
    }

    /// The value as a type without inner structure.
    pub(crate) fn leaf<T: DeserializeOwned>(&self) -> Option<T> {
        match serde_path_to_error::deserialize(self.value) {
            Ok(leaf) => Some(leaf),
            Err(error) => {
                let inner = error.path().to_string();
                let place = if inner == "." { String::new() } else { format!("{inner}: ") };
                self.note(format!("{place}{}", in_plain_words(&error.inner().to_string())));
                None
            }
        }
    }

    /// The value as an object whose keys are all among `known`.
    pub(crate) fn object(&self, known: &[&str]) -> Option<Fields<'a, '_>> {
        let Some(map) = self.value.as_object() else {
            self.note("must be an object");
            return None;
        };
        for (key, value) in map.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            self.below(key, value).note(format!("unknown key; known here: {}", known.join(", ")));
        }
        Some(Fields { place: self, map })
    }

    /// The value as a list of at most `most` entries. `None` when any entry is at fault, after all were read.
    pub(crate) fn list<T>(&self, most: usize, entry: impl Fn(&Place<'a>) -> Option<T>) -> Option<Vec<T>> {
        let Some(values) = self.value.as_array() else {
            self.note("must be a list");
            return None;
        };
        if values.len() > most {
            self.note(format!("has {} entries; at most {most} are allowed", values.len()));
            return None;
        }
        let read: Vec<Option<T>> =
            values.iter().enumerate().map(|(index, value)| entry(&self.below(&index.to_string(), value))).collect();
        read.into_iter().collect()
    }

    /// The value as an object with free keys.
    pub(crate) fn table<T>(&self, entry: impl Fn(&Place<'a>) -> Option<T>) -> Option<BTreeMap<String, T>> {
        let Some(map) = self.value.as_object() else {
            self.note("must be an object");
            return None;
        };
        let read: Vec<_> =
            map.iter().map(|(key, value)| Some((key.clone(), entry(&self.below(key, value))?))).collect();
        read.into_iter().collect()
    }

    /// Weekly hours. Stricter than the domain type: intervals must be in order, so that a file has one spelling.
    pub(crate) fn hours(&self) -> Option<WeeklyHours> {
        let days = self.table(|day| {
            let intervals = day.list(200, |interval| interval.leaf::<Interval>())?;
            if intervals.windows(2).any(|pair| pair[1].starts < pair[0].ends) {
                day.note("intervals must be in order and must not overlap");
                return None;
            }
            Some(intervals)
        })?;
        let mut named = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        for (day, intervals) in days {
            match day.parse::<Weekday>() {
                Ok(day) => drop(named.insert(day, intervals)),
                Err(message) => drop(unknown.insert((day, message))),
            }
        }
        for (day, message) in &unknown {
            self.below(day, self.value).note(message);
        }
        if !unknown.is_empty() {
            return None;
        }
        WeeklyHours::new(named).map_err(|message| self.note(message)).ok()
    }
}

/// The entries of an object.
pub(crate) struct Fields<'a, 'p> {
    place: &'p Place<'a>,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a, '_> {
    /// The value of a key that must be there.
    pub(crate) fn at(&self, key: &str) -> Option<Place<'a>> {
        let found = self.map.get(key).map(|value| self.place.below(key, value));
        if found.is_none() {
            self.place.note(format!("the key \"{key}\" is missing"));
        }
        found
    }

    /// A leaf that must be there.
    pub(crate) fn required<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.at(key)?.leaf()
    }

    /// The value of a key that may be absent: `Some(None)` when absent, `None` when at fault.
    pub(crate) fn maybe<T>(&self, key: &str, read: impl Fn(&Place<'a>) -> Option<T>) -> Option<Option<T>> {
        match self.map.get(key) {
            None => Some(None),
            Some(value) => read(&self.place.below(key, value)).map(Some),
        }
    }

    /// A leaf that may be absent, otherwise its default.
    pub(crate) fn or_default<T: DeserializeOwned + Default>(&self, key: &str) -> Option<T> {
        self.maybe(key, |place| place.leaf()).map(Option::unwrap_or_default)
    }

    /// A leaf that may be absent.
    pub(crate) fn optional<T: DeserializeOwned>(&self, key: &str) -> Option<Option<T>> {
        self.maybe(key, |place| place.leaf())
    }
}

/// What the reader of a value said, in words for people who do not program: "invalid type: string \"5\", expected u32"
/// becomes "must be a whole number of 0 or more, not the text \"5\"".
fn in_plain_words(message: &str) -> String {
    let parts = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, expected)) = parts.and_then(|parts| parts.rsplit_once(", expected ")) else {
        return message.to_string();
    };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "a borrowed string" | "str" => "a text",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        other => other,
    };
    let kinds = [
        ("string ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", ""),
        ("sequence", "a list"),
        ("map", "an object"),
        ("null", "nothing"),
    ];
    let plain = kinds.into_iter().find_map(|(kind, word)| found.strip_prefix(kind).map(|rest| format!("{word}{rest}")));
    match plain {
        Some(found) => format!("must be {expected}, not {}", found.replace('`', "")),
        None => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_speak_plainly() {
        let said =
            |value: Value| serde_json::from_value::<u32>(value).map_err(|error| in_plain_words(&error.to_string()));
        assert_eq!(said("5".into()), Err("must be a whole number of 0 or more, not the text \"5\"".to_string()));
        assert_eq!(said((-1).into()), Err("must be a whole number of 0 or more, not the number -1".to_string()));
        assert_eq!(said(1.5.into()), Err("must be a whole number of 0 or more, not the number 1.5".to_string()));
        assert_eq!(said(true.into()), Err("must be a whole number of 0 or more, not true".to_string()));
        assert_eq!(said(Value::Null), Err("must be a whole number of 0 or more, not nothing".to_string()));
        assert_eq!(said(vec![1].into()), Err("must be a whole number of 0 or more, not a list".to_string()));
        let unknown = "unknown variant `x`, expected one of `a`, `b`";
        assert_eq!(in_plain_words(unknown), unknown);
    }
}
