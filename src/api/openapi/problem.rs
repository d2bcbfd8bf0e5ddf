//! The problems in the document: for each status its kinds, from the table in `model::problem`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{Ref, RefOr, Response};

use super::header::{self, with_headers};
use super::schema::of;
use crate::model::problem::{Problem, ProblemKind};

/// The media type of every problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// The kinds of problems of every operation.
pub(super) const OF_ALL_OPERATIONS: &[ProblemKind] = &[
    ProblemKind::UnknownSandbox,
    ProblemKind::TooManyRequests,
    ProblemKind::Internal,
    ProblemKind::Unavailable,
    ProblemKind::CrossSite,
    ProblemKind::InsufficientStorage,
];

/// The kinds of problems of unsafe methods only.
pub(super) const OF_UNSAFE_METHODS: &[ProblemKind] =
    &[ProblemKind::CrossSite, ProblemKind::InsufficientStorage];

/// The kinds of problems of requests with a body.
pub(super) const OF_BODIES: &[ProblemKind] = &[
    ProblemKind::BadRequest,
    ProblemKind::MalformedJson,
    ProblemKind::ContentTooLarge,
    ProblemKind::UnsupportedMediaType,
    ProblemKind::InvalidFields,
];

/// Returns a response for each status of the given kinds.
pub(super) fn responses(kinds: &[ProblemKind]) -> BTreeMap<u16, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for kind in ProblemKind::ALL {
        if kinds.contains(kind) {
            by_status.entry(kind.status()).or_default().push(*kind);
        }
    }
    let to_response = |(status, kinds): (u16, Vec<ProblemKind>)| match kinds.as_slice() {
        [kind] => (status, Ref::from_response_name(format!("{kind:?}")).into()),
        kinds => (status, response(kinds).into()),
    };
    by_status.into_iter().map(to_response).collect()
}

/// Returns the responses in the components, one for each kind.
pub(super) fn components() -> impl Iterator<Item = (String, RefOr<Response>)> {
    let kinds = ProblemKind::ALL.iter();
    kinds.map(|kind| (format!("{kind:?}"), response(&[*kind]).into()))
}

/// Returns the response to HEAD with a status of any kind.
pub(super) fn without_content(status: &str) -> RefOr<Response> {
    let kinds = ProblemKind::ALL
        .iter()
        .filter(|kind| kind.status().to_string() == status);
    let mut response = response(&kinds.copied().collect::<Vec<_>>());
    response.content.clear();
    response.into()
}

fn response(kinds: &[ProblemKind]) -> Response {
    let titles: Vec<_> = kinds
        .iter()
        .map(|kind| format!("{} (`{}`)", kind.title(), kind.slug()))
        .collect();
    let response = ResponseBuilder::new().description(format!("{}.", titles.join("; ")));
    let status = kinds.first().map_or(500, |kind| kind.status());
    let response = with_headers(
        with_headers(response, &header::COMMON_HEADERS),
        headers(status),
    );
    let examples = kinds.iter().map(|kind| {
        let example = ExampleBuilder::new()
            .summary(kind.title())
            .value(Some(example(*kind)));
        (kind.slug(), example.build())
    });
    let content = ContentBuilder::new()
        .schema(Some(of::<Problem>()))
        .examples_from_iter(examples);
    response.content(PROBLEM_JSON, content.build()).build()
}

/// Returns the headers of a status.
fn headers(status: u16) -> &'static [&'static str] {
    match status {
        400 | 403 => &["WWW-Authenticate=Challenge"],
        401 => &["WWW-Authenticate"],
        405 => &["Allow"],
        409 | 429 | 503 => &["Retry-After"],
        415 => &["Accept", "Accept-Patch"],
        416 => &["Content-Range"],
        _ => &[],
    }
}

pub(super) fn example(kind: ProblemKind) -> Value {
    json!({
        "type": format!("https://routebook.example/problems/{}", kind.slug()),
        "title": kind.title(),
        "status": kind.status(),
        "detail": "What happened, and what the client can do.",
        "instance": "urn:uuid:0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10",
    })
}
