//! Pasting of a curl command or of a whole address into the address field.

use leptos::prelude::*;
use web_sys::ClipboardEvent;

use super::form::{Form, Notice};
use crate::islands::dom::origin;
use crate::model::http::target_of_address;
use crate::snippet::{CurlError, from_curl};

impl Form {
    /// Fills the form with what is pasted, if it is a curl command or an address of this site. Any other text is pasted
    /// as usual.
    pub(super) fn paste(self, event: &ClipboardEvent) {
        let data = event.clipboard_data();
        let text = data.and_then(|data| data.get_data("text").ok());
        if text.is_some_and(|text| self.fill_from(&text)) {
            event.prevent_default();
        }
    }

    /// Fills the form from a curl command or an address of this site; returns whether the text is one.
    pub(super) fn fill_from(self, text: &str) -> bool {
        let origin = origin();
        if let Some(target) = target_of_address(text, &origin) {
            self.draft.write_target(target.to_owned());
            return true;
        }
        let message = match from_curl(text, &origin) {
            None => return false,
            Some(Ok(draft)) => {
                self.errors.set(None);
                self.write(&draft);
                // Another host is named at once.
                if let Err(error) = untrack(|| self.sendable(&draft)) {
                    self.show_errors(error);
                }
                self.message("request-pasted")
            }
            Some(Err(CurlError::NoAddress)) => self.message("request-pasted-no-address"),
            Some(Err(CurlError::Option(name))) => {
                self.message_with("request-pasted-option", &[("name", &name)])
            }
            Some(Err(CurlError::File(name))) => {
                self.message_with("request-pasted-file", &[("name", &name)])
            }
        };
        self.notice.set(Some(Notice {
            message,
            text: None,
        }));
        true
    }
}
