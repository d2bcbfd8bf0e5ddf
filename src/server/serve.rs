//! Listens, and stops in good order.

use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal;

use crate::clock::Clock;
use crate::config::Config;
use crate::server::{prepare, router};

/// How long requests in flight may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves until Ctrl-C or SIGTERM, then finishes what has begun.
///
/// # Errors
/// Whatever keeps the server from starting, in words for who starts it.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let state = prepare(config, Clock::system()).await?;
    let router = router(state.clone()).await?;
    let listener = TcpListener::bind(state.config.listen)
        .await
        .with_context(|| {
            format!(
                "cannot listen on {}: is another server running there? Choose with --listen",
                state.config.listen
            )
        })?;
    println!("Routebook is at http://{}", listener.local_addr()?);
    println!(
        "Make the first account with: routebook account create --role admin --email YOU@EXAMPLE.COM --name NAME"
    );
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let server = axum::serve(
        listener,
        router.into_make_service_with_connect_info::<std::net::SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        signalled().await;
        println!("Stopping: finishing the requests in flight");
        let _ = stop.send(true);
    });
    let mut stopping = stopping;
    tokio::select! {
        result = server.into_future() => result?,
        () = async { let _ = stopping.wait_for(|stop| *stop).await; tokio::time::sleep(DRAIN).await } => {
            tracing::warn!("requests were still in flight after {} s", DRAIN.as_secs());
        }
    }
    Ok(())
}

/// Ends at Ctrl-C or SIGTERM.
async fn signalled() {
    let interrupt = signal::ctrl_c();
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())
        .expect("SIGTERM can be listened for");
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
