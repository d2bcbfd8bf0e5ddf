//! The conditions of a step: an expectation about one part of an exchange.

use crate::model::exchange::{Exchange, count_changes, merge_changes};
use crate::model::expectation::{
    Expectation, ExpectationErrorKind, ExpectationSubject, ObservedResponse, Verdict,
};
use crate::model::http::{Header, query_parameters};

/// The part of an exchange that a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionPart {
    /// A query parameter of the request.
    Query,
    /// A header or the body of the request.
    Request,
    /// The status, a header or the body of the response.
    Response,
    /// The numbers of users that the request added, changed and removed.
    Rows,
    /// The users that the request added or changed, as a JSON array of what they are afterwards.
    RowsAfter,
}

/// A condition of a step. For a query parameter the subject of the expectation is a header with its name; for rows
/// afterwards it is the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCondition {
    /// The part of the exchange that is tested.
    pub part: ConditionPart,
    /// The expectation about that part.
    pub expectation: Expectation,
}

impl StepCondition {
    /// Parses a condition on the request: `header NAME …`, `body PATH …` or `query NAME …`.
    ///
    /// # Errors
    /// The kind of the first error.
    pub fn parse_request(text: &str) -> Result<StepCondition, ExpectationErrorKind> {
        if let Some(rest) = text.strip_prefix("query ") {
            return parse(ConditionPart::Query, &format!("header {rest}"));
        }
        let condition = parse(ConditionPart::Request, text)?;
        match condition.expectation.subject {
            ExpectationSubject::Header(_) | ExpectationSubject::Body(_) => Ok(condition),
            _ => Err(ExpectationErrorKind::Subject),
        }
    }

    /// Parses a condition on the response: `status …`, `header NAME …` or `body PATH …`.
    ///
    /// # Errors
    /// The kind of the first error.
    pub fn parse_response(text: &str) -> Result<StepCondition, ExpectationErrorKind> {
        let condition = parse(ConditionPart::Response, text)?;
        match condition.expectation.subject {
            ExpectationSubject::Rows(_) => Err(ExpectationErrorKind::Subject),
            _ => Ok(condition),
        }
    }

    /// Parses a condition on the users after the request: `added == 1`, `changed …`, `removed …`, or
    /// `after $[0].role == "admin"` for the added and changed users.
    ///
    /// # Errors
    /// The kind of the first error.
    pub fn parse_rows(text: &str) -> Result<StepCondition, ExpectationErrorKind> {
        match text.strip_prefix("after ") {
            Some(rest) => parse(ConditionPart::RowsAfter, &format!("body {rest}")),
            None => parse(ConditionPart::Rows, &format!("rows {text}")),
        }
    }

    /// Returns whether the exchange has the part that is tested. Nothing is known of a body that the server did not read.
    pub(super) fn applies_to(&self, exchange: &Exchange) -> bool {
        let is_body = matches!(self.expectation.subject, ExpectationSubject::Body(_));
        let is_of_request = self.part == ConditionPart::Request;
        !(is_body && is_of_request && exchange.request.has_unread_body())
    }

    /// Evaluates the condition for an exchange.
    pub(super) fn evaluate(&self, exchange: &Exchange) -> Verdict {
        let (headers, body) = match self.part {
            ConditionPart::Query => {
                let parameters = query_parameters(&exchange.request.target).into_iter();
                let headers = parameters.map(|(name, value)| Header::new(name, value));
                (headers.collect(), String::new())
            }
            ConditionPart::Request => {
                let headers = exchange.request.headers.iter();
                let headers = headers.map(|header| Header::new(&header.name, &header.value));
                (headers.collect(), exchange.request.body.text.clone())
            }
            ConditionPart::Response => {
                let headers = exchange.response.headers.iter();
                let headers = headers.map(|(name, value)| Header::new(name, value));
                (headers.collect(), exchange.response.body.text.clone())
            }
            ConditionPart::Rows => (Vec::new(), String::new()),
            ConditionPart::RowsAfter => {
                let changes = merge_changes(&exchange.changes);
                let after: Vec<_> = changes
                    .iter()
                    .filter_map(|one| one.after.as_ref())
                    .collect();
                let users = serde_json::to_string(&after).expect("users are JSON");
                (Vec::<Header>::new(), users)
            }
        };
        self.expectation.evaluate(&ObservedResponse {
            status: exchange.response.status,
            headers: &headers,
            body: &body,
            rows: Some(count_changes(&exchange.changes)),
        })
    }
}

fn parse(part: ConditionPart, text: &str) -> Result<StepCondition, ExpectationErrorKind> {
    let expectation = Expectation::parse(text).map_err(|error| error.kind)?;
    Ok(StepCondition { part, expectation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_only_about_their_part() {
        for text in [
            "header Content-Type startsWith \"application/json\"",
            "body $.name exists",
            "query page == \"2\"",
        ] {
            assert!(StepCondition::parse_request(text).is_ok(), "{text}");
        }
        for text in ["status == 200", "rows added == 1", "method == 1", "query"] {
            assert!(StepCondition::parse_request(text).is_err(), "{text}");
        }
        assert!(StepCondition::parse_response("status == 200").is_ok());
        assert!(StepCondition::parse_response("rows added == 1").is_err());
        for text in ["added == 1", "after $[0].role == \"admin\""] {
            assert!(StepCondition::parse_rows(text).is_ok(), "{text}");
        }
        for text in ["rows added == 1", "header A exists", "after added"] {
            assert!(StepCondition::parse_rows(text).is_err(), "{text}");
        }
    }
}
