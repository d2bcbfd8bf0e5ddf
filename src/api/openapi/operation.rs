//! The builder of operations: parameters, body, responses and problems.

use axum::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, ParameterStyle,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};
use utoipa::openapi::{RefOr, Required, Schema, SecurityRequirement};

use super::{header, problem, security};
use crate::model::problem::ProblemKind;

/// A type that converts into the schema of a parameter.
pub(super) trait IntoSchema: Into<RefOr<Schema>> {}
impl<T: Into<RefOr<Schema>>> IntoSchema for T {}

/// The description of an operation that is being built.
///
/// The attribute `#[utoipa::path]` is not used, because operations share most of their description: the headers
/// of every response, the formats of a user and the problems of all writes. Attributes could only repeat it.
/// Lessons show the source code of the handlers, which such attributes would clutter.
pub(in crate::api) struct OperationSpec {
    builder: OperationBuilder,
    kinds: Vec<ProblemKind>,
}

impl OperationSpec {
    /// Creates an operation. Generators of clients use `id` as its name.
    pub(in crate::api) fn new(id: &str, summary: &str) -> OperationSpec {
        let builder = OperationBuilder::new()
            .operation_id(Some(id))
            .summary(Some(summary));
        let kinds = problem::OF_ALL_OPERATIONS.to_vec();
        OperationSpec { builder, kinds }
    }

    /// Sets the description.
    pub(super) fn text(mut self, text: &str) -> OperationSpec {
        self.builder = self.builder.description(Some(text));
        self
    }

    /// Sets the alternative security requirements.
    pub(super) fn security(
        mut self,
        any: impl IntoIterator<Item = SecurityRequirement>,
    ) -> OperationSpec {
        self.builder = self.builder.securities(Some(any));
        self
    }

    /// Adds a required path parameter.
    pub(super) fn path(
        self,
        name: &str,
        schema: impl IntoSchema,
        text: &str,
        example: impl Into<Value>,
    ) -> OperationSpec {
        let parameter = parameter(name, ParameterIn::Path, schema, text).required(Required::True);
        self.parameter(parameter.example(Some(example.into())).build())
    }

    /// Adds an optional query parameter.
    pub(super) fn query(self, name: &str, schema: impl IntoSchema, text: &str) -> OperationSpec {
        self.parameter(parameter(name, ParameterIn::Query, schema, text).build())
    }

    /// Adds an optional query parameter whose value is a list separated by commas.
    pub(super) fn query_list(self, name: &str, schema: ArrayBuilder, text: &str) -> OperationSpec {
        let parameter = parameter(name, ParameterIn::Query, schema, text);
        self.parameter(
            parameter
                .style(Some(ParameterStyle::Form))
                .explode(Some(false))
                .build(),
        )
    }

    /// Adds an optional header.
    pub(super) fn header(
        self,
        name: &str,
        schema: ObjectBuilder,
        text: &str,
        example: &str,
    ) -> OperationSpec {
        let parameter = parameter(name, ParameterIn::Header, schema, text);
        self.parameter(parameter.example(Some(example.into())).build())
    }

    fn parameter(mut self, parameter: Parameter) -> OperationSpec {
        self.builder = self.builder.parameter(parameter);
        self
    }

    /// Adds the preconditions of GET.
    pub(super) fn conditional_read(self) -> OperationSpec {
        let string = || ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        self.header("If-None-Match", string(), "Entity tags of stored representations, or `*`. If one of them is current, the response is 304.", "\"2oVmRkQn8sZ1\"")
            .header("If-Modified-Since", string(), "A date. If nothing was changed after it, the response is 304. Ignored when If-None-Match is present.", "Thu, 01 Jan 2026 09:03:00 GMT")
            .header("If-Match", string(), "Entity tags, or `*`. If none of them is current, the response is 412.", "*")
            .header("If-Unmodified-Since", string(), "A date. If something was changed after it, the response is 412. Ignored when If-Match is present.", "Fri, 01 Jan 2100 00:00:00 GMT")
            .problems(&[ProblemKind::PreconditionFailed])
            .not_modified()
    }

