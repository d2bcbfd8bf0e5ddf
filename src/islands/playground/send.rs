//! From a press on Send to all that is shown of what came of it.

use std::cell::RefCell;

use web_sys::{AbortController, Element, HtmlElement, HtmlFormElement};

use super::{data, fields, form, keep, set_inner_html, values};
use crate::http_file::{OUTPUT_MAX, ResolveError};
use crate::islands::api_client::{self, SendError};
use crate::islands::dom::{self, all, find, language, set, words};
use crate::model::exchange::is_recorded;
use crate::model::html::escape;
use crate::model::http::{Header, HttpResponse, Mutation, RequestDraft, reason_phrase, validate};
use crate::model::messages::MessageCatalog;
use crate::ui::response_body;

thread_local! {
    /// The requests under way, by the id of their form.
    static RUNNING: RefCell<Vec<(String, AbortController)>> = RefCell::default();
}

/// Whether a request of the form is under way.
pub(super) fn is_running(form: &str) -> bool {
    RUNNING.with_borrow(|running| running.iter().any(|(id, _)| id == form))
}

/// Takes a request under way back; whether there was one.
pub(super) fn cancel(form: &str) -> bool {
    let running = ended(form);
    running.inspect(AbortController::abort).is_some()
}

/// Takes the request of the form out of those under way.
fn ended(form: &str) -> Option<AbortController> {
    RUNNING.with_borrow_mut(|running| {
        let at = running.iter().position(|(id, _)| id == form)?;
        Some(running.swap_remove(at).1)
    })
}

/// Sends the request of the form, with a mutation if one was chosen.
pub(super) async fn submit(container: Element, form: HtmlFormElement, mutation: Option<Mutation>) {
    let words = words();
    let mut draft = fields::read(&form);
    if let Some(broken) = mutation.and_then(|mutation| mutation.apply(&draft)) {
        draft = broken;
        form::write(&form, &draft);
        keep::store(&form);
    }
    let own: Vec<String> = draft
        .headers
        .iter()
        .map(|header| header.name.to_ascii_lowercase())
        .collect();
    let draft = match values::resolve(&form, &draft) {
        Ok(draft) => draft,
        Err(unresolved) => {
            return set_inner_html(
                &container,
                ".field-error",
                &missing(&form, &unresolved, &words),
            );
        }
    };
    let findings = validate(&draft);
    let sentences = form::mark(&form, &findings, &words);
    set_inner_html(&container, ".field-error", &sentences);
    let Some(controller) = AbortController::new().ok().filter(|_| findings.is_empty()) else {
        return;
    };
    RUNNING.with_borrow_mut(|running| running.push((form.id(), controller.clone())));
    busy(&container, true, &words);
    let times = if mutation == Some(Mutation::Twice) {
        2
    } else {
        1
    };
    let outcome = send(&form, &draft, &controller, mutation, times).await;
    ended(&form.id());
    api_client::release_downloads(&container);
    match outcome {
        Ok(SendOutcome {
            response,
            group,
            has_sandbox,
        }) => {
            show(&container, &response, &words);
            values::keep(data(&form, "name"), &response);
            let part = match (is_recorded(&draft.target), has_sandbox) {
                (false, _) => Err("response-unrecorded"),
                (true, false) => Err("response-no-sandbox"),
                (true, true) => part(&form, &group, &own).await.ok_or("response-lost"),
            };
            complete(&container, &response, part, &words);
            busy(&container, false, &words);
            dom::dispatch("routebook-sent", &group);
        }
        Err(error) => {
            busy(&container, false, &words);
            set_inner_html(&container, ".response-parts", "");
            let text = escape(&words.get(error.key()));
            point(&container, "", &words);
            set_inner_html(
                &container,
                ".response-live",
                &format!("<p class=\"response-error\">{text}</p>"),
            );
        }
    }
}

