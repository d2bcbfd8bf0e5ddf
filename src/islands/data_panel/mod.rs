//! The data panel: shows the visitor's data as it changes, from whatever client, and follows its forms and
//! links without leaving the page.
//!
//! Its content is an HTML fragment of the server (`pages::data_panel`), which is fetched and replaced as a
//! whole. `content` replaces it, `stream` receives the events of the sandbox.

mod content;
mod exchange_list;
mod stream;

use leptos::context::Provider;
use leptos::ev::{Event, FocusEvent, KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    BroadcastChannel, Element, EventSource, FormData, HtmlElement, HtmlFormElement,
    HtmlInputElement, UrlSearchParams,
};

use super::api_client;
use super::browser_value::BrowserValue;
use super::dom::{after, attribute, dispatch, find, focus, listen, local_storage, target};
use super::island_data::{IslandData, data_attribute, island_data};
use crate::components::{DataPanelParts, DataPanelView};
use crate::model::json::Json;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// The key of the storage under which the loader finds that the visitor has a sandbox.
const SANDBOX_MARK: &str = "routebook-sandbox";
/// The question before a reset.
const RESET: &str = ".data-panel-reset";
/// Milliseconds in which several reasons for a refresh become one.
const REFRESH_DELAY: i32 = 60;
/// Milliseconds without input after which the search is sent.
const SEARCH_DELAY: i32 = 200;

/// The keys of the states of the connection that are shown.
const STATES: [&str; 4] = ["loading", "offline", "lost", "failed"];
/// The keys of the words that mark rows.
const MARKS: [&str; 3] = ["added", "changed", "removed"];

/// What a data panel is rendered from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DataPanelData {
    /// The address of the content.
    source: String,
    /// Title, and label of the button that closes; `None` on a page of its own.
    frame: Option<(String, String)>,
    /// The texts of [`STATES`].
    states: Vec<String>,
    /// The texts of [`MARKS`].
    marks: Vec<String>,
}

impl DataPanelData {
    fn new(locale: Locale, is_page: bool, messages: &MessageCatalog) -> DataPanelData {
        let frame = (
            messages.get("data-panel-title"),
            messages.get("data-panel-close"),
        );
        DataPanelData {
            source: format!("/{locale}/data"),
            frame: (!is_page).then_some(frame),
            states: STATES
                .map(|state| messages.get(&["data-panel-", state].concat()))
                .to_vec(),
            marks: MARKS
                .map(|mark| messages.get(&["data-", mark].concat()))
                .to_vec(),
        }
    }
}

impl IslandData for DataPanelData {
    fn from_json(json: &Json) -> Option<DataPanelData> {
        let texts = |name| match json.member(name) {
            Some(Json::Array(texts)) => texts
                .iter()
                .map(|text| text.as_text().map(str::to_owned))
                .collect::<Option<Vec<String>>>(),
            _ => None,
        };
        let frame = texts("frame").and_then(|frame| {
            let [title, close] = frame.try_into().ok()?;
            Some((title, close))
        });
        Some(DataPanelData {
            source: json.member("source")?.as_text()?.to_owned(),
            frame,
            states: texts("states")?,
            marks: texts("marks")?,
        })
    }
}

/// The data panel beside a page, a drawer where there is no room, with the button that opens it. The page is
/// the same for everybody and shows the data that a new sandbox has; the panel fetches the visitor's own when it is
/// hydrated.
#[component]
pub fn DataPanel(
    /// Locale of the page.
    locale: Locale,
    /// Path of the page after the locale, to which the page of the data leads back.
    from: String,
    /// Data of a new sandbox; `None` when it cannot be read.
    parts: Option<DataPanelParts>,
    /// Messages under `data-panel-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let data = DataPanelData::new(locale, false, &words);
    let content = match parts {
        Some(parts) => view! { <DataPanelView parts=parts words=words.clone()/> }.into_any(),
        None => {
            view! { <p class="data-panel-empty">{words.get("data-panel-empty")}</p> }.into_any()
        }
    };
    let page = format!("/{locale}/data?from={from}");
    view! {
        <Provider value=data>
            <DataPanelIsland>
                {content}
                <p class="data-panel-alone"><a href=page>{words.get("data-panel-page")}</a></p>
            </DataPanelIsland>
        </Provider>
    }
}

