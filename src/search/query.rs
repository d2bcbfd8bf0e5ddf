//! What a visitor searches for, as an expression of FTS5.

use unicode_normalization::UnicodeNormalization as _;

use crate::search::particle::without_particle;
use crate::search::token::{SearchToken, is_hangul, tokenize};

/// The number of characters of a query that are used.
pub const QUERY_MAX: usize = 200;

/// The number of words of a query that are used.
const TERMS_MAX: usize = 12;

/// The number of words up to which words are also searched for as two words or as one, because the number of combinations
/// grows with its square.
const COMPOUND_TERMS_MAX: usize = 4;

/// The number of syllables of the longest word that is also searched for as two words.
const SPLIT_MAX: usize = 10;

/// The number of characters from which a Latin word is also searched for as the beginning of a word.
const PREFIX_MIN: usize = 2;

/// Adjacent tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) tokens: Vec<String>,
    /// Whether the last token may be the beginning of a token.
    pub(super) is_prefix: bool,
}

/// A query, parsed. Each of its words must be found.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    terms: Vec<Term>,
}

/// A word of a query.
#[derive(Clone, Debug)]
struct Term {
    /// The word as written, normalized.
    text: String,
    /// The word as written.
    exact: Phrase,
    /// What is searched for at a lower rank: the word without its particle, as two words, as the beginning of a word.
    others: Vec<Phrase>,
    /// The two words of which the word may consist, also searched for apart from each other.
    pairs: Vec<[Phrase; 2]>,
}

impl SearchQuery {
    /// Parses what a visitor has typed. What is longer than [`QUERY_MAX`] is left out.
    pub fn parse(text: &str) -> SearchQuery {
        let text: String = text.nfc().take(QUERY_MAX).collect();
        let mut terms: Vec<Term> = Vec::new();
        let has_splits = text.split_whitespace().count() <= COMPOUND_TERMS_MAX;
        let parsed = text.split_whitespace();
        for term in parsed.filter_map(|word| Term::parse(word, has_splits)) {
            if terms.len() < TERMS_MAX && terms.iter().all(|other| other.exact != term.exact) {
                terms.push(term);
            }
        }
        SearchQuery { terms }
    }

    /// Returns whether nothing can be searched for, because the query has no letters or digits.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns the query that also searches for other words in the place of a word, as `synonyms` returns them for the
    /// word in lower case, with and without its particle.
    pub(super) fn with_synonyms<'a>(
        &self,
        synonyms: impl Fn(&str) -> Option<&'a str>,
    ) -> SearchQuery {
        let mut query = self.clone();
        for term in &mut query.terms {
            let word = term.text.to_lowercase();
            let words = [Some(word.as_str()), without_particle(&word)];
            let others = words.into_iter().flatten().filter_map(&synonyms);
            let others: Vec<Phrase> = others.filter_map(Phrase::parse).collect();
            term.others.extend(others);
        }
        query
    }

    /// Returns the expression of the passages that contain each word as written.
    pub(super) fn exact_expression(&self) -> String {
        let words: Vec<String> = self.terms.iter().map(|t| t.exact.expression()).collect();
        own_text(&words.join(" AND "), &words.join(" OR "))
    }

    /// Returns the expression of all passages that the query finds.
    pub(super) fn wide_expression(&self) -> String {
        let any: Vec<String> = self.terms.iter().map(Term::any_form).collect();
        let mut combinations = vec![any.join(" AND ")];
        for (at, joined) in self.joined_pairs() {
            let mut words = any.clone();
            words.splice(at..at + 2, [joined.expression()]);
            combinations.push(words.join(" AND "));
        }
        let combinations: Vec<String> = combinations.iter().map(|c| format!("({c})")).collect();
        let phrases = self.phrases();
        let phrases: Vec<String> = phrases.iter().map(Phrase::expression).collect();
        own_text(&combinations.join(" OR "), &phrases.join(" OR "))
    }

    /// Returns all phrases that the query searches for.
    pub(super) fn phrases(&self) -> Vec<Phrase> {
        let forms = self.terms.iter().flat_map(Term::phrases).cloned();
        let joined = self.joined_pairs().map(|(_, phrase)| phrase);
        forms.chain(joined).collect()
    }

    /// Returns each two adjacent words as one word, with the index of the first.
    fn joined_pairs(&self) -> impl Iterator<Item = (usize, Phrase)> + '_ {
        let pairs = self.terms.windows(2).enumerate();
        let pairs = pairs.filter(|_| self.terms.len() <= COMPOUND_TERMS_MAX);
        pairs.filter_map(|(at, pair)| {
            let joined = [pair[0].text.as_str(), &pair[1].text].concat();
            Some((at, Phrase::parse(&joined)?))
        })
    }
}

/// Restricts an expression to passages that have a match in their own heading or text, not only in the title of their page.
fn own_text(all: &str, any: &str) -> String {
    format!("({all}) AND {{heading text}} : ({any})")
}

impl Term {
    /// Parses a word; `None` when it has no letters or digits.
    fn parse(text: &str, has_splits: bool) -> Option<Term> {
        let exact = Phrase::parse(text)?;
        let base = without_particle(text);
        let mut others: Vec<Phrase> = Vec::new();
        let mut pairs = Vec::new();
        others.extend(base.and_then(Phrase::parse));
        let words = [Some(text), base].into_iter().flatten();
        for word in words.filter(|_| has_splits) {
            for [first, second] in splits(word) {
                others.extend(Phrase::parse(&[first, " ", second].concat()));
                let has_syllable = [first, second].iter().any(|part| part.chars().count() < 2);
                let parts = Phrase::parse(first).zip(Phrase::parse(second));
                pairs.extend(parts.filter(|_| !has_syllable).map(<[Phrase; 2]>::from));
            }
        }
        others.extend(exact.as_prefix());
        others.retain(|phrase| *phrase != exact);
        Some(Term {
            text: text.to_owned(),
            exact,
            others,
            pairs,
        })
    }

