//! HTML form posts: each does one thing and answers with 303, or with the page and what is wrong.
//!
//! Not here: the pages themselves, and the check that a post comes from our own pages; that is a
//! layer of `server`.

mod bench;
mod login;
mod logout;
mod playground;
mod try_request;
mod values;

use axum::Router;
use axum::routing::post;

use crate::state::AppState;

/// Every action.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/{lang}/bench", post(bench::submit))
        .route("/{lang}/login", post(login::submit))
        .route("/{lang}/logout", post(logout::submit))
        .route("/{lang}/playground", post(playground::submit))
        .route("/{lang}/try", post(try_request::submit))
}
