//! Opening a `.http` file of the visitor in the text area of the page, and the requests of the page as such a file.

use leptos::ev::{Event, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DragEvent, Element, HtmlFormElement, HtmlTextAreaElement};

use crate::http_file::export;
use crate::islands::api_client;
use crate::islands::dom::{effect, find, listen, listener, origin, set, target};
use crate::islands::island_data::use_messages;
use crate::islands::playground::requests_in_page;

/// The most bytes of a file. As a form they are three times as many, which the server still accepts.
const FILE_MAX: f64 = 65_536.0;

/// The field for a file and the button that downloads the requests of the page, which the server renders. They are inside
/// the form of the text area.
#[island]
pub fn FileTransfer(
    /// A field for a file, and a button with the attribute `data-download`.
    children: Children,
) -> impl IntoView {
    let messages = StoredValue::new(use_messages());
    let status = RwSignal::new(String::new());
    let container = NodeRef::<html::Div>::new();
    let message = move |key: &str, number: &str| {
        messages.with_value(|messages| messages.with(key, &[("number", number)]))
    };
    let open = move |file: JsValue| {
        spawn_local(async move {
            if let Some(container) = container.get_untracked() {
                let problem = open_file(&container, file).await;
                status.set(problem.map(|key| message(key, "")).unwrap_or_default());
            }
        });
    };
    let change = move |event: Event| {
        if let Some(file) = event.target().and_then(|field| first_file(&field)) {
            open(file);
        }
    };
    let click = move |event: MouseEvent| {
        if target(&event, "[data-download]").is_none() {
            return;
        }
        spawn_local(async move {
            // So that other tools use the data of this page.
            let key = api_client::sandbox_key().await.ok();
            let text = export(&requests_in_page(), &origin(), key.as_deref());
            status.set(match text {
                Ok(text) => {
                    api_client::download("requests.http", &text);
                    message("workspace-downloaded", "")
                }
                Err(index) => message("workspace-not-printable", &(index + 1).to_string()),
            });
        });
    };
    effect(move || {
        let editor = container.get();
        let editor = editor.and_then(|container| container.closest(".http-editor").ok()?);
        if let Some(editor) = editor {
            accept_drops(&editor, open);
        }
    });
    view! {
        <div class="file-transfer script-only" node_ref=container on:change=listener(change) on:click=listener(click)>
            {children()}
            <p class="file-status" role="status">{status}</p>
        </div>
    }
}

/// Puts the text of a file into the text area and submits its form, so that the server shows the requests or the error.
/// Returns the key of the message that says why it cannot be read.
async fn open_file(container: &Element, file: JsValue) -> Option<&'static str> {
    let file: Blob = file.unchecked_into();
    if file.size() > FILE_MAX {
        return Some("workspace-file-too-large");
    }
    let text = JsFuture::from(file.text()).await.ok();
    let Some(text) = text.and_then(|text| text.as_string()) else {
        return Some("workspace-file-unreadable");
    };
    let form = container.closest("form").ok().flatten()?;
    let area: HtmlTextAreaElement = find(&form, "textarea")?;
    area.set_value(&text);
    // Refused only for a form that is no longer in the page.
    let _ = form.unchecked_ref::<HtmlFormElement>().request_submit();
    None
}

/// Opens a file that is dropped on the editor.
fn accept_drops(editor: &Element, open: impl Fn(JsValue) + Copy + 'static) {
    let marked = editor.clone();
    listen(editor, "dragover", move |event| {
        event.prevent_default();
        set(&marked, "data-drop", "");
    });
    let marked = editor.clone();
    listen(editor, "dragleave", move |_| unmark(&marked));
    let marked = editor.clone();
    listen(editor, "drop", move |event| {
        unmark(&marked);
        let data = event.unchecked_ref::<DragEvent>().data_transfer();
        // A text is dropped into the text area as usual.
        if let Some(file) = data.and_then(|data| first_file(&data)) {
            event.prevent_default();
            open(file);
        }
    });
}

fn unmark(editor: &Element) {
    let _ = editor.remove_attribute("data-drop");
}

/// Returns the first of the `files` of a field or of what is dropped.
fn first_file(source: &JsValue) -> Option<JsValue> {
    let files = js_sys::Reflect::get(source, &"files".into()).ok()?;
    let file = js_sys::Reflect::get_u32(&files, 0).ok()?;
    (!file.is_undefined()).then_some(file)
}
