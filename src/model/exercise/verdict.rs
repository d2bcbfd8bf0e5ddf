//! What is kept of the grade of an attempt: where it stopped, what was expected there, and what came instead.

use serde::{Deserialize, Serialize};

use super::condition::{ConditionPart, StepCondition};
use super::grade::{ExerciseGrade, GradedRequest, StepState};
use crate::model::expectation::{MissingReason, Verdict};

/// The maximum length of a kept text, in characters; longer ones are cut.
const TEXT_MAX: usize = 200;
/// The maximum number of kept conditions.
const CONDITIONS_MAX: usize = 10;

/// The grade of an attempt in a short form, which is stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AttemptVerdict {
    /// The last request with the method and path of the step at which the attempt stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<KeptRequest>,
    /// The conditions of the step that it did not meet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<UnmetCondition>,
    /// The last request, if it has another method or path than the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<KeptRequest>,
}

/// The first line of a request and the status of its response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRequest {
    /// Method and target.
    pub line: String,
    /// The status.
    pub status: u16,
}

/// A condition of a step, and what was found instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmetCondition {
    /// The condition as an author writes it.
    pub expected: String,
    /// What came; empty when there was nothing.
    pub actual: String,
}

impl AttemptVerdict {
    /// Returns the verdict of a grade; `None` when no request was graded.
    #[must_use]
    pub fn of(grade: &ExerciseGrade) -> Option<AttemptVerdict> {
        let mut steps = grade.steps.iter();
        let failed = steps.find(|step| step.state == StepState::Failed);
        let unmet = failed.iter().flat_map(|step| &step.checks);
        let unmet = unmet
            .filter(|(_, verdict)| !verdict.passed)
            .take(CONDITIONS_MAX)
            .map(|(condition, verdict)| UnmetCondition::of(condition, verdict));
        let request = failed.and_then(|step| step.request.as_ref());
        let verdict = AttemptVerdict {
            request: request.map(KeptRequest::of),
            unmet: unmet.collect(),
            other: grade.other.as_ref().map(KeptRequest::of),
        };
        let is_graded = grade.passed_steps() > 0 || verdict != AttemptVerdict::default();
        is_graded.then_some(verdict)
    }

    /// Returns the JSON to store.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }

    /// Reads stored JSON; anything else is a verdict that says nothing.
    #[must_use]
    pub fn from_json(json: &str) -> AttemptVerdict {
        serde_json::from_str(json).unwrap_or_default()
    }
}

impl KeptRequest {
    fn of(request: &GradedRequest) -> KeptRequest {
        KeptRequest {
            line: cut(&format!("{} {}", request.method, request.target)),
            status: request.status,
        }
    }
}

impl UnmetCondition {
    fn of(condition: &StepCondition, verdict: &Verdict) -> UnmetCondition {
        let expectation = condition.expectation.to_string();
        let expected = match condition.part {
            ConditionPart::Query => expectation.replacen("header", "query", 1),
            ConditionPart::Request => format!("request {expectation}"),
            ConditionPart::Response => format!("response {expectation}"),
            ConditionPart::Rows => expectation,
            ConditionPart::RowsAfter => expectation.replacen("body", "rows after", 1),
        };
        UnmetCondition {
            expected: cut(&expected),
            actual: match verdict.missing {
                Some(MissingReason::Absent) => String::new(),
                _ => cut(&verdict.actual),
            },
        }
    }
}

impl UnmetCondition {
    /// Returns the condition; `None` when its text was cut.
    #[must_use]
    pub fn condition(&self) -> Option<StepCondition> {
        let (part, rest) = self.expected.split_once(' ')?;
        let condition = match part {
            "query" => StepCondition::parse_request(&self.expected),
            "request" => StepCondition::parse_request(rest),
            "response" => StepCondition::parse_response(rest),
            _ => StepCondition::parse_rows(rest),
        };
        condition.ok()
    }
}

/// Returns the beginning of a text, without control characters, which a database may refuse.
fn cut(text: &str) -> String {
    let characters = text.chars().filter(|character| !character.is_control());
    characters.take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{ExerciseStep, PathPattern, grade};
    use super::*;
    use crate::model::exchange::Exchange;

    fn graded(conditions: Vec<StepCondition>, target: &str) -> ExerciseGrade {
        let step = ExerciseStep {
            method: Some("GET".to_owned()),
            path: PathPattern::parse("/api/users").expect("a pattern"),
            conditions,
            created: None,
        };
        grade(&[step], [&Exchange::sample("GET", target)])
    }

    #[test]
    fn verdict_says_what_was_expected_and_what_came() {
        let conditions = vec![
            StepCondition::parse_request("query page == \"2\"").expect("a condition"),
            StepCondition::parse_rows("added == 0").expect("a condition"),
        ];
        let verdict = AttemptVerdict::of(&graded(conditions.clone(), "/api/users?page=3"));
        let verdict = verdict.expect("a request");
        assert_eq!(
            verdict.unmet,
            [UnmetCondition {
                expected: "query page == \"2\"".to_owned(),
                actual: "3".to_owned(),
            }]
        );
        let request = verdict.request.as_ref().expect("the request");
        assert_eq!(request.line, "GET /api/users?page=3");
        assert_eq!(AttemptVerdict::from_json(&verdict.to_json()), verdict);
        let passed = AttemptVerdict::of(&graded(conditions.clone(), "/api/users?page=2"));
        assert_eq!(passed, Some(AttemptVerdict::default()));
        let other = AttemptVerdict::of(&graded(conditions, "/api/users/1"));
        let other = other.and_then(|verdict| verdict.other);
        assert_eq!(other.expect("another request").line, "GET /api/users/1");
        assert_eq!(AttemptVerdict::of(&grade(&[], &[])), None);
        assert_eq!(AttemptVerdict::from_json(""), AttemptVerdict::default());
    }

    #[test]
    fn kept_texts_are_short() {
        let condition = StepCondition::parse_request("query page == \"2\"").expect("a condition");
        let target = format!("/api/users?page={}", "9".repeat(5000));
        let verdict = AttemptVerdict::of(&graded(vec![condition], &target)).expect("a request");
        assert!(verdict.to_json().len() < 700, "{}", verdict.to_json());
    }
}
