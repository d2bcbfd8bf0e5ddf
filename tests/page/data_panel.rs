//! The data panel: the visitor's data, switches and exchanges, as a page and as a part of one.

use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::database::TestDatabase;
use crate::safety::post;
use crate::site::TestApp;
use crate::visit::{Page, app, get};

on_both_engines! {
    without_a_sandbox_it_shows_the_seed_and_makes_nothing,
    it_shows_what_the_visitor_did_and_nobody_else_sees_it,
    a_search_finds_exchanges_by_method_path_and_status,
    switches_change_how_the_api_behaves,
    reset_and_undo_lead_back_to_the_page,
    what_is_wrong_is_said,
    an_exchange_leads_to_a_form_without_its_secrets,
    every_lesson_has_an_empty_data_panel,
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// Sends a request to the API as this visitor; the cookie of the sandbox that it made.
async fn call(app: &TestApp, cookie: &str, method: &str, target: &str, body: &str) -> Page {
    let mut request = axum::http::Request::builder().method(method).uri(target);
    for (name, value) in JSON.iter().chain(&[("cookie", cookie)]) {
        request = request.header(*name, *value);
    }
    let (parts, body) = app
        .send(
            request
                .body(axum::body::Body::from(body.to_owned()))
                .unwrap(),
        )
        .await;
    Page {
        status: parts.status.as_u16(),
        headers: parts.headers,
        html: String::from_utf8(body).unwrap(),
    }
}

/// A visitor's cookie.
async fn visitor(app: &TestApp) -> String {
    let made = call(app, "", "POST", "/api/sandbox", "").await;
    let cookie = made.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn part(app: &TestApp, cookie: &str, query: &str) -> Page {
    let page = get(app, &format!("/en/data?part{query}"), &[("cookie", cookie)]).await;
    assert!(!page.html.contains("<html"), "only a part");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page
}

fn count(html: &str, text: &str) -> usize {
    html.matches(text).count()
}

/// The targets of the exchanges shown, in their order.
fn shown(html: &str) -> Vec<&str> {
    let items = html.split("data-said=\"").skip(1);
    items.map(|item| item.split('"').next().unwrap()).collect()
}

async fn without_a_sandbox_it_shows_the_seed_and_makes_nothing(database: &TestDatabase) {
    let app = app(database).await;
    for cookie in ["", "sandbox=AAAAAAAAAAAAAAAAAAAAAA"] {
        let part = part(&app, cookie, "").await;
        assert_eq!(part.status, 200);
        assert_eq!(part.header("set-cookie"), None);
        assert_eq!(count(&part.html, "data-row="), 12);
        assert!(part.html.contains("that everyone begins with"));
        assert!(!part.html.contains("data-sandbox"), "{}", part.html);
        assert!(!part.html.contains("value=\"reset\""), "nothing to reset");
    }
    let page = get(&app, "/ko/data", &[]).await;
    assert_eq!((page.status, page.header("set-cookie")), (200, None));
    assert!(page.html.contains("<h1") && page.html.contains("사용자 12명"));
    // Switches are there already: the first change of one makes a sandbox.
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
    // The part is the new sandbox's at once.
    let fields = [("do", "behaviors"), ("latency_ms", "1")];
    let page = post(&app, "/en/data?part", &[], &fields).await;
    assert!(page.header("set-cookie").is_some());
    assert!(
        page.html.contains("data-sandbox=") && page.html.contains("changed: 1"),
        "{}",
        page.html
    );
}

async fn it_shows_what_the_visitor_did_and_nobody_else_sees_it(database: &TestDatabase) {
    let app = app(database).await;
    let (mine, other) = (visitor(&app).await, visitor(&app).await);
    let body = r#"{"name":"Rose <b>","email":"rose@example.org"}"#;
    assert_eq!(
        call(&app, &mine, "POST", "/api/users", body).await.status,
        201
    );
    call(&app, &mine, "GET", "/api/users?q=%3Cb%3E", "").await;
    let seen = part(&app, &mine, "").await;
    assert_eq!(count(&seen.html, "data-row="), 13);
    assert!(seen.html.contains("Users (13)") && seen.html.contains("Rose &lt;b&gt;"));
    assert_eq!(
        shown(&seen.html),
        ["GET /api/users?q=%3Cb%3E: 200", "POST /api/users: 201"]
    );
    assert_eq!(count(&seen.html, "rows changed: 1"), 1);
    let id = seen
        .html
        .split("data-open=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(seen.html.contains(&format!("href=\"/en/exchanges/{id}\"")));
    let others = part(&app, &other, "").await;
    assert!(!others.html.contains("rose@example.org") && shown(&others.html).is_empty());
    // Only the last fifty are shown.
    for _ in 0..55 {
        call(&app, &mine, "GET", "/api/users/1", "").await;
    }
    let seen = part(&app, &mine, "").await;
    assert_eq!(shown(&seen.html).len(), 50);
    assert!(!seen.html.contains("POST /api/users: 201"));
}

