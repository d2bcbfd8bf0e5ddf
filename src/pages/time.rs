//! Times on the pages of members: in UTC as they are rendered, and with scripts in the time zone of the reader.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::Response;
use leptos::prelude::*;

use crate::model::timestamp::Timestamp;
use crate::pages::script_file::ScriptFile;

static SCRIPT: LazyLock<ScriptFile> =
    LazyLock::new(|| ScriptFile::new("time.js", include_str!("time.js")));

/// Returns the address of the script that shows the times of a page in the time zone of the reader.
pub(super) fn script_address() -> &'static str {
    &SCRIPT.address
}

/// Handles `GET /scripts/{hash}/time.js`.
pub(super) async fn script(Path(hash): Path<String>) -> Response {
    SCRIPT.respond(&hash)
}

/// Renders a time to the minute.
pub(super) fn time(milliseconds: i64) -> impl IntoView {
    let exact = Timestamp::from_milliseconds(milliseconds).to_string();
    // "2026-11-29T17:40:12Z" to the minute.
    let shown: String = exact.chars().take(16).collect();
    let shown = format!("{} UTC", shown.replace('T', " "));
    view! { <time datetime=exact data-local="">{shown}</time> }
}
