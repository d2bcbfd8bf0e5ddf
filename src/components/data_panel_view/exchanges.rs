//! The requests that were sent to the API of the visitor, the newest first, with a search.

use leptos::prelude::*;

use super::parts::DataPanelParts;
use crate::components::{MethodBadge, StatusLine};
use crate::model::exchange::Exchange;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// Renders the list of the exchanges.
pub(super) fn exchanges(parts: &DataPanelParts, words: &MessageCatalog) -> impl IntoView + use<> {
    let action = format!("/{}/data", parts.locale);
    let from = (!parts.from.is_empty())
        .then(|| view! { <input type="hidden" name="from" value=parts.from.clone()/> });
    let none = parts.exchanges.is_empty().then(|| {
        let text = match parts.search.is_empty() {
            true => words.get("data-panel-none"),
            false => words.with("data-panel-none-found", &[("search", &parts.search)]),
        };
        view! { <p class="data-panel-note">{text}</p> }
    });
    let items = parts
        .exchanges
        .iter()
        .map(|exchange| item(parts.locale, exchange, words))
        .collect_view();
    view! {
        <section class="data-panel-stream" aria-labelledby="data-panel-stream">
            <h2 id="data-panel-stream">{words.get("data-panel-stream")}</h2>
            <form method="get" action=action role="search" aria-label=words.get("data-panel-search") class="data-panel-search">
                {from}
                <input type="search" id="data-panel-q" name="q" value=parts.search.clone() aria-label=words.get("data-panel-search") placeholder=words.get("data-panel-search")/>
                <button type="submit" class="button">{words.get("data-panel-find")}</button>
            </form>
            {none}
            <ol>{items}</ol>
        </section>
    }
}

/// One exchange of the stream, a link to all of it.
fn item(locale: Locale, exchange: &Exchange, words: &MessageCatalog) -> impl IntoView + use<> {
    let changed = exchange.changes.len();
    let rows = (changed > 0).then(|| {
        let text = words.with("data-panel-changed", &[("count", &changed.to_string())]);
        view! { <span class="data-panel-rows">{text}</span> }
    });
    let request = &exchange.request;
    let message = format!(
        "{} {}: {}",
        request.method, request.target, exchange.response.status
    );
    view! {
        <li>
            <a href=format!("/{locale}/exchanges/{}", exchange.id) data-open=exchange.id.clone() data-message=message>
                <span class="data-panel-request"><MethodBadge method=request.method.clone()/> " " <code>{request.target.clone()}</code></span>
                " "
                <span class="data-panel-response">
                    <StatusLine status=exchange.response.status/> " "
                    <span class="quiet">{milliseconds(exchange.took)}</span> " "
                    {clock_time(&exchange.at.to_string())} " "
                    {rows}
                </span>
            </a>
        </li>
    }
}

/// Renders the time of day of a timestamp (RFC 3339) in UTC, which the island replaces by that of the visitor's clock.
fn clock_time(at: &str) -> impl IntoView + use<> {
    let time = at.get(11..19).unwrap_or_default();
    view! { <time class="quiet" datetime=at.to_owned()>{[time, " UTC"].concat()}</time> }
}

/// So many microseconds in milliseconds, as finely as is of use.
fn milliseconds(micros: u64) -> String {
    match micros {
        0..10_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        _ => format!("{} ms", micros / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_fine_as_is_of_use() {
        for (micros, text) in [
            (0, "0.0 ms"),
            (950, "0.9 ms"),
            (9_999, "9.9 ms"),
            (10_000, "10 ms"),
            (1_234_567, "1234 ms"),
        ] {
            assert_eq!(milliseconds(micros), text);
        }
    }
}
