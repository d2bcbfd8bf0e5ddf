//! What the author of a request expects of its response, in words, each with whether it is so.

use leptos::prelude::*;

use crate::components::code_marks::CodeMarks;
use crate::model::exercise::{ConditionPart, StepCondition};
use crate::model::expectation::{
    Condition, Expectation, ExpectationSubject, MissingReason, Operator, RowChange, Verdict,
};
use crate::model::messages::MessageCatalog;

/// The expectations as a list.
#[component]
pub fn ExpectationList(
    /// The expectations with their verdicts.
    checks: Vec<(Expectation, Verdict)>,
    /// The messages with the prefixes `check-` and `expect-`.
    words: MessageCatalog,
) -> impl IntoView {
    let has_path = checks
        .iter()
        .any(|(expectation, _)| matches!(expectation.subject, ExpectationSubject::Body(_)));
    let paths = has_path.then(|| {
        let mut codes = CodeMarks::default();
        let (root, member) = (codes.mark("$"), codes.mark("$.id"));
        let text = words.with("expect-paths", &[("root", &root), ("member", &member)]);
        view! { <p class="quiet">{codes.view(&text)}</p> }
    });
    let lines = checks
        .iter()
        .map(|(expectation, verdict)| line(expectation, verdict, &words))
        .collect_view();
    view! {
        <ul class="checks" aria-label=words.get("check-title")>{lines}</ul>
        {paths}
    }
}

fn line(
    expectation: &Expectation,
    verdict: &Verdict,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let (class, mark, word) = match verdict.passed {
        true => ("check check-passed", "✓", "check-passed"),
        false => ("check check-differs", "≠", "check-failed"),
    };
    let actual = (!verdict.passed)
        .then(|| view! { " " <span class="check-actual">{actual_text(verdict, words)}</span> });
    view! {
        <li class=class>
            <span class="check-mark" aria-hidden="true">{mark}</span>
            <span>
                <span class="visually-hidden">{words.get(word)}" "</span>
                {expectation_text(expectation, words)}
                {actual}
            </span>
        </li>
    }
}

/// Renders an expectation about a response as a sentence.
fn expectation_text(expectation: &Expectation, words: &MessageCatalog) -> AnyView {
    sentence(expectation, ConditionPart::Response, words)
}

/// Renders a condition of a step of an exercise as a sentence, with the messages with the prefix `expect-`.
#[must_use]
pub fn condition_text(condition: &StepCondition, words: &MessageCatalog) -> AnyView {
    sentence(&condition.expectation, condition.part, words)
}

/// Renders what was found instead of what a condition expects, with the messages with the prefix `check-`.
#[must_use]
pub fn actual_text(verdict: &Verdict, words: &MessageCatalog) -> AnyView {
    let mut codes = CodeMarks::default();
    let actual = match verdict.missing {
        Some(MissingReason::Absent) => words.get("check-absent"),
        Some(MissingReason::NotJson) => words.get("check-not-json"),
        Some(MissingReason::Unknown) => words.get("check-unknown"),
        None => codes.mark(&verdict.actual),
    };
    codes.view(&words.with("check-actual", &[("actual", &actual)]))
}

