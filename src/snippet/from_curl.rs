//! A curl command as a draft: the opposite of `curl`. Accepts what browsers, manuals and this site write.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::shell_words::commands;
use crate::model::http::{Header, RequestDraft, target_of_address};

/// Why a curl command has no draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurlError {
    /// It has no address.
    NoAddress,
    /// It has an option that a form cannot represent.
    Option(String),
    /// It reads a file with this name.
    File(String),
}

/// What an option means for a request.
#[derive(Clone, Copy, PartialEq)]
enum CurlOption {
    /// Nothing.
    Ignored,
    /// Nothing; it has a value.
    IgnoredValue,
    Address,
    Method,
    Header,
    Data,
    DataRaw,
    DataUrlencode,
    Json,
    /// The data are the query.
    Get,
    Head,
    User,
    Bearer,
    Cookie,
    UserAgent,
    Referer,
    Range,
}

impl CurlOption {
    fn parse(name: &str) -> Option<CurlOption> {
        Some(match name {
            "--url" => CurlOption::Address,
            "-X" | "--request" => CurlOption::Method,
            "-H" | "--header" => CurlOption::Header,
            "-d" | "--data" | "--data-ascii" | "--data-binary" => CurlOption::Data,
            "--data-raw" => CurlOption::DataRaw,
            "--data-urlencode" => CurlOption::DataUrlencode,
            "--json" => CurlOption::Json,
            "-G" | "--get" => CurlOption::Get,
            "-I" | "--head" => CurlOption::Head,
            "-u" | "--user" => CurlOption::User,
            "--oauth2-bearer" => CurlOption::Bearer,
            "-b" | "--cookie" => CurlOption::Cookie,
            "-A" | "--user-agent" => CurlOption::UserAgent,
            "-e" | "--referer" => CurlOption::Referer,
            "-r" | "--range" => CurlOption::Range,
            "-o" | "--output" | "-c" | "--cookie-jar" | "-w" | "--write-out" | "-m"
            | "--max-time" | "--connect-timeout" | "--retry" | "--retry-delay" | "-x"
            | "--proxy" | "-D" | "--dump-header" | "--resolve" | "--cacert" | "--max-redirs" => {
                CurlOption::IgnoredValue
            }
            "-i"
            | "--include"
            | "--show-headers"
            | "-s"
            | "--silent"
            | "-S"
            | "--show-error"
            | "-v"
            | "--verbose"
            | "-k"
            | "--insecure"
            | "-L"
            | "--location"
            | "-f"
            | "--fail"
            | "--fail-with-body"
            | "-g"
            | "--globoff"
            | "-N"
            | "--no-buffer"
            | "-#"
            | "--progress-bar"
            | "-O"
            | "--remote-name"
            | "-4"
            | "--ipv4"
            | "-6"
            | "--ipv6"
            | "-0"
            | "--http1.0"
            | "--http1.1"
            | "--http2"
            | "--http3"
            | "--compressed"
            | "--path-as-is"
            | "--basic"
            | "--tcp-nodelay"
            | "--no-progress-meter" => CurlOption::Ignored,
            _ => return None,
        })
    }

    fn has_value(self) -> bool {
        !matches!(
            self,
            CurlOption::Ignored | CurlOption::Get | CurlOption::Head
        )
    }
}

/// Returns the draft of a curl command, or `None` for any other text. An address of the site with this origin becomes
/// a path; any other stays, and is a finding of the draft. Of several commands the last one counts, because those
/// before it log in. A `Sandbox-Key` is left out: the form sends its own.
#[must_use]
pub fn from_curl(text: &str, origin: &str) -> Option<Result<RequestDraft, CurlError>> {
    let commands = commands(text);
    let words = commands.iter().rev().find_map(|command| {
        let command = match command.first().map(String::as_str) {
            Some("$" | "%" | ">") => &command[1..],
            _ => &command[..],
        };
        let (program, words) = command.split_first()?;
        let program = program.rsplit('/').next().unwrap_or_default();
        ["curl", "curl.exe"].contains(&program).then_some(words)
    })?;
    let mut command = CurlCommand::default();
    Some(command.read(words).and_then(|()| command.draft(origin)))
}

/// What the options of a command say.
#[derive(Default)]
struct CurlCommand {
    address: Option<String>,
    method: Option<String>,
    headers: Vec<Header>,
    /// The headers that curl does not add by itself, in lower case.
    removed: Vec<String>,
    data: Option<String>,
    is_json: bool,
    is_get: bool,
    is_head: bool,
}

