//! Hands the list of exchanges to the history of the playground (`workspace::history`), which fetches nothing itself.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::panel::Panel;
use crate::islands::api_client;
use crate::islands::dom::{dispatch, find, root};

/// Returns whether the page has a history.
pub(super) fn has_history() -> bool {
    find::<web_sys::Element>(&root(), ".exchange-history").is_some()
}

impl Panel {
    /// Hands on the content of the panel, if it has all exchanges; otherwise fetches them.
    pub(super) fn publish_exchanges(self, html: &str) {
        if !has_history() {
            return;
        }
        match self.find("[data-back]").is_some() || !self.search().is_empty() {
            true => self.fetch_exchanges(),
            false => dispatch("routebook-exchanges", &html.into()),
        }
    }

    /// Fetches the exchanges for the history alone, while the panel shows something else.
    pub(super) fn fetch_exchanges(self) {
        if !has_history() || api_client::is_offline() {
            return;
        }
        let address = self.source.get_value();
        spawn_local(async move {
            if let Some(html) = api_client::panel(&address, None).await {
                dispatch("routebook-exchanges", &html.into());
            }
        });
    }
}
