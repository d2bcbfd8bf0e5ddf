//! The few things that islands do with elements.

use js_sys::{Function, Reflect};
use leptos::prelude::{Effect, document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Element, Event, EventTarget, HtmlElement, Storage};

/// Boxes a listener of a view, so that Leptos's code for listeners exists once for each kind of event.
pub(super) fn listener<E: 'static>(listener: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(listener)
}

/// The first element inside another that a selector fits.
pub(super) fn find<T: JsCast>(inside: &Element, selector: &str) -> Option<T> {
    let found = inside.query_selector(selector).ok().flatten();
    found.and_then(|element| element.dyn_into().ok())
}

/// All elements inside another that a selector fits.
pub(super) fn all(inside: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = inside.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}

/// The element with an id.
pub(super) fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Scrolls an element into view if it is outside of the window or behind the header of the page, so that what
/// follows it can be seen too (`scroll-margin` of the style sheet).
pub(super) fn bring_into_view(element: &Element) {
    let header = find::<Element>(&root(), ".site-header");
    let covered = header
        .map_or(0.0, |header| edge(&header, "bottom"))
        .max(0.0);
    let height = window().inner_height().ok();
    let height = height.and_then(|height| height.as_f64());
    let is_in_view =
        edge(element, "top") >= covered && edge(element, "bottom") <= height.unwrap_or(0.0);
    if !is_in_view {
        element.scroll_into_view_with_bool(false);
    }
}

/// Returns the distance of an edge of an element from the top of the window.
fn edge(element: &Element, name: &str) -> f64 {
    let bounds = Reflect::get(element, &"getBoundingClientRect".into());
    let bounds = bounds.and_then(|method| Function::from(method).call0(element));
    let edge = bounds.and_then(|bounds| Reflect::get(&bounds, &name.into()));
    edge.ok().and_then(|edge| edge.as_f64()).unwrap_or(0.0)
}

/// A selector of the elements whose attribute has this value, whatever characters are in it (CSS
/// Syntax, section 4.3.5).
pub(super) fn attribute(name: &str, value: &str) -> String {
    let mut selector = ["[", name, "=\""].concat();
    for c in value.chars() {
        match c {
            '"' | '\\' => selector.extend(['\\', c]),
            // A line break may stand in a string only as its code point.
            '\n' => selector.push_str("\\a "),
            '\r' => selector.push_str("\\d "),
            '\x0c' => selector.push_str("\\c "),
            c => selector.push(c),
        }
    }
    selector.push_str("\"]");
    selector
}

/// The element that an event happened to, or the nearest around it that a selector fits.
pub(super) fn target(event: &Event, selector: &str) -> Option<HtmlElement> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok().flatten()?.dyn_into().ok()
}

/// Sets an attribute whose name is valid, which is never refused.
pub(super) fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Moves the focus, which is a courtesy.
pub(super) fn focus(element: &HtmlElement) {
    let _ = element.focus();
}

/// Adds an event listener for as long as its target exists.
pub(super) fn listen(target: &EventTarget, name: &str, handle: impl Fn(&Event) + 'static) {
    let handle = Closure::<dyn Fn(Event)>::new(move |event: Event| handle(&event)).into_js_value();
    // Refused only for an unknown option.
    let _ = target.add_event_listener_with_callback(name, handle.unchecked_ref());
}

/// Dispatches an event to the document.
pub(super) fn dispatch(name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        let _ = document().dispatch_event(&event);
    }
}

/// Requests that the loader hydrate the island of an element.
pub(super) fn hydrate(element: &Element) {
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = web_sys::Event::new_with_event_init_dict("hydrate", &init) {
        let _ = element.dispatch_event(&event);
    }
}

/// The whole page.
pub(super) fn root() -> Element {
    let root = document().document_element();
    root.expect("a page has a root")
}

/// Returns the storage of the site, unless the browser refuses it.
pub(super) fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Returns the storage of the site in this tab, unless the browser refuses it.
pub(super) fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Returns the origin of the page.
pub(super) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The language of the page.
pub(super) fn language() -> String {
    root().get_attribute("lang").unwrap_or_default()
}

/// Runs an effect (see [`Effect`]). Leptos's own function is compiled anew for each closure; this one is compiled once.
pub(super) fn effect(run: impl Fn() + 'static) {
    fn boxed(run: Box<dyn Fn()>) {
        Effect::new(move |_| run());
    }
    boxed(Box::new(run));
}

/// Shows the times of day inside an element in the time zone of the visitor; the server writes those of UTC.
pub(super) fn show_local_times(inside: &Element) {
    for time in all(inside, "time") {
        let at = JsValue::from(time.get_attribute("datetime").unwrap_or_default());
        // The time has eight characters, as in "00:19:12 GMT+0000".
        let text = js_sys::Date::new(&at).to_time_string().as_string();
        let text = text.as_deref().and_then(|text| text.get(..8));
        time.set_text_content(text);
    }
}

/// Does something a while later; the handle of its timer.
pub(super) fn after(milliseconds: i32, work: impl FnOnce() + 'static) -> Option<i32> {
    let work = Closure::once_into_js(work);
    let work = work.unchecked_ref();
    let timer = window().set_timeout_with_callback_and_timeout_and_arguments_0(work, milliseconds);
    timer.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selector_of_an_attribute_escapes_what_ends_a_string() {
        assert_eq!(attribute("id", "a-1"), r#"[id="a-1"]"#);
        assert_eq!(attribute("id", r#"a"],b\"#), r#"[id="a\"],b\\"]"#);
        assert_eq!(attribute("id", "a\r\n\x0cb"), r#"[id="a\d \a \c b"]"#);
    }
}
