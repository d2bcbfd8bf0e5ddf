//! The front page: one sentence, one live request, the path of lessons.

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::pages::{Meta, Reader, render};
use crate::state::AppState;

/// `GET /{lang}`.
pub(super) async fn show(State(state): State<AppState>, reader: Reader) -> Response {
    let locale = reader.locale;
    let mut meta = Meta::new(reader, state.library.site.title.clone(), "");
    meta.description = state.i18n.words(locale).get("home-lead");
    let library = state.clone();
    render(&state, meta, move || content(&library, locale)).await
}

fn content(state: &AppState, locale: Locale) -> impl IntoView + use<> {
    let words = state.i18n.words(locale).clone();
    let path = state
        .library
        .in_order(locale)
        .map(|page| {
            view! {
                <li>
                    <a href=page.href()>{page.front.title.clone()}</a>
                    <p>{page.front.description.clone()}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <main id="content" class="home" tabindex="-1">
            <h1>{words.get("home-title")}</h1>
            <p class="lead">{words.get("home-lead")}</p>
            <h2>{words.get("home-path")}</h2>
            <ol class="lesson-path">{path}</ol>
        </main>
    }
}