async fn a_search_finds_exchanges_by_method_path_and_status(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = visitor(&app).await;
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
        let part = part(&app, &cookie, &format!("&q={search}")).await;
        assert_eq!(shown(&part.html), found, "{search}");
        assert_eq!(part.html.contains("No request holds"), found.is_empty());
        assert!(!part.html.contains("\"><\""), "{}", part.html);
    }
}

async fn switches_change_how_the_api_behaves(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = visitor(&app).await;
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
    // Which ones are on stands outside of the form that is folded away.
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
    // What is not in the form is off.
    let off = post(&app, "/en/data", &headers, &[("do", "behaviors")]).await;
    assert_eq!(off.status, 303);
    let page = get(&app, "/en/data", &headers).await;
    assert!(!page.html.contains("data-panel-active"), "none is on");
    assert_eq!(
        call(&app, &cookie, "DELETE", "/api/users/1", "")
            .await
            .status,
        204
    );
}

async fn reset_and_undo_lead_back_to_the_page(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = visitor(&app).await;
    let headers = [("cookie", cookie.as_str())];
    for id in [1, 2] {
        let target = format!("/api/users/{id}");
        assert_eq!(call(&app, &cookie, "DELETE", &target, "").await.status, 204);
    }
    // An address elsewhere is no way back.
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
    assert_eq!(count(&part(&app, &cookie, "").await.html, "data-row="), 12);
    call(&app, &cookie, "DELETE", "/api/users/2", "").await;
    let reset = post(&app, "/en/data?part", &headers, &[("do", "reset")]).await;
    assert_eq!(reset.status, 200);
    assert_eq!(count(&reset.html, "data-row="), 12);
    assert!(shown(&reset.html).is_empty() && !reset.html.contains("<html"));
}

async fn what_is_wrong_is_said(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = visitor(&app).await;
    let headers = [("cookie", cookie.as_str())];
    let undo = post(&app, "/en/data", &headers, &[("do", "undo")]).await;
    assert_eq!(undo.status, 409);
    assert!(
        undo.html.contains("There is no change to take back"),
        "{}",
        undo.html
    );
    for latency in ["5001", "-1", "1.5", "soon"] {
        let fields = [("do", "behaviors"), ("latency_ms", latency)];
        let wrong = post(&app, "/en/data?part", &headers, &fields).await;
        assert_eq!(wrong.status, 422, "{latency}");
        assert!(wrong.html.contains("Nothing was changed"), "{latency}");
    }
    // The user that would come back is there again, past the program.
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

async fn an_exchange_leads_to_a_form_without_its_secrets(database: &TestDatabase) {
    use base64::Engine as _;
    let app = app(database).await;
    let cookie = visitor(&app).await;
    let login = r#"{"email":"haneul@example.com","password":"not the right one"}"#;
    call(&app, &cookie, "POST", "/api/session", login).await;
    let list = part(&app, &cookie, "").await;
    let id = list
        .html
        .split("data-open=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let one = part(&app, &cookie, &format!("&open={id}")).await;
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
    // Nobody else's, and none that is not kept.
    let other = visitor(&app).await;
    for (cookie, id) in [(&other, id), (&cookie, "nothing")] {
        let none = part(&app, cookie, &format!("&open={id}")).await;
        assert_eq!(none.status, 404);
        assert!(
            none.html.contains("no longer kept") && !none.html.contains("haneul@example.com\"")
        );
    }
}

async fn every_lesson_has_an_empty_data_panel(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = visitor(&app).await;
    let page = get(&app, "/en/methods/post", &[("cookie", &cookie)]).await;
    assert!(
        page.html.contains("id=\"data_panel\"")
            && page.html.contains("popovertarget=\"data_panel\"")
    );
    assert!(page.html.contains("href=\"/en/data?from=/methods/post\""));
    assert!(
        !page.html.contains("data-row="),
        "nothing of the visitor is in the page"
    );
    // The list of contents stands below the lesson's name in the navigation.
    let navigation = page.html.split("class=\"site-nav\"").nth(1).unwrap();
    let navigation = navigation.split("</details>").next().unwrap();
    assert!(navigation.contains("class=\"toc\"") && count(&page.html, "class=\"toc\"") == 1);
}
