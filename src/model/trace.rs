//! What the server did with one request, step by step, as it happened.
//!
//! A [`Trace`] is handed along with the request; whoever does something says so. Nobody who has
//! none pays for it. Not here: who keeps it afterwards (see `sandbox::exchange`).

mod told;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::user::User;
pub use told::TraceText;

/// What kind of step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// A layer around all routes.
    Layer,
    /// The choice of a route by path and method.
    Route,
    /// What a handler takes from the request.
    Extractor,
    /// Who asks.
    Authentication,
    /// Whether they may.
    Authorization,
    /// The function of the route.
    Handler,
    /// Whether the content makes sense.
    Validation,
    /// Whether the condition of the request holds (RFC 9110, section 13).
    Precondition,
    /// A statement of the database.
    Sql,
    /// What the data themselves allow: that something is there, is unique, has room.
    Constraint,
    /// The mapping to a response.
    Response,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepOutcome {
    /// The request went on.
    Passed,
    /// The request ended here.
    Stopped,
    /// The request ended before.
    Unreached,
}

/// More of a step that is a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TracedStatement {
    /// The values bound to the placeholders, as literals; of secrets only the size.
    pub parameters: Vec<String>,
    /// How many rows came back.
    pub rows: usize,
    /// How many rows were inserted, updated or deleted.
    pub affected: u64,
}

/// A step of what the server did.
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
    /// More of a step that is a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sql: Option<Box<TracedStatement>>,
}

/// A user before and after a request.
#[derive(Clone, Debug, PartialEq)]
pub struct UserChange {
    /// `None`: it was made.
    pub before: Option<User>,
    /// `None`: it was deleted.
    pub after: Option<User>,
}

/// A handle to the trace of a request, or to none; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<TraceLog>>);

#[derive(Debug)]
struct TraceLog {
    begun: Instant,
    inner: Mutex<TraceInner>,
}

#[derive(Debug, Default)]
struct TraceInner {
    steps: Vec<TraceStep>,
    changes: Vec<UserChange>,
}

/// A step that has begun; [`Trace::end`] ends it.
#[derive(Clone, Copy, Debug)]
#[must_use = "a step that begins must end"]
pub struct OpenStep(usize);

impl Trace {
    /// No trace: whatever is said to it costs nothing.
    #[must_use]
    pub fn off() -> Trace {
        Trace(None)
    }

