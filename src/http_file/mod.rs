//! The `.http` format of lessons: parse, print, and resolve a block to a request.
//!
//! The format is the common subset of the JetBrains HTTP Client and of REST Client for VS Code, so that
//! a block can be opened in either:
//!
//! ```text
//! file         = block *( "###" [ title ] block )
//! block        = *( directive | variable | comment | blank ) request-line *query *header [ blank body ]
//! directive    = "#" "@" key [ SP value ]        ; id name prompt expect predict note no-redirect no-cookie-jar browser-cache
//! expect       = [ ( number / "*" ) SP ] expectation   ; of the n-th or of every send; without, of the first
//! variable     = "@" name "=" value              ; used as {{name}}, {{%name}} percent-encoded
//! request-line = [ METHOD SP ] target [ SP "HTTP/1.1" ]        ; no method = GET
//! target       = "/" path, or a placeholder; in a file that is opened, also an address of this site
//! query        = 1*SP ( "?" / "&" ) key "=" value              ; indented continuation lines
//! header       = token ":" OWS value
//! ```
//!
//! The body is kept unchanged up to the next `###` or the end of the text, without the end of its last
//! line and without one empty line before `###`. Carriage returns at the end of a line are dropped.
//!
//! A fence that begins with `HTTP/1.1 201 Created` is a sample response: headers, an empty line, and a
//! body in which `…` is a wildcard. It shows the response to the request before it; tests compare it
//! with the real one.
//!
//! This module reads no files and sends nothing: file references, scripts and multipart bodies are errors.

mod abridged_json;
mod compare;
mod error;
mod export;
mod json_body;
mod lines;
mod open;
mod parse;
mod prepare;
mod print;
mod resolve;
mod response;
mod session;
mod template;

#[cfg(test)]
mod round_trip;

pub use compare::Difference;
pub use error::{ParseError, ParseErrorKind};
pub use export::{ExportedRequest, export};
pub use json_body::{format_json, json_error};
pub use open::{OpenError, OpenedRequest, open};
pub use parse::{BLOCKS_MAX, parse};
pub use prepare::{EarlierResponses, PrepareError, PreparedRequest, prepare};
pub use print::print;
pub use resolve::{OUTPUT_MAX, ResolveError, fill, fill_known};
pub use response::{SampleBody, SampleResponse, parse_response};
pub use session::{RequestCredentials, RequestSession, SessionUser};
pub use template::{DateFormat, Placeholder, PlaceholderSource, ResponsePart, SystemVariable};

use crate::model::expectation::{Expectation, ExpectedSend};
use crate::model::http::Header;

/// The text of one fence or one file: requests in order, at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpFile {
    /// The requests, each with the lines above it.
    pub blocks: Vec<RequestBlock>,
}

/// One request and the lines above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestBlock {
    /// The text after `###` on the separator above; empty for none.
    pub title: String,
    /// The lines between the separator and the request line, in order.
    pub lines: Vec<BlockLine>,
    /// The request.
    pub request: RequestTemplate,
}

/// A line above a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockLine {
    /// An empty line.
    Blank,
    /// A comment: the text after `#`, with its white space.
    Comment(String),
    /// A directive: `# @key value`.
    Directive(Directive),
    /// A variable: `@name = value`.
    Variable {
        /// A letter or `_`, then letters, digits, `_` and `-`.
        name: String,
        /// The value, which may have placeholders for variables above.
        value: String,
    },
}

/// An instruction for the playground and the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive {
    /// `# @id list-users`: the name of the block on its page, ASCII kebab-case.
    Id(String),
    /// `# @name login`: the name by which placeholders of later requests refer to the response.
    Name(String),
    /// `# @prompt email New user's email`: a labelled input whose value replaces `{{email}}`.
    Prompt {
        /// The name of the variable.
        name: String,
        /// The label; empty for none.
        label: String,
    },
    /// `# @expect status == 201`, or `# @expect 2 status == 409` for the second send of the block.
    Expect {
        /// The sends that are judged by the expectation.
        send: ExpectedSend,
        /// The statement about the response.
        expectation: Expectation,
    },
    /// `# @predict`: the reader predicts the response before sending.
    Predict,
    /// `# @note text`.
    Note(String),
    /// `# @no-redirect`: a redirect is shown, not followed.
    NoRedirect,
    /// `# @no-cookie-jar`: no cookies are sent or stored.
    NoCookieJar,
    /// `# @browser-cache`: the browser may answer from its cache.
    BrowserCache,
}

/// A request whose placeholders are not replaced yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestTemplate {
    /// The method; `None` when the line begins with the target, which means GET.
    pub method: Option<String>,
    /// The target of the request line.
    pub target: String,
    /// Whether `HTTP/1.1` follows the target.
    pub version: bool,
    /// The indented lines that continue the target, each from its `?` or `&` on.
    pub query: Vec<String>,
    /// The header lines.
    pub headers: Vec<Header>,
    /// The body; empty for none.
    pub body: String,
}

impl RequestBlock {
    /// Returns the directives, in order.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.lines.iter().filter_map(|line| match line {
            BlockLine::Directive(directive) => Some(directive),
            _ => None,
        })
    }

    /// Returns the value of `@id`, if the block has one.
    pub fn id(&self) -> Option<&str> {
        self.directives().find_map(|directive| match directive {
            Directive::Id(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// Returns the value of `@name`, if the block has one.
    pub fn name(&self) -> Option<&str> {
        self.directives().find_map(|directive| match directive {
            Directive::Name(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns the expectations of the `number`-th send of the block, from 1, in order.
    pub fn expectations(&self, number: u32) -> impl Iterator<Item = &Expectation> {
        self.directives()
            .filter_map(move |directive| match directive {
                Directive::Expect { send, expectation } if send.includes(number) => {
                    Some(expectation)
                }
                _ => None,
            })
    }

    /// Returns the highest number of a send that has an expectation of its own; at least 1.
    pub fn expected_sends(&self) -> u32 {
        let numbers = self.directives().map(|directive| match directive {
            Directive::Expect {
                send: ExpectedSend::Number(number),
                ..
            } => *number,
            _ => 1,
        });
        numbers.max().unwrap_or(1)
    }

    /// Returns name and label of each `@prompt`, in order.
    pub fn prompts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.directives().filter_map(|directive| match directive {
            Directive::Prompt { name, label } => Some((name.as_str(), label.as_str())),
            _ => None,
        })
    }

    /// Returns whether the block has a directive without a value such as [`Directive::Predict`].
    pub fn has(&self, flag: &Directive) -> bool {
        self.directives().any(|directive| directive == flag)
    }
}

impl RequestTemplate {
    /// Returns the method, GET when none is written.
    pub fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("GET")
    }

    /// Returns the target with the query lines that continue it.
    pub fn target(&self) -> String {
        let mut target = self.target.clone();
        for line in &self.query {
            target.push_str(line);
        }
        target
    }
}

/// Space and tab, the white space of the format.
const SPACE: [char; 2] = [' ', '\t'];

/// Returns whether the text is a name of a variable or request: an ASCII letter or `_`, then letters,
/// digits, `_` and `-`.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Returns whether the text is in kebab-case: words of ASCII lower-case letters and digits, joined by
/// single hyphens.
fn is_kebab_case(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split('-').all(word)
}
