//! The words of a command line, as bash reads them: quotes, escapes, line continuations and operators. Nothing is
//! expanded: `$HOME` and `$(id)` stay as they are written.

use std::iter::Peekable;
use std::str::Chars;

/// Returns the commands of a text, each as its words.
pub(super) fn commands(text: &str) -> Vec<Vec<String>> {
    let mut reader = WordReader {
        characters: text.chars().peekable(),
        commands: vec![Vec::new()],
        word: None,
        is_redirected: false,
    };
    reader.read();
    let mut commands = reader.commands;
    commands.retain(|command| !command.is_empty());
    commands
}

struct WordReader<'t> {
    characters: Peekable<Chars<'t>>,
    commands: Vec<Vec<String>>,
    /// The word that is being read; an empty one for `''`.
    word: Option<String>,
    /// Whether the next word is the file of a redirection.
    is_redirected: bool,
}

impl WordReader<'_> {
    fn read(&mut self) {
        while let Some(character) = self.characters.next() {
            match character {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' | ';' | '&' | '|' => {
                    self.end_word();
                    self.commands.push(Vec::new());
                }
                '>' | '<' => {
                    // A number before it is a file descriptor.
                    if let Some(word) = self.word.take()
                        && !word.bytes().all(|byte| byte.is_ascii_digit())
                    {
                        self.word = Some(word);
                        self.end_word();
                    }
                    self.is_redirected = true;
                }
                '#' if self.word.is_none() => {
                    while self.characters.next_if(|next| *next != '\n').is_some() {}
                }
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' if self.characters.next_if_eq(&'\'').is_some() => self.ansi_quoted(),
                '\\' => self.escaped(),
                character => self.push(character),
            }
        }
        self.end_word();
    }

    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_redirected)
            && let Some(command) = self.commands.last_mut()
        {
            command.push(word);
        }
    }

    /// Reads what follows a backslash outside of quotes.
    fn escaped(&mut self) {
        self.characters.next_if_eq(&'\r');
        match self.characters.next() {
            None | Some('\n') => {}
            // A field of one line has lost the line break of a continuation.
            Some(' ' | '\t') if self.word.is_none() => {}
            Some(character) => self.push(character),
        }
    }

    fn single_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(character) = self.characters.next()
            && character != '\''
        {
            self.push(character);
        }
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(character) = self.characters.next()
            && character != '"'
        {
            if character != '\\' {
                self.push(character);
                continue;
            }
            match self.characters.next() {
                None | Some('\n') => {}
                Some(next) => {
                    if !matches!(next, '"' | '\\' | '$' | '`') {
                        self.push('\\');
                    }
                    self.push(next);
                }
            }
        }
    }

    /// Reads `$'…'`, in which a backslash begins an escape as in C.
    fn ansi_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(character) = self.characters.next()
            && character != '\''
        {
            if character != '\\' {
                self.push(character);
                continue;
            }
            let Some(next) = self.characters.next() else {
                return;
            };
            let code = match next {
                'n' => Some(0x0a),
                't' => Some(0x09),
                'r' => Some(0x0d),
                'a' => Some(0x07),
                'b' => Some(0x08),
                'f' => Some(0x0c),
                'v' => Some(0x0b),
                'e' | 'E' => Some(0x1b),
                'x' => self.number(None, 16, 2),
                'u' => self.number(None, 16, 4),
                'U' => self.number(None, 16, 8),
                '0'..='7' => self.number(next.to_digit(8), 8, 2),
                _ => Some(u32::from(next)),
            };
            if let Some(character) = code.and_then(char::from_u32) {
                self.push(character);
            }
        }
    }

    /// Reads at most `length` digits of a number that begins with `value`.
    fn number(&mut self, mut value: Option<u32>, radix: u32, length: usize) -> Option<u32> {
        for _ in 0..length {
            let digit = self.characters.peek().and_then(|next| next.to_digit(radix));
            let Some(digit) = digit else { break };
            self.characters.next();
            value = Some(value.unwrap_or(0).wrapping_mul(radix).wrapping_add(digit));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_bash() {
        fn check(text: &str, expected: &[&[&str]]) {
            assert_eq!(commands(text), expected, "{text:?}");
        }
        check("", &[]);
        check("  a  b\tc ", &[&["a", "b", "c"]]);
        check(
            "a 'b c' \"d e\" f'g'\"h\"i",
            &[&["a", "b c", "d e", "fghi"]],
        );
        check("a '' \"\"", &[&["a", "", ""]]);
        check(
            r#"'it'\''s' "a\"b\\c\$d\e" \$x"#,
            &[&["it's", r#"a"b\c$d\e"#, "$x"]],
        );
        check("a \\\n  b \\\r\n c", &[&["a", "b", "c"]]);
        check("a \\  b \\  -H c", &[&["a", "b", "-H", "c"]]);
        check("'한\n글' \"x\\\ny\"", &[&["한\n글", "xy"]]);
        check(
            r"$'a\n\'\x41\u00e9\101\12' $HOME $(id)",
            &[&["a\n'AéA\n", "$HOME", "$(id)"]],
        );
        check("a # b\nc#d", &[&["a"], &["c#d"]]);
        check(
            "a | b && c; d & e",
            &[&["a"], &["b"], &["c"], &["d"], &["e"]],
        );
        check("a > /dev/null b 2>&1", &[&["a", "b"]]);
        check("a 'unfinished b", &[&["a", "unfinished b"]]);
    }
}
