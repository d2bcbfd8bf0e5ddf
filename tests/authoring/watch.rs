//! `routebook serve --watch`: changes of files appear, and errors in them leave the last valid content.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::folder::{initialized, text};
use crate::process::{Server, refused};

pub(crate) const LESSON: &str = "en/first-steps/first-lesson.md";
pub(crate) const PAGE: &str = "/en/first-steps/first-lesson";

/// Repeats a look until it returns something, at most for 30 s.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what} does not happen");
        sleep(Duration::from_millis(100));
    }
}

pub(crate) fn change(file: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(old), "{old}");
    fs::write(file, text.replace(old, new)).unwrap();
}

fn findings(status: &Value) -> Vec<String> {
    let findings = status["findings"].as_array().unwrap().iter();
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let (file, severity, rule) = (text("file"), text("severity"), text("rule"));
        let (line, message) = (&finding["line"], text("message"));
        format!("{file}:{line}: {severity}[{rule}]: {message}")
    };
    findings.map(line).collect()
}

/// Returns the version of which a page was rendered.
fn version(page: &str) -> String {
    let (_, version) = page.split_once("data-version=\"").unwrap();
    version.split_once('"').unwrap().0.to_owned()
}

#[test]
fn broken_file_leaves_the_last_page_until_it_is_corrected() {
    let folder = initialized("en");
    let file = folder.path().join(LESSON);
    let server = Server::start(folder.path(), &["--watch"]);
    let first = server.get(PAGE);
    assert!(first.contains("This lesson is an example."));
    let status = server.first_event("/author/events");
    assert_eq!(findings(&status), [""; 0]);
    assert_eq!(status["version"].as_str().unwrap(), version(&first));

    change(
        &file,
        "This lesson is an example.",
        "It was [changed](gone.md).",
    );
    let broken = wait_for("a finding", || {
        let status = server.first_event("/author/events");
        (!findings(&status).is_empty()).then_some(status)
    });
    assert_eq!(broken["version"], status["version"]);
    assert_eq!(broken["outdated"], true);
    let line = "en/first-steps/first-lesson.md:8: error[link]: en/first-steps/gone.md does not exist: correct the path, which is relative to this file";
    assert_eq!(findings(&broken), [line]);
    assert!(server.get(PAGE).contains("This lesson is an example."));

    change(&file, "[changed](gone.md)", "changed");
    let corrected = wait_for("the new page", || {
        let page = server.get(PAGE);
        page.contains("It was changed.").then_some(page)
    });
    assert_ne!(version(&corrected), version(&first));
    let status = wait_for("the end of the findings", || {
        let status = server.first_event("/author/events");
        findings(&status).is_empty().then_some(status)
    });
    assert_eq!(status["version"].as_str().unwrap(), version(&corrected));
    // The search index belongs to the content.
    assert!(server.get("/en/search?q=example").contains(PAGE) == corrected.contains("example"));
}

#[test]
fn findings_are_for_admins_on_a_site_that_others_reach() {
    let folder = initialized("en");
    let address = "http://lessons.example.com";
    let flags = ["--watch", "--insecure-http", "--base-url", address];
    let server = Server::start(folder.path(), &flags);
    let admin = server.log_in_as_admin();
    for cookie in ["", &format!("{admin}x")] {
        let line = server.status_line("/author/events", cookie);
        assert!(line.starts_with("HTTP/1.1 404"), "{line}");
    }
    assert!(!server.get(PAGE).contains("/author/"));
    let page = server.get_with(PAGE, &admin);
    assert!(page.contains("src=\"/author/watch.js\""), "{page}");
    let status = server.first_event_with("/author/events", &admin);
    assert_eq!(status["version"].as_str().unwrap(), version(&page));
}

