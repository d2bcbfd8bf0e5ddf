//! The log: one line an event, whatever the values in it are.

use std::io::{self, Write};

/// Writes each event on one line, with all control characters in it escaped: a value that comes from a
/// client or a database cannot begin a line of its own or change a terminal.
#[derive(Debug)]
pub(super) struct EscapedLines<W>(pub(super) W);

impl<W: Write> Write for EscapedLines<W> {
    /// Takes the whole event: the formatter writes each with one call.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let mut escaped = String::with_capacity(text.len());
        for character in line.chars() {
            match is_control(character) {
                true => escaped.extend(character.escape_unicode()),
                false => escaped.push(character),
            }
        }
        escaped.push('\n');
        self.0.write_all(escaped.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Control characters, line separators, and what changes the direction of text.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn event_with_control_characters_is_one_line() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || EscapedLines(writer.clone()))
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let value = "a\n2027-01-15 ERROR forged\r\u{1b}[31m\u{9b}\u{202e}하나";
            tracing::warn!(cause = %value, debugged = ?value, "first: {value}");
            tracing::warn!("second");
        });
        let log = String::from_utf8(buffer.0.lock().expect("not poisoned").clone());
        let log = log.expect("UTF-8");
        assert_eq!(log.lines().count(), 2, "{log}");
        assert!(
            log.contains("a\\u{a}2027-01-15 ERROR forged\\u{d}"),
            "{log}"
        );
        assert!(log.contains("하나"), "{log}");
        assert!(!log.replace('\n', "").contains(is_control), "{log}");
    }
}
