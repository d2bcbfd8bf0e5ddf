//! What is different between two responses to one request form.

use super::{Header, HttpResponse};
use crate::model::json::Json;

/// The most lines of a body that are compared.
const LINES_MAX: usize = 400;
/// How many equal lines are shown before and after a different one.
const CONTEXT: usize = 3;
/// The fewest equal lines that are folded: one would not be shorter.
const FOLDED_MIN: usize = 2;
/// Headers that differ between any two responses.
const VOLATILE_HEADERS: [&str; 3] = ["date", "ratelimit", "request-id"];

/// The differences of a response from an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseComparison {
    /// The earlier and the later status, if they differ.
    pub status: Option<(u16, u16)>,
    /// The header lines that only one of them has.
    pub headers: Vec<ComparedLine>,
    /// The lines of both bodies if they differ; JSON is printed with a member on each line.
    pub body: Vec<ComparedLine>,
    /// Whether the bodies differ and are too long to be compared, or are no text.
    pub has_other_body: bool,
}

/// A line of two compared texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparedLine {
    /// Both have it.
    Kept(String),
    /// Only the earlier one has it.
    Removed(String),
    /// Only the later one has it.
    Added(String),
}

/// Some of the lines of two compared texts, as they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComparedPart {
    /// Different lines with the equal ones around them.
    Shown(Vec<ComparedLine>),
    /// Equal lines that are far from any difference.
    Folded(Vec<ComparedLine>),
}

impl ResponseComparison {
    /// Compares a response with an earlier one.
    pub fn of(earlier: &HttpResponse, later: &HttpResponse) -> ResponseComparison {
        let lines = |response: &HttpResponse| {
            let text = response.body.text()?;
            let json = Json::parse(text.as_bytes())
                .ok()
                .filter(|_| response.is_json());
            let text = json.map_or_else(|| text.to_owned(), |json| json.pretty());
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            (lines.len() <= LINES_MAX).then_some(lines)
        };
        let is_other_body = earlier.body != later.body;
        let body = match (lines(earlier), lines(later)) {
            (Some(earlier), Some(later)) if is_other_body => Some(compare_lines(&earlier, &later)),
            _ => None,
        };
        ResponseComparison {
            status: (earlier.status != later.status).then_some((earlier.status, later.status)),
            headers: compare_headers(&earlier.headers, &later.headers),
            has_other_body: is_other_body && body.is_none(),
            body: body.unwrap_or_default(),
        }
    }

    /// Returns whether nothing is different.
    pub fn is_same(&self) -> bool {
        *self == ResponseComparison::default()
    }
}

fn compare_headers(earlier: &[Header], later: &[Header]) -> Vec<ComparedLine> {
    let line = |header: &Header| [&header.name, ": ", &header.value].concat();
    let lines = |headers: &[Header]| -> Vec<String> {
        let is_stable = |header: &&Header| {
            let mut volatile = VOLATILE_HEADERS.iter();
            !volatile.any(|name| header.name.eq_ignore_ascii_case(name))
        };
        headers.iter().filter(is_stable).map(line).collect()
    };
    let (earlier, later) = (lines(earlier), lines(later));
    let removed = earlier.iter().filter(|line| !later.contains(line));
    let removed = removed.cloned().map(ComparedLine::Removed);
    let added = later.iter().filter(|line| !earlier.contains(line));
    removed
        .chain(added.cloned().map(ComparedLine::Added))
        .collect()
}

/// Compares two texts by their longest common subsequence of lines.
fn compare_lines(earlier: &[String], later: &[String]) -> Vec<ComparedLine> {
    let width = later.len() + 1;
    // The length of the common subsequence from each pair of lines to the end.
    let mut common = vec![0_u32; (earlier.len() + 1) * width];
    for (old, old_line) in earlier.iter().enumerate().rev() {
        for (new, new_line) in later.iter().enumerate().rev() {
            common[old * width + new] = match old_line == new_line {
                true => common[(old + 1) * width + new + 1] + 1,
                false => common[(old + 1) * width + new].max(common[old * width + new + 1]),
            };
        }
    }
    let (mut old, mut new) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (earlier.get(old), later.get(new)) {
            (Some(old_line), Some(new_line)) if old_line == new_line => {
                lines.push(ComparedLine::Kept(old_line.clone()));
                (old, new) = (old + 1, new + 1);
            }
            (Some(old_line), other)
                if other.is_none()
                    || common[(old + 1) * width + new] >= common[old * width + new + 1] =>
            {
                lines.push(ComparedLine::Removed(old_line.clone()));
                old += 1;
            }
            (_, Some(new_line)) => {
                lines.push(ComparedLine::Added(new_line.clone()));
                new += 1;
            }
            (_, None) => return lines,
        }
    }
}

