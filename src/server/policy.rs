//! The Content-Security-Policy, with the hashes of the constant inline scripts and style sheets.
//!
//! The hashes of the scripts are computed from a rendered page, so they cover every inline script. They are valid
//! for every page, because no inline script depends on the request.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::state::Assets;

/// A page that exists on every site and shows no user data.
const SAMPLE_PATH: &str = "/en/no-such-page";

/// Renders a page and returns the policy of all pages.
///
/// # Errors
/// When the page cannot be rendered or has no script, which means that no island would hydrate.
pub(super) async fn content_security_policy(
    pages: Router,
    assets: &Assets,
) -> anyhow::Result<String> {
    let response = pages
        .oneshot(Request::get(SAMPLE_PATH).body(Body::empty())?)
        .await?;
    let html = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
    let html = std::str::from_utf8(&html)?;
    let hashes: Vec<String> = inline_scripts(html).map(hash).collect();
    let styles: Vec<String> = assets.styles.iter().map(|style| hash(style)).collect();
    anyhow::ensure!(
        !hashes.is_empty(),
        "a rendered page has no inline script: {html}"
    );
    // During development only, pages open a socket on another port to be notified of reloads.
    let reload = assets
        .reload
        .map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"))
        .unwrap_or_default();
    Ok(format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {hashes}; style-src 'self' {styles}; img-src 'self'; \
         font-src 'self'; connect-src 'self'{reload}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hashes = hashes.join(" "),
        styles = styles.join(" "),
    ))
}

/// Returns the texts of a page's inline scripts that a browser runs.
pub(super) fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        let is_run = !attributes.contains("application/") && !attributes.contains(" src=");
        is_run.then_some(text)
    })
}

/// Returns the source expression of a script or style sheet hash (CSP level 3, section 2.3.1).
pub(super) fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}
