//! The outline of a trace for a page: its steps as a tree, each with the time that it took by itself.
//!
//! The layers are around each other and around everything else. A tree of them would be indented a dozen
//! times, so an outline shows layers, route, extractors, handler and response one below the other, and
//! inside each only what it did itself: its statements, checks and validations.

use super::{StepKind, StepOutcome, TraceStep};

/// A step with the steps that are shown inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepNode<'a> {
    /// The step.
    pub step: &'a TraceStep,
    /// The index of the step in its trace.
    pub index: usize,
    /// The time that the step took without the steps inside it, in microseconds.
    pub own: u64,
    /// The steps inside it.
    pub inner: Vec<StepNode<'a>>,
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutlineEntry<'a> {
    /// Layers one after the other that the request passed.
    PassedLayers(Vec<StepNode<'a>>),
    /// Any other step.
    Step(StepNode<'a>),
}

impl StepNode<'_> {
    /// Returns the own time of the step and of the steps that are shown inside it.
    #[must_use]
    pub fn own_with_inner(&self) -> u64 {
        let inner = self.inner.iter().map(StepNode::own_with_inner);
        self.own + inner.sum::<u64>()
    }

    fn is_passed_layer(&self) -> bool {
        let has_passed = |node: &StepNode<'_>| node.step.outcome == StepOutcome::Passed;
        self.step.kind == StepKind::Layer && has_passed(self) && self.inner.iter().all(has_passed)
    }
}

/// Returns the outline of a trace.
#[must_use]
pub fn outline(steps: &[TraceStep]) -> Vec<OutlineEntry<'_>> {
    let parents = parents(steps);
    let mut own: Vec<u64> = steps.iter().map(|step| step.took).collect();
    // The index of the step that a step is shown inside of.
    let mut places = Vec::with_capacity(steps.len());
    for (step, parent) in steps.iter().zip(&parents) {
        if let Some(parent) = *parent {
            own[parent] = own[parent].saturating_sub(step.took);
        }
        places.push(parent.filter(|parent| !is_beside(steps[*parent].kind, step.kind)));
    }
    let mut entries: Vec<OutlineEntry<'_>> = Vec::new();
    for index in (0..steps.len()).filter(|index| places[*index].is_none()) {
        let node = node(steps, &own, &places, index);
        match entries.last_mut() {
            Some(OutlineEntry::PassedLayers(layers)) if node.is_passed_layer() => layers.push(node),
            _ if node.is_passed_layer() => entries.push(OutlineEntry::PassedLayers(vec![node])),
            _ => entries.push(OutlineEntry::Step(node)),
        }
    }
    entries
}

/// Returns the index of the step that decided the response with this status: the step where the request
/// ended; the condition that made it 304; the statement that changed the users; otherwise the handler or
/// the route.
#[must_use]
pub fn deciding_step(steps: &[TraceStep], status: u16) -> Option<usize> {
    let handler = steps
        .iter()
        .position(|step| step.kind == StepKind::Handler && step.outcome != StepOutcome::Unreached);
    let stopped = steps
        .iter()
        .rposition(|step| step.outcome == StepOutcome::Stopped);
    let condition = steps
        .iter()
        .rposition(|step| step.kind == StepKind::Precondition);
    let write = handler.and_then(|handler| {
        // The first write of a visitor also fills a new sandbox; the last statement is the write.
        let found = steps[handler..].iter().rposition(changes_users);
        found.map(|at| handler + at)
    });
    let route = steps.iter().rposition(|step| step.kind == StepKind::Route);
    // A statement of a transaction that was repeated may have stopped in a request that succeeded.
    stopped
        .filter(|_| status >= 400)
        .or(condition.filter(|_| status == 304))
        .or(write)
        .or(handler)
        .or(route)
}

/// Returns whether a step is a statement that added, changed or removed users.
fn changes_users(step: &TraceStep) -> bool {
    let statement = |start: &str| step.name.contains(start);
    let has_rows = step.sql.as_ref().is_some_and(|sql| sql.affected > 0);
    has_rows
        && (statement("INSERT INTO users")
            || statement("UPDATE users")
            || statement("DELETE FROM users"))
}

fn node<'a>(
    steps: &'a [TraceStep],
    own: &[u64],
    places: &[Option<usize>],
    index: usize,
) -> StepNode<'a> {
    let inner = (index + 1..steps.len()).filter(|inner| places[*inner] == Some(index));
    StepNode {
        step: &steps[index],
        index,
        own: own[index],
        inner: inner.map(|inner| node(steps, own, places, inner)).collect(),
    }
}

/// Returns whether a step is shown beside the step that it is inside of.
fn is_beside(parent: StepKind, step: StepKind) -> bool {
    match parent {
        StepKind::Layer => matches!(
            step,
            StepKind::Layer
                | StepKind::Route
                | StepKind::Extractor
                | StepKind::Handler
                | StepKind::Response
        ),
        StepKind::Route => true,
        _ => false,
    }
}

