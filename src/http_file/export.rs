//! Printing of request forms as a file that other tools run: with absolute addresses and the key of the sandbox.
//! [`open`](super::open) of it returns equal drafts.

use super::print::{print_line, print_request};
use super::template::parts;
use super::{BlockLine, RequestBlock, RequestTemplate, SPACE};
use crate::model::http::{Header, RequestDraft, is_token};

/// A request form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportedRequest {
    /// The lines above the request in the file that it comes from, see [`RequestBlock::kept_lines`].
    pub lines: Vec<String>,
    /// The request in the form.
    pub draft: RequestDraft,
}

impl RequestBlock {
    /// Returns the lines above the request that mean the same above its draft, as they are printed: its title after `###`,
    /// comments and directives. Variables are not among them, because a draft has their values.
    #[must_use]
    pub fn kept_lines(&self) -> Vec<String> {
        let title = (!self.title.is_empty()).then(|| ["### ", &self.title].concat());
        let lines = self.lines.iter().filter_map(|line| match line {
            BlockLine::Blank | BlockLine::Variable { .. } => None,
            line => {
                let mut out = String::new();
                print_line(line, &mut out);
                Some(out)
            }
        });
        title.into_iter().chain(lines).collect()
    }
}

/// Prints requests as a file. Each address begins with `origin`; a request without a sandbox key of its own gets `key`.
///
/// # Errors
/// Returns the index of the first request that the format cannot represent.
pub fn export(
    requests: &[ExportedRequest],
    origin: &str,
    key: Option<&str>,
) -> Result<String, usize> {
    let mut out = String::new();
    for (index, ExportedRequest { lines, draft }) in requests.iter().enumerate() {
        if !is_representable(draft) {
            return Err(index);
        }
        if index > 0 {
            out.push('\n');
        }
        let has_title = lines.first().is_some_and(|line| line.starts_with("###"));
        if index > 0 && !has_title {
            out.push_str("###\n");
        }
        for line in lines {
            out.push_str(line);
            out.push('\n');
        }
        let mut headers = draft.headers.clone();
        if let Some(key) = key.filter(|_| draft.header("sandbox-key").is_none()) {
            headers.push(Header::new("Sandbox-Key", key));
        }
        let request = RequestTemplate {
            method: Some(draft.method.clone()),
            target: [origin, &draft.target].concat(),
            version: true,
            headers,
            body: draft.body.clone(),
            ..RequestTemplate::default()
        };
        print_request(&request, &mut out);
    }
    Ok(out)
}

/// Returns whether a draft is parsed again as it is after it was printed: the format has no escapes.
fn is_representable(draft: &RequestDraft) -> bool {
    let RequestDraft {
        method,
        target,
        headers,
        body,
    } = draft;
    let is_path = target.starts_with('/') && !target.starts_with("//");
    let is_target = (is_path || target.starts_with("{{")) && is_value(target);
    let is_header = |header: &Header| is_token(&header.name) && is_value(&header.value);
    let media_type = draft.header("content-type").unwrap_or_default();
    is_token(method)
        && is_target
        && !target.contains('\t')
        && headers.iter().all(is_header)
        && !media_type.to_ascii_lowercase().starts_with("multipart/")
        && is_body(body)
}

/// Returns whether a text can be in the head of a request: without control characters, white space around it, and
/// placeholders that are none.
fn is_value(text: &str) -> bool {
    let is_control = |character: char| character.is_control() && character != '\t';
    !text.contains(is_control) && text.trim_matches(SPACE) == text && parts(text).is_ok()
}

/// Returns whether no line of a body means something else in a file.
fn is_body(body: &str) -> bool {
    let has_meaning = |line: &str| {
        let starts = ["###", "> {%", "< {%"];
        starts.iter().any(|start| line.starts_with(start)) || line.ends_with('\r')
    };
    let is_blank = |line: &str| line.trim_matches(SPACE).is_empty();
    body.is_empty()
        || !body.split('\n').any(has_meaning)
            && !body.split('\n').all(is_blank)
            && !body.starts_with("< ")
            && !body.starts_with("<@")
            && parts(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::open;
    use super::*;

    const SITE: &str = "https://h:8443";

    fn draft(method: &str, target: &str, body: &str) -> RequestDraft {
        RequestDraft {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![Header::new("Accept", "text/csv")],
            body: body.to_owned(),
        }
    }

    #[test]
    fn exported_requests_have_their_lines_addresses_and_the_key() {
        let text = "### Log in\n# @name login\n# A comment\n@role = admin\n\n# @expect 2 status == 409\n\
                    POST /api/session?as={{role}}\n\n{}\n\n###\n# @prompt id\nGET /api/users/{{id}}\nSandbox-Key: own\n";
        let requests = open(text, &[]).unwrap_or_else(|error| panic!("{error:?}"));
        let requests: Vec<_> = requests
            .iter()
            .map(|request| ExportedRequest {
                lines: request.block.kept_lines(),
                draft: request.draft.clone(),
            })
            .collect();
        assert_eq!(
            export(&requests, SITE, Some("k")).as_deref(),
            Ok(
                "### Log in\n# @name login\n# A comment\n# @expect 2 status == 409\n\
                POST https://h:8443/api/session?as=admin HTTP/1.1\nSandbox-Key: k\n\n{}\n\n###\n# @prompt id\n\
                GET https://h:8443/api/users/{{id}} HTTP/1.1\nSandbox-Key: own\n"
            )
        );
    }

    #[test]
    fn request_that_the_format_cannot_represent_is_named() {
        let fine = ExportedRequest {
            draft: draft("POST", "/api/users", "a\n\n# b\n"),
            ..ExportedRequest::default()
        };
        assert!(export(std::slice::from_ref(&fine), SITE, None).is_ok());
        for draft in [
            draft("", "/a", ""),
            draft("GET", "", ""),
            draft("GET", "//a", ""),
            draft("GET", "https://h/a", ""),
            draft("GET", "/a ", ""),
            draft("GET", "/{{a b}}", ""),
            draft("POST", "/a", "a\n### b"),
            draft("POST", "/a", "> {% x %}"),
            draft("POST", "/a", "< file"),
            draft("POST", "/a", " \n"),
            draft("POST", "/a", "{{a\n}}"),
        ] {
            let wrong = ExportedRequest {
                draft: draft.clone(),
                ..ExportedRequest::default()
            };
            let requests = [fine.clone(), wrong];
            assert_eq!(export(&requests, SITE, None), Err(1), "{draft:?}");
        }
    }
}
