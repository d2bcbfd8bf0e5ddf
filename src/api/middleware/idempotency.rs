//! `Idempotency-Key` (the IETF's draft "The Idempotency-Key HTTP Header Field"): a POST that a client sends
//! again, because the response was lost, has no second effect.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use axum::response::Response;
use sha2::{Digest as _, Sha256};

use crate::api::error::ApiError;
use crate::api::http::header_name::IDEMPOTENCY_KEY;
use crate::api::middleware::sandbox_key::Visitor;
use crate::model::json::Json;
use crate::model::problem::ProblemKind;
use crate::sandbox::{IdempotencyRecord, NameLock};

/// The maximum length of a key, in characters.
const KEY_MAX: usize = 255;

/// The header of a response that repeats the response to an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The idempotency key of a request, if it has one. While it exists, another request with the same key is
/// refused with 409.
pub(in crate::api) struct IdempotencyGuard {
    key: Option<String>,
    _lock: Option<NameLock>,
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyGuard {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyGuard, ApiError> {
        let mut fields = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(field) = fields.next() else {
            return Ok(IdempotencyGuard {
                key: None,
                _lock: None,
            });
        };
        let key = parse(field).filter(|_| fields.next().is_none());
        let key = key.ok_or_else(|| {
            let detail = format!(
                "an Idempotency-Key is one text of 1 to {KEY_MAX} printable characters, for example a UUID"
            );
            ApiError::new(ProblemKind::BadRequest, detail)
        })?;
        let visitor = Visitor::of(&parts.extensions);
        let Some(sandbox) = visitor.sandbox() else {
            // A visitor without a sandbox has stored no key yet.
            return Ok(IdempotencyGuard {
                key: Some(key),
                _lock: None,
            });
        };
        let lock = sandbox.usage.try_lock(&key).ok_or_else(|| {
            let detail = "the first request with this Idempotency-Key is not answered yet; \
                          wait for it, or send this again in a second";
            ApiError::new(ProblemKind::IdempotencyConflict, detail).with_header("retry-after", "1")
        })?;
        Ok(IdempotencyGuard {
            key: Some(key),
            _lock: Some(lock),
        })
    }
}

impl IdempotencyGuard {
    /// Returns the record to store with the write: the key and a hash of the body.
    pub(in crate::api) fn record(&self, body: &Json) -> Option<IdempotencyRecord> {
        self.key.as_ref().map(|key| IdempotencyRecord {
            key: key.clone(),
            fingerprint: Sha256::digest(body.pretty()).to_vec(),
        })
    }
}

/// Adds `Idempotency-Replayed` to a response that repeats an earlier one.
pub(in crate::api) fn mark_replayed(replayed: bool, mut response: Response) -> Response {
    if replayed {
        let value = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, value);
    }
    response
}

/// Parses the key, with the quotes of the draft or without them, as most clients send it.
fn parse(field: &HeaderValue) -> Option<String> {
    let text = field.to_str().ok()?.trim();
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    let is_printable = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    ((1..=KEY_MAX).contains(&key.len()) && is_printable).then(|| key.to_owned())
}
