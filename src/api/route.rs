//! The table of routes: resources by path, each with its methods, and OPTIONS for every path.
//!
//! It adds to the router of axum: the list of routes from which the OpenAPI document is made, the header
//! `Allow` from that list, and the trace step that lists the candidate routes of a path. The router of
//! utoipa-axum cannot do this: it accepts plain handlers only, not a [`TracedHandler`], and ignores HEAD
//! and OPTIONS.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::api::error::MERGE_PATCH;
use crate::api::openapi::{DescribedPath, OperationSpec};
use crate::api::state::ApiState;
use crate::api::trace::{RouteStep, TracedHandler, trace_of};
use crate::model::trace::{StepKind, TraceText};

/// A path and its methods, including HEAD and OPTIONS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteEntry {
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The methods, in the order of `Allow`.
    pub methods: Vec<Method>,
}

/// The paths of all routes.
type RouteCatalog = Arc<[&'static str]>;

/// The methods of one path, with their handlers and descriptions.
#[derive(Default)]
pub(super) struct Resource {
    methods: Vec<Method>,
    operations: Vec<(Method, OperationSpec)>,
    /// Whether one handler serves every method and accepts any format.
    is_any: bool,
    router: MethodRouter<ApiState>,
}

impl Resource {
    /// Creates a resource without methods.
    pub(super) fn new() -> Resource {
        Resource::default()
    }

    /// Adds GET, and HEAD, which is GET without the content.
    pub(super) fn get<H: TracedHandler<A>, A: 'static>(
        mut self,
        handler: H,
        operation: OperationSpec,
    ) -> Resource {
        self.methods.extend([Method::GET, Method::HEAD]);
        self.with(Method::GET, MethodFilter::GET, handler, operation)
    }

    /// Adds POST.
    pub(super) fn post<H: TracedHandler<A>, A: 'static>(
        mut self,
        handler: H,
        operation: OperationSpec,
    ) -> Resource {
        self.methods.push(Method::POST);
        self.with(Method::POST, MethodFilter::POST, handler, operation)
    }

    /// Adds PUT.
    pub(super) fn put<H: TracedHandler<A>, A: 'static>(
        mut self,
        handler: H,
        operation: OperationSpec,
    ) -> Resource {
        self.methods.push(Method::PUT);
        self.with(Method::PUT, MethodFilter::PUT, handler, operation)
    }

    /// Adds PATCH.
    pub(super) fn patch<H: TracedHandler<A>, A: 'static>(
        mut self,
        handler: H,
        operation: OperationSpec,
    ) -> Resource {
        self.methods.push(Method::PATCH);
        self.with(Method::PATCH, MethodFilter::PATCH, handler, operation)
    }

    /// Adds DELETE.
    pub(super) fn delete<H: TracedHandler<A>, A: 'static>(
        mut self,
        handler: H,
        operation: OperationSpec,
    ) -> Resource {
        self.methods.push(Method::DELETE);
        self.with(Method::DELETE, MethodFilter::DELETE, handler, operation)
    }

    /// Adds one handler for GET, HEAD, POST, PUT, PATCH and DELETE.
    pub(super) fn any<H: TracedHandler<A>, A: 'static>(
        self,
        handler: H,
        operation: fn(&Method) -> OperationSpec,
    ) -> Resource {
        let all = self
            .get(handler.clone(), operation(&Method::GET))
            .post(handler.clone(), operation(&Method::POST))
            .put(handler.clone(), operation(&Method::PUT))
            .patch(handler.clone(), operation(&Method::PATCH))
            .delete(handler, operation(&Method::DELETE));
        Resource {
            is_any: true,
            ..all
        }
    }

    fn with<H: TracedHandler<A>, A: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        handler: H,
        operation: OperationSpec,
    ) -> Resource {
        self.operations.push((method, operation));
        let handler = move |State(state): State<ApiState>, request: Request| {
            let handler = handler.clone();
            async move { handler.respond(request, state).await }
        };
        self.router = self.router.merge(on(filter, handler));
        self
    }
}

/// A list of routes that is being built.
#[derive(Default)]
pub(super) struct Routes {
    paths: Vec<DescribedPath>,
    router: Router<ApiState>,
}

impl Routes {
    /// Creates an empty list.
    pub(super) fn new() -> Routes {
        Routes::default()
    }

