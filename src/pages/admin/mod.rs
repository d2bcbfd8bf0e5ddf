//! The pages of the administration: members, groups, invitations, content, settings and the audit log. Only admins see them.

mod audit;
mod audit_filter;
mod audit_text;
mod backup;
mod content;
mod groups;
mod invitation_form;
mod invitation_list;
mod invitations;
mod logo;
mod logo_form;
mod member;
mod member_change;
mod members;
mod settings;
mod settings_form;

use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::{AppState, StyleSheet};

/// Returns the routes of the administration.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/{lang}/admin", get(members::show_first))
        .route(
            "/{lang}/admin/members",
            get(members::show).post(members::submit),
        )
        .route(
            "/{lang}/admin/members/{id}",
            get(member::show).post(member::submit),
        )
        .route(
            "/{lang}/admin/invitations",
            get(invitations::show).post(invitations::submit),
        )
        .route(
            "/{lang}/admin/groups",
            get(groups::show_list).post(groups::create),
        )
        .route(
            "/{lang}/admin/groups/{id}",
            get(groups::show_group).post(groups::change),
        )
        .route(
            "/{lang}/admin/settings",
            get(settings::show).post(settings::submit),
        )
        .route("/{lang}/admin/logo", post(logo::submit))
        .route(
            "/{lang}/admin/content",
            get(content::show).post(content::submit),
        )
        .route("/{lang}/admin/backup", get(backup::show))
        .route("/{lang}/admin/audit", get(audit::show))
        .route("/{lang}/admin/audit.csv", get(audit::csv))
        .route("/{lang}/admin/audit.jsonl", get(audit::json_lines))
}

/// The pages, by the last segment of their paths.
const PAGES: [&str; 7] = [
    "members",
    "groups",
    "invitations",
    "content",
    "settings",
    "backup",
    "audit",
];

/// Renders a page of the administration below its title and the links to the other pages.
async fn page<V: IntoView + 'static>(
    state: &AppState,
    page_request: PageRequest,
    name: &'static str,
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    page_with_status(state, page_request, name, StatusCode::OK, content).await
}

/// Renders such a page with another status, for a form that was refused.
async fn page_with_status<V: IntoView + 'static>(
    state: &AppState,
    page_request: PageRequest,
    name: &'static str,
    status: StatusCode,
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let title = messages.get(&format!("admin-{name}"));
    let meta = PageMeta {
        status,
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        ..PageMeta::new(page_request, title.clone(), format!("/admin/{name}"))
    };
    let view = move || {
        view! {
            <main id="content" class="portal-page" tabindex="-1">
                <h1>{title.clone()}</h1>
                {navigation(locale, name, &messages)}
                {content()}
            </main>
        }
    };
    let mut response = render(state, meta, view).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

fn navigation(locale: Locale, here: &str, messages: &MessageCatalog) -> impl IntoView + use<> {
    let links = PAGES.map(|name| {
        let current = (name == here).then_some("page");
        let address = format!("/{locale}/admin/{name}");
        view! { <li><a href=address aria-current=current>{messages.get(&format!("admin-{name}"))}</a></li> }
    });
    let label = messages.get("admin-title");
    view! { <nav class="portal-nav" aria-label=label><ul>{links.collect_view()}</ul></nav> }
}

/// Renders a message about what was just done or why it was not.
pub(super) fn outcome_view(outcome: Option<(bool, String)>) -> impl IntoView {
    outcome.map(|(is_done, text)| {
        let (class, role) = match is_done {
            true => ("portal-done", "status"),
            false => ("portal-problem", "alert"),
        };
        view! { <p class=class role=role>{text}</p> }
    })
}
