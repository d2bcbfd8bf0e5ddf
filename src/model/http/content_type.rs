//! The media type that a body usually has, which a form fills in when its method changes.

use super::RequestDraft;

/// Returns the media type that the body of a request with this method usually has: of PATCH a merge patch (RFC 7396),
/// of POST and PUT JSON; `None` for methods that usually have no body.
fn usual_content_type(method: &str) -> Option<&'static str> {
    match method {
        "POST" | "PUT" => Some("application/json"),
        "PATCH" => Some("application/merge-patch+json"),
        _ => None,
    }
}

impl RequestDraft {
    /// Returns the `Content-Type` that the draft should get because its method was `previous` before: the usual one
    /// when it has none, or only the usual one of the previous method.
    #[must_use]
    pub fn content_type_for_method(&self, previous: &str) -> Option<&'static str> {
        let usual = usual_content_type(&self.method)?;
        let current = self.header("content-type");
        let is_replaced = current.is_none() || current == usual_content_type(previous);
        (is_replaced && current != Some(usual)).then_some(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Header;

    #[test]
    fn content_type_follows_the_method_unless_it_is_another() {
        fn check(previous: &str, method: &str, current: Option<&str>, expected: Option<&str>) {
            let headers = current.map(|value| Header::new("content-type", value));
            let draft = RequestDraft {
                method: method.to_owned(),
                headers: headers.into_iter().collect(),
                ..RequestDraft::default()
            };
            assert_eq!(draft.content_type_for_method(previous), expected);
        }
        let (json, patch) = ("application/json", "application/merge-patch+json");
        check("GET", "POST", None, Some(json));
        check("GET", "PATCH", None, Some(patch));
        check("POST", "PATCH", Some(json), Some(patch));
        check("PATCH", "PUT", Some(patch), Some(json));
        check("POST", "PUT", Some(json), None);
        check("GET", "PATCH", Some(json), None);
        check("POST", "PATCH", Some("text/plain"), None);
        check("POST", "DELETE", None, None);
        check("POST", "GET", Some(json), None);
    }
}
