//! The OpenAPI 3.1 document of the API, and `GET /api/openapi.json`.
//!
//! One file a resource, with the operations in the order of their paths; `operation` is how one is
//! written, and `schema`, `header` and `problem` hold what several share. Limits, formats, kinds of
//! problem and examples come from the code that keeps them. A test holds the document to the table
//! of routes, so a route that is missing here cannot go out. HEAD and OPTIONS follow from the other
//! methods of a path and are added here.

mod account;
mod header;
mod mirror;
mod operation;
mod problem;
mod record;
mod sandbox;
mod schema;
mod security;
mod service;
mod user;

use std::sync::OnceLock;

use axum::http::Method;
use axum::http::header::VARY;
use axum::response::Response;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, License, OpenApi, OpenApiBuilder, SecurityRequirement, ServerBuilder,
};

use crate::api::SharedResponse;
use crate::api::error::ApiError;
use crate::api::extract::NoQuery;
use crate::api::openapi::operation::{Described, head_of, options};
use crate::api::representation::{Conditions, Representation};

/// `GET /api/openapi.json`.
pub(super) async fn show(_: NoQuery, conditions: Conditions) -> Result<Response, ApiError> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| serde_json::to_vec(&document()).expect("a document is JSON"));
    let document = Representation::of_json(bytes.clone());
    let tag = document.tag.clone();
    let mut response = document.answer(&conditions, || vec![tag])?;
    // It has one format.
    response.headers_mut().remove(VARY);
    let shared = SharedResponse::new("/api/openapi.json");
    response.extensions_mut().insert(shared);
    Ok(response)
}

/// The document.
#[must_use]
pub fn document() -> OpenApi {
    let described = [
        user::operations(),
        account::operations(),
        sandbox::operations(),
        mirror::operations(),
        service::operations(),
    ];
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
            "The visitor's private copy of the data: its key, its behaviours, its record.",
        ),
        (
            "mirror",
            "What the server understood of a request, and any reply that is asked for.",
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
        .paths(paths(described.into_iter().flatten()))
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
fn paths(described: impl Iterator<Item = Described>) -> Paths {
    let mut paths = Paths::new();
    for Described {
        path,
        method,
        operation,
    } in described
    {
        let item = paths.paths.entry(path.to_owned()).or_default();
        if method == HttpMethod::Get {
            item.head = Some(head_of(&operation));
        }
        let place = match method {
            HttpMethod::Post => &mut item.post,
            HttpMethod::Put => &mut item.put,
            HttpMethod::Patch => &mut item.patch,
            HttpMethod::Delete => &mut item.delete,
            _ => &mut item.get,
        };
        *place = Some(operation);
    }
    for (path, item) in &mut paths.paths {
        item.options = Some(options(path, &methods(item)));
    }
    paths
}

/// The methods of a path, in the order of `Allow`.
pub(super) fn methods(item: &PathItem) -> Vec<Method> {
    let all = [
        (&item.get, Method::GET),
        (&item.head, Method::HEAD),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
        (&item.options, Method::OPTIONS),
    ];
    let there = all.into_iter().filter(|(operation, _)| operation.is_some());
    there.map(|(_, method)| method).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::api::catalog;

    #[test]
    fn the_document_and_the_router_have_the_same_paths_and_methods() {
        let sorted = |mut methods: Vec<Method>| {
            methods.sort_by_key(ToString::to_string);
            methods
        };
        let routes = catalog();
        let routes = routes
            .iter()
            .map(|entry| (entry.path.replace("{*", "{"), sorted(entry.methods.clone())));
        let described = document().paths.paths;
        let described = described
            .iter()
            .map(|(path, item)| (path.clone(), sorted(methods(item))));
        let (routes, described): (BTreeMap<_, _>, BTreeMap<_, _>) =
            (routes.collect(), described.collect());
        for (path, methods) in &routes {
            assert_eq!(
                described.get(path),
                Some(methods),
                "{path} in src/api/openapi"
            );
        }
        assert_eq!(described, routes);
    }
}
