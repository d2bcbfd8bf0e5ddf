//! What admins see of the content and in the audit log.

use axum::http::StatusCode;
use routebook::content::SourceFile;
use routebook::model::account::TeamRole;

use crate::app::{App, DAY, PASSWORD};
use crate::database::TestDatabase;

on_both_engines! {
    draft_is_a_page_for_admins_only,
    content_page_shows_the_built_in_content,
    audit_log_is_filtered_by_person_action_and_days,
    wrong_password_is_logged_with_the_account_if_there_is_one,
    wrong_current_password_is_logged,
}

const ADMIN: &str = "boss@example.com";
const DRAFT: &str = "/en/methods/unfinished";

/// A draft over the built-in content; its text occurs nowhere else.
fn draft() -> SourceFile {
    let text = "---\ntitle: Unfinished\ndescription: D.\ndraft: true\n---\n\nZwieback.\n";
    SourceFile {
        path: "en/methods/unfinished.md".to_owned(),
        bytes: text.into(),
    }
}

async fn draft_is_a_page_for_admins_only(database: &TestDatabase) {
    let app = App::with_files(database, &[draft()]).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let mentor = app.session_of("m@example.com", TeamRole::Mentor).await;
    let learner = app.session_of("l@example.com", TeamRole::Learner).await;
    let page = app.get(DRAFT, Some(&admin)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Zwieback.") && page.body.contains("only admins see this page"));
    assert!(page.body.contains("content=\"noindex\""));
    assert!(!page.body.contains("text/markdown"), "{}", page.body);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    // After an admin has opened it, nobody else gets it from the cache.
    for session in [None, Some(&mentor), Some(&learner)] {
        let page = app.get(DRAFT, session.map(String::as_str)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(!page.body.contains("Zwieback"));
    }
    for path in [
        "/en/methods/unfinished.md",
        "/en/methods/unfinished.http",
        "/en/methods/unfinished.png",
    ] {
        let file = app.get(path, Some(&admin)).await;
        assert_eq!(file.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        "/en",
        "/en/methods",
        "/en/llms.txt",
        "/en/llms-full.txt",
        "/sitemap.xml",
        "/en/print/methods",
        "/en/search?q=zwieback",
        "/en/palette",
        "/en/team/lessons",
    ] {
        let page = app.get(path, Some(&admin)).await.body;
        assert!(
            !page.contains("methods/unfinished") && !page.contains("Zwieback."),
            "{path}"
        );
    }
    let list = app.get("/en/admin/content", Some(&admin)).await.body;
    assert!(list.contains(&format!("href=\"{DRAFT}\"")), "{list}");
}

async fn content_page_shows_the_built_in_content(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let page = app.get("/en/admin/content", Some(&admin)).await;
    let lessons = app
        .library()
        .in_order(routebook::model::locale::Locale::Ko)
        .count();
    let total = page.body.split("All sections").nth(1).unwrap();
    assert!(total.contains(&format!("<td>{lessons}<")), "{total}");
    assert!(page.body.contains("There are no drafts."));
    assert!(!page.body.contains("Load the folder again"));
    // Without a folder there is nothing to load.
    let posted = app.post("/en/admin/content", Some(&admin), &[]).await;
    assert_eq!(
        posted.header("location"),
        Some("/en/admin/content?done=busy")
    );
}

/// Returns the subjects of the rows of the log.
async fn log(app: &App, session: &str, query: &str) -> Vec<(String, String)> {
    let path = format!("/en/admin/audit.csv?{query}");
    let file = app.get(&path, Some(session)).await;
    assert_eq!(file.status, StatusCode::OK, "{query}");
    let cell = |line: &str, at: usize| line.split(',').nth(at).unwrap().to_owned();
    let lines = file.body.lines().skip(1);
    let mut rows: Vec<_> = lines.map(|line| (cell(line, 1), cell(line, 3))).collect();
    rows.retain(|(action, _)| action != "export");
    rows.reverse();
    rows
}

async fn audit_log_is_filtered_by_person_action_and_days(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    app.log_in_as_grace(None).await;
    app.clock.advance(DAY);
    app.log_in(None, "nobody@example.com", PASSWORD).await;
    let row = |action: &str, subject: &str| (action.to_owned(), subject.to_owned());
    let boss = row("log-in", ADMIN);
    let grace = row("log-in", "grace@example.com");
    let nobody = row("log-in-failed", "nobody@example.com");
    let all = [boss.clone(), grace.clone(), nobody.clone()];
    assert_eq!(log(&app, &admin, "").await, all);
    // The name of an account, which stands in no column of its login.
    assert_eq!(
        log(&app, &admin, "q=hopper").await,
        std::slice::from_ref(&grace)
    );
    assert_eq!(
        log(&app, &admin, "q=GRACE%40EX").await,
        std::slice::from_ref(&grace)
    );
    assert_eq!(log(&app, &admin, "q=%25").await, []);
    let failed = log(&app, &admin, "action=log-in-failed").await;
    assert_eq!(failed, std::slice::from_ref(&nobody));
    let first = log(&app, &admin, "to=2027-01-15").await;
    assert_eq!(first, [boss, grace]);
    let second = "from=2027-01-16&to=2027-01-16";
    assert_eq!(log(&app, &admin, second).await, [nobody]);
    assert_eq!(log(&app, &admin, "from=2027-01-17").await, []);
    let path = "/en/admin/audit?q=Hop%26per&from=2027-01-17&to=2027-01-16";
    let page = app.get(path, Some(&admin)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("value=\"Hop&amp;per\"") && page.body.contains("value=\"2027-01-17\"")
    );
    assert!(page.body.contains("The first day is after the last one"));
    assert!(
        page.body
            .contains("audit.csv?q=Hop%26per&amp;from=2027-01-17")
    );
    let file = app.get("/en/admin/audit.jsonl?to=soon", Some(&admin)).await;
    assert_eq!(file.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn wrong_password_is_logged_with_the_account_if_there_is_one(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let known = app
        .log_in(None, "Grace@example.com", "wrong password")
        .await;
    let unknown = app
        .log_in(None, "nobody@example.com", "wrong password")
        .await;
    assert_eq!(known.status, unknown.status);
    app.log_in(None, "my secret password", "grace@example.com")
        .await;
    let page = app
        .get("/en/admin/audit?action=log-in-failed", Some(&admin))
        .await
        .body;
    assert_eq!(page.matches("Account of Grace Hopper").count(), 1);
    assert_eq!(page.matches("Account of").count(), 1, "{page}");
    assert!(page.contains("nobody@example.com") && !page.contains("secret"));
}

async fn wrong_current_password_is_logged(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let grace = app.log_in_as_grace(None).await;
    let form = [("email", "new@example.com"), ("current", "wrong password")];
    app.post("/en/account/email", Some(&grace), &form).await;
    let failed = log(&app, &admin, "action=log-in-failed").await;
    assert_eq!(
        failed,
        [("log-in-failed".to_owned(), "grace@example.com".to_owned())]
    );
}