    /// Adds a resource at a path.
    pub(super) fn at(mut self, path: &'static str, resource: Resource) -> Routes {
        let Resource {
            mut methods,
            operations,
            is_any,
            router,
        } = resource;
        methods.push(Method::OPTIONS);
        let options = options_headers(&methods, is_any);
        let router = router.options(move || async move { (StatusCode::NO_CONTENT, options) });
        self.paths.push(DescribedPath {
            path,
            methods,
            operations,
        });
        self.router = self.router.route(path, router);
        self
    }

    /// Adds a redirect at a path, which is not part of the catalog.
    pub(super) fn redirect(mut self, path: &'static str, router: MethodRouter<ApiState>) -> Routes {
        self.router = self.router.route(path, router);
        self
    }

    /// Returns every route with its methods.
    pub(super) fn into_entries(self) -> Vec<RouteEntry> {
        let entry = |DescribedPath { path, methods, .. }| RouteEntry { path, methods };
        self.paths.into_iter().map(entry).collect()
    }

    /// Returns the descriptions of all routes, for the OpenAPI document.
    pub(super) fn into_described_paths(self) -> Vec<DescribedPath> {
        self.paths
    }

    /// Returns the router, with the layer that records the choice of the route.
    pub(super) fn into_router(self) -> Router<ApiState> {
        let catalog: RouteCatalog = self.paths.iter().map(|route| route.path).collect();
        self.router
            .fallback(async || StatusCode::NOT_FOUND)
            .layer(from_fn_with_state(catalog, trace_route))
    }
}

/// Returns the headers of the response to OPTIONS: the methods, and the format of a patch (RFC 5789,
/// section 3.1).
fn options_headers(methods: &[Method], is_any: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let allow = HeaderValue::from_str(&names.join(", ")).expect("methods are tokens");
    headers.insert(ALLOW, allow);
    if methods.contains(&Method::PATCH) && !is_any {
        headers.insert(
            HeaderName::from_static("accept-patch"),
            HeaderValue::from_static(MERGE_PATCH),
        );
    }
    headers
}

/// Records in the trace the candidate routes of the path and whether one matched.
async fn trace_route(
    State(catalog): State<RouteCatalog>,
    mut request: Request,
    next: Next,
) -> Response {
    let trace = trace_of(request.extensions());
    if !trace.is_enabled() {
        return next.run(request).await;
    }
    let step = trace.begin(
        StepKind::Route,
        TraceText::literal(request.uri().path().to_owned()),
    );
    trace.set_detail(|| candidates(&catalog, request.uri().path()));
    request.extensions_mut().insert(RouteStep(step));
    let response = next.run(request).await;
    match trace.has_passed(step) {
        true => trace.end_passed(step),
        false if response.status() == StatusCode::NOT_FOUND => {
            trace.end(
                step,
                Some(TraceText::translatable("no route has this path")),
            );
        }
        false if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            trace.end(
                step,
                Some(TraceText::translatable(
                    "the route does not have this method",
                )),
            );
        }
        false => trace.end_passed(step),
    }
    response
}

/// Describes the routes that have as many segments as the path and the same first segments.
fn candidates(catalog: &[&'static str], path: &str) -> TraceText {
    let segments: Vec<&str> = path.split('/').collect();
    let is_candidate = |route: &&str| {
        let pattern = route.split('/').collect::<Vec<_>>();
        pattern.len() == segments.len()
            && pattern
                .iter()
                .zip(&segments)
                .take_while(|(part, _)| !part.starts_with('{'))
                .take(3)
                .all(|(part, segment)| part == segment)
            || route.contains("{*") && path.starts_with(route.split("{*").next().unwrap_or(path))
    };
    let found: Vec<&str> = catalog.iter().copied().filter(is_candidate).collect();
    match found.as_slice() {
        [] => TraceText::translatable("no candidate"),
        found => {
            TraceText::translatable_with("candidates: {paths}", &[("paths", &found.join(", "))])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_have_the_number_of_segments_of_the_path() {
        let catalog = [
            "/api/users",
            "/api/users/{id}",
            "/api/users/export",
            "/api/echo/{*path}",
        ];
        let check = |path, expected: &'static str| {
            assert_eq!(
                candidates(&catalog, path),
                TraceText::literal(expected),
                "{path}"
            )
        };
        check("/api/users", "candidates: /api/users");
        check(
            "/api/users/7",
            "candidates: /api/users/{id}, /api/users/export",
        );
        check(
            "/api/users/export",
            "candidates: /api/users/{id}, /api/users/export",
        );
        check("/api/echo/a/b", "candidates: /api/echo/{*path}");
        check("/api/nothing", "no candidate");
    }
}
