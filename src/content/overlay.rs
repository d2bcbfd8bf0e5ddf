//! Lays the files of an author's folder over those that are built into the binary.

use std::collections::BTreeSet;

use crate::content::files::page_path;
use crate::content::finding::ContentFinding;
use crate::content::load::SourceFile;
use crate::content::site::SiteConfig;
use crate::model::locale::Locale;

/// The files of which a site consists.
pub(super) struct Overlay {
    /// The files, sorted by path.
    pub(super) files: Vec<SourceFile>,
    /// The paths of those that are built in, which an author cannot edit.
    pub(super) built_in: BTreeSet<String>,
    /// The lessons by language and path.
    pub(super) lessons: BTreeSet<(Locale, String)>,
}

impl Overlay {
    /// Adds to the files of an author the built-in ones with other paths, except those that the site does not use.
    pub(super) fn new(own: &[SourceFile], built_in: &[SourceFile], site: &SiteConfig) -> Overlay {
        let own_paths: BTreeSet<&str> = own.iter().map(|file| &*file.path).collect();
        let is_used =
            |file: &&SourceFile| !own_paths.contains(&*file.path) && is_used(&file.path, site);
        let below: Vec<&SourceFile> = built_in.iter().filter(is_used).collect();
        let paths = below.iter().map(|file| file.path.clone()).collect();
        let mut files: Vec<SourceFile> = own.iter().chain(below).cloned().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let lessons = files.iter().filter_map(|file| page_path(&file.path));
        Overlay {
            lessons: lessons.collect(),
            built_in: paths,
            files,
        }
    }

    /// Returns whether an author can correct a finding.
    pub(super) fn is_own(&self, finding: &ContentFinding) -> bool {
        !self.built_in.contains(&finding.file)
    }
}

