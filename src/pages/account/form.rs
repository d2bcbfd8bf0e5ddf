//! The form of the account page, and what becomes of it.

use serde::Deserialize;

use crate::model::locale::Locale;

/// What was done, named in the address of the page that says it: `?done=KEY`.
pub(super) const DONE: [&str; 6] = [
    "saved",
    "same",
    "password-changed",
    "session-ended",
    "others-ended",
    "email-changed",
];

/// The fields of all forms of the page. It does not implement `Debug`, because it contains passwords.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnAccountForm {
    #[serde(rename = "do")]
    pub(super) action: String,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) current: String,
    pub(super) password: String,
    pub(super) session: String,
    /// `yes` when a question was answered.
    pub(super) confirm: String,
}

/// What became of a form.
pub(super) enum AccountOutcome {
    /// It was accepted; one of [`DONE`].
    Done(&'static str),
    /// Whether to end all other sessions is asked first.
    AskEndOthers,
    /// It was refused.
    Refused(AccountRefusal),
}

impl AccountOutcome {
    pub(super) fn refused(text: String) -> AccountOutcome {
        AccountOutcome::Refused(AccountRefusal::of_form(text))
    }

    pub(super) fn problem(field: &'static str, text: String) -> AccountOutcome {
        AccountOutcome::Refused(AccountRefusal::of_field(field, text))
    }
}

/// Why a form was refused.
#[derive(Clone, Default)]
pub(super) struct AccountRefusal {
    /// What concerns no field.
    pub(super) message: Option<String>,
    /// The name of a field, and why it was refused.
    pub(super) problem: Option<(&'static str, String)>,
    /// The name and the language that were typed.
    pub(super) typed: Option<(String, Locale)>,
}

impl AccountRefusal {
    pub(super) fn of_form(text: String) -> AccountRefusal {
        AccountRefusal {
            message: Some(text),
            ..AccountRefusal::default()
        }
    }

    pub(super) fn of_field(field: &'static str, text: String) -> AccountRefusal {
        AccountRefusal {
            problem: Some((field, text)),
            ..AccountRefusal::default()
        }
    }

    /// Returns why a field was refused.
    pub(super) fn problem_of(&self, field: &str) -> Option<String> {
        let problem = self.problem.as_ref();
        problem
            .filter(|(name, _)| *name == field)
            .map(|(_, text)| text.clone())
    }
}

/// Returns the address of the account page that says what was done.
pub(super) fn done_address(locale: Locale, done: &str) -> String {
    format!("/{locale}/account?done={done}")
}
