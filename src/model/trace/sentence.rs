//! What happened to a request in one sentence: the case that a page puts into words.

use super::{StepKind, StepOutcome, TraceStep, deciding_step};

/// The case of the sentence about a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceSentence<'a> {
    /// The request ended in this step.
    Stopped(&'a TraceStep),
    /// The handler with this name ran, and the client has the current representation.
    NotModified(&'a str),
    /// The handler with this name ran.
    Ran(&'a str),
    /// The request was answered before a handler ran, for example by a redirect.
    Unhandled,
    /// No step was recorded.
    Unrecorded,
}

/// Returns the case of a trace whose response has this status.
#[must_use]
pub fn sentence(steps: &[TraceStep], status: u16) -> TraceSentence<'_> {
    let mut deciding = deciding_step(steps, status).map(|index| &steps[index]);
    deciding = deciding.filter(|step| step.outcome == StepOutcome::Stopped);
    let mut reached = steps
        .iter()
        .filter(|step| step.outcome != StepOutcome::Unreached);
    let handler = reached.find(|step| step.kind == StepKind::Handler);
    match (deciding, handler) {
        (Some(step), _) if status >= 400 => TraceSentence::Stopped(step),
        (_, Some(handler)) if status == 304 => TraceSentence::NotModified(&handler.name),
        (_, Some(handler)) => TraceSentence::Ran(&handler.name),
        (_, None) if steps.is_empty() => TraceSentence::Unrecorded,
        (_, None) => TraceSentence::Unhandled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::trace::outline::tests::step;

    #[test]
    fn sentence_is_about_the_stop_or_the_handler() {
        let layer = step(StepKind::Layer, "limits", 0, 9, 0);
        let handler = step(StepKind::Handler, "user::show", 1, 5, 1);
        let stopped = TraceStep {
            outcome: StepOutcome::Stopped,
            ..step(StepKind::Constraint, "the user is there", 2, 0, 2)
        };
        let unreached = TraceStep {
            outcome: StepOutcome::Unreached,
            ..handler.clone()
        };
        let steps = [layer.clone(), handler, stopped.clone()];
        assert_eq!(sentence(&steps, 404), TraceSentence::Stopped(&stopped));
        assert_eq!(sentence(&steps[..2], 200), TraceSentence::Ran("user::show"));
        // A transaction that was repeated succeeded in the end.
        assert_eq!(sentence(&steps, 200), TraceSentence::Ran("user::show"));
        let not_modified = TraceSentence::NotModified("user::show");
        assert_eq!(sentence(&steps[..2], 304), not_modified);
        let steps = [layer, unreached];
        assert_eq!(sentence(&steps, 308), TraceSentence::Unhandled);
        assert_eq!(sentence(&[], 200), TraceSentence::Unrecorded);
    }
}
