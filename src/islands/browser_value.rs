//! A place for a value of the browser, such as an open connection.

use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// A value that only the browser has. On the server the place stays empty, because a page may be dropped by
/// another thread than the one that rendered it, and values of the browser belong to one thread.
pub(super) struct BrowserValue<T: 'static>(StoredValue<Option<SendWrapper<T>>>);

impl<T> Clone for BrowserValue<T> {
    fn clone(&self) -> BrowserValue<T> {
        *self
    }
}

impl<T> Copy for BrowserValue<T> {}

impl<T> BrowserValue<T> {
    /// Returns an empty place.
    pub(super) fn empty() -> BrowserValue<T> {
        BrowserValue(StoredValue::new(None))
    }

    /// Stores a value.
    pub(super) fn set(self, value: T) {
        self.0.set_value(Some(SendWrapper::new(value)));
    }

    /// Takes the value out.
    pub(super) fn take(self) -> Option<T> {
        let value = self.0.try_update_value(Option::take).flatten();
        value.map(SendWrapper::take)
    }

    /// Reads the value; returns the default of the result without one.
    pub(super) fn with<R: Default>(self, read: impl FnOnce(&T) -> R) -> R {
        self.0
            .with_value(|value| value.as_deref().map(read).unwrap_or_default())
    }

    /// Changes the value; returns the default of the result without one.
    pub(super) fn update<R: Default>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let changed = self
            .0
            .try_update_value(|value| value.as_deref_mut().map(change));
        changed.flatten().unwrap_or_default()
    }
}
