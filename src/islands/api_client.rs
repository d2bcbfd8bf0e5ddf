//! Sends requests from the browser. Compiled on both targets, called only from event handlers.
//!
//! Before the first request of a page, the visitor's sandbox is created or found, so that all requests
//! change the visitor's own data; the forms of the page share one request for it.

use std::cell::RefCell;

use js_sys::{Array, Promise, Reflect, Uint8Array};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortController, Headers, HtmlElement, RequestInit, Response, UrlSearchParams};

use crate::islands::dom::{after, session_storage, set};
use crate::model::html::FRAGMENT_FIELD;
use crate::model::http::{Header, HttpResponse, RequestDraft, ResponseBody, normalize_target_of};
use crate::model::json::Json;

/// How long a response may take, in milliseconds.
const TIMEOUT: i32 = 10_000;

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendError {
    /// The browser knows that it has no network.
    Offline,
    /// Nobody answered.
    Unreachable,
    /// No response came within 10 s.
    Timeout,
    /// The reader cancelled.
    Cancelled,
    /// The browser does not send such a request.
    Refused,
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SendOptions {
    /// Without cookies, and without keeping any.
    pub(super) omit_credentials: bool,
    /// A redirection is not followed; the browser then hides all of it.
    pub(super) stop_at_redirects: bool,
    /// The browser may answer from its cache and store the response.
    pub(super) use_cache: bool,
}

impl SendError {
    /// The key of its words.
    pub(super) fn key(self) -> &'static str {
        match self {
            SendError::Offline => "send-offline",
            SendError::Unreachable => "send-unreachable",
            SendError::Timeout => "send-timeout",
            SendError::Cancelled => "send-cancelled",
            SendError::Refused => "send-refused",
        }
    }
}

/// Sends a draft as it is and waits for the whole response.
///
/// # Errors
/// [`SendError`]; a response of any status is not an error.
pub(super) async fn send(
    draft: &RequestDraft,
    options: SendOptions,
    cancel: &AbortController,
) -> Result<HttpResponse, SendError> {
    let target =
        normalize_target_of(&draft.method, &draft.target).map_err(|_| SendError::Refused)?;
    let headers = Headers::new().map_err(|_| SendError::Refused)?;
    for header in &draft.headers {
        // `fetch` takes one character for each byte (Fetch Standard, section 2.2.2), and sends UTF-8 as copied code does.
        let value: String = header.value.bytes().map(char::from).collect();
        headers
            .append(&header.name, &value)
            .map_err(|_| SendError::Refused)?;
    }
    let init = RequestInit::new();
    init.set_method(&draft.method);
    init.set_headers(&headers);
    init.set_signal(Some(&cancel.signal()));
    init.set_cache(match options.use_cache {
        true => web_sys::RequestCache::Default,
        false => web_sys::RequestCache::NoStore,
    });
    if options.omit_credentials {
        init.set_credentials(web_sys::RequestCredentials::Omit);
    }
    if options.stop_at_redirects {
        init.set_redirect(web_sys::RequestRedirect::Manual);
    }
    if !draft.body.is_empty() {
        // Bytes, so that the browser adds no Content-Type of its own.
        init.set_body(&Uint8Array::from(draft.body.as_bytes()));
    }
    let request =
        web_sys::Request::new_with_str_and_init(&target, &init).map_err(|_| SendError::Refused)?;
    let timed = cancel.clone();
    let timeout = after(TIMEOUT, move || {
        timed.abort_with_reason(&JsValue::from_str("timeout"));
    });
    let started = now();
    let response = receive(window().fetch_with_request(&request), started).await;
    if let Some(timeout) = timeout {
        window().clear_timeout_with_handle(timeout);
    }
    response.map_err(|()| {
        let signal = cancel.signal();
        match (signal.aborted(), signal.reason().as_string().as_deref()) {
            (true, Some("timeout")) => SendError::Timeout,
            (true, _) => SendError::Cancelled,
            (false, _) if is_offline() => SendError::Offline,
            (false, _) => SendError::Unreachable,
        }
    })
}

