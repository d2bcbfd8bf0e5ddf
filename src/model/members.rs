//! Reading the members of a JSON object, collecting everything that is wrong with them at once.

use super::json::{Json, pointer_to};
use super::problem::PartError;

/// More errors than this are not listed.
pub(super) const ERRORS_MAX: usize = 50;

/// The members of an object that are not read yet, with what is wrong so far.
pub(super) struct Members<'b> {
    rest: Vec<(&'b str, &'b Json)>,
    errors: Vec<PartError>,
}

impl<'b> Members<'b> {
    /// The members of a body.
    ///
    /// # Errors
    /// It is no object.
    pub(super) fn of(body: &'b Json) -> Result<Members<'b>, Vec<PartError>> {
        let Json::Object(members) = body else {
            return Err(vec![not_an_object(body)]);
        };
        let rest = members.iter().map(|(key, value)| (key.as_str(), value));
        Ok(Members {
            rest: rest.collect(),
            errors: Vec::new(),
        })
    }

    /// Whether a member is there and not read yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.rest.iter().any(|(key, _)| *key == name)
    }

    /// Reads a member that may be missing.
    pub(super) fn take(&mut self, name: &str) -> Option<&'b Json> {
        let at = self.rest.iter().position(|(key, _)| *key == name)?;
        Some(self.rest.remove(at).1)
    }

    /// Adds an error of a member.
    pub(super) fn error(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(PartError::at(pointer_to(name), detail));
    }

    /// Reads a member that must be there and be text.
    pub(super) fn text(&mut self, name: &str) -> Option<&'b str> {
        match self.take(name) {
            Some(value) => self.as_text(name, value),
            None => {
                self.error(name, "is required");
                None
            }
        }
    }

    /// The text of a member that has been read.
    pub(super) fn as_text(&mut self, name: &str, value: &'b Json) -> Option<&'b str> {
        match value {
            Json::String(text) => Some(text),
            other => {
                self.error(name, format!("must be text, not {}", other.kind()));
                None
            }
        }
    }

    /// Ends the reading. `value` is what was read, if nothing was wrong; `unknown` is what is said of each
    /// member that nobody has read.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn finish<T>(
        mut self,
        value: Option<T>,
        unknown: &str,
    ) -> Result<T, Vec<PartError>> {
        for (key, _) in std::mem::take(&mut self.rest).into_iter().take(ERRORS_MAX) {
            self.error(key, unknown);
        }
        self.errors.truncate(ERRORS_MAX);
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
}

/// The error of a body that should be an object.
pub(super) fn not_an_object(body: &Json) -> PartError {
    PartError::at("", format!("must be an object, not {}", body.kind()))
}
