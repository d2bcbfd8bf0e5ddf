//! Writing the dialect.

use super::{Block, File, Line, Meta, Request, parse};
use crate::model::http::{Header, RequestDraft, normalise_target};

/// Writes a file so that [`parse`](super::parse) reads the same file from it.
pub fn print(file: &File) -> String {
    let mut out = String::new();
    for (index, block) in file.blocks.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if index > 0 || !block.title.is_empty() {
            out.push_str("###");
            if !block.title.is_empty() {
                out.push(' ');
                out.push_str(&block.title);
            }
            out.push('\n');
        }
        print_block(block, &mut out);
    }
    out
}

/// Writes a draft as a file of its own that runs elsewhere: the target as it goes on the wire, a
/// `Host` of `host` (name and port) and the visitor's `Sandbox-Key` added unless the draft has its
/// own. `None` when the dialect cannot say it, such as a body with a line that begins with `###`.
pub fn print_draft(draft: &RequestDraft, host: &str, sandbox_key: Option<&str>) -> Option<String> {
    let mut headers = draft.headers.clone();
    if draft.header("host").is_none() {
        headers.insert(0, Header::new("Host", host));
    }
    if let Some(key) = sandbox_key
        && draft.header("sandbox-key").is_none()
    {
        headers.push(Header::new("Sandbox-Key", key));
    }
    let request = Request {
        method: Some(draft.method.clone()),
        target: normalise_target(&draft.target).unwrap_or_else(|_| draft.target.clone()),
        version: true,
        query: Vec::new(),
        headers,
        body: draft.body.clone(),
    };
    let file = File {
        blocks: vec![Block {
            request,
            ..Block::default()
        }],
    };
    let text = print(&file);
    (parse(&text).ok()? == file).then_some(text)
}

fn print_block(block: &Block, out: &mut String) {
    for line in &block.lines {
        match line {
            Line::Blank => {}
            Line::Comment(text) => {
                out.push('#');
                out.push_str(text);
            }
            Line::Meta(meta) => print_meta(meta, out),
            Line::Variable { name, value } => {
                out.push('@');
                out.push_str(name);
                out.push_str(" =");
                push_word(value, out);
            }
        }
        out.push('\n');
    }
    let request = &block.request;
    if let Some(method) = &request.method {
        out.push_str(method);
        out.push(' ');
    }
    out.push_str(&request.target);
    if request.version {
        out.push_str(" HTTP/1.1");
    }
    out.push('\n');
    for line in &request.query {
        out.push_str("  ");
        out.push_str(line);
        out.push('\n');
    }
    for header in &request.headers {
        out.push_str(&header.name);
        out.push(':');
        push_word(&header.value, out);
        out.push('\n');
    }
    if !request.body.is_empty() {
        out.push('\n');
        out.push_str(&request.body);
        out.push('\n');
    }
}

fn print_meta(meta: &Meta, out: &mut String) {
    out.push_str("# @");
    let (key, value) = match meta {
        Meta::Id(id) => ("id", id.as_str()),
        Meta::Name(name) => ("name", name.as_str()),
        Meta::Note(text) => ("note", text.as_str()),
        Meta::Predict => ("predict", ""),
        Meta::NoRedirect => ("no-redirect", ""),
        Meta::NoCookieJar => ("no-cookie-jar", ""),
        Meta::Expect(expectation) => {
            out.push_str("expect");
            push_word(&expectation.to_string(), out);
            return;
        }
        Meta::Prompt { name, label } => {
            out.push_str("prompt ");
            out.push_str(name);
            push_word(label, out);
            return;
        }
    };
    out.push_str(key);
    push_word(value, out);
}

/// A space and the text, or nothing.
fn push_word(text: &str, out: &mut String) {
    if !text.is_empty() {
        out.push(' ');
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_one_form() {
        fn check(text: &str, expected: &str) {
            let file = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(print(&file), expected, "{text:?}");
            assert_eq!(parse(expected), Ok(file), "{text:?}");
        }
        check("GET /api/users", "GET /api/users\n");
        check("/a\r\n\r\n", "/a\n");
        check(
            "#@id  a\r\n#   text \n\n@x=1\n@y=\n POST\t/a HTTP/1.1 \n\t?b=c \nA:b\nC:\n \n{\r\n}\r\n",
            "# @id a\n#   text \n\n@x = 1\n@y =\nPOST /a HTTP/1.1\n  ?b=c\nA: b\nC:\n\n{\n}\n",
        );
        check(
            "###\n\nGET /a\n###b\nPOST /b\n\nx\n###\n\n",
            "\nGET /a\n\n### b\nPOST /b\n\nx\n",
        );
        check(
            "# @expect  status  ==  200\n# @prompt a  B c\n# @predict\nGET /a",
            "# @expect status == 200\n# @prompt a B c\n# @predict\nGET /a\n",
        );
    }

    #[test]
    fn drafts_run_elsewhere() {
        fn check(draft: RequestDraft, expected: Option<&str>) {
            assert_eq!(print_draft(&draft, "h:1", Some("k")).as_deref(), expected);
        }
        let draft = RequestDraft {
            method: "POST".into(),
            target: "/api/users?q=한 글".into(),
            headers: vec![Header::new("Content-Type", "application/json")],
            body: "{\"a\": 1}\n".into(),
        };
        check(
            draft.clone(),
            Some(
                "POST /api/users?q=%ED%95%9C%20%EA%B8%80 HTTP/1.1\nHost: h:1\nContent-Type: application/json\n\
                 Sandbox-Key: k\n\n{\"a\": 1}\n\n",
            ),
        );
        check(
            RequestDraft {
                method: "GET".into(),
                target: "/api".into(),
                headers: vec![Header::new("host", "x"), Header::new("sandbox-key", "y")],
                body: String::new(),
            },
            Some("GET /api HTTP/1.1\nhost: x\nsandbox-key: y\n"),
        );
        for body in ["a\n###\nb", "> {% x %}", "{{", "{{name"] {
            let says = body == "{{";
            let draft = RequestDraft {
                body: body.into(),
                ..draft.clone()
            };
            assert_eq!(print_draft(&draft, "h", None).is_some(), says, "{body:?}");
        }
        let draft = RequestDraft {
            headers: vec![Header::new("A", "1\nB: 2")],
            ..draft
        };
        check(draft, None);
    }
}
