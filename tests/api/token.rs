//! `/api/tokens`, and authentication by bearer tokens.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Executor as _, Row as _};

use crate::app::{App, TestResponse, connect, count, value};
use crate::database::TestDatabase;
use crate::session::{cookie, log_in};

on_both_engines! {
    post_token_without_login_returns_401,
    opaque_token_is_returned_once_and_stored_as_a_hash,
    jwt_contains_user_sandbox_and_expiry,
    invalid_token_body_returns_422_with_pointers,
    list_returns_own_tokens_without_secrets,
    revoked_token_returns_401,
    revoked_token_is_refused_by_every_instance,
    expired_token_returns_401,
    token_is_valid_only_in_its_sandbox,
    deleting_a_user_deletes_their_tokens,
    last_use_of_a_token_is_stored_at_most_once_a_minute,
    sandbox_has_at_most_a_hundred_tokens,
    forged_tokens_return_401,
    scheme_ignores_case_and_token_is_accepted_only_in_the_header,
    refused_credentials_have_the_error_codes_of_rfc_6750,
    with_a_token_the_session_is_ignored_and_the_sandbox_cookie_selects_the_data,
    signing_key_persists_across_restarts,
}

const HOUR: i64 = 3_600_000;

/// Creates a token with a session and returns the response body.
pub(crate) async fn create_token(app: &App, key: &str, cookie: &str, kind: &str) -> Value {
    let body = json!({ "name": "my script", "kind": kind });
    let response = post(app, key, cookie, &body).await;
    assert_eq!(response.status, 201);
    response.json()
}

async fn post(app: &App, key: &str, cookie: &str, body: &Value) -> TestResponse {
    let headers = [
        ("sandbox-key", key),
        ("cookie", cookie),
        ("content-type", "application/json"),
    ];
    app.request("POST", "/api/tokens", &headers, body.to_string())
        .await
}

/// Creates a sandbox in which Grace is logged in.
async fn grace(app: &App) -> (String, String) {
    let key = app.sandbox().await;
    let cookie = cookie(&log_in(app, &key, "grace@example.com").await);
    (key, cookie)
}

/// Sends GET /api/me with a bearer token.
pub(crate) async fn bearer(app: &App, key: &str, token: &str) -> TestResponse {
    let value = format!("Bearer {token}");
    let headers = [("sandbox-key", key), ("authorization", value.as_str())];
    app.get("GET", "/api/me", &headers).await
}

fn secret(token: &Value) -> &str {
    token["token"].as_str().unwrap()
}

fn assert_invalid_token(response: &TestResponse, context: &str) {
    let problem = response.problem(401);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("/invalid-token")
    );
    let challenge = response.header("www-authenticate").unwrap();
    let expected = "Bearer realm=\"routebook\", error=\"invalid_token\", error_description=\"";
    assert!(challenge.starts_with(expected), "{context}: {challenge}");
}

async fn post_token_without_login_returns_401(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let body = json!({ "name": "x", "kind": "opaque" });
    post(&app, &key, "a=b", &body).await.problem(401);
    let headers = [("content-type", "application/json")];
    let anonymous = app
        .request("POST", "/api/tokens", &headers, body.to_string())
        .await;
    anonymous.problem(401);
    assert_eq!(count(database, "SELECT COUNT(*) FROM api_token").await, 0);
    // A bearer of a token may create another token.
    let session = cookie(&log_in(&app, &key, "grace@example.com").await);
    let token = create_token(&app, &key, &session, "opaque").await;
    let bearer = format!("Bearer {}", secret(&token));
    let headers = [
        ("sandbox-key", key.as_str()),
        ("authorization", &bearer),
        ("content-type", "application/json"),
    ];
    let created = app
        .request("POST", "/api/tokens", &headers, body.to_string())
        .await;
    assert_eq!(created.status, 201);
}

