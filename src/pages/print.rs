//! The page of a whole section for printing: its lessons one after the other, with requests and code as text.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use leptos::prelude::*;

use crate::components::DiagramView;
use crate::content::{CodeTab, Exercise, LessonBlock, LessonPage, Playground, Quiz};
use crate::http_file::{self, HttpFile};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::lesson::{request_number, tab_label};
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::pages::{member_lesson, not_found};
use crate::state::{AppState, StyleSheet};

/// Returns the address of the page of a section.
pub(super) fn address(locale: Locale, section: &str) -> String {
    format!("/{locale}/print/{section}")
}

/// Handles `GET /{lang}/print/{section}`.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, slug)): Path<(String, String)>,
) -> Response {
    let library = state.library.clone();
    let Some(section) = library.section(&slug) else {
        return not_found::show(&state, page_request).await;
    };
    let locale = page_request.locale;
    let title = library.site.section_title(&slug, locale);
    let mut meta = PageMeta {
        // Search engines find the lessons themselves.
        is_indexed: false,
        has_navigation: false,
        styles: &[StyleSheet::Home],
        ..PageMeta::new(page_request, title.clone(), format!("/print/{slug}"))
    };
    let mut pages: Vec<Arc<LessonPage>> = library.listed(section, locale).cloned().collect();
    pages.retain(|page| member_lesson::is_open(&meta.request, page));
    meta.share();
    let messages = state.i18n.messages(locale).clone();
    let content = move || content(&title, &pages, &messages);
    render(&state, meta, content).await
}

fn content(
    title: &str,
    pages: &[Arc<LessonPage>],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let lessons = pages.iter().map(|page| lesson(page, messages));
    let lessons = lessons.collect_view();
    view! {
        <main id="content" class="plain-page print-page" tabindex="-1">
            <h1>{title.to_owned()}</h1>
            <p class="quiet print-hint">{messages.get("print-hint")}</p>
            {lessons}
        </main>
    }
}

fn lesson(page: &LessonPage, messages: &MessageCatalog) -> impl IntoView + use<> {
    let prefix = page.path.replace('/', "-");
    let blocks = page
        .blocks
        .iter()
        .map(|block| block_view(page, &prefix, block, messages));
    let blocks = blocks.collect_view();
    view! {
        <article class="print-lesson" lang=page.locale.as_str() id=prefix.clone()>
            <h1>{page.front.title.clone()}</h1>
            <p class="lead">{page.front.description.clone()}</p>
            <div class="prose">{blocks}</div>
        </article>
    }
}

fn block_view(
    page: &LessonPage,
    prefix: &str,
    block: &LessonBlock,
    messages: &MessageCatalog,
) -> AnyView {
    match block {
        LessonBlock::Html(html) => {
            view! { <div class="prose-part" inner_html=with_id_prefix(html, prefix)></div> }
                .into_any()
        }
        LessonBlock::Code(code) => {
            view! { <div class="code-block" inner_html=code.html().to_owned()></div> }.into_any()
        }
        LessonBlock::Diagram(diagram) => {
            view! { <DiagramView diagram=diagram.clone() messages=messages.clone()/> }.into_any()
        }
        LessonBlock::Playground(playground) => request(page, playground, messages).into_any(),
        LessonBlock::Sample(sample) => {
            let number = request_number(page, &sample.request_id);
            let label = messages.with("sample-response", &[("number", &number)]);
            view! {
                <figure class="sample-response">
                    <figcaption>{label}</figcaption>
                    <div inner_html=sample.code.html().to_owned()></div>
                </figure>
            }
            .into_any()
        }
        LessonBlock::Tabs(tabs) => tabs.iter().map(tab).collect_view().into_any(),
        LessonBlock::Exercise(exercise) => task(page.locale, exercise, messages).into_any(),
        LessonBlock::Quiz(quiz) => questions(page.locale, quiz, messages).into_any(),
    }
}

/// Renders a request as text, without its directives.
fn request(
    page: &LessonPage,
    playground: &Playground,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let mut block = playground.block.clone();
    block.lines.clear();
    let text = http_file::print(&HttpFile {
        blocks: vec![block],
    });
    let number = request_number(page, &playground.id);
    let label = messages.with("print-request", &[("number", &number)]);
    view! {
        <figure class="sample-response">
            <figcaption>{label}</figcaption>
            <div><pre><code>{text.trim().to_owned()}</code></pre></div>
        </figure>
    }
}

fn tab(tab: &CodeTab) -> impl IntoView + use<> {
    view! {
        <figure class="sample-response">
            <figcaption>{tab_label(&tab.key)}</figcaption>
            <div inner_html=tab.code.html().to_owned()></div>
        </figure>
    }
}

/// Renders the task of an exercise and its steps.
fn task(locale: Locale, exercise: &Exercise, messages: &MessageCatalog) -> impl IntoView + use<> {
    let steps = exercise.step_titles.iter();
    let steps = steps
        .map(|step| view! { <li inner_html=step.get(locale).to_owned()></li> })
        .collect_view();
    view! {
        <section class="exercise">
            <p class="exercise-label">{messages.get("exercise-label")}</p>
            <p class="exercise-title">{exercise.title.get(locale).to_owned()}</p>
            <div class="exercise-task" inner_html=exercise.task.get(locale).to_owned()></div>
            <ol>{steps}</ol>
        </section>
    }
}

/// Renders the questions of a quiz with boxes to tick, without the answers.
fn questions(locale: Locale, quiz: &Quiz, messages: &MessageCatalog) -> impl IntoView + use<> {
    let questions = quiz.questions.iter().map(|question| {
        let options = question.options.iter();
        let options = options
            .map(|option| view! { <li inner_html=option.text.get(locale).to_owned()></li> })
            .collect_view();
        view! {
            <li>
                <p inner_html=question.text.get(locale).to_owned()></p>
                <ul class="print-options">{options}</ul>
            </li>
        }
    });
    let questions = questions.collect_view();
    view! {
        <section class="quiz" aria-label=messages.get("quiz-label")>
            <p class="exercise-label">{messages.get("quiz-label")}</p>
            <ol>{questions}</ol>
        </section>
    }
}

/// Puts a prefix before the ids of a text and before the links to them, so that the ids of several lessons differ. The
/// text is what the content module makes of Markdown, where quotation marks occur only around attributes.
fn with_id_prefix(html: &str, prefix: &str) -> String {
    html.replace(" id=\"", &format!(" id=\"{prefix}-"))
        .replace(" popovertarget=\"", &format!(" popovertarget=\"{prefix}-"))
        .replace(
            " aria-describedby=\"",
            &format!(" aria-describedby=\"{prefix}-"),
        )
        .replace("href=\"#", &format!("href=\"#{prefix}-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_links_to_them_get_the_prefix() {
        assert_eq!(
            with_id_prefix(
                "<h2 id=\"a\">A</h2><a href=\"#a\">1</a><a href=\"/en/b#a\">2</a><p>id=&quot;a&quot;</p>",
                "methods-get"
            ),
            "<h2 id=\"methods-get-a\">A</h2><a href=\"#methods-get-a\">1</a><a href=\"/en/b#a\">2</a><p>id=&quot;a&quot;</p>"
        );
        assert_eq!(
            with_id_prefix(
                "<button popovertarget=\"term-1\" aria-describedby=\"term-1\">a</button><span id=\"term-1\">",
                "a-b"
            ),
            "<button popovertarget=\"a-b-term-1\" aria-describedby=\"a-b-term-1\">a</button><span id=\"a-b-term-1\">"
        );
    }
}
