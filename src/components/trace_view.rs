//! What the server did with a request: a sentence, then every step with the time that it took by itself.

mod sentence;
mod sql;
mod texts;
mod waterfall;

use std::sync::Arc;

use leptos::prelude::*;

use self::sentence::sentence_view;
use self::waterfall::Waterfall;
use crate::model::exchange::Exchange;
use crate::model::http::reason_phrase;
use crate::model::measure::duration;
use crate::model::messages::MessageCatalog;
use crate::model::trace::{deciding_step, outline};

pub use self::texts::{TraceTranslations, deciding_id};

/// The steps of an exchange, as a waterfall.
#[component]
pub fn TraceView(
    /// Unique on the page; the start of the id of the step that decided the response.
    id: String,
    /// What was recorded.
    exchange: Arc<Exchange>,
    /// The translations of the steps.
    translations: TraceTranslations,
    /// The messages with the prefix `trace-`.
    words: MessageCatalog,
) -> impl IntoView {
    let status = exchange.response.status;
    let sentence = sentence_view(&exchange, &translations, &words);
    let waterfall = Waterfall {
        deciding: deciding_step(&exchange.trace, status),
        deciding_id: deciding_id(&id),
        total: exchange.took,
        translations,
        words: words.clone(),
    };
    let entries = outline(&exchange.trace);
    let entries = entries.iter().map(|entry| waterfall.entry(entry));
    let entries = entries.collect_view();
    let status = [&status.to_string(), " ", reason_phrase(status)].concat();
    let time = duration(exchange.took);
    let values = [("status", status.trim()), ("time", &time)];
    view! {
        <p class="trace-sentence">{sentence}</p>
        <ol class="trace">{entries}</ol>
        <p class="quiet">{words.with("trace-end", &values)}</p>
    }
}
