//! The permissions of every role for every route and method, and data that no response contains.

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use routebook::api;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, Row as _};

use crate::app::{App, connect};
use crate::database::TestDatabase;
use crate::session::{cookie, log_in};
use crate::token::create_token;

on_both_engines! {
    every_route_and_method_accepts_only_its_roles,
    writes_with_require_auth_need_a_login_and_delete_needs_an_admin,
    no_response_in_any_format_contains_a_hash,
    line_breaks_in_a_request_add_no_header_to_the_response,
}

/// The users that may use a route.
#[derive(Clone, Copy, PartialEq)]
enum Access {
    Anyone,
    Users,
    Admins,
}

/// Every path of the API with its access. [`is_open`] lists the methods that are open to anyone nevertheless.
const PATHS: &[(&str, Access)] = &[
    ("/api/users", Access::Anyone),
    ("/api/users/export", Access::Anyone),
    ("/api/users/{id}", Access::Anyone),
    ("/api/session", Access::Users),
    ("/api/tokens", Access::Users),
    ("/api/tokens/{id}", Access::Users),
    ("/api/me", Access::Users),
    ("/api/admin/stats", Access::Admins),
    ("/api/echo", Access::Anyone),
    ("/api/echo/{*path}", Access::Anyone),
    ("/api/status/{code}", Access::Anyone),
    ("/api/time", Access::Anyone),
    ("/api/sandbox", Access::Anyone),
    ("/api/sandbox/reset", Access::Anyone),
    ("/api/sandbox/undo", Access::Anyone),
    ("/api/sandbox/exchanges", Access::Anyone),
    ("/api/sandbox/exchanges/{request_id}", Access::Anyone),
    ("/api/sandbox/events", Access::Anyone),
    ("/api/health", Access::Anyone),
    ("/api/openapi.json", Access::Anyone),
];

/// Returns whether a method is open to anyone on a path with restricted access.
fn is_open(method: &Method, path: &str) -> bool {
    // Login, and logout without a session.
    let is_session = path == "/api/session" && (method == Method::POST || method == Method::DELETE);
    method == Method::OPTIONS || is_session
}

/// The role and the kind of credentials of a client.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Anonymous,
    UserOfOtherSandbox,
    Member,
    MemberByToken,
    Admin,
    AdminByToken,
}

const ROLES: [Role; 6] = [
    Role::Anonymous,
    Role::UserOfOtherSandbox,
    Role::Member,
    Role::MemberByToken,
    Role::Admin,
    Role::AdminByToken,
];

impl Role {
    /// Returns the headers with the credentials.
    async fn fields(self, app: &App, key: &str) -> Vec<(&'static str, String)> {
        let (email, by_token) = match self {
            Role::Anonymous => return Vec::new(),
            Role::UserOfOtherSandbox => ("ada@example.com", true),
            Role::Member => ("grace@example.com", false),
            Role::MemberByToken => ("grace@example.com", true),
            Role::Admin => ("ada@example.com", false),
            Role::AdminByToken => ("ada@example.com", true),
        };
        let key = match self {
            Role::UserOfOtherSandbox => app.sandbox().await,
            _ => key.to_owned(),
        };
        let session = cookie(&log_in(app, &key, email).await);
        if !by_token {
            return vec![("cookie", session)];
        }
        let token = create_token(app, &key, &session, "opaque").await;
        let token = token["token"].as_str().unwrap();
        vec![("authorization", format!("Bearer {token}"))]
    }

    fn is_user(self) -> bool {
        !matches!(self, Role::Anonymous | Role::UserOfOtherSandbox)
    }

    fn is_admin(self) -> bool {
        matches!(self, Role::Admin | Role::AdminByToken)
    }
}

fn target(path: &str) -> String {
    path.replace("{id}", "9")
        .replace("{*path}", "a")
        .replace("{code}", "200")
        .replace("{request_id}", "none")
}

/// Returns the status of a response. Does not read the body, which may never end.
async fn status(
    app: &App,
    method: &Method,
    path: &str,
    key: &str,
    fields: &[(&str, String)],
) -> u16 {
    let mut request = Request::builder().method(method).uri(target(path));
    request = request.header("sandbox-key", key);
    for (name, value) in fields {
        request = request.header(*name, value);
    }
    let response = app.respond(request.body(Body::empty()).unwrap()).await;
    response.status().as_u16()
}

