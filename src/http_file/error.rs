//! What an author can get wrong, each with what to do instead.

use crate::model::expectation::ExpectationProblem;
use crate::model::json::JsonErrorReason;

/// Where a text is not of the dialect, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: ParseErrorKind,
}

/// What is wrong; the message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// More requests than a text may have; the field is the most.
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
    /// A status line where a request should stand.
    #[error("this is a response: put it in a fence of its own, which begins with it")]
    ResponseForRequest,
    /// A comment in the manner of other languages.
    #[error("a comment begins with #")]
    Comment,
    /// A separator that is not at the start of its line.
    #[error("### stands at the start of its line")]
    IndentedSeparator,
    /// A control character other than tab outside a body.
    #[error("a control character stands here; remove it")]
    ControlCharacter,
    /// A query line that is not indented.
    #[error("indent a line that continues the query, below the request line")]
    QueryNotIndented,
    /// A query line that is not below the request line.
    #[error("lines that continue the query stand directly below the request line")]
    QueryMisplaced,
    /// A query line without a key or `=`.
    #[error("write a query line as ?key=value or &key=value")]
    QueryMalformed,
    /// `?` where `&` is due, or the other way round; the field is the right one.
    #[error("begin this query line with {0}")]
    QueryMark(char),
    /// A header line without a colon.
    #[error(
        "write a header as Name: value; an empty line comes before the body, ### before another request"
    )]
    HeaderWithoutColon,
    /// The name of a header is not a token.
    #[error("a header name has letters, digits and hyphens, and the colon follows it at once")]
    HeaderName,
    /// A header value over several lines.
    #[error("a header is one line; an empty line comes before the body")]
    HeaderFolded,
    /// A comment or meta between the headers.
    #[error("comments and # @… lines stand above the request line")]
    CommentAmongHeaders,
    /// `Content-Type: multipart/…`.
    #[error("multipart bodies cannot be written here; send JSON or a plain form")]
    Multipart,
    /// `< ./file`.
    #[error("files are not read: write the body itself")]
    FileReference,
    /// `> {% … %}`.
    #[error("scripts are not run: say what you expect with # @expect")]
    Script,
    /// A meta that is not known.
    #[error(
        "# @{0} is not known: use id, name, prompt, expect, predict, note, no-redirect or no-cookie-jar"
    )]
    UnknownMeta(String),
    /// A meta whose value is missing.
    #[error("# @{0} needs a value")]
    MetaWithoutValue(&'static str),
    /// A meta that takes no value has one.
    #[error("# @{0} takes no value")]
    MetaWithValue(&'static str),
    /// A meta that may stand once stands twice.
    #[error("# @{0} stands here for the second time; keep one")]
    RepeatedMeta(&'static str),
    /// An id that is not kebab-case.
    #[error("write the id in small letters, digits and hyphens, as in list-users")]
    Id,
    /// An id that another block of the text has.
    #[error("the id {0} is taken by a block above; choose another")]
    DuplicateId(String),
    /// The name of a request, variable or prompt is not one.
    #[error("a name begins with a letter or _ and goes on with letters, digits, _ and -")]
    Name,
    /// A request name that another block of the text has.
    #[error("the name {0} is taken by a block above; choose another")]
    DuplicateName(String),
    /// A variable or prompt that is already there in the block.
    #[error("the variable {0} is already there; choose another name")]
    DuplicateVariable(String),
    /// A variable line without `=`.
    #[error("write a variable as @name = value")]
    VariableWithoutValue,
    /// The text of an expectation is wrong.
    #[error("{0}")]
    Expectation(ExpectationProblem),
    /// `{{` without `}}` on the line.
    #[error("}}}} is missing after {{{{")]
    UnclosedPlaceholder,
    /// The text between `{{` and `}}` is nothing known.
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
    /// The key of the words that say it to a reader.
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
            Self::Comment => "http-comment",
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
            Self::UnknownMeta(_) => "http-unknown-meta",
            Self::MetaWithoutValue(_) => "http-meta-without-value",
            Self::MetaWithValue(_) => "http-meta-with-value",
            Self::RepeatedMeta(_) => "http-repeated-meta",
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

    /// The value that the words have as `{value}`; empty for most.
    pub fn value(&self) -> String {
        match self {
            Self::TooManyBlocks(most) => most.to_string(),
            Self::QueryMark(mark) => mark.to_string(),
            Self::UnknownMeta(text)
            | Self::DuplicateId(text)
            | Self::DuplicateName(text)
            | Self::DuplicateVariable(text) => text.clone(),
            Self::MetaWithoutValue(name) | Self::MetaWithValue(name) | Self::RepeatedMeta(name) => {
                (*name).to_owned()
            }
            _ => String::new(),
        }
    }
}
