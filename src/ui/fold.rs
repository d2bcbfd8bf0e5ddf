//! The HTML of the foldable elements in a tree of JSON or XML.

/// Opens a foldable element with its first line, as HTML, and the number of its items.
pub(super) fn open_fold(head: &str, items: usize, html: &mut String) {
    html.push_str(&format!(
        "<details class=\"fold\" open><summary>{head}<span class=\"fold-count\" data-count=\"{items}\"></span></summary><div class=\"fold-items\">"
    ));
}

/// Closes a foldable element with its last line, as HTML.
pub(super) fn close_fold(tail: &str, html: &mut String) {
    html.push_str(&format!(
        "</div></details><span class=\"fold-close\">{tail}</span>"
    ));
}
