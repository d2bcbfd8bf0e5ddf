//! The `.http` dialect of lessons: parse, print, and the request that a block stands for.
//!
//! It is what the editors of JetBrains and the REST Client of VS Code have in common, so that a
//! block opens there too:
//!
//! ```text
//! file         = block *( "###" [ title ] block )
//! block        = *( meta | variable | comment | blank ) request-line *query *header [ blank body ]
//! meta         = "#" "@" key [ SP value ]        ; id name prompt expect predict note no-redirect no-cookie-jar
//! variable     = "@" name "=" value              ; used as {{name}}, {{%name}} percent-encoded
//! request-line = [ METHOD SP ] "/" path [ SP "HTTP/1.1" ]      ; no method = GET
//! query        = 1*SP ( "?" / "&" ) key "=" value              ; indented continuation lines
//! header       = token ":" OWS value
//! ```
//!
//! The body is kept as it stands up to the next `###` or the end; the last line's end is not part of
//! it, nor is one empty line before `###`. Carriage returns before a line's end are dropped.
//!
//! A fence that begins with `HTTP/1.1 201 Created` is a sample response: headers, an empty line, a body,
//! in which `…` stands for what varies. It shows what answers the request before it, and is compared.
//!
//! Nothing is read from disk and nothing is sent: file references, scripts and multipart bodies are
//! errors of the author.

mod compare;
mod error;
mod parse;
mod print;
mod resolve;
mod response;
mod template;

#[cfg(test)]
mod round_trip;

pub use compare::Difference;
pub use error::{ParseError, ParseErrorKind};
pub use parse::{BLOCKS_MAX, parse};
pub use print::print;
pub use resolve::{OUTPUT_MAX, Unresolved, fill};
pub use response::{SampleBody, SampleResponse, parse_response};
pub use template::{DateFormat, Placeholder, PlaceholderKind, ResponsePart, SystemVariable};

use crate::model::expectation::Expectation;
use crate::model::http::Header;

/// The text of one fence or one file: requests in order, at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpFile {
    /// The requests, with what stands above each.
    pub blocks: Vec<RequestBlock>,
}

/// One request and the lines above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestBlock {
    /// What follows `###` on the separator above; empty for none.
    pub title: String,
    /// The lines between the separator and the request line, in order.
    pub lines: Vec<BlockLine>,
    /// The request.
    pub request: WrittenRequest,
}

/// A line above a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockLine {
    /// An empty line.
    Blank,
    /// What follows `#`, with its white space.
    Comment(String),
    /// `# @key value`.
    Directive(Directive),
    /// `@name = value`.
    Variable {
        /// A letter or `_`, then letters, digits, `_` and `-`.
        name: String,
        /// The value, in which `{{name}}` may stand for variables above.
        value: String,
    },
}

/// An instruction for the playground and the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive {
    /// `# @id list-users`: the name of the block on its page, ASCII kebab-case.
    Id(String),
    /// `# @name login`: the name by which later requests take from the response.
    Name(String),
    /// `# @prompt email New user's email`: a labelled input whose text is `{{email}}`.
    Prompt {
        /// The name of the variable.
        name: String,
        /// The label; empty for none.
        label: String,
    },
    /// `# @expect status == 201`.
    Expect(Expectation),
    /// `# @predict`: the reader says what will happen before sending.
    Predict,
    /// `# @note text`.
    Note(String),
    /// `# @no-redirect`: a redirection is shown, not followed.
    NoRedirect,
    /// `# @no-cookie-jar`: no cookies are sent or kept.
    NoCookieJar,
}

/// A request as it is written, with its `{{…}}` unresolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenRequest {
    /// The method, or `None` when the line begins with the target: GET.
    pub method: Option<String>,
    /// The target of the request line.
    pub target: String,
    /// Whether `HTTP/1.1` follows the target.
    pub version: bool,
    /// The indented lines that continue the target, each from its `?` or `&` on.
    pub query: Vec<String>,
    /// The header lines.
    pub headers: Vec<Header>,
    /// The content; empty for none.
    pub body: String,
}

impl RequestBlock {
    /// The metas, in order.
    pub fn metas(&self) -> impl Iterator<Item = &Directive> {
        self.lines.iter().filter_map(|line| match line {
            BlockLine::Directive(meta) => Some(meta),
            _ => None,
        })
    }

    /// The `@id`, if there is one.
    pub fn id(&self) -> Option<&str> {
        self.metas().find_map(|meta| match meta {
            Directive::Id(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// The `@name`, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.metas().find_map(|meta| match meta {
            Directive::Name(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The `@expect`s, in order.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.metas().filter_map(|meta| match meta {
            Directive::Expect(expectation) => Some(expectation),
            _ => None,
        })
    }

    /// The `@prompt`s as name and label, in order.
    pub fn prompts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metas().filter_map(|meta| match meta {
            Directive::Prompt { name, label } => Some((name.as_str(), label.as_str())),
            _ => None,
        })
    }

    /// Whether the block has this meta, one without a value such as [`Directive::Predict`].
    pub fn has(&self, flag: &Directive) -> bool {
        self.metas().any(|meta| meta == flag)
    }
}

impl WrittenRequest {
    /// The method, GET when none is written.
    pub fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("GET")
    }

    /// The target with the lines that continue it.
    pub fn target(&self) -> String {
        let mut target = self.target.clone();
        for line in &self.query {
            target.push_str(line);
        }
        target
    }
}

/// Space and tab: the only white space that means something in the dialect.
const SPACE: [char; 2] = [' ', '\t'];

/// The name of a variable or request: a letter or `_`, then letters, digits, `_` and `-`; ASCII.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// ASCII kebab-case: small letters and digits in words joined by single hyphens.
fn is_kebab(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split('-').all(word)
}
