//! The page of the content: an admin loads the folder of a running server again.

use crate::folder::initialized;
use crate::process::Server;
use crate::watch::{LESSON, PAGE, change, wait_for};

const CONTENT: &str = "/en/admin/content";

/// Returns the address to which a response redirects.
fn location(response: &str) -> &str {
    let mut lines = response.lines();
    lines
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_default()
}

#[test]
fn folder_is_loaded_again_when_an_admin_asks_for_it() {
    let folder = initialized("en");
    let file = folder.path().join(LESSON);
    let server = Server::start(folder.path(), &[]);
    let admin = server.log_in_as_admin();
    let page = server.get_with(CONTENT, &admin);
    assert!(page.contains("Not since the server was started"), "{page}");

    change(&file, "This lesson is an example.", "It was changed.");
    assert!(server.get(PAGE).contains("This lesson is an example."));
    let loaded = server.post(CONTENT, &admin, "");
    assert_eq!(location(&loaded), "/en/admin/content?done=served");
    assert!(server.get(PAGE).contains("It was changed."));

    change(&file, "It was changed.", "It was [changed](gone.md).");
    let refused = server.post(CONTENT, &admin, "");
    assert_eq!(location(&refused), "/en/admin/content?done=refused");
    assert!(server.get(PAGE).contains("It was changed."));
    let page = server.get_with(CONTENT, &admin);
    assert!(page.contains("en/first-steps/first-lesson.md:8"), "{page}");
    assert!(page.contains("Not served, because of the errors below."));

    let log = server.get_with("/en/admin/audit.csv?action=reload-content", &admin);
    let rows: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("reload-content"))
        .collect();
    assert!(
        rows[0].contains(",Boss,content,") && rows[0].contains("not served"),
        "{rows:?}"
    );
    assert!(rows[1].contains(",Boss,content,served,"), "{rows:?}");
    assert_eq!(rows.len(), 2);
}

#[test]
fn requests_of_a_folder_are_checked_and_drafts_stay_hidden_after_loading() {
    let folder = initialized("en");
    let file = folder.path().join(LESSON);
    let server = Server::start(folder.path(), &[]);
    let admin = server.log_in_as_admin();
    change(&file, "# @expect status == 200", "# @expect status == 201");
    let draft = "---\ntitle: Later\ndescription: D.\ndraft: true\n---\n\nText.\n";
    std::fs::write(folder.path().join("en/first-steps/later.md"), draft).unwrap();
    server.post(CONTENT, &admin, "");
    wait_for("the finding of a request", || {
        let page = server.get_with(CONTENT, &admin);
        page.contains("first-lesson.md:18").then_some(())
    });
    let path = "/en/first-steps/later";
    assert!(server.get(path).starts_with("HTTP/1.1 404"));
    let page = server.get_with(path, &admin);
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("only admins see this page"));
}

#[test]
fn check_that_fails_is_shown_as_a_finding() {
    let folder = initialized("en");
    let nowhere = folder.path().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    let server = Server::start_with(folder.path(), &[], &[("TMPDIR", nowhere)]);
    let admin = server.log_in_as_admin();
    let failure = "were not checked: no temporary folder could be created";
    let shown = || {
        wait_for("the failure of the check", || {
            let page = server.get_with(CONTENT, &admin);
            page.contains(failure).then_some(page)
        })
    };
    assert!(!shown().contains("Nothing was found."));
    let loaded = server.post(CONTENT, &admin, "");
    assert_eq!(location(&loaded), "/en/admin/content?done=served");
    assert!(!shown().contains("Nothing was found."));
}

#[test]
fn folder_that_cannot_be_read_is_shown_as_a_finding() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &[]);
    let admin = server.log_in_as_admin();
    let moved = tempfile::tempdir().unwrap();
    std::fs::rename(folder.path(), moved.path().join("folder")).unwrap();
    let refused = server.post(CONTENT, &admin, "");
    assert_eq!(location(&refused), "/en/admin/content?done=refused");
    let page = server.get_with(CONTENT, &admin);
    assert!(page.contains("No such file or directory"), "{page}");
    assert!(server.get(PAGE).contains("This lesson is an example."));
}

#[test]
fn starting_data_need_room_in_a_sandbox_of_the_server() {
    let folder = initialized("en");
    let variables = [("ROUTEBOOK_LIMITS_USERS", "20")];
    let server = Server::start_with(folder.path(), &[], &variables);
    let admin = server.log_in_as_admin();
    let users: Vec<String> = (1..=21)
        .map(|id| format!("{{\"id\": {id}, \"name\": \"A\", \"email\": \"{id}@example.com\"}}"))
        .collect();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let file = data.join("many.json");
    std::fs::write(&file, format!("[{}]", users.join(","))).unwrap();
    let refused = server.post(CONTENT, &admin, "");
    assert_eq!(location(&refused), "/en/admin/content?done=refused");
    let page = server.get_with(CONTENT, &admin);
    let finding = "21 users are too many for a sandbox of this server: keep 20";
    assert!(
        page.contains("data/many.json:1") && page.contains(finding),
        "{page}"
    );
    std::fs::write(&file, format!("[{}]", users[1..].join(","))).unwrap();
    let loaded = server.post(CONTENT, &admin, "");
    assert_eq!(location(&loaded), "/en/admin/content?done=served");
}

#[test]
fn page_after_loading_is_in_a_language_of_the_new_content() {
    let folder = initialized("ko,en");
    let server = Server::start(folder.path(), &[]);
    let admin = server.log_in_as_admin();
    let site = folder.path().join("site.toml");
    let text = std::fs::read_to_string(&site).unwrap();
    let lines = text.lines().filter(|line| !line.contains(".en"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let text = text.replace("[\"ko\", \"en\"]", "[\"ko\"]");
    assert!(
        text.contains("[\"ko\"]") && !text.contains("\"en\""),
        "{text}"
    );
    std::fs::write(&site, text).unwrap();
    std::fs::remove_dir_all(folder.path().join("en")).unwrap();
    for file in [
        "exercises/read-and-change.toml",
        "quizzes/first-lesson.toml",
    ] {
        std::fs::remove_file(folder.path().join(file)).unwrap();
    }
    let lesson = "---\ntitle: 레슨\ndescription: 설명.\n---\n\n글.\n";
    std::fs::write(folder.path().join("ko/first-steps/first-lesson.md"), lesson).unwrap();
    let loaded = server.post(CONTENT, &admin, "");
    assert_eq!(location(&loaded), "/ko/admin/content?done=served");
}

#[test]
fn change_of_a_watched_folder_is_logged_for_the_server() {
    let folder = initialized("en");
    let server = Server::start(folder.path(), &["--watch"]);
    let admin = server.log_in_as_admin();
    let file = folder.path().join(LESSON);
    change(&file, "This lesson is an example.", "It was changed.");
    let page = wait_for("the entry", || {
        let page = server.get_with("/en/admin/audit?action=reload-content", &admin);
        page.contains(">Content folder<").then_some(page)
    });
    assert!(page.contains(">The server<"), "{page}");
}
