//! What is different between two responses to one request.

use leptos::prelude::*;

use super::unhydrated::{Unhydrated, unhydrated};
use crate::model::http::{
    ComparedLine, ComparedPart, HttpResponse, ResponseComparison, fold_equal_lines,
};
use crate::model::messages::MessageCatalog;

/// Renders the differences of a response from the one before, folded below a line that names the parts that differ.
///
/// The lists are of one type of view, because each further type would enlarge the WASM module.
pub fn comparison_view(
    earlier: &HttpResponse,
    later: &HttpResponse,
    messages: &MessageCatalog,
) -> Unhydrated {
    let comparison = ResponseComparison::of(earlier, later);
    if comparison.is_same() {
        // The same even in what differs between any two responses: it comes from a cache.
        let key = match earlier.headers == later.headers {
            true => "response-compare-identical",
            false => "response-compare-same",
        };
        let text = messages.get(key);
        return unhydrated(view! { <p class="quiet response-compare-same">{text}</p> });
    }
    let status = comparison.status.map(|(earlier, later)| {
        let (earlier, later) = (earlier.to_string(), later.to_string());
        [ComparedLine::Removed(earlier), ComparedLine::Added(later)]
    });
    let has_other_body = comparison.has_other_body;
    let parts = [
        ("status", status.into_iter().flatten().collect()),
        ("headers", comparison.headers),
        ("body", comparison.body),
    ];
    let title = |key: &str| messages.get(&["response-compare-", key].concat());
    let different = parts
        .iter()
        .filter(|(key, lines)| !lines.is_empty() || (*key == "body" && has_other_body));
    let different: Vec<String> = different
        .map(|(key, _)| title(key).to_ascii_lowercase())
        .collect();
    let summary = messages.with("response-compare", &[("parts", &different.join(", "))]);
    let views = parts.into_iter().filter(|(_, lines)| !lines.is_empty());
    let mut views: Vec<Unhydrated> = views
        .map(|(key, lines)| lines_view(lines, title(key), messages))
        .collect();
    if has_other_body {
        let text = messages.get("response-compare-other");
        views.push(unhydrated(view! { <p class="quiet">{text}</p> }));
    }
    unhydrated(view! {
        <details class="response-compare">
            <summary>{summary}</summary>
            {views}
        </details>
    })
}

/// Renders compared lines below a title.
fn lines_view(lines: Vec<ComparedLine>, title: String, messages: &MessageCatalog) -> Unhydrated {
    let parts: Vec<Unhydrated> = fold_equal_lines(lines)
        .into_iter()
        .map(|part| match part {
            ComparedPart::Shown(lines) => text_view(lines),
            ComparedPart::Folded(lines) => {
                let count = lines.len().to_string();
                let summary = messages.with("response-compare-equal", &[("count", &count)]);
                unhydrated(view! {
                    <details class="compared-fold"><summary>{summary}</summary>{text_view(lines)}</details>
                })
            }
        })
        .collect();
    unhydrated(view! {
        <p class="exchange-subtitle">{title.clone()}</p>
        <div class="compared-lines" tabindex="0" role="group" aria-label=title>{parts}</div>
    })
}

fn text_view(lines: Vec<ComparedLine>) -> Unhydrated {
    let line = |line: ComparedLine| {
        let (class, sign, text) = match line {
            ComparedLine::Kept(text) => ("compared", "  ", text),
            ComparedLine::Removed(text) => ("compared compared-removed", "− ", text),
            ComparedLine::Added(text) => ("compared compared-added", "+ ", text),
        };
        unhydrated(view! { <span class=class>{[sign, &text, "\n"].concat()}</span> })
    };
    let lines: Vec<Unhydrated> = lines.into_iter().map(line).collect();
    unhydrated(view! { <pre>{lines}</pre> })
}
