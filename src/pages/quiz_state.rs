//! What a visitor or a member has answered of a quiz, and what became of a form.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::content::Quiz;
use crate::sandbox::QuizAnswer;

/// The answers of a visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct QuizState {
    /// The answers.
    pub(super) answers: Vec<QuizAnswer>,
    /// The ids of the questions that were answered correctly once.
    pub(super) solved: BTreeSet<String>,
}

impl QuizState {
    /// Returns the state of answers, of which the first and the last are known.
    pub(super) fn of_answers(quiz: &Quiz, answers: Vec<QuizAnswer>) -> QuizState {
        let solved = quiz.questions.iter().filter(|question| {
            let mut answers = answers.iter();
            let answer = answers.find(|answer| answer.question == question.id);
            answer.is_some_and(|answer| {
                question.is_correct(&answer.first) || question.is_correct(&answer.last)
            })
        });
        let solved = solved.map(|question| question.id.clone()).collect();
        QuizState { answers, solved }
    }

    /// Returns whether each question was answered correctly once.
    pub(super) fn is_passed(&self, quiz: &Quiz) -> bool {
        let mut questions = quiz.questions.iter();
        questions.all(|question| self.solved.contains(&question.id))
    }
}

/// What becomes of a request, besides the answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuizOutcome {
    /// Whether the quiz is taken again, which begins without the answers so far.
    pub(super) is_practice: bool,
    /// The status with which the form was refused.
    pub(super) failure: Option<StatusCode>,
}

impl QuizOutcome {
    /// Returns the outcome of a query: with `?again` the quiz is taken again.
    pub(super) fn of_query(query: Option<&str>) -> QuizOutcome {
        let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        QuizOutcome {
            is_practice: fields.any(|(name, _)| name == "again"),
            failure: None,
        }
    }
}
