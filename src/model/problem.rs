//! Problem details (RFC 9457): the document and the table of problem kinds.
//!
//! The mapping of errors of the program to problem kinds is in `api::error`.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaFormat, Type};

/// A wrong part of the request: of the body or of the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartError {
    /// The part of the body, as a JSON pointer (RFC 6901); empty for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// The key of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
    /// What is wrong with it.
    pub detail: String,
}

impl PartError {
    /// Returns an error in the body; `pointer` is empty for the whole body.
    #[must_use]
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> PartError {
        PartError {
            pointer: Some(pointer.into()),
            parameter: None,
            detail: detail.into(),
        }
    }

    /// Returns an error in the query.
    #[must_use]
    pub fn in_query(parameter: impl Into<String>, detail: impl Into<String>) -> PartError {
        PartError {
            pointer: None,
            parameter: Some(parameter.into()),
            detail: detail.into(),
        }
    }
}

/// Problem details (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The address that stands for the kind, and leads to its lesson.
    #[serde(rename = "type")]
    #[schema(schema_with = type_schema)]
    pub kind: String,
    /// The same words for every problem of the kind.
    pub title: &'static str,
    /// The status code of the response.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened, and what the client can do.
    pub detail: String,
    /// The request, as `urn:uuid:` and its id.
    pub instance: String,
    /// The parts of the request that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 1)]
    pub errors: Vec<PartError>,
}

/// Returns the schema of the member `type`: a URL that ends in one of the slugs.
fn type_schema() -> Object {
    let text = "Stands for the kind of problem, and leads to its lesson; about:blank where /api/status \
                is asked for a status without a kind.";
    let slugs: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
    let slugs = slugs.join("|");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uri".to_owned())))
        .pattern(Some(format!(
            "^(about:blank|https?://[^/]+/problems/({slugs}))$"
        )))
        .description(Some(text))
        .build()
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $status:literal $slug:literal $title:literal;)+) => {
        /// The kinds of problem, with status, slug and title of each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)+
        }

        impl ProblemKind {
            /// All kinds.
            pub const ALL: &'static [ProblemKind] = &[$(ProblemKind::$kind),+];

            /// Returns the status code.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(ProblemKind::$kind => $status),+ }
            }

            /// Returns the last segment of the `type` URL, which never changes.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(ProblemKind::$kind => $slug),+ }
            }

            /// Returns the title.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(ProblemKind::$kind => $title),+ }
            }
        }
    };
}

