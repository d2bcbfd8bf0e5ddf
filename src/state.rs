//! What every request can reach: made once at start, shared by reference.
//!
//! How it is made is in `server`; nothing here changes while the server runs.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::api::InProcess;
use crate::config::Config;
use crate::content::Library;
use crate::i18n::I18n;
use crate::portal::Portal;
use crate::sandbox::Sandboxes;

/// Handle to the shared state; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<SharedState>);

/// The parts of the state.
pub struct SharedState {
    /// What the server was told.
    pub config: Config,
    /// The words of the interface.
    pub i18n: Arc<I18n>,
    /// The lessons.
    pub library: Arc<Library>,
    /// Accounts and sessions.
    pub portal: Portal,
    /// The visitors' data.
    pub sandboxes: Sandboxes,
    /// The API, for pages that send a request themselves.
    pub api: InProcess,
    /// Where the browser finds the front end.
    pub assets: Assets,
    /// How many pages are worked on at once.
    pub page_capacity: Arc<Semaphore>,
    /// Cancelled when the server shall stop. Streams of server-sent events end with it by themselves;
    /// any other reply without an end must (`take_until(stop.cancelled_owned())`), or it is cut off.
    pub stop: CancellationToken,
}

/// Addresses of the built front end; they change with its content.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The style sheet, which each page holds.
    pub style: Arc<str>,
    /// The address of the style sheet, only while developing: the reload script replaces the file that
    /// a page links to, so then no page holds it.
    pub css: Option<String>,
    /// The module that loads the islands.
    pub js: String,
    /// The islands.
    pub wasm: String,
    /// The port on which a page is told to reload, while developing.
    pub reload: Option<u16>,
}

impl AppState {
    /// Shares the parts.
    pub fn new(shared: SharedState) -> AppState {
        AppState(Arc::new(shared))
    }
}

impl std::ops::Deref for AppState {
    type Target = SharedState;

    fn deref(&self) -> &SharedState {
        &self.0
    }
}
