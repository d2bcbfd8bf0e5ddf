//! `fetch`, as it is in browsers and in Node.
//!
//! What `fetch` refuses (content with GET or HEAD, the method TRACE) is written all the same: it
//! says so itself. It writes the names of the usual methods in capitals.

use crate::snippet::SendableParts;
use crate::snippet::literal::{Escapes, hex, literal};

pub(super) fn write(sent: &SendableParts, out: &mut String) {
    out.push_str("const response = await fetch(");
    text(&sent.url, out);
    if sent.method != "GET" || !sent.headers.is_empty() || sent.has_body() {
        out.push_str(", {\n  method: ");
        text(sent.method, out);
        out.push_str(",\n");
        if !sent.headers.is_empty() {
            headers(sent, out);
        }
        if sent.has_body() {
            body(sent, out);
        }
        out.push('}');
    }
    out.push_str(");\nconsole.log(response.status, response.statusText);\nconsole.log(await response.text());\n");
}

/// An object, or pairs when a name stands twice.
fn headers(sent: &SendableParts, out: &mut String) {
    let pairs = (0..sent.headers.len()).any(|at| sent.is_repeated(at));
    out.push_str(if pairs {
        "  headers: [\n"
    } else {
        "  headers: {\n"
    });
    for (name, value) in &sent.headers {
        out.push_str(if pairs { "    [" } else { "    " });
        text(name, out);
        out.push_str(if pairs { ", " } else { ": " });
        bytes(value, out);
        out.push_str(if pairs { "],\n" } else { ",\n" });
    }
    out.push_str(if pairs { "  ],\n" } else { "  },\n" });
}

fn body(sent: &SendableParts, out: &mut String) {
    // A text would get a Content-Type of its own.
    let typed = sent.has_content_type();
    out.push_str(if typed {
        "  body: "
    } else {
        "  body: new TextEncoder().encode("
    });
    text(sent.body, out);
    out.push_str(if typed { ",\n" } else { "),\n" });
}

fn text(text: &str, out: &mut String) {
    let quote = if text.contains('\n') { "`" } else { "'" };
    literal(text, quote, Escapes::Digits, out);
}

/// A header's value is one character a byte (Fetch Standard, section 2.2.2): those of UTF-8.
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
    use crate::snippet::delivery::draft;
    use crate::snippet::{RequestDraft, SnippetLanguage, code};

    #[test]
    fn programs_are_short_and_readable() {
        fn check(draft: RequestDraft, expected: &str) {
            let end = ");\nconsole.log(response.status, response.statusText);\nconsole.log(await response.text());\n";
            let code = code(SnippetLanguage::Fetch, &draft, "http://h", None);
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
