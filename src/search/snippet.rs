//! The part of a text around the matches of a query, with the matches marked.

use std::ops::Range;

use crate::search::mark::{Mark, find_marks};
use crate::search::query::Phrase;
use crate::search::token::is_hangul;

/// The length of a snippet, in columns. A Korean syllable takes two.
const WIDTH: usize = 180;

/// The columns before the first match.
const LEAD: usize = 40;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPart {
    /// The text.
    pub text: String,
    /// Whether it matches the query.
    pub is_match: bool,
}

/// Returns a whole text with its matches.
pub(super) fn mark_all(text: &str, phrases: &[Phrase]) -> Vec<TextPart> {
    parts(text, 0..text.len(), &find_marks(text, phrases))
}

/// Returns the part of a text with the most different matches; its beginning when there is no match.
pub(super) fn snippet(text: &str, phrases: &[Phrase]) -> Vec<TextPart> {
    let marks = find_marks(text, phrases);
    let range = snippet_range(text, &marks);
    let (is_cut_before, is_cut_after) = (range.start > 0, range.end < text.len());
    let mut parts = parts(text, range, &marks);
    let ellipsis = || TextPart {
        text: "…".to_owned(),
        is_match: false,
    };
    if is_cut_before {
        parts.insert(0, ellipsis());
    }
    if is_cut_after {
        parts.push(ellipsis());
    }
    parts
}

/// Returns the bytes of the snippet, from the beginning of a word to the end of a word.
fn snippet_range(text: &str, marks: &[Mark]) -> Range<usize> {
    let first = best_mark(text, marks).map_or(0, |mark| mark.range.start);
    let before = text[..first].char_indices().rev();
    let lead = take_columns(before, LEAD).unwrap_or(first);
    let lead = if first == 0 { 0 } else { lead };
    let start = match text[lead..first].find(char::is_whitespace) {
        Some(at) if lead > 0 => lead + at + 1,
        _ => lead,
    };
    let after = text[start..].char_indices();
    let after = after.map(|(at, c)| (start + at, c));
    let Some(last) = take_columns(after, WIDTH) else {
        return 0..0;
    };
    let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
    if end == text.len() {
        return start..end;
    }
    let cut = text[start..end].rfind(char::is_whitespace);
    match cut {
        // A word that is as long as the snippet is cut.
        Some(at) if start + at > first => start..start + at,
        _ => start..end,
    }
}

/// Returns the position of the last character that fits into these columns; the first one always does.
fn take_columns(chars: impl Iterator<Item = (usize, char)>, columns: usize) -> Option<usize> {
    let mut used = 0;
    let mut last = None;
    for (at, c) in chars {
        used += if is_hangul(c) { 2 } else { 1 };
        if used > columns && last.is_some() {
            break;
        }
        last = Some(at);
    }
    last
}

/// Returns the match that is followed by the most different matches within a snippet.
fn best_mark<'a>(text: &str, marks: &'a [Mark]) -> Option<&'a Mark> {
    let mut best: Option<(&Mark, usize)> = None;
    for (at, mark) in marks.iter().enumerate() {
        let rest = text[mark.range.start..].char_indices();
        let end = mark.range.start + take_columns(rest, WIDTH - LEAD).unwrap_or(0);
        let within = marks[at..]
            .iter()
            .take_while(|other| other.range.start <= end);
        let mut phrases: Vec<usize> = within.map(|other| other.phrase).collect();
        phrases.sort_unstable();
        phrases.dedup();
        if best.is_none_or(|(_, count)| phrases.len() > count) {
            best = Some((mark, phrases.len()));
        }
    }
    best.map(|(mark, _)| mark)
}

/// Splits a part of a text at the borders of its matches. Overlapping matches become one.
fn parts(text: &str, range: Range<usize>, marks: &[Mark]) -> Vec<TextPart> {
    let mut parts: Vec<TextPart> = Vec::new();
    let mut add = |range: Range<usize>, is_match: bool| {
        if !range.is_empty() {
            parts.push(TextPart {
                text: text[range].to_owned(),
                is_match,
            });
        }
    };
    let mut merged: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let start = mark.range.start.max(range.start);
        let end = mark.range.end.min(range.end);
        match merged.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ if start < end => merged.push(start..end),
            _ => {}
        }
    }
    let mut at = range.start;
    for mark in merged {
        add(at..mark.start, false);
        at = mark.end;
        add(mark, true);
    }
    add(at..range.end, false);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::query::SearchQuery;

    /// Returns the snippet with brackets around its matches.
    fn shown(text: &str, query: &str) -> String {
        let parts = snippet(text, &SearchQuery::parse(query).phrases());
        let part = |part: TextPart| match part.is_match {
            true => format!("[{}]", part.text),
            false => part.text,
        };
        parts.into_iter().map(part).collect()
    }

    #[test]
    fn short_text_is_shown_as_a_whole() {
        assert_eq!(shown("재인증은 Flask에서", "인증"), "재[인증]은 Flask에서");
        assert_eq!(shown("재인증", "없음"), "재인증");
        assert_eq!(shown("", "인증"), "");
    }

    #[test]
    fn overlapping_matches_are_one() {
        assert_eq!(shown("authentication", "auth authent"), "[authent]ication");
    }

    #[test]
    fn long_text_is_cut_at_words_around_most_matches() {
        let filler = "lorem ipsum ".repeat(60);
        let text = format!("{filler} error {filler} the error is 401 here {filler}");
        let shown = shown(&text, "error 401");
        assert!(shown.starts_with("…") && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("the [error] is [401] here"), "{shown}");
        assert!(shown.chars().count() < WIDTH + 10, "{shown}");
        for word in shown.trim_matches('…').split_whitespace() {
            let known = ["lorem", "ipsum", "the", "[error]", "is", "[401]", "here"];
            assert!(known.contains(&word), "{word}: {shown}");
        }
    }

    #[test]
    fn word_longer_than_a_snippet_is_cut() {
        let shown = shown(&"가".repeat(1000), "가나");
        assert_eq!(shown.chars().count(), WIDTH / 2 + 1, "{shown}");
    }

    proptest! {
        #[test]
        fn snippet_is_a_part_of_the_text(text in "[가-힣a-c .\n]{0,400}", query in "[가-힣a-c ]{0,6}") {
            let parts = snippet(&text, &SearchQuery::parse(&query).phrases());
            let shown: String = parts.into_iter().map(|part| part.text).collect();
            prop_assert!(text.contains(shown.trim_matches('…')));
        }
    }
}
