//! Requests to the identity provider. The server sends no other requests to the network.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The time limit for a request and its response.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest response, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// A client of HTTP/1.1 with TLS; it follows no redirect. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct HttpClient {
    tls: Arc<ClientConfig>,
}

/// The reasons for which there is no response.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The address has no host, or a scheme other than https, and than http to this machine.
    #[error("{0} is not an https address")]
    Address(Uri),
    /// The connection failed.
    #[error("{host} cannot be reached: {cause}")]
    Connect {
        /// The host.
        host: String,
        /// Why not.
        cause: std::io::Error,
    },
    /// The server broke HTTP.
    #[error("the HTTP response is not valid: {0}")]
    Http(#[from] hyper::Error),
    /// The body broke off or is too large.
    #[error("the body cannot be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    /// There was no response in time.
    #[error("no response within {} s", TIMEOUT.as_secs())]
    Timeout,
}

impl HttpClient {
    /// Creates a client that trusts the certificate authorities of the system.
    pub(super) fn new() -> HttpClient {
        let found = rustls_native_certs::load_native_certs();
        for cause in &found.errors {
            tracing::warn!(%cause, "a certificate authority of the system cannot be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the suites of these versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        HttpClient {
            tls: Arc::new(config),
        }
    }

    /// Sends a request on a new connection and reads the whole response.
    ///
    /// # Errors
    /// [`HttpError`].
    pub(super) async fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, HttpError> {
        match tokio::time::timeout(TIMEOUT, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::Timeout),
        }
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        let uri = request.uri().clone();
        let refused = || HttpError::Address(uri.clone());
        let host = uri.host().ok_or_else(refused)?.to_owned();
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_this_machine(&host) => false,
            _ => return Err(refused()),
        };
        let failed = |cause| HttpError::Connect {
            host: host.clone(),
            cause,
        };
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let name = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let stream = TcpStream::connect((name.as_str(), port))
            .await
            .map_err(failed)?;
        if !is_tls {
            return exchange_on(TokioIo::new(stream), request).await;
        }
        let name = ServerName::try_from(name).map_err(|_| refused())?;
        let connector = TlsConnector::from(self.tls.clone());
        let stream = connector.connect(name, stream).await.map_err(failed)?;
        exchange_on(TokioIo::new(stream), request).await
    }
}

/// Sends a request on a connection and reads the response.
async fn exchange_on<S>(
    stream: S,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, HttpError>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(stream).await?;
    let connection = tokio::spawn(connection);
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
    let target = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = target.parse().unwrap_or_default();
    let request = Request::from_parts(parts, Full::new(Bytes::from(body)));
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await;
    let body = body.map_err(HttpError::Body)?.to_bytes().to_vec();
    connection.abort();
    Ok(Response::from_parts(parts, body))
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unencrypted_address_of_another_machine_is_refused() {
        let client = HttpClient::new();
        for address in [
            "http://192.0.2.1/",
            "http://id.example.com/",
            "ftp://localhost/",
            "/path",
        ] {
            let request = Request::get(address).body(Vec::new()).expect("a request");
            let refused = client.send(request).await;
            assert!(matches!(refused, Err(HttpError::Address(_))), "{address}");
        }
        let request = Request::get("http://127.0.0.1:1/")
            .body(Vec::new())
            .expect("a request");
        let refused = client.send(request).await;
        assert!(matches!(refused, Err(HttpError::Connect { .. })));
    }
}
