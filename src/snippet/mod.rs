//! A draft as the code that sends it, for terminals and programs.
//!
//! Every form delivers the draft's method, target, header lines and bytes of content, and, like a
//! browser, no `Content-Type` that the draft does not have. What no client can send (a method or
//! header name that is no token, a line break in a value) is left out. Where a tool cannot say what
//! a draft says, its file tells so. Nothing is run here.

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
mod delivery;
#[cfg(test)]
mod programs;

use crate::model::http::target::{encode_target, normalise_target};
use crate::model::http::{RequestDraft, is_token};

/// A tool or a language in which a request can be written.
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
    /// Every form, in the order in which they are offered.
    pub const ALL: [SnippetLanguage; 7] = [
        SnippetLanguage::Curl,
        SnippetLanguage::PowerShell,
        SnippetLanguage::Httpie,
        SnippetLanguage::Python,
        SnippetLanguage::Fetch,
        SnippetLanguage::Reqwest,
        SnippetLanguage::HttpFile,
    ];

    /// What the form is called, the same in every language.
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

    /// A word for addresses and attributes.
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

    /// The form of a [`slug`](Self::slug).
    pub fn from_slug(slug: &str) -> Option<SnippetLanguage> {
        SnippetLanguage::ALL
            .into_iter()
            .find(|form| form.slug() == slug)
    }
}

/// Writes the code that sends `draft` to `base_url` (scheme and authority, without a path).
/// `sandbox_key` becomes a `Sandbox-Key` header unless the draft has its own.
pub fn code(
    form: SnippetLanguage,
    draft: &RequestDraft,
    base_url: &str,
    sandbox_key: Option<&str>,
) -> String {
    let sent = SendableParts::new(draft, base_url, sandbox_key);
    let mut out = String::with_capacity(256 + draft.body.len());
    match form {
        SnippetLanguage::Curl => curl::write(&sent, &mut out),
        SnippetLanguage::PowerShell => powershell::write(&sent, &mut out),
        SnippetLanguage::Httpie => httpie::write(&sent, &mut out),
        SnippetLanguage::Python => python::write(&sent, &mut out),
        SnippetLanguage::Fetch => fetch::write(&sent, &mut out),
        SnippetLanguage::Reqwest => reqwest::write(&sent, &mut out),
        SnippetLanguage::HttpFile => http_file::write(&sent, &mut out),
    }
    out
}

/// Writes the curl command for a POSIX shell.
pub fn to_curl(draft: &RequestDraft, base_url: &str, sandbox_key: Option<&str>) -> String {
    code(SnippetLanguage::Curl, draft, base_url, sandbox_key)
}

/// What of a draft a client can send.
struct SendableParts<'a> {
    /// A token.
    method: &'a str,
    /// Scheme, authority and the target as it goes on the wire; ASCII, without quotes and spaces.
    url: String,
    /// Whether the target is none of the API, so that dots in it are to be left as they are.
    as_is: bool,
    /// Names that are tokens and values without line breaks.
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

impl<'a> SendableParts<'a> {
    fn new(
        draft: &'a RequestDraft,
        base_url: &str,
        sandbox_key: Option<&'a str>,
    ) -> SendableParts<'a> {
        let (target, as_is) = match normalise_target(&draft.target) {
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
            as_is,
            headers,
            body: &draft.body,
        }
    }

    fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    /// Whether content is sent, if only none: of the methods whose content has a meaning, a browser
    /// says `Content-Length: 0` for these two.
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

    /// Whether the header at `at` has the name of one before it.
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

/// What an argument cannot hold (NUL) or what a terminal acts on when it is pasted.
fn is_unsafe_in_a_terminal(character: char) -> bool {
    character.is_ascii_control() && character != '\n' && character != '\t'
}

#[cfg(test)]
mod tests {
    use crate::snippet::*;

    #[test]
    fn forms_are_found_by_their_slugs() {
        for form in SnippetLanguage::ALL {
            assert_eq!(SnippetLanguage::from_slug(form.slug()), Some(form));
            assert!(!form.name().is_empty());
        }
        assert_eq!(SnippetLanguage::from_slug("wget"), None);
    }

    #[test]
    fn what_no_client_can_send_is_left_out_of_every_form() {
        let draft = delivery::draft(
            "A B\r\n",
            "//evil.test/x",
            &[("a b", "lost"), ("X", "lost\r\nY: 2"), ("Z", " kept ")],
            "",
        );
        for form in SnippetLanguage::ALL {
            let code = code(form, &draft, "http://h", Some("k-1"));
            assert!(!code.contains("lost") && !code.contains("A B"), "{code}");
            assert!(code.contains("kept") && code.contains("k-1"), "{code}");
            assert!(code.contains("http://h//evil.test/x"), "{code}");
        }
    }
}
