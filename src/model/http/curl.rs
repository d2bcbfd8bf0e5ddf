//! A draft as a curl command for `sh` and bash. Other shells and tools are not here.

use super::target::{encode_target, normalise_target};
use super::{RequestDraft, is_token};

/// Writes the curl command that sends `draft` to `base_url` (scheme and authority, without a path).
///
/// Run in any POSIX shell it delivers the draft's method, target, header lines and bytes of content,
/// and, like a browser, no `Content-Type` that the draft does not have. What no client can send
/// (a method or header name that is no token, a line break in a value) is left out. `sandbox_key`
/// becomes a `Sandbox-Key` header unless the draft has its own.
pub fn to_curl(draft: &RequestDraft, base_url: &str, sandbox_key: Option<&str>) -> String {
    let mut out = String::with_capacity(128 + draft.body.len());
    let piped = draft.body.chars().any(is_unsafe_in_a_terminal);
    if piped {
        printf(&draft.body, &mut out);
    }
    out.push_str("curl");
    let has_body = !draft.body.is_empty();
    let method = if is_token(&draft.method) {
        draft.method.as_str()
    } else {
        "GET"
    };
    // Of the methods whose content has a meaning, a browser says `Content-Length: 0` for these two.
    let sends_content = has_body || method == "POST" || method == "PUT";
    if method == "HEAD" && !has_body {
        out.push_str(" --head");
    } else {
        out.push_str(" -i");
        if method != if sends_content { "POST" } else { "GET" } {
            out.push_str(" -X ");
            word(method, &mut out);
        }
        if method == "HEAD" {
            // `--head` takes no content, and without it curl waits for content that never comes.
            out.push_str(" --max-time 10");
        }
    }
    let target = match normalise_target(&draft.target) {
        Ok(target) => target,
        Err(_) => {
            out.push_str(" --path-as-is");
            encode_target(&draft.target)
        }
    };
    let mut url = String::with_capacity(base_url.len() + target.len());
    url.push_str(base_url.trim_end_matches('/'));
    url.push_str(&target);
    if url.contains(['[', ']', '{', '}']) {
        out.push_str(" --globoff");
    }
    out.push(' ');
    word(&url, &mut out);
    for header in &draft.headers {
        if is_token(&header.name) && !header.value.contains(is_line_breaking) {
            push_header(&header.name, &header.value, &mut out);
        }
    }
    if let Some(key) = sandbox_key
        && draft.header("sandbox-key").is_none()
    {
        push_header("Sandbox-Key", key, &mut out);
    }
    if sends_content {
        let typed = |header: &super::Header| header.name.eq_ignore_ascii_case("content-type");
        if !draft.headers.iter().any(typed) {
            out.push_str(" \\\n  -H 'Content-Type:'");
        }
        // Unlike `--data`, `--data-raw` has no meaning for a leading `@`.
        out.push_str(" \\\n  ");
        if piped {
            out.push_str("--data-binary @-");
        } else {
            out.push_str("--data-raw ");
            word(&draft.body, &mut out);
        }
    }
    out
}

/// For curl `Name;` is a header without a value, `Name:` one that is taken out.
fn push_header(name: &str, value: &str, out: &mut String) {
    let value = value.trim_matches([' ', '\t']);
    let mut line = String::with_capacity(name.len() + value.len() + 2);
    line.push_str(name);
    line.push_str(if value.is_empty() { ";" } else { ": " });
    line.push_str(value);
    out.push_str(" \\\n  -H ");
    word(&line, out);
}

fn is_line_breaking(character: char) -> bool {
    matches!(character, '\0' | '\n' | '\r')
}

/// What an argument cannot hold (NUL) or what a terminal acts on when it is pasted.
fn is_unsafe_in_a_terminal(character: char) -> bool {
    character.is_ascii_control() && character != '\n' && character != '\t'
}

/// Writes one word of the shell: as it is, or in single quotes, where only the quote itself is special.
fn word(text: &str, out: &mut String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    out.push('\'');
    for (number, part) in text.split('\'').enumerate() {
        if number > 0 {
            out.push_str("'\\''");
        }
        out.push_str(part);
    }
    out.push('\'');
}

/// Writes `printf … | ` with its format in single quotes and control characters in octal.
fn printf(text: &str, out: &mut String) {
    out.push_str("printf '");
    for (at, character) in text.char_indices() {
        match character {
            // A format that begins with a dash would be an option.
            '-' if at == 0 => out.push_str("\\055"),
            '\'' => out.push_str("'\\''"),
            '\\' => out.push_str("\\\\"),
            '%' => out.push_str("%%"),
            _ if is_unsafe_in_a_terminal(character) => {
                let code = character as u8;
                out.push('\\');
                for shift in [6, 3, 0] {
                    out.push(char::from(b'0' + (code >> shift & 7)));
                }
            }
            _ => out.push(character),
        }
    }
    out.push_str("' | ");
}

#[cfg(test)]
mod delivery;

#[cfg(test)]
mod tests {
    use super::delivery::draft;
    use super::*;

    #[test]
    fn commands_are_short_and_readable() {
        fn check(draft: RequestDraft, expected: &str) {
            assert_eq!(to_curl(&draft, "http://h:1/", None), expected);
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
        // Nothing of a draft can reach another host or become another argument.
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
    fn the_sandbox_key_is_added_once() {
        fn check(draft: RequestDraft, expected: &str) {
            assert_eq!(to_curl(&draft, "http://h", Some("k1")), expected);
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
