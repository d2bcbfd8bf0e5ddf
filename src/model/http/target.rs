//! Request targets: which targets a draft may have, and how they are sent.
//!
//! A draft comes from a lesson, a form field or a permalink, so its target is not trusted: it must be
//! inside the API in whatever way a browser, a proxy or the router interprets it.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// The reason why a target is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum TargetError {
    /// It does not begin with `/`: empty, relative, or a whole URL.
    #[error("the target must be a path of this site, beginning with /api/")]
    NotAPath,
    /// It begins with `//`, which names another host (RFC 3986, section 4.2).
    #[error("a target that begins with // names another host")]
    OtherHost,
    /// Its path has a backslash, which browsers interpret as a slash.
    #[error("a path has no backslash; write %5C for one")]
    Backslash,
    /// It has a control character.
    #[error("a target has no control characters")]
    ControlCharacter,
    /// It has a fragment, which is never sent (RFC 9110, section 4.2.5).
    #[error("what follows # is never sent; write %23 for the character")]
    Fragment,
    /// Its path is not `/api` or below after `.` and `..` are removed.
    #[error("only paths under /api/ can be called from here")]
    OutsideApi,
    /// It is the event stream, which never ends.
    #[error("the event stream is not a request with one response")]
    EventStream,
}

/// Returns the target as it is sent: `.` and `..` are removed (RFC 3986, section 5.2.4), characters
/// that a path or query may not have are percent-encoded as browsers do (URL Standard, section 1.3), a
/// valid `%XX` is unchanged, and any other `%` becomes `%25`. Normalizing a normalized target returns
/// it unchanged.
///
/// # Errors
/// Returns a [`TargetError`] unless the path is `/api` or below it, before and after encoded dots and
/// slashes are decoded.
pub fn normalize_target(target: &str) -> Result<String, TargetError> {
    normalize_target_of("GET", target)
}

/// Returns the same as [`normalize_target`] for a request with this method; only GET opens the event stream.
///
/// # Errors
/// Returns the errors of [`normalize_target`].
pub fn normalize_target_of(method: &str, target: &str) -> Result<String, TargetError> {
    let target = target.trim_matches(' ');
    if target.chars().any(char::is_control) {
        return Err(TargetError::ControlCharacter);
    }
    if !target.starts_with('/') {
        return Err(TargetError::NotAPath);
    }
    let (path, query) = split(target);
    if target.contains('#') {
        return Err(TargetError::Fragment);
    }
    if path.contains('\\') {
        return Err(TargetError::Backslash);
    }
    if path.starts_with("//") {
        return Err(TargetError::OtherHost);
    }
    let path = remove_dot_segments(path);
    let decoded = percent_decode_str(&path)
        .decode_utf8_lossy()
        .replace('\\', "/");
    let read_decoded = remove_dot_segments(&decoded);
    if !is_under_api(&path) || !is_under_api(&read_decoded) {
        return Err(TargetError::OutsideApi);
    }
    let named = read_decoded
        .split('/')
        .filter(|segment| !segment.is_empty());
    if method.eq_ignore_ascii_case("GET") && named.eq(["api", "sandbox", "events"]) {
        return Err(TargetError::EventStream);
    }
    let mut out = String::with_capacity(target.len());
    encode(&path, PATH, &mut out);
    if let Some(query) = query {
        out.push('?');
        encode(query, QUERY, &mut out);
    }
    Ok(out)
}

/// Returns any target percent-encoded for a URL, without validation, for a snippet of a request that
/// this site does not send.
pub(crate) fn encode_target(target: &str) -> String {
    let (path, query) = split(target.trim_matches(' '));
    let mut out = String::with_capacity(target.len() + 1);
    if !path.starts_with('/') {
        out.push('/');
    }
    encode(path, PATH, &mut out);
    if let Some(query) = query {
        out.push('?');
        encode(query, QUERY, &mut out);
    }
    out
}

fn split(target: &str) -> (&str, Option<&str>) {
    match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    }
}

/// The characters encoded in a path besides controls, space and non-ASCII (URL Standard, path
/// percent-encode set), and the backslash, which would become a slash.
const PATH: &[u8] = b"\"#<>?^`{}\\";
/// The same for the query of an http URL (special-query percent-encode set), and the backslash.
const QUERY: &[u8] = b"\"#<>'\\";

