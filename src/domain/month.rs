//! A month of a calendar year, written `2027-01`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

impl Month {
    /// The month in which a date lies.
    pub fn of(date: NaiveDate) -> Month {
        Month(date.with_day(1).unwrap_or(date))
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// The first day after it.
    pub fn first_day_after(self) -> NaiveDate {
        self.0.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
    }

    /// Its name, for sentences: `January 2027`.
    pub fn spoken(self) -> String {
        self.0.format("%B %Y").to_string()
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Month, String> {
        let words = || format!("\"{text}\" is no month. Write it like 2027-01");
        let plain = text.len() == 7 && text.bytes().enumerate().all(|(at, one)| at == 4 || one.is_ascii_digit());
        let date = Some(text).filter(|_| plain).and_then(|text| format!("{text}-01").parse().ok());
        date.map(Month).ok_or_else(words)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Month, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]{4}-(0[1-9]|1[0-2])$"))
            .examples([serde_json::json!("2027-01")]);
        Schema::from(text).into()
    }
}

impl ToSchema for Month {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_as_it_is_written_and_nothing_else_is() {
        for text in ["2027-01", "2028-02", "1999-12"] {
            assert_eq!(text.parse::<Month>().map(|month| month.to_string()), Ok(text.to_owned()));
        }
        for text in ["2027-13", "2027-1", "2027-01-01", "202701", "", "+027-01", "2027/01"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        let month = Month::of("2027-12-31".parse().expect("a date"));
        assert_eq!(
            (month.spoken(), month.first_day_after().to_string()),
            ("December 2027".into(), "2028-01-01".into())
        );
    }
}
