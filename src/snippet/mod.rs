//! Snippets: a draft as code that sends it, for terminals and programs.
//!
//! Every snippet sends the method, the target, the header lines and the bytes of the body of the draft,
//! and, like a browser, no `Content-Type` that the draft does not have. Parts that no client can send
//! (a method or header name that is not a token, a line break in a value) are left out. Limitations of
//! a tool are documented in its file. This module runs nothing.

mod curl;
mod fetch;
mod http_file;
mod httpie;
mod literal;
mod powershell;
mod python;
mod reqwest;
mod shell;

#[cfg(test)]
mod curl_tests;
#[cfg(test)]
mod program_tests;

use crate::model::http::target::{encode_target, normalize_target};
use crate::model::http::{RequestDraft, is_token};

/// A tool or programming language of a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnippetLanguage {
    /// curl in a POSIX shell.
    Curl,
    /// curl in Windows PowerShell 5.1 and PowerShell 7.
    PowerShell,
    /// HTTPie 3 in a POSIX shell.
    Httpie,
    /// Python with the requests library.
    Python,
    /// `fetch`, in Node or in a browser.
    Fetch,
    /// Rust with reqwest and tokio.
    Reqwest,
    /// A `.http` file for the editors of JetBrains and VS Code.
    HttpFile,
}

impl SnippetLanguage {
    /// All languages, in the order in which the playground offers them.
    pub const ALL: [SnippetLanguage; 7] = [
        SnippetLanguage::Curl,
        SnippetLanguage::PowerShell,
        SnippetLanguage::Httpie,
        SnippetLanguage::Python,
        SnippetLanguage::Fetch,
        SnippetLanguage::Reqwest,
        SnippetLanguage::HttpFile,
    ];

    /// Returns the display name, the same in every language of the site.
    pub fn name(self) -> &'static str {
        match self {
            SnippetLanguage::Curl => "curl",
            SnippetLanguage::PowerShell => "curl (PowerShell)",
            SnippetLanguage::Httpie => "HTTPie",
            SnippetLanguage::Python => "Python requests",
            SnippetLanguage::Fetch => "fetch",
            SnippetLanguage::Reqwest => "Rust reqwest",
            SnippetLanguage::HttpFile => ".http",
        }
    }

    /// Returns the name for URLs and HTML attributes.
    pub fn slug(self) -> &'static str {
        match self {
            SnippetLanguage::Curl => "curl",
            SnippetLanguage::PowerShell => "powershell",
            SnippetLanguage::Httpie => "httpie",
            SnippetLanguage::Python => "python",
            SnippetLanguage::Fetch => "fetch",
            SnippetLanguage::Reqwest => "reqwest",
            SnippetLanguage::HttpFile => "http",
        }
    }

    /// Returns the language with this [`slug`](Self::slug).
    pub fn from_slug(slug: &str) -> Option<SnippetLanguage> {
        SnippetLanguage::ALL
            .into_iter()
            .find(|language| language.slug() == slug)
    }
}

/// Returns code that sends `draft` to `base_url` (scheme and authority, without a path). `sandbox_key`
/// is added as a `Sandbox-Key` header unless the draft has one.
pub fn code(
    language: SnippetLanguage,
    draft: &RequestDraft,
    base_url: &str,
    sandbox_key: Option<&str>,
) -> String {
    let request = SendableParts::new(draft, base_url, sandbox_key);
    let mut out = String::with_capacity(256 + draft.body.len());
    match language {
        SnippetLanguage::Curl => curl::write(&request, &mut out),
        SnippetLanguage::PowerShell => powershell::write(&request, &mut out),
        SnippetLanguage::Httpie => httpie::write(&request, &mut out),
        SnippetLanguage::Python => python::write(&request, &mut out),
        SnippetLanguage::Fetch => fetch::write(&request, &mut out),
        SnippetLanguage::Reqwest => reqwest::write(&request, &mut out),
        SnippetLanguage::HttpFile => http_file::write(&request, &mut out),
    }
    out
}