fn encode(text: &str, also: &[u8], out: &mut String) {
    let bytes = text.as_bytes();
    for (at, character) in text.char_indices() {
        let encoded = match character {
            '%' => !is_escape(&bytes[at..]),
            '!'..='~' => also.contains(&(character as u8)),
            _ => true,
        };
        if encoded {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)] as char);
                out.push(HEX[usize::from(byte & 15)] as char);
            }
        } else {
            out.push(character);
        }
    }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn is_escape(bytes: &[u8]) -> bool {
    bytes.len() > 2 && bytes[1].is_ascii_hexdigit() && bytes[2].is_ascii_hexdigit()
}

fn is_under_api(path: &str) -> bool {
    path.strip_prefix("/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Removes `.` and `..` segments, whether their dots are encoded or not, as browsers do.
fn remove_dot_segments(path: &str) -> String {
    let mut kept = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let dots = dots(segment);
        if dots == 2 {
            kept.pop();
        }
        if dots == 0 {
            kept.push(segment);
        } else if segments.peek().is_none() {
            kept.push("");
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in kept {
        out.push('/');
        out.push_str(segment);
    }
    out
}

/// Returns 1 for `.`, 2 for `..`, whether their dots are encoded or not, and 0 for any other segment.
fn dots(segment: &str) -> usize {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        rest = if let Some(rest) = rest.strip_prefix('.') {
            rest
        } else if rest
            .get(..3)
            .is_some_and(|dot| dot.eq_ignore_ascii_case("%2e"))
        {
            &rest[3..]
        } else {
            return 0;
        };
        count += 1;
    }
    if count > 2 { 0 } else { count }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn event_stream_is_refused_for_get_only() {
        let target = "/api/sandbox/events";
        for method in ["HEAD", "OPTIONS", "POST"] {
            let normal = normalize_target_of(method, target);
            assert_eq!(normal.as_deref(), Ok(target), "{method}");
        }
        for method in ["GET", "get"] {
            let refused = normalize_target_of(method, target);
            assert_eq!(refused, Err(TargetError::EventStream), "{method}");
        }
    }

    #[test]
    fn normalized_target_is_stable() {
        fn check(target: &str, expected: &str) {
            let normal =
                normalize_target(target).unwrap_or_else(|error| panic!("{target:?}: {error}"));
            assert_eq!(normal, expected, "{target:?}");
            assert_eq!(
                normalize_target(&normal).as_deref(),
                Ok(expected),
                "{target:?} twice"
            );
        }
        check("/api", "/api");
        check("/api/", "/api/");
        check("/api?x=1", "/api?x=1");
        check("/api/users", "/api/users");
        check("  /api/users ", "/api/users");
        check("/api/users/", "/api/users/");
        check("/api//users", "/api//users");
        check("/api/./users", "/api/users");
        check("/api/users/../health", "/api/health");
        check("/api/users/%2e%2E/health", "/api/health");
        check("/api/users/.", "/api/users/");
        check("/api/users/..", "/api/");
        check("/x/../api/users", "/api/users");
        check("/api/users/...", "/api/users/...");
        check("/api/users/.well-known", "/api/users/.well-known");
        check("/api/users?q=../../logout", "/api/users?q=../../logout");
        check(
            "/api/users?next=//host/x&u=http://h",
            "/api/users?next=//host/x&u=http://h",
        );
        check("/api/users?q=a b", "/api/users?q=a%20b");
        check("/api/users?q=a+b", "/api/users?q=a+b");
        check("/api/users?q=한", "/api/users?q=%ED%95%9C");
        check("/api/users?q=%ED%95%9C", "/api/users?q=%ED%95%9C");
        check("/api/users?q=%ed%95%9c", "/api/users?q=%ed%95%9c");
        check("/api/한 글", "/api/%ED%95%9C%20%EA%B8%80");
        check("/api/users/100%", "/api/users/100%25");
        check("/api/users/%zz?p=5%", "/api/users/%25zz?p=5%25");
        check("/api/users/{id}", "/api/users/%7Bid%7D");
        check("/api/users?q={\"a\"}&r='", "/api/users?q={%22a%22}&r=%27");
        check("/api/users?a=?&b=\\", "/api/users?a=?&b=%5C");
        check("/api/users/a%2Fb", "/api/users/a%2Fb");
        check("/api/users/%00", "/api/users/%00");
        check("/api/sandbox/events-log", "/api/sandbox/events-log");
        check(
            "/api/users/1;v=2,3@x:$&+=!*()~",
            "/api/users/1;v=2,3@x:$&+=!*()~",
        );
    }

    #[test]
    fn targets_outside_the_api_are_refused() {
        fn check(target: &str, expected: TargetError) {
            assert_eq!(normalize_target(target), Err(expected), "{target:?}");
        }
        use TargetError::*;
        for target in [
            "",
            " ",
            "api/users",
            "http://h/api/users",
            "https://h/api",
            "?x=/api/",
            "*",
            "h:80",
        ] {
            check(target, NotAPath);
        }
        for target in [
            "//host/x",
            "//host/api/users",
            "///api/users",
            "//api/users",
        ] {
            check(target, OtherHost);
        }
        for target in [
            "/\\host/x",
            "/api\\..\\logout",
            "/api/\\",
            "/api/..\\logout",
        ] {
            check(target, Backslash);
        }
        for target in [
            "/api/users\n",
            "/api/a\tb",
            "/api/a\0",
            "/api/\u{7f}",
            "/api?\r\nHost: x",
            "\n/api",
            "/api/\u{85}",
        ] {
            check(target, ControlCharacter);
        }
        for target in ["/api/users#x", "/api/users?a=1#x", "/api#/../x"] {
            check(target, Fragment);
        }
        for target in [
            "/",
            "/logout",
            "/API/users",
            "/apix",
            "/apix/users",
            "/api/../logout",
            "/api/..",
            "/api/users/../../logout",
            "/api/%2e%2e/logout",
            "/api/%2E./logout",
            "/api/.%2e/logout",
            "/api/..%2flogout",
            "/api/..%2Flogout",
            "/api/x%2f..%2f..%2flogout",
            "/api/..%5clogout",
            "/api/%2e%2e%5Clogout",
            "/%61pi/../logout",
            "/%61pi/users",
            "/api%2fusers",
            "/.//host/api",
            "/..//api/users",
            "/ko/try",
        ] {
            check(target, OutsideApi);
        }
        for target in [
            "/api/sandbox/events",
            "/api/sandbox/events/",
            "/api/sandbox/events?since=1",
            "/api/./sandbox/x/../events",
            "/api/sandbox/event%73",
            "/api/sandbox%2fevents",
            "/api//sandbox//events",
            "/api/sandbox/events/.",
        ] {
            check(target, EventStream);
        }
    }

    /// Returns texts of characters that have a meaning in a target.
    fn target() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => Just("/"),
            2 => Just("/api/"),
            1 => Just("/sandbox/events"),
            2 => Just(".."),
            2 => Just("."),
            2 => prop::sample::select(vec!["%2e", "%2E", "%2f", "%5c", "%", "%25", "%zz", "%ED%95%9C", "%00"]),
            2 => prop::sample::select(vec!["\\", "#", "?", "&", "=", ":", "@", "'", "\"", "{", "}", "^", "`", "|", "<", " ", "\t", "\n"]),
            2 => prop::sample::select(vec!["한", "é", "users", "logout", "host", "http:", "\u{85}", "\u{feff}", "😀"]),
        ];
        (prop::bool::ANY, prop::collection::vec(piece, 0..10))
            .prop_map(|(api, pieces)| [if api { "/api/" } else { "" }, &pieces.concat()].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Compares with the `url` crate, which has the URL parser of browsers.
        #[test]
        fn accepted_target_is_inside_the_api_for_a_url_parser(target in target()) {
            let base = url::Url::parse("http://here.test:3000/ko/methods/get").expect("a URL");
            if let Ok(normal) = normalize_target(&target) {
                prop_assert_eq!(normalize_target(&normal), Ok(normal.clone()));
                prop_assert!(normal.bytes().all(|byte| matches!(byte, b'!'..=b'~')));
                let joined = base.join(&normal).expect("a URL");
                prop_assert_eq!(joined.origin(), base.origin());
                prop_assert!(joined.path() == "/api" || joined.path().starts_with("/api/"));
                prop_assert_ne!(joined.path(), "/api/sandbox/events");
                prop_assert_eq!(&joined[url::Position::BeforePath..], &normal);
                // The entered target has the same decoded bytes.
                let typed = base.join(&target).expect("a URL");
                let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
                prop_assert_eq!(decoded(&typed[url::Position::BeforePath..]), decoded(&normal));
            }
        }

        #[test]
        fn arbitrary_target_is_normalized_or_an_error(target in any::<String>()) {
            let _ = normalize_target(&target);
            prop_assert!(encode_target(&target).bytes().all(|byte| matches!(byte, b'!'..=b'~')));
        }
    }
}
