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
    let (exact, shown) = texts(milliseconds);
    view! { <time datetime=exact data-local="">{shown}</time> }
}

/// Renders a time as a text that says how long ago it is; the time to the minute is its title.
pub(super) fn time_ago(milliseconds: i64, text: String) -> impl IntoView {
    let (exact, title) = texts(milliseconds);
    view! { <time datetime=exact title=title data-local="title">{text}</time> }
}

/// Returns a time to the minute in UTC, for texts that no script changes.
pub(super) fn minute_text(milliseconds: i64) -> String {
    texts(milliseconds).1
}

/// Returns a time as it is written in HTML, and to the minute in UTC, such as `2026-11-29 17:40 UTC`.
fn texts(milliseconds: i64) -> (String, String) {
    let exact = Timestamp::from_milliseconds(milliseconds).to_string();
    let minute: String = exact.chars().take(16).collect();
    let shown = format!("{} UTC", minute.replace('T', " "));
    (exact, shown)
}
