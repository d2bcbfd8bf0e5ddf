//! Front matter: YAML between two `---` lines, with the key names of Starlight. An unknown key is an error.

use std::fmt;

use serde::Deserialize;

use crate::content::advice;
use crate::model::locale::Locale;
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
    pub data: WithLine<StartingData>,
    /// Earlier paths of the lesson (`section/slug`), which are redirected to it.
    #[serde(default)]
    pub aliases: Vec<WithLine<String>>,
    /// The lesson in another language from which this one was translated.
    #[serde(default)]
    pub l10n: Option<TranslationSource>,
    /// The day on which the text was last revised.
    #[serde(default)]
    pub last_updated: Option<Day>,
    /// The link to the lesson before: that of the navigation unless it is set.
    #[serde(default)]
    pub prev: WithLine<NeighbourLink>,
    /// The link to the lesson after: that of the navigation unless it is set.
    #[serde(default)]
    pub next: WithLine<NeighbourLink>,
    /// Whether the navigation lists the headings of the lesson while it is open.
    #[serde(default = "is_default")]
    pub table_of_contents: bool,
    /// Whether the search finds the lesson.
    #[serde(default = "is_default")]
    pub search: bool,
    /// Who may read the lesson.
    #[serde(default)]
    pub access: LessonAccess,
    /// Whether the lesson is not finished: it is checked, but not part of the site.
    #[serde(default)]
    pub draft: bool,
}

/// Who may read a lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LessonAccess {
    /// Everybody.
    #[default]
    Public,
    /// Those who have an account and are logged in. Lists show title and description to everybody.
    Member,
}

/// A value of the front matter with its line in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "serde_saphyr::Spanned<T>")]
pub struct WithLine<T> {
    /// The value.
    pub value: T,
    /// The line in the file, from 1; 0 for a default, which is not written.
    pub line: usize,
}

impl<T> From<serde_saphyr::Spanned<T>> for WithLine<T> {
    fn from(spanned: serde_saphyr::Spanned<T>) -> WithLine<T> {
        WithLine {
            line: usize::try_from(spanned.referenced.line()).unwrap_or_default(),
            value: spanned.value,
        }
    }
}

/// The lesson from which a lesson was translated.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TranslationSource {
    /// The language of the source.
    pub source_locale: WithLine<Locale>,
    /// The hash of the text of the source from which the translation was made (`LessonPage::hash`).
    pub source_hash: Option<WithLine<String>>,
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
    /// The paths of the lessons (`section/slug`) to read before this one.
    #[serde(default)]
    pub prerequisites: Vec<WithLine<String>>,
}

/// Front matter, body, and the line number of the first line of the body; or a line and an error message.
type ParsedFrontMatter<'a> = Result<(FrontMatter, &'a str, usize), (usize, String)>;

/// Splits a file into its front matter and its body.
pub(super) fn parse(text: &str) -> ParsedFrontMatter<'_> {
    let mut lines = text.split_inclusive('\n');
    let is_fence = |line: &str| line.trim_end() == "---";
    let first = lines.next().filter(|line| is_fence(line)).ok_or_else(|| {
        let message =
            "a lesson begins with front matter: a line ---, title and description, a line ---";
        (1, message.to_owned())
    })?;
    let mut end = first.len();
    let mut count = 1;
    let closing = lines.find(|line| {
        let is_closing = is_fence(line);
        end += line.len();
        count += 1;
        is_closing
    });
    let closing = closing.ok_or_else(|| {
        let message = "the front matter has no end: add a line --- below it";
        (1, message.to_owned())
    })?;
    // With the first line `---`, which begins a YAML document, so that the lines of errors are those of the file.
    let yaml = &text[..end - closing.len()];
    let front: FrontMatter = serde_saphyr::from_str(yaml).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let line = usize::try_from(line).unwrap_or(1).clamp(1, count);
        let column = error.location().map_or(1, |location| location.column());
        (
            line,
            advice::yaml(&error.without_snippet().to_string(), column),
        )
    })?;
    for (key, value) in [("title", &front.title), ("description", &front.description)] {
        if value.trim().is_empty() {
            let is_key = |line: &str| line.starts_with(key);
            let line = yaml.lines().position(is_key).map_or(1, |at| at + 1);
            return Err((line, format!("{key} is empty: write a text after it")));
        }
    }
    Ok((front, &text[end..], count + 1))
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
    fn starting_data_is_the_seed_unless_another_set_is_named() {
        let orders = StartingData::Named("orders".to_owned());
        for (data, expected, line) in [
            ("", StartingData::Seed, 0),
            ("data: users\n", StartingData::Seed, 4),
            ("data: orders\n", orders, 4),
        ] {
            let text = format!("---\ntitle: a\ndescription: b\n{data}---\n");
            let (front, _, _) = parse(&text).expect("parses");
            assert_eq!((front.data.value, front.data.line), (expected, line));
        }
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
        let alias = WithLine {
            value: "old/name".to_owned(),
            line: 5,
        };
        assert_eq!(front.aliases, [alias]);
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
            parse(&text).map(|(front, _, _)| front.prev.value)
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
        assert!(parse("---\n---\n\n---\n").is_err());
        let (line, message) = parse("---\ndescription: b\ntitle: ''\n---\n").expect_err("refused");
        assert_eq!(
            (line, message.split(':').next()),
            (3, Some("title is empty"))
        );
    }

    #[test]
    fn front_matter_may_end_the_file_and_its_lines_with_spaces() {
        for text in [
            "---\ntitle: a\ndescription: b\n---",
            "--- \ntitle: a\ndescription: b\n---\t\n",
        ] {
            let (_, body, line) = parse(text).expect(text);
            assert_eq!((body, line), ("", 5), "{text:?}");
        }
    }

    #[test]
    fn source_of_a_translation_has_a_language_and_a_hash_of_digits_or_letters() {
        let lesson = |l10n: &str| format!("---\ntitle: a\ndescription: b\nl10n:\n  {l10n}\n---\n");
        for hash in ["0123456789012345", "1234567890123e45", "00ff", "'00ff'"] {
            let text = lesson(&format!("sourceLocale: ko\n  sourceHash: {hash}"));
            let (front, _, _) = parse(&text).expect("parses");
            let source = front.l10n.expect("a source");
            assert_eq!(source.source_locale.value, Locale::Ko);
            let expected = WithLine {
                value: hash.trim_matches('\'').to_owned(),
                line: 6,
            };
            assert_eq!(source.source_hash, Some(expected));
        }
        let text = lesson("sourceLocale: ko");
        let (front, _, _) = parse(&text).expect("parses");
        assert_eq!(front.l10n.map(|source| source.source_hash), Some(None));
        for wrong in [
            "sourceLocale: fr",
            "sourceHash: a",
            "sourceLocale: ko\n  hash: a",
        ] {
            assert!(parse(&lesson(wrong)).is_err(), "{wrong}");
        }
    }
}
