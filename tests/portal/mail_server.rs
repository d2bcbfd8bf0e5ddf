//! An SMTP server as a process that listens on a free port of 127.0.0.1 and ends with its test.

use std::process::Stdio;
use std::time::Duration;

use routebook::config::{SecretText, SmtpConfig};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// The maximum time for the server to start, and for a mail to arrive.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running SMTP server.
pub(crate) struct MailServer {
    port: u16,
    output: Lines<BufReader<ChildStdout>>,
    // The server ends when it is closed, also when the test process ends without dropping it.
    _input: ChildStdin,
    // Killed when dropped.
    _process: Child,
}

/// A mail that the server has received.
#[derive(Debug)]
pub(crate) struct ReceivedMail {
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl MailServer {
    /// Starts the server.
    pub(crate) async fn start() -> MailServer {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/portal/mail_server.py");
        let mut process = Command::new(python())
            .arg(script)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = timeout(TIMEOUT, output.next_line()).await;
        let port = port.expect("the SMTP server starts in time").unwrap();
        MailServer {
            port: port.expect("the SMTP server starts").parse().unwrap(),
            output,
            _input: input,
            _process: process,
        }
    }

    /// Returns the configuration of a site that sends with this server.
    pub(crate) fn config(&self) -> SmtpConfig {
        smtp(&format!("smtp://routebook:secret@127.0.0.1:{}", self.port))
    }

    /// Waits for the next mail.
    pub(crate) async fn next_mail(&mut self) -> ReceivedMail {
        let line = timeout(TIMEOUT, self.output.next_line()).await;
        let line = line.expect("a mail arrives in time").unwrap();
        let mail: Value = serde_json::from_str(&line.expect("a mail")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        ReceivedMail {
            to: text(&mail["to"][0]),
            from: text(&mail["from"]),
            subject: text(&mail["subject"]),
            text: text(&mail["text"]),
        }
    }
}

/// Returns the configuration of a site that sends with the server at an address.
pub(crate) fn smtp(url: &str) -> SmtpConfig {
    SmtpConfig {
        url: SecretText(url.to_owned()),
        from: "Routebook <routebook@example.com>".to_owned(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn python() -> String {
    std::env::var("ROUTEBOOK_TEST_PYTHON")
        .expect("ROUTEBOOK_TEST_PYTHON must name a Python with aiosmtpd; `. scripts/env` sets it")
}
