//! The end of every way to log in: [`SignIn::begin`] begins the session, and whatever else follows from a login is done there.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use ipnet::IpNet;
use tower_sessions::Session;

use crate::api::ClientAddress;
use crate::model::account::Account;
use crate::model::locale::Locale;
use crate::pages::actor::AnyActor;
use crate::pages::meta::PageRequest;
use crate::pages::pending_login::CodeLoginData;
use crate::pages::{enrolment, member_sandbox, notice, pending_login};
use crate::portal::store::StoreError;
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::store::pending_login::{PendingLogin, PendingStep};
use crate::portal::{self, LogInError, LoginClient, RedirectPath};
use crate::state::AppState;

/// A request with which somebody may log in.
pub(super) struct SignIn {
    pub(super) session: Session,
    pub(super) headers: HeaderMap,
    pub(super) actor: Actor,
    pub(super) network: Option<IpNet>,
    client: LoginClient,
}

/// The reasons for which no session begins.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account has changed meanwhile, or the session layer failed.
    #[error(transparent)]
    LogIn(#[from] LogInError),
}

impl SignInError {
    /// Renders the page that says it.
    pub(super) async fn page(&self, state: &AppState, page_request: PageRequest) -> Response {
        match self {
            SignInError::LogIn(LogInError::Ended) => {
                let status = StatusCode::FORBIDDEN;
                notice::show(state, page_request, status, "login-ended").await
            }
            cause => notice::unavailable(state, page_request, cause).await,
        }
    }
}

impl SignIn {
    /// Begins the session of an account that has proved who it is, and redirects to `next` or to the front page; to the login page
    /// before, which says when the browser does not send the cookie, unless it has sent one like it. Every login ends here: with a password, a code, a passkey, a provider (whose ID token the logout needs), an invitation and a link.
    ///
    /// # Errors
    /// [`SignInError`]. No session begins in this case.
    pub(super) async fn begin(
        &self,
        state: &AppState,
        account: &Account,
        next: &str,
        id_token: Option<String>,
    ) -> Result<Response, SignInError> {
        let must_enrol = state.portal.must_enrol(account.id, account.role).await?;
        let (session, client) = (&self.session, self.client.clone());
        match id_token {
            None => portal::log_in(session, account, client).await?,
            Some(token) => {
                portal::log_in_with_provider(session, account, client, token).await?;
            }
        }
        let next = RedirectPath::parse(next).map(|next| next.as_str().to_owned());
        let target = match (must_enrol, next) {
            (true, _) => enrolment::path(account.language),
            (false, Some(next)) => next,
            (false, None) => format!("/{}", account.language),
        };
        // The cookie of a login that needed another step has the same attributes as that of the session.
        let target = match pending_login::find(state, &self.headers) {
            Some(_) => target,
            None => {
                let locale = target.split(['/', '?']).nth(1).and_then(Locale::parse);
                let locale = locale.unwrap_or(account.language);
                address_after_login(locale, &target, state.portal.clock.now())
            }
        };
        let mut response = Redirect::to(&target).into_response();
        member_sandbox::restore(state, &self.headers, account.id, &mut response).await;
        Ok(response)
    }

    /// Continues the login of an account whose password was correct or was just set: with the page for the code when the account
    /// has a second factor, otherwise the session begins.
    ///
    /// # Errors
    /// [`SignInError`]. No session begins in this case.
    pub(super) async fn after_password(
        &self,
        state: &AppState,
        locale: Locale,
        account: &Account,
        next: &str,
    ) -> Result<Response, SignInError> {
        let portal = &state.portal;
        if !portal.store.has_second_factor(account.id).await? {
            return self.log_in(state, account, next).await;
        }
        let data = CodeLoginData {
            access_version: account.access_version,
            next: next.to_owned(),
        };
        let login = PendingLogin {
            account: Some(account.id),
            data: serde_json::to_string(&data).expect("the data is JSON"),
        };
        let token = portal.begin_login(PendingStep::Code, login).await?;
        let mut response = Redirect::to(&format!("/{locale}/login/code")).into_response();
        pending_login::set(state, response.headers_mut(), &token);
        Ok(response)
    }

    /// Does the same as [`SignIn::begin`], and records the login.
    ///
    /// # Errors
    /// [`SignInError`]. No session begins in this case.
    pub(super) async fn log_in(
        &self,
        state: &AppState,
        account: &Account,
        next: &str,
    ) -> Result<Response, SignInError> {
        self.begin_recorded(state, account, next, None).await
    }

    /// Does the same as [`SignIn::log_in`] for a login with the identity provider, whose ID token the logout needs.
    ///
    /// # Errors
    /// [`SignInError`]. No session begins in this case.
    pub(super) async fn log_in_with_provider(
        &self,
        state: &AppState,
        account: &Account,
        next: &str,
        id_token: String,
    ) -> Result<Response, SignInError> {
        let begun = self.begin_recorded(state, account, next, Some(id_token));
        begun.await
    }

    async fn begin_recorded(
        &self,
        state: &AppState,
        account: &Account,
        next: &str,
        id_token: Option<String>,
    ) -> Result<Response, SignInError> {
        let response = self.begin(state, account, next, id_token).await?;
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

/// Returns the address of the login page after a login, which leads on to `target` when the browser sends the cookie of the
/// session and says so when it does not. `now` tells a login from an address that was kept.
fn address_after_login(locale: Locale, target: &str, now: i64) -> String {
    let target: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
    format!("/{locale}/login?begun={now}&next={target}")
}
