//! Reads the fields of a request form.

use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use crate::model::http::RequestDraft;

/// All fields as name and value, in order.
pub(super) fn fields(form: &HtmlFormElement) -> Vec<(String, String)> {
    let Ok(data) = FormData::new_with_form(form) else {
        return Vec::new();
    };
    let pair = |pair: wasm_bindgen::JsValue| {
        let pair: js_sys::Array = pair.unchecked_into();
        let text = |at| pair.get(at).as_string().unwrap_or_default();
        (text(0), text(1))
    };
    js_sys::Array::from(&data).iter().map(pair).collect()
}

/// The value of one field.
pub(super) fn field(form: &HtmlFormElement, name: &str) -> Option<String> {
    let fields = fields(form).into_iter();
    fields
        .filter(|(other, _)| other == name)
        .map(|(_, value)| value)
        .next()
}

/// The draft that the form holds now.
pub(super) fn read(form: &HtmlFormElement) -> RequestDraft {
    RequestDraft::from_form(fields(form))
}
