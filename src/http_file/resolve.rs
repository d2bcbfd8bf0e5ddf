//! Resolution of a block to a request: every placeholder is replaced by its value.
//!
//! Values of variables come from the file. Values of prompts, of earlier responses and of system
//! variables come from the caller through a closure. The work is one pass over the text, and the output
//! of one call is limited to [`OUTPUT_MAX`], because the text may come from any client.

mod scope;

use super::template::PlaceholderSource;
use super::{HttpFile, RequestBlock};
use crate::model::http::RequestDraft;
pub(super) use scope::{MISSING_MAX, VariableScope};
pub use scope::{OUTPUT_MAX, ResolveError};

impl HttpFile {
    /// Returns the requests of all blocks. Each has the variables of its own block and of the blocks
    /// above; `lookup` returns the values of all other placeholders.
    ///
    /// # Errors
    /// Returns one [`ResolveError`] for all blocks together.
    pub fn drafts(
        &self,
        lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
    ) -> Result<Vec<RequestDraft>, ResolveError> {
        self.counted_drafts(lookup).0
    }

    /// Returns the requests of all blocks and the number of steps: one for each part of a text and one
    /// for each byte written.
    fn counted_drafts(
        &self,
        lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
    ) -> (Result<Vec<RequestDraft>, ResolveError>, usize) {
        let mut scope = VariableScope::new(lookup);
        let mut missing = Vec::new();
        let mut drafts = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            scope.define(&block.lines);
            drafts.push(scope.request(&block.request, &mut missing));
        }
        let steps = scope.budget.steps;
        (scope.finish(drafts, &missing), steps)
    }

    /// Returns the request of the block with this index, with the variables of its own block and of the
    /// blocks above; `lookup` returns the values of all other placeholders.
    ///
    /// # Errors
    /// Returns a [`ResolveError`] when a placeholder has no value or the request becomes too large.
    ///
    /// # Panics
    /// Panics when the file has no block with this index.
    pub fn resolve(
        &self,
        index: usize,
        lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
    ) -> Result<RequestDraft, ResolveError> {
        resolve(&self.blocks[..=index], lookup)
    }
}

impl RequestBlock {
    /// Returns the request of the block with its own variables; `lookup` returns the values of all
    /// other references.
    ///
    /// # Errors
    /// Returns a [`ResolveError`] when a placeholder has no value or the request becomes too large.
    pub fn resolve(
        &self,
        lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
    ) -> Result<RequestDraft, ResolveError> {
        resolve(std::slice::from_ref(self), lookup)
    }

    /// Returns the request of the block with its own variables; all other placeholders stay, to be
    /// replaced by [`fill`] when the request is sent.
    pub fn draft_with_placeholders(&self) -> RequestDraft {
        let mut scope = VariableScope::new(&|_| None);
        scope.keeps_placeholders_without_value = true;
        scope.define(&self.lines);
        scope.request(&self.request, &mut Vec::new())
    }

    /// Returns the request of the block when it needs no other values than its own variables.
    ///
    /// # Errors
    /// Returns a [`ResolveError`] when a placeholder has no value or the request becomes too large.
    pub fn draft(&self) -> Result<RequestDraft, ResolveError> {
        self.resolve(&|_| None)
    }
}

/// Replaces the placeholders of a draft whose values `lookup` returns; the others stay.
#[must_use]
pub fn fill_known(
    draft: &RequestDraft,
    lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
) -> RequestDraft {
    let mut scope = VariableScope::new(lookup);
    scope.keeps_placeholders_without_value = true;
    scope.draft(draft, &mut Vec::new())
}

/// Replaces the placeholders of a draft; `lookup` returns the value of each. In the strings of a JSON body a value is
/// escaped (RFC 8259, section 7), so that what a visitor types is the value of the string.
///
/// # Errors
/// Returns a [`ResolveError`] when a placeholder has no value or the request becomes too large.
pub fn fill(
    draft: &RequestDraft,
    lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
) -> Result<RequestDraft, ResolveError> {
    let mut scope = VariableScope::new(lookup);
    let mut missing = Vec::new();
    let filled = scope.draft_to_send(draft, &mut missing);
    scope.finish(filled, &missing)
}

