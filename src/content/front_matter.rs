//! Front matter: YAML between two `---` lines, with the key names of Starlight. An unknown key is an error.

use std::fmt;

use serde::Deserialize;

use crate::model::starting_data::StartingData;

/// The front matter of a lesson.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FrontMatter {
    /// The title of the page.
    pub title: String,
    /// One sentence, shown below the title and in the description in `<head>`.
    pub description: String,
    /// The entry in the navigation.
    #[serde(default)]
    pub sidebar: Sidebar,
    /// Properties of the lesson as reading material.
    #[serde(default)]
    pub lesson: ReadingInfo,
    /// The users with which the lesson begins.
    #[serde(default)]
    pub data: StartingData,
    /// Earlier paths of the lesson (`section/slug`), which are redirected to it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The day on which the text was last revised.
    #[serde(default)]
    pub last_updated: Option<Day>,
    /// The link to the lesson before: that of the navigation unless it is set.
    #[serde(default)]
    pub prev: NeighbourLink,
    /// The link to the lesson after: that of the navigation unless it is set.
    #[serde(default)]
    pub next: NeighbourLink,
    /// Whether the navigation lists the headings of the lesson while it is open.
    #[serde(default = "is_default")]
    pub table_of_contents: bool,
    /// Whether the search finds the lesson.
    #[serde(default = "is_default")]
    pub search: bool,
    /// Whether the lesson is not finished: it is checked, but not part of the site.
    #[serde(default)]
    pub draft: bool,
}

/// Returns the default of what is switched off in front matter.
fn is_default() -> bool {
    true
}

/// A day of the calendar, in the form of RFC 3339 (`2026-11-29`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(jiff::civil::Date);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Day, String> {
        let error = |_| format!("{text:?} is not a day: write it as 2026-11-29");
        text.parse().map(Day).map_err(error)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The link from a lesson to the one before or after it: `false` for none, `true` or nothing for that of the navigation,
/// or the path of a lesson (`section/slug`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected true, false or the path of a lesson such as methods/get"
)]
pub enum NeighbourLink {
    /// Whether there is a link to the neighbour in the navigation.
    Navigation(bool),
    /// The path of another lesson.
    Lesson(String),
}

impl Default for NeighbourLink {
    fn default() -> NeighbourLink {
        NeighbourLink::Navigation(true)
    }
}

/// The entry in the navigation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidebar {
    /// The short title; the title is used when it is absent.
    pub label: Option<String>,
    /// The sort key within the section; pages without it come last.
    pub order: Option<i64>,
    /// A short text beside the title, such as "New".
    pub badge: Option<String>,
    /// Whether the lesson is left out of the navigation and of lists of lessons; links and the search still lead to it.
    #[serde(default)]
    pub hidden: bool,
}

/// Properties of the lesson as reading material.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingInfo {
    /// The usual time to read the lesson and try its requests, in minutes.
    pub minutes: Option<u32>,
}

/// Front matter, body, and the line number of the first line of the body; or a line and an error message.
type ParsedFrontMatter<'a> = Result<(FrontMatter, &'a str, usize), (usize, String)>;

/// Splits a file into its front matter and its body.
pub(super) fn parse(text: &str) -> ParsedFrontMatter<'_> {
    let rest = text.strip_prefix("---\n").ok_or((
        1,
        "a lesson begins with front matter: a line ---, title and description, a line ---"
            .to_owned(),
    ))?;
    let (yaml, body) = rest
        .split_once("\n---\n")
        .ok_or((1, "the front matter has no closing line ---".to_owned()))?;
    let front: FrontMatter = serde_saphyr::from_str(yaml).map_err(|error| {
        let line = error
            .location()
            .map_or(1, |location| location.line() as usize + 1);
        (line, error.without_snippet().to_string())
    })?;
    for (key, value) in [("title", &front.title), ("description", &front.description)] {
        if value.trim().is_empty() {
            return Err((1, format!("{key} is empty")));
        }
    }
    Ok((front, body, yaml.matches('\n').count() + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_parsed_and_separated_from_the_body() {
        let (front, body, line) = parse("---\ntitle: 제목\ndescription: 설명.\nsidebar: { label: GET, order: 2 }\nlesson: { minutes: 8 }\n---\n본문\n").expect("parses");
        assert_eq!(
            (
                front.title.as_str(),
                front.sidebar.order,
                front.lesson.minutes
            ),
            ("제목", Some(2), Some(8))
        );
        assert_eq!((body, line), ("본문\n", 7));
    }

    #[test]
    fn unknown_key_is_an_error_with_its_line() {
        let (line, message) =
            parse("---\ntitle: a\ndescription: b\ntittle: c\n---\n").expect_err("refused");
        assert_eq!(line, 4, "{message}");
        assert!(message.contains("tittle"), "{message}");
    }

    #[test]
    fn starting_data_is_the_seed_unless_another_known_set_is_named() {
        let lesson = |data: &str| format!("---\ntitle: a\ndescription: b\n{data}---\n");
        for data in ["", "data: users\n"] {
            let text = lesson(data);
            let (front, _, _) = parse(&text).expect("parses");
            assert_eq!(front.data, StartingData::Users, "{data}");
        }
        let (line, message) = parse(&lesson("data: orders\n")).expect_err("refused");
        assert_eq!(line, 4, "{message}");
        assert!(message.contains("orders"), "{message}");
    }

    #[test]
    fn day_of_the_last_revision_is_checked() {
        let lesson = |day: &str| {
            format!("---\ntitle: a\ndescription: b\nlastUpdated: {day}\naliases: [old/name]\n---\n")
        };
        let text = lesson("2026-02-28");
        let (front, _, _) = parse(&text).expect("parses");
        let day = front.last_updated.map(|day| day.to_string());
        assert_eq!(day.as_deref(), Some("2026-02-28"));
        assert_eq!(front.aliases, ["old/name"]);
        let (line, message) = parse(&lesson("2026-02-30")).expect_err("refused");
        assert_eq!(line, 4, "{message}");
        assert!(message.contains("2026-02-30"), "{message}");
    }

    #[test]
    fn lesson_is_searched_and_no_draft_unless_its_front_matter_states_it() {
        let (front, _, _) = parse("---\ntitle: a\ndescription: b\n---\n").expect("parses");
        assert!(front.search && !front.draft);
        let text = "---\ntitle: a\ndescription: b\nsearch: false\ndraft: true\n---\n";
        let (front, _, _) = parse(text).expect("parses");
        assert!(!front.search && front.draft);
    }

    #[test]
    fn neighbour_is_that_of_the_navigation_none_or_a_lesson() {
        let parsed = |line: &str| {
            let text = format!("---\ntitle: a\ndescription: b\n{line}\n---\n");
            parse(&text).map(|(front, _, _)| front.prev)
        };
        assert_eq!(parsed("next: false"), Ok(NeighbourLink::Navigation(true)));
        assert_eq!(parsed("prev: false"), Ok(NeighbourLink::Navigation(false)));
        let lesson = NeighbourLink::Lesson("methods/get".to_owned());
        assert_eq!(parsed("prev: methods/get"), Ok(lesson));
        let (line, message) = parsed("prev: [a]").expect_err("refused");
        assert!(
            line == 4 && message.contains("path of a lesson"),
            "{line}: {message}"
        );
    }

    #[test]
    fn front_matter_without_fence_or_title_is_an_error() {
        assert!(parse("# Title\n").is_err());
        assert!(parse("---\ntitle: a\n").is_err());
        assert!(parse("---\ntitle: ''\ndescription: b\n---\n").is_err());
        assert!(parse("---\ndescription: b\n---\n").is_err());
    }
}
