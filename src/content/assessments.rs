//! The exercises and quizzes of a content folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::exercise::{self, Exercise};
use crate::content::finding::ContentFinding;
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
    /// The ids of files with errors, for which a fence is no second finding.
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
                Some(name.strip_suffix(".toml")?.to_owned())
            };
            let (name, found) = if let Some(id) = id("exercises/") {
                let (exercise, found) = exercise::parse(file, locales, highlighter);
                let exercise = exercise.map(Arc::new);
                parsed
                    .exercises
                    .extend(exercise.map(|one| (id.clone(), one)));
                (id, found)
            } else if let Some(id) = id("quizzes/") {
                let (quiz, found) = quiz::parse(file, locales);
                let quiz = quiz.map(Arc::new);
                parsed.quizzes.extend(quiz.map(|one| (id.clone(), one)));
                (id, found)
            } else {
                continue;
            };
            if !found.is_empty() {
                parsed.invalid.push(name);
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
        let found = match kind {
            "exercise" => self.exercises.get(id).cloned().map(LessonBlock::Exercise),
            _ => self.quizzes.get(id).cloned().map(LessonBlock::Quiz),
        };
        found.ok_or_else(|| {
            let folder = if kind == "quiz" {
                "quizzes"
            } else {
                "exercises"
            };
            let is_invalid = self.invalid.iter().any(|invalid| invalid == id);
            (!is_invalid).then(|| format!("{folder}/{id}.toml does not exist"))
        })
    }
}

/// Reports exercises and quizzes that are not in exactly one lesson, because their page leads back to it.
pub(super) fn check_use<'a>(
    assessments: &Assessments,
    locale: Locale,
    pages: impl Iterator<Item = &'a LessonPage> + Clone,
) -> Vec<ContentFinding> {
    let count = |is_same: &dyn Fn(&LessonBlock) -> bool| {
        let pages = pages.clone().filter(|page| page.locale == locale);
        let blocks = pages.flat_map(|page| &page.blocks);
        blocks.filter(|block| is_same(block)).count()
    };
    let mut findings = Vec::new();
    let mut check = |file: String, rule: &'static str, uses: usize| {
        if uses != 1 {
            let message = format!("{uses} lessons in {locale} have it: it must be in one");
            findings.push(ContentFinding {
                file,
                line: 0,
                rule,
                message,
            });
        }
    };
    for exercise in assessments.exercises.values() {
        let is_same = |block: &LessonBlock| matches!(block, LessonBlock::Exercise(other) if other.id == exercise.id);
        check(exercise.file(), "exercise", count(&is_same));
    }
    for quiz in assessments.quizzes.values() {
        let is_same =
            |block: &LessonBlock| matches!(block, LessonBlock::Quiz(other) if other.id == quiz.id);
        check(quiz.file(), "quiz", count(&is_same));
    }
    findings
}
