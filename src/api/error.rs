//! Failures of the API, and the one place where they become `application/problem+json` (RFC 9457).

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::ProtectionError;

use crate::api::{ApiState, RequestId, auth};
use crate::model::http::reason_phrase;
use crate::model::problem::{PartError, Problem, ProblemKind};
use crate::model::trace::{StepKind, Told};
use crate::model::user::{Misfit, UserId};
use crate::sandbox::{DatabaseError, Scope, WriteError};

/// Media type of the bodies of POST and PUT.
pub(super) const JSON: &str = "application/json";
/// Media type of the body of PATCH (RFC 7396).
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";

/// Why a request fails; each becomes a problem of one kind.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    kind: ProblemKind,
    detail: String,
    errors: Vec<PartError>,
    /// Name, in lower case, and value.
    headers: Vec<(&'static str, HeaderValue)>,
    /// A status that was asked for, and need not be that of the kind.
    asked: Option<u16>,
    /// Of a failure that is the server's: for the log, never for the client.
    cause: Option<String>,
}

impl ApiError {
    /// A failure of a kind, with what happened and what to do.
    pub(super) fn new(kind: ProblemKind, detail: impl Into<String>) -> ApiError {
        ApiError {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            asked: None,
            cause: None,
        }
    }

    /// The status that the client asked for: no failure, so that the log is not told.
    pub(super) fn of_status(status: u16, detail: String) -> ApiError {
        ApiError {
            asked: Some(status),
            ..ApiError::new(ProblemKind::of_status(status), detail)
        }
    }

    /// With the parts of the request that are wrong.
    pub(super) fn with_errors(self, errors: Vec<PartError>) -> ApiError {
        ApiError { errors, ..self }
    }

    /// With a header that tells the client how to go on.
    ///
    /// # Panics
    /// When the value is none of a header.
    pub(super) fn with_header(
        mut self,
        name: &'static str,
        value: impl TryInto<HeaderValue, Error: std::fmt::Debug>,
    ) -> ApiError {
        let value = value.try_into().expect("a header value of ours");
        self.headers.push((name, value));
        self
    }

    /// What happened.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// No user has the id.
    pub(super) fn no_user(id: impl std::fmt::Display) -> ApiError {
        ApiError::new(
            ProblemKind::NotFound,
            format!("there is no user with the id {id}"),
        )
    }

    /// Why a write to a user failed; one that is not there is named.
    pub(super) fn of_write(id: UserId) -> impl FnOnce(WriteError) -> ApiError {
        move |error| match error {
            WriteError::Missing => ApiError::no_user(id),
            error => error.into(),
        }
    }

    /// Fields of the body are not valid.
    pub(super) fn invalid(errors: Vec<PartError>) -> ApiError {
        let detail = match errors.len() {
            1 => "one field is not valid; errors says which".to_owned(),
            count => format!("{count} fields are not valid; errors says which"),
        };
        ApiError::new(ProblemKind::InvalidFields, detail).with_errors(errors)
    }

    /// A condition does not hold.
    pub(super) fn precondition_failed() -> ApiError {
        let detail = "what is stored is not as the condition says; GET it again, \
                      look at what changed, and send your request with the new ETag";
        ApiError::new(ProblemKind::PreconditionFailed, detail)
    }

    /// A sandbox key in the header opens nothing.
    pub(super) fn unknown_sandbox() -> ApiError {
        let detail = "the sandbox of this key has expired or never was; \
                      leave the header Sandbox-Key out to get a new one with the next write";
        ApiError::new(ProblemKind::UnknownSandbox, detail)
            .with_header("www-authenticate", "Sandbox-Key realm=\"routebook\"")
    }

    fn internal(cause: &dyn std::error::Error) -> ApiError {
        let detail = "the cause is in the server's log, under the id of this request";
        ApiError::new(ProblemKind::Internal, detail).because(cause)
    }

    /// With the whole chain of causes, which the log needs to be of use.
    fn because(self, cause: &dyn std::error::Error) -> ApiError {
        let causes = std::iter::successors(Some(cause), |cause| cause.source());
        let causes: Vec<_> = causes.map(ToString::to_string).collect();
        ApiError {
            cause: Some(causes.join(": ")),
            ..self
        }
    }
}

