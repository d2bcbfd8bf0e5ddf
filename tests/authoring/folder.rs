//! `routebook init` and `routebook new`: what they write passes the check and is served.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::process::{Server, first_admin_link, print, refused, run_in};

/// Returns a folder that `init` has written.
pub(crate) fn initialized(locales: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    print(&["init", text(folder.path()), "--locale", locales]);
    folder
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(text(&path).to_owned()),
        }
    }
    files.sort();
    files
}

#[test]
fn initialized_folder_has_no_findings() {
    for (locales, lessons) in [("ko", 1), ("en", 1), ("en,ko", 2)] {
        let folder = initialized(locales);
        let printed = print(&["check", text(folder.path()), "--strict"]);
        let requests = 2 * lessons;
        let lessons = if lessons == 1 {
            "1 lesson"
        } else {
            "2 lessons"
        };
        let expected = format!("{lessons}, {requests} requests, 1 exercise: no findings\n");
        assert_eq!(printed, expected, "{locales}");
        assert!(printed.contains("no findings"), "{printed}");
    }
}

#[test]
fn initialized_folder_is_in_its_languages_only() {
    let folder = initialized("en");
    for file in files(folder.path()) {
        let text = fs::read_to_string(&file).unwrap();
        let is_hangul = |c: char| ('가'..='힣').contains(&c);
        assert!(!text.contains(is_hangul), "{file}");
        assert!(
            !text.contains("{locales}") && !text.contains("{default_locale}"),
            "{file}"
        );
    }
    let folder = initialized("ko");
    let exercise = fs::read_to_string(folder.path().join("exercises/read-and-change.toml"));
    assert!(!exercise.unwrap().contains("en ="));
}

#[test]
fn language_of_the_terminal_is_the_first_of_a_new_folder() {
    for (language, title, locale) in [
        ("en_US.UTF-8", "Our API lessons", "en"),
        ("ko_KR.UTF-8", "우리 팀의 API 레슨", "ko"),
        ("C.UTF-8", "우리 팀의 API 레슨", "ko"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = run_in(language, &["init", text(folder.path())]);
        assert!(output.status.success(), "{language}");
        let site = fs::read_to_string(folder.path().join("site.toml")).unwrap();
        assert!(site.contains(&format!("title = \"{title}\"")), "{site}");
        assert!(
            site.contains(&format!("default_locale = \"{locale}\"")),
            "{site}"
        );
        assert!(folder.path().join("en").exists() && folder.path().join("ko").exists());
    }
}

#[test]
fn first_admin_gets_a_page_in_the_language_of_the_site_or_of_the_terminal() {
    let folder = initialized("en");
    let content = ["--content", text(folder.path())];
    for (language, flags, locale) in [
        ("en_US.UTF-8", &[][..], "en"),
        ("ko_KR.UTF-8", &[], "ko"),
        ("C", &[], "ko"),
        ("ko_KR.UTF-8", &content[..], "en"),
    ] {
        let link = first_admin_link(language, flags);
        assert!(
            link.contains(&format!("/{locale}/join/")),
            "{language}: {link}"
        );
    }
}

#[test]
fn folder_with_a_file_is_not_initialized() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    fs::create_dir_all(new.join(".git")).unwrap();
    print(&["init", text(&new), "--locale", "en"]);
    let before = files(&new);
    let error = refused(&["init", text(&new)]);
    assert!(error.contains(".gitignore and 5 more"), "{error}");
    assert_eq!(files(&new), before);
    let file = new.join("README.md");
    refused(&["init", text(&file)]);
    assert!(
        refused(&["init", text(&folder.path().join("x")), "--locale", "fr"]).contains("ko, en")
    );
}

