//! The body of a request while it is written: in colours, checked, put in order.
//!
//! The colours are a picture of the text under the field, whose own letters are then invisible.

use web_sys::{Element, Event, HtmlElement, HtmlFormElement, HtmlTextAreaElement};

use super::fields::read;
use crate::islands::dom::{find, set, target};
use crate::model::json::Json;
use crate::model::messages::MessageCatalog;
use crate::ui::json_paint;

/// Bytes up to which a body is painted with every key.
const PAINTED: usize = 8 * 1024;

fn body(form: &HtmlFormElement) -> Option<HtmlTextAreaElement> {
    find(form, ".body-input")
}

/// Paints what looks like JSON.
pub(super) fn paint(form: &HtmlFormElement) {
    let (Some(body), Some(picture)) = (body(form), find::<Element>(form, ".body-paint")) else {
        return;
    };
    let text = body.value();
    let is_painted = text.len() <= PAINTED && text.trim_start().starts_with(['{', '[']);
    if let Some(code) = find::<Element>(&picture, "code").filter(|_| is_painted) {
        code.set_inner_html(&json_paint(&text));
        set(&body, "data-painted", "");
        follow(&body, &picture);
    } else {
        let _ = body.remove_attribute("data-painted");
    }
}

/// The picture goes along when the field is scrolled.
pub(super) fn scroll(event: &Event) {
    if let Some(body) = target(event, ".body-input")
        && let Some(picture) = body.previous_element_sibling()
    {
        follow(&body, &picture);
    }
}

fn follow(body: &Element, picture: &Element) {
    picture.set_scroll_top(body.scroll_top());
    picture.set_scroll_left(body.scroll_left());
}

/// Says whether the body is JSON, where it claims to be.
pub(super) fn check(form: &HtmlFormElement, words: &MessageCatalog) {
    let draft = read(form);
    let claims = draft
        .header("content-type")
        .is_some_and(crate::model::http::is_json_type);
    let error = (claims && !draft.body.is_empty())
        .then(|| Json::parse(draft.body.as_bytes()).err())
        .flatten();
    let text = error.map(|error| {
        let (line, column) = (error.line.to_string(), error.column.to_string());
        words.with(
            "request-json-wrong",
            &[("line", &line), ("column", &column)],
        )
    });
    show_message(form, &text.unwrap_or_default());
}

/// Shows what is wrong with the body; nothing when nothing is.
pub(super) fn show_message(form: &HtmlFormElement, text: &str) {
    if let Some(container) = find::<HtmlElement>(form, ".body-check") {
        container.set_text_content(Some(text));
    }
}

/// Writes the body over several lines, if it is JSON.
pub(super) fn format(form: &HtmlFormElement, words: &MessageCatalog) {
    if let Some(body) = body(form) {
        if let Ok(json) = Json::parse(body.value().as_bytes()) {
            body.set_value(&json.pretty());
            paint(form);
        }
        check(form, words);
    }
}
