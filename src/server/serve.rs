//! Starts the server, runs periodic maintenance, and stops gracefully.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Config, terminal_locale};
use crate::content::load;
use crate::database;
use crate::model::locale::Locale;
use crate::pages;
use crate::portal::Portal;
use crate::portal::store::StoreError;
use crate::server::content::Content;
use crate::server::limits::ServerLimits;
use crate::server::listen;
use crate::server::live_site::LiveSite;
use crate::server::prepare::{create_state, open_databases};
use crate::server::reload;
use crate::server::router::create_site;
use crate::state::{AppState, SiteFile};

/// The time after the start in which code is highlighted only for the pages that are requested.
const HIGHLIGHT_DELAY: Duration = Duration::from_secs(1);
/// The time between two rounds of maintenance.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(300);
/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The days for which it is known whose progress a sandbox contains: longer than a sandbox lives.
const CLAIM_DAYS: i64 = 30;
/// The time after which a setting that was changed on another instance holds on this one.
const SETTINGS_INTERVAL: Duration = Duration::from_millis(500);
/// The number of sandboxes deleted in one write; small, so that no other write waits long.
const BATCH: i64 = 50;

/// Serves until Ctrl-C or SIGTERM, then drains the requests in flight. Calls `release_memory` after
/// the start and with each round of maintenance, because memory that only the start or many requests at once
/// needed would otherwise stay allocated to the process.
///
/// # Errors
/// When the server cannot start; the text is meant for the operator.
pub async fn serve(
    mut config: Config,
    release_memory: fn(),
    site_file: SiteFile,
) -> anyhow::Result<()> {
    if let Some(folder) = &config.content {
        // Before the folder of the databases is created, which is often in the same folder.
        load::folder(folder)?;
    }
    for path in database::make_private(&config.data)? {
        let path = path.display();
        tracing::warn!(%path, "other users could read it; now only the user of the server can");
    }
    // Locked until the end, because two servers on one SQLite file would not share their limits.
    let _locks = [
        database::lock(&config.portal_url())?,
        database::lock(&config.sandbox_url()?)?,
    ];
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: is another server running there? Choose with --listen",
            config.listen
        )
    })?;
    // For port 0 the system has chosen a port, which the addresses of the site must contain.
    config.listen = listener.local_addr()?;
    let clock = Clock::system();
    // The content is read while the databases are opened.
    let configured = config.clone();
    let content = spawn_blocking(move || {
        // Before the content, so that a change in between is seen.
        let folder = configured.content.as_deref();
        let state = folder.map(load::state_of);
        let watched = folder.filter(|_| configured.watch);
        let read = match watched {
            Some(folder) => Content::watched(folder, &configured),
            None => Content::configured(&configured).map(|content| (content, Vec::new())),
        };
        // The allocator keeps freed memory for each thread.
        release_memory();
        read.map(|(content, errors)| (content, errors, state))
    });
    let databases = open_databases(&config, clock.clone()).await?;
    let (content, errors, folder) = content.await??;
    let (state, reloads) = reload::content_state(folder.as_ref(), &content, errors, clock.now());
    let state = create_state(config, (content.clone(), state), databases, site_file)?;
    let site = LiveSite::new(create_site(state.clone()).await?);
    if let Some(folder) = folder {
        tokio::spawn(reload::run(
            state.clone(),
            site.clone(),
            (folder, content),
            reloads,
        ));
    }
    let search = state.search.clone();
    tokio::spawn(async move {
        if let Err(cause) = search.build().await {
            tracing::error!(%cause, "the search index cannot be built; the next search tries again");
        }
    });
    announce(&format!("Routebook is at http://{}", state.config.listen));
    if let Some(token) = state.portal.first_admin_link().await? {
        let (origin, locale) = (state.config.origin(), locale_of_operator(&state));
        announce(&format!(
            "There is no account yet. Create the first admin within an hour at\n{origin}/{locale}/join/{}",
            token.as_str()
        ));
    }
    let library = state.library.clone();
    tokio::spawn(async move {
        tokio::time::sleep(HIGHLIGHT_DELAY).await;
        // Failed only when the server has stopped.
        let _ = spawn_blocking(move || library.highlight_all()).await;
        // The thread that highlights ends, and frees its memory.
        tokio::time::sleep(HIGHLIGHT_DELAY).await;
        release_memory();
    });
    release_memory();
    if state.config.portal_url().starts_with("postgres") {
        tokio::spawn(follow_settings(state.clone()));
    }
    let maintenance = tokio::spawn(run_maintenance(state.clone(), clock, release_memory));
    tokio::spawn(stop_at_signal(state.stop.clone(), stop_signals()?));
    listen::serve(
        listener,
        site,
        ServerLimits::default(),
        &state.config.trusted_proxies,
        state.stop.clone(),
    )
    .await;
    maintenance.abort();
    state.portal.store.close().await;
    state.sandboxes.close().await;
    Ok(())
}

