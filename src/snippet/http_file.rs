//! A `.http` file with one request for editors, with an absolute URL, because it is sent from outside the site.
//!
//! The format has no escapes: a line of the body that begins with `###` ends the body, and an editor
//! interprets `{{…}}` as a variable. Editors keep the cookie of a login for the requests after it.

use crate::snippet::SendableParts;

pub(super) fn write(request: &SendableParts, out: &mut String) {
    if let Some(login) = &request.login {
        for part in ["POST ", &login.url, " HTTP/1.1\n"] {
            out.push_str(part);
        }
        if let Some(key) = login.sandbox_key {
            for part in ["Sandbox-Key: ", key, "\n"] {
                out.push_str(part);
            }
        }
        for part in [
            "Content-Type: application/json\n\n",
            &login.body,
            "\n\n###\n\n",
        ] {
            out.push_str(part);
        }
    }
    for part in [request.method, " ", &request.url, " HTTP/1.1\n"] {
        out.push_str(part);
    }
    for (name, value) in &request.headers {
        out.push_str(name);
        out.push(':');
        if !value.is_empty() {
            out.push(' ');
            out.push_str(value);
        }
        out.push('\n');
    }
    if request.has_body() {
        out.push('\n');
        out.push_str(request.body);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use crate::http_file::parse;
    use crate::model::http::{Header, RequestDraft};
    use crate::snippet::SnippetLanguage;
    use crate::snippet::curl_tests::draft_code;

    /// Parses the snippet of a draft, with the origin removed.
    fn parse_snippet(draft: &RequestDraft) -> Option<RequestDraft> {
        let text = draft_code(SnippetLanguage::HttpFile, draft, "https://h:1", None);
        let file = parse(&text.replacen("https://h:1", "", 1)).ok()?;
        let [block] = &file.blocks[..] else {
            return None;
        };
        block.draft().ok()
    }

    #[test]
    fn snippet_is_parsed_to_an_equal_draft() {
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
        assert_eq!(parse_snippet(&draft).as_ref(), Some(&draft));
        // A body that the format cannot represent is not parsed to another draft.
        for body in ["a\n###\nb", "> {% x %}", "{{name"] {
            let draft = RequestDraft {
                body: body.into(),
                ..draft.clone()
            };
            assert_eq!(parse_snippet(&draft), None, "{body:?}");
        }
    }

    #[test]
    fn snippet_has_an_absolute_url_and_the_sandbox_key() {
        let draft = RequestDraft {
            method: "PUT".into(),
            target: "/api/users/1?q=한".into(),
            headers: vec![Header::new("A", "1")],
            body: "x".into(),
        };
        assert_eq!(
            draft_code(SnippetLanguage::HttpFile, &draft, "https://h", Some("k")),
            "PUT https://h/api/users/1?q=%ED%95%9C HTTP/1.1\nA: 1\nSandbox-Key: k\n\nx\n"
        );
    }
}
