//! The fragment of the command palette: the passages that a query finds, as options of its list.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::palette::passage_option_id;
use crate::pages::search::address::search_address;
use crate::pages::search::marked_text::marked_text;
use crate::search::{SearchHit, SearchResults};

/// Renders the best results as options. The island opens the address in `data-href` of the selected option. The last option
/// leads to the page with all results, or to the results in another locale when there are none in this one.
pub(super) fn options(
    locale: Locale,
    messages: &MessageCatalog,
    text: &str,
    found: &SearchResults,
) -> impl IntoView + use<> {
    let mut links = Vec::new();
    if found.total > found.hits.len() {
        let label = messages.with("search-all", &[("count", &found.total.to_string())]);
        links.push((label, search_address(locale, text)));
    }
    for (other, count) in found.elsewhere.iter().filter(|_| found.total == 0) {
        let values = [("count", &*count.to_string()), ("language", other.name())];
        let label = messages.with("search-elsewhere", &values);
        links.push((label, search_address(*other, text)));
    }
    let is_empty = found.hits.is_empty() && links.is_empty();
    let group = (!is_empty).then(|| {
        view! { <li class="palette-group" role="presentation">{messages.get("search-passages")}</li> }
    });
    let hits = found.hits.iter().enumerate();
    let hits = hits.map(|(at, hit)| passage_option(at, hit)).collect_view();
    let count = found.hits.len();
    let links = links.into_iter().enumerate().map(|(at, (label, href))| {
        view! {
            <li id=passage_option_id(count + at) class="palette-option" role="option" aria-selected="false" data-href=href>
                <span class="palette-title">{label}</span>
            </li>
        }
    });
    view! { {group}{hits}{links.collect_view()} }
}

fn passage_option(at: usize, hit: &SearchHit) -> impl IntoView + use<> {
    let passage = &hit.passage;
    let detail = match passage.heading == passage.title {
        true => &passage.section,
        false => &passage.title,
    };
    view! {
        <li id=passage_option_id(at) class="palette-option" role="option" aria-selected="false" data-href=passage.href.clone()>
            <span class="palette-title">{marked_text(&hit.heading)}</span><span class="palette-detail">{detail.clone()}</span>
            <span class="palette-snippet">{marked_text(&hit.snippet)}</span>
        </li>
    }
}
