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
    let findings = match build(files) {
        Ok(library) => library.warnings().to_vec(),
        Err(findings) => findings,
    };
    let findings = findings.into_iter();
    findings
        .map(|one| (one.file, one.line, one.rule.name()))
        .collect()
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
    assert_eq!(found, named("ko/a/b.md", 1, "locale"));
    let both = SITE.replace("[\"en\"]", "[\"en\", \"ko\"]");
    let both = both.replace("title.en = \"A\"", "title.en = \"A\"\ntitle.ko = \"가\"");
    let found = only(&both, &[lesson]);
    assert_eq!(found, named("en/a/b.md", 1, "translation"));
    assert!(build(&[("site.toml", both.as_bytes()), lesson]).is_ok());
    let korean = SITE.replace("[\"en\"]", "[\"ko\"]");
    let korean = korean.replace("title.en", "title.ko");
    assert_eq!(only(&korean, &[]), named("site.toml", 2, "site"));
}

#[test]
fn alias_that_leads_to_another_lesson_is_a_finding() {
    let with_alias =
        |alias: &str| LESSON.replacen("---\n", &format!("---\naliases: [{alias}]\n"), 1);
    let found = |one: &str, other: &str| {
        findings(&[
            ("site.toml", SITE.as_bytes()),
            ("en/a/b.md", one.as_bytes()),
            ("en/a/c.md", other.as_bytes()),
        ])
    };
    let at = |file: &str| (file.to_owned(), 2, "alias");
    assert_eq!(found(&with_alias("a/old"), LESSON), []);
    assert_eq!(found(&with_alias("a/c"), LESSON), [at("en/a/b.md")]);
    let old = with_alias("a/old");
    assert_eq!(found(&old, &old), [at("en/a/b.md"), at("en/a/c.md")]);
    for unusable in ["old", "en/a/old", "/a/", "search/old", "a/old, a/old"] {
        assert_eq!(found(&with_alias(unusable), LESSON), [at("en/a/b.md")]);
    }
}

#[test]
fn link_to_a_lesson_in_the_other_language_only_is_no_finding() {
    let site = SITE.replace("[\"en\"]", "[\"en\", \"ko\"]");
    let site = site.replace("title.en = \"A\"", "title.en = \"A\"\ntitle.ko = \"가\"");
    let linked = |to: &str| [LESSON, "\n[D](", to, ")\n"].concat();
    let found = |to: &str| {
        findings(&[
            ("site.toml", site.as_bytes()),
            ("en/a/b.md", linked(to).as_bytes()),
            ("ko/a/b.md", LESSON.as_bytes()),
            ("ko/a/c.md", LESSON.as_bytes()),
        ])
    };
    let missing = ("ko/a/c.md".to_owned(), 1, "translation");
    assert_eq!(found("c.md#c"), std::slice::from_ref(&missing));
    let anchor = ("en/a/b.md".to_owned(), 8, "anchor");
    assert_eq!(found("c.md#d"), [anchor, missing]);
}

#[test]
fn front_matter_changes_the_links_to_the_neighbours() {
    let lesson = |keys: &str| LESSON.replacen("---\n", &format!("---\n{keys}\n"), 1);
    let site = |b: &str, c: &str, d: &str| {
        let files = [("en/a/b.md", b), ("en/a/c.md", c), ("en/a/d.md", d)];
        let files = files.map(|(path, keys)| (path, lesson(keys)));
        let mut all: Vec<(&str, &[u8])> = vec![("site.toml", SITE.as_bytes())];
        all.extend(files.iter().map(|(path, text)| (*path, text.as_bytes())));
        build(&all)
    };
    let links = |library: &Library, path: &str| {
        let (before, after) = library.neighbours(Locale::En, path);
        [before, after].map(|page| page.map(|page| page.path.clone()))
    };
    let path = |path: &str| Some(path.to_owned());
    let library = site("", "", "").expect("a site");
    assert_eq!(links(&library, "a/c"), [path("a/b"), path("a/d")]);
    let library = site("", "prev: false\nnext: a/b", "").expect("a site");
    assert_eq!(links(&library, "a/c"), [None, path("a/b")]);
    // A hidden lesson is skipped, but is still a page.
    let library = site("", "sidebar: { hidden: true }", "").expect("a site");
    assert_eq!(links(&library, "a/d"), [path("a/b"), None]);
    assert_eq!(links(&library, "a/c"), [None, None]);
    assert!(library.page(Locale::En, "a/c").is_some());
    let found = site("", "", "prev: a/nowhere").err().expect("refused");
    assert!(
        found[0].rule == Rule::Link && found[0].line == 2 && found[0].message.contains("a/nowhere"),
        "{found:?}"
    );
}

