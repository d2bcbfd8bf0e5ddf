//! A stored value of the browser, such as an open connection.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// A value that only the browser has. On the server it stays empty, because a page may be dropped by
/// another thread than the one that rendered it, and values of the browser belong to one thread.
pub(super) struct BrowserValue<T: 'static>(StoredValue<Option<SharedValue<T>>>);

/// Shared, so that a value is read and changed outside of Leptos's own closures, which are compiled for each use.
type SharedValue<T> = SendWrapper<Rc<RefCell<Option<T>>>>;

impl<T> Clone for BrowserValue<T> {
    fn clone(&self) -> BrowserValue<T> {
        *self
    }
}

impl<T> Copy for BrowserValue<T> {}

impl<T> BrowserValue<T> {
    /// Returns an empty value.
    pub(super) fn empty() -> BrowserValue<T> {
        BrowserValue(StoredValue::new(None))
    }

    /// Stores a value.
    pub(super) fn set(self, value: T) {
        let shared = SendWrapper::new(Rc::new(RefCell::new(Some(value))));
        self.0.set_value(Some(shared));
    }

    /// Takes the value out.
    pub(super) fn take(self) -> Option<T> {
        let shared = self.0.get_value()?;
        shared.borrow_mut().take()
    }

    /// Reads the value; returns the default of the result without one.
    pub(super) fn with<R: Default>(self, read: impl FnOnce(&T) -> R) -> R {
        let shared = self.0.get_value();
        let value = shared.as_ref().map(|shared| shared.borrow());
        value
            .as_deref()
            .and_then(Option::as_ref)
            .map(read)
            .unwrap_or_default()
    }

    /// Changes the value; returns the default of the result without one.
    pub(super) fn update<R: Default>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let shared = self.0.get_value();
        let mut value = shared.as_ref().map(|shared| shared.borrow_mut());
        value
            .as_deref_mut()
            .and_then(Option::as_mut)
            .map(change)
            .unwrap_or_default()
    }
}