async fn receive(promise: Promise, started: f64) -> Result<HttpResponse, ()> {
    let response: Response = JsFuture::from(promise)
        .await
        .map_err(|_| ())?
        .unchecked_into();
    let content = response.array_buffer().map_err(|_| ())?;
    let content = JsFuture::from(content).await.map_err(|_| ())?;
    let milliseconds = (now() - started).round() as u32;
    let headers = Array::from(&response.headers())
        .iter()
        .map(|pair| {
            let pair: Array = pair.unchecked_into();
            Header::new(
                pair.get(0).as_string().unwrap_or_default(),
                pair.get(1).as_string().unwrap_or_default(),
            )
        })
        .collect();
    Ok(HttpResponse::new(
        response.status(),
        headers,
        Uint8Array::new(&content).to_vec(),
        milliseconds,
    ))
}

/// Whether the browser knows that it has no network.
pub(super) fn is_offline() -> bool {
    !window().navigator().on_line()
}

/// Returns the time in milliseconds since the page was opened.
pub(super) fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Fetches the content of the data panel, or posts a form for it; `None` when it cannot be had. The errors of a
/// form are such a content, too.
pub(super) async fn panel(address: &str, form: Option<&UrlSearchParams>) -> Option<String> {
    let init = RequestInit::new();
    if let Some(form) = form {
        init.set_method("POST");
        init.set_body(form);
    }
    let cancel = AbortController::new().ok()?;
    init.set_signal(Some(&cancel.signal()));
    let timeout = after(TIMEOUT, move || cancel.abort());
    let response = window().fetch_with_str_and_init(address, &init);
    let html = async {
        let response: Response = JsFuture::from(response).await.ok()?.unchecked_into();
        match response.ok() || form.is_some() {
            true => fragment(&response).await,
            false => None,
        }
    };
    let html = html.await;
    if let Some(timeout) = timeout {
        window().clear_timeout_with_handle(timeout);
    }
    html
}

/// A part of a page, as HTML; `None` when it cannot be had.
pub(super) async fn page(target: &str) -> Option<String> {
    let response = JsFuture::from(window().fetch_with_str(target)).await.ok()?;
    let response: Response = response.unchecked_into();
    match response.ok() {
        true => fragment(&response).await,
        false => None,
    }
}

/// Fetches JSON that this site sends for its pages; `None` when it cannot be had.
pub(super) async fn json(address: &str) -> Option<Json> {
    let response = JsFuture::from(window().fetch_with_str(address))
        .await
        .ok()?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    let text = text.as_string().filter(|_| response.ok())?;
    Json::parse(text.as_bytes()).ok()
}

