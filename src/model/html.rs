//! Text that goes into HTML by hand, past a renderer that would escape it.

/// The response field that marks a part of a page: a script puts only such HTML into a page, so that
/// an error page of a proxy is never taken for one.
pub const FRAGMENT_FIELD: &str = "html-fragment";

/// Text as HTML text, text of a `<textarea>`, or a quoted attribute's value.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_element_or_the_attribute() {
        assert_eq!(
            escape("</textarea>\"&amp;'한글"),
            "&lt;/textarea&gt;&quot;&amp;amp;'한글"
        );
    }
}
