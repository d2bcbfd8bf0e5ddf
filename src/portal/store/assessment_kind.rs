//! The two kinds of assessments in the tables of progress.

/// A kind of assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssessmentKind {
    /// An exercise.
    Exercise,
    /// A quiz.
    Quiz,
}

impl AssessmentKind {
    /// Returns the name, which is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AssessmentKind::Exercise => "exercise",
            AssessmentKind::Quiz => "quiz",
        }
    }

    pub(super) fn parse(name: &str) -> Option<AssessmentKind> {
        [AssessmentKind::Exercise, AssessmentKind::Quiz]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}
