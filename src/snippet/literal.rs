//! String literals of languages with backslash escapes: Python, JavaScript, Rust.

/// The form of a Unicode escape.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Escapes {
    /// `\u001b`: Python and JavaScript.
    Digits,
    /// `\u{1b}`: Rust.
    Braces,
}

/// Writes `text` between `quote`s. Escapes the backslash, the character of the quote, and invisible
/// characters: control characters, marks that change the writing direction, line and paragraph separators
/// (U+2028, U+2029) and U+FEFF. Line feeds and tabs are not escaped, so a text with line feeds needs a `quote`
/// whose literals may span several lines.
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
            // `${` begins an expression in a JavaScript template literal.
            '$' if quote == "`" && text[at..].starts_with("${") => out.push_str("\\$"),
            _ if is_invisible(character) => escape(character, escapes, out),
            _ => out.push(character),
        }
    }
    out.push_str(quote);
}

/// Returns whether a character is invisible in source code.
pub(super) fn is_invisible(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Writes the escape of an invisible character. Four digits suffice, because all of them are at most U+FFFF.
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

/// Returns the lowest four bits as a hexadecimal digit.
pub(super) fn hex(bits: u32) -> char {
    char::from_digit(bits & 15, 16).expect("four bits are a hexadecimal digit")
}

#[cfg(test)]
mod tests {
    use crate::snippet::literal::*;

    #[test]
    fn special_and_invisible_characters_are_escaped() {
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
