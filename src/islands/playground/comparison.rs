//! What is different from the response before, below the body of a response.

use leptos::either::Either;
use leptos::prelude::*;

use crate::model::http::{ComparedLine, HttpResponse, ResponseComparison};
use crate::model::messages::MessageCatalog;

/// Renders the differences of a response from the one before.
pub(super) fn comparison_view(
    earlier: &HttpResponse,
    later: &HttpResponse,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let comparison = ResponseComparison::of(earlier, later);
    if comparison.is_same() {
        let text = messages.get("response-compare-same");
        return Either::Left(view! { <p class="quiet response-compare-same">{text}</p> });
    }
    let status = comparison.status.map(|(earlier, later)| {
        let (earlier, later) = (earlier.to_string(), later.to_string());
        [ComparedLine::Removed(earlier), ComparedLine::Added(later)]
    });
    let status = status.into_iter().flatten().collect();
    let other = comparison
        .has_other_body
        .then(|| view! { <p class="quiet">{messages.get("response-compare-other")}</p> });
    Either::Right(view! {
        <details class="response-compare">
            <summary>{messages.get("response-compare")}</summary>
            {lines_view(status, messages.get("response-compare-status"))}
            {lines_view(comparison.headers, messages.get("response-compare-headers"))}
            {lines_view(comparison.body, messages.get("response-compare-body"))}
            {other}
        </details>
    })
}

/// Renders compared lines below a title; nothing without lines.
fn lines_view(lines: Vec<ComparedLine>, title: String) -> Option<impl IntoView + use<>> {
    let line = |line: ComparedLine| {
        let (class, sign, text) = match line {
            ComparedLine::Kept(text) => ("compared", " ", text),
            ComparedLine::Removed(text) => ("compared compared-removed", "−", text),
            ComparedLine::Added(text) => ("compared compared-added", "+", text),
        };
        view! { <span class=class>{sign}" "{text}"\n"</span> }
    };
    (!lines.is_empty()).then(|| {
        let lines: Vec<_> = lines.into_iter().map(line).collect();
        view! {
            <p class="exchange-subtitle">{title.clone()}</p>
            <pre class="code" tabindex="0" role="group" aria-label=title>{lines}</pre>
        }
    })
}
