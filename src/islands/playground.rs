//! A request in a lesson: a form that sends it, the reply, and what it changed.
//!
//! The fields are plain inputs and are read when the form is submitted; without scripts the same
//! form goes to the server, which answers with a page that shows the same.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, FormData, HtmlElement, HtmlFormElement};

use crate::islands::api_client::{self, SendError};
use crate::model::change::{Change, Row, compare};
use crate::model::http::{Field, Finding, Reply, RequestDraft, to_curl, validate};
use crate::ui::{DraftFields, ReplyStatus, ReplyView, UserTable, problem_key, words};

/// What came of a request, with the users before and after it where they could be had.
#[derive(Clone)]
struct Outcome {
    reply: Reply,
    rows: Option<Vec<(Row, Change)>>,
}

/// A form with the author's example in it.
#[island]
pub fn Playground(
    /// Unique on the page.
    id: String,
    /// The author's example.
    draft: RequestDraft,
    /// Where the form goes without scripts.
    action: String,
) -> impl IntoView {
    let words = words();
    let form = NodeRef::<leptos::html::Form>::new();
    let spare = RwSignal::new(1_usize);
    let findings = RwSignal::new(Vec::<Finding>::new());
    let outcome = RwSignal::new(None::<Result<Outcome, SendError>>);
    let curl = RwSignal::new(None::<(String, bool)>);
    let sending = RwSignal::new(false);
    let running = StoredValue::new_local(None::<AbortController>);
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));

    let cancel = move || {
        if let Some(running) = running.try_update_value(Option::take).flatten() {
            running.abort();
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if sending.get_untracked() {
            return cancel();
        }
        let Some(form) = form.get_untracked() else {
            return;
        };
        let draft = read(&form);
        let found = validate(&draft);
        if let Some(first) = found.first() {
            focus(&form, first.field);
        }
        let may_go = found.is_empty();
        findings.set(found);
        let Some(controller) = AbortController::new().ok().filter(|_| may_go) else {
            return;
        };
        running.set_value(Some(controller.clone()));
        sending.set(true);
        spawn_local(async move {
            outcome.set(Some(exchange(&draft, &controller).await));
            sending.set(false);
            running.set_value(None);
        });
    };
    let keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            if let Some(form) = form.get_untracked().filter(|_| !sending.get_untracked()) {
                // Refused only for a form that is no longer in the page.
                let _ = form.request_submit();
            }
        }
        "Escape" if sending.get_untracked() => cancel(),
        _ => {}
    };
    let reset = move |_| {
        if let Some(form) = form.get_untracked() {
            form.reset();
            paint(&form);
        }
        spare.set(1);
        findings.set(Vec::new());
    };
    let copy = move |_| {
        let Some(form) = form.get_untracked() else {
            return;
        };
        let draft = read(&form);
        spawn_local(async move {
            let key = api_client::sandbox_key().await.ok();
            let origin = window().location().origin().unwrap_or_default();
            let command = to_curl(&draft, &origin, key.as_deref());
            let copied = api_client::copy(&command).await;
            curl.set(Some((command, copied)));
        });
    };

    let title = words.with(
        "request-title",
        &[("method", &draft.method), ("target", &draft.target)],
    );
    let label = {
        let words = words.clone();
        move || {
            words.get(if sending.get() {
                "request-cancel"
            } else {
                "request-send"
            })
        }
    };
    let send =
        view! { <button type="submit" class="button primary send">{label}</button> }.into_any();
    let title_id = [&id, "-title"].concat();
    let labelled = title_id.clone();
    view! {
        <section class="playground" id=id.clone() aria-labelledby=labelled data-ready=move || ready.get().then_some("")>
            <h3 class="visually-hidden" id=title_id>{title}</h3>
            <form node_ref=form class="request-form" method="post" action=action on:submit=submit on:keydown=keydown
                on:input=move |_| { if let Some(form) = form.get_untracked() { paint(&form) } }>
                <DraftFields id=id.clone() draft=draft spare_headers=spare send=send words=words.clone()/>
                <div class="field-error" role="alert" id=[&id, "-error"].concat()>
                    {
                        let words = words.clone();
                        move || findings.get().into_iter().map(|finding| view! { <p>{words.get(problem_key(finding.problem))}</p> }).collect_view()
                    }
                </div>
                <div class="request-actions" hidden=move || !ready.get()>
                    <button type="button" class="link-button" on:click=move |_| spare.update(|count| *count += 1)>{words.get("request-add-header")}</button>
                    <button type="button" class="link-button" on:click=reset>{words.get("request-reset")}</button>
                    <button type="button" class="link-button copy-button" on:click=copy>{words.get("request-curl")}</button>
                    <span class="quiet hint">{words.get("request-hint")}</span>
                </div>
            </form>
            {
                let words = words.clone();
                move || curl.get().map(|(command, copied)| view! {
                    <div class="curl">
                        <p role="status" class="quiet">{words.get(if copied { "request-curl-copied" } else { "request-curl-shown" })}</p>
                        <pre class="code" tabindex="0"><code>{command}</code></pre>
                    </div>
                })
            }
            <div class="reply" aria-busy=move || sending.get().to_string()>
                <div role="status">
                    {
                        let words = words.clone();
                        move || match outcome.get() {
                            Some(Ok(outcome)) => view! { <ReplyStatus reply=outcome.reply words=words.clone()/> }.into_any(),
                            Some(Err(error)) => view! { <p class="reply-error">{words.get(error.key())}</p> }.into_any(),
                            None => ().into_any(),
                        }
                    }
                </div>
                {move || outcome.get().and_then(Result::ok).map(|outcome| view! {
                    <ReplyView reply=outcome.reply words=words.clone()/>
                    {outcome.rows.map(|rows| view! { <section class="data"><UserTable rows=rows words=words.clone()/></section> })}
                })}
            </div>
        </section>
    }
}

/// Sends a draft in the visitor's own sandbox, with a listing of the users before and after.
async fn exchange(draft: &RequestDraft, cancel: &AbortController) -> Result<Outcome, SendError> {
    // Without a sandbox a request still has its reply: the problem then says what is wrong.
    let _ = api_client::sandbox_key().await;
    let before = api_client::list_users().await;
    let reply = api_client::send(draft, cancel).await?;
    let after = api_client::list_users().await;
    let rows = before
        .zip(after)
        .map(|(before, after)| compare(&before, &after));
    Ok(Outcome { reply, rows })
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

fn focus(form: &HtmlFormElement, field: Field) {
    let selector = match field {
        Field::Method => ".method-select",
        Field::Target => ".target-input",
        Field::HeaderName(_) => ".header-name",
        Field::HeaderValue(_) => ".header-value",
        Field::Body => ".body-input",
    };
    if let Some(element) = form
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        // Focus is a courtesy.
        let _ = element.focus();
    }
}
