//! The trace of one request: the steps that the server took, in order, and the users that it changed.
//!
//! A [`Trace`] travels with the request, and each layer, extractor, handler and statement adds its own
//! step. A disabled trace records nothing and allocates nothing. Storage of recorded traces is in
//! `sandbox::recorder`.

mod outline;
mod sentence;
mod text;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::user::User;
pub use outline::{OutlineEntry, StepNode, deciding_step, outline};
pub use sentence::{TraceSentence, sentence};
pub use text::TraceText;

/// The part of the request processing that a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// A layer around all routes.
    Layer,
    /// The choice of a route by path and method.
    Route,
    /// An extractor: a value that a handler takes from the request.
    Extractor,
    /// The identification of the client.
    Authentication,
    /// The check that the client may do what it requests.
    Authorization,
    /// The handler function of the route.
    Handler,
    /// The validation of the body or of the query.
    Validation,
    /// The evaluation of the preconditions of the request (RFC 9110, section 13).
    Precondition,
    /// A database statement.
    Sql,
    /// A rule of the stored data: that a user exists, that an email address is unique, that the quota has room.
    Constraint,
    /// The conversion to a response.
    Response,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepOutcome {
    /// The step succeeded and processing continued.
    Passed,
    /// Processing of the request ended in this step.
    Stopped,
    /// Processing of the request ended before this step.
    Unreached,
}

/// The values and row counts of a step that is a database statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TracedStatement {
    /// The values bound to the placeholders, as literals; of secrets only the size.
    pub parameters: Vec<String>,
    /// How many rows came back.
    pub rows: usize,
    /// How many rows were inserted, updated or deleted.
    pub affected: u64,
}

/// One step of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TraceStep {
    /// What kind of step it is.
    pub kind: StepKind,
    /// The name in the code, the pattern of the route, or the text of the statement.
    pub name: Cow<'static, str>,
    /// How the step ended.
    pub outcome: StepOutcome,
    /// What was found, or why the request ended here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<Cow<'static, str>>,
    /// When it began: microseconds after the request.
    pub at: u64,
    /// How long it took, with the steps inside it, in microseconds.
    pub took: u64,
    /// The number of steps that this step is inside of; missing in records that were stored without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub depth: Option<u16>,
    /// More of a step that is a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sql: Option<Box<TracedStatement>>,
}

/// A user before and after a request.
#[derive(Clone, Debug, PartialEq)]
pub struct UserChange {
    /// The user before the request; `None` when the request created it.
    pub before: Option<User>,
    /// The user after the request; `None` when the request deleted it.
    pub after: Option<User>,
}

/// A handle to the trace of a request, cheap to clone; a disabled one records nothing.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<TraceLog>>);

#[derive(Debug)]
struct TraceLog {
    started: Instant,
    inner: Mutex<TraceInner>,
}

#[derive(Debug, Default)]
struct TraceInner {
    steps: Vec<TraceStep>,
    /// The indexes of the steps that have begun and not ended, the outermost first.
    open: Vec<usize>,
    changes: Vec<UserChange>,
}

/// A handle to a step that has begun; [`Trace::end`] ends it.
#[derive(Clone, Copy, Debug)]
#[must_use = "a step that begins must be ended"]
pub struct OpenStep(usize);

impl Trace {
    /// Returns a trace that records nothing.
    #[must_use]
    pub fn disabled() -> Trace {
        Trace(None)
    }

    /// Returns an empty trace of a request that begins now.
    #[must_use]
    pub fn enabled() -> Trace {
        Trace(Some(Arc::new(TraceLog {
            started: Instant::now(),
            inner: Mutex::new(TraceInner {
                steps: Vec::with_capacity(24),
                ..TraceInner::default()
            }),
        })))
    }

