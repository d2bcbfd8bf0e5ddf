//! Repairs emphasis beside Hangul.
//!
//! CommonMark decides from the neighbouring characters whether `**` can open or close: after
//! punctuation it cannot close when a letter follows. Korean particles follow without a space
//! (`**"오류"**를`), so such an emphasis would show its asterisks. A punctuation mark between the two
//! makes the parser accept the delimiter; the mark is removed from the parser's events afterwards.
//!
//! Where delimiters are is taken from the parser's own events and offsets, so that code, links and
//! raw HTML are never touched.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// Rare punctuation marks; the first that does not occur in the text is used as the mark.
const MARKS: [char; 4] = ['\u{205C}', '\u{205B}', '\u{205D}', '\u{205E}'];

/// A text with marks inserted beside delimiters.
pub(super) struct RepairedText<'a> {
    /// The text for the parser.
    pub(super) text: Cow<'a, str>,
    /// The inserted mark; `None` when the text is unchanged.
    mark: Option<char>,
}

impl RepairedText<'_> {
    /// Removes the marks from a text event of the parser.
    pub(super) fn remove_emphasis_repair<'b>(&self, text: CowStr<'b>) -> CowStr<'b> {
        match self.mark {
            Some(mark) if text.contains(mark) => text.replace(mark, "").into(),
            _ => text,
        }
    }
}

/// Inserts a mark beside each delimiter that without it would neither open nor close emphasis beside Hangul.
pub(super) fn repair_emphasis(text: &str, options: Options) -> RepairedText<'_> {
    let unchanged = RepairedText {
        text: Cow::Borrowed(text),
        mark: None,
    };
    let Some(mark) = MARKS.into_iter().find(|mark| !text.contains(*mark)) else {
        return unchanged;
    };
    let mut offsets = mark_offsets(text, options);
    if offsets.is_empty() {
        return unchanged;
    }
    offsets.sort_unstable();
    let mut repaired = String::with_capacity(text.len() + offsets.len() * mark.len_utf8());
    let mut at = 0;
    for offset in offsets {
        repaired.push_str(&text[at..offset]);
        repaired.push(mark);
        at = offset;
    }
    repaired.push_str(&text[at..]);
    RepairedText {
        text: Cow::Owned(repaired),
        mark: Some(mark),
    }
}

/// A delimiter run that may still be closed, or the start of a link.
enum OpenDelimiter {
    Run {
        delimiter: char,
        length: usize,
        /// The offset at which a mark is needed for the run to open.
        mark: Option<usize>,
    },
    Link,
}

/// Pairs the delimiter runs of equal kind and length, in the order of the text.
struct Pairing<'a> {
    text: &'a str,
    open: Vec<OpenDelimiter>,
    /// The number of open runs by kind (asterisks, tildes) and length (1 to 3).
    open_runs: [[usize; 4]; 2],
    /// The current run: the offsets of its start and its end (exclusive).
    run: Option<(usize, usize)>,
    mark_offsets: Vec<usize>,
}

/// Returns the offsets at which marks are needed.
fn mark_offsets(text: &str, options: Options) -> Vec<usize> {
    let mut pairing = Pairing {
        text,
        open: Vec::new(),
        open_runs: Default::default(),
        run: None,
        mark_offsets: Vec::new(),
    };
    // Counts links whose text is also their label: a mark in the text would change the label, so that it
    // would no longer match its definition.
    let mut fixed_links = 0_usize;
    let mut in_code = false;
    let mut read = 0;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Emphasis) => pairing.delimiter(range.start, range.start + 1),
            Event::Start(Tag::Strong) => pairing.delimiter(range.start, range.start + 2),
            Event::Start(Tag::Strikethrough) => {
                pairing.delimiter(range.start, range.start + tildes(&text[range.clone()]))
            }
            Event::End(TagEnd::Emphasis) => pairing.delimiter(range.end - 1, range.end),
            Event::End(TagEnd::Strong) => pairing.delimiter(range.end - 2, range.end),
            Event::End(TagEnd::Strikethrough) => {
                pairing.delimiter(range.end - tildes(&text[range.clone()]), range.end)
            }
            Event::Start(Tag::Link { link_type, .. } | Tag::Image { link_type, .. }) => {
                let is_fixed = !matches!(link_type, LinkType::Inline | LinkType::Reference);
                fixed_links += usize::from(is_fixed || fixed_links > 0);
                pairing.enter_link();
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                fixed_links = fixed_links.saturating_sub(1);
                pairing.leave_link();
            }
            Event::Text(_) if !in_code && fixed_links == 0 => {
                let is_escaped = is_escaped(text, range.start, read);
                let skipped = usize::from(is_escaped);
                let literal = text[range.clone()].char_indices().skip(skipped);
                for (at, _) in literal.filter(|(_, c)| matches!(c, '*' | '~')) {
                    pairing.delimiter(range.start + at, range.start + at + 1);
                }
                read = range.end;
            }
            Event::Start(_) | Event::End(_) => pairing.finish_block(),
            _ => read = read.max(range.end),
        }
    }
    pairing.finish_block();
    pairing.mark_offsets
}