/// Returns the curl command for a POSIX shell.
pub fn to_curl(draft: &RequestDraft, base_url: &str, sandbox_key: Option<&str>) -> String {
    code(SnippetLanguage::Curl, draft, base_url, sandbox_key)
}

/// The parts of a draft that a client can send.
struct SendableParts<'a> {
    /// The method, a token.
    method: &'a str,
    /// Scheme, authority and the normalized target; ASCII, without quotes and spaces.
    url: String,
    /// Whether the target is outside the API, so that a tool must not remove dot segments.
    keeps_dot_segments: bool,
    /// The headers: names that are tokens, and values without line breaks.
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl<'a> SendableParts<'a> {
    fn new(
        draft: &'a RequestDraft,
        base_url: &str,
        sandbox_key: Option<&'a str>,
    ) -> SendableParts<'a> {
        let (target, keeps_dot_segments) = match normalize_target(&draft.target) {
            Ok(target) => (target, false),
            Err(_) => (encode_target(&draft.target), true),
        };
        let mut url = String::with_capacity(base_url.len() + target.len());
        url.push_str(base_url.trim_end_matches('/'));
        url.push_str(&target);
        let mut headers = Vec::with_capacity(draft.headers.len() + 1);
        for header in &draft.headers {
            if is_token(&header.name) && !header.value.contains(is_line_breaking) {
                headers.push((header.name.as_str(), header.value.trim_matches([' ', '\t'])));
            }
        }
        if let Some(key) = sandbox_key
            && draft.header("sandbox-key").is_none()
        {
            headers.push(("Sandbox-Key", key));
        }
        SendableParts {
            method: if is_token(&draft.method) {
                &draft.method
            } else {
                "GET"
            },
            url,
            keeps_dot_segments,
            headers,
            body: &draft.body,
        }
    }

    fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    /// Returns whether a body or `Content-Length: 0` is sent. A browser sends the latter with POST and
    /// PUT without a body.
    fn sends_content(&self) -> bool {
        self.has_body() || self.method == "POST" || self.method == "PUT"
    }

    fn has_content_type(&self) -> bool {
        self.has_header("content-type")
    }

    fn has_header(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// Returns whether the header at `at` has the name of an earlier one.
    fn is_repeated(&self, at: usize) -> bool {
        let (name, _) = self.headers[at];
        self.headers[..at]
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    }
}

fn is_line_breaking(character: char) -> bool {
    matches!(character, '\0' | '\n' | '\r')
}

/// Returns whether the character is not allowed in an argument (NUL), or is interpreted by a terminal
/// when it is pasted.
fn is_unsafe_in_a_terminal(character: char) -> bool {
    character.is_ascii_control() && character != '\n' && character != '\t'
}

#[cfg(test)]
mod tests {
    use crate::snippet::*;

    #[test]
    fn language_is_found_by_its_slug() {
        for language in SnippetLanguage::ALL {
            assert_eq!(SnippetLanguage::from_slug(language.slug()), Some(language));
            assert!(!language.name().is_empty());
        }
        assert_eq!(SnippetLanguage::from_slug("wget"), None);
    }

    #[test]
    fn unsendable_parts_are_left_out_of_every_snippet() {
        let draft = curl_tests::draft(
            "A B\r\n",
            "//evil.test/x",
            &[("a b", "lost"), ("X", "lost\r\nY: 2"), ("Z", " kept ")],
            "",
        );
        for language in SnippetLanguage::ALL {
            let code = code(language, &draft, "http://h", Some("k-1"));
            assert!(!code.contains("lost") && !code.contains("A B"), "{code}");
            assert!(code.contains("kept") && code.contains("k-1"), "{code}");
            assert!(code.contains("http://h//evil.test/x"), "{code}");
        }
    }
}
