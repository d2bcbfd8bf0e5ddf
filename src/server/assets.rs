//! The built front end: style sheets, islands, public files.
//!
//! Files under `/pkg/<hash>/` never change and are cached for a year; the hash covers the content
//! of all of them.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::config::reload_port;
use crate::server::coding::Coding;
use crate::state::{Assets, SiteFile, StyleSheet};

/// Returns the content of a file of the front end in the folder in which it is built.
pub(super) fn file_on_disk(path: &str) -> Option<Cow<'static, [u8]>> {
    std::fs::read(Path::new("target/site").join(path))
        .ok()
        .map(Cow::Owned)
}

/// The file of all style sheets in one, which `make dev` builds.
const ALL_STYLES: &str = "pkg/routebook.css";

/// Returns the style sheets and the addresses of the other files of the front end.
pub(super) fn addresses(find_file: SiteFile) -> Assets {
    let mut hash = Sha256::new();
    let files = StyleSheet::ALL.map(StyleSheet::file);
    for file in files
        .into_iter()
        .chain(["pkg/routebook.js", "pkg/routebook.wasm"])
    {
        if let Some(file) = find_file(file) {
            hash.update(&file);
        }
    }
    let styles = files.map(|file| {
        let style = find_file(file).map(|file| String::from_utf8_lossy(&file).into_owned());
        // In a CSS string `\/` means `/`; in HTML an unescaped `</` would end the element.
        Arc::from(style.unwrap_or_default().replace("</", "<\\/"))
    });
    let reload = reload_port();
    if reload.is_some() {
        // During development the style sheets are reloaded by this address, and the files change
        // without a new hash.
        return Assets {
            styles,
            css: Some(format!("/{ALL_STYLES}")),
            response_css: format!("/{}", StyleSheet::Response.file()),
            js: "/pkg/routebook.js".to_owned(),
            wasm: "/pkg/routebook.wasm".to_owned(),
            reload,
            find_file,
        };
    }
    let build: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Assets {
        styles,
        css: None,
        response_css: format!("/pkg/{build}/response.css"),
        js: format!("/pkg/{build}/routebook.js"),
        wasm: format!("/pkg/{build}/routebook.wasm"),
        reload,
        find_file,
    }
}

/// Returns the routes of the front end's files. A file of another build is a 404, so that a page
/// never mixes files of two builds.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(assets: &Assets) -> Router<S> {
    let cache = if assets.reload.is_some() {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    let serve = {
        let find_file = assets.find_file;
        move |path: &str, headers: &HeaderMap, cache| serve(find_file, path, headers, cache)
    };
    let mut router = Router::new();
    let addresses = [&assets.js, &assets.wasm, &assets.response_css];
    for address in addresses.into_iter().chain(&assets.css) {
        let file = format!("pkg/{}", address.rsplit('/').next().unwrap_or_default());
        router = router.route(
            address,
            get(move |headers: HeaderMap| async move { serve(&file, &headers, cache) }),
        );
    }
    router
        .route(
            "/favicon.svg",
            get(move |headers: HeaderMap| async move { serve("favicon.svg", &headers, DAY) }),
        )
        .route(
            "/favicon.ico",
            get(move |headers: HeaderMap| async move { serve("favicon.svg", &headers, DAY) }),
        )
        .route(
            "/og.png",
            get(move |headers: HeaderMap| async move { serve("og.png", &headers, DAY) }),
        )
}

/// The caching of files whose address has no hash.
const DAY: &str = "public, max-age=86400";

fn serve(find_file: SiteFile, path: &str, request: &HeaderMap, cache: &'static str) -> Response {
    let Some((file, coding)) = find_stored(find_file, path, request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = body(file).into_response();
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
    if let Some(token) = coding.token() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    response
}

/// Returns the stored form of a file in the coding that the client prefers.
fn find_stored(
    find_file: SiteFile,
    path: &str,
    request: &HeaderMap,
) -> Option<(Cow<'static, [u8]>, Coding)> {
    let stored = |coding: &Coding| {
        let ending = match coding {
            Coding::Brotli => ".br",
            Coding::Gzip => ".gz",
            Coding::Identity => "",
        };
        Some((find_file(&format!("{path}{ending}"))?, *coding))
    };
    let codings: Vec<Coding> = Coding::ALL
        .into_iter()
        .filter(|coding| stored(coding).is_some())
        .collect();
    stored(&Coding::negotiate(request, &codings))
}

/// Returns the bytes of a file; those in the binary are borrowed, not copied.
fn body(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_file_is_borrowed() {
        static FILE: &[u8] = b"a file in the binary";
        assert_eq!(body(Cow::Borrowed(FILE)).as_ptr(), FILE.as_ptr());
        assert_eq!(body(Cow::Owned(FILE.to_vec())), FILE);
    }
}
