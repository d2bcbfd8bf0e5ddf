//! Short explanations of statuses, headers, methods and cookie attributes, each with a link to a lesson.
//!
//! The texts are messages whose keys begin with `explain-`; this file has the lesson of each. A test
//! checks that every link leads to a heading that exists in every language.

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// An explanation with a link to a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The explained term, as written: `404`, `ETag`, `HttpOnly`.
    pub name: String,
    /// The explanation, one or two sentences.
    pub text: String,
    /// The path of a heading of a lesson, with the language.
    pub href: String,
}

/// Returns the explanation of a status, or `None` when there is no message for it.
pub fn explain_status(
    messages: &MessageCatalog,
    locale: Locale,
    status: u16,
) -> Option<Explanation> {
    let name = status.to_string();
    explain(
        messages,
        locale,
        "explain-status-",
        &name,
        lesson_of_status(status),
    )
}

/// Returns the explanation of a method, or `None` when there is no message for it.
pub fn explain_method(
    messages: &MessageCatalog,
    locale: Locale,
    method: &str,
) -> Option<Explanation> {
    explain(
        messages,
        locale,
        "explain-method-",
        method,
        lesson_of_method(method),
    )
}

/// Returns the explanation of a header, whose name is compared without regard to case, or `None` when
/// there is no message for it.
pub fn explain_header(
    messages: &MessageCatalog,
    locale: Locale,
    name: &str,
) -> Option<Explanation> {
    let lesson = lesson_of_header(&name.to_ascii_lowercase());
    explain(messages, locale, "explain-header-", name, lesson)
}

/// Returns the explanations of the parts of a `Set-Cookie` value, in order: the name, its `__Host-`
/// prefix, and the known attributes.
pub fn explain_cookie(
    messages: &MessageCatalog,
    locale: Locale,
    set_cookie: &str,
) -> Vec<Explanation> {
    let mut parts = set_cookie.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default();
    let name = pair.split('=').next().unwrap_or_default();
    let mut explanations = Vec::new();
    let mut add = |key: &str, part: &str| {
        let lesson = "auth/sessions#cookie-attributes";
        if let Some(explanation) = explain(messages, locale, "explain-cookie-", key, lesson) {
            let name = part.to_owned();
            explanations.push(Explanation {
                name,
                ..explanation
            });
        }
    };
    add("name", name);
    if name.starts_with("__Host-") {
        add("host-prefix", "__Host-");
    }
    for part in parts {
        add(part.split('=').next().unwrap_or_default(), part);
    }
    explanations
}

fn explain(
    messages: &MessageCatalog,
    locale: Locale,
    prefix: &str,
    name: &str,
    lesson: &str,
) -> Option<Explanation> {
    let key = [prefix, &name.to_ascii_lowercase()].concat();
    messages.has(&key).then(|| Explanation {
        name: name.to_owned(),
        text: messages.get(&key),
        href: ["/", locale.as_str(), "/", lesson].concat(),
    })
}

fn lesson_of_status(status: u16) -> &'static str {
    match status {
        201 => "responses/status-and-json#created",
        202 | 303 => "methods/post#other-responses",
        204 | 205 => "responses/status-and-json#no-content",
        200..=299 => "responses/status-and-json#status",
        301 | 302 | 307 | 308 => "routing/paths#trailing-slash",
        304 => "get-and-post/compared#caching",
        400 => "requests/bodies#bad-request",
        401 => "auth/sessions#unauthorized",
        403 => "auth/sessions#forbidden",
        404 => "methods/get#missing",
        405 | 501 => "routing/paths#not-found-or-not-allowed",
        406 => "responses/status-and-json#other-formats",
        409 => "methods/post#twice",
        410 => "methods/delete#again",
        412 | 428 => "methods/put#lost-update",
        408 | 411 | 413 | 414 | 431 => "errors/problem-details#before-the-handler",
        415 => "requests/bodies#unsupported-media-type",
        422 => "requests/bodies#unprocessable-content",
        500 => "errors/problem-details#what-not-to-reveal",
        _ => "errors/problem-details#status-families",
    }
}

fn lesson_of_method(method: &str) -> &'static str {
    match method {
        "POST" => "methods/post#what-post-does",
        "PUT" => "methods/put#what-put-does",
        "PATCH" => "methods/patch#what-patch-does",
        "DELETE" => "methods/delete#what-delete-does",
        "HEAD" => "methods/get#head",
        "OPTIONS" => "routing/paths#methods",
        _ => "methods/get#what-get-asks",
    }
}

/// Returns the lesson of a header whose name is in lower case.
fn lesson_of_header(name: &str) -> &'static str {
    match name {
        "accept" | "vary" | "content-disposition" => "responses/status-and-json#other-formats",
        "allow" => "routing/paths#methods",
        "accept-patch" => "methods/patch#media-type",
        "authorization" | "www-authenticate" => "auth/sessions#unauthorized",
        "cookie" | "set-cookie" => "auth/sessions#sessions",
        "origin" | "sec-fetch-site" => "auth/sessions#tokens",
        "cache-control" | "if-none-match" | "if-modified-since" | "last-modified" => {
            "get-and-post/compared#caching"
        }
        "etag" | "if-match" | "if-unmodified-since" => "methods/put#lost-update",
        "content-type" | "content-length" | "content-encoding" | "transfer-encoding" => {
            "requests/bodies#body"
        }
        "content-location" => "methods/post#other-responses",
        "idempotency-key" | "idempotency-replayed" => "methods/post#twice",
        "link" => "methods/get#paging",
        "total-count" => "methods/get#list",
        "location" => "responses/status-and-json#created",
        "sandbox-key" | "exchange-group" => "start/what-is-rest#your-sandbox",
        "retry-after" | "ratelimit" | "ratelimit-policy" | "request-id" => {
            "errors/problem-details#problem-details"
        }
        "accept-encoding" | "accept-language" | "connection" | "host" | "referer" | "range"
        | "if-range" | "last-event-id" | "user-agent" => "requests/bodies#headers",
        _ => "responses/status-and-json#three-parts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages() -> MessageCatalog {
        let keys = [
            "explain-status-404",
            "explain-header-etag",
            "explain-cookie-name",
            "explain-cookie-host-prefix",
            "explain-cookie-httponly",
            "explain-cookie-path",
        ];
        MessageCatalog::new(keys.map(|key| (key.to_owned(), format!("<{key}>"))).into())
    }

    #[test]
    fn status_and_header_with_a_message_are_explained() {
        let explanation = explain_status(&messages(), Locale::En, 404).expect("an explanation");
        assert_eq!(explanation.text, "<explain-status-404>");
        assert_eq!(explanation.href, "/en/methods/get#missing");
        let explanation = explain_header(&messages(), Locale::Ko, "ETag").expect("an explanation");
        assert_eq!(explanation.name, "ETag");
        assert_eq!(explanation.href, "/ko/methods/put#lost-update");
        assert_eq!(explain_status(&messages(), Locale::En, 299), None);
        assert_eq!(explain_header(&messages(), Locale::En, "X-Own"), None);
    }

    #[test]
    fn known_parts_of_a_cookie_are_explained_in_order() {
        let names = |text: &str| -> Vec<String> {
            let found = explain_cookie(&messages(), Locale::En, text);
            found
                .into_iter()
                .map(|explanation| explanation.name)
                .collect()
        };
        assert_eq!(
            names("__Host-id=a=b; HttpOnly;Path=/; Unknown; =x"),
            ["__Host-id", "__Host-", "HttpOnly", "Path=/"]
        );
        assert_eq!(names("a=b"), ["a"]);
    }
}
