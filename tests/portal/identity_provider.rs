//! An identity provider in the process of the test: it answers with the ID token that the test gives it, valid or not. A real
//! provider is in end2end/single_sign_on.spec.ts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The secret of the site at the provider.
pub(crate) const CLIENT_SECRET: &str = "a secret of the site";

/// A running provider; it ends when it is dropped.
pub(crate) struct IdentityProvider {
    pub(crate) issuer: String,
    answer: Arc<Mutex<Answer>>,
    server: JoinHandle<()>,
}

/// What the provider answers to a code.
#[derive(Clone, Default)]
struct Answer {
    id_token: String,
    /// The challenge of the login that the code is for (RFC 7636).
    challenge: String,
}

impl IdentityProvider {
    /// Starts the provider.
    pub(crate) async fn start() -> IdentityProvider {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(Answer::default()));
        let description = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["HS256"],
        });
        let router = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(move || async move { answer_json(&description) }),
            )
            .route(
                "/keys",
                get(|| async { answer_json(&json!({ "keys": [] })) }),
            )
            .route("/token", post(token))
            .with_state(answer.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        IdentityProvider {
            issuer,
            answer,
            server,
        }
    }

    /// Sets the answer to the next code.
    pub(crate) fn answer_with(&self, id_token: String, challenge: &str) {
        *self.answer.lock().unwrap() = Answer {
            id_token,
            challenge: challenge.to_owned(),
        };
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn answer_json(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Exchanges a code for the ID token, if the verifier belongs to the challenge.
async fn token(State(answer): State<Arc<Mutex<Answer>>>, body: String) -> Response {
    let answer = answer.lock().unwrap().clone();
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    if BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != answer.challenge {
        let error = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, answer_json(&error)).into_response();
    }
    let body = json!({
        "access_token": "an access token",
        "token_type": "Bearer",
        "id_token": answer.id_token,
    });
    answer_json(&body)
}

/// Returns a JWT (RFC 7519) with these claims, signed with HS256 and a secret, or with `alg` none when there is no secret.
pub(crate) fn sign(claims: &Value, secret: Option<&str>) -> String {
    let algorithm = if secret.is_some() { "HS256" } else { "none" };
    let header = json!({ "alg": algorithm, "typ": "JWT" });
    let parts = [&header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = parts.join(".");
    let signature = secret.map(|secret| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let code = mac.chain_update(&message).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode(code)
    });
    format!("{message}.{}", signature.unwrap_or_default())
}
