//! The site with an account, and the requests that a browser would send.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use routebook::clock::Clock;
use routebook::config::Config;
use routebook::content::{Library, SourceFile};
use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::model::limits::Limits;
use routebook::model::locale::Locale;
use routebook::model::user::Email;
use routebook::portal::store::account::NewAccount;
use routebook::portal::{Password, Portal};
use routebook::server::Content;
use routebook::state::AppState;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::database::TestDatabase;
pub(crate) use crate::site::{START, TestApp};

/// A day, in milliseconds.
pub(crate) const DAY: i64 = 86_400_000;
/// An hour, in milliseconds.
pub(crate) const HOUR: i64 = 3_600_000;

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse";

/// The site under test.
pub(crate) struct App {
    site: TestApp,
    /// The accounts and sessions of the site.
    pub(crate) portal: Portal,
    /// The clock of the site.
    pub(crate) clock: Clock,
    /// The name of the session cookie.
    pub(crate) cookie: &'static str,
}

/// A response, read to its end.
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl App {
    /// Creates a site on plain http, with an account for grace@example.com.
    pub(crate) async fn new(database: &TestDatabase) -> App {
        App::with_base(database, "http://127.0.0.1:3000").await
    }

    /// Creates a site with other limits.
    pub(crate) async fn with_limits(database: &TestDatabase, limits: Limits) -> App {
        let base = "http://127.0.0.1:3000";
        App::with_account(TestApp::with_limits(database, base, limits).await, base).await
    }

    /// Creates a site with an origin.
    pub(crate) async fn with_base(database: &TestDatabase, base: &str) -> App {
        App::with_account(TestApp::new(database, base).await, base).await
    }

    /// Creates a site on plain http behind trusted proxies.
    pub(crate) async fn behind(database: &TestDatabase, proxies: &[&str]) -> App {
        let base = "http://127.0.0.1:3000";
        let config = Config {
            base_url: Some(base.to_owned()),
            trusted_proxies: proxies.iter().map(|net| net.parse().unwrap()).collect(),
            ..Config::default()
        };
        App::with_account(TestApp::with_config(database, config).await, base).await
    }

    /// Creates a site on plain http for members only.
    pub(crate) async fn for_members(database: &TestDatabase) -> App {
        let base = "http://127.0.0.1:3000";
        let config = Config {
            base_url: Some(base.to_owned()),
            members_only: Some(true),
            ..Config::default()
        };
        App::with_account(TestApp::with_config(database, config).await, base).await
    }

    /// Creates another instance of a site on plain http for members only.
    pub(crate) async fn for_members_without_accounts(database: &TestDatabase) -> App {
        let base = "http://127.0.0.1:3000";
        let config = Config {
            base_url: Some(base.to_owned()),
            members_only: Some(true),
            ..Config::default()
        };
        App::of(TestApp::with_config(database, config).await, base)
    }

    /// Creates a site on plain http with other configuration keys.
    pub(crate) async fn with_config(database: &TestDatabase, config: Config) -> App {
        let base = "http://127.0.0.1:3000";
        let config = Config {
            base_url: Some(base.to_owned()),
            ..config
        };
        App::with_account(TestApp::with_config(database, config).await, base).await
    }

    /// Creates a site on plain http with other lessons.
    pub(crate) async fn with_content(database: &TestDatabase, content: Content) -> App {
        let base = "http://127.0.0.1:3000";
        let config = Config {
            base_url: Some(base.to_owned()),
            ..Config::default()
        };
        App::with_account(TestApp::with_content(database, config, content).await, base).await
    }

    /// Creates a site on plain http with files over the built-in content.
    pub(crate) async fn with_files(database: &TestDatabase, files: &[SourceFile]) -> App {
        App::with_content(database, Content::over_built_in(files, false).unwrap()).await
    }

    /// Creates a site on plain http without an account.
    pub(crate) async fn without_accounts(database: &TestDatabase) -> App {
        let base = "http://127.0.0.1:3000";
        App::of(TestApp::new(database, base).await, base)
    }

    fn of(site: TestApp, base: &str) -> App {
        App {
            portal: site.state.portal.clone(),
            clock: site.state.portal.clock.clone(),
            site,
            cookie: if base.starts_with("https") {
                "__Host-routebook"
            } else {
                "routebook"
            },
        }
    }

    async fn with_account(site: TestApp, base: &str) -> App {
        let app = App::of(site, base);
        app.register("grace@example.com", "Grace Hopper").await;
        app
    }

    /// Returns the lessons of the site.
    pub(crate) fn library(&self) -> Arc<Library> {
        self.site.state.library.clone()
    }

    /// Creates an account.
    pub(crate) async fn register(&self, email: &str, name: &str) -> AccountId {
        let password = Password::parse(PASSWORD).unwrap();
        self.portal
            .register(new_account(email, name), password)
            .await
            .unwrap()
    }

    /// Creates an account with a role and returns the id of a session of it.
    pub(crate) async fn session_of(&self, email: &str, role: TeamRole) -> String {
        let account = NewAccount {
            role,
            ..new_account(email, email)
        };
        let password = Password::parse(PASSWORD).unwrap();
        self.portal.register(account, password).await.unwrap();
        let response = self.log_in(None, email, PASSWORD).await;
        response.session_id(self.cookie).expect("a cookie")
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        let (parts, body) = self.site.send(request).await;
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Returns the state of the site.
    pub(crate) fn state(&self) -> &AppState {
        &self.site.state
    }

    /// Sends a request and returns the response before its body is read.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.site.respond(request).await
    }

    /// Fetches a page, with or without the session's cookie.
    pub(crate) async fn get(&self, path: &str, id: Option<&str>) -> TestResponse {
        let request = Request::get(path);
        let request = match id {
            Some(id) => request.header(COOKIE, format!("lang=en; {}={id}", self.cookie)),
            None => request,
        };
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Posts a form, as a page of the site would.
    pub(crate) async fn post(
        &self,
        path: &str,
        id: Option<&str>,
        form: &[(&str, &str)],
    ) -> TestResponse {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        if let Some(id) = id {
            request = request.header(COOKIE, format!("{}={id}", self.cookie));
        }
        self.send(request.body(Body::from(body.finish())).unwrap())
            .await
    }

    /// Posts a form and returns the page to which the response redirects, or else the response.
    pub(crate) async fn post_and_follow(
        &self,
        path: &str,
        id: Option<&str>,
        form: &[(&str, &str)],
    ) -> TestResponse {
        let response = self.post(path, id, form).await;
        match response.header("location") {
            Some(target) => self.get(target, id).await,
            None => response,
        }
    }

    /// Posts a form from a peer address.
    pub(crate) async fn post_from(
        &self,
        peer: &str,
        path: &str,
        form: Vec<(&str, &str)>,
    ) -> TestResponse {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut request = request.body(Body::from(body.finish())).unwrap();
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        self.send(request).await
    }

    /// Tries to log in.
    pub(crate) async fn log_in(
        &self,
        id: Option<&str>,
        email: &str,
        password: &str,
    ) -> TestResponse {
        let form = [("email", email), ("password", password), ("next", "")];
        self.post("/en/login", id, &form).await
    }

    /// Tries to log in from a peer address, with the `X-Forwarded-For` of a proxy.
    pub(crate) async fn log_in_from(
        &self,
        (peer, forwarded): (&str, Option<&str>),
        email: &str,
        password: &str,
    ) -> TestResponse {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs([("email", email), ("password", password)]);
        let mut request =
            Request::post("/en/login").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-for", forwarded);
        }
        let mut request = request.body(Body::from(body.finish())).unwrap();
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        self.send(request).await
    }

    /// Logs in as Grace and returns the id of the session.
    pub(crate) async fn log_in_as_grace(&self, id: Option<&str>) -> String {
        let response = self.log_in(id, "grace@example.com", PASSWORD).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
        response.session_id(self.cookie).expect("a cookie")
    }

    /// Returns the account name that the header of a page shows.
    pub(crate) async fn viewer_name(&self, id: &str) -> Option<String> {
        let page = self.get("/en/login", Some(id)).await;
        assert_eq!(page.status, StatusCode::OK);
        let (_, rest) = page.body.split_once("class=\"account-name\"")?;
        let (_, rest) = rest.split_once('>')?;
        rest.split_once('<').map(|(name, _)| name.to_owned())
    }
}

