//! The data panel, as a page and as a fragment.

use routebook::config::Config;
use routebook::content::SourceFile;
use routebook::model::limits::Limits;
use routebook::server::Content;
use serde_json::Value;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::client::{Page, app, call, get, post, sandbox_cookie};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    without_a_sandbox_the_panel_shows_the_seed_and_creates_none,
    panel_shows_the_data_and_exchanges_of_the_visitor_only,
    search_finds_exchanges_by_method_path_and_status,
    switches_change_the_behaviors_of_the_api,
    reset_and_undo_redirect_to_the_panel_or_return_the_fragment,
    panel_of_a_lesson_offers_to_restore_its_data_when_the_users_differ,
    named_data_of_a_lesson_are_restored_and_undone,
    named_data_for_which_a_sandbox_has_no_room_are_not_written,
    exchange_is_compared_with_the_one_before_to_the_same_target,
    refused_action_shows_an_error_message,
    link_of_an_exchange_opens_a_form_without_its_secrets,
    lesson_page_has_a_data_panel_with_the_data_of_a_new_sandbox,
}

/// Returns the fragment of the data panel.
async fn fragment(app: &TestApp, cookie: &str, query: &str) -> Page {
    let page = get(app, &format!("/en/data?part{query}"), &[("cookie", cookie)]).await;
    assert!(!page.html.contains("<html"), "only a fragment");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page
}

fn count(html: &str, text: &str) -> usize {
    html.matches(text).count()
}

/// Returns the exchanges that are shown, in their order.
fn shown(html: &str) -> Vec<&str> {
    let items = html.split("data-message=\"").skip(1);
    items.map(|item| item.split('"').next().unwrap()).collect()
}

async fn without_a_sandbox_the_panel_shows_the_seed_and_creates_none(database: &TestDatabase) {
    let app = app(database).await;
    for cookie in ["", "sandbox=AAAAAAAAAAAAAAAAAAAAAA"] {
        let fragment = fragment(&app, cookie, "").await;
        assert_eq!(fragment.status, 200);
        assert_eq!(fragment.header("set-cookie"), None);
        assert_eq!(count(&fragment.html, "data-row="), 12);
        assert!(fragment.html.contains("that everyone begins with"));
        assert!(!fragment.html.contains("data-sandbox"), "{}", fragment.html);
        assert!(
            !fragment.html.contains("value=\"reset\""),
            "nothing to reset"
        );
    }
    let page = get(&app, "/ko/data", &[]).await;
    assert_eq!((page.status, page.header("set-cookie")), (200, None));
    assert!(page.html.contains("<h1") && page.html.contains("사용자 12명"));
    // The first change of a switch creates a sandbox.
    let page = post(
        &app,
        "/ko/data",
        &[],
        &[("do", "behaviors"), ("fail_every", "1")],
    )
    .await;
    assert_eq!(page.status, 303);
    let cookie = page
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        call(&app, &cookie, "GET", "/api/users", "").await.status,
        503
    );
    // The fragment shows the new sandbox.
    let fields = [("do", "behaviors"), ("latency_ms", "1")];
    let page = post(&app, "/en/data?part", &[], &fields).await;
    assert!(page.header("set-cookie").is_some());
    assert!(
        page.html.contains("data-sandbox=") && page.html.contains("changed: 1"),
        "{}",
        page.html
    );
}

async fn panel_shows_the_data_and_exchanges_of_the_visitor_only(database: &TestDatabase) {
    let app = app(database).await;
    let (own, other) = (sandbox_cookie(&app).await, sandbox_cookie(&app).await);
    let body = r#"{"name":"Rose <b>","email":"rose@example.org"}"#;
    assert_eq!(
        call(&app, &own, "POST", "/api/users", body).await.status,
        201
    );
    call(&app, &own, "GET", "/api/users?q=%3Cb%3E", "").await;
    let panel = fragment(&app, &own, "").await;
    assert_eq!(count(&panel.html, "data-row="), 13);
    assert!(panel.html.contains("Users (13)") && panel.html.contains("Rose &lt;b&gt;"));
    assert_eq!(
        shown(&panel.html),
        ["GET /api/users?q=%3Cb%3E: 200", "POST /api/users: 201"]
    );
    assert_eq!(count(&panel.html, "rows changed: 1"), 1);
    let id = panel
        .html
        .split("data-open=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(panel.html.contains(&format!("href=\"/en/exchanges/{id}\"")));
    let other_panel = fragment(&app, &other, "").await;
    assert!(!other_panel.html.contains("rose@example.org") && shown(&other_panel.html).is_empty());
    // Only the last 50 exchanges are shown.
    for _ in 0..55 {
        call(&app, &own, "GET", "/api/users/1", "").await;
    }
    let panel = fragment(&app, &own, "").await;
    assert_eq!(shown(&panel.html).len(), 50);
    assert!(!panel.html.contains("POST /api/users: 201"));
}

