//! `routebook messages`: prints the texts of the interface, of which an author can replace single ones.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use crate::cli::{fail, parse_locale};
use crate::content::load;
use crate::model::locale::Locale;

/// `routebook messages …`
#[derive(Args)]
pub(super) struct MessagesArgs {
    /// Print only the messages whose key or text contains this, in any case of the letters.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Language of the messages: ko or en.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = parse_locale)]
    locale: Locale,
}

/// Prints the messages in Fluent, as they are written in `i18n/LANGUAGE.ftl`; fails when none contains the text.
pub(super) fn run(args: &MessagesArgs) -> ExitCode {
    let source = load::built_in_messages(args.locale);
    let wanted = args.text.as_deref().unwrap_or_default().to_lowercase();
    let messages = entries(&source).into_iter();
    let found: String = messages
        .filter(|message| message.to_lowercase().contains(&wanted))
        .collect();
    if found.is_empty() {
        eprintln!(
            "routebook: no message in {} contains {wanted:?}: search for a part of it",
            args.locale
        );
        return ExitCode::FAILURE;
    }
    match write!(std::io::stdout(), "{found}") {
        // A closed pipe (`routebook messages | head`) is not an error.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            fail(&anyhow::Error::new(error).context("the messages cannot be written"))
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Returns the messages of a Fluent file: each begins at the start of a line, and its further lines are indented.
fn entries(source: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in source.lines().filter(|line| !line.trim().is_empty()) {
        match (line.starts_with([' ', '}']), entries.last_mut()) {
            (true, Some(entry)) => entry.push_str(&format!("{line}\n")),
            _ if line.starts_with('#') => {}
            _ => entries.push(format!("{line}\n")),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_several_lines_is_one_entry_without_the_comments_around_it() {
        let source = "# A comment.\none = 1\n\ntwo = { $n ->\n    [1] One\n   *[other] More\n}\n# B\nthree = 3\n";
        let expected = [
            "one = 1\n",
            "two = { $n ->\n    [1] One\n   *[other] More\n}\n",
            "three = 3\n",
        ];
        assert_eq!(entries(source), expected);
    }
}
