//! The masking of secrets in a body, a query or a form. All other bytes stay unchanged.
//!
//! A secret is the value of a member or pair whose name ends with one of [`SECRETS`]. Names are compared
//! after escapes are decoded and case is folded. A body that contains such a name and cannot be split into
//! names and values is masked completely.

use std::ops::Range;

use crate::model::exchange::MASK;
use crate::model::json::Json;

/// The suffixes of names whose values are secrets: lower case, letters and digits only.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "apikey",
];

/// The replacement of a secret in JSON.
const HIDDEN_JSON: &str = "\"(hidden)\"";

/// Returns whether the value of a member or pair with this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.chars().flat_map(char::to_lowercase);
    let name: String = name.filter(|c| c.is_alphanumeric()).collect();
    SECRETS.iter().any(|secret| name.ends_with(secret))
}

/// Returns a body with its secrets replaced.
pub(super) fn mask(body: &[u8]) -> Vec<u8> {
    match find_secrets(body) {
        SecretRanges::Json(secrets) => replace(body, &secrets, HIDDEN_JSON),
        SecretRanges::Form(secrets) => replace(body, &secrets, MASK),
        SecretRanges::Unknown if mentions_secret(body) => MASK.into(),
        SecretRanges::Unknown => body.to_vec(),
    }
}

/// Returns a query or a form with its secrets replaced.
pub(super) fn mask_pairs(text: &str) -> String {
    let masked = replace(text.as_bytes(), &secret_pairs(text.as_bytes()), MASK);
    String::from_utf8_lossy(&masked).into_owned()
}

/// Returns whether a decoded value is a secret or contains one.
pub(super) fn is_secret_pair(name: &str, value: &str) -> bool {
    is_secret(name) || holds_secret(value)
}

/// The positions of the secrets in a body, by its format.
enum SecretRanges {
    Json(Vec<Range<usize>>),
    Form(Vec<Range<usize>>),
    Unknown,
}

/// Detects the format of a body and finds the secrets in it.
fn find_secrets(body: &[u8]) -> SecretRanges {
    let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[' | b'"') => {
            SecretRanges::Json(secret_members(body, body.len() - text.len()))
        }
        Some(_) if is_form(body) => SecretRanges::Form(secret_pairs(body)),
        _ => SecretRanges::Unknown,
    }
}

/// Returns whether a body contains pairs and none of the characters that a form always encodes.
fn is_form(body: &[u8]) -> bool {
    let is_other = |byte: &u8| byte.is_ascii_whitespace() || b"<>\"'{}\0:;,".contains(byte);
    body.contains(&b'=') && !body.iter().any(is_other)
}

/// Replaces the ranges of a body by the marker.
fn replace(body: &[u8], secrets: &[Range<usize>], hidden: &str) -> Vec<u8> {
    let mut masked = Vec::with_capacity(body.len());
    let mut end = 0;
    for secret in secrets {
        masked.extend_from_slice(&body[end..secret.start]);
        masked.extend_from_slice(hidden.as_bytes());
        end = secret.end;
    }
    masked.extend_from_slice(&body[end..]);
    masked
}

/// Returns the ranges of the values of secret pairs in a query or a form.
fn secret_pairs(text: &[u8]) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut start = 0;
    for pair in text.split(|byte| *byte == b'&') {
        let end = start + pair.len();
        if let Some(at) = pair.iter().position(|byte| *byte == b'=')
            && let Some((name, value)) = form_urlencoded::parse(pair).next()
            && is_secret_pair(&name, &value)
        {
            secrets.push(start + at + 1..end);
        }
        start = end + 1;
    }
    secrets
}

/// Returns the ranges of the values of secret members in a JSON text, which may be cut off.
///
/// If the text contains the name of a secret, everything from the first syntax error on counts as secret,
/// because the end of a value is unknown after it.
fn secret_members(text: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut at = start;
    // Two values without punctuation between them are not JSON.
    let mut follows_value = false;
    while let Some(byte) = text.get(at) {
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let is_punctuation = b"{}[]:,".contains(byte);
        let end = match is_punctuation {
            true => at + 1,
            false => scalar_end(text, at),
        };
        let scalar = &text[at..end];
        let begins_value = !is_punctuation || b"{[".contains(byte);
        if follows_value && begins_value || !(is_punctuation || is_scalar(scalar)) {
            if !secrets.is_empty() || mentions_secret(text) {
                secrets.push(at..text.len());
            }
            return secrets;
        }
        if is_punctuation {
            follows_value = false;
            at = end;
            continue;
        }
        follows_value = true;
        let colon = skip_space(text, end);
        let is_name = text.get(colon) == Some(&b':');
        if is_name && is_secret_name(scalar) {
            at = skip_space(text, colon + 1);
            let end = value_end(text, at);
            if at < end && &text[at..end] != b"null" {
                secrets.push(at..end);
            }
            at = end;
        } else {
            if !is_name && *byte == b'"' && string_holds_secret(scalar) {
                secrets.push(at..end);
            }
            at = end;
        }
    }
    secrets
}

