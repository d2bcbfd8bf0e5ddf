//! The colors of JSON that is being written and need not be valid yet.

use crate::components::body_tree::Span;

/// Returns the text in pieces: member names, strings, numbers and constants have a color.
#[must_use]
pub fn json_spans(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
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
        match spans.last_mut() {
            Some(last) if class.is_empty() && last.class.is_empty() => last.text.push_str(token),
            _ => spans.push(Span::new(class, token)),
        }
        rest = after;
    }
    spans
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
    fn each_kind_of_token_has_its_color() {
        let spans = json_spans("{\"a\\\"<\" : [-1.5e3, true, \"한글\"], x: nul, \"open\n}");
        for expected in [
            Span::new("tok-key", "\"a\\\"<\""),
            Span::new("tok-number", "-1.5e3"),
            Span::new("tok-constant", "true"),
            Span::new("tok-string", "\"한글\""),
            Span::plain("], x: nul, "),
            Span::new("tok-string", "\"open"),
            Span::plain("\n}"),
        ] {
            assert!(spans.contains(&expected), "{expected:?} in {spans:?}");
        }
    }

    proptest! {
        #[test]
        fn text_of_all_spans_is_the_whole_text(
            pieces in prop::collection::vec(prop_oneof![".{0,6}", "[\\[\\]{}:,\"\\\\\n <&'-]{0,6}", "[0-9.eE+-]{1,5}", "true|null|<b>"], 0..12),
        ) {
            let written = pieces.concat();
            let text: String = json_spans(&written).into_iter().map(|span| span.text).collect();
            prop_assert_eq!(text, written);
        }
    }
}
