//! Korean particles, which are written at the end of a word: `오류를` is the word `오류` with an object particle.

use crate::search::token::is_hangul;

/// What the syllable before a particle must end in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// A final consonant.
    Consonant,
    /// A vowel.
    Vowel,
    Any,
}

/// The particles, the longer ones before those that they end in.
const PARTICLES: &[(&str, Ending)] = &[
    ("에서는", Ending::Any),
    ("에게서", Ending::Any),
    ("으로는", Ending::Consonant),
    ("이라는", Ending::Consonant),
    ("에서", Ending::Any),
    ("에게", Ending::Any),
    ("에는", Ending::Any),
    ("까지", Ending::Any),
    ("부터", Ending::Any),
    ("처럼", Ending::Any),
    ("보다", Ending::Any),
    ("마다", Ending::Any),
    ("으로", Ending::Consonant),
    ("이나", Ending::Consonant),
    ("이란", Ending::Consonant),
    ("하고", Ending::Any),
    ("라는", Ending::Vowel),
    ("은", Ending::Consonant),
    ("이", Ending::Consonant),
    ("을", Ending::Consonant),
    ("과", Ending::Consonant),
    ("는", Ending::Vowel),
    ("가", Ending::Vowel),
    ("를", Ending::Vowel),
    ("와", Ending::Vowel),
    ("란", Ending::Vowel),
    ("나", Ending::Vowel),
    ("로", Ending::Any),
    ("의", Ending::Any),
    ("에", Ending::Any),
    ("도", Ending::Any),
    ("만", Ending::Any),
];

/// Returns a word without the particle at its end; `None` when it has none.
///
/// A word of one syllable is left only without an object particle, because the other particles are also the last syllables
/// of many words.
pub(super) fn without_particle(word: &str) -> Option<&str> {
    PARTICLES.iter().find_map(|(particle, ending)| {
        let rest = word.strip_suffix(particle)?;
        let last = rest.chars().next_back()?;
        let syllables = rest.chars().rev().take_while(|c| is_hangul(*c)).count();
        let is_long = syllables != 1 || matches!(*particle, "을" | "를");
        let agrees = match has_final_consonant(last) {
            // A particle after a word in another script follows its pronunciation.
            None => last.is_alphanumeric(),
            Some(has) => *ending == Ending::Any || has == (*ending == Ending::Consonant),
        };
        (is_long && agrees).then_some(rest)
    })
}

/// Returns whether a syllable ends in a consonant; `None` for other characters.
fn has_final_consonant(c: char) -> Option<bool> {
    // The composed syllables are in the order of their finals, of which the first of 28 is none (Unicode, section 3.12).
    let index = u32::from(c).checked_sub(0xAC00)?;
    (c <= '\u{D7A3}').then_some(index % 28 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particle_that_agrees_with_the_word_is_removed() {
        for (word, rest) in [
            ("오류를", "오류"),
            ("요청은", "요청"),
            ("서버에서는", "서버"),
            ("값을", "값"),
            ("응답으로", "응답"),
            ("Flask에서", "Flask"),
            ("GET은", "GET"),
        ] {
            assert_eq!(without_particle(word), Some(rest), "{word}");
        }
    }

    #[test]
    fn last_syllable_that_is_no_particle_is_kept() {
        // 인가 is a word; 에 after 가 would leave one syllable; 는 does not follow a consonant.
        for word in ["인가", "결과", "차이", "을", "flask", "요청는", ""] {
            assert_eq!(without_particle(word), None, "{word}");
        }
    }
}
