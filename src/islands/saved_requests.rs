//! The requests that the visitor has saved: in the storage of the browser, the same on all pages and in all tabs.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::StorageEvent;

use super::dom::{listen, local_storage};
use crate::model::saved_requests::{SaveError, SavedRequests};

/// The key in the storage. The loader uses it too.
const NAME: &str = "routebook-saved";

/// The saved requests, as JSON.
#[derive(Clone, Copy)]
pub(crate) struct SavedStore(RwSignal<String>);

impl SavedStore {
    /// Returns a store without requests, for the server.
    pub(super) fn empty() -> SavedStore {
        SavedStore(RwSignal::new(String::new()))
    }

    /// Reads the stored requests, and follows the changes of other tabs.
    pub(super) fn open() -> SavedStore {
        let store = SavedStore(RwSignal::new(stored()));
        listen(&window(), "storage", move |event| {
            let key = event.unchecked_ref::<StorageEvent>().key();
            // Without a key, all of the storage was cleared.
            if key.is_none_or(|key| key == NAME) {
                store.0.set(stored());
            }
        });
        store
    }

    /// Returns the requests.
    pub(super) fn get(self) -> SavedRequests {
        self.0.with(|json| SavedRequests::from_json(json))
    }

    /// Changes the stored requests.
    pub(super) fn change<T>(
        self,
        change: impl FnOnce(&mut SavedRequests) -> Result<T, SaveError>,
    ) -> Result<T, SaveError> {
        let storage = local_storage().ok_or(SaveError::Blocked)?;
        let mut requests = SavedRequests::from_json(&stored());
        let result = change(&mut requests)?;
        let json = requests.to_json();
        let is_stored = storage.set_item(NAME, &json);
        is_stored.map_err(|_| SaveError::StorageFull)?;
        self.0.set(json);
        Ok(result)
    }
}

fn stored() -> String {
    let stored = local_storage().and_then(|storage| storage.get_item(NAME).ok().flatten());
    stored.unwrap_or_default()
}
