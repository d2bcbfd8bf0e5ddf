//! Serves the files of a folder from memory with a bare axum handler each: what a page from memory is
//! compared with. See `throughput.py`.

use std::path::Path;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

fn main() -> anyhow::Result<()> {
    // Without a folder, as `cargo test --benches` starts it, there is nothing to serve.
    match std::env::args()
        .nth(1)
        .filter(|first| !first.starts_with('-'))
    {
        Some(folder) => tokio::runtime::Runtime::new()?.block_on(serve(folder.as_ref())),
        None => Ok(()),
    }
}

async fn serve(folder: &Path) -> anyhow::Result<()> {
    let mut router = Router::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let bytes = Bytes::from(std::fs::read(file.path())?);
        let path = format!("/{}", file.file_name().to_string_lossy());
        let handler = async move || ([(CONTENT_TYPE, "text/html; charset=utf-8")], bytes.clone());
        router = router.route(&path, get(handler));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