fn skip_space(text: &[u8], at: usize) -> usize {
    let space = text[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace());
    at + space.count()
}

/// Returns the end of a string, number or word.
fn scalar_end(text: &[u8], at: usize) -> usize {
    if text[at] == b'"' {
        return string_end(text, at);
    }
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"{}[]:,\"".contains(byte);
    let length = text[at..].iter().position(is_end);
    length.map_or(text.len(), |length| at + length)
}

/// Returns the end of the string that begins at `at`; the end of the text when it is not closed.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = text.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    text.len()
}

/// Returns the end of the value that begins at `at`.
fn value_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    let mut depth = 0_usize;
    while let Some(byte) = text.get(end) {
        match byte {
            b'"' => end = string_end(text, end),
            b'{' | b'[' => {
                depth += 1;
                end += 1;
            }
            b'}' | b']' | b',' if depth == 0 => return end,
            b'}' | b']' => {
                depth -= 1;
                end += 1;
            }
            b':' | b',' => end += 1,
            _ if byte.is_ascii_whitespace() => end += 1,
            _ => end = scalar_end(text, end),
        }
        if depth == 0 {
            return end;
        }
    }
    text.len()
}

/// Returns whether the bytes are a string, or a number or word of JSON.
fn is_scalar(scalar: &[u8]) -> bool {
    scalar[0] == b'"' || Json::parse(scalar).is_ok()
}

/// Decodes a JSON string; returns `None` when it is not valid.
fn decode(string: &[u8]) -> Option<String> {
    let json = Json::parse(string).ok()?;
    json.as_text().map(str::to_owned)
}

fn is_secret_name(string: &[u8]) -> bool {
    match decode(string) {
        Some(name) => is_secret(&name),
        None => mentions_secret(string),
    }
}

/// Returns whether a JSON string contains a text with secrets, as the response of `/api/echo` does.
fn string_holds_secret(string: &[u8]) -> bool {
    // Quotes of embedded JSON are escaped, and an embedded form contains `=`.
    let may_hold = string.contains(&b'\\') || string.contains(&b'=');
    may_hold
        && match decode(string) {
            Some(text) => holds_secret(&text),
            None => mentions_secret(string),
        }
}

/// Returns whether a text is JSON or a form that contains secrets.
fn holds_secret(text: &str) -> bool {
    match find_secrets(text.as_bytes()) {
        SecretRanges::Json(secrets) | SecretRanges::Form(secrets) => !secrets.is_empty(),
        SecretRanges::Unknown => false,
    }
}

