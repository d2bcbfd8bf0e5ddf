//! `POST /{lang}/playground`: shows a request form for each request of a `.http` file. This handler does
//! not send the requests.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use bytes::Bytes;

use crate::http_file::{self, PlaceholderKind, ResolveError};
use crate::model::http::{RequestDraft, query_parameters};
use crate::pages::PageRequest;
use crate::pages::reference::{self, EditorContent, EditorError};
use crate::state::AppState;

/// The most header lines and query parameters that the requests of a file may have in all, because
/// each becomes a row of a form.
const FIELDS_MAX: usize = 1000;

/// Handles `POST /{lang}/playground`; the form field `http` contains the text of the file.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    reader: PageRequest,
    body: Bytes,
) -> Response {
    let text = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "http")
        .map(|(_, text)| text.replace("\r\n", "\n"));
    let written = read(text.unwrap_or_default(), &state.config.origin());
    let mut response = reference::written(&state, reader, written).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Parses a text. Absolute addresses of this site, as downloaded files contain them, are reduced to their
/// paths.
fn read(text: String, origin: &str) -> EditorContent {
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
    let drafts = file.drafts(&|_: &PlaceholderKind| None);
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
    use crate::pages::reference::submit::*;

    const ORIGIN: &str = "https://h";

    #[test]
    fn file_with_several_requests_returns_a_draft_for_each() {
        let text = "@id = 2\nGET https://h/api/users/{{id}} HTTP/1.1\nA: https://h/x\n\n### next\nPOST /api/users\n\n{}\n";
        let written = read(text.to_owned(), ORIGIN);
        assert!(written.error.is_none(), "{:?}", written.error);
        let targets: Vec<&str> = written
            .drafts
            .iter()
            .map(|draft| draft.target.as_str())
            .collect();
        assert_eq!(targets, ["/api/users/2", "/api/users"]);
        assert_eq!(written.drafts[1].body, "{}");
        assert_eq!(written.text, text);
    }

    #[test]
    fn invalid_file_returns_an_error_with_its_position() {
        let error = read("GET /api/users\nbroken".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(EditorError::Syntax(error)) if error.line == 2));
        let error = read("GET https://evil.test/x".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(EditorError::Syntax(error)) if error.column == 5));
        let error = read("GET /api/users/{{id}}?a={{id}}".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(EditorError::Unknown(names)) if names == ["{{id}}"]));
    }

    #[test]
    fn file_over_a_limit_has_no_drafts_and_an_error_that_names_the_limit() {
        let error = |text: String| {
            let written = read(text, ORIGIN);
            assert_eq!(written.drafts.is_empty(), written.error.is_some());
            written.error
        };
        assert!(error("/a\n###\n".repeat(100)).is_none());
        let blocks = error("/a\n###\n".repeat(101));
        assert!(
            matches!(&blocks, Some(EditorError::Syntax(error)) if error.line == 201
                && error.problem == http_file::ParseErrorKind::TooManyBlocks(100)),
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