#[test]
fn initialized_folder_is_served_over_the_built_in_lessons() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &[]);
    let lesson = server.get("/en/first-steps/first-lesson");
    assert!(lesson.starts_with("HTTP/1.1 200"), "{lesson}");
    let (_, picture) = lesson.split_once("<img src=\"").unwrap();
    let (picture, _) = picture.split_once('"').unwrap();
    assert!(server.get(picture).contains("<svg "));
    assert!(
        lesson.contains("href=\"/en/methods/get\""),
        "the built-in lessons follow"
    );
    // Without --watch nothing of it is there.
    assert!(!lesson.contains("/author/"));
    assert!(server.get("/author/events").starts_with("HTTP/1.1 404"));
    assert!(server.get("/author/watch.js").starts_with("HTTP/1.1 404"));
}

#[test]
fn new_lesson_passes_the_check_and_keeps_the_comments_of_the_author() {
    let folder = initialized("ko,en");
    let site = folder.path().join("site.toml");
    let before = fs::read_to_string(&site).unwrap();
    let content = ["--content", text(folder.path())];
    let new = |arguments: &[&str]| print(&[&["new", "lesson"], arguments, &content].concat());
    let printed = new(&["our-api/first-call", "--title", "\"Quoted\": a title"]);
    assert!(printed.contains("our-api/first-call.md"), "{printed}");
    assert!(
        printed.contains("write your own in each language"),
        "{printed}"
    );
    let after = fs::read_to_string(&site).unwrap();
    let added = after
        .strip_prefix(&before)
        .expect("the text before is kept");
    assert!(added.contains("slug = \"our-api\""), "{added}");
    for locale in ["ko", "en"] {
        let title = format!("title.{locale} = \"Our api\"");
        assert!(added.contains(&title), "{added}");
    }
    new(&["our-api/second-call"]);
    new(&["methods/of-ours"]);
    assert_eq!(fs::read_to_string(&site).unwrap(), after);
    let printed = print(&["check", text(folder.path()), "--strict"]);
    assert!(printed.starts_with("8 lessons, 16 requests"), "{printed}");
}

#[test]
fn new_lesson_that_cannot_be_written_changes_nothing() {
    let folder = initialized("en");
    let content = text(folder.path());
    let before = files(folder.path());
    let site = fs::read_to_string(folder.path().join("site.toml")).unwrap();
    for (path, message) in [
        ("first-steps/first-lesson", "exists already"),
        ("data/lesson", "\"data\""),
        ("one", "SECTION/NAME"),
        ("../out/lesson", "SECTION/NAME"),
        ("a/B", "SECTION/NAME"),
    ] {
        let error = refused(&["new", "lesson", path, "--content", content]);
        assert!(error.contains(message), "{path}: {error}");
    }
    let empty = tempfile::tempdir().unwrap();
    let error = refused(&["new", "lesson", "a/b", "--content", text(empty.path())]);
    assert!(error.contains("routebook init"), "{error}");
    assert_eq!(files(folder.path()), before);
    // Sections in one value leave nowhere to add one.
    let inline = "sections = [{ slug = \"first-steps\", title.en = \"First\" }]\n";
    fs::write(folder.path().join("site.toml"), inline).unwrap();
    let error = refused(&["new", "lesson", "a/b", "--content", content]);
    assert!(error.contains("add it there first"), "{error}");
    assert_eq!(files(folder.path()), before);
    fs::write(folder.path().join("site.toml"), &site).unwrap();
    let hidden = format!("{site}\n[[sections]]\nslug = \"methods\"\nhidden = true\n");
    fs::write(folder.path().join("site.toml"), hidden).unwrap();
    let error = refused(&["new", "lesson", "methods/b", "--content", content]);
    assert!(error.contains("hides"), "{error}");
}

