//! The state that all requests share: created once at the start, shared by reference.
//!
//! Its creation is in `server`. Its fields are not replaced while the server runs; when the content folder is loaded
//! again, a new site has a new state with the same databases.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::watch::Receiver;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::api::InProcess;
use crate::config::Config;
use crate::content::{ContentFinding, Library};
use crate::i18n::I18n;
use crate::model::locale::Locale;
use crate::portal::store::audit::Actor;
use crate::portal::{Mailer, Portal, SingleSignOn};
use crate::sandbox::Sandboxes;
use crate::search::SearchIndex;

/// Handle to the shared state; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<SharedState>);

/// The fields of the shared state.
#[derive(Clone)]
pub struct SharedState {
    /// The configuration of the server.
    pub config: Config,
    /// The messages of the interface.
    pub i18n: Arc<I18n>,
    /// The lessons.
    pub library: Arc<Library>,
    /// The search of the lessons that everybody may read.
    pub search: SearchIndex,
    /// The search of all lessons, for members; the same one when every lesson is public.
    pub member_search: SearchIndex,
    /// The portal: accounts and login sessions.
    pub portal: Portal,
    /// Sends mail, if a server for it is configured.
    pub mailer: Option<Mailer>,
    /// Logins with an identity provider, if one is configured.
    pub single_sign_on: Option<SingleSignOn>,
    /// The sandboxes of the visitors.
    pub sandboxes: Sandboxes,
    /// The API, used for requests from the network and, without a connection, by pages.
    pub api: InProcess,
    /// The style sheets, and the addresses of the other files of the front end.
    pub assets: Assets,
    /// When the content was loaded, what was found in it, and how it is loaded again.
    pub content: ContentState,
    /// Permits that limit how many pages are processed at once.
    pub page_capacity: Arc<Semaphore>,
    /// Cancelled when the server is to stop. `server::events` then ends event streams. The handler of any other
    /// response without an end must end it as well (`take_until(stop.cancelled_owned())`), or the
    /// server cuts it off.
    pub stop: CancellationToken,
}

/// The content of a site, and what became of later changes.
#[derive(Clone)]
pub struct ContentState {
    /// The version of the content of this site.
    pub version: String,
    /// When it was loaded, in milliseconds since 1970.
    pub loaded: i64,
    /// The last status.
    pub status: Receiver<ContentStatus>,
    /// Where the server is asked to load the content folder again; `None` when it serves no folder.
    pub reloads: Option<mpsc::Sender<ReloadRequest>>,
}

/// Asks for the content folder to be loaded again.
pub struct ReloadRequest {
    /// Who asks.
    pub actor: Actor,
    /// Receives the state of the site with the new content, or none when it is not served.
    pub served: oneshot::Sender<Option<AppState>>,
}

/// The last time that a content folder was loaded after the start.
#[derive(Clone, Copy, Debug)]
pub struct ContentReload {
    /// The time in milliseconds since 1970.
    pub at: i64,
    /// Whether the content is served; it is not when a finding is an error.
    pub is_served: bool,
}

/// The served version of a content folder, and the findings about its last change.
#[derive(Clone, Debug, Default)]
pub struct ContentStatus {
    /// The version that is served.
    pub version: String,
    /// Whether the folder has changed since, and the findings are the reason why an earlier version is served.
    pub is_outdated: bool,
    /// The findings about the folder: errors, or else the warnings and what its requests have shown.
    pub findings: Vec<ContentFinding>,
    /// Whether the requests of its lessons are still being sent to find more.
    pub is_checking: bool,
    /// The last time that it was loaded after the start.
    pub last_reload: Option<ContentReload>,
}

impl ContentStatus {
    /// Returns the status of a version that is served in spite of these findings.
    pub fn of(version: String, findings: &[ContentFinding]) -> ContentStatus {
        ContentStatus {
            version,
            findings: findings.to_vec(),
            ..ContentStatus::default()
        }
    }
}

/// A style sheet. A page embeds those that it needs before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StyleSheet {
    /// What all pages have in common; embedded in every page.
    Site,
    /// The front page.
    Home,
    /// The pages of the API reference.
    Reference,
    /// Responses and what was recorded of them.
    Response,
    /// The results of a search.
    Search,
    /// The pages of accounts and of the administration.
    Portal,
}

