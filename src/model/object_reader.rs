//! Reading of the members of a JSON object with all errors collected at once.

use super::json::{Json, pointer_to};
use super::problem::PartError;

/// The maximum number of errors that are listed.
pub(super) const ERRORS_MAX: usize = 50;

/// A reader of the members of a JSON object. It has the members that are not read yet, and the errors so far.
pub(super) struct ObjectReader<'b> {
    rest: Vec<(&'b str, &'b Json)>,
    errors: Vec<PartError>,
}

impl<'b> ObjectReader<'b> {
    /// Returns a reader of the members of a body.
    ///
    /// # Errors
    /// Returns an error when the body is not an object.
    pub(super) fn new(body: &'b Json) -> Result<ObjectReader<'b>, Vec<PartError>> {
        let Json::Object(members) = body else {
            return Err(vec![not_an_object(body)]);
        };
        let rest = members.iter().map(|(key, value)| (key.as_str(), value));
        Ok(ObjectReader {
            rest: rest.collect(),
            errors: Vec::new(),
        })
    }

    /// Returns whether the object has a member that is not read yet.
    pub(super) fn has_member(&self, name: &str) -> bool {
        self.rest.iter().any(|(key, _)| *key == name)
    }

    /// Reads an optional member.
    pub(super) fn take(&mut self, name: &str) -> Option<&'b Json> {
        let at = self.rest.iter().position(|(key, _)| *key == name)?;
        Some(self.rest.remove(at).1)
    }

    /// Adds an error for a member.
    pub(super) fn add_error(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(PartError::at(pointer_to(name), detail));
    }

    /// Reads a required member that must be text.
    pub(super) fn required_text(&mut self, name: &str) -> Option<&'b str> {
        match self.take(name) {
            Some(value) => self.text_of(name, value),
            None => {
                self.add_error(name, "is required");
                None
            }
        }
    }

    /// Returns the text of a member, or adds an error when its value is not text.
    pub(super) fn text_of(&mut self, name: &str, value: &'b Json) -> Option<&'b str> {
        match value {
            Json::String(text) => Some(text),
            other => {
                self.add_error(name, format!("must be text, not {}", other.kind()));
                None
            }
        }
    }

    /// Returns `value` when there are no errors. Adds an error with the message `unknown` for each
    /// member that was not read.
    ///
    /// # Errors
    /// Returns all errors.
    pub(super) fn finish<T>(
        mut self,
        value: Option<T>,
        unknown: &str,
    ) -> Result<T, Vec<PartError>> {
        for (key, _) in std::mem::take(&mut self.rest).into_iter().take(ERRORS_MAX) {
            self.add_error(key, unknown);
        }
        self.errors.truncate(ERRORS_MAX);
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

/// Returns the error for a body that is not an object.
pub(super) fn not_an_object(body: &Json) -> PartError {
    PartError::at("", format!("must be an object, not {}", body.kind()))
}
