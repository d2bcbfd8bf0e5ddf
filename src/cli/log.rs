//! The log on standard error: which lines are written, how many from one place in the program, and
//! their length.
//!
//! A client decides how often a line is written and controls parts of it, so number and length are
//! limited here for all lines of the program.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The default filter, used when `RUST_LOG` is not set. The session layer warns about every expired
/// or invented cookie, which visitors can cause as often as they like.
const DEFAULT_FILTER: &str = "warn,routebook=info,tower_sessions=error,tower_sessions_core=error";

/// The number of lines that one place in the program may write per [`WINDOW`]; further lines are
/// counted and dropped.
const LINE_LIMIT: u32 = 60;
/// The period in which lines are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// The maximum length of a line, in bytes before control characters are escaped.
const LINE_LENGTH_MAX: usize = 4096;

/// What is never logged in more detail, because it would contain whole addresses, and so the secrets of links.
const CSRF_FILTER: &str = "tower_http::csrf=info";

/// Returns the filter of the lines.
pub(super) fn filter() -> EnvFilter {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    filter.add_directive(CSRF_FILTER.parse().expect("a directive"))
}

/// Returns the layer that writes the selected lines to a writer.
pub(super) fn subscriber<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colors are control characters, which are escaped.
        .with_ansi(false)
        .with_writer(LimitedWriter::new(writer))
        .finish()
}

/// A writer of log lines, at most [`LINE_LIMIT`] from one place in a [`WINDOW`].
struct LimitedWriter<W> {
    writer: W,
    callsites: Mutex<HashMap<Identifier, CallsiteCount>>,
}

/// The number of lines that a place in the program has written.
struct CallsiteCount {
    since: Instant,
    lines: u32,
    dropped: u32,
}

impl<W> LimitedWriter<W> {
    fn new(writer: W) -> LimitedWriter<W> {
        LimitedWriter {
            writer,
            callsites: Mutex::default(),
        }
    }

    /// Counts a line. Returns the number of lines dropped before it, or `None` when it must be
    /// dropped too.
    fn admit(&self, callsite: Identifier, now: Instant) -> Option<u32> {
        let mut callsites = self
            .callsites
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = callsites.entry(callsite).or_insert(CallsiteCount {
            since: now,
            lines: 0,
            dropped: 0,
        });
        let mut dropped = 0;
        if now.duration_since(count.since) >= WINDOW {
            dropped = std::mem::take(&mut count.dropped);
            count.since = now;
            count.lines = 0;
        }
        if count.lines == LINE_LIMIT {
            count.dropped = count.dropped.saturating_add(1);
            return None;
        }
        count.lines += 1;
        Some(dropped)
    }
}

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for LimitedWriter<W> {
    type Writer = LineWriter<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        LineWriter(Some((self.writer.make_writer(), 0)))
    }

    fn make_writer_for(&'w self, metadata: &Metadata<'_>) -> Self::Writer {
        let dropped = self.admit(metadata.callsite(), Instant::now());
        LineWriter(dropped.map(|dropped| (self.writer.make_writer_for(metadata), dropped)))
    }
}

/// Writes one line, after a note about lines dropped before it; writes nothing when the line is
/// dropped.
struct LineWriter<W>(Option<(W, u32)>);

impl<W: Write> Write for LineWriter<W> {
    /// Receives one whole line per call, because the formatter writes whole lines.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some((writer, dropped)) = &mut self.0 {
            if *dropped > 0 {
                let count = std::mem::take(dropped);
                writeln!(writer, "{count} lines like the next one were dropped")?;
            }
            writer.write_all(escape_line(line).as_bytes())?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Some((writer, _)) => writer.flush(),
            None => Ok(()),
        }
    }
}

/// Returns a line that is safe for a terminal: truncated, with control characters escaped.
fn escape_line(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let kept = &line[..line.len().min(LINE_LENGTH_MAX)];
    let mut text = String::with_capacity(kept.len() + 1);
    for c in String::from_utf8_lossy(kept).chars() {
        match is_control(c) {
            true => text.extend(c.escape_unicode()),
            false => text.push(c),
        }
    }
    if kept.len() < line.len() {
        text.push('…');
    }
    text.push('\n');
    text
}

/// Returns whether a character is a control character, a line separator, or changes the direction
/// of text.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// A log in memory.
    #[derive(Clone, Default)]
    struct MemoryLog(Arc<Mutex<Vec<u8>>>);

    impl Write for MemoryLog {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns the lines that are written while a closure runs.
    fn lines_logged_by(run: impl FnOnce()) -> Vec<String> {
        let log = MemoryLog::default();
        let writer = log.clone();
        tracing::subscriber::with_default(
            subscriber(EnvFilter::new(DEFAULT_FILTER), move || writer.clone()),
            run,
        );
        let bytes = log.0.lock().expect("no panic").clone();
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn repeated_line_is_written_sixty_times_and_hides_no_other() {
        let lines = lines_logged_by(|| {
            for number in 0..1000 {
                tracing::error!(number, "repeated");
            }
            tracing::error!("another");
        });
        assert_eq!(lines.len(), 61, "{lines:?}");
        assert!(lines[60].contains("another"), "{lines:?}");
    }

    #[test]
    fn line_after_the_window_reports_the_number_of_dropped_lines() {
        let metadata = logged_metadata();
        let writer = LimitedWriter::new(io::sink);
        let begin = Instant::now();
        for _ in 0..LINE_LIMIT {
            assert_eq!(writer.admit(metadata.callsite(), begin), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(writer.admit(metadata.callsite(), begin), None);
        }
        assert_eq!(writer.admit(metadata.callsite(), begin + WINDOW), Some(7));
        assert_eq!(writer.admit(metadata.callsite(), begin + WINDOW), Some(0));

        let log = MemoryLog::default();
        let mut line = LineWriter(Some((log.clone(), 7)));
        line.write_all(b"ERROR again\n").expect("memory");
        assert_eq!(
            String::from_utf8_lossy(&log.0.lock().expect("no panic")),
            "7 lines like the next one were dropped\nERROR again\n"
        );
    }

    /// Returns the metadata of a place in the program.
    fn logged_metadata() -> &'static Metadata<'static> {
        let span = tracing::subscriber::with_default(
            subscriber(EnvFilter::new(DEFAULT_FILTER), io::sink),
            || tracing::error_span!("a place").metadata(),
        );
        span.expect("it is enabled")
    }

    #[test]
    fn event_with_control_characters_is_one_line() {
        let lines = lines_logged_by(|| {
            let value = "a\n2027-01-15 ERROR forged\r\u{1b}[31m\u{9b}\u{202e}하나";
            tracing::warn!(cause = %value, debugged = ?value, "first: {value}");
            tracing::warn!("second");
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].contains("a\\u{a}2027-01-15 ERROR forged\\u{d}"),
            "{lines:?}"
        );
        assert!(lines[0].contains("하나"), "{lines:?}");
        assert!(!lines[0].contains(is_control), "{lines:?}");
    }

    #[test]
    fn long_line_is_truncated() {
        let lines = lines_logged_by(|| tracing::error!("{}", "é".repeat(100_000)));
        let [line] = &*lines else {
            panic!("{} lines", lines.len());
        };
        assert!(
            line.len() < LINE_LENGTH_MAX + 10 && line.ends_with('…'),
            "{}",
            line.len()
        );
    }
}
