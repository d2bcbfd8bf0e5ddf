//! What a visitor or a member has answered of a quiz.

use std::collections::BTreeSet;

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
