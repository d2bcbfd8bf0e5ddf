//! Highlights code with a small set of CSS classes; the colours are in the style sheet.
//!
//! A [`Highlighter`] is dropped after the lessons are parsed, because the grammars and their compiled
//! regular expressions take tens of megabytes.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};
use syntect::util::LinesWithEndings;

use crate::model::html::escape;

/// Scopes with their classes. The first entry that is a prefix of the innermost scope applies.
static CLASSES: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    [
        ("comment", "tok-comment"),
        ("punctuation.definition.comment", "tok-comment"),
        ("constant.character.escape", "tok-escape"),
        ("string", "tok-string"),
        ("punctuation.definition.string", "tok-string"),
        ("constant.numeric", "tok-number"),
        ("constant.language", "tok-constant"),
        ("storage", "tok-keyword"),
        ("keyword.operator", "tok-operator"),
        ("keyword", "tok-keyword"),
        ("entity.name.function", "tok-function"),
        ("variable.function", "tok-function"),
        ("support.function", "tok-function"),
        ("variable.annotation", "tok-decorator"),
        ("entity.name", "tok-type"),
        ("support.type", "tok-type"),
        ("variable.parameter", "tok-variable"),
    ]
    .into_iter()
    .filter_map(|(scope, class)| Some((Scope::new(scope).ok()?, class)))
    .collect()
});

/// The scope of a key of a JSON object.
static KEY: LazyLock<Scope> = LazyLock::new(|| Scope::new("meta.mapping.key").expect("a scope"));

/// Highlights code in the languages for which there is a grammar.
pub(super) struct Highlighter {
    syntaxes: SyntaxSet,
    /// The results by language and text. Most code is the same in all locales, and highlighting takes most
    /// of the time of the start.
    results: Mutex<HashMap<(String, String), String>>,
}

impl Highlighter {
    /// Loads the grammars; each grammar is compiled on first use.
    pub(super) fn new() -> Highlighter {
        let syntaxes = two_face::syntax::extra_newlines();
        Highlighter {
            syntaxes,
            results: Mutex::default(),
        }
    }

    /// Returns the code as `<pre><code>…`.
    ///
    /// # Errors
    /// Returns a message when there is no grammar for the language.
    pub(super) fn code(&self, language: &str, text: &str) -> Result<String, String> {
        let key = (language.to_owned(), text.to_owned());
        let results = || self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(html) = results().get(&key) {
            return Ok(html.clone());
        }
        let html = self.highlight(language, text)?;
        results().insert(key, html.clone());
        Ok(html)
    }

    fn highlight(&self, language: &str, text: &str) -> Result<String, String> {
        let inner = match language {
            "http" => self.http(text),
            "text" => escape(text),
            _ => {
                let syntax = self
                    .syntaxes
                    .find_syntax_by_token(language)
                    .ok_or_else(|| {
                        format!("unknown language {language:?}: write text for plain text")
                    })?;
                self.lines(ParseState::new(syntax), text)
            }
        };
        Ok(format!(
            "<pre class=\"code\" tabindex=\"0\" data-language=\"{}\"><code>{inner}</code></pre>",
            escape(language)
        ))
    }

    /// Highlights a message in the format of HTTP/1.1. A body that begins like JSON is highlighted as JSON.
    fn http(&self, text: &str) -> String {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut html = String::new();
        for (at, line) in head.lines().enumerate() {
            match line.split_once(':').filter(|_| at > 0) {
                Some((name, value)) => {
                    html.push_str(&format!(
                        "<span class=\"tok-key\">{}</span>:{}\n",
                        escape(name),
                        escape(value)
                    ));
                }
                None => html.push_str(&format!(
                    "<span class=\"tok-keyword\">{}</span>\n",
                    escape(line)
                )),
            }
        }
        if !body.is_empty() {
            html.push('\n');
            match self
                .syntaxes
                .find_syntax_by_token("json")
                .filter(|_| body.starts_with(['{', '[']))
            {
                Some(syntax) => html.push_str(&self.lines(ParseState::new(syntax), body)),
                None => html.push_str(&escape(body)),
            }
        }
        html
    }

    fn lines(&self, mut state: ParseState, text: &str) -> String {
        let mut stack = ScopeStack::new();
        let mut html = String::new();
        let mut current: Option<&'static str> = None;
        for line in LinesWithEndings::from(text) {
            let Ok(operations) = state.parse_line(line, &self.syntaxes) else {
                html.push_str(&escape(line));
                continue;
            };
            let mut from = 0;
            for (at, operation) in operations {
                write(&mut html, &line[from..at], class(&stack), &mut current);
                from = at;
                // The error is ignored, because it only leaves the rest of the line without highlighting.
                let _ = stack.apply(&operation);
            }
            write(&mut html, &line[from..], class(&stack), &mut current);
        }
        if current.is_some() {
            html.push_str("</span>");
        }
        html
    }
}

/// Appends text, opening and closing spans only where the class changes.
fn write(
    html: &mut String,
    text: &str,
    class: Option<&'static str>,
    current: &mut Option<&'static str>,
) {
    if text.is_empty() {
        return;
    }
    let class = if text.trim().is_empty() {
        *current
    } else {
        class
    };
    if class != *current {
        if current.is_some() {
            html.push_str("</span>");
        }
        if let Some(class) = class {
            html.push_str(&format!("<span class=\"{class}\">"));
        }
        *current = class;
    }
    html.push_str(&escape(text));
}

fn class(stack: &ScopeStack) -> Option<&'static str> {
    // Keys are checked first, because the innermost scope of a key is that of a string.
    if stack.scopes.iter().any(|scope| KEY.is_prefix_of(*scope)) {
        return Some("tok-key");
    }
    stack.scopes.iter().rev().find_map(|scope| {
        CLASSES
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope))
            .map(|(_, class)| *class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_of_the_lessons_are_highlighted() {
        let highlighter = Highlighter::new();
        for (language, text, expected) in [
            (
                "python",
                "def show(): return 1\n",
                "<span class=\"tok-function\">show</span>",
            ),
            (
                "rust",
                "fn show() -> u8 { 1 }\n",
                "<span class=\"tok-function\">show</span>",
            ),
            ("sh", "curl -i 'http://x'\n", "tok-string"),
            (
                "json",
                "{\"a\": 1}\n",
                "<span class=\"tok-number\">1</span>",
            ),
            (
                "http",
                "GET /api/users\nAccept: */*\n",
                "<span class=\"tok-key\">Accept</span>",
            ),
        ] {
            let html = highlighter.code(language, text).expect("known");
            assert!(html.contains(expected), "{language}: {html}");
        }
    }

    #[test]
    fn markup_in_code_is_escaped() {
        let html = Highlighter::new()
            .code("text", "<script>alert(\"1\")</script>")
            .expect("known");
        assert!(!html.contains("<script"), "{html}");
        let html = Highlighter::new()
            .code("rust", "let a = \"</code><b>\";\n")
            .expect("known");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn unknown_language_is_an_error() {
        assert!(Highlighter::new().code("klingon", "x").is_err());
    }
}