/// Returns the index of the step that each step is directly inside of.
fn parents(steps: &[TraceStep]) -> Vec<Option<usize>> {
    // The steps around the current one, with the end of each.
    let mut around: Vec<(usize, u64)> = Vec::new();
    let mut parents = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        match step.depth {
            Some(depth) => around.truncate(depth.into()),
            // A record without depths: a step is inside those that end after it began.
            None => around.retain(|(_, end)| *end > step.at),
        }
        parents.push(around.last().map(|(index, _)| *index));
        if step.depth.is_some() || step.took > 0 {
            around.push((index, step.at + step.took));
        }
    }
    parents
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::trace::TracedStatement;

    pub(in crate::model::trace) fn step(
        kind: StepKind,
        name: &'static str,
        at: u64,
        took: u64,
        depth: u16,
    ) -> TraceStep {
        TraceStep {
            kind,
            name: name.into(),
            outcome: StepOutcome::Passed,
            detail: None,
            at,
            took,
            depth: Some(depth),
            sql: None,
        }
    }

    fn statement(name: &'static str, affected: u64, took: u64, depth: u16) -> TraceStep {
        let sql = TracedStatement {
            parameters: Vec::new(),
            rows: 0,
            affected,
        };
        TraceStep {
            sql: Some(Box::new(sql)),
            ..step(StepKind::Sql, name, 20, took, depth)
        }
    }

    /// A write: two layers, the first with a statement of its own.
    fn write() -> Vec<TraceStep> {
        vec![
            step(StepKind::Layer, "key", 0, 100, 0),
            statement("UPDATE sandbox", 1, 10, 1),
            step(StepKind::Layer, "limits", 30, 65, 1),
            step(StepKind::Route, "/api/users", 31, 60, 2),
            step(StepKind::Extractor, "Body", 32, 8, 3),
            step(StepKind::Handler, "user::create", 45, 40, 3),
            step(StepKind::Validation, "NewUser", 50, 0, 4),
            statement("INSERT INTO users", 1, 25, 4),
            step(StepKind::Response, "201 Created", 90, 0, 3),
        ]
    }

    /// Returns kind, own time and depth of every entry.
    fn lines(entries: &[OutlineEntry<'_>]) -> Vec<String> {
        fn add(lines: &mut Vec<String>, node: &StepNode<'_>, depth: usize) {
            let indent = "  ".repeat(depth);
            lines.push(format!("{indent}{} {}", node.step.name, node.own));
            for inner in &node.inner {
                add(lines, inner, depth + 1);
            }
        }
        let mut lines = Vec::new();
        for entry in entries {
            match entry {
                OutlineEntry::Step(node) => add(&mut lines, node, 0),
                OutlineEntry::PassedLayers(layers) => {
                    lines.push(format!("{} layers", layers.len()));
                    layers.iter().for_each(|node| add(&mut lines, node, 1));
                }
            }
        }
        lines
    }

    const WRITE: [&str; 10] = [
        "2 layers",
        "  key 25",
        "    UPDATE sandbox 10",
        "  limits 5",
        "/api/users 12",
        "Body 8",
        "user::create 15",
        "  NewUser 0",
        "  INSERT INTO users 25",
        "201 Created 0",
    ];

    #[test]
    fn layers_that_passed_are_one_entry_and_times_are_without_inner_steps() {
        let steps = write();
        let entries = outline(&steps);
        assert_eq!(lines(&entries), WRITE);
        let OutlineEntry::PassedLayers(layers) = &entries[0] else {
            panic!("{entries:?}");
        };
        let own: u64 = layers.iter().map(StepNode::own_with_inner).sum();
        assert_eq!(own, 40);
    }

    #[test]
    fn record_without_depths_has_the_same_outline() {
        let mut steps = write();
        steps.iter_mut().for_each(|step| step.depth = None);
        steps[1].at = 5;
        steps[7].at = 55;
        assert_eq!(lines(&outline(&steps)), WRITE);
    }

    #[test]
    fn layer_in_which_the_request_ended_is_an_entry_of_its_own() {
        let mut steps = write();
        steps.truncate(4);
        steps[2] = step(StepKind::Layer, "authentication", 30, 65, 1);
        steps[3] = step(StepKind::Authentication, "session", 31, 0, 2);
        steps[3].outcome = StepOutcome::Stopped;
        let expected = [
            "1 layers",
            "  key 25",
            "    UPDATE sandbox 10",
            "authentication 65",
            "  session 0",
        ];
        assert_eq!(lines(&outline(&steps)), expected);
        assert_eq!(deciding_step(&steps, 401), Some(3));
    }

    #[test]
    fn deciding_step_is_the_stop_the_write_the_condition_or_the_handler() {
        let steps = write();
        assert_eq!(deciding_step(&steps, 201), Some(7));
        let mut read = write();
        read[7] = statement("SELECT id FROM users", 0, 25, 4);
        assert_eq!(deciding_step(&read, 200), Some(5));
        read[6].kind = StepKind::Precondition;
        assert_eq!(deciding_step(&read, 304), Some(6));
        read[6].outcome = StepOutcome::Stopped;
        assert_eq!(deciding_step(&read, 412), Some(6));
        assert_eq!(deciding_step(&read[..4], 404), Some(3));
        assert_eq!(deciding_step(&[], 200), None);
    }
}
