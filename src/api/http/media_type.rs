//! Media types with their parameters (RFC 9110, section 8.3.1). The parser is used for `Content-Type`, for the
//! media ranges of `Accept` and by `/api/echo`.
//!
//! No crate is used, because none accepts the complete grammar and nothing else: `mime` (0.3)
//! refuses escapes in quoted strings, empty parameters and white space before a semicolon;
//! `mediatype` (0.23) refuses empty parameters and `~`, `|` and the grave accent in names; both accept
//! `charset=` without a value.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// A media type; in `Accept`, a media range with its weight among the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct MediaType {
    /// The type and subtype, in lower case.
    essence: String,
    /// The names in lower case and the values without quotes and escapes, in the order of the field.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Parses the value of a field or one element of a list; returns `None` when it is malformed.
    pub(in crate::api) fn parse(text: &str) -> Option<MediaType> {
        let mut parts = split(text, ';').map(trim);
        let essence = parts.next()?;
        let (top, sub) = essence.split_once('/')?;
        if !is_token(top) || !is_token(sub) {
            return None;
        }
        let parameters = parts.filter(|part| !part.is_empty()).map(parameter);
        Some(MediaType {
            essence: essence.to_ascii_lowercase(),
            parameters: parameters.collect::<Option<_>>()?,
        })
    }

    /// Parses the `Content-Type` of a message; returns `None` unless there is exactly one field and it is well
    /// formed.
    pub(in crate::api) fn of_content(headers: &HeaderMap) -> Option<MediaType> {
        let mut fields = headers.get_all(CONTENT_TYPE).iter();
        match (fields.next(), fields.next()) {
            (Some(field), None) => MediaType::parse(&String::from_utf8_lossy(field.as_bytes())),
            _ => None,
        }
    }

    /// Returns the type and subtype without parameters, in lower case.
    pub(in crate::api) fn essence(&self) -> &str {
        &self.essence
    }

    /// Returns the parameters: names in lower case, values without quotes and escapes.
    pub(in crate::api) fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// Removes the parameters with a name and returns the value of the first.
    pub(in crate::api) fn take(&mut self, name: &str) -> Option<String> {
        let taken = self.parameters.extract_if(.., |(other, _)| other == name);
        taken.map(|(_, value)| value).reduce(|first, _| first)
    }
}

/// Parses `name=value` without white space around the equals sign.
fn parameter(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    is_token(name).then(|| Some((name.to_ascii_lowercase(), unquote(value)?)))?
}

/// Splits a field at a separator, except inside quoted strings (RFC 9110, section 5.6.4).
pub(in crate::api) fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c => return !quoted && c == separator,
        }
        false
    })
}

/// Removes the optional white space around an element.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Returns whether a text is a token (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(tchar)
}

/// Parses the value of a parameter: a token, or a quoted string, whose quotes and escapes are removed.
fn unquote(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else {
        return is_token(value).then(|| value.to_owned());
    };
    let mut text = String::new();
    let mut rest = inner.chars();
    loop {
        match rest.next()? {
            '\\' => text.push(rest.next()?),
            '"' => return rest.next().is_none().then_some(text),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, essence: &str, parameters: &[(&str, &str)]) {
        let media_type = MediaType::parse(text).unwrap_or_else(|| panic!("{text} is malformed"));
        let found = media_type.parameters().iter();
        let found: Vec<_> = found.map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(
            (media_type.essence(), &*found),
            (essence, parameters),
            "{text}"
        );
    }

    #[test]
    fn parse_with_every_form_of_parameter_returns_it() {
        check("application/json", "application/json", &[]);
        check("TEXT/Plain", "text/plain", &[]);
        check("*/*", "*/*", &[]);
        check("application/vnd.a+json", "application/vnd.a+json", &[]);
        check("text/a~b;x~y=`z|", "text/a~b", &[("x~y", "`z|")]);
        check(
            "text/csv;Header=Present",
            "text/csv",
            &[("header", "Present")],
        );
        check(
            "text/plain \t; charset=utf-8 ;q=0.5",
            "text/plain",
            &[("charset", "utf-8"), ("q", "0.5")],
        );
        check("text/plain;", "text/plain", &[]);
        check(
            "text/plain;; ;charset=utf-8;",
            "text/plain",
            &[("charset", "utf-8")],
        );
        check("a/b; c=1; C=2", "a/b", &[("c", "1"), ("c", "2")]);
    }

    #[test]
    fn parse_with_quoted_string_keeps_separators_and_removes_escapes() {
        check(
            "application/json; profile=\"a;charset=latin1\"",
            "application/json",
            &[("profile", "a;charset=latin1")],
        );
        check(
            r#"a/b;c="d\"e;f=\"g\\";h=i"#,
            "a/b",
            &[("c", r#"d"e;f="g\"#), ("h", "i")],
        );
        check(r#"a/b;c="";d="\e=,é""#, "a/b", &[("c", ""), ("d", "e=,é")]);
    }

    #[test]
    fn parse_with_malformed_text_returns_none() {
        for text in [
            "",
            "json",
            "/",
            "a/",
            "/b",
            "a/b/c",
            "a /b",
            "a/b c",
            "a/é",
            "a/b;c",
            "a/b;c=",
            "a/b;=d",
            "a/b;c =d",
            "a/b;c= d",
            "a/b;c=d e",
            "a/b;c=\"",
            "a/b;c=\"d",
            "a/b;c=\"d\\\"",
            "a/b;c=\"d\\",
            "a/b;c=\"d\"e",
            "a/b;c=\"d\"\"e\"",
            "a/b;\"c\"=d",
            "a/b,c/d",
        ] {
            assert_eq!(MediaType::parse(text), None, "{text}");
        }
    }

    #[test]
    fn of_content_with_none_or_several_fields_returns_none() {
        let headers = |fields: &[&'static str]| {
            let fields = fields.iter().map(|field| HeaderValue::from_static(field));
            let mut headers = HeaderMap::new();
            fields.for_each(|field| {
                headers.append(CONTENT_TYPE, field);
            });
            headers
        };
        assert_eq!(MediaType::of_content(&headers(&[])), None);
        assert_eq!(MediaType::of_content(&headers(&["a/b", "a/b"])), None);
        assert_eq!(MediaType::of_content(&headers(&["a/b, a/b"])), None);
        assert!(MediaType::of_content(&headers(&["a/b"])).is_some());
    }

    proptest! {
        /// Quoted values survive a round trip, and no other parameter appears.
        #[test]
        fn parse_of_quoted_values_returns_the_values(
            parameters in prop::collection::vec(("[a-z0-9!#$%&'*+.^_`|~-]{1,6}", "[\t -~¡-ÿ가-힣]{0,12}"), 0..5),
        ) {
            let mut text = "a/b".to_owned();
            for (name, value) in &parameters {
                let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
                text.push_str(&format!(" ; {name}=\"{escaped}\""));
            }
            let parsed = MediaType::parse(&text).expect("well formed");
            prop_assert_eq!(parsed.parameters(), parameters);
        }

        #[test]
        fn joined_parts_of_split_equal_the_text(text in "[a-z\\\\\",; ]{0,40}") {
            let parts: Vec<_> = split(&text, ',').collect();
            prop_assert_eq!(parts.join(","), text);
        }
    }
}
