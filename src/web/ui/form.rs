//! A page with one form: a few entries, one button, and what is wrong with what was sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::icon;
use super::shell::{Shell, answer};

/// Something to type.
pub(super) struct Entry {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: String,
    /// The `type` of the field.
    pub kind: &'static str,
    /// What a password manager may fill in.
    pub autocomplete: &'static str,
    /// What was typed before; never a password.
    pub value: String,
}

impl Entry {
    /// A password.
    pub(super) fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Entry {
        Entry { name, label, hint: String::new(), kind: "password", autocomplete, value: String::new() }
    }

    /// The e-mail address of an account, with what was typed before.
    pub(super) fn email(typed: &str) -> Entry {
        Entry {
            name: "email",
            label: "E-mail address",
            hint: String::new(),
            kind: "email",
            autocomplete: "username",
            value: typed.chars().take(254).collect(),
        }
    }

    /// A code that is used once.
    pub(super) fn code(label: &'static str, hint: &str) -> Entry {
        let autocomplete = "one-time-code";
        Entry { name: "code", label, hint: hint.to_owned(), kind: "text", autocomplete, value: String::new() }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "form.html")]
pub(super) struct FormPage<'a> {
    pub shell: &'a Shell,
    pub heading: &'a str,
    pub lede: String,
    /// What to know before the button is pressed, a sentence each.
    pub notes: Vec<String>,
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
    pub entries: Vec<Entry>,
    pub button: &'static str,
    /// The name of the entry that is wrong, and what to do.
    pub wrong: Option<(&'static str, String)>,
    /// Other ways that the same page offers, each a form with a button: where it goes, and the button's words.
    pub doors: Vec<(String, String)>,
    /// Below the button: words, or a link and its words.
    pub after: Vec<(Option<String>, String)>,
}

impl FormPage<'_> {
    fn wrong_words(&self, entry: &Entry) -> Option<&str> {
        self.wrong.as_ref().filter(|(name, _)| *name == entry.name).map(|(_, words)| words.as_str())
    }

    /// The answer: 200, or 422 with what is wrong.
    pub(super) fn answer(self) -> HttpResponse {
        let status = if self.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        answer(self.shell, status, self.render())
    }

    /// The answer to one try too many: 429 with the time after which the next one is looked at.
    pub(super) fn answer_wait(mut self, seconds: i64) -> HttpResponse {
        let minutes = (seconds + 59) / 60;
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        let name = self.entries.last().map_or("", |entry| entry.name);
        self.wrong = Some((name, format!("Too many tries. Wait {minutes} {unit}, then try again")));
        let mut response = answer(self.shell, StatusCode::TOO_MANY_REQUESTS, self.render());
        let headers = response.headers_mut();
        headers.insert(actix_web::http::header::RETRY_AFTER, actix_web::http::header::HeaderValue::from(seconds));
        response
    }
}
