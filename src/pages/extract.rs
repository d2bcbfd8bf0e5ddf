//! Extracts the locale and the viewer of a page request.

use axum::extract::{FromRequestParts, OriginalUri, RawPathParams, State};
use axum::http::request::Parts;
use axum::response::Response;

use crate::pages::locale::{redirect_hidden, site_locale};
use crate::pages::meta::PageRequest;
use crate::pages::not_found;
use crate::portal::Viewer;
use crate::state::AppState;

impl FromRequestParts<AppState> for PageRequest {
    type Rejection = Response;

    /// Rejects a path whose first segment is not a locale of the site with 404.
    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<PageRequest, Response> {
        let viewer = viewer(parts);
        let params = RawPathParams::from_request_parts(parts, state).await;
        let segment = params.ok().and_then(|params| {
            let lang = params.iter().find(|(name, _)| *name == "lang");
            lang.map(|(_, value)| value.to_owned())
        });
        let segment = segment.unwrap_or_default();
        if let Some(redirect) = redirect_hidden(state, &segment, &parts.uri) {
            return Err(redirect);
        }
        match site_locale(state, &segment) {
            Some(locale) => Ok(PageRequest { locale, viewer }),
            None => {
                let uri = OriginalUri(parts.uri.clone());
                Err(not_found::fallback(
                    State(state.clone()),
                    uri,
                    parts.headers.clone(),
                    parts.extensions.clone(),
                )
                .await)
            }
        }
    }
}

/// Returns the viewer that the session layer stored in the extensions of the request.
fn viewer(parts: &Parts) -> Option<Viewer> {
    parts.extensions.get::<Option<Viewer>>().cloned().flatten()
}
