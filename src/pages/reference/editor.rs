//! The content of the text area for a `.http` file: its text with its requests or its error.

use crate::http_file::{self, PlaceholderSource, ResolveError};
use crate::model::http::{RequestDraft, query_parameters};

/// The maximum number of header lines and query parameters in all requests of a file together, because each
/// becomes a row of a form.
const FIELDS_MAX: usize = 1000;

/// The text of a `.http` file with its requests or its error.
#[derive(Clone, Debug, Default)]
pub(super) struct EditorContent {
    /// The text as it was submitted.
    pub(super) text: String,
    /// The requests of the file in order; empty when the file has an error.
    pub(super) drafts: Vec<RequestDraft>,
    /// The error in the text, if any.
    pub(super) error: Option<EditorError>,
}

/// The reason why a `.http` file has no request forms.
#[derive(Clone, Debug)]
pub(super) enum EditorError {
    /// The file violates the syntax.
    Syntax(http_file::ParseError),
    /// The file contains placeholders without a value, listed as they are written.
    Unknown(Vec<String>),
    /// With its values the text is longer than [`http_file::OUTPUT_MAX`].
    TooLarge,
    /// The requests have more header lines and query parameters in total than this limit.
    TooManyFields(usize),
}

/// Parses a text. Absolute addresses of this site, as downloaded files contain them, are reduced to their
/// paths.
pub(super) fn parse(text: String, origin: &str) -> EditorContent {
    let relative = text.replace(&format!(" {origin}/"), " /");
    let (drafts, error) = match http_file::parse(&relative) {
        Ok(file) => match drafts(&file) {
            Ok(drafts) => (drafts, None),
            Err(error) => (Vec::new(), Some(error)),
        },
        Err(error) => (Vec::new(), Some(EditorError::Syntax(error))),
    };
    EditorContent {
        text,
        drafts,
        error,
    }
}

/// Returns a draft for every request of a file.
fn drafts(file: &http_file::HttpFile) -> Result<Vec<RequestDraft>, EditorError> {
    let drafts = file.drafts(&|_: &PlaceholderSource| None);
    let drafts = drafts.map_err(|unresolved| match unresolved {
        ResolveError::Unknown(missing) => {
            let names = missing.iter().map(|name| format!("{{{{{name}}}}}"));
            EditorError::Unknown(names.collect())
        }
        ResolveError::TooLarge => EditorError::TooLarge,
    })?;
    let fields = drafts
        .iter()
        .map(|draft| draft.headers.len() + query_parameters(&draft.target).len());
    match fields.sum::<usize>() <= FIELDS_MAX {
        true => Ok(drafts),
        false => Err(EditorError::TooManyFields(FIELDS_MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://h";

    #[test]
    fn file_with_several_requests_returns_a_draft_for_each() {
        let text = "@id = 2\nGET https://h/api/users/{{id}} HTTP/1.1\nA: https://h/x\n\n### next\nPOST /api/users\n\n{}\n";
        let content = parse(text.to_owned(), ORIGIN);
        assert!(content.error.is_none(), "{:?}", content.error);
        let targets: Vec<&str> = content
            .drafts
            .iter()
            .map(|draft| draft.target.as_str())
            .collect();
        assert_eq!(targets, ["/api/users/2", "/api/users"]);
        assert_eq!(content.drafts[1].body, "{}");
        assert_eq!(content.text, text);
    }

    #[test]
    fn invalid_file_returns_an_error_with_its_position() {
        let error = parse("GET /api/users\nbroken".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(EditorError::Syntax(error)) if error.line == 2));
        let error = parse("GET https://evil.test/x".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(EditorError::Syntax(error)) if error.column == 5));
        let error = parse("GET /api/users/{{id}}?a={{id}}".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(EditorError::Unknown(names)) if names == ["{{id}}"]));
    }

    #[test]
    fn file_over_a_limit_has_no_drafts_and_an_error_that_names_the_limit() {
        let error = |text: String| {
            let content = parse(text, ORIGIN);
            assert_eq!(content.drafts.is_empty(), content.error.is_some());
            content.error
        };
        assert!(error("/a\n###\n".repeat(100)).is_none());
        let blocks = error("/a\n###\n".repeat(101));
        assert!(
            matches!(&blocks, Some(EditorError::Syntax(error)) if error.line == 201
                && error.kind == http_file::ParseErrorKind::TooManyBlocks(100)),
            "{blocks:?}"
        );
        let value = "v".repeat(10_000);
        let values = format!("@a = {value}\nGET /api/{}", "{{a}}".repeat(60));
        assert!(matches!(error(values), Some(EditorError::TooLarge)));
        let headers = format!("GET /api/users\n{}", "A: b\n".repeat(1001));
        let query = format!("GET /api/users?{}", "a=b&".repeat(1001));
        for text in [headers, query] {
            let error = error(text);
            assert!(matches!(error, Some(EditorError::TooManyFields(1000))));
        }
    }
}