fn resolve(
    blocks: &[RequestBlock],
    lookup: &dyn Fn(&PlaceholderSource) -> Option<String>,
) -> Result<RequestDraft, ResolveError> {
    let mut scope = VariableScope::new(lookup);
    let mut missing = Vec::new();
    for block in blocks {
        scope.define(&block.lines);
    }
    let last = blocks.last().expect("at least one block");
    let draft = scope.request(&last.request, &mut missing);
    scope.finish(draft, &missing)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::model::http::Header;

    fn lookup(reference: &PlaceholderSource) -> Option<String> {
        match reference.to_string().as_str() {
            "email" => Some("a&b@한.test".into()),
            "login.response.body.$.token" => Some("t1".into()),
            "login.response.headers.Location" => Some("/api/users/13".into()),
            "$guid" => Some("g".into()),
            _ => None,
        }
    }

    #[test]
    fn placeholders_are_replaced_by_their_values() {
        fn check(text: &str, expected: &str) {
            let file = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let draft = file.resolve(file.blocks.len() - 1, &lookup);
            let draft = draft.unwrap_or_else(|missing| panic!("{text}: {missing:?}"));
            let mut shown = format!("{} {}", draft.method, draft.target);
            for header in &draft.headers {
                shown.push_str(&format!("|{}: {}", header.name, header.value));
            }
            shown.push_str(&format!("|{}", draft.body));
            assert_eq!(shown, expected, "{text}");
        }
        check("/api/users", "GET /api/users|");
        check(
            "GET /api/users\n  ?page=1\n  &q={{%email}}",
            "GET /api/users?page=1&q=a%26b%40%ED%95%9C.test|",
        );
        check(
            "@a = 1\n@b = {{a}}-{{$guid}}\nPUT /api/{{b}} HTTP/1.1\nX-A: <{{a}}>\n\n{{email}}\n{{b}}\n",
            "PUT /api/1-g|X-A: <1>|a&b@한.test\n1-g",
        );
        check(
            "@a=1\nGET /api/{{a}}\n###\n@a=2\n@b={{a}}\nGET /api/{{b}}",
            "GET /api/2|",
        );
        check(
            "@a=1\n@a-b={{a}}\nGET /api/1\n###\nGET /api/{{a-b}}",
            "GET /api/1|",
        );
        check(
            "GET {{login.response.headers.Location}}\nAuthorization: Bearer {{login.response.body.$.token}}",
            "GET /api/users/13|Authorization: Bearer t1|",
        );
        // `{{1}}` is not a placeholder, so it stays, and so do the braces of JSON.
        check(
            "@x = {{1}}\nPOST /api/users\n\n{\"a\":{{x}}}",
            "POST /api/users|{\"a\":{{1}}}",
        );
    }

    #[test]
    fn value_inside_a_string_of_a_json_body_is_escaped() {
        let lookup = |reference: &PlaceholderSource| match reference.to_string().as_str() {
            "name" => Some("Barbara \"L\\iskov\"\n".to_owned()),
            "id" => Some("7".to_owned()),
            _ => None,
        };
        let filled = |media_type: &str, body: &str| {
            let draft = RequestDraft {
                method: "POST".to_owned(),
                target: "/api/users".to_owned(),
                headers: vec![Header::new("Content-Type", media_type)],
                body: body.to_owned(),
            };
            fill(&draft, &lookup).expect("all have values").body
        };
        let body = r#"{"a\"{{name}}": "x{{name}}", "id": {{id}}, "b": ["{{id}}"]}"#;
        assert_eq!(
            filled("application/json; charset=utf-8", body),
            r#"{"a\"Barbara \"L\\iskov\"\n": "xBarbara \"L\\iskov\"\n", "id": 7, "b": ["7"]}"#
        );
        assert_eq!(
            filled("application/problem+json", r#""{{name}}""#),
            r#""Barbara \"L\\iskov\"\n""#
        );
        assert_eq!(
            filled("text/plain", r#""{{id}}{{name}}""#),
            "\"7Barbara \"L\\iskov\"\n\""
        );
    }

    #[test]
    fn each_reference_without_a_value_is_listed_once() {
        fn check(text: &str, expected: &[&str]) {
            let file = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let missing = file.blocks[file.blocks.len() - 1].draft().expect_err(text);
            assert_eq!(missing.names(), expected, "{text}");
        }
        check("GET /api/{{a}}?b={{%a}}\nX: {{c}}\n\n{{a}}", &["a", "c"]);
        check("@a = {{b}}{{c}}\n@d = {{zz}}\nGET /api/{{a}}", &["b", "c"]);
        check("@a = {{a}}\nGET /api/{{a}}", &["a"]);
        check("@b = {{a}}\n@a = 1\nGET /api/{{b}}", &["a"]);
        check("# @prompt email Email\nGET /api/{{email}}", &["email"]);
        check(
            "GET /api/{{$randomInt 1 9}}/{{x.response.body.$}}",
            &["$randomInt 1 9", "x.response.body.$"],
        );
    }

    #[test]
    fn draft_with_placeholders_keeps_prompts_responses_and_system_variables() {
        let text = "@who = ada\n# @prompt email\nPOST /api/users?q={{%email}}\nAuthorization: Bearer {{login.response.body.$.token}}\n\n{\"name\":\"{{who}}\",\"id\":\"{{$guid}}\"}";
        let file = parse(text).unwrap_or_else(|error| panic!("{error}"));
        let draft = file.blocks[0].draft_with_placeholders();
        assert_eq!(draft.target, "/api/users?q={{%email}}");
        assert_eq!(
            draft.headers[0].value,
            "Bearer {{login.response.body.$.token}}"
        );
        assert_eq!(draft.body, "{\"name\":\"ada\",\"id\":\"{{$guid}}\"}");
        let filled = fill(&draft, &lookup).unwrap_or_else(|missing| panic!("{missing:?}"));
        assert_eq!(Ok(filled), file.resolve(0, &lookup));
        assert_eq!(
            fill(&draft, &|_| None).map_err(|missing| missing.names().len()),
            Err(3)
        );
    }

    #[test]
    fn variables_that_repeat_variables_exceed_the_output_limit() {
        let mut text = String::from("@a0 = xxxxxxxxxxxxxxxx\n");
        for number in 1..60 {
            text.push_str(&format!(
                "@a{number} = {{{{a{0}}}}}{{{{a{0}}}}}\n",
                number - 1
            ));
        }
        text.push_str("GET /api/{{a59}}");
        let file = parse(&text).expect("a file");
        assert_eq!(file.blocks[0].draft(), Err(ResolveError::TooLarge));
        let draft = RequestDraft {
            target: "/api/{{x}}".repeat(1000),
            ..RequestDraft::default()
        };
        let large = |_: &PlaceholderSource| Some("y".repeat(OUTPUT_MAX / 4));
        assert_eq!(fill(&draft, &large), Err(ResolveError::TooLarge));
    }

    /// Returns the number of steps to resolve a text, whether or not it succeeds.
    fn steps(text: &str) -> usize {
        let file = parse(text).unwrap_or_else(|error| panic!("{error}"));
        file.counted_drafts(&|_| None).1
    }

    #[test]
    fn resolving_twice_the_input_takes_at_most_two_and_a_half_times_the_steps() {
        fn check(name: &str, text: impl Fn(usize) -> String) {
            let mut before = steps(&text(12));
            for size in [25, 50, 100] {
                let now = steps(&text(size));
                assert!(now * 2 <= before * 5, "{name} {size}: {before}, then {now}");
                before = now;
            }
        }
        let blocks = |size: usize, block: &dyn Fn(usize) -> String| -> String {
            (0..size).map(|at| block(at) + "\n###\n").collect()
        };
        let value = "v".repeat(500);
        check("a variable in each block", |size| {
            blocks(size, &|at| {
                format!("@a{at} = {value}\nGET /api/{{{{a{at}}}}}")
            })
        });
        check("the same variable in each block", |size| {
            blocks(size, &|_| format!("@a = {value}\nGET /api/{{{{a}}}}"))
        });
        check("a variable of the first block in each block", |size| {
            format!("@a = {value}\n") + &blocks(size, &|_| "GET /api/{{a}}".to_owned())
        });
        check("a chain of variables", |size| {
            blocks(size, &|at| {
                format!("@a{} = {{{{a{at}}}}}\nGET /api/{{{{a{at}}}}}", at + 1)
            })
        });
        check("different unknown references in each block", |size| {
            blocks(size, &|at| {
                let names: String = (0..50).map(|n| format!("{{{{u{at}-{n}}}}}")).collect();
                format!("@a{at} = {names}\nGET /api/{{{{a{at}}}}}{names}")
            })
        });
    }

    #[test]
    fn an_error_lists_the_first_twenty_references() {
        let names: String = (0..50).map(|n| format!("{{{{u{n}}}}}")).collect();
        let text = format!("@a = {names}\n@b = {{{{a}}}}{names}\nGET /api/{{{{b}}}}{{{{z}}}}");
        let missing = parse(&text).expect("a file").drafts(&|_| None);
        let names = missing.expect_err("unknown").names();
        assert_eq!(names.len(), 20);
        assert_eq!((names[0].as_str(), names[19].as_str()), ("u0", "u19"));
    }
}
