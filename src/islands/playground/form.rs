//! Changes what a request form shows.

use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Element, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
};

use super::{editor, origin, parts, rows, values};
use crate::islands::api_client;
use crate::islands::dom::{all, find, focus, set};
use crate::model::html::escape;
use crate::model::http::{DraftField, DraftFinding, RequestDraft};
use crate::model::messages::MessageCatalog;
use crate::snippet::{self, SnippetLanguage};
use crate::ui::problem_key;

/// Puts a draft into the form.
pub(super) fn write(form: &HtmlFormElement, draft: &RequestDraft) {
    if let Some(select) = find::<HtmlSelectElement>(form, ".method-select") {
        select.set_value(&draft.method);
        if select.value() != draft.method {
            let option = format!("<option selected>{}</option>", escape(&draft.method));
            let _ = select.insert_adjacent_html("beforeend", &option);
        }
    }
    if let Some(target) = find::<HtmlInputElement>(form, ".target-input") {
        target.set_value(&draft.target);
    }
    if let Some(part) = find::<Element>(form, ".request-headers") {
        let headers = draft.headers.iter();
        rows::fill(
            &part,
            headers.map(|header| (header.name.as_str(), header.value.as_str())),
        );
    }
    parts::show(form);
    if let Some(body) = find::<HtmlTextAreaElement>(form, ".body-input") {
        body.set_value(&draft.body);
    }
    for (selector, filled) in [
        (".request-headers", !draft.headers.is_empty()),
        (".request-body", !draft.body.is_empty()),
    ] {
        if let Some(part) = find::<Element>(form, selector).filter(|_| filled) {
            set(&part, "open", "");
        }
    }
    paint(form);
}

/// Gives the list of methods the colour of the one chosen, and the body its colours.
pub(super) fn paint(form: &HtmlFormElement) {
    editor::paint(form);
    if let Some(select) = find::<HtmlSelectElement>(form, ".method-select") {
        set(&select, "data-method", &select.value());
    }
}

/// Marks the fields that are wrong for screen readers and goes to the first of them. Answers the
/// sentences that say what is wrong, as HTML.
pub(super) fn mark(
    form: &HtmlFormElement,
    findings: &[DraftFinding],
    words: &MessageCatalog,
) -> String {
    let error = [&form.id(), "-error"].concat();
    for input in all(form, "[aria-invalid]") {
        let _ = input.remove_attribute("aria-invalid");
        let _ = input.remove_attribute("aria-describedby");
    }
    let rows = all(form, ".request-headers .field-row");
    let of = |field: DraftField| -> Option<HtmlElement> {
        match field {
            DraftField::Method => find(form, ".method-select"),
            DraftField::Target => find(form, ".target-input"),
            DraftField::HeaderName(at) => find(filled(&rows, at)?, ".header-name"),
            DraftField::HeaderValue(at) => find(filled(&rows, at)?, ".header-value"),
            DraftField::Body => find(form, ".body-input"),
        }
    };
    for finding in findings.iter().rev() {
        if let Some(input) = of(finding.field) {
            set(&input, "aria-invalid", "true");
            set(&input, "aria-describedby", &error);
            focus(&input);
        }
    }
    let sentence = |finding: &DraftFinding| {
        let text = escape(&words.get(problem_key(finding.kind)));
        let curl = match finding.kind.is_for_browsers_only() {
            true => format!(
                " <button type=\"button\" class=\"link-button\" data-do=\"curl\">{}</button>",
                escape(&words.get("request-curl"))
            ),
            false => String::new(),
        };
        format!("<p>{text}{curl}</p>")
    };
    findings.iter().map(sentence).collect()
}

/// The row of the header with this index among those that have a name.
fn filled(rows: &[HtmlElement], at: usize) -> Option<&HtmlElement> {
    let has_name = |row: &&HtmlElement| {
        find::<HtmlInputElement>(row, ".header-name")
            .is_some_and(|name| !name.value().trim().is_empty())
    };
    rows.iter().filter(has_name).nth(at)
}

/// Puts the author's example back.
pub(super) fn reset(form: &HtmlFormElement) {
    rows::restore(form);
    form.reset();
    parts::show(form);
    mark(form, &[], &MessageCatalog::default());
    editor::show_message(form, "");
    paint(form);
    write_code(form);
}

/// Writes the request in the chosen way, where the reader has opened that.
pub(super) fn write_code(form: &HtmlFormElement) {
    let Some(container) = find::<Element>(form, ".request-code[open]") else {
        return;
    };
    let (form, container) = (form.clone(), container);
    spawn_local(async move {
        // So that a terminal acts on the data of this page.
        let key = api_client::sandbox_key().await.ok();
        let chosen =
            find::<HtmlSelectElement>(&container, ".code-form").map(|select| select.value());
        let chosen = chosen.and_then(|slug| SnippetLanguage::from_slug(&slug));
        if let (Some(chosen), Some(text)) = (chosen, find::<HtmlElement>(&container, "code")) {
            let code = snippet::code(chosen, &values::known(&form), &origin(), key.as_deref());
            text.set_text_content(Some(&code));
        }
    });
}
