//! Extractors of handlers: the id in the path, the query, and the body. Every rejection is a problem
//! (RFC 9457).

use std::collections::BTreeMap;

use axum::body::HttpBody;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;

use crate::api::error::{ApiError, JSON, MERGE_PATCH, unsupported};
use crate::api::format::UserFormat;
use crate::api::format::{FormatError, csv, xml};
use crate::api::http::media_type::MediaType;
use crate::api::trace::{trace_of, type_text};
use crate::model::json::Json;
use crate::model::problem::{PartError, ProblemKind};
use crate::model::trace::{StepKind, TraceText};
use crate::model::user::{UserId, UserIdError};
use crate::sandbox::DataScope;

/// The maximum size of a body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// The user id in the segment `{id}` of the path.
///
/// Rejects text that is not a number with `InvalidId`, and a number outside the range of ids with 404.
pub(in crate::api) struct PathId(pub(in crate::api) UserId);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<PathId, ApiError> {
        let refused = || {
            ApiError::new(
                ProblemKind::InvalidId,
                "the id in the path is not a number; write /api/users/1",
            )
        };
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| refused())?;
        let text = params
            .iter()
            .find(|(name, _)| *name == "id")
            .map_or("", |(_, value)| value);
        match UserId::parse(text) {
            Ok(id) => {
                trace_of(&parts.extensions).set_detail(|| TraceText::literal(id.to_string()));
                Ok(PathId(id))
            }
            Err(UserIdError::NotANumber) => Err(refused()),
            Err(UserIdError::OutOfRange) => Err(ApiError::no_user(text)),
        }
    }
}

/// Returns the value of the only parameter of the path; empty when the path has none.
pub(in crate::api) fn path_parameter(params: &RawPathParams) -> &str {
    params.iter().next().map_or("", |(_, value)| value)
}

/// The query parameters of a request, each with a known key that occurs once.
pub(in crate::api) struct Query(BTreeMap<String, String>);

impl Query {
    /// Parses a query in which the keys `known` are allowed.
    ///
    /// # Errors
    /// A key is unknown or occurs twice.
    pub(in crate::api) fn of(query: Option<&str>, known: &[&str]) -> Result<Query, ApiError> {
        let mut values = BTreeMap::new();
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&key.as_ref()) {
                let detail = match known {
                    [] => "is not known here; this takes no query".to_owned(),
                    known => format!("is not known here; known are {}", known.join(", ")),
                };
                return Err(invalid_query(&key, detail));
            }
            if values.insert(key.to_string(), value.into_owned()).is_some() {
                return Err(invalid_query(&key, "appears twice"));
            }
        }
        Ok(Query(values))
    }

    /// Returns the value of a key; `None` when the query does not have it.
    pub(in crate::api) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Returns the value of a key as a whole number from 1 to `max`, or `default` when the query does not
    /// have the key.
    ///
    /// # Errors
    /// The value is not a whole number in decimal digits, or it is out of range.
    pub(in crate::api) fn number(
        &self,
        key: &str,
        default: i64,
        max: i64,
    ) -> Result<i64, ApiError> {
        let Some(text) = self.0.get(key) else {
            return Ok(default);
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse::<i64>().ok()).flatten();
        number
            .filter(|number| (1..=max).contains(number))
            .ok_or_else(|| {
                invalid_query(
                    key,
                    format!("must be a whole number from 1 to {max}, not {text:?}"),
                )
            })
    }
}

/// Returns the error for an invalid query parameter; `detail` continues a sentence that begins with its
/// key.
pub(in crate::api) fn invalid_query(key: &str, detail: impl Into<String>) -> ApiError {
    let detail = detail.into();
    ApiError::new(
        ProblemKind::InvalidQuery,
        format!("the query key {key:?} {detail}"),
    )
    .with_errors(vec![PartError::in_query(key, detail)])
}

/// An extractor that rejects a request with any query parameter.
pub(in crate::api) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<NoQuery, ApiError> {
        Query::of(parts.uri.query(), &[]).map(|_| NoQuery)
    }
}

/// A JSON body: `application/merge-patch+json` for PATCH, `application/json` for other methods.
pub(in crate::api) struct JsonBody(pub(in crate::api) Json);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<JsonBody, ApiError> {
        let accepted = if *request.method() == Method::PATCH {
            MERGE_PATCH
        } else {
            JSON
        };
        let (_, body) = read(request, &[accepted]).await?;
        parse(&body).map(JsonBody)
    }
}

/// The body of a complete user in any of the accepted formats, converted to JSON.
pub(in crate::api) struct UserBody(pub(in crate::api) Json);