async fn every_route_and_method_accepts_only_its_roles(database: &TestDatabase) {
    let app = App::new(database).await;
    let catalog = api::catalog();
    assert_eq!(catalog.len(), PATHS.len());
    for entry in catalog.iter() {
        let entry_and_access = PATHS.iter().find(|(path, _)| *path == entry.path);
        let (path, group) =
            entry_and_access.unwrap_or_else(|| panic!("no access is listed for {}", entry.path));
        for role in ROLES {
            let key = app.sandbox().await;
            let fields = role.fields(&app, &key).await;
            for method in &entry.methods {
                let status = status(&app, method, path, &key, &fields).await;
                let case = format!("{method} {path} by {role:?}: {status}");
                // Invalid credentials are refused only where credentials are required.
                match group {
                    _ if is_open(method, path) => assert!(![401, 403].contains(&status), "{case}"),
                    Access::Anyone => assert!(![401, 403].contains(&status), "{case}"),
                    Access::Users | Access::Admins if !role.is_user() => {
                        assert_eq!(status, 401, "{case}")
                    }
                    Access::Admins if !role.is_admin() => assert_eq!(status, 403, "{case}"),
                    Access::Users | Access::Admins => {
                        assert!(![401, 403].contains(&status), "{case}")
                    }
                }
                assert!(status < 500, "{case}");
            }
        }
    }
}

