//! Searches in columns that are compared in lower case.

use crate::database::{Engine, like_pattern};

/// Returns the pattern of LIKE for a column in `LOWER`. Case does not matter, on SQLite that of ASCII letters only, because its
/// `LOWER` knows no others.
pub(super) fn lower_pattern(text: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => like_pattern(&text.to_ascii_lowercase()),
        Engine::Postgres => like_pattern(&text.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_in_the_lower_case_of_the_engine() {
        assert_eq!(lower_pattern("Élodie A", Engine::Sqlite), "%Élodie a%");
        assert_eq!(lower_pattern("Élodie A", Engine::Postgres), "%élodie a%");
    }
}
