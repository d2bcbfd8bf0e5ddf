//! `/{lang}/team/lessons`: how many have opened, read and passed each lesson, and at which step of an exercise people stop.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use crate::content::Library;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::notice;
use crate::pages::team::course::{CourseChapter, CourseLesson, course};
use crate::pages::team::{STUCK_TIME, TeamRequest, group_filter, page};
use crate::portal::store::team::{ExerciseNumbers, TeamNumbers};
use crate::state::AppState;

/// The number of members who are stuck, by exercise.
type StuckCounts = HashMap<String, i64>;

/// Handles `GET /{lang}/team/lessons`.
pub(super) async fn show(
    State(state): State<AppState>,
    TeamRequest {
        request,
        query,
        access,
        view,
    }: TeamRequest,
) -> Response {
    let numbers = match state.portal.store.team_numbers(view).await {
        Ok(numbers) => numbers,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let since = state.portal.clock.now() - STUCK_TIME;
    let stuck = match state.portal.store.count_stuck(view, since).await {
        Ok(stuck) => stuck,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let numbers = (numbers, stuck);
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let chapters = course(&state.library, locale);
    let library = state.library.clone();
    let shown = access.clone();
    let view = move || {
        let address = format!("/{locale}/team/lessons");
        let filter = group_filter(address, &access.groups, &query.group, &messages);
        let tables = chapters.iter();
        let tables = tables.map(|chapter| table(&library, locale, chapter, &numbers, &messages));
        view! { {filter}<p class="quiet">{messages.get("team-lessons-note")}</p>{tables.collect_view()} }
    };
    page(&state, request.page, ("lessons", &shown), view).await
}

fn table(
    library: &Library,
    locale: Locale,
    chapter: &CourseChapter,
    numbers: &(TeamNumbers, StuckCounts),
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let title = chapter.title.clone();
    let title = title.unwrap_or_else(|| messages.get("lessons"));
    let heads = [
        "lesson", "opened", "read", "quiz", "exercise", "passed", "stuck", "stops",
    ]
    .map(|name| view! { <th scope="col">{messages.get(&format!("team-{name}"))}</th> });
    let rows = chapter.lessons.iter();
    let rows = rows.map(|lesson| row(library, locale, lesson, numbers, messages));
    view! {
        <h2>{title.clone()}</h2>
        <div class="table-scroll" tabindex="0" role="region" aria-label=title>
            <table class="portal-table lesson-numbers">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(
    library: &Library,
    locale: Locale,
    lesson: &CourseLesson,
    (numbers, stuck): &(TeamNumbers, StuckCounts),
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let read = numbers.lessons.get(&lesson.path).cloned();
    let read = read.unwrap_or_default();
    let quizzes = lesson.quizzes.iter();
    let quizzes = quizzes.map(|id| numbers.quizzes.get(id).copied().unwrap_or_default());
    let quizzes: Vec<String> = quizzes.map(|count| count.to_string()).collect();
    let exercises = lesson.exercises.iter().map(|(id, title)| {
        let numbers = numbers.exercises.get(id).cloned().unwrap_or_default();
        let address = format!("/{locale}/exercises/{id}");
        let stuck = stuck.get(id).copied().unwrap_or_default();
        (
            view! { <p><a href=address>{title.clone()}</a></p> },
            view! { <p>{share(&numbers, messages)}</p> },
            view! { <p>{stuck}</p> },
            view! { <p class="portal-wrap">{stops(library, locale, id, &numbers, messages)}</p> },
        )
    });
    let (titles, shares, stuck, stops): (Vec<_>, Vec<_>, Vec<_>, Vec<_>) = exercises.collect();
    view! {
        <tr>
            <th scope="row" class="portal-wrap"><a href=format!("/{locale}/{}", lesson.path)>{lesson.title.clone()}</a></th>
            <td>{read.opened}</td>
            <td>{read.read}</td>
            <td>{quizzes.join(", ")}</td>
            <td class="portal-wrap">{titles}</td>
            <td>{shares}</td>
            <td>{stuck}</td>
            <td>{stops}</td>
        </tr>
    }
}

/// Returns how many of those who have started an exercise have passed it.
fn share(numbers: &ExerciseNumbers, messages: &MessageCatalog) -> String {
    if numbers.started == 0 {
        return "–".to_owned();
    }
    let percent = numbers.passed * 100 / numbers.started;
    messages.with(
        "team-share",
        &[
            ("passed", &numbers.passed.to_string()),
            ("started", &numbers.started.to_string()),
            ("percent", &percent.to_string()),
        ],
    )
}

/// Returns the step at which most of those stop who have not passed an exercise, and how many looked at the solution.
fn stops(
    library: &Library,
    locale: Locale,
    id: &str,
    numbers: &ExerciseNumbers,
    messages: &MessageCatalog,
) -> String {
    let mut texts = Vec::new();
    if let Some((step, count)) = numbers.stops.first() {
        let titles = library.exercise(locale, id);
        let titles = titles.map(|(_, exercise)| &exercise.step_titles);
        let title = titles.and_then(|titles| titles.get(usize::try_from(*step).ok()?));
        // The title is a fragment of HTML.
        let title = title.map(|title| plain_text(title.get(locale)));
        texts.push(messages.with(
            "team-stops-at",
            &[
                ("count", &count.to_string()),
                ("number", &(step + 1).to_string()),
                ("title", &title.unwrap_or_default()),
            ],
        ));
    }
    if numbers.solutions > 0 {
        let count = numbers.solutions.to_string();
        texts.push(messages.with("team-solutions", &[("count", &count)]));
    }
    texts.join(" ")
}

/// Returns the text of a fragment of HTML that Markdown was rendered to.
pub(super) fn plain_text(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for character in html.chars() {
        match character {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(character),
            _ => {}
        }
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text, |text, (entity, character)| {
        text.replace(entity, character)
    })
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn title_of_a_step_is_shown_without_its_markup() {
        let html = "Send <code>GET /a?b=1&amp;c=&quot;2&quot;</code> &lt;now&gt;";
        assert_eq!(plain_text(html), "Send GET /a?b=1&c=\"2\" <now>");
    }
}
