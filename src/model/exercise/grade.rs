//! Grades an exercise: which steps the recorded exchanges have passed, and what the next one lacks.

use super::ExerciseStep;
use super::condition::StepCondition;
use super::path_pattern::PathValues;
use crate::model::exchange::Exchange;
use crate::model::expectation::{RowChange, Verdict};

/// The state of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// A request met all conditions.
    Passed,
    /// The last request with the method and path of the step did not meet all conditions.
    Failed,
    /// It is the next step, and no request had its method and path yet.
    Waiting,
    /// An earlier step is not passed yet.
    Later,
}

/// What is shown of a request: its first line and the status of its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradedRequest {
    /// The method.
    pub method: String,
    /// The path and query, with secrets masked.
    pub target: String,
    /// The status of the response.
    pub status: u16,
}

/// The grade of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepGrade {
    /// The state.
    pub state: StepState,
    /// The request that passed or failed.
    pub request: Option<GradedRequest>,
    /// The conditions with their verdicts about that request.
    pub checks: Vec<(StepCondition, Verdict)>,
}

/// The grade of an exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExerciseGrade {
    /// The grades of the steps, in order.
    pub steps: Vec<StepGrade>,
    /// The last request, if it has another method or path than the next step.
    pub other: Option<GradedRequest>,
    /// The number of requests with the method and path of their step that did not meet its conditions, and of others that were
    /// refused (4xx).
    pub failures: usize,
}

impl ExerciseGrade {
    /// Returns whether all steps are passed.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        let mut steps = self.steps.iter();
        !self.steps.is_empty() && steps.all(|step| step.state == StepState::Passed)
    }

    /// Returns the number of steps that are passed.
    #[must_use]
    pub fn passed_steps(&self) -> usize {
        let steps = self.steps.iter();
        steps.filter(|step| step.state == StepState::Passed).count()
    }
}

/// Grades the steps of an exercise from exchanges, the oldest first.
///
/// Steps are passed in order, each by one exchange. Exchanges with another method or path than the next step are
/// ignored; those that do not meet its conditions can be followed by one that does.
#[must_use]
pub fn grade<'a>(
    steps: &[ExerciseStep],
    exchanges: impl IntoIterator<Item = &'a Exchange>,
) -> ExerciseGrade {
    let mut grades: Vec<StepGrade> = steps.iter().map(|_| StepGrade::without_request()).collect();
    let mut values = PathValues::new();
    let mut next = 0;
    let (mut other, mut failures) = (None, 0);
    for exchange in exchanges {
        let Some(step) = steps.get(next) else { break };
        let path = exchange.request.target.split('?').next();
        let found = step.path.values(path.unwrap_or_default(), &values);
        let Some(found) = found.filter(|_| step.allows_method(&exchange.request.method)) else {
            let request = GradedRequest::of(exchange);
            failures += usize::from((400..500).contains(&request.status));
            other = Some(request);
            continue;
        };
        other = None;
        let is_passed = grades[next].evaluate(step, exchange);
        if is_passed {
            values = found;
            if let (Some(name), Some(id)) = (&step.created, added_id(exchange)) {
                values.insert(name.clone(), id);
            }
            next += 1;
        } else {
            failures += 1;
        }
    }
    if let Some(grade) = grades.get_mut(next)
        && grade.request.is_none()
    {
        grade.state = StepState::Waiting;
    }
    let other = other.filter(|_| next < steps.len());
    ExerciseGrade {
        steps: grades,
        other,
        failures,
    }
}

impl StepGrade {
    fn without_request() -> StepGrade {
        StepGrade {
            state: StepState::Later,
            request: None,
            checks: Vec::new(),
        }
    }

    /// Replaces the grade by that of an exchange with the method and path of the step. Returns whether it passes.
    fn evaluate(&mut self, step: &ExerciseStep, exchange: &Exchange) -> bool {
        let conditions = step.conditions.iter();
        let conditions = conditions.filter(|condition| condition.applies_to(exchange));
        let checks: Vec<_> = conditions
            .map(|condition| (condition.clone(), condition.evaluate(exchange)))
            .collect();
        let is_passed = checks.iter().all(|(_, verdict)| verdict.passed);
        *self = StepGrade {
            state: match is_passed {
                true => StepState::Passed,
                false => StepState::Failed,
            },
            request: Some(GradedRequest::of(exchange)),
            checks,
        };
        is_passed
    }
}

impl GradedRequest {
    fn of(exchange: &Exchange) -> GradedRequest {
        GradedRequest {
            method: exchange.request.method.clone(),
            target: exchange.request.target.clone(),
            status: exchange.response.status,
        }
    }
}

/// Returns the id of the first user that an exchange added.
fn added_id(exchange: &Exchange) -> Option<String> {
    let mut changes = exchange.changes.iter();
    let added = changes.find(|change| change.kind() == RowChange::Added)?;
    Some(added.id().to_string())
}

