//! Opening a `.http` file of the visitor in the text area of the page, and the requests of the page as such a file.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DragEvent, Element, HtmlFormElement, HtmlTextAreaElement};

use crate::http_file::export;
use crate::islands::api_client;
use crate::islands::dom::{find, listen, origin, set};
use crate::islands::island_data::use_messages;
use crate::islands::playground::requests_in_page;

/// The most bytes of a file. As a form they are three times as many, which the server still accepts.
const FILE_MAX: f64 = 65_536.0;

/// The field for a file, and the button that downloads the requests of the page. It is inside the form of the text area.
#[island]
pub fn FileTransfer() -> impl IntoView {
    let messages = use_messages();
    let status = RwSignal::new(String::new());
    let container = NodeRef::<html::Div>::new();
    let texts = StoredValue::new(messages.clone());
    let message = move |key: &str, number: &str| {
        texts.with_value(|texts| texts.with(key, &[("number", number)]))
    };
    let open = move |file: JsValue| {
        spawn_local(async move {
            let key = match container.get_untracked() {
                Some(container) => open_file(&container, file).await,
                None => return,
            };
            status.set(key.map(|key| message(key, "")).unwrap_or_default());
        });
    };
    let change = move |event: Event| {
        if let Some(file) = event.target().and_then(|field| first_file(&field)) {
            open(file);
        }
    };
    let download = move |_| {
        spawn_local(async move {
            // So that other tools use the data of this page.
            let key = api_client::sandbox_key().await.ok();
            status.set(
                match export(&requests_in_page(), &origin(), key.as_deref()) {
                    Ok(text) => {
                        api_client::download("requests.http", &text);
                        message("workspace-downloaded", "")
                    }
                    Err(index) => message("workspace-not-printable", &(index + 1).to_string()),
                },
            );
        });
    };
    Effect::new(move |_| {
        let editor = container.get();
        let editor = editor.and_then(|container| container.closest(".http-editor").ok()?);
        if let Some(editor) = editor {
            accept_drops(&editor, open);
        }
    });
    view! {
        <div class="file-transfer script-only" node_ref=container>
            <label class="button">
                {messages.get("workspace-open-file")}
                <input type="file" accept=".http,.rest,.txt,text/plain" on:change=change/>
            </label>
            <button type="button" class="button" on:click=download>{messages.get("workspace-download")}</button>
            <p class="quiet">{messages.get("workspace-file-hint")}</p>
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
