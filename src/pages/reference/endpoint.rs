//! The page of one endpoint: a request form, the required authentication, parameters, body and responses.

use leptos::prelude::*;

use super::document::{Access, ContentDoc, Endpoint, HeaderDoc, Parameter, ResponseDoc, endpoints};
use super::index::breakable;
use super::schema::Schema;
use super::{ReferenceLanguage, parts, title};
use crate::api;
use crate::islands::playground::Playground;
use crate::model::explain::{Explanation, explain_header, explain_method, explain_status};
use crate::model::http::{RequestDraft, StatusFamily};
use crate::model::messages::MessageCatalog;
use crate::state::AppState;
use crate::ui::{
    DataPanelPanel, Explain, FormExtras, FormParts, HeaderNames, MethodBadge, RequestForm,
    StatusLine,
};

pub(super) fn content(
    state: &AppState,
    language: &ReferenceLanguage,
    endpoint: &'static Endpoint,
    draft: RequestDraft,
) -> impl IntoView + use<> {
    let ReferenceLanguage { locale, words, .. } = language.clone();
    let group = words.get(&format!("reference-tag-{}", endpoint.tag));
    let method = explain_method(&words, locale, &endpoint.method);
    let description = (!endpoint.description.is_empty())
        .then(|| view! { <p>{language.text(&endpoint.description)}</p> });
    view! {
        <main id="content" class="lesson reference" tabindex="-1">
            <p class="breadcrumb">
                <a href=format!("/{locale}/playground#{}", endpoint.tag)>{group}</a>
            </p>
            <h1>{title(endpoint, &words)}</h1>
            <div class="endpoint-line">
                <Explain explanation=method words=words.clone()><MethodBadge method=endpoint.method.clone()/></Explain>
                <code>{breakable(&endpoint.path)}</code>
            </div>
            {description}
            {siblings(language, endpoint)}
            {contents(endpoint, &words)}
            <h2 id="try">{words.get("reference-try")}</h2>
            {form(language, endpoint, draft)}
            <h2 id="access">{words.get("reference-access")}</h2>
            {access(state, endpoint, &words)}
            {parameters(language, endpoint)}
            {body(language, endpoint)}
            {responses(language, endpoint)}
            <HeaderNames/>
        </main>
        <DataPanelPanel locale=locale from="/playground".to_owned() words=words.clone()/>
    }
}

/// Renders links to the other methods of the path.
fn siblings(language: &ReferenceLanguage, endpoint: &Endpoint) -> impl IntoView + use<> {
    let ReferenceLanguage { locale, words, .. } = language;
    let here = endpoints()
        .iter()
        .filter(|other| other.path == endpoint.path);
    let links: Vec<_> = here
        .map(|other| {
            let current = (other.slug == endpoint.slug).then_some("page");
            view! {
                <li><a href=format!("/{locale}/playground/{}", other.slug) aria-current=current>
                    <MethodBadge method=other.method.clone()/>
                </a></li>
            }
        })
        .collect();
    let label = words.with("operation-options", &[("path", &endpoint.path)]);
    view! { <nav class="siblings" aria-label=label><ul>{links}</ul></nav> }
}

fn form(language: &ReferenceLanguage, endpoint: &Endpoint, draft: RequestDraft) -> AnyView {
    let ReferenceLanguage { locale, words, .. } = language;
    if endpoint.is_stream() {
        return view! { <p>{words.get("reference-no-try")}</p> }.into_any();
    }
    let title = format!("{} {}", draft.method, draft.target);
    let action = format!("/{locale}/try");
    let words = words.clone();
    let parts = parts(&draft).map(|parts| FormParts {
        open: true,
        ..parts
    });
    let extras = FormExtras {
        parts: parts.filter(|parts| parts.has_names()),
        ..FormExtras::default()
    };
    view! { <Playground><RequestForm id="request" title=title draft=draft action=action extras=extras words=words/></Playground> }
        .into_any()
}

fn access(state: &AppState, endpoint: &Endpoint, words: &MessageCatalog) -> impl IntoView + use<> {
    let who = words.get(match endpoint.access {
        Access::Open => "reference-access-open",
        Access::Sandbox => "reference-access-sandbox",
        Access::Login => "reference-access-login",
    });
    let limits = &state.config.limits;
    let (requests, writes) = (
        limits.requests_per_minute.to_string(),
        limits.writes_per_minute.to_string(),
    );
    let limited = endpoint
        .responses
        .iter()
        .any(|response| response.status == "429");
    let rate = limited.then(|| {
        let values = [("requests", requests.as_str()), ("writes", writes.as_str())];
        view! { <li>{words.with("reference-limit-rate", &values)}</li> }
    });
    let size = endpoint
        .body
        .as_ref()
        .map(|_| view! { <li>{words.get("reference-limit-body")}</li> });
    view! { <ul class="plain"><li>{who}</li>{rate}{size}</ul> }
}