impl<S: Send + Sync> FromRequest<S> for UserBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<UserBody, ApiError> {
        if *request.method() == Method::PUT && request.headers().contains_key(CONTENT_RANGE) {
            // Refuses a partial PUT, which would be stored as if it were complete (RFC 9110,
            // section 14.5).
            let detail = "PUT takes a whole user, not a range of one; leave Content-Range out";
            return Err(ApiError::new(ProblemKind::BadRequest, detail));
        }
        let trace = trace_of(request.extensions());
        let formats = [UserFormat::Json, UserFormat::Xml, UserFormat::Csv];
        let (format, body) = read(request, &formats.map(UserFormat::essence)).await?;
        trace.set_detail(|| TraceText::literal(format));
        let malformed =
            |error: FormatError| ApiError::new(ProblemKind::MalformedBody, error.to_string());
        let json = match formats.into_iter().find(|known| known.essence() == format) {
            Some(UserFormat::Xml) => xml::parse(&body).map_err(malformed)?,
            Some(UserFormat::Csv) => csv::parse(&body).map_err(malformed)?,
            _ => parse(&body)?,
        };
        Ok(UserBody(json))
    }
}

/// A body of any media type, or none.
pub(in crate::api) struct AnyBody(pub(in crate::api) Bytes);

impl<S: Send + Sync> FromRequest<S> for AnyBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<AnyBody, ApiError> {
        whole(request).await.map(AnyBody)
    }
}

fn parse(body: &[u8]) -> Result<Json, ApiError> {
    Json::parse(body).map_err(|error| ApiError::new(ProblemKind::MalformedJson, error.to_string()))
}

/// Reads a body of one of the accepted media types; returns the media type and the bytes.
async fn read(
    request: Request,
    accepted: &[&'static str],
) -> Result<(&'static str, Bytes), ApiError> {
    let format = check_type(request.headers(), accepted)?;
    Ok((format, whole(request).await?))
}

/// Reads a complete body.
///
/// # Errors
/// 413 when it is larger than [`BODY_LIMIT`]; 400 when it ends early.
async fn whole(request: Request) -> Result<Bytes, ApiError> {
    let body = request.into_body();
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        // Refuses by the declared length before reading, so that a client that sent
        // `Expect: 100-continue` does not have to send the body.
        return Err(too_large());
    }
    let body = axum::body::to_bytes(body, BODY_LIMIT).await;
    body.map_err(|error| unread(&error))
}

fn too_large() -> ApiError {
    let detail = format!("a body holds at most {BODY_LIMIT} bytes");
    ApiError::new(ProblemKind::ContentTooLarge, detail)
}

fn unread(error: &axum::Error) -> ApiError {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<http_body_util::LengthLimitError>() {
            return too_large();
        }
        cause = inner.source();
    }
    ApiError::new(ProblemKind::BadRequest, "the body did not arrive whole")
}

/// Checks that the body has one of the accepted media types, is in UTF-8 and has no content coding;
/// returns the media type.
///
/// # Errors
/// 415 that lists the accepted media types.
fn check_type(headers: &HeaderMap, accepted: &[&'static str]) -> Result<&'static str, ApiError> {
    let refused =
        |problem: String, instead: &str| unsupported(accepted, format!("{problem}; {instead}"));
    let types = format!("send {}", accepted.join(" or "));
    let codings = headers.get_all(CONTENT_ENCODING).iter();
    let mut codings = codings.map(|coding| coding.to_str().map_or("?", str::trim));
    if let Some(coding) = codings.find(|coding| !coding.eq_ignore_ascii_case("identity")) {
        let problem = format!("the content coding {coding:?} is not read here");
        return Err(refused(problem, "send the body as it is"));
    }
    if headers.get_all(CONTENT_TYPE).iter().nth(1).is_some() {
        let problem = "the body has several Content-Types".to_owned();
        return Err(refused(problem, &types));
    }
    if !headers.contains_key(CONTENT_TYPE) {
        return Err(refused("the body has no Content-Type".to_owned(), &types));
    }
    let Some(media_type) = MediaType::of_content(headers) else {
        let problem = "the Content-Type of the body is malformed".to_owned();
        return Err(refused(problem, &types));
    };
    let essence = media_type.essence();
    let Some(known) = accepted.iter().find(|known| essence == **known) else {
        let problem = format!("the format {essence:?} is not read here");
        return Err(refused(problem, &types));
    };
    for (name, value) in media_type.parameters() {
        if name == "charset" && !value.eq_ignore_ascii_case("utf-8") {
            let problem = format!("the charset {value:?} is not read here");
            return Err(refused(problem, "send UTF-8"));
        }
    }
    Ok(known)
}

/// Returns the validated content and records the result of the validation in the trace.
///
/// # Errors
/// 422 with the errors of the validation.
pub(in crate::api) fn valid<T>(
    scope: &DataScope,
    read: Result<T, Vec<PartError>>,
) -> Result<T, ApiError> {
    let name = type_text::<T>();
    match read {
        Ok(value) => {
            scope.trace.add_passed(StepKind::Validation, name, || None);
            Ok(value)
        }
        Err(errors) => {
            let error = ApiError::invalid(errors);
            scope.trace.add_stopped(StepKind::Validation, name, || {
                TraceText::literal(error.detail.clone())
            });
            Err(error)
        }
    }
}
