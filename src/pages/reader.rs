//! The extractor of the locale and the viewer of a page request.

use axum::extract::{FromRequestParts, OriginalUri, RawPathParams, State};
use axum::http::request::Parts;
use axum::response::Response;

use crate::model::locale::Locale;
use crate::pages::not_found;
use crate::portal::Viewer;
use crate::state::AppState;

/// The properties of a request that every page needs: the `{lang}` of its path and the viewer.
///
/// A path whose first segment is not a locale of the site is rejected with 404.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The locale of the page.
    pub locale: Locale,
    /// The account that is logged in, if any.
    pub viewer: Option<Viewer>,
}

impl FromRequestParts<AppState> for PageRequest {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<PageRequest, Response> {
        let viewer = viewer(parts);
        let params = RawPathParams::from_request_parts(parts, state).await;
        let locale = params.ok().and_then(|params| {
            let lang = params.iter().find(|(name, _)| *name == "lang");
            lang.and_then(|(_, value)| not_found::site_locale(state, value))
        });
        match locale {
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