/// The data panel on a page of its own.
#[component]
pub fn DataPanelPage(
    /// Locale of the page.
    locale: Locale,
    /// Messages under `data-panel-` and `data-`.
    words: MessageCatalog,
    /// The data.
    children: Children,
) -> impl IntoView {
    let data = DataPanelData::new(locale, true, &words);
    let content = children();
    view! { <Provider value=data><DataPanelIsland>{content}</DataPanelIsland></Provider> }
}

/// The island of [`DataPanel`] and [`DataPanelPage`].
#[island]
pub fn DataPanelIsland(
    /// The content.
    children: Children,
) -> impl IntoView {
    let data = island_data::<DataPanelData>();
    let attribute = data_attribute(&data);
    let panel = Panel::new(&data);
    Effect::new(move |_| panel.start());
    let states = STATES.into_iter().zip(data.states).map(|(state, text)| {
        let is_hidden = move || panel.state.get() != Some(state);
        view! { <p class="data-panel-state" data-state=state hidden=is_hidden>{text}</p> }
    });
    let states = states.collect_view();
    let is_framed = data.frame.is_some();
    let opener = data.frame.clone().map(|(title, _)| {
        view! { <button type="button" class="button data-panel-open" popovertarget="data-panel">{title}</button> }
    });
    let head = data.frame.map(|(title, close)| {
        view! {
            <div class="data-panel-head">
                <p id="data-panel-title" class="data-panel-title">{title}</p>
                <button type="button" class="icon-button data-panel-close" popovertarget="data-panel" popovertargetaction="hide">
                    <span aria-hidden="true">"×"</span>
                    <span class="visually-hidden">{close}</span>
                </button>
            </div>
        }
    });
    view! {
        {opener}
        <div id="data-panel" data-island=attribute class=if is_framed { "data-panel" } else { "data-panel-whole" } node_ref=panel.container
            role=is_framed.then_some("complementary") aria-labelledby=is_framed.then_some("data-panel-title")
            popover=is_framed.then_some("manual")
            on:click=move |event| panel.click(&event) on:submit=move |event| panel.submit(&event)
            on:change=move |event| submit_switch(&event) on:input=move |event| panel.input(&event)
            on:toggle=move |_| panel.refresh_if_stale() on:focusout=move |event| panel.focusout(&event)>
            {head}
            <div role="status" class="data-panel-states">{states}</div>
            <p role="status" class="visually-hidden data-panel-message">{move || panel.announcement.get()}</p>
            <div class="data-panel-content" node_ref=panel.content>{children()}</div>
        </div>
    }
}

/// The data panel of the page.
#[derive(Clone, Copy)]
struct Panel {
    source: StoredValue<String>,
    marks: StoredValue<Vec<String>>,
    container: NodeRef<html::Div>,
    content: NodeRef<html::Div>,
    /// The state of the connection that is shown; `None` when all is well.
    state: RwSignal<Option<&'static str>>,
    /// The newest exchange, for screen readers.
    announcement: RwSignal<Option<String>>,
    memory: BrowserValue<PanelMemory>,
}

/// What a panel stores between events.
#[derive(Default)]
struct PanelMemory {
    /// Connects the tabs of the browser.
    channel: Option<BroadcastChannel>,
    stream: Option<EventSource>,
    /// How often the stream was refused since it was last open.
    refusals: u32,
    /// The sandbox that is shown, and the one whose events are received.
    shown_sandbox: Option<String>,
    streamed_sandbox: Option<String>,
    /// Whether the visitor had a sandbox when the page was opened.
    had_sandbox: bool,
    /// The HTML in place.
    html: String,
    /// Only the response to the last request is shown.
    request_sequence: u32,
    is_fetching: bool,
    /// Whether a refresh is due after the current request.
    is_refresh_due: bool,
    timer: Option<i32>,
    /// Where the focus goes with the next content.
    next_focus: Option<String>,
    is_lock_requested: bool,
    is_leader: bool,
    /// Whether one exchange is shown, and not the list.
    is_exchange_open: bool,
    /// Whether something has changed that is not shown.
    is_stale: bool,
    /// Whether this panel is dispatching an event of its own.
    is_dispatching: bool,
    /// When the last event of the sandbox came, in milliseconds of the page.
    last_event_at: f64,
}

