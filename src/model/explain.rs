//! What a status, a header or a method means, in one or two sentences, and the lesson that says more.
//!
//! The sentences are among the words of the interface, under `explain-`; here is which lesson each
//! leads to. A test holds every address to a heading that is there in every language.

use crate::model::locale::Locale;
use crate::model::words::MessageCatalog;

/// An explanation and where to read more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What is explained, as it is written: `404`, `ETag`, `HttpOnly`.
    pub name: String,
    /// One or two sentences.
    pub text: String,
    /// The address of a heading of a lesson, with the language.
    pub href: String,
}

/// What a status means; `None` for one that is not registered.
pub fn explain_status(words: &MessageCatalog, locale: Locale, status: u16) -> Option<Explanation> {
    let name = status.to_string();
    explain(
        words,
        locale,
        "explain-status-",
        &name,
        lesson_of_status(status),
    )
}

/// What a method means.
pub fn explain_method(words: &MessageCatalog, locale: Locale, method: &str) -> Option<Explanation> {
    explain(
        words,
        locale,
        "explain-method-",
        method,
        lesson_of_method(method),
    )
}

/// What a header means, whatever its case; `None` for one that nobody here reads or sends.
pub fn explain_header(words: &MessageCatalog, locale: Locale, name: &str) -> Option<Explanation> {
    let lesson = lesson_of_header(&name.to_ascii_lowercase());
    explain(words, locale, "explain-header-", name, lesson)
}

/// What the parts of a `Set-Cookie` value mean, in their order: the name first, a `__Host-` before it
/// after that, then the attributes that are known.
pub fn explain_cookie(
    words: &MessageCatalog,
    locale: Locale,
    set_cookie: &str,
) -> Vec<Explanation> {
    let mut parts = set_cookie.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default();
    let name = pair.split('=').next().unwrap_or_default();
    let mut found = Vec::new();
    let mut add = |key: &str, written: &str| {
        let lesson = "auth/sessions#cookie-attributes";
        if let Some(explanation) = explain(words, locale, "explain-cookie-", key, lesson) {
            let name = written.to_owned();
            found.push(Explanation {
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
    found
}

fn explain(
    words: &MessageCatalog,
    locale: Locale,
    prefix: &str,
    name: &str,
    lesson: &str,
) -> Option<Explanation> {
    let key = [prefix, &name.to_ascii_lowercase()].concat();
    words.has(&key).then(|| Explanation {
        name: name.to_owned(),
        text: words.get(&key),
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

/// `name` is in small letters.
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

    fn words() -> MessageCatalog {
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
    fn what_is_known_is_explained() {
        let explanation = explain_status(&words(), Locale::En, 404).expect("it is known");
        assert_eq!(explanation.text, "<explain-status-404>");
        assert_eq!(explanation.href, "/en/methods/get#missing");
        let explanation = explain_header(&words(), Locale::Ko, "ETag").expect("it is known");
        assert_eq!(explanation.name, "ETag");
        assert_eq!(explanation.href, "/ko/methods/put#lost-update");
        assert_eq!(explain_status(&words(), Locale::En, 299), None);
        assert_eq!(explain_header(&words(), Locale::En, "X-Own"), None);
    }

    #[test]
    fn a_cookie_is_explained_part_by_part() {
        let names = |text: &str| -> Vec<String> {
            let found = explain_cookie(&words(), Locale::En, text);
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
