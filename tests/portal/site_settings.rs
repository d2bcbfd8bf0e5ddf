//! The settings that change what the site looks like and allows: the logo, the languages and the limits. The statuses of
//! refused forms of the administration.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use routebook::config::Config;
use routebook::content::SourceFile;
use routebook::model::account::TeamRole;
use routebook::model::limits::{LimitKey, Limits};
use routebook::portal::Settings;
use routebook::portal::store::audit::{Actor, AuditFilter};

use crate::app::{App, TestResponse};
use crate::database::TestDatabase;
use crate::member_lessons::cards;

on_both_engines! {
    logo_is_uploaded_shown_and_removed,
    file_that_is_no_logo_is_refused_and_nothing_is_stored,
    logo_is_the_only_picture_without_an_account,
    language_that_is_switched_off_leads_to_the_default_one,
    lesson_that_is_only_in_a_switched_off_language_works_in_the_default_one,
    limits_hold_at_once,
    fixed_limit_is_shown_and_stays,
    refused_forms_of_members_and_invitations_have_a_status,
    form_from_the_same_host_with_another_scheme_is_refused,
}

const ADMIN: &str = "boss@example.com";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 20\"><script>alert(1)</script></svg>";

async fn with_admin(database: &TestDatabase) -> (App, String) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    (app, admin)
}

