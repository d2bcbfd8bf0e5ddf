//! Finds the matches of a query in a text as it was written.

use std::ops::Range;

use crate::search::query::Phrase;
use crate::search::token::{SearchToken, tokenize};

/// A match of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The bytes of the text.
    pub(super) range: Range<usize>,
    /// The index of the phrase.
    pub(super) phrase: usize,
}

/// Returns the matches of phrases in a text, in the order of the text. Matches may overlap.
pub(super) fn find_marks(text: &str, phrases: &[Phrase]) -> Vec<Mark> {
    let tokens = tokenize(text);
    let mut marks = Vec::new();
    for at in 0..tokens.len() {
        for (phrase, wanted) in phrases.iter().enumerate() {
            let range = match_at(text, &tokens[at..], wanted);
            marks.extend(range.map(|range| Mark { range, phrase }));
        }
    }
    marks
}

/// Returns the bytes of a phrase that begins with the first of these tokens.
fn match_at(text: &str, tokens: &[SearchToken], phrase: &Phrase) -> Option<Range<usize>> {
    let found = tokens.get(..phrase.tokens.len())?;
    let (last, before) = phrase.tokens.split_last()?;
    let (last_found, before_found) = found.split_last()?;
    let is_equal = |(found, wanted): (&SearchToken, &String)| found.text == *wanted;
    if !before_found.iter().zip(before).all(is_equal) {
        return None;
    }
    let end = match phrase.is_prefix {
        false if last_found.text == *last => last_found.range.end,
        true if last_found.text.starts_with(last.as_str()) => {
            let rest = &text[last_found.range.clone()];
            let length = rest.char_indices().nth(last.chars().count());
            length.map_or(last_found.range.end, |(at, _)| last_found.range.start + at)
        }
        _ => return None,
    };
    Some(found.first()?.range.start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::query::SearchQuery;

    fn marked<'a>(text: &'a str, query: &str) -> Vec<&'a str> {
        let marks = find_marks(text, &SearchQuery::parse(query).phrases());
        marks.into_iter().map(|mark| &text[mark.range]).collect()
    }

    #[test]
    fn match_is_a_part_of_the_text_as_written() {
        assert_eq!(marked("다시 재인증이 필요합니다", "인증"), ["인증"]);
        assert_eq!(marked("`Flask`에서는", "flask"), ["Flask", "Flask"]);
        assert_eq!(marked("요청 본문을", "요청 본문"), ["요청", "본문"]);
        let apart = ["요청 본문", "요청", "본문"];
        assert_eq!(marked("요청 본문을", "요청본문"), apart);
        assert_eq!(marked("오류와", "오류를"), ["오류"]);
    }

    #[test]
    fn only_the_beginning_of_a_word_that_was_searched_for_is_marked() {
        assert_eq!(marked("기본값을 둡니다", "값"), ["값"]);
        assert_eq!(marked("Authentication", "auth"), ["Auth"]);
    }
}
