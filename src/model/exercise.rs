//! Exercises: the steps that a learner takes with requests, and their grading.
//!
//! A step is graded from recorded exchanges, whichever client sent the requests. The texts of exercises are in
//! `content`, the progress of a visitor is in `sandbox`.

mod condition;
mod grade;
mod path_pattern;
mod verdict;

pub use condition::{ConditionPart, StepCondition};
pub use grade::{ExerciseGrade, GradedRequest, StepGrade, StepState, grade};
pub use path_pattern::PathPattern;
pub use verdict::{AttemptVerdict, KeptRequest, UnmetCondition};

/// A step of an exercise: one request, and what must be true of it, of its response and of the changed users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExerciseStep {
    /// The method of the request; `None` for any.
    pub method: Option<String>,
    /// The path of the request.
    pub path: PathPattern,
    /// The conditions, in the order in which they are shown.
    pub conditions: Vec<StepCondition>,
    /// The name in the paths of later steps that stands for the id of the user that this step adds.
    pub created: Option<String>,
}

impl ExerciseStep {
    /// Returns whether a request may have the method.
    #[must_use]
    pub fn allows_method(&self, method: &str) -> bool {
        self.method.as_deref().is_none_or(|own| own == method)
    }
}