/// Renders an expectation about a part of an exchange as a sentence.
fn sentence(expectation: &Expectation, part: ConditionPart, words: &MessageCatalog) -> AnyView {
    let (header_key, body_key) = match part {
        ConditionPart::Query => ("expect-query", "expect-body"),
        ConditionPart::Request => ("expect-request-header", "expect-request-body"),
        ConditionPart::RowsAfter => ("expect-header", "expect-rows-after"),
        ConditionPart::Response | ConditionPart::Rows => ("expect-header", "expect-body"),
    };
    let mut codes = CodeMarks::default();
    let (subject, path) = match &expectation.subject {
        ExpectationSubject::Status => (words.get("expect-status"), None),
        ExpectationSubject::Header(name) => {
            let name = codes.mark(name);
            (words.with(header_key, &[("name", &name)]), None)
        }
        ExpectationSubject::Body(path) => {
            let path = codes.mark(&path.to_string());
            let subject = words.with(body_key, &[("path", &path)]);
            (subject, (part == ConditionPart::Response).then_some(path))
        }
        ExpectationSubject::Rows(RowChange::Added) => (words.get("expect-rows-added"), None),
        ExpectationSubject::Rows(RowChange::Changed) => (words.get("expect-rows-changed"), None),
        ExpectationSubject::Rows(RowChange::Removed) => (words.get("expect-rows-removed"), None),
    };
    let mut value = |literal: &str| codes.mark(literal);
    let text = match (&expectation.condition, path) {
        (Condition::Exists, Some(path)) => words.with("expect-body-exists", &[("path", &path)]),
        (Condition::Exists, None) => words.with("expect-exists", &[("subject", &subject)]),
        (Condition::IsNumber, _) => words.with("expect-number", &[("subject", &subject)]),
        (Condition::Compares(Operator::Equal, literal), Some(path)) => {
            let value = value(literal.as_str());
            words.with("expect-body-equal", &[("path", &path), ("value", &value)])
        }
        (Condition::Compares(operator, literal), _) => {
            let value = value(literal.as_str());
            let values = [("subject", subject.as_str()), ("value", &value)];
            words.with(operator_key(*operator), &values)
        }
    };
    codes.view(&text)
}

fn operator_key(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "expect-equal",
        Operator::NotEqual => "expect-not-equal",
        Operator::Greater => "expect-greater",
        Operator::GreaterOrEqual => "expect-greater-or-equal",
        Operator::Less => "expect-less",
        Operator::LessOrEqual => "expect-less-or-equal",
        Operator::StartsWith => "expect-starts-with",
        Operator::EndsWith => "expect-ends-with",
        Operator::Includes => "expect-includes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::expectation::{ObservedResponse, RowChanges};

    fn words() -> MessageCatalog {
        let texts = [
            ("expect-status", "the status"),
            ("expect-header", "the header {name}"),
            ("expect-body", "{path} in the body"),
            ("expect-body-equal", "the body has {path} = {value}"),
            ("expect-body-exists", "the body has {path}"),
            ("expect-exists", "{subject} is there"),
            ("expect-equal", "{subject} is {value}"),
            ("expect-greater", "{subject} > {value}"),
            ("expect-rows-added", "the number of rows added"),
            ("check-actual", "was {actual}"),
            ("check-absent", "missing"),
        ];
        let texts = texts.map(|(key, text)| (key.to_owned(), text.to_owned()));
        MessageCatalog::new(texts.into())
    }

    fn parsed(text: &str) -> Expectation {
        Expectation::parse(text).expect(text)
    }

    #[test]
    fn expectations_are_sentences() {
        for (text, expected) in [
            ("status == 201", "the status is <code>201</code>"),
            (
                "header Location exists",
                "the header <code>Location</code> is there",
            ),
            (
                "body $.id == 2",
                "the body has <code>$.id</code> = <code>2</code>",
            ),
            ("body $.id exists", "the body has <code>$.id</code>"),
            (
                "body $.id > 12",
                "<code>$.id</code> in the body &gt; <code>12</code>",
            ),
            (
                "rows added == 1",
                "the number of rows added is <code>1</code>",
            ),
        ] {
            let html = expectation_text(&parsed(text), &words()).to_html();
            assert_eq!(html.replace("<!>", ""), expected);
        }
    }

    #[test]
    fn failed_expectation_has_the_actual_value() {
        let observed = ObservedResponse {
            status: 409,
            headers: &[],
            body: "{}",
            rows: Some(RowChanges::default()),
        };
        let actual = |text| {
            let expectation = parsed(text);
            let verdict = expectation.evaluate(&observed);
            let html = line(&expectation, &verdict, &words()).to_html();
            html.replace("<!>", "")
        };
        let status = actual("status == 201");
        assert!(status.contains("was <code>409</code>"), "{status}");
        assert!(actual("header Location exists").contains("was missing"));
        assert!(!actual("status == 409").contains("was"));
    }
}
