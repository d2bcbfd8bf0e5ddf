//! What a trace sees without being told: each layer, each thing that a handler takes, each handler.
//!
//! Layers are put around routes with [`seen`], handlers into routes with [`Resource`](crate::api::route);
//! what they are called is read off their types. So a layer or an argument that is added shows itself.

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

/// The trace of a request, or one that is off.
pub(super) fn trace_of(extensions: &Extensions) -> Trace {
    extensions.get::<Trace>().cloned().unwrap_or_default()
}

/// A function that answers requests from what it takes of them.
pub(super) trait TracedHandler<Arguments>: Clone + Send + Sync + 'static {
    /// Takes, answers, and tells the trace of the request.
    fn answer(self, request: Request, state: ApiState) -> impl Future<Output = Response> + Send;
}

macro_rules! handle {
    ($($part:ident)* ; $last:ident) => {
        impl<F, Answer, Replied, Marker, $($part,)* $last> TracedHandler<(Marker, $($part,)* $last)> for F
        where
            F: FnOnce($($part,)* $last) -> Answer + Clone + Send + Sync + 'static,
            Answer: Future<Output = Replied> + Send,
            Replied: IntoResponse,
            $($part: FromRequestParts<ApiState> + Send,)*
            $last: FromRequest<ApiState, Marker> + Send,
        {
            #[expect(non_snake_case, reason = "a value is named as its type")]
            async fn answer(self, request: Request, state: ApiState) -> Response {
                let trace = trace_of(request.extensions());
                matched(request.extensions(), &trace);
                let (parts, body) = request.into_parts();
                let mut names = ExtractorNames::of(&trace, &[$(type_name::<$part>(),)* type_name::<$last>()]);
                $(let (parts, $part) = match take::<$part>(parts, &state, &trace, &mut names).await {
                    Ok(taken) => taken,
                    Err(response) => return names.missed::<F>(&trace, response),
                };)*
                let request = Request::from_parts(parts, body);
                let step = names.begin(&trace);
                let $last = match $last::from_request(request, &state).await {
                    Ok(value) => value,
                    Err(rejection) => {
                        let response = rejection.into_response();
                        names.end(&trace, step, Some(&response));
                        return names.missed::<F>(&trace, response);
                    }
                };
                names.end(&trace, step, None);
                handled::<F, _>(&trace, self($($part,)* $last)).await
            }
        }
    };
}

handle!(; A);
handle!(A; B);
handle!(A B; C);
handle!(A B C; D);
handle!(A B C D; E);
handle!(A B C D E; G);
handle!(A B C D E G; H);
handle!(A B C D E G H; I);

impl<F, Answer, Replied> TracedHandler<((),)> for F
where
    F: FnOnce() -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Replied> + Send,
    Replied: IntoResponse,
{
    async fn answer(self, request: Request, _: ApiState) -> Response {
        let trace = trace_of(request.extensions());
        matched(request.extensions(), &trace);
        handled::<F, _>(&trace, self()).await
    }
}

async fn take<T: FromRequestParts<ApiState>>(
    mut parts: Parts,
    state: &ApiState,
    trace: &Trace,
    names: &mut ExtractorNames,
) -> Result<(Parts, T), Response> {
    let step = names.begin(trace);
    match T::from_request_parts(&mut parts, state).await {
        Ok(value) => {
            names.end(trace, step, None);
            Ok((parts, value))
        }
        Err(rejection) => {
            let response = rejection.into_response();
            names.end(trace, step, Some(&response));
            Err(response)
        }
    }
}

/// Runs the handler itself.
async fn handled<F, R: IntoResponse>(trace: &Trace, answer: impl Future<Output = R>) -> Response {
    let step = trace.begin(StepKind::Handler, code_of::<F>());
    let response = answer.await.into_response();
    if !trace.is_enabled() {
        return response;
    }
    let status = response.status();
    if status.as_u16() < 400 {
        trace.end(step, None);
        trace.add_passed(
            StepKind::Response,
            TraceText::literal(status.to_string()),
            || response_of(&response),
        );
        return response;
    }
    match trace.has_stopped_inside(step) {
        true => trace.end_passed(step),
        false => trace.end(step, Some(why(&response))),
    }
    trace.add_unreached(
        StepKind::Response,
        TraceText::translatable("a response of success"),
    );
    response
}

