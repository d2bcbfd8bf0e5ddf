//! Opening of a whole file: each request with its lines, as a form of a page shows it.
//!
//! Variables have their values. What only sending can know stays a placeholder: prompts, parts of earlier responses and
//! system variables. An absolute address of this site becomes its path.

use super::parse::{parse_for_site, target_of_site};
use super::resolve::{MISSING_MAX, ResolveError, VariableScope};
use super::template::{PlaceholderSource, TemplatePart, parts};
use super::{ParseError, RequestBlock};
use crate::model::http::RequestDraft;

/// A request of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRequest {
    /// The request for a form.
    pub draft: RequestDraft,
    /// The request as it is written, with the lines above it.
    pub block: RequestBlock,
}

/// The reason why a file cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The text violates the syntax, or a request is for another site.
    Syntax(ParseError),
    /// Placeholders have no value and never will, or the requests are too large.
    Unresolved(ResolveError),
}

/// Returns the requests of a file. `origins` are those of this site, with which the addresses of requests may begin, also
/// through a variable as in `{{host}}/api/users`.
///
/// # Errors
/// Returns an [`OpenError`].
pub fn open(text: &str, origins: &[&str]) -> Result<Vec<OpenedRequest>, OpenError> {
    let (file, other_site) = parse_for_site(text, origins).map_err(OpenError::Syntax)?;
    let mut scope = VariableScope::new(&|_| None);
    scope.keeps_placeholders_without_value = true;
    let mut unknown = Vec::new();
    let mut drafts = Vec::with_capacity(file.blocks.len());
    for (at, (block, other_site)) in file.blocks.iter().zip(other_site).enumerate() {
        scope.define(&block.lines);
        let mut draft = scope.request(&block.request, &mut Vec::new());
        match target_of_site(&draft.target, origins) {
            Some(target) => draft.target = target.to_owned(),
            None => return Err(OpenError::Syntax(other_site)),
        }
        add_unknown(&draft, block, &file.blocks[..at], &mut unknown);
        drafts.push(draft);
    }
    let drafts = scope.finish(drafts, &[]).map_err(OpenError::Unresolved)?;
    if !unknown.is_empty() {
        return Err(OpenError::Unresolved(ResolveError::Unknown(unknown)));
    }
    let requests = drafts.into_iter().zip(file.blocks);
    Ok(requests
        .map(|(draft, block)| OpenedRequest { draft, block })
        .collect())
}

