//! Converts what members write to each other to HTML: paragraphs, lists, code and emphasis in Markdown.
//!
//! Nothing is refused: what such a text cannot have, such as raw HTML, a picture or a link that is not `https://`, is shown as it
//! was typed.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::content::emphasis::repair_emphasis;

/// Converts Markdown by a member to HTML whose only attributes are the addresses of links and the first numbers of lists.
#[must_use]
pub fn member_text_html(text: &str) -> String {
    let options = Options::empty();
    let text = escape_definitions(text.trim());
    let repaired = repair_emphasis(&text, options);
    let mut events = Vec::new();
    // How many elements are open of which the source is shown.
    let mut literal = 0_usize;
    for (event, range) in Parser::new_ext(&repaired.text, options).into_offset_iter() {
        if literal > 0 {
            match event {
                Event::Start(_) => literal += 1,
                Event::End(_) => literal -= 1,
                _ => {}
            }
            continue;
        }
        match event {
            Event::Start(tag) if is_literal(&tag) => {
                literal = 1;
                let source = CowStr::Borrowed(&repaired.text[range]);
                let source = repaired.remove_emphasis_repair(source);
                let is_block = matches!(tag, Tag::Heading { .. } | Tag::HtmlBlock);
                events.extend(is_block.then_some(Event::Start(Tag::Paragraph)));
                for (number, line) in source.trim_end().split('\n').enumerate() {
                    events.extend((number > 0).then_some(Event::HardBreak));
                    events.push(Event::Text(CowStr::from(line.to_owned())));
                }
                events.extend(is_block.then_some(Event::End(TagEnd::Paragraph)));
            }
            // A language would be a class.
            Event::Start(Tag::CodeBlock(_)) => {
                events.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)));
            }
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => {
                events.push(Event::Text(repaired.remove_emphasis_repair(text)));
            }
            Event::SoftBreak => events.push(Event::HardBreak),
            event => events.push(event),
        }
    }
    let mut converted = String::new();
    html::push_html(&mut converted, events.into_iter());
    converted
}

/// Returns whether an element is shown as it was typed.
fn is_literal(tag: &Tag<'_>) -> bool {
    match tag {
        Tag::Heading { .. } | Tag::HtmlBlock | Tag::Image { .. } => true,
        Tag::Link { dest_url, .. } => !dest_url.starts_with("https://"),
        _ => false,
    }
}

/// Escapes the definitions of links, which Markdown would not show.
fn escape_definitions(text: &str) -> String {
    let parser = Parser::new_ext(text, Options::empty());
    let definitions = parser.reference_definitions().iter();
    let mut starts: Vec<usize> = definitions
        .map(|(_, definition)| definition.span.start)
        .collect();
    starts.sort_unstable();
    let mut escaped = text.to_owned();
    for start in starts.into_iter().rev() {
        escaped.insert(start, '\\');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_emphasis_lists_and_links_are_converted() {
        for (text, expected) in [
            ("Look at `role`.", "<p>Look at <code>role</code>.</p>"),
            (
                "**`GET`**은 *읽습니다*.",
                "<p><strong><code>GET</code></strong>은 <em>읽습니다</em>.</p>",
            ),
            ("one\ntwo", "<p>one<br />\ntwo</p>"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
            ("```http\nGET /\n```", "<pre><code>GET /\n</code></pre>"),
            (
                "[RFC](https://www.rfc-editor.org/?a=1&b=2)",
                "<p><a href=\"https://www.rfc-editor.org/?a=1&amp;b=2\">RFC</a></p>",
            ),
        ] {
            assert_eq!(member_text_html(text).trim_end(), expected);
        }
    }

    #[test]
    fn what_is_not_allowed_is_shown_as_it_was_typed() {
        for (text, expected) in [
            (
                "<script>alert(1)</script>",
                "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
            ),
            (
                "a <b onclick=\"x\">b</b>",
                "<p>a &lt;b onclick=\"x\"&gt;b&lt;/b&gt;</p>",
            ),
            (
                "[a](javascript:alert(1))",
                "<p>[a](javascript:alert(1))</p>",
            ),
            (
                "[a](JAVASCRIPT:alert(1))",
                "<p>[a](JAVASCRIPT:alert(1))</p>",
            ),
            (
                "[`a`](data:text/html,x) b",
                "<p>[`a`](data:text/html,x) b</p>",
            ),
            (
                "[a](java&#115;cript:x)",
                "<p>[a](java&amp;#115;cript:x)</p>",
            ),
            (
                "<javascript:alert(1)>",
                "<p>&lt;javascript:alert(1)&gt;</p>",
            ),
            ("[a](/en/logout)", "<p>[a](/en/logout)</p>"),
            (
                "![a](https://example.com/a.png)",
                "<p>![a](https://example.com/a.png)</p>",
            ),
            ("# A", "<p># A</p>"),
            (
                "<div>\na\n</div>",
                "<p>&lt;div&gt;<br />\na<br />\n&lt;/div&gt;</p>",
            ),
            (
                "[a]\n\n[a]: javascript:x",
                "<p>[a]</p>\n<p>[a]: javascript:x</p>",
            ),
            ("[1]: see", "<p>[1]: see</p>"),
        ] {
            assert_eq!(member_text_html(text).trim_end(), expected);
        }
    }

    /// The tags that a converted text may have, as they are written.
    const TAGS: [&str; 12] = [
        "p>",
        "code>",
        "pre>",
        "strong>",
        "em>",
        "ul>",
        "ol>",
        "li>",
        "br />",
        "hr />",
        "blockquote>",
        "a>",
    ];

    #[test]
    fn any_text_becomes_harmless_html() {
        const PARTS: [&str; 24] = [
            "<",
            ">",
            "[",
            "]",
            "(",
            ")",
            "javascript:",
            "https://a",
            "\"",
            "'",
            "`",
            "**",
            "_",
            "\n",
            "\n\n",
            "- ",
            "> ",
            "#",
            "!",
            "&#106;",
            "글",
            "\\",
            " onclick=x",
            "script",
        ];
        let mut seed = 7_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).expect("31 bits")
        };
        for _ in 0..20_000 {
            let parts = (0..1 + random() % 14).map(|_| PARTS[random() % PARTS.len()]);
            let text: String = parts.collect();
            let html = member_text_html(&text);
            for tag in html.split('<').skip(1) {
                let name = tag.strip_prefix('/').unwrap_or(tag);
                let is_known = TAGS.iter().any(|known| name.starts_with(known));
                let is_list = tag.starts_with("ol start=\"");
                let is_link = tag.strip_prefix("a href=\"https://").is_some_and(|rest| {
                    let end = rest.find('"').expect("the end of the attribute");
                    rest[end..].starts_with("\">")
                });
                assert!(is_known || is_list || is_link, "{text:?}: {html}");
            }
        }
    }
}