impl CurlCommand {
    fn read(&mut self, words: &[String]) -> Result<(), CurlError> {
        let mut words = words.iter();
        let mut only_addresses = false;
        while let Some(word) = words.next() {
            let is_option = !only_addresses && word.len() > 1 && word.starts_with('-');
            if !is_option {
                self.address = Some(word.clone());
                continue;
            }
            if word == "--" {
                only_addresses = true;
                continue;
            }
            if word.starts_with("--") {
                let option = CurlOption::parse(word);
                let option = option.ok_or_else(|| CurlError::Option(word.clone()))?;
                let value = if option.has_value() {
                    words.next()
                } else {
                    None
                };
                self.apply(option, value.map_or("", String::as_str))?;
                continue;
            }
            // Letters that are options without a value, and one with a value, which is the rest or the next word.
            for (at, letter) in word.char_indices().skip(1) {
                let name = format!("-{letter}");
                let option = CurlOption::parse(&name).ok_or(CurlError::Option(name))?;
                if !option.has_value() {
                    self.apply(option, "")?;
                    continue;
                }
                let rest = &word[at + letter.len_utf8()..];
                let value = match rest.is_empty() {
                    true => words.next().map_or("", String::as_str),
                    false => rest,
                };
                self.apply(option, value)?;
                break;
            }
        }
        Ok(())
    }

    fn apply(&mut self, option: CurlOption, value: &str) -> Result<(), CurlError> {
        match option {
            CurlOption::Ignored | CurlOption::IgnoredValue => {}
            CurlOption::Address => self.address = Some(value.to_owned()),
            CurlOption::Method => self.method = Some(value.to_owned()),
            CurlOption::Header => self.add_header(value)?,
            CurlOption::Data | CurlOption::Json => {
                check_no_file(value.strip_prefix('@'))?;
                self.is_json |= option == CurlOption::Json;
                let separator = if option == CurlOption::Json { "" } else { "&" };
                self.add_data(value, separator);
            }
            CurlOption::DataRaw => self.add_data(value, "&"),
            CurlOption::DataUrlencode => {
                let (name, text) = match value.split_once(['=', '@']) {
                    Some((name, file)) if value[name.len()..].starts_with('@') => {
                        return check_no_file(Some(file));
                    }
                    Some((name, text)) => (Some(name).filter(|name| !name.is_empty()), text),
                    None => (None, value),
                };
                let text = encoded(text);
                let pair = name.map(|name| [name, "=", &text].concat());
                self.add_data(&pair.unwrap_or(text), "&");
            }
            CurlOption::Get => self.is_get = true,
            CurlOption::Head => self.is_head = true,
            CurlOption::User => {
                // Without a password curl asks for it.
                let user = match value.contains(':') {
                    true => value.to_owned(),
                    false => [value, ":"].concat(),
                };
                let basic = ["Basic ", &base64(user.as_bytes())].concat();
                self.headers.push(Header::new("Authorization", basic));
            }
            CurlOption::Bearer => {
                let bearer = ["Bearer ", value].concat();
                self.headers.push(Header::new("Authorization", bearer));
            }
            // Without an equals sign it names a file with the cookies of earlier responses.
            CurlOption::Cookie if value.contains('=') => {
                self.headers.push(Header::new("Cookie", value));
            }
            CurlOption::Cookie => {}
            CurlOption::UserAgent => self.headers.push(Header::new("User-Agent", value)),
            CurlOption::Referer => self.headers.push(Header::new("Referer", value)),
            CurlOption::Range => {
                let range = ["bytes=", value].concat();
                self.headers.push(Header::new("Range", range));
            }
        }
        Ok(())
    }