/// Content that makes sense, or 422; the trace is told which.
pub(super) fn valid<T>(scope: &Scope, read: Result<T, Vec<PartError>>) -> Result<T, ApiError> {
    let name = crate::api::traced::code_of::<T>();
    match read {
        Ok(value) => {
            scope.trace.pass(StepKind::Validation, name, || None);
            Ok(value)
        }
        Err(errors) => {
            let error = ApiError::invalid(errors);
            scope.trace.stop(StepKind::Validation, name, || {
                Told::as_is(error.detail.clone())
            });
            Err(error)
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
                    .because(&error)
                    .with_header("retry-after", "1")
            }
            DatabaseError::ConnectionLost(_) => {
                let detail = "the connection to the database was lost; look whether a write was done, \
                              then send it again";
                ApiError::new(ProblemKind::Unavailable, detail)
                    .because(&error)
                    .with_header("retry-after", "1")
            }
            DatabaseError::Full => {
                let detail = "the server has no room for this write now; reading goes on";
                ApiError::new(ProblemKind::InsufficientStorage, detail).because(&error)
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
                    "another user has this e-mail address; choose another one",
                )
                .with_errors(vec![part])
            }
            WriteError::Full { limit } => {
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
            WriteError::Misfit(Misfit::OtherId(other)) => {
                let detail = format!(
                    "the body has the id {other}; send it to /api/users/{other}, or leave the id out"
                );
                let part = PartError::at("/id", "is not the id of the address");
                ApiError::new(ProblemKind::IdMismatch, detail).with_errors(vec![part])
            }
            WriteError::Misfit(Misfit::Fields(errors)) => ApiError::invalid(errors),
            WriteError::Missing => {
                ApiError::new(ProblemKind::NotFound, "there is no user with this id")
            }
            WriteError::Unguarded => ApiError::precondition_failed(),
            WriteError::RoleRaised => {
                auth::forbidden("an admin can give you the role admin; you cannot take it")
            }
            WriteError::OtherOnce => {
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
            WriteError::Behaviours(errors) => ApiError::invalid(errors),
            WriteError::Gone => ApiError::unknown_sandbox(),
            WriteError::Database(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.asked.unwrap_or(self.kind.status());
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

/// Gives every reply of 400 and up its problem document: those of handlers with what they know, those
/// of the router, a layer or a panic by their status.
pub(super) async fn describe(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .cloned()
        .unwrap_or_default();
    let method = request.method().clone();
    let response = next.run(request).await;
    if response.status().as_u16() < 400 {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let error = match parts.extensions.remove::<ApiError>() {
        Some(error) => error,
        None if parts.extensions.get::<ProtectionError>().is_some() => ApiError::new(
            ProblemKind::CrossSite,
            "a page of another site cannot change data here",
        ),
        None => general(parts.status, &method),
    };
    log(&error, parts.status, id);
    let (kind, title) = match error.asked {
        // There is no more to say than the status does (RFC 9457, section 4.2.1).
        Some(asked) if asked != error.kind.status() => {
            ("about:blank".to_owned(), reason_phrase(asked))
        }
        _ => (
            format!("{}/problems/{}", state.origin, error.kind.slug()),
            error.kind.title(),
        ),
    };
    let problem = Problem {
        kind,
        title,
        status: parts.status.as_u16(),
        detail: error.detail,
        instance: format!("urn:uuid:{id}"),
        errors: error.errors,
    };
    let body = serde_json::to_vec(&problem).expect("a problem is JSON");
    parts.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    // HEAD is answered as GET, without the content (RFC 9110, section 9.3.2).
    match method == Method::HEAD {
        true => Response::from_parts(parts, Body::empty()),
        false => Response::from_parts(parts, Body::from(body)),
    }
}

/// Logs a failure that is the server's. What a client can bring about as often as it likes, a status
/// that it asks for, a method that nobody has or a full sandbox, is none.
fn log(error: &ApiError, status: StatusCode, id: RequestId) {
    let (cause, code) = (error.cause.as_deref(), status.as_u16());
    if status == StatusCode::INTERNAL_SERVER_ERROR && error.asked.is_none() {
        tracing::error!(request_id = %id, status = code, cause, "a request failed");
    } else if cause.is_some() {
        tracing::warn!(request_id = %id, status = code, cause, "a request failed");
    }
}

/// What is said of a status that comes from elsewhere than a handler.
fn general(status: StatusCode, method: &Method) -> ApiError {
    let detail = match status {
        StatusCode::NOT_FOUND => "no resource has this address; /api/users is one".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => {
            format!("{method} is not among the methods of this resource; Allow lists them")
        }
        StatusCode::NOT_IMPLEMENTED => format!("no resource has the method {method}"),
        StatusCode::SERVICE_UNAVAILABLE => {
            "the request took longer than the server allows; send it again later".to_owned()
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            "the cause is in the server's log, under the id of this request".to_owned()
        }
        _ => "the request cannot be answered as it is".to_owned(),
    };
    let late = status == StatusCode::SERVICE_UNAVAILABLE;
    ApiError {
        cause: late.then(|| "the handler took too long".to_owned()),
        ..ApiError::new(ProblemKind::of_status(status.as_u16()), detail)
    }
}

/// A body in a format that is not read here; the reply says which is (RFC 9110, section 15.5.16).
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
    fn the_log_is_told_the_whole_chain_of_causes_and_the_client_none() {
        let driver = sqlx::Error::Protocol("the server hung up".to_owned());
        let error = ApiError::from(DatabaseError::Driver(driver));
        assert_eq!(error.kind, ProblemKind::Internal);
        assert!(!error.detail.contains("hung up"));
        let cause = error.cause.expect("a cause");
        assert!(cause.starts_with("the database failed: "), "{cause}");
        assert!(cause.contains("the server hung up"), "{cause}");
    }

    #[test]
    fn failures_that_pass_are_503_with_retry_after() {
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
