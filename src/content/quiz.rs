//! Quizzes: files `quizzes/<id>.toml`.

use serde::Deserialize;
use toml::Spanned;

use crate::content::finding::{ContentFinding, Rule};
use crate::content::load::SourceFile;
use crate::content::localized_text::LocalizedText;
use crate::content::short_text::{to_html, to_inline_html};
use crate::content::toml_file::{TomlFile, WrittenText};
use crate::model::locale::Locale;

/// The numbers of questions that a quiz may have.
const QUESTIONS: std::ops::RangeInclusive<usize> = 2..=5;
/// The numbers of options that a question may have.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=6;

/// A quiz: questions with options to choose from.
#[derive(Debug)]
pub struct Quiz {
    /// The name of the file.
    pub id: String,
    /// The questions, in order.
    pub questions: Vec<QuizQuestion>,
}

/// A question of a quiz.
#[derive(Debug)]
pub struct QuizQuestion {
    /// The id, unique in the quiz.
    pub id: String,
    /// Whether several options may be chosen.
    pub is_multiple: bool,
    /// The question, without a paragraph around it.
    pub text: LocalizedText,
    /// The options, in order.
    pub options: Vec<AnswerOption>,
    /// The explanation of the answer. It is not in a page before the question is answered.
    pub explanation: LocalizedText,
}

/// An option of a question.
#[derive(Debug)]
pub struct AnswerOption {
    /// The id, unique in the question.
    pub id: String,
    /// The option, without a paragraph around it.
    pub text: LocalizedText,
    /// Whether the option belongs to the correct answer. It is not in a page before the question is answered.
    pub is_correct: bool,
}

impl Quiz {
    /// Returns the path of the file inside the content folder.
    #[must_use]
    pub fn file(&self) -> String {
        format!("quizzes/{}.toml", self.id)
    }
}

impl QuizQuestion {
    /// Returns whether the chosen options can be an answer: known options, each once, and only one where one is to be
    /// chosen.
    #[must_use]
    pub fn accepts(&self, chosen: &[String]) -> bool {
        let is_known = |id: &String| self.options.iter().any(|option| option.id == *id);
        let is_repeated = |at: usize| chosen[..at].contains(&chosen[at]);
        !chosen.is_empty()
            && (self.is_multiple || chosen.len() == 1)
            && chosen.iter().all(is_known)
            && !(0..chosen.len()).any(is_repeated)
    }

    /// Returns whether exactly the correct options are chosen.
    #[must_use]
    pub fn is_correct(&self, chosen: &[String]) -> bool {
        let mut options = self.options.iter();
        options.all(|option| option.is_correct == chosen.contains(&option.id))
    }
}

/// The file of a quiz.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuizFile {
    id: Spanned<String>,
    question: Vec<QuestionTable>,
}

/// A table `[[question]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionTable {
    id: Spanned<String>,
    choice: Choice,
    /// The ids of the correct options.
    answers: Spanned<Vec<String>>,
    text: WrittenText,
    option: Vec<OptionTable>,
    explanation: WrittenText,
}

/// How many options may be chosen.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Single,
    Multiple,
}

/// A table `[[question.option]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionTable {
    id: Spanned<String>,
    text: WrittenText,
}

/// Parses the file of a quiz; returns it, unless it has errors, with the findings.
pub(super) fn parse(file: &SourceFile, locales: &[Locale]) -> (Option<Quiz>, Vec<ContentFinding>) {
    let mut read = TomlFile::new(file, locales, Rule::Quiz);
    let quiz = read.parse().map(|written| convert(written, &mut read));
    let is_valid = read.findings.iter().all(ContentFinding::is_warning);
    (quiz.filter(|_| is_valid), read.findings)
}

