//! The body of a request: colored, checked as JSON while it is typed, and formatted.

use leptos::html;
use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

use super::errors::field_errors;
use super::form::{Form, flag, write_to};
use crate::components::body_tree::spans_view;
use crate::components::json_spans;
use crate::http_file::{format_json, json_error};
use crate::islands::dom::{effect, listener};
use crate::islands::island_data::hydrated;
use crate::islands::server_view::{server_text, server_view};
use crate::model::html::escape;
use crate::model::http::{DraftField, is_json_type};

/// The most bytes of a body that are colored with every key.
const COLORED_MAX: usize = 8 * 1024;
/// The time without a key after which a body is checked: while it is typed it is rarely valid.
const CHECK_DELAY: Duration = Duration::from_millis(400);

/// Renders the body.
pub(super) fn body_editor(form: Form, example: String) -> impl IntoView {
    let body = form.draft.body;
    let picture = NodeRef::<html::Pre>::new();
    let field = NodeRef::<html::Textarea>::new();
    let is_hydrated = hydrated();
    let is_colored = Signal::derive(move || {
        let is_json = |body: &String| body.trim_start().starts_with(['{', '[']);
        is_hydrated.get() && body.with(|body| body.len() <= COLORED_MAX && is_json(body))
    });
    let colors = move || {
        is_colored
            .get()
            .then(|| body.with(|body| spans_view(json_spans(body))))
    };
    let scroll_picture = move || {
        if let (Some(field), Some(picture)) = (field.get_untracked(), picture.get_untracked()) {
            picture.set_scroll_top(field.scroll_top());
            picture.set_scroll_left(field.scroll_left());
        }
    };
    effect(move || {
        body.track();
        spawn_local(async move { scroll_picture() });
    });
    let check = move || form.json_problem.set(json_problem(form));
    Effect::new(move |previous: Option<Option<TimeoutHandle>>| {
        let is_declared = form
            .draft
            .read()
            .header("content-type")
            .is_some_and(is_json_type);
        // The example is not checked before it is changed.
        let previous = previous?;
        if let Some(timer) = previous {
            timer.clear();
        }
        if !is_declared {
            form.json_problem.set(None);
            return None;
        }
        set_timeout_with_handle(check, CHECK_DELAY).ok()
    });
    let format = move |_| {
        if let Some(text) = format_json(&body.get_untracked()) {
            body.set(text);
        }
        check();
    };
    let lines = || example.lines().count().clamp(3, 14).to_string();
    // The renderer does not escape the text of a textarea, and a browser drops its first line break.
    let text = ["\n", &escape(&example)].concat();
    view! {
        <div class="request-body">
            <div class="body-editor">
                <pre class="body-paint" aria-hidden="true" node_ref=picture><code>{colors}</code></pre>
                <textarea class="body-input" name="body" rows=server_text(lines) aria-label=form.label("request-body") aria-describedby=form.fixed_id("check")
                    aria-invalid=flag(move || form.is_invalid(DraftField::Body)) aria-errormessage=form.fixed_id("error-body")
                    spellcheck="false" autocapitalize="off" autocomplete="off" data-painted=move || is_colored.get().then_some("")
                    inner_html=text node_ref=field prop:value=body on:input=listener(write_to(body))
                    on:change=listener(move |_| check()) on:scroll=listener(move |_| scroll_picture())></textarea>
            </div>
            {field_errors(form, form.id("error-body"), |field| field == DraftField::Body)}
            <div class="body-bar script-only">
                <p class="body-check" id=form.fixed_id("check") role="status">{move || form.json_problem.get()}</p>
                <button type="button" class="tool-button" on:click=listener(format)>{server_view(|| form.message("request-format"))}</button>
            </div>
        </div>
    }
}

/// Returns what is wrong with the body, if it is declared as JSON.
fn json_problem(form: Form) -> Option<String> {
    let draft = untrack(|| form.draft.read());
    let is_json = draft.header("content-type").is_some_and(is_json_type);
    let error = json_error(&draft.body).filter(|_| is_json && !draft.body.is_empty())?;
    let (line, column) = (error.line.to_string(), error.column.to_string());
    let values = [("line", line.as_str()), ("column", &column)];
    Some(form.message_with("request-json-wrong", &values))
}
