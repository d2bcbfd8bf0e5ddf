//! The messages of the interface that the islands show, as JSON. The loader requests it with the module.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::api::SharedResponse;
use crate::model::locale::Locale;
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// The prefixes of the keys of the messages that the islands need.
const PREFIXES: &[&str] = &[
    "theme-",
    "palette-",
    "reference-search",
    "copy-",
    "tabs-",
    "request-",
    "response-",
    "send-",
    "problem-",
    "predict-",
];

/// The prefix of the keys of the messages that only the islands of the playground need.
const WORKSPACE_PREFIX: &str = "workspace-";

/// The messages that the islands of a locale need.
pub(super) struct IslandMessages {
    /// The messages by their keys, as JSON.
    json: String,
    /// The address of [`IslandMessages::json`]: `/{lang}/messages/{hash}`. It changes with the content.
    pub(super) address: String,
}

impl IslandMessages {
    /// Returns the messages of a locale; for a page of the playground, also those of its own islands.
    pub(super) fn new(state: &AppState, locale: Locale, is_workspace: bool) -> IslandMessages {
        let prefixes = PREFIXES.iter().copied();
        let prefixes = prefixes.chain(is_workspace.then_some(WORKSPACE_PREFIX));
        let prefixes: Vec<_> = prefixes.collect();
        let messages = state.i18n.messages(locale).subset(&prefixes);
        let json = serde_json::to_string(&messages).expect("a map of texts is JSON");
        let hash = Sha256::digest(&json);
        let hash: String = hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let address = format!("/{locale}/messages/{hash}");
        IslandMessages { json, address }
    }
}

/// Handles `GET /{lang}/messages/{hash}`. Messages of another version are a 404, so that a page never shows those of
/// another build.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((locale, hash)): Path<(String, String)>,
) -> Response {
    let address = format!("/{locale}/messages/{hash}");
    let messages = [false, true]
        .map(|is_workspace| IslandMessages::new(&state, page_request.locale, is_workspace));
    let found = messages
        .into_iter()
        .find(|messages| messages.address == address);
    let Some(messages) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let shared = SharedResponse::new(messages.address).ignoring_query();
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (Extension(shared), headers, messages.json).into_response()
}