/// The README of a folder is all that an author has, so what it shows must be valid.
#[test]
fn fences_of_the_readme_pass_the_check() {
    let folder = initialized("en");
    let readme = fs::read_to_string(folder.path().join("README.md")).unwrap();
    for shown in [
        "# @expect 2 status == 409",
        "# @prompt name Label",
        "# @name login",
        "# @predict",
        "# @note Text",
        "```http side",
        "```python tab=flask",
        "```diagram message",
        "```diagram checks",
        "QUESTION -> 404",
        "=> 200",
        "header Location exists",
    ] {
        assert!(readme.contains(shown), "{shown}");
    }
    let lesson = "---\ntitle: All\ndescription: D.\n---\n\n\
        ```http\n# @id one\n# @name login\n# @note Text\n# @predict\n# @expect status == 200\nGET /api/users/2\n```\n\n\
        ```http\nHTTP/1.1 200 OK\nContent-Type: application/json…\n\n{ \"id\": 2, … }\n```\n\n\
        ```http side\n# @id two\n# @prompt name Label\n# @expect status == 201\n# @expect header Location exists\n\
        # @expect 2 status == 409\nPOST /api/users\nContent-Type: application/json\n\n\
        {\"name\": \"{{name}} {{login.response.body.$.id}}\", \"email\": \"a@example.com\"}\n```\n\n\
        ```python tab=flask\npass\n```\n\n```rust tab=axum\nfn f() {}\n```\n\n\
        ```diagram message\nGET / HTTP/1.1 | Request line\nHost: example.com | Header fields\n```\n\n\
        ```diagram checks\nQUESTION -> 404\n=> 200\n```\n";
    fs::write(folder.path().join("en/first-steps/all.md"), lesson).unwrap();
    print(&["check", text(folder.path()), "--strict"]);
}

#[test]
fn printed_message_replaces_the_built_in_one() {
    let folder = initialized("en");
    let printed = print(&["messages", "minutes ="]);
    let message = printed.lines().find(|line| line.starts_with("minutes = "));
    let changed = message.expect("the message").replace("min", "long minutes");
    let changed = changed.replacen("long minutesutes", "minutes", 1);
    fs::create_dir(folder.path().join("i18n")).unwrap();
    fs::write(folder.path().join("i18n/en.ftl"), format!("{changed}\n")).unwrap();
    print(&["check", text(folder.path()), "--strict"]);
    let server = Server::start(folder.path(), &[]);
    assert!(server.get("/en/methods/get").contains("long minutes"));
    // Everything that is printed is valid in a folder of an author, too.
    let all = print(&["messages", "--locale", "ko"]);
    assert!(all.lines().count() > 500);
    fs::write(folder.path().join("i18n/ko.ftl"), all).unwrap();
    print(&["check", text(folder.path()), "--strict"]);
    assert!(refused(&["messages", "no such text"]).contains("contains \"no such text\""));
}

#[test]
fn lesson_begins_with_the_data_that_it_names() {
    let folder = initialized("en");
    fs::create_dir(folder.path().join("data")).unwrap();
    let pair = r#"[{"id": 3, "name": "Mina Jeong", "email": "mina@example.com"}]"#;
    fs::write(folder.path().join("data/one.json"), pair).unwrap();
    // The databases of a server are kept there, too.
    fs::write(folder.path().join("data/portal.db"), "rows").unwrap();
    let lesson = "---\ntitle: One\ndescription: D.\ndata: one\n---\n\n\
        ```http\n# @id list\n# @expect body $[0].name == \"Mina Jeong\"\nGET /api/users\n```\n\n\
        ```http\n# @id gone\n# @expect status == 404\nGET /api/users/1\n```\n";
    let file = folder.path().join("en/first-steps/one.md");
    fs::write(&file, lesson).unwrap();
    print(&["check", text(folder.path()), "--strict"]);
    // The same requests do not meet their expectations with other data.
    fs::write(&file, lesson.replace("data: one\n", "")).unwrap();
    let printed = crate::process::run(&["check", text(folder.path())]).stdout;
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("one.md:8: error[expect]"), "{printed}");
    assert!(printed.contains("one.md:14: error[expect]"), "{printed}");
}
