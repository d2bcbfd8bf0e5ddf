//! Problem details (RFC 9457): the kinds there are, and the document that says one happened.
//!
//! Not here: which failure of the program is which kind (see `api::error`).

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
    /// An error in the body; `pointer` is empty for the whole of it.
    #[must_use]
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> PartError {
        PartError {
            pointer: Some(pointer.into()),
            parameter: None,
            detail: detail.into(),
        }
    }

    /// An error in the query.
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
    /// What happened this time, and what to do.
    pub detail: String,
    /// The request, as `urn:uuid:` and its id.
    pub instance: String,
    /// The parts of the request that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(min_items = 1)]
    pub errors: Vec<PartError>,
}

/// The schema of a problem's `type`: an address with one of the slugs.
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
        /// The kinds of problem: the one table of statuses, slugs and titles.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)+
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &'static [ProblemKind] = &[$(ProblemKind::$kind),+];

            /// Its status code.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(ProblemKind::$kind => $status),+ }
            }

            /// The last segment of its `type`; never changes.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(ProblemKind::$kind => $slug),+ }
            }

            /// Its words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(ProblemKind::$kind => $title),+ }
            }
        }
    };
}

kinds! {
    /// A request that is wrong in a way that has no kind of its own.
    BadRequest = 400 "bad-request" "The request is not understood";
    /// A body that is not JSON.
    MalformedJson = 400 "malformed-json" "The body is not valid JSON";
    /// A body that is not the XML or CSV of a user.
    MalformedBody = 400 "malformed-body" "The body is not valid";
    /// A query key that is unknown, given twice, or has a wrong value.
    InvalidQuery = 400 "invalid-query" "The query is not valid";
    /// An id that is no number.
    InvalidId = 400 "invalid-id" "The id is not a number";
    /// A POST that this sandbox takes only with a key.
    MissingIdempotencyKey = 400 "missing-idempotency-key" "This needs an Idempotency-Key";
    /// No credentials.
    Unauthorized = 401 "unauthorized" "This needs credentials";
    /// A token that opens nothing.
    InvalidToken = 401 "invalid-token" "The token is not valid";
    /// An email address and password that nobody has.
    WrongLogin = 401 "wrong-login" "The email address or the password is wrong";
    /// A sandbox key that opens nothing.
    UnknownSandbox = 401 "unknown-sandbox" "The sandbox key is not known";
    /// A refusal that has no kind of its own.
    Forbidden = 403 "forbidden" "This is not allowed";
    /// A change that another site's page asked for.
    CrossSite = 403 "cross-site-request" "A page of another site asked for a change";
    /// Nothing here.
    NotFound = 404 "not-found" "There is nothing here";
    /// A resource without this method.
    MethodNotAllowed = 405 "method-not-allowed" "The resource does not have this method";
    /// No format that the client accepts.
    NotAcceptable = 406 "not-acceptable" "No acceptable format";
    /// A body that did not arrive in time.
    RequestTimeout = 408 "request-timeout" "The request took too long to arrive";
    /// A clash with the state of the resource that has no kind of its own.
    Conflict = 409 "conflict" "The request clashes with what is stored";
    /// An email address that another user has.
    DuplicateEmail = 409 "duplicate-email" "Another user has this email address";
    /// A change that cannot be taken back, because the user was changed after it.
    ChangedSince = 409 "changed-since" "The user was changed since";
    /// A body that is about another resource than the target.
    IdMismatch = 409 "id-mismatch" "The body has another id than the address";
    /// The first request with this key is not answered yet.
    IdempotencyConflict = 409 "idempotency-conflict" "The first request with this key is still under way";
    /// A condition that does not hold.
    PreconditionFailed = 412 "precondition-failed" "The condition of the request does not hold";
    /// A body that is too large.
    ContentTooLarge = 413 "content-too-large" "The body is too large";
    /// An address that is too long.
    UriTooLong = 414 "uri-too-long" "The address is too long";
    /// A format that is not read here.
    UnsupportedMediaType = 415 "unsupported-media-type" "The body's format is not supported";
    /// A part that is not there.
    RangeNotSatisfiable = 416 "range-not-satisfiable" "There is no such part";
    /// A body that is JSON, but not a user.
    InvalidFields = 422 "invalid-fields" "Some fields are not valid";
    /// A key that another payload had.
    IdempotencyKeyReused = 422 "idempotency-key-reused" "The Idempotency-Key was used for another request";
    /// A change that this sandbox takes only with a condition.
    PreconditionRequired = 428 "precondition-required" "This needs a condition";
    /// Too many requests.
    TooManyRequests = 429 "too-many-requests" "Too many requests";
    /// Too many or too large headers.
    HeadersTooLarge = 431 "headers-too-large" "The headers are too large";
    /// An error of this server.
    Internal = 500 "internal-error" "Something went wrong on the server";
    /// A method that no resource has.
    NotImplemented = 501 "not-implemented" "The server does not know this method";
    /// No time for this request now.
    Unavailable = 503 "unavailable" "The server is busy";
    /// A quota is used up.
    InsufficientStorage = 507 "insufficient-storage" "The sandbox is full";
}

impl ProblemKind {
    /// The general kind of an error status that comes from elsewhere.
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
    fn slugs_are_unique_and_fit_into_an_address() {
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
    fn every_status_of_the_table_has_its_own_kind() {
        for kind in ProblemKind::ALL {
            let general = ProblemKind::of_status(kind.status());
            assert_eq!(general.status(), kind.status(), "{kind:?}");
        }
    }
}
