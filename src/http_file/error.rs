//! The errors of `.http` texts. Each message says how to correct the text.

use crate::model::expectation::ExpectationErrorKind;
use crate::model::json::JsonErrorReason;

/// A syntax error of a `.http` text, with its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {kind}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// The kind of a syntax error; the message says how to correct it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// The text has too many requests; the field is the maximum.
    #[error("a file has at most {0} requests: split it into several files")]
    TooManyBlocks(usize),
    /// A block without a request line.
    #[error("a request line is missing: write one such as GET /api/users")]
    MissingRequest,
    /// The line is neither a request line nor one of the lines above it.
    #[error(
        "not a request line: write a method and a path, as in GET /api/users; comments begin with #"
    )]
    NotARequest,
    /// A method without a target.
    #[error("the path is missing after the method, as in GET /api/users")]
    MissingTarget,
    /// The target does not begin with a slash.
    #[error("a path begins with /, as in GET /api/users")]
    RelativeTarget,
    /// The target names a host.
    #[error("requests go to this site only: write the path without the host, as in GET /api/users")]
    AbsoluteTarget,
    /// A version other than HTTP/1.1.
    #[error("write HTTP/1.1 or leave the version out")]
    Version,
    /// A status line in place of a request line.
    #[error("this is a response: put it in a fence of its own, which begins with it")]
    ResponseForRequest,
    /// A separator that is not at the start of its line.
    #[error("write ### at the start of its line")]
    IndentedSeparator,
    /// A control character other than tab outside a body.
    #[error("remove the control character here")]
    ControlCharacter,
    /// A query line that is not indented.
    #[error("indent a line that continues the query, below the request line")]
    QueryNotIndented,
    /// A query line that is not below the request line.
    #[error("write the lines that continue the query directly below the request line")]
    QueryMisplaced,
    /// A query line without a key or `=`.
    #[error("write a query line as ?key=value or &key=value")]
    QueryMalformed,
    /// `?` in place of `&`, or the other way round; the field is the correct character.
    #[error("begin this query line with {0}")]
    QueryMark(char),
    /// A header line without a colon.
    #[error(
        "write a header as Name: value; an empty line comes before the body, ### before another request"
    )]
    HeaderWithoutColon,
    /// The name of a header is not a token.
    #[error("a header name has letters, digits and hyphens, and the colon follows without a space")]
    HeaderName,
    /// A header value over several lines.
    #[error("a header is one line; an empty line comes before the body")]
    HeaderFolded,
    /// A comment or directive between the headers.
    #[error("write comments and # @… lines above the request line")]
    CommentAmongHeaders,
    /// `Content-Type: multipart/…`.
    #[error("multipart bodies are not supported; send JSON or a URL-encoded form")]
    Multipart,
    /// `< ./file`.
    #[error("references to files are not supported: write the body itself")]
    FileReference,
    /// `> {% … %}`.
    #[error("scripts are not supported: state what you expect with # @expect")]
    Script,
    /// A directive that is not known.
    #[error(
        "# @{0} is not known: use id, name, prompt, expect, predict, note, no-redirect, no-cookie-jar or browser-cache"
    )]
    UnknownDirective(String),
    /// A directive whose value is missing.
    #[error("# @{0} needs a value")]
    DirectiveWithoutValue(&'static str),
    /// A directive that takes no value has one.
    #[error("# @{0} takes no value")]
    DirectiveWithValue(&'static str),
    /// A second directive of a kind that may appear only once in a block.
    #[error("# @{0} appears twice; keep one")]
    RepeatedDirective(&'static str),
    /// An id that is not kebab-case.
    #[error("write the id in lower-case letters, digits and hyphens, as in list-users")]
    Id,
    /// An id that another block of the text has.
    #[error("a block above has the id {0}; choose another")]
    DuplicateId(String),
    /// The name of a request, variable or prompt has other characters than a name may have.
    #[error("a name begins with a letter or _ and continues with letters, digits, _ and -")]
    Name,
    /// A request name that another block of the text has.
    #[error("a block above has the name {0}; choose another")]
    DuplicateName(String),
    /// A second variable or prompt of the same name in a block.
    #[error("the block already has a variable {0}; choose another name")]
    DuplicateVariable(String),
    /// A variable line without `=`.
    #[error("write a variable as @name = value")]
    VariableWithoutValue,
    /// A syntax error of an expectation.
    #[error("{0}")]
    Expectation(ExpectationErrorKind),
    /// `{{` without `}}` on the line.
    #[error("}}}} is missing after {{{{")]
    UnclosedPlaceholder,
    /// The text between `{{` and `}}` is not a known placeholder.
    #[error(
        "write a variable {{{{name}}}}, a value of an earlier response {{{{name.response.body.$.path}}}} or \
         {{{{name.response.headers.Name}}}}, or one of {{{{$guid}}}}, {{{{$timestamp}}}}, {{{{$randomInt 1 9}}}}, \
         {{{{$datetime iso8601}}}}"
    )]
    Placeholder,
    /// The first line of a sample response is not a status line.
    #[error("a response begins with a status line, as in HTTP/1.1 201 Created")]
    StatusLine,
    /// The body of a sample response begins as JSON and is not JSON.
    #[error("not JSON: {0}")]
    SampleBody(JsonErrorReason),
}

