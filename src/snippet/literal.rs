//! Texts in quotes for languages with backslash escapes: Python, JavaScript, Rust.

/// How a language writes what cannot stand in a literal as it is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Escapes {
    /// `\u001b`: Python and JavaScript.
    Digits,
    /// `\u{1b}`: Rust.
    Braces,
}

/// Writes `text` between `quote`s. Backslash and the quote's own character are escaped, and so is what
/// a reader could not see: controls, and marks that turn the direction of writing around. Line feeds
/// and tabs stay, so `quote` is one that may span lines if the text does.
pub(super) fn literal(text: &str, quote: &str, escapes: Escapes, out: &mut String) {
    out.push_str(quote);
    for (at, character) in text.char_indices() {
        match character {
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            _ if quote.starts_with(character) => {
                out.push('\\');
                out.push(character);
            }
            // The beginning of an expression in a template of JavaScript.
            '$' if quote == "`" && text[at..].starts_with("${") => out.push_str("\\$"),
            _ if is_invisible(character) => escape(character, escapes, out),
            _ => out.push(character),
        }
    }
    out.push_str(quote);
}

/// Whether a character cannot stand in source code for all to see.
pub(super) fn is_invisible(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// All that [`is_invisible`] has four hexadecimal digits at most.
fn escape(character: char, escapes: Escapes, out: &mut String) {
    out.push_str(if escapes == Escapes::Braces {
        "\\u{"
    } else {
        "\\u"
    });
    for shift in [12, 8, 4, 0] {
        out.push(hex(character as u32 >> shift));
    }
    if escapes == Escapes::Braces {
        out.push('}');
    }
}

/// The lowest four bits as a digit.
pub(super) fn hex(bits: u32) -> char {
    char::from_digit(bits & 15, 16).expect("four bits are a hexadecimal digit")
}

#[cfg(test)]
mod tests {
    use crate::snippet::literal::*;

    #[test]
    fn what_means_something_is_escaped() {
        fn check(text: &str, quote: &str, expected: &str) {
            let mut out = String::new();
            let escapes = if quote == "\"" {
                Escapes::Braces
            } else {
                Escapes::Digits
            };
            literal(text, quote, escapes, &mut out);
            assert_eq!(out, expected);
        }
        check("", "'", "''");
        check("a\"b", "'", "'a\"b'");
        check("it's \\ $x ${y} `z`", "'", "'it\\'s \\\\ $x ${y} `z`'");
        check("$1 ${y} `z`\n'", "`", "`$1 \\${y} \\`z\\`\n'`");
        check("'''\n", "'''", "'''\\'\\'\\'\n'''");
        check(
            "a\"\r\0\u{202e}한😀",
            "\"",
            "\"a\\\"\\r\\u{0000}\\u{202e}한😀\"",
        );
        check("\u{1b}\u{85}\u{feff}\t", "'", "'\\u001b\\u0085\\ufeff\t'");
    }
}
