//! Responses that represent a user or a list in the negotiated format, and their preconditions.
//!
//! Every such response has a strong entity tag and `Vary: Accept`. The formats are written by `format`,
//! and preconditions are evaluated by `precondition`.

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
use crate::api::format::UserFormat;
use crate::api::http::entity_tag::EntityTag;
use crate::api::http::negotiation;
use crate::api::http::precondition;
use crate::api::http::precondition::{CurrentState, PreconditionResult, evaluate};
use crate::api::trace::trace_of;
use crate::model::timestamp::Timestamp;
use crate::model::trace::{StepKind, Trace, TraceText};
use crate::model::user::{User, UserFields, UserId};
use crate::sandbox::{WriteError, WriteGuard};

/// The header fields that hold preconditions.
const CONDITIONS: [HeaderName; 4] = [
    IF_MATCH,
    IF_UNMODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
];

/// The format that the client prefers by `Accept`. Rejects with 406 when it accepts none.
pub(in crate::api) struct Accept(pub(in crate::api) UserFormat);

impl<S: Send + Sync> FromRequestParts<S> for Accept {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Accept, ApiError> {
        let format = negotiation::choose(&parts.headers, UserFormat::ALL)?;
        trace_of(&parts.extensions).set_detail(|| TraceText::literal(format.essence()));
        Ok(Accept(format))
    }
}

/// The preconditions of a request.
pub(in crate::api) struct Conditions {
    method: Method,
    /// `None` when the request has no preconditions.
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
    /// Returns a guard that evaluates the preconditions against the stored user within a write; `None`
    /// when the request has no preconditions.
    pub(in crate::api) fn guard(self) -> Option<WriteGuard> {
        self.headers.is_some().then(|| -> WriteGuard {
            Arc::new(move |stored| {
                let tags = stored.map(entity_tags).unwrap_or_default();
                let current = stored.map(|user| CurrentState {
                    selected: &tags[0],
                    all: &tags,
                    last_modified: Some(user.updated_at),
                });
                match self.evaluate(current.as_ref()) {
                    PreconditionResult::Proceed => Ok(()),
                    _ => Err(WriteError::PreconditionFailed),
                }
            })
        })
    }

    fn evaluate(&self, current: Option<&CurrentState<'_>>) -> PreconditionResult {
        let Some(headers) = &self.headers else {
            return PreconditionResult::Proceed;
        };
        let outcome = evaluate(&self.method, headers, current);
        let (kind, name) = (StepKind::Precondition, TraceText::literal(names(headers)));
        match outcome {
            PreconditionResult::Proceed => self.trace.add_passed(kind, name, || None),
            PreconditionResult::NotModified => self.trace.add_passed(kind, name, || {
                Some(TraceText::translatable(
                    "the client has the current representation",
                ))
            }),
            PreconditionResult::Failed => self.trace.add_stopped(kind, name, || {
                TraceText::translatable("the stored state does not match the condition")
            }),
        }
        outcome
    }
}

/// Returns the names of the preconditions in `headers`, in their usual spelling.
fn names(headers: &HeaderMap) -> Cow<'static, str> {
    let names = [
        "If-Match",
        "If-Unmodified-Since",
        "If-None-Match",
        "If-Modified-Since",
    ];
    let present = names.into_iter().filter(|name| headers.contains_key(*name));
    present.collect::<Vec<_>>().join(", ").into()
}

/// A user or a list of users as the bytes of one format.
pub(in crate::api) struct Representation {
    format: UserFormat,
    pub(in crate::api) body: Vec<u8>,
    pub(in crate::api) tag: EntityTag,
    last_modified: Option<Timestamp>,
}

impl Representation {
    /// Returns the representation of a user.
    pub(in crate::api) fn of(format: UserFormat, user: &User) -> Representation {
        let last_modified = Some(user.updated_at);
        Representation {
            last_modified,
            ..Representation::new(format, format.one(user))
        }
    }

    /// Returns the representation of a list of users with the given fields. It has no `Last-Modified`,
    /// because the deletion of a user leaves no date in the data.
    pub(in crate::api) fn of_list(
        format: UserFormat,
        users: &[User],
        fields: UserFields,
    ) -> Representation {
        Representation::new(format, format.list(users, fields))
    }

    /// Returns the representation of a JSON document.
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

    /// Returns the response to GET: 200 with the representation, or 304 when the client has it already.
    /// `all` returns the tags of every format.
    ///
    /// # Errors
    /// 412 when the preconditions do not hold.
    pub(in crate::api) fn answer(
        self,
        conditions: &Conditions,
        all: impl FnOnce() -> Vec<EntityTag>,
    ) -> Result<Response, ApiError> {
        match self.evaluate(conditions, all)? {
            true => Ok(self.response(StatusCode::OK)),
            false => Ok(self.not_modified()),
        }
    }

    /// Returns whether the representation must be sent; `false` when the client has it already.
    ///
    /// # Errors
    /// 412 when the preconditions do not hold.
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

    /// Returns a response with the complete representation.
    pub(in crate::api) fn response(self, status: StatusCode) -> Response {
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

    /// Returns a 206 response with the bytes from `first` to `last`, both included.
    pub(in crate::api) fn part(mut self, first: usize, last: usize) -> Response {
        self.body = self.body.drain(first..=last).collect();
        self.response(StatusCode::PARTIAL_CONTENT)
    }

    /// Returns a 304 response with the headers that a cache needs to reuse its stored response (RFC 9110,
    /// section 15.4.5).
    pub(in crate::api) fn not_modified(self) -> Response {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        let headers = response.headers_mut();
        headers.insert(ETAG, self.tag.header());
        headers.insert(VARY, HeaderValue::from_static("Accept"));
        response
    }
}

/// Returns the entity tags of a user in every format, in the order of [`UserFormat::ALL`].
pub(in crate::api) fn entity_tags(user: &User) -> Vec<EntityTag> {
    let formats = UserFormat::ALL.iter();
    formats
        .map(|format| EntityTag::of(&format.one(user)))
        .collect()
}

/// Returns the path of a user as a header value.
pub(in crate::api) fn user_address(id: UserId) -> HeaderValue {
    let path = format!("/api/users/{id}");
    HeaderValue::from_str(&path).expect("a path and a number are a header value")
}

/// Returns the response to PUT, which has no validators: with one, a client would take the user that it sent
/// for the one that is stored, and the stored one has an id and times in addition (RFC 9110, section 9.3.4).
pub(in crate::api) fn put_response(format: UserFormat, user: &User, created: bool) -> Response {
    let mut response = write_response(format, user, created);
    for validator in [ETAG, LAST_MODIFIED] {
        response.headers_mut().remove(validator);
    }
    response
}

/// Returns the response to a write: the stored user with its address, and 201 if it was created.
pub(in crate::api) fn write_response(format: UserFormat, user: &User, created: bool) -> Response {
    let address = user_address(user.id);
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = Representation::of(format, user).response(status);
    let headers = response.headers_mut();
    // With Content-Location the ETag belongs to the user at that address, not to the result of the
    // write (RFC 9110, section 8.7).
    headers.insert(CONTENT_LOCATION, address.clone());
    if created {
        headers.insert(LOCATION, address);
    }
    response
}