impl Panel {
    fn new(data: &DataPanelData) -> Panel {
        Panel {
            source: StoredValue::new(data.source.clone()),
            marks: StoredValue::new(data.marks.clone()),
            container: NodeRef::new(),
            content: NodeRef::new(),
            state: RwSignal::new(None),
            announcement: RwSignal::new(None),
            memory: BrowserValue::empty(),
        }
    }

    /// Begins to listen, once the panel is hydrated.
    fn start(self) {
        self.memory.set(PanelMemory {
            channel: BroadcastChannel::new(stream::NAME).ok(),
            is_exchange_open: self.find("[data-back]").is_some(),
            is_stale: true,
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
            if self.is_drawer_open() && is_wide() {
                self.close_drawer();
            }
        });
        self.listen_to_others();
        self.refresh();
    }

    /// Returns the first element of the content that a selector matches.
    fn find(self, selector: &str) -> Option<HtmlElement> {
        find(self.content.get_untracked()?.as_ref(), selector)
    }

    /// A request of the page was sent; its event may have come already.
    fn sent(self, event: &Event) {
        let sent_at = event.unchecked_ref::<web_sys::CustomEvent>().detail();
        let last_event_at = self.memory.with(|memory| memory.last_event_at);
        if sent_at
            .as_f64()
            .is_none_or(|sent_at| sent_at >= last_event_at)
        {
            self.refresh_soon();
        }
    }

    fn refresh_if_stale(self) {
        if self.memory.with(|memory| memory.is_stale) {
            self.refresh();
        }
    }

    /// Fetches the content, unless nobody would see it.
    fn refresh(self) {
        let container = self.container.get_untracked();
        let is_shown = container.is_some_and(|container| container.offset_width() > 0);
        let is_seen = !document().hidden() && (is_shown || exchange_list::has_history());
        let is_exchange_open = self.memory.with(|memory| memory.is_exchange_open);
        if is_exchange_open || !is_seen || self.is_edited() {
            if is_seen {
                self.fetch_exchanges();
            }
            return self.memory.update(|memory| memory.is_stale = true);
        }
        if self.memory.with(|memory| memory.is_fetching) {
            return self.memory.update(|memory| memory.is_refresh_due = true);
        }
        spawn_local(async move {
            self.show(&self.address(""), None).await;
        });
    }

    /// Returns whether a switch is being edited, which new content would undo.
    fn is_edited(self) -> bool {
        let field = document()
            .active_element()
            .zip(self.content.get_untracked());
        let field = field.filter(|(field, content)| content.contains(Some(field)));
        let field = field.map(|(field, _)| field);
        let field = field.filter(|field| field.matches("form[data-live] input").unwrap_or(false));
        let field: Option<HtmlInputElement> = field.and_then(|field| field.dyn_into().ok());
        field.is_some_and(|field| field.value() != field.default_value())
    }

    /// Refreshes in a moment.
    fn refresh_soon(self) {
        self.memory.update(|memory| memory.is_stale = true);
        self.refresh_after(REFRESH_DELAY);
    }

    fn refresh_after(self, milliseconds: i32) {
        let timer = after(milliseconds, move || self.refresh());
        let old = self
            .memory
            .update(|memory| std::mem::replace(&mut memory.timer, timer));
        if let Some(old) = old {
            window().clear_timeout_with_handle(old);
        }
    }

