//! The page of one endpoint: a request form, the required authentication, parameters, body and responses.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use super::endpoints::{Access, Endpoint, Parameter, endpoints};
use super::form_parts::form_parts;
use super::language::{ReferenceLanguage, endpoint_title};
use super::navigation::{breakable_path, endpoint_navigation};
use super::response::{content_formats, responses};
use crate::components::{DataPanelParts, Explain, FormExtras, FormParts, HeaderNames, MethodBadge};
use crate::islands::data_panel::DataPanel;
use crate::islands::playground::Playground;
use crate::model::explain::{explain_header, explain_method};
use crate::model::http::{RequestDraft, path_values};
use crate::model::messages::MessageCatalog;
use crate::pages::data_panel::initial_parts;
use crate::pages::form_action::form_action;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::not_found;
use crate::pages::render::render;
use crate::pages::visitor::PageVisitor;
use crate::sandbox::DatabaseError;
use crate::state::{AppState, StyleSheet};

/// Handles `GET /{lang}/playground/{operation}`.
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, slug)): Path<(String, String)>,
) -> Response {
    let Some(endpoint) = endpoints().iter().find(|endpoint| endpoint.slug == slug) else {
        return not_found::show(&state, page_request).await;
    };
    let draft = match initial_draft(&state, &visitor, endpoint).await {
        Ok(draft) => draft,
        Err(cause) => {
            tracing::error!(%cause, "the recorded exchanges of a visitor cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let title = endpoint_title(endpoint, state.i18n.messages(page_request.locale));
    let mut meta = PageMeta::new(page_request, title.clone(), format!("/playground/{slug}"));
    meta.has_navigation = false;
    meta.styles = &[StyleSheet::Reference];
    meta.is_workspace = true;
    meta.description = format!("{} {}: {title}", endpoint.method, endpoint.path);
    let data = initial_parts(&state, meta.request.locale).await;
    if !endpoint.has_id_of_visitor() && data.is_some() {
        meta.share_for_any_query();
    }
    let library = state.clone();
    let language = ReferenceLanguage::new(&state, meta.request.locale);
    render(&state, meta, move || {
        content(&library, &language, endpoint, draft.clone(), data.clone())
    })
    .await
}

/// Returns the initial request of the form of an endpoint. When the path contains the id of something that
/// only the visitor can have created, the request contains the id that was created last, if there is one.
async fn initial_draft(
    state: &AppState,
    visitor: &PageVisitor,
    endpoint: &Endpoint,
) -> Result<RequestDraft, DatabaseError> {
    let mut draft = endpoint.draft();
    if let Some(sandbox) = visitor.sandbox_id()
        && endpoint.has_id_of_visitor()
    {
        let exchanges = state.sandboxes.list_exchanges(sandbox).await?;
        let target = exchanges
            .iter()
            .find_map(|exchange| match endpoint.tag.as_str() {
                "sandbox" => Some(format!("/api/sandbox/exchanges/{}", exchange.id)),
                _ => exchange
                    .created_path()
                    .filter(|path| path_values(path, &endpoint.path).is_some()),
            });
        draft.target = target.unwrap_or(draft.target);
    }
    Ok(draft)
}

/// Renders the page of an endpoint.
fn content(
    state: &AppState,
    language: &ReferenceLanguage,
    endpoint: &'static Endpoint,
    draft: RequestDraft,
    data: Option<DataPanelParts>,
) -> impl IntoView + use<> {
    let ReferenceLanguage {
        locale, messages, ..
    } = language.clone();
    let group = messages.get(&format!("reference-tag-{}", endpoint.tag));
    let method = explain_method(&messages, locale, &endpoint.method);
    let description = (!endpoint.description.is_empty())
        .then(|| view! { <p>{language.text(&endpoint.description)}</p> });
    view! {
        {endpoint_navigation(locale, &messages, "", Some(&endpoint.slug))}
        <main id="content" class="workspace reference" tabindex="-1">
            <p class="breadcrumb">
                <a href=format!("/{locale}/playground#{}", endpoint.tag)>{group}</a>
            </p>
            <h1>{endpoint_title(endpoint, &messages)}</h1>
            <div class="endpoint-line">
                <Explain explanation=method words=messages.clone()><MethodBadge method=endpoint.method.clone()/></Explain>
                <code>{breakable_path(&endpoint.path)}</code>
            </div>
            {description}
            {siblings(language, endpoint)}
            {contents(endpoint, &messages)}
            <h2 id="try">{messages.get("reference-try")}</h2>
            {form(language, endpoint, draft)}
            <h2 id="access">{messages.get("reference-access")}</h2>
            {access(state, endpoint, &messages)}
            {parameters(language, endpoint)}
            {body(language, endpoint)}
            {responses(language, endpoint)}
            <HeaderNames/>
        </main>
        <DataPanel locale=locale from="/playground".to_owned() parts=data words=messages.clone()/>
    }
}

/// Renders links to the other methods of the path.
fn siblings(language: &ReferenceLanguage, endpoint: &Endpoint) -> impl IntoView + use<> {
    let ReferenceLanguage {
        locale, messages, ..
    } = language;
    let same_path = endpoints()
        .iter()
        .filter(|other| other.path == endpoint.path);
    let links: Vec<_> = same_path
        .map(|other| {
            let current = (other.slug == endpoint.slug).then_some("page");
            view! {
                <li><a href=format!("/{locale}/playground/{}", other.slug) aria-current=current>
                    <MethodBadge method=other.method.clone()/>
                </a></li>
            }
        })
        .collect();
    let label = messages.with("operation-options", &[("path", &endpoint.path)]);
    view! { <nav class="siblings" aria-label=label><ul>{links}</ul></nav> }
}

/// Renders the request form; a text for an event stream, whose response has no end.
fn form(language: &ReferenceLanguage, endpoint: &Endpoint, draft: RequestDraft) -> AnyView {
    let ReferenceLanguage {
        locale, messages, ..
    } = language;
    if endpoint.is_stream() {
        return view! { <p>{messages.get("reference-no-try")}</p> }.into_any();
    }
    let title = format!("{} {}", draft.method, draft.target);
    let action = form_action(*locale, "", &draft);
    let parts = form_parts(&draft).map(|parts| FormParts {
        open: true,
        ..parts
    });
    let extras = FormExtras {
        parts: parts.filter(|parts| parts.has_names()),
        save_as: Some(endpoint_title(endpoint, messages)),
        ..FormExtras::default()
    };
    let empty = messages.get("reference-empty");
    view! {
        <Playground id="request" title=title draft=draft action=action extras=extras>
            <div class="sample-response response-empty"><p>{empty}</p></div>
        </Playground>
    }
    .into_any()
}

/// Renders the required authentication and the limits.
fn access(
    state: &AppState,
    endpoint: &Endpoint,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let access = messages.get(match endpoint.access {
        Access::Open => "reference-access-open",
        Access::Sandbox => "reference-access-sandbox",
        Access::Login => "reference-access-login",
    });
    let limits = &state.config.limits;
    let (requests, writes) = (
        limits.requests_per_minute.to_string(),
        limits.writes_per_minute.to_string(),
    );
    let is_limited = endpoint
        .responses
        .iter()
        .any(|response| response.status == "429");
    let rate = is_limited.then(|| {
        let values = [("requests", requests.as_str()), ("writes", writes.as_str())];
        view! { <li>{messages.with("reference-limit-rate", &values)}</li> }
    });
    let size = endpoint
        .body
        .as_ref()
        .map(|_| view! { <li>{messages.get("reference-limit-body")}</li> });
    view! { <ul class="plain"><li>{access}</li>{rate}{size}</ul> }
}

/// Renders the parameters as a table, if there are any.
fn parameters(language: &ReferenceLanguage, endpoint: &Endpoint) -> Option<AnyView> {
    let ReferenceLanguage {
        locale, messages, ..
    } = language;
    if endpoint.parameters.is_empty() {
        return None;
    }
    let row = |parameter: &Parameter| {
        let Parameter {
            name,
            location,
            required,
            schema,
            description,
            example,
        } = parameter;
        let label = name.clone();
        let meaning = (location == "header")
            .then(|| explain_header(messages, *locale, name))
            .flatten();
        let requirement = messages.get(if *required {
            "reference-required"
        } else {
            "reference-optional"
        });
        let example = example.clone().map(
            |example| view! { <br/>{messages.get("reference-example")}": "<code>{example}</code> },
        );
        view! {
            <tr>
                <th scope="row">
                    <Explain explanation=meaning words=messages.clone()><code>{label}</code></Explain>
                    <span class="quiet">{messages.get(&format!("reference-in-{location}"))} " · " {requirement}</span>
                </th>
                <td>{language.summary(&schema.summary)}</td>
                <td>{language.text(description)}{example}</td>
            </tr>
        }
    };
    let rows = endpoint.parameters.iter().map(row).collect_view();
    let title = messages.get("reference-parameters");
    Some(
        view! {
            <h2 id="parameters">{title.clone()}</h2>
            <div class="table-scroll" tabindex="0" role="group" aria-label=title>
                <table class="reference-table">
                    <thead><tr>
                        <th scope="col">{messages.get("reference-name")}</th>
                        <th scope="col">{messages.get("reference-type")}</th>
                        <th scope="col">{messages.get("reference-description")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    )
}

/// Renders the request body, if there is one.
fn body(language: &ReferenceLanguage, endpoint: &Endpoint) -> Option<AnyView> {
    let messages = &language.messages;
    let body = endpoint.body.as_ref()?;
    let requirement = messages.get(if body.required {
        "reference-body-required"
    } else {
        "reference-body-optional"
    });
    Some(
        view! {
            <h2 id="body">{messages.get("reference-body")}</h2>
            <p>{language.text(&body.description)} " " {requirement}</p>
            {content_formats(language, &body.formats)}
        }
        .into_any(),
    )
}

/// Renders the table of contents of the page.
fn contents(endpoint: &Endpoint, messages: &MessageCatalog) -> impl IntoView + use<> {
    let parts = [
        Some(("try", "reference-try")),
        Some(("access", "reference-access")),
        (!endpoint.parameters.is_empty()).then_some(("parameters", "reference-parameters")),
        endpoint.body.as_ref().map(|_| ("body", "reference-body")),
        Some(("responses", "reference-responses")),
        Some(("errors", "reference-responses-error")),
    ];
    let links = parts.into_iter().flatten().map(|(id, key)| {
        view! { <li><a href=format!("#{id}")>{messages.get(key)}</a></li> }
    });
    view! {
        <nav class="toc" aria-labelledby="toc-title">
            <p id="toc-title">{messages.get("on-this-page")}</p>
            <ul>{links.collect_view()}</ul>
        </nav>
    }
}
