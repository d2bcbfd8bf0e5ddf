//! Renders the card of a quiz.

use axum::http::StatusCode;
use leptos::prelude::*;

use crate::content::{AnswerOption, Quiz, QuizQuestion};
use crate::islands::assessment::AssessmentState;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::quiz_state::{QuizOutcome, QuizState};
use crate::sandbox::QuizAnswer;

/// Returns the address of the page of a quiz.
pub(super) fn address(locale: Locale, id: &str) -> String {
    format!("/{locale}/quizzes/{id}")
}

/// Returns the address of the page on which a quiz is taken again.
pub(super) fn practice_address(locale: Locale, id: &str) -> String {
    format!("{}?again", address(locale, id))
}

/// Returns the id of the card of a quiz in a page.
pub(super) fn card_id(id: &str) -> String {
    format!("quiz-{id}")
}

/// Renders the card.
pub(super) fn card(
    locale: Locale,
    quiz: &Quiz,
    state: &QuizState,
    outcome: QuizOutcome,
    messages: &MessageCatalog,
) -> AnyView {
    let state = state_view(locale, quiz, state, outcome, messages);
    view! {
        <section class="quiz" id=card_id(&quiz.id) aria-label=messages.get("quiz-label")>
            <AssessmentState>{state}</AssessmentState>
        </section>
    }
    .into_any()
}

/// Renders the questions: with the answers of the visitor or, when an answered quiz is taken again, without them.
pub(super) fn state_view(
    locale: Locale,
    quiz: &Quiz,
    state: &QuizState,
    outcome: QuizOutcome,
    messages: &MessageCatalog,
) -> AnyView {
    let answer_to =
        |question: &QuizQuestion| state.answers.iter().find(|one| one.question == question.id);
    let answered = quiz
        .questions
        .iter()
        .filter_map(|one| Some((one, answer_to(one)?)));
    let correct = answered
        .clone()
        .filter(|(one, answer)| one.is_correct(&answer.first));
    let (answered, correct) = (answered.count(), correct.count());
    let count = quiz.questions.len();
    let text = |number: usize| number.to_string();
    let stage = match (answered == count, outcome.is_practice) {
        (false, _) => QuizStage::Open,
        (true, false) => QuizStage::Answered,
        (true, true) => QuizStage::Practice,
    };
    let score_key = match stage {
        QuizStage::Open => "quiz-score-unfinished",
        QuizStage::Answered | QuizStage::Practice => "quiz-score",
    };
    let score = messages.with(
        score_key,
        &[
            ("correct", &text(correct)),
            ("left", &text(count - answered)),
            ("count", &text(count)),
        ],
    );
    let questions = quiz.questions.iter().enumerate();
    let questions = questions
        .map(|(at, question)| {
            let answer = answer_to(question).filter(|_| stage != QuizStage::Practice);
            question_view(locale, (at, stage), question, answer, messages)
        })
        .collect_view();
    let button = match stage {
        QuizStage::Answered => view! {
            <button class="button" name="do" value="again">{messages.get("quiz-again")}</button>
        }
        .into_any(),
        QuizStage::Open | QuizStage::Practice => view! {
            <button class="button primary">{messages.get("quiz-submit")}</button>
        }
        .into_any(),
    };
    let status = match answered {
        0 => messages.get("quiz-first-counts"),
        _ => score.clone(),
    };
    let refused = outcome.failure.map(|status| {
        let key = match status {
            StatusCode::UNPROCESSABLE_ENTITY => "quiz-choose",
            _ => "assessment-refused",
        };
        view! { <p class="exercise-problem">{messages.get(key)}</p> }
    });
    let (name, passed) = match state.is_passed(quiz) {
        true => (Some("passed"), Some(messages.get("quiz-passed"))),
        false => (None, None),
    };
    let practice = (stage == QuizStage::Practice).then(|| messages.get("quiz-practice-note"));
    let message = (answered > 0).then(|| match (&practice, &passed) {
        (Some(note), _) => format!("{note} {score}"),
        (None, Some(passed)) => format!("{passed} {score}"),
        (None, None) => score,
    });
    let action = match stage {
        QuizStage::Practice => practice_address(locale, &quiz.id),
        QuizStage::Open | QuizStage::Answered => address(locale, &quiz.id),
    };
    let source = match stage {
        QuizStage::Practice => format!("{action}&part"),
        QuizStage::Open | QuizStage::Answered => format!("{action}?part"),
    };
    let passed = passed.filter(|_| stage == QuizStage::Answered);
    let passed = passed.map(|text| view! { <p class="quiz-status"><strong>{text}</strong></p> });
    let practice =
        practice.map(|text| view! { <p class="quiz-status"><strong>{text}</strong></p> });
    view! {
        <form class="quiz-form" method="post" action=action data-source=source data-state=name data-message=message>
            {practice}
            {questions}
            {refused}
            {passed}
            <p class="quiz-status">{status}</p>
            {button}
        </form>
    }
    .into_any()
}