    /// Returns whether steps are recorded.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a step. Steps added before its end are inside it. Its outcome is `Stopped` until it passes.
    pub fn begin(&self, kind: StepKind, name: TraceText) -> OpenStep {
        let Some(log) = &self.0 else {
            return OpenStep(0);
        };
        let at = log.elapsed();
        let mut inner = log.lock();
        let index = inner.push(TraceStep {
            kind,
            name: name.into_text(),
            outcome: StepOutcome::Stopped,
            detail: None,
            at,
            took: 0,
            depth: None,
            sql: None,
        });
        inner.open.push(index);
        OpenStep(index)
    }

    /// Marks an open step as passed, because the layer has called the inner service; [`Trace::end`]
    /// adds its duration.
    pub fn mark_passed(&self, step: OpenStep) {
        if let Some(log) = &self.0 {
            log.lock().steps[step.0].outcome = StepOutcome::Passed;
        }
    }

    /// Ends a step. `stopped` is the reason why the request ends with it; `None` when processing continues.
    pub fn end(&self, step: OpenStep, stopped: Option<TraceText>) {
        let Some(log) = &self.0 else { return };
        let now = log.elapsed();
        let mut inner = log.lock();
        inner.close(step.0);
        let step = &mut inner.steps[step.0];
        step.took = now.saturating_sub(step.at);
        match stopped {
            None => step.outcome = StepOutcome::Passed,
            Some(why) => {
                step.outcome = StepOutcome::Stopped;
                step.detail = Some(why.into_text());
            }
        }
    }

    /// Ends a step as passed, whatever the outcome of the steps inside it.
    pub fn end_passed(&self, step: OpenStep) {
        self.end(step, None);
    }

    /// Returns whether the outcome of a step is `Passed`.
    #[must_use]
    pub fn has_passed(&self, step: OpenStep) -> bool {
        self.0.as_ref().is_some_and(|log| {
            let inner = log.lock();
            inner.steps.get(step.0).map(|step| step.outcome) == Some(StepOutcome::Passed)
        })
    }

    /// Returns whether the request ended in a step that began after this one.
    #[must_use]
    pub fn has_stopped_inside(&self, step: OpenStep) -> bool {
        self.0.as_ref().is_some_and(|log| {
            let inner = log.lock();
            let inside = inner.steps.get(step.0 + 1..).unwrap_or_default();
            inside
                .iter()
                .any(|step| step.outcome == StepOutcome::Stopped)
        })
    }

    /// Sets the name of an open step once it is known, and marks the step as passed.
    pub fn set_name(&self, step: OpenStep, name: impl FnOnce() -> TraceText) {
        let Some(log) = &self.0 else { return };
        let name = name().into_text();
        let mut inner = log.lock();
        inner.steps[step.0].name = name;
        inner.steps[step.0].outcome = StepOutcome::Passed;
    }

    /// Sets the detail of the step that began last.
    pub fn set_detail(&self, detail: impl FnOnce() -> TraceText) {
        let Some(log) = &self.0 else { return };
        let detail = detail().into_text();
        if let Some(step) = log.lock().steps.last_mut() {
            step.detail = Some(detail);
        }
    }

    /// Adds a passed step without a duration.
    pub fn add_passed(
        &self,
        kind: StepKind,
        name: TraceText,
        detail: impl FnOnce() -> Option<TraceText>,
    ) {
        self.add_instant_step(kind, name, StepOutcome::Passed, detail);
    }

    /// Adds a step without a duration where the request ends, with the reason.
    pub fn add_stopped(&self, kind: StepKind, name: TraceText, why: impl FnOnce() -> TraceText) {
        self.add_instant_step(kind, name, StepOutcome::Stopped, || Some(why()));
    }

    /// Adds a step that the request did not reach.
    pub fn add_unreached(&self, kind: StepKind, name: TraceText) {
        self.add_instant_step(kind, name, StepOutcome::Unreached, || None);
    }

