//! The passages that the search finds, with what a result shows of them.

use unicode_normalization::UnicodeNormalization as _;

use crate::content::{GlossaryTerm, LessonPage, Library, Passage};
use crate::model::locale::Locale;

/// A passage of a lesson in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedPassage {
    /// The locale of the lesson.
    pub locale: Locale,
    /// The address of the passage: of the page, with the id of the heading as fragment.
    pub href: String,
    /// The title of the section of the lesson.
    pub section: String,
    /// The title of the lesson.
    pub title: String,
    /// The heading of the passage; the title of the lesson for the passage before the first heading.
    pub heading: String,
    /// The text of the passage, in one line.
    pub text: String,
}

/// Returns the passages of the lessons that may be found, by locale and in reading order, and the terms of the glossary. A passage without text is
/// included, because its heading can be found.
pub(super) fn passages(
    library: &Library,
    is_readable: impl Fn(&LessonPage) -> bool,
) -> Vec<IndexedPassage> {
    let mut found = Vec::new();
    for locale in &library.site.locales {
        let pages = library.in_order(*locale);
        let pages = pages.filter(|page| page.front.search && is_readable(page));
        found.extend(pages.flat_map(|page| page.passages.iter().map(|one| of(library, page, one))));
        let terms = library.glossary.in_order(*locale).into_iter();
        found.extend(terms.map(|term| of_term(library, *locale, term)));
    }
    found
}

/// Returns a term of the glossary as a passage.
fn of_term(library: &Library, locale: Locale, term: &GlossaryTerm) -> IndexedPassage {
    let normalized = |text: &str| text.nfc().collect::<String>();
    let name = normalized(term.name.get(locale));
    IndexedPassage {
        locale,
        href: format!("/{locale}/glossary#{}", term.id),
        section: library.site.title.clone(),
        title: name.clone(),
        heading: name,
        text: normalized(&one_line(term.text.get(locale))),
    }
}

fn of(library: &Library, page: &LessonPage, passage: &Passage) -> IndexedPassage {
    let title = &page.front.title;
    let slug = page.path.split('/').next().unwrap_or_default();
    let (heading, href, text) = match passage.id.as_str() {
        "" => {
            let text = [page.front.description.as_str(), "\n", &passage.text].concat();
            (title, page.href(), text)
        }
        id => {
            let href = format!("{}#{id}", page.href());
            (&passage.heading, href, passage.text.clone())
        }
    };
    // The files are normalized, but a character reference in them may not be.
    let normalized = |text: &str| text.nfc().collect::<String>();
    IndexedPassage {
        locale: page.locale,
        href,
        section: library.site.section_title(slug, page.locale),
        title: normalized(title),
        heading: normalized(heading),
        text: normalized(&one_line(&text)),
    }
}

/// Returns a text in one line. A dot separates lines that do not end in punctuation, such as the cells of a table.
fn one_line(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !joined.is_empty() {
            let is_open = joined.ends_with(char::is_alphanumeric);
            joined.push_str(if is_open { " · " } else { " " });
        }
        joined.push_str(line);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{SourceFile, load};

    fn library(lessons: &[(&str, &str)]) -> Library {
        let site = "title = \"T\"\ndefault_locale = \"en\"\nlocales = [\"en\"]\n[[sections]]\nslug = \"a\"\ntitle.en = \"A\"\n";
        let file = |path: &str, text: &str| SourceFile {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let lessons = lessons.iter().map(|(path, text)| file(path, text));
        let files: Vec<_> = std::iter::once(file("site.toml", site))
            .chain(lessons)
            .collect();
        let i18n = load::i18n(&files).expect("the messages");
        Library::build(&files, &i18n).expect("a site")
    }

    #[test]
    fn passages_of_lessons_that_may_be_found_are_indexed() {
        let lesson = |title: &str, more: &str| {
            format!(
                "---\ntitle: {title}\ndescription: About it.\n{more}---\n\nFirst.\n\n## Next {{#next}}\n\n| One | Two |\n|---|---|\n\nEnd.\n"
            )
        };
        let library = library(&[
            ("en/a/shown.md", &lesson("Shown", "")),
            ("en/a/hidden.md", &lesson("Hidden", "search: false\n")),
            ("en/a/draft.md", &lesson("Draft", "draft: true\n")),
            ("en/a/ours.md", &lesson("Ours", "access: member\n")),
        ]);
        let all = passages(&library, |_| true);
        assert!(all.iter().any(|passage| passage.href == "/en/a/ours"));
        let found = passages(&library, |page| !page.is_for_members());
        let found: Vec<_> = found
            .iter()
            .map(|passage| {
                let IndexedPassage {
                    href,
                    section,
                    title,
                    heading,
                    text,
                    ..
                } = passage;
                [href, section, title, heading, text].map(String::as_str)
            })
            .collect();
        assert_eq!(
            found,
            [
                ["/en/a/shown", "A", "Shown", "Shown", "About it. First."],
                ["/en/a/shown#next", "A", "Shown", "Next", "One · Two · End."],
            ]
        );
    }
}
