//! `routebook account`: creates and lists accounts, also while a server is running.
//!
//! A password is read from the terminal or from stdin, never from an argument, because other users
//! of the machine could read arguments.

use std::io::{self, IsTerminal as _, Read as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use crate::cli::{ConfigArgs, fail, parse_locale, with_existing_portal, with_portal};
use crate::config::terminal_locale;
use crate::model::account::{Account, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::model::timestamp::Timestamp;
use crate::model::user::Email;
use crate::portal::Password;
use crate::portal::store::account::NewAccount;

/// The longest input that is read for a password, in bytes.
const INPUT_MAX: u64 = 4096;

/// `routebook account …`
#[derive(Args)]
pub(super) struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Create an account. Asks for the password twice, or reads it from the first line of stdin.
    Create(CreateArgs),
    /// List the accounts.
    List(ConfigArgs),
}

#[derive(Args)]
struct CreateArgs {
    /// Email address to log in with.
    #[arg(long, value_parser = parse_email)]
    email: Email,
    /// Name shown to others: 1 to 100 characters.
    #[arg(long, value_parser = parse_name)]
    name: DisplayName,
    /// Role in the team: admin, mentor or learner.
    #[arg(long, default_value = "learner")]
    role: TeamRole,
    /// Language the account prefers: ko or en [default: that of the terminal (LANG), or else ko].
    #[arg(long, value_parser = parse_locale)]
    language: Option<Locale>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs the command.
pub(super) fn run(args: AccountArgs) -> ExitCode {
    let result = match args.command {
        AccountCommand::Create(args) => create(args),
        AccountCommand::List(config) => list(&config),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn create(args: CreateArgs) -> anyhow::Result<()> {
    let password = Password::parse(&read_password()?)?;
    let account = NewAccount {
        email: args.email.clone(),
        name: args.name,
        language: args.language.or_else(terminal_locale).unwrap_or_default(),
        role: args.role,
    };
    with_portal(&args.config, async |portal| {
        let id = portal.register(account, password).await?;
        let (role, email) = (args.role, args.email.as_str());
        println!("Created account {id}, {role}, for {email}.");
        Ok(())
    })
}

fn list(config: &ConfigArgs) -> anyhow::Result<()> {
    with_existing_portal(config, async |portal| {
        let accounts = portal.store.list_accounts().await?;
        if accounts.is_empty() {
            eprintln!("There are no accounts. Create one with: routebook account create");
        }
        for account in &accounts {
            println!("{}", format_line(account));
        }
        Ok(())
    })
}

fn format_line(account: &Account) -> String {
    let Account {
        id,
        email,
        name,
        role,
        created,
        ..
    } = account;
    let created = Timestamp::from_milliseconds(*created);
    format!("{id}\t{role}\t{}\t{name}\t{created}", email.as_str())
}

fn read_password() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ")?;
        if password != rpassword::prompt_password("Again: ")? {
            bail!("the two passwords differ");
        }
        return Ok(password);
    }
    let mut input = String::new();
    io::stdin()
        .take(INPUT_MAX)
        .read_to_string(&mut input)
        .context("the password on stdin is not UTF-8")?;
    Ok(first_line(&input).to_owned())
}

/// Returns the first line without its line end; spaces are kept.
fn first_line(input: &str) -> &str {
    let line = input.split_once('\n').map_or(input, |(line, _)| line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Parses an email address in an argument.
pub(super) fn parse_email(text: &str) -> Result<Email, &'static str> {
    Email::parse(text).ok_or("an email address has the form name@example.com")
}

fn parse_name(text: &str) -> Result<DisplayName, &'static str> {
    DisplayName::parse(text).ok_or("a name has 1 to 100 characters and no control characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_keeps_spaces_and_drops_the_line_end() {
        let check = |input: &str, expected: &str| assert_eq!(first_line(input), expected);
        check("correct horse\n", "correct horse");
        check("correct horse", "correct horse");
        check(" correct horse \r\nmore\n", " correct horse ");
        check("", "");
    }
}
