//! Tests of a whole content folder.

use super::handlers::HANDLERS;
use super::*;
use crate::model::locale::Locale;

const SITE: &str = "title = \"T\"\ndefault_locale = \"en\"\nlocales = [\"en\"]\n[[sections]]\nslug = \"a\"\ntitle.en = \"A\"\n";
const LESSON: &str = "---\ntitle: A\ndescription: B\n---\n\n## C {#c}\n";

type Files<'a> = &'a [(&'a str, &'a [u8])];

fn build(files: Files<'_>) -> Result<Library, Vec<ContentFinding>> {
    let file = |(path, bytes): &(&str, &[u8])| SourceFile {
        path: (*path).to_owned(),
        bytes: bytes.to_vec(),
    };
    let files: Vec<SourceFile> = files.iter().map(file).collect();
    Library::build(&files, &load::i18n(&files).expect("the messages"))
}

/// Returns file, line and rule of every finding.
fn findings(files: Files<'_>) -> Vec<(String, usize, &'static str)> {
    let findings = build(files).err().unwrap_or_default().into_iter();
    findings.map(|one| (one.file, one.line, one.rule)).collect()
}

#[test]
fn every_handler_has_code_and_its_listed_flask_function() {
    let files = load::built_in();
    let i18n = load::i18n(&files).expect("the built-in messages");
    let library = Library::build(&files, &i18n).expect("the built-in lessons");
    for (name, flask) in HANDLERS {
        let code = library.handler(name).expect(name);
        assert_eq!(code.flask.is_some(), !flask.is_empty(), "{name}");
    }
}

#[test]
fn lesson_with_crlf_or_byte_order_mark_is_parsed_as_without() {
    let read = |site: &str, lesson: &str| {
        let library = build(&[
            ("site.toml", site.as_bytes()),
            ("en/a/b.md", lesson.as_bytes()),
        ]);
        let library = library.unwrap_or_else(|findings| panic!("{lesson:?}: {findings:?}"));
        let page = library.page(Locale::En, "a/b").expect("the lesson");
        (page.headings.clone(), page.markdown.clone())
    };
    let windows = |text: &str| ["\u{FEFF}", &text.replace('\n', "\r\n")].concat();
    let plain = read(SITE, LESSON);
    assert_eq!(read(&windows(SITE), &windows(LESSON)), plain);
    assert_eq!(read(SITE, &LESSON.replace('\n', "\r\n")), plain);
    assert_eq!(read(SITE, &["\u{FEFF}", LESSON].concat()), plain);
}

#[test]
fn lesson_not_in_utf8_or_nfc_is_a_finding_with_its_line() {
    let found = |bytes: &[u8]| findings(&[("site.toml", SITE.as_bytes()), ("en/a/b.md", bytes)]);
    let at = |line, rule| [("en/a/b.md".to_owned(), line, rule)];
    let broken = [LESSON.as_bytes(), b"\n\xff\n"].concat();
    assert_eq!(found(&broken), at(8, "encoding"));
    let decomposed = [LESSON, "\n\u{1100}\u{1161}\n"].concat();
    assert_eq!(found(decomposed.as_bytes()), at(8, "nfc"));
}

#[test]
fn site_with_one_locale_requires_no_translation() {
    let lesson = ("en/a/b.md", LESSON.as_bytes());
    let only = |site: &str, files: Files<'_>| {
        findings(&[&[("site.toml", site.as_bytes())], files].concat())
    };
    assert_eq!(only(SITE, &[lesson]), []);
    let other = ("ko/a/b.md", LESSON.as_bytes());
    let named = |file: &str, line, rule| [(file.to_owned(), line, rule)];
    let found = only(SITE, &[lesson, other]);
    assert_eq!(found, named("ko/a/b.md", 0, "locale"));
    let both = SITE.replace("[\"en\"]", "[\"en\", \"ko\"]");
    let found = only(&both, &[lesson]);
    assert_eq!(found, named("en/a/b.md", 0, "translation"));
    let korean = SITE.replace("[\"en\"]", "[\"ko\"]");
    assert_eq!(only(&korean, &[]), named("site.toml", 2, "site"));
}

#[test]
fn draft_is_checked_but_not_part_of_the_site() {
    let draft = LESSON.replace("description: B", "description: B\ndraft: true");
    let linked = [LESSON, "\n[D](./draft.md)\n"].concat();
    let site = |lesson: &str, draft: &str| {
        build(&[
            ("site.toml", SITE.as_bytes()),
            ("en/a/b.md", lesson.as_bytes()),
            ("en/a/draft.md", draft.as_bytes()),
        ])
    };
    let library = site(LESSON, &draft).expect("a site");
    assert!(library.page(Locale::En, "a/draft").is_none());
    let paths: Vec<_> = library
        .in_order(Locale::En)
        .map(|page| &page.path)
        .collect();
    assert_eq!(paths, ["a/b"]);
    assert!(site(&linked, &draft).is_err());
    assert!(site(LESSON, &[&draft, "\n<br>\n"].concat()).is_err());
    assert!(site(&linked, LESSON).is_ok());
}

#[test]
fn section_with_a_reserved_slug_is_a_finding() {
    for name in ["data", "exchanges", "playground", "login"] {
        let site = SITE.replace("\"a\"", &format!("{name:?}"));
        let found = findings(&[("site.toml", site.as_bytes())]);
        assert_eq!(found, [("site.toml".to_owned(), 5, "site")], "{name}");
    }
}
