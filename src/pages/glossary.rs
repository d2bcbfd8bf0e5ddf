//! The page of the glossary: all terms with their definitions, and the lessons in which they occur.

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use crate::content::{GlossaryTerm, Library};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::not_found;
use crate::pages::render::render;
use crate::state::AppState;

/// Handles `GET /{lang}/glossary`.
pub(super) async fn show(State(state): State<AppState>, page_request: PageRequest) -> Response {
    if state.library.glossary.is_empty() {
        return not_found::show(&state, page_request).await;
    }
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let mut meta = PageMeta::new(page_request, messages.get("glossary"), "/glossary");
    meta.description = messages.get("glossary-lead");
    meta.share();
    let library = state.library.clone();
    let content = move || content(&library, locale, &messages);
    render(&state, meta, content).await
}

fn content(library: &Library, locale: Locale, messages: &MessageCatalog) -> impl IntoView + use<> {
    let terms = library.glossary.in_order(locale).into_iter();
    let terms = terms
        .map(|term| entry(library, locale, term, messages))
        .collect_view();
    view! {
        <main id="content" class="plain-page" tabindex="-1">
            <h1>{messages.get("glossary")}</h1>
            <p class="lead">{messages.get("glossary-lead")}</p>
            <dl class="glossary">{terms}</dl>
        </main>
    }
}

/// Renders a term, which links lead to by its id.
fn entry(
    library: &Library,
    locale: Locale,
    term: &GlossaryTerm,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let lessons = library.all_listed(locale);
    let lessons = lessons.filter(|page| page.terms.contains(&term.id));
    let links: Vec<_> = lessons
        .map(|page| {
            let address = format!("/{locale}/{}", page.path);
            view! { <li><a href=address>{page.front.title.clone()}</a></li> }
        })
        .collect();
    let links = (!links.is_empty()).then(|| {
        let label = messages.get("glossary-lessons");
        view! { <div class="glossary-lessons"><span>{label}</span><ul>{links}</ul></div> }
    });
    let also = term.also(locale).join(", ");
    let also = (!also.is_empty()).then(|| {
        let text = messages.with("glossary-also", &[("words", &also)]);
        view! { <p class="quiet">{text}</p> }
    });
    view! {
        <dt id=term.id.clone()>{term.name.get(locale).to_owned()}</dt>
        <dd>
            <p inner_html=term.definition.get(locale).to_owned()></p>
            {also}
            {links}
        </dd>
    }
}
