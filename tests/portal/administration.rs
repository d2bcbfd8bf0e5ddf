//! What admins see of the content and in the audit log.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use routebook::content::SourceFile;
use routebook::model::account::TeamRole;
use routebook::portal::Settings;
use routebook::portal::store::audit::{Actor, AuditAction};

use crate::app::{App, DAY, PASSWORD, rows};
use crate::database::TestDatabase;
use crate::learning::Browser;
use crate::member_lessons::cards;

on_both_engines! {
    head_of_a_file_is_no_export,
    draft_is_a_page_for_admins_only,
    exercise_and_quiz_of_a_draft_are_for_admins_only,
    content_page_shows_the_built_in_content,
    audit_log_is_filtered_by_person_action_and_days,
    unknown_action_lists_nothing_and_says_so,
    entries_are_shown_as_texts_in_the_language_of_the_page,
    every_entry_is_in_the_files,
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

async fn exercise_and_quiz_of_a_draft_are_for_admins_only(database: &TestDatabase) {
    let text = "---\ntitle: Unfinished\ndescription: D.\ndraft: true\n---\n\nZwieback.\n\n\
                ```exercise ours\n```\n\n```quiz ours\n```\n";
    let draft = SourceFile {
        bytes: text.into(),
        ..draft()
    };
    let app = App::with_files(database, &[&[draft][..], &cards()].concat()).await;
    let mut admin = Browser::new(&app);
    app.session_of(ADMIN, TeamRole::Admin).await;
    admin.log_in(ADMIN).await;
    let page = admin.get(DRAFT).await.body;
    let (exercise, quiz) = ("/en/exercises/ours", "/en/quizzes/ours");
    for card in [exercise, quiz] {
        assert!(page.contains(&format!("action=\"{card}")), "{page}");
        let own = admin.get(card).await;
        assert_eq!(own.status, StatusCode::OK, "{card}");
        assert!(own.body.contains(&format!("href=\"{DRAFT}\"")));
        assert_eq!(own.header("cache-control"), Some("no-store"));
        assert_eq!(
            admin.get(&format!("{card}?part")).await.status,
            StatusCode::OK
        );
    }
    // The exercise is solved and graded.
    admin.post(exercise, &[("do", "start")]).await;
    admin.get("/api/users/7").await;
    let patch = r#"{"bio": "Changed."}"#;
    let changed = admin.send("PATCH", "/api/users/7", patch).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let checked = admin.post(exercise, &[("do", "check")]).await;
    assert_eq!(checked.status, StatusCode::SEE_OTHER);
    assert!(admin.get(exercise).await.body.contains("Passed"));
    let answered = admin
        .post(quiz, &[("safe", "b"), ("empty-list", "a")])
        .await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert!(admin.get(quiz).await.body.contains("Correct."));
    // Nobody else reaches them, before and after.
    let mentor = app.session_of("m@example.com", TeamRole::Mentor).await;
    let learner = app.session_of("l@example.com", TeamRole::Learner).await;
    for session in [None, Some(&*mentor), Some(&*learner)] {
        for card in [exercise, quiz] {
            for path in [card.to_owned(), format!("{card}?part")] {
                let page = app.get(&path, session).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
                let form = [("do", "start"), ("safe", "b")];
                let posted = app.post(&path, session, &form).await;
                assert_eq!(posted.status, StatusCode::NOT_FOUND, "{path}");
                assert!(!page.body.contains("Unfinished") && !posted.body.contains("Unfinished"));
            }
        }
    }
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
    // The files that this function fetches, and the accounts that the test begins with.
    rows.retain(|(action, _)| action != "export" && action != "create-account");
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

async fn unknown_action_lists_nothing_and_says_so(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let path = "/en/admin/audit?action=fly";
    let page = app.get(path, Some(&admin)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("There is no such action"));
    assert!(page.body.contains("There are no entries here."));
    assert!(!page.body.contains(">Logged in</td>"), "{}", page.body);
    let select = page.body.split("<select name=\"action\"").nth(1).unwrap();
    let select = select.split('>').next().unwrap();
    assert!(select.contains("aria-invalid=\"true\"") && select.contains("audit-problem"));
    for file in ["audit.csv", "audit.jsonl"] {
        let path = format!("/en/admin/{file}?action=fly");
        let file = app.get(&path, Some(&admin)).await;
        assert_eq!(file.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

async fn entries_are_shown_as_texts_in_the_language_of_the_page(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let actor = Actor::default();
    for name in Settings::NAMES {
        let entry = (name, "null → null");
        let action = AuditAction::ChangeSetting;
        app.portal.record_audit_detail(&actor, action, entry).await;
    }
    let entries = [
        (AuditAction::ChangeRole, "x", "learner → mentor"),
        (AuditAction::Invite, "", "role=learner, uses=5"),
        (AuditAction::Join, "x", "role=mentor, https://a.example"),
        (AuditAction::ReloadContent, "content", "served"),
        (
            AuditAction::ReloadContent,
            "content",
            "not served, findings: 3",
        ),
        (AuditAction::BackUp, "a.db", "4096"),
        (
            AuditAction::Assign,
            "",
            "methods/get, methods/put → 2100-06-01",
        ),
        (AuditAction::AskForHelp, "create-an-admin", ""),
        (AuditAction::Export, "progress", ""),
        (AuditAction::ChangeSetting, "members_only", "false → true"),
        (AuditAction::ChangeSetting, "title", r#""A → B" → """#),
        (
            AuditAction::ChangeSetting,
            "hidden_locales",
            r#"[] → ["ko"]"#,
        ),
        (
            AuditAction::ChangeSetting,
            "registration",
            r#""closed" → "invitation""#,
        ),
        (AuditAction::ChangeSetting, "audit_days", "365 → 30"),
        (AuditAction::ChangeSetting, "attempt_days", "something else"),
    ];
    for (action, subject, detail) in entries {
        let entry = (subject, detail);
        app.portal.record_audit_detail(&actor, action, entry).await;
    }
    let page = app.get("/en/admin/audit", Some(&admin)).await.body;
    for text in [
        "Learner → Mentor<",
        "Anybody with the link<br><span class=\"quiet\">Learner, number of accounts: 5<",
        "Mentor, https://a.example<",
        "Valid, and served<",
        "Not served. Findings: 3<",
        "4096 bytes<",
        "Everybody<br><span class=\"quiet\"><code>methods/get, methods/put<",
        "2100-06-01<",
        "<code>create-an-admin<",
        "The progress of the team<",
        "For members only<br><span class=\"quiet\">off → on<",
        "A → B → not set<",
        "none → 한국어<",
        "Nobody: invitations wait until this is changed → Who has an invitation<",
        "365 → 30<",
        "something else<",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    let rows = page.split("<tbody>").nth(1).unwrap();
    for name in Settings::NAMES {
        assert!(!rows.contains(&format!(">{name}<")), "{name}");
    }
    let page = app.get("/ko/admin/audit", Some(&admin)).await.body;
    assert!(
        page.contains("학습자 → 멘토<") && page.contains("꺼짐 → 켜짐<"),
        "{page}"
    );
    // The files keep the codes.
    let rows = log(&app, &admin, "action=invite").await;
    assert_eq!(rows.len(), 1);
    let file = app.get("/ko/admin/audit.csv", Some(&admin)).await.body;
    assert!(file.contains("members_only,false → true,"), "{file}");
}

async fn every_entry_is_in_the_files(database: &TestDatabase) {
    // More than two pages of a file, the last of them not full.
    const COUNT: usize = 2500;
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let actor = Actor::default();
    for number in 0..COUNT {
        let subject = format!("entry-{number}");
        let entry = (&*subject, "");
        let action = AuditAction::AskForHelp;
        app.portal.record_audit_detail(&actor, action, entry).await;
    }
    let expected: Vec<String> = (0..COUNT).rev().map(|n| format!("entry-{n}")).collect();
    let query = "action=ask-for-help";
    let path = |file: &str| format!("/en/admin/{file}?{query}");
    let csv = app.get(&path("audit.csv"), Some(&admin)).await.body;
    let cells = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap());
    assert_eq!(cells.collect::<Vec<_>>(), expected);
    assert_eq!(csv.matches('\u{FEFF}').count(), 1);
    let json = app.get(&path("audit.jsonl"), Some(&admin)).await.body;
    let subjects = json.lines().map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        entry["subject"].as_str().unwrap().to_owned()
    });
    assert_eq!(subjects.collect::<Vec<_>>(), expected);
}

async fn head_of_a_file_is_no_export(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let exports = "SELECT id FROM audit WHERE action = 'export'";
    let files = [
        "/en/admin/audit.csv",
        "/en/admin/audit.jsonl",
        "/en/team/progress.csv",
        "/en/account/data.json",
    ];
    for (at, path) in files.into_iter().enumerate() {
        let cookie = format!("{}={admin}", app.cookie);
        let head = Request::head(path).header("cookie", cookie);
        let head = app.send(head.body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
        assert_eq!(rows(database, exports).await.len(), at, "{path}");
        let file = app.get(path, Some(&admin)).await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(rows(database, exports).await.len(), at + 1, "{path}");
    }
}
