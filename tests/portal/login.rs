//! Logins: responses, cost of password checks, redirects.

use std::sync::{Arc, Mutex};

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use routebook::model::user::Email;
use routebook::portal::store::account::CreateAccountError;
use routebook::portal::store::audit::Actor;
use routebook::portal::{AuthenticationError, LinkToken};

use sqlx::Row as _;

use crate::app::{App, PASSWORD, TestApp, TestResponse, new_account};
use crate::database::TestDatabase;

on_both_engines! {
    unknown_account_and_wrong_password_get_the_same_response,
    login_redirects_only_to_pages_of_this_site,
    login_whose_cookie_does_not_come_back_says_why,
    rejected_login_form_keeps_the_email_escaped,
    invalid_form_returns_an_error_with_the_login_page,
    weaker_password_hash_is_replaced_at_login,
    second_account_with_the_same_email_is_refused,
    account_without_password_cannot_log_in,
    login_beyond_the_capacity_returns_503_immediately,
    fifty_wrong_passwords_from_one_address_return_429_while_the_owner_logs_in_elsewhere,
    session_stores_the_address_of_the_client_and_not_of_the_proxy,
    fresh_site_has_no_account_and_refuses_logins,
    session_ids_and_passwords_occur_in_no_log_and_no_address,
    pages_of_a_viewer_are_no_store,
    login_in_unknown_locale_returns_404,
}

async fn unknown_account_and_wrong_password_get_the_same_response(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut bodies = Vec::new();
    for email in [
        "grace@example.com",
        "nobody@example.com",
        "no address",
        "x@y",
    ] {
        let before = app.portal.passwords.verifications();
        let TestResponse {
            status,
            headers,
            body,
        } = app.log_in(None, email, "wrong password").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{email}");
        assert!(headers.contains_key("www-authenticate"));
        assert_eq!(
            app.portal.passwords.verifications(),
            before + 1,
            "{email}: one verification"
        );
        bodies.push(body.replace(email, "…"));
    }
    assert!(bodies[0].contains("The email or the password is wrong."));
    assert_eq!(bodies[0], bodies[1]);
    let before = app.portal.passwords.verifications();
    app.log_in_as_grace(None).await;
    assert_eq!(
        app.portal.passwords.verifications(),
        before + 1,
        "a correct password takes one verification too"
    );
}

