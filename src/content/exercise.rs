//! Exercises: files `exercises/<id>.toml`.

use serde::Deserialize;
use toml::Spanned;

use crate::content::finding::{ContentFinding, Rule};
use crate::content::highlight::{HighlightedCode, Highlighter};
use crate::content::load::SourceFile;
use crate::content::localized_text::LocalizedText;
use crate::content::short_text::{to_html, to_inline_html};
use crate::content::toml_file::{TomlFile, WrittenText, plain};
use crate::http_file::{self, RequestBlock};
use crate::model::behaviors::Behaviors;
use crate::model::exercise::{ExerciseStep, PathPattern, StepCondition};
use crate::model::expectation::ExpectationErrorKind;
use crate::model::http::is_token;
use crate::model::json::Json;
use crate::model::locale::Locale;

/// An exercise: a task, and the steps by which requests fulfil it.
#[derive(Debug)]
pub struct Exercise {
    /// The name of the file.
    pub id: String,
    /// The title, as plain text.
    pub title: LocalizedText,
    /// What to do.
    pub task: LocalizedText,
    /// Hints, shown one after the other.
    pub hints: Vec<LocalizedText>,
    /// The behaviors that the sandbox gets when the exercise is started.
    pub behaviors: Behaviors,
    /// The steps, in order.
    pub steps: Vec<ExerciseStep>,
    /// The titles of the steps, without a paragraph around them.
    pub step_titles: Vec<LocalizedText>,
    /// The requests in the form of the exercise.
    pub starter: Vec<RequestBlock>,
    /// The line of the starter in the file, from 1.
    pub starter_line: usize,
    /// Requests that pass the exercise.
    pub solution: Vec<RequestBlock>,
    /// The line of the solution in the file, from 1.
    pub solution_line: usize,
    /// The solution, highlighted.
    pub solution_code: HighlightedCode,
    /// An explanation of the solution.
    pub solution_note: Option<LocalizedText>,
}

impl Exercise {
    /// Returns the path of the file inside the content folder.
    #[must_use]
    pub fn file(&self) -> String {
        format!("exercises/{}.toml", self.id)
    }

    /// Creates a finding for the file.
    #[must_use]
    pub fn finding(&self, line: usize, rule: Rule, message: String) -> ContentFinding {
        ContentFinding {
            file: self.file(),
            line,
            rule,
            message,
        }
    }
}

/// The file of an exercise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExerciseFile {
    id: Spanned<String>,
    starter: Spanned<String>,
    solution: Spanned<String>,
    behaviors: Option<Spanned<toml::Table>>,
    title: WrittenText,
    task: WrittenText,
    #[serde(default)]
    hint: Vec<WrittenText>,
    solution_note: Option<WrittenText>,
    expect: Vec<StepTable>,
}

/// A table `[[expect]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepTable {
    title: WrittenText,
    method: Option<Spanned<String>>,
    path: Spanned<String>,
    status: u16,
    #[serde(default)]
    request: Vec<Spanned<String>>,
    #[serde(default)]
    response: Vec<Spanned<String>>,
    #[serde(default)]
    rows: Vec<Spanned<String>>,
    created: Option<String>,
}

/// Parses the file of an exercise; returns it, unless it has errors, with the findings.
pub(super) fn parse(
    file: &SourceFile,
    locales: &[Locale],
    highlighter: &Highlighter,
) -> (Option<Exercise>, Vec<ContentFinding>) {
    let mut read = TomlFile::new(file, locales, Rule::Exercise);
    let exercise = read
        .parse()
        .and_then(|written| convert(written, &mut read, highlighter));
    let is_valid = read.findings.iter().all(ContentFinding::is_warning);
    (exercise.filter(|_| is_valid), read.findings)
}

