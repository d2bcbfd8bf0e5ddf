//! The site under test: the production router on a temporary database.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::response::Parts;
use axum::http::{Request, Response};
use routebook::clock::Clock;
use routebook::config::Config;
use routebook::model::limits::Limits;
use routebook::server::{self, Content, Site};
use routebook::state::AppState;
use tower::ServiceExt as _;

use crate::database::TestDatabase;

/// The initial time of a test's clock: 2027-01-15, 08:00 UTC, in milliseconds.
pub(crate) const START: i64 = 1_800_000_000_000;

/// The site; a test advances the clock in `state.portal.clock`.
#[derive(Clone)]
pub(crate) struct TestApp {
    site: Site,
    pub(crate) state: AppState,
}

impl TestApp {
    /// Creates the site with an origin.
    pub(crate) async fn new(database: &TestDatabase, base_url: &str) -> TestApp {
        TestApp::with_limits(database, base_url, Limits::default()).await
    }

    /// Creates the site with an origin and other limits.
    pub(crate) async fn with_limits(
        database: &TestDatabase,
        base_url: &str,
        limits: Limits,
    ) -> TestApp {
        let config = Config {
            limits,
            base_url: Some(base_url.to_owned()),
            ..Config::default()
        };
        TestApp::with_config(database, config).await
    }

    /// Creates the site with another configuration on the databases of `database`.
    pub(crate) async fn with_config(database: &TestDatabase, config: Config) -> TestApp {
        TestApp::with_content(database, config, content()).await
    }

    /// Creates the site with other lessons.
    pub(crate) async fn with_content(
        database: &TestDatabase,
        config: Config,
        content: Content,
    ) -> TestApp {
        let config = Config {
            database: Some(database.url("portal")),
            sandbox_database: Some(database.url("sandbox")),
            ..config
        };
        let state = server::prepare(config, content, Clock::manual(START))
            .await
            .unwrap();
        TestApp::of(state).await
    }

    /// Creates the site from a state.
    pub(crate) async fn of(state: AppState) -> TestApp {
        let site = server::create_site(state.clone()).await.unwrap();
        TestApp { site, state }
    }

    /// Sends a request.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.site.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request and reads the whole response.
    pub(crate) async fn send(&self, request: Request<Body>) -> (Parts, Vec<u8>) {
        let response = self.respond(request).await;
        let (parts, body) = response.into_parts();
        (
            parts,
            axum::body::to_bytes(body, 1 << 22).await.unwrap().to_vec(),
        )
    }
}

/// Returns the built-in lessons, parsed once per test program.
fn content() -> Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(|| Content::built_in().unwrap()).clone()
}
