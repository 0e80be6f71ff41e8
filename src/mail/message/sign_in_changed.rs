//! "Your sign-in changed": the owner learns of it even if somebody else did it.

use askama::Template;
use chrono::NaiveDateTime;

use super::{RenderError, Rendered, render, wording};

/// What changed about how somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInChange {
    /// There is a new password.
    Password,
    /// An authenticator app is asked for a code, a new one or the first.
    SecondFactor,
    /// The authenticator app and the recovery codes count no longer.
    SecondFactorReset,
    /// A recovery code was used instead of the app.
    RecoveryCode,
    /// A provider's account opens this one from now on.
    Provider,
    /// No provider's account opens it any more.
    ProviderForgotten,
    /// A program can use the account with a new access token.
    Token,
    /// The account has another e-mail address; told to the address before.
    Address,
}

impl SignInChange {
    /// Its name in the name of the event.
    pub fn key(self) -> &'static str {
        match self {
            SignInChange::Password => "password",
            SignInChange::SecondFactor => "second-factor",
            SignInChange::SecondFactorReset => "second-factor-reset",
            SignInChange::RecoveryCode => "recovery-code",
            SignInChange::Provider => "provider",
            SignInChange::ProviderForgotten => "provider-forgotten",
            SignInChange::Token => "token",
            SignInChange::Address => "address",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            SignInChange::Password => "A new password was set for your account.",
            SignInChange::SecondFactor => "An authenticator app was set up for your account.",
            SignInChange::SecondFactorReset => "The authenticator app of your account was taken away.",
            SignInChange::RecoveryCode => "A recovery code of your account was used instead of the authenticator app.",
            SignInChange::Provider => "Your district's sign-in opens your account from now on.",
            SignInChange::ProviderForgotten => "Your district's sign-in does not open your account any more.",
            SignInChange::Token => "An access token was made, by which a program can use your account.",
            SignInChange::Address => {
                "Your account has another e-mail address now. This one gets no more e-mails about it."
            }
        }
    }
}

/// Something about how an account is opened changed; goes to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInChanged {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// What.
    pub change: SignInChange,
    /// When, by the clock of the co-op.
    pub at: NaiveDateTime,
    /// The page of the own account.
    pub link: String,
}

impl SignInChanged {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("Your sign-in to {} changed", self.coop_name);
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    fn sentence(&self) -> &'static str {
        self.change.sentence()
    }

    fn moment(&self) -> String {
        wording::moment(self.at)
    }
}

#[derive(Template)]
#[template(path = "email_sign_in_changed.txt")]
struct Text<'a> {
    mail: &'a SignInChanged,
}

#[derive(Template)]
#[template(path = "email_sign_in_changed.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a SignInChanged,
}
