//! Who reads a page, and in which language.

use axum::extract::{FromRequestParts, OriginalUri, RawPathParams, State};
use axum::http::request::Parts;
use axum::response::Response;

use crate::model::locale::Locale;
use crate::pages::not_found;
use crate::portal::Viewer;
use crate::state::AppState;

/// What every page and action knows of a request: the `{lang}` of its path and who is logged in.
///
/// A path whose first segment is no language is answered as one that is not there.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Language of the page.
    pub locale: Locale,
    /// Who is logged in.
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

/// Who is logged in, as the session layer found out.
fn viewer(parts: &Parts) -> Option<Viewer> {
    parts.extensions.get::<Option<Viewer>>().cloned().flatten()
}