/// How far a visitor is in a quiz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuizStage {
    /// A question is not answered yet.
    Open,
    /// Each question is answered.
    Answered,
    /// Each question is answered, and the quiz is taken again.
    Practice,
}

fn question_view(
    locale: Locale,
    (at, stage): (usize, QuizStage),
    question: &QuizQuestion,
    answer: Option<&QuizAnswer>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let options = question.options.iter().enumerate();
    let options = options
        .map(|(number, option)| {
            let input = InputState {
                is_disabled: stage == QuizStage::Answered,
                is_first: stage == QuizStage::Practice && (at, number) == (0, 0),
            };
            option_view(locale, question, option, (answer, input), messages)
        })
        .collect_view();
    let note = match question.is_multiple {
        true => messages.get("quiz-multiple"),
        false => messages.get("quiz-single"),
    };
    let result = answer.map(|answer| {
        let key = |is_correct| if is_correct { "correct" } else { "wrong" };
        let first = key(question.is_correct(&answer.first));
        let has_practised = answer.last != answer.first;
        let title = match has_practised {
            true => format!("quiz-first-{first}"),
            false => format!("quiz-{first}"),
        };
        let practice = has_practised.then(|| {
            let key = key(question.is_correct(&answer.last));
            view! { <p><strong>{messages.get(&format!("quiz-practice-{key}"))}</strong></p> }
        });
        let explanation = question.explanation.get(locale).to_owned();
        view! {
            <div class="quiz-result" data-state=first>
                <p><strong>{messages.get(&title)}</strong></p>
                {practice}
                <div inner_html=explanation></div>
            </div>
        }
    });
    let number = format!("{}. ", at + 1);
    view! {
        <fieldset class="quiz-question">
            <legend>{number}<span inner_html=question.text.get(locale).to_owned()></span></legend>
            <p class="quiet">{note}</p>
            {options}
            {result}
        </fieldset>
    }
}

/// The state of the input of an option.
#[derive(Clone, Copy, Debug)]
struct InputState {
    /// Whether it only shows what was answered.
    is_disabled: bool,
    /// Whether it gets the focus when the quiz is taken again.
    is_first: bool,
}

fn option_view(
    locale: Locale,
    question: &QuizQuestion,
    option: &AnswerOption,
    (answer, input): (Option<&QuizAnswer>, InputState),
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let kind = if question.is_multiple {
        "checkbox"
    } else {
        "radio"
    };
    let is_chosen = answer.is_some_and(|answer| answer.last.contains(&option.id));
    // Before the question is answered nothing depends on whether the option is correct.
    let state = answer.and(match (option.is_correct, is_chosen) {
        (true, _) => Some("correct"),
        (false, true) => Some("wrong"),
        (false, false) => None,
    });
    let mark = state.map(|state| {
        let sign = if state == "correct" { "✓" } else { "✗" };
        let text = messages.get(&format!("quiz-{state}-option"));
        view! {
            <span class="quiz-mark"><span aria-hidden="true">{sign}</span> <span class="visually-hidden">{text}</span></span>
        }
    });
    view! {
        <label class="quiz-option" data-answer=state>
            <input type=kind name=question.id.clone() value=option.id.clone() checked=is_chosen disabled=input.is_disabled autofocus=input.is_first/>
            <span inner_html=option.text.get(locale).to_owned()></span>
            {mark}
        </label>
    }
}
