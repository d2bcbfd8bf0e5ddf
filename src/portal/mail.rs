//! Sends mail with the configured SMTP server. The texts of the mails are in `pages`.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::model::user::Email;

/// The time limit for each step of a conversation with the server.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);
/// The time limit for a whole mail.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);

/// A mail to one person.
#[derive(Clone)]
pub struct Mail {
    /// The recipient.
    pub to: Email,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Sends mail; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// The reasons for which a configuration cannot send mail.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The URL is not one of an SMTP server. Its text is not shown, because it contains a password.
    #[error(
        "smtp.url is not the address of an SMTP server: write smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST, special characters percent-encoded"
    )]
    Url,
    /// The sender is not an address.
    #[error("smtp.from {0:?} is not a sender: write NAME <ADDRESS> or ADDRESS")]
    From(String),
}

/// The reasons for which a mail is not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The server cannot be reached, refuses the login, or refuses the mail.
    #[error("the SMTP server failed: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
    /// The server did not answer in time.
    #[error("the SMTP server did not answer within {} s", MAIL_TIMEOUT.as_secs())]
    Timeout,
    /// The recipient cannot stand in a mail.
    #[error("the address cannot receive mail")]
    Recipient,
    /// The mail could not be composed.
    #[error("the mail could not be composed: {0}")]
    Compose(#[from] lettre::error::Error),
}

impl Mailer {
    /// Creates a mailer. It connects only to send.
    ///
    /// # Errors
    /// [`MailerError`].
    pub fn new(url: &str, from: &str) -> Result<Mailer, MailerError> {
        let url = with_tls(url).ok_or(MailerError::Url)?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url);
        let builder = builder.map_err(|_| MailerError::Url)?;
        let sender = from.parse();
        Ok(Mailer {
            transport: builder.timeout(Some(STEP_TIMEOUT)).build(),
            from: sender.map_err(|_| MailerError::From(from.to_owned()))?,
        })
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to: Address = mail.to.as_str().parse().map_err(|_| MailError::Recipient)?;
        let id = format!(
            "<{:032x}@{}>",
            rand::random::<u128>(),
            self.from.email.domain()
        );
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(Some(id))
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)?;
        match tokio::time::timeout(MAIL_TIMEOUT, self.transport.send(message)).await {
            Ok(sent) => Ok(sent.map(drop)?),
            Err(_) => Err(MailError::Timeout),
        }
    }

    /// Connects to the server and logs in there, without sending anything.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn check(&self) -> Result<(), MailError> {
        match tokio::time::timeout(MAIL_TIMEOUT, self.transport.test_connection()).await {
            Ok(checked) => Ok(checked.map(drop)?),
            Err(_) => Err(MailError::Timeout),
        }
    }
}

/// Returns the URL with the parameter by which lettre requires STARTTLS, without which it would send the password unencrypted
/// to another machine.
fn with_tls(url: &str) -> Option<String> {
    let parsed: http::Uri = url.parse().ok()?;
    let is_here = matches!(parsed.host()?, "localhost" | "127.0.0.1" | "[::1]");
    Some(
        match url.starts_with("smtp://") && !url.contains('?') && !is_here {
            true => format!("{}?tls=required", url.trim_end_matches('/')),
            false => url.to_owned(),
        },
    )
}

/// Shows the sender only, because the address of the server contains a password.
impl fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Mailer");
        shown.field("from", &self.from).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_that_cannot_send_is_refused_without_its_password() {
        let from = "Routebook <routebook@example.com>";
        for url in [
            "smtp://mail.example.com",
            "smtps://user:secret@mail.example.com:465",
            "smtp://127.0.0.1:2525",
        ] {
            assert!(Mailer::new(url, from).is_ok(), "{url}");
        }
        for url in [
            "",
            "mail.example.com",
            "https://user:secret@mail.example.com",
            "smtp://",
        ] {
            let error = Mailer::new(url, from).expect_err(url).to_string();
            assert!(
                error.contains("smtp.url") && !error.contains("secret"),
                "{error}"
            );
        }
        let error = Mailer::new("smtp://localhost", "nobody").expect_err("refused");
        assert!(error.to_string().contains("\"nobody\""), "{error}");
    }

    #[test]
    fn server_beyond_this_machine_must_encrypt() {
        for (url, expected) in [
            (
                "smtp://u:p@mail.example.com/",
                "smtp://u:p@mail.example.com?tls=required",
            ),
            ("smtp://localhost:25", "smtp://localhost:25"),
            ("smtps://mail.example.com", "smtps://mail.example.com"),
            (
                "smtp://mail.example.com?tls=opportunistic",
                "smtp://mail.example.com?tls=opportunistic",
            ),
        ] {
            assert_eq!(with_tls(url).as_deref(), Some(expected));
        }
    }
}
