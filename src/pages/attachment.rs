//! Responses that browsers store as files, and nobody keeps.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};

use crate::portal::store::audit::{Actor, AuditAction};
use crate::state::AppState;

/// The media type of CSV files.
pub(super) const CSV: &str = "text/csv; charset=utf-8";

/// Returns the response with a file.
pub(super) fn attachment(
    name: &str,
    content_type: &'static str,
    content: impl Into<Body>,
) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).expect("the name is ASCII");
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, content.into()).into_response()
}

/// Records in the audit log that somebody has exported data, unless only the head of the response was requested.
pub(super) async fn record_export(state: &AppState, method: &Method, actor: &Actor, what: &str) {
    if *method == Method::GET {
        let portal = &state.portal;
        portal.record_audit(actor, AuditAction::Export, what).await;
    }
}
