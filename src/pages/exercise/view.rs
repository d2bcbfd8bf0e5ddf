//! Renders the card of an exercise.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::components::code_marks::CodeMarks;
use crate::components::{actual_text, condition_text};
use crate::content::{Exercise, LessonPage};
use crate::islands::assessment::AssessmentState;
use crate::islands::playground::Playground;
use crate::model::behaviors::Behaviors;
use crate::model::exercise::{
    ConditionPart, ExerciseStep, GradedRequest, StepCondition, StepGrade, StepState,
};
use crate::model::expectation::ExpectationSubject;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::exercise::state::{CardState, HelpState};
use crate::pages::form_action::form_action;
use crate::pages::learn::help_view;
use crate::pages::reference::block_extras;
use crate::portal::store::help::HELP_TEXT_MAX;

/// The number of questions to mentors on a card.
const REQUESTS: usize = 5;
/// The number of mentors that are named as those who get a question.
const MENTORS: usize = 5;

/// Returns the address of the page of an exercise.
pub(super) fn address(locale: Locale, id: &str) -> String {
    format!("/{locale}/exercises/{id}")
}

/// Returns the id of the card of an exercise in a page.
pub(super) fn card_id(id: &str) -> String {
    format!("exercise-{id}")
}

/// Where a card is, which decides the level of its heading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CardPage {
    /// Below a heading of its lesson.
    Lesson,
    /// On its own page.
    OwnPage,
}

