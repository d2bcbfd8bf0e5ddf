//! The OpenAPI 3.1 document of the API, and `GET /api/openapi.json`.
//!
//! Each method is registered with its handler and its description in one place, `api::routes`, so that
//! the document has the paths and methods of the router. The schemas are derived on the types that are
//! sent and read. Files, the lowest first: `schema`, `header`, `problem` and `security` hold what several
//! operations share, `operation` is how one is described, and the others describe those of a resource.

pub(super) mod account;
mod header;
pub(super) mod mirror;
mod operation;
mod problem;
pub(super) mod sandbox;
mod schema;
mod security;
pub(super) mod service;
pub(super) mod user;

use std::sync::LazyLock;

use axum::http::Method;
use axum::http::header::VARY;
use axum::response::Response;
use utoipa::openapi::path::{PathItem, Paths};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, License, OpenApi, OpenApiBuilder, SecurityRequirement, ServerBuilder,
};

use crate::api::error::ApiError;
use crate::api::http::extract::NoQuery;
use crate::api::http::representation::{Conditions, Representation};
use crate::api::openapi::operation::{head_of, options};
use crate::api::{SharedResponse, document};

pub use header::COMMON_HEADERS;
pub(super) use operation::Op;

/// `GET /api/openapi.json`.
pub(super) async fn show(_: NoQuery, conditions: Conditions) -> Result<Response, ApiError> {
    static BYTES: LazyLock<Vec<u8>> =
        LazyLock::new(|| serde_json::to_vec(&document()).expect("a document is JSON"));
    let document = Representation::of_json(BYTES.clone());
    let tag = document.tag.clone();
    let mut response = document.answer(&conditions, || vec![tag])?;
    // It has one format.
    response.headers_mut().remove(VARY);
    let shared = SharedResponse::new("/api/openapi.json");
    response.extensions_mut().insert(shared);
    Ok(response)
}

/// A path with its methods, in the order of `Allow`, and the operations of those that have a handler.
pub(super) struct Described {
    pub(super) path: &'static str,
    pub(super) methods: Vec<Method>,
    pub(super) operations: Vec<(Method, Op)>,
}

/// The document of these paths.
pub(super) fn describe(paths: impl IntoIterator<Item = Described>) -> OpenApi {
    let tags = [
        (
            "users",
            "The users of a sandbox: what the lessons are about.",
        ),
        (
            "account",
            "Who asks: sessions and tokens of the users of a sandbox, and what they may do.",
        ),
        (
            "sandbox",
            "The visitor's private copy of the data: its key, its behaviors, its record.",
        ),
        (
            "mirror",
            "What the server understood of a request, and any response that is asked for.",
        ),
        ("service", "What the server says of itself."),
    ];
    let tag = |(name, text)| TagBuilder::new().name(name).description(Some(text)).build();
    let licence = License::new("MIT OR Apache-2.0");
    let info = InfoBuilder::new()
        .title("Routebook users API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("description.md")))
        .license(Some(licence));
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .tags(Some(tags.map(tag)))
        .paths(items(paths))
        .components(Some(components()))
        .security(Some(
            security::of_data().collect::<Vec<SecurityRequirement>>(),
        ))
        .build()
}

fn components() -> Components {
    let mut components = Components::new();
    components.schemas.extend(schema::all());
    components.responses.extend(problem::shared());
    components.headers.extend(header::all());
    components.security_schemes.extend(security::schemes());
    components
}

/// The operations by path, HEAD and OPTIONS among them.
fn items(described: impl IntoIterator<Item = Described>) -> Paths {
    let mut paths = Paths::new();
    for Described {
        path,
        methods,
        operations,
    } in described
    {
        // A parameter that takes several segments is no other to OpenAPI.
        let path = path.replace("{*", "{");
        let mut item = PathItem::default();
        item.options = Some(options(&path, &methods));
        for (method, op) in operations {
            let operation = op.finish(&method, &path);
            let place = match method {
                Method::POST => &mut item.post,
                Method::PUT => &mut item.put,
                Method::PATCH => &mut item.patch,
                Method::DELETE => &mut item.delete,
                _ => {
                    item.head = Some(head_of(&operation));
                    &mut item.get
                }
            };
            *place = Some(operation);
        }
        paths.paths.insert(path, item);
    }
    paths
}
