//! The offer to restore the starting data of a lesson. It is about the data with which the page was opened: what
//! the requests of the lesson itself change is no reason for it.

use web_sys::HtmlElement;

use super::panel::Panel;
use crate::islands::dom::{focus, session_storage};

impl Panel {
    /// Shows the offer if the users already differed when the page was opened and the reader has not dismissed it.
    /// Called with each new content.
    pub(super) fn update_offer(self) {
        // One exchange is shown, and not the users.
        if self.find(".data-panel-users").is_none() {
            return;
        }
        let offer = self.find("[data-offer]");
        let is_dismissed = offer.as_ref().is_some_and(is_dismissed);
        let is_offer_due = self.memory.update(|memory| {
            memory.is_offer_due &= offer.is_some() && !is_dismissed;
            memory.is_offer_due
        });
        if let Some(offer) = offer {
            offer.set_hidden(!is_offer_due);
        }
    }

    /// Hides the offer in this tab. The focus goes to the control that does the same later.
    pub(super) fn dismiss_offer(self) {
        let Some(offer) = self.find("[data-offer]") else {
            return;
        };
        if let Some(storage) = session_storage() {
            // Where storage is refused or full, the offer comes back with the next page.
            let _ = storage.set_item(&storage_key(&offer), "");
        }
        self.memory.update(|memory| memory.is_offer_due = false);
        offer.set_hidden(true);
        let restore = self.find(".data-panel-users > form .data-panel-reset > summary");
        restore.iter().for_each(focus);
    }
}

fn is_dismissed(offer: &HtmlElement) -> bool {
    let stored = session_storage().map(|storage| storage.get_item(&storage_key(offer)));
    matches!(stored, Some(Ok(Some(_))))
}

/// Returns the key in session storage under which the offer of a lesson is marked as dismissed.
fn storage_key(offer: &HtmlElement) -> String {
    let lesson = offer.get_attribute("data-offer").unwrap_or_default();
    ["routebook-offer:", &lesson].concat()
}
