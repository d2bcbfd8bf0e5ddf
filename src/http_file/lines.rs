//! The lines of a text, with errors that have line and column, and the syntax of header lines.

use super::SPACE;
use super::error::{ParseError, ParseErrorKind};
use super::template::parts;
use crate::model::http::{Header, is_token};

/// The lines of a text, without line ends.
pub(super) struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines: Vec<&str> = text
            .split('\n')
            .map(|line| line.trim_end_matches('\r'))
            .collect();
        if lines.last() == Some(&"") {
            lines.pop();
        }
        Self(lines)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the line with this index, from 0; an empty line beyond the end.
    pub(super) fn get(&self, at: usize) -> &'a str {
        self.0.get(at).copied().unwrap_or_default()
    }

    pub(super) fn is_blank(&self, at: usize) -> bool {
        self.get(at).trim_matches(SPACE).is_empty()
    }

    /// Returns the lines from `start` to `end` (exclusive) as one text.
    pub(super) fn join(&self, start: usize, end: usize) -> String {
        self.0
            .get(start..end)
            .map(|lines| lines.join("\n"))
            .unwrap_or_default()
    }

    /// Returns an error at `offset` bytes into the line.
    pub(super) fn error_at(&self, at: usize, offset: usize, kind: ParseErrorKind) -> ParseError {
        let before = self
            .get(at)
            .char_indices()
            .take_while(|&(byte, _)| byte < offset);
        ParseError {
            line: at + 1,
            column: before.count() + 1,
            kind,
        }
    }

    /// Returns an error at the start of `part`, which is a slice of the line.
    pub(super) fn error(&self, at: usize, part: &str, kind: ParseErrorKind) -> ParseError {
        let offset = (part.as_ptr() as usize).saturating_sub(self.get(at).as_ptr() as usize);
        self.error_at(at, offset, kind)
    }

    /// Returns an error when the line has a control character other than tab.
    pub(super) fn check_controls(&self, at: usize) -> Result<(), ParseError> {
        let control = |character: char| character.is_control() && character != '\t';
        match self.get(at).find(control) {
            Some(offset) => Err(self.error_at(at, offset, ParseErrorKind::ControlCharacter)),
            None => Ok(()),
        }
    }

    /// Returns an error when `part`, a slice of the line, has an invalid placeholder.
    pub(super) fn check_placeholders(&self, at: usize, part: &str) -> Result<(), ParseError> {
        match parts(part) {
            Ok(_) => Ok(()),
            Err((offset, kind)) => Err(self.error(at, &part[offset..], kind)),
        }
    }
}

/// Parses a header line (RFC 9112, section 5).
pub(super) fn parse_header(lines: &Lines<'_>, at: usize) -> Result<Header, ParseError> {
    lines.check_controls(at)?;
    let line = lines.get(at);
    if line.starts_with(SPACE) {
        return Err(lines.error(
            at,
            line.trim_start_matches(SPACE),
            ParseErrorKind::HeaderFolded,
        ));
    }
    let Some((name, value)) = line.split_once(':') else {
        return Err(lines.error(at, line, ParseErrorKind::HeaderWithoutColon));
    };
    if !is_token(name) {
        return Err(lines.error(at, line, ParseErrorKind::HeaderName));
    }
    Ok(Header::new(name, value.trim_matches(SPACE)))
}