    /// Returns what is searched for in the exchanges; empty for nothing.
    fn search(self) -> String {
        let field = self.find("#data-panel-q");
        field.map_or_else(String::new, |field| {
            field.unchecked_into::<HtmlInputElement>().value()
        })
    }

    /// Returns the address of the fragment, with the search.
    fn address(self, more: &str) -> String {
        let search = String::from(js_sys::encode_uri_component(&self.search()));
        self.source
            .with_value(|source| [source, "?part&q=", &search, more].concat())
    }

    /// Fetches a fragment, or posts a form for one, and puts it in place. Returns whether that worked: also
    /// when something else was requested meanwhile, if a form was posted.
    async fn show(self, address: &str, form: Option<&UrlSearchParams>) -> bool {
        if api_client::is_offline() {
            self.memory.update(|memory| memory.is_stale = true);
            self.show_state(None);
            return false;
        }
        let sequence = self.memory.update(|memory| {
            memory.is_stale = false;
            memory.is_fetching = true;
            memory.request_sequence += 1;
            memory.request_sequence
        });
        if self.find(".data-panel-empty").is_some() {
            self.show_state(Some("loading"));
        }
        let html = api_client::panel(address, form).await;
        if sequence != self.memory.with(|memory| memory.request_sequence) {
            // What is shown instead may be older than the effect of the form.
            if form.is_some() {
                self.refresh_soon();
            }
            return form.is_some();
        }
        let is_refresh_due = self.memory.update(|memory| {
            memory.is_fetching = false;
            std::mem::take(&mut memory.is_refresh_due)
        });
        if is_refresh_due {
            self.refresh_soon();
        }
        if form.is_none() && self.is_edited() {
            self.memory.update(|memory| memory.is_stale = true);
            return false;
        }
        if let Some(html) = &html
            && self.memory.with(|memory| memory.html != *html)
        {
            self.replace_content(html);
            self.memory.update(|memory| memory.html.clone_from(html));
            self.store_mark();
        }
        if let Some(html) = &html {
            self.publish_exchanges(html);
        }
        let is_exchange_open = self.find("[data-back]").is_some();
        let next_focus = self.memory.update(|memory| {
            memory.is_exchange_open = is_exchange_open;
            memory.next_focus.take()
        });
        if let Some(field) = next_focus.and_then(|selector| self.find(&selector)) {
            focus(&field);
        }
        if html.is_none() {
            self.memory.update(|memory| memory.is_stale = true);
            self.show_state(Some("failed"));
            return false;
        }
        self.show_state(None);
        self.subscribe();
        true
    }

    /// Stores whether the visitor has a sandbox, for which the loader hydrates the panel at once on the next page.
    fn store_mark(self) {
        let Some(storage) = local_storage() else {
            return;
        };
        // Storage that is full only delays the panel on the next page.
        let _ = match self.find("[data-sandbox]") {
            Some(_) => storage.set_item(SANDBOX_MARK, "1"),
            None => storage.remove_item(SANDBOX_MARK),
        };
    }

    /// Shows the state of the connection. Without a network that is the state, whatever has happened.
    fn show_state(self, state: Option<&'static str>) {
        let state = if api_client::is_offline() {
            Some("offline")
        } else {
            state
        };
        self.state.set(state);
    }

    fn click(self, event: &MouseEvent) {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some(link) = target(event, "[data-open],[data-back],[data-share]") else {
            return;
        };
        event.prevent_default();
        if let Some(path) = link.get_attribute("data-share") {
            return spawn_local(self.share(path));
        }
        let open = link.get_attribute("data-open");
        let opened = self.find("[data-of]");
        let opened = opened.and_then(|container| container.get_attribute("data-of"));
        let (address, next_focus) = match &open {
            Some(id) => {
                let id = String::from(js_sys::encode_uri_component(id));
                let address = self.address(&["&open=", &id].concat());
                (address, "[data-back]".to_owned())
            }
            None => (
                self.address(""),
                attribute("data-open", &opened.unwrap_or_default()),
            ),
        };
        self.memory.update(|memory| {
            memory.is_exchange_open = open.is_some();
            memory.next_focus = Some(next_focus);
        });
        spawn_local(async move {
            self.show(&address, None).await;
        });
    }