/// A site in both languages; of each lesson its path and the keys of its front matter.
fn both_languages(lessons: &[(&str, &str)]) -> Result<Library, Vec<ContentFinding>> {
    let site = SITE.replace("[\"en\"]", "[\"en\", \"ko\"]");
    let site = site.replace("title.en = \"A\"", "title.en = \"A\"\ntitle.ko = \"가\"");
    let text = |keys: &str| LESSON.replacen("---\n", &format!("---\n{keys}\n"), 1);
    let texts: Vec<_> = lessons
        .iter()
        .map(|(path, keys)| (*path, text(keys)))
        .collect();
    let files = texts.iter().map(|(path, text)| (*path, text.as_bytes()));
    let site = std::iter::once(("site.toml", site.as_bytes()));
    build(&site.chain(files).collect::<Vec<_>>())
}

#[test]
fn neighbours_are_those_of_the_navigation_also_where_a_translation_is_missing_or_a_draft() {
    let library = both_languages(&[
        ("en/a/b.md", ""),
        ("en/a/c.md", ""),
        ("en/a/d.md", ""),
        ("en/a/e.md", "next: a/c"),
        ("ko/a/b.md", ""),
        // Finished in English only.
        ("ko/a/c.md", "draft: true"),
        ("ko/a/e.md", ""),
    ]);
    let library = library.unwrap_or_else(|findings| panic!("{findings:?}"));
    let section = &library.sections()[0];
    let files = |locale| -> Vec<String> {
        let pages = library.listed(section, locale);
        pages.map(|page| page.file()).collect()
    };
    assert_eq!(
        files(Locale::Ko),
        ["ko/a/b.md", "en/a/c.md", "en/a/d.md", "ko/a/e.md"]
    );
    assert!(library.page(Locale::Ko, "a/c").is_none());
    assert_eq!(library.locales_of("a/c"), [Locale::En]);
    for locale in [Locale::Ko, Locale::En] {
        let pages: Vec<_> = library.listed(section, locale).collect();
        for (at, page) in pages.iter().enumerate() {
            let (previous, next) = library.neighbours(locale, &page.path);
            let path = |page: &std::sync::Arc<LessonPage>| page.path.clone();
            let before = at.checked_sub(1).map(|at| pages[at].path.clone());
            assert_eq!(previous.map(path), before, "{locale} {}", page.path);
            let after = pages.get(at + 1).map(|page| page.path.clone());
            let after = match &*page.path {
                "a/e" if locale == Locale::En => Some("a/c".to_owned()),
                _ => after,
            };
            assert_eq!(next.map(path), after, "{locale} {}", page.path);
        }
    }
}

#[test]
fn prerequisites_exist_and_do_not_lead_back() {
    let found = |b: &str, c: &str, d: &str| {
        let keys = |paths: &str| format!("lesson: {{ prerequisites: [{paths}] }}");
        let built = both_languages(&[
            ("en/a/b.md", &keys(b)),
            ("en/a/c.md", &keys(c)),
            ("ko/a/b.md", ""),
            ("ko/a/c.md", ""),
            ("ko/a/d.md", ""),
            ("en/a/d.md", &keys(d)),
        ]);
        let findings = built.err().unwrap_or_default().into_iter();
        let findings = findings.map(|one| (one.file, one.line, one.rule.name()));
        findings.collect::<Vec<_>>()
    };
    let at = |file: &str, rule| (format!("en/a/{file}.md"), 2, rule);
    assert_eq!(found("", "a/b", "a/b, a/c"), []);
    assert_eq!(found("a/nowhere", "", ""), [at("b", "link")]);
    assert_eq!(found("a/b", "", ""), [at("b", "prerequisite")]);
    assert_eq!(found("a/c, a/c", "", ""), [at("b", "prerequisite")]);
    // The lesson outside of the circle is not to blame.
    let circle = [at("b", "prerequisite"), at("c", "prerequisite")];
    assert_eq!(found("a/c", "a/b", "a/b"), circle);
}