/// Returns whether the name of a secret occurs anywhere in a text, also encoded.
fn mentions_secret(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(c) = rest.chars().next() {
        let digits = match c {
            '%' => rest.get(1..3),
            '\\' if rest[1..].starts_with('u') => rest.get(2..6),
            _ => None,
        };
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        rest = match (code.and_then(char::from_u32), digits) {
            (Some(character), Some(digits)) => {
                decoded.push(character);
                let escape = if c == '%' { 1 } else { 2 };
                &rest[escape + digits.len()..]
            }
            _ => {
                decoded.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    let folded = decoded.chars().flat_map(char::to_lowercase);
    let folded: String = folded.filter(|c| !matches!(c, '-' | '_' | '\0')).collect();
    SECRETS.iter().any(|secret| folded.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let masked = String::from_utf8(mask(body.as_bytes())).expect("UTF-8");
        assert_eq!(masked, expected);
    }

    #[test]
    fn body_without_secrets_is_unchanged() {
        for body in [
            "",
            r#"{"name":"Ada"}"#,
            r#"{ "b": 1.50, "a": 123456789012345678901234567890, "b": [] }"#,
            r#"{"tokens":3,"token_type":"Bearer","password":null}"#,
            r#"{"detail":"the password is wrong: a=b"}"#,
            "{\"a\":",
            "{'a': 1}",
            "name=password&tokens=3",
            "a=1;b=2",
            "id,name\r\n1,Ada\r\n",
        ] {
            check(body, body);
        }
    }

    #[test]
    fn secret_members_of_json_are_masked_in_every_spelling() {
        for (body, expected) in [
            (
                r#"{"email":"a@b.c","password":"p"}"#,
                r#"{"email":"a@b.c","password":"(hidden)"}"#,
            ),
            (
                r#"{"p\u0061ssword":"p"}"#,
                r#"{"p\u0061ssword":"(hidden)"}"#,
            ),
            (
                r#"{ "Password" : "a\"b" , "n": 1e2 }"#,
                r#"{ "Password" : "(hidden)" , "n": 1e2 }"#,
            ),
            (
                r#"{"token":{"a":["}"]},"z":1}"#,
                r#"{"token":"(hidden)","z":1}"#,
            ),
            (r#"{"token":12}"#, r#"{"token":"(hidden)"}"#),
            (
                r#"{"token":"a","token":"b"}"#,
                r#"{"token":"(hidden)","token":"(hidden)"}"#,
            ),
            (
                r#"[{"client_secret":"s"},{"accessToken":"t"}]"#,
                r#"[{"client_secret":"(hidden)"},{"accessToken":"(hidden)"}]"#,
            ),
            (
                "\u{feff}{\"API-Key\":\"k\"}",
                "\u{feff}{\"API-Key\":\"(hidden)\"}",
            ),
            (
                "{\"a\":1}\n{\"password\":\"p\"}",
                "{\"a\":1}\n{\"password\":\"(hidden)\"}",
            ),
            (
                r#"{"text":"{\"password\":\"p\"}","n":1}"#,
                r#"{"text":"(hidden)","n":1}"#,
            ),
            (r#"{"text":"password=p"}"#, r#"{"text":"(hidden)"}"#),
        ] {
            check(body, expected);
        }
    }

    #[test]
    fn text_after_a_syntax_error_is_masked_when_the_body_names_a_secret() {
        for (body, expected) in [
            (r#"{"password":"p"#, r#"{"password":"(hidden)""#),
            (r#"{"token":{"a":"p"#, r#"{"token":"(hidden)""#),
            ("{'password':'p'}", "{\"(hidden)\""),
            (
                r#"{"password":"p"q","x":1}"#,
                r#"{"password":"(hidden)""(hidden)""#,
            ),
            (r#"{"a":"b"c","password":"p"}"#, r#"{"a":"b""(hidden)""#),
            ("{\"a\":1} Pass%77ord=p", "{\"a\":1} \"(hidden)\""),
            ("<user><password>p</password></user>", MASK),
            ("name,password\r\na,p\r\n", MASK),
            ("data={\"to\\u006ben\":1}", MASK),
        ] {
            check(body, expected);
        }
    }

    #[test]
    fn secret_pairs_of_a_form_are_masked_in_every_spelling() {
        for (body, expected) in [
            ("a=1&pass%77ord=p&b=2", "a=1&pass%77ord=(hidden)&b=2"),
            ("Token=t&Token=u&&c", "Token=(hidden)&Token=(hidden)&&c"),
            ("client_secret=a=b", "client_secret=(hidden)"),
            ("user%5Bpassword%5D=p", "user%5Bpassword%5D=(hidden)"),
            ("data=%7B%22password%22%3A1%7D&n=%31", "data=(hidden)&n=%31"),
        ] {
            check(body, expected);
            assert_eq!(mask_pairs(body), expected);
        }
    }

    /// Generates spellings of a name in JSON.
    fn spelled(name: String) -> impl Strategy<Value = String> {
        let letters = name.len();
        prop::collection::vec(0..3_u8, letters).prop_map(move |how| {
            let spell = |(letter, how): (char, u8)| match how {
                0 => letter.to_string(),
                1 => letter.to_ascii_uppercase().to_string(),
                _ => format!("\\u{:04X}", u32::from(letter)),
            };
            name.chars().zip(how).map(spell).collect()
        })
    }

    fn secret_name() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["password", "token", "access_token", "client-secret"])
            .prop_map(str::to_owned)
    }

    /// Generates JSON texts with the expected masked texts; each secret contains `S3CR3T`.
    fn json() -> impl Strategy<Value = (String, String)> {
        let same = |text: String| (text.clone(), text);
        let leaf = prop_oneof![
            "-?[1-9][0-9]{0,24}(\\.[0-9]{1,4})?(e[0-9]{1,3})?".prop_map(same),
            "\"[a-z{}:, \\[\\]가]{0,8}\"".prop_map(same),
            prop::sample::select(vec!["null", "true", "\"\\\"\"", "\"\\\\\"", "\"\\u0000\""])
                .prop_map(move |text| same(text.to_owned())),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let space = "[ \n\t]{0,2}";
            let plain = ("[abc]", space, inner.clone()).prop_map(|(name, space, (one, masked))| {
                (
                    format!("\"{name}\":{space}{one}"),
                    format!("\"{name}\":{space}{masked}"),
                )
            });
            let values = vec![
                "\"S3CR3T\"",
                "\"\\\"S3CR3T\"",
                "[\"S3CR3T\",{\"a\":\"]\"}]",
                "{\"S3CR3T\":1}",
            ];
            let secret = (
                secret_name().prop_flat_map(spelled),
                space,
                prop::sample::select(values),
            )
                .prop_map(|(name, space, value)| {
                    (
                        format!("\"{name}\"{space}:{value}"),
                        format!("\"{name}\"{space}:{HIDDEN_JSON}"),
                    )
                });
            let list = |open: &'static str, close: &'static str, items: Vec<(String, String)>| {
                let (one, masked): (Vec<_>, Vec<_>) = items.into_iter().unzip();
                (
                    format!("{open}{}{close}", one.join(" ,")),
                    format!("{open}{}{close}", masked.join(" ,")),
                )
            };
            let members = prop::collection::vec(prop_oneof![plain, secret], 0..4);
            prop_oneof![
                members.prop_map(move |items| list("{", "}", items)),
                prop::collection::vec(inner, 0..4).prop_map(move |items| list("[", "]", items)),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_differs_only_in_its_secrets((body, expected) in json()) {
            let masked = String::from_utf8(mask(body.as_bytes())).expect("UTF-8");
            prop_assert_eq!(&masked, &expected);
            prop_assert!(!masked.contains("S3CR3T"));
        }

        #[test]
        fn json_cut_anywhere_holds_no_secret((body, _) in json(), cut in any::<prop::sample::Index>()) {
            let masked = mask(&body.as_bytes()[..cut.index(body.len() + 1)]);
            prop_assert!(!String::from_utf8_lossy(&masked).contains("S3CR3T"));
        }

        #[test]
        fn json_with_a_byte_removed_holds_no_secret_value((body, _) in json(), at in any::<prop::sample::Index>()) {
            // Removing a letter of a name would make the value no secret.
            let at = at.index(body.len());
            let mut bytes = body.into_bytes();
            prop_assume!(b"{}[]:,\" ".contains(&bytes[at]));
            bytes.remove(at);
            let masked = mask(&bytes);
            prop_assert!(!String::from_utf8_lossy(&masked).contains("S3CR3T"), "{}", String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn form_differs_only_in_its_secrets(
            pairs in prop::collection::vec(("[abc%+]{0,3}", "[a-z%+.]{0,6}", secret_name(), any::<bool>()), 0..5)
        ) {
            let pair = |hidden: bool| {
                let pairs = pairs.iter().map(|(name, value, secret, is_secret)| match is_secret {
                    true if hidden => format!("%{:02x}{}={MASK}", secret.as_bytes()[0], &secret[1..]),
                    true => format!("%{:02x}{}=S3CR3T{value}", secret.as_bytes()[0], &secret[1..]),
                    false => format!("{name}={value}"),
                });
                pairs.collect::<Vec<_>>().join("&")
            };
            prop_assert_eq!(mask(pair(false).as_bytes()), pair(true).into_bytes());
        }

        #[test]
        fn arbitrary_bytes_are_masked_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = mask(&bytes);
        }

        #[test]
        fn valid_json_stays_valid((body, _) in json()) {
            let is_valid = |bytes: &[u8]| serde_json::from_slice::<&serde_json::value::RawValue>(bytes).is_ok();
            prop_assert!(is_valid(body.as_bytes()) && is_valid(&mask(body.as_bytes())));
        }
    }
}
