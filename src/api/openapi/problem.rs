//! Problems in the document: for each status, which kinds there are, as their one table has them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{Ref, RefOr, Response};

use super::header::{self, with_headers};
use super::schema::of;
use crate::model::problem::{Problem, ProblemKind};

/// Media type of every problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What can happen to any request.
pub(super) const EVERY: &[ProblemKind] = &[
    ProblemKind::UnknownSandbox,
    ProblemKind::TooManyRequests,
    ProblemKind::Internal,
    ProblemKind::Unavailable,
    ProblemKind::CrossSite,
    ProblemKind::InsufficientStorage,
];

/// What can happen only to a request that may change something.
pub(super) const OF_WRITES: &[ProblemKind] =
    &[ProblemKind::CrossSite, ProblemKind::InsufficientStorage];

/// What can happen to a request with a body.
pub(super) const OF_BODIES: &[ProblemKind] = &[
    ProblemKind::BadRequest,
    ProblemKind::MalformedJson,
    ProblemKind::ContentTooLarge,
    ProblemKind::UnsupportedMediaType,
    ProblemKind::InvalidFields,
];

/// A response for each status of these kinds.
pub(super) fn responses(kinds: &[ProblemKind]) -> BTreeMap<u16, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for kind in ProblemKind::ALL {
        if kinds.contains(kind) {
            by_status.entry(kind.status()).or_default().push(*kind);
        }
    }
    let respond = |(status, kinds): (u16, Vec<ProblemKind>)| match kinds.as_slice() {
        [kind] => (status, Ref::from_response_name(format!("{kind:?}")).into()),
        kinds => (status, response(kinds).into()),
    };
    by_status.into_iter().map(respond).collect()
}

/// The responses that stand in the components, one a kind.
pub(super) fn shared() -> impl Iterator<Item = (String, RefOr<Response>)> {
    let kinds = ProblemKind::ALL.iter();
    kinds.map(|kind| (format!("{kind:?}"), response(&[*kind]).into()))
}

/// The response of a status, whatever its kind, to HEAD.
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

/// What a status says beside its document.
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
        "detail": "What happened this time, and what to do.",
        "instance": "urn:uuid:0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10",
    })
}
