//! The OpenAPI document as the pages of the reference show it: endpoints with what they take and
//! answer, references followed, read once. What is written about them is in `operation-` words.

use std::sync::OnceLock;

use serde_json::Value;

use super::schema::{self, Schema};
use crate::api;
use crate::model::http::{Header, RequestDraft};

/// One operation of the API.
pub(super) struct Endpoint {
    /// Its name in addresses: the operation's id in kebab-case.
    pub(super) slug: String,
    pub(super) method: String,
    pub(super) path: String,
    /// The group that it is in.
    pub(super) tag: String,
    /// The operation's one line, in English.
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) access: Access,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<RequestBodyDoc>,
    pub(super) replies: Vec<ResponseDoc>,
}

/// Who may call an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Open,
    Sandbox,
    Login,
}

pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub(super) place: String,
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

/// Content of one media type.
pub(super) struct ContentDoc {
    pub(super) media_type: String,
    pub(super) schema: Schema,
    pub(super) example: Option<String>,
}

pub(super) struct ResponseDoc {
    /// `201`, or a class as `4XX`.
    pub(super) status: String,
    pub(super) description: String,
    pub(super) headers: Vec<HeaderDoc>,
    pub(super) formats: Vec<ContentDoc>,
    /// The kinds of problem that it may be: the last part of their address, and the title.
    pub(super) problems: Vec<(String, String)>,
}

/// A header of a reply.
pub(super) struct HeaderDoc {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) example: Option<String>,
}

impl Endpoint {
    /// The request that its form holds at first.
    pub(super) fn draft(&self) -> RequestDraft {
        let mut target = self.path.clone();
        for parameter in self
            .parameters
            .iter()
            .filter(|parameter| parameter.place == "path")
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

    /// Whether its path names what only the visitor can have made, so that its page is not the same for
    /// all visitors.
    pub(super) fn names_what_visitors_make(&self) -> bool {
        let paths = ["/api/tokens/{id}", "/api/sandbox/exchanges/{request_id}"];
        paths.contains(&self.path.as_str())
    }

    /// Whether it follows from the other methods of its path.
    pub(super) fn is_derived(&self) -> bool {
        self.method == "HEAD" || self.method == "OPTIONS"
    }

    /// Whether its reply never ends.
    pub(super) fn is_stream(&self) -> bool {
        let mut formats = self.replies.iter().flat_map(|reply| &reply.formats);
        formats.any(|format| format.media_type == "text/event-stream")
    }
}

/// Every endpoint, by group and path as the document has them.
pub(super) fn endpoints() -> &'static [Endpoint] {
    static ENDPOINTS: OnceLock<Vec<Endpoint>> = OnceLock::new();
    ENDPOINTS.get_or_init(|| {
        let document = serde_json::to_value(api::document()).expect("a document is JSON");
        read(&document)
    })
}

/// The groups in their order.
pub(super) const TAGS: [&str; 5] = ["users", "account", "sandbox", "mirror", "service"];

/// What the others of its group need is first …
const FIRST: &str = "log-in";
/// … and what takes away what they need is last, so that all examples work in the order of the page.
const LAST: [&str; 4] = ["delete-token", "log-out", "reset-sandbox", "delete-sandbox"];

const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

fn read(document: &Value) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                endpoints.push(endpoint(document, path, method, operation));
            }
        }
    }
    endpoints.sort_by_key(|endpoint| {
        let group = TAGS.iter().position(|tag| *tag == endpoint.tag);
        let last = LAST.iter().position(|slug| *slug == endpoint.slug);
        (group, endpoint.slug != FIRST, last.map_or(0, |at| at + 1))
    });
    endpoints
}

fn endpoint(document: &Value, path: &str, method: &str, operation: &Value) -> Endpoint {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let replies = operation["responses"].as_object().into_iter().flatten();
    Endpoint {
        slug: kebab(&text(&operation["operationId"])),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        tag: text(&operation["tags"][0]),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        access: access(operation.get("security").unwrap_or(&document["security"])),
        parameters: parameters.map(|value| parameter(document, value)).collect(),
        body: operation.get("requestBody").map(|body| RequestBodyDoc {
            description: text(&body["description"]),
            required: body["required"] == true,
            formats: formats(document, body),
        }),
        replies: replies
            .map(|(status, reply)| self::reply(document, status, reply))
            .collect(),
    }
}

fn access(any: &Value) -> Access {
    let any = any.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |name: &str| any.iter().any(|scheme| scheme.get(name).is_some());
    match (named("bearer") || named("session"), named("sandboxKey")) {
        (true, _) => Access::Login,
        (false, true) => Access::Sandbox,
        (false, false) => Access::Open,
    }
}

fn parameter(document: &Value, value: &Value) -> Parameter {
    let value = schema::follow(document, value);
    Parameter {
        name: text(&value["name"]),
        place: text(&value["in"]),
        required: value["required"] == true,
        schema: schema::read(document, &value["schema"]),
        description: text(&value["description"]),
        example: value.get("example").map(written),
    }
}

fn reply(document: &Value, status: &str, value: &Value) -> ResponseDoc {
    let value = schema::follow(document, value);
    let headers = value["headers"].as_object().into_iter().flatten();
    let kinds = value.pointer("/content/application~1problem+json/examples");
    let kinds = kinds.and_then(Value::as_object).into_iter().flatten();
    ResponseDoc {
        status: status.to_owned(),
        description: text(&value["description"]),
        headers: headers
            .map(|(name, header)| {
                let header = schema::follow(document, header);
                HeaderDoc {
                    name: name.clone(),
                    description: text(&header["description"]),
                    example: header.get("example").map(written),
                }
            })
            .collect(),
        formats: formats(document, value),
        problems: kinds
            .map(|(kind, example)| (kind.clone(), text(&example["summary"])))
            .collect(),
    }
}

fn formats(document: &Value, owner: &Value) -> Vec<ContentDoc> {
    let content = owner["content"].as_object().into_iter().flatten();
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
                example: example.map(written),
            }
        })
        .collect();
    // What most people send comes first.
    formats.sort_by_key(|format| !format.media_type.ends_with("json"));
    formats
}

/// A value as it is sent: texts as they are, the rest as JSON.
fn written(value: &Value) -> String {
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

/// `listUsers` as `list-users`.
fn kebab(id: &str) -> String {
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
    fn endpoints_hold_what_the_document_says() {
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
        let gone = find("show-user")
            .replies
            .iter()
            .find(|reply| reply.status == "404");
        let gone = gone.expect("it can be missing");
        assert_eq!(gone.problems[0].0, "not-found");
        assert!(
            gone.headers
                .iter()
                .any(|header| header.name == "Request-Id")
        );
    }

    #[test]
    fn every_endpoint_is_in_a_group_and_has_a_name_of_its_own() {
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
