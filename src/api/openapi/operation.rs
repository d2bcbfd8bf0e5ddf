//! How an operation is written down: parameters, body, responses, problems.

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

/// A parameter's schema.
pub(super) trait IntoSchema: Into<RefOr<Schema>> {}
impl<T: Into<RefOr<Schema>>> IntoSchema for T {}

/// An operation while it is described.
///
/// Built by hand and not by `#[utoipa::path]`: most of an operation is what it shares with others, the
/// headers of every response, the formats of a user and the problems of all writes, and attributes can only
/// repeat that. Handlers are also shown in lessons, where such attributes would hide the code.
pub(in crate::api) struct Op {
    builder: OperationBuilder,
    kinds: Vec<ProblemKind>,
}

impl Op {
    /// An operation; `id` names it for generators of clients.
    pub(in crate::api) fn new(id: &str, summary: &str) -> Op {
        let builder = OperationBuilder::new()
            .operation_id(Some(id))
            .summary(Some(summary));
        let kinds = problem::EVERY.to_vec();
        Op { builder, kinds }
    }

    /// With more words.
    pub(super) fn text(mut self, text: &str) -> Op {
        self.builder = self.builder.description(Some(text));
        self
    }

    /// With credentials: any one of these.
    pub(super) fn security(mut self, any: impl IntoIterator<Item = SecurityRequirement>) -> Op {
        self.builder = self.builder.securities(Some(any));
        self
    }

    /// With a required part of the path.
    pub(super) fn path(
        self,
        name: &str,
        schema: impl IntoSchema,
        text: &str,
        example: impl Into<Value>,
    ) -> Op {
        let parameter = parameter(name, ParameterIn::Path, schema, text).required(Required::True);
        self.parameter(parameter.example(Some(example.into())).build())
    }

    /// With an optional key of the query.
    pub(super) fn query(self, name: &str, schema: impl IntoSchema, text: &str) -> Op {
        self.parameter(parameter(name, ParameterIn::Query, schema, text).build())
    }

    /// With an optional key of the query whose value is a list, parted by commas.
    pub(super) fn query_list(self, name: &str, schema: ArrayBuilder, text: &str) -> Op {
        let parameter = parameter(name, ParameterIn::Query, schema, text);
        self.parameter(
            parameter
                .style(Some(ParameterStyle::Form))
                .explode(Some(false))
                .build(),
        )
    }

    /// With an optional header.
    pub(super) fn header(self, name: &str, schema: ObjectBuilder, text: &str, example: &str) -> Op {
        let parameter = parameter(name, ParameterIn::Header, schema, text);
        self.parameter(parameter.example(Some(example.into())).build())
    }

    fn parameter(mut self, parameter: Parameter) -> Op {
        self.builder = self.builder.parameter(parameter);
        self
    }

    /// With conditions on what GET answers.
    pub(super) fn conditional_read(self) -> Op {
        let tags = || ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        self.header("If-None-Match", tags(), "Tags of what you have, or `*`: with one of them current, the answer is 304.", "\"2oVmRkQn8sZ1\"")
            .header("If-Modified-Since", tags(), "A date: without a change after it, the answer is 304. Not looked at beside If-None-Match.", "Thu, 01 Jan 2026 09:03:00 GMT")
            .header("If-Match", tags(), "Tags, or `*`: with none of them current, the answer is 412.", "*")
            .header("If-Unmodified-Since", tags(), "A date: with a change after it, the answer is 412. Not looked at beside If-Match.", "Fri, 01 Jan 2100 00:00:00 GMT")
            .problems(&[ProblemKind::PreconditionFailed])
            .not_modified()
    }

    /// With conditions on a change.
    pub(super) fn conditional_write(self) -> Op {
        let tags = || ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        self.header("If-Match", tags(), "Strong tags of the user as you have seen it, in any format, or `*`: with none of them current, nothing changes and the answer is 412.", "*")
            .header("If-Unmodified-Since", tags(), "A date: with a change after it, the answer is 412. Not looked at beside If-Match.", "Fri, 01 Jan 2100 00:00:00 GMT")
            .header("If-None-Match", tags(), "`*`: only if there is no such user, else 412.", "\"another\"")
            .problems(&[ProblemKind::PreconditionFailed, ProblemKind::PreconditionRequired])
    }

    /// With a body that must be sent, in any of these formats.
    pub(super) fn body(self, text: &str, formats: Vec<(&str, RefOr<Schema>, Value)>) -> Op {
        self.with_body(text, Required::True, formats)
            .problems(problem::OF_BODIES)
    }