    /// Adds the preconditions of a write.
    pub(super) fn conditional_write(self) -> OperationSpec {
        let string = || ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        self.header("If-Match", string(), "Strong entity tags of the user in any format, or `*`. If none of them is current, nothing is changed and the response is 412.", "*")
            .header("If-Unmodified-Since", string(), "A date. If something was changed after it, the response is 412. Ignored when If-Match is present.", "Fri, 01 Jan 2100 00:00:00 GMT")
            .header("If-None-Match", string(), "`*` applies the request only if the user does not exist; otherwise the response is 412.", "\"another\"")
            .problems(&[ProblemKind::PreconditionFailed, ProblemKind::PreconditionRequired])
    }

    /// Adds a required body in one of the given formats.
    pub(super) fn body(
        self,
        text: &str,
        formats: Vec<(&str, RefOr<Schema>, Value)>,
    ) -> OperationSpec {
        self.with_body(text, Required::True, formats)
            .problems(problem::OF_BODIES)
    }

    /// Adds an optional body of any media type; the formats are examples.
    pub(super) fn any_body(
        self,
        text: &str,
        formats: Vec<(&str, RefOr<Schema>, Value)>,
    ) -> OperationSpec {
        self.with_body(text, Required::False, formats)
    }

    fn with_body(
        mut self,
        text: &str,
        required: Required,
        formats: Vec<(&str, RefOr<Schema>, Value)>,
    ) -> OperationSpec {
        let mut body = RequestBodyBuilder::new()
            .description(Some(text))
            .required(Some(required));
        for (format, schema, example) in formats {
            let content = ContentBuilder::new()
                .schema(Some(schema))
                .example(Some(example));
            body = body.content(format, content.build());
        }
        self.builder = self.builder.request_body(Some(body.build()));
        self
    }

    /// Adds a response that is described in full here; error responses are added by `problems`.
    pub(super) fn response(mut self, status: u16, response: ResponseSpec) -> OperationSpec {
        self.builder = self
            .builder
            .response(status.to_string(), response.0.build());
        self
    }

    /// Adds a response for a class of statuses, such as `2XX`.
    pub(super) fn status_class(mut self, class: &str, response: ResponseSpec) -> OperationSpec {
        self.builder = self.builder.response(class, response.0.build());
        self
    }

    /// Adds the 304 response.
    fn not_modified(self) -> OperationSpec {
        self.response(
            304,
            ResponseSpec::new("The client has the current representation.").headers(&["ETag"]),
        )
    }

    /// Adds kinds of problems.
    pub(super) fn problems(mut self, kinds: &[ProblemKind]) -> OperationSpec {
        self.kinds.extend(kinds);
        self
    }

    /// Removes kinds of problems that every operation has by default but this one cannot return.
    pub(super) fn without_problems(mut self, kinds: &[ProblemKind]) -> OperationSpec {
        self.kinds.retain(|kind| !kinds.contains(kind));
        self
    }

    /// Removes all kinds of problems, because a class of statuses covers them.
    pub(super) fn without_any_problems(mut self) -> OperationSpec {
        self.kinds.clear();
        self
    }

    /// Completes the operation of a method at a path.
    pub(super) fn finish(self, method: &Method, path: &str) -> Operation {
        let OperationSpec { builder, mut kinds } = self;
        if [Method::GET, Method::OPTIONS].contains(method) {
            kinds.retain(|kind| !problem::OF_UNSAFE_METHODS.contains(kind));
        }
        let builder = builder.tag(tag_of(path));
        let responses = problem::responses(&kinds).into_iter();
        responses
            .fold(builder, |builder, (status, response)| {
                builder.response(status.to_string(), response)
            })
            .build()
    }
}

/// The description of a response that is being built.
pub(super) struct ResponseSpec(ResponseBuilder);

impl ResponseSpec {
    /// Creates a response with the headers that every response has.
    pub(super) fn new(text: &str) -> ResponseSpec {
        ResponseSpec(ResponseBuilder::new().description(text)).headers(&header::COMMON_HEADERS)
    }

    /// Adds headers.
    pub(super) fn headers(self, names: &[&str]) -> ResponseSpec {
        ResponseSpec(header::with_headers(self.0, names))
    }

    /// Adds content in a format.
    pub(super) fn content(
        self,
        format: &str,
        schema: impl IntoSchema,
        example: impl Into<Value>,
    ) -> ResponseSpec {
        let content = ContentBuilder::new()
            .schema(Some(schema))
            .example(Some(example.into()));
        ResponseSpec(self.0.content(format, content.build()))
    }

