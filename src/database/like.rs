//! Patterns of LIKE.

/// Returns the pattern of LIKE, with `\` as its escape character, for texts that contain a text. The case of the letters is
/// folded by the caller, as it is in the column.
pub fn like_pattern(folded: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in folded.chars() {
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
    fn wildcards_of_the_text_are_escaped() {
        for (text, expected) in [
            ("kim", "%kim%"),
            ("100%", r"%100\%%"),
            ("a_b", r"%a\_b%"),
            (r"\", r"%\\%"),
        ] {
            assert_eq!(like_pattern(text), expected);
        }
    }
}
