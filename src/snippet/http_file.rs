//! A `.http` file of one request for editors, with the whole address, so that it runs elsewhere.
//!
//! The format has no escapes: a line of content that begins with `###` ends it, and `{{…}}` is a
//! variable to the editor.

use crate::snippet::SendableParts;

pub(super) fn write(sent: &SendableParts, out: &mut String) {
    for part in [sent.method, " ", &sent.url, " HTTP/1.1\n"] {
        out.push_str(part);
    }
    for (name, value) in &sent.headers {
        out.push_str(name);
        out.push(':');
        if !value.is_empty() {
            out.push(' ');
            out.push_str(value);
        }
        out.push('\n');
    }
    if sent.has_body() {
        out.push('\n');
        out.push_str(sent.body);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use crate::http_file::parse;
    use crate::model::http::{Header, RequestDraft};
    use crate::snippet::{self, SnippetLanguage};

    /// The code of a draft as a file, read back without the origin.
    fn back(draft: &RequestDraft) -> Option<RequestDraft> {
        let text = snippet::code(SnippetLanguage::HttpFile, draft, "https://h:1", None);
        let file = parse(&text.replacen("https://h:1", "", 1)).ok()?;
        let [block] = &file.blocks[..] else {
            return None;
        };
        block.draft().ok()
    }

    #[test]
    fn drafts_come_back_from_their_file() {
        let draft = RequestDraft {
            method: "POST".into(),
            target: "/api/users?q=%ED%95%9C%20x".into(),
            headers: vec![
                Header::new("Content-Type", "application/json"),
                Header::new("If-Match", "\"v1\", 'é' \\"),
                Header::new("X-Empty", ""),
            ],
            body: "{\"a\": \"' $x ! \\\\ `y` 한글\"}\n\n# no comment\nGET /x\n".into(),
        };
        assert_eq!(back(&draft).as_ref(), Some(&draft));
        // What the dialect cannot say, it does not say in another way either.
        for body in ["a\n###\nb", "> {% x %}", "{{name"] {
            let draft = RequestDraft {
                body: body.into(),
                ..draft.clone()
            };
            assert_eq!(back(&draft), None, "{body:?}");
        }
    }

    #[test]
    fn a_file_has_the_whole_address_and_the_key() {
        let draft = RequestDraft {
            method: "PUT".into(),
            target: "/api/users/1?q=한".into(),
            headers: vec![Header::new("A", "1")],
            body: "x".into(),
        };
        assert_eq!(
            snippet::code(SnippetLanguage::HttpFile, &draft, "https://h", Some("k")),
            "PUT https://h/api/users/1?q=%ED%95%9C HTTP/1.1\nA: 1\nSandbox-Key: k\n\nx\n"
        );
    }
}
