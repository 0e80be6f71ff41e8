//! Puts codes that mean nothing in place of codes, and nothing in place of names, inside planning files and sentences.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::operations::OperationError;

/// Below these keys stand words of the trade, never codes of records, even where a member's code looks the same.
const WORDS_OF_THE_TRADE: [&str; 15] = [
    "discipline",
    "disciplines",
    "qualifications",
    "kind",
    "rule",
    "rules",
    "cause",
    "day",
    "days",
    "format",
    "status",
    "priority",
    "mode",
    "agency_cents_per_hour",
    "stay_preference",
];

/// What stands in place of what.
#[derive(Debug, Default)]
pub struct Replacement {
    /// Codes and names as a whole.
    wholes: BTreeMap<String, String>,
    /// First and last names of people, which stand alone in what others write.
    parts: BTreeMap<String, String>,
}

impl Replacement {
    /// One text in place of another.
    pub fn add(&mut self, old: &str, new: &str) {
        if !old.trim().is_empty() {
            self.wholes.insert(old.to_owned(), new.to_owned());
        }
    }

    /// A person's name, also where only a part of it stands.
    pub fn add_person(&mut self, name: &str, new: &str) {
        self.add(name, new);
        for part in name.split(|letter: char| !is_part(letter)).filter(|part| part.chars().count() > 2) {
            self.parts.insert(part.to_owned(), new.to_owned());
        }
    }

    /// Everything that is replaced.
    pub fn olds(&self) -> Vec<String> {
        self.wholes.keys().cloned().collect()
    }

    /// A JSON text with everything replaced.
    pub fn json(&self, text: &str) -> Result<String, OperationError> {
        let mut value: Value = serde_json::from_str(text).map_err(OperationError::internal)?;
        let before = value.clone();
        self.value(&mut value);
        // The same bytes where nothing was found, whatever wrote them.
        if value == before {
            Ok(text.to_owned())
        } else {
            serde_json::to_string(&value).map_err(OperationError::internal)
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(entries) => {
                let old = std::mem::take(entries);
                for (key, mut value) in old {
                    if !WORDS_OF_THE_TRADE.contains(&key.as_str()) {
                        self.value(&mut value);
                    }
                    entries.insert(self.wholes.get(&key).cloned().unwrap_or(key), value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A code or name as a whole, `member:CODE`, or a sentence.
    fn text(&self, text: &str) -> String {
        if let Some(new) = self.wholes.get(text) {
            return new.clone();
        }
        if let Some(new) = text.strip_prefix("member:").and_then(|code| self.wholes.get(code)) {
            return format!("member:{new}");
        }
        self.words(text)
    }

    /// What a person wrote: as [`Self::words`], and names of people in part. Files of the planner know people by codes
    /// only, and a last name may be a school's.
    pub fn free_text(&self, text: &str) -> String {
        replaced(&self.words(text), &self.parts)
    }

    /// A sentence with everything replaced that stands in it as a word of its own. A single letter is left: in a
    /// sentence it is the article.
    fn words(&self, text: &str) -> String {
        replaced(text, &self.wholes)
    }
}

fn replaced(text: &str, replacements: &BTreeMap<String, String>) -> String {
    let mut olds: Vec<(&String, &String)> = replacements.iter().filter(|(old, _)| old.chars().count() > 1).collect();
    olds.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    let mut text = text.to_owned();
    for (old, new) in olds {
        let mut done = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(old.as_str()) {
            let (before, after) = (rest[..at].chars().next_back(), rest[at + old.len()..].chars().next());
            let before = before.or_else(|| done.chars().next_back());
            let is_word = !before.is_some_and(is_part) && !after.is_some_and(is_part);
            done.push_str(&rest[..at]);
            done.push_str(if is_word { new } else { old });
            rest = &rest[at + old.len()..];
        }
        done.push_str(rest);
        text = done;
    }
    text
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | '&')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_replaced_wherever_they_stand_and_nothing_else_is() {
        let mut replacement = Replacement::default();
        for (old, new) in
            [("OT", "ERASED-1"), ("OT-1", "ERASED-2"), ("Oak School", "Erased"), ("A", "ERASED-3"), ("", "x")]
        {
            replacement.add(old, new);
        }
        let before = r#"{"member":"OT","discipline":"OT","employer":"member:OT","site":"A","by":{"OT-1":1},"#;
        let before = format!("{before}{}", r#""text":"A drive from OT-1 (Oak School) to OT-10 or OT.","n":1.50}"#);
        let after = replacement.json(&before).expect("JSON");
        let expected = r#"{"member":"ERASED-1","discipline":"OT","employer":"member:ERASED-1","site":"ERASED-3","#;
        let expected = format!(
            "{expected}{}",
            r#""by":{"ERASED-2":1},"text":"A drive from ERASED-2 (Erased) to OT-10 or ERASED-1.","n":1.5}"#
        );
        assert_eq!(after, expected);
        let other = r#"{ "site" : "B", "n": 1.50 }"#;
        assert_eq!(replacement.json(other).expect("JSON"), other, "byte for byte");
        replacement.add_person("Ruth Beech", "Erased");
        assert_eq!(
            replacement.free_text("Ruth's week without Beech, by OT"),
            "Erased's week without Erased, by ERASED-1"
        );
        assert!(replacement.json(r#"{"site":"Beech School"}"#).expect("JSON").contains("Beech"));
    }
}
