//! The redirect path of a login: the page of this site that a login leads back to.

use percent_encoding::percent_decode_str;

use crate::model::locale::Locale;

/// The maximum length of a path, in bytes.
const LENGTH_MAX: usize = 2048;

/// A path of this site, with its query, that can stand in a `Location` field as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectPath(String);

impl RedirectPath {
    /// Parses a path. Returns `None` when it is not a path of this site, or leads to the login or
    /// logout page.
    ///
    /// Browsers read `//host` and `/\host` as another site, after they removed tabs and line ends.
    /// A proxy may decode percent-encoding once. Therefore these forms are refused both before and
    /// after one percent-decoding.
    #[must_use]
    pub fn parse(text: &str) -> Option<RedirectPath> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() > LENGTH_MAX || !visible || !is_plain(text) {
            return None;
        }
        let decoded = percent_decode_str(text).decode_utf8().ok()?;
        if !is_plain(&decoded) {
            return None;
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.trim_start_matches('/').split('/');
        let locale = segments.next().and_then(Locale::parse);
        if locale.is_some() && matches!(segments.next(), Some("login" | "logout")) {
            return None;
        }
        Some(RedirectPath(text.to_owned()))
    }

    /// Returns the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether the text is a path that begins with one slash and that all browsers read alike.
fn is_plain(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/')
        && !path.contains("//")
        && !path.split('/').any(|segment| matches!(segment, "." | ".."))
        && !text.contains('\\')
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_accepted() {
        for text in [
            "/",
            "/ko",
            "/ko/methods/get",
            "/en/methods/get?q=a%20b&c=%ED%95%9C#part",
            "/ko/search?q=https://example.com/x",
            "/ko/loginx",
        ] {
            assert_eq!(
                RedirectPath::parse(text).as_ref().map(RedirectPath::as_str),
                Some(text)
            );
        }
        for text in [
            "",
            "//e",
            "/\\e",
            "/%09/e",
            "host\\@e",
            "host",
            "@e",
            "https://e",
            "https:e",
            "javascript:alert(1)",
            "///e",
            "/%2Fe",
            "/%2f/e",
            "%2F%2Fe",
            "/%5Ce",
            "/%5ce",
            "/ko//e",
            "/ko/..//e",
            "/ko/%2e%2e/e",
            "/./e",
            "/\t/e",
            "/\n/e",
            "/\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:%20a=b",
            "/%00",
            "/ e",
            " /ko",
            "/한",
            "/%ff",
            "/ko?next=\\e",
            "/ko/login",
            "/en/login?next=/en",
            "/ko/logout",
        ] {
            assert_eq!(RedirectPath::parse(text), None, "{text:?}");
        }
        assert!(RedirectPath::parse(&format!("/{}", "a".repeat(2047))).is_some());
        assert!(RedirectPath::parse(&format!("/{}", "a".repeat(2048))).is_none());
    }
}