/// Sends the form of the logo.
async fn send_logo(app: &App, session: &str, action: &str, file: &[u8]) -> TestResponse {
    let confirm = match action {
        "ask" => "",
        _ => "yes",
    };
    let action = action.replace("ask", "remove");
    let mut body = Vec::new();
    for (head, value) in [
        (
            "name=\"file\"; filename=\"x.png\"\r\nContent-Type: image/png",
            file,
        ),
        ("name=\"do\"", action.as_bytes()),
        ("name=\"confirm\"", confirm.as_bytes()),
    ] {
        body.extend(format!("--limit\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend(value);
        body.extend(b"\r\n");
    }
    body.extend(b"--limit--\r\n");
    let request = Request::post("/en/admin/logo")
        .header(CONTENT_TYPE, "multipart/form-data; boundary=limit")
        .header("sec-fetch-site", "same-origin")
        .header(COOKIE, format!("{}={session}", app.cookie));
    app.send(request.body(Body::from(body)).unwrap()).await
}

/// Returns the address of the logo in the header of a page.
fn logo(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("class=\"site-title\"")?;
    let (header, _) = rest.split_once("</a>")?;
    let (_, rest) = header.split_once("src=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

async fn logo_is_uploaded_shown_and_removed(database: &TestDatabase) {
    let (app, admin) = with_admin(database).await;
    // The page is in the cache before.
    assert_eq!(logo(&app.get("/en", None).await.body), None);
    let sent = send_logo(&app, &admin, "upload", SVG.as_bytes()).await;
    assert_eq!(
        sent.header("location"),
        Some("/en/admin/settings?done=saved")
    );
    let page = app.get("/en", None).await.body;
    let address = logo(&page).expect("a logo");
    assert!(page.contains("width=\"40\" height=\"20\""));
    let picture = app.get(&address, None).await;
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    assert_eq!(picture.body, SVG);
    let policy = picture.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none';") && policy.ends_with("sandbox"),
        "{policy}"
    );
    // Another instance finds it in the database.
    let other = App::without_accounts(database).await;
    other.portal.reload_settings().await.unwrap();
    assert_eq!(
        logo(&other.get("/ko", None).await.body),
        Some(address.clone())
    );
    // The other settings leave it as it is.
    let form = [
        ("title", "Team"),
        ("registration", "invitation"),
        ("locale_en", "on"),
        ("locale_ko", "on"),
        ("attempt_days", "365"),
        ("audit_days", "365"),
        ("address_days", "30"),
    ];
    app.post("/en/admin/settings", Some(&admin), &form).await;
    assert_eq!(
        logo(&app.get("/en", None).await.body),
        Some(address.clone())
    );
    let asked = send_logo(&app, &admin, "ask", b"").await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.body.contains("The logo is deleted") && asked.body.contains("name=\"confirm\""),
        "{}",
        asked.body
    );
    assert_eq!(
        logo(&app.get("/en", None).await.body),
        Some(address.clone())
    );
    let removed = send_logo(&app, &admin, "remove", b"").await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(logo(&app.get("/en", None).await.body), None);
    assert_eq!(app.get(&address, None).await.status, StatusCode::NOT_FOUND);
    let audit = app
        .portal
        .store
        .list_audit(&AuditFilter::default(), None, 9)
        .await;
    let audit = audit.unwrap();
    assert_eq!(
        audit.iter().filter(|entry| entry.subject == "logo").count(),
        2
    );
}

async fn file_that_is_no_logo_is_refused_and_nothing_is_stored(database: &TestDatabase) {
    let (app, admin) = with_admin(database).await;
    for (file, status, text) in [
        (
            &b"GIF89a\x01\0\x01\0"[..],
            422,
            "neither SVG nor PNG nor WebP",
        ),
        (b"", 422, "neither SVG nor PNG nor WebP"),
        (b"<svg>", 422, "browsers do not show it"),
        (&vec![b'x'; 110 * 1024], 422, "at most 100 kB"),
        (&vec![b'x'; 300 * 1024], 413, "at most 100 kB"),
    ] {
        let refused = send_logo(&app, &admin, "upload", file).await;
        assert_eq!(refused.status, status, "{text}");
        assert!(refused.body.contains(text), "{}", refused.body);
    }
    let form = [("do", "remove")];
    let other_type = app.post("/en/admin/logo", Some(&admin), &form).await;
    assert_eq!(other_type.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.portal.settings.get().logo, "");
    assert!(app.portal.settings.logo().is_none());
}

async fn logo_is_the_only_picture_without_an_account(database: &TestDatabase) {
    let app = App::for_members(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    send_logo(&app, &admin, "upload", SVG.as_bytes()).await;
    let login = app.get("/en/login", None).await;
    let address = logo(&login.body).expect("a logo");
    assert_eq!(app.get(&address, None).await.status, StatusCode::OK);
    let other = app.get("/pictures/0.png", None).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
}

/// The form of the settings with some fields added.
async fn save(app: &App, session: &str, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let defaults = [
        ("registration", "invitation"),
        ("attempt_days", "365"),
        ("audit_days", "365"),
        ("address_days", "30"),
    ];
    let form: Vec<_> = defaults.iter().chain(fields).copied().collect();
    app.post(path, Some(session), &form).await
}

async fn language_that_is_switched_off_leads_to_the_default_one(database: &TestDatabase) {
    let (app, admin) = with_admin(database).await;
    let before = app.get("/ko/methods/post", None).await.body;
    assert!(before.contains("hreflang=\"en\""));
    let path = "/en/admin/settings";
    let none = save(&app, &admin, path, &[("title", "Kept")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Offer one language") && none.body.contains("value=\"Kept\""));
    let saved = save(&app, &admin, path, &[("locale_ko", "on")]).await;
    // The language of the page is switched off.
    assert_eq!(
        saved.header("location"),
        Some("/ko/admin/settings?done=saved")
    );
    for (path, target) in [
        ("/en", "/ko"),
        ("/en/methods/post?a=1", "/ko/methods/post?a=1"),
        ("/en/reset/secret", "/ko/reset/secret"),
    ] {
        let page = app.get(path, None).await;
        assert_eq!(page.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
        assert_eq!(page.header("location"), Some(target));
    }
    let after = app.get("/ko/methods/post", None).await.body;
    assert!(
        !after.contains("hreflang=\"en\"") && !after.contains("class=\"language-switch\""),
        "{after}"
    );
    let sitemap = app.get("/sitemap.xml", None).await.body;
    assert!(
        sitemap.contains("/ko/") && !sitemap.contains("/en/"),
        "{sitemap}"
    );
    let request = Request::get("/").header("accept-language", "en");
    let root = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(root.header("location"), Some("/ko"));
    let both = [
        ("locale_ko", "on"),
        ("locale_en", "on"),
        ("default_locale", "en"),
    ];
    save(&app, &admin, "/ko/admin/settings", &both).await;
    let root = app.get("/", None).await;
    assert_eq!(root.header("location"), Some("/en"));
    assert_eq!(app.get("/en", None).await.status, StatusCode::OK);
}

/// Returns the addresses of this site in some attributes of a page.
fn addresses(page: &str, attributes: &[&str]) -> Vec<String> {
    let parts = attributes
        .iter()
        .flat_map(|attribute| page.split(attribute).skip(1));
    let ends = parts.filter_map(|part| part.split(['"', '#']).next());
    let mut addresses: Vec<String> = ends
        .map(|end| format!("/{}", end.replace("&amp;", "&")))
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// Fetches a page, after at most one redirect.
async fn follow(app: &App, path: &str) -> TestResponse {
    let response = app.get(path, None).await;
    match response.header("location").map(str::to_owned) {
        Some(target) => app.get(&target, None).await,
        None => response,
    }
}

async fn lesson_that_is_only_in_a_switched_off_language_works_in_the_default_one(
    database: &TestDatabase,
) {
    let lesson = "---\ntitle: Only English\ndescription: D.\n---\n\nSee [GET](get.md).\n\n\
                  ```http\n# @id one\n# @expect status == 404\nGET /api/users/999\n```\n\n\
                  ```exercise ours\n```\n\n```quiz ours\n```\n";
    let file = SourceFile {
        path: "en/methods/only.md".to_owned(),
        bytes: lesson.into(),
    };
    let app = App::with_files(database, &[&[file][..], &cards()].concat()).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let saved = save(&app, &admin, "/en/admin/settings", &[("locale_ko", "on")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let path = "/ko/methods/only";
    let page = follow(&app, "/en/methods/only").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Only English"));
    let canonical = format!("<link rel=\"canonical\" href=\"http://127.0.0.1:3000{path}\"");
    assert!(page.body.contains(&canonical), "{}", page.body);
    let links = addresses(&page.body, &["href=\"/", "src=\"/"]);
    let forms = addresses(&page.body, &["action=\"/"]);
    let addresses: Vec<&String> = links.iter().chain(&forms).collect();
    for expected in [
        "/en/exercises/ours",
        "/en/quizzes/ours",
        "/en/methods/only.http",
    ] {
        assert!(
            addresses.iter().any(|one| one.starts_with(expected)),
            "{addresses:?}"
        );
    }
    for address in links {
        let files_of_the_front_end = address.starts_with("/pkg/");
        if !files_of_the_front_end {
            let status = follow(&app, &address).await.status;
            assert!(status.is_success(), "{address}: {status}");
        }
    }
    for ending in [".md", ".http", ".png"] {
        let file = app.get(&format!("{path}{ending}"), None).await;
        assert_eq!(file.status, StatusCode::OK, "{ending}");
    }
    for form in forms {
        let posted = app
            .post(&form, None, &[("do", "start"), ("safe", "b")])
            .await;
        let posted = match posted.status {
            StatusCode::TEMPORARY_REDIRECT => {
                let target = posted.header("location").unwrap();
                app.post(target, None, &[("do", "start"), ("safe", "b")])
                    .await
            }
            _ => posted,
        };
        let is_there = posted.status != StatusCode::NOT_FOUND;
        assert!(is_there && !posted.status.is_server_error(), "{form}");
    }
    let start = [("do", "start")];
    let posted = app.post("/ko/exercises/ours", None, &start).await;
    assert_eq!(
        posted.header("location"),
        Some("/ko/exercises/ours#exercise-ours")
    );
    let listed = app.get("/ko/methods", None).await.body;
    assert!(listed.contains("Only English"));
}

/// Returns the status of a request with a sandbox of its own, and the policy of its limits.
async fn policy(app: &App) -> String {
    let request = Request::post("/api/sandbox").body(Body::empty());
    let created = app.send(request.unwrap()).await;
    let key = created.header("sandbox-key").expect("a key").to_owned();
    let request = Request::delete("/api/users/1").header("sandbox-key", key);
    let response = app.send(request.body(Body::empty()).unwrap()).await;
    response
        .header("ratelimit-policy")
        .expect("a policy")
        .to_owned()
}

async fn limits_hold_at_once(database: &TestDatabase) {
    let (app, admin) = with_admin(database).await;
    let both = [("locale_ko", "on"), ("locale_en", "on")];
    assert!(policy(&app).await.contains("q=3000"));
    let path = "/en/admin/settings";
    let wrong = [both[0], both[1], ("requests_per_minute", "5")];
    let refused = save(&app, &admin, path, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("from 60 to 100000"),
        "{}",
        refused.body
    );
    let form = [
        both[0],
        both[1],
        ("requests_per_minute", "77"),
        ("writes_per_minute", "33"),
    ];
    let saved = save(&app, &admin, path, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let changed = policy(&app).await;
    assert!(
        changed.contains("q=77;") && changed.contains("q=33;"),
        "{changed}"
    );
    save(&app, &admin, path, &both).await;
    assert!(policy(&app).await.contains("q=3000"));
}

async fn fixed_limit_is_shown_and_stays(database: &TestDatabase) {
    let config = Config {
        limits: Limits {
            requests_per_minute: 123,
            ..Limits::default()
        },
        fixed_limits: vec![LimitKey::RequestsPerMinute],
        ..Config::default()
    };
    let app = App::with_config(database, config).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let page = app.get("/en/admin/settings", Some(&admin)).await.body;
    assert!(
        page.contains("Requests a minute in one sandbox: 123."),
        "{page}"
    );
    assert!(!page.contains("name=\"requests_per_minute\""));
    let form = [
        ("locale_ko", "on"),
        ("locale_en", "on"),
        ("requests_per_minute", "77"),
    ];
    save(&app, &admin, "/en/admin/settings", &form).await;
    assert!(policy(&app).await.contains("q=123;"));
    // Set before the configuration fixed it.
    let settings = Settings {
        requests_per_minute: Some(77),
        ..Settings::default()
    };
    let actor = Actor::default();
    let changed = app.portal.change_settings(&settings, &actor);
    assert_eq!(changed.await.unwrap(), 1);
    assert!(policy(&app).await.contains("q=123;"));
}

async fn refused_forms_of_members_and_invitations_have_a_status(database: &TestDatabase) {
    let (app, admin) = with_admin(database).await;
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let id = |email: &str| {
        let account = accounts.iter().find(|one| one.email.as_str() == email);
        account.unwrap().id.to_string()
    };
    let (boss, grace) = (id(ADMIN), id("grace@example.com"));
    let members = async |id: &str, action: &str, more: (&str, &str)| {
        let confirm = ("confirm", "yes");
        let mut form = vec![("id", id), ("do", action), more];
        form.extend((more.0 != "confirm").then_some(confirm));
        app.post("/en/admin/members", Some(&admin), &form)
            .await
            .status
    };
    assert_eq!(members(&boss, "role", ("role", "learner")).await, 409);
    assert_eq!(members("999", "disable", ("", "")).await, 409);
    assert_eq!(
        members(&grace, "second-factor", ("confirm", "yes")).await,
        409
    );
    assert_eq!(members(&grace, "role", ("role", "king")).await, 422);
    assert_eq!(members(&grace, "dance", ("", "")).await, 422);
    assert_eq!(members("x", "disable", ("", "")).await, 422);
    assert_eq!(
        members(&grace, "delete", ("confirm", "other@example.com")).await,
        422
    );
    // A question before something is lost is no refusal.
    assert_eq!(members(&grace, "delete", ("confirm", "")).await, 200);
    let invitations =
        async |form: &[(&str, &str)]| app.post("/en/admin/invitations", Some(&admin), form).await;
    let refused = invitations(&[("do", "create"), ("uses", "0")]).await;
    assert_eq!(refused.status, 422);
    let refused = invitations(&[("do", "create"), ("emails", "a@example.com\nnobody <b>")]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("nobody &lt;b&gt;"),
        "{}",
        refused.body
    );
    assert_eq!(
        invitations(&[("do", "create"), ("group", "99")])
            .await
            .status,
        409
    );
    assert_eq!(
        invitations(&[("do", "revoke"), ("id", "99")]).await.status,
        409
    );
    let confirmed = [("do", "revoke"), ("id", "99"), ("confirm", "yes")];
    assert_eq!(invitations(&confirmed).await.status, 409);
    assert_eq!(
        invitations(&[("do", "create"), ("days", "x")]).await.status,
        422
    );
    let known = invitations(&[("do", "create"), ("emails", ADMIN)]).await;
    assert_eq!(known.status, 409, "{}", known.body);
    assert_eq!(invitations(&[("do", "create")]).await.status, 200);
}

async fn form_from_the_same_host_with_another_scheme_is_refused(database: &TestDatabase) {
    let app = App::with_base(database, "https://learn.example.com").await;
    let send = async |path: &str, origin: &str| {
        let request = Request::post(path)
            .header("host", "learn.example.com")
            .header("origin", origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        app.send(request.body(Body::from("email=a&password=b")).unwrap())
            .await
            .status
    };
    for path in ["/en/login", "/api/users"] {
        assert_eq!(send(path, "http://learn.example.com").await, 403, "{path}");
        assert_ne!(send(path, "https://learn.example.com").await, 403, "{path}");
    }
}
