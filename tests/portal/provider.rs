//! Which account somebody gets who logs in with an identity provider, and what happens when it does not answer. The protocol
//! itself is tested against a real provider in end2end/single_sign_on.spec.ts, and answers that are not to be trusted here.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use routebook::config::{Config, OidcConfig, SecretText};
use routebook::model::account::{Account, DisplayName, TeamRole};
use routebook::model::locale::Locale;
use routebook::model::user::Email;
use routebook::portal::store::audit::Actor;
use routebook::portal::store::invitation::NewInvitation;
use routebook::portal::store::member::MemberChange;
use routebook::portal::{ProviderAccountError, ProviderIdentity};
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::app::{App, DAY, PASSWORD, TestResponse, rows};
use crate::database::TestDatabase;
use crate::identity_provider::{CLIENT_SECRET, IdentityProvider, sign};

on_both_engines! {
    account_is_created_once_with_the_role_of_its_groups,
    account_with_the_same_address_is_linked_only_if_allowed_and_verified,
    invited_person_gets_the_role_and_the_group_of_the_invitation,
    account_without_a_usable_address_is_not_created,
    first_account_must_be_an_admins,
    role_follows_the_groups_but_the_last_admin_stays,
    disabled_account_is_refused,
    member_of_a_provider_has_no_password,
    provider_that_does_not_answer_is_reported,
    callback_without_a_login_is_refused,
    site_without_a_provider_has_no_button,
    only_a_valid_answer_of_the_provider_logs_in,
    requests_at_once_keep_the_id_token_of_the_session,
}

const ISSUER: &str = "https://id.example.com";

fn identity(subject: &str, email: &str, role: Option<TeamRole>) -> ProviderIdentity {
    ProviderIdentity {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        email: Email::parse(email),
        is_email_verified: Some(true),
        name: DisplayName::parse("Mina"),
        role,
        id_token: String::new(),
    }
}

async fn enter(
    app: &App,
    identity: &ProviderIdentity,
    links: bool,
) -> Result<Account, ProviderAccountError> {
    let actor = Actor::default();
    let entered = app
        .portal
        .enter_with_provider(identity, links, Locale::Ko, &actor);
    entered.await
}

async fn account_is_created_once_with_the_role_of_its_groups(database: &TestDatabase) {
    let app = App::new(database).await;
    let mina = identity("1", "mina@example.com", Some(TeamRole::Mentor));
    let created = enter(&app, &mina, false).await.unwrap();
    assert_eq!(
        (created.role, created.language),
        (TeamRole::Mentor, Locale::Ko)
    );
    assert_eq!(created.name.as_str(), "Mina");
    // The address may change at the provider; the person is the same.
    let renamed = identity("1", "m@example.com", Some(TeamRole::Mentor));
    assert_eq!(enter(&app, &renamed, false).await.unwrap().id, created.id);
    let other = ProviderIdentity {
        issuer: "https://other.example.com".to_owned(),
        ..identity("1", "other@example.com", None)
    };
    let other = enter(&app, &other, false).await.unwrap();
    assert_ne!(other.id, created.id);
    assert_eq!(other.role, TeamRole::Learner);
    let audit = rows(
        database,
        "SELECT id FROM audit WHERE action = 'join' AND detail LIKE '%https://id.example.com'",
    )
    .await;
    assert_eq!(audit.len(), 1);
    // Many at once create one account.
    let many = identity("9", "nine@example.com", None);
    let entered = (0..5).map(|_| enter(&app, &many, false));
    let entered = futures_util::future::join_all(entered).await;
    assert!(entered.iter().any(Result::is_ok));
    let accounts = app.portal.store.list_accounts().await.unwrap();
    assert_eq!(accounts.len(), 4);
}

