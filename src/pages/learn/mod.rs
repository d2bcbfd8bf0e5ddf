//! `/{lang}/learn`: the path of a member: what is next, what is due, the lessons by chapter, and what mentors have answered.

mod certificate;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use crate::content::{LessonPage, Section, member_text_html};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::learner::{ChapterState, LearnerProgress, LessonState, due_badge, ring};
use crate::pages::meta::PageMeta;
use crate::pages::notice;
use crate::pages::render::render;
use crate::pages::signed_in::MemberRequest;
use crate::pages::time::time;
use crate::portal::store::help::HelpRequest;
use crate::state::{AppState, StyleSheet};

pub(super) use certificate::show as show_certificate;

/// The number of questions to mentors on the page.
const QUESTIONS: usize = 20;

/// A chapter of the path.
struct Chapter {
    /// The slug of its first section, which names the chapter in addresses.
    slug: String,
    title: String,
    sections: Vec<Section>,
    state: ChapterState,
}

/// Handles `GET /{lang}/learn`.
pub(super) async fn show(State(state): State<AppState>, request: MemberRequest) -> Response {
    let account = request.viewer.account;
    // An answer that is given meanwhile is new at the next visit.
    let now = state.portal.clock.now();
    let progress = LearnerProgress::load_with_answers(&state, account).await;
    let questions = state.portal.store.list_own_help(account, None).await;
    let (progress, mut questions) = match (progress, questions) {
        (Ok(progress), Ok(questions)) => (Arc::new(progress), questions),
        (Err(cause), _) | (_, Err(cause)) => {
            return notice::unavailable(&state, request.page, &cause).await;
        }
    };
    questions.truncate(QUESTIONS);
    if let Err(cause) = state.portal.store.see_answers(account, now).await {
        tracing::error!(%cause, "the visit of a member was not kept");
    }
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let title = messages.get("learn-title");
    let meta = PageMeta {
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        progress: Some(progress.clone()),
        ..PageMeta::new(request.page, title, "/learn")
    };
    let shared = state.clone();
    let view = move || content(&shared, locale, &progress, &questions, &messages);
    render(&state, meta, view).await
}

/// Returns the chapters of the course in the order of the navigation.
fn chapters(state: &AppState, locale: Locale, progress: &LearnerProgress) -> Vec<Chapter> {
    let library = &state.library;
    let chapters = library.course(locale).into_iter();
    let chapters = chapters.filter_map(|(title, sections)| {
        let slug = sections.first()?.slug.clone();
        let title = title.map(str::to_owned);
        Some(Chapter {
            title: title.unwrap_or_else(|| library.site.section_title(&slug, locale)),
            state: progress.chapter(library, &sections, locale),
            sections: sections.into_iter().cloned().collect(),
            slug,
        })
    });
    chapters.filter(|chapter| chapter.state.count > 0).collect()
}

/// Returns the lessons of the course in the order of the navigation.
fn lessons(state: &AppState, locale: Locale) -> Vec<Arc<LessonPage>> {
    let library = &state.library;
    let sections = library.course(locale).into_iter();
    let sections = sections.flat_map(|(_, sections)| sections);
    let pages = sections.flat_map(|section| library.listed(section, locale));
    pages.cloned().collect()
}

fn content(
    state: &AppState,
    locale: Locale,
    progress: &LearnerProgress,
    questions: &[HelpRequest],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let chapters = chapters(state, locale, progress);
    let total = chapters.iter().fold((0, 0), |(done, count), chapter| {
        (done + chapter.state.done, count + chapter.state.count)
    });
    let lead = match total {
        (0, _) => messages.get("learn-lead-start"),
        (done, count) if done == count => messages.get("learn-lead-done"),
        (done, count) => {
            let (done, count) = (done.to_string(), count.to_string());
            messages.with("learn-lead", &[("done", &done), ("count", &count)])
        }
    };
    let chapters = chapters
        .iter()
        .map(|chapter| chapter_view(state, locale, chapter, progress, messages));
    let chapters = chapters.collect_view();
    view! {
        <main id="content" class="portal-page learn" tabindex="-1">
            <h1>{messages.get("learn-title")}</h1>
            <p class="lead">{lead}</p>
            {legend(messages)}
            {next_view(state, locale, progress, messages)}
            {due_view(state, locale, progress, messages)}
            {questions_view(state, locale, questions, messages)}
            {chapters}
        </main>
    }
}