#[test]
fn site_of_a_folder_with_errors_starts_and_shows_the_folder_when_it_is_corrected() {
    let folder = initialized("en");
    let file = folder.path().join(LESSON);
    let example = "This lesson is an example.";
    change(&file, example, "It is [broken](gone.md).");
    let content = text(folder.path());
    let without_watch = refused(&["serve", "--content", content, "--listen", "127.0.0.1:0"]);
    assert!(without_watch.contains("first-lesson.md:8: error[link]"));

    let server = Server::start(folder.path(), &["--watch"]);
    assert!(server.get(PAGE).starts_with("HTTP/1.1 404"));
    let built_in = server.get("/en/methods/get");
    assert!(built_in.contains("data-errors=\"errors\""));
    let status = server.first_event("/author/events");
    assert_eq!(status["outdated"], true);
    assert_eq!(status["version"].as_str().unwrap(), version(&built_in));
    let found = findings(&status);
    assert!(found[0].starts_with("en/first-steps/first-lesson.md:8: error[link]: "));

    change(&file, "It is [broken](gone.md).", "It is right.");
    let page = wait_for("the page", || {
        let page = server.get(PAGE);
        page.contains("It is right.").then_some(page)
    });
    assert_ne!(version(&page), version(&built_in));
    assert_eq!(server.first_event("/author/events")["outdated"], false);
}

#[test]
fn request_that_does_not_meet_its_expectation_is_reported() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &["--watch"]);
    let file = folder.path().join(LESSON);
    change(&file, "# @expect status == 200", "# @expect status == 201");
    let status = wait_for("a finding", || {
        let status = server.first_event("/author/events");
        (!findings(&status).is_empty()).then_some(status)
    });
    let found = findings(&status);
    assert!(
        found[0].starts_with("en/first-steps/first-lesson.md:18: "),
        "{found:?}"
    );
    assert_eq!(status["outdated"], false);
    assert_eq!(
        status["version"].as_str().unwrap(),
        version(&server.get(PAGE))
    );
}

#[test]
fn files_that_are_no_content_are_not_watched() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &["--watch"]);
    let version = || server.first_event("/author/events")["version"].clone();
    let first = version();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/portal.db"), "rows").unwrap();
    fs::write(folder.path().join("README.md"), "changed").unwrap();
    fs::write(
        folder.path().join("en/first-steps/.first-lesson.md.swp"),
        "x",
    )
    .unwrap();
    sleep(Duration::from_secs(2));
    assert_eq!(version(), first);
}

#[test]
fn new_file_is_served_and_a_draft_is_marked() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &["--watch"]);
    let path = "/en/first-steps/later";
    assert!(server.get(path).starts_with("HTTP/1.1 404"));
    let draft = "---\ntitle: Later\ndescription: D.\ndraft: true\n---\n\nText.\n";
    fs::write(folder.path().join("en/first-steps/later.md"), draft).unwrap();
    let page = wait_for("the new page", || {
        let page = server.get(path);
        page.starts_with("HTTP/1.1 200").then_some(page)
    });
    assert!(page.contains("This is a draft.") && page.contains("content=\"noindex\""));
    assert!(!server.get("/sitemap.xml").contains("later"));
    // Those who visit a site without the flags do not see it.
    drop(server);
    let server = Server::start(folder.path(), &[]);
    assert!(server.get(path).starts_with("HTTP/1.1 404"));
}

#[test]
fn script_and_style_of_the_author_are_allowed_by_the_policy() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &["--watch"]);
    let page = server.get(PAGE);
    let policy = page
        .lines()
        .find_map(|line| line.strip_prefix("content-security-policy: "))
        .unwrap();
    assert!(page.contains("<script src=\"/author/watch.js\""));
    for allowed in [
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
    ] {
        assert!(policy.contains(allowed), "{policy}");
    }
    assert!(
        server
            .get("/author/watch.js")
            .contains("content-type: text/javascript")
    );
    assert!(
        server
            .get("/author/watch.css")
            .contains("content-type: text/css")
    );
}

#[test]
fn folder_without_content_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (data, content) = (folder.path().join("data"), text(folder.path()));
    let serve = [
        "serve",
        "--watch",
        "--content",
        content,
        "--data",
        text(&data),
    ];
    assert!(refused(&serve).contains("routebook init"));
    assert!(!data.exists());
}

#[test]
fn watch_without_a_folder_is_refused() {
    assert!(refused(&["serve", "--watch"]).contains("--content"));
}