impl ParseErrorKind {
    /// Returns the key of the translated message.
    pub fn key(&self) -> &'static str {
        match self {
            Self::TooManyBlocks(_) => "http-too-many-blocks",
            Self::MissingRequest => "http-missing-request",
            Self::NotARequest => "http-not-a-request",
            Self::MissingTarget => "http-missing-target",
            Self::RelativeTarget => "http-relative-target",
            Self::AbsoluteTarget => "http-absolute-target",
            Self::Version => "http-version",
            Self::ResponseForRequest => "http-response-for-request",
            Self::IndentedSeparator => "http-indented-separator",
            Self::ControlCharacter => "http-control-character",
            Self::QueryNotIndented => "http-query-not-indented",
            Self::QueryMisplaced => "http-query-misplaced",
            Self::QueryMalformed => "http-query-malformed",
            Self::QueryMark(_) => "http-query-mark",
            Self::HeaderWithoutColon => "http-header-without-colon",
            Self::HeaderName => "http-header-name",
            Self::HeaderFolded => "http-header-folded",
            Self::CommentAmongHeaders => "http-comment-among-headers",
            Self::Multipart => "http-multipart",
            Self::FileReference => "http-file-reference",
            Self::Script => "http-script",
            Self::UnknownDirective(_) => "http-unknown-directive",
            Self::DirectiveWithoutValue(_) => "http-directive-without-value",
            Self::DirectiveWithValue(_) => "http-directive-with-value",
            Self::RepeatedDirective(_) => "http-repeated-directive",
            Self::Id => "http-id",
            Self::DuplicateId(_) => "http-duplicate-id",
            Self::Name => "http-name",
            Self::DuplicateName(_) => "http-duplicate-name",
            Self::DuplicateVariable(_) => "http-duplicate-variable",
            Self::VariableWithoutValue => "http-variable-without-value",
            Self::Expectation(_) => "http-expectation",
            Self::UnclosedPlaceholder => "http-unclosed-placeholder",
            Self::Placeholder => "http-placeholder",
            Self::StatusLine => "http-status-line",
            Self::SampleBody(_) => "http-sample-body",
        }
    }

    /// Returns the value of the `{value}` placeholder of the message; empty for messages without one.
    pub fn value(&self) -> String {
        match self {
            Self::TooManyBlocks(most) => most.to_string(),
            Self::QueryMark(mark) => mark.to_string(),
            Self::UnknownDirective(text)
            | Self::DuplicateId(text)
            | Self::DuplicateName(text)
            | Self::DuplicateVariable(text) => text.clone(),
            Self::DirectiveWithoutValue(name)
            | Self::DirectiveWithValue(name)
            | Self::RepeatedDirective(name) => (*name).to_owned(),
            _ => String::new(),
        }
    }
}
