//! A text with the matches of a query.

use leptos::prelude::*;

use crate::search::TextPart;

/// Renders a text with its matches as `<mark>` elements.
pub(super) fn marked_text(parts: &[TextPart]) -> impl IntoView + use<> {
    let part = |part: &TextPart| match part.is_match {
        true => view! { <mark>{part.text.clone()}</mark> }.into_any(),
        false => part.text.clone().into_any(),
    };
    parts.iter().map(part).collect_view()
}