/// The HTML of a response that is a part of a page; `None` for any other response, whose text must
/// not become part of a page: that of a proxy, of another origin, of another type.
async fn fragment(response: &Response) -> Option<String> {
    let origin = window().location().origin().ok()?;
    let path = response.url();
    let path = path.strip_prefix(&origin)?;
    let content_type = response.headers().get("content-type").ok()??;
    let media_type = content_type.split(';').next().unwrap_or_default();
    let is_html = media_type.trim().eq_ignore_ascii_case("text/html");
    let is_marked = response.headers().has(FRAGMENT_FIELD).ok()?;
    if !(path.starts_with('/') && is_html && is_marked) {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    text.as_string().filter(|text| !text.is_empty())
}

/// Returns an address under which the browser keeps the body of a response, until it is revoked.
pub(super) fn object_url(response: &HttpResponse) -> Option<String> {
    match &response.body {
        ResponseBody::Text(text) => url_of_bytes(text.as_bytes()),
        ResponseBody::Bytes(bytes) => url_of_bytes(bytes),
    }
}

/// Lets the browser save a text as a file.
pub(super) fn download(name: &str, text: &str) {
    let Some(url) = url_of_bytes(text.as_bytes()) else {
        return;
    };
    if let Ok(link) = document().create_element("a") {
        set(&link, "href", &url);
        set(&link, "download", name);
        link.unchecked_ref::<HtmlElement>().click();
    }
    revoke_object_url(&url);
}

fn url_of_bytes(bytes: &[u8]) -> Option<String> {
    let bytes = Uint8Array::from(bytes);
    let blob = web_sys::Blob::new_with_u8_array_sequence(&Array::of1(&bytes)).ok()?;
    web_sys::Url::create_object_url_with_blob(&blob).ok()
}

/// Releases the body of an address.
pub(super) fn revoke_object_url(url: &str) {
    // Refused only for an address that is none of an object.
    let _ = web_sys::Url::revoke_object_url(url);
}

/// The name under which session storage holds the key of the sandbox, so that the next pages of the tab need not ask
/// for it. The loader reads it too.
const SANDBOX_NAME: &str = "routebook-sandbox";

thread_local! {
    /// The key of the sandbox, once it is known.
    static SANDBOX_KEY: RefCell<Option<String>> = const { RefCell::new(None) };
    /// The request for the key, which all forms of the page share.
    static PENDING_KEY: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Returns the key of the visitor's sandbox, which is created when there is none.
///
/// # Errors
/// When the server does not respond or creates no more sandboxes.
pub(super) async fn sandbox_key() -> Result<String, SendError> {
    if let Some(key) = known_sandbox_key() {
        return Ok(key);
    }
    let promise = PENDING_KEY.with_borrow_mut(|pending| {
        let request = || {
            // The loader sees that the sandbox is being requested.
            store_sandbox_key(Some(""));
            future_to_promise(async {
                Ok(request_key().await.map_or(JsValue::NULL, JsValue::from))
            })
        };
        pending.get_or_insert_with(request).clone()
    });
    let key = JsFuture::from(promise).await.ok();
    let key = key.and_then(|key| key.as_string());
    PENDING_KEY.set(None);
    set_sandbox_key(key.clone());
    key.ok_or(SendError::Unreachable)
}

/// Returns the key of the visitor's sandbox, if this tab has seen it.
pub(super) fn known_sandbox_key() -> Option<String> {
    let stored = || {
        let stored = session_storage()?.get_item(SANDBOX_NAME).ok().flatten();
        stored.filter(|key| !key.is_empty())
    };
    SANDBOX_KEY.with_borrow(Clone::clone).or_else(stored)
}

fn store_sandbox_key(key: Option<&str>) {
    if let Some(storage) = session_storage() {
        // Where storage is refused or full, only this page has the key.
        let _ = match key {
            Some(key) => storage.set_item(SANDBOX_NAME, key),
            None => storage.remove_item(SANDBOX_NAME),
        };
    }
}

/// Stores the key of the sandbox; without one, the next request asks for it.
pub(super) fn set_sandbox_key(key: Option<String>) {
    store_sandbox_key(key.as_deref());
    SANDBOX_KEY.set(key);
}

/// Takes over the request for the key that the loader has sent while the module was loading.
#[wasm_bindgen]
pub fn set_sandbox_request(request: Promise) {
    if known_sandbox_key().is_none() {
        PENDING_KEY.with_borrow_mut(|pending| *pending = Some(request));
    }
}

/// Requests the key of the sandbox; the API creates one unless there is one.
async fn request_key() -> Option<String> {
    let draft = RequestDraft {
        method: "POST".to_owned(),
        target: "/api/sandbox".to_owned(),
        ..RequestDraft::default()
    };
    let cancel = AbortController::new().ok()?;
    let response = send(&draft, SendOptions::default(), &cancel).await.ok()?;
    let json = Json::parse(response.body.text()?.as_bytes()).ok()?;
    json.member("key")?.as_text().map(str::to_owned)
}

/// Copies a text; `false` when the browser does not let it.
pub(super) async fn copy(text: &str) -> bool {
    // Not there at all outside of a secure context.
    let navigator = window().navigator();
    match Reflect::get(&navigator, &JsValue::from_str("clipboard")) {
        Ok(clipboard) if !clipboard.is_undefined() => {
            JsFuture::from(navigator.clipboard().write_text(text))
                .await
                .is_ok()
        }
        _ => false,
    }
}