/// Returns whether the character at `at` is escaped by a backslash. A backslash escapes when it is not
/// itself part of the preceding text event, which ended at `read`.
pub(super) fn is_escaped(text: &str, at: usize, read: usize) -> bool {
    at > read && text[..at].ends_with('\\')
}

/// Returns the number of tildes that delimit a strikethrough, 1 or 2.
fn tildes(text: &str) -> usize {
    1 + usize::from(text.starts_with("~~"))
}

impl Pairing<'_> {
    /// Extends the current run by an adjacent delimiter of the same character, or begins a new run.
    fn delimiter(&mut self, start: usize, end: usize) {
        match &mut self.run {
            Some((first, last))
                if *last == start
                    && self.text.as_bytes()[*first] == self.text.as_bytes()[start] =>
            {
                *last = end
            }
            _ => {
                self.finish_run();
                self.run = Some((start, end));
            }
        }
    }

    fn finish_run(&mut self) {
        let Some((start, end)) = self.run.take() else {
            return;
        };
        let length = end - start;
        let delimiter = char::from(self.text.as_bytes()[start]);
        let before = self.text[..start].chars().next_back().unwrap_or(' ');
        let after = self.text[end..].chars().next().unwrap_or(' ');
        if !matches!(delimiter, '*' | '~') || length > 3 {
            return;
        }
        let opens = !after.is_whitespace() && (!is_punctuation(after) || !before.is_alphanumeric());
        let closes =
            !before.is_whitespace() && (!is_punctuation(before) || !after.is_alphanumeric());
        let opens_with_mark = is_hangul(before) && is_punctuation(after);
        let closes_with_mark = is_punctuation(before) && is_hangul(after);
        let kind = (usize::from(delimiter == '~'), length);
        if (closes || closes_with_mark) && self.close(kind) {
            if !closes {
                self.mark_offsets.push(end);
            }
        } else if opens || opens_with_mark {
            self.open_runs[kind.0][kind.1] += 1;
            self.open.push(OpenDelimiter::Run {
                delimiter,
                length,
                mark: (!opens).then_some(start),
            });
        }
    }

    /// Closes the last open run of this kind and length; returns false when there is none inside the link.
    fn close(&mut self, (kind, length): (usize, usize)) -> bool {
        if self.open_runs[kind][length] == 0 {
            return false;
        }
        let is_match = |open: &OpenDelimiter| match open {
            OpenDelimiter::Link => true,
            OpenDelimiter::Run {
                delimiter,
                length: of,
                ..
            } => usize::from(*delimiter == '~') == kind && *of == length,
        };
        let Some(at) = self.open.iter().rposition(is_match) else {
            return false;
        };
        if matches!(self.open[at], OpenDelimiter::Link) {
            return false;
        }
        let mark = match &self.open[at] {
            OpenDelimiter::Run { mark, .. } => *mark,
            OpenDelimiter::Link => None,
        };
        self.mark_offsets.extend(mark);
        self.discard_from(at);
        true
    }

    /// Removes the open runs and links from this index on.
    fn discard_from(&mut self, from: usize) {
        for open in self.open.drain(from..) {
            if let OpenDelimiter::Run {
                delimiter, length, ..
            } = open
            {
                self.open_runs[usize::from(delimiter == '~')][length] -= 1;
            }
        }
    }

    fn enter_link(&mut self) {
        self.finish_run();
        self.open.push(OpenDelimiter::Link);
    }

    fn leave_link(&mut self) {
        self.finish_run();
        let link = self
            .open
            .iter()
            .rposition(|open| matches!(open, OpenDelimiter::Link));
        self.discard_from(link.unwrap_or_default());
    }

    fn finish_block(&mut self) {
        self.finish_run();
        self.discard_from(0);
    }
}

