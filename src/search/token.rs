//! Splits text into the tokens of the index.
//!
//! Letters and digits of one script are a word; a word is one token in lower case. A word in Hangul becomes its pairs of
//! adjacent syllables, followed by its last syllable, so that each part of a compound is found (`인증` in `재인증`), and each
//! syllable begins a token.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A token and the bytes of the text that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SearchToken {
    /// Letters and digits in lower case, in Unicode Normalization Form C.
    pub(super) text: String,
    /// The bytes of the text.
    pub(super) range: Range<usize>,
}

/// The scripts at whose borders a word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Hangul,
    /// Latin letters and digits.
    Latin,
    Other,
}

/// Splits a text in Unicode Normalization Form C into tokens.
pub(super) fn tokenize(text: &str) -> Vec<SearchToken> {
    let mut tokens = Vec::new();
    let mut word = 0..0;
    let mut script = None;
    for (at, c) in text.char_indices() {
        // A mark that has no composed form with its letter belongs to the word.
        let found = if is_combining_mark(c) {
            script
        } else {
            script_of(c)
        };
        if found != script {
            add_word(text, word, script, &mut tokens);
            word = at..at;
            script = found;
        }
        word.end = at + c.len_utf8();
    }
    add_word(text, word, script, &mut tokens);
    tokens
}

/// Returns the tokens of a text in one string, separated by spaces.
pub(super) fn joined_tokens(text: &str) -> String {
    let tokens: Vec<String> = tokenize(text).into_iter().map(|token| token.text).collect();
    tokens.join(" ")
}

/// Returns whether a character is Korean.
pub(super) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}')
}

fn script_of(c: char) -> Option<Script> {
    match c {
        c if !c.is_alphanumeric() => None,
        c if is_hangul(c) => Some(Script::Hangul),
        '\0'..='\u{24F}' => Some(Script::Latin),
        _ => Some(Script::Other),
    }
}

fn add_word(text: &str, word: Range<usize>, script: Option<Script>, tokens: &mut Vec<SearchToken>) {
    let Some(script) = script else { return };
    let token = |range: Range<usize>| SearchToken {
        text: fold(&text[range.clone()]),
        range,
    };
    if script != Script::Hangul {
        return tokens.push(token(word));
    }
    let letters = text[word.clone()].char_indices();
    let letters = letters.filter(|(_, c)| !is_combining_mark(*c));
    let starts: Vec<usize> = letters.map(|(at, _)| word.start + at).collect();
    let end_of = |at: usize| starts.get(at).copied().unwrap_or(word.end);
    for (at, start) in starts.iter().enumerate() {
        // The last syllable has no pair and is a token by itself.
        tokens.push(token(*start..end_of(at + 2)));
    }
}

/// Returns a text in lower case. It is normalized again, because some letters have no lower case of one character.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokenize(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_in_hangul_become_pairs_of_syllables_and_the_last_syllable() {
        assert_eq!(texts("재인증"), ["재인", "인증", "증"]);
        assert_eq!(texts("값"), ["값"]);
        assert_eq!(texts("요청 본문"), ["요청", "청", "본문", "문"]);
    }

    #[test]
    fn words_end_where_the_script_changes() {
        assert_eq!(texts("Flask에서"), ["flask", "에서", "서"]);
        assert_eq!(texts("HTTP/1.1 base64"), ["http", "1", "1", "base64"]);
        assert_eq!(texts("created_at"), ["created", "at"]);
        assert_eq!(texts("ГетGET"), ["гет", "get"]);
    }

    #[test]
    fn token_has_the_bytes_of_its_text() {
        let text = "… Flask에서는";
        let parts: Vec<&str> = tokenize(text)
            .into_iter()
            .map(|token| &text[token.range])
            .collect();
        assert_eq!(parts, ["Flask", "에서", "서는", "는"]);
    }

    #[test]
    fn punctuation_and_symbols_are_no_tokens() {
        for text in ["", " \t\n", "\"*^:-+(){}'", "…→🎉\0", "\u{301}"] {
            assert_eq!(texts(text), [""; 0], "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn tokens_are_the_same_for_each_normalization_form(text in any::<String>()) {
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            let tokens = tokenize(&composed);
            prop_assert_eq!(&tokens, &tokenize(&decomposed.nfc().collect::<String>()));
            // Any text can be split, normalized or not.
            tokenize(&text);
            for token in tokens {
                prop_assert!(unicode_normalization::is_nfc(&token.text));
                prop_assert!(!composed[token.range].is_empty());
                prop_assert!(!token.text.contains(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()));
            }
        }

        #[test]
        fn tokens_of_korean_are_pairs_or_the_last_syllable(text in "[가-힣a-z0-9 ]{0,40}") {
            for token in tokenize(&text) {
                let count = token.text.chars().count();
                if token.text.starts_with(is_hangul) {
                    let next = text[token.range.end..].chars().next();
                    let is_last = next.is_none_or(|c| !is_hangul(c));
                    prop_assert!(count == 2 || (count == 1 && is_last));
                }
            }
        }
    }
}