/// Renders the card: the task, the state, and the forms of the starter.
pub(super) fn card(
    (page, shown_on): (&LessonPage, CardPage),
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> AnyView {
    let locale = page.locale;
    let id = card_id(&exercise.id);
    let title_id = format!("{id}-title");
    let starter = exercise.starter.iter().enumerate().map(|(at, block)| {
        let draft = block.draft_with_placeholders();
        let extras = block_extras(block, &draft);
        let number = (at + 1).to_string();
        let title = messages.with("exercise-request", &[("number", &number)]);
        let origin = format!("from=/{}&exercise={}", page.path, exercise.id);
        let action = form_action(locale, &origin, &draft);
        let empty = messages.get("reference-empty");
        view! {
            <Playground id=format!("{id}-request-{number}") title=title draft=draft action=action extras=extras>
                <div class="sample-response response-empty"><p>{empty}</p></div>
            </Playground>
        }
    });
    let starter = starter.collect_view();
    let task = exercise.task.get(locale).to_owned();
    let title = exercise.title.get(locale).to_owned();
    let labelled_by = title_id.clone();
    let title = match shown_on {
        CardPage::Lesson => {
            view! { <h3 class="exercise-title" id=title_id>{title}</h3> }.into_any()
        }
        CardPage::OwnPage => {
            view! { <h2 class="exercise-title" id=title_id>{title}</h2> }.into_any()
        }
    };
    let label = messages.get("exercise-label");
    let state = state_view(locale, exercise, state, messages);
    view! {
        <section class="exercise" id=id aria-labelledby=labelled_by>
            <div class="exercise-head">
                <p class="exercise-label">{label}</p>
                {title}
            </div>
            <div class="exercise-task" inner_html=task></div>
            <AssessmentState>{state}</AssessmentState>
            <div class="exercise-requests">{starter}</div>
        </section>
    }
    .into_any()
}

/// Renders the state of the card, which changes with what the visitor does.
pub(super) fn state_view(
    locale: Locale,
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> AnyView {
    let CardState {
        progress, grade, ..
    } = state;
    let name = state_name(state);
    let word = messages.get(&format!("exercise-state-{name}"));
    let passed = grade.passed_steps().to_string();
    let count = exercise.steps.len().to_string();
    let message = messages.with(
        "exercise-message",
        &[("state", &word), ("passed", &passed), ("count", &count)],
    );
    let attempt = (progress.attempts > 0).then(|| {
        let number = progress.attempts.to_string();
        view! { <span class="quiet">{messages.with("exercise-attempt", &[("number", &number)])}</span> }
    });
    let was_passed = progress.passed_at.is_some() && !grade.is_passed();
    let was_passed = was_passed
        .then(|| view! { <span class="quiet">{messages.get("exercise-was-passed")}</span> });
    let note = |key: &str| view! { <p class="exercise-note">{messages.get(key)}</p> };
    let refused = state
        .is_refused
        .then(|| view! { <p class="exercise-problem">{messages.get("assessment-refused")}</p> });
    let note = match progress.started_at {
        None if exercise.behaviors != Behaviors::default() => Some(note("exercise-sets-behaviors")),
        Some(_) if state.has_left_behaviors => Some(note("exercise-left-behaviors")),
        Some(_) if state.has_other_behaviors => Some(note("exercise-other-behaviors")),
        Some(_) if name == "started" => Some(note("exercise-any-client")),
        _ => None,
    };
    let address = address(locale, &exercise.id);
    let source = match state.is_own_page {
        true => format!("{address}?part=page"),
        false => format!("{address}?part"),
    };
    view! {
        <div class="exercise-state" data-source=source data-live="" data-state=name data-message=message>
            <p class="exercise-status"><strong class="exercise-badge">{word}</strong> {attempt} {was_passed}</p>
            {refused}
            {steps_view(locale, exercise, state, messages)}
            {note}
            {hints_view(locale, exercise, state, messages)}
            {solution_view(locale, exercise, state, messages)}
            {requests_view(state, messages)}
            {actions_view(locale, exercise, state, messages)}
        </div>
    }
    .into_any()
}

/// Returns the name of the state of a card.
fn state_name(state: &CardState) -> &'static str {
    let mut steps = state.grade.steps.iter();
    match state.progress.started_at {
        None => "new",
        Some(_) if state.grade.is_passed() => "passed",
        Some(_) if steps.any(|step| step.state == StepState::Failed) => "failed",
        Some(_) => "started",
    }
}

fn steps_view(
    locale: Locale,
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let grade = &state.grade;
    let shows_request = shows_request(exercise, state);
    let steps = exercise.steps.iter().zip(&exercise.step_titles);
    let steps = steps.enumerate().map(|(at, (step, title))| {
        let graded = grade.steps.get(at);
        let state = graded.map_or(StepState::Later, |graded| graded.state);
        let (mark, key) = match state {
            StepState::Passed => ("✓", "passed"),
            StepState::Failed => ("≠", "failed"),
            StepState::Waiting => ("→", "waiting"),
            StepState::Later => ("·", "later"),
        };
        let word = messages.get(&format!("exercise-step-{key}"));
        let is_next = matches!(state, StepState::Waiting | StepState::Failed);
        let other = grade.other.as_ref().filter(|_| is_next);
        let other = other.map(|other| other_request(step, other, messages));
        let failed = graded.filter(|graded| graded.state == StepState::Failed);
        let failed = failed.map(|graded| failed_checks(graded, shows_request, messages));
        view! {
            <li class="exercise-step" data-state=key>
                <span class="exercise-mark" aria-hidden="true">{mark}</span>
                <div>
                    <span class="visually-hidden">{word}" "</span>
                    <span inner_html=title.get(locale).to_owned()></span>
                    {failed}
                    {other}
                </div>
            </li>
        }
    });
    let steps = steps.collect_view();
    view! { <ol class="exercise-steps" aria-label=messages.get("exercise-steps")>{steps}</ol> }
}

/// Returns whether verdicts show what a request must contain: when there are no hints left that would say it.
fn shows_request(exercise: &Exercise, state: &CardState) -> bool {
    let hints = usize::try_from(state.progress.hints).unwrap_or_default();
    hints >= exercise.hints.len() || state.progress.is_solution_shown
}

/// Renders which conditions a request did not meet, and what was found instead. Of the request itself only the part that is not as
/// the step needs it, unless it `shows_request`: otherwise the first verdict would be the solution.
fn failed_checks(
    graded: &StepGrade,
    shows_request: bool,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let request = graded.request.as_ref().map(|request| {
        let mut codes = CodeMarks::default();
        let values = request_values(request, &mut codes);
        let values = [
            ("request", values.0.as_str()),
            ("status", values.1.as_str()),
        ];
        view! { <p>{codes.view(&messages.with("exercise-came", &values))}</p> }
    });
    let mut hidden = BTreeSet::new();
    let failed = graded.checks.iter().filter(|(_, verdict)| !verdict.passed);
    let failed = failed.filter_map(|(condition, verdict)| {
        match request_part(condition).filter(|_| !shows_request) {
            // Each part once.
            Some(key) => hidden
                .insert(key)
                .then(|| view! { <li>{messages.get(key)}</li> }.into_any()),
            None => {
                let text = condition_text(condition, messages);
                Some(view! { <li>{text} " " {actual_text(verdict, messages)}</li> }.into_any())
            }
        }
    });
    let failed: Vec<_> = failed.collect();
    view! { <div class="exercise-verdict">{request}<ul>{failed}</ul></div> }
}

/// Returns the key of the sentence that a part of the request is not as the step needs it; `None` for conditions about the response.
fn request_part(condition: &StepCondition) -> Option<&'static str> {
    match (condition.part, &condition.expectation.subject) {
        (ConditionPart::Query, _) => Some("exercise-request-query"),
        (ConditionPart::Request, ExpectationSubject::Header(_)) => Some("exercise-request-header"),
        (ConditionPart::Request, _) => Some("exercise-request-body"),
        _ => None,
    }
}

