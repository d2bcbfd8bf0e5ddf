//! What must hold of the site as a whole, beside what the tests of its parts show. Which test shows what is listed in `protections`.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use routebook::model::account::{Account, AccountId, TeamRole};
use routebook::portal::store::audit::Actor;
use routebook::portal::store::member::MemberChange;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};

use crate::app::{App, PASSWORD, TestResponse, rows};
use crate::database::TestDatabase;
use crate::learning::Browser;
use crate::permissions::{Team, readable_addresses};

on_both_engines! {
    reading_changes_nothing_but_what_was_seen,
    no_page_contains_a_stored_hash,
    fields_that_a_form_does_not_have_are_ignored,
    deleted_member_is_named_in_the_audit_log_only,
    logout_empties_the_cache_of_the_browser,
    requests_of_a_page_store_nothing_in_the_session,
    no_response_lets_another_origin_read_it,
    key_of_a_member_who_is_removed_opens_nothing,
    key_that_no_member_has_created_opens_nothing,
}

/// Returns the rows of every table of the portal, as text.
pub(crate) async fn dump(database: &TestDatabase) -> BTreeMap<String, Vec<String>> {
    let mut connection = AnyConnection::connect(&database.url("portal"))
        .await
        .unwrap();
    let (tables, columns) = match database {
        TestDatabase::Sqlite(_) => (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
            "SELECT group_concat('quote(\"' || name || '\")', '||'' ''||') FROM pragma_table_info('TABLE')",
        ),
        TestDatabase::Postgres { .. } => {
            connection
                .execute("SET search_path = portal")
                .await
                .unwrap();
            (
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'portal'",
                "SELECT '\"TABLE\"::text'",
            )
        }
    };
    let names: Vec<String> = connection
        .fetch_all(tables)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let mut found = BTreeMap::new();
    for table in names {
        let columns = AssertSqlSafe(columns.replace("TABLE", &table));
        let columns: String = connection.fetch_one(columns).await.unwrap().get(0);
        let select = AssertSqlSafe(format!("SELECT {columns} FROM \"{table}\""));
        let rows = connection.fetch_all(select).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        rows.sort();
        found.insert(table, rows);
    }
    connection.close().await.unwrap();
    assert!(found.len() > 20, "{:?}", found.keys());
    found
}

/// Requests every address that can be read, with a query that asks for something to be done, as an admin, who may read them all.
async fn read_everything(team: &Team) -> Vec<(String, TestResponse)> {
    let admin = team.admin();
    let mut read = Vec::new();
    for address in readable_addresses(team.group, team.member) {
        // An event stream does not end.
        if address.contains("/live/events") {
            continue;
        }
        let mark = if address.contains('?') { '&' } else { '?' };
        let address = format!(
            "{address}{mark}do=delete&id={}&confirm=yes&role=admin&value=1",
            team.member
        );
        let response = team.app.get(&address, Some(&admin)).await;
        read.push((address, response));
    }
    assert!(read.len() > 50, "{}", read.len());
    read
}

async fn reading_changes_nothing_but_what_was_seen(database: &TestDatabase) {
    let team = Team::new(database).await;
    let before = dump(database).await;
    let read = read_everything(&team).await;
    assert!(read.iter().any(|(_, response)| response.status == 200));
    let after = dump(database).await;
    // What was exported, which lesson was opened, and when somebody was there.
    let seen = ["audit", "lesson_progress", "learn_visit"];
    for (table, rows) in &before {
        if !seen.contains(&table.as_str()) {
            assert_eq!(rows, &after[table], "{table}");
        }
    }
}

async fn no_page_contains_a_stored_hash(database: &TestDatabase) {
    let team = Team::new(database).await;
    let admin = team.admin();
    let form = [
        ("do", "create"),
        ("role", "learner"),
        ("days", "7"),
        ("uses", "1"),
        ("emails", ""),
    ];
    let path = "/en/admin/invitations";
    team.app.post(path, Some(&admin), &form).await;
    let actor = Actor::default();
    let link = team.app.portal.create_reset_link(team.member, &actor);
    link.await.unwrap();
    let mut hashes: Vec<Vec<u8>> = Vec::new();
    for sql in [
        "SELECT token_hash FROM invitation",
        "SELECT token_hash FROM password_reset",
    ] {
        let found = rows(database, sql).await;
        assert!(!found.is_empty(), "{sql}");
        hashes.extend(found.iter().map(|row| row.get::<Vec<u8>, _>(0)));
    }
    for (address, response) in read_everything(&team).await {
        let text = &response.body;
        assert!(!text.contains("$argon2"), "{address}");
        for hash in &hashes {
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(!text.to_lowercase().contains(&hex), "{address}");
            for base64 in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
                assert!(!text.contains(&base64.encode(hash)), "{address}");
            }
        }
    }
}

