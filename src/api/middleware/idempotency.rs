//! `Idempotency-Key` (the IETF's draft "The Idempotency-Key HTTP Header Field"): a POST that is sent
//! again, because its response was lost, happens once.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use axum::response::Response;
use sha2::{Digest as _, Sha256};

use crate::api::error::ApiError;
use crate::api::middleware::behaviors::IDEMPOTENCY_KEY;
use crate::api::middleware::sandbox_key::Visitor;
use crate::model::json::Json;
use crate::model::problem::ProblemKind;
use crate::sandbox::{IdempotencyRecord, NameLock};

/// The longest key, in characters.
const LONGEST: usize = 255;

/// Marks a response that an earlier request got first.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one. Until it is dropped, another request with it is a 409.
pub(in crate::api) struct IdempotencyGuard {
    key: Option<String>,
    _occupied: Option<NameLock>,
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyGuard {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyGuard, ApiError> {
        let mut fields = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(field) = fields.next() else {
            return Ok(IdempotencyGuard {
                key: None,
                _occupied: None,
            });
        };
        let key = read(field).filter(|_| fields.next().is_none());
        let key = key.ok_or_else(|| {
            let detail = format!(
                "an Idempotency-Key is one text of 1 to {LONGEST} printable characters, for example a UUID"
            );
            ApiError::new(ProblemKind::BadRequest, detail)
        })?;
        let visitor = Visitor::of(&parts.extensions);
        let Some(live) = visitor.live() else {
            // What has no sandbox yet cannot have been sent before.
            return Ok(IdempotencyGuard {
                key: Some(key),
                _occupied: None,
            });
        };
        let occupied = live.usage.occupy(&key).ok_or_else(|| {
            let detail = "the first request with this Idempotency-Key is not answered yet; \
                          wait for it, or send this again in a second";
            ApiError::new(ProblemKind::IdempotencyConflict, detail).with_header("retry-after", "1")
        })?;
        Ok(IdempotencyGuard {
            key: Some(key),
            _occupied: Some(occupied),
        })
    }
}

impl IdempotencyGuard {
    /// What the write is called, with the hash of what was sent.
    pub(in crate::api) fn once(&self, body: &Json) -> Option<IdempotencyRecord> {
        self.key.as_ref().map(|key| IdempotencyRecord {
            key: key.clone(),
            fingerprint: Sha256::digest(body.pretty()).to_vec(),
        })
    }
}

/// Says of a response whether it was given before.
pub(in crate::api) fn marked(replayed: bool, mut response: Response) -> Response {
    if replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, yes);
    }
    response
}

/// The draft writes the key in quotes, most clients without.
fn read(field: &HeaderValue) -> Option<String> {
    let text = field.to_str().ok()?.trim();
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    let printable = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    ((1..=LONGEST).contains(&key.len()) && printable).then(|| key.to_owned())
}
