//! HTTPie for `sh` and bash.
//!
//! HTTPie converts methods to upper case and accepts only letters in them. It has no escape for a
//! backslash before `:`, `;`, `=` or `@` in a header value.

use crate::snippet::shell::{printf, word};
use crate::snippet::{LoginStep, SendableParts, is_unsafe_in_a_terminal};

pub(super) fn write(request: &SendableParts, out: &mut String) {
    if let Some(login) = &request.login {
        log_in(login, out);
    }
    let piped = request.body.chars().any(is_unsafe_in_a_terminal);
    if piped {
        printf(request.body, out);
        out.push_str("http ");
    } else {
        // In a script, standard input is not a terminal, and HTTPie would read the body from it.
        out.push_str("http --ignore-stdin ");
    }
    if request.login.is_some() {
        out.push_str("--session-read-only=");
        out.push_str(SESSION);
        out.push(' ');
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

/// The file in which HTTPie keeps the cookie of a login; a name without a slash would be one in its own folder.
const SESSION: &str = "./session.json";

/// Writes the command that logs in.
fn log_in(login: &LoginStep, out: &mut String) {
    for part in ["http --ignore-stdin --quiet --session=", SESSION, " POST "] {
        out.push_str(part);
    }
    word(&login.url, out);
    // HTTPie keeps headers of this command for the next one too, but not Content-Type.
    out.push_str(" \\\n  Accept: Content-Type:application/json");
    if let Some(key) = login.sandbox_key {
        out.push_str(" \\\n  ");
        word(&item("Sandbox-Key", key), out);
    }
    out.push_str(" \\\n  --raw=");
    word(&login.body, out);
    out.push_str("\n\n");
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
    use crate::model::http::RequestDraft;
    use crate::snippet::SnippetLanguage;
    use crate::snippet::curl_tests::{draft, draft_code};

    #[test]
    fn command_has_only_the_required_options() {
        fn check(draft: RequestDraft, expected: &str) {
            assert_eq!(
                draft_code(SnippetLanguage::Httpie, &draft, "http://h:1", None),
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
