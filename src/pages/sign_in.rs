//! The end of every way to log in: [`SignIn::begin`] begins the session, and whatever else follows from a login is done there.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use ipnet::IpNet;
use tower_sessions::Session;
use tower_sessions::session::Error as SessionError;

use crate::api::ClientAddress;
use crate::model::account::Account;
use crate::pages::actor::AnyActor;
use crate::pages::member_sandbox;
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::{self, LoginClient, RedirectPath};
use crate::state::AppState;

/// A request with which somebody may log in.
pub(super) struct SignIn {
    pub(super) session: Session,
    pub(super) headers: HeaderMap,
    pub(super) actor: Actor,
    pub(super) network: Option<IpNet>,
    client: LoginClient,
}

impl SignIn {
    /// Begins the session of an account that has proved who it is, and redirects to `next` or to the front page. Every login
    /// ends here: with a password, a code, a passkey, a provider, an invitation and a link.
    ///
    /// # Errors
    /// The error of the session layer. No session begins in this case.
    pub(super) async fn begin(
        &self,
        state: &AppState,
        account: &Account,
        next: &str,
    ) -> Result<Response, SessionError> {
        portal::log_in(&self.session, account.id, self.client.clone()).await?;
        let next = RedirectPath::parse(next).map(|next| next.as_str().to_owned());
        let home = || format!("/{}", account.language);
        let mut response = Redirect::to(&next.unwrap_or_else(home)).into_response();
        member_sandbox::restore(state, &self.headers, account.id, &mut response).await;
        Ok(response)
    }

    /// Does the same as [`SignIn::begin`], and records the login.
    ///
    /// # Errors
    /// The error of the session layer. No session begins in this case.
    pub(super) async fn log_in(
        &self,
        state: &AppState,
        account: &Account,
        next: &str,
    ) -> Result<Response, SessionError> {
        let response = self.begin(state, account, next).await?;
        let actor = self.actor_of(account);
        let (portal, email) = (&state.portal, account.email.as_str());
        portal.record_audit(&actor, AuditAction::LogIn, email).await;
        Ok(response)
    }

    /// Returns the actor of the audit log once the account is known.
    pub(super) fn actor_of(&self, account: &Account) -> Actor {
        Actor {
            account: Some((account.id, account.name.clone())),
            ..self.actor.clone()
        }
    }
}

impl FromRequestParts<AppState> for SignIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<SignIn, Response> {
        let session = Session::from_request_parts(parts, state);
        let session = session
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let AnyActor(actor, client) = match AnyActor::from_request_parts(parts, state).await {
            Ok(actor) => actor,
            Err(never) => match never {},
        };
        let address = ClientAddress::of(&parts.extensions);
        Ok(SignIn {
            session,
            headers: parts.headers.clone(),
            actor,
            network: address.map(ClientAddress::network),
            client,
        })
    }
}