kinds! {
    /// An invalid request for which there is no more specific kind.
    BadRequest = 400 "bad-request" "The request is not understood";
    /// A body that is not JSON.
    MalformedJson = 400 "malformed-json" "The body is not valid JSON";
    /// A body that is not the XML or CSV of a user.
    MalformedBody = 400 "malformed-body" "The body is not valid";
    /// A query parameter that is unknown, is repeated, or has an invalid value.
    InvalidQuery = 400 "invalid-query" "The query is not valid";
    /// An id that is not a number.
    InvalidId = 400 "invalid-id" "The id is not a number";
    /// A POST without an idempotency key in a sandbox that requires one.
    MissingIdempotencyKey = 400 "missing-idempotency-key" "This needs an Idempotency-Key";
    /// No credentials.
    Unauthorized = 401 "unauthorized" "This needs credentials";
    /// An unknown or expired token.
    InvalidToken = 401 "invalid-token" "The token is not valid";
    /// A wrong email address or password.
    WrongLogin = 401 "wrong-login" "The email address or the password is wrong";
    /// An unknown sandbox key.
    UnknownSandbox = 401 "unknown-sandbox" "The sandbox key is not known";
    /// A refusal for which there is no more specific kind.
    Forbidden = 403 "forbidden" "This is not allowed";
    /// A write requested by a page of another site.
    CrossSite = 403 "cross-site-request" "A page of another site asked for a change";
    /// No resource at the path.
    NotFound = 404 "not-found" "There is nothing here";
    /// A method that the resource does not have.
    MethodNotAllowed = 405 "method-not-allowed" "The resource does not have this method";
    /// No available format that the client accepts.
    NotAcceptable = 406 "not-acceptable" "No acceptable format";
    /// A body that did not arrive in time.
    RequestTimeout = 408 "request-timeout" "The request took too long to arrive";
    /// A conflict with the stored state for which there is no more specific kind.
    Conflict = 409 "conflict" "The request clashes with what is stored";
    /// An email address that another user has.
    DuplicateEmail = 409 "duplicate-email" "Another user has this email address";
    /// An undo of a change to a user that has changed again since.
    ChangedSince = 409 "changed-since" "The user was changed since";
    /// A body with another id than the target.
    IdMismatch = 409 "id-mismatch" "The body has another id than the address";
    /// A request whose idempotency key belongs to a request that is still in progress.
    IdempotencyConflict = 409 "idempotency-conflict" "The first request with this key is still under way";
    /// A precondition that is false.
    PreconditionFailed = 412 "precondition-failed" "The condition of the request does not hold";
    /// A body that is too large.
    ContentTooLarge = 413 "content-too-large" "The body is too large";
    /// A target that is too long.
    UriTooLong = 414 "uri-too-long" "The address is too long";
    /// A media type that the resource does not accept.
    UnsupportedMediaType = 415 "unsupported-media-type" "The body's format is not supported";
    /// A range beyond the end of the representation.
    RangeNotSatisfiable = 416 "range-not-satisfiable" "There is no such part";
    /// A well-formed body with invalid fields.
    InvalidFields = 422 "invalid-fields" "Some fields are not valid";
    /// An idempotency key that was used for another request.
    IdempotencyKeyReused = 422 "idempotency-key-reused" "The Idempotency-Key was used for another request";
    /// A write without `If-Match` in a sandbox that requires one.
    PreconditionRequired = 428 "precondition-required" "This needs a condition";
    /// Too many requests.
    TooManyRequests = 429 "too-many-requests" "Too many requests";
    /// Too many or too large headers.
    HeadersTooLarge = 431 "headers-too-large" "The headers are too large";
    /// An error of this server.
    Internal = 500 "internal-error" "Something went wrong on the server";
    /// A method that no resource has.
    NotImplemented = 501 "not-implemented" "The server does not know this method";
    /// A server that is too busy for the request.
    Unavailable = 503 "unavailable" "The server is busy";
    /// A quota that is exhausted.
    InsufficientStorage = 507 "insufficient-storage" "The sandbox is full";
}

impl ProblemKind {
    /// Returns the most general kind with this status, for errors that have no kind yet.
    #[must_use]
    pub fn of_status(status: u16) -> ProblemKind {
        match status {
            401 => ProblemKind::Unauthorized,
            403 => ProblemKind::Forbidden,
            404 => ProblemKind::NotFound,
            405 => ProblemKind::MethodNotAllowed,
            406 => ProblemKind::NotAcceptable,
            408 => ProblemKind::RequestTimeout,
            409 => ProblemKind::Conflict,
            412 => ProblemKind::PreconditionFailed,
            413 => ProblemKind::ContentTooLarge,
            414 => ProblemKind::UriTooLong,
            415 => ProblemKind::UnsupportedMediaType,
            416 => ProblemKind::RangeNotSatisfiable,
            422 => ProblemKind::InvalidFields,
            428 => ProblemKind::PreconditionRequired,
            429 => ProblemKind::TooManyRequests,
            431 => ProblemKind::HeadersTooLarge,
            501 => ProblemKind::NotImplemented,
            503 => ProblemKind::Unavailable,
            507 => ProblemKind::InsufficientStorage,
            400..=499 => ProblemKind::BadRequest,
            _ => ProblemKind::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_url_safe() {
        for (index, kind) in ProblemKind::ALL.iter().enumerate() {
            let slug = kind.slug();
            assert!(
                slug.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{slug}"
            );
            assert!(
                ProblemKind::ALL[..index]
                    .iter()
                    .all(|other| other.slug() != slug),
                "{slug}"
            );
        }
    }

    #[test]
    fn of_status_returns_a_kind_with_that_status() {
        for kind in ProblemKind::ALL {
            let general = ProblemKind::of_status(kind.status());
            assert_eq!(general.status(), kind.status(), "{kind:?}");
        }
    }
}
