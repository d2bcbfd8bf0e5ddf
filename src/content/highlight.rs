//! Highlights code with a small set of CSS classes; the colours are in the style sheet.
//!
//! Code is highlighted when it is first shown, because highlighting all code took most of the time in which a server
//! starts. One thread does it, and ends when all is highlighted: the grammars and their compiled regular expressions
//! take tens of megabytes, with caches for each thread that uses them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};

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

/// Code that is highlighted when it is first shown; cheap to clone.
#[derive(Clone)]
pub struct HighlightedCode(Arc<LazyHtml>);

type LazyHtml = LazyLock<String, Box<dyn FnOnce() -> String + Send>>;

impl HighlightedCode {
    /// Returns the code as `<pre><code>…`; highlights it at the first call.
    pub fn html(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HighlightedCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("HighlightedCode").finish()
    }
}

/// Highlights code in the languages for which there is a grammar.
pub(super) struct Highlighter {
    grammars: Arc<Grammars>,
    thread: mpsc::Sender<Task>,
    /// The code by language and text, because most of it is the same in all locales.
    codes: Mutex<HashMap<(String, String), HighlightedCode>>,
}

/// The grammars; each is compiled on first use.
struct Grammars(SyntaxSet);

/// Code for the thread to highlight, and where it sends the result.
struct Task {
    language: String,
    text: String,
    result: mpsc::SyncSender<String>,
}

impl Highlighter {
    /// Loads the grammars and starts the thread.
    pub(super) fn new() -> Highlighter {
        let grammars = Arc::new(Grammars(two_face::syntax::extra_newlines()));
        let (thread, tasks) = mpsc::channel::<Task>();
        let of_thread = grammars.clone();
        // Ends when the highlighter and all code that has not been highlighted are dropped.
        std::thread::spawn(move || {
            for task in tasks {
                // Not sent when the task is no longer waited for.
                let _ = task
                    .result
                    .send(of_thread.highlight(&task.language, &task.text));
            }
        });
        Highlighter {
            grammars,
            thread,
            codes: Mutex::default(),
        }
    }

    /// Returns the code, which is highlighted when it is first shown.
    ///
    /// # Errors
    /// Returns a message when there is no grammar for the language.
    pub(super) fn code(&self, language: &str, text: &str) -> Result<HighlightedCode, String> {
        if !self.grammars.contains(language) {
            return Err(format!(
                "unknown language {language:?}: write text for plain text"
            ));
        }
        let key = (language.to_owned(), text.to_owned());
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let code = codes.entry(key).or_insert_with_key(|(language, text)| {
            let (thread, language, text) = (self.thread.clone(), language.clone(), text.clone());
            let highlight = move || highlight(&thread, language, text);
            HighlightedCode(Arc::new(LazyLock::new(Box::new(highlight))))
        });
        Ok(code.clone())
    }
}

/// Returns code that the thread has highlighted; without colours if the thread has failed.
fn highlight(thread: &mpsc::Sender<Task>, language: String, text: String) -> String {
    let (result, highlighted) = mpsc::sync_channel(1);
    let task = Task {
        language: language.clone(),
        text: text.clone(),
        result,
    };
    // When the thread has ended, the task and its sender are dropped, and nothing is received.
    let _ = thread.send(task);
    highlighted
        .recv()
        .unwrap_or_else(|_| frame(&language, &escape(&text)))
}

/// Returns a code block with this content.
fn frame(language: &str, html: &str) -> String {
    format!(
        "<pre class=\"code\" tabindex=\"0\" data-language=\"{}\"><code>{html}</code></pre>",
        escape(language)
    )
}

impl Grammars {
    fn contains(&self, language: &str) -> bool {
        matches!(language, "http" | "text") || self.0.find_syntax_by_token(language).is_some()
    }

    fn highlight(&self, language: &str, text: &str) -> String {
        let syntax = self.0.find_syntax_by_token(language);
        let inner = match (language, syntax) {
            ("http", _) => self.http(text),
            (_, Some(syntax)) if language != "text" => self.lines(ParseState::new(syntax), text),
            _ => escape(text),
        };
        frame(language, &inner)
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
                .0
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
            let Ok(operations) = state.parse_line(line, &self.0) else {
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
    use std::time::{Duration, Instant};

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
            let html = html.html();
            assert!(html.contains(expected), "{language}: {html}");
        }
    }

    #[test]
    fn markup_in_code_is_escaped() {
        let html = Highlighter::new()
            .code("text", "<script>alert(\"1\")</script>")
            .expect("known");
        let html = html.html();
        assert!(!html.contains("<script"), "{html}");
        let html = Highlighter::new()
            .code("rust", "let a = \"</code><b>\";\n")
            .expect("known");
        let html = html.html();
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn same_code_is_highlighted_once_and_grammars_are_dropped_afterwards() {
        let highlighter = Highlighter::new();
        let code = |text| highlighter.code("json", text).expect("known");
        let (one, same, other) = (code("{}"), code("{}"), code("[]"));
        assert!(Arc::ptr_eq(&one.0, &same.0) && !Arc::ptr_eq(&one.0, &other.0));
        let grammars = Arc::downgrade(&highlighter.grammars);
        drop(highlighter);
        assert!(one.html().contains("{}"));
        assert!(grammars.upgrade().is_some(), "the other code needs them");
        assert!(other.html().contains("[]"));
        // The thread ends a little later.
        let end = Instant::now() + Duration::from_secs(10);
        while grammars.upgrade().is_some() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(grammars.upgrade().is_none());
    }

    #[test]
    fn unknown_language_is_an_error() {
        assert!(Highlighter::new().code("klingon", "x").is_err());
    }
}