async fn opaque_token_is_returned_once_and_stored_as_a_hash(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let body = json!({ "name": "내 스크립트", "kind": "opaque", "expires_in": 60 });
    let response = post(&app, &key, &session, &body).await;
    let token = response.json();
    let id = token["id"].as_str().unwrap();
    assert_eq!(
        response.header("location"),
        Some(format!("/api/tokens/{id}").as_str())
    );
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(id.len(), 36);
    let opaque = secret(&token);
    // 32 random bytes after the prefix.
    assert!(
        opaque.starts_with("rbt_") && opaque.len() == 4 + 43,
        "{opaque}"
    );
    let me = bearer(&app, &key, opaque).await;
    assert_eq!((me.status, &me.json()["id"]), (200, &json!(2)));
    let shown = token.as_object().unwrap();
    let expected = [
        "created_at",
        "expires_at",
        "id",
        "kind",
        "last_used_at",
        "name",
        "token",
    ];
    let mut names: Vec<&str> = shown.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(
        (
            &token["created_at"],
            &token["expires_at"],
            &token["last_used_at"]
        ),
        (
            &json!("2027-01-15T08:00:00Z"),
            &json!("2027-01-15T08:01:00Z"),
            &Value::Null
        )
    );
    let mut connection = connect(database).await;
    let row = connection.fetch_one("SELECT hash FROM api_token").await;
    let stored: Vec<u8> = row.unwrap().get(0);
    connection.close().await.unwrap();
    assert_eq!(stored, Sha256::digest(opaque).to_vec());
    // The record of the exchange does not contain it either.
    let path = format!(
        "/api/sandbox/exchanges/{}",
        response.header("request-id").unwrap()
    );
    let record = app.get("GET", &path, &[("sandbox-key", &key)]).await;
    assert_eq!(record.status, 200);
    assert!(!String::from_utf8(record.body).unwrap().contains(opaque));
}

fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn jwt_contains_user_sandbox_and_expiry(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let token = create_token(&app, &key, &session, "jwt").await;
    let jwt = secret(&token);
    assert_eq!(part(jwt, 0), json!({ "typ": "JWT", "alg": "HS256" }));
    let sandbox = count(database, "SELECT id FROM sandbox").await;
    assert_eq!(
        part(jwt, 1),
        json!({
            "iss": "http://127.0.0.1:3000",
            "aud": format!("sandbox-{sandbox}"),
            "sub": "2",
            "iat": 1_800_000_000,
            "exp": 1_800_003_600,
            "jti": token["id"],
        })
    );
    let me = bearer(&app, &key, jwt).await;
    assert_eq!((me.status, &me.json()["id"]), (200, &json!(2)));
    // Only the row of the token is stored, without a hash.
    let hashes = count(
        database,
        "SELECT COUNT(*) FROM api_token WHERE hash IS NOT NULL",
    )
    .await;
    assert_eq!(hashes, 0);
}

async fn invalid_token_body_returns_422_with_pointers(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    for (body, pointers) in [
        (json!({}), vec!["/name", "/kind"]),
        (json!([]), vec![""]),
        (
            json!({ "name": "", "kind": "saml" }),
            vec!["/name", "/kind"],
        ),
        (
            json!({ "name": "x", "kind": "jwt", "expires_in": 604_801 }),
            vec!["/expires_in"],
        ),
        (
            json!({ "name": "x", "kind": "jwt", "user_id": 1 }),
            vec!["/user_id"],
        ),
    ] {
        let response = post(&app, &key, &session, &body).await;
        assert_eq!(response.pointers(422), pointers, "{body}");
    }
    assert_eq!(count(database, "SELECT COUNT(*) FROM api_token").await, 0);
}

