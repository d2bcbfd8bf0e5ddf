//! The endpoints beside the pages of the reference, with a search. Above them, folded, are the saved requests and the last
//! requests of the visitor.

use leptos::prelude::*;

use super::endpoints::{Endpoint, TAGS, endpoints};
use super::language::endpoint_title;
use crate::components::MethodBadge;
use crate::islands::endpoint_filter::EndpointFilter;
use crate::islands::workspace::history::ExchangeHistory;
use crate::islands::workspace::saved_list::SavedRequestList;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// The groups that are folded until one of their endpoints is shown or searched for.
const FOLDED: [&str; 2] = ["echo", "service"];

/// Renders the endpoints that match a search query, all for an empty one. `current` is the slug of the
/// endpoint that the page shows.
pub(super) fn endpoint_navigation(
    locale: Locale,
    messages: &MessageCatalog,
    query: &str,
    current: Option<&str>,
) -> impl IntoView + use<> {
    let groups = TAGS.map(|tag| group(locale, messages, tag, query, current));
    let groups = groups.into_iter().flatten().collect_view();
    let playground = format!("/{locale}/playground");
    let is_index = (current.is_none() && query.is_empty()).then_some("page");
    view! {
        <details class="site-nav endpoint-nav" open=!query.is_empty()>
            <summary>
                <span>{messages.get("reference-endpoints")}<span class="script-only">", "{messages.get("workspace-lists")}</span></span>
            </summary>
            <div class="nav-column">
            <section class="workspace-lists script-only" aria-label=messages.get("workspace-lists")>
                <SavedRequestList/>
                {history(locale, messages)}
            </section>
            <nav id="endpoints" aria-label=messages.get("reference-endpoints")>
                <a class="endpoint-nav-own" href=playground.clone() aria-current=is_index>{messages.get("reference-free")}</a>
                <form class="reference-search" role="search" aria-label=messages.get("reference-search") method="get" action=format!("{playground}#endpoints")>
                    <EndpointFilter query=query.to_owned()/>
                    <button type="submit" class="button">{messages.get("reference-search-button")}</button>
                </form>
                {result(locale, messages, query)}
                {groups}
            </nav>
            </div>
        </details>
    }
}

/// Renders the group of the last requests, which scripts fill.
fn history(locale: Locale, messages: &MessageCatalog) -> impl IntoView + use<> {
    let all = format!("/{locale}/data?from=/playground");
    let messages = messages.clone();
    view! {
        <ExchangeHistory>
            <details class="nav-section">
                <summary>{messages.get("workspace-history-title")}" "<span class="nav-count">"0"</span></summary>
                <ol data-label=messages.get("workspace-exchange")></ol>
                <p class="nav-note" data-none="">{messages.get("workspace-history-none")}</p>
                <p class="nav-note" data-some="" hidden=true><a href=all>{messages.get("workspace-history-all")}</a></p>
            </details>
        </ExchangeHistory>
    }
}

/// Renders how many endpoints a search found; nothing without a search.
fn result(locale: Locale, messages: &MessageCatalog, query: &str) -> Option<AnyView> {
    let count = matching_endpoints(query, messages).count();
    let text = match (query.is_empty(), count) {
        (true, _) => return None,
        (false, 0) => messages.with("reference-search-none", &[("query", query)]),
        (false, _) => {
            let (count, all) = (count.to_string(), endpoints().len().to_string());
            messages.with(
                "reference-search-count",
                &[("count", &count), ("all", &all)],
            )
        }
    };
    let all = format!("/{locale}/playground#endpoints");
    let view = view! {
        <p class="endpoint-nav-result" role="status">{text} " " <a href=all>{messages.get("reference-search-all")}</a></p>
    };
    Some(view.into_any())
}

/// Returns the endpoints that contain every word of a search query in path, method, title or slug.
fn matching_endpoints<'a>(
    query: &'a str,
    messages: &'a MessageCatalog,
) -> impl Iterator<Item = &'static Endpoint> + 'a {
    let query = query.to_lowercase();
    endpoints().iter().filter(move |endpoint| {
        let Endpoint {
            method,
            path,
            slug,
            summary,
            ..
        } = endpoint;
        let text = [
            method,
            path,
            slug,
            summary,
            &endpoint_title(endpoint, messages),
        ]
        .map(|text| text.to_lowercase());
        let has_word = |word: &str| text.iter().any(|text| text.contains(word));
        query.split_whitespace().all(has_word)
    })
}

/// Renders the matching endpoints of a tag, if there are any. HEAD and OPTIONS come last, folded.
fn group(
    locale: Locale,
    messages: &MessageCatalog,
    tag: &'static str,
    query: &str,
    current: Option<&str>,
) -> Option<AnyView> {
    let of_tag = matching_endpoints(query, messages).filter(|endpoint| endpoint.tag == tag);
    let of_tag: Vec<&Endpoint> = of_tag.collect();
    if of_tag.is_empty() {
        return None;
    }
    let is_current = |endpoint: &&Endpoint| Some(endpoint.slug.as_str()) == current;
    let rows = |is_derived: bool| {
        let rows = of_tag
            .iter()
            .filter(move |endpoint| endpoint.is_derived() == is_derived);
        rows.map(|endpoint| row(locale, messages, endpoint, is_current(endpoint)))
            .collect::<Vec<_>>()
    };
    let (own, derived) = (rows(false), rows(true));
    let more = (!derived.is_empty()).then(|| {
        let title = messages.with("reference-more-methods", &[("count", &derived.len().to_string())]);
        let has_current = of_tag.iter().any(|endpoint| endpoint.is_derived() && is_current(endpoint));
        let is_open = own.is_empty() || has_current;
        view! { <details class="endpoint-nav-more" open=is_open><summary>{title}</summary><ul>{derived}</ul></details> }
    });
    let is_open = !FOLDED.contains(&tag) || !query.is_empty() || of_tag.iter().any(is_current);
    let group = view! {
        <details class="nav-section" open=is_open>
            <summary id=tag>{messages.get(&format!("reference-tag-{tag}"))}</summary>
            <ul>{own}</ul>
            {more}
        </details>
    };
    Some(group.into_any())
}

/// Renders an endpoint as a link to its page.
fn row(
    locale: Locale,
    messages: &MessageCatalog,
    endpoint: &Endpoint,
    is_current: bool,
) -> impl IntoView + use<> {
    let current = is_current.then_some("page");
    view! {
        <li>
            <a href=format!("/{locale}/playground/{}", endpoint.slug) aria-current=current>
                <MethodBadge method=endpoint.method.clone()/>
                " " <code>{breakable_path(&endpoint.path)}</code>
                " " <span>{endpoint_title(endpoint, messages)}</span>
            </a>
        </li>
    }
}

/// Renders a path in which a line may break before each slash.
pub(super) fn breakable_path(path: &str) -> Vec<AnyView> {
    let parts = path.split_inclusive('/');
    parts
        .map(|part| view! { {part.to_owned()}<wbr/> }.into_any())
        .collect()
}