async fn fields_that_a_form_does_not_have_are_ignored(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    // A new password changes the version of the access, and nothing else.
    let account = async || Account {
        access_version: 0,
        ..app.portal.store.list_accounts().await.unwrap()[0].clone()
    };
    let before = account().await;
    let more = [
        ("id", "999"),
        ("role", "admin"),
        ("email", "root@example.com"),
        ("is_disabled", "true"),
        ("disabled", ""),
        ("password_hash", "x"),
        ("created", "0"),
        ("group", "1"),
    ];
    let profile = [
        ("do", "profile"),
        ("name", "Grace Hopper"),
        ("language", "en"),
    ];
    let form = [&profile[..], &more].concat();
    let saved = app.post("/en/account", Some(&session), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(account().await, before);
    let password = [("do", "password"), ("current", PASSWORD)];
    let form = [&password[..], &[("password", "a new sentence")], &more].concat();
    let changed = app.post("/en/account", Some(&session), &form).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    assert_eq!(account().await, before);
    // An invitation decides about the role, and a link about whose password it sets.
    let admin = app.session_of("admin@example.com", TeamRole::Admin).await;
    let actor = Actor::default();
    let link = app.portal.create_reset_link(before.id, &actor);
    let (_, token) = link.await.unwrap();
    let form = [&[("password", "another sentence")][..], &more].concat();
    let path = format!("/en/reset/{}", token.as_str());
    let set = app.post(&path, None, &form).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    assert_eq!(account().await, before);
    let form = [
        ("do", "create"),
        ("role", "learner"),
        ("days", "7"),
        ("uses", "1"),
        ("emails", ""),
    ];
    let page = app.post("/en/admin/invitations", Some(&admin), &form).await;
    let (_, rest) = page.body.split_once("/en/join/").expect("a link");
    let end = rest.find(|end: char| !end.is_ascii_alphanumeric() && !"-_".contains(end));
    let path = format!("/en/join/{}", &rest[..end.unwrap()]);
    let joining = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
        ("role", "admin"),
        ("id", "1"),
    ];
    let joined = app.post(&path, None, &joining).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let ada = accounts.last().unwrap();
    assert_eq!(ada.email.as_str(), "ada@example.com");
    assert_eq!(ada.role, TeamRole::Learner);
}

async fn deleted_member_is_named_in_the_audit_log_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    browser.create_user("hana@example.com", "member").await;
    browser.exercise("check").await;
    browser.answer("c").await;
    let question = "Why does Grace get no further?";
    let form = [("do", "ask"), ("question", question)];
    let asked = browser
        .post("/en/exercises/create-an-admin?part", &form)
        .await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let marks = ["grace@example.com", "Grace Hopper", question];
    let tables = |dump: BTreeMap<String, Vec<String>>, mark: &str| -> Vec<String> {
        let named = dump.into_iter();
        let named = named.filter(|(_, rows)| rows.iter().any(|row| row.contains(mark)));
        named.map(|(table, _)| table).collect()
    };
    for (mark, expected) in marks.iter().zip([
        ["account", "audit"].as_slice(),
        &["account", "audit"],
        &["help_request"],
    ]) {
        assert_eq!(tables(dump(database).await, mark), expected, "{mark}");
    }
    let form = [("do", "delete"), ("current", PASSWORD)];
    let deleted = browser.post("/en/account", &form).await;
    assert_eq!(deleted.status, 303, "{}", deleted.body);
    for (mark, expected) in marks.iter().zip([["audit"].as_slice(), &["audit"], &[]]) {
        assert_eq!(tables(dump(database).await, mark), expected, "{mark}");
    }
}

async fn logout_empties_the_cache_of_the_browser(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let response = app.post("/en/logout", Some(&session), &[]).await;
    // Not cookies or storage, which hold what belongs to the browser and not to the account.
    assert_eq!(response.header("clear-site-data"), Some("\"cache\""));
}

