//! The model of the OpenAPI document for the pages of the reference: endpoints with their parameters,
//! bodies and responses, with `$ref`s resolved. It is built once. Texts about endpoints that are not in
//! the document are the messages with the prefix `operation-`.

use std::sync::OnceLock;

use serde_json::Value;

use super::schema::{self, Schema};
use crate::api;
use crate::model::http::{Header, RequestDraft};

/// One operation of the API.
pub(in crate::pages) struct Endpoint {
    /// The operation id in kebab-case, which is the last segment of the address of its page.
    pub(in crate::pages) slug: String,
    pub(in crate::pages) method: String,
    pub(in crate::pages) path: String,
    /// The tag that groups the endpoint; one of [`TAGS`].
    pub(super) tag: String,
    /// The summary of the operation, in English.
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) access: Access,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<RequestBodyDoc>,
    pub(super) responses: Vec<ResponseDoc>,
}

/// The authentication that an endpoint requires.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Open,
    Sandbox,
    Login,
}

pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub(super) location: String,
    pub(super) required: bool,
    pub(super) schema: Schema,
    pub(super) description: String,
    pub(super) example: Option<String>,
}

pub(super) struct RequestBodyDoc {
    pub(super) description: String,
    pub(super) required: bool,
    pub(super) formats: Vec<ContentDoc>,
}

/// A body in one media type.
pub(super) struct ContentDoc {
    pub(super) media_type: String,
    pub(super) schema: Schema,
    pub(super) example: Option<String>,
}

pub(super) struct ResponseDoc {
    /// A status such as `201`, or a class such as `4XX`.
    pub(super) status: String,
    pub(super) description: String,
    pub(super) headers: Vec<HeaderDoc>,
    pub(super) formats: Vec<ContentDoc>,
    /// The problem kinds that the response may contain, each as slug and title.
    pub(super) problems: Vec<(String, String)>,
}

/// A header of a response.
pub(super) struct HeaderDoc {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) example: Option<String>,
}

impl Endpoint {
    /// Returns the initial request of the form of the endpoint.
    pub(super) fn draft(&self) -> RequestDraft {
        let mut target = self.path.clone();
        for parameter in self
            .parameters
            .iter()
            .filter(|parameter| parameter.location == "path")
        {
            let value = parameter.example.as_deref().unwrap_or("1");
            target = target.replace(&format!("{{{}}}", parameter.name), value);
        }
        let format = self.body.as_ref().and_then(|body| body.formats.first());
        let headers = format.map(|format| Header::new("Content-Type", &format.media_type));
        RequestDraft {
            method: self.method.clone(),
            target,
            headers: headers.into_iter().collect(),
            body: format
                .and_then(|format| format.example.clone())
                .unwrap_or_default(),
        }
    }

    /// Returns whether the path contains the id of something that only the visitor can have created, so that
    /// the page of the endpoint differs between visitors.
    pub(super) fn has_id_of_visitor(&self) -> bool {
        let paths = ["/api/tokens/{id}", "/api/sandbox/exchanges/{request_id}"];
        paths.contains(&self.path.as_str())
    }

    /// Returns whether the method follows from the other methods of the path, as HEAD and OPTIONS do.
    pub(in crate::pages) fn is_derived(&self) -> bool {
        self.method == "HEAD" || self.method == "OPTIONS"
    }

    /// Returns whether the response is an event stream, which has no end.
    pub(super) fn is_stream(&self) -> bool {
        let mut formats = self.responses.iter().flat_map(|response| &response.formats);
        formats.any(|format| format.media_type == "text/event-stream")
    }
}

/// Returns all endpoints, ordered by tag and then as in the document.
pub(in crate::pages) fn endpoints() -> &'static [Endpoint] {
    static ENDPOINTS: OnceLock<Vec<Endpoint>> = OnceLock::new();
    ENDPOINTS.get_or_init(|| {
        let document = serde_json::to_value(api::document()).expect("a document is JSON");
        read_endpoints(&document)
    })
}

/// The tags in the order of the page.
pub(super) const TAGS: [&str; 5] = ["users", "account", "sandbox", "echo", "service"];

/// The endpoint that comes first in its group, because the others need the session that it creates.
const FIRST_SLUG: &str = "log-in";
/// The endpoints that come last in their groups, because they delete what other examples need. With this
/// order all examples work when they are sent from top to bottom.
const LAST_SLUGS: [&str; 4] = ["delete-token", "log-out", "reset-sandbox", "delete-sandbox"];

const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// Reads all operations of the document, in the order of the page.
fn read_endpoints(document: &Value) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                endpoints.push(read_endpoint(document, path, method, operation));
            }
        }
    }
    endpoints.sort_by_key(|endpoint| {
        let group = TAGS.iter().position(|tag| *tag == endpoint.tag);
        let last = LAST_SLUGS.iter().position(|slug| *slug == endpoint.slug);
        (
            group,
            endpoint.slug != FIRST_SLUG,
            last.map_or(0, |at| at + 1),
        )
    });
    endpoints
}