async fn login_redirects_only_to_pages_of_this_site(database: &TestDatabase) {
    let app = App::new(database).await;
    for (next, expected) in [
        ("/ko/methods/get?a=%20b", "/ko/methods/get?a=%20b"),
        ("", "/en"),
        ("//e", "/en"),
        ("/\\e", "/en"),
        ("/%09/e", "/en"),
        ("/\t/e", "/en"),
        ("host\\@e", "/en"),
        ("https://e/", "/en"),
        ("/en\r\nSet-Cookie: a=b", "/en"),
        ("/en/logout", "/en"),
    ] {
        let form = [
            ("email", "grace@example.com"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let response = app.post("/en/login", None, &form).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER);
        assert_eq!(response.target().as_deref(), Some(expected), "{next:?}");
    }
}

async fn login_whose_cookie_does_not_come_back_says_why(database: &TestDatabase) {
    let app = App::new(database).await;
    for (lang, text) in [
        ("en", "the browser has not sent its cookie"),
        ("ko", "브라우저가 쿠키를 보내지 않았습니다"),
    ] {
        let next = format!("/{lang}/methods/get?a=b");
        let form = [
            ("email", "grace@example.com"),
            ("password", PASSWORD),
            ("next", next.as_str()),
        ];
        let path = format!("/{lang}/login");
        let begun = app.post(&path, None, &form).await;
        let address = begun.header("location").unwrap().to_owned();
        let session = begun.session_id(app.cookie).unwrap();
        let with = app.get(&address, Some(&session)).await;
        assert_eq!(with.status, StatusCode::SEE_OTHER);
        assert_eq!(with.header("location"), Some(next.as_str()));
        let without = app.get(&address, None).await;
        assert_eq!(without.status, StatusCode::OK);
        assert!(without.body.contains(text), "{}", without.body);
        assert!(
            without.body.contains(&format!("value=\"{next}\"")),
            "{}",
            without.body
        );
        assert_eq!(without.header("cache-control"), Some("no-store"));
        // The address says nothing of a login that is long ago, and leads to no other site.
        let foreign = format!("{path}?begun=1&next=//example.com/");
        let page = app.get(&foreign, None).await;
        assert!(!page.body.contains(text));
        let home = app.get(&foreign, Some(&session)).await;
        assert_eq!(
            home.header("location"),
            Some(path.trim_end_matches("/login"))
        );
        app.clock.advance(60_000);
        assert!(!app.get(&address, None).await.body.contains(text));
    }
}

async fn rejected_login_form_keeps_the_email_escaped(database: &TestDatabase) {
    let app = App::new(database).await;
    let email = "\"></main><script>alert(1)</script>";
    let form = [
        ("email", email),
        ("password", "hunter22-secret"),
        ("next", "/en/\"><script>"),
    ];
    let response = app.post("/en/login", None, &form).await;
    assert_eq!(response.status, StatusCode::UNAUTHORIZED);
    assert!(
        !response.body.contains("<script>alert"),
        "{}",
        response.body
    );
    assert!(
        response
            .body
            .contains("value=\"&quot;&gt;&lt;/main&gt;&lt;script&gt;alert(1)")
    );
    assert!(!response.body.contains("hunter22-secret"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let page = app.get("/en/login?next=/en/methods/get", None).await;
    assert!(page.body.contains("value=\"/en/methods/get\""));
}

async fn invalid_form_returns_an_error_with_the_login_page(database: &TestDatabase) {
    let app = App::new(database).await;
    for (kind, body, expected) in [
        ("application/json", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            "application/x-www-form-urlencoded",
            "email=%ff&email=x",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "application/x-www-form-urlencoded",
            "",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let request = Request::post("/en/login").header("content-type", kind);
        let response = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(response.status, expected, "{kind} {body}");
        assert!(response.body.contains("class=\"login-form\""));
    }
}

async fn weaker_password_hash_is_replaced_at_login(database: &TestDatabase) {
    let app = App::new(database).await;
    let params = Params::new(8192, 1, 1, None).unwrap();
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(PASSWORD.as_bytes())
        .unwrap();
    let store = &app.portal.store;
    let old = new_account("old@example.com", "Old");
    store
        .create_account(old, weak.to_string(), 0)
        .await
        .unwrap();
    let email = Email::parse("old@example.com").unwrap();
    let hash = async || {
        let credentials = store.find_credentials(&email).await.unwrap().unwrap();
        credentials.password_hash.unwrap()
    };

    let response = app.log_in(None, "old@example.com", "wrong").await;
    assert_eq!(response.status, StatusCode::UNAUTHORIZED);
    assert!(
        hash().await.contains("m=8192,"),
        "a wrong password does not change the hash"
    );
    for _ in 0..2 {
        let response = app.log_in(None, "old@example.com", PASSWORD).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER);
        assert!(hash().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}

async fn second_account_with_the_same_email_is_refused(database: &TestDatabase) {
    let app = App::new(database).await;
    let same = new_account("GRACE@Example.com", "Another");
    let error = app
        .portal
        .store
        .create_account(same, "x".to_owned(), 0)
        .await
        .unwrap_err();
    assert!(matches!(error, CreateAccountError::EmailTaken));
    assert_eq!(app.portal.store.list_accounts().await.unwrap().len(), 1);
}

async fn account_without_password_cannot_log_in(database: &TestDatabase) {
    let app = App::new(database).await;
    crate::app::rows(database, "UPDATE account SET password_hash = NULL").await;
    for password in [PASSWORD, "null", "nobody's password"] {
        let before = app.portal.passwords.verifications();
        let response = app.log_in(None, "grace@example.com", password).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED);
        assert_eq!(app.portal.passwords.verifications(), before + 1);
    }
}

async fn login_beyond_the_capacity_returns_503_immediately(database: &TestDatabase) {
    let app = App::new(database).await;
    // On a slow machine the queue can drain before the account is found, so the test tries repeatedly.
    for _ in 0..20 {
        let response = log_in_under_load(&app).await;
        if response.status != StatusCode::SERVICE_UNAVAILABLE {
            continue;
        }
        assert_eq!(response.header("retry-after"), Some("1"));
        assert!(response.body.contains("Too many people are logging in"));
        assert!(!response.headers.contains_key("set-cookie"));
        app.log_in_as_grace(None).await;
        return;
    }
    panic!("no login was refused with 503");
}

/// Logs in while the capacity of password checks is used up and more checks wait.
async fn log_in_under_load(app: &App) -> TestResponse {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let checks: Vec<_> = (0..cores * 140)
        .map(|_| {
            let passwords = app.portal.passwords.clone();
            tokio::spawn(async move { passwords.verify(PASSWORD.to_owned(), None).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let response = app.log_in(None, "grace@example.com", PASSWORD).await;
    for check in checks {
        drop(check.await.unwrap());
    }
    response
}

async fn pages_of_a_viewer_are_no_store(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    for path in ["/en", "/en/methods/get", "/en/nothing"] {
        let response = app.get(path, Some(&id)).await;
        assert_eq!(response.header("cache-control"), Some("no-store"), "{path}");
        let response = app.get(path, None).await;
        assert_ne!(response.header("cache-control"), Some("no-store"), "{path}");
    }
}

async fn login_in_unknown_locale_returns_404(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in ["/fr/login", "/fr/logout"] {
        let response = app
            .post(path, None, &[("email", "grace@example.com")])
            .await;
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn fifty_wrong_passwords_from_one_address_return_429_while_the_owner_logs_in_elsewhere(
    database: &TestDatabase,
) {
    let app = App::behind(database, &["10.0.0.0/8"]).await;
    let (attacker, owner) = (
        ("10.1.1.1:5000", Some("198.51.100.1")),
        ("10.1.1.1:5000", Some("192.0.2.1")),
    );
    let email = "grace@example.com";
    let mut statuses = Vec::new();
    for _ in 0..50 {
        let response = app.log_in_from(attacker, email, "wrong password").await;
        statuses.push(response.status.as_u16());
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert_eq!(statuses[5..], [429; 45]);
    assert_eq!(app.portal.passwords.verifications(), 5);
    // From that address, the correct password is refused too.
    let refused = async |email, seconds: &str| {
        let response = app.log_in_from(attacker, email, PASSWORD).await;
        assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS, "{email}");
        assert_eq!(response.header("retry-after"), Some(seconds));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let sentence =
            format!("Too many failed attempts to log in. Try again in {seconds} seconds.");
        assert!(response.body.contains(&sentence), "{}", response.body);
    };
    refused(email, "180").await;
    // With guesses at other accounts the address reaches its own limit, and all accounts are refused.
    for guess in 0..15 {
        let email = format!("nobody{guess}@example.com");
        let response = app.log_in_from(attacker, &email, "wrong password").await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{email}");
    }
    for email in ["nobody@example.com", "no address"] {
        refused(email, "3").await;
    }
    let response = app.log_in_from(owner, email, PASSWORD).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    // Attempts are allowed again one by one over time.
    app.clock.advance(180_000);
    let response = app.log_in_from(attacker, email, "wrong password").await;
    assert_eq!(response.status, StatusCode::UNAUTHORIZED);
    let response = app.log_in_from(attacker, email, "wrong password").await;
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
}

async fn session_stores_the_address_of_the_client_and_not_of_the_proxy(database: &TestDatabase) {
    for (proxies, peer, forwarded, expected) in [
        (
            &["10.0.0.0/8"][..],
            "10.1.1.1:5000",
            Some("192.0.2.1"),
            "192.0.2.1",
        ),
        (&["10.0.0.0/8"], "10.1.1.1:5000", None, "10.1.1.1"),
        (&[], "198.51.100.1:5000", Some("192.0.2.1"), "198.51.100.1"),
        (&[], "[::ffff:198.51.100.1]:5000", None, "198.51.100.1"),
        (
            &["::1/128"],
            "[::1]:5000",
            Some("2001:db8::7"),
            "2001:db8::7",
        ),
    ] {
        let app = App::behind(database, proxies).await;
        let from = (peer, forwarded);
        let response = app.log_in_from(from, "grace@example.com", PASSWORD).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER);
        let row = crate::app::rows(database, "SELECT address FROM session").await;
        let address: String = row[0].get("address");
        assert_eq!((row.len(), address.as_str()), (1, expected));
        // The next site creates the same account.
        crate::app::rows(database, "DELETE FROM account").await;
    }
}

async fn fresh_site_has_no_account_and_refuses_logins(database: &TestDatabase) {
    let app = TestApp::new(database, "http://127.0.0.1:3000").await;
    assert!(
        app.state
            .portal
            .store
            .list_accounts()
            .await
            .unwrap()
            .is_empty()
    );
    for (email, password) in [
        ("admin@example.com", "admin"),
        ("admin@localhost", "password"),
        ("root@localhost", ""),
        ("grace@example.com", "routebook"),
    ] {
        let result = app
            .state
            .portal
            .authenticate(email, password.to_owned(), None, &Actor::default())
            .await;
        assert!(
            matches!(result, Err(AuthenticationError::WrongCredentials)),
            "{email}"
        );
    }
}

/// Collects log lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn session_ids_and_passwords_occur_in_no_log_and_no_address(database: &TestDatabase) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        // As in `cli::log`, where it is never logged in more detail.
        .with_env_filter("trace,tower_http::csrf=info")
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    // While there is one subscriber only, events that a thread without it emits first are switched off for all threads.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let app = App::new(database).await;
    let wrong = "a wrong password of Grace";
    app.log_in(None, "grace@example.com", wrong).await;
    let response = app.log_in(None, "grace@example.com", PASSWORD).await;
    let id = response.session_id(app.cookie).unwrap();
    assert!(!response.header("location").unwrap().contains(&id));
    for path in ["/en", "/en/login", "/en/nothing", "/en/methods/get"] {
        let page = app.get(path, Some(&id)).await;
        assert!(!page.body.contains(&id), "{path}");
    }
    app.post("/en/logout", Some(&id), &[]).await;
    app.get("/en", Some(&id)).await;
    let link = LinkToken::random();
    for page in ["join", "reset"] {
        let path = format!("/en/{page}/{}", link.as_str());
        app.get(&path, None).await;
        app.post(&path, None, &[("password", wrong)]).await;
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/en/methods/get"), "the log is collected");
    for secret in [id.as_str(), wrong, PASSWORD, link.as_str()] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
