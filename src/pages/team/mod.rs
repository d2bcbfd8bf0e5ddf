//! The pages of the team, for mentors and admins.

mod assignments;

use axum::Router;
use axum::routing::get;

use crate::state::AppState;

/// Returns the routes of the pages.
pub(super) fn routes() -> Router<AppState> {
    Router::new().route(
        "/{lang}/team/assignments",
        get(assignments::show).post(assignments::submit),
    )
}
