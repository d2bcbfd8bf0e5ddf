//! Patterns of LIKE.

use crate::database::Engine;

/// Returns the pattern of LIKE for texts that contain a text, to be compared with `LOWER` of a column. Case does not matter,
/// on SQLite that of ASCII letters only, because its `LOWER` knows no others.
pub(super) fn like_pattern(text: &str, engine: Engine) -> String {
    let lower = match engine {
        Engine::Sqlite => text.to_ascii_lowercase(),
        Engine::Postgres => text.to_lowercase(),
    };
    let mut pattern = "%".to_owned();
    for character in lower.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_in_the_lower_case_of_the_engine() {
        assert_eq!(
            like_pattern("Élodie A_%", Engine::Sqlite),
            r"%Élodie a\_\%%"
        );
        assert_eq!(
            like_pattern("Élodie A_%", Engine::Postgres),
            r"%élodie a\_\%%"
        );
    }
}
