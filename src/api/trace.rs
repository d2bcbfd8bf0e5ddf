//! Layers, extractors and handlers that record themselves in the trace of a request.
//!
//! Layers are wrapped by [`traced`], and handlers are registered through
//! [`Resource`](crate::api::route::Resource). The names of the steps are read from the types, so that a
//! layer or an extractor that is added later appears in traces without further code.

use std::any::type_name;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{self, Extensions};
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::model::trace::{OpenStep, StepKind, Trace, TraceText};

/// Returns the trace of a request; one that records nothing when the request has none.
pub(super) fn trace_of(extensions: &Extensions) -> Trace {
    extensions.get::<Trace>().cloned().unwrap_or_default()
}

/// A handler: an asynchronous function whose arguments are extractors.
pub(super) trait TracedHandler<Arguments>: Clone + Send + Sync + 'static {
    /// Extracts the arguments, runs the handler, and records both in the trace of the request.
    fn respond(self, request: Request, state: ApiState) -> impl Future<Output = Response> + Send;
}

macro_rules! impl_traced_handler {
    ($($part:ident)* ; $last:ident) => {
        impl<F, Fut, Output, Marker, $($part,)* $last> TracedHandler<(Marker, $($part,)* $last)> for F
        where
            F: FnOnce($($part,)* $last) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Output> + Send,
            Output: IntoResponse,
            $($part: FromRequestParts<ApiState> + Send,)*
            $last: FromRequest<ApiState, Marker> + Send,
        {
            #[expect(non_snake_case, reason = "a value is named as its type")]
            async fn respond(self, request: Request, state: ApiState) -> Response {
                let trace = trace_of(request.extensions());
                rename_route_step(request.extensions(), &trace);
                let (parts, body) = request.into_parts();
                let mut steps = ExtractorSteps::new(&trace, &[$(type_name::<$part>(),)* type_name::<$last>()]);
                $(let (parts, $part) = match extract::<$part>(parts, &state, &trace, &mut steps).await {
                    Ok(extracted) => extracted,
                    Err(response) => return steps.skip_rest::<F>(&trace, response),
                };)*
                let request = Request::from_parts(parts, body);
                let step = steps.begin(&trace);
                let $last = match $last::from_request(request, &state).await {
                    Ok(value) => value,
                    Err(rejection) => {
                        let response = rejection.into_response();
                        steps.end(&trace, step, Some(&response));
                        return steps.skip_rest::<F>(&trace, response);
                    }
                };
                steps.end(&trace, step, None);
                run_handler::<F, _>(&trace, self($($part,)* $last)).await
            }
        }
    };
}

impl_traced_handler!(; A);
impl_traced_handler!(A; B);
impl_traced_handler!(A B; C);
impl_traced_handler!(A B C; D);
impl_traced_handler!(A B C D; E);
impl_traced_handler!(A B C D E; G);
impl_traced_handler!(A B C D E G; H);
impl_traced_handler!(A B C D E G H; I);

impl<F, Fut, Output> TracedHandler<((),)> for F
where
    F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Output> + Send,
    Output: IntoResponse,
{
    async fn respond(self, request: Request, _: ApiState) -> Response {
        let trace = trace_of(request.extensions());
        rename_route_step(request.extensions(), &trace);
        run_handler::<F, _>(&trace, self()).await
    }
}

/// Runs an extractor and records its step; returns the response of its rejection as the error.
async fn extract<T: FromRequestParts<ApiState>>(
    mut parts: Parts,
    state: &ApiState,
    trace: &Trace,
    steps: &mut ExtractorSteps,
) -> Result<(Parts, T), Response> {
    let step = steps.begin(trace);
    match T::from_request_parts(&mut parts, state).await {
        Ok(value) => {
            steps.end(trace, step, None);
            Ok((parts, value))
        }
        Err(rejection) => {
            let response = rejection.into_response();
            steps.end(trace, step, Some(&response));
            Err(response)
        }
    }
}

