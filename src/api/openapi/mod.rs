//! The OpenAPI 3.1 document of the API.
//!
//! `api::routes` registers every method with its handler and its description, so that the document has the
//! paths and methods of the router. The schemas are derived from the types that are sent and received.
//! `schema`, `header`, `problem` and `security` contain what several operations share, `operation` builds
//! the description of one operation, and the other files describe the operations of a resource.

pub(super) mod account;
pub(super) mod echo;
mod header;
mod operation;
mod problem;
pub(super) mod sandbox;
mod schema;
mod security;
pub(super) mod service;
pub(super) mod user;

use axum::http::Method;
use utoipa::openapi::path::{PathItem, Paths};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, License, OpenApi, OpenApiBuilder, SecurityRequirement, ServerBuilder,
};

use self::operation::{head_of, options};

pub use header::COMMON_HEADERS;
pub(super) use operation::OperationSpec;

/// A path with its methods, in the order of `Allow`, and the descriptions of the methods with a handler.
pub(super) struct DescribedPath {
    pub(super) path: &'static str,
    pub(super) methods: Vec<Method>,
    pub(super) operations: Vec<(Method, OperationSpec)>,
}

/// Returns the document of the given paths.
pub(super) fn describe(paths: impl IntoIterator<Item = DescribedPath>) -> OpenApi {
    let tags = [
        (
            "users",
            "The users of a sandbox, which the lessons are about.",
        ),
        (
            "account",
            "Authentication and authorization: sessions and tokens of the users of a sandbox.",
        ),
        (
            "sandbox",
            "The visitor's private copy of the data: its key, its behaviors and its recorded exchanges.",
        ),
        (
            "echo",
            "Requests as the server parsed them, responses with any status, and one that caches may store.",
        ),
        ("service", "Information about the server."),
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
        .paths(path_items(paths))
        .components(Some(components()))
        .security(Some(
            security::for_sandbox_data().collect::<Vec<SecurityRequirement>>(),
        ))
        .build()
}

fn components() -> Components {
    let mut components = Components::new();
    components.schemas.extend(schema::all());
    components.responses.extend(problem::components());
    components.headers.extend(header::all());
    components.security_schemes.extend(security::schemes());
    components
}

/// Returns the operations by path, including HEAD and OPTIONS.
fn path_items(described: impl IntoIterator<Item = DescribedPath>) -> Paths {
    let mut paths = Paths::new();
    for DescribedPath {
        path,
        methods,
        operations,
    } in described
    {
        // OpenAPI does not distinguish a parameter that matches several segments.
        let path = path.replace("{*", "{");
        let mut item = PathItem::default();
        item.options = Some(options(&path, &methods));
        for (method, operation) in operations {
            let operation = operation.finish(&method, &path);
            let slot = match method {
                Method::POST => &mut item.post,
                Method::PUT => &mut item.put,
                Method::PATCH => &mut item.patch,
                Method::DELETE => &mut item.delete,
                _ => {
                    item.head = Some(head_of(&operation));
                    &mut item.get
                }
            };
            *slot = Some(operation);
        }
        paths.paths.insert(path, item);
    }
    paths
}