async fn search_finds_exchanges_by_method_path_and_status(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    call(&app, &cookie, "DELETE", "/api/users/3", "").await;
    call(&app, &cookie, "GET", "/api/users/3", "").await;
    for (search, found) in [
        ("delete", vec!["DELETE /api/users/3: 204"]),
        ("not%20FOUND", vec!["GET /api/users/3: 404"]),
        (
            "users/3",
            vec!["GET /api/users/3: 404", "DELETE /api/users/3: 204"],
        ),
        ("nothing%22%3E%3C", vec![]),
    ] {
        let fragment = fragment(&app, &cookie, &format!("&q={search}")).await;
        assert_eq!(shown(&fragment.html), found, "{search}");
        assert_eq!(
            fragment.html.contains("No request contains"),
            found.is_empty()
        );
        assert!(!fragment.html.contains("\"><\""), "{}", fragment.html);
    }
}

async fn switches_change_the_behaviors_of_the_api(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let headers = [("cookie", cookie.as_str())];
    let all = [
        ("do", "behaviors"),
        ("require_if_match", "true"),
        ("latency_ms", "1"),
        ("fail_every", ""),
        ("rate_limit", "100"),
    ];
    let done = post(&app, "/en/data?from=/methods/get", &headers, &all).await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, Some("/en/data?from=/methods/get"))
    );
    assert_eq!(
        call(&app, &cookie, "DELETE", "/api/users/1", "")
            .await
            .status,
        428
    );
    let page = get(&app, "/en/data?from=/methods/get", &headers).await;
    assert!(page.html.contains("changed: 3"));
    // The switches that are on are listed outside the closed form.
    let active = page
        .html
        .split("class=\"data-panel-active\"")
        .nth(1)
        .unwrap();
    let active = active.split("</ul>").next().unwrap();
    assert_eq!(count(active, "<li>"), 3, "{active}");
    assert!(
        active.contains("If-Match") && active.contains("100"),
        "{active}"
    );
    assert!(
        page.html
            .contains("href=\"/en/methods/get\">Back to the lesson"),
        "{}",
        page.html
    );
    let field = |name: &str| {
        let (before, after) = page.html.split_once(&format!("name=\"{name}\"")).unwrap();
        let start = before.rsplit_once('<').unwrap().1;
        format!("{start}{}", after.split_once('>').unwrap().0)
    };
    assert!(field("require_if_match").contains("checked"));
    assert!(!field("require_auth").contains("checked"));
    assert!(field("rate_limit").contains("value=\"100\""));
    // A switch that is not in the form is turned off.
    let off = post(&app, "/en/data", &headers, &[("do", "behaviors")]).await;
    assert_eq!(off.status, 303);
    let page = get(&app, "/en/data", &headers).await;
    assert!(
        !page.html.contains("class=\"data-panel-active\""),
        "no switch is on"
    );
    assert_eq!(
        call(&app, &cookie, "DELETE", "/api/users/1", "")
            .await
            .status,
        204
    );
}

