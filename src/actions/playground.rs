//! `POST /{lang}/playground`: a whole `.http` file becomes forms to send its requests with. Nothing is
//! sent here.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use bytes::Bytes;

use crate::http_file::{self, Reference};
use crate::model::http::RequestDraft;
use crate::pages::Reader;
use crate::pages::reference::{self, Written, WrittenError};
use crate::state::AppState;

/// The field `http` has the text.
pub(super) async fn submit(State(state): State<AppState>, reader: Reader, body: Bytes) -> Response {
    let text = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "http")
        .map(|(_, text)| text.replace("\r\n", "\n"));
    let written = read(text.unwrap_or_default(), &state.config.origin());
    let mut response = reference::written(&state, reader, written).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Reads a text; where it has the whole address of this site, as files to be kept have, only the
/// path counts.
fn read(text: String, origin: &str) -> Written {
    let relative = text.replace(&format!(" {origin}/"), " /");
    let (drafts, error) = match http_file::parse(&relative) {
        Ok(file) => match drafts(&file) {
            Ok(drafts) => (drafts, None),
            Err(unknown) => (Vec::new(), Some(WrittenError::Unknown(unknown))),
        },
        Err(error) => (Vec::new(), Some(WrittenError::Syntax(error))),
    };
    Written {
        text,
        drafts,
        error,
    }
}

/// Every request of a file; the error has what it needs and does not say, each once.
fn drafts(file: &http_file::File) -> Result<Vec<RequestDraft>, Vec<String>> {
    let mut drafts = Vec::new();
    let mut unknown = Vec::new();
    for index in 0..file.blocks.len() {
        match file.resolve(index, &|_: &Reference| None) {
            Ok(draft) => drafts.push(draft),
            Err(missing) => {
                for name in missing
                    .iter()
                    .map(|reference| format!("{{{{{reference}}}}}"))
                {
                    if !unknown.contains(&name) {
                        unknown.push(name);
                    }
                }
            }
        }
    }
    match unknown.is_empty() {
        true => Ok(drafts),
        false => Err(unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://h";

    #[test]
    fn every_request_becomes_a_draft() {
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
    fn what_is_wrong_is_told_with_its_place() {
        let error = read("GET /api/users\nbroken".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(WrittenError::Syntax(error)) if error.line == 2));
        let error = read("GET https://evil.test/x".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(WrittenError::Syntax(error)) if error.column == 5));
        let error = read("GET /api/users/{{id}}?a={{id}}".to_owned(), ORIGIN).error;
        assert!(matches!(error, Some(WrittenError::Unknown(names)) if names == ["{{id}}"]));
    }
}
