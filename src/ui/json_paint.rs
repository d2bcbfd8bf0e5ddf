//! JSON as it is being written, in colours: HTML of the same text, whether it is JSON yet or not.

use crate::model::html::escape;

/// The text as HTML in which names, texts, numbers and constants stand in spans; everything is
/// escaped. What is no JSON stays as it is.
#[must_use]
pub fn json_paint(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'"' => string(rest),
            b'-' | b'0'..=b'9' => run(rest, |byte| {
                byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
            }),
            b'a'..=b'z' => run(rest, |byte| byte.is_ascii_alphanumeric()),
            _ => run(rest, |byte| {
                !b"\"-".contains(&byte) && !byte.is_ascii_alphanumeric()
            })
            .max(1),
        };
        // Each of them ends before an ASCII character, or at the end.
        let (token, after) = rest.split_at(length);
        let class = match first {
            b'"' if after.trim_start().starts_with(':') => "tok-key",
            b'"' => "tok-string",
            b'-' | b'0'..=b'9' => "tok-number",
            _ if ["true", "false", "null"].contains(&token) => "tok-constant",
            _ => "",
        };
        let token = escape(token);
        match class {
            "" => html.push_str(&token),
            class => html.push_str(&["<span class=\"", class, "\">", &token, "</span>"].concat()),
        }
        rest = after;
    }
    html
}

/// The length of a text with its quotes; one that is not closed ends with its line.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return at,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    let end = text.bytes().position(|byte| !belongs(byte));
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_has_its_colour() {
        let html = json_paint("{\"a\\\"<\" : [-1.5e3, true, \"한글\"], x: nul, \"open\n}");
        for expected in [
            "<span class=\"tok-key\">&quot;a\\&quot;&lt;&quot;</span>",
            "<span class=\"tok-number\">-1.5e3</span>",
            "<span class=\"tok-constant\">true</span>",
            "<span class=\"tok-string\">&quot;한글&quot;</span>",
            ", x: nul, <span class=\"tok-string\">&quot;open</span>\n}",
        ] {
            assert!(html.contains(expected), "{expected} in {html}");
        }
    }

    /// The text of the HTML that `json_paint` writes.
    fn text(html: &str) -> String {
        let mut text = String::new();
        for piece in html.split('<') {
            let is_tag = piece.starts_with("span ") || piece.starts_with("/span>");
            let piece = if is_tag {
                piece.split_once('>').map_or("", |cut| cut.1)
            } else {
                piece
            };
            text.push_str(piece);
        }
        for (entity, character) in [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ] {
            text = text.replace(entity, character);
        }
        text
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_becomes_an_element(
            pieces in prop::collection::vec(prop_oneof![".{0,6}", "[\\[\\]{}:,\"\\\\\n <&'-]{0,6}", "[0-9.eE+-]{1,5}", "true|null|<b>"], 0..12),
        ) {
            let written = pieces.concat();
            prop_assert_eq!(text(&json_paint(&written)), written);
        }
    }
}