async fn reset_and_undo_redirect_to_the_panel_or_return_the_fragment(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let headers = [("cookie", cookie.as_str())];
    for id in [1, 2] {
        let target = format!("/api/users/{id}");
        assert_eq!(call(&app, &cookie, "DELETE", &target, "").await.status, 204);
    }
    // An address of another site is ignored.
    for (from, location) in [
        ("//evil.example", "/ko/data"),
        ("/methods/put", "/ko/data?from=/methods/put"),
    ] {
        let done = post(
            &app,
            &format!("/ko/data?from={from}"),
            &headers,
            &[("do", "undo")],
        )
        .await;
        assert_eq!(
            (done.status, done.header("location")),
            (303, Some(location))
        );
        assert_eq!(done.header("set-cookie"), None);
    }
    assert_eq!(
        count(&fragment(&app, &cookie, "").await.html, "data-row="),
        12
    );
    call(&app, &cookie, "DELETE", "/api/users/2", "").await;
    let reset = post(&app, "/en/data?part", &headers, &[("do", "reset")]).await;
    assert_eq!(reset.status, 200);
    assert_eq!(count(&reset.html, "data-row="), 12);
    assert!(shown(&reset.html).is_empty() && !reset.html.contains("<html"));
}

async fn panel_of_a_lesson_offers_to_restore_its_data_when_the_users_differ(
    database: &TestDatabase,
) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let headers = [("cookie", cookie.as_str())];
    let lesson = "&from=/methods/get";
    let equal = fragment(&app, &cookie, lesson).await.html;
    assert!(!equal.contains("data-offer"), "{equal}");
    assert!(equal.contains("value=\"restore\"") && !equal.contains("value=\"reset\""));
    let elsewhere = fragment(&app, &cookie, "&from=/playground").await.html;
    assert!(elsewhere.contains("value=\"reset\"") && !elsewhere.contains("value=\"restore\""));

    let rose = r#"{"name":"Rose","email":"rose@example.org"}"#;
    for (method, target, body, status) in [
        ("POST", "/api/users", rose, 201),
        ("DELETE", "/api/users/1", "", 204),
        ("DELETE", "/api/users/2", "", 204),
    ] {
        let response = call(&app, &cookie, method, target, body).await;
        assert_eq!(response.status, status);
    }
    let different = fragment(&app, &cookie, lesson).await.html;
    assert!(different.contains("data-offer=\"methods/get\""));
    assert!(
        different.contains("(1 row added, 2 rows removed)"),
        "{different}"
    );
    let elsewhere = fragment(&app, &cookie, "").await.html;
    assert!(!elsewhere.contains("data-offer"), "no lesson");
    let other = sandbox_cookie(&app).await;
    for cookie in ["", &other] {
        let html = fragment(&app, cookie, lesson).await.html;
        assert!(!html.contains("data-offer"), "another visitor: {html}");
    }

    let restore = [("do", "restore")];
    let refused = post(&app, "/en/data?from=/playground", &headers, &restore).await;
    assert_eq!(refused.status, 422, "not the path of a lesson");
    let restored = post(&app, "/en/data?from=/methods/get", &headers, &restore).await;
    assert_eq!(
        (restored.status, restored.header("location")),
        (303, Some("/en/data?from=/methods/get"))
    );
    let html = fragment(&app, &cookie, lesson).await.html;
    assert_eq!(count(&html, "data-row="), 12);
    assert!(!html.contains("data-offer") && shown(&html).is_empty());
    // It is one step of the undo log.
    let undone = post(
        &app,
        "/en/data?part&from=/methods/get",
        &headers,
        &[("do", "undo")],
    )
    .await;
    assert_eq!(undone.status, 200);
    assert_eq!(count(&undone.html, "data-row="), 11);
    assert!(undone.html.contains("data-offer"));
}

/// Returns the built-in lessons with one that begins with two users.
fn content_with_data() -> Content {
    let lesson = "---\ntitle: Pair\ndescription: D.\ndata: pair\n---\n\n\
        ```http\n# @id gone\n# @expect status == 404\nGET /api/users/1\n```\n";
    let pair = r#"[{"id": 7, "name": "Mina Jeong", "email": "mina@example.com"},
        {"id": 3, "name": "Noor Haddad", "email": "noor@example.com", "role": "admin"}]"#;
    let files = [
        ("en/methods/pair.md", lesson),
        ("ko/methods/pair.md", lesson),
        ("data/pair.json", pair),
    ];
    let files = files.map(|(path, text)| SourceFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    });
    Content::over_built_in(&files, false).unwrap_or_else(|findings| panic!("{findings:?}"))
}

