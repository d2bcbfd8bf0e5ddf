//! The content of the text area for a `.http` file: its text with its requests or its error.

use crate::http_file::{self, OpenError, OpenedRequest, ResolveError};
use crate::model::http::query_parameters;

/// The maximum number of header lines and query parameters in all requests of a file together, because each
/// becomes a row of a form.
const FIELDS_MAX: usize = 1000;

/// The text of a `.http` file with its requests or its error.
#[derive(Clone, Debug, Default)]
pub(super) struct EditorContent {
    /// The text as it was submitted.
    pub(super) text: String,
    /// The requests of the file in order; empty when the file has an error.
    pub(super) requests: Vec<OpenedRequest>,
    /// The error in the text, if any.
    pub(super) error: Option<EditorError>,
}

/// The reason why a `.http` file has no request forms.
#[derive(Clone, Debug)]
pub(super) enum EditorError {
    /// The file violates the syntax, or a request is for another site.
    Syntax(http_file::ParseError),
    /// The file contains placeholders that never get a value, listed as they are written.
    Unknown(Vec<String>),
    /// With its values the text is longer than [`http_file::OUTPUT_MAX`].
    TooLarge,
    /// The requests have more header lines and query parameters in total than this limit.
    TooManyFields(usize),
}

/// Parses a text. Addresses that begin with one of these origins of this site, as downloaded files contain them, are reduced
/// to their paths. `key` is the sandbox key of the visitor, which downloads contain too: the browser sends it anyway, so the
/// forms do not show it.
pub(super) fn parse(text: String, origins: &[&str], key: Option<&str>) -> EditorContent {
    match open(&text, origins, key) {
        Ok(requests) => EditorContent {
            text,
            requests,
            error: None,
        },
        Err(error) => EditorContent {
            text,
            requests: Vec::new(),
            error: Some(error),
        },
    }
}

/// Returns the requests of a file for their forms.
fn open(
    text: &str,
    origins: &[&str],
    key: Option<&str>,
) -> Result<Vec<OpenedRequest>, EditorError> {
    let requests = http_file::open(text, origins);
    let mut requests = requests.map_err(|error| match error {
        OpenError::Syntax(error) => EditorError::Syntax(error),
        OpenError::Unresolved(unknown @ ResolveError::Unknown(_)) => {
            let names = unknown.names().into_iter();
            EditorError::Unknown(names.map(|name| format!("{{{{{name}}}}}")).collect())
        }
        OpenError::Unresolved(ResolveError::TooLarge) => EditorError::TooLarge,
    })?;
    for request in &mut requests {
        let is_own_key = |value: &str| key.is_some_and(|key| key == value);
        request.draft.headers.retain(|header| {
            !(header.name.eq_ignore_ascii_case("sandbox-key") && is_own_key(&header.value))
        });
    }
    let fields = requests
        .iter()
        .map(|request| request.draft.headers.len() + query_parameters(&request.draft.target).len());
    match fields.sum::<usize>() <= FIELDS_MAX {
        true => Ok(requests),
        false => Err(EditorError::TooManyFields(FIELDS_MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://h";

    fn parse(text: String) -> EditorContent {
        super::parse(text, &[ORIGIN], Some("own-key"))
    }

    #[test]
    fn file_with_several_requests_returns_a_draft_for_each() {
        let text = "@id = 2\nGET https://h/api/users/{{id}} HTTP/1.1\nA: https://h/x\n\n### next\nPOST /api/users\n\n{}\n";
        let content = parse(text.to_owned());
        assert!(content.error.is_none(), "{:?}", content.error);
        let targets: Vec<&str> = content
            .requests
            .iter()
            .map(|request| request.draft.target.as_str())
            .collect();
        assert_eq!(targets, ["/api/users/2", "/api/users"]);
        assert_eq!(content.requests[1].draft.body, "{}");
        assert_eq!(content.text, text);
    }

    #[test]
    fn own_sandbox_key_is_not_shown_and_another_one_is() {
        let text = "GET /api/users\nsandbox-key: own-key\n\n###\n/api/users\nSandbox-Key: other\n";
        let requests = parse(text.to_owned()).requests;
        let headers: Vec<_> = requests
            .iter()
            .map(|request| &request.draft.headers)
            .collect();
        assert_eq!((headers[0].len(), headers[1].len()), (0, 1));
    }

    #[test]
    fn invalid_file_returns_an_error_with_its_position() {
        let error = parse("GET /api/users\nbroken".to_owned()).error;
        assert!(matches!(error, Some(EditorError::Syntax(error)) if error.line == 2));
        let error = parse("GET https://evil.test/x".to_owned()).error;
        assert!(matches!(error, Some(EditorError::Syntax(error)) if error.column == 5));
        let error = parse("GET /api/users/{{id}}?a={{id}}".to_owned()).error;
        assert!(matches!(error, Some(EditorError::Unknown(names)) if names == ["{{id}}"]));
    }

    #[test]
    fn file_over_a_limit_has_no_drafts_and_an_error_that_names_the_limit() {
        let error = |text: String| {
            let content = parse(text);
            assert_eq!(content.requests.is_empty(), content.error.is_some());
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
