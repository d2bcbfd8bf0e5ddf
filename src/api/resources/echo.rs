//! `/api/echo` and `/api/echo/{path}`: return the request as the server parsed it, for any method.
//!
//! The handler reads and writes no data of the sandbox. Headers that intermediaries add to a request
//! are listed by name only, and secrets in the query and the body are masked (see `masking`);
//! everything else is returned as it was sent.

use std::borrow::Cow;

use axum::extract::RawQuery;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::http::extract::AnyBody;
use crate::api::http::json_response::json_no_store;
use crate::api::http::media_type::MediaType;
use crate::api::middleware::masking;
use crate::model::exchange::ReceivedHeader;
use crate::model::json::Json;

/// A request as the server parsed it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Echo {
    /// The method.
    method: String,
    /// The path as it was sent, percent-encoded.
    path: String,
    /// The query parameters, in their order.
    query: Vec<Pair>,
    /// The headers, in their order.
    headers: Vec<ReceivedHeader>,
    /// The cookies, in their order.
    cookies: Vec<Pair>,
    /// The Content-Type; null if there is none, or it is malformed.
    #[schema(required = true)]
    content_type: Option<EchoedMediaType>,
    /// The body; null if it is empty.
    #[schema(required = true)]
    body: Option<EchoedBody>,
}

/// A name with a value.
#[derive(Serialize, ToSchema)]
struct Pair {
    /// The name.
    name: String,
    /// The value.
    value: String,
}

/// A parsed media type.
#[derive(Serialize, ToSchema)]
#[schema(as = MediaType)]
struct EchoedMediaType {
    /// The type and subtype, in lower case.
    #[serde(rename = "type")]
    essence: String,
    /// The parameters, in their order.
    parameters: Vec<Pair>,
}

impl From<&MediaType> for EchoedMediaType {
    fn from(media_type: &MediaType) -> EchoedMediaType {
        let parameters = media_type.parameters().iter().cloned();
        EchoedMediaType {
            essence: media_type.essence().to_owned(),
            parameters: parameters
                .map(|(name, value)| Pair { name, value })
                .collect(),
        }
    }
}

/// A body, parsed when its media type is supported.
#[derive(Default, Serialize, ToSchema)]
struct EchoedBody {
    /// The size in bytes.
    size: usize,
    /// The text of the body, if it is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<String>,
    /// The body in base64, if it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    base64: Option<String>,
    /// The parsed body, if its media type is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Value)]
    json: Option<Box<RawValue>>,
    /// The pairs of the body, if its media type is a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    form: Option<Vec<Pair>>,
    /// The reason why the body could not be parsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
}

/// Handles a request with any method: returns 200 with the parsed request.
pub(in crate::api) async fn show(
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    AnyBody(body): AnyBody,
) -> Response {
    let content_type = MediaType::of_content(&headers);
    let cookies = masking::cookies(&headers).into_iter();
    let echo = Echo {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: form_pairs(query.unwrap_or_default().as_bytes()),
        headers: masking::request_headers(&headers),
        cookies: cookies.map(|(name, value)| Pair { name, value }).collect(),
        body: (!body.is_empty()).then(|| read(&body, content_type.as_ref())),
        content_type: content_type.as_ref().map(EchoedMediaType::from),
    };
    json_no_store(StatusCode::OK, &echo)
}

/// Parses the pairs of `application/x-www-form-urlencoded` text and masks their secret values.
fn form_pairs(bytes: &[u8]) -> Vec<Pair> {
    let shown = |(name, text): (Cow<'_, str>, Cow<'_, str>)| Pair {
        value: masking::value(&name, &text).to_owned(),
        name: name.into_owned(),
    };
    form_urlencoded::parse(bytes).map(shown).collect()
}

/// Describes a body: as text, or in base64 when it is not UTF-8, and parsed when its media type is a
/// form or JSON.
fn read(body: &Bytes, content_type: Option<&MediaType>) -> EchoedBody {
    let size = body.len();
    let parameters = content_type.map_or(&[][..], MediaType::parameters);
    let charset = parameters.iter().find(|(name, _)| name == "charset");
    let utf8 = charset.is_none_or(|(_, charset)| {
        ["utf-8", "utf8", "us-ascii"].contains(&charset.to_ascii_lowercase().as_str())
    });
    let shown = masking::body(body);
    if !utf8 || std::str::from_utf8(body).is_err() {
        return EchoedBody {
            size,
            base64: Some(BASE64_STANDARD.encode(shown)),
            error: Some("it is not text in UTF-8, so here are its bytes in base64".to_owned()),
            ..EchoedBody::default()
        };
    }
    let text = String::from_utf8_lossy(&shown).into_owned();
    let plain = EchoedBody {
        size,
        text: Some(text.clone()),
        ..EchoedBody::default()
    };
    match content_type.map(MediaType::essence) {
        Some("application/x-www-form-urlencoded") => EchoedBody {
            form: Some(form_pairs(body)),
            ..plain
        },
        Some(essence) if essence == "application/json" || essence.ends_with("+json") => {
            match json(body, text) {
                Ok(json) => EchoedBody {
                    json: Some(json),
                    ..plain
                },
                Err(error) => EchoedBody {
                    error: Some(error),
                    ..plain
                },
            }
        }
        _ => plain,
    }
}

/// Returns the masked text `shown` of a JSON body.
///
/// # Errors
/// The parser's message when the body is not JSON that the API accepts.
fn json(body: &Bytes, shown: String) -> Result<Box<RawValue>, String> {
    Json::parse(body).map_err(|error| error.to_string())?;
    RawValue::from_string(shown).map_err(|error| error.to_string())
}
