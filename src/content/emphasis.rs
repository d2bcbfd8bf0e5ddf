//! Mends strong emphasis before Hangul.
//!
//! CommonMark decides from the neighbouring characters whether `**` can close; after punctuation
//! it cannot when a letter follows. Korean particles follow at once (`**"오류"**를`), so such an
//! emphasis would show its asterisks. An empty comment between the two is punctuation, and is
//! dropped later with all raw HTML.

/// What is put beside the asterisks; `markdown` drops it.
pub(super) const COMMENT: &str = "<!---->";

/// Inserts an empty comment where `**` would not open or close beside a letter.
/// Code spans and fenced blocks are left alone; the number of lines stays the same.
pub(super) fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len() + 64);
    let mut fence: Option<&str> = None;
    let mut open = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        match fence {
            Some(mark) => {
                if trimmed.starts_with(mark) {
                    fence = None;
                }
                mended.push_str(line);
            }
            None => match ["```", "~~~"]
                .into_iter()
                .find(|mark| trimmed.starts_with(mark))
            {
                Some(mark) => {
                    fence = Some(mark);
                    mended.push_str(line);
                }
                None => {
                    if trimmed.trim_end().is_empty() {
                        open = false;
                    }
                    mend_line(line, &mut open, &mut mended);
                }
            },
        }
    }
    mended
}

fn mend_line(line: &str, open: &mut bool, mended: &mut String) {
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '`' => code_span(rest),
            '\\' => c.len_utf8() + rest[1..].chars().next().map_or(0, char::len_utf8),
            '*' if rest.starts_with("**") && !rest.starts_with("***") => {
                let after = rest[2..].chars().next().unwrap_or(' ');
                match *open {
                    true if is_mark(before) && after.is_alphanumeric() => {
                        mended.push_str(&["**", COMMENT].concat())
                    }
                    false if before.is_alphanumeric() && is_mark(after) => {
                        mended.push_str(&[COMMENT, "**"].concat())
                    }
                    _ => mended.push_str("**"),
                }
                *open = !*open;
                before = '*';
                rest = &rest[2..];
                continue;
            }
            _ => c.len_utf8(),
        };
        mended.push_str(&rest[..taken]);
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
}

/// Length of the code span that begins here, or of its backticks when it does not end on this line.
fn code_span(text: &str) -> usize {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let mark = &text[..ticks];
    let mut at = ticks;
    while let Some(found) = text[at..].find(mark) {
        let end = at + found + ticks;
        if !text[end..].starts_with('`') && !text[..at + found].ends_with('`') {
            return end;
        }
        at = end + (text[end..].len() - text[end..].trim_start_matches('`').len());
    }
    ticks
}

fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        let mended = mend(markdown).replace(COMMENT, "<!---->");
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&mended));
        html.replace(COMMENT, "")
    }

    #[test]
    fn closes_before_hangul() {
        let check = |markdown: &str, expected: &str| {
            assert_eq!(html(markdown), format!("<p>{expected}</p>\n"))
        };
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
    }

    #[test]
    fn leaves_code_and_plain_text_alone() {
        for text in [
            "`**\"a\"**를`",
            "```\n**\"a\"**를\n```\n",
            "a ** b",
            "**a** b",
            "\\**\"a\"**",
            "한 줄\n\n- 둘\n",
        ] {
            assert_eq!(mend(text), text);
        }
    }
}