fn convert(
    written: ExerciseFile,
    read: &mut TomlFile<'_>,
    highlighter: &Highlighter,
) -> Option<Exercise> {
    read.check_id(&written.id);
    if written.expect.is_empty() {
        read.report_at(
            &written.id,
            "an exercise has at least one step: add a table [[expect]]",
        );
    }
    let (mut steps, mut step_titles) = (Vec::new(), Vec::new());
    for table in &written.expect {
        step_titles.push(read.localized(&table.title, to_inline_html));
        steps.extend(step(table, read));
    }
    let solution_code = match highlighter.code("http", written.solution.get_ref().trim()) {
        Ok(code) => code,
        Err(message) => {
            read.report_at(&written.solution, message);
            return None;
        }
    };
    Some(Exercise {
        title: read.localized(&written.title, plain),
        task: read.localized(&written.task, to_html),
        hints: written
            .hint
            .iter()
            .map(|hint| read.localized(hint, to_html))
            .collect(),
        behaviors: behaviors(written.behaviors.as_ref(), read),
        steps,
        step_titles,
        starter_line: read.line_of(&written.starter),
        starter: requests(&written.starter, read),
        solution_line: read.line_of(&written.solution),
        solution: requests(&written.solution, read),
        solution_code,
        solution_note: written
            .solution_note
            .as_ref()
            .map(|note| read.localized(note, to_html)),
        id: written.id.into_inner(),
    })
}

/// Converts a table `[[expect]]`.
fn step(table: &StepTable, read: &mut TomlFile<'_>) -> Option<ExerciseStep> {
    if let Some(method) = &table.method {
        let name = method.get_ref();
        if !is_token(name) || name.chars().any(|c| c.is_ascii_lowercase()) {
            read.report_at(method, "a method is a word in capitals, such as GET");
        }
    }
    let path = PathPattern::parse(table.path.get_ref());
    if path.is_none() {
        let message = "a path begins with /api/, without a query, with names as in /api/users/{id}";
        read.report_at(&table.path, message);
    }
    let status = format!("status == {}", table.status);
    let mut conditions = conditions(&table.request, StepCondition::parse_request, read);
    conditions.extend(StepCondition::parse_response(&status).ok());
    conditions.extend(self::conditions(
        &table.response,
        StepCondition::parse_response,
        read,
    ));
    conditions.extend(self::conditions(
        &table.rows,
        StepCondition::parse_rows,
        read,
    ));
    Some(ExerciseStep {
        method: table.method.as_ref().map(|method| method.get_ref().clone()),
        path: path?,
        conditions,
        created: table.created.clone(),
    })
}

/// Parses conditions; those that are invalid are findings.
fn conditions(
    written: &[Spanned<String>],
    parse: fn(&str) -> Result<StepCondition, ExpectationErrorKind>,
    read: &mut TomlFile<'_>,
) -> Vec<StepCondition> {
    let mut parsed = Vec::new();
    for text in written {
        match parse(text.get_ref()) {
            Ok(condition) => parsed.push(condition),
            Err(kind) => read.report_at(text, kind.to_string()),
        }
    }
    parsed
}

fn behaviors(written: Option<&Spanned<toml::Table>>, read: &mut TomlFile<'_>) -> Behaviors {
    let Some(written) = written else {
        return Behaviors::default();
    };
    let json = serde_json::to_string(written.get_ref()).unwrap_or_default();
    let patched = match Json::parse(json.as_bytes()) {
        Ok(patch) => Behaviors::default().patched(&patch),
        Err(_) => Err(Vec::new()),
    };
    patched.unwrap_or_else(|errors| {
        for error in &errors {
            let pointer = error.pointer.as_deref().unwrap_or_default();
            let message = format!("{pointer}: {}", error.detail);
            read.report_at(written, message);
        }
        if errors.is_empty() {
            read.report_at(
                written,
                "the behaviors are switches and numbers, as in require_auth = true",
            );
        }
        Behaviors::default()
    })
}

/// Parses the requests of a starter or solution.
fn requests(written: &Spanned<String>, read: &mut TomlFile<'_>) -> Vec<RequestBlock> {
    match http_file::parse(written.get_ref().trim_end()) {
        Ok(file) => file.blocks,
        Err(error) => {
            let line = read.first_line_of(written) + error.line - 1;
            let message = format!("column {}: {}", error.column, error.kind);
            read.report(line, message);
            Vec::new()
        }
    }
}