/// Renders what the marks beside lessons and chapters mean.
fn legend(messages: &MessageCatalog) -> impl IntoView + use<> {
    let marks = ["opened", "read", "done"].map(|state| {
        let text = messages.get(&format!("learn-legend-{state}"));
        view! { <li><span class="progress-mark" data-progress=state></span>{text}</li> }
    });
    let example = ChapterState {
        count: 3,
        done: 2,
        last: None,
    };
    view! {
        <ul class="learn-legend" aria-label=messages.get("learn-legend")>
            {marks.collect_view()}
            <li><span aria-hidden="true">{ring(example, messages)}</span>{messages.get("learn-legend-ring")}</li>
        </ul>
    }
}

/// The lessons with which a member goes on.
pub(super) struct NextLessons {
    /// The lesson that was opened last, unless it is done.
    pub(super) last: Option<Arc<LessonPage>>,
    /// The other lesson that is due next or, when none is, the first one that is not done.
    pub(super) next: Option<Arc<LessonPage>>,
}

impl NextLessons {
    /// Finds the lessons in the order of the navigation.
    pub(super) fn of(state: &AppState, locale: Locale, progress: &LearnerProgress) -> NextLessons {
        let lessons = lessons(state, locale);
        let is_open = |page: &&Arc<LessonPage>| progress.lesson(page).done().is_none();
        let last = progress.last();
        let last = lessons
            .iter()
            .find(|page| last == Some(page.path.as_str()))
            .filter(is_open);
        let due = progress.due.iter().find_map(|due| {
            let page = lessons.iter().find(|page| page.path == due.lesson);
            page.filter(is_open)
        });
        let next = due.or_else(|| lessons.iter().find(is_open));
        let next = next.filter(|next| last.is_none_or(|last| last.path != next.path));
        NextLessons {
            last: last.cloned(),
            next: next.cloned(),
        }
    }
}

/// Renders the links to the lesson that was opened last, unless it is done, and to the first that is not done.
fn next_view(
    state: &AppState,
    locale: Locale,
    progress: &LearnerProgress,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let NextLessons { last, next } = NextLessons::of(state, locale, progress);
    let link = |page: Option<&Arc<LessonPage>>, key: &str, class: &'static str| {
        page.map(|page| {
            let href = format!("/{locale}/{}", page.path);
            view! { <a class=class href=href>{messages.get(key)}": "{page.front.title.clone()}</a> }
        })
    };
    let next_class = if last.is_some() {
        "button"
    } else {
        "button primary"
    };
    (last.is_some() || next.is_some()).then(|| {
        view! {
            <p class="learn-next">
                {link(last.as_ref(), "home-continue", "button primary")}
                {link(next.as_ref(), "learn-next", next_class)}
            </p>
        }
    })
}

/// Renders the lessons of assignments that are not done.
fn due_view(
    state: &AppState,
    locale: Locale,
    progress: &LearnerProgress,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let pages = progress.due.iter().filter_map(|due| {
        let page = state.library.page_or_translation(locale, &due.lesson)?;
        Some((page, due_badge(progress, page, messages)?))
    });
    let rows: Vec<_> = pages
        .map(|(page, badge)| {
            let href = format!("/{locale}/{}", page.path);
            view! { <li><a href=href>{page.front.title.clone()}</a> {badge}</li> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="portal-section">
                <h2>{messages.get("learn-due")}</h2>
                <ul class="learn-list">{rows}</ul>
            </section>
        }
    })
}

/// Renders the questions to mentors with their answers.
fn questions_view(
    state: &AppState,
    locale: Locale,
    questions: &[HelpRequest],
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let rows = questions.iter().map(|request| {
        let exercise = state.library.exercise(locale, &request.exercise);
        let title = exercise.map(|(_, exercise)| exercise.title.get(locale).to_owned());
        let link = match title {
            Some(title) => {
                let href = format!("/{locale}/exercises/{}", request.exercise);
                view! { <a href=href>{title}</a> }.into_any()
            }
            None => request.exercise.clone().into_any(),
        };
        view! { <li>{link}{help_view(request, messages)}</li> }
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="portal-section">
                <h2>{messages.get("learn-questions")}</h2>
                <ul class="learn-list">{rows}</ul>
            </section>
        }
    })
}