impl TestResponse {
    /// Returns the first value of a header field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns where a login leads: past the page that checks the cookie.
    pub(crate) fn target(&self) -> Option<String> {
        let location = self.header("location")?;
        let (_, query) = location.split_once("/login?begun=")?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let next = pairs.find(|(name, _)| name == "next");
        next.map(|(_, next)| next.into_owned())
    }

    /// Returns the `Set-Cookie` fields of one cookie.
    pub(crate) fn cookies(&self, name: &str) -> Vec<String> {
        let fields = self.headers.get_all(SET_COOKIE).iter();
        let texts = fields.map(|value| value.to_str().unwrap().to_owned());
        texts
            .filter(|text| text.starts_with(&format!("{name}=")))
            .collect()
    }

    /// Returns the session id that the response sets.
    pub(crate) fn session_id(&self, name: &str) -> Option<String> {
        let cookies = self.cookies(name);
        assert!(cookies.len() <= 1, "{cookies:?}");
        let (_, rest) = cookies.first()?.split_once('=')?;
        rest.split(';').next().map(str::to_owned)
    }
}

/// Returns the data of a new account.
pub(crate) fn new_account(email: &str, name: &str) -> NewAccount {
    NewAccount {
        email: Email::parse(email).unwrap(),
        name: DisplayName::parse(name).unwrap(),
        language: Locale::En,
        role: TeamRole::Learner,
    }
}

/// Opens a connection of the test to the portal's database.
pub(crate) async fn connect(database: &TestDatabase) -> AnyConnection {
    let url = database.url("portal");
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    if let TestDatabase::Postgres { .. } = database {
        connection
            .execute("SET search_path = portal")
            .await
            .unwrap();
    }
    connection
}

/// Returns rows of the portal's database, read on a connection of the test.
pub(crate) async fn rows(database: &TestDatabase, sql: &'static str) -> Vec<AnyRow> {
    let mut connection = connect(database).await;
    let rows = connection.fetch_all(sql).await.unwrap();
    connection.close().await.unwrap();
    rows
}

/// Returns the number of stored sessions.
pub(crate) async fn sessions(database: &TestDatabase) -> usize {
    rows(database, "SELECT id_hash FROM session").await.len()
}
