//! Reading JSON so that nothing written is passed over: in one object a key stands once.
//!
//! The JSON reader itself keeps the last of two equal keys and says nothing, so that half of what somebody wrote could be
//! lost without a word.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::fault::Fault;
use super::text::shortened;

/// So many repeated keys are named; a file with more is no work of people.
const REPEATED_MAX: usize = 100;

/// Reads a document. The faults name every key that stands more than once in its object, at the place of its value;
/// the value has the last of them.
///
/// # Errors
/// What is wrong with the text, with line and column, when it is not JSON.
pub fn read(bytes: &[u8]) -> Result<(Value, Vec<Fault>), serde_json::Error> {
    let repeated = RefCell::new(Vec::new());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Reading { place: &Place::Root, repeated: &repeated }.deserialize(&mut reader)?;
    reader.end()?;
    Ok((value, repeated.into_inner()))
}

/// Where a value stands. Its pointer is written only when there is a fault to tell.
enum Place<'a> {
    Root,
    Key(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root => Ok(()),
            Place::Key(above, key) => write!(f, "{above}/{}", key.replace('~', "~0").replace('/', "~1")),
            Place::Index(above, index) => write!(f, "{above}/{index}"),
        }
    }
}

/// Reads the value at a place.
struct Reading<'a> {
    place: &'a Place<'a>,
    repeated: &'a RefCell<Vec<Fault>>,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let place = Place::Index(self.place, list.len());
            match entries.next_element_seed(Reading { place: &place, repeated: self.repeated })? {
                Some(value) => list.push(value),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let place = Place::Key(self.place, &key);
            if map.contains_key(&key) && self.repeated.borrow().len() < REPEATED_MAX {
                let message = format!("\"{}\" stands more than once in this object; keep one", shortened(&key));
                self.repeated.borrow_mut().push(Fault::at(place.to_string(), message));
            }
            let value = entries.next_value_seed(Reading { place: &place, repeated: self.repeated })?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(text: &str) -> Vec<String> {
        let (_, repeated) = read(text.as_bytes()).expect("JSON");
        repeated.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn every_repeated_key_is_told_with_its_place() {
        assert_eq!(
            pointers(r#"{"a": [{"b": 1, "c": {"d": 1, "d": 2}}, {"b": 1, "b": 1}], "a": 5}"#),
            ["/a/0/c/d", "/a/1/b", "/a"]
        );
        assert_eq!(pointers(r#"{"x/y~": 1, "x/y~": 1}"#), ["/x~1y~0"]);
        // The same key, written in two ways.
        assert_eq!(pointers(r#"{"a": 1, "\u0061": 2}"#), ["/a"]);
        assert!(pointers(r#"[{"a": 1}, {"a": {"a": [{"a": 1}]}}]"#).is_empty());
        let (value, repeated) = read(br#"{"code": 1, "code": 2}"#).expect("JSON");
        assert_eq!(value["code"], 2);
        assert_eq!(repeated[0].to_string(), "/code: \"code\" stands more than once in this object; keep one");
    }

    #[test]
    fn many_repeated_keys_are_not_all_told() {
        assert_eq!(pointers(&format!("{{{}\"a\": 1}}", "\"a\": 1,".repeat(5_000))).len(), REPEATED_MAX);
    }

    #[test]
    fn everything_else_is_read_like_the_reader_reads_it() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        for text in [
            r#"{"a": [null, true, -1, 18446744073709551615, 1.5, 1e3, -0.0, "\ud83d\ude00\n"], "": {}, "z": [[]]}"#,
            " 5 ",
            "\"x\"",
            "{}",
            "[1,]",
            "{\"a\":}",
            "1 2",
            "",
            "1e999",
            "{\"a\": 1",
            "\"\\ud800\"",
            &deep(127),
            &deep(129),
        ] {
            let expected = serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
            let found = read(text.as_bytes()).map(|found| found.0).map_err(|error| error.to_string());
            assert_eq!(found, expected, "{text}");
        }
    }
}