/// What came of sending.
struct SendOutcome {
    /// The last response.
    response: HttpResponse,
    /// The group under which all that were sent are recorded.
    group: String,
    /// Whether the visitor has a sandbox: without one nothing is recorded.
    has_sandbox: bool,
}

/// Sends a request in the visitor's own sandbox.
async fn send(
    form: &HtmlFormElement,
    draft: &RequestDraft,
    controller: &AbortController,
    mutation: Option<Mutation>,
    times: usize,
) -> Result<SendOutcome, SendError> {
    if api_client::is_offline() {
        return Err(SendError::Offline);
    }
    // Without a sandbox a request still has its response: the problem then says what is wrong.
    let key = api_client::sandbox_key().await.ok();
    let has_sandbox = key.is_some();
    let group = values::guid();
    let mut draft = draft.clone();
    let credentials = fields::field(form, "credentials").unwrap_or_default();
    let without = mutation == Some(Mutation::NoCookie) || credentials == "none";
    if without && let Some(key) = key {
        draft.headers.push(Header::new("Sandbox-Key", key));
    }
    if credentials == "bearer" && draft.header("authorization").is_none() {
        let token = values::token().ok_or(SendError::NoToken)?;
        draft
            .headers
            .push(Header::new("Authorization", ["Bearer ", &token].concat()));
    }
    draft
        .headers
        .push(Header::new("Exchange-Group", group.as_str()));
    let options = api_client::SendOptions {
        omit_credentials: without,
        stop_at_redirects: data(form, "no-redirect").is_some(),
    };
    let mut response = api_client::send(&draft, options, controller).await?;
    for _ in 1..times {
        response = api_client::send(&draft, options, controller).await?;
    }
    Ok(SendOutcome {
        response,
        group,
        has_sandbox,
    })
}

/// What could not be put in, as HTML.
fn missing(form: &HtmlFormElement, unresolved: &ResolveError, words: &MessageCatalog) -> String {
    if *unresolved == ResolveError::TooLarge {
        let limit = (OUTPUT_MAX / 1024).to_string();
        let text = words.with("request-too-large", &[("limit", &limit)]);
        return ["<p>", &escape(&text), "</p>"].concat();
    }
    let mut focused = false;
    let sentence = |name: &String| {
        let field = dom::attribute("name", &["prompt-", name].concat());
        let prompt = find::<HtmlElement>(form, &field);
        let key = match (&prompt, name.split_once(".response.")) {
            (Some(_), _) => "request-prompt-empty",
            (None, Some(_)) => "request-earlier-missing",
            (None, None) => "request-unknown",
        };
        if let Some(prompt) = &prompt {
            set(prompt, "aria-invalid", "true");
            if !std::mem::replace(&mut focused, true) {
                dom::focus(prompt);
            }
        }
        let earlier = name.split(".response.").next().unwrap_or_default();
        let label = prompt.and_then(|prompt| prompt.get_attribute("data-label"));
        let name = label.as_ref().unwrap_or(name);
        let text = words.with(key, &[("name", name), ("earlier", earlier)]);
        format!("<p>{}</p>", escape(&text))
    };
    unresolved.names().iter().map(sentence).collect()
}

fn busy(container: &Element, busy: bool, words: &MessageCatalog) {
    if let Some(response) = find::<Element>(container, ".response") {
        set(&response, "aria-busy", if busy { "true" } else { "false" });
    }
    if let Some(send) = find::<Element>(container, ".send") {
        let key = if busy {
            "request-cancel"
        } else {
            "request-send"
        };
        send.set_text_content(Some(&words.get(key)));
    }
}

/// Shows status and body at once.
fn show(container: &Element, response: &HttpResponse, words: &MessageCatalog) {
    let status = match response.status {
        // A redirection that the browser was told not to follow; it hides the rest.
        0 => String::new(),
        status => format!(
            "<span class=\"status status-{}xx\"><b>{status}</b> {}</span> ",
            status / 100,
            reason_phrase(status)
        ),
    };
    point(container, &status, words);
    let html = [
        "<p class=\"response-status\">",
        &status,
        &cost(response, words),
        "</p>",
    ]
    .concat();
    set_inner_html(container, ".response-live", &html);
    set_inner_html(container, ".response-parts", &body(response, words));
}