    /// Adds a database statement that ran from `started` until now. `result` is the number of rows
    /// returned and of rows affected, or the text of the error.
    pub fn add_statement(
        &self,
        text: &'static str,
        started: Instant,
        parameters: Vec<String>,
        result: Result<(usize, u64), String>,
    ) {
        let Some(log) = &self.0 else { return };
        let (outcome, detail, rows, affected) = match result {
            Ok((rows, affected)) => (StepOutcome::Passed, None, rows, affected),
            Err(error) => (StepOutcome::Stopped, Some(error.into()), 0, 0),
        };
        log.lock().push(TraceStep {
            kind: StepKind::Sql,
            name: text.into(),
            outcome,
            detail,
            at: microseconds(started.saturating_duration_since(log.started)),
            took: microseconds(started.elapsed()),
            depth: None,
            sql: Some(Box::new(TracedStatement {
                parameters,
                rows,
                affected,
            })),
        });
    }

    /// Adds the change of a user: created, changed or deleted.
    pub fn add_change(&self, before: Option<&User>, after: Option<&User>) {
        if let Some(log) = &self.0 {
            log.lock().changes.push(UserChange {
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }

    /// Returns the microseconds since the request began; 0 for a disabled trace.
    #[must_use]
    pub fn elapsed(&self) -> u64 {
        self.0.as_ref().map_or(0, |log| log.elapsed())
    }

    /// Takes the steps and the changes out of the trace and leaves it empty.
    #[must_use]
    pub fn take(&self) -> (Vec<TraceStep>, Vec<UserChange>) {
        let Some(log) = &self.0 else {
            return (Vec::new(), Vec::new());
        };
        let inner = std::mem::take(&mut *log.lock());
        (inner.steps, inner.changes)
    }

    fn add_instant_step(
        &self,
        kind: StepKind,
        name: TraceText,
        outcome: StepOutcome,
        detail: impl FnOnce() -> Option<TraceText>,
    ) {
        let Some(log) = &self.0 else { return };
        let step = TraceStep {
            kind,
            name: name.into_text(),
            outcome,
            detail: detail().map(TraceText::into_text),
            at: log.elapsed(),
            took: 0,
            depth: None,
            sql: None,
        };
        log.lock().push(step);
    }
}

impl TraceLog {
    fn elapsed(&self) -> u64 {
        microseconds(self.started.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, TraceInner> {
        // A panic while the lock was held leaves only complete steps in the list, so a poisoned lock is usable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TraceInner {
    /// Adds a step inside the steps that are open, and returns its index.
    fn push(&mut self, step: TraceStep) -> usize {
        let depth = u16::try_from(self.open.len()).ok();
        self.steps.push(TraceStep { depth, ..step });
        self.steps.len() - 1
    }

    /// Closes a step, and those inside it whose work was dropped before their end.
    fn close(&mut self, index: usize) {
        if let Some(at) = self.open.iter().rposition(|open| *open == index) {
            self.open.truncate(at);
        }
    }
}

fn microseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &'static str) -> TraceText {
        TraceText::literal(text)
    }

    #[test]
    fn step_has_the_number_of_open_steps_as_its_depth() {
        let trace = Trace::enabled();
        let outer = trace.begin(StepKind::Layer, name("outer"));
        let handler = trace.begin(StepKind::Handler, name("handler"));
        trace.add_passed(StepKind::Validation, name("body"), || None);
        // Its work is dropped, so it never ends by itself.
        let _ = trace.begin(StepKind::Extractor, name("dropped"));
        trace.end_passed(handler);
        trace.add_passed(StepKind::Response, name("200"), || None);
        trace.end_passed(outer);
        trace.add_passed(StepKind::Response, name("after"), || None);
        let (steps, _) = trace.take();
        let depths: Vec<_> = steps.iter().map(|step| step.depth).collect();
        assert_eq!(depths, [0, 1, 2, 2, 1, 0].map(Some));
    }

    #[test]
    fn step_of_an_older_record_is_read_without_depth() {
        let json = r#"{"kind":"layer","name":"a","outcome":"passed","at":1,"took":2}"#;
        let step: TraceStep = serde_json::from_str(json).expect("a step");
        assert_eq!((step.depth, step.took), (None, 2));
        assert_eq!(serde_json::to_string(&step).expect("JSON"), json);
    }
}
