//! The exercises and quizzes of a content folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::exercise::{self, Exercise};
use crate::content::finding::{ContentFinding, Rule};
use crate::content::highlight::Highlighter;
use crate::content::lesson::{LessonBlock, LessonPage};
use crate::content::load::SourceFile;
use crate::content::quiz::{self, Quiz};
use crate::model::locale::Locale;

/// The exercises and quizzes by their ids.
#[derive(Debug, Default)]
pub(super) struct Assessments {
    pub(super) exercises: BTreeMap<String, Arc<Exercise>>,
    pub(super) quizzes: BTreeMap<String, Arc<Quiz>>,
    /// The paths of the files with errors, for which a fence is no second finding.
    invalid: Vec<String>,
}

impl Assessments {
    /// Parses the files of a content folder; returns the findings in them.
    pub(super) fn parse(
        files: &[SourceFile],
        locales: &[Locale],
        highlighter: &Highlighter,
    ) -> (Assessments, Vec<ContentFinding>) {
        let mut parsed = Assessments::default();
        let mut findings = Vec::new();
        for file in files {
            let id = |folder: &str| {
                let name = file.path.strip_prefix(folder)?;
                let name = name.strip_suffix(".toml")?;
                (!name.contains('/')).then(|| name.to_owned())
            };
            let found = if let Some(id) = id("exercises/") {
                let (exercise, found) = exercise::parse(file, locales, highlighter);
                let exercise = exercise.map(Arc::new);
                parsed.exercises.extend(exercise.map(|one| (id, one)));
                found
            } else if let Some(id) = id("quizzes/") {
                let (quiz, found) = quiz::parse(file, locales);
                let quiz = quiz.map(Arc::new);
                parsed.quizzes.extend(quiz.map(|one| (id, one)));
                found
            } else {
                continue;
            };
            if !found.iter().all(ContentFinding::is_warning) {
                parsed.invalid.push(file.path.clone());
            }
            findings.extend(found);
        }
        (parsed, findings)
    }

    /// Returns the block of a fence `exercise` or `quiz`.
    ///
    /// # Errors
    /// A message for the author when there is no file with this id; none when the file has errors.
    pub(super) fn block(&self, kind: &str, id: &str) -> Result<LessonBlock, Option<String>> {
        let (found, folder) = match kind {
            "exercise" => {
                let exercise = self.exercises.get(id).cloned();
                (exercise.map(LessonBlock::Exercise), "exercises")
            }
            _ => {
                let quiz = self.quizzes.get(id).cloned();
                (quiz.map(LessonBlock::Quiz), "quizzes")
            }
        };
        found.ok_or_else(|| {
            let file = format!("{folder}/{id}.toml");
            let message = format!("{file} does not exist: write it, or correct the id");
            (!self.invalid.contains(&file)).then_some(message)
        })
    }
}

/// Reports exercises and quizzes that are not in exactly one lesson of each language.
pub(super) fn check_use(
    assessments: &Assessments,
    locales: &[Locale],
    lessons: &[Arc<LessonPage>],
    findings: &mut Vec<ContentFinding>,
) {
    for (id, exercise) in &assessments.exercises {
        let is_used =
            |block: &&LessonBlock| matches!(block, LessonBlock::Exercise(other) if other.id == *id);
        let fence = format!("exercise {id}");
        check_uses(
            &exercise.file(),
            &fence,
            is_used,
            locales,
            lessons,
            findings,
        );
    }
    for (id, quiz) in &assessments.quizzes {
        let is_used =
            |block: &&LessonBlock| matches!(block, LessonBlock::Quiz(other) if other.id == *id);
        let fence = format!("quiz {id}");
        check_uses(&quiz.file(), &fence, is_used, locales, lessons, findings);
    }
}

/// Reports a file that is not shown in exactly one lesson of each language; `fence` is the info string that shows it.
fn check_uses(
    file: &str,
    fence: &str,
    is_used: impl Fn(&&LessonBlock) -> bool,
    locales: &[Locale],
    lessons: &[Arc<LessonPage>],
    findings: &mut Vec<ContentFinding>,
) {
    // A lesson with two fences occurs twice.
    let uses: Vec<&LessonPage> = lessons
        .iter()
        .flat_map(|page| page.blocks.iter().filter(&is_used).map(|_| &**page))
        .collect();
    let mut report = |rule, message| {
        findings.push(ContentFinding {
            file: file.to_owned(),
            line: 1,
            rule,
            message,
        });
    };
    let Some(first) = uses.first() else {
        let message =
            format!("no lesson shows it: write a fence ```{fence} in one, or delete the file");
        return report(Rule::UnusedAssessment, message);
    };
    for locale in locales {
        let of_locale = uses.iter().filter(|page| page.locale == *locale);
        let of_locale: Vec<String> = of_locale.map(|page| page.file()).collect();
        let translation = lessons
            .iter()
            .find(|page| page.locale == *locale && page.path == first.path);
        match (of_locale.len(), translation) {
            (0, Some(page)) => report(
                Rule::UnusedAssessment,
                format!(
                    "{} shows it and {} does not: write a fence ```{fence} there too",
                    first.file(),
                    page.file()
                ),
            ),
            // A missing translation is a finding of its own.
            (0 | 1, _) => {}
            (_, _) => report(
                Rule::RepeatedAssessment,
                format!(
                    "{} show it: keep the fence ```{fence} in one of them",
                    of_locale.join(" and ")
                ),
            ),
        }
    }
}