/// Renders that the last request has another method or path than the step. It says which, but not the request of the step: to find
/// it is the exercise, and the hints help.
fn other_request(
    step: &ExerciseStep,
    other: &GradedRequest,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let mut codes = CodeMarks::default();
    let (request, status) = request_values(other, &mut codes);
    let values = [("request", request.as_str()), ("status", status.as_str())];
    let key = match step.allows_method(&other.method) {
        true => "exercise-other-path",
        false => "exercise-other-method",
    };
    view! { <p class="exercise-verdict">{codes.view(&messages.with(key, &values))}</p> }
}

/// Returns the marks of the first line of a request and of the status of its response.
fn request_values(request: &GradedRequest, codes: &mut CodeMarks) -> (String, String) {
    let line = codes.mark(&format!("{} {}", request.method, request.target));
    (line, codes.mark(&request.status.to_string()))
}

fn hints_view(
    locale: Locale,
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let count = usize::try_from(state.progress.hints).unwrap_or_default();
    let hints = exercise.hints.iter().take(count);
    let hints = hints
        .map(|hint| view! { <li inner_html=hint.get(locale).to_owned()></li> })
        .collect_view();
    let label = messages.get("exercise-hints");
    (count > 0).then(|| {
        view! {
            <div class="exercise-hints">
                <p class="exercise-subtitle">{label}</p>
                <ol>{hints}</ol>
            </div>
        }
    })
}

fn solution_view(
    locale: Locale,
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    state.progress.is_solution_shown.then(|| {
        let code = exercise.solution_code.html().to_owned();
        let note = exercise.solution_note.as_ref();
        let note = note.map(|note| view! { <div inner_html=note.get(locale).to_owned()></div> });
        view! {
            <div class="exercise-solution">
                <p class="exercise-subtitle">{messages.get("exercise-solution-title")}</p>
                <div inner_html=code></div>
                {note}
            </div>
        }
    })
}