async fn named_data_for_which_a_sandbox_has_no_room_are_not_written(database: &TestDatabase) {
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        limits: Limits {
            users: 1,
            ..Limits::default()
        },
        ..Config::default()
    };
    let app = TestApp::with_content(database, config, content_with_data()).await;
    let path = "/en/data?from=/methods/pair";
    let refused = post(&app, path, &[], &[("do", "restore")]).await;
    assert_eq!(refused.status, 507);
    assert!(refused.html.contains("begins with more users than"));
    let cookie = refused.header("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let users = call(&app, &cookie, "GET", "/api/users?per_page=100", "").await;
    let users: Value = serde_json::from_str(&users.body).unwrap();
    assert_eq!(users.as_array().map(Vec::len), Some(12), "the seed stays");
}

async fn named_data_of_a_lesson_are_restored_and_undone(database: &TestDatabase) {
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        ..Config::default()
    };
    let app = TestApp::with_content(database, config, content_with_data()).await;
    // A visitor without a sandbox has the seed, so the page offers the data of the lesson.
    let page = get(&app, "/en/methods/pair", &[]).await;
    assert!(page.html.contains("data-offer=\"methods/pair\""));
    assert!(
        !get(&app, "/en/methods/get", &[])
            .await
            .html
            .contains("data-offer")
    );
    let restored = post(
        &app,
        "/en/data?from=/methods/pair",
        &[],
        &[("do", "restore")],
    )
    .await;
    assert_eq!(restored.status, 303);
    let cookie = restored.header("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let users = call(&app, &cookie, "GET", "/api/users", "").await.body;
    let users: Value = serde_json::from_str(&users).unwrap();
    let ids: Vec<_> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["id"])
        .collect();
    assert_eq!(ids, [3, 7]);
    assert_eq!(users[0]["role"], "admin");
    let same = fragment(&app, &cookie, "&from=/methods/pair").await;
    assert!(
        !same.html.contains("data-offer"),
        "the users are those of the lesson"
    );
    let new = r#"{"name": "Ola Berg", "email": "ola@example.com"}"#;
    let created = call(&app, &cookie, "POST", "/api/users", new).await.body;
    let created: Value = serde_json::from_str(&created).unwrap();
    assert_eq!(created["id"], 8, "the next id follows the highest one");
    for count in [2, 12] {
        let undone = call(&app, &cookie, "POST", "/api/sandbox/undo", "").await;
        assert!(undone.status < 300, "{}", undone.body);
        let users = call(&app, &cookie, "GET", "/api/users?per_page=100", "")
            .await
            .body;
        let users: Value = serde_json::from_str(&users).unwrap();
        assert_eq!(users.as_array().map(Vec::len), Some(count));
    }
    let here = fragment(&app, &cookie, "&from=/methods/pair").await;
    assert!(here.html.contains("data-offer"));
    // Other lessons begin with the seed.
    let form = [("do", "restore")];
    post(
        &app,
        "/en/data?from=/methods/get",
        &[("cookie", &cookie)],
        &form,
    )
    .await;
    assert_eq!(
        count(&fragment(&app, &cookie, "").await.html, "data-row="),
        12
    );
}

async fn exchange_is_compared_with_the_one_before_to_the_same_target(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    for (method, target) in [
        ("GET", "/api/users/3"),
        ("GET", "/api/users/4"),
        ("DELETE", "/api/users/3"),
        ("GET", "/api/users/3"),
    ] {
        call(&app, &cookie, method, target, "").await;
    }
    let list = fragment(&app, &cookie, "").await.html;
    let ids: Vec<&str> = list
        .split("data-open=\"")
        .skip(1)
        .map(|item| item.split('"').next().unwrap())
        .collect();
    let [newest, deleted, ..] = ids[..] else {
        panic!("{ids:?}")
    };
    let headers = [("cookie", cookie.as_str())];
    let page = get(&app, &format!("/en/exchanges/{newest}"), &headers).await;
    let panel = fragment(&app, &cookie, &format!("&open={newest}")).await;
    for html in [&page.html, &panel.html] {
        let compared = html.split("class=\"response-compare\"").nth(1).unwrap();
        assert!(compared.contains("status, headers, body"), "{compared}");
        let compared = compared.replace("<!>", "");
        assert!(
            compared.contains("− 200") && compared.contains("+ 404"),
            "{compared}"
        );
    }
    let only = fragment(&app, &cookie, &format!("&open={deleted}")).await;
    assert!(
        only.html
            .contains("no earlier response to the same request")
    );
}

