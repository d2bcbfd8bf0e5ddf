//! curl for Windows PowerShell 5.1 and PowerShell 7.
//!
//! The two versions pass quotes in arguments differently, Windows converts arguments to its code page,
//! and a pipe adds a line end. Therefore only plain ASCII words are arguments; the body, and headers
//! with other characters, are passed unchanged through files.

use crate::snippet::curl::{self, COOKIES};
use crate::snippet::{LoginStep, SendableParts};

pub(super) fn write(request: &SendableParts, out: &mut String) {
    if let Some(login) = &request.login {
        log_in(login, out);
    }
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| curl::header(name, value))
        .collect();
    if request.sends_content() {
        if !request.has_content_type() {
            headers.push("Content-Type:".to_owned());
        }
        if !request.has_body() {
            headers.push("Content-Length: 0".to_owned());
        }
    }
    if request.has_body() {
        file("$body", request.body, out);
    }
    let uses_header_file = !headers.iter().all(|header| is_plain_argument(header));
    if uses_header_file {
        file("$headers", &headers.join("\n"), out);
    }
    // In Windows PowerShell, `curl` without `.exe` is an alias of another command.
    out.push_str("curl.exe");
    let head = request.method == "HEAD";
    if head && !request.has_body() {
        out.push_str(" --head");
    } else {
        out.push_str(" -i");
        if request.method != if request.has_body() { "POST" } else { "GET" } {
            out.push_str(" -X ");
            word(request.method, out);
        }
        if head {
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
    if uses_header_file {
        out.push_str(" `\n  -H \"@$headers\"");
    } else {
        for header in &headers {
            out.push_str(" `\n  -H ");
            word(header, out);
        }
    }
    if request.has_body() {
        out.push_str(" `\n  --data-binary \"@$body\"");
    }
}

/// Writes the command that logs in.
fn log_in(login: &LoginStep, out: &mut String) {
    file("$login", &login.body, out);
    for part in ["curl.exe -s -o NUL -c ", COOKIES, " "] {
        out.push_str(part);
    }
    word(&login.url, out);
    for (name, value) in login.headers() {
        out.push_str(" `\n  -H ");
        word(&curl::header(name, value), out);
    }
    out.push_str(" `\n  --data-binary \"@$login\"\n\n");
}

/// Writes the lines that create a UTF-8 file of `text` and put its name into `variable`.
fn file(variable: &str, text: &str, out: &mut String) {
    out.push_str(variable);
    out.push_str(" = [IO.Path]::GetTempFileName()\n[IO.File]::WriteAllText(");
    out.push_str(variable);
    out.push_str(", ");
    string(text, out);
    out.push_str(")\n");
}

/// Returns whether both versions and Windows pass the text to a program unchanged.
fn is_plain_argument(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// Writes a word of a command, in single quotes if required.
fn word(text: &str, out: &mut String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:./".contains(&byte);
    if text.bytes().all(plain) {
        out.push_str(text);
    } else {
        single_quoted(text, out);
    }
}

/// Writes a string: in single quotes, which may span lines, or in double quotes when it has control
/// characters, which need escapes.
fn string(text: &str, out: &mut String) {
    if text.contains(|character: char| {
        character.is_control() && character != '\n' && character != '\t'
    }) {
        return double_quoted(text, out);
    }
    let lines = text.contains('\n');
    if lines {
        out.push('(');
    }
    single_quoted(text, out);
    if lines {
        // Pasting or saving the script may have changed the line ends to CR LF.
        out.push_str(".Replace(\"`r\", ''))");
    }
}

/// Writes a text in single quotes, where only single quotes are special; for PowerShell, four
/// typographic quotes are single quotes too.
fn single_quoted(text: &str, out: &mut String) {
    out.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            out.push(character);
        }
        out.push(character);
    }
    out.push('\'');
}

