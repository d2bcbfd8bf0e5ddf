//! The page of a section, which lists its lessons in order.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use leptos::prelude::*;

use crate::content::LessonPage;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::pages::{learner, not_found, print};
use crate::state::{AppState, StyleSheet};

/// Handles `GET /{lang}/{section}`.
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
    let meta = PageMeta {
        styles: &[StyleSheet::Home],
        ..PageMeta::new(page_request, title.clone(), format!("/{slug}"))
    };
    let pages: Vec<Arc<LessonPage>> = library.listed(section, locale).cloned().collect();
    let print = print::address(locale, &slug);
    let print = (print, state.i18n.messages(locale).get("print-section"));
    let messages = state.i18n.messages(locale).clone();
    let content = move || content(locale, title.clone(), &pages, print.clone(), &messages);
    render(&state, meta, content).await
}

/// Renders the lessons of a section as links, and the link to all of them on one page.
fn content(
    locale: Locale,
    title: String,
    pages: &[Arc<LessonPage>],
    (print, print_label): (String, String),
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let lessons = pages
        .iter()
        .map(|page| {
            let (tick, description) = learner::tick(page, messages);
            view! {
                <li>
                    <a href=format!("/{locale}/{}", page.path) data-lesson=page.path.clone() data-progress=tick aria-description=description.clone() title=description>{page.front.title.clone()}</a>
                    <p>{page.front.description.clone()}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <main id="content" class="plain-page" tabindex="-1">
            <h1>{title}</h1>
            <ol class="lesson-path">{lessons}</ol>
            <p class="download"><a href=print>{print_label}</a></p>
        </main>
    }
}
