//! HTTPie for `sh` and bash.
//!
//! HTTPie converts methods to upper case and accepts only letters in them. It has no escape for a
//! backslash before `:`, `;`, `=` or `@` in a header value.

use crate::snippet::shell::{printf, word};
use crate::snippet::{SendableParts, is_unsafe_in_a_terminal};

pub(super) fn write(request: &SendableParts, out: &mut String) {
    let piped = request.body.chars().any(is_unsafe_in_a_terminal);
    if piped {
        printf(request.body, out);
        out.push_str("http ");
    } else {
        // In a script, standard input is not a terminal, and HTTPie would read the body from it.
        out.push_str("http --ignore-stdin ");
    }
    if request.keeps_dot_segments {
        out.push_str("--path-as-is ");
    }
    word(request.method, out);
    out.push(' ');
    word(&request.url, out);
    for (name, value) in &request.headers {
        out.push_str(" \\\n  ");
        word(&item(name, value), out);
    }
    if request.has_body() {
        if !request.has_content_type() {
            out.push_str(" \\\n  Content-Type:");
        }
        if !piped {
            out.push_str(" \\\n  --raw=");
            word(request.body, out);
        }
    }
}

/// Returns the request item of a header. `Name;` is an empty header, and `Name:` removes the header. A
/// space separates a value that begins with `=` or `@`, because `:=` and `:@` are other kinds of items.
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
    use crate::snippet::curl_tests::draft;
    use crate::snippet::{RequestDraft, SnippetLanguage, code};

    #[test]
    fn command_has_only_the_required_options() {
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
