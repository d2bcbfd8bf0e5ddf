//! The texts of mails, and who gets them.

use std::time::Duration;

use crate::model::account::{Account, TeamRole};
use crate::model::locale::Locale;
use crate::model::user::Email;
use crate::pages::time::minute_text;
use crate::portal::{LinkToken, Mail, Mailer};
use crate::state::AppState;

/// Returns the mail with the messages `mail-KIND-subject` and `mail-KIND-text`.
fn compose(
    state: &AppState,
    locale: Locale,
    to: Email,
    kind: &str,
    arguments: &[(&str, &str)],
) -> Mail {
    let messages = state.i18n.messages(locale);
    let site = state.site_title();
    let arguments = [arguments, &[("site", site.as_str())]].concat();
    Mail {
        to,
        subject: messages.with(&format!("mail-{kind}-subject"), &arguments),
        text: messages.with(&format!("mail-{kind}-text"), &arguments) + "\n",
    }
}

/// Returns the mail with a link to set a forgotten password.
pub(super) fn reset(state: &AppState, account: &Account, token: &LinkToken) -> Mail {
    let (origin, locale) = (state.config.origin(), account.language);
    let link = format!("{origin}/{locale}/reset/{}", token.as_str());
    let to = account.email.clone();
    compose(state, locale, to, "reset", &[("link", &link)])
}

/// What the mail with an invitation says.
pub(super) struct InvitationMail<'a> {
    /// The language of the mail.
    pub language: Locale,
    /// The name of who invites.
    pub inviter: &'a str,
    /// The role of the account.
    pub role: TeamRole,
    /// The time at which the link expires, in milliseconds since 1970.
    pub expires: i64,
}

/// Returns the mail with an invitation.
pub(super) fn invitation(
    state: &AppState,
    invitation: &InvitationMail<'_>,
    to: Email,
    link: &str,
) -> Mail {
    let locale = invitation.language;
    let role = format!("role-{}", invitation.role);
    let role = state.i18n.messages(locale).get(&role);
    let expires = minute_text(invitation.expires);
    let arguments = [
        ("link", link),
        ("inviter", invitation.inviter),
        ("role", &role),
        ("expires", &expires),
    ];
    compose(state, locale, to, "invitation", &arguments)
}

/// Returns the mail with a link to create an account.
pub(super) fn register(state: &AppState, locale: Locale, to: Email, token: &LinkToken) -> Mail {
    let origin = state.config.origin();
    let link = format!("{origin}/{locale}/join/{}", token.as_str());
    compose(state, locale, to, "register", &[("link", &link)])
}

/// Returns the mail for somebody who has an account already and wanted to create one.
pub(super) fn registered(state: &AppState, locale: Locale, to: Email) -> Mail {
    let link = format!("{}/{locale}/login", state.config.origin());
    compose(state, locale, to, "registered", &[("link", &link)])
}

/// Returns the mail for somebody whom a member has invited and who wanted to register.
pub(super) fn invited(state: &AppState, locale: Locale, to: Email) -> Mail {
    compose(state, locale, to, "invited", &[])
}

/// Returns the mail with the link by which a new address is confirmed.
pub(super) fn confirm_email(
    state: &AppState,
    account: &Account,
    to: Email,
    token: &LinkToken,
) -> Mail {
    let (origin, locale) = (state.config.origin(), account.language);
    let link = format!("{origin}/{locale}/confirm-email/{}", token.as_str());
    compose(state, locale, to, "confirm-email", &[("link", &link)])
}

/// Returns the mail that tells the old address of an account about the new one.
pub(super) fn email_changed(state: &AppState, before: &Account, new: &str) -> Mail {
    let to = before.email.clone();
    compose(
        state,
        before.language,
        to,
        "email-changed",
        &[("email", new)],
    )
}

/// What became of several mails.
pub(super) enum MailsOutcome {
    /// All were sent but those to these addresses.
    Finished(Vec<Email>),
    /// They are still being sent; failures are logged.
    Unfinished,
}

/// How long a page waits for its mails.
const PAGE_WAIT: Duration = Duration::from_secs(15);

/// Sends mails one after the other, to the end also when it takes longer than a page waits.
pub(super) async fn send_all(mailer: &Mailer, mails: Vec<Mail>) -> MailsOutcome {
    let mailer = mailer.clone();
    let sending = tokio::spawn(async move {
        let mut failed = Vec::new();
        for mail in mails {
            let to = mail.to.clone();
            if let Err(cause) = mailer.send(mail).await {
                tracing::error!(%cause, "a mail could not be sent");
                failed.push(to);
            }
        }
        failed
    });
    match tokio::time::timeout(PAGE_WAIT, sending).await {
        Ok(Ok(failed)) => MailsOutcome::Finished(failed),
        Ok(Err(_)) | Err(_) => MailsOutcome::Unfinished,
    }
}

/// Sends a mail after the response, because its duration would reveal something or because nobody waits for it. A failure is
/// logged, without the address.
pub(super) fn send_later(mailer: &Mailer, mail: Mail) {
    let mailer = mailer.clone();
    tokio::spawn(async move {
        if let Err(cause) = mailer.send(mail).await {
            tracing::error!(%cause, "a mail could not be sent");
        }
    });
}
