//! The Content-Security-Policy, with the hashes of the constant inline scripts and style sheet.
//!
//! The hashes are taken from a page as it is really rendered, so a new inline script cannot be
//! forgotten here. They hold for every page because no inline script depends on who asks.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

/// A page that is there on every site and shows no user data.
const SAMPLE: &str = "/en/no-such-page";

/// Renders a page and writes the policy that it and all others are served under.
///
/// # Errors
/// When the page cannot be rendered or has no script, which means that the islands would not wake.
pub(super) async fn content_security_policy(
    pages: Router,
    reload: Option<u16>,
) -> anyhow::Result<String> {
    let reply = pages
        .oneshot(Request::get(SAMPLE).body(Body::empty())?)
        .await?;
    let html = axum::body::to_bytes(reply.into_body(), 1 << 20).await?;
    let html = std::str::from_utf8(&html)?;
    let hashes: Vec<String> = inline_scripts(html).map(hash).collect();
    // Only while developing, pages link to the style sheet.
    let styles: Vec<String> = match reload {
        Some(_) => vec!["'self'".to_owned()],
        None => inline_styles(html).map(hash).collect(),
    };
    anyhow::ensure!(!styles.is_empty(), "a rendered page has no style sheet");
    anyhow::ensure!(
        !hashes.is_empty(),
        "a rendered page has no inline script: {html}"
    );
    // Only while developing: the page is told to reload over a socket of another port.
    let reload = reload
        .map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"))
        .unwrap_or_default();
    Ok(format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {hashes}; style-src {styles}; img-src 'self'; \
         font-src 'self'; connect-src 'self'{reload}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hashes = hashes.join(" "),
        styles = styles.join(" "),
    ))
}

/// The texts of a page's inline scripts that a browser runs.
pub(super) fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        let runs = !attributes.contains("application/json") && !attributes.contains(" src=");
        runs.then_some(text)
    })
}

/// The texts of a page's inline style sheets.
fn inline_styles(html: &str) -> impl Iterator<Item = &str> {
    html.split("<style>").skip(1).filter_map(|rest| {
        let (text, _) = rest.split_once("</style>")?;
        Some(text)
    })
}

/// The hash of a script or style sheet as the policy writes it (CSP level 3, section 2.3.1).
pub(super) fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}