/// Adds the references of a draft that have no value when it is sent: neither a prompt of its block nor a request above
/// provides it.
fn add_unknown(
    draft: &RequestDraft,
    block: &RequestBlock,
    above: &[RequestBlock],
    unknown: &mut Vec<PlaceholderSource>,
) {
    let values = draft.headers.iter().map(|header| header.value.as_str());
    let texts = [draft.target.as_str(), draft.body.as_str()]
        .into_iter()
        .chain(values);
    for part in texts.flat_map(|text| parts(text).unwrap_or_default()) {
        let TemplatePart::Placeholder(placeholder, _) = part else {
            continue;
        };
        let reference = placeholder.reference;
        let is_known = match &reference {
            PlaceholderSource::Variable(name) => {
                block.prompts().any(|(prompt, _)| prompt == name.as_str())
            }
            PlaceholderSource::Response { name, .. } => {
                above.iter().any(|block| block.name() == Some(name))
            }
            PlaceholderSource::System(_) => true,
        };
        if !is_known && unknown.len() < MISSING_MAX && !unknown.contains(&reference) {
            unknown.push(reference);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ParseErrorKind;
    use super::*;

    const SITE: &[&str] = &["https://h:8443", "http://localhost:3000"];

    fn drafts(text: &str) -> Vec<RequestDraft> {
        let requests = open(text, SITE).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        requests.into_iter().map(|request| request.draft).collect()
    }

    #[test]
    fn absolute_addresses_of_the_site_become_paths_and_nothing_else_changes() {
        fn check(text: &str, target: &str) {
            assert_eq!(drafts(text)[0].target, target, "{text}");
        }
        check("GET /api/users", "/api/users");
        check(
            "GET https://h:8443/api/users?a=1 HTTP/1.1",
            "/api/users?a=1",
        );
        check("HTTPS://H:8443/api/users", "/api/users");
        check("GET http://localhost:3000/api", "/api");
        check(
            "@host = https://h:8443\nGET {{host}}/api/users",
            "/api/users",
        );
        check(
            "@scheme = https\n@host = {{scheme}}://h:8443\n{{host}}/api",
            "/api",
        );
        let made = "# @name made\n/a\n###\nGET https://h:8443{{made.response.headers.Location}}";
        assert_eq!(drafts(made)[1].target, "{{made.response.headers.Location}}");
        let text =
            "POST https://h:8443/api/users\nX: https://h:8443/x\n\nGET https://h:8443/api/users";
        let draft = &drafts(text)[0];
        assert_eq!(draft.headers[0].value, "https://h:8443/x");
        assert_eq!(draft.body, "GET https://h:8443/api/users");
    }

    #[test]
    fn another_site_is_an_error_at_its_target() {
        fn check(text: &str, line: usize, column: usize) {
            let Err(OpenError::Syntax(error)) = open(text, SITE) else {
                panic!("{text} is opened");
            };
            assert_eq!((error.line, error.column), (line, column), "{text}");
            assert_eq!(error.kind, ParseErrorKind::AbsoluteTarget, "{text}");
        }
        check("GET https://h/api", 1, 5);
        check("GET https://h:8443.evil.test/api", 1, 5);
        check("GET //h:8443/api", 1, 5);
        check("@host = https://evil.test\n\nGET  {{host}}/api", 3, 6);
        check("@host = //evil.test\n{{host}}/api", 2, 1);
        check("@host = https://evil.test\n/a\n###\nGET {{host}}/api", 4, 5);
    }

    #[test]
    fn placeholders_with_a_value_when_sent_stay() {
        let text = "@who = ada\n# @name login\nPOST /api/tokens\n\n{\"name\":\"{{who}}\"}\n###\n\
                    @token = {{login.response.body.$.access_token}}\n# @prompt email Your e-mail\n\
                    GET /api/me?q={{%email}}&t={{%token}}\nAuthorization: Bearer {{token}}\n\n{{$guid}} {{$timestamp}}";
        let drafts = drafts(text);
        assert_eq!(drafts[0].body, "{\"name\":\"ada\"}");
        assert_eq!(
            drafts[1].target,
            "/api/me?q={{%email}}&t={{%login.response.body.$.access_token}}"
        );
        assert_eq!(
            drafts[1].headers[0].value,
            "Bearer {{login.response.body.$.access_token}}"
        );
        assert_eq!(drafts[1].body, "{{$guid}} {{$timestamp}}");
    }

    #[test]
    fn placeholders_that_never_get_a_value_are_listed_once() {
        fn check(text: &str, expected: &[&str]) {
            let Err(OpenError::Unresolved(error)) = open(text, SITE) else {
                panic!("{text} is opened");
            };
            assert_eq!(error.names(), expected, "{text}");
        }
        check("GET /api/{{a}}?b={{%a}}\nX: {{c}}\n\n{{a}}", &["a", "c"]);
        // A prompt is a field of its own form only.
        check("# @prompt a\n/{{a}}\n###\n/{{a}}", &["a"]);
        // A response comes from a request above.
        check("# @name b\n/{{b.response.body.$}}", &["b.response.body.$"]);
        check(
            "/{{b.response.body.$}}\n###\n# @name b\n/b",
            &["b.response.body.$"],
        );
    }

    #[test]
    fn file_whose_values_are_too_long_is_refused() {
        let value = "v".repeat(10_000);
        let text = format!("@a = {value}\nGET /api/{}", "{{a}}".repeat(60));
        let error = open(&text, SITE);
        assert_eq!(error, Err(OpenError::Unresolved(ResolveError::TooLarge)));
    }
}
