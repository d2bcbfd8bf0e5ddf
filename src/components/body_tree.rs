//! Colored text, and a tree of such text whose branches fold.

use leptos::either::Either;
use leptos::prelude::*;

use super::unhydrated::{Unhydrated, unhydrated};

/// A piece of text with the class that colors it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The class; empty for plain text.
    pub class: &'static str,
    /// The text.
    pub text: String,
}

impl Span {
    /// Returns a piece of text with a class.
    pub fn new(class: &'static str, text: impl Into<String>) -> Span {
        let text = text.into();
        Span { class, text }
    }

    /// Returns a piece of text without a color.
    pub fn plain(text: impl Into<String>) -> Span {
        Span::new("", text)
    }
}

/// A part of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeNode {
    /// One line.
    Line(Vec<Span>),
    /// Lines between a first and a last one, which can be folded.
    Fold {
        /// The text before the part that folds.
        label: Vec<Span>,
        /// The first line.
        head: Vec<Span>,
        /// How many items there are; shown while they are folded.
        count: usize,
        /// The lines between.
        items: Vec<TreeNode>,
        /// The last line.
        tail: Vec<Span>,
    },
}

/// Renders colored text.
pub fn spans_view(spans: Vec<Span>) -> impl IntoView + use<> {
    spans
        .into_iter()
        .map(|Span { class, text }| match class {
            "" => Either::Left(text),
            class => Either::Right(view! { <span class=class>{text}</span> }),
        })
        .collect::<Vec<_>>()
}

/// Renders a tree.
pub fn tree_view(node: TreeNode) -> Unhydrated {
    let view = match node {
        TreeNode::Line(spans) => Either::Left(spans_view(spans)),
        TreeNode::Fold {
            label,
            head,
            count,
            items,
            tail,
        } => {
            let label = spans_view(label);
            let items = lines_view(items);
            Either::Right(view! {
                {label}
                <details class="fold" open>
                    <summary>{spans_view(head)}<span class="fold-count" data-count=count.to_string()></span></summary>
                    <div class="fold-items">{items}</div>
                </details>
                <span class="fold-close">{spans_view(tail)}</span>
            })
        }
    };
    // A tree contains trees, so its type ends here.
    unhydrated(view)
}

/// Renders each node of a tree on a line of its own.
pub fn lines_view(nodes: Vec<TreeNode>) -> impl IntoView + use<> {
    nodes
        .into_iter()
        .map(|node| view! { <div class="fold-item">{tree_view(node)}</div> })
        .collect::<Vec<_>>()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns the text of a tree.
    pub(crate) fn text_of(nodes: &[TreeNode]) -> String {
        let spans = |spans: &[Span]| spans.iter().map(|span| span.text.as_str()).collect();
        let text = |node: &TreeNode| match node {
            TreeNode::Line(line) => spans(line),
            TreeNode::Fold {
                label,
                head,
                items,
                tail,
                ..
            } => [spans(label), spans(head), text_of(items), spans(tail)].concat(),
        };
        nodes.iter().map(text).collect::<Vec<String>>().concat()
    }

    /// Returns how many branches of a tree fold.
    pub(crate) fn folds_of(nodes: &[TreeNode]) -> usize {
        let folds = |node: &TreeNode| match node {
            TreeNode::Line(_) => 0,
            TreeNode::Fold { items, .. } => 1 + folds_of(items),
        };
        nodes.iter().map(folds).sum()
    }
}