/// Runs the handler and records its step and the step of the response.
async fn run_handler<F, R: IntoResponse>(
    trace: &Trace,
    handler: impl Future<Output = R>,
) -> Response {
    let step = trace.begin(StepKind::Handler, type_text::<F>());
    let response = handler.await.into_response();
    if !trace.is_enabled() {
        return response;
    }
    let status = response.status();
    if status.as_u16() < 400 {
        trace.end(step, None);
        trace.add_passed(
            StepKind::Response,
            TraceText::literal(status.to_string()),
            || content_type_of(&response),
        );
        return response;
    }
    match trace.has_stopped_inside(step) {
        true => trace.end_passed(step),
        false => trace.end(step, Some(refusal_reason(&response))),
    }
    trace.add_unreached(
        StepKind::Response,
        TraceText::translatable("a successful response"),
    );
    response
}

fn content_type_of(response: &Response) -> Option<TraceText> {
    let content_type = response.headers().get(http::header::CONTENT_TYPE)?;
    Some(TraceText::literal(content_type.to_str().ok()?.to_owned()))
}

/// The steps of the extractors of one handler, in the order of its arguments.
struct ExtractorSteps {
    /// The full names of the types; empty when the trace is off.
    names: Vec<&'static str>,
    next: usize,
}

impl ExtractorSteps {
    fn new(trace: &Trace, names: &[&'static str]) -> ExtractorSteps {
        ExtractorSteps {
            names: if trace.is_enabled() {
                names.to_vec()
            } else {
                Vec::new()
            },
            next: 0,
        }
    }

    /// Begins the step of the next extractor; returns `None` for an extractor that is no step.
    fn begin(&mut self, trace: &Trace) -> Option<OpenStep> {
        let name = *self.names.get(self.next)?;
        self.next += 1;
        is_step(name)
            .then(|| trace.begin(StepKind::Extractor, TraceText::literal(short_name(name))))
    }

    /// Ends the step of an extractor; `rejection` is its response when it refused the request.
    fn end(&self, trace: &Trace, step: Option<OpenStep>, rejection: Option<&Response>) {
        let Some(step) = step else { return };
        match rejection {
            None => trace.end(step, None),
            Some(_) if trace.has_stopped_inside(step) => trace.end_passed(step),
            Some(response) => trace.end(step, Some(refusal_reason(response))),
        }
    }

    /// Records the remaining extractors and the handler as steps that were not reached.
    fn skip_rest<F>(&self, trace: &Trace, response: Response) -> Response {
        if trace.is_enabled() {
            let remaining = self.names.get(self.next..).unwrap_or_default();
            for name in remaining.iter().filter(|name| is_step(name)) {
                trace.add_unreached(StepKind::Extractor, TraceText::literal(short_name(name)));
            }
            trace.add_unreached(StepKind::Handler, type_text::<F>());
            trace.add_unreached(
                StepKind::Response,
                TraceText::translatable("a successful response"),
            );
        }
        response
    }
}

/// Returns whether an extractor is a step. `State` and `Extension` are not, because they only pass on
/// what the server provides.
fn is_step(name: &'static str) -> bool {
    !["State", "Extension"].contains(&short_name(name))
}

/// Returns the reason for which a response refuses the request: the detail of its error, or its status.
pub(super) fn refusal_reason<B>(response: &http::Response<B>) -> TraceText {
    match response.extensions().get::<ApiError>() {
        Some(error) => TraceText::literal(error.detail().to_owned()),
        None => TraceText::literal(response.status().to_string()),
    }
}

/// The open step of the choice of the route; see [`crate::api::route`].
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteStep(pub(super) OpenStep);

/// Names the route step after the path pattern that matched.
fn rename_route_step(extensions: &Extensions, trace: &Trace) {
    if let (Some(RouteStep(step)), Some(path)) = (
        extensions.get::<RouteStep>(),
        extensions.get::<MatchedPath>(),
    ) {
        trace.set_name(*step, || TraceText::literal(path.as_str().to_owned()));
    }
}

/// Wraps a layer so that it records its step in traces.
pub(super) fn traced<L>(layer: L) -> TracedLayer<L> {
    TracedLayer(layer)
}

/// A layer that records its step in traces.
#[derive(Clone, Debug)]
pub(super) struct TracedLayer<L>(L);

impl<S, L: Layer<InnerService<S>>> Layer<S> for TracedLayer<L> {
    type Service = TracedService<L::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        TracedService {
            name: short_name(type_name::<L>()),
            service: self.0.layer(InnerService(inner)),
        }
    }
}