fn response_of(response: &Response) -> Option<TraceText> {
    let content_type = response.headers().get(http::header::CONTENT_TYPE)?;
    Some(TraceText::literal(content_type.to_str().ok()?.to_owned()))
}

/// What a handler takes, in order, while it is taken.
struct ExtractorNames {
    /// Full names of types; empty when nobody listens.
    all: Vec<&'static str>,
    next: usize,
}

impl ExtractorNames {
    fn of(trace: &Trace, all: &[&'static str]) -> ExtractorNames {
        ExtractorNames {
            all: if trace.is_enabled() {
                all.to_vec()
            } else {
                Vec::new()
            },
            next: 0,
        }
    }

    /// What is taken next begins; that which only hands the state along is no step.
    fn begin(&mut self, trace: &Trace) -> Option<OpenStep> {
        let name = *self.all.get(self.next)?;
        self.next += 1;
        is_step(name)
            .then(|| trace.begin(StepKind::Extractor, TraceText::literal(short_name(name))))
    }

    fn end(&self, trace: &Trace, step: Option<OpenStep>, refused: Option<&Response>) {
        let Some(step) = step else { return };
        match refused {
            None => trace.end(step, None),
            Some(_) if trace.has_stopped_inside(step) => trace.end_passed(step),
            Some(response) => trace.end(step, Some(why(response))),
        }
    }

    /// What was not taken any more, and the handler, were never reached.
    fn missed<F>(&self, trace: &Trace, response: Response) -> Response {
        if trace.is_enabled() {
            let left = self.all.get(self.next..).unwrap_or_default();
            for name in left.iter().filter(|name| is_step(name)) {
                trace.add_unreached(StepKind::Extractor, TraceText::literal(short_name(name)));
            }
            trace.add_unreached(StepKind::Handler, code_of::<F>());
            trace.add_unreached(
                StepKind::Response,
                TraceText::translatable("a response of success"),
            );
        }
        response
    }
}

fn is_step(name: &'static str) -> bool {
    !["State", "Extension"].contains(&short_name(name))
}

/// Why a response is a refusal.
pub(super) fn why<B>(response: &http::Response<B>) -> TraceText {
    match response.extensions().get::<ApiError>() {
        Some(error) => TraceText::literal(error.detail().to_owned()),
        None => TraceText::literal(response.status().to_string()),
    }
}

/// The step of the route that a request is on its way to; see [`crate::api::route`].
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteStep(pub(super) OpenStep);

fn matched(extensions: &Extensions, trace: &Trace) {
    if let (Some(RouteStep(step)), Some(path)) = (
        extensions.get::<RouteStep>(),
        extensions.get::<MatchedPath>(),
    ) {
        trace.set_name(*step, || TraceText::literal(path.as_str().to_owned()));
    }
}

/// A layer whose work is seen by traces.
pub(super) fn seen<L>(layer: L) -> TracedLayer<L> {
    TracedLayer(layer)
}

/// See [`seen`].
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

/// A layer with what is inside it.
#[derive(Clone, Debug)]
pub(super) struct TracedService<S> {
    name: &'static str,
    service: S,
}

/// The step of the layer that a request is in.
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
        let inside = self.service.call(request);
        Box::pin(async move {
            let response = inside.await?;
            if trace.has_passed(step) || trace.has_stopped_inside(step) {
                trace.end_passed(step);
            } else {
                trace.end(step, Some(why(&response)));
            }
            Ok(response)
        })
    }
}

/// What is inside a layer: a request that comes here has passed it.
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

/// What a function is called in the code.
pub(super) fn code_of<T>() -> TraceText {
    TraceText::literal(short_name(type_name::<T>()))
}

/// The last words of a type's name: of a function made a layer those of the function; handlers keep
/// their module.
pub(super) fn short_name(name: &'static str) -> &'static str {
    let function = name
        .split_once("FromFnLayer<")
        .or_else(|| name.split_once("FromFn<"))
        .map(|(_, rest)| rest.split([',', '>']).next().unwrap_or(rest));
    let name = function.unwrap_or(name);
    let name = name.split('<').next().unwrap_or(name);
    let name = name.trim_end_matches("::{{closure}}");
    let last = name.rsplit("::").next().unwrap_or(name);
    // A function of the API is named with its file.
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
    use crate::api::trace::*;

    #[test]
    fn names_are_those_of_the_code() {
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
