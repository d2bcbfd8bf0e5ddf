//! What is in the data panel: the visitor's users, how their API behaves, and what was asked of it. All
//! of it works as links and forms; where scripts run they are followed without leaving the page.

use std::sync::Arc;

use leptos::prelude::*;

use crate::components::{MethodBadge, StatusLine, UserTable};
use crate::model::behaviors::{Behaviors, COUNT_MAX, LATENCY_MAX};
use crate::model::exchange::Exchange;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::user::User;

/// The data panel of a visitor.
#[derive(Clone, Debug)]
pub struct DataPanelParts {
    /// Language of the page.
    pub locale: Locale,
    /// Tells the visitor's sandbox from the one after it; `None` without: what is shown is the seed.
    pub sandbox: Option<i64>,
    /// The users, as many as are shown.
    pub users: Vec<User>,
    /// How many there are.
    pub total: usize,
    /// How the API behaves.
    pub behaviors: Behaviors,
    /// What was asked, the newest first, as many as are shown.
    pub exchanges: Vec<Arc<Exchange>>,
    /// What is searched for in them; empty: nothing.
    pub search: String,
    /// The key of the words that say what went wrong.
    pub problem: Option<&'static str>,
    /// Path of the page behind the language that one came from.
    pub from: String,
}

impl DataPanelParts {
    /// The address of the data panel's own page, with what it was asked.
    fn action(&self) -> String {
        match self.from.is_empty() {
            true => format!("/{}/data", self.locale),
            false => format!("/{}/data?from={}", self.locale, self.from),
        }
    }
}

/// The content of the data panel.
#[component]
pub fn DataPanelView(
    /// What is shown.
    parts: DataPanelParts,
    /// The messages with the prefixes `data-panel-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let problem = parts
        .problem
        .map(|key| view! { <p class="response-error" role="alert">{words.get(key)}</p> });
    let sandbox = parts.sandbox.map(|sandbox| sandbox.to_string());
    view! {
        <div class="data-panel-parts" data-sandbox=sandbox>
            {problem}
            <Users parts=parts.clone() words=words.clone()/>
            <Switches parts=parts.clone() words=words.clone()/>
            <Stream parts=parts words=words/>
        </div>
    }
}

/// The switches that are on, in sight before the form that changes them is opened.
#[component]
fn ActiveSwitches(behaviors: Behaviors, words: MessageCatalog) -> impl IntoView {
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

#[component]
fn Users(parts: DataPanelParts, words: MessageCatalog) -> impl IntoView {
    let count = parts.total.to_string();
    let shown = parts.users.len();
    let more = (shown < parts.total).then(|| {
        let values = [("shown", shown.to_string()), ("count", count.clone())];
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        view! { <p class="quiet">{words.with("data-panel-more", &values)}</p> }
    });
    let seed = parts
        .sandbox
        .is_none()
        .then(|| view! { <p class="data-panel-note">{words.get("data-panel-seed")}</p> });
    let action = parts.action();
    let actions = parts.sandbox.map(|_| {
        view! {
            <form method="post" action=action class="data-panel-actions">
                <button type="submit" class="button" name="do" value="undo">{words.get("data-panel-undo")}</button>
                <details class="data-panel-reset" data-keep="reset">
                    <summary class="button">{words.get("data-panel-reset")}</summary>
                    <p>{words.get("data-panel-reset-note")}</p>
                    <button type="submit" class="button primary" name="do" value="reset">{words.get("data-panel-reset-now")}</button>
                </details>
            </form>
        }
    });
    let rows = parts.users.into_iter().map(|user| {
        view! {
            <tr data-row=user.id.to_string()>
                <td class="row-sign"></td>
                <td class="number">{user.id.to_string()}</td>
                <td>{user.name}</td>
                <td>{user.email.as_str().to_owned()}</td>
                <td>{user.role.as_str()}</td>
                <td class="bio">{user.bio.unwrap_or_else(|| "null".to_owned())}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <section class="data-panel-users" aria-labelledby="data-panel-users">
            <h2 id="data-panel-users">{words.with("data-panel-users", &[("count", &count)])}</h2>
            <ActiveSwitches behaviors=parts.behaviors words=words.clone()/>
            {seed}
            <UserTable words=words.clone() rows=rows.collect() keep="users"/>
            {more}
            {actions}
        </section>
    }
}

#[component]
fn Switches(parts: DataPanelParts, words: MessageCatalog) -> impl IntoView {
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

#[component]
fn Stream(parts: DataPanelParts, words: MessageCatalog) -> impl IntoView {
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
        .map(|exchange| item(parts.locale, exchange, &words))
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
                    <time class="quiet" datetime=exchange.at.to_string()>{milliseconds(exchange.took)}</time> " "
                    {rows}
                </span>
            </a>
        </li>
    }
}

/// One exchange in the data panel: the way back, the request to be opened in a form or shared, and all of
/// it.
#[component]
pub fn DataPanelExchange(
    /// Language of the page.
    locale: Locale,
    /// Its id.
    id: String,
    /// The address of its draft in a form; `None` when its body was not kept whole.
    draft: Option<String>,
    /// The messages with the prefix `data-panel-`.
    words: MessageCatalog,
    /// All of it: `components::ExchangeView`.
    children: Children,
) -> impl IntoView {
    let whole = format!("/{locale}/exchanges/{id}");
    let draft = match draft {
        Some(draft) => view! {
            <a class="button" href=draft.clone()>{words.get("data-panel-restore")}</a>
            <button type="button" class="button data-panel-share" data-share=draft>{words.get("data-panel-share")}</button>
            <p class="data-panel-note" role="status"><span data-shared hidden>{words.get("data-panel-shared")}</span></p>
        }
        .into_any(),
        None => view! { <p class="data-panel-note">{words.get("data-panel-body-cut")}</p> }.into_any(),
    };
    view! {
        <div class="data-panel-parts data-panel-exchange">
            <p><a class="data-panel-back" href=format!("/{locale}/data") data-back>{words.get("data-panel-back")}</a></p>
            <div class="data-panel-actions">{draft}</div>
            <h2 class="visually-hidden">{words.get("data-panel-whole")}</h2>
            <div class="response" data-of=id>{children()}</div>
            <p><a href=whole>{words.get("data-panel-page")}</a></p>
        </div>
    }
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
