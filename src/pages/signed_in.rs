//! Extractors of pages that need an account: who is logged in, and who does something.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::api::{ClientAddress, RequestId};
use crate::model::account::TeamRole;
use crate::pages::meta::PageRequest;
use crate::pages::{login, notice};
use crate::portal::store::audit::Actor;
use crate::portal::{LoginClient, Viewer};
use crate::state::AppState;

/// A request by somebody who is logged in. Others are redirected to the login, or get the login page with status 401 when
/// the method is not safe.
pub(super) struct Member {
    pub(super) page: PageRequest,
    pub(super) viewer: Viewer,
    pub(super) actor: Actor,
}

/// A request by an admin. Others who are logged in get a page with status 403.
pub(super) struct Admin(pub(super) Member);

impl FromRequestParts<AppState> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Member, Response> {
        let page = PageRequest::from_request_parts(parts, state).await?;
        let actor = actor(parts, page.viewer.as_ref());
        if let Some(viewer) = page.viewer.clone() {
            return Ok(Member {
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

impl FromRequestParts<AppState> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Admin, Response> {
        let member = Member::from_request_parts(parts, state).await?;
        match member.viewer.role {
            TeamRole::Admin => Ok(Admin(member)),
            TeamRole::Mentor | TeamRole::Learner => {
                let status = StatusCode::FORBIDDEN;
                Err(notice::show(state, member.page, status, "forbidden").await)
            }
        }
    }
}

/// Somebody who may be logged in, for the audit log, and the client in case a session begins.
pub(super) struct AnyActor(pub(super) Actor, pub(super) LoginClient);

impl FromRequestParts<AppState> for AnyActor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &AppState,
    ) -> Result<AnyActor, std::convert::Infallible> {
        let viewer = parts.extensions.get::<Option<Viewer>>().cloned().flatten();
        let address = ClientAddress::of(&parts.extensions);
        let client = login::login_client(&parts.headers, address);
        Ok(AnyActor(actor(parts, viewer.as_ref()), client))
    }
}

fn actor(parts: &Parts, viewer: Option<&Viewer>) -> Actor {
    let address = ClientAddress::of(&parts.extensions);
    let id = parts.extensions.get::<RequestId>();
    Actor {
        account: viewer.map(|viewer| (viewer.account, viewer.name.clone())),
        address: address.map(|address| address.ip().to_string()),
        request_id: id.map(ToString::to_string).unwrap_or_default(),
    }
}
