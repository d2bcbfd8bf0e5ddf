//! `/api/users/export`: all users as a downloadable file, complete or as a range of its bytes.

use axum::extract::{RawQuery, State};
use axum::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::format::UserFormat;
use crate::api::http::entity_tag::EntityTag;
use crate::api::http::extract::{Query, invalid_query};
use crate::api::http::negotiation;
use crate::api::http::range;
use crate::api::http::range::SelectedRange;
use crate::api::http::representation::{Conditions, Representation};
use crate::api::middleware::sandbox_key::Data;
use crate::api::state::ApiState;
use crate::model::problem::ProblemKind;
use crate::model::user::UserFields;
use crate::sandbox::UserFilter;

/// The formats of the file; the first is the default.
const FORMATS: [UserFormat; 3] = [UserFormat::Csv, UserFormat::Json, UserFormat::Xml];

/// Handles `GET /api/users/export`: evaluates the preconditions, then returns the complete file (200),
/// the requested byte range (206), 304 or 416.
pub(in crate::api) async fn show(
    State(state): State<ApiState>,
    Data(scope): Data,
    RawQuery(query): RawQuery,
    conditions: Conditions,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let format = format(query.as_deref(), &headers)?;
    let users = state
        .sandboxes
        .list_users(&scope, &UserFilter::ALL)
        .await?
        .users;
    let file = Representation::of_list(format, &users, UserFields::ALL);
    let all = || {
        let files = FORMATS
            .iter()
            .map(|format| format.list(&users, UserFields::ALL));
        files.map(|file| EntityTag::of(&file)).collect()
    };
    if !file.evaluate(&conditions, all)? {
        return Ok(file.not_modified());
    }
    let length = file.body.len();
    let selected = range::select(&method, &headers, length, &file.tag);
    let mut response = match selected {
        SelectedRange::Whole => file.response(StatusCode::OK),
        SelectedRange::Part { first, last } => file.part(first, last),
        SelectedRange::Unsatisfiable => unsatisfiable(length).into_response(),
    };
    let headers = response.headers_mut();
    if let Some(range) = selected.content_range(length) {
        headers.insert(CONTENT_RANGE, range);
    }
    if selected != SelectedRange::Unsatisfiable {
        headers.insert(CONTENT_DISPOSITION, disposition(format));
    }
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(response)
}

/// Returns the format that the query parameter `format` names, or else the one that `Accept` prefers.
///
/// # Errors
/// An unknown query parameter or format name; 406 when `Accept` allows none of the formats.
fn format(query: Option<&str>, headers: &HeaderMap) -> Result<UserFormat, ApiError> {
    let query = Query::of(query, &["format"])?;
    let Some(name) = query.text("format") else {
        return negotiation::choose(headers, &FORMATS);
    };
    let named = FORMATS.into_iter().find(|format| format.name() == name);
    named.ok_or_else(|| {
        let names = FORMATS.map(UserFormat::name).join(", ");
        invalid_query("format", format!("must be one of {names}, not {name:?}"))
    })
}

fn disposition(format: UserFormat) -> HeaderValue {
    let value = format!("attachment; filename=\"users.{}\"", format.name());
    HeaderValue::from_str(&value).expect("the names of formats are letters")
}

fn unsatisfiable(length: usize) -> ApiError {
    let detail = format!(
        "the file has {length} bytes; ask for bytes from 0 to {}",
        length - 1
    );
    ApiError::new(ProblemKind::RangeNotSatisfiable, detail)
}
