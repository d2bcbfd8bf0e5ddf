//! Lines of a name and a value in a part of a request form: the headers, the parameters of the query.
//!
//! The author's lines are never taken out, only emptied and hidden, so that they can come back.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::islands::dom::{all, find, focus, set};

/// The lines of a part, or of all parts of a form.
pub(super) fn rows(part: &Element) -> Vec<HtmlElement> {
    all(part, ".field-row")
}

/// The name and the value of a line.
pub(super) fn read(row: &Element) -> (String, String) {
    let mut inputs = inputs(row).map(|input| input.value());
    let mut next = || inputs.next().unwrap_or_default();
    (next(), next())
}

fn inputs(row: &Element) -> impl Iterator<Item = HtmlInputElement> + use<> {
    let inputs = all(row, "input").into_iter();
    inputs.map(|input| input.unchecked_into())
}

fn write(row: &Element, pair: (&str, &str)) {
    for (input, text) in inputs(row).zip([pair.0, pair.1]) {
        input.set_value(text);
    }
}

/// Has the part hold these names and values, and an empty line after them.
pub(super) fn fill<'a>(part: &Element, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut at = 0;
    for pair in pairs.chain([("", "")]) {
        let row = rows(part).into_iter().nth(at).map(Element::from);
        let Some(row) = row.or_else(|| copy(part)) else {
            return;
        };
        let _ = row.remove_attribute("hidden");
        write(&row, pair);
        at += 1;
    }
    for row in rows(part).iter().skip(at) {
        write(row, ("", ""));
        if row.has_attribute("data-added") {
            row.remove();
        }
    }
}

/// Adds an empty line and goes there.
pub(super) fn add(part: &Element) {
    set(part, "open", "");
    if let Some(name) = copy(part).and_then(|row| find(&row, "input")) {
        focus(&name);
    }
}

/// An empty copy of the last line, after it.
fn copy(part: &Element) -> Option<Element> {
    let last = rows(part).pop()?;
    let row: Element = last.clone_node_with_deep(true).ok()?.unchecked_into();
    set(&row, "data-added", "");
    write(&row, ("", ""));
    last.parent_node()?.append_child(&row).ok()?;
    Some(row)
}

/// Takes a line away, and goes to the first of the others.
pub(super) fn remove(part: &Element, row: &Element) {
    write(row, ("", ""));
    let is_only = all(part, ".field-row:not([hidden])").len() < 2;
    if row.has_attribute("data-added") {
        row.remove();
    } else if !is_only {
        set(row, "hidden", "");
    }
    let next: Option<HtmlElement> = find(part, ".field-row:not([hidden]) input");
    next.iter().for_each(focus);
}

/// Has a form hold the author's lines again; what stands in them is its own affair.
pub(super) fn restore(form: &Element) {
    for row in rows(form) {
        if row.has_attribute("data-added") {
            row.remove();
        } else {
            row.set_hidden(false);
        }
    }
}
