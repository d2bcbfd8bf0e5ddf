//! Who sends a request: for the audit log, and for the list of sessions if one begins.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use crate::api::{ClientAddress, RequestId};
use crate::portal::store::audit::Actor;
use crate::portal::{LoginClient, Viewer};
use crate::state::AppState;

/// Somebody who may be logged in, and the client in case a session begins.
pub(super) struct AnyActor(pub(super) Actor, pub(super) LoginClient);

impl FromRequestParts<AppState> for AnyActor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<AnyActor, Infallible> {
        let viewer = parts.extensions.get::<Option<Viewer>>().cloned().flatten();
        let actor = actor(&parts.extensions, viewer.as_ref());
        let agent = parts.headers.get(USER_AGENT);
        let client = LoginClient {
            address: actor.address.clone(),
            agent: agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()),
        };
        Ok(AnyActor(actor, client))
    }
}

/// Returns the actor of a request with these extensions.
pub(super) fn actor(extensions: &Extensions, viewer: Option<&Viewer>) -> Actor {
    let address = ClientAddress::of(extensions);
    let id = extensions.get::<RequestId>();
    Actor {
        account: viewer.map(|viewer| (viewer.account, viewer.name.clone())),
        address: address.map(|address| address.ip().to_string()),
        request_id: id.map(ToString::to_string).unwrap_or_default(),
    }
}