    /// Adds the header of `-H`: `Name: value`, `Name;` for an empty value, or `Name:`, which removes it.
    fn add_header(&mut self, text: &str) -> Result<(), CurlError> {
        check_no_file(text.strip_prefix('@'))?;
        match text.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => {
                self.removed.push(name.trim().to_ascii_lowercase());
            }
            Some((name, value)) => {
                self.headers.push(Header::new(name.trim(), value.trim()));
            }
            None => {
                if let Some(name) = text.trim_end().strip_suffix(';') {
                    self.headers.push(Header::new(name, ""));
                }
            }
        }
        Ok(())
    }

    fn add_data(&mut self, text: &str, separator: &str) {
        match &mut self.data {
            Some(data) => {
                data.push_str(separator);
                data.push_str(text);
            }
            None => self.data = Some(text.to_owned()),
        }
    }

    fn draft(&mut self, origin: &str) -> Result<RequestDraft, CurlError> {
        let address = self.address.take().ok_or(CurlError::NoAddress)?;
        let address = address.split('#').next().unwrap_or_default();
        // curl takes http where the scheme is missing.
        let address = match address.contains("://") || address.starts_with('/') {
            true => address.to_owned(),
            false => ["http://", address].concat(),
        };
        let target = target_of_address(&address, origin).map(str::to_owned);
        let mut target = target.unwrap_or(address);
        let mut data = self.data.take();
        if self.is_get
            && let Some(query) = data.take()
        {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&query);
        }
        let method = self.method.take().unwrap_or_else(|| {
            let method = match (&data, self.is_head) {
                (_, true) => "HEAD",
                (Some(_), _) => "POST",
                (None, _) => "GET",
            };
            method.to_owned()
        });
        let mut draft = RequestDraft {
            method,
            target,
            headers: std::mem::take(&mut self.headers),
            body: String::new(),
        };
        if let Some(data) = data {
            let (media_type, accept) = match self.is_json {
                true => ("application/json", Some("application/json")),
                false => ("application/x-www-form-urlencoded", None),
            };
            for (name, value) in [("Content-Type", Some(media_type)), ("Accept", accept)] {
                let is_removed = self.removed.contains(&name.to_ascii_lowercase());
                if let Some(value) = value
                    && !is_removed
                    && draft.header(name).is_none()
                {
                    draft.headers.push(Header::new(name, value));
                }
            }
            draft.body = data;
        }
        let is_key = |header: &Header| header.name.eq_ignore_ascii_case("sandbox-key");
        draft.headers.retain(|header| !is_key(header));
        Ok(draft)
    }
}

fn check_no_file(name: Option<&str>) -> Result<(), CurlError> {
    match name {
        Some(name) => Err(CurlError::File(name.to_owned())),
        None => Ok(()),
    }
}

