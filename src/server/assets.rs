//! The built front end (style sheet, islands, public files), inside the binary in a release build.
//!
//! Files under `/pkg/<hash>/` never change and are cached for a year; the hash is taken over all of them.

use axum::Router;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};

use crate::config::reload_port;
use crate::state::Assets;

#[derive(Embed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// The files of the front end and their addresses.
pub(super) fn addresses() -> Assets {
    let mut hash = Sha256::new();
    for file in [
        "pkg/routebook.css",
        "pkg/routebook.js",
        "pkg/routebook.wasm",
    ] {
        if let Some(file) = Site::get(file) {
            hash.update(&file.data);
        }
    }
    let reload = reload_port();
    if reload.is_some() {
        // The loop swaps the style sheet by this address, and files change under it.
        return Assets {
            css: "/pkg/routebook.css".to_owned(),
            js: "/pkg/routebook.js".to_owned(),
            wasm: "/pkg/routebook.wasm".to_owned(),
            reload,
        };
    }
    let build: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Assets {
        css: format!("/pkg/{build}/routebook.css"),
        js: format!("/pkg/{build}/routebook.js"),
        wasm: format!("/pkg/{build}/routebook.wasm"),
        reload,
    }
}

/// Routes of the front end's files. A file of another build is a 404, so that pages never mix builds.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(assets: &Assets) -> Router<S> {
    let cache = if assets.reload.is_some() {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    let mut router = Router::new();
    for address in [&assets.css, &assets.js, &assets.wasm] {
        let file = format!("pkg/{}", address.rsplit('/').next().unwrap_or_default());
        router = router.route(
            address,
            get(move |headers: HeaderMap| async move { serve(&file, &headers, cache) }),
        );
    }
    router
        .route(
            "/favicon.svg",
            get(|headers: HeaderMap| async move { serve("favicon.svg", &headers, DAY) }),
        )
        .route(
            "/favicon.ico",
            get(|headers: HeaderMap| async move { serve("favicon.svg", &headers, DAY) }),
        )
        .route(
            "/og.png",
            get(|headers: HeaderMap| async move { serve("og.png", &headers, DAY) }),
        )
}

const DAY: &str = "public, max-age=86400";

fn serve(path: &str, request: &HeaderMap, cache: &'static str) -> Response {
    let Some((file, coding)) = pick(path, request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    let kind = match path {
        "pkg/routebook.wasm" => "application/wasm".to_owned(),
        _ => mime_guess::from_path(path)
            .first_or_octet_stream()
            .to_string(),
    };
    let kind = HeaderValue::from_str(&kind).expect("a media type is a header value");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// The smallest stored form that the client takes.
fn pick(path: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = request
        .get(ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let takes = |coding: &str| {
        accepted.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next() == Some(coding)
                && !parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    for (coding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if takes(coding)
            && let Some(file) = Site::get(&format!("{path}{ending}"))
        {
            return Some((file, Some(coding)));
        }
    }
    Site::get(path).map(|file| (file, None))
}
