//! What a page shows of a recorded exchange.

use std::sync::Arc;

use crate::components::TraceTranslations;
use crate::content::HandlerSource;
use crate::model::exchange::Exchange;
use crate::model::expectation::{Expectation, Verdict};
use crate::model::http::Mutation;
use crate::model::locale::Locale;
use crate::model::prediction::PredictionResult;
use crate::model::user::User;

/// The code of the handler that belongs to the route of a request.
#[derive(Clone, Debug)]
pub(in crate::pages) struct RouteCode {
    /// The code in axum and in Flask.
    pub(in crate::pages) source: HandlerSource,
    /// Whether the handler ran; otherwise the request ended before it.
    pub(in crate::pages) has_run: bool,
}

/// An exchange with what a page shows besides the record.
#[derive(Clone, Debug)]
pub(in crate::pages) struct ExchangeParts {
    /// In which language lessons are linked.
    pub(in crate::pages) locale: Locale,
    /// What was recorded.
    pub(in crate::pages) exchange: Arc<Exchange>,
    /// The translations of its trace and of its problem.
    pub(in crate::pages) translations: TraceTranslations,
    /// All users now, when the exchange has just happened.
    pub(in crate::pages) users: Option<Vec<User>>,
    /// The function of the route.
    pub(in crate::pages) code: Option<RouteCode>,
    /// What its author expected, each with whether it came true.
    pub(in crate::pages) checks: Vec<(Expectation, Verdict)>,
    /// How the request was broken on purpose.
    pub(in crate::pages) mutation: Option<Mutation>,
    /// What the reader had predicted.
    pub(in crate::pages) predicted: Option<PredictionResult>,
    /// The headers that the reader wrote, in lower case; `None` when that is not known.
    pub(in crate::pages) own: Option<Vec<String>>,
    /// Whether the browser took the response from its cache; what was recorded is the request that stored it.
    pub(in crate::pages) from_cache: bool,
}