/// The service of a traced layer with the services inside it.
#[derive(Clone, Debug)]
pub(super) struct TracedService<S> {
    name: &'static str,
    service: S,
}

/// The open step of the innermost layer that the request has entered.
#[derive(Clone, Copy, Debug)]
struct LayerStep(OpenStep);

impl<S, B> Service<Request> for TracedService<S>
where
    S: Service<Request, Response = http::Response<B>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = http::Response<B>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let trace = trace_of(request.extensions());
        if !trace.is_enabled() {
            return Box::pin(self.service.call(request));
        }
        let step = trace.begin(StepKind::Layer, TraceText::literal(self.name));
        request.extensions_mut().insert(LayerStep(step));
        let response = self.service.call(request);
        Box::pin(async move {
            let response = response.await?;
            if trace.has_passed(step) || trace.has_stopped_inside(step) {
                trace.end_passed(step);
            } else {
                trace.end(step, Some(refusal_reason(&response)));
            }
            Ok(response)
        })
    }
}

/// The service inside a traced layer. A request that reaches it has passed the layer.
#[derive(Clone, Debug)]
pub(super) struct InnerService<S>(S);

impl<S: Service<Request>> Service<Request> for InnerService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> S::Future {
        if let Some(LayerStep(step)) = request.extensions().get() {
            trace_of(request.extensions()).mark_passed(*step);
        }
        self.0.call(request)
    }
}

/// Returns the short name of a type or function as the name of a step.
pub(super) fn type_text<T>() -> TraceText {
    TraceText::literal(short_name(type_name::<T>()))
}

/// Shortens the full name of a type to its last segment. For a layer made from a function, returns the
/// name of the function; functions of the API keep the name of their file.
pub(super) fn short_name(name: &'static str) -> &'static str {
    let function = name
        .split_once("FromFnLayer<")
        .or_else(|| name.split_once("FromFn<"))
        .map(|(_, rest)| rest.split([',', '>']).next().unwrap_or(rest));
    let name = function.unwrap_or(name);
    let name = name.split('<').next().unwrap_or(name);
    let name = name.trim_end_matches("::{{closure}}");
    let last = name.rsplit("::").next().unwrap_or(name);
    let is_own_function = name.starts_with("routebook::api::")
        && last.starts_with(|first: char| first.is_ascii_lowercase());
    match name[..name.len() - last.len()]
        .trim_end_matches("::")
        .rfind("::")
    {
        Some(before_file) if is_own_function => &name[before_file + 2..],
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_name_returns_the_last_segment_and_the_file_of_own_functions() {
        let check = |name, expected| assert_eq!(short_name(name), expected);
        check("routebook::api::resources::user::show", "user::show");
        check("routebook::api::http::extract::PathId", "PathId");
        check(
            "axum::extract::state::State<routebook::api::ApiState>",
            "State",
        );
        check(
            "core::option::Option<routebook::api::middleware::authentication::AuthenticatedUser>",
            "Option",
        );
        check("tower_http::csrf::CsrfLayer", "CsrfLayer");
        check(
            "axum::middleware::from_fn::FromFnLayer<routebook::api::middleware::headers::known_methods, (), (axum::x,)>",
            "headers::known_methods",
        );
    }
}