    /// With a body that may be sent, in these formats or others.
    pub(super) fn any_body(self, text: &str, formats: Vec<(&str, RefOr<Schema>, Value)>) -> Op {
        self.with_body(text, Required::False, formats)
    }

    fn with_body(
        mut self,
        text: &str,
        required: Required,
        formats: Vec<(&str, RefOr<Schema>, Value)>,
    ) -> Op {
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

    /// With a response that succeeds.
    pub(super) fn response(mut self, status: u16, response: ResponseSpec) -> Op {
        self.builder = self
            .builder
            .response(status.to_string(), response.0.build());
        self
    }

    /// With a response to every status of a class, as `2XX`.
    pub(super) fn range(mut self, class: &str, response: ResponseSpec) -> Op {
        self.builder = self.builder.response(class, response.0.build());
        self
    }

    /// With 304, the answer to a client that has the representation.
    fn not_modified(self) -> Op {
        self.response(
            304,
            ResponseSpec::new("The client has it already.").headers(&["ETag"]),
        )
    }

    /// With problems that can happen.
    pub(super) fn problems(mut self, kinds: &[ProblemKind]) -> Op {
        self.kinds.extend(kinds);
        self
    }

    /// Without a problem that others have.
    pub(super) fn never(mut self, kinds: &[ProblemKind]) -> Op {
        self.kinds.retain(|kind| !kinds.contains(kind));
        self
    }

    /// Without the problems that others have: they stand under a class.
    pub(super) fn without_common(mut self) -> Op {
        self.kinds.clear();
        self
    }

    /// The operation of a method at a path.
    pub(super) fn finish(self, method: &Method, path: &str) -> Operation {
        let Op { builder, mut kinds } = self;
        if [Method::GET, Method::OPTIONS].contains(method) {
            kinds.retain(|kind| !problem::OF_WRITES.contains(kind));
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

/// A response that succeeds, while it is described.
pub(super) struct ResponseSpec(ResponseBuilder);

impl ResponseSpec {
    /// A response with what every response has.
    pub(super) fn new(text: &str) -> ResponseSpec {
        ResponseSpec(ResponseBuilder::new().description(text)).headers(&header::COMMON_HEADERS)
    }

    /// With these headers.
    pub(super) fn headers(self, names: &[&str]) -> ResponseSpec {
        ResponseSpec(header::with_headers(self.0, names))
    }

    /// With content in a format.
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

    /// With content in a format of which these are only some bytes, so that it follows no schema.
    pub(super) fn bytes(self, format: &str) -> ResponseSpec {
        ResponseSpec(self.0.content(format, ContentBuilder::new().build()))
    }

    /// With a link to an operation, whose parameter has the value that stands at `from`.
    pub(super) fn link(self, operation: &str, parameter: &str, from: &str) -> ResponseSpec {
        let link = LinkBuilder::new()
            .operation_id(operation)
            .parameter(parameter, from);
        ResponseSpec(self.0.link(operation, link.build()))
    }

    /// With links to the operations on the user that it shows, and to the record of the exchange.
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
    place: ParameterIn,
    schema: impl IntoSchema,
    text: &str,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .schema(Some(schema))
        .description(Some(text))
}

/// HEAD of what GET answers.
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

/// OPTIONS of a path with these methods.
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
    let name: String = words.map(capitalised).collect();
    let op = Op::new(&format!("options{name}"), "The methods of the resource")
        .text(&format!("`Allow` has {names}."))
        .security(security::of_data())
        .response(204, response);
    let mut operation = op.finish(&Method::OPTIONS, path);
    operation.parameters = parameters_of(path);
    operation
}

/// The parameters that a path itself has, whatever is in them.
fn parameters_of(path: &str) -> Option<Vec<RefOr<Parameter>>> {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = names.map(|name| {
        let any = ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .min_length(Some(1));
        let parameter = parameter(name, ParameterIn::Path, any, "Any: it need not exist.")
            .required(Required::True);
        RefOr::T(parameter.example(Some(json!("1"))).build())
    });
    let parameters: Vec<_> = parameters.collect();
    (!parameters.is_empty()).then_some(parameters)
}

fn capitalised(part: &str) -> String {
    let part = part.trim_matches(['{', '}', '*']);
    let (first, rest) = part.split_at(part.len().min(1));
    format!("{}{rest}", first.to_uppercase())
}

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
        path if path.starts_with("/api/echo") || path.starts_with("/api/status") => "mirror",
        _ => "service",
    }
}
