//! curl for `sh` and bash. curl for PowerShell is in `powershell`.

use crate::snippet::shell::{printf, word};
use crate::snippet::{LoginStep, SendableParts, is_unsafe_in_a_terminal};

/// The file in which the cookie of a login is kept.
pub(super) const COOKIES: &str = "cookies.txt";

pub(super) fn write(request: &SendableParts, out: &mut String) {
    if let Some(login) = &request.login {
        log_in(login, out);
    }
    let piped = request.body.chars().any(is_unsafe_in_a_terminal);
    if piped {
        printf(request.body, out);
    }
    out.push_str("curl");
    let sends_content = request.sends_content();
    if request.method == "HEAD" && !sends_content {
        out.push_str(" --head");
    } else {
        out.push_str(" -i");
        if request.method != if sends_content { "POST" } else { "GET" } {
            out.push_str(" -X ");
            word(request.method, out);
        }
        if request.method == "HEAD" {
            // `--head` excludes a body. With `-X HEAD` curl waits for a body that never arrives, so a
            // time limit ends it.
            out.push_str(" --max-time 10");
        }
    }
    if request.login.is_some() {
        out.push_str(" -b ");
        out.push_str(COOKIES);
    }
    if request.keeps_dot_segments {
        out.push_str(" --path-as-is");
    }
    if request.url.contains(['[', ']', '{', '}']) {
        out.push_str(" --globoff");
    }
    out.push(' ');
    word(&request.url, out);
    for (name, value) in &request.headers {
        out.push_str(" \\\n  -H ");
        word(&header(name, value), out);
    }
    if sends_content {
        if !request.has_content_type() {
            out.push_str(" \\\n  -H 'Content-Type:'");
        }
        // Unlike `--data`, `--data-raw` does not interpret a leading `@` as a file name.
        out.push_str(" \\\n  ");
        if piped {
            out.push_str("--data-binary @-");
        } else {
            out.push_str("--data-raw ");
            word(request.body, out);
        }
    }
}

/// Writes the command that logs in.
fn log_in(login: &LoginStep, out: &mut String) {
    for part in ["curl -s -o /dev/null -c ", COOKIES, " "] {
        out.push_str(part);
    }
    word(&login.url, out);
    for (name, value) in login.headers() {
        out.push_str(" \\\n  -H ");
        word(&header(name, value), out);
    }
    out.push_str(" \\\n  --data-raw ");
    word(&login.body, out);
    out.push_str("\n\n");
}

/// Returns the argument of `-H`. `Name;` is an empty header for curl, and `Name:` removes the header.
pub(super) fn header(name: &str, value: &str) -> String {
    let separator = if value.is_empty() { ";" } else { ": " };
    [name, separator, value].concat()
}

#[cfg(test)]
mod tests {
    use crate::http_file::PreparedRequest;
    use crate::model::http::RequestDraft;
    use crate::snippet::curl_tests::draft;
    use crate::snippet::to_curl;

    #[test]
    fn command_has_only_the_required_options() {
        fn check(draft: RequestDraft, expected: &str) {
            assert_eq!(to_curl(&draft.into(), "http://h:1/", None), expected);
        }
        check(
            draft("GET", "/api/users", &[], ""),
            "curl -i http://h:1/api/users",
        );
        check(
            draft("GET", "/api/users?page=1&q=한", &[], ""),
            "curl -i 'http://h:1/api/users?page=1&q=%ED%95%9C'",
        );
        check(
            draft("HEAD", "/api/users", &[], ""),
            "curl --head http://h:1/api/users",
        );
        check(
            draft("DELETE", "/api/users/2", &[], ""),
            "curl -i -X DELETE http://h:1/api/users/2",
        );
        check(
            draft(
                "POST",
                "/api/users",
                &[("Content-Type", "application/json")],
                "{\"name\": \"O'Neil\"}",
            ),
            "curl -i http://h:1/api/users \\\n  -H 'Content-Type: application/json' \\\n  --data-raw '{\"name\": \"O'\\''Neil\"}'",
        );
        check(
            draft("PUT", "/api/users/2", &[("X-Empty", " ")], ""),
            "curl -i -X PUT http://h:1/api/users/2 \\\n  -H 'X-Empty;' \\\n  -H 'Content-Type:' \\\n  --data-raw ''",
        );
        check(
            draft("GET", "/api/users", &[], "x"),
            "curl -i -X GET http://h:1/api/users \\\n  -H 'Content-Type:' \\\n  --data-raw x",
        );
        check(
            draft("POST", "/api/users", &[("content-type", "")], "a\0'%\\\r\n"),
            "printf 'a\\000'\\''%%\\\\\\015\n' | curl -i http://h:1/api/users \\\n  -H 'content-type;' \\\n  --data-binary @-",
        );
        // No part of a draft can change the host or become another argument.
        check(
            draft("GET", "@evil.test/", &[], ""),
            "curl -i --path-as-is http://h:1/@evil.test/",
        );
        check(
            draft("GET", "//evil.test/ '$(x)'", &[], ""),
            "curl -i --path-as-is 'http://h:1//evil.test/%20'\\''$(x)'\\'''",
        );
        check(
            draft(
                "A B\r\n",
                "/api",
                &[("a b", "c"), ("X", "1\r\nY: 2"), ("@/etc/passwd", "x")],
                "",
            ),
            "curl -i http://h:1/api",
        );
    }

    #[test]
    fn session_of_the_browser_becomes_a_login_that_keeps_the_cookie() {
        let mut request = PreparedRequest::from(draft("GET", "/api/me", &[], ""));
        request.login = Some("o'neil@example.com".to_owned());
        assert_eq!(
            to_curl(&request, "http://h", Some("k1")),
            "curl -s -o /dev/null -c cookies.txt http://h/api/session \\\n  -H 'Sandbox-Key: k1' \\\n  \
             -H 'Content-Type: application/json' \\\n  \
             --data-raw '{\"email\": \"o'\\''neil@example.com\", \"password\": \"routebook\"}'\n\n\
             curl -i -b cookies.txt http://h/api/me \\\n  -H 'Sandbox-Key: k1'"
        );
    }

    #[test]
    fn sandbox_key_is_added_unless_the_draft_has_one() {
        fn check(draft: RequestDraft, expected: &str) {
            assert_eq!(to_curl(&draft.into(), "http://h", Some("k1")), expected);
        }
        check(
            draft("GET", "/api", &[], ""),
            "curl -i http://h/api \\\n  -H 'Sandbox-Key: k1'",
        );
        check(
            draft("GET", "/api", &[("sandbox-key", "own")], ""),
            "curl -i http://h/api \\\n  -H 'sandbox-key: own'",
        );
    }
}