async fn account_with_the_same_address_is_linked_only_if_allowed_and_verified(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let grace = identity("7", "Grace@example.com", None);
    let refused = |result| matches!(result, Err(ProviderAccountError::EmailTaken));
    assert!(refused(enter(&app, &grace, false).await));
    for is_email_verified in [None, Some(false)] {
        let unverified = ProviderIdentity {
            is_email_verified,
            ..grace.clone()
        };
        assert!(enter(&app, &unverified, true).await.is_err());
    }
    assert!(
        rows(database, "SELECT id FROM account WHERE issuer IS NOT NULL")
            .await
            .is_empty()
    );
    let linked = enter(&app, &grace, true).await.unwrap();
    assert_eq!(linked.email.as_str(), "grace@example.com");
    // Linked to one person, it is not linked to another.
    let other = identity("8", "grace@example.com", None);
    assert!(refused(enter(&app, &other, true).await));
    let audit = rows(
        database,
        "SELECT id FROM audit WHERE action = 'link-provider' AND subject = 'grace@example.com'",
    )
    .await;
    assert_eq!(audit.len(), 1);
    // The password still works.
    app.log_in_as_grace(None).await;
}

async fn invited_person_gets_the_role_and_the_group_of_the_invitation(database: &TestDatabase) {
    let app = App::new(database).await;
    let (store, now) = (&app.portal.store, app.clock.now());
    let admin = store.list_accounts().await.unwrap()[0].clone();
    let actor = Actor {
        account: Some((admin.id, admin.name)),
        ..Actor::default()
    };
    let group = {
        let name = DisplayName::parse("Backend").unwrap();
        store.create_group(name, &actor, now).await.unwrap()
    };
    for (subject, is_verified, said, expected, in_group) in [
        ("1", Some(true), None, TeamRole::Mentor, true),
        // The groups of the provider decide about the role.
        (
            "2",
            Some(true),
            Some(TeamRole::Learner),
            TeamRole::Learner,
            true,
        ),
        // Whoever can choose an address at the provider must not get the role of its owner.
        ("3", None, None, TeamRole::Learner, false),
    ] {
        let email = format!("invited{subject}@example.com");
        let invitation = NewInvitation {
            role: TeamRole::Mentor,
            group: Some(group),
            email: Email::parse(&email),
            uses: 1,
            expires: now + 1000,
        };
        app.portal.invite(vec![invitation], &actor).await.unwrap();
        let person = ProviderIdentity {
            is_email_verified: is_verified,
            ..identity(subject, &email, said)
        };
        let account = enter(&app, &person, false).await.unwrap();
        assert_eq!(account.role, expected, "{email}");
        let groups = store.list_groups_of(account.id).await.unwrap();
        assert_eq!(!groups.is_empty(), in_group, "{email}");
        let open = store.list_invitations(now, (0, 50)).await.unwrap();
        assert_eq!(open.is_empty(), in_group, "{email}");
    }
}

async fn account_without_a_usable_address_is_not_created(database: &TestDatabase) {
    let app = App::new(database).await;
    let without = identity("1", "", None);
    assert!(matches!(
        enter(&app, &without, true).await,
        Err(ProviderAccountError::NoEmail)
    ));
    let unverified = ProviderIdentity {
        is_email_verified: Some(false),
        ..identity("1", "mina@example.com", None)
    };
    assert!(matches!(
        enter(&app, &unverified, true).await,
        Err(ProviderAccountError::Unverified)
    ));
    // Many providers do not say whether the address is verified.
    let silent = ProviderIdentity {
        is_email_verified: None,
        name: None,
        ..identity("1", "mina@example.com", None)
    };
    assert_eq!(
        enter(&app, &silent, false).await.unwrap().name.as_str(),
        "mina"
    );
}

async fn first_account_must_be_an_admins(database: &TestDatabase) {
    let app = App::without_accounts(database).await;
    let learner = identity("1", "mina@example.com", None);
    assert!(matches!(
        enter(&app, &learner, false).await,
        Err(ProviderAccountError::NoAdmin)
    ));
    assert!(app.portal.first_admin_link().await.unwrap().is_some());
    let admin = identity("2", "lead@example.com", Some(TeamRole::Admin));
    enter(&app, &admin, false).await.unwrap();
    enter(&app, &learner, false).await.unwrap();
}

