//! A request in a lesson: sends what the form holds, shows the reply and what it changed.
//!
//! The form itself is server HTML (`ui::request_form`) that is never rendered again: its fields are
//! read when it is submitted. Without scripts it goes to the server, which answers with a page that
//! shows the same.

use leptos::ev::{Event, KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, Element, FormData, HtmlElement, HtmlFormElement};

use crate::islands::api_client::{self, SendError};
use crate::model::change::{Change, Row, compare};
use crate::model::http::{Field, Finding, Reply, RequestDraft, to_curl, validate};
use crate::ui::{ReplyStatus, ReplyView, StepList, UserTable, problem_key, words};

/// What came of a request, with the users before and after it where they could be had.
#[derive(Clone)]
struct Outcome {
    reply: Reply,
    story: Option<String>,
    rows: Option<Vec<(Row, Change)>>,
}

/// A request form that sends from the page.
#[island]
pub fn Playground(
    /// The form: `ui::RequestForm`.
    children: Children,
) -> impl IntoView {
    let words = words();
    let place = NodeRef::<leptos::html::Div>::new();
    let form = move || {
        place
            .get_untracked()
            .and_then(|place| find::<HtmlFormElement>(&place, "form"))
    };
    let findings = RwSignal::new(Vec::<Finding>::new());
    let outcome = RwSignal::new(None::<Result<Outcome, SendError>>);
    let curl = RwSignal::new(None::<(String, bool)>);
    let sending = RwSignal::new(false);
    let running = StoredValue::new_local(None::<AbortController>);
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));

    let label = words.clone();
    Effect::new(move |_| {
        let text = label.get(if sending.get() {
            "request-cancel"
        } else {
            "request-send"
        });
        if let Some(send) = place
            .get()
            .and_then(|place| find::<Element>(&place, ".send"))
        {
            send.set_text_content(Some(&text));
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(running) = running.try_update_value(Option::take).flatten() {
            return running.abort();
        }
        let Some(form) = form() else { return };
        let draft = read(&form);
        let found = validate(&draft);
        mark(&form, &found);
        let may_go = found.is_empty();
        findings.set(found);
        let Some(controller) = AbortController::new().ok().filter(|_| may_go) else {
            return;
        };
        running.set_value(Some(controller.clone()));
        sending.set(true);
        spawn_local(async move {
            outcome.set(Some(exchange(&draft, &controller).await));
            running.set_value(None);
            sending.set(false);
        });
    };
    let keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            if let Some(form) = form().filter(|_| !sending.get_untracked()) {
                // Refused only for a form that is no longer in the page.
                let _ = form.request_submit();
            }
        }
        "Escape" => {
            if let Some(running) = running.try_update_value(Option::take).flatten() {
                running.abort();
            }
        }
        _ => {}
    };
    let input = move |_: Event| {
        if let Some(form) = form() {
            paint(&form);
        }
    };
    let click = move |event: MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let (Some(action), Some(form)) = (
            target.and_then(|target| target.get_attribute("data-do")),
            form(),
        ) else {
            return;
        };
        match action.as_str() {
            "add-header" => add_header(&form),
            "reset" => {
                reset(&form);
                findings.set(Vec::new());
            }
            _ => spawn_local(async move {
                let key = api_client::sandbox_key().await.ok();
                let origin = window().location().origin().unwrap_or_default();
                let command = to_curl(&read(&form), &origin, key.as_deref());
                let copied = api_client::copy(&command).await;
                curl.set(Some((command, copied)));
            }),
        }
    };

    let (errors, told, status) = (words.clone(), words.clone(), words.clone());
    view! {
        <div
            class="playground" node_ref=place data-ready=move || ready.get().then_some("")
            on:submit=submit on:keydown=keydown on:input=input on:click=click
        >
            {children()}
            <div class="field-error" role="alert">
                {move || findings.get().into_iter().map(|finding| view! { <p>{errors.get(problem_key(finding.problem))}</p> }).collect::<Vec<_>>()}
            </div>
            {move || curl.get().map(|(command, copied)| view! {
                <div class="curl">
                    <p role="status" class="quiet">{told.get(if copied { "request-curl-copied" } else { "request-curl-shown" })}</p>
                    <pre class="code" tabindex="0"><code>{command}</code></pre>
                </div>
            })}
            <div class="reply" aria-busy=move || if sending.get() { "true" } else { "false" }>
                <div role="status">
                    {move || {
                        let (reply, error) = match outcome.get() {
                            Some(Ok(outcome)) => (Some(outcome.reply), None),
                            Some(Err(error)) => (None, Some(error)),
                            None => (None, None),
                        };
                        let reply = reply.map(|reply| view! { <ReplyStatus reply=reply words=status.clone()/> });
                        let error = error.map(|error| view! { <p class="reply-error">{status.get(error.key())}</p> });
                        (reply, error)
                    }}
                </div>
                {move || outcome.get().and_then(Result::ok).map(|outcome| (
                    view! { <ReplyView reply=outcome.reply words=words.clone()/> },
                    outcome.story.map(|story| view! { <StepList story=story words=words.clone()/> }),
                    outcome.rows.map(|rows| view! { <section class="data"><UserTable rows=rows words=words.clone()/></section> }),
                ))}
            </div>
        </div>
    }
}