    /// Copies a link to an exchange.
    async fn share(self, path: String) {
        let origin = window().location().origin().unwrap_or_default();
        let is_copied = api_client::copy(&[origin, path].concat()).await;
        if let Some(message) = self.find("[data-shared]") {
            message.set_hidden(!is_copied);
        }
    }

    fn submit(self, event: &SubmitEvent) {
        event.prevent_default();
        let Some(form) = target(event, "form") else {
            return;
        };
        let form: HtmlFormElement = form.unchecked_into();
        if form.method() == "get" {
            return self.refresh_after(0);
        }
        let data = FormData::new_with_form(&form);
        let fields = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
        let Ok(fields) = fields else { return };
        if let Some(button) = event.submitter()
            && let Some(name) = button.get_attribute("name")
        {
            let value = button.get_attribute("value").unwrap_or_default();
            if value == "reset" {
                self.close_reset();
            }
            fields.append(&name, &value);
        }
        spawn_local(async move {
            if self.show(&self.address(""), Some(&fields)).await {
                self.broadcast(stream::CHANGED);
                self.memory.update(|memory| memory.is_dispatching = true);
                dispatch("routebook-changed", &JsValue::NULL);
                self.memory.update(|memory| memory.is_dispatching = false);
            }
        });
    }

    /// Closes the question before a reset; the focus stays there.
    fn close_reset(self) {
        if let Some(question) = self.find(RESET) {
            let _ = question.remove_attribute("open");
        }
        let focus = [RESET, " > summary"].concat();
        self.memory.update(|memory| memory.next_focus = Some(focus));
    }

    fn input(self, event: &Event) {
        if target(event, "#data-panel-q").is_some() {
            self.refresh_after(SEARCH_DELAY);
        }
    }

    fn focusout(self, event: &FocusEvent) {
        let is_stale = self.memory.with(|memory| memory.is_stale);
        if is_stale && target(event, "form[data-live]").is_some() {
            self.refresh_soon();
        }
    }

    fn keydown(self, event: &KeyboardEvent) {
        if event.key() == "Escape" && !event.default_prevented() && self.is_drawer_open() {
            self.close_drawer();
        }
    }

    fn is_drawer_open(self) -> bool {
        let container = self.container.get_untracked();
        container.is_some_and(|container| container.matches(":popover-open").unwrap_or(false))
    }

    fn close_drawer(self) {
        if let Some(container) = self.container.get_untracked() {
            let _ = container.hide_popover();
        }
        opener().iter().for_each(focus);
    }
}

/// Submits the form of a switch when it is changed.
fn submit_switch(event: &Event) {
    if let Some(form) = target(event, "form[data-live]") {
        // Refused only for a form that is no longer in the page.
        let _ = form.unchecked_ref::<HtmlFormElement>().request_submit();
    }
}

/// Returns whether there is room for the panel: then the button that opens the drawer is not shown.
fn is_wide() -> bool {
    opener().is_none_or(|opener| opener.offset_width() == 0)
}

fn opener() -> Option<HtmlElement> {
    find(&super::dom::root(), ".data-panel-open")
}

/// Returns the id of the newest exchange in the list, empty without one; `None` when there is no list.
fn newest(content: &Element) -> Option<String> {
    find::<Element>(content, ".data-panel-stream")?;
    let link = find::<Element>(content, "[data-open]");
    let id = link.and_then(|link| link.get_attribute("data-open"));
    Some(id.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_the_same_after_a_round_trip() {
        for is_page in [false, true] {
            let data = DataPanelData::new(Locale::En, is_page, &MessageCatalog::default());
            let json = data_attribute(&data).expect("the server writes data");
            let json = Json::parse(json.as_bytes()).expect("the data is JSON");
            assert_eq!(DataPanelData::from_json(&json), Some(data));
        }
    }
}