/// Returns the language of the page on which the first admin is created: that of the site when the operator has a content folder,
/// or else that of the terminal.
fn locale_of_operator(state: &AppState) -> Locale {
    let of_terminal = || terminal_locale().filter(|locale| state.locales().contains(locale));
    match state.config.content {
        Some(_) => state.default_locale(),
        None => of_terminal().unwrap_or_else(|| state.default_locale()),
    }
}

/// Deletes expired data in small batches, every few minutes and whenever many sandboxes have been
/// created.
async fn run_maintenance(state: AppState, clock: Clock, release_memory: fn()) {
    let mut interval = tokio::time::interval(MAINTENANCE_INTERVAL);
    loop {
        tokio::select! {
            _ = interval.tick() => release_memory(),
            () = state.sandboxes.wait_for_many_creations() => {}
        }
        if let Err(cause) = state
            .portal
            .store
            .delete_expired_sessions(clock.now())
            .await
        {
            tracing::warn!(%cause, "expired sessions could not be deleted");
        }
        if let Err(cause) = state.portal.store.delete_expired_links(clock.now()).await {
            tracing::warn!(%cause, "expired links could not be deleted");
        }
        let store = &state.portal.store;
        if let Err(cause) = store.delete_full_login_buckets(clock.now()).await {
            tracing::warn!(%cause, "counts of failed logins could not be deleted");
        }
        if let Err(cause) = delete_old_records(&state.portal, clock.now()).await {
            tracing::warn!(%cause, "old records of the portal could not be deleted");
        }
        if let Err(cause) = pages::delete_left_sandboxes(&state).await {
            tracing::warn!(%cause, "sandboxes of deleted accounts could not be deleted");
        }
        loop {
            match state.sandboxes.expire(BATCH).await {
                Ok(0) => break,
                Ok(count) => tracing::info!(count, "sandboxes expired"),
                Err(cause) => {
                    tracing::warn!(%cause, "expired sandboxes could not be deleted");
                    break;
                }
            }
        }
    }
}

/// Deletes what is older than the settings allow.
async fn delete_old_records(portal: &Portal, now: i64) -> Result<(), StoreError> {
    let settings = portal.settings.get();
    let (store, before) = (&portal.store, |days: i64| now - days * DAY);
    store
        .delete_audit_before(before(settings.audit_days))
        .await?;
    store
        .delete_addresses_before(before(settings.address_days))
        .await?;
    store
        .delete_attempts_before(before(settings.attempt_days))
        .await?;
    store.delete_claims_before(before(CLAIM_DAYS)).await?;
    Ok(())
}

/// Reads the settings again and again, because another instance on the same PostgreSQL server may have changed them.
async fn follow_settings(state: AppState) {
    while !state.stop.is_cancelled() {
        tokio::time::sleep(SETTINGS_INTERVAL).await;
        if let Err(cause) = state.portal.reload_settings().await {
            tracing::warn!(%cause, "the settings could not be read");
        }
    }
}

/// Installs the handlers of Ctrl-C and SIGTERM.
fn stop_signals() -> std::io::Result<[Signal; 2]> {
    Ok([
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    ])
}

/// Cancels the token at the first signal.
async fn stop_at_signal(stop: CancellationToken, [mut interrupt, mut terminate]: [Signal; 2]) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    announce("Stopping: finishing the requests in flight");
    stop.cancel();
}

/// Prints a line for the operator. Nobody may be reading: a server whose output was closed still serves and stops.
fn announce(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
