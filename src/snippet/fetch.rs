//! `fetch` of browsers and Node.
//!
//! Requests that `fetch` refuses (a body with GET or HEAD, the method TRACE) are written too; `fetch`
//! then reports the error. It converts the names of the standard methods to upper case.

use crate::snippet::literal::{Escapes, hex, literal};
use crate::snippet::{LoginStep, SendableParts};

pub(super) fn write(request: &SendableParts, out: &mut String) {
    if let Some(login) = &request.login {
        log_in(login, out);
    }
    out.push_str("const response = await fetch(");
    text(&request.url, out);
    let has_headers = !request.headers.is_empty() || request.login.is_some();
    if request.method != "GET" || has_headers || request.has_body() {
        out.push_str(", {\n  method: ");
        text(request.method, out);
        out.push_str(",\n");
        if has_headers {
            headers(request, out);
        }
        if request.has_body() {
            body(request, out);
        }
        out.push('}');
    }
    out.push_str(");\nconsole.log(response.status, response.statusText);\n");
    out.push_str(match request.method {
        "HEAD" => "console.log(Object.fromEntries(response.headers));\n",
        _ => "console.log(await response.text());\n",
    });
}

/// Writes the call that logs in. Node keeps no cookies, so the next request gets the one of the response.
fn log_in(login: &LoginStep, out: &mut String) {
    out.push_str("const login = await fetch(");
    text(&login.url, out);
    out.push_str(", {\n  method: 'POST',\n  headers: {\n");
    for (name, value) in login.headers() {
        out.push_str("    ");
        text(name, out);
        out.push_str(": ");
        text(value, out);
        out.push_str(",\n");
    }
    out.push_str("  },\n  body: ");
    text(&login.body, out);
    out.push_str(",\n});\n");
    out.push_str("const cookie = login.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');\n\n");
}

/// Writes the headers as an object, or as pairs when a name is repeated.
fn headers(request: &SendableParts, out: &mut String) {
    let pairs = (0..request.headers.len()).any(|at| request.is_repeated(at));
    out.push_str(if pairs {
        "  headers: [\n"
    } else {
        "  headers: {\n"
    });
    if request.login.is_some() {
        out.push_str(if pairs {
            "    ['Cookie', cookie],\n"
        } else {
            "    Cookie: cookie,\n"
        });
    }
    for (name, value) in &request.headers {
        out.push_str(if pairs { "    [" } else { "    " });
        text(name, out);
        out.push_str(if pairs { ", " } else { ": " });
        bytes(value, out);
        out.push_str(if pairs { "],\n" } else { ",\n" });
    }
    out.push_str(if pairs { "  ],\n" } else { "  },\n" });
}

fn body(request: &SendableParts, out: &mut String) {
    // With a string body, `fetch` would add a Content-Type.
    let typed = request.has_content_type();
    out.push_str(if typed {
        "  body: "
    } else {
        "  body: new TextEncoder().encode("
    });
    text(request.body, out);
    out.push_str(if typed { ",\n" } else { "),\n" });
}

fn text(text: &str, out: &mut String) {
    let quote = if text.contains('\n') { "`" } else { "'" };
    literal(text, quote, Escapes::Digits, out);
}

/// Writes a header value with one character for each byte of its UTF-8, as `fetch` requires (Fetch
/// Standard, section 2.2.2).
fn bytes(value: &str, out: &mut String) {
    let mut quoted = String::with_capacity(value.len() + 2);
    text(value, &mut quoted);
    for character in quoted.chars() {
        if character.is_ascii() {
            out.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            out.push_str("\\x");
            out.push(hex(u32::from(byte) >> 4));
            out.push(hex(u32::from(byte)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::http::RequestDraft;
    use crate::snippet::SnippetLanguage;
    use crate::snippet::curl_tests::{draft, draft_code};

    #[test]
    fn program_has_only_the_required_options() {
        fn check(draft: RequestDraft, expected: &str) {
            let end = ");\nconsole.log(response.status, response.statusText);\nconsole.log(await response.text());\n";
            let code = draft_code(SnippetLanguage::Fetch, &draft, "http://h", None);
            assert_eq!(code.strip_suffix(end), Some(expected), "{code}");
        }
        check(
            draft("GET", "/api/users", &[], ""),
            "const response = await fetch('http://h/api/users'",
        );
        check(
            draft(
                "POST",
                "/api/users",
                &[("Content-Type", "application/json")],
                "{\n  \"a\": \"${x}\"\n}",
            ),
            "const response = await fetch('http://h/api/users', {\n  method: 'POST',\n  headers: {\n    \
             'Content-Type': 'application/json',\n  },\n  body: `{\n  \"a\": \"\\${x}\"\n}`,\n}",
        );
        check(
            draft("PUT", "/api/users/1", &[("A", "1"), ("a", "é")], "it's"),
            "const response = await fetch('http://h/api/users/1', {\n  method: 'PUT',\n  headers: [\n    \
             ['A', '1'],\n    ['a', '\\xc3\\xa9'],\n  ],\n  body: new TextEncoder().encode('it\\'s'),\n}",
        );
    }
}
