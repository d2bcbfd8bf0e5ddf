//! The variables of a file, and the replacement of placeholders within the output limit.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::http_file::template::{PlaceholderSource, TemplatePart, parts};
use crate::http_file::{BlockLine, RequestTemplate};
use crate::model::http::{Header, RequestDraft, is_json_type};
use crate::model::json::write_escaped;

/// The maximum number of bytes that resolving one file or one draft may write, variables and requests
/// together. Without this limit, variables that repeat other variables would fill the memory.
pub const OUTPUT_MAX: usize = 512 * 1024;

/// The maximum number of references that an error lists.
pub(in crate::http_file) const MISSING_MAX: usize = 20;

/// The reason why placeholders could not be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolveError {
    /// These references have no value: each once, in order, the first 20 of them.
    Unknown(Vec<PlaceholderSource>),
    /// The result would be longer than [`OUTPUT_MAX`].
    TooLarge,
}

impl ResolveError {
    /// Returns the text between the braces of each reference without a value.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            ResolveError::Unknown(references) => {
                references.iter().map(ToString::to_string).collect()
            }
            ResolveError::TooLarge => Vec::new(),
        }
    }
}

/// The variables of a file, and the state of replacing placeholders.
pub(in crate::http_file) struct VariableScope<'a> {
    /// The value of each variable, or the numbers of the references without a value that it has; a
    /// later definition replaces an earlier one.
    variables: HashMap<&'a str, Result<String, Vec<usize>>>,
    lookup: &'a dyn Fn(&PlaceholderSource) -> Option<String>,
    /// Whether placeholders without a value stay in the text.
    pub(in crate::http_file) keeps_placeholders_without_value: bool,
    unknown: UnknownReferences,
    pub(super) budget: OutputBudget,
}

/// The references without a value, each with a number, because lists of numbers are cheap to copy from
/// variable to variable.
#[derive(Default)]
struct UnknownReferences {
    references: Vec<PlaceholderSource>,
    numbers: HashMap<String, usize>,
}

impl UnknownReferences {
    fn number(&mut self, reference: PlaceholderSource) -> usize {
        let next = self.references.len();
        let number = *self.numbers.entry(reference.to_string()).or_insert(next);
        if number == next {
            self.references.push(reference);
        }
        number
    }
}

/// The number of bytes that may still be written.
pub(in crate::http_file) struct OutputBudget {
    remaining: usize,
    exceeded: bool,
    /// The number of steps: one for each part of a text and one for each byte written.
    pub(super) steps: usize,
}

impl OutputBudget {
    /// Takes bytes from the budget and returns whether it sufficed; after the first failure, every
    /// further call fails.
    fn take(&mut self, bytes: usize) -> bool {
        self.steps += 1;
        match self.remaining.checked_sub(bytes) {
            Some(remaining) if !self.exceeded => {
                self.remaining = remaining;
                self.steps += bytes;
                true
            }
            _ => {
                self.exceeded = true;
                false
            }
        }
    }
}

