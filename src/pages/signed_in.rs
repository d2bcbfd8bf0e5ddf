//! Extractors of pages that need an account.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::model::account::TeamRole;
use crate::pages::actor::actor;
use crate::pages::meta::PageRequest;
use crate::pages::{enrolment, login, notice};
use crate::portal::Viewer;
use crate::portal::store::audit::Actor;
use crate::state::AppState;

/// A request by somebody who is logged in. An admin who has to get a second factor first is redirected to its page. Others are redirected to the login, or get the login page with status 401 when
/// the method is not safe.
pub(super) struct MemberRequest {
    pub(super) page: PageRequest,
    pub(super) viewer: Viewer,
    pub(super) actor: Actor,
}

/// A request by a mentor or an admin. Learners get a page with status 403.
pub(super) struct MentorRequest(pub(super) MemberRequest);

/// A request by an admin. Others who are logged in get a page with status 403.
pub(super) struct AdminRequest(pub(super) MemberRequest);

impl FromRequestParts<AppState> for MemberRequest {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<MemberRequest, Response> {
        let page = PageRequest::from_request_parts(parts, state).await?;
        let actor = actor(&parts.extensions, page.viewer.as_ref());
        if let Some(viewer) = page.viewer.clone() {
            let enrolment = enrolment::path(page.locale);
            if parts.uri.path() != enrolment {
                match state.portal.must_enrol(viewer.account, viewer.role).await {
                    Ok(false) => {}
                    Ok(true) => {
                        // The page of a setting that was just saved would say so.
                        let query = parts.uri.query().filter(|query| *query == "done=saved");
                        let query = query.map_or_else(String::new, |query| format!("?{query}"));
                        return Err(Redirect::to(&format!("{enrolment}{query}")).into_response());
                    }
                    Err(cause) => return Err(notice::unavailable(state, page, &cause).await),
                }
            }
            return Ok(MemberRequest {
                page,
                viewer,
                actor,
            });
        }
        if matches!(parts.method, Method::GET | Method::HEAD) {
            let target = parts.uri.path_and_query();
            let target = target.map_or("", |target| target.as_str());
            let next: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let login = format!("/{}/login?next={next}", page.locale);
            return Err(Redirect::to(&login).into_response());
        }
        Err(login::required(state, page).await)
    }
}

impl FromRequestParts<AppState> for MentorRequest {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<MentorRequest, Response> {
        let member = MemberRequest::from_request_parts(parts, state).await?;
        match member.viewer.role {
            TeamRole::Admin | TeamRole::Mentor => Ok(MentorRequest(member)),
            TeamRole::Learner => {
                let status = StatusCode::FORBIDDEN;
                Err(notice::show(state, member.page, status, "team-forbidden").await)
            }
        }
    }
}

impl FromRequestParts<AppState> for AdminRequest {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<AdminRequest, Response> {
        let member = MemberRequest::from_request_parts(parts, state).await?;
        match member.viewer.role {
            TeamRole::Admin => Ok(AdminRequest(member)),
            TeamRole::Mentor | TeamRole::Learner => {
                let status = StatusCode::FORBIDDEN;
                Err(notice::show(state, member.page, status, "forbidden").await)
            }
        }
    }
}
