//! The state of a data panel, and the events that it follows.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, EventSource, HtmlElement};

use super::data::DataPanelData;
use crate::islands::browser_value::BrowserValue;
use crate::islands::dom::{find, listen, local_storage};
use crate::islands::playground::page_session::PageSession;

/// The name of the lock and of the channel that the tabs of a browser share.
pub(super) const NAME: &str = "routebook-data-panel";
/// The key of the storage under which the loader finds that the visitor has a sandbox.
const SANDBOX_MARK: &str = "routebook-sandbox";

/// The data panel of the page.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) source: StoredValue<String>,
    pub(super) marks: StoredValue<Vec<String>>,
    pub(super) container: NodeRef<html::Div>,
    pub(super) content: NodeRef<html::Div>,
    /// The state of the connection that is shown; `None` when all is well.
    pub(super) state: RwSignal<Option<&'static str>>,
    /// The newest exchange, for screen readers.
    pub(super) announcement: RwSignal<Option<String>>,
    /// The session of the request forms, which a reset ends.
    pub(super) session: Option<PageSession>,
    pub(super) memory: BrowserValue<PanelMemory>,
}

/// What a panel stores between events.
#[derive(Default)]
pub(super) struct PanelMemory {
    /// Connects the tabs of the browser.
    pub(super) channel: Option<BroadcastChannel>,
    pub(super) stream: Option<EventSource>,
    /// Why no events come, as far as this tab knows: the key of a state.
    pub(super) stream_state: Option<&'static str>,
    /// How often the stream was refused since it was last open.
    pub(super) refusals: u32,
    /// The sandbox that is shown, and the one whose events are received.
    pub(super) shown_sandbox: Option<String>,
    pub(super) streamed_sandbox: Option<String>,
    /// Whether the visitor had a sandbox when the page was opened.
    pub(super) had_sandbox: bool,
    /// The HTML in place.
    pub(super) html: String,
    /// Only the response to the last request is shown.
    pub(super) request_sequence: u32,
    pub(super) is_fetching: bool,
    /// Whether a refresh is due after the current request.
    pub(super) is_refresh_due: bool,
    pub(super) timer: Option<i32>,
    /// Where the focus goes with the next content.
    pub(super) next_focus: Option<String>,
    pub(super) is_lock_requested: bool,
    pub(super) is_leader: bool,
    /// Whether one exchange is shown, and not the list.
    pub(super) is_exchange_open: bool,
    /// Whether the offer to restore the data of the lesson is shown if the server makes it.
    pub(super) is_offer_due: bool,
    /// Whether something has changed that is not shown.
    pub(super) is_stale: bool,
    /// Whether this panel is dispatching an event of its own.
    pub(super) is_dispatching: bool,
    /// When the last event of the sandbox came, in milliseconds of the page.
    pub(super) last_event_at: f64,
}

impl Panel {
    pub(super) fn new(data: &DataPanelData) -> Panel {
        Panel {
            source: StoredValue::new(data.source.clone()),
            marks: StoredValue::new(data.marks.clone()),
            container: NodeRef::new(),
            content: NodeRef::new(),
            state: RwSignal::new(None),
            announcement: RwSignal::new(None),
            session: use_context(),
            memory: BrowserValue::empty(),
        }
    }

    /// Begins to listen, once the panel is hydrated.
    pub(super) fn start(self) {
        self.memory.set(PanelMemory {
            channel: BroadcastChannel::new(NAME).ok(),
            is_exchange_open: self.find("[data-back]").is_some(),
            is_stale: true,
            is_offer_due: true,
            had_sandbox: local_storage().is_some_and(|storage| {
                storage
                    .get_item(SANDBOX_MARK)
                    .is_ok_and(|mark| mark.is_some())
            }),
            ..PanelMemory::default()
        });
        listen(&document(), "keydown", move |event| {
            self.keydown(event.unchecked_ref());
        });
        listen(&document(), "visibilitychange", move |_| {
            self.refresh_if_stale()
        });
        listen(&document(), "routebook-sent", move |event| self.sent(event));
        listen(&document(), "routebook-changed", move |_| {
            if !self.memory.with(|memory| memory.is_dispatching) {
                self.refresh_soon();
            }
        });
        listen(&window(), "resize", move |_| {
            self.close_drawer_beside_page()
        });
        listen(&window(), "hashchange", move |_| self.leave_drawer());
        self.listen_to_others();
        self.refresh();
    }

    /// Returns the first element of the content that a selector matches.
    pub(super) fn find(self, selector: &str) -> Option<HtmlElement> {
        find(self.content.get_untracked()?.as_ref(), selector)
    }

    /// Stores whether the visitor has a sandbox, for which the loader hydrates the panel at once on the next page.
    pub(super) fn store_mark(self) {
        let Some(storage) = local_storage() else {
            return;
        };
        // Storage that is full only delays the panel on the next page.
        let _ = match self.find("[data-sandbox]") {
            Some(_) => storage.set_item(SANDBOX_MARK, "1"),
            None => storage.remove_item(SANDBOX_MARK),
        };
    }
}