impl<'a> VariableScope<'a> {
    pub(in crate::http_file) fn new(
        lookup: &'a dyn Fn(&PlaceholderSource) -> Option<String>,
    ) -> VariableScope<'a> {
        VariableScope {
            variables: HashMap::new(),
            lookup,
            keeps_placeholders_without_value: false,
            unknown: UnknownReferences::default(),
            budget: OutputBudget {
                remaining: OUTPUT_MAX,
                exceeded: false,
                steps: 0,
            },
        }
    }

    /// Adds the variables of a block to the scope.
    pub(in crate::http_file) fn define(&mut self, lines: &'a [BlockLine]) {
        for line in lines {
            if let BlockLine::Variable { name, value } = line {
                let mut missing = Vec::new();
                let value = self.fill(value, &mut missing);
                let value = match missing.is_empty() {
                    true => Ok(value),
                    false => Err(missing),
                };
                self.variables.insert(name, value);
            }
        }
    }

    pub(in crate::http_file) fn request(
        &mut self,
        request: &RequestTemplate,
        missing: &mut Vec<usize>,
    ) -> RequestDraft {
        RequestDraft {
            method: request.method().to_owned(),
            target: self.fill(&request.target(), missing),
            headers: self.headers(&request.headers, missing),
            body: self.fill(&request.body, missing),
        }
    }

    /// Returns a draft with the placeholders replaced.
    pub(super) fn draft(&mut self, draft: &RequestDraft, missing: &mut Vec<usize>) -> RequestDraft {
        let filled = self.draft_without_body(draft, missing);
        RequestDraft {
            body: self.fill(&draft.body, missing),
            ..filled
        }
    }

    /// Returns a draft with the placeholders replaced. Values in the strings of a JSON body are escaped.
    pub(super) fn draft_to_send(
        &mut self,
        draft: &RequestDraft,
        missing: &mut Vec<usize>,
    ) -> RequestDraft {
        let filled = self.draft_without_body(draft, missing);
        let is_json = draft.header("content-type").is_some_and(is_json_type);
        RequestDraft {
            body: self.fill_as(&draft.body, missing, is_json),
            ..filled
        }
    }

    fn draft_without_body(
        &mut self,
        draft: &RequestDraft,
        missing: &mut Vec<usize>,
    ) -> RequestDraft {
        RequestDraft {
            method: draft.method.clone(),
            target: self.fill(&draft.target, missing),
            headers: self.headers(&draft.headers, missing),
            body: String::new(),
        }
    }

    fn headers(&mut self, headers: &[Header], missing: &mut Vec<usize>) -> Vec<Header> {
        let headers = headers.iter();
        let headers = headers
            .map(|header| Header::new(header.name.as_str(), self.fill(&header.value, missing)));
        headers.collect()
    }

    /// Replaces placeholders; adds the numbers of references without a value to `missing`.
    pub(super) fn fill(&mut self, text: &str, missing: &mut Vec<usize>) -> String {
        self.fill_as(text, missing, false)
    }

    /// Does the same; in JSON values inside strings are escaped.
    fn fill_as(&mut self, text: &str, missing: &mut Vec<usize>, is_json: bool) -> String {
        let mut string = JsonStringScan::default();
        // A file that was not built by the parser may have an invalid placeholder; it stays as it is.
        let parts = parts(text).unwrap_or_else(|_| vec![TemplatePart::Text(text)]);
        let mut out = String::new();
        for part in parts {
            let (placeholder, written) = match part {
                TemplatePart::Text(text) => {
                    string.read(text);
                    if self.budget.take(text.len()) {
                        out.push_str(text);
                    }
                    continue;
                }
                TemplatePart::Placeholder(placeholder, written) => (placeholder, written),
            };
            let own = match &placeholder.reference {
                PlaceholderSource::Variable(name) => self.variables.get(name.as_str()),
                _ => None,
            };
            let is_variable = own.is_some();
            let value = match own {
                Some(Ok(text)) => Some(Cow::Borrowed(text.as_str())),
                Some(Err(numbers)) if !self.keeps_placeholders_without_value => {
                    self.budget.take(0);
                    numbers
                        .iter()
                        .for_each(|&number| add_missing(missing, number));
                    continue;
                }
                Some(Err(_)) => None,
                None if self.budget.exceeded => None,
                None => (self.lookup)(&placeholder.reference).map(Cow::Owned),
            };
            match value {
                Some(value) if placeholder.encoded => {
                    // Each byte becomes at most three.
                    if self.budget.take(value.len() * 3) {
                        match self.keeps_placeholders_without_value && is_variable {
                            true => percent_encode_around_placeholders(&value, &mut out),
                            false => percent_encode(&value, &mut out),
                        }
                    }
                }
                Some(value) => {
                    let mut escaped = String::new();
                    let value = match is_json && string.is_inside {
                        true => {
                            write_escaped(&value, &mut escaped);
                            &escaped
                        }
                        false => &*value,
                    };
                    if self.budget.take(value.len()) {
                        out.push_str(value);
                    }
                }
                None if self.keeps_placeholders_without_value => {
                    if self.budget.take(written.len()) {
                        out.push_str(written);
                    }
                }
                None => {
                    self.budget.take(0);
                    add_missing(missing, self.unknown.number(placeholder.reference));
                }
            }
        }
        out
    }

    /// Returns the result, or an error when the budget is exceeded or references are missing.
    pub(in crate::http_file) fn finish<T>(
        self,
        filled: T,
        missing: &[usize],
    ) -> Result<T, ResolveError> {
        if self.budget.exceeded {
            return Err(ResolveError::TooLarge);
        }
        if missing.is_empty() {
            return Ok(filled);
        }
        let references = &self.unknown.references;
        let list = missing.iter().map(|&number| references[number].clone());
        Err(ResolveError::Unknown(list.collect()))
    }
}

/// Whether the end of a text is inside a JSON string.
#[derive(Default)]
struct JsonStringScan {
    is_inside: bool,
    is_escaped: bool,
}

impl JsonStringScan {
    fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = self.is_inside,
                b'"' => self.is_inside = !self.is_inside,
                _ => {}
            }
        }
    }
}

fn add_missing(missing: &mut Vec<usize>, number: usize) {
    if missing.len() < MISSING_MAX && !missing.contains(&number) {
        missing.push(number);
    }
}

/// Percent-encodes a value except its placeholders, whose own values are to be encoded instead.
fn percent_encode_around_placeholders(value: &str, out: &mut String) {
    for part in parts(value).unwrap_or_else(|_| vec![TemplatePart::Text(value)]) {
        match part {
            TemplatePart::Text(text) => percent_encode(text, out),
            TemplatePart::Placeholder(placeholder, _) => {
                for part in ["{{%", &placeholder.reference.to_string(), "}}"] {
                    out.push_str(part);
                }
            }
        }
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
fn percent_encode(text: &str, out: &mut String) {
    const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    out.extend(percent_encoding::utf8_percent_encode(text, RESERVED));
}