async fn writes_with_require_auth_need_a_login_and_delete_needs_an_admin(database: &TestDatabase) {
    let app = App::new(database).await;
    let catalog = api::catalog();
    let users = catalog
        .iter()
        .filter(|entry| entry.path.starts_with("/api/users"));
    for entry in users {
        for role in ROLES {
            let key = app.sandbox().await;
            let fields = role.fields(&app, &key).await;
            let response = app
                .json(&key, "PATCH", "/api/sandbox", r#"{"require_auth":true}"#)
                .await;
            assert_eq!(response.status, 200);
            for method in &entry.methods {
                let status = status(&app, method, entry.path, &key, &fields).await;
                let case = format!("{method} {} by {role:?}: {status}", entry.path);
                match method.is_safe() {
                    true => assert!(![401, 403].contains(&status), "{case}"),
                    false if !role.is_user() => assert_eq!(status, 401, "{case}"),
                    false if method == Method::DELETE && !role.is_admin() => {
                        assert_eq!(status, 403, "{case}");
                    }
                    false => assert!(![401, 403].contains(&status), "{case}"),
                }
            }
        }
    }
}

/// Returns every stored hash.
async fn hashes(database: &TestDatabase) -> Vec<Vec<u8>> {
    let mut connection = connect(database).await;
    let mut found = Vec::new();
    for sql in [
        "SELECT key_hash FROM sandbox",
        "SELECT hash FROM api_session",
        "SELECT hash FROM api_token WHERE hash IS NOT NULL",
    ] {
        let rows = connection.fetch_all(sql).await.unwrap();
        assert!(!rows.is_empty(), "{sql}");
        found.extend(rows.iter().map(|row| row.get::<Vec<u8>, _>(0)));
    }
    connection.close().await.unwrap();
    found
}

/// Collects the names of the members at all levels of a value.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                found.push(name.clone());
                names(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

async fn no_response_in_any_format_contains_a_hash(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let session = cookie(&log_in(&app, &key, "ada@example.com").await);
    let token = create_token(&app, &key, &session, "opaque").await;
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let me = app
        .get(
            "GET",
            "/api/me",
            &[("sandbox-key", &key), ("authorization", &bearer)],
        )
        .await;
    assert_eq!(me.status, 200);
    app.finish_recording().await;
    let recorded = format!(
        "/api/sandbox/exchanges/{}",
        me.header("request-id").unwrap()
    );
    let shown = format!("/api/tokens/{}", token["id"].as_str().unwrap());
    let hashes = hashes(database).await;
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let encoded: Vec<String> = hashes
        .iter()
        .flat_map(|hash| {
            [
                hex(hash),
                BASE64_STANDARD_NO_PAD.encode(hash),
                BASE64_URL_SAFE_NO_PAD.encode(hash),
                BASE64_STANDARD.encode(hash),
            ]
        })
        .collect();
    let user = [
        "bio",
        "created_at",
        "email",
        "id",
        "name",
        "role",
        "updated_at",
    ];
    let shown_token = [
        "created_at",
        "expires_at",
        "id",
        "kind",
        "last_used_at",
        "name",
    ];
    let stats = ["admin", "member", "sessions", "tokens", "users"];
    for (path, members) in [
        ("/api/users", Some(&user[..])),
        ("/api/users/4", Some(&user[..])),
        ("/api/users/export", Some(&user[..])),
        ("/api/me", Some(&user[..])),
        ("/api/session", Some(&user[..])),
        ("/api/tokens", Some(&shown_token[..])),
        (&shown, Some(&shown_token[..])),
        ("/api/admin/stats", Some(&stats[..])),
        ("/api/sandbox/exchanges", None),
        (&recorded, None),
    ] {
        for format in [
            "application/json",
            "application/xml",
            "text/csv",
            "text/plain",
        ] {
            let headers = [
                ("sandbox-key", key.as_str()),
                ("cookie", &session),
                ("accept", format),
            ];
            let response = app.get("GET", path, &headers).await;
            if response.status == 406 {
                continue;
            }
            assert_eq!(response.status, 200, "{path} as {format}");
            let text = String::from_utf8(response.body.clone()).unwrap();
            for hash in &encoded {
                assert!(
                    !text.to_lowercase().contains(&hash.to_lowercase()),
                    "{path} as {format}: {hash}"
                );
            }
            let found = match format {
                _ if response.header("content-type") == Some("application/json") => {
                    let mut found = Vec::new();
                    names(&response.json(), &mut found);
                    found
                }
                "text/csv" => text
                    .lines()
                    .next()
                    .unwrap()
                    .split(',')
                    .map(str::to_owned)
                    .collect(),
                _ => continue,
            };
            if let Some(members) = members {
                let mut found = found;
                found.sort_unstable();
                found.dedup();
                assert_eq!(found, members, "{path} as {format}");
            }
        }
    }
}

async fn line_breaks_in_a_request_add_no_header_to_the_response(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let line_breaks = "%0d%0aset-cookie:%20forged=1%0d%0a%0d%0a";
    for (path, status) in [
        (format!("/api/users/?q={line_breaks}"), 308),
        (format!("/api/echo/?{line_breaks}"), 308),
        (format!("/api/echo/{line_breaks}?{line_breaks}"), 200),
        (format!("/api/users/export?format={line_breaks}"), 400),
        (format!("/api/users?q=a&fields={line_breaks}"), 400),
        (format!("/api/tokens/{line_breaks}"), 401),
        (format!("/api/status/{line_breaks}"), 400),
        (format!("/problems/{line_breaks}"), 404),
        (format!("/methods/get{line_breaks}"), 404),
        (format!("/en/login?next=/en{line_breaks}"), 200),
    ] {
        let headers = [("sandbox-key", key.as_str()), ("host", "127.0.0.1:3000")];
        let response = app.get("GET", &path, &headers).await;
        assert_eq!(response.status, status, "{path}");
        assert_eq!(response.header("set-cookie"), None, "{path}");
        for (name, value) in &response.headers {
            let value = value.as_bytes();
            let is_broken = value.iter().any(|byte| [b'\r', b'\n', 0].contains(byte));
            assert!(!is_broken, "{path}: {name}");
        }
    }
    // Line breaks in the fields of a user add nothing to a file name or a cookie either.
    let body = r#"{"name":"a\r\nset-cookie: forged=1","email":"a@example.org","role":"member"}"#;
    app.json(&key, "POST", "/api/users", body)
        .await
        .problem(422);
    let response = app
        .json(
            &key,
            "POST",
            "/api/session",
            r#"{"email":"ada@example.com\r\n","password":"routebook"}"#,
        )
        .await;
    assert!([401, 422].contains(&response.status) && response.header("set-cookie").is_none());
    let file = app
        .get("GET", "/api/users/export", &[("sandbox-key", &key)])
        .await;
    let disposition = file.header("content-disposition").unwrap();
    assert!(
        disposition.ends_with("filename=\"users.csv\""),
        "{disposition}"
    );
}
