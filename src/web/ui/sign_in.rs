//! Signing in and out: e-mail address and password, then a code where the account has a second factor.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::cookie::Cookie;
use super::form::{Entry, FormPage};
use super::holder::{Holder, SentForm, address_of, caller, is_from_here, refuse_foreign, resumed};
use super::shell::{Shell, guarded, lead_to, refuse};
use super::visitor::{AskedHere, in_background};
use super::{UiSettings, openid};
use crate::operations::sign_in::sessions::Next;
use crate::operations::sign_in::{self, Attempt, Opened, second_factor, sessions};
use crate::operations::{OperationError, Operations};

/// Where to go after signing in.
#[derive(Default, Deserialize)]
pub(super) struct Return {
    #[serde(default)]
    pub to: String,
}

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    to: String,
}

/// What the form of the code sends.
#[derive(Default, Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub form: String,
}

impl SentForm for CodeForm {
    fn token(&self) -> &str {
        &self.form
    }
}

/// `GET /sign-in`
pub(super) async fn get(
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    back: Option<web::Query<Return>>,
) -> HttpResponse {
    let back = back.map(web::Query::into_inner).unwrap_or_default();
    page(&operations, &Shell::for_stranger(&settings), &back.to, "").answer()
}

/// `POST /sign-in`
pub(super) async fn post(
    request: HttpRequest,
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    form: Option<web::Form<Form>>,
) -> HttpResponse {
    // What is not a form at all has no password either.
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    let shell = Shell::for_stranger(&settings);
    // Another site must not sign a visitor in to an account of its own choice.
    if !is_from_here(&request, &settings) {
        return refuse_foreign(&shell);
    }
    let (caller, asked) = (caller(&request, &settings), operations.clone());
    let (email, password) = (form.email.clone(), form.password);
    let page = page(&operations, &shell, &form.to, &form.email);
    match in_background(move || sign_in::sign_in(&asked, &email, &password, &caller)).await {
        Ok(Attempt::Accepted(opened)) => seated(&operations, &settings, &opened, &form.to).await,
        Ok(Attempt::Wrong) => {
            let words = "The e-mail address or the password is not right. Try again";
            FormPage { wrong: Some(("email", words.to_owned())), ..page }.answer()
        }
        Ok(Attempt::Wait(seconds)) => page.answer_wait(seconds),
        Err(error) => refuse(&shell, &error),
    }
}

/// Sets the cookies of a session that has begun, and leads on.
pub(super) async fn seated(
    operations: &web::Data<Operations>,
    settings: &UiSettings,
    opened: &Opened,
    to: &str,
) -> HttpResponse {
    let next = match resumed(operations, &opened.secret).await {
        Ok(signed_in) => signed_in.next,
        Err(error) => return refuse(&Shell::for_stranger(settings), &error),
    };
    let mut response = guarded(StatusCode::SEE_OTHER);
    response.insert_header(("Location", after_sign_in(next, to)));
    for header in cookies(settings, opened) {
        response.append_header((SET_COOKIE, header));
    }
    response.finish()
}

/// The page to go to once a session has begun.
pub(super) fn after_sign_in(next: Next, to: &str) -> String {
    match next {
        Next::Code => with_return("/sign-in/code", to),
        next => address_of(next).or(safe(to)).unwrap_or("/").to_owned(),
    }
}

/// The headers that set the cookies of a session that has begun.
pub(super) fn cookies(settings: &UiSettings, opened: &Opened) -> Vec<String> {
    let device = opened.device.as_ref().map(|device| Cookie::Device.written(settings, device));
    [Cookie::Session.written(settings, &opened.secret)].into_iter().chain(device).collect()
}

/// `GET /sign-in/code`
pub(super) async fn get_code(holder: Holder, back: Option<web::Query<Return>>) -> HttpResponse {
    let back = back.map(web::Query::into_inner).unwrap_or_default();
    match holder.signed_in.next {
        Next::Code => code_page(&holder, &holder.shell(), &back.to).answer(),
        next => lead_to(address_of(next).unwrap_or("/")),
    }
}

