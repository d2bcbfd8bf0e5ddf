//! How the API of the visitor behaves: the switches, and those that are on.

use leptos::prelude::*;

use super::parts::DataPanelParts;
use crate::model::behaviors::{Behaviors, COUNT_MAX, LATENCY_MAX};
use crate::model::messages::MessageCatalog;

/// Renders the switches that are on, in sight before the form that changes them is opened.
pub(super) fn active_switches(
    behaviors: Behaviors,
    words: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let truth = |is_on: bool| is_on.then(String::new);
    let latency = (behaviors.latency_ms > 0).then_some(behaviors.latency_ms);
    let active = [
        ("data-panel-require-auth", truth(behaviors.require_auth)),
        (
            "data-panel-require-if-match",
            truth(behaviors.require_if_match),
        ),
        (
            "data-panel-require-idempotency-key",
            truth(behaviors.require_idempotency_key),
        ),
        ("data-panel-latency-ms", number(latency)),
        ("data-panel-fail-every", number(behaviors.fail_every)),
        ("data-panel-rate-limit", number(behaviors.rate_limit)),
    ];
    let chips: Vec<_> = active
        .into_iter()
        .filter_map(|(key, value)| {
            let value = value?;
            let value = (!value.is_empty()).then(|| view! { ": " <strong>{value}</strong> });
            Some(view! { <li>{words.get(key)}{value}</li> })
        })
        .collect();
    (!chips.is_empty()).then(|| {
        view! {
            <div class="data-panel-active" role="group" aria-label=words.get("data-panel-active")>
                <p>{words.get("data-panel-active")}</p>
                <ul>{chips}</ul>
            </div>
        }
    })
}

/// Renders the form of the switches.
pub(super) fn switches(parts: &DataPanelParts, words: &MessageCatalog) -> impl IntoView + use<> {
    let behaviors = parts.behaviors;
    let switches = [
        ("require_auth", behaviors.require_auth),
        ("require_if_match", behaviors.require_if_match),
        ("require_idempotency_key", behaviors.require_idempotency_key),
    ];
    let latency = (behaviors.latency_ms > 0).then_some(behaviors.latency_ms);
    let numbers = [
        ("latency_ms", 0, LATENCY_MAX, latency),
        ("fail_every", 1, COUNT_MAX, behaviors.fail_every),
        ("rate_limit", 1, COUNT_MAX, behaviors.rate_limit),
    ];
    let on = switches.iter().filter(|(_, on)| *on).count()
        + numbers
            .iter()
            .filter(|(_, _, _, value)| value.is_some())
            .count();
    let label = |name: &str| words.get(&format!("data-panel-{}", name.replace('_', "-")));
    let note = |name: &str| words.get(&format!("data-panel-{}-note", name.replace('_', "-")));
    let switches = switches.map(|(name, on)| {
        let id = format!("data-panel-{name}");
        view! {
            <div class="data-panel-switch">
                <input type="checkbox" role="switch" id=id.clone() name=name value="true" checked=on aria-describedby=format!("{id}-note")/>
                <label for=id.clone()>{label(name)}</label>
                <p id=format!("{id}-note") class="field-note">{note(name)}</p>
            </div>
        }
    });
    let numbers = numbers.map(|(name, min, max, value)| {
        let id = format!("data-panel-{name}");
        view! {
            <div class="data-panel-number">
                <label for=id.clone()>{label(name)}</label>
                <input type="number" inputmode="numeric" id=id.clone() name=name min=min max=max placeholder=words.get("data-panel-off")
                    value=value.map(|value| value.to_string()) aria-describedby=format!("{id}-note")/>
                <p id=format!("{id}-note") class="field-note">{note(name)}</p>
            </div>
        }
    });
    view! {
        <details class="data-panel-behaviors" data-keep="behaviors">
            <summary>
                {words.get("data-panel-behaviors")}
                <span class="quiet">{words.with("data-panel-behaviors-on", &[("count", &on.to_string())])}</span>
            </summary>
            <form method="post" action=parts.action() class="data-panel-switches" data-live>
                <input type="hidden" name="do" value="behaviors"/>
                {switches.collect_view()}
                {numbers.collect_view()}
                <button type="submit" class="button">{words.get("data-panel-apply")}</button>
            </form>
        </details>
    }
}