/// How long it took, and how large it is.
fn cost(response: &HttpResponse, words: &MessageCatalog) -> String {
    let (milliseconds, bytes) = (response.milliseconds.to_string(), response.size.to_string());
    let cost = [("ms", milliseconds.as_str()), ("bytes", &bytes)];
    let cost = escape(&words.with("response-cost", &cost));
    ["<span class=\"quiet\">", &cost, "</span>"].concat()
}

/// Has the link to the response say what came: on a small screen the response is out of sight.
fn point(container: &Element, status: &str, words: &MessageCatalog) {
    let arrow = "<span aria-hidden=\"true\">↓</span>";
    let name = escape(&words.get("request-to-response"));
    let class = "<span class=\"skip-name\">";
    let html = [status, class, &name, "</span> ", arrow].concat();
    set_inner_html(container, ".skip-response", &html);
    if let Some(link) = find::<Element>(container, ".skip-response") {
        set(&link, "data-came", "");
    }
}

fn body(response: &HttpResponse, words: &MessageCatalog) -> String {
    let content_type = response.header("content-type").unwrap_or_default();
    match response.body.text() {
        Some(text) => response_body(text, content_type, words),
        None => format!(
            "<p class=\"quiet\">{}</p>",
            escape(&words.get("response-binary"))
        ),
    }
}

/// What the server knows of the exchanges of a group, as HTML; `None` when it keeps none.
async fn part(form: &HtmlFormElement, group: &str, own: &[String]) -> Option<String> {
    let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
    let mut target = format!(
        "/{}/exchanges/{}?part=&fresh=&id={}&own={}",
        language(),
        encode(group),
        encode(&form.id()),
        encode(&own.join(","))
    );
    if let Some(lesson) = data(form, "lesson") {
        target.push_str(&["&lesson=", &encode(&lesson)].concat());
    }
    let status = fields::field(form, "predicted-status").filter(|status| !status.is_empty());
    if let (Some(status), Some(changes)) = (status, fields::field(form, "predicted-changes")) {
        let (status, changes) = (encode(&status), encode(&changes));
        target.push_str(
            &[
                "&predicted_status=",
                &status,
                "&predicted_changes=",
                &changes,
            ]
            .concat(),
        );
    }
    api_client::page(&target).await
}

/// Shows all that the server knows, with the body as it came here; without it, the key of the words
/// that say why.
fn complete(
    container: &Element,
    response: &HttpResponse,
    part: Result<String, &'static str>,
    words: &MessageCatalog,
) {
    let body = body(response, words);
    match part {
        Ok(html) => {
            set_inner_html(container, ".response-parts", &html);
            let last = all(container, ".exchange").pop();
            let panel = last.and_then(|last| find::<HtmlElement>(&last, "[data-tab=body]"));
            if let Some(line) = all(container, ".exchange-line").pop() {
                let _ = line.insert_adjacent_html("beforeend", &cost(response, words));
            }
            if let Some(panel) = panel.filter(|_| response.status != 0) {
                panel.set_inner_html(&(body + &api_client::download(response, words)));
            }
        }
        Err(missing) => {
            let missing = escape(&words.get(missing));
            let rows: String = response
                .headers
                .iter()
                .map(|header| {
                    format!(
                        "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                        escape(&header.name),
                        escape(&header.value)
                    )
                })
                .collect();
            let html = format!(
                "{body}<table class=\"header-table\"><tbody>{rows}</tbody></table><p class=\"quiet\">{missing}</p>"
            );
            set_inner_html(container, ".response-parts", &html);
        }
    }
}