async fn role_follows_the_groups_but_the_last_admin_stays(database: &TestDatabase) {
    let app = App::new(database).await;
    let with = |role| identity("1", "mina@example.com", Some(role));
    for role in [TeamRole::Admin, TeamRole::Learner] {
        // Grace is a learner, so Mina is the only admin.
        let entered = enter(&app, &with(role), false).await.unwrap();
        assert_eq!(entered.role, TeamRole::Admin);
    }
    enter(
        &app,
        &identity("2", "second@example.com", Some(TeamRole::Admin)),
        false,
    )
    .await
    .unwrap();
    let demoted = enter(&app, &with(TeamRole::Learner), false).await.unwrap();
    assert_eq!(demoted.role, TeamRole::Learner);
    let stored = app
        .portal
        .store
        .find_account(demoted.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.role, TeamRole::Learner);
    // Without groups in the configuration an admin decides.
    let (actor, now) = (Actor::default(), app.clock.now());
    let change = MemberChange::Role(TeamRole::Mentor);
    app.portal
        .store
        .change_member(demoted.id, change, &actor, now)
        .await
        .unwrap();
    let kept = enter(&app, &identity("1", "mina@example.com", None), false)
        .await
        .unwrap();
    assert_eq!(kept.role, TeamRole::Mentor);
}

async fn disabled_account_is_refused(database: &TestDatabase) {
    let app = App::new(database).await;
    let mina = identity("1", "mina@example.com", None);
    let account = enter(&app, &mina, false).await.unwrap();
    let (actor, now) = (Actor::default(), app.clock.now());
    let change = MemberChange::Disabled(true);
    app.portal
        .store
        .change_member(account.id, change, &actor, now)
        .await
        .unwrap();
    assert!(matches!(
        enter(&app, &mina, true).await,
        Err(ProviderAccountError::Disabled)
    ));
    // Nor is a disabled account linked.
    let grace = app.portal.store.list_accounts().await.unwrap()[0].clone();
    app.portal
        .store
        .change_member(grace.id, change, &actor, now)
        .await
        .unwrap();
    assert!(
        enter(&app, &identity("2", "grace@example.com", None), true)
            .await
            .is_err()
    );
}

async fn member_of_a_provider_has_no_password(database: &TestDatabase) {
    let app = App::new(database).await;
    enter(&app, &identity("1", "mina@example.com", None), false)
        .await
        .unwrap();
    let actor = Actor::default();
    let email = Email::parse("mina@example.com").unwrap();
    let link = app.portal.forgotten_password(&email, &actor).await.unwrap();
    assert!(link.is_none(), "a password would bypass the provider");
    for password in ["", PASSWORD] {
        let refused = app.log_in(None, "mina@example.com", password).await;
        assert!(refused.cookies(app.cookie).is_empty());
    }
}

async fn site_with_provider(database: &TestDatabase) -> App {
    // Nobody listens there.
    site_with_issuer(database, "http://127.0.0.1:1").await
}

async fn site_with_issuer(database: &TestDatabase, issuer: &str) -> App {
    let oidc = OidcConfig {
        issuer: issuer.to_owned(),
        client_id: "routebook".to_owned(),
        client_secret: Some(SecretText(CLIENT_SECRET.to_owned())),
        name: "Team ID".to_owned(),
        scopes: Vec::new(),
        groups_claim: "groups".to_owned(),
        admin_group: None,
        mentor_group: None,
        link_accounts: false,
    };
    let config = Config {
        oidc: Some(oidc),
        ..Config::default()
    };
    App::with_config(database, config).await
}

async fn provider_that_does_not_answer_is_reported(database: &TestDatabase) {
    let app = site_with_provider(database).await;
    for (lang, button, text) in [
        (
            "en",
            "Log in with Team ID",
            "cannot be reached at the moment",
        ),
        ("ko", "Team ID 계정으로 로그인", "연결할 수 없습니다"),
    ] {
        let login = app.get(&format!("/{lang}/login"), None).await;
        assert!(login.body.contains(button), "{}", login.body);
        let page = app
            .post(&format!("/{lang}/login/provider"), None, &[("next", "")])
            .await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY);
        assert!(page.body.contains(text), "{}", page.body);
        assert!(page.cookies("routebook-login").is_empty());
    }
    assert!(
        rows(database, "SELECT kind FROM pending_login")
            .await
            .is_empty()
    );
    // The password still works.
    app.log_in_as_grace(None).await;
}