async fn requests_of_a_page_store_nothing_in_the_session(database: &TestDatabase) {
    let team = Team::new(database).await;
    read_everything(&team).await;
    let admin = team.admin();
    for (path, form) in [
        (
            "/en/account",
            &[("do", "profile"), ("name", "Lead"), ("language", "en")][..],
        ),
        ("/en/progress", &[("read", "methods/get"), ("back", "1")]),
    ] {
        let stored = team.app.post(path, Some(&admin), form).await;
        assert!(stored.status.as_u16() < 400, "{path}");
    }
    // What is not stored cannot be lost by another request at the same time.
    for row in rows(database, "SELECT data FROM session").await {
        assert_eq!(row.get::<String, _>(0), "{}");
    }
}

async fn no_response_lets_another_origin_read_it(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    for path in [
        "/en",
        "/en/account",
        "/en/account/data.json",
        "/api/users",
        "/api/openapi.json",
        "/favicon.svg",
    ] {
        for method in [Method::GET, Method::OPTIONS] {
            for origin in ["https://evil.example", "null", "http://127.0.0.1:3000"] {
                let request = axum::http::Request::builder()
                    .method(&method)
                    .uri(path)
                    .header("cookie", format!("{}={session}", app.cookie))
                    .header("origin", origin)
                    .header("access-control-request-method", "GET");
                let request = request.body(axum::body::Body::empty()).unwrap();
                let response = app.send(request).await;
                let mut names = response.headers.keys();
                let found = names.find(|name| name.as_str().starts_with("access-control"));
                assert_eq!(found, None, "{method} {path} {origin}");
            }
        }
    }
}

/// Creates a sandbox with a session and returns its key.
async fn create_sandbox(app: &App, session: &str) -> String {
    let cookie = format!("{}={session}", app.cookie);
    let created = call(app, "POST", "/api/sandbox", &[("cookie", &cookie)]).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    created.header("sandbox-key").unwrap().to_owned()
}

async fn call(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> TestResponse {
    let mut request = axum::http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(axum::body::Body::empty()).unwrap())
        .await
}

async fn key_of_a_member_who_is_removed_opens_nothing(database: &TestDatabase) {
    let app = App::for_members(database).await;
    // Another site with caches of its own, on the same database.
    let other = App::for_members_without_accounts(database).await;
    app.session_of("admin@example.com", TeamRole::Admin).await;
    let store = &app.portal.store;
    let actor = Actor::default();
    let change = async |id: AccountId, change| {
        let changed = store.change_member(id, change, &actor, 1);
        changed.await.unwrap();
    };
    let mut members = Vec::new();
    for number in 0..2 {
        let email = format!("member{number}@example.com");
        let session = app.session_of(&email, TeamRole::Learner).await;
        let accounts = store.list_accounts().await.unwrap();
        let key = create_sandbox(&app, &session).await;
        members.push((accounts.last().unwrap().id, key));
    }
    let statuses = async |key: &str| {
        let mut statuses = Vec::new();
        for app in [&app, &other] {
            for (method, path) in [
                ("GET", "/api/users/1"),
                ("DELETE", "/api/users/9999"),
                ("GET", "/api/openapi.json"),
            ] {
                let response = call(app, method, path, &[("sandbox-key", key)]).await;
                statuses.push(response.status.as_u16());
            }
        }
        statuses
    };
    let (open, closed) = ([200, 404, 200, 200, 404, 200], [401; 6]);
    for (_, key) in &members {
        assert_eq!(statuses(key).await, open);
    }
    change(members[0].0, MemberChange::Disabled(true)).await;
    assert_eq!(statuses(&members[0].1).await, closed, "disabled");
    assert_eq!(statuses(&members[1].1).await, open, "another member");
    change(members[0].0, MemberChange::Disabled(false)).await;
    assert_eq!(statuses(&members[0].1).await, open, "enabled again");
    change(members[0].0, MemberChange::Delete).await;
    assert_eq!(statuses(&members[0].1).await, closed, "deleted");
}

async fn key_that_no_member_has_created_opens_nothing(database: &TestDatabase) {
    let public = App::new(database).await;
    let created = call(&public, "POST", "/api/sandbox", &[]).await;
    let key = created.header("sandbox-key").unwrap().to_owned();
    let members = App::for_members_without_accounts(database).await;
    let headers = [("sandbox-key", key.as_str())];
    let refused = call(&members, "GET", "/api/users/1", &headers).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    // A login with it makes it that of a member.
    let mut browser = Browser::new(&members);
    browser.sandbox = Some(key.clone());
    browser.log_in("grace@example.com").await;
    let read = call(&members, "GET", "/api/users/1", &headers).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
}