/// Divides compared lines into those near a difference and those that are folded.
#[must_use]
pub fn fold_equal_lines(lines: Vec<ComparedLine>) -> Vec<ComparedPart> {
    let is_near = |at: usize| {
        let first = at.saturating_sub(CONTEXT);
        let mut near = lines.iter().skip(first).take(at - first + CONTEXT + 1);
        near.any(|line| !matches!(line, ComparedLine::Kept(_)))
    };
    let mut is_shown: Vec<bool> = (0..lines.len()).map(is_near).collect();
    for run in is_shown.chunk_by_mut(|one, other| one == other) {
        if run.len() < FOLDED_MIN {
            run.fill(true);
        }
    }
    let mut parts = Vec::new();
    for (line, is_shown) in lines.into_iter().zip(is_shown) {
        match (parts.last_mut(), is_shown) {
            (Some(ComparedPart::Shown(part)), true) | (Some(ComparedPart::Folded(part)), false) => {
                part.push(line);
            }
            (_, true) => parts.push(ComparedPart::Shown(vec![line])),
            (_, false) => parts.push(ComparedPart::Folded(vec![line])),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let headers = headers
            .iter()
            .map(|(name, value)| Header::new(*name, *value));
        HttpResponse::new(status, headers.collect(), body.into(), 1)
    }

    #[test]
    fn equal_responses_differ_only_in_volatile_headers() {
        let json = ("content-type", "application/json");
        let one = response(200, &[json, ("Date", "1")], "{\"a\":1}");
        let two = response(
            200,
            &[json, ("date", "2"), ("request-id", "x")],
            "{\"a\":1}",
        );
        assert!(ResponseComparison::of(&one, &two).is_same());
    }

    #[test]
    fn status_headers_and_lines_of_json_are_compared() {
        let json = ("content-type", "application/json");
        let one = response(
            200,
            &[json, ("etag", "\"1\"")],
            r#"{"id":2,"role":"member","bio":null}"#,
        );
        let two = response(
            201,
            &[json, ("etag", "\"2\"")],
            r#"{"id":2,"role":"admin","bio":null}"#,
        );
        let comparison = ResponseComparison::of(&one, &two);
        assert_eq!(comparison.status, Some((200, 201)));
        let removed = |text: &str| ComparedLine::Removed(text.to_owned());
        let added = |text: &str| ComparedLine::Added(text.to_owned());
        let kept = |text: &str| ComparedLine::Kept(text.to_owned());
        let headers = [removed("etag: \"1\""), added("etag: \"2\"")];
        assert_eq!(comparison.headers, headers);
        let body = [
            kept("{"),
            kept("  \"id\": 2,"),
            removed("  \"role\": \"member\","),
            added("  \"role\": \"admin\","),
            kept("  \"bio\": null"),
            kept("}"),
        ];
        assert_eq!(comparison.body, body);
        assert!(!comparison.has_other_body);
    }

    #[test]
    fn lines_of_one_text_only_are_added_or_removed() {
        let lines = |text: &str| -> Vec<String> { text.chars().map(String::from).collect() };
        let shown = |one, two| -> String {
            let compared = compare_lines(&lines(one), &lines(two));
            let compared = compared.iter().map(|line| match line {
                ComparedLine::Kept(line) => line.clone(),
                ComparedLine::Removed(line) => ["-", line].concat(),
                ComparedLine::Added(line) => ["+", line].concat(),
            });
            compared.collect()
        };
        assert_eq!(shown("", "ab"), "+a+b");
        assert_eq!(shown("ab", ""), "-a-b");
        assert_eq!(shown("abc", "axc"), "a-b+xc");
        assert_eq!(shown("abcd", "bd"), "-ab-cd");
    }

    /// Returns the parts of lines as a text: a shown line as it is, folded ones as their number.
    fn folded(lines: &str) -> String {
        let line = |c: char| match c {
            '+' => ComparedLine::Added(String::new()),
            '-' => ComparedLine::Removed(String::new()),
            c => ComparedLine::Kept(c.to_string()),
        };
        let text = |part: &ComparedPart| match part {
            ComparedPart::Folded(lines) => format!("({})", lines.len()),
            ComparedPart::Shown(lines) => lines
                .iter()
                .map(|line| match line {
                    ComparedLine::Kept(text) => text.as_str(),
                    ComparedLine::Removed(_) => "-",
                    ComparedLine::Added(_) => "+",
                })
                .collect(),
        };
        let parts = fold_equal_lines(lines.chars().map(line).collect());
        parts.iter().map(text).collect()
    }

    #[test]
    fn equal_lines_are_folded_except_three_around_a_difference() {
        assert_eq!(folded("abcdefgh-+ijklmnop"), "(5)fgh-+ijk(5)");
        assert_eq!(folded("-abcdef+"), "-abcdef+", "no line is far");
        assert_eq!(folded("-abcdefg+"), "-abcdefg+", "one line is not folded");
        assert_eq!(folded("-abcdefgh+"), "-abc(2)fgh+");
        assert_eq!(folded("abcde+"), "(2)cde+");
        assert_eq!(folded("abcd"), "(4)");
        assert_eq!(folded(""), "");
    }

    #[test]
    fn long_or_binary_body_is_only_other() {
        let long = "x\n".repeat(LINES_MAX + 1);
        let comparison =
            ResponseComparison::of(&response(200, &[], "a"), &response(200, &[], &long));
        assert!(comparison.has_other_body && comparison.body.is_empty());
        assert!(!comparison.is_same());
    }
}
