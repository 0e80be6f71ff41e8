//! What a form of ours sends, as it was typed, and who sends it.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::{Error, FromRequest, HttpRequest, web};
use chrono::NaiveDate;

use super::holder::Holder;
use crate::domain::calendar::WallClock;
use crate::domain::fault::Faults;
use crate::operations::OperationError;

/// The entries of a form, in order. A check box that is not checked sends nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed(pub Vec<(String, String)>);

impl Typed {
    /// The first value under a name, without spaces around it; empty when there is none.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// All values under a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Whether a name came with this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|one| one == value)
    }

    /// Replaces what stands under a name.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// The version that a change is based on.
    pub(super) fn version(&self) -> Option<i64> {
        self.one("version").parse().ok()
    }

    /// A date that must be there.
    pub(super) fn date(&self, faults: &mut Faults, name: &str, words: &str) -> Option<NaiveDate> {
        let date = read_date(self.one(name));
        faults.require(date.is_some(), &format!("/{name}"), || format!("Enter the {words}, like 2027-01-18"));
        date
    }

    /// A date that may be left out.
    pub(super) fn date_or_none(&self, faults: &mut Faults, name: &str, words: &str) -> Option<NaiveDate> {
        if self.one(name).is_empty() { None } else { self.date(faults, name, words) }
    }

    /// A time of day that may be left out.
    pub(super) fn clock_or_none(&self, faults: &mut Faults, name: &str, words: &str) -> Option<WallClock> {
        let text = self.one(name);
        let time = text.parse().ok();
        faults.require(text.is_empty() || time.is_some(), &format!("/{name}"), || {
            format!("Enter the {words} as a time on a step of five minutes, like 12:30")
        });
        time
    }

    /// Every entry but what belongs to the form itself, to be hidden in the next one.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| !["form", "do"].contains(&name.as_str())).cloned().collect()
    }
}

/// A date of four digits, two and two, as date fields send it.
pub(super) fn read_date(text: &str) -> Option<NaiveDate> {
    Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok())
}

/// A form that one of our pages sent, and who sent it, with the sign-in complete. Everybody else gets the answer that says
/// what to do.
pub(super) struct Posted {
    pub holder: Holder,
    pub typed: Typed,
}

impl FromRequest for Posted {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Posted, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        let holder = Holder::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let holder = holder.await?;
            // What is not a form of ours holds no token and is refused as such.
            let typed = Typed(form.await.map(web::Form::into_inner).unwrap_or_default());
            match holder.complete().and_then(|()| holder.check_form(&request, typed.one("form"))) {
                Ok(()) if typed.has("names_nobody", "yes") => Ok(Posted { holder: holder.naming_nobody(), typed }),
                Ok(()) => Ok(Posted { holder, typed }),
                Err(answer) => Err(InternalError::from_response("the form is refused", answer).into()),
            }
        })
    }
}

/// Field and words of what is wrong, where people can mend it on the form; none for errors that have a page of their own.
/// Faults inside of a field belong to the field.
pub(super) fn faults(error: &OperationError) -> Option<Vec<(String, String)>> {
    let field = |pointer: &str| pointer.trim_start_matches('/').replace('/', "-");
    match error {
        OperationError::Invalid(faults) | OperationError::MayNameChild(faults) => {
            Some(faults.iter().map(|fault| (field(&fault.pointer), fault.message.clone())).collect())
        }
        OperationError::Conflict { detail, .. } => Some(vec![(String::new(), detail.clone())]),
        OperationError::StaleVersion | OperationError::VersionRequired => {
            let words = "Somebody else changed this meanwhile. What you typed is still here: look at what is stored now, then \
                         save again to replace it";
            Some(vec![(String::new(), words.to_owned())])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_without_its_spaces_and_every_fault_names_its_field() {
        let pairs =
            [("starts_on", " 2027-01-18 "), ("ends_on", "soon"), ("released", "12:31"), ("kind", "a"), ("kind", "b")];
        let mut typed = Typed(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let mut faults = Faults::default();
        assert_eq!(typed.date(&mut faults, "starts_on", "first day"), NaiveDate::from_ymd_opt(2027, 1, 18));
        assert_eq!(typed.date_or_none(&mut faults, "ends_on", "last day"), None);
        assert_eq!(typed.clock_or_none(&mut faults, "released", "end of the day"), None);
        assert_eq!(typed.date_or_none(&mut faults, "other", "other day"), None);
        let pointers: Vec<String> = faults.into_vec().into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/ends_on", "/released"]);
        assert!(typed.has("kind", "b") && !typed.has("kind", "c"));
        typed.set("kind", "c");
        assert_eq!(typed.all("kind").collect::<Vec<_>>(), ["c"]);
    }
}