impl StyleSheet {
    /// All style sheets, in the order of their declaration.
    pub const ALL: [StyleSheet; 6] = [
        StyleSheet::Site,
        StyleSheet::Home,
        StyleSheet::Reference,
        StyleSheet::Response,
        StyleSheet::Search,
        StyleSheet::Portal,
    ];

    /// Returns the path of the built file in `target/site`.
    pub fn file(self) -> &'static str {
        match self {
            StyleSheet::Site => "pkg/site.css",
            StyleSheet::Home => "pkg/home.css",
            StyleSheet::Reference => "pkg/reference.css",
            StyleSheet::Response => "pkg/response.css",
            StyleSheet::Search => "pkg/search.css",
            StyleSheet::Portal => "pkg/portal.css",
        }
    }
}

/// The style sheets and the addresses of the built front end, which change with its content.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The texts of the style sheets, in the order of [`StyleSheet::ALL`].
    pub styles: [Arc<str>; 6],
    /// The address of all style sheets in one, in development only. Pages then link to it instead of embedding style
    /// sheets, because the reload script replaces a linked file.
    pub css: Option<String>,
    /// The address of [`StyleSheet::Response`], which is loaded with the islands by pages that do not embed it.
    pub response_css: String,
    /// The JavaScript module that loads the islands.
    pub js: String,
    /// The WebAssembly module with the islands.
    pub wasm: String,
    /// The port on which pages receive the signal to reload, in development only.
    pub reload: Option<u16>,
    /// Finds the files.
    pub find_file: SiteFile,
}

/// Returns the content of a file of the built front end, by its path in `target/site`; `None` when there is
/// no such file.
pub type SiteFile = fn(&str) -> Option<Cow<'static, [u8]>>;

impl SharedState {
    /// Returns whether the site is for members only: as configured, or else as admins have set it.
    pub fn is_members_only(&self) -> bool {
        let set = || self.portal.settings.get().members_only;
        self.config.members_only.unwrap_or_else(set)
    }

    /// Returns the languages that the site offers: those of the content without those that admins have switched off.
    pub fn locales(&self) -> Vec<Locale> {
        let settings = self.portal.settings.get();
        let mut locales = self.library.site.locales.clone();
        locales.retain(|locale| !settings.hidden_locales.contains(locale));
        match locales.is_empty() {
            // The content has changed since the languages were chosen.
            true => self.library.site.locales.clone(),
            false => locales,
        }
    }

    /// Returns the language for visitors whose preferred languages are not offered: as admins have set it, or else that of
    /// `site.toml`.
    pub fn default_locale(&self) -> Locale {
        let locales = self.locales();
        let set = self.portal.settings.get().default_locale;
        let wanted = [set, Some(self.library.site.default_locale)];
        let mut wanted = wanted.into_iter().flatten();
        let offered = wanted.find(|locale| locales.contains(locale));
        offered.or(locales.first().copied()).unwrap_or_default()
    }

    /// Returns a language if the site offers it, and else the default one: for a page after the languages may have changed.
    pub fn offered_locale(&self, locale: Locale) -> Locale {
        match self.locales().contains(&locale) {
            true => locale,
            false => self.default_locale(),
        }
    }

    /// Returns the address, the width and the height of the picture beside the name of the site: that of the content, or
    /// else the one that admins have uploaded.
    pub fn logo(&self) -> Option<(String, u32, u32)> {
        let own = self.library.logo();
        let own = own.map(|logo| (logo.href(), logo.width, logo.height));
        own.or_else(|| {
            let logo = self.portal.settings.logo()?;
            Some((logo.href(), logo.width, logo.height))
        })
    }

    /// Returns the name of the site: as admins have set it, or else that of `site.toml`.
    pub fn site_title(&self) -> String {
        let settings = self.portal.settings.get();
        match settings.title.as_str() {
            "" => self.library.site.title.clone(),
            title => title.to_owned(),
        }
    }
}

impl AppState {
    /// Puts the state behind a shared reference.
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