    /// A trace of a request that begins now.
    #[must_use]
    pub fn on() -> Trace {
        Trace(Some(Arc::new(TraceLog {
            begun: Instant::now(),
            inner: Mutex::new(TraceInner {
                steps: Vec::with_capacity(24),
                changes: Vec::new(),
            }),
        })))
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A step begins; steps until its end are inside it.
    pub fn begin(&self, kind: StepKind, name: TraceText) -> OpenStep {
        let Some(log) = &self.0 else {
            return OpenStep(0);
        };
        let at = log.elapsed();
        let mut inner = log.lock();
        inner.steps.push(TraceStep {
            kind,
            name: name.into_text(),
            outcome: StepOutcome::Stopped,
            detail: None,
            at,
            took: 0,
            sql: None,
        });
        OpenStep(inner.steps.len() - 1)
    }

    /// The request went past the beginning of a step; only [`Trace::end`] tells how long it took.
    pub fn reach(&self, step: OpenStep) {
        if let Some(log) = &self.0 {
            log.lock().steps[step.0].outcome = StepOutcome::Passed;
        }
    }

    /// A step ends. `stopped` says why the request ends with it; `None` that it went on.
    pub fn end(&self, step: OpenStep, stopped: Option<TraceText>) {
        let Some(log) = &self.0 else { return };
        let now = log.elapsed();
        let mut inner = log.lock();
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

    /// A step ends that the request went past, whatever became of it further in.
    pub fn close(&self, step: OpenStep) {
        self.end(step, None);
    }

    /// Whether the request went past a step.
    #[must_use]
    pub fn is_reached(&self, step: OpenStep) -> bool {
        self.0.as_ref().is_some_and(|log| {
            let inner = log.lock();
            inner.steps.get(step.0).map(|step| step.outcome) == Some(StepOutcome::Passed)
        })
    }

    /// Whether the request ended in a step that began after this one.
    #[must_use]
    pub fn stopped_inside(&self, step: OpenStep) -> bool {
        self.0.as_ref().is_some_and(|log| {
            let inner = log.lock();
            let inside = inner.steps.get(step.0 + 1..).unwrap_or_default();
            inside
                .iter()
                .any(|step| step.outcome == StepOutcome::Stopped)
        })
    }

    /// Gives a step the name that was found for it, and passes it.
    pub fn rename(&self, step: OpenStep, name: impl FnOnce() -> TraceText) {
        let Some(log) = &self.0 else { return };
        let name = name().into_text();
        let mut inner = log.lock();
        inner.steps[step.0].name = name;
        inner.steps[step.0].outcome = StepOutcome::Passed;
    }

    /// Says what the step that began last has found.
    pub fn note(&self, detail: impl FnOnce() -> TraceText) {
        let Some(log) = &self.0 else { return };
        let detail = detail().into_text();
        if let Some(step) = log.lock().steps.last_mut() {
            step.detail = Some(detail);
        }
    }

    /// A step without duration that the request passes.
    pub fn pass(
        &self,
        kind: StepKind,
        name: TraceText,
        detail: impl FnOnce() -> Option<TraceText>,
    ) {
        self.instant(kind, name, StepOutcome::Passed, detail);
    }

    /// A step without duration where the request ends, and why.
    pub fn stop(&self, kind: StepKind, name: TraceText, why: impl FnOnce() -> TraceText) {
        self.instant(kind, name, StepOutcome::Stopped, || Some(why()));
    }

    /// A step that the request would have come to.
    pub fn miss(&self, kind: StepKind, name: TraceText) {
        self.instant(kind, name, StepOutcome::Unreached, || None);
    }

    /// A statement ran; `began` is when.
    pub fn sql(
        &self,
        text: &'static str,
        began: Instant,
        parameters: Vec<String>,
        result: Result<(usize, u64), String>,
    ) {
        let Some(log) = &self.0 else { return };
        let (outcome, detail, rows, affected) = match result {
            Ok((rows, affected)) => (StepOutcome::Passed, None, rows, affected),
            Err(error) => (StepOutcome::Stopped, Some(error.into()), 0, 0),
        };
        log.lock().steps.push(TraceStep {
            kind: StepKind::Sql,
            name: text.into(),
            outcome,
            detail,
            at: microseconds(began.saturating_duration_since(log.begun)),
            took: microseconds(began.elapsed()),
            sql: Some(Box::new(TracedStatement {
                parameters,
                rows,
                affected,
            })),
        });
    }

    /// A user became different.
    pub fn change(&self, before: Option<&User>, after: Option<&User>) {
        if let Some(log) = &self.0 {
            log.lock().changes.push(UserChange {
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }

    /// Microseconds since the request.
    #[must_use]
    pub fn elapsed(&self) -> u64 {
        self.0.as_ref().map_or(0, |log| log.elapsed())
    }

    /// Ends the trace: its steps and its changes.
    #[must_use]
    pub fn take(&self) -> (Vec<TraceStep>, Vec<UserChange>) {
        let Some(log) = &self.0 else {
            return (Vec::new(), Vec::new());
        };
        let mut inner = log.lock();
        (
            std::mem::take(&mut inner.steps),
            std::mem::take(&mut inner.changes),
        )
    }

    fn instant(
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
            sql: None,
        };
        log.lock().steps.push(step);
    }
}

impl TraceLog {
    fn elapsed(&self) -> u64 {
        microseconds(self.begun.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, TraceInner> {
        // A panic elsewhere leaves a list of whole steps.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn microseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