#[test]
fn chapters_begin_with_the_sections_that_name_them() {
    let section = |slug: &str, keys: &str| {
        format!("[[sections]]\nslug = {slug:?}\ntitle.en = \"S\"\n{keys}\n")
    };
    let site = [
        "title = \"T\"\ndefault_locale = \"en\"\nlocales = [\"en\"]\n",
        &section("a", ""),
        &section("empty", "chapter.en = \"One\""),
        &section("b", ""),
        &section("c", "chapter.en = \"Two\""),
    ]
    .concat();
    let files = ["en/a/x.md", "en/b/x.md", "en/c/x.md"].map(|path| (path, LESSON.as_bytes()));
    let library = build(&[&[("site.toml", site.as_bytes())], &files[..]].concat()).expect("a site");
    let chapters = library.chapters(Locale::En).into_iter();
    let chapters: Vec<(Option<&str>, Vec<&str>)> = chapters
        .map(|(title, sections)| {
            (
                title,
                sections.iter().map(|one| one.slug.as_str()).collect(),
            )
        })
        .collect();
    let expected = [
        (None, vec!["a"]),
        (Some("One"), vec!["b"]),
        (Some("Two"), vec!["c"]),
    ];
    assert_eq!(chapters, expected);
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
        assert_eq!(found, [("site.toml".to_owned(), 5, "reserved")], "{name}");
    }
}

/// The start of the lesson with a fence, and the file that it names.
const EXERCISE: &str = r##"id = "x"
starter = "GET /api/users"
solution = "GET /api/users/4"
title = { en = "T" }
task = { en = "Read `4`." }

[[expect]]
title = { en = "Read it." }
method = "GET"
path = "/api/users/{id}"
status = 200
request = ['header Accept exists']
rows = ['changed == 0']
"##;

const QUIZ: &str = r##"id = "y"

[[question]]
id = "a"
choice = "single"
answers = ["n"]
text.en = "Really?"
explanation.en = "No."
option = [{ id = "n", text.en = "No" }, { id = "s", text.en = "Yes" }]

[[question]]
id = "b"
choice = "multiple"
answers = ["n", "s"]
text.en = "Both?"
explanation.en = "Both."
option = [{ id = "n", text.en = "No" }, { id = "s", text.en = "Yes" }]
"##;

/// Returns the findings of a site with an exercise and a quiz in its only lesson.
fn assessment_findings(exercise: &str, quiz: &str) -> Vec<(String, usize, &'static str)> {
    let lesson = [LESSON, "\n```exercise x\n```\n\n```quiz y\n```\n"].concat();
    findings(&[
        ("site.toml", SITE.as_bytes()),
        ("en/a/b.md", lesson.as_bytes()),
        ("exercises/x.toml", exercise.as_bytes()),
        ("quizzes/y.toml", quiz.as_bytes()),
    ])
}

#[test]
fn exercise_and_quiz_of_a_lesson_are_its_blocks() {
    let lesson = [LESSON, "\n```exercise x\n```\n\n```quiz y\n```\n"].concat();
    let library = build(&[
        ("site.toml", SITE.as_bytes()),
        ("en/a/b.md", lesson.as_bytes()),
        ("exercises/x.toml", EXERCISE.as_bytes()),
        ("quizzes/y.toml", QUIZ.as_bytes()),
    ]);
    let library = library.unwrap_or_else(|findings| panic!("{findings:?}"));
    let (page, exercise) = library.exercise(Locale::En, "x").expect("the exercise");
    assert_eq!(page.path, "a/b");
    assert_eq!(
        exercise.task.get(Locale::En),
        "<p>Read <code>4</code>.</p>\n"
    );
    assert_eq!(exercise.steps[0].conditions.len(), 3);
    let (_, quiz) = library.quiz(Locale::En, "y").expect("the quiz");
    let correct: Vec<bool> = quiz.questions[0]
        .options
        .iter()
        .map(|option| option.is_correct)
        .collect();
    assert_eq!(correct, [true, false]);
    // In a locale without the lesson, as the lesson itself.
    let (page, _) = library.exercise(Locale::Ko, "x").expect("the exercise");
    assert_eq!(page.locale, Locale::En);
    assert!(library.exercise(Locale::En, "y").is_none());
}

