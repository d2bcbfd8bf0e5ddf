//! The responses of an endpoint, with their headers, media types and problem kinds.

use leptos::prelude::*;

use super::endpoints::{ContentDoc, Endpoint, HeaderDoc, ResponseDoc};
use super::language::{ReferenceLanguage, translate_summary};
use super::schema::Schema;
use crate::api;
use crate::components::{Explain, StatusLine};
use crate::model::explain::{Explanation, explain_header, explain_status};
use crate::model::http::StatusFamily;

/// Renders each media type with its schema and an example.
pub(super) fn content_formats(
    language: &ReferenceLanguage,
    formats: &[ContentDoc],
) -> impl IntoView + use<> {
    let format = |(index, format): (usize, &ContentDoc)| {
        let example = format.example.clone().map(|example| {
            view! { <pre class="code" tabindex="0"><code>{example}</code></pre> }
        });
        view! {
            <details class="format" open=index == 0>
                <summary><code>{format.media_type.clone()}</code></summary>
                {schema(language, &format.schema)}
                {example}
            </details>
        }
    };
    formats.iter().enumerate().map(format).collect_view()
}

/// Renders a schema as its summary and a table of its fields.
fn schema(language: &ReferenceLanguage, schema: &Schema) -> impl IntoView + use<> {
    let messages = &language.messages;
    let rows: Vec<_> = schema
        .fields
        .iter()
        .map(|field| {
            let requirement = field.required.then(|| messages.get("reference-required"));
            view! {
                <tr>
                    <th scope="row"><code>{field.name.clone()}</code><span class="quiet">{requirement}</span></th>
                    <td>{language.summary(&field.summary)}</td>
                    <td>{language.text(&field.description)}</td>
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="table-scroll" tabindex="0" role="group" aria-label=translate_summary(&schema.summary, messages)>
                <table class="reference-table">
                    <thead><tr>
                        <th scope="col">{messages.get("reference-field")}</th>
                        <th scope="col">{messages.get("reference-type")}</th>
                        <th scope="col">{messages.get("reference-description")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <p>{language.summary(&schema.summary)} " " {language.text(&schema.description)}</p>
        {table}
    }
}

/// Renders all documented responses, the errors last.
pub(super) fn responses(
    language: &ReferenceLanguage,
    endpoint: &Endpoint,
) -> impl IntoView + use<> {
    let messages = &language.messages;
    let is_error = |response: &&ResponseDoc| response.status.starts_with(['4', '5']);
    let (errors, others): (Vec<&ResponseDoc>, Vec<&ResponseDoc>) =
        endpoint.responses.iter().partition(is_error);
    let others = others
        .into_iter()
        .map(|response| success(language, response))
        .collect_view();
    let errors = errors
        .into_iter()
        .map(|response| failure(language, response))
        .collect_view();
    view! {
        <h2 id="responses">{messages.get("reference-responses")}</h2>
        {others}
        <h2 id="errors">{messages.get("reference-responses-error")}</h2>
        <dl class="errors">{errors}</dl>
    }
}

/// Renders a response that is not an error.
fn success(language: &ReferenceLanguage, response: &ResponseDoc) -> impl IntoView + use<> {
    view! {
        <section class="response-documented" aria-labelledby=format!("response-{}", response.status)>
            <h3 id=format!("response-{}", response.status)>{status(&response.status)}</h3>
            <p>{language.text(&response.description)}</p>
            {meaning(language, &response.status)}
            {headers(language, &response.headers)}
            {content_formats(language, &response.formats)}
        </section>
    }
}

/// Renders an error response.
fn failure(language: &ReferenceLanguage, response: &ResponseDoc) -> impl IntoView + use<> {
    let messages = &language.messages;
    let kinds: Vec<_> = response
        .problems
        .iter()
        .map(|(kind, title)| {
            view! { <li><a href=format!("/problems/{kind}")><code>{kind.clone()}</code></a> " " {language.text(title)}</li> }
        })
        .collect();
    let example = response
        .formats
        .first()
        .and_then(|format| format.example.clone());
    let example = example.map(|example| {
        let title = messages.get("reference-example");
        view! { <details class="format"><summary>{title}" "<span class="visually-hidden">{response.status.clone()}</span></summary>
            <pre class="code" tabindex="0"><code>{example}</code></pre></details> }
    });
    let specific: Vec<_> = response
        .headers
        .iter()
        .filter(|header| !is_common_header(&header.name))
        .collect();
    let specific = (!specific.is_empty()).then(|| {
        let names = specific
            .iter()
            .map(|header| view! { " " <code>{header.name.clone()}</code> });
        view! { <p class="quiet">{messages.get("reference-headers")}":" {names.collect_view()}</p> }
    });
    view! {
        <dt id=format!("response-{}", response.status)>{status(&response.status)}</dt>
        <dd>
            {meaning(language, &response.status)}
            <ul class="plain">{kinds}</ul>
            {specific}
            {example}
        </dd>
    }
}

/// Returns whether every response has this header.
fn is_common_header(name: &str) -> bool {
    api::COMMON_HEADERS.contains(&name)
}

/// Renders a status such as `201`, or a class of statuses such as `4XX`.
fn status(status: &str) -> AnyView {
    match status.parse() {
        Ok(status) => view! { <StatusLine status=status/> }.into_any(),
        Err(_) => {
            let digit = status
                .get(..1)
                .and_then(|digit| digit.parse::<u16>().ok())
                .unwrap_or(5);
            let family = StatusFamily::of(digit * 100).map_or(5, StatusFamily::digit);
            view! { <span class=format!("status status-{family}xx")><b>{status.to_owned()}</b></span> }.into_any()
        }
    }
}

/// Renders the meaning of a status with a link to its lesson.
fn meaning(language: &ReferenceLanguage, status: &str) -> impl IntoView + use<> {
    let ReferenceLanguage {
        locale, messages, ..
    } = language;
    let explanation = status
        .parse()
        .ok()
        .and_then(|status| explain_status(messages, *locale, status));
    match explanation {
        Some(Explanation { name, text, href }) => {
            let more = messages.with("explain-more", &[("name", &name)]);
            view! { <p>{text} " " <a href=href>{more}</a></p> }.into_any()
        }
        None => {
            let class = status.get(..1).unwrap_or_default();
            view! { <p>{messages.get(&format!("reference-class-{class}"))}</p> }.into_any()
        }
    }
}

/// Renders the headers of a response as a table, if there are any.
fn headers(language: &ReferenceLanguage, headers: &[HeaderDoc]) -> Option<AnyView> {
    let ReferenceLanguage {
        locale, messages, ..
    } = language;
    if headers.is_empty() {
        return None;
    }
    let row = |header: &HeaderDoc| {
        let label = header.name.clone();
        let meaning = explain_header(messages, *locale, &header.name);
        let example = header
            .example
            .clone()
            .map(|example| view! { <br/><code>{example}</code> });
        view! {
            <tr>
                <th scope="row">
                    <Explain explanation=meaning words=messages.clone()><code>{label}</code></Explain>
                </th>
                <td>{language.text(&header.description)}{example}</td>
            </tr>
        }
    };
    let rows = headers.iter().map(row).collect_view();
    let count = headers.len().to_string();
    Some(
        view! {
            <details class="format">
                <summary>{messages.with("response-headers", &[("count", &count)])}</summary>
                <table class="reference-table two">
                    <thead><tr>
                        <th scope="col">{messages.get("reference-header")}</th>
                        <th scope="col">{messages.get("reference-description")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        }
        .into_any(),
    )
}
