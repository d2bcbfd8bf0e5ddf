//! The drawer that the panel is where there is no room beside the page.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::panel::Panel;
use crate::islands::dom::{find, focus, root};

impl Panel {
    pub(super) fn keydown(self, event: &KeyboardEvent) {
        if event.key() == "Escape" && !event.default_prevented() && self.is_drawer_open() {
            self.close_drawer();
        }
    }

    /// Closes the drawer when the window has become wide enough for the panel beside the page.
    pub(super) fn close_drawer_beside_page(self) {
        if self.is_drawer_open() && is_wide() {
            self.close_drawer();
        }
    }

    /// Hides the drawer, because a link in it leads to a form on this page. The form gets the focus.
    pub(super) fn leave_drawer(self) {
        if self.is_drawer_open() {
            self.hide_drawer();
        }
    }

    fn is_drawer_open(self) -> bool {
        let container = self.container.get_untracked();
        container.is_some_and(|container| container.matches(":popover-open").unwrap_or(false))
    }

    fn hide_drawer(self) {
        if let Some(container) = self.container.get_untracked() {
            let _ = container.hide_popover();
        }
    }

    fn close_drawer(self) {
        self.hide_drawer();
        opener().iter().for_each(focus);
    }
}

/// Returns whether there is room for the panel: then the button that opens the drawer is not shown.
fn is_wide() -> bool {
    opener().is_none_or(|opener| opener.offset_width() == 0)
}

fn opener() -> Option<HtmlElement> {
    find(&root(), ".data-panel-open")
}