/// Renders a question to the mentors and its answer.
pub(super) fn help_view(request: &HelpRequest, messages: &MessageCatalog) -> impl IntoView + use<> {
    question_view(request, messages.get("help-you"), messages)
}

/// Renders what a member has written to another.
pub(super) fn text_view(text: &str) -> impl IntoView + use<> {
    view! { <div class="help-text" inner_html=member_text_html(text)></div> }
}

/// Renders a question under the name of who asked, with its answer.
pub(super) fn question_view(
    request: &HelpRequest,
    name: String,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let answer = match &request.answer {
        Some(answer) => {
            let mentor = answer.mentor.clone();
            let mentor = mentor.unwrap_or_else(|| messages.get("role-mentor"));
            view! {
                <p class="quiet">{mentor}", "{time(answer.at)}</p>
                {text_view(&answer.text)}
            }
            .into_any()
        }
        None => view! { <p class="quiet">{messages.get("help-waiting")}</p> }.into_any(),
    };
    view! {
        <div class="help-request">
            <p class="quiet">{name}", "{time(request.created)}</p>
            {text_view(&request.question)}
            {answer}
        </div>
    }
}

fn chapter_view(
    state: &AppState,
    locale: Locale,
    chapter: &Chapter,
    progress: &LearnerProgress,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let pages = chapter
        .sections
        .iter()
        .flat_map(|section| state.library.listed(section, locale));
    let rows = pages
        .map(|page| lesson_row(locale, page, progress, messages))
        .collect_view();
    let certificate = chapter.state.is_done().then(|| {
        let href = format!("/{locale}/learn/certificate/{}", chapter.slug);
        view! { <p><a class="button" href=href>{messages.get("certificate-open")}</a></p> }
    });
    let (done, count) = (
        chapter.state.done.to_string(),
        chapter.state.count.to_string(),
    );
    let count = messages.with("learn-count", &[("done", &done), ("count", &count)]);
    view! {
        <section class="portal-section" id=format!("chapter-{}", chapter.slug)>
            <h2 class="learn-chapter">{ring(chapter.state, messages)}<span>{chapter.title.clone()}</span><span class="quiet">{count}</span></h2>
            <ol class="learn-list">{rows}</ol>
            {certificate}
        </section>
    }
}

/// Renders a lesson with what was done of it and what is missing.
fn lesson_row(
    locale: Locale,
    page: &LessonPage,
    progress: &LearnerProgress,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let state = progress.lesson(page);
    let href = format!("/{locale}/{}", page.path);
    let lang = (page.locale != locale).then(|| page.locale.as_str());
    let badge = due_badge(progress, page, messages);
    let questions = progress.questions(page);
    let tick = state.tick();
    let description = tick.map(|_| state.description(messages));
    view! {
        <li>
            <a href=href lang=lang data-progress=tick aria-description=description.clone() title=description>{page.front.title.clone()}</a>
            <span class="quiet">{missing(&state, questions, messages)}</span>
            {badge}
        </li>
    }
}

/// Returns what is missing until a lesson is done that was begun; `open` of the `count` questions of its quizzes were never
/// answered correctly.
fn missing(
    state: &LessonState,
    (open, count): (usize, usize),
    messages: &MessageCatalog,
) -> String {
    let is_missing = |passed: &[Option<i64>]| passed.contains(&None);
    let is_begun = state.is_opened
        || state
            .exercises
            .iter()
            .chain(&state.quizzes)
            .any(Option::is_some);
    let keys = [
        (state.read.is_none(), "learn-missing-read"),
        (is_missing(&state.exercises), "learn-missing-exercise"),
    ];
    let keys = keys
        .into_iter()
        .filter(|(is_shown, _)| *is_shown && is_begun);
    let mut words: Vec<String> = keys.map(|(_, key)| messages.get(key)).collect();
    if is_begun && is_missing(&state.quizzes) {
        let numbers = [("done", count - open), ("open", open), ("count", count)];
        let numbers = numbers.map(|(name, number)| (name, number.to_string()));
        let values = numbers
            .each_ref()
            .map(|(name, text)| (*name, text.as_str()));
        words.push(messages.with("learn-missing-quiz", &values));
    }
    match words.is_empty() {
        true => String::new(),
        false => messages.with("learn-missing", &[("what", &words.join(", "))]),
    }
}
