//! `/{lang}/learn/certificate/{section}`: a page to print when all lessons of a chapter are done. The chapter is named by its
//! first section.

use axum::extract::{Path, State};
use axum::response::Response;
use leptos::prelude::*;

use crate::pages::day::{day_of, day_text};
use crate::pages::learn::{Chapter, chapters};
use crate::pages::learner::LearnerProgress;
use crate::pages::meta::PageMeta;
use crate::pages::render::render;
use crate::pages::signed_in::MemberRequest;
use crate::pages::{not_found, notice};
use crate::state::{AppState, StyleSheet};

/// Handles `GET /{lang}/learn/certificate/{section}`: 404 until the chapter is done.
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    request: MemberRequest,
    Path((_, section)): Path<(String, String)>,
) -> Response {
    let locale = request.page.locale;
    let progress = match LearnerProgress::load(&state, request.viewer.account).await {
        Ok(progress) => progress,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let chapters = chapters(&state, locale, &progress);
    let mut chapters = chapters.into_iter();
    let chapter = chapters.find(|chapter| chapter.slug == section && chapter.state.is_done());
    let Some(Chapter {
        title: chapter_title,
        sections,
        state: chapter_state,
        ..
    }) = chapter
    else {
        return not_found::show(&state, request.page).await;
    };
    let messages = state.i18n.messages(locale).clone();
    let title = messages.get("certificate-title");
    let path = format!("/learn/certificate/{section}");
    let meta = PageMeta {
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        ..PageMeta::new(request.page, title.clone(), path)
    };
    let library = &state.library;
    let pages = sections
        .iter()
        .flat_map(|section| library.listed(section, locale));
    let lessons: Vec<String> = pages.map(|page| page.front.title.clone()).collect();
    let day = day_of(chapter_state.last.unwrap_or_default());
    let (name, site) = (request.viewer.name.to_string(), state.site_title());
    let learn = format!("/{locale}/learn");
    let view = move || {
        let learn = learn.clone();
        let shown = day_text(&day, &messages);
        let text = messages.with("certificate-text", &[("chapter", &chapter_title)]);
        let lessons = lessons
            .iter()
            .map(|lesson| view! { <li>{lesson.clone()}</li> });
        view! {
            <main id="content" class="portal-page certificate" tabindex="-1">
                <p class="certificate-site">{site.clone()}</p>
                <h1>{title.clone()}</h1>
                <p class="certificate-name">{name.clone()}</p>
                <p class="lead">{text}</p>
                <ul>{lessons.collect_view()}</ul>
                <p><time datetime=day.clone()>{shown}</time></p>
                <p class="quiet print-hint">{messages.get("certificate-print")}" "<a href=learn>{messages.get("learn-title")}</a></p>
            </main>
        }
    };
    render(&state, meta, view).await
}
