//! New HTML in the place of the old: what the reader did stays, and what differs is marked.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::DataPanel;
use crate::islands::dom::{all, attribute, find, focus, set};
use crate::model::html::escape;

impl DataPanel {
    /// Puts the HTML in place of what is there, and keeps what was typed, where the focus is, what
    /// is unfolded and how far it is scrolled. Rows that differ are marked.
    pub(super) fn put(&self, html: &str) {
        let content = &self.content;
        let fields = all(content, "input:not([type=checkbox],[type=hidden])");
        let typed: Vec<(String, String)> = fields
            .into_iter()
            .map(|field| field.unchecked_into::<HtmlInputElement>())
            .filter(|field| field.value() != field.default_value())
            .map(|field| (field.id(), field.value()))
            .collect();
        let focused = document().active_element();
        let focused = focused.filter(|focused| content.contains(Some(focused)));
        let field = focused.as_ref().and_then(|focused| focused.dyn_ref());
        // A field of numbers has none.
        let caret = field.and_then(|field: &HtmlInputElement| field.selection_start().ok()?);
        let is_unfolded = find::<Element>(content, "details[open]").is_some();
        let scrolled = find::<Element>(content, ".table-scroll");
        let scrolled = scrolled.map(|table| (table.scroll_top(), table.scroll_left()));
        let rows = all(content, "tr[data-row]");
        let newest = newest(content);

        content.set_inner_html(html);

        for (id, value) in typed {
            if let Some(field) = find::<HtmlInputElement>(content, &attribute("id", &id)) {
                field.set_value(&value);
            }
        }
        if is_unfolded && let Some(details) = find::<Element>(content, "details") {
            set(&details, "open", "");
        }
        if let Some((top, left)) = scrolled
            && let Some(table) = find::<Element>(content, ".table-scroll")
        {
            table.set_scroll_top(top);
            table.set_scroll_left(left);
        }
        if !rows.is_empty() {
            self.mark(&rows);
        }
        if let Some(focused) = focused {
            self.refocus(&focused, caret);
        }
        self.announce_exchange(newest);
    }

    /// The focus goes to what is now in the place of what had it.
    fn refocus(&self, old: &Element, caret: Option<u32>) {
        let by = |name: &str| {
            let value = old.get_attribute(name)?;
            let tag = old.local_name();
            find::<HtmlElement>(&self.content, &[tag, attribute(name, &value)].concat())
        };
        let names = ["id", "data-open", "data-keep", "value"];
        let new = names.iter().find_map(|name| by(name));
        let summary = || find(&self.content, "summary").filter(|_| old.local_name() == "summary");
        let Some(new) = new.or_else(summary) else {
            return;
        };
        focus(&new);
        if caret.is_some()
            && let Some(field) = new.dyn_ref::<HtmlInputElement>()
        {
            let caret = caret.unwrap_or_default();
            let _ = field.set_selection_range(caret, caret);
        }
    }

    /// Marks what differs from the rows of before, by sign and word; rows that are gone stay until
    /// the next change. The first of them comes into view.
    fn mark(&self, old: &[HtmlElement]) {
        let number = |row: &HtmlElement| row.get_attribute("data-row");
        let new = all(&self.content, "tr[data-row]");
        let mut lasting: Vec<&HtmlElement> = Vec::new();
        for row in old.iter().filter(|row| row.class_name() != "row-removed") {
            // The text of a row is compared without its mark.
            if let Some(sign) = find::<Element>(row, ".row-sign") {
                sign.set_text_content(None);
            }
            lasting.push(row);
        }
        for row in &new {
            match lasting.iter().find(|old| number(old) == number(row)) {
                None => self.sign(row, "added", "+"),
                Some(old) if old.text_content() != row.text_content() => {
                    self.sign(row, "changed", "~");
                }
                Some(_) => {}
            }
        }
        let id = |row: &HtmlElement| number(row).and_then(|id| id.parse::<i64>().ok());
        let body = find::<Element>(&self.content, "tbody");
        for gone in lasting {
            if new.iter().any(|row| number(row) == number(gone)) {
                continue;
            }
            self.sign(gone, "removed", "−");
            let next = new.iter().find(|row| id(row) > id(gone));
            if let Some(body) = &body {
                // The row that it comes before is one of the table's.
                let _ = body.insert_before(gone, next.map(|row| row.unchecked_ref()));
            }
        }
        let first = find::<HtmlElement>(&self.content, "tr[class]");
        if let Some(first) = first
            && let Some(table) = find::<Element>(&self.content, ".table-scroll")
        {
            table.set_scroll_top(first.offset_top() - 2 * first.offset_height());
        }
    }

    fn sign(&self, row: &Element, change: &str, sign: &str) {
        row.set_class_name(&["row-", change].concat());
        let word = find::<Element>(&self.container, &attribute("data-change", change));
        let word = word.and_then(|word| word.text_content());
        if let Some(cell) = find::<Element>(row, ".row-sign") {
            let html = [
                "<span aria-hidden=\"true\">",
                sign,
                "</span><span class=\"visually-hidden\">",
                &escape(&word.unwrap_or_default()),
                "</span>",
            ];
            cell.set_inner_html(&html.concat());
        }
    }

    /// Makes screen readers read out the newest exchange when it is new.
    fn announce_exchange(&self, old: Option<String>) {
        let new = newest(&self.content);
        if old.is_none() || new == old {
            return;
        }
        let link = find::<Element>(&self.content, "[data-message]");
        let text = link.and_then(|link| link.get_attribute("data-message"));
        if let Some(container) = find::<Element>(&self.container, "p.data-panel-message") {
            container.set_text_content(text.as_deref());
        }
    }
}

/// The id of the newest exchange that is listed, empty when there is none; `None` where no list is.
fn newest(content: &Element) -> Option<String> {
    find::<Element>(content, ".data-panel-stream")?;
    let link = find::<Element>(content, "[data-open]");
    let id = link.and_then(|link| link.get_attribute("data-open"));
    Some(id.unwrap_or_default())
}
