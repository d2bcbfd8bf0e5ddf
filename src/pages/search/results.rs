//! The results of a search on its page, and what is shown instead of results.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::search::address::search_address;
use crate::pages::search::marked_text::marked_text;
use crate::search::{SearchHit, SearchResults};

/// Renders the number of results and the best of them, or advice when there is none. Results in other locales are offered as
/// a link.
pub(super) fn results(
    locale: Locale,
    messages: &MessageCatalog,
    text: &str,
    found: &SearchResults,
) -> impl IntoView + use<> {
    let count = found.total.to_string();
    let values = [("count", count.as_str()), ("query", text)];
    let count = match found.total {
        0 => messages.with("search-none", &values),
        _ => messages.with("search-count", &values),
    };
    let elsewhere = found.elsewhere.iter();
    let elsewhere = elsewhere.map(|(other, count)| elsewhere_link(*other, *count, messages, text));
    let elsewhere = elsewhere.collect_view();
    let advice = (found.total == 0).then(|| advice(locale, messages));
    let shown = found.hits.len().to_string();
    let more = (found.total > found.hits.len()).then(
        || view! { <p class="quiet">{messages.with("search-more", &[("count", &shown)])}</p> },
    );
    let hits = found.hits.iter().map(hit).collect_view();
    let hits = (found.total > 0).then(|| view! { <ol class="search-results">{hits}</ol> });
    view! {
        <p class="search-count" role="status">{count}</p>
        {elsewhere}
        {advice}
        {hits}
        {more}
    }
}

/// Renders how to search, before anything was searched for.
pub(super) fn hint(messages: &MessageCatalog) -> impl IntoView + use<> {
    view! { <p class="quiet">{messages.get("search-hint")}</p> }
}

/// Renders that the search has failed.
pub(super) fn failure(messages: &MessageCatalog) -> impl IntoView + use<> {
    view! { <p role="alert">{messages.get("search-failed")}</p> }
}

fn hit(hit: &SearchHit) -> impl IntoView + use<> {
    let passage = &hit.passage;
    let is_page = !passage.href.contains('#');
    let path = match is_page {
        true => passage.section.clone(),
        false => format!("{} › {}", passage.section, passage.title),
    };
    view! {
        <li>
            <h2><a href=passage.href.clone()>{marked_text(&hit.heading)}</a></h2>
            <p class="search-path">{path}</p>
            <p class="search-snippet">{marked_text(&hit.snippet)}</p>
        </li>
    }
}

fn elsewhere_link(
    other: Locale,
    count: usize,
    messages: &MessageCatalog,
    text: &str,
) -> impl IntoView + use<> {
    let count = count.to_string();
    let label = messages.with(
        "search-elsewhere",
        &[("count", &count), ("language", other.name())],
    );
    let href = search_address(other, text);
    view! { <p class="search-elsewhere"><a href=href hreflang=other.as_str()>{label}</a></p> }
}

fn advice(locale: Locale, messages: &MessageCatalog) -> impl IntoView + use<> {
    let advice = [
        "search-advice-fewer",
        "search-advice-part",
        "search-advice-terms",
    ];
    let advice = advice.map(|key| view! { <li>{messages.get(key)}</li> });
    view! {
        <ul class="search-advice">{advice.collect_view()}</ul>
        <p><a class="button" href=format!("/{locale}#lessons")>{messages.get("lessons")}</a></p>
    }
}
