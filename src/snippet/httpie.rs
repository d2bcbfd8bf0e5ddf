//! HTTPie for `sh` and bash.
//!
//! HTTPie writes methods in capitals and takes letters only, and has no way to say a backslash before
//! `:`, `;`, `=` or `@` in a header's value.

use crate::snippet::shell::{printf, word};
use crate::snippet::{SendableParts, is_unsafe_in_a_terminal};

pub(super) fn write(sent: &SendableParts, out: &mut String) {
    let piped = sent.body.chars().any(is_unsafe_in_a_terminal);
    if piped {
        printf(sent.body, out);
        out.push_str("http ");
    } else {
        // In a script standard input is no terminal, and HTTPie would read the content from it.
        out.push_str("http --ignore-stdin ");
    }
    if sent.as_is {
        out.push_str("--path-as-is ");
    }
    word(sent.method, out);
    out.push(' ');
    word(&sent.url, out);
    for (name, value) in &sent.headers {
        out.push_str(" \\\n  ");
        word(&item(name, value), out);
    }
    if sent.has_body() {
        if !sent.has_content_type() {
            out.push_str(" \\\n  Content-Type:");
        }
        if !piped {
            out.push_str(" \\\n  --raw=");
            word(sent.body, out);
        }
    }
}

/// `Name;` is a header without a value, `Name:` one that is taken out. The space keeps a value that
/// begins with `=` or `@` from being another kind of item.
fn item(name: &str, value: &str) -> String {
    if value.is_empty() {
        return [name, ";"].concat();
    }
    let separator = if value.starts_with(['=', '@']) {
        ": "
    } else {
        ":"
    };
    [name, separator, value].concat()
}

#[cfg(test)]
mod tests {
    use crate::snippet::delivery::draft;
    use crate::snippet::{RequestDraft, SnippetLanguage, code};

    #[test]
    fn commands_are_short_and_readable() {
        fn check(draft: RequestDraft, expected: &str) {
            assert_eq!(
                code(SnippetLanguage::Httpie, &draft, "http://h:1", None),
                expected
            );
        }
        check(
            draft(
                "GET",
                "/api/users?page=1&q=한",
                &[("Accept", "text/csv"), ("X", "")],
                "",
            ),
            "http --ignore-stdin GET 'http://h:1/api/users?page=1&q=%ED%95%9C' \\\n  Accept:text/csv \\\n  'X;'",
        );
        check(
            draft("POST", "/api/users", &[("X", "@a")], "-\"O'Neil\""),
            "http --ignore-stdin POST http://h:1/api/users \\\n  'X: @a' \\\n  Content-Type: \\\n  --raw='-\"O'\\''Neil\"'",
        );
        check(
            draft("POST", "/api/users", &[("Content-Type", "a/b")], "\r"),
            "printf '\\015' | http POST http://h:1/api/users \\\n  Content-Type:a/b",
        );
    }
}