    fn phrases(&self) -> impl Iterator<Item = &Phrase> {
        let words = std::iter::once(&self.exact).chain(&self.others);
        words.chain(self.pairs.as_flattened())
    }

    fn any_form(&self) -> String {
        let words = std::iter::once(&self.exact).chain(&self.others);
        let pair = |[first, second]: &[Phrase; 2]| {
            format!("({} AND {})", first.expression(), second.expression())
        };
        let forms = words
            .map(Phrase::expression)
            .chain(self.pairs.iter().map(pair));
        format!("({})", forms.collect::<Vec<_>>().join(" OR "))
    }
}

/// Returns a word in Hangul as two words, for each syllable at which the second can begin.
fn splits(word: &str) -> Vec<[&str; 2]> {
    let count = word.chars().count();
    if count > SPLIT_MAX || !word.chars().all(is_hangul) {
        return Vec::new();
    }
    let starts = word.char_indices().skip(1).map(|(at, _)| at);
    starts.map(|at| [&word[..at], &word[at..]]).collect()
}

impl Phrase {
    /// Returns the phrase of a text; `None` when it has no letters or digits.
    fn parse(text: &str) -> Option<Phrase> {
        let mut tokens = tokenize(text);
        let last = tokens.last()?;
        let is_syllable = is_one_syllable(last);
        let follows_pair = |before: &SearchToken| before.range.end == last.range.end;
        let is_end_of_word = is_syllable && tokens.iter().rev().nth(1).is_some_and(follows_pair);
        if is_end_of_word {
            // In the texts, the word may continue.
            tokens.pop();
        }
        Some(Phrase {
            tokens: tokens.into_iter().map(|token| token.text).collect(),
            is_prefix: is_syllable && !is_end_of_word,
        })
    }

    /// Returns the phrase whose last word is the beginning of a word; `None` for a word that is too short or in Hangul, whose
    /// tokens are found within words anyway.
    fn as_prefix(&self) -> Option<Phrase> {
        let last = self.tokens.last()?;
        let is_word = !last.starts_with(is_hangul) && last.chars().count() >= PREFIX_MIN;
        is_word.then(|| Phrase {
            is_prefix: true,
            ..self.clone()
        })
    }

    /// Returns the phrase as an expression of FTS5. Tokens contain letters and digits only, so none ends the quotation.
    fn expression(&self) -> String {
        let star = if self.is_prefix { " *" } else { "" };
        format!("\"{}\"{star}", self.tokens.join(" "))
    }
}

fn is_one_syllable(token: &SearchToken) -> bool {
    token.text.starts_with(is_hangul) && token.text.chars().count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Vec<String> {
        let query = SearchQuery::parse(text);
        let terms = query.terms.iter();
        terms.map(|term| term.exact.expression()).collect()
    }

    #[test]
    fn each_word_is_a_phrase_of_its_tokens() {
        assert_eq!(exact("오류 401"), ["\"오류\"", "\"401\""]);
        assert_eq!(exact("If-Match"), ["\"if match\""]);
        assert_eq!(exact("재인증"), ["\"재인 인증\""]);
        assert_eq!(exact("인증flask"), ["\"인증 증 flask\""]);
    }

    #[test]
    fn single_syllable_is_the_beginning_of_a_token() {
        assert_eq!(exact("값"), ["\"값\" *"]);
        assert_eq!(exact("GET은"), ["\"get 은\" *"]);
    }

    #[test]
    fn query_is_the_same_in_each_normalization_form() {
        let decomposed: String = "오류를 Café".nfd().collect();
        assert_ne!(decomposed, "오류를 Café");
        let expressions = |text: &str| SearchQuery::parse(text).wide_expression();
        assert_eq!(expressions(&decomposed), expressions("오류를 Café"));
    }

    #[test]
    fn word_is_also_searched_for_without_its_particle_and_as_two_words() {
        let phrases = SearchQuery::parse("요청본문을").phrases();
        let expressions: Vec<String> = phrases.iter().map(Phrase::expression).collect();
        for expected in [
            "\"요청 청본 본문 문을\"",
            "\"요청 청본 본문\"",
            "\"요청 청 본문\"",
        ] {
            assert!(expressions.iter().any(|e| e == expected), "{expressions:?}");
        }
    }

    #[test]
    fn adjacent_words_are_also_searched_for_as_one() {
        let expression = SearchQuery::parse("problem details 422").wide_expression();
        assert!(
            expression.contains("(\"problemdetails\" AND (\"422\""),
            "{expression}"
        );
    }

    #[test]
    fn query_without_letters_and_digits_is_empty() {
        for text in ["", "   ", "\"", "*", "- ^ : ( )", "🎉"] {
            assert!(SearchQuery::parse(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn long_query_is_cut_and_repeated_words_count_once() {
        assert_eq!(exact(&"get ".repeat(500)), ["\"get\""]);
        let numbers: Vec<String> = (100..200).map(|number| number.to_string()).collect();
        assert_eq!(exact(&numbers.join(" ")).len(), TERMS_MAX);
        let word = exact(&"a".repeat(1000)).remove(0);
        assert_eq!(word.len(), QUERY_MAX + 2);
    }
}