#[test]
fn error_in_an_exercise_is_a_finding_with_its_line() {
    assert_eq!(assessment_findings(EXERCISE, QUIZ), []);
    for (old, new, line) in [
        ("id = \"x\"", "id = \"z\"", 1),
        ("title = { en = \"T\" }", "title = { ko = \"T\" }", 4),
        ("title = { en = \"T\" }", "title = { en = \" \" }", 4),
        (
            "title = { en = \"T\" }",
            "title = { en = \"T\", fr = \"T\" }",
            4,
        ),
        (
            "task = { en = \"Read `4`.\" }",
            "task = { en = \"<b>4</b>\" }",
            5,
        ),
        ("title = { en = \"Read it.\" }", "title = {}", 8),
        ("method = \"GET\"", "method = \"get\"", 9),
        ("path = \"/api/users/{id}\"", "path = \"/users\"", 10),
        ("status = 200", "status = 200\nstate = 1", 12),
        ("header Accept exists", "status == 200", 12),
        ("changed == 0", "changed", 13),
        ("GET /api/users/4", "GET", 3),
        (
            "starter = \"GET /api/users\"",
            "starter = '''\n\nX-A: b\n'''",
            4,
        ),
    ] {
        let changed = EXERCISE.replacen(old, new, 1);
        assert_ne!(changed, EXERCISE, "{old}");
        let found = assessment_findings(&changed, QUIZ);
        let expected = ("exercises/x.toml".to_owned(), line, "exercise");
        assert_eq!(found, [expected], "{new}");
    }
    let unknown = format!("unknown = 1\n{EXERCISE}");
    let found = assessment_findings(&unknown, QUIZ);
    assert_eq!(found, [("exercises/x.toml".to_owned(), 1, "exercise")]);
}

#[test]
fn error_in_a_quiz_is_a_finding_with_its_line() {
    for (old, new, line) in [
        ("answers = [\"n\"]", "answers = [\"n\", \"s\"]", 6),
        ("answers = [\"n\"]", "answers = [\"x\"]", 6),
        ("answers = [\"n\", \"s\"]", "answers = []", 14),
        ("text.en = \"Really?\"", "text.ko = \"Really?\"", 7),
        ("text.en = \"Really?\"", "text.en = \"a\\n\\nb\"", 7),
        ("id = \"b\"", "id = \"a\"", 12),
        ("choice = \"single\"", "choice = \"one\"", 5),
    ] {
        let changed = QUIZ.replacen(old, new, 1);
        assert_ne!(changed, QUIZ, "{old}");
        let found = assessment_findings(EXERCISE, &changed);
        let expected = ("quizzes/y.toml".to_owned(), line, "quiz");
        assert_eq!(found, [expected], "{new}");
    }
}

#[test]
fn fence_without_its_file_and_file_without_its_fence_are_findings() {
    let site = ("site.toml", SITE.as_bytes());
    let fence = [LESSON, "\n```exercise x\n```\n"].concat();
    let found = findings(&[site, ("en/a/b.md", fence.as_bytes())]);
    assert_eq!(found, [("en/a/b.md".to_owned(), 8, "unknown-assessment")]);
    let lesson = ("en/a/b.md", LESSON.as_bytes());
    let found = findings(&[site, lesson, ("quizzes/y.toml", QUIZ.as_bytes())]);
    assert_eq!(
        found,
        [("quizzes/y.toml".to_owned(), 1, "unused-assessment")]
    );
    let twice = [fence.as_str(), "\n```exercise x\n```\n"].concat();
    let exercise = ("exercises/x.toml", EXERCISE.as_bytes());
    let found = findings(&[site, ("en/a/b.md", twice.as_bytes()), exercise]);
    assert_eq!(
        found,
        [("exercises/x.toml".to_owned(), 1, "repeated-assessment")]
    );
}
