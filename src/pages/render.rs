//! Renders a view into a whole HTML page.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use leptos::nonce::Nonce;
use leptos::prelude::*;
use leptos::reactive::owner::take_context;

use crate::api::SharedResponse;
use crate::model::html::FRAGMENT_FIELD;
use crate::pages::layout::layout;
use crate::pages::reader::PageRequest;
use crate::pages::shell::shell;
use crate::state::AppState;

/// What a page says about itself.
#[derive(Clone, Debug)]
pub struct PageMeta {
    /// Who reads it, and in which language.
    pub reader: PageRequest,
    /// Its title, without the site's.
    pub title: String,
    /// One sentence for search engines.
    pub description: String,
    /// Its path behind the language (`/methods/get`), when it has the same in every language.
    pub path: Option<String>,
    /// Status of the reply.
    pub status: StatusCode,
    /// Set when the page is the same for every anonymous visitor.
    pub shared: Option<SharedResponse>,
}

impl PageMeta {
    /// A page that is there.
    pub fn new(reader: PageRequest, title: impl Into<String>, path: impl Into<String>) -> PageMeta {
        PageMeta {
            reader,
            title: title.into(),
            description: String::new(),
            path: Some(path.into()),
            status: StatusCode::OK,
            shared: None,
        }
    }

    /// Declares that the page depends on its path only, for every anonymous visitor: not on cookies,
    /// other header fields, or the visitor's data. The server keeps the page in memory.
    pub fn share(&mut self) {
        let (locale, path) = (self.reader.locale, self.path.as_deref());
        self.shared = path.map(|path| SharedResponse::new(format!("/{locale}{path}")));
    }

    /// As [`PageMeta::share`], for a page that does not read its query either.
    pub fn share_for_any_query(&mut self) {
        self.share();
        self.shared = self.shared.take().map(SharedResponse::ignoring_query);
    }
}

/// Lets Leptos render on tokio; once at start. Doing it again is harmless.
pub fn initialise() {
    // Refused only when it is set already.
    let _ = any_spawner::Executor::init_tokio();
}

/// A part of a page, marked as one for the script that puts it into a page.
pub fn fragment(status: StatusCode, html: String) -> Response {
    let mark = [(FRAGMENT_FIELD, "1")];
    (status, mark, Html(html)).into_response()
}

/// Renders a page: `content` within the frame that every page has.
pub async fn render<V: IntoView + 'static>(
    state: &AppState,
    meta: PageMeta,
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let status = meta.status;
    let is_anonymous = meta.reader.viewer.is_none();
    let shared = meta.shared.clone().filter(|_| is_anonymous);
    let context = move || {
        // The policy names scripts by their hashes; a nonce would only make every copy of a page differ.
        take_context::<Nonce>();
    };
    let state = state.clone();
    let app = move || {
        let page = layout(&state, &meta, content().into_any());
        shell(&state, &meta, page.into_any())
    };
    let handler = leptos_axum::render_app_async_with_context(context, app);
    let mut response = handler(Request::new(Body::empty())).await;
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let cache = headers.entry(CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("private, no-cache"));
    headers.append(VARY, HeaderValue::from_static("Cookie"));
    if let Some(shared) = shared {
        response.extensions_mut().insert(shared);
    }
    response
}
