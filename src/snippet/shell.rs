//! Quoting of words and `printf` pipes for a POSIX shell.

use crate::snippet::is_unsafe_in_a_terminal;

/// Writes one word, if required in single quotes, where only the single quote is special.
pub(super) fn word(text: &str, out: &mut String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    out.push('\'');
    for (number, part) in text.split('\'').enumerate() {
        if number > 0 {
            out.push_str("'\\''");
        }
        out.push_str(part);
    }
    out.push('\'');
}

/// Writes `printf … | `, with the format in single quotes and control characters in octal.
pub(super) fn printf(text: &str, out: &mut String) {
    out.push_str("printf '");
    for (at, character) in text.char_indices() {
        match character {
            // A format that begins with a dash would be read as an option.
            '-' if at == 0 => out.push_str("\\055"),
            '\'' => out.push_str("'\\''"),
            '\\' => out.push_str("\\\\"),
            '%' => out.push_str("%%"),
            _ if is_unsafe_in_a_terminal(character) => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    out.push('\\');
                    for shift in [6, 3, 0] {
                        out.push(char::from(b'0' + (byte >> shift & 7)));
                    }
                }
            }
            _ => out.push(character),
        }
    }
    out.push_str("' | ");
}