/// Returns whether a built-in file is part of a site: its programs always are, its lessons unless they, their section or
/// their language are left out.
fn is_used(path: &str, site: &SiteConfig) -> bool {
    let mut segments = path.split('/');
    let first = segments.next().unwrap_or_default();
    match (first, Locale::parse(first)) {
        ("flask" | "i18n", _) => true,
        (_, Some(locale)) => {
            let section = segments.next().unwrap_or_default();
            site.built_in && site.locales.contains(&locale) && !site.is_hidden(section)
        }
        ("site.toml" | "glossary.toml", None) => false,
        (_, None) => site.built_in,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::load;
    use crate::content::{LessonBlock, Library};

    const SITE: &str = "title = \"B\"\ndefault_locale = \"ko\"\nlocales = [\"ko\", \"en\"]\n\
        [[sections]]\nslug = \"one\"\ntitle = { ko = \"하나\", en = \"One\" }\nchapter.en = \"Chapter\"\n\
        [[sections]]\nslug = \"two\"\ntitle = { ko = \"둘\", en = \"Two\" }\n";

    fn lesson(title: &str, text: &str) -> String {
        format!("---\ntitle: {title}\ndescription: D.\n---\n\n{text}\n\n## H {{#h}}\n")
    }

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    /// Returns built-in lessons that link to each other, in both languages.
    fn built_in() -> Vec<SourceFile> {
        let mut files = vec![file("site.toml", SITE)];
        for locale in ["ko", "en"] {
            let first = lesson("First", "[*the* second](../two/b.md#h), [itself](#h).");
            files.push(file(&format!("{locale}/one/a.md"), &first));
            let second = lesson("Second", "[the first](../one/a.md).");
            files.push(file(&format!("{locale}/two/b.md"), &second));
        }
        files
    }

    fn build(own: &[SourceFile]) -> Result<Library, Vec<ContentFinding>> {
        let i18n = load::i18n(own).expect("the messages");
        Library::build_over(&built_in(), own, &i18n, false)
    }

    fn site(own: &[SourceFile]) -> Library {
        build(own).unwrap_or_else(|findings| panic!("{findings:?}"))
    }

    fn sections(library: &Library) -> Vec<&str> {
        let sections = library.sections().iter();
        sections.map(|section| &*section.slug).collect()
    }

    /// Returns file, line and rule of every finding.
    fn findings(own: &[SourceFile]) -> Vec<(String, usize, &'static str)> {
        let findings = match build(own) {
            Ok(library) => library.warnings().to_vec(),
            Err(findings) => findings,
        };
        let findings = findings.into_iter();
        findings
            .map(|one| (one.file, one.line, one.rule.name()))
            .collect()
    }

    fn html(library: &Library, locale: Locale, path: &str) -> String {
        let page = library.page(locale, path).expect(path);
        let blocks = page.blocks.iter().map(|block| match block {
            LessonBlock::Html(html) => html.as_str(),
            other => panic!("{other:?}"),
        });
        blocks.collect()
    }

    #[test]
    fn lessons_are_added_to_the_built_in_ones_and_replace_them() {
        let own = [
            file("ko/two/c.md", &lesson("Third", "")),
            file("en/two/c.md", &lesson("Third", "")),
            file("en/one/a.md", &lesson("Ours", "")),
        ];
        let library = site(&own);
        assert_eq!(findings(&own), []);
        let titles = |locale| -> Vec<String> {
            let pages = library.in_order(locale);
            pages.map(|page| page.front.title.clone()).collect()
        };
        assert_eq!(titles(Locale::En), ["Ours", "Second", "Third"]);
        assert_eq!(titles(Locale::Ko), ["First", "Second", "Third"]);
        let own: Vec<String> = library.own_pages().map(|page| page.file()).collect();
        assert_eq!(own, ["ko/two/c.md", "en/one/a.md", "en/two/c.md"]);
    }

    #[test]
    fn sections_come_in_the_order_of_the_folder_and_then_the_built_in_ones() {
        let lesson = lesson("Ours", "");
        let with = |sections: &str| {
            vec![
                file("site.toml", &format!("title = \"T\"\n{sections}")),
                file("ko/ours/a.md", &lesson),
                file("en/ours/a.md", &lesson),
            ]
        };
        let ours = "[[sections]]\nslug = \"ours\"\ntitle.en = \"Ours\"\n";
        let library = site(&with(ours));
        assert_eq!(sections(&library), ["ours", "one", "two"]);
        assert_eq!(
            (&*library.site.title, &*library.site.locales),
            ("T", &[Locale::Ko, Locale::En][..])
        );
        let two = "[[sections]]\nslug = \"two\"\ntitle.en = \"Zwei\"\n";
        let library = site(&with(&[two, ours].concat()));
        assert_eq!(sections(&library), ["two", "ours", "one"]);
        assert_eq!(library.site.section_title("two", Locale::En), "Zwei");
        assert_eq!(library.site.section_title("two", Locale::Ko), "둘");
        let hidden = "[[sections]]\nslug = \"two\"\nhidden = true\n";
        let library = site(&with(&[hidden, ours].concat()));
        assert_eq!(sections(&library), ["ours", "one"]);
        assert!(library.page(Locale::Ko, "two/b").is_none());
        let hidden = "[[sections]]\nslug = \"one\"\nhidden = true\n";
        let library = site(&with(&[ours, hidden].concat()));
        let chapters = library.chapters(Locale::En).into_iter();
        let chapters: Vec<_> = chapters
            .map(|(title, sections)| (title, sections[0].slug.clone()))
            .collect();
        let expected = [
            (None, "ours".to_owned()),
            (Some("Chapter"), "two".to_owned()),
        ];
        assert_eq!(chapters, expected);
        let alone = with(ours).into_iter().map(|mut file| {
            if file.path == "site.toml" {
                file.bytes.splice(0..0, *b"built_in = false\n");
            }
            file
        });
        let library = site(&alone.collect::<Vec<_>>());
        assert_eq!(sections(&library), ["ours"]);
        assert_eq!(library.pages().count(), 2);
    }

    #[test]
    fn link_of_a_built_in_lesson_to_a_left_out_one_becomes_its_text() {
        let kept = "<a href=\"/ko/two/b#h\"><em>the</em> second</a>";
        assert!(html(&site(&[]), Locale::Ko, "one/a").contains(kept));
        let hidden = file("site.toml", "[[sections]]\nslug = \"two\"\nhidden = true\n");
        assert_eq!(findings(std::slice::from_ref(&hidden)), []);
        let html = html(&site(&[hidden]), Locale::Ko, "one/a");
        assert!(
            html.contains("<p><em>the</em> second, <a href=\"#h\">itself</a>.</p>"),
            "{html}"
        );
    }

    #[test]
    fn finding_names_a_file_of_the_author_only() {
        let other_headings = lesson("Ours", "").replace("{#h}", "{#other}");
        let own = [file("ko/two/b.md", &other_headings)];
        // Built-in lessons link to the heading that is gone, and the other language has other ids.
        assert_eq!(
            findings(&own),
            [("ko/two/b.md".to_owned(), 8, "heading-ids")]
        );
        let own = [file("en/two/b.md", &other_headings)];
        assert_eq!(
            findings(&own),
            [("en/two/b.md".to_owned(), 8, "heading-ids")]
        );
        let broken = lesson("Ours", "[gone](../one/gone.md)");
        let own = [file("ko/two/b.md", &broken)];
        assert_eq!(findings(&own), [("ko/two/b.md".to_owned(), 6, "link")]);
        let own = [file("ko/two/new.md", &lesson("New", ""))];
        assert_eq!(
            findings(&own),
            [("ko/two/new.md".to_owned(), 1, "translation")]
        );
    }

    #[test]
    fn site_of_one_language_leaves_out_the_built_in_lessons_of_the_other() {
        let own = [
            file("site.toml", "locales = [\"en\"]\n"),
            file("en/two/new.md", &lesson("New", "")),
        ];
        assert_eq!(findings(&own), []);
        let library = site(&own);
        assert_eq!(library.site.default_locale, Locale::En);
        assert!(library.pages().all(|page| page.locale == Locale::En));
        assert_eq!(library.pages().count(), 3);
    }

    #[test]
    fn built_in_exercise_is_in_one_lesson_only() {
        let quiz = "id = \"q\"\n[[question]]\nid = \"a\"\nchoice = \"single\"\nanswers = [\"n\"]\n\
            text = { ko = \"가\", en = \"A\" }\nexplanation = { ko = \"가\", en = \"A\" }\n\
            option = [{ id = \"n\", text = { ko = \"가\", en = \"N\" } }, { id = \"s\", text = { ko = \"나\", en = \"Y\" } }]\n";
        let second = quiz
            .split_once('\n')
            .expect("lines")
            .1
            .replace("\"a\"", "\"b\"");
        let quiz = [quiz, &second].concat();
        let fence = "```quiz q\n```";
        let with_quiz = || {
            let mut files = built_in();
            for locale in ["ko", "en"] {
                let path = format!("{locale}/one/a.md");
                files.retain(|file| file.path != path);
                files.push(file(&path, &lesson("First", fence)));
            }
            files.push(file("quizzes/q.toml", &quiz));
            files
        };
        let build = |own: &[SourceFile]| {
            let i18n = load::i18n(own).expect("the messages");
            Library::build_over(&with_quiz(), own, &i18n, false)
        };
        let own = ["ko", "en"].map(|locale| {
            let path = format!("{locale}/two/c.md");
            file(&path, &lesson("Ours", fence))
        });
        let findings = build(&own).err().expect("refused");
        let files: Vec<_> = findings
            .iter()
            .map(|one| (&*one.file, one.rule.name()))
            .collect();
        let rule = "repeated-assessment";
        assert_eq!(files, [("en/two/c.md", rule), ("ko/two/c.md", rule)]);
        let hidden = file("site.toml", "[[sections]]\nslug = \"one\"\nhidden = true\n");
        assert!(build(&[&own[..], &[hidden]].concat()).is_ok());
    }

    #[test]
    fn error_in_site_toml_is_a_finding_with_its_line() {
        for (text, line, rule) in [
            ("titel = \"T\"\n", 1, "site"),
            ("locales = []\n", 1, "site"),
            ("locales = [\"en\"]\ndefault_locale = \"ko\"\n", 2, "site"),
            ("[[sections]]\nslug = \"new\"\n", 2, "site"),
            ("[[sections]]\nslug = \"new\"\nhidden = true\n", 2, "site"),
            (
                "[[sections]]\nslug = \"two\"\n[[sections]]\nslug = \"two\"\n",
                4,
                "site",
            ),
            (
                "[[sections]]\nslug = \"data\"\ntitle = { ko = \"D\", en = \"D\" }\n",
                2,
                "reserved",
            ),
            (
                "built_in = false\nlogo = \"img/logo.svg\"\n",
                2,
                "picture-missing",
            ),
        ] {
            let found = findings(&[file("site.toml", text)]);
            assert_eq!(found, [("site.toml".to_owned(), line, rule)], "{text}");
        }
    }
}