/// Returns whether CommonMark treats a character as punctuation (an approximation).
fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣' | '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPTIONS: Options = crate::content::markdown::OPTIONS;

    fn html(markdown: &str) -> String {
        let repaired = repair_emphasis(markdown, OPTIONS);
        let events = Parser::new_ext(&repaired.text, OPTIONS).map(|event| match event {
            Event::Text(text) => Event::Text(repaired.remove_emphasis_repair(text)),
            other => other,
        });
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, events);
        html
    }

    fn check(markdown: &str, expected: &str) {
        assert_eq!(html(markdown), format!("<p>{expected}</p>\n"), "{markdown}");
    }

    #[test]
    fn emphasis_beside_hangul_is_rendered() {
        check("**`GET`**은", "<strong><code>GET</code></strong>은");
        check(
            "**JWT(JSON Web Token)**는",
            "<strong>JWT(JSON Web Token)</strong>는",
        );
        check("**\"오류\"**를", "<strong>\"오류\"</strong>를");
        check(
            "**[링크](/a)**를",
            "<strong><a href=\"/a\">링크</a></strong>를",
        );
        check(
            "이것은**`PUT`**과",
            "이것은<strong><code>PUT</code></strong>과",
        );
        check(
            "**굵게** 그리고 **(다시)**는",
            "<strong>굵게</strong> 그리고 <strong>(다시)</strong>는",
        );
        check("*\"x\"*를", "<em>\"x\"</em>를");
        check("~~\"x\"~~를", "<del>\"x\"</del>를");
        check("***\"x\"***를", "<em><strong>\"x\"</strong></em>를");
        check(
            "[**\"x\"**를](/a)",
            "<a href=\"/a\"><strong>\"x\"</strong>를</a>",
        );
        check(
            "**\"a\"**는 (나**다**)",
            "<strong>\"a\"</strong>는 (나<strong>다</strong>)",
        );
    }

    #[test]
    fn text_before_emphasis_does_not_prevent_its_repair() {
        let repaired = "<strong>\"오류\"</strong>를";
        check("a ** b, **\"오류\"**를", &format!("a ** b, {repaired}"));
        check(
            "*\"x\"*를 **\"오류\"**를",
            &format!("<em>\"x\"</em>를 {repaired}"),
        );
        check(
            "~~\"x\"~~를 **\"오류\"**를",
            &format!("<del>\"x\"</del>를 {repaired}"),
        );
        check(
            "```x``` 뒤에 **\"오류\"**를\n**\"오류\"**를",
            &format!("<code>x</code> 뒤에 {repaired}\n{repaired}"),
        );
        check(
            "`**` **\"오류\"**를",
            &format!("<code>**</code> {repaired}"),
        );
        check("\\*\\* **\"오류\"**를", &format!("** {repaired}"));
    }

    #[test]
    fn code_links_and_text_without_the_pattern_are_unchanged() {
        for text in [
            "`**\"a\"**를`",
            "```\n**\"a\"**를\n```\n",
            "````md\n```\n**\"a\"**를\n```\n**\"b\"**를\n````\n",
            "앞 `두 줄\n**\"a\"**를` 뒤",
            "    **\"a\"**를\n",
            "a ** b",
            "**a** b",
            "\\**\"a\"**",
            "\\*\\*\"a\"\\*\\*를",
            "한 줄\n\n- 둘\n",
            "**\"a\n\nb\"**를",
            "[**\"a\"**를]\n\n[**\"a\"**를]: /a\n",
            "<https://example.com/**\"a\"**를>",
            "**\"a\"**b",
        ] {
            assert_eq!(repair_emphasis(text, OPTIONS).text, text);
        }
    }

    /// Returns the texts of inline code and code blocks, in order.
    fn code(text: &str) -> Vec<String> {
        let mut inside = false;
        let mut found = Vec::new();
        for event in Parser::new_ext(text, OPTIONS) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => inside = true,
                Event::End(TagEnd::CodeBlock) => inside = false,
                Event::Code(text) => found.push(text.to_string()),
                Event::Text(text) if inside => found.push(text.to_string()),
                _ => {}
            }
        }
        found
    }

    proptest! {
        #[test]
        fn only_marks_are_added_and_never_to_code(
            pieces in proptest::collection::vec(
                prop::sample::select(vec![
                    "**", "*", "~~", "~", "`", "``", "```", "````", "\n", "\n\n", " ", "    ", "\"", "(", ")", "가", "를",
                    "a", "[", "](/a)", "]", "<b>", "<!--", "-->", "\\", "> ", "- ", "|", "# ", "[^a]", "_", "!",
                ]),
                0..40,
            )
        ) {
            let text = pieces.concat();
            let repaired = repair_emphasis(&text, OPTIONS);
            prop_assert_eq!(repaired.remove_emphasis_repair(repaired.text.to_string().into()).to_string(), text.clone());
            prop_assert_eq!(code(&repaired.text), code(&text));
        }

        #[test]
        fn text_without_hangul_beside_a_delimiter_is_unchanged(text in "[a-z*~`\"() \n\\\\\\[\\]]{0,60}") {
            prop_assert_eq!(repair_emphasis(&text, OPTIONS).text, text.clone());
        }
    }
}