async fn list_returns_own_tokens_without_secrets(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let first = create_token(&app, &key, &session, "opaque").await;
    app.clock.advance(1000);
    let second = create_token(&app, &key, &session, "jwt").await;
    let ada = cookie(&log_in(&app, &key, "ada@example.com").await);
    let hers = create_token(&app, &key, &ada, "opaque").await;
    let headers = [("sandbox-key", key.as_str()), ("cookie", &session)];
    let list = app.get("GET", "/api/tokens", &headers).await;
    let text = String::from_utf8(list.body.clone()).unwrap();
    assert!(!text.contains(secret(&first)) && !text.contains(secret(&second)));
    let without = |token: &Value| {
        let mut token = token.clone();
        token.as_object_mut().unwrap().remove("token");
        token
    };
    assert_eq!(list.json(), json!([without(&first), without(&second)]));
    let path = |token: &Value| format!("/api/tokens/{}", token["id"].as_str().unwrap());
    let one = app.get("GET", &path(&second), &headers).await;
    assert_eq!((one.status, one.json()), (200, without(&second)));
    // A token of another user returns 404 and is not deleted.
    app.get("GET", &path(&hers), &headers).await.problem(404);
    app.get("DELETE", &path(&hers), &headers).await.problem(404);
    assert_eq!(bearer(&app, &key, secret(&hers)).await.status, 200);
    for id in [
        "x",
        "1",
        "%00",
        &second["id"].as_str().unwrap().to_uppercase(),
    ] {
        let path = format!("/api/tokens/{id}");
        app.get("GET", &path, &headers).await.problem(404);
        app.get("DELETE", &path, &headers).await.problem(404);
    }
}

async fn revoked_token_returns_401(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    for kind in ["opaque", "jwt"] {
        let token = create_token(&app, &key, &session, kind).await;
        let other_token = create_token(&app, &key, &session, kind).await;
        assert_eq!(bearer(&app, &key, secret(&token)).await.status, 200);
        let path = format!("/api/tokens/{}", token["id"].as_str().unwrap());
        let headers = [("sandbox-key", key.as_str()), ("cookie", &session)];
        let deleted = app.get("DELETE", &path, &headers).await;
        assert_eq!((deleted.status, deleted.body.len()), (204, 0));
        assert_invalid_token(&bearer(&app, &key, secret(&token)).await, kind);
        app.get("DELETE", &path, &headers).await.problem(404);
        assert_eq!(bearer(&app, &key, secret(&other_token)).await.status, 200);
    }
}

async fn revoked_token_is_refused_by_every_instance(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    // Another site with caches of its own, on the same database.
    let other = App::new(database).await;
    for kind in ["opaque", "jwt"] {
        let token = create_token(&app, &key, &session, kind).await;
        assert_eq!(bearer(&other, &key, secret(&token)).await.status, 200);
        let path = format!("/api/tokens/{}", token["id"].as_str().unwrap());
        let headers = [("sandbox-key", key.as_str()), ("cookie", &session)];
        assert_eq!(app.get("DELETE", &path, &headers).await.status, 204);
        assert_invalid_token(&bearer(&other, &key, secret(&token)).await, kind);
    }
}

async fn expired_token_returns_401(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let tokens = [
        create_token(&app, &key, &session, "opaque").await,
        create_token(&app, &key, &session, "jwt").await,
    ];
    app.clock.advance(HOUR - 1000);
    for token in &tokens {
        assert_eq!(bearer(&app, &key, secret(token)).await.status, 200);
    }
    app.clock.advance(1000);
    for token in &tokens {
        let response = bearer(&app, &key, secret(token)).await;
        assert_invalid_token(&response, "expired");
        let detail = response.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("has expired"), "{detail}");
    }
}

async fn token_is_valid_only_in_its_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let other = app.sandbox().await;
    for kind in ["opaque", "jwt"] {
        let token = create_token(&app, &key, &session, kind).await;
        assert_invalid_token(&bearer(&app, &other, secret(&token)).await, kind);
        let value = format!("Bearer {}", secret(&token));
        let without = app
            .get("GET", "/api/me", &[("authorization", &value)])
            .await;
        assert_invalid_token(&without, kind);
        assert_eq!(bearer(&app, &key, secret(&token)).await.status, 200);
    }
}

