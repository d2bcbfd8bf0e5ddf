//! The data of an island: on the server from a context, in the browser from an attribute.
//!
//! Leptos would write the arguments of an island into the page and parse them with serde_json, which
//! would be a tenth of the module. The parser of `model::json` is part of the module anyway.

use std::cell::RefCell;

use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Element, HtmlElement};

use super::dom::{effect, find};
use crate::model::json::Json;

thread_local! {
    static ELEMENT: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Sets the island that is hydrated next. The loader calls it before the function of the island.
#[wasm_bindgen]
pub fn set_island_element(island: HtmlElement) {
    ELEMENT.set(Some(island));
}

/// Returns the element of the island that is hydrated; `None` on the server.
pub(super) fn island_element() -> Option<Element> {
    ELEMENT.with_borrow(|island| island.clone().map(Element::from))
}

/// Data of an island that the server writes into the page.
pub(super) trait IslandData: Clone + Default + Serialize + Send + Sync + 'static {
    /// Reads the data from the JSON that [`data_attribute`] returns.
    fn from_json(json: &Json) -> Option<Self>;
}

/// Returns the data of the island that is rendered or hydrated.
pub(super) fn island_data<T: IslandData>() -> T {
    let from_attribute = || {
        // An island inside of this one comes later.
        let element = find::<Element>(&island_element()?, "[data-island]")?;
        let json = element.get_attribute("data-island")?;
        T::from_json(&Json::parse(json.as_bytes()).ok()?)
    };
    use_context::<T>()
        .or_else(from_attribute)
        .unwrap_or_default()
}

/// Returns the value of the attribute `data-island`; `None` in the browser, which only reads it.
pub(super) fn data_attribute<T: IslandData>(data: &T) -> Option<String> {
    if cfg!(target_arch = "wasm32") {
        return None;
    }
    serde_json::to_string(data).ok()
}

/// Returns a signal that becomes true once the island is hydrated: until then the view must be the one
/// that the server rendered.
pub(super) fn hydrated() -> Signal<bool> {
    let is_hydrated = RwSignal::new(false);
    effect(move || is_hydrated.set(true));
    is_hydrated.into()
}

/// Returns the messages of the page.
pub(super) fn use_messages() -> crate::model::messages::MessageCatalog {
    use_context().unwrap_or_default()
}
