//! From a block to the request that it stands for: variables put in.
//!
//! Variables of the file are known here. Answers to prompts, earlier replies and values made on
//! sending come from whoever sends, through a closure.

use super::template::{Part, Reference, parts};
use super::{Block, File, Line, Request};
use crate::model::http::{Header, RequestDraft};

/// The longest text that comes of putting variables in, in bytes; a longer one stays unresolved, so
/// that variables made of variables cannot fill the memory.
const LIMIT: usize = 256 * 1024;

impl File {
    /// The request of the block with this index, with the variables of the blocks up to it put in;
    /// `known` answers for the rest. The error lists what stays unknown, each once, in order.
    ///
    /// # Panics
    ///
    /// When there is no such block.
    pub fn resolve(
        &self,
        index: usize,
        known: &dyn Fn(&Reference) -> Option<String>,
    ) -> Result<RequestDraft, Vec<Reference>> {
        resolve(&self.blocks[..=index], known)
    }
}

impl Block {
    /// The request of the block with its own variables put in; `known` answers for the rest. The
    /// error lists what stays unknown, each once, in order.
    pub fn resolve(
        &self,
        known: &dyn Fn(&Reference) -> Option<String>,
    ) -> Result<RequestDraft, Vec<Reference>> {
        resolve(std::slice::from_ref(self), known)
    }

    /// The request of the block with its own variables put in; what only the moment of sending can
    /// answer stands as it was written. [`fill`] puts that in.
    pub fn template(&self) -> RequestDraft {
        let mut scope = Scope::of(std::slice::from_ref(self), &|_| None);
        scope.keep = true;
        scope.request(&self.request, &mut Vec::new())
    }

    /// The request of the block when its own variables are all that it needs.
    pub fn draft(&self) -> Result<RequestDraft, Vec<Reference>> {
        self.resolve(&|_| None)
    }
}

/// Puts values into a draft as it stands in a form; `known` answers for each placeholder. The error
/// lists what stays unknown, each once, in order.
pub fn fill(
    draft: &RequestDraft,
    known: &dyn Fn(&Reference) -> Option<String>,
) -> Result<RequestDraft, Vec<Reference>> {
    let scope = Scope::of(&[], known);
    let mut unknown = Vec::new();
    let mut fill = |text: &str| scope.fill(text, &mut unknown);
    let filled = RequestDraft {
        method: draft.method.clone(),
        target: fill(&draft.target),
        headers: draft
            .headers
            .iter()
            .map(|header| Header::new(header.name.as_str(), fill(&header.value)))
            .collect(),
        body: fill(&draft.body),
    };
    match unknown.is_empty() {
        true => Ok(filled),
        false => Err(unknown),
    }
}

fn resolve(
    blocks: &[Block],
    known: &dyn Fn(&Reference) -> Option<String>,
) -> Result<RequestDraft, Vec<Reference>> {
    let scope = Scope::of(blocks, known);
    let last = blocks.last().expect("a slice up to and with a block");
    let mut unknown = Vec::new();
    let draft = scope.request(&last.request, &mut unknown);
    match unknown.is_empty() {
        true => Ok(draft),
        false => Err(unknown),
    }
}

struct Scope<'a> {
    /// Each variable with its value, or what is missing for it; a later one covers an earlier.
    variables: Vec<(&'a str, Result<String, Vec<Reference>>)>,
    known: &'a dyn Fn(&Reference) -> Option<String>,
    /// Whether what is unknown stands as it was written.
    keep: bool,
}

impl<'a> Scope<'a> {
    /// With the variables of the blocks.
    fn of(blocks: &'a [Block], known: &'a dyn Fn(&Reference) -> Option<String>) -> Scope<'a> {
        let mut scope = Scope {
            variables: Vec::new(),
            known,
            keep: false,
        };
        for line in blocks.iter().flat_map(|block| &block.lines) {
            if let Line::Variable { name, value } = line {
                let mut unknown = Vec::new();
                let value = scope.fill(value, &mut unknown);
                let value = match unknown.is_empty() {
                    true => Ok(value),
                    false => Err(unknown),
                };
                scope.variables.push((name, value));
            }
        }
        scope
    }

    fn request(&self, request: &Request, unknown: &mut Vec<Reference>) -> RequestDraft {
        let mut fill = |text: &str| self.fill(text, unknown);
        RequestDraft {
            method: request.method().to_owned(),
            target: fill(&request.target()),
            headers: request
                .headers
                .iter()
                .map(|header| Header::new(header.name.as_str(), fill(&header.value)))
                .collect(),
            body: fill(&request.body),
        }
    }

    /// Puts values in; what has none is added to `unknown`.
    fn fill(&self, text: &str, unknown: &mut Vec<Reference>) -> String {
        // A tree made by hand may hold what the parser refuses; it goes out as it is.
        let Ok(parts) = parts(text) else {
            return text.to_owned();
        };
        let mut out = String::with_capacity(text.len());
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Placeholder(placeholder) => match self.value(&placeholder.reference) {
                    Ok(value) if out.len() + value.len() > LIMIT => {
                        add(unknown, &placeholder.reference)
                    }
                    Ok(value) if placeholder.encoded => percent_encode(&value, &mut out),
                    Ok(value) => out.push_str(&value),
                    Err(_) if self.keep => {
                        let sign = if placeholder.encoded { "%" } else { "" };
                        out.push_str(
                            &["{{", sign, &placeholder.reference.to_string(), "}}"].concat(),
                        );
                    }
                    Err(missing) => missing.iter().for_each(|reference| add(unknown, reference)),
                },
            }
        }
        out
    }

    fn value(&self, reference: &Reference) -> Result<String, Vec<Reference>> {
        if let Reference::Variable(name) = reference {
            let own = self
                .variables
                .iter()
                .rev()
                .find(|(variable, _)| variable == name);
            if let Some((_, value)) = own {
                return value.clone();
            }
        }
        (self.known)(reference).ok_or_else(|| vec![reference.clone()])
    }
}

