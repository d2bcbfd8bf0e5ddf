//! The table of routes: resources by path, each with its methods, OPTIONS on all of them.
//!
//! What it adds to axum's router: the list of what there is, of which the OpenAPI document is made,
//! `Allow` from that list, and the step of a trace that says which routes a path could mean. The router
//! of utoipa-axum has no place for this: it takes handlers as they are, without [`TracedHandler`], and knows
//! neither HEAD nor OPTIONS of a path.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::api::error::MERGE_PATCH;
use crate::api::openapi::{Described, Op};
use crate::api::state::ApiState;
use crate::api::trace::{RouteStep, TracedHandler, trace_of};
use crate::model::trace::{StepKind, TraceText};

/// A path and its methods, HEAD and OPTIONS among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteEntry {
    /// The path, its parameters in braces.
    pub path: &'static str,
    /// The methods, in the order of `Allow`.
    pub methods: Vec<Method>,
}

/// The path of every route.
type RouteCatalog = Arc<[&'static str]>;

/// What stands at a path.
#[derive(Default)]
pub(super) struct Resource {
    methods: Vec<Method>,
    operations: Vec<(Method, Op)>,
    /// Whether PATCH takes any format.
    any: bool,
    router: MethodRouter<ApiState>,
}

impl Resource {
    pub(super) fn new() -> Resource {
        Resource::default()
    }

    /// With GET, and HEAD, which is GET without the content.
    pub(super) fn get<H: TracedHandler<A>, A: 'static>(mut self, handler: H, op: Op) -> Resource {
        self.methods.extend([Method::GET, Method::HEAD]);
        self.with(Method::GET, MethodFilter::GET, handler, op)
    }

    /// With POST.
    pub(super) fn post<H: TracedHandler<A>, A: 'static>(mut self, handler: H, op: Op) -> Resource {
        self.methods.push(Method::POST);
        self.with(Method::POST, MethodFilter::POST, handler, op)
    }

    /// With PUT.
    pub(super) fn put<H: TracedHandler<A>, A: 'static>(mut self, handler: H, op: Op) -> Resource {
        self.methods.push(Method::PUT);
        self.with(Method::PUT, MethodFilter::PUT, handler, op)
    }

    /// With PATCH.
    pub(super) fn patch<H: TracedHandler<A>, A: 'static>(mut self, handler: H, op: Op) -> Resource {
        self.methods.push(Method::PATCH);
        self.with(Method::PATCH, MethodFilter::PATCH, handler, op)
    }

    /// With DELETE.
    pub(super) fn delete<H: TracedHandler<A>, A: 'static>(
        mut self,
        handler: H,
        op: Op,
    ) -> Resource {
        self.methods.push(Method::DELETE);
        self.with(Method::DELETE, MethodFilter::DELETE, handler, op)
    }

    /// With every method that has a meaning of its own here.
    pub(super) fn any<H: TracedHandler<A>, A: 'static>(
        self,
        handler: H,
        op: fn(&Method) -> Op,
    ) -> Resource {
        let all = self
            .get(handler.clone(), op(&Method::GET))
            .post(handler.clone(), op(&Method::POST))
            .put(handler.clone(), op(&Method::PUT))
            .patch(handler.clone(), op(&Method::PATCH))
            .delete(handler, op(&Method::DELETE));
        Resource { any: true, ..all }
    }

    fn with<H: TracedHandler<A>, A: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        handler: H,
        op: Op,
    ) -> Resource {
        self.operations.push((method, op));
        let handler = move |State(state): State<ApiState>, request: Request| {
            let handler = handler.clone();
            async move { handler.answer(request, state).await }
        };
        self.router = self.router.merge(on(filter, handler));
        self
    }
}

/// The routes while they are listed.
#[derive(Default)]
pub(super) struct Routes {
    described: Vec<Described>,
    router: Router<ApiState>,
}

impl Routes {
    pub(super) fn new() -> Routes {
        Routes::default()
    }

    /// A resource at a path.
    pub(super) fn at(mut self, path: &'static str, resource: Resource) -> Routes {
        let Resource {
            mut methods,
            operations,
            any,
            router,
        } = resource;
        methods.push(Method::OPTIONS);
        let options = options(&methods, any);
        let router = router.options(move || async move { (StatusCode::NO_CONTENT, options) });
        self.described.push(Described {
            path,
            methods,
            operations,
        });
        self.router = self.router.route(path, router);
        self
    }

    /// A path that takes any method and is not in the catalog.
    pub(super) fn aside(mut self, path: &'static str, router: MethodRouter<ApiState>) -> Routes {
        self.router = self.router.route(path, router);
        self
    }

    /// Every route there is.
    pub(super) fn into_entries(self) -> Vec<RouteEntry> {
        let entry = |Described { path, methods, .. }| RouteEntry { path, methods };
        self.described.into_iter().map(entry).collect()
    }

    /// What there is, for the document.
    pub(super) fn into_described(self) -> Vec<Described> {
        self.described
    }

    /// The router, within the layer that tells which route is taken.
    pub(super) fn into_router(self) -> Router<ApiState> {
        let catalog: RouteCatalog = self.described.iter().map(|route| route.path).collect();
        self.router
            .fallback(async || StatusCode::NOT_FOUND)
            .layer(from_fn_with_state(catalog, choose))
    }
}

/// What OPTIONS answers: the methods, and the format of a patch (RFC 5789, section 3.1).
fn options(methods: &[Method], any: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let allow = HeaderValue::from_str(&names.join(", ")).expect("methods are tokens");
    headers.insert(ALLOW, allow);
    if methods.contains(&Method::PATCH) && !any {
        headers.insert(
            HeaderName::from_static("accept-patch"),
            HeaderValue::from_static(MERGE_PATCH),
        );
    }
    headers
}

/// Tells the trace which routes the path could mean, and whether one was taken.
async fn choose(State(catalog): State<RouteCatalog>, mut request: Request, next: Next) -> Response {
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

/// The routes with as many segments whose first ones are the same.
fn candidates(catalog: &[&'static str], path: &str) -> TraceText {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |route: &&str| {
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
    let found: Vec<&str> = catalog.iter().copied().filter(fits).collect();
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
    fn candidates_have_the_shape_of_the_path() {
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
