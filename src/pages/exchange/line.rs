//! The response line: status, time and size, whether the response is as expected, and what changed. And the
//! result of a prediction.

use leptos::prelude::*;

use crate::components::{ExpectationList, Explain, StatusLine, changes_text, deciding_id};
use crate::model::exchange::count_changes;
use crate::model::explain::explain_status;
use crate::model::http::Mutation;
use crate::model::measure::{duration, size};
use crate::model::messages::MessageCatalog;
use crate::model::prediction::PredictionResult;
use crate::pages::exchange::parts::ExchangeParts;

/// Renders the response line of an exchange whose tabs have this id.
pub(super) fn response_line(
    id: &str,
    parts: &ExchangeParts,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let exchange = &parts.exchange;
    let status = exchange.response.status;
    let explanation = explain_status(words, parts.locale, status);
    let (time, bytes) = (duration(exchange.took), size(exchange.response.body.size));
    let status_view = match explanation {
        None => view! { <span class="line-part"><StatusLine status=status/></span> }.into_any(),
        explanation => view! {
            <Explain explanation=explanation words=words.clone()><StatusLine status=status/></Explain>
        }
        .into_any(),
    };
    let counts = count_changes(&exchange.changes);
    let class = match exchange.changes.is_empty() {
        true => "line-part line-unchanged",
        false => "line-part line-changed",
    };
    view! {
        <div class="response-status">
            {status_view} " "
            <span class="line-part line-cost" data-cost="">{[&time, " · ", &bytes].concat()}</span> " "
            {verdict_view(parts, words)}
            <a class=class href=format!("#{id}-data") data-opens=format!("{id}-data-tab")>{changes_text(counts, words)}</a>
        </div>
    }
}

/// Renders whether the response is as the author expected, or how the request was broken.
fn verdict_view(parts: &ExchangeParts, words: &MessageCatalog) -> Option<AnyView> {
    match parts.mutation {
        // Both requests are valid; the second is judged by the expectations of a second send.
        Some(Mutation::Twice) | None => {}
        Some(mutation) => {
            let how = words.get(&["broken-", mutation.name()].concat());
            let text = words.with("broken-on-purpose", &[("how", &how)]);
            let view = view! { <span class="line-part line-broken">{text}</span> " " };
            return Some(view.into_any());
        }
    }
    if parts.checks.is_empty() {
        return None;
    }
    let all = parts.checks.len();
    let held = parts.checks.iter().filter(|(_, verdict)| verdict.passed);
    let held = held.count();
    let has_failed = held < all;
    let (mark, class) = match has_failed {
        true => ("≠", "line-part check-differs"),
        false => ("✓", "line-part check-passed"),
    };
    // Not a fault of the learner: the expectations are those for the author's request and data.
    let reason = has_failed.then(|| view! { <p class="quiet">{words.get("check-differs")}</p> });
    let (held, all) = (held.to_string(), all.to_string());
    let text = words.with("check-count", &[("held", &held), ("all", &all)]);
    let view = view! {
        <details class="line-checks" open=has_failed>
            <summary class=class><span aria-hidden="true">{mark}</span> " " <span class="line-text">{text}</span></summary>
            <ExpectationList checks=parts.checks.clone() words=words.clone()/>
            {reason}
        </details>
        " "
    };
    Some(view.into_any())
}

/// Renders the result of a prediction, with a link to the step that decided the response when it was wrong.
pub(super) fn prediction_view(
    id: &str,
    predicted: PredictionResult,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let (class, mark, key) = match (predicted.is_status_right, predicted.is_change_right) {
        (true, Some(true)) => ("prediction check-passed", "✓", "predict-right"),
        (true, None) => ("prediction check-passed", "✓", "predict-right-status"),
        (false, Some(true)) => ("prediction check-failed", "✗", "predict-wrong-status"),
        (false, None) => ("prediction check-failed", "✗", "predict-wrong-status-alone"),
        (true, Some(false)) => ("prediction check-failed", "✗", "predict-wrong-rows"),
        (false, Some(false)) => ("prediction check-failed", "✗", "predict-wrong"),
    };
    let link = (!predicted.is_right()).then(|| {
        let href = ["#", &deciding_id(id)].concat();
        let tab = [id, "-trace-tab"].concat();
        view! { " " <a href=href data-opens=tab>{words.get("predict-step")}</a> }
    });
    view! {
        <p class=class><span aria-hidden="true">{mark}</span> " " {words.get(key)} {link}</p>
    }
}
