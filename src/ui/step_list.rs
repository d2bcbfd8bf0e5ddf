//! What the server did with a request: a plain list of its steps, as the API tells them in text.

use leptos::prelude::*;

use crate::model::words::Words;

/// The steps of a story (see `model::exchange`), folded into one line until it is opened.
#[component]
pub fn StepList(
    /// The story of an exchange.
    story: String,
    /// Words under `trace-`.
    words: Words,
) -> impl IntoView {
    let steps: Vec<_> = story
        .lines()
        .filter_map(|line| {
            let (mark, text) = line.split_once(' ')?;
            let (class, word) = match mark {
                "✓" => ("step", "trace-passed"),
                "✗" => ("step step-stopped", "trace-stopped"),
                "·" => ("step step-unreached", "trace-unreached"),
                _ => return None,
            };
            let (kind, rest) = text.split_at_checked(14).unwrap_or((text, ""));
            Some(view! {
                <li class=class>
                    <span class="step-mark" aria-hidden="true">{mark.to_owned()}</span>
                    <span class="visually-hidden">{words.get(word)}</span>
                    <span class="step-kind">{kind.trim().to_owned()}</span>
                    " " <code>{rest.trim().to_owned()}</code>
                </li>
            })
        })
        .collect();
    let title = words.with("trace-title", &[("count", &steps.len().to_string())]);
    view! {
        <details class="trace">
            <summary>{title}</summary>
            <ol>{steps}</ol>
        </details>
    }
}