/// `POST /sign-in/code`
pub(super) async fn post_code(request: HttpRequest, holder: Holder, form: Option<web::Form<CodeForm>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.check_form(&request, &form.form) {
        return answer;
    }
    let (shell, code) = (holder.shell(), form.code);
    let page = code_page(&holder, &shell, &form.to);
    match holder
        .run(move |operations, secret, caller| second_factor::give_code(operations, secret, &code, caller))
        .await
    {
        Ok(Attempt::Accepted(opened)) => seated(&holder.operations, &holder.settings, &opened, &form.to).await,
        Ok(Attempt::Wrong) => {
            let words = "This code does not fit. Each works once, for half a minute: wait for the next one";
            FormPage { wrong: Some(("code", words.to_owned())), ..page }.answer()
        }
        Ok(Attempt::Wait(seconds)) => page.answer_wait(seconds),
        Err(error) => holder.refuse(&error, "/"),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(request: HttpRequest, holder: Holder, form: Option<web::Form<CodeForm>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.check_form(&request, &form.form) {
        return answer;
    }
    match holder.run(|operations, secret, _| sessions::sign_out(operations, secret)).await {
        Ok(()) => guarded(StatusCode::SEE_OTHER)
            .insert_header((SET_COOKIE, Cookie::Session.written(&holder.settings, "")))
            .insert_header(("Clear-Site-Data", "\"cache\", \"storage\""))
            .insert_header(("Location", "/sign-in"))
            .finish(),
        Err(error) => holder.refuse(&error, "/"),
    }
}

fn page<'a>(operations: &Operations, shell: &'a Shell, return_to: &str, email: &str) -> FormPage<'a> {
    let return_to = safe(return_to).unwrap_or("");
    let again = if operations.settings.sign_in.email_codes {
        let words = "No password yet, or forgotten? Get a code by e-mail".to_owned();
        (Some(with_return("/sign-in/email", return_to)), words)
    } else {
        let words = "No password yet, or forgotten? Ask the co-op's office: it sends you a link to set one.";
        (None, words.to_owned())
    };
    let mut after = vec![again];
    if !return_to.is_empty() {
        // A link in an e-mail comes from elsewhere, and the strict cookie is not sent with it.
        let words = "Already signed in on this device? Open the page".to_owned();
        after.push((Some(return_to.to_owned()), words));
    }
    FormPage {
        shell,
        heading: "Sign in",
        lede: String::new(),
        notes: Vec::new(),
        action: "/sign-in".to_owned(),
        hidden: vec![("to", return_to.to_owned())],
        entries: vec![Entry::email(email), Entry::password("password", "Password", "current-password")],
        button: "Sign in",
        wrong: None,
        doors: operations.openid.iter().map(|one| openid::door(&one.settings)).collect(),
        after,
    }
}

fn code_page<'a>(holder: &Holder, shell: &'a Shell, return_to: &str) -> FormPage<'a> {
    FormPage {
        shell,
        heading: "Enter a code",
        lede: "One more step: open your authenticator app.".to_owned(),
        notes: Vec::new(),
        action: "/sign-in/code".to_owned(),
        hidden: vec![("to", safe(return_to).unwrap_or("").to_owned()), ("form", holder.signed_in.form_token.clone())],
        entries: vec![Entry::code("Code", "Six digits from the app, or one of your recovery codes")],
        button: "Go on",
        wrong: None,
        doors: Vec::new(),
        after: vec![(
            None,
            "App and recovery codes lost? The person who runs the server can take the second factor away.".to_owned(),
        )],
    }
}

/// The way to the sign-in page, and from there back to what was asked for.
pub(super) fn address_with_return(request: &HttpRequest) -> String {
    match safe(request.path()) {
        Some(path) if path != "/" => with_return("/sign-in", path),
        _ => "/sign-in".to_owned(),
    }
}

/// A page that leads on to another one afterwards.
pub(super) fn with_return(page: &str, return_to: &str) -> String {
    match safe(return_to) {
        Some(path) => format!("{page}?to={}", in_query(path)),
        None => page.to_owned(),
    }
}

fn in_query(path: &str) -> String {
    path.replace('&', "%26")
}

/// A path of this server, never an address of another one: `//host` and `/\host` would lead away.
pub(super) fn safe(path: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.&%".contains(&byte);
    (path.starts_with('/') && !path.starts_with("//") && path.len() <= 200 && path.bytes().all(plain)).then_some(path)
}

/// What a refused form says about an entry.
pub(super) fn first_fault(error: &OperationError) -> Option<String> {
    match error {
        OperationError::Invalid(faults) | OperationError::MayNameChild(faults) => {
            faults.first().map(|fault| fault.message.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_never_leads_to_another_server() {
        assert_eq!(safe("/week/SLP-01"), Some("/week/SLP-01"));
        for bad in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb", "/%0d%0a\n", "week"] {
            assert_eq!(safe(bad), None, "{bad:?}");
        }
    }
}