#[cfg(test)]
mod tests {
    use super::super::PathPattern;
    use super::*;
    use crate::model::exchange::{HeaderSource, ReceivedHeader, RecordedBody, RecordedChange};
    use crate::model::timestamp::Timestamp;
    use crate::model::user::{Email, User, UserId, UserRole};

    fn exchange(method: &str, target: &str, status: u16) -> Exchange {
        let body = |text: &str| RecordedBody {
            text: text.to_owned(),
            ..RecordedBody::default()
        };
        let mut exchange = Exchange::sample(method, target);
        exchange.id = format!("{method} {target} {status}");
        exchange.request.headers = vec![ReceivedHeader {
            name: "content-type".to_owned(),
            value: "application/json".to_owned(),
            source: HeaderSource::Client,
        }];
        exchange.request.body = body(r#"{"name":"Mina"}"#);
        exchange.response.status = status;
        exchange.response.headers = vec![("location".to_owned(), "/api/users/13".to_owned())];
        exchange.response.body = body(r#"{"id":13}"#);
        exchange
    }

    #[test]
    fn body_that_was_not_read_is_not_judged() {
        let conditions = ["body $.bio != null", "header Content-Type == \"a/b\""];
        let conditions = conditions.map(|text| StepCondition::parse_request(text).expect(text));
        let step = step("PATCH", "/api/users/{id}", conditions.to_vec());
        let mut refused = exchange("PATCH", "/api/users/9", 415);
        refused.request.body = RecordedBody::default();
        let judged = |exchange: &Exchange| {
            let grade = grade(std::slice::from_ref(&step), [exchange]);
            let checks = grade.steps[0].checks.iter();
            let texts = checks.map(|(condition, _)| condition.expectation.to_string());
            texts.collect::<Vec<_>>()
        };
        assert_eq!(judged(&refused).len(), 2, "a request without a body");
        refused.request.headers.push(ReceivedHeader {
            name: "content-length".to_owned(),
            value: "31".to_owned(),
            source: HeaderSource::Client,
        });
        assert_eq!(judged(&refused), ["header Content-Type == \"a/b\""]);
    }

    fn user(id: i64, role: UserRole) -> User {
        User {
            id: UserId::new(id).expect("an id"),
            name: "Mina".to_owned(),
            email: Email::parse("mina@example.com").expect("an address"),
            role,
            bio: None,
            created_at: Timestamp::from_milliseconds(0),
            updated_at: Timestamp::from_milliseconds(0),
        }
    }

    /// Returns the exchange of a POST that adds a user.
    fn addition(id: i64, role: UserRole) -> Exchange {
        let added = RecordedChange {
            before: None,
            after: Some(user(id, role)),
        };
        Exchange {
            changes: vec![added],
            ..exchange("POST", "/api/users", 201)
        }
    }

    fn step(method: &str, path: &str, conditions: Vec<StepCondition>) -> ExerciseStep {
        ExerciseStep {
            method: (method != "any").then(|| method.to_owned()),
            path: PathPattern::parse(path).expect("a pattern"),
            conditions,
            created: None,
        }
    }

    fn status(status: u16) -> StepCondition {
        let text = format!("status == {status}");
        StepCondition::parse_response(&text).expect("a condition")
    }

    fn rows(text: &str) -> StepCondition {
        StepCondition::parse_rows(text).expect("a condition")
    }

    fn states(steps: &[ExerciseStep], exchanges: &[Exchange]) -> Vec<StepState> {
        let grade = grade(steps, exchanges);
        let all_passed = grade.passed_steps() == steps.len();
        assert_eq!(grade.is_passed(), all_passed);
        grade.steps.iter().map(|step| step.state).collect()
    }

    use StepState::{Failed, Later, Passed, Waiting};

    #[test]
    fn step_without_a_method_is_passed_by_any() {
        let steps = [step("any", "/api/users", vec![status(405)])];
        let refused = exchange("PATCH", "/api/users", 405);
        assert_eq!(grade(&steps, [&refused]).passed_steps(), 1);
        // Another path is still another request.
        let elsewhere = exchange("PATCH", "/api/me", 405);
        let grade = grade(&steps, [&elsewhere]);
        assert!(grade.passed_steps() == 0 && grade.other.is_some());
    }

    #[test]
    fn steps_count_in_their_order_only() {
        let steps = [
            step("POST", "/api/users", vec![status(201)]),
            step("DELETE", "/api/users/{id}", vec![status(204)]),
        ];
        let post = exchange("POST", "/api/users", 201);
        let delete = exchange("DELETE", "/api/users/13", 204);
        assert_eq!(states(&steps, &[]), [Waiting, Later]);
        let reversed = [delete.clone(), post.clone()];
        assert_eq!(states(&steps, &reversed), [Passed, Waiting]);
        let ordered = [post.clone(), delete.clone()];
        assert_eq!(states(&steps, &ordered), [Passed, Passed]);
        // One exchange passes one step.
        let twice = [steps[0].clone(), steps[0].clone()];
        assert_eq!(
            states(&twice, std::slice::from_ref(&post)),
            [Passed, Waiting]
        );
        assert_eq!(states(&twice, &[post.clone(), post]), [Passed, Passed]);
        assert!(!grade(&[], &[delete]).is_passed(), "nothing was done");
    }

    #[test]
    fn other_requests_in_between_are_ignored_and_the_last_is_named() {
        let steps = [
            step("POST", "/api/users", vec![status(201)]),
            step("DELETE", "/api/users/{id}", vec![status(204)]),
        ];
        let exchanges = [
            exchange("GET", "/api/users", 200),
            exchange("POST", "/api/users", 201),
            exchange("GET", "/api/users/13", 200),
            exchange("PATCH", "/api/users/13", 200),
        ];
        assert_eq!(states(&steps, &exchanges), [Passed, Waiting]);
        let other = grade(&steps, &exchanges).other.expect("the last");
        assert_eq!((other.method.as_str(), other.status), ("PATCH", 200));
        let delete = exchange("DELETE", "/api/users/13", 204);
        let all: Vec<_> = exchanges.into_iter().chain([delete]).collect();
        let all = grade(&steps, &all);
        assert!(all.is_passed() && all.other.is_none());
    }

    #[test]
    fn wrong_request_fails_until_a_right_one_follows() {
        let steps = [
            step("POST", "/api/users", vec![status(201)]),
            step("GET", "/api/users", vec![status(200)]),
        ];
        let wrong = exchange("POST", "/api/users", 422);
        let right = exchange("POST", "/api/users", 201);
        let failed = grade(&steps, std::slice::from_ref(&wrong));
        assert_eq!(failed.steps[0].state, Failed);
        assert_eq!(failed.steps[1].state, Later);
        let (_, verdict) = &failed.steps[0].checks[0];
        assert_eq!((verdict.passed, verdict.actual.as_str()), (false, "422"));
        let twice = [wrong.clone(), right.clone(), wrong.clone()];
        assert_eq!(grade(&steps, &twice).failures, 2, "refused requests count");
        let answered = [
            wrong.clone(),
            right.clone(),
            exchange("PATCH", "/api/users/1", 200),
        ];
        assert_eq!(grade(&steps, &answered).failures, 1, "others do not");
        assert_eq!(
            states(&steps, &[wrong.clone(), right.clone()]),
            [Passed, Waiting]
        );
        // What is passed stays passed.
        assert_eq!(states(&steps, &[right, wrong]), [Passed, Waiting]);
    }

    #[test]
    fn every_part_of_the_exchange_can_be_a_condition() {
        let request = |text| StepCondition::parse_request(text).expect(text);
        let response = |text| StepCondition::parse_response(text).expect(text);
        let sent = exchange("GET", "/api/users?q=a%20b&page=2", 200);
        for (condition, is_met) in [
            (request("query q == \"a b\""), true),
            (request("query page == \"2\""), true),
            (request("query page == \"3\""), false),
            (request("query per_page exists"), false),
            (request("header Content-Type == \"application/json\""), true),
            (request("header Location exists"), false),
            (request("body $.name == \"Mina\""), true),
            (request("body $.id exists"), false),
            (response("header Location exists"), true),
            (response("header Content-Type exists"), false),
            (response("body $.id == 13"), true),
            (response("body $.name exists"), false),
        ] {
            let expected = if is_met { Passed } else { Failed };
            let name = format!("{condition:?}");
            let steps = [step("GET", "/api/users", vec![condition])];
            let states = states(&steps, std::slice::from_ref(&sent));
            assert_eq!(states, [expected], "{name}");
        }
    }

    #[test]
    fn rows_are_compared_after_the_request() {
        let conditions = vec![rows("added == 1"), rows("after $[0].role == \"admin\"")];
        let steps = [step("POST", "/api/users", conditions)];
        let member = addition(13, UserRole::Member);
        let admin = addition(14, UserRole::Admin);
        assert_eq!(states(&steps, std::slice::from_ref(&member)), [Failed]);
        assert_eq!(
            states(&steps, &[exchange("POST", "/api/users", 201)]),
            [Failed]
        );
        assert_eq!(states(&steps, &[member, admin]), [Passed]);
        let none = [step("POST", "/api/users", vec![rows("added == 0")])];
        let refused = exchange("POST", "/api/users", 409);
        assert_eq!(states(&none, &[refused]), [Passed]);
    }

    #[test]
    fn later_path_has_the_id_of_the_user_that_was_added() {
        let mut first = step("POST", "/api/users", vec![rows("added == 1")]);
        first.created = Some("id".to_owned());
        let steps = [first, step("GET", "/api/users/{id}", vec![status(200)])];
        let other = exchange("GET", "/api/users/4", 200);
        let own = exchange("GET", "/api/users/13", 200);
        let added = addition(13, UserRole::Member);
        assert_eq!(states(&steps, &[added.clone(), other]), [Passed, Waiting]);
        assert_eq!(states(&steps, &[added, own]), [Passed, Passed]);
    }
}