async fn deleting_a_user_deletes_their_tokens(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let tokens = [
        create_token(&app, &key, &session, "opaque").await,
        create_token(&app, &key, &session, "jwt").await,
    ];
    app.get("DELETE", "/api/users/2", &[("sandbox-key", &key)])
        .await;
    let body = r#"{"name":"Eve","email":"eve@example.com","role":"admin"}"#;
    app.json(&key, "PUT", "/api/users/2", body).await;
    for token in &tokens {
        assert_invalid_token(&bearer(&app, &key, secret(token)).await, "deleted");
    }
}

async fn last_use_of_a_token_is_stored_at_most_once_a_minute(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let token = create_token(&app, &key, &session, "jwt").await;
    let path = format!("/api/tokens/{}", token["id"].as_str().unwrap());
    for (pause, expected) in [
        (0, "2027-01-15T08:00:00Z"),
        (59_999, "2027-01-15T08:00:00Z"),
        (1, "2027-01-15T08:01:00Z"),
    ] {
        app.clock.advance(pause);
        assert_eq!(bearer(&app, &key, secret(&token)).await.status, 200);
        let headers = [("sandbox-key", key.as_str()), ("cookie", &session)];
        let shown = app.get("GET", &path, &headers).await.json();
        assert_eq!(shown["last_used_at"], expected);
    }
}

async fn sandbox_has_at_most_a_hundred_tokens(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let body = json!({ "name": "x", "kind": "opaque", "expires_in": 10 });
    for _ in 0..100 {
        assert_eq!(post(&app, &key, &session, &body).await.status, 201);
    }
    let problem = post(&app, &key, &session, &body).await.problem(507);
    assert!(problem["detail"].as_str().unwrap().contains("100 tokens"));
    // Expired tokens do not count.
    app.clock.advance(10_000);
    assert_eq!(post(&app, &key, &session, &body).await.status, 201);
}

/// Builds a token of these parts, signed with HS256.
fn sign(header: &Value, claims: &Value, key: &[u8]) -> String {
    let part = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let code = Hmac::<Sha256>::new_from_slice(key)
        .unwrap()
        .chain_update(&message);
    let code = BASE64_URL_SAFE_NO_PAD.encode(code.finalize().into_bytes());
    format!("{message}.{code}")
}

async fn forged_tokens_return_401(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let token = create_token(&app, &key, &session, "jwt").await;
    let opaque = create_token(&app, &key, &session, "opaque").await;
    let server: Vec<u8> = value(database, "SELECT value FROM secret").await;
    assert_eq!(server.len(), 32);
    let (header, claims) = (part(secret(&token), 0), part(secret(&token), 1));
    // The test signs like the server.
    let valid = sign(&header, &claims, &server);
    assert_eq!(bearer(&app, &key, &valid).await.status, 200);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let header_with = |name: &str, value: &str| {
        let mut header = header.clone();
        header[name] = json!(value);
        header
    };
    let none = sign(&header_with("alg", "none"), &claims, &server);
    let unsigned = none.rsplit_once('.').unwrap().0;
    let parts = valid.rsplit_once('.').unwrap();
    let mut forged = vec![
        format!("{unsigned}."),
        unsigned.to_owned(),
        none.clone(),
        sign(&header_with("alg", "None"), &claims, &server),
        sign(&header_with("alg", "HS512"), &claims, &server),
        sign(&header_with("alg", "RS256"), &claims, &server),
        sign(&header_with("typ", "JOSE"), &claims, &server),
        sign(&json!({ "alg": "HS256" }), &claims, &server),
        sign(&header, &claims, b"another key"),
        sign(&header, &claims, b""),
        format!("{}.{}", parts.0, "AAAA"),
        valid[1..].to_owned(),
        valid[..valid.len() - 1].to_owned(),
        "a.b.c".to_owned(),
        "rbt_".to_owned(),
        "made-up-by-me".to_owned(),
        secret(&opaque)[..46].to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(secret(&opaque))),
    ];
    for (name, value) in [
        ("aud", json!("sandbox-999999")),
        ("aud", json!(["sandbox-999999"])),
        ("aud", Value::Null),
        ("iss", json!("https://evil.example")),
        ("sub", json!("1")),
        ("sub", json!(2)),
        ("sub", json!("x")),
        ("exp", json!(1_799_999_999)),
        ("exp", json!("1800003600")),
        ("exp", json!(1_800_003_600.5)),
        ("exp", json!(-1)),
        ("exp", Value::Null),
        ("jti", json!("x")),
        ("jti", opaque["id"].clone()),
    ] {
        forged.push(sign(&header, &with(name, value), &server));
    }
    for name in ["aud", "iss", "sub", "exp", "jti"] {
        forged.push(sign(&header, &without(name), &server));
    }
    for token in &forged {
        assert_invalid_token(&bearer(&app, &key, token).await, token);
    }
}

