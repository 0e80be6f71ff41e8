//! Query parameters, read strictly: what is not taken is unknown.

use actix_web::web;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::problem::{Problem, ProblemKind};
use crate::domain::fault::Faults;
use crate::operations::PageRequest;

/// Records of a list when nothing is said.
pub const LIMIT_DEFAULT: i64 = 50;
/// Most records of a list.
pub const LIMIT_MAX: i64 = 200;

/// The parameters of a request.
pub struct Query {
    given: Vec<(String, String)>,
    taken: Vec<&'static str>,
    faults: Faults,
}

impl Query {
    /// Takes a query string apart.
    pub fn read(text: &str) -> Result<Query, Problem> {
        let given = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| {
            Problem::new(ProblemKind::UnreadableRequest, "The part of the address after the ? cannot be read")
        })?;
        Ok(Query { given: given.into_inner(), taken: Vec::new(), faults: Faults::default() })
    }

    /// The value of a parameter, if it is given.
    pub fn take<T: for<'a> Deserialize<'a>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        let reader: StrDeserializer<Error> = text.as_str().into_deserializer();
        let read = T::deserialize(reader).map_err(|error| format!("{error}; correct it or leave it out"));
        self.faults.take(&format!("/{name}"), read)
    }

    /// Which part of a list: `limit` and `after`.
    pub fn page(&mut self) -> PageRequest {
        let limit = self.text("limit").map(|text| {
            let number = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
            number.ok_or_else(|| format!("Write a whole number from 1 to {LIMIT_MAX}"))
        });
        let limit = limit.and_then(|limit| self.faults.take("/limit", limit)).unwrap_or(LIMIT_DEFAULT);
        let after = self.text("after").map(|text| {
            let cursor = uuid::Uuid::parse_str(&text).ok().filter(|_| text.len() == 36);
            cursor.ok_or_else(|| "Write the \"next\" of the page before, as it was given".to_owned())
        });
        let after = after.and_then(|after| self.faults.take("/after", after));
        PageRequest { limit, after }
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        self.taken.push(name);
        let mut values = self.given.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone());
        let value = values.next();
        let again = values.next().is_some();
        self.faults.require(!again, &format!("/{name}"), || "This is given twice; give it once".to_owned());
        value
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with every fault; what was not taken is unknown.
    pub fn finish(mut self) -> Result<(), Problem> {
        let known = match self.taken.as_slice() {
            [] => "this address takes none".to_owned(),
            taken => format!("known here: {}", taken.join(", ")),
        };
        for (name, _) in self.given.iter().filter(|(name, _)| !self.taken.contains(&name.as_str())) {
            self.faults.note(format!("/{name}"), format!("There is no such parameter; {known}"));
        }
        self.faults.into_result().map_err(Problem::invalid)
    }
}
