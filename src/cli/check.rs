//! `routebook check`: prints every finding in a folder of lessons, as lines or as JSON.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use crate::cli::fail;
use crate::content::{ContentFinding, Rule, load};
use crate::server::check::{self, CheckReport};

/// The arguments of `routebook check`.
#[derive(Args)]
#[command(after_long_help = rules_help())]
pub(crate) struct CheckArgs {
    /// Folder of lessons, laid over the built-in ones [default: the built-in lessons].
    #[arg(value_name = "FOLDER")]
    content: Option<PathBuf>,
    /// Exit with 1 for warnings too.
    #[arg(long)]
    strict: bool,
    /// Print one JSON document instead of lines
    ///
    /// {
    ///   "findings": [{ "file": "en/start/first.md", "line": 12, "severity": "error", "rule": "link", "message": "…" }],
    ///   "errors": 1, "warnings": 0,
    ///   "lessons": 24, "requests": 80, "exercises": 12
    /// }
    ///
    /// "file" is the path inside the folder, "line" counts from 1, "severity" is "error" or "warning", and "rule" is a
    /// name of the list below. The other numbers count the findings and what was checked. The exit status is the same.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

/// Prints the findings and a summary; fails when there is an error, or with `--strict` when there is a finding.
pub(super) fn run(args: &CheckArgs) -> ExitCode {
    let report = match report(args) {
        Ok(report) => report,
        Err(error) => return fail(&error),
    };
    let text = match args.json {
        true => json(&report),
        false => lines(&report),
    };
    // Who reads the output may have read enough, as in `routebook check | head`.
    let _ = writeln!(std::io::stdout(), "{text}");
    let is_accepted = |finding: &ContentFinding| finding.is_warning() && !args.strict;
    match report.findings.iter().all(is_accepted) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn report(args: &CheckArgs) -> anyhow::Result<CheckReport> {
    let built_in = load::built_in();
    let own = args.content.as_ref().map(|folder| {
        let files = load::folder(folder);
        files.context("the folder of lessons cannot be read")
    });
    let runtime = tokio::runtime::Runtime::new().context("the requests cannot be sent")?;
    match own.transpose()? {
        Some(own) => runtime.block_on(check::check(&built_in, &own)),
        None => runtime.block_on(check::check(&[], &built_in)),
    }
}

/// Returns a line `path:line: severity[rule]: message` for each finding, and a summary.
fn lines(report: &CheckReport) -> String {
    let CheckReport {
        findings,
        lessons,
        requests,
        exercises,
    } = report;
    if findings.is_empty() {
        let checked = [
            count(*lessons, "lesson"),
            count(*requests, "request"),
            count(*exercises, "exercise"),
        ];
        return format!("{}: no findings", checked.join(", "));
    }
    let (errors, warnings) = errors_and_warnings(findings);
    let files: BTreeSet<&str> = findings.iter().map(|one| one.file.as_str()).collect();
    let counts = [(errors, "error"), (warnings, "warning")];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    let counts: Vec<String> = counts.map(|(number, noun)| count(number, noun)).collect();
    let summary = format!("{} in {}", counts.join(", "), count(files.len(), "file"));
    let lines = findings.iter().map(ToString::to_string);
    lines.chain([summary]).collect::<Vec<_>>().join("\n")
}

/// Returns a number with its noun: `1 error`, `2 errors`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

fn errors_and_warnings(findings: &[ContentFinding]) -> (usize, usize) {
    let warnings = findings.iter().filter(|one| one.is_warning()).count();
    (findings.len() - warnings, warnings)
}

/// The JSON document.
#[derive(Serialize)]
struct JsonReport<'a> {
    findings: Vec<JsonFinding<'a>>,
    errors: usize,
    warnings: usize,
    lessons: usize,
    requests: usize,
    exercises: usize,
}

/// A finding in the JSON document.
#[derive(Serialize)]
struct JsonFinding<'a> {
    file: &'a str,
    line: usize,
    severity: String,
    rule: &'a str,
    message: &'a str,
}

fn json(report: &CheckReport) -> String {
    let (errors, warnings) = errors_and_warnings(&report.findings);
    let findings = report.findings.iter().map(|finding| JsonFinding {
        file: &finding.file,
        line: finding.line,
        severity: finding.rule.severity().to_string(),
        rule: finding.rule.name(),
        message: &finding.message,
    });
    let document = JsonReport {
        findings: findings.collect(),
        errors,
        warnings,
        lessons: report.lessons,
        requests: report.requests,
        exercises: report.exercises,
    };
    serde_json::to_string_pretty(&document).expect("texts and numbers are JSON")
}

/// Returns the list of the rules for the help.
fn rules_help() -> String {
    let mut text = "A finding is printed as\n  FILE:LINE: error[RULE]: message\nor with `warning`; the last line counts \
                    them. The exit status is 1 when there is an error or\nthe folder cannot be read, 2 when an argument is \
                    wrong, and 0 otherwise.\n\nRules:\n"
        .to_owned();
    for rule in Rule::ALL {
        let (name, severity, sentence) = (rule.name(), rule.severity(), rule.sentence());
        text.push_str(&format!("  {name} ({severity})\n      {sentence}\n"));
    }
    text
}
