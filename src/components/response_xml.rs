//! XML as a tree that folds: an element a line, in the colours of code.
//!
//! A scanner and not a parser: entities stay as they are written, and nothing is looked up. What it
//! cannot read, a document type too, it leaves to be shown as text.

use crate::components::body_tree::{Span, TreeNode};
use crate::model::json::MAX_DEPTH;

/// The tree, or `None` when the text is not well-formed XML.
pub(super) fn xml_tree(text: &str) -> Option<Vec<TreeNode>> {
    let mut scanner = XmlScanner { rest: text };
    let nodes = scanner.nodes(0)?;
    let elements = nodes.iter().filter(|node| node.is_element()).count();
    if !scanner.rest.is_empty() || elements != 1 || nodes.iter().any(XmlNode::is_words) {
        return None;
    }
    Some(lines(&nodes))
}

enum XmlNode<'a> {
    /// Characters, or a CDATA section.
    Text(&'a str),
    /// A comment, a declaration or another instruction.
    Note(&'a str),
    Element {
        name: &'a str,
        /// Its start tag.
        tag: Vec<Span>,
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
        let mut tag = vec![Span::plain(self.take(1))];
        let name = self.name("tok-key", &mut tag)?;
        loop {
            let space = self.spaces();
            tag.push(Span::plain(space));
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
        tag.push(Span::plain(end));
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

    fn name(&mut self, class: &'static str, tag: &mut Vec<Span>) -> Option<&'a str> {
        let name = self.up_to(&[
            ' ', '\t', '\r', '\n', '<', '>', '/', '=', '"', '\'', '&', '!', '?',
        ]);
        name.chars().next()?;
        tag.push(Span::new(class, name));
        Some(name)
    }

    fn attribute(&mut self, tag: &mut Vec<Span>) -> Option<()> {
        self.name("tok-type", tag)?;
        let before = self.rest;
        self.spaces();
        self.rest = self.rest.strip_prefix('=')?;
        self.spaces();
        tag.push(Span::plain(&before[..before.len() - self.rest.len()]));
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
        tag.push(Span::new("tok-string", value));
        Some(())
    }
}

/// Returns each node on a line of its own, without the space between them.
fn lines(nodes: &[XmlNode<'_>]) -> Vec<TreeNode> {
    let nodes = nodes.iter();
    nodes
        .filter(|node| !matches!(node, XmlNode::Text(_)))
        .map(line)
        .collect()
}

fn line(node: &XmlNode<'_>) -> TreeNode {
    match node {
        XmlNode::Element {
            name,
            tag,
            children: Some(children),
        } if children.iter().any(XmlNode::is_element)
            && !children.iter().any(XmlNode::is_words) =>
        {
            TreeNode::Fold {
                label: Vec::new(),
                head: tag.clone(),
                count: children.iter().filter(|node| node.is_element()).count(),
                items: lines(children),
                tail: end_tag(name).to_vec(),
            }
        }
        node => {
            let mut spans = Vec::new();
            inline(node, &mut spans);
            TreeNode::Line(spans)
        }
    }
}

/// Adds a node as it is written, with its space.
fn inline(node: &XmlNode<'_>, spans: &mut Vec<Span>) {
    match node {
        XmlNode::Text(text) => spans.push(Span::new("tok-string", *text)),
        XmlNode::Note(text) => spans.push(Span::new("tok-comment", *text)),
        XmlNode::Element {
            name,
            tag,
            children,
        } => {
            spans.extend_from_slice(tag);
            if let Some(children) = children {
                for child in children {
                    inline(child, spans);
                }
                spans.extend(end_tag(name));
            }
        }
    }
}

fn end_tag(name: &str) -> [Span; 3] {
    [
        Span::plain("</"),
        Span::new("tok-key", name),
        Span::plain(">"),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::components::body_tree::tests::{folds_of, text_of};

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
        let Some(tree) = xml_tree(text) else {
            return Ok(false);
        };
        prop_assert_eq!(without_space(&text_of(&tree)), without_space(text));
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
            prop_assert_eq!(xml_tree(&root[..end]), None);
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
            assert_eq!(xml_tree(text), None, "{text}");
        }
        let deep = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(xml_tree(&deep(MAX_DEPTH)).is_some() && xml_tree(&deep(10_000)).is_none());
    }

    #[test]
    fn elements_with_elements_fold_and_text_keeps_its_space() {
        let tree = xml_tree(
            "<users n='2'>\n <user><id>1</id><bio/></user>\n <p>a  <b>c</b>\n</p></users>",
        );
        let tree = tree.expect("XML");
        assert_eq!(folds_of(&tree), 2);
        assert!(
            matches!(tree[..], [TreeNode::Fold { count: 2, .. }]),
            "{tree:?}"
        );
        let text = text_of(&tree);
        assert!(text.ends_with("<p>a  <b>c</b>\n</p></users>"), "{text}");
        assert!(
            text.starts_with("<users n='2'><user><id>1</id><bio/></user>"),
            "{text}"
        );
    }
}