/// Sends a draft in the visitor's own sandbox, with a listing of the users before and after.
async fn exchange(draft: &RequestDraft, cancel: &AbortController) -> Result<Outcome, SendError> {
    if api_client::is_offline() {
        return Err(SendError::Offline);
    }
    // Without a sandbox a request still has its reply: the problem then says what is wrong.
    let _ = api_client::sandbox_key().await;
    let before = api_client::list_users().await;
    let reply = api_client::send(draft, cancel).await?;
    let after = api_client::list_users().await;
    let story = api_client::story(&reply).await;
    let rows = before
        .zip(after)
        .map(|(before, after)| compare(&before, &after));
    Ok(Outcome { reply, story, rows })
}

/// The draft that the form holds now.
fn read(form: &HtmlFormElement) -> RequestDraft {
    let Ok(data) = FormData::new_with_form(form) else {
        return RequestDraft::default();
    };
    let pairs = js_sys::Array::from(&data);
    let fields = pairs.iter().map(|pair| {
        let pair: js_sys::Array = pair.unchecked_into();
        (
            pair.get(0).as_string().unwrap_or_default(),
            pair.get(1).as_string().unwrap_or_default(),
        )
    });
    RequestDraft::from_form(fields)
}

/// Gives the list of methods the colour of the one chosen.
fn paint(form: &HtmlFormElement) {
    if let Ok(Some(select)) = form.query_selector(".method-select") {
        let method = select.unchecked_ref::<web_sys::HtmlSelectElement>().value();
        // A valid attribute name is never refused.
        let _ = select.set_attribute("data-method", &method);
    }
}

/// Marks the fields that are wrong for screen readers and goes to the first of them.
fn mark(form: &HtmlFormElement, findings: &[Finding]) {
    let target = findings
        .iter()
        .any(|finding| finding.field == Field::Target);
    if let Some(input) = find::<Element>(form, ".target-input") {
        // A valid attribute name is never refused.
        let _ = input.set_attribute("aria-invalid", if target { "true" } else { "false" });
    }
    let Some(first) = findings.first() else {
        return;
    };
    let selector = match first.field {
        Field::Method => ".method-select",
        Field::Target => ".target-input",
        Field::HeaderName(_) => ".header-name",
        Field::HeaderValue(_) => ".header-value",
        Field::Body => ".body-input",
    };
    if let Some(field) = find::<HtmlElement>(form, selector) {
        // Focus is a courtesy.
        let _ = field.focus();
    }
}

/// Adds an empty header line: a copy of the last one.
fn add_header(form: &HtmlFormElement) {
    let Some(details) = find::<Element>(form, ".request-headers") else {
        return;
    };
    let _ = details.set_attribute("open", "");
    let Ok(rows) = form.query_selector_all(".header-row") else {
        return;
    };
    let last = rows.get(rows.length().saturating_sub(1));
    let Some(row) = last
        .and_then(|row| row.clone_node_with_deep(true).ok())
        .and_then(|row| row.dyn_into::<Element>().ok())
    else {
        return;
    };
    let _ = row.set_attribute("data-added", "");
    // The clone keeps what was typed; an input's own value is empty again once it is reset.
    if let Ok(inputs) = row.query_selector_all("input") {
        for at in 0..inputs.length() {
            if let Some(input) = inputs.get(at) {
                input
                    .unchecked_ref::<web_sys::HtmlInputElement>()
                    .set_value("");
            }
        }
    }
    // Refused only when the place is not an element's child.
    let _ = details.append_child(&row);
    if let Some(name) = find::<HtmlElement>(&row, ".header-name") {
        let _ = name.focus();
    }
}

/// Puts the author's example back.
fn reset(form: &HtmlFormElement) {
    while let Some(row) = find::<Element>(form, "[data-added]") {
        row.remove();
    }
    form.reset();
    paint(form);
    mark(form, &[]);
}

fn find<T: JsCast>(inside: &Element, selector: &str) -> Option<T> {
    inside
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into().ok())
}
