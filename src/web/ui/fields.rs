//! Pages of one form with several fields, and pages that ask before something is done. Both work the same everywhere: what
//! was typed stays, what is wrong is said above and beside the field.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::icon;
use super::shell::{Shell, answer};

/// How something is entered.
pub(super) enum Kind {
    /// Typed; the `type` of the field.
    Typed(&'static str),
    /// Chosen from a list.
    List(Vec<Choice>),
    /// Chosen from a few that are all shown.
    Radios(Vec<Choice>),
    /// Checked or not.
    Boxes(Vec<Choice>),
    /// A file.
    File,
}

/// Something to choose.
pub(super) struct Choice {
    pub value: String,
    pub words: String,
    /// A second line.
    pub hint: String,
    pub is_chosen: bool,
}

impl Choice {
    pub(super) fn new(value: impl Into<String>, words: impl Into<String>, chosen: &str) -> Choice {
        let value = value.into();
        let is_chosen = value == chosen;
        Choice { value, words: words.into(), hint: String::new(), is_chosen }
    }

    pub(super) fn with_hint(self, hint: &str) -> Choice {
        Choice { hint: hint.to_owned(), ..self }
    }
}

/// One entry of a form.
pub(super) struct Field {
    pub name: String,
    pub label: String,
    pub hint: String,
    pub kind: Kind,
    /// What was typed.
    pub value: String,
    /// What to do about it, where it is wrong.
    pub wrong: Option<String>,
    /// Words after a short field, such as `minutes`.
    pub unit: &'static str,
}

impl Field {
    fn new(name: &str, label: &str, kind: Kind, value: &str) -> Field {
        let value: String = value.chars().take(254).collect();
        let (name, label, hint) = (name.to_owned(), label.to_owned(), String::new());
        Field { name, label, hint, kind, value, wrong: None, unit: "" }
    }

    pub(super) fn text(name: &str, label: &str, value: &str) -> Field {
        Field::new(name, label, Kind::Typed("text"), value)
    }

    pub(super) fn date(name: &str, label: &str, value: &str) -> Field {
        Field::new(name, label, Kind::Typed("date"), value)
    }

    pub(super) fn time(name: &str, label: &str, value: &str) -> Field {
        Field::new(name, label, Kind::Typed("time"), value)
    }

    /// A whole number, as text: what is typed stays even where it is none.
    pub(super) fn number(name: &str, label: &str, value: &str, unit: &'static str) -> Field {
        Field { unit, ..Field::new(name, label, Kind::Typed("text"), value) }
    }

    pub(super) fn list(name: &str, label: &str, choices: Vec<Choice>) -> Field {
        Field::new(name, label, Kind::List(choices), "")
    }

    pub(super) fn radios(name: &str, label: &str, choices: Vec<Choice>) -> Field {
        Field::new(name, label, Kind::Radios(choices), "")
    }

    pub(super) fn boxes(name: &str, label: &str, choices: Vec<Choice>) -> Field {
        Field::new(name, label, Kind::Boxes(choices), "")
    }

    pub(super) fn file(name: &str, label: &str) -> Field {
        Field::new(name, label, Kind::File, "")
    }

    pub(super) fn with_hint(self, hint: &str) -> Field {
        Field { hint: hint.to_owned(), ..self }
    }

    /// With what is wrong about it.
    pub(super) fn checked(self, faults: &[(String, String)]) -> Field {
        let wrong = faults.iter().find(|(name, _)| *name == self.name).map(|(_, words)| words.clone());
        Field { wrong, ..self }
    }

    /// What describes the field, by the identities of its hint and its fault.
    pub(super) fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let wrong = self.wrong.is_some().then(|| format!("{}-wrong", self.name));
        hint.into_iter().chain(wrong).collect::<Vec<_>>().join(" ")
    }
}

/// A page with one form.
#[derive(Template)]
#[template(path = "fields_page.html")]
pub(super) struct FieldsPage<'a> {
    pub shell: &'a Shell,
    /// Where the page belongs: address and words.
    pub back: (String, String),
    pub heading: String,
    pub lede: String,
    pub action: String,
    /// Whether a file is sent.
    pub sends_file: bool,
    pub hidden: Vec<(String, String)>,
    pub fields: Vec<Field>,
    pub button: &'static str,
    /// Field and words of all that is wrong. What belongs to no field of the form is said above it.
    pub faults: Vec<(String, String)>,
    /// Below the button: address and words.
    pub after: Vec<(String, String)>,
}

impl FieldsPage<'_> {
    /// The answer: 200, or 422 with what is wrong.
    pub(super) fn answer(mut self) -> HttpResponse {
        let status = if self.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let faults = std::mem::take(&mut self.faults);
        self.fields = std::mem::take(&mut self.fields).into_iter().map(|field| field.checked(&faults)).collect();
        self.faults = faults;
        answer(self.shell, status, self.render())
    }

    fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// A page that says what will happen and asks.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(super) struct ConfirmPage<'a> {
    pub shell: &'a Shell,
    pub back: (String, String),
    pub heading: String,
    /// What will happen, a sentence each.
    pub sentences: Vec<String>,
    /// What is to be known before, a sentence each.
    pub warnings: Vec<String>,
    /// What was entered: label, value, and what stood there before where that differs.
    pub facts: Vec<(String, String, Option<String>)>,
    /// Heading above the rows.
    pub rows_heading: String,
    /// What is touched: a bold line and a second one.
    pub rows: Vec<(String, String)>,
    /// How many more there are.
    pub more: usize,
    /// Shows the page for something else.
    pub chooser: Option<Chooser>,
    pub action: String,
    pub hidden: Vec<(String, String)>,
    /// Value and words of each button; the first one is the main action.
    pub buttons: Vec<(&'static str, &'static str)>,
    /// Whether something stops working by it.
    pub is_grave: bool,
    pub cancel: (String, String),
}

/// A list at the top of a page that asks, which shows the page again for what is chosen.
pub(super) struct Chooser {
    pub action: &'static str,
    pub name: &'static str,
    pub label: &'static str,
    pub choices: Vec<Choice>,
}

impl ConfirmPage<'_> {
    fn first_rows(&self) -> &[(String, String)] {
        &self.rows[..self.rows.len().min(ROWS_OPEN)]
    }

    fn other_rows(&self) -> &[(String, String)] {
        &self.rows[self.rows.len().min(ROWS_OPEN)..]
    }

    pub(super) fn answer(self) -> HttpResponse {
        answer(self.shell, StatusCode::OK, self.render())
    }
}

/// So many of them are open at first.
const ROWS_OPEN: usize = 6;
/// So many rows are shown on a page that asks.
pub(super) const ROWS_SHOWN: usize = 30;