fn actions_view(
    locale: Locale,
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let progress = &state.progress;
    let button = |action: &'static str, class: &'static str, label: String| {
        view! { <button class=class name="do" value=action>{label}</button> }
    };
    let is_started = progress.started_at.is_some();
    let is_passed = state.grade.is_passed();
    let start =
        (!is_started).then(|| button("start", "button primary", messages.get("exercise-start")));
    let restart = is_started.then(|| {
        let key = match progress.passed_at.is_some() || is_passed {
            true => "exercise-restart-passed",
            false => "exercise-restart-ask",
        };
        let ask = messages.get(key);
        let really = button("restart", "button", messages.get("exercise-restart-really"));
        view! {
            <details class="exercise-restart">
                <summary>{messages.get("exercise-restart")}</summary>
                <p>{ask}</p>
                {really}
            </details>
        }
    });
    let check = (is_started && !is_passed)
        .then(|| button("check", "button primary", messages.get("exercise-check")));
    let after = state.after.as_ref().filter(|_| is_passed);
    let after = after.map(|after| {
        let text = format!("{}: {}", messages.get(after.key), after.title);
        view! { <a class="button primary" href=after.href.clone()>{text}</a> }
    });
    let count = i64::try_from(exercise.hints.len()).unwrap_or_default();
    let hint = (is_started && !is_passed && progress.hints < count).then(|| {
        let (number, count) = ((progress.hints + 1).to_string(), count.to_string());
        let values = [("number", number.as_str()), ("count", count.as_str())];
        button("hint", "button", messages.with("exercise-hint", &values))
    });
    let solution = (is_started && !progress.is_solution_shown)
        .then(|| button("solution", "button", messages.get("exercise-solution")));
    let default = state.has_left_behaviors.then(|| {
        button(
            "default-behaviors",
            "button",
            messages.get("exercise-default-behaviors"),
        )
    });
    view! {
        <form class="exercise-actions" method="post" action=address(locale, &exercise.id)>
            {after}{default}{check}{start}{hint}{solution}
            {restart}
            {question_view(exercise, state, messages)}
        </form>
    }
}

/// Renders what a member has asked the mentors, with the answers.
fn requests_view(state: &CardState, messages: &MessageCatalog) -> Option<impl IntoView + use<>> {
    let help = state.help.as_ref()?;
    let requests = help.requests.iter().take(REQUESTS);
    let requests = requests.map(|request| help_view(request, messages));
    let requests: Vec<_> = requests.collect();
    (!requests.is_empty()).then(|| {
        view! {
            <div class="exercise-help">
                <p class="exercise-subtitle">{messages.get("help-title")}</p>
                {requests}
            </div>
        }
    })
}

/// Renders the field with which a member who has started the exercise and not passed it asks the mentors. It is in the form of the other buttons,
/// so that what is typed is kept when one of them is used.
fn question_view(
    exercise: &Exercise,
    state: &CardState,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let help = state.help.as_ref();
    let is_stuck = |help: &&HelpState| {
        // What was typed and refused stays.
        let is_kept = help.problem.is_some() || !help.question.is_empty();
        is_kept || state.progress.started_at.is_some() && !state.grade.is_passed()
    };
    let help = help.filter(is_stuck)?;
    let id = format!("{}-question", card_id(&exercise.id));
    let (note_id, problem_id) = (format!("{id}-note"), format!("{id}-problem"));
    let invalid = help.problem.map(|_| "true");
    let described_by = match help.problem {
        Some(_) => format!("{problem_id} {note_id}"),
        None => note_id.clone(),
    };
    let problem = help.problem.map(|key| {
        view! { <span class="field-error" id=problem_id role="alert">{messages.get(key)}</span> }
    });
    let is_open = help.problem.is_some() || !help.question.is_empty();
    let max = HELP_TEXT_MAX.to_string();
    // Leptos does not escape the text of a `<textarea>`. A browser removes the first line break.
    let question = format!("\n{}", escape(&help.question));
    Some(view! {
        <details class="exercise-question" open=is_open>
            <summary>{messages.get("help-stuck")}</summary>
            <p class="field">
                <label for=id.clone()>{messages.get("help-question")}</label>
                <textarea id=id name="question" rows="3" maxlength=max placeholder=" " aria-invalid=invalid aria-describedby=described_by inner_html=question></textarea>
                {problem}
                <span class="field-note" id=note_id>{readers(help, messages)}" "{messages.get("help-note")}" "{messages.get("help-markdown")}</span>
            </p>
            <button class="button" name="do" value="ask">{messages.get("help-send")}</button>
        </details>
    })
}

/// Returns the sentence about who gets a question.
fn readers(help: &HelpState, messages: &MessageCatalog) -> String {
    match help.mentors.len() {
        0 => messages.get("help-goes-to-admins"),
        1..=MENTORS => {
            let names = help.mentors.join(", ");
            messages.with("help-goes-to", &[("names", &names)])
        }
        count => {
            let count = count.to_string();
            messages.with("help-goes-to-many", &[("count", &count)])
        }
    }
}