fn parameters(language: &ReferenceLanguage, endpoint: &Endpoint) -> Option<AnyView> {
    let ReferenceLanguage { locale, words, .. } = language;
    if endpoint.parameters.is_empty() {
        return None;
    }
    let row = |parameter: &Parameter| {
        let Parameter {
            name,
            place,
            required,
            schema,
            description,
            example,
        } = parameter;
        let shown = name.clone();
        let meaning = (place == "header")
            .then(|| explain_header(words, *locale, name))
            .flatten();
        let need = words.get(if *required {
            "reference-required"
        } else {
            "reference-optional"
        });
        let example = example.clone().map(
            |example| view! { <br/>{words.get("reference-example")}": "<code>{example}</code> },
        );
        view! {
            <tr>
                <th scope="row">
                    <Explain explanation=meaning words=words.clone()><code>{shown}</code></Explain>
                    <span class="quiet">{words.get(&format!("reference-in-{place}"))} " · " {need}</span>
                </th>
                <td><code lang="en">{schema.text.clone()}</code></td>
                <td>{language.text(description)}{example}</td>
            </tr>
        }
    };
    let rows = endpoint.parameters.iter().map(row).collect_view();
    let title = words.get("reference-parameters");
    Some(
        view! {
            <h2 id="parameters">{title.clone()}</h2>
            <div class="table-scroll" tabindex="0" role="group" aria-label=title>
                <table class="reference-table">
                    <thead><tr>
                        <th scope="col">{words.get("reference-name")}</th>
                        <th scope="col">{words.get("reference-type")}</th>
                        <th scope="col">{words.get("reference-description")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    )
}

fn body(language: &ReferenceLanguage, endpoint: &Endpoint) -> Option<AnyView> {
    let words = &language.words;
    let body = endpoint.body.as_ref()?;
    let need = words.get(if body.required {
        "reference-body-required"
    } else {
        "reference-body-optional"
    });
    Some(
        view! {
            <h2 id="body">{words.get("reference-body")}</h2>
            <p>{language.text(&body.description)} " " {need}</p>
            {formats(language, &body.formats)}
        }
        .into_any(),
    )
}

/// Renders each media type with its schema and an example.
fn formats(language: &ReferenceLanguage, formats: &[ContentDoc]) -> impl IntoView + use<> {
    let format = |(at, format): (usize, &ContentDoc)| {
        let example = format.example.clone().map(|example| {
            view! { <pre class="code" tabindex="0"><code>{example}</code></pre> }
        });
        view! {
            <details class="format" open=at == 0>
                <summary><code>{format.media_type.clone()}</code></summary>
                {schema(language, &format.schema)}
                {example}
            </details>
        }
    };
    formats.iter().enumerate().map(format).collect_view()
}

fn schema(language: &ReferenceLanguage, schema: &Schema) -> impl IntoView + use<> {
    let words = &language.words;
    let rows: Vec<_> = schema
        .fields
        .iter()
        .map(|field| {
            let need = field.required.then(|| words.get("reference-required"));
            view! {
                <tr>
                    <th scope="row"><code>{field.name.clone()}</code><span class="quiet">{need}</span></th>
                    <td><code lang="en">{field.text.clone()}</code></td>
                    <td>{language.text(&field.description)}</td>
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <div class="table-scroll" tabindex="0" role="group" aria-label=schema.text.clone()>
                <table class="reference-table">
                    <thead><tr>
                        <th scope="col">{words.get("reference-property")}</th>
                        <th scope="col">{words.get("reference-type")}</th>
                        <th scope="col">{words.get("reference-description")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <p><code lang="en">{schema.text.clone()}</code> " " {language.text(&schema.description)}</p>
        {table}
    }
}

fn responses(language: &ReferenceLanguage, endpoint: &Endpoint) -> impl IntoView + use<> {
    let words = &language.words;
    let failed = |response: &&ResponseDoc| response.status.starts_with(['4', '5']);
    let (errors, others): (Vec<&ResponseDoc>, Vec<&ResponseDoc>) =
        endpoint.responses.iter().partition(failed);
    let others = others
        .into_iter()
        .map(|response| success(language, response))
        .collect_view();
    let errors = errors
        .into_iter()
        .map(|response| failure(language, response))
        .collect_view();
    view! {
        <h2 id="responses">{words.get("reference-responses")}</h2>
        {others}
        <h2 id="errors">{words.get("reference-responses-error")}</h2>
        <dl class="errors">{errors}</dl>
    }
}

fn success(language: &ReferenceLanguage, response: &ResponseDoc) -> impl IntoView + use<> {
    view! {
        <section class="response-documented" aria-labelledby=format!("response-{}", response.status)>
            <h3 id=format!("response-{}", response.status)>{status(&response.status)}</h3>
            <p>{language.text(&response.description)}</p>
            {meaning(language, &response.status)}
            {headers(language, &response.headers)}
            {formats(language, &response.formats)}
        </section>
    }
}

fn failure(language: &ReferenceLanguage, response: &ResponseDoc) -> impl IntoView + use<> {
    let words = &language.words;
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
        let title = words.get("reference-example");
        view! { <details class="format"><summary>{title}" "<span class="visually-hidden">{response.status.clone()}</span></summary>
            <pre class="code" tabindex="0"><code>{example}</code></pre></details> }
    });
    let own: Vec<_> = response
        .headers
        .iter()
        .filter(|header| !is_everywhere(&header.name))
        .collect();
    let own = (!own.is_empty()).then(|| {
        let names = own
            .iter()
            .map(|header| view! { " " <code>{header.name.clone()}</code> });
        view! { <p class="quiet">{words.get("reference-headers")}":" {names.collect_view()}</p> }
    });
    view! {
        <dt id=format!("response-{}", response.status)>{status(&response.status)}</dt>
        <dd>
            {meaning(language, &response.status)}
            <ul class="plain">{kinds}</ul>
            {own}
            {example}
        </dd>
    }
}

/// Returns whether every response has this header.
fn is_everywhere(name: &str) -> bool {
    api::COMMON_HEADERS.contains(&name)
}

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
    let ReferenceLanguage { locale, words, .. } = language;
    let explanation = status
        .parse()
        .ok()
        .and_then(|status| explain_status(words, *locale, status));
    match explanation {
        Some(Explanation { name, text, href }) => {
            let more = words.with("explain-more", &[("name", &name)]);
            view! { <p>{text} " " <a href=href>{more}</a></p> }.into_any()
        }
        None => {
            let class = status.get(..1).unwrap_or_default();
            view! { <p>{words.get(&format!("reference-class-{class}"))}</p> }.into_any()
        }
    }
}

fn headers(language: &ReferenceLanguage, headers: &[HeaderDoc]) -> Option<AnyView> {
    let ReferenceLanguage { locale, words, .. } = language;
    if headers.is_empty() {
        return None;
    }
    let row = |header: &HeaderDoc| {
        let shown = header.name.clone();
        let meaning = explain_header(words, *locale, &header.name);
        let example = header
            .example
            .clone()
            .map(|example| view! { <br/><code>{example}</code> });
        view! {
            <tr>
                <th scope="row">
                    <Explain explanation=meaning words=words.clone()><code>{shown}</code></Explain>
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
                <summary>{words.with("response-headers", &[("count", &count)])}</summary>
                <table class="reference-table two">
                    <thead><tr>
                        <th scope="col">{words.get("reference-header")}</th>
                        <th scope="col">{words.get("reference-description")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        }
        .into_any(),
    )
}

fn contents(endpoint: &Endpoint, words: &MessageCatalog) -> impl IntoView + use<> {
    let parts = [
        Some(("try", "reference-try")),
        Some(("access", "reference-access")),
        (!endpoint.parameters.is_empty()).then_some(("parameters", "reference-parameters")),
        endpoint.body.as_ref().map(|_| ("body", "reference-body")),
        Some(("responses", "reference-responses")),
        Some(("errors", "reference-responses-error")),
    ];
    let links = parts.into_iter().flatten().map(|(id, key)| {
        view! { <li><a href=format!("#{id}")>{words.get(key)}</a></li> }
    });
    view! {
        <nav class="toc" aria-labelledby="toc-title">
            <p id="toc-title">{words.get("on-this-page")}</p>
            <ul>{links.collect_view()}</ul>
        </nav>
    }
}
