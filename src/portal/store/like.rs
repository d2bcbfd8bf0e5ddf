//! Patterns of LIKE.

/// Returns the pattern of LIKE for texts that contain a text, without regard to case.
pub(super) fn like_pattern(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