    /// Adds content that is a range of bytes of a format and therefore has no schema.
    pub(super) fn bytes(self, format: &str) -> ResponseSpec {
        ResponseSpec(self.0.content(format, ContentBuilder::new().build()))
    }

    /// Adds a link to `operation`; `from` is the runtime expression for its `parameter`.
    pub(super) fn link(self, operation: &str, parameter: &str, from: &str) -> ResponseSpec {
        let link = LinkBuilder::new()
            .operation_id(operation)
            .parameter(parameter, from);
        ResponseSpec(self.0.link(operation, link.build()))
    }

    /// Adds links to the operations on the user in the response, and to the recorded exchange.
    pub(super) fn links_to_user(self) -> ResponseSpec {
        let operations = ["showUser", "replaceUser", "updateUser", "deleteUser"];
        let response = operations.into_iter().fold(self, |response, operation| {
            response.link(operation, "id", "$response.body#/id")
        });
        response.link("showExchange", "request_id", "$response.header.Request-Id")
    }
}

fn parameter(
    name: &str,
    location: ParameterIn,
    schema: impl IntoSchema,
    text: &str,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(location)
        .required(Required::False)
        .schema(Some(schema))
        .description(Some(text))
}

/// Returns the HEAD operation for a GET operation.
pub(super) fn head_of(get: &Operation) -> Operation {
    let mut head = get.clone();
    head.operation_id = get.operation_id.as_ref().map(|id| format!("{id}Head"));
    head.summary = get
        .summary
        .as_ref()
        .map(|summary| format!("{summary}, without the content"));
    for (status, response) in &mut head.responses.responses {
        *response = match response {
            RefOr::T(response) => {
                let mut response = response.clone();
                response.content.clear();
                response.links.clear();
                RefOr::T(response)
            }
            RefOr::Ref(_) => problem::without_content(status),
        };
    }
    head
}

/// Returns the OPTIONS operation of a path with the given methods.
pub(super) fn options(path: &str, methods: &[Method]) -> Operation {
    let names = methods
        .iter()
        .map(Method::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let mut response = ResponseSpec::new("The methods of the resource.").headers(&["Allow"]);
    if methods.contains(&Method::PATCH) {
        response = response.headers(&["Accept-Patch"]);
    }
    let words = path
        .split(['/', '_', '.'])
        .filter(|part| !part.is_empty() && *part != "api");
    let name: String = words.map(capitalized).collect();
    let operation = OperationSpec::new(
        &format!("options{name}"),
        "Lists the methods of the resource",
    )
    .text(&format!("`Allow` is {names}."))
    .security(security::for_sandbox_data())
    .response(204, response);
    let mut operation = operation.finish(&Method::OPTIONS, path);
    operation.parameters = parameters_of(path);
    operation
}

/// Returns the parameters of a path, with any value.
fn parameters_of(path: &str) -> Option<Vec<RefOr<Parameter>>> {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = names.map(|name| {
        let any = ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .min_length(Some(1));
        let parameter = parameter(
            name,
            ParameterIn::Path,
            any,
            "Any value; the resource does not have to exist.",
        )
        .required(Required::True);
        RefOr::T(parameter.example(Some(json!("1"))).build())
    });
    let parameters: Vec<_> = parameters.collect();
    (!parameters.is_empty()).then_some(parameters)
}

/// Returns the name of a path segment with a capital first letter.
fn capitalized(part: &str) -> String {
    let part = part.trim_matches(['{', '}', '*']);
    let (first, rest) = part.split_at(part.len().min(1));
    format!("{}{rest}", first.to_uppercase())
}

/// Returns the tag of a path.
fn tag_of(path: &str) -> &'static str {
    match path {
        path if path.starts_with("/api/users") => "users",
        path if path.starts_with("/api/sandbox") => "sandbox",
        path if ["/api/session", "/api/tokens", "/api/me", "/api/admin"]
            .iter()
            .any(|base| path.starts_with(base)) =>
        {
            "account"
        }
        path if ["/api/echo", "/api/status", "/api/time"]
            .iter()
            .any(|base| path.starts_with(base)) =>
        {
            "echo"
        }
        _ => "service",
    }
}