async fn callback(app: &App, query: &str, token: Option<&str>) -> TestResponse {
    let mut request = Request::get(format!("/login/callback?{query}"));
    if let Some(token) = token {
        request = request.header(COOKIE, format!("lang=en; routebook-login={token}"));
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn callback_without_a_login_is_refused(database: &TestDatabase) {
    use routebook::portal::store::pending_login::{PendingLogin, PendingStep};
    let app = site_with_provider(database).await;
    assert_eq!(
        callback(&app, "code=a&state=b", None).await.status,
        StatusCode::BAD_REQUEST
    );
    let begin = async |step| {
        let data =
            r#"{"login":{"state":"right","nonce":"n","verifier":"v"},"locale":"en","next":""}"#;
        let login = PendingLogin {
            account: None,
            data: data.to_owned(),
        };
        app.portal.begin_login(step, login).await.unwrap()
    };
    // The state is that of another login, and the login is over after one try.
    let token = begin(PendingStep::Provider).await;
    for state in ["wrong", "right"] {
        let query = format!("code=a&state={state}");
        let response = callback(&app, &query, Some(token.as_str())).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{state}");
        assert!(
            response.body.contains("no longer valid"),
            "{}",
            response.body
        );
    }
    // The token of another step is none of this one.
    let token = begin(PendingStep::Code).await;
    let response = callback(&app, "code=a&state=right", Some(token.as_str())).await;
    assert_eq!(response.status, StatusCode::BAD_REQUEST);
    let token = begin(PendingStep::Provider).await;
    let cancelled = callback(
        &app,
        "error=access_denied&state=right",
        Some(token.as_str()),
    )
    .await;
    assert_eq!(cancelled.status, StatusCode::FORBIDDEN);
    assert!(
        cancelled.body.contains("The login was cancelled"),
        "{}",
        cancelled.body
    );
}

async fn site_without_a_provider_has_no_button(database: &TestDatabase) {
    let app = App::new(database).await;
    let login = app.get("/en/login", None).await;
    assert!(!login.body.contains("/login/provider"), "{}", login.body);
    let page = app.post("/en/login/provider", None, &[]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(
        callback(&app, "code=a&state=b", None).await.status,
        StatusCode::NOT_FOUND
    );
}

/// A login that waits for the answer of the provider.
struct BegunLogin {
    /// The token in the cookie of the browser.
    token: String,
    /// The query of the address of the provider to which the browser is sent.
    query: HashMap<String, String>,
}

async fn begin_login(app: &App) -> BegunLogin {
    let page = app.post("/en/login/provider", None, &[("next", "/en/account")]);
    let page = page.await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let (_, address) = page.header("refresh").unwrap().split_once('?').unwrap();
    let cookie = page.cookies("routebook-login").remove(0);
    let token = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let query = form_urlencoded::parse(address.as_bytes());
    BegunLogin {
        token,
        query: query.into_owned().collect(),
    }
}

/// Changes a valid answer of the provider, or what it remembers of the login.
type Change = fn(&mut Value, &mut BegunLogin);

async fn only_a_valid_answer_of_the_provider_logs_in(database: &TestDatabase) {
    let provider = IdentityProvider::start().await;
    let app = site_with_issuer(database, &provider.issuer).await;
    let secret = Some(CLIENT_SECRET);
    let changed: [(&str, Change, Option<&str>, StatusCode); 11] = [
        (
            "of another login",
            |claims, _| claims["nonce"] = json!("another"),
            secret,
            StatusCode::BAD_GATEWAY,
        ),
        (
            "without a nonce",
            |claims, _| claims["nonce"] = Value::Null,
            secret,
            StatusCode::BAD_GATEWAY,
        ),
        (
            "for another site",
            |claims, _| claims["aud"] = json!("another"),
            secret,
            StatusCode::BAD_GATEWAY,
        ),
        (
            "of another issuer",
            |claims, _| claims["iss"] = json!("https://evil.example"),
            secret,
            StatusCode::BAD_GATEWAY,
        ),
        (
            "expired",
            |claims, _| claims["exp"] = json!(1_000_000_001),
            secret,
            StatusCode::BAD_GATEWAY,
        ),
        (
            "signed by somebody else",
            |_, _| (),
            Some("another secret"),
            StatusCode::BAD_GATEWAY,
        ),
        ("not signed", |_, _| (), None, StatusCode::BAD_GATEWAY),
        (
            "for the code of another login",
            |_, begun| {
                begun
                    .query
                    .insert("code_challenge".to_owned(), "another".to_owned());
            },
            secret,
            StatusCode::BAD_GATEWAY,
        ),
        (
            "with the state of another login",
            |_, begun| {
                begun.query.insert("state".to_owned(), "another".to_owned());
            },
            secret,
            StatusCode::BAD_REQUEST,
        ),
        (
            "with an address that is not verified",
            |claims, _| claims["email_verified"] = json!(false),
            secret,
            StatusCode::FORBIDDEN,
        ),
        ("valid", |_, _| (), secret, StatusCode::SEE_OTHER),
    ];
    let mut wrong = Vec::new();
    for (case, change, secret, expected) in changed {
        let mut begun = begin_login(&app).await;
        assert_eq!(begun.query["code_challenge_method"], "S256");
        assert_eq!(
            begun.query["redirect_uri"],
            "http://127.0.0.1:3000/login/callback"
        );
        let mut claims = claims_of(case, &provider, &begun);
        change(&mut claims, &mut begun);
        provider.answer_with(sign(&claims, secret), &begun.query["code_challenge"]);
        let before = accounts(&app).await;
        let query = format!("code=a&state={}", begun.query["state"]);
        let response = callback(&app, &query, Some(&begun.token)).await;
        let is_logged_in = !response.cookies(app.cookie).is_empty();
        let is_created = accounts(&app).await > before;
        let is_valid = expected == StatusCode::SEE_OTHER;
        if (response.status, is_logged_in, is_created) != (expected, is_valid, is_valid) {
            wrong.push(format!("{case}: {}", response.status));
        }
        // The code is exchanged once.
        let again = callback(&app, &query, Some(&begun.token)).await;
        if again.status != StatusCode::BAD_REQUEST {
            wrong.push(format!("{case}, again: {}", again.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Returns the claims of a valid ID token about a person.
fn claims_of(subject: &str, provider: &IdentityProvider, begun: &BegunLogin) -> Value {
    json!({
        "iss": provider.issuer,
        "aud": "routebook",
        "sub": subject,
        "exp": 4_102_444_800_u32,
        "iat": 1_000_000_000,
        "nonce": begun.query["nonce"],
        "name": "Mina",
        "email": format!("{}@example.com", subject.replace(' ', "-")),
        "email_verified": true,
        "groups": [],
    })
}

async fn requests_at_once_keep_the_id_token_of_the_session(database: &TestDatabase) {
    let provider = IdentityProvider::start().await;
    let app = site_with_issuer(database, &provider.issuer).await;
    let begun = begin_login(&app).await;
    let token = sign(&claims_of("mina", &provider, &begun), Some(CLIENT_SECRET));
    provider.answer_with(token.clone(), &begun.query["code_challenge"]);
    let query = format!("code=a&state={}", begun.query["state"]);
    let entered = callback(&app, &query, Some(&begun.token)).await;
    let session = entered.session_id(app.cookie).expect("a session");
    let stored = async || {
        let rows = rows(database, "SELECT data FROM session").await;
        assert_eq!(rows.len(), 1);
        serde_json::from_str::<Value>(&rows[0].get::<String, _>(0)).unwrap()
    };
    let before = stored().await;
    assert_eq!(before, json!({ "id_token": token }));
    let session = Some(session.as_str());
    for _ in 0..10 {
        // The time of last use is stored as well.
        app.clock.advance(DAY);
        let responses = tokio::join!(
            app.get("/en/account", session),
            app.get("/en/learn", session),
            app.post("/en/progress", session, &[("read", "methods/get")]),
            app.post(
                "/en/account",
                session,
                &[("do", "profile"), ("name", "Mina Kim"), ("language", "en")],
            ),
        );
        let (account, path, progress, profile) = responses;
        let statuses = [account, path, progress, profile].map(|response| response.status.as_u16());
        assert_eq!(statuses, [200, 200, 204, 303]);
        assert_eq!(stored().await, before);
    }
}

async fn accounts(app: &App) -> usize {
    app.portal.store.list_accounts().await.unwrap().len()
}
