//! Escaping of text for HTML that is written without the view renderer.

/// The response header that marks a fragment. Scripts insert only HTML with this header into a page, so
/// that an error page of a proxy is never inserted.
pub const FRAGMENT_FIELD: &str = "html-fragment";

/// Escapes a text for use as HTML text, as the text of a `<textarea>`, or as a quoted attribute value.
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
    fn escaped_text_ends_neither_an_element_nor_an_attribute() {
        assert_eq!(
            escape("</textarea>\"&amp;'한글"),
            "&lt;/textarea&gt;&quot;&amp;amp;'한글"
        );
    }
}