async fn scheme_ignores_case_and_token_is_accepted_only_in_the_header(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let token = create_token(&app, &key, &session, "opaque").await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "] {
        let value = format!("{scheme} {}", secret(&token));
        let headers = [("sandbox-key", key.as_str()), ("authorization", &value)];
        assert_eq!(
            app.get("GET", "/api/me", &headers).await.status,
            200,
            "{scheme}"
        );
    }
    let headers = [("sandbox-key", key.as_str())];
    let path = format!("/api/me?access_token={}", secret(&token));
    let response = app.get("GET", &path, &headers).await;
    response.problem(401);
    assert_eq!(
        response.header("www-authenticate"),
        Some("Bearer realm=\"routebook\"")
    );
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("access_token={}", secret(&token));
    app.request("PATCH", "/api/me", &headers, body)
        .await
        .problem(401);
}

async fn refused_credentials_have_the_error_codes_of_rfc_6750(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let token = create_token(&app, &key, &session, "opaque").await;
    let send = async |path: &str, value: &str| {
        let headers = [("sandbox-key", key.as_str()), ("authorization", value)];
        app.get("GET", path, &headers).await
    };
    for empty in [
        "Bearer",
        "Bearer ",
        "bearer   ",
        "Bearer a b",
        "Bearer \"x\"",
    ] {
        let response = send("/api/me", empty).await;
        response.problem(400);
        let challenge = response.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("error=\"invalid_request\""),
            "{empty}: {challenge}"
        );
    }
    for other in ["Basic Z3JhY2U6cm91dGVib29r", "Digest x", "Token x", "x", ""] {
        let response = send("/api/me", other).await;
        response.problem(401);
        let challenge = response.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer realm=\"routebook\""), "{other}");
    }
    let value = format!("Bearer {}", secret(&token));
    let forbidden = send("/api/admin/stats", &value).await;
    forbidden.problem(403);
    let challenge = forbidden.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer realm=\"routebook\", error=\"insufficient_scope\""),
        "{challenge}"
    );
    let twice = [
        ("sandbox-key", key.as_str()),
        ("authorization", &value),
        ("authorization", &value),
    ];
    app.get("GET", "/api/me", &twice).await.problem(400);
}

async fn with_a_token_the_session_is_ignored_and_the_sandbox_cookie_selects_the_data(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let ada = cookie(&log_in(&app, &key, "ada@example.com").await);
    let token = create_token(&app, &key, &ada, "jwt").await;
    let cookies = format!("sandbox={key}; {session}");
    let value = format!("Bearer {}", secret(&token));
    let headers = [("cookie", cookies.as_str()), ("authorization", &value)];
    let me = app.get("GET", "/api/me", &headers).await;
    assert_eq!((me.status, &me.json()["id"]), (200, &json!(4)));
    // A valid session does not replace an invalid token.
    for bad in ["Bearer x", "Basic x"] {
        let headers = [("cookie", cookies.as_str()), ("authorization", bad)];
        app.get("GET", "/api/me", &headers).await.problem(401);
    }
}

async fn signing_key_persists_across_restarts(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, session) = grace(&app).await;
    let token = create_token(&app, &key, &session, "jwt").await;
    app.sandboxes.close().await;
    let again = App::new(database).await;
    assert_eq!(bearer(&again, &key, secret(&token)).await.status, 200);
    assert_eq!(count(database, "SELECT COUNT(*) FROM secret").await, 1);
}
