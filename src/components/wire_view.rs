//! A request and its response as they went over the wire, and the headers of the response by themselves.

use std::sync::Arc;

use leptos::prelude::*;

use crate::components::Explain;
use crate::model::exchange::{Exchange, HeaderSource, MASK, RecordedBody};
use crate::model::explain::{explain_cookie, explain_header};
use crate::model::http::reason_phrase;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// What a browser or a tool adds by itself (Fetch Standard, section 4.6, and curl's own).
const ADDED: [&str; 22] = [
    "host",
    "connection",
    "content-length",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "origin",
    "referer",
    "cookie",
    "cache-control",
    "pragma",
    "priority",
    "dnt",
    "upgrade-insecure-requests",
    "exchange-group",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
];

/// What the scripts of the page add to a request of its forms.
const OF_PAGE: [&str; 1] = ["exchange-group"];

/// Who wrote a header, as the key of its word.
fn writer(name: &str, source: HeaderSource, own: Option<&[String]>) -> &'static str {
    let wrote = match own {
        Some(own) => own.iter().any(|own| own == name),
        None => !ADDED.contains(&name),
    };
    match (source, wrote) {
        (HeaderSource::Proxy, _) => "wire-proxy",
        (HeaderSource::Client, true) => "wire-you",
        (HeaderSource::Client, false) if OF_PAGE.contains(&name) => "wire-page",
        (HeaderSource::Client, false) => "wire-browser",
    }
}

/// Both messages, the headers of the request each with who wrote it.
#[component]
pub fn WireView(
    /// What was recorded.
    exchange: Arc<Exchange>,
    /// The headers that the reader wrote, in lower case; `None` when that is not known.
    own: Option<Vec<String>>,
    /// The messages with the prefix `wire-`.
    words: MessageCatalog,
) -> impl IntoView {
    let request = &exchange.request;
    let lines = request.headers.iter().map(|header| {
        let writer = writer(&header.name, header.source, own.as_deref());
        view! {
            <span class="wire-header">
                <span><span class="tok-key">{header.name.clone()}</span>": "{masked(&header.value, &words)}</span>
                {writer_view(writer, &words)}
            </span>
        }
    });
    let lines = lines.collect_view();
    let first = format!("{} {} {}", request.method, request.target, request.version);
    let response = &exchange.response;
    let status = format!(
        "{} {} {}",
        request.version,
        response.status,
        reason_phrase(response.status)
    );
    let headers = response.headers.iter().map(|(name, value)| {
        view! {
            <span class="wire-header"><span><span class="tok-key">{name.clone()}</span>": "{masked(value, &words)}</span></span>
        }
    });
    let headers = headers.collect_view();
    view! {
        <p class="exchange-subtitle">{words.get("wire-request")}</p>
        <div class="wire code" tabindex="0" role="group" aria-label=words.get("wire-request")>
            <span class="tok-keyword">{first}</span>
            {lines}
            <Content body=request.body.clone() words=words.clone()/>
        </div>
        <p class="exchange-subtitle">{words.get("wire-response")}</p>
        <div class="wire code" tabindex="0" role="group" aria-label=words.get("wire-response")>
            <span class="tok-keyword">{status}</span>
            {headers}
            <Content body=response.body.clone() words=words.clone()/>
        </div>
        <p class="quiet">{words.get("wire-masked")} " " {words.get("wire-added")}</p>
    }
}

/// Renders who wrote a header.
fn writer_view(writer: &'static str, words: &MessageCatalog) -> impl IntoView + use<> {
    view! { <span class=["wire-writer ", writer].concat()>{words.get(writer)}</span> }
}

/// Renders a value with its masked parts marked.
fn masked(value: &str, words: &MessageCatalog) -> impl IntoView + use<> {
    let mut parts = value.split(MASK);
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| {
        view! { <mark class="wire-mask">{words.get("wire-mask")}</mark> {part.to_owned()} }
    });
    view! { {first} {rest.collect_view()} }
}