fn add(list: &mut Vec<Reference>, reference: &Reference) {
    if !list.contains(reference) {
        list.push(reference.clone());
    }
}

/// Encodes all but the unreserved characters (RFC 3986, section 2.3).
fn percent_encode(text: &str, out: &mut String) {
    const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    out.extend(percent_encoding::utf8_percent_encode(text, RESERVED));
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn known(reference: &Reference) -> Option<String> {
        match reference.to_string().as_str() {
            "email" => Some("a&b@한.test".into()),
            "login.response.body.$.token" => Some("t1".into()),
            "login.response.headers.Location" => Some("/api/users/13".into()),
            "$guid" => Some("g".into()),
            _ => None,
        }
    }

    #[test]
    fn drafts_have_their_variables_put_in() {
        fn check(text: &str, expected: &str) {
            let file = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let draft = file.resolve(file.blocks.len() - 1, &known);
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
        // A value is not read again for placeholders, and braces of JSON stay.
        check(
            "@x = {{1}}\nPOST /api/users\n\n{\"a\":{{x}}}",
            "POST /api/users|{\"a\":{{1}}}",
        );
    }

    #[test]
    fn what_stays_unknown_is_listed_once() {
        fn check(text: &str, expected: &[&str]) {
            let file = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let missing = file.blocks[file.blocks.len() - 1].draft().expect_err(text);
            let missing: Vec<String> = missing.iter().map(Reference::to_string).collect();
            assert_eq!(missing, expected, "{text}");
        }
        check("GET /api/{{a}}?b={{%a}}\nX: {{c}}\n\n{{a}}", &["a", "c"]);
        check("@a = {{b}}{{c}}\n@d = {{zz}}\nGET /api/{{a}}", &["b", "c"]);
        check("@a = {{a}}\nGET /api/{{a}}", &["a"]);
        check("@b = {{a}}\n@a = 1\nGET /api/{{b}}", &["a"]);
        check("# @prompt email E-mail\nGET /api/{{email}}", &["email"]);
        check(
            "GET /api/{{$randomInt 1 9}}/{{x.response.body.$}}",
            &["$randomInt 1 9", "x.response.body.$"],
        );
    }

    #[test]
    fn a_template_keeps_what_only_sending_can_answer() {
        let text = "@who = ada\n# @prompt email\nPOST /api/users?q={{%email}}\nAuthorization: Bearer {{login.response.body.$.token}}\n\n{\"name\":\"{{who}}\",\"id\":\"{{$guid}}\"}";
        let file = parse(text).unwrap_or_else(|error| panic!("{error}"));
        let template = file.blocks[0].template();
        assert_eq!(template.target, "/api/users?q={{%email}}");
        assert_eq!(
            template.headers[0].value,
            "Bearer {{login.response.body.$.token}}"
        );
        assert_eq!(template.body, "{\"name\":\"ada\",\"id\":\"{{$guid}}\"}");
        let filled = fill(&template, &known).unwrap_or_else(|missing| panic!("{missing:?}"));
        assert_eq!(Ok(filled), file.resolve(0, &known));
        assert_eq!(
            fill(&template, &|_| None).map_err(|missing| missing.len()),
            Err(3)
        );
    }

    #[test]
    fn variables_made_of_variables_are_bounded() {
        let mut text = String::from("@a0 = xxxxxxxxxxxxxxxx\n");
        for number in 1..60 {
            text.push_str(&format!(
                "@a{number} = {{{{a{0}}}}}{{{{a{0}}}}}\n",
                number - 1
            ));
        }
        text.push_str("GET /api/{{a59}}");
        let missing = parse(&text).expect("a file").blocks[0]
            .draft()
            .expect_err("too long");
        assert_eq!(missing.len(), 1);
    }
}
