//! Creates the state of the server from its configuration.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::api::{self, ApiParts, InProcess};
use crate::clock::Clock;
use crate::config::Config;
use crate::content::Library;
use crate::portal::{Mailer, Portal, ProviderError, ProviderSettings, SingleSignOn};
use crate::sandbox::Sandboxes;
use crate::search::SearchIndex;
use crate::server::content::Content;
use crate::server::{assets, capacity};
use crate::state::{AppState, ContentState, ContentStatus, SharedState, SiteFile};

/// Creates the state: opens the databases and builds the API service. The front end is read from the folder in which
/// it is built.
///
/// # Errors
/// When the server cannot start; the text is meant for the operator.
pub async fn prepare(config: Config, content: Content, clock: Clock) -> anyhow::Result<AppState> {
    let loaded = ContentState {
        version: String::new(),
        loaded: clock.now(),
        status: watch::channel(ContentStatus::of(String::new(), content.library.warnings())).1,
        reloads: None,
    };
    let databases = open_databases(&config, clock).await?;
    create_state(config, (content, loaded), databases, assets::file_on_disk)
}

/// Opens the databases of the portal and of sandboxes.
pub(super) async fn open_databases(
    config: &Config,
    clock: Clock,
) -> anyhow::Result<(Portal, Sandboxes)> {
    let portal = Portal::open(&config.portal_url(), clock.clone())
        .await
        .context("the database of the portal cannot be opened")?
        .with_admin_totp(config.require_admin_totp)
        .with_fixed_limits(config.fixed_limits.clone());
    let sandboxes = Sandboxes::open(&config.sandbox_url()?, clock, config.limits)
        .await
        .context("the database of sandboxes cannot be opened")?;
    Ok((portal, sandboxes))
}

/// Creates the state with open databases.
pub(super) fn create_state(
    config: Config,
    (content, loaded): (Content, ContentState),
    (portal, sandboxes): (Portal, Sandboxes),
    site_file: SiteFile,
) -> anyhow::Result<AppState> {
    let Content { i18n, library } = content;
    let (search, member_search) = search_indexes(&library);
    let api = api::service(ApiParts {
        secure_cookies: config.secure_cookies(),
        portal: Some(portal.clone()),
        ..ApiParts::new(sandboxes.clone(), &config.origin())
    })?;
    let smtp = config.smtp.as_ref();
    let mailer = smtp.map(|smtp| Mailer::new(&smtp.url.0, &smtp.from));
    Ok(AppState::new(SharedState {
        mailer: mailer.transpose()?,
        single_sign_on: single_sign_on(&config)?,
        config,
        i18n,
        search,
        member_search,
        library,
        portal,
        sandboxes,
        api: InProcess::new(api),
        assets: assets::addresses(site_file),
        content: loaded,
        page_capacity: Arc::new(Semaphore::new(capacity::PAGE_LIMIT)),
        stop: CancellationToken::new(),
    }))
}

/// Returns the search for visitors and the one for members.
fn search_indexes(library: &Arc<Library>) -> (SearchIndex, SearchIndex) {
    let public = SearchIndex::of_public_lessons(library.clone());
    let all = match library.pages().any(|page| page.is_for_members()) {
        true => SearchIndex::of_all_lessons(library.clone()),
        false => public.clone(),
    };
    (public, all)
}

/// Returns the logins with the configured identity provider.
fn single_sign_on(config: &Config) -> Result<Option<SingleSignOn>, ProviderError> {
    let Some(oidc) = config.oidc.clone() else {
        return Ok(None);
    };
    let origin = config.origin();
    SingleSignOn::new(ProviderSettings {
        issuer: oidc.issuer,
        client_id: oidc.client_id,
        client_secret: oidc.client_secret.map(|secret| secret.0),
        name: oidc.name,
        scopes: oidc.scopes,
        groups_claim: oidc.groups_claim,
        admin_group: oidc.admin_group,
        mentor_group: oidc.mentor_group,
        links_accounts: oidc.link_accounts,
        redirect_url: format!("{origin}/login/callback"),
        logout_redirect_url: format!("{origin}/"),
    })
    .map(Some)
}

/// Returns the state of a site with other content, which was loaded now, and the same databases.
pub(super) fn with_content(state: &AppState, content: Content, version: String) -> AppState {
    let Content { i18n, library } = content;
    let loaded = state.portal.clock.now();
    let (search, member_search) = search_indexes(&library);
    AppState::new(SharedState {
        i18n,
        search,
        member_search,
        library,
        content: ContentState {
            version,
            loaded,
            ..state.content.clone()
        },
        ..SharedState::clone(state)
    })
}
