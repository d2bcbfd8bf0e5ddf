//! Decides which responses are compressed, and keeps compression from changing their status.

use axum::http::header::{CONTENT_LENGTH, ETAG};
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate};

/// The compression level of responses. With level 4, the default for brotli, a lesson is a fifth
/// larger.
const LEVEL: CompressionLevel = CompressionLevel::Precise(6);

/// Returns the layer that compresses a response in the coding that the client prefers. Excludes
/// images, event streams, small responses and responses with a strong entity tag.
pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    let is_compressible = NotForContentType::IMAGES
        .and(NotForContentType::SSE)
        .and(is_large)
        .and(has_no_strong_tag);
    CompressionLayer::new()
        .quality(LEVEL)
        .compress_when(is_compressible)
}

/// The status of a response before compression.
#[derive(Clone, Copy)]
struct UncompressedStatus(StatusCode);

/// Stores the status of a response before compression, for [`restore_status`].
pub(super) fn store_status(mut response: Response) -> Response {
    let status = UncompressedStatus(response.status());
    response.extensions_mut().insert(status);
    response
}

/// Restores the original status of a response. The compression layer would return 406 after the
/// handler has run when the client excludes every coding, but a response without encoding is
/// allowed too (RFC 9110, section 12.5.3).
pub(super) fn restore_status<B>(mut response: Response<B>) -> Response<B> {
    if let Some(UncompressedStatus(status)) = response.extensions_mut().remove() {
        *response.status_mut() = status;
    }
    response
}

/// Returns whether a response has the 32 bytes from which compression saves anything. Uses the
/// header field, because the body of a response to HEAD has already been removed, and HEAD must
/// have the fields of GET.
fn is_large(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_none_or(|length| length >= 32)
}

/// Excludes responses with a strong entity tag: it identifies the bytes without encoding, and
/// compressed bytes would need another tag (RFC 9110, section 8.8.3).
fn has_no_strong_tag(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let tag = headers.get(ETAG);
    tag.is_none_or(|tag| tag.as_bytes().starts_with(b"W/"))
}