#[component]
fn Content(body: RecordedBody, words: MessageCatalog) -> impl IntoView {
    /// What is shown here of a body; the whole is under its own heading.
    const SHOWN: usize = 4 * 1024;
    let end = body.text.floor_char_boundary(SHOWN);
    let cut = body.cut || end < body.text.len();
    let text = body.text[..end].to_owned();
    (body.size > 0).then(|| {
        view! {
            <span class="wire-body">{text}</span>
            {cut.then(|| view! { <span class="quiet">{words.with("wire-cut", &[("bytes", &body.size.to_string())])}</span> })}
        }
    })
}

/// The headers of both messages, each with its meaning; those of the request with who wrote them.
#[component]
pub fn HeadersView(
    /// What was recorded.
    exchange: Arc<Exchange>,
    /// In which language lessons are linked.
    locale: Locale,
    /// The headers that the reader wrote, in lower case; `None` when that is not known.
    own: Option<Vec<String>>,
    /// The messages with the prefixes `exchange-`, `wire-` and `explain-`.
    words: MessageCatalog,
) -> impl IntoView {
    let row = |name: &str, value: &str, writer: Option<&'static str>| {
        let explanation = explain_header(&words, locale, name);
        let label = name.to_owned();
        let attributes = (name == "set-cookie").then(|| cookie_view(&words, locale, value));
        let writer = writer.map(|writer| view! { <td>{writer_view(writer, &words)}</td> });
        view! {
            <tr>
                <th scope="row"><Explain explanation=explanation words=words.clone()>{label}</Explain></th>
                <td>{masked(value, &words)}{attributes}</td>
                {writer}
            </tr>
        }
    };
    let response = exchange.response.headers.iter();
    let response = response.map(|(name, value)| row(name, value, None));
    let response = response.collect_view();
    let request = exchange.request.headers.iter().map(|header| {
        let writer = writer(&header.name, header.source, own.as_deref());
        (header, writer)
    });
    let mut request: Vec<_> = request.collect();
    // Those of the reader first; the others keep the order in which they were received.
    request.sort_by_key(|(_, writer)| *writer != "wire-you");
    let request = request
        .into_iter()
        .map(|(header, writer)| row(&header.name, &header.value, Some(writer)))
        .collect_view();
    view! {
        <p class="exchange-subtitle">{words.get("exchange-response-headers")}</p>
        <table class="header-table">
            <caption class="visually-hidden">{words.get("exchange-response-headers")}</caption>
            <tbody>{response}</tbody>
        </table>
        <p class="exchange-subtitle">{words.get("exchange-request-headers")}</p>
        <table class="header-table with-writers">
            <caption class="visually-hidden">{words.get("exchange-request-headers")}</caption>
            <tbody>{request}</tbody>
        </table>
    }
}

/// Renders the parts of a `Set-Cookie` value, each with its meaning.
fn cookie_view(words: &MessageCatalog, locale: Locale, value: &str) -> impl IntoView + use<> {
    let parts = explain_cookie(words, locale, value)
        .into_iter()
        .map(|part| {
            view! { <dt><code>{part.name}</code></dt> <dd>{part.text}</dd> }
        });
    view! { <dl class="cookie-parts">{parts.collect_view()}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_the_readers_if_they_wrote_it() {
        let own = ["accept".to_owned()];
        let client = HeaderSource::Client;
        assert_eq!(writer("accept", client, Some(&own)), "wire-you");
        assert_eq!(writer("content-type", client, Some(&own)), "wire-browser");
        assert_eq!(writer("accept", client, None), "wire-browser");
        assert_eq!(writer("exchange-group", client, Some(&own)), "wire-page");
        assert_eq!(writer("content-type", client, None), "wire-you");
        assert_eq!(
            writer("x-forwarded-for", HeaderSource::Proxy, None),
            "wire-proxy"
        );
    }

    #[test]
    fn masked_part_is_shown_in_the_language_of_the_page() {
        let words = MessageCatalog::new([("wire-mask".to_owned(), "(가림)".to_owned())].into());
        let html = masked(&format!("a={MASK}; b=1"), &words).to_html();
        let html = html.replace("<!>", "");
        assert_eq!(html, "a=<mark class=\"wire-mask\">(가림)</mark>; b=1");
    }
}
