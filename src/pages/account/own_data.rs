//! `/{lang}/account/data.json`: everything that is stored about the account, and what the account page says about it.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use leptos::prelude::*;

use crate::model::messages::MessageCatalog;
use crate::pages::attachment::{attachment, record_export};
use crate::pages::notice;
use crate::pages::signed_in::MemberRequest;
use crate::portal::Settings;
use crate::state::AppState;

/// Handles `GET /{lang}/account/data.json`: everything that is stored about the account.
pub(super) async fn show(
    State(state): State<AppState>,
    request: MemberRequest,
    method: Method,
) -> Response {
    let portal = &state.portal;
    let data = match portal.export_member(request.viewer.account).await {
        Ok(Some(data)) => data,
        Ok(None) => {
            return notice::show(&state, request.page, StatusCode::NOT_FOUND, "not-found").await;
        }
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    record_export(&state, &method, &request.actor, &data.email).await;
    let json = serde_json::to_string_pretty(&data).expect("what is exported is JSON");
    attachment("account.json", "application/json", json + "\n")
}

/// Renders who sees what of the account and how long it is kept, and the link to everything that is stored.
pub(super) fn section(
    action: &str,
    settings: &Settings,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let [attempt, audit, address] = [
        settings.attempt_days,
        settings.audit_days,
        settings.address_days,
    ]
    .map(|days| days.to_string());
    let days = [("audit", audit.as_str()), ("address", address.as_str())];
    let account = messages.with("account-privacy-text", &days);
    let learning = messages.with("account-privacy-learning", &[("days", &attempt)]);
    view! {
        <section class="portal-section">
            <h2>{messages.get("account-privacy")}</h2>
            <p>{account}</p>
            <p>{learning}</p>
            <p><a class="button" href=format!("{action}/data.json") download="">{messages.get("account-data")}</a></p>
        </section>
    }
}
