//! The front page: one sentence, one live request, the path of lessons.

use axum::extract::{OriginalUri, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::pages::layout::{Viewing, layout};
use crate::pages::{Meta, not_found, render};
use crate::state::AppState;

/// `GET /{lang}`.
pub(super) async fn show(
    State(state): State<AppState>,
    Path(lang): Path<String>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    let Some(locale) = Locale::parse(&lang) else {
        return not_found::fallback(State(state), uri, headers).await;
    };
    let words = state.i18n.words(locale).clone();
    let mut meta = Meta::new(locale, state.library.site.title.clone(), "");
    meta.description = words.get("home-lead");
    let viewing = Viewing {
        locale,
        path: String::new(),
        name: None,
    };
    let view = {
        let state = state.clone();
        move || layout(&state, &viewing, content(&state, locale).into_any())
    };
    render(&state, meta, view).await
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
