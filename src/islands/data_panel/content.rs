//! Replaces the content of the panel: what the reader did to it is kept, and what has changed is marked.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::data::MARKS;
use super::panel::Panel;
use crate::islands::dom::{all, attribute, find, focus, set, show_local_times};

impl Panel {
    /// Replaces the content. Typed text, the focus, open details and the scroll position are kept; rows that
    /// have changed are marked.
    pub(super) fn replace_content(self, html: &str) {
        let Some(content) = self.content.get_untracked() else {
            return;
        };
        let content: &Element = &content;
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
        let open = all(content, "details[open][data-keep]");
        let scrolled = find::<Element>(content, ".table-scroll");
        let scrolled = scrolled.map(|table| (table.scroll_top(), table.scroll_left()));
        let rows = all(content, "tr[data-row]");
        let newest = newest(content);

        content.set_inner_html(html);
        show_local_times(content);

        for (id, value) in typed {
            if let Some(field) = find::<HtmlInputElement>(content, &attribute("id", &id)) {
                field.set_value(&value);
            }
        }
        for name in open
            .iter()
            .filter_map(|open| open.get_attribute("data-keep"))
        {
            if let Some(details) = find::<Element>(content, &attribute("data-keep", &name)) {
                set(&details, "open", "");
            }
        }
        if let Some((top, left)) = scrolled
            && let Some(table) = find::<Element>(content, ".table-scroll")
        {
            table.set_scroll_top(top);
            table.set_scroll_left(left);
        }
        // The rows of a page that was just opened are those of a new sandbox, not those before a change.
        let is_just_opened = self
            .memory
            .with(|memory| memory.html.is_empty() && memory.had_sandbox);
        if !rows.is_empty() && !is_just_opened {
            self.mark_rows(content, &rows);
        }
        if let Some(focused) = focused {
            restore_focus(content, &focused, caret);
        }
        self.announce(content, newest);
    }

    /// Marks the rows that differ from the rows before, by sign and word. Marks and removed rows stay until the
    /// next change of the data: when no row differs, the old rows are put back. The first marked row is scrolled into view.
    fn mark_rows(self, content: &Element, old: &[HtmlElement]) {
        let number = |row: &HtmlElement| row.get_attribute("data-row");
        let body = find::<Element>(content, "tbody");
        let new = all(content, "tr[data-row]");
        let remaining = old.iter().filter(|row| row.class_name() != "row-removed");
        let remaining: Vec<&HtmlElement> = remaining.collect();
        if remaining
            .iter()
            .map(|row| unmarked_text(row))
            .eq(new.iter().map(unmarked_text))
        {
            new.iter().for_each(|row| row.remove());
            if let Some(body) = &body {
                // A row can always be put into a table.
                old.iter().for_each(|row| drop(body.append_child(row)));
            }
            return;
        }
        for row in &new {
            match remaining.iter().find(|old| number(old) == number(row)) {
                None => self.mark(row, "added", "+"),
                Some(old) if unmarked_text(old) != unmarked_text(row) => {
                    self.mark(row, "changed", "~");
                }
                Some(_) => {}
            }
        }
        let id = |row: &HtmlElement| number(row).and_then(|id| id.parse::<i64>().ok());
        for gone in remaining {
            if new.iter().any(|row| number(row) == number(gone)) {
                continue;
            }
            self.mark(gone, "removed", "−");
            let next = new.iter().find(|row| id(row) > id(gone));
            if let Some(body) = &body {
                // The row that it comes before is one of the table's.
                let _ = body.insert_before(gone, next.map(|row| row.unchecked_ref()));
            }
        }
        let first = find::<HtmlElement>(content, "tr[class]");
        if let Some(first) = first
            && let Some(table) = find::<Element>(content, ".table-scroll")
        {
            table.set_scroll_top(first.offset_top() - 2 * first.offset_height());
        }
    }

    /// Marks a row.
    fn mark(self, row: &Element, mark: &str, sign: &str) {
        row.set_class_name(&["row-", mark].concat());
        let Some(cell) = find::<Element>(row, ".row-sign") else {
            return;
        };
        cell.set_text_content(None);
        let word = MARKS.iter().position(|other| *other == mark);
        let word = word.and_then(|at| self.marks.with_value(|marks| marks.get(at).cloned()));
        for (text, name, value) in [
            (sign, "aria-hidden", "true"),
            (&word.unwrap_or_default(), "class", "visually-hidden"),
        ] {
            if let Ok(span) = document().create_element("span") {
                span.set_text_content(Some(text));
                set(&span, name, value);
                let _ = cell.append_child(&span);
            }
        }
    }

    /// Announces the newest exchange, if it is another one than before.
    fn announce(self, content: &Element, old: Option<String>) {
        if old.is_none() || newest(content) == old {
            return;
        }
        let link = find::<Element>(content, "[data-message]");
        self.announcement
            .set(link.and_then(|link| link.get_attribute("data-message")));
    }
}

/// Returns the number of a row and the text of its cells, without the first one, which has the mark.
fn unmarked_text(row: &HtmlElement) -> (Option<String>, String) {
    let sign = find::<Element>(row, ".row-sign").and_then(|sign| sign.text_content());
    let text = row.text_content().unwrap_or_default();
    let sign = sign.unwrap_or_default();
    let text = text.strip_prefix(&sign).unwrap_or(&text).to_owned();
    (row.get_attribute("data-row"), text)
}

/// Moves the focus to the element in the place of the one that had it.
fn restore_focus(content: &Element, old: &Element, caret: Option<u32>) {
    let by = |name: &str| {
        let value = old.get_attribute(name)?;
        let tag = old.local_name();
        find::<HtmlElement>(content, &[tag, attribute(name, &value)].concat())
    };
    let names = ["id", "data-open", "data-keep", "value"];
    let new = names.iter().find_map(|name| by(name));
    let summary = || find(content, "summary").filter(|_| old.local_name() == "summary");
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

/// Returns the id of the newest exchange in the list, empty without one; `None` when there is no list.
fn newest(content: &Element) -> Option<String> {
    find::<Element>(content, ".data-panel-stream")?;
    let link = find::<Element>(content, "[data-open]");
    let id = link.and_then(|link| link.get_attribute("data-open"));
    Some(id.unwrap_or_default())
}
