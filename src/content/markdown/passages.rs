//! Collects the plain text of the passages of a lesson while its Markdown is read.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::content::lesson::Passage;

/// The greatest level of the headings at which a passage begins.
const LEVEL_MAX: u8 = 3;

/// The passages that were read so far; the last one is open.
pub(super) struct PassageTexts {
    passages: Vec<Passage>,
}

impl Default for PassageTexts {
    /// Begins with the passage before the first heading.
    fn default() -> PassageTexts {
        PassageTexts {
            passages: vec![Passage::default()],
        }
    }
}

impl PassageTexts {
    /// Begins a passage at a heading, or adds the text of a heading of a lower level to the open passage.
    pub(super) fn add_heading(&mut self, level: u8, id: &str, text: &str) {
        if level > LEVEL_MAX {
            return self.add_block(text);
        }
        self.passages.push(Passage {
            id: id.to_owned(),
            heading: text.to_owned(),
            text: String::new(),
        });
    }

    /// Adds a text that is a block of its own.
    pub(super) fn add_block(&mut self, text: &str) {
        self.end_line();
        self.add(text.trim());
        self.end_line();
    }

    /// Adds a part of the text of a block.
    pub(super) fn add(&mut self, text: &str) {
        self.open().text.push_str(text);
    }

    /// Separates what follows from the text before it when an event begins or ends a block or a line.
    pub(super) fn separate(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) if !is_inline(tag) => self.end_line(),
            Event::End(tag) if !is_inline_end(*tag) => self.end_line(),
            Event::SoftBreak | Event::HardBreak => self.add(" "),
            _ => {}
        }
    }

    /// Returns the passages.
    pub(super) fn finish(self) -> Vec<Passage> {
        let trimmed = |passage: Passage| Passage {
            text: passage.text.trim().to_owned(),
            ..passage
        };
        self.passages.into_iter().map(trimmed).collect()
    }

    fn end_line(&mut self) {
        let text = &mut self.open().text;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }

    fn open(&mut self) -> &mut Passage {
        self.passages.last_mut().expect("there is always a passage")
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    is_inline_end(tag.to_end())
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}
