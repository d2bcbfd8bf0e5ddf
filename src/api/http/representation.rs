//! A reply that shows a user or a list in the format that was chosen, and the conditions on it.
//!
//! Every such reply has a strong entity tag and says that it varies by `Accept`. Not here: the
//! bytes of a format (see `format`), and what a condition means (see `precondition`).

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{
    CONTENT_LOCATION, CONTENT_TYPE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, LOCATION, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::format;
use crate::api::http::negotiation;
use crate::api::http::negotiation::UserFormat;
use crate::api::http::precondition;
use crate::api::http::precondition::{CurrentState, EntityTag, PreconditionResult, evaluate};
use crate::api::trace::trace_of;
use crate::model::timestamp::Timestamp;
use crate::model::trace::{StepKind, Trace, TraceText};
use crate::model::user::{User, UserFields};
use crate::sandbox::{WriteError, WriteGuard};

/// The header fields that hold conditions.
const CONDITIONS: [HeaderName; 4] = [
    IF_MATCH,
    IF_UNMODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
];

/// The format that the client accepts most; none is 406.
pub(in crate::api) struct Accept(pub(in crate::api) UserFormat);

impl<S: Send + Sync> FromRequestParts<S> for Accept {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Accept, ApiError> {
        let format = negotiation::choose(&parts.headers, UserFormat::ALL)?;
        trace_of(&parts.extensions).note(|| TraceText::as_is(format.essence()));
        Ok(Accept(format))
    }
}

/// The conditions of a request.
pub(in crate::api) struct Conditions {
    method: Method,
    /// `None` when there are no conditions.
    headers: Option<HeaderMap>,
    trace: Trace,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Conditions, Infallible> {
        let headers = &parts.headers;
        let any = CONDITIONS.iter().any(|name| headers.contains_key(name));
        Ok(Conditions {
            method: parts.method.clone(),
            headers: any.then(|| headers.clone()),
            trace: trace_of(&parts.extensions),
        })
    }
}

impl Conditions {
    /// What they say of a user that is to be changed, once it is known how it is stored.
    pub(in crate::api) fn guard(self) -> Option<WriteGuard> {
        self.headers.is_some().then(|| -> WriteGuard {
            Arc::new(move |stored| {
                let tags = stored.map(format::tags).unwrap_or_default();
                let current = stored.map(|user| CurrentState {
                    selected: &tags[0],
                    all: &tags,
                    last_modified: Some(user.updated_at),
                });
                match self.evaluate(current.as_ref()) {
                    PreconditionResult::Proceed => Ok(()),
                    _ => Err(WriteError::Unguarded),
                }
            })
        })
    }

    fn evaluate(&self, current: Option<&CurrentState<'_>>) -> PreconditionResult {
        let Some(headers) = &self.headers else {
            return PreconditionResult::Proceed;
        };
        let outcome = evaluate(&self.method, headers, current);
        let (kind, name) = (StepKind::Precondition, TraceText::as_is(names(headers)));
        match outcome {
            PreconditionResult::Proceed => self.trace.pass(kind, name, || None),
            PreconditionResult::NotModified => self.trace.pass(kind, name, || {
                Some(TraceText::ours("the client has it already"))
            }),
            PreconditionResult::Failed => self.trace.stop(kind, name, || {
                TraceText::ours("what is stored is not as it says")
            }),
        }
        outcome
    }
}

/// The names of the conditions there are, as they are usually written.
fn names(headers: &HeaderMap) -> Cow<'static, str> {
    let written = [
        "If-Match",
        "If-Unmodified-Since",
        "If-None-Match",
        "If-Modified-Since",
    ];
    let there = written
        .into_iter()
        .filter(|name| headers.contains_key(*name));
    there.collect::<Vec<_>>().join(", ").into()
}

/// A user or a list as bytes of one format.
pub(in crate::api) struct Representation {
    format: UserFormat,
    pub(in crate::api) body: Vec<u8>,
    pub(in crate::api) tag: EntityTag,
    last_modified: Option<Timestamp>,
}

impl Representation {
    /// A user.
    pub(in crate::api) fn of(format: UserFormat, user: &User) -> Representation {
        let last_modified = Some(user.updated_at);
        Representation {
            last_modified,
            ..Representation::new(format, format.one(user))
        }
    }

    /// Some fields of a list of users. It has no date: one is taken away without a trace.
    pub(in crate::api) fn of_list(
        format: UserFormat,
        users: &[User],
        fields: UserFields,
    ) -> Representation {
        Representation::new(format, format.list(users, fields))
    }

    /// A document in JSON.
    pub(in crate::api) fn of_json(body: Vec<u8>) -> Representation {
        Representation::new(UserFormat::Json, body)
    }

    fn new(format: UserFormat, body: Vec<u8>) -> Representation {
        Representation {
            tag: EntityTag::of(&body),
            format,
            body,
            last_modified: None,
        }
    }

    /// What GET answers: it, or 304 to a client that has it.
    ///
    /// # Errors
    /// 412 when the conditions do not hold; `all` are the tags of every format.
    pub(in crate::api) fn answer(
        self,
        conditions: &Conditions,
        all: impl FnOnce() -> Vec<EntityTag>,
    ) -> Result<Response, ApiError> {
        match self.evaluate(conditions, all)? {
            true => Ok(self.reply(StatusCode::OK)),
            false => Ok(self.not_modified()),
        }
    }

    /// Whether to send it; `false` when the client has it.
    ///
    /// # Errors
    /// 412 when the conditions do not hold.
    pub(in crate::api) fn evaluate(
        &self,
        conditions: &Conditions,
        all: impl FnOnce() -> Vec<EntityTag>,
    ) -> Result<bool, ApiError> {
        if conditions.headers.is_none() {
            return Ok(true);
        }
        let current = CurrentState {
            selected: &self.tag,
            all: &all(),
            last_modified: self.last_modified,
        };
        match conditions.evaluate(Some(&current)) {
            PreconditionResult::Proceed => Ok(true),
            PreconditionResult::NotModified => Ok(false),
            PreconditionResult::Failed => Err(ApiError::precondition_failed()),
        }
    }

    /// It, whole.
    pub(in crate::api) fn reply(self, status: StatusCode) -> Response {
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static(self.format.content_type());
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(ETAG, self.tag.header());
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        if let Some(date) = self.last_modified.and_then(precondition::last_modified) {
            headers.insert(LAST_MODIFIED, date);
        }
        response
    }

    /// Its bytes from the first to the last, both included.
    pub(in crate::api) fn part(mut self, first: usize, last: usize) -> Response {
        self.body = self.body.drain(first..=last).collect();
        self.reply(StatusCode::PARTIAL_CONTENT)
    }

    /// 304: what a stored reply needs to be used again (RFC 9110, section 15.4.5).
    pub(in crate::api) fn not_modified(self) -> Response {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        let headers = response.headers_mut();
        headers.insert(ETAG, self.tag.header());
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        response
    }
}

/// What a write answers: the user as it is now, under the address that it now has.
pub(in crate::api) fn written(format: UserFormat, user: &User, created: bool) -> Response {
    let address = format!("/api/users/{}", user.id);
    let address = HeaderValue::from_str(&address).expect("a path and a number are a header value");
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = Representation::of(format, user).reply(status);
    let headers = response.headers_mut();
    // So the tag is that of the user, not of the reply to the write (RFC 9110, section 8.7).
    headers.insert(CONTENT_LOCATION, address.clone());
    if created {
        headers.insert(LOCATION, address);
    }
    response
}
