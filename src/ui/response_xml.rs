//! XML as a tree that folds: an element a line, in the colours of code.
//!
//! A scanner and not a parser: entities stay as they are written, and nothing is looked up. What it
//! cannot read, a document type too, it leaves to be shown as text.

use crate::model::html::escape;
use crate::model::json::MAX_DEPTH;
use crate::ui::fold::{close_fold, open_fold};

/// The tree, or `None` when the text is not well-formed XML.
pub(super) fn tree(text: &str) -> Option<String> {
    let mut scanner = XmlScanner { rest: text };
    let nodes = scanner.nodes(0)?;
    let elements = nodes.iter().filter(|node| node.is_element()).count();
    if !scanner.rest.is_empty() || elements != 1 || nodes.iter().any(XmlNode::is_words) {
        return None;
    }
    let mut html = String::new();
    lines(&nodes, &mut html);
    Some(html)
}

enum XmlNode<'a> {
    /// Characters, or a CDATA section.
    Text(&'a str),
    /// A comment, a declaration or another instruction.
    Note(&'a str),
    Element {
        name: &'a str,
        /// Its start tag, as HTML.
        tag: String,
        /// What is in it; `None` when the start tag is the end tag too.
        children: Option<Vec<XmlNode<'a>>>,
    },
}

impl XmlNode<'_> {
    fn is_element(&self) -> bool {
        matches!(self, XmlNode::Element { .. })
    }

    /// Whether it is more than the space between elements.
    fn is_words(&self) -> bool {
        matches!(self, XmlNode::Text(text) if !text.trim_ascii().is_empty())
    }
}

struct XmlScanner<'a> {
    rest: &'a str,
}

impl<'a> XmlScanner<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Takes up to the first of these characters.
    fn up_to(&mut self, ends: &[char]) -> &'a str {
        self.take(self.rest.find(ends).unwrap_or(self.rest.len()))
    }

    fn spaces(&mut self) -> &'a str {
        self.take(self.rest.len() - self.rest.trim_ascii_start().len())
    }

    fn nodes(&mut self, depth: usize) -> Option<Vec<XmlNode<'a>>> {
        let mut nodes = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with("</") {
            nodes.push(self.node(depth)?);
        }
        Some(nodes)
    }

    fn node(&mut self, depth: usize) -> Option<XmlNode<'a>> {
        if !self.rest.starts_with('<') {
            return Some(XmlNode::Text(self.up_to(&['<'])));
        }
        for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
            if let Some(inner) = self.rest.strip_prefix(open) {
                let piece = self.take(open.len() + inner.find(close)? + close.len());
                return Some(match close {
                    "]]>" => XmlNode::Text(piece),
                    _ => XmlNode::Note(piece),
                });
            }
        }
        self.element(depth)
    }

    fn element(&mut self, depth: usize) -> Option<XmlNode<'a>> {
        let mut tag = escape(self.take(1));
        let name = self.name("tok-key", &mut tag)?;
        loop {
            let space = self.spaces();
            tag.push_str(space);
            if self.rest.starts_with(['>', '/']) {
                break;
            }
            // An attribute stands apart from what is before it.
            space.chars().next()?;
            self.attribute(&mut tag)?;
        }
        let is_empty = self.rest.starts_with('/');
        let end = if is_empty { "/>" } else { ">" };
        self.rest = self.rest.strip_prefix(end)?;
        tag.push_str(&escape(end));
        let children = match is_empty {
            true => None,
            false if depth == MAX_DEPTH => return None,
            false => {
                let children = self.nodes(depth + 1)?;
                self.rest = self.rest.strip_prefix("</")?.strip_prefix(name)?;
                self.spaces();
                self.rest = self.rest.strip_prefix('>')?;
                Some(children)
            }
        };
        Some(XmlNode::Element {
            name,
            tag,
            children,
        })
    }

    fn name(&mut self, class: &str, html: &mut String) -> Option<&'a str> {
        let name = self.up_to(&[
            ' ', '\t', '\r', '\n', '<', '>', '/', '=', '"', '\'', '&', '!', '?',
        ]);
        name.chars().next()?;
        colour(class, name, html);
        Some(name)
    }

    fn attribute(&mut self, tag: &mut String) -> Option<()> {
        self.name("tok-type", tag)?;
        let before = self.rest;
        self.spaces();
        self.rest = self.rest.strip_prefix('=')?;
        self.spaces();
        tag.push_str(&before[..before.len() - self.rest.len()]);
        let quote = self
            .rest
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''))?;
        let value = 1 + self.rest[1..].find(quote)? + 1;
        let value = self.take(value);
        if value.contains('<') {
            return None;
        }
        colour("tok-string", value, tag);
        Some(())
    }
}

