//! `POST /{lang}/try`: sends a request for a visitor without scripts and returns a page with the same
//! content as the playground.

use std::time::Instant;

use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, HOST, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request};
use axum::response::Response;
use bytes::Bytes;
use uuid::Uuid;

use crate::http_file::{PrepareError, PreparedRequest};
use crate::model::http::{Header, HttpResponse, Mutation, RequestDraft, normalize_target_of};
use crate::pages::api_client::ApiClient;
use crate::pages::exchange::ExchangeQuery;
use crate::pages::meta::PageRequest;
use crate::pages::placeholder_values;
use crate::pages::try_request::view::{self, SubmittedOutcome, SubmittedRequest};
use crate::state::AppState;

/// Handles `POST /{lang}/try`: sends the request of the form and renders the page with its response.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = FormFields(form_urlencoded::parse(&body).into_owned().collect());
    let query = query.unwrap_or_default();
    let query = FormFields(
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
    );
    let from = query.field("from").map(str::to_owned);
    let block = query.field("block").map(str::to_owned);
    let exercise = query.field("exercise").map(str::to_owned);
    let mutation = form.field("mutation").and_then(Mutation::parse);
    let mut draft = RequestDraft::from_form(form.0.iter().cloned());
    // As the form with scripts does when another method is chosen.
    if let Some(previous) = query.field("method")
        && previous != draft.method
        && !draft.body.is_empty()
        && let Some(media_type) = draft.content_type_for_method(previous)
    {
        let names = |header: &Header| header.name.eq_ignore_ascii_case("content-type");
        draft.headers.retain(|header| !names(header));
        draft.headers.push(Header::new("Content-Type", media_type));
    }
    let draft = mutation
        .and_then(|mutation| mutation.apply(&draft))
        .unwrap_or(draft);
    let mut client = ApiClient::new(&state, &headers, &extensions);
    let outcome = match placeholder_values::prepare_form(&form.0, &draft) {
        Err(error) => SubmittedOutcome::Refused(error),
        Ok(request) => send_request(&mut client, request, mutation).await,
    };
    let send = query.field("send").and_then(|send| send.parse().ok());
    let send: u32 = send.unwrap_or(1);
    let submitted = SubmittedRequest {
        outcome,
        draft,
        from,
        block,
        exercise,
        lines: form.fields("line"),
        send,
        mutation,
        exchange_query: ExchangeQuery::of_form(
            form.field("predicted-status"),
            form.field("predicted-changes"),
            mutation,
            // The second of two requests is shown.
            send.saturating_add(u32::from(mutation == Some(Mutation::Twice))),
        ),
    };
    let mut response = view::page(&state, page_request, submitted).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    client.set_cookies(&mut response);
    response
}

/// Names and values of the form fields, in order.
struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// Returns the first value with a name.
    fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        fields
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns all values with a name.
    fn fields(&self, name: &str) -> Vec<String> {
        let fields = self.0.iter().filter(|(other, _)| other == name);
        fields.map(|(_, value)| value.clone()).collect()
    }
}

/// Sends a request in the sandbox of the visitor, after creating a sandbox when the visitor has none. Sends it
/// twice when the mutation of the draft is to send it twice.
async fn send_request(
    client: &mut ApiClient<'_>,
    request: PreparedRequest,
    mutation: Option<Mutation>,
) -> SubmittedOutcome {
    let draft = &request.draft;
    let target = normalize_target_of(&draft.method, &draft.target);
    let (Ok(method), Ok(target)) = (draft.method.parse::<Method>(), target) else {
        // Validation and sending use the same rules, so a draft that cannot be sent has findings.
        return SubmittedOutcome::Refused(PrepareError::Invalid(Box::new(request)));
    };
    ensure_sandbox(client).await;
    if mutation == Some(Mutation::NoCookie) || !request.sends_cookies {
        client.withhold_session();
    }
    let group = Uuid::new_v4().to_string();
    let mut headers = draft.headers.clone();
    headers.push(Header::new("exchange-group", group.as_str()));
    let body = Bytes::from(draft.body.clone());
    let request = || api_request(method.clone(), &target, &headers, body.clone());
    let started = Instant::now();
    let mut response = client.send(request()).await;
    if mutation == Some(Mutation::Twice) {
        response = client.send(request()).await;
    }
    let milliseconds = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    let (parts, content) = response.into_parts();
    let headers = parts.headers.iter().filter(|(name, _)| *name != SET_COOKIE);
    let headers = headers
        .map(|(name, value)| Header::new(name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    let response = HttpResponse::new(
        parts.status.as_u16(),
        headers.collect(),
        content.to_vec(),
        milliseconds,
    );
    SubmittedOutcome::Response {
        response,
        visitor: client.visitor().await.ok(),
        group,
    }
}

/// Creates a sandbox when the visitor has none. A failure is not reported, because the request of the visitor
/// then gets the same problem as its response.
async fn ensure_sandbox(client: &mut ApiClient<'_>) {
    let request = |method| api_request(method, "/api/sandbox", &[], Bytes::new());
    let sandbox = client.send(request(Method::GET)).await;
    if String::from_utf8_lossy(sandbox.body()).contains("\"key\":null") {
        client.send(request(Method::POST)).await;
    }
}

/// Builds a request to the API. `Cookie` and `Host` fields and invalid fields are left out.
fn api_request(method: Method, target: &str, headers: &[Header], body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().expect("a normalised target is a URI");
    for header in headers {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value)
            && name != COOKIE
            && name != HOST
        {
            request.headers_mut().append(name, value);
        }
    }
    request
}