/// Encodes all but the unreserved characters (RFC 3986, section 2.3), as curl does.
fn encoded(text: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Returns bytes in base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > chunk.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::curl_tests::{any_draft, draft};
    use super::super::{is_unsafe_in_a_terminal, to_curl};
    use super::*;
    use crate::http_file::PreparedRequest;

    const ORIGIN: &str = "http://h:1";

    fn parsed(text: &str) -> RequestDraft {
        match from_curl(text, ORIGIN) {
            Some(Ok(draft)) => draft,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn options_become_parts_of_the_draft() {
        fn check(text: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) {
            assert_eq!(parsed(text), draft(method, target, headers, body), "{text}");
        }
        let (form, json) = ("application/x-www-form-urlencoded", "application/json");
        let form = [("Content-Type", form)];
        let json = [("Content-Type", json), ("Accept", json)];
        check("curl http://h:1/api/users", "GET", "/api/users", &[], "");
        check(
            "$ curl 'h:1/api/users?a=1&b=2#x'",
            "GET",
            "/api/users?a=1&b=2",
            &[],
            "",
        );
        check(
            "/usr/bin/curl -sSL --url HTTP://H:1/api",
            "GET",
            "/api",
            &[],
            "",
        );
        check(
            "curl -X PATCH http://h:1/api/users/1 \\\n  -H 'If-Match: \"v1\"' -H \"X-A:b:c\" -HX-B:d \\\n  --data-raw '{\"a\":\"it'\\''s\"}' -H 'content-type: application/merge-patch+json'",
            "PATCH",
            "/api/users/1",
            &[
                ("If-Match", "\"v1\""),
                ("X-A", "b:c"),
                ("X-B", "d"),
                ("content-type", "application/merge-patch+json"),
            ],
            "{\"a\":\"it's\"}",
        );
        check(
            "curl http://h:1/api -d a=1 -db=2 --data-raw @c",
            "POST",
            "/api",
            &form,
            "a=1&b=2&@c",
        );
        check(
            "curl http://h:1/api --data-urlencode 'q=a b&한' --data-urlencode =x/y",
            "POST",
            "/api",
            &form,
            "q=a%20b%26%ED%95%9C&x%2Fy",
        );
        check(
            "curl --json '{' --json '}' http://h:1/api",
            "POST",
            "/api",
            &json,
            "{}",
        );
        check(
            "curl -iXPUT http://h:1/api -d '' -H 'Content-Type:'",
            "PUT",
            "/api",
            &[],
            "",
        );
        check(
            "curl -G http://h:1/api?a=1 -d b=2 --data-urlencode 'c=한'",
            "GET",
            "/api?a=1&b=2&c=%ED%95%9C",
            &[],
            "",
        );
        check(
            "curl -I http://h:1/api -H 'X-Empty;'",
            "HEAD",
            "/api",
            &[("X-Empty", "")],
            "",
        );
        check(
            "curl http://h:1/api -u ada:pass -b 'a=b; c=d' -A me -r 0-9",
            "GET",
            "/api",
            &[
                ("Authorization", "Basic YWRhOnBhc3M="),
                ("Cookie", "a=b; c=d"),
                ("User-Agent", "me"),
                ("Range", "bytes=0-9"),
            ],
            "",
        );
        check(
            "curl http://h:1/api -H $'X: it\\'s' -o /tmp/x --compressed -k 2> /dev/null",
            "GET",
            "/api",
            &[("X", "it's")],
            "",
        );
        check(
            "curl http://h:1/api -H 'Sandbox-Key: theirs'",
            "GET",
            "/api",
            &[],
            "",
        );
        check(
            "curl -c jar http://h:1/api/session --json '{}'\ncurl -i -b jar http://h:1/api/me",
            "GET",
            "/api/me",
            &[],
            "",
        );
        // A field of one line has no line breaks.
        check(
            "curl http://h:1/api \\  -H 'A: b'",
            "GET",
            "/api",
            &[("A", "b")],
            "",
        );
        // Another host stays, so that it can be named.
        check(
            "curl https://example.com/api/users",
            "GET",
            "https://example.com/api/users",
            &[],
            "",
        );
        check("curl localhost/api", "GET", "http://localhost/api", &[], "");
    }

    #[test]
    fn text_that_is_no_curl_command_has_no_draft() {
        for text in [
            "",
            "/api/users",
            "curly http://h:1/",
            "use curl http://h:1/",
            "http://h:1/api",
            "GET /api",
        ] {
            assert_eq!(from_curl(text, ORIGIN), None, "{text}");
        }
    }

    #[test]
    fn command_that_a_form_cannot_represent_is_refused_by_name() {
        fn check(text: &str, expected: CurlError) {
            assert_eq!(from_curl(text, ORIGIN), Some(Err(expected)), "{text}");
        }
        check("curl -i", CurlError::NoAddress);
        check(
            "curl http://h:1/api -F a=b",
            CurlError::Option("-F".to_owned()),
        );
        check(
            "curl --frob http://h:1/api",
            CurlError::Option("--frob".to_owned()),
        );
        check(
            "curl http://h:1/api -d @body.json",
            CurlError::File("body.json".to_owned()),
        );
        check(
            "curl http://h:1/api --data-urlencode a@b",
            CurlError::File("b".to_owned()),
        );
        check(
            "printf 'x' | curl http://h:1/api --data-binary @-",
            CurlError::File("-".to_owned()),
        );
    }

    #[test]
    fn base64_has_padding() {
        for (bytes, text) in [
            ("", ""),
            ("a", "YQ=="),
            ("ab", "YWI="),
            ("abc", "YWJj"),
            ("a?b>", "YT9iPg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    proptest! {
        #[test]
        fn copied_command_is_parsed_to_the_same_request(draft in any_draft(), login: bool) {
            prop_assume!(!draft.body.chars().any(is_unsafe_in_a_terminal));
            let mut request = PreparedRequest::from(draft.clone());
            request.login = login.then(|| "grace@example.com".to_owned());
            let parsed = parsed(&to_curl(&request, ORIGIN, Some("key")));
            prop_assert_eq!(&parsed.method, &draft.method);
            prop_assert_eq!(parsed.target, crate::model::http::normalize_target(&draft.target).expect("a target"));
            prop_assert_eq!(parsed.headers, draft.headers);
            prop_assert_eq!(parsed.body, draft.body);
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in ".{0,80}", rest in "[-' \"\\\\$a-zA-Z@=:\n]{0,60}") {
            let _ = from_curl(&text, ORIGIN);
            let _ = from_curl(&["curl ", &rest].concat(), ORIGIN);
        }
    }
}
