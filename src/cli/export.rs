//! `routebook export`: prints what members have done, also while a server is running.
//!
//! JSON has everything; CSV is made of the same for a spreadsheet.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::cli::account::parse_email;
use crate::cli::{ConfigArgs, fail, with_existing_portal};
use crate::csv_text::csv_text;
use crate::model::user::Email;
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::{ExportedLearning, ExportedMember, Portal};

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
            print(&*team(portal).await?, args.format, team_records)
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

/// Prints JSON, or the records that a function makes of the same data.
///
/// # Errors
/// When the output is closed or full.
fn print<T: Serialize + ?Sized>(
    data: &T,
    format: Format,
    records: fn(&T) -> Vec<Vec<String>>,
) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match format {
        Format::Json => writeln!(output, "{}", serde_json::to_string_pretty(data)?),
        Format::Csv => write!(output, "{}", csv_text(&records(data))),
    }
    .and_then(|()| output.flush())
    .context("the data cannot be written")
}

/// What a member of the team has done.
#[derive(Serialize)]
struct ExportedTeamMember {
    name: String,
    email: String,
    role: &'static str,
    groups: Vec<String>,
    learning: ExportedLearning,
}

/// Returns what each member has done, by name.
async fn team(portal: &Portal) -> anyhow::Result<Vec<ExportedTeamMember>> {
    let store = &portal.store;
    let mut groups = store.group_names().await?;
    let mut members = Vec::new();
    for account in store.list_accounts().await? {
        members.push(ExportedTeamMember {
            name: account.name.to_string(),
            email: account.email.as_str().to_owned(),
            role: account.role.as_str(),
            groups: groups.remove(&account.id).unwrap_or_default(),
            learning: portal.export_learning(account.id).await?,
        });
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    let actor = Actor::default();
    portal
        .record_audit(&actor, AuditAction::Export, "progress")
        .await;
    Ok(members)
}

async fn member(portal: &Portal, email: &Email) -> anyhow::Result<ExportedMember> {
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
fn team_records(members: &[ExportedTeamMember]) -> Vec<Vec<String>> {
    let records = members.iter().map(|member| team_record(member).to_vec());
    let head = TEAM_HEAD.map(str::to_owned).to_vec();
    std::iter::once(head).chain(records).collect()
}

fn team_record(member: &ExportedTeamMember) -> [String; 13] {
    let learning = &member.learning;
    let is_read = |path: &str| {
        let mut lessons = learning.lessons.iter();
        lessons.any(|lesson| lesson.lesson == path && lesson.read.is_some())
    };
    let read = learning.lessons.iter().filter(|one| one.read.is_some());
    let passed = |kind: &str| {
        learning
            .passed
            .iter()
            .filter(|one| one.kind == kind)
            .count()
    };
    let correct = learning.quiz_answers.iter().filter(|one| one.correct);
    let assigned = &learning.assigned_lessons;
    let assigned_read = assigned.iter().filter(|one| is_read(&one.lesson));
    [
        member.name.clone(),
        member.email.clone(),
        member.role.to_owned(),
        member.groups.join(", "),
        read.count().to_string(),
        passed("exercise").to_string(),
        learning.attempts.len().to_string(),
        passed("quiz").to_string(),
        learning.quiz_answers.len().to_string(),
        correct.count().to_string(),
        assigned.len().to_string(),
        assigned_read.count().to_string(),
        learning.questions_to_mentors.len().to_string(),
    ]
}

/// Returns the head and a record for each thing that a member has done or is to do.
fn member_records(member: &ExportedMember) -> Vec<Vec<String>> {
    let learning = &member.learning;
    let mut records = vec![MEMBER_HEAD.map(str::to_owned)];
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let record = |kind: &str, id: &str, began: &str, ended: String, detail: String| {
        let [kind, id, began] = [kind, id, began].map(str::to_owned);
        [kind, id, began, ended, detail]
    };
    records.extend(learning.lessons.iter().map(|one| {
        let read = text(&one.read);
        record("lesson", &one.lesson, &one.opened, read, String::new())
    }));
    records.extend(learning.attempts.iter().map(|one| {
        let detail = format!(
            "passed steps: {}, failed requests: {}, hints: {}, solution shown: {}",
            one.passed_steps, one.failed_requests, one.hints, one.solution_shown
        );
        let passed = text(&one.passed);
        record("attempt", &one.exercise, &one.started, passed, detail)
    }));
    records.extend(learning.passed.iter().map(|one| {
        let kind = format!("passed {}", one.kind);
        record(&kind, &one.id, "", one.passed.clone(), String::new())
    }));
    records.extend(learning.quiz_answers.iter().map(|one| {
        let id = format!("{}/{}", one.quiz, one.question);
        let detail = match one.correct {
            true => "correct",
            false => "wrong",
        };
        let detail = detail.to_owned();
        record("first answer", &id, "", one.answered.clone(), detail)
    }));
    records.extend(
        learning
            .assigned_lessons
            .iter()
            .map(|one| record("assigned", &one.lesson, "", one.due.clone(), String::new())),
    );
    records.extend(learning.questions_to_mentors.iter().map(|one| {
        let (answered, question) = (text(&one.answered), one.question.clone());
        record("question", &one.exercise, &one.asked, answered, question)
    }));
    records.into_iter().map(Vec::from).collect()
}