/// Writes a text in double quotes, where the backtick escapes, `$` begins a variable, and three
/// typographic quotes end the string.
fn double_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '`' | '$' | '"' | '\u{201c}'..='\u{201e}' => {
                out.push('`');
                out.push(character);
            }
            '\n' => out.push_str("`n"),
            '\r' => out.push_str("`r"),
            '\t' => out.push_str("`t"),
            '\0' => out.push_str("`0"),
            _ if character.is_control() => {
                out.push_str("$([char]");
                out.push_str(&(character as u32).to_string());
                out.push(')');
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use crate::model::http::RequestDraft;
    use crate::snippet::SnippetLanguage;
    use crate::snippet::curl_tests::{draft, draft_code};

    fn check(draft: RequestDraft, expected: &str) {
        assert_eq!(
            draft_code(SnippetLanguage::PowerShell, &draft, "http://h:1", None),
            expected
        );
    }

    #[test]
    fn plain_words_are_arguments() {
        check(
            draft("GET", "/api/users", &[], ""),
            "curl.exe -i http://h:1/api/users",
        );
        check(
            draft(
                "HEAD",
                "/api/users?a=1&b=$x",
                &[("Accept", "it's; q=1")],
                "",
            ),
            "curl.exe --head 'http://h:1/api/users?a=1&b=$x' `\n  -H 'Accept: it''s; q=1'",
        );
        check(
            draft("PUT", "/api/users/1", &[("X-Empty", "")], ""),
            "curl.exe -i -X PUT http://h:1/api/users/1 `\n  -H 'X-Empty;' `\n  -H 'Content-Type:' `\n  -H 'Content-Length: 0'",
        );
        check(
            draft("-d", "/api/users?a=[1]", &[], ""),
            "curl.exe -i -X '-d' --globoff 'http://h:1/api/users?a=[1]'",
        );
    }

    #[test]
    fn body_is_passed_through_a_file() {
        check(
            draft(
                "POST",
                "/api/users",
                &[("Content-Type", "application/json")],
                "{\"a\": \"O'Neil $x `y` 한글\"}",
            ),
            "$body = [IO.Path]::GetTempFileName()\n\
             [IO.File]::WriteAllText($body, '{\"a\": \"O''Neil $x `y` 한글\"}')\n\
             curl.exe -i http://h:1/api/users `\n  -H 'Content-Type: application/json' `\n  --data-binary \"@$body\"",
        );
        check(
            draft(
                "PATCH",
                "/api/users/1",
                &[("Content-Type", "")],
                "{\n\u{2019}}\n",
            ),
            "$body = [IO.Path]::GetTempFileName()\n\
             [IO.File]::WriteAllText($body, ('{\n\u{2019}\u{2019}}\n'.Replace(\"`r\", '')))\n\
             curl.exe -i -X PATCH http://h:1/api/users/1 `\n  -H 'Content-Type;' `\n  --data-binary \"@$body\"",
        );
        check(
            draft(
                "POST",
                "/api",
                &[("Content-Type", "a/b")],
                "\r\n\0\u{1b}[0m $(id) \"`\u{201d}'",
            ),
            "$body = [IO.Path]::GetTempFileName()\n\
             [IO.File]::WriteAllText($body, \"`r`n`0$([char]27)[0m `$(id) `\"```\u{201d}'\")\n\
             curl.exe -i http://h:1/api `\n  -H 'Content-Type: a/b' `\n  --data-binary \"@$body\"",
        );
    }

    #[test]
    fn headers_with_quotes_are_passed_through_a_file() {
        check(
            draft(
                "DELETE",
                "/api/users/1",
                &[("If-Match", "\"v1\""), ("X", "한\\")],
                "",
            ),
            "$headers = [IO.Path]::GetTempFileName()\n\
             [IO.File]::WriteAllText($headers, ('If-Match: \"v1\"\nX: 한\\'.Replace(\"`r\", '')))\n\
             curl.exe -i -X DELETE http://h:1/api/users/1 `\n  -H \"@$headers\"",
        );
    }
}
