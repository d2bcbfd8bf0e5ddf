//! `routebook export`: prints what members have done, also while a server is running.
//!
//! JSON has everything; CSV is made of the same for a spreadsheet.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::cli::account::parse_email;
use crate::cli::{ConfigArgs, fail, with_existing_portal};
use crate::model::user::Email;
use crate::pages::csv_text;
use crate::portal::Portal;
use crate::portal::store::audit::{Actor, AuditAction};

/// The head of the file with all members.
const TEAM_HEAD: [&str; 13] = [
    "name",
    "email",
    "role",
    "groups",
    "lessons-read",
    "exercises-passed",
    "attempts",
    "quizzes-passed",
    "questions-answered",
    "questions-correct",
    "lessons-assigned",
    "assigned-read",
    "questions-to-mentors",
];
/// The head of the file about one member.
const MEMBER_HEAD: [&str; 5] = ["kind", "id", "began", "ended", "detail"];

/// `routebook export …`
#[derive(Args)]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    command: ExportCommand,
}

#[derive(Subcommand)]
enum ExportCommand {
    /// Print the progress of all members.
    Progress(ProgressArgs),
    /// Print everything that is stored about one member.
    Member(MemberArgs),
}

#[derive(Args)]
struct ProgressArgs {
    /// Format: csv has a line for each member, json all that each has done.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
struct MemberArgs {
    /// Email address of the member.
    #[arg(long, value_parser = parse_email)]
    email: Email,
    /// Format: json has everything, csv a line for each thing that the member has done.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs) -> ExitCode {
    let result = match &args.command {
        ExportCommand::Progress(args) => with_existing_portal(&args.config, async |portal| {
            print(&team(portal).await?, args.format, team_records)
        }),
        ExportCommand::Member(args) => with_existing_portal(&args.config, async |portal| {
            print(
                &member(portal, &args.email).await?,
                args.format,
                member_records,
            )
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Prints JSON, or the records that a function makes of it.
///
/// # Errors
/// When the output is closed or full.
fn print(
    data: &Value,
    format: Format,
    records: fn(&Value) -> Vec<Vec<String>>,
) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match format {
        Format::Json => writeln!(output, "{data:#}"),
        Format::Csv => write!(output, "{}", csv_text(&records(data))),
    }
    .and_then(|()| output.flush())
    .context("the data cannot be written")
}

/// Returns what each member has done, by name.
async fn team(portal: &Portal) -> anyhow::Result<Value> {
    let store = &portal.store;
    let groups = store.group_names().await?;
    let mut members = Vec::new();
    for account in store.list_accounts().await? {
        members.push(json!({
            "name": account.name.as_str(),
            "email": account.email.as_str(),
            "role": account.role.as_str(),
            "groups": groups.get(&account.id).cloned().unwrap_or_default(),
            "learning": portal.export_learning(account.id).await?,
        }));
    }
    members.sort_by_key(|member| text(&member["name"]));
    let actor = Actor::default();
    portal
        .record_audit(&actor, AuditAction::Export, "progress")
        .await;
    Ok(Value::Array(members))
}

async fn member(portal: &Portal, email: &Email) -> anyhow::Result<Value> {
    let found = portal.store.find_credentials(email).await?;
    let data = match found {
        Some(found) => portal.export_member(found.account.id).await?,
        None => None,
    };
    let Some(data) = data else {
        let email = email.as_str();
        bail!("no account has the address {email}; `routebook account list` lists them");
    };
    let actor = Actor::default();
    portal
        .record_audit(&actor, AuditAction::Export, email.as_str())
        .await;
    Ok(data)
}

/// Returns the head and a record for each member.
fn team_records(members: &Value) -> Vec<Vec<String>> {
    let mut records = vec![TEAM_HEAD.map(str::to_owned).to_vec()];
    for member in items(members) {
        let learning = &member["learning"];
        let count = |name: &str, is_counted: &dyn Fn(&Value) -> bool| {
            let items = items(&learning[name]).iter();
            items.filter(|item| is_counted(item)).count().to_string()
        };
        let lessons = items(&learning["lessons"]);
        let is_read = |path: &Value| {
            let mut lessons = lessons.iter();
            lessons.any(|lesson| lesson["lesson"] == *path && !lesson["read"].is_null())
        };
        let groups: Vec<String> = items(&member["groups"]).iter().map(text).collect();
        records.push(vec![
            text(&member["name"]),
            text(&member["email"]),
            text(&member["role"]),
            groups.join(", "),
            count("lessons", &|lesson| !lesson["read"].is_null()),
            count("passed", &|pass| pass["kind"] == "exercise"),
            count("attempts", &|_| true),
            count("passed", &|pass| pass["kind"] == "quiz"),
            count("quizAnswers", &|_| true),
            count("quizAnswers", &|answer| answer["correct"] == true),
            count("assignedLessons", &|_| true),
            count("assignedLessons", &|due| is_read(&due["lesson"])),
            count("questionsToMentors", &|_| true),
        ]);
    }
    records
}

/// Returns the head and a record for each thing that a member has done or is to do.
fn member_records(member: &Value) -> Vec<Vec<String>> {
    let learning = &member["learning"];
    let mut records = vec![MEMBER_HEAD.map(str::to_owned).to_vec()];
    let mut add = |name: &str, record: &dyn Fn(&Value) -> [String; 5]| {
        let items = items(&learning[name]).iter();
        records.extend(items.map(|item| record(item).to_vec()));
    };
    add("lessons", &|one| {
        let (opened, read) = (text(&one["opened"]), text(&one["read"]));
        [
            "lesson".to_owned(),
            text(&one["lesson"]),
            opened,
            read,
            String::new(),
        ]
    });
    add("attempts", &|one| {
        let detail = format!(
            "passed steps: {}, failed requests: {}, hints: {}, solution shown: {}",
            one["passedSteps"], one["failedRequests"], one["hints"], one["solutionShown"]
        );
        let (started, passed) = (text(&one["started"]), text(&one["passed"]));
        [
            "attempt".to_owned(),
            text(&one["exercise"]),
            started,
            passed,
            detail,
        ]
    });
    add("passed", &|one| {
        let kind = format!("passed {}", text(&one["kind"]));
        [
            kind,
            text(&one["id"]),
            String::new(),
            text(&one["passed"]),
            String::new(),
        ]
    });
    add("quizAnswers", &|one| {
        let id = format!("{}/{}", text(&one["quiz"]), text(&one["question"]));
        let detail = match one["correct"] == true {
            true => "correct",
            false => "wrong",
        };
        let answered = text(&one["answered"]);
        [
            "first answer".to_owned(),
            id,
            String::new(),
            answered,
            detail.to_owned(),
        ]
    });
    add("assignedLessons", &|one| {
        [
            "assigned".to_owned(),
            text(&one["lesson"]),
            String::new(),
            text(&one["due"]),
            String::new(),
        ]
    });
    add("questionsToMentors", &|one| {
        let (asked, answered) = (text(&one["asked"]), text(&one["answered"]));
        [
            "question".to_owned(),
            text(&one["exercise"]),
            asked,
            answered,
            text(&one["question"]),
        ]
    });
    records
}

/// Returns the items of an array; none of anything else.
fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Returns a text; empty for null.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