/// Each node on a line of its own; the space between them goes.
fn lines(nodes: &[XmlNode<'_>], html: &mut String) {
    for node in nodes {
        if let XmlNode::Text(_) = node {
            continue;
        }
        html.push_str("<div class=\"fold-item\">");
        match node {
            XmlNode::Element {
                name,
                tag,
                children: Some(children),
            } if children.iter().any(XmlNode::is_element)
                && !children.iter().any(XmlNode::is_words) =>
            {
                let elements = children.iter().filter(|node| node.is_element());
                open_fold(tag, elements.count(), html);
                lines(children, html);
                close_fold(&end_tag(name), html);
            }
            node => inline(node, html),
        }
        html.push_str("</div>");
    }
}

/// A node as it stands, its space too.
fn inline(node: &XmlNode<'_>, html: &mut String) {
    match node {
        XmlNode::Text(text) => colour("tok-string", text, html),
        XmlNode::Note(text) => colour("tok-comment", text, html),
        XmlNode::Element {
            name,
            tag,
            children,
        } => {
            html.push_str(tag);
            if let Some(children) = children {
                for child in children {
                    inline(child, html);
                }
                html.push_str(&end_tag(name));
            }
        }
    }
}

fn end_tag(name: &str) -> String {
    let mut html = escape("</");
    colour("tok-key", name, &mut html);
    html + &escape(">")
}

fn colour(class: &str, text: &str, html: &mut String) {
    html.push_str("<span class=\"");
    html.push_str(class);
    html.push_str("\">");
    html.push_str(&escape(text));
    html.push_str("</span>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text of the HTML, if it is made of nothing but the tree's own elements, each closed.
    fn text_of(html: &str) -> Result<String, String> {
        let mut open = Vec::new();
        let mut text = String::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            text.push_str(&rest[..at]);
            let end = at + rest[at..].find('>').ok_or("an open tag")?;
            let tag = &rest[at + 1..end];
            let name = tag.split(' ').next().unwrap_or_default();
            match tag.strip_prefix('/') {
                Some(name) if open.pop() == Some(name) => {}
                Some(name) => return Err(format!("closes {name}")),
                None => open.push(name),
            }
            let attributes = tag.trim_start_matches(name);
            let is_own = match name.trim_start_matches('/') {
                "div" => {
                    ["", " class=\"fold-item\"", " class=\"fold-items\""].contains(&attributes)
                }
                "details" => ["", " class=\"fold\" open"].contains(&attributes),
                "summary" => attributes.is_empty(),
                "span" => {
                    attributes.is_empty()
                        || attributes.starts_with(" class=\"tok-")
                        || attributes == " class=\"fold-close\""
                        || attributes.starts_with(" class=\"fold-count\" data-count=\"")
                }
                _ => false,
            };
            if !is_own || attributes.matches('"').count() > 4 {
                return Err(format!("not its own: <{tag}>"));
            }
            rest = &rest[end + 1..];
        }
        text.push_str(rest);
        if !open.is_empty() {
            return Err(format!("stay open: {open:?}"));
        }
        let plain = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&amp;", "&"),
        ];
        Ok(plain
            .iter()
            .fold(text, |text, (from, to)| text.replace(from, to)))
    }

    fn without_space(text: &str) -> String {
        text.split_ascii_whitespace().collect()
    }

    /// Well-formed XML of a few levels, with what would be markup elsewhere.
    fn element() -> impl Strategy<Value = String> {
        let name = "[a-zA-Z_가-힣][a-zA-Z0-9_.:가-힣-]{0,6}";
        let text = "[ -;=?-~\\n가-힣]{0,12}|&lt;script&gt;|<!\\[CDATA\\[<b>&\"]]>|<!--<i>-->|<\\?go <u>\\?>";
        let attribute = (name, "[ -!#-;=?-~가-힣]{0,8}", "[ \\n]{1,2}", " ?= ?");
        let tag = (name, prop::collection::vec(attribute, 0..3), " ?");
        let tag = tag.prop_map(|(name, attributes, space)| {
            let attributes = attributes.iter();
            let attributes =
                attributes.map(|(name, value, space, is)| format!("{space}{name}{is}\"{value}\""));
            (name, attributes.collect::<String>() + &space)
        });
        let leaf = (tag.clone(), text).prop_map(|((name, rest), text)| match text.len() % 3 {
            0 => format!("<{name}{rest}/>"),
            _ => format!("<{name}{rest}>{text}</{name} >"),
        });
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let children = prop::collection::vec((inner, "\\n *|[a-z가 ]{0,3}"), 0..4);
            (tag.clone(), children).prop_map(|((name, rest), children)| {
                let children = children.into_iter().map(|(child, text)| text + &child);
                format!("<{name}{rest}>{}\n</{name}>", children.collect::<String>())
            })
        })
    }

    /// What there is of the text in the tree, when it is shown as one; end tags have no space there.
    fn check(text: &str) -> Result<bool, TestCaseError> {
        let Some(html) = tree(text) else {
            return Ok(false);
        };
        let shown = text_of(&html).map_err(TestCaseError::fail)?;
        prop_assert_eq!(without_space(&shown), without_space(text), "{}", html);
        Ok(true)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn all_of_it_is_in_the_tree_and_none_of_it_is_an_element_of_the_page(root in element()) {
            for text in [&root, &format!("<?xml version=\"1.0\"?>\n<!-- a -->{root}\n")] {
                prop_assert!(check(text)?, "{text} is not read");
            }
        }

        #[test]
        fn whatever_comes_is_answered(text in "[<>/!?=\"'& a-c\\[\\]-]{0,40}|\\PC{0,30}") {
            check(&text)?;
            check(&format!("<a b=\"{text}\">{text}</a>"))?;
        }

        #[test]
        fn a_piece_of_it_is_no_tree(root in element(), at in any::<prop::sample::Index>()) {
            let end = root.floor_char_boundary(at.index(root.len()));
            prop_assert_eq!(tree(&root[..end]), None);
        }
    }

    #[test]
    fn what_is_not_well_formed_is_not_read() {
        for text in [
            "",
            " ",
            "a",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "a<a/>",
            "<a/>a",
            "<a b></a>",
            "<a b=c/>",
            "<a b=\"<\"/>",
            "<a b=\"1\"c=\"2\"/>",
            "<a / >",
            "< a/>",
            "<!DOCTYPE a><a/>",
            "<![CDATA[a]]>",
            "<a><!-- </a>",
            "<a b='\"/>",
            "<a></a",
            "<a></ a>",
            "<a></ab>",
        ] {
            assert_eq!(tree(text), None, "{text}");
        }
        let deep = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(tree(&deep(MAX_DEPTH)).is_some() && tree(&deep(10_000)).is_none());
    }

    #[test]
    fn elements_with_elements_fold_and_text_keeps_its_space() {
        let html =
            tree("<users n='2'>\n <user><id>1</id><bio/></user>\n <p>a  <b>c</b>\n</p></users>");
        let html = html.expect("XML");
        assert_eq!(
            html.matches("<details class=\"fold\" open>").count(),
            2,
            "{html}"
        );
        assert!(html.contains("data-count=\"2\""), "{html}");
        let text = text_of(&html).expect("the tree's own");
        assert!(text.ends_with("<p>a  <b>c</b>\n</p></users>"), "{text}");
        assert!(
            text.starts_with("<users n='2'><user><id>1</id><bio/></user>"),
            "{text}"
        );
    }
}