async fn refused_action_shows_an_error_message(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let headers = [("cookie", cookie.as_str())];
    let undo = post(&app, "/en/data", &headers, &[("do", "undo")]).await;
    assert_eq!(undo.status, 409);
    assert!(
        undo.html.contains("There is no change to undo"),
        "{}",
        undo.html
    );
    for latency in ["5001", "-1", "1.5", "soon"] {
        let fields = [("do", "behaviors"), ("latency_ms", latency)];
        let wrong = post(&app, "/en/data?part", &headers, &fields).await;
        assert_eq!(wrong.status, 422, "{latency}");
        assert!(wrong.html.contains("Nothing was changed"), "{latency}");
    }
    // Changes the undo log directly, so that it would restore a user that still exists.
    call(&app, &cookie, "DELETE", "/api/users/1", "").await;
    let mut connection = AnyConnection::connect(&database.url("sandbox"))
        .await
        .unwrap();
    if let TestDatabase::Postgres { .. } = database {
        let search = "SET search_path = sandbox";
        connection.execute(search).await.unwrap();
    }
    connection
        .execute("UPDATE undo_step SET changes = REPLACE(changes, '\"id\":1,', '\"id\":2,')")
        .await
        .unwrap();
    connection.close().await.unwrap();
    let undo = post(&app, "/en/data?part", &headers, &[("do", "undo")]).await;
    assert_eq!(undo.status, 409);
    assert!(
        undo.html.contains("was changed in another way since"),
        "{}",
        undo.html
    );
    for form in [&[("do", "burn")][..], &[]] {
        assert_eq!(post(&app, "/en/data", &headers, form).await.status, 422);
    }
}

async fn link_of_an_exchange_opens_a_form_without_its_secrets(database: &TestDatabase) {
    use base64::Engine as _;
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let login = r#"{"email":"haneul@example.com","password":"not the right one"}"#;
    call(&app, &cookie, "POST", "/api/session", login).await;
    let list = fragment(&app, &cookie, "").await;
    let id = list
        .html
        .split("data-open=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let one = fragment(&app, &cookie, &format!("&open={id}")).await;
    assert_eq!(one.status, 200);
    assert!(one.html.contains(&format!("href=\"/en/exchanges/{id}\"")));
    let draft = one.html.split("/en/playground#try=").nth(1).unwrap();
    let draft = draft.split('"').next().unwrap();
    let draft = base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(draft)
        .unwrap();
    let draft: serde_json::Value = serde_json::from_slice(&draft).unwrap();
    assert_eq!(
        draft,
        serde_json::json!({
            "method": "POST",
            "target": "/api/session",
            "headers": [{"name": "content-type", "value": "application/json"}],
            "body": r#"{"email":"haneul@example.com","password":""}"#,
        })
    );
    // An exchange of another visitor or an unknown id is not shown.
    let other = sandbox_cookie(&app).await;
    for (cookie, id) in [(&other, id), (&cookie, "nothing")] {
        let none = fragment(&app, cookie, &format!("&open={id}")).await;
        assert_eq!(none.status, 404);
        assert!(
            none.html.contains("no longer recorded") && !none.html.contains("haneul@example.com\"")
        );
    }
}

async fn lesson_page_has_a_data_panel_with_the_data_of_a_new_sandbox(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let page = get(&app, "/en/methods/post", &[("cookie", &cookie)]).await;
    assert!(
        page.html.contains("id=\"data-panel\"")
            && page.html.contains("popovertarget=\"data-panel\"")
    );
    assert!(page.html.contains("href=\"/en/data?from=/methods/post\""));
    assert_eq!(count(&page.html, "data-row="), 12, "those of a new sandbox");
    assert!(!page.html.contains("data-sandbox="));
    let other = get(&app, "/en/methods/post", &[]).await;
    assert!(page.body == other.body, "no data of the visitor");
    // The table of contents is below the entry of the lesson in the navigation.
    let navigation = page.html.split("class=\"site-nav\"").nth(1).unwrap();
    let navigation = navigation.split("<main").next().unwrap();
    assert!(navigation.contains("class=\"toc\"") && count(&page.html, "class=\"toc\"") == 1);
}
