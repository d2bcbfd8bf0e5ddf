//! Python with the requests library.
//!
//! requests converts methods to upper case and accepts each header name once, so values of one name are
//! joined (RFC 9110, section 5.3).

use crate::snippet::literal::{Escapes, literal};
use crate::snippet::{LoginStep, SendableParts};

pub(super) fn write(request: &SendableParts, out: &mut String) {
    out.push_str("import requests\n\n");
    if let Some(login) = &request.login {
        log_in(login, out);
    }
    if request.has_body() {
        out.push_str("body = ");
        text(request.body, out);
        out.push_str("\n\n");
    }
    out.push_str(match request.login {
        Some(_) => "response = session.request(\n    ",
        None => "response = requests.request(\n    ",
    });
    text(request.method, out);
    out.push_str(",\n    ");
    text(&request.url, out);
    out.push_str(",\n");
    if !request.headers.is_empty() {
        out.push_str("    headers={\n");
        for at in 0..request.headers.len() {
            if !request.is_repeated(at) {
                header(request, at, out);
            }
        }
        out.push_str("    },\n");
    }
    if request.has_body() {
        out.push_str("    data=body.encode(),\n");
    }
    out.push_str(")\nprint(response.status_code, response.reason)\n");
    out.push_str(match request.method {
        "HEAD" => "print(response.headers)\n",
        _ => "print(response.text)\n",
    });
}

/// Writes the call that logs in; the session keeps its cookie.
fn log_in(login: &LoginStep, out: &mut String) {
    out.push_str("session = requests.Session()\nsession.post(\n    ");
    text(&login.url, out);
    out.push_str(",\n    headers={\n");
    for (name, value) in login.headers() {
        out.push_str("        ");
        text(name, out);
        out.push_str(": ");
        text(value, out);
        out.push_str(",\n");
    }
    out.push_str("    },\n    data=");
    text(&login.body, out);
    out.push_str(".encode(),\n).raise_for_status()\n\n");
}

fn header(request: &SendableParts, at: usize, out: &mut String) {
    let (name, _) = request.headers[at];
    let same = |header: &&(&str, &str)| header.0.eq_ignore_ascii_case(name);
    let values: Vec<&str> = request
        .headers
        .iter()
        .filter(same)
        .map(|header| header.1)
        .collect();
    let cookies = name.eq_ignore_ascii_case("cookie");
    let value = values.join(if cookies { "; " } else { ", " });
    out.push_str("        ");
    text(name, out);
    out.push_str(": ");
    text(&value, out);
    if !value.is_ascii() {
        // requests would encode a string in Latin-1.
        out.push_str(".encode()");
    }
    out.push_str(",\n");
}

fn text(text: &str, out: &mut String) {
    let quote = if text.contains('\n') { "'''" } else { "'" };
    literal(text, quote, Escapes::Digits, out);
}

#[cfg(test)]
mod tests {
    use crate::snippet::SnippetLanguage;
    use crate::snippet::curl_tests::{draft, draft_code};

    #[test]
    fn program_has_only_the_required_options() {
        let draft = draft(
            "PATCH",
            "/api/users/1",
            &[("If-Match", "\"v1\""), ("A", "1"), ("a", "한")],
            "{\n  \"name\": \"O'Neil\"\n}",
        );
        assert_eq!(
            draft_code(SnippetLanguage::Python, &draft, "http://h", None),
            "import requests\n\nbody = '''{\n  \"name\": \"O\\'Neil\"\n}'''\n\nresponse = requests.request(\n    \
             'PATCH',\n    'http://h/api/users/1',\n    headers={\n        'If-Match': '\"v1\"',\n        \
             'A': '1, 한'.encode(),\n    },\n    data=body.encode(),\n)\nprint(response.status_code, response.reason)\n\
             print(response.text)\n"
        );
    }

    #[test]
    fn program_prints_the_headers_of_a_response_to_head() {
        let draft = draft("HEAD", "/api/users", &[], "");
        for (language, printed) in [
            (SnippetLanguage::Python, "print(response.headers)"),
            (
                SnippetLanguage::Fetch,
                "Object.fromEntries(response.headers)",
            ),
            (SnippetLanguage::Reqwest, "response.headers()"),
        ] {
            let code = draft_code(language, &draft, "http://h", None);
            assert!(code.contains(printed) && !code.contains(".text"), "{code}");
        }
    }
}
