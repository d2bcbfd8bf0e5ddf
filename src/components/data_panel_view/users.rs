//! The users of the visitor, with the actions on all of them: undo, reset, and the offer to restore the data of the
//! lesson.

use leptos::prelude::*;

use super::parts::{DataPanelParts, LessonData};
use super::switches::active_switches;
use crate::components::{UserTable, changes_text};
use crate::model::messages::MessageCatalog;

/// Renders the users, and the actions on all of them.
pub(super) fn users(parts: &DataPanelParts, words: &MessageCatalog) -> impl IntoView + use<> {
    let count = parts.total.to_string();
    let shown = parts.users.len();
    let more = (shown < parts.total).then(|| {
        let values = [("shown", shown.to_string()), ("count", count.clone())];
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        view! { <p class="quiet">{words.with("data-panel-more", &values)}</p> }
    });
    let seed = parts
        .sandbox
        .is_none()
        .then(|| view! { <p class="data-panel-note">{words.get("data-panel-seed")}</p> });
    let action = parts.action();
    let question = Question::of(parts.lesson.as_ref());
    let offer = offer(parts, words);
    let last_change = match &parts.last_change {
        Some(request) => {
            let request = [&request.method, " ", &request.target].concat();
            words.with("data-panel-undo-what", &[("request", &request)])
        }
        None => words.get("data-panel-problem-nothing"),
    };
    let actions = parts.sandbox.map(|_| {
        view! {
            <form method="post" action=action class="data-panel-actions">
                <button type="submit" class="button" name="do" value="undo" aria-describedby="data-panel-undo-what">{words.get("data-panel-undo")}</button>
                {question.view("reset", words)}
                <p id="data-panel-undo-what" class="quiet">{last_change}</p>
            </form>
        }
    });
    let rows = parts.users.iter().cloned().map(|user| {
        view! {
            <tr data-row=user.id.to_string()>
                <td class="row-sign"></td>
                <td class="number">{user.id.to_string()}</td>
                <td>{user.name}</td>
                <td>{user.email.as_str().to_owned()}</td>
                <td>{user.role.as_str()}</td>
                <td class="bio">{user.bio.unwrap_or_else(|| "null".to_owned())}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <section class="data-panel-users" aria-labelledby="data-panel-users">
            <h2 id="data-panel-users">{words.with("data-panel-users", &[("count", &count)])}</h2>
            {offer}
            {active_switches(parts.behaviors, words)}
            {seed}
            <UserTable words=words.clone() rows=rows.collect() keep="users"/>
            {more}
            {actions}
        </section>
    }
}

/// Renders the offer to restore the data of the lesson, if they differ from it.
fn offer(parts: &DataPanelParts, words: &MessageCatalog) -> Option<impl IntoView + use<>> {
    let lesson = parts.lesson.as_ref()?;
    let changes = changes_text(lesson.differences?, words);
    let text = words.with("data-panel-lesson-differs", &[("changes", &changes)]);
    Some(view! {
        <div class="data-panel-note data-panel-offer" data-offer=lesson.path.clone()>
            <p>{text}</p>
            <button type="button" class="icon-button script-only" data-dismiss="">
                <span aria-hidden="true">"×"</span>
                <span class="visually-hidden">{words.get("data-panel-lesson-keep")}</span>
            </button>
            <form method="post" action=parts.action() class="data-panel-actions">{Question::Lesson.view("offer", words)}</form>
        </div>
    })
}

/// The question before all users are replaced.
#[derive(Clone, Copy)]
enum Question {
    /// Whether to reset the sandbox.
    Reset,
    /// Whether to restore the starting data of the lesson, which is also a reset.
    Lesson,
}

impl Question {
    fn of(lesson: Option<&LessonData>) -> Question {
        lesson.map_or(Question::Reset, |_| Question::Lesson)
    }

    /// Renders the button that asks, and what it asks; `keep` names it for the island, which keeps it open.
    fn view(self, keep: &'static str, words: &MessageCatalog) -> impl IntoView + use<> {
        let (action, key) = match self {
            Question::Reset => ("reset", "data-panel-reset"),
            Question::Lesson => ("restore", "data-panel-lesson-restore"),
        };
        view! {
            <details class="data-panel-reset" data-keep=keep>
                <summary class="button">{words.get(key)}</summary>
                <p>{words.get(&[key, "-note"].concat())}</p>
                <button type="submit" class="button primary" name="do" value=action>{words.get(&[key, "-now"].concat())}</button>
            </details>
        }
    }
}
