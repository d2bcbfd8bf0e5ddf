//! Converts the short texts of exercises and quizzes to HTML: paragraphs, lists, code and emphasis in Markdown.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, html};

use crate::content::emphasis::repair_emphasis;

/// Converts Markdown to HTML.
///
/// # Errors
/// A message for the author when the text has raw HTML, a heading, a table, an image, a code block with a language or
/// a link that is not `https://`.
pub(super) fn to_html(text: &str) -> Result<String, String> {
    let options = Options::empty();
    let repaired = repair_emphasis(text.trim(), options);
    let mut events = Vec::new();
    for event in Parser::new_ext(&repaired.text, options) {
        match &event {
            Event::Html(_) | Event::InlineHtml(_) => return refuse("raw HTML"),
            Event::Start(Tag::Heading { .. }) => return refuse("a heading"),
            Event::Start(Tag::Image { .. }) => return refuse("an image"),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if !info.is_empty() => {
                return refuse("a code block with a language");
            }
            Event::Start(Tag::Link { dest_url, .. }) if !dest_url.starts_with("https://") => {
                return refuse("a link that does not begin with https://");
            }
            _ => {}
        }
        events.push(match event {
            Event::Text(text) => Event::Text(repaired.remove_emphasis_repair(text)),
            event => event,
        });
    }
    let mut converted = String::new();
    html::push_html(&mut converted, events.into_iter());
    Ok(converted)
}

/// Converts Markdown of one paragraph to HTML without the paragraph around it.
///
/// # Errors
/// As [`to_html`], and when the text has other blocks than one paragraph.
pub(super) fn to_inline_html(text: &str) -> Result<String, String> {
    let converted = to_html(text)?;
    let inner = converted.trim_end().strip_prefix("<p>");
    let inner = inner.and_then(|inner| inner.strip_suffix("</p>"));
    match inner.filter(|inner| !inner.contains("<p>")) {
        Some(inner) => Ok(inner.to_owned()),
        None => Err("the text must be one paragraph".to_owned()),
    }
}

fn refuse(what: &str) -> Result<String, String> {
    Err(format!(
        "the text cannot have {what}: write it in another way"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_has_code_emphasis_and_lists_only() {
        let converted = to_html("**`GET`**은 읽습니다.\n\n- `a`\n").expect("a text");
        assert!(
            converted.contains("<strong><code>GET</code></strong>은") && converted.contains("<li>"),
            "{converted}"
        );
        let escaped = to_html("a & b").expect("a text");
        assert_eq!(escaped, "<p>a &amp; b</p>\n");
        for text in [
            "<b>a</b>",
            "a <br> b",
            "# A",
            "![a](https://example.com/a.png)",
            "```http\nGET /\n```",
            "[a](javascript:alert(1))",
            "[a](../methods/get.md)",
        ] {
            assert!(to_html(text).is_err(), "{text}");
        }
        assert!(to_html("[RFC](https://www.rfc-editor.org/rfc/rfc9110)").is_ok());
    }

    #[test]
    fn inline_text_is_one_paragraph() {
        assert_eq!(
            to_inline_html("Use `PUT`.").as_deref(),
            Ok("Use <code>PUT</code>.")
        );
        for text in ["a\n\nb", "- a", ""] {
            assert!(to_inline_html(text).is_err(), "{text:?}");
        }
    }
}