fn read_endpoint(document: &Value, path: &str, method: &str, operation: &Value) -> Endpoint {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let responses = operation["responses"].as_object().into_iter().flatten();
    Endpoint {
        slug: kebab_case(&text(&operation["operationId"])),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        tag: text(&operation["tags"][0]),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        access: access(operation.get("security").unwrap_or(&document["security"])),
        parameters: parameters
            .map(|value| read_parameter(document, value))
            .collect(),
        body: operation.get("requestBody").map(|body| RequestBodyDoc {
            description: text(&body["description"]),
            required: body["required"] == true,
            formats: read_formats(document, body),
        }),
        responses: responses
            .map(|(status, response)| read_response(document, status, response))
            .collect(),
    }
}

/// Returns the authentication that a list of security requirements means.
fn access(requirements: &Value) -> Access {
    let requirements = requirements
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let has_scheme = |name: &str| requirements.iter().any(|scheme| scheme.get(name).is_some());
    match (
        has_scheme("bearer") || has_scheme("session"),
        has_scheme("sandboxKey"),
    ) {
        (true, _) => Access::Login,
        (false, true) => Access::Sandbox,
        (false, false) => Access::Open,
    }
}

fn read_parameter(document: &Value, value: &Value) -> Parameter {
    let value = schema::resolve_reference(document, value);
    Parameter {
        name: text(&value["name"]),
        location: text(&value["in"]),
        required: value["required"] == true,
        schema: schema::read(document, &value["schema"]),
        description: text(&value["description"]),
        example: value.get("example").map(example_text),
    }
}

fn read_response(document: &Value, status: &str, value: &Value) -> ResponseDoc {
    let value = schema::resolve_reference(document, value);
    let headers = value["headers"].as_object().into_iter().flatten();
    let kinds = value.pointer("/content/application~1problem+json/examples");
    let kinds = kinds.and_then(Value::as_object).into_iter().flatten();
    ResponseDoc {
        status: status.to_owned(),
        description: text(&value["description"]),
        headers: headers
            .map(|(name, header)| {
                let header = schema::resolve_reference(document, header);
                HeaderDoc {
                    name: name.clone(),
                    description: text(&header["description"]),
                    example: header.get("example").map(example_text),
                }
            })
            .collect(),
        formats: read_formats(document, value),
        problems: kinds
            .map(|(kind, example)| (kind.clone(), text(&example["summary"])))
            .collect(),
    }
}

fn read_formats(document: &Value, parent: &Value) -> Vec<ContentDoc> {
    let content = parent["content"].as_object().into_iter().flatten();
    let mut formats: Vec<ContentDoc> = content
        .map(|(media_type, content)| {
            let first = content["examples"]
                .as_object()
                .and_then(|all| all.values().next());
            let example = content
                .get("example")
                .or(first.map(|example| &example["value"]));
            ContentDoc {
                media_type: media_type.clone(),
                schema: schema::read(document, &content["schema"]),
                example: example.map(example_text),
            }
        })
        .collect();
    // JSON comes first, because it is the most common format.
    formats.sort_by_key(|format| !format.media_type.ends_with("json"));
    formats
}

/// Returns an example value as it is sent: a string without quotes, any other value as JSON.
fn example_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => {
            serde_json::to_string_pretty(value).expect("a value is JSON")
        }
        value => value.to_string(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Converts an operation id such as `listUsers` to kebab-case, `list-users`.
fn kebab_case(id: &str) -> String {
    let mut slug = String::with_capacity(id.len() + 4);
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !slug.is_empty() {
            slug.push('-');
        }
        slug.push(letter.to_ascii_lowercase());
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(slug: &str) -> &'static Endpoint {
        let found = endpoints().iter().find(|endpoint| endpoint.slug == slug);
        found.unwrap_or_else(|| panic!("{slug}"))
    }

    #[test]
    fn endpoints_contain_the_values_of_the_document() {
        let create = find("create-user");
        assert_eq!(
            (create.method.as_str(), create.path.as_str()),
            ("POST", "/api/users")
        );
        assert!(create.access == Access::Sandbox && find("show-me").access == Access::Login);
        assert!(find("events").is_stream() && !create.is_stream());
        let draft = create.draft();
        assert_eq!(draft.header("content-type"), Some("application/json"));
        assert!(draft.body.contains("\"email\""), "{}", draft.body);
        assert_eq!(find("show-user").draft().target, "/api/users/2");
        let not_found = find("show-user")
            .responses
            .iter()
            .find(|response| response.status == "404");
        let not_found = not_found.expect("the document has a 404 response");
        assert_eq!(not_found.problems[0].0, "not-found");
        assert!(
            not_found
                .headers
                .iter()
                .any(|header| header.name == "Request-Id")
        );
    }

    #[test]
    fn every_endpoint_has_a_listed_tag_and_a_unique_slug() {
        let mut slugs: Vec<&str> = endpoints()
            .iter()
            .map(|endpoint| endpoint.slug.as_str())
            .collect();
        assert!(slugs.len() > 70, "{}", slugs.len());
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), endpoints().len());
        for endpoint in endpoints() {
            assert!(TAGS.contains(&endpoint.tag.as_str()), "{}", endpoint.tag);
            assert!(!endpoint.draft().target.contains('{'), "{}", endpoint.slug);
        }
    }
}
