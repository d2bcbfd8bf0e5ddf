//! Snippets: a draft as code that sends it, for terminals and programs.
//!
//! Every snippet sends the method, the target, the header lines and the bytes of the body of the draft,
//! and, like a browser, no `Content-Type` that the draft does not have. Parts that no client can send
//! (a method or header name that is not a token, a control character in a value) are left out. Limitations of
//! a tool are documented in its file. This module runs nothing.
//!
//! Where the browser sends the cookie of a login, a snippet first logs in as the same user and keeps the cookie, because
//! scripts cannot read the one of the browser, and all users of a sandbox have the same password.

mod curl;
mod fetch;
mod from_curl;
mod http_file;
mod httpie;
mod literal;
mod powershell;
mod python;
mod reqwest;
mod shell;
mod shell_words;

#[cfg(test)]
mod curl_tests;
#[cfg(test)]
mod program_tests;

pub use from_curl::{CurlError, from_curl};

use crate::http_file::PreparedRequest;
use crate::model::credential::PASSWORD;
use crate::model::http::is_token;
use crate::model::http::target::{encode_target, normalize_target};
use crate::model::json::Json;

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

/// Returns code that sends `request` to `base_url` (scheme and authority, without a path). `sandbox_key` is added as a
/// `Sandbox-Key` header unless the request has one.
pub fn code(
    language: SnippetLanguage,
    request: &PreparedRequest,
    base_url: &str,
    sandbox_key: Option<&str>,
) -> String {
    let request = SendableParts::new(request, base_url, sandbox_key);
    let mut out = String::with_capacity(256 + request.body.len());
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
pub fn to_curl(request: &PreparedRequest, base_url: &str, sandbox_key: Option<&str>) -> String {
    code(SnippetLanguage::Curl, request, base_url, sandbox_key)
}

/// The request that logs in before the request of a snippet.
struct LoginStep<'a> {
    url: String,
    /// The header that selects the sandbox, if there is one.
    sandbox_key: Option<&'a str>,
    /// The body as JSON.
    body: String,
}

impl<'a> LoginStep<'a> {
    /// Returns the headers: the sandbox, if one is selected, and the type of the body.
    fn headers(&self) -> impl Iterator<Item = (&'static str, &'a str)> + use<'a> {
        let sandbox = self.sandbox_key.map(|key| ("Sandbox-Key", key));
        let content_type = ("Content-Type", "application/json");
        sandbox.into_iter().chain([content_type])
    }
}

/// The parts of a draft that a client can send.
struct SendableParts<'a> {
    /// The method, a token.
    method: &'a str,
    /// Scheme, authority and the normalized target; ASCII, without quotes and spaces.
    url: String,
    /// Whether the target is outside the API, so that a tool must not remove dot segments.
    keeps_dot_segments: bool,
    /// The headers: names that are tokens, and values without control characters.
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
    login: Option<LoginStep<'a>>,
}

impl<'a> SendableParts<'a> {
    fn new(
        request: &'a PreparedRequest,
        base_url: &str,
        sandbox_key: Option<&'a str>,
    ) -> SendableParts<'a> {
        let draft = &request.draft;
        let (target, keeps_dot_segments) = match normalize_target(&draft.target) {
            Ok(target) => (target, false),
            Err(_) => (encode_target(&draft.target), true),
        };
        let base_url = base_url.trim_end_matches('/');
        let mut headers = Vec::with_capacity(draft.headers.len() + 1);
        for header in &draft.headers {
            if is_token(&header.name) && !header.value.contains(is_control) {
                headers.push((header.name.as_str(), header.value.trim_matches([' ', '\t'])));
            }
        }
        if let Some(key) = sandbox_key
            && draft.header("sandbox-key").is_none()
        {
            headers.push(("Sandbox-Key", key));
        }
        let key = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("sandbox-key"));
        let login = request.login.as_deref().map(|email| LoginStep {
            url: [base_url, "/api/session"].concat(),
            sandbox_key: key.map(|(_, key)| *key),
            body: login_body(email),
        });
        SendableParts {
            login,
            method: if is_token(&draft.method) {
                &draft.method
            } else {
                "GET"
            },
            url: [base_url, &target].concat(),
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

/// Returns the body of the request that logs in.
fn login_body(email: &str) -> String {
    let email = Json::String(email.to_owned()).pretty();
    let password = Json::String(PASSWORD.to_owned()).pretty();
    ["{\"email\": ", &email, ", \"password\": ", &password, "}"].concat()
}

/// Returns whether a header value must not have the character: a control character other than tab, which a terminal
/// would interpret when the code is pasted.
fn is_control(character: char) -> bool {
    character.is_control() && character != '\t'
}

/// Returns whether the character is not allowed in an argument (NUL), or is interpreted by a terminal
/// when it is pasted.
fn is_unsafe_in_a_terminal(character: char) -> bool {
    character.is_control() && character != '\n' && character != '\t'
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
    fn snippet_of_a_session_logs_in_first_and_keeps_its_cookie() {
        let mut request = PreparedRequest::from(curl_tests::draft("GET", "/api/me", &[], ""));
        request.login = Some("grace@example.com".to_owned());
        for language in SnippetLanguage::ALL {
            let code = code(language, &request, "http://h", Some("k-1"));
            let login = code.find("http://h/api/session").expect("a login");
            let request = code.find("http://h/api/me").expect("the request");
            assert!(login < request, "{code}");
            assert_eq!(code.matches("k-1").count(), 2, "{code}");
            assert!(code.contains("grace@example.com"), "{code}");
        }
    }

    #[test]
    fn unsendable_parts_are_left_out_of_every_snippet() {
        let draft = curl_tests::draft(
            "A B\r\n",
            "//evil.test/x",
            &[
                ("a b", "lost"),
                ("X", "lost\r\nY: 2"),
                ("X", "lost\u{1b}[31m"),
                ("X", "lost\u{9b}31m"),
                ("Z", " kept "),
            ],
            "",
        );
        for language in SnippetLanguage::ALL {
            let code = curl_tests::draft_code(language, &draft, "http://h", Some("k-1"));
            assert!(!code.contains("lost") && !code.contains("A B"), "{code}");
            assert!(code.contains("kept") && code.contains("k-1"), "{code}");
            assert!(code.contains("http://h//evil.test/x"), "{code}");
        }
    }
}
