//! The errors of the API, which become `application/problem+json` (RFC 9457).

use axum::http::header::{AUTHORIZATION, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::model::problem::{PartError, ProblemKind};
use crate::model::user::{BodyConflict, UserId};
use crate::sandbox::{DatabaseError, WriteError};

/// Media type of the bodies of POST and PUT.
pub(super) const JSON: &str = "application/json";
/// Media type of the body of PATCH (RFC 7396).
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";

/// An error of a request. It becomes a problem of one kind.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) kind: ProblemKind,
    pub(super) detail: String,
    pub(super) errors: Vec<PartError>,
    /// The additional headers of the response; names are in lower case.
    pub(super) headers: Vec<(&'static str, HeaderValue)>,
    /// A status that the client requested from `/api/status`; it may differ from the status of the kind.
    pub(super) requested_status: Option<u16>,
    /// The cause of a failure of the server, for the log. It is never sent to the client.
    pub(super) cause: Option<String>,
}

impl ApiError {
    /// Creates an error. `detail` says what happened and what the client can do.
    pub(super) fn new(kind: ProblemKind, detail: impl Into<String>) -> ApiError {
        ApiError {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            requested_status: None,
            cause: None,
        }
    }

    /// Creates an error with the status that a client requested. It is not logged, because nothing failed.
    pub(super) fn of_status(status: u16, detail: String) -> ApiError {
        ApiError {
            requested_status: Some(status),
            ..ApiError::new(ProblemKind::of_status(status), detail)
        }
    }

    /// Sets the invalid parts of the request.
    pub(super) fn with_errors(self, errors: Vec<PartError>) -> ApiError {
        ApiError { errors, ..self }
    }

    /// Adds a header to the response.
    ///
    /// # Panics
    /// When the value is not valid for a header.
    pub(super) fn with_header(
        mut self,
        name: &'static str,
        value: impl TryInto<HeaderValue, Error: std::fmt::Debug>,
    ) -> ApiError {
        let value = value.try_into().expect("a valid header value");
        self.headers.push((name, value));
        self
    }

    /// Adds to a 403 error the challenge for a token that lacks permission, if the request has credentials in
    /// `Authorization`; a session cookie is no token (RFC 6750, section 3.1).
    pub(super) fn with_challenge_for_token(self, headers: &HeaderMap) -> ApiError {
        if self.kind != ProblemKind::Forbidden || !headers.contains_key(AUTHORIZATION) {
            return self;
        }
        let challenge = challenge("insufficient_scope", &self.detail);
        self.with_header("www-authenticate", challenge)
    }

    /// Returns what happened and what the client can do.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// Returns the 404 error for a user id that does not exist.
    pub(super) fn no_user(id: impl std::fmt::Display) -> ApiError {
        ApiError::new(
            ProblemKind::NotFound,
            format!("there is no user with the id {id}"),
        )
    }

    /// Returns a function that converts the error of a write to the user with this id, so that the 404 error
    /// contains the id.
    pub(super) fn of_write(id: UserId) -> impl FnOnce(WriteError) -> ApiError {
        move |error| match error {
            WriteError::UserNotFound => ApiError::no_user(id),
            error => error.into(),
        }
    }

    /// Returns the 422 error for invalid fields of the body.
    pub(super) fn invalid(errors: Vec<PartError>) -> ApiError {
        let detail = match errors.len() {
            1 => "one field is not valid; errors says which".to_owned(),
            count => format!("{count} fields are not valid; errors says which"),
        };
        ApiError::new(ProblemKind::InvalidFields, detail).with_errors(errors)
    }

    /// Returns the 412 error for a precondition that is false.
    pub(super) fn precondition_failed() -> ApiError {
        let detail = "what is stored is not as the condition says; GET it again, \
                      look at what changed, and send your request with the new ETag";
        ApiError::new(ProblemKind::PreconditionFailed, detail)
    }

    /// Returns the error for a sandbox key in the header that opens no sandbox.
    pub(super) fn unknown_sandbox() -> ApiError {
        let detail = "the sandbox of this key has expired or never was; \
                      leave the header Sandbox-Key out to get a new one with the next write";
        ApiError::new(ProblemKind::UnknownSandbox, detail)
            .with_header("www-authenticate", "Sandbox-Key realm=\"routebook\"")
    }

    /// Returns the 500 error, which does not show its cause to the client.
    fn internal(cause: &dyn std::error::Error) -> ApiError {
        let detail = "the cause is in the server's log, under the id of this request";
        ApiError::new(ProblemKind::Internal, detail).with_cause(cause)
    }

    /// Sets the cause: the messages of the error and of all its sources.
    fn with_cause(self, cause: &dyn std::error::Error) -> ApiError {
        let causes = std::iter::successors(Some(cause), |cause| cause.source());
        let causes: Vec<_> = causes.map(ToString::to_string).collect();
        ApiError {
            cause: Some(causes.join(": ")),
            ..self
        }
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> ApiError {
        match error {
            DatabaseError::Busy | DatabaseError::Conflict(_) => {
                let detail =
                    "the database has no time for this request now; send it again in a second";
                ApiError::new(ProblemKind::Unavailable, detail)
                    .with_cause(&error)
                    .with_header("retry-after", "1")
            }
            DatabaseError::ConnectionLost(_) => {
                let detail = "the connection to the database was lost; look whether a write was done, \
                              then send it again";
                ApiError::new(ProblemKind::Unavailable, detail)
                    .with_cause(&error)
                    .with_header("retry-after", "1")
            }
            DatabaseError::Full => {
                let detail = "the server has no room for this write now; reading goes on";
                ApiError::new(ProblemKind::InsufficientStorage, detail).with_cause(&error)
            }
            error => ApiError::internal(&error),
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> ApiError {
        match error {
            WriteError::EmailTaken => {
                let part = PartError::at("/email", "is the address of another user");
                ApiError::new(
                    ProblemKind::DuplicateEmail,
                    "another user has this email address; choose another one",
                )
                .with_errors(vec![part])
            }
            WriteError::UsersFull { limit } => {
                let detail =
                    format!("the sandbox holds at most {limit} users; delete some, or reset it");
                ApiError::new(ProblemKind::InsufficientStorage, detail)
            }
            WriteError::TokensFull { limit } => {
                let detail = format!("the sandbox holds at most {limit} tokens; delete some");
                ApiError::new(ProblemKind::InsufficientStorage, detail)
            }
            WriteError::NoIdLeft => {
                let detail = "the highest id has been given away; put the user at an id that is \
                              free, or reset the sandbox";
                ApiError::new(ProblemKind::InsufficientStorage, detail)
            }
            WriteError::BodyConflict(BodyConflict::OtherId(other)) => {
                let detail = format!(
                    "the body has the id {other}; send it to /api/users/{other}, or leave the id out"
                );
                let part = PartError::at("/id", "is not the id of the address");
                ApiError::new(ProblemKind::IdMismatch, detail).with_errors(vec![part])
            }
            WriteError::BodyConflict(BodyConflict::Fields(errors)) => ApiError::invalid(errors),
            WriteError::UserNotFound => {
                ApiError::new(ProblemKind::NotFound, "there is no user with this id")
            }
            WriteError::PreconditionFailed => ApiError::precondition_failed(),
            WriteError::RoleEscalation => {
                forbidden("an admin can give you the role admin; you cannot take it")
            }
            WriteError::IdempotencyKeyReused => {
                let detail = "this Idempotency-Key was sent with another body; \
                              a new request needs a new key";
                ApiError::new(ProblemKind::IdempotencyKeyReused, detail)
            }
            WriteError::ChangedSince(id) => {
                let detail = format!(
                    "user {id} is not as the change left it, so nothing was taken back; look at \
                     /api/users/{id} and change it as you want it, or reset the sandbox"
                );
                ApiError::new(ProblemKind::ChangedSince, detail)
            }
            WriteError::Behaviors(errors) => ApiError::invalid(errors),
            WriteError::SandboxDeleted => ApiError::unknown_sandbox(),
            WriteError::Database(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.requested_status.unwrap_or(self.kind.status());
        let status = StatusCode::from_u16(status).expect("the table holds status codes");
        let mut response = status.into_response();
        for (name, value) in &self.headers {
            let name = HeaderName::from_static(name);
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The challenge in `WWW-Authenticate` (RFC 9110, section 11.6.1).
pub(super) const CHALLENGE: &str = "Bearer realm=\"routebook\"";

/// Returns the 403 error for a user who lacks permission.
pub(super) fn forbidden(detail: impl Into<String>) -> ApiError {
    ApiError::new(ProblemKind::Forbidden, detail)
}

/// Returns a challenge with an error code (RFC 6750, section 3).
pub(super) fn challenge(error: &str, description: &str) -> String {
    format!("{CHALLENGE}, error=\"{error}\", error_description=\"{description}\"")
}

/// Returns the 415 error for the format of a body. The response lists the accepted formats (RFC 9110,
/// section 15.5.16).
pub(super) fn unsupported(accepted: &[&'static str], detail: String) -> ApiError {
    let name = match accepted {
        [MERGE_PATCH] => "accept-patch",
        _ => "accept",
    };
    ApiError::new(ProblemKind::UnsupportedMediaType, detail).with_header(name, accepted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_error_has_all_causes_for_the_log_and_none_in_its_detail() {
        let driver = sqlx::Error::Protocol("the server hung up".to_owned());
        let error = ApiError::from(DatabaseError::Driver(driver));
        assert_eq!(error.kind, ProblemKind::Internal);
        assert!(!error.detail.contains("hung up"));
        let cause = error.cause.expect("a cause");
        assert!(cause.starts_with("the database failed: "), "{cause}");
        assert!(cause.contains("the server hung up"), "{cause}");
    }

    #[test]
    fn temporary_database_errors_return_503_with_retry_after() {
        let lost = || sqlx::Error::WorkerCrashed;
        for error in [
            DatabaseError::Busy,
            DatabaseError::Conflict(lost()),
            DatabaseError::ConnectionLost(lost()),
        ] {
            let response = ApiError::from(error).into_response();
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()["retry-after"], "1");
        }
    }
}
