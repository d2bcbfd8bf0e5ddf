//! Lines of a name and a value in a part of a request form: the headers, the parameters of the query.
//!
//! The lines of the page are never taken out, only emptied and hidden, so that they can come back. One
//! of them is spare: it is there for those without scripts, and hidden with them until it is asked for.

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

/// Has the part hold these names and values.
pub(super) fn fill<'a>(part: &Element, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut at = 0;
    for pair in pairs {
        let row = rows(part).into_iter().nth(at).map(Element::from);
        let Some(row) = row.or_else(|| copy(part)) else {
            return;
        };
        show(&row);
        write(&row, pair);
        at += 1;
    }
    rows(part).iter().skip(at).for_each(|row| take(row));
}

/// Adds an empty line and goes there.
pub(super) fn add(part: &Element) {
    set(part, "open", "");
    let Some(row) = find(part, "[data-spare='']").or_else(|| copy(part)) else {
        return;
    };
    show(&row);
    if let Some(name) = find(&row, "input") {
        focus(&name);
    }
}

/// Takes a line away, and goes to the first of the others.
pub(super) fn remove(part: &Element, row: &Element) {
    take(row);
    let next = find(
        part,
        ".field-row:not([hidden], [data-spare='']) input, [data-do]",
    );
    next.iter().for_each(focus);
}

/// Has a form hold the lines of the page again; what stands in them is its own affair.
pub(super) fn restore(form: &Element) {
    for row in rows(form) {
        take(&row);
        row.set_hidden(false);
    }
}

/// An empty copy of the last line, after it.
fn copy(part: &Element) -> Option<Element> {
    let last = rows(part).pop()?;
    let row: Element = last.clone_node_with_deep(true).ok()?.unchecked_into();
    let _ = row.remove_attribute("data-spare");
    set(&row, "data-added", "");
    write(&row, ("", ""));
    last.parent_node()?.append_child(&row).ok()?;
    Some(row)
}

fn show(row: &Element) {
    row.unchecked_ref::<HtmlElement>().set_hidden(false);
    if row.has_attribute("data-spare") {
        set(row, "data-spare", "shown");
    }
}

/// Empties a line, and takes it out or out of sight.
fn take(row: &Element) {
    write(row, ("", ""));
    if row.has_attribute("data-added") {
        row.remove();
    } else if row.has_attribute("data-spare") {
        set(row, "data-spare", "");
    } else {
        set(row, "hidden", "");
    }
}