fn convert(written: QuizFile, read: &mut TomlFile<'_>) -> Quiz {
    read.check_id(&written.id);
    if !QUESTIONS.contains(&written.question.len()) {
        read.report_at(&written.id, "a quiz has 2 to 5 questions");
    }
    let ids: Vec<&Spanned<String>> = written.question.iter().map(|one| &one.id).collect();
    check_ids(&ids, read);
    Quiz {
        questions: written
            .question
            .iter()
            .map(|table| question(table, read))
            .collect(),
        id: written.id.into_inner(),
    }
}

fn question(table: &QuestionTable, read: &mut TomlFile<'_>) -> QuizQuestion {
    let ids: Vec<&Spanned<String>> = table.option.iter().map(|one| &one.id).collect();
    check_ids(&ids, read);
    if !OPTIONS.contains(&table.option.len()) {
        read.report_at(&table.id, "a question has 2 to 6 options");
    }
    let answers = table.answers.get_ref();
    let unknown = answers.iter().find(|answer| {
        let mut ids = ids.iter();
        !ids.any(|id| id.get_ref() == *answer)
    });
    if let Some(unknown) = unknown {
        read.report_at(
            &table.answers,
            format!("{unknown:?} is not the id of an option: correct the answer or the option"),
        );
    }
    let is_multiple = table.choice == Choice::Multiple;
    if answers.is_empty() || (!is_multiple && answers.len() > 1) {
        let message = "a single choice has one answer, a multiple choice at least one";
        read.report_at(&table.answers, message);
    }
    QuizQuestion {
        id: table.id.get_ref().clone(),
        is_multiple,
        text: read.localized(&table.text, to_inline_html),
        options: table
            .option
            .iter()
            .map(|option| AnswerOption {
                id: option.id.get_ref().clone(),
                text: read.localized(&option.text, to_inline_html),
                is_correct: answers.contains(option.id.get_ref()),
            })
            .collect(),
        explanation: read.localized(&table.explanation, to_html),
    }
}

/// Reports ids that are not in kebab-case or used twice.
fn check_ids(ids: &[&Spanned<String>], read: &mut TomlFile<'_>) {
    for (at, id) in ids.iter().enumerate() {
        let text = id.get_ref();
        let is_valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || !text.chars().all(is_valid) {
            read.report_at(id, "an id consists of a-z, 0-9 and hyphens");
        }
        if ids[..at].iter().any(|earlier| earlier.get_ref() == text) {
            read.report_at(id, format!("the id {text:?} is used twice: choose another"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(is_multiple: bool) -> QuizQuestion {
        let option = |(id, is_correct): (&str, bool)| AnswerOption {
            id: id.to_owned(),
            text: LocalizedText::default(),
            is_correct,
        };
        QuizQuestion {
            id: "q".to_owned(),
            is_multiple,
            text: LocalizedText::default(),
            options: [("a", true), ("b", is_multiple), ("c", false)]
                .map(option)
                .into(),
            explanation: LocalizedText::default(),
        }
    }

    fn chosen(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn answer_is_correct_with_exactly_the_correct_options() {
        let (single, multiple) = (question(false), question(true));
        assert!(single.is_correct(&chosen(&["a"])) && !single.is_correct(&chosen(&["b"])));
        assert!(multiple.is_correct(&chosen(&["b", "a"])));
        for wrong in [&["a"][..], &["b"], &["a", "b", "c"], &["c"], &[]] {
            assert!(!multiple.is_correct(&chosen(wrong)), "{wrong:?}");
        }
    }

    #[test]
    fn answer_has_known_options_and_only_one_of_a_single_choice() {
        let (single, multiple) = (question(false), question(true));
        assert!(single.accepts(&chosen(&["c"])) && multiple.accepts(&chosen(&["a", "c"])));
        assert!(
            !single.accepts(&chosen(&["a", "b"])),
            "two of a single choice"
        );
        for invalid in [&[][..], &["d"], &["a", "a"], &["a", "d"]] {
            assert!(!multiple.accepts(&chosen(invalid)), "{invalid:?}");
        }
    }
}
