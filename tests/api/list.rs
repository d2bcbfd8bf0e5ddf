//! The list: orders, filters, fields, pages and cursors, the same on both engines and without a
//! sandbox.

use routebook::model::limits::Limits;
use serde_json::{Value, json};

use crate::app::{App, TestResponse};
use crate::database::TestDatabase;

on_both_engines! {
    every_sort_order_is_by_code_point_and_then_by_id,
    filters_select_the_same_users_with_and_without_a_sandbox,
    search_ignores_case_and_has_no_wildcards,
    fields_are_returned_in_the_order_of_a_user,
    links_of_pages_keep_the_filters,
    unknown_cursor_or_cursor_with_sort_returns_400,
    cursor_walk_during_a_thousand_inserts_loses_and_repeats_no_user,
}

async fn list(app: &App, key: Option<&str>, query: &str) -> TestResponse {
    let headers: Vec<_> = key.iter().map(|key| ("sandbox-key", *key)).collect();
    let response = app
        .get("GET", &format!("/api/users?{query}"), &headers)
        .await;
    assert_eq!(
        response.status,
        200,
        "{query}: {}",
        String::from_utf8_lossy(&response.body)
    );
    response
}

fn ids(response: &TestResponse) -> Vec<i64> {
    let users = response.json();
    let users = users.as_array().unwrap();
    users
        .iter()
        .map(|user| user["id"].as_i64().unwrap())
        .collect()
}

/// Returns the target of the link with a relation.
fn link(response: &TestResponse, relation: &str) -> Option<String> {
    let links = response.header("link").unwrap();
    let end = format!("; rel=\"{relation}\"");
    let link = links.split(", ").find_map(|link| link.strip_suffix(&end))?;
    let query = link.strip_prefix("</api/users?")?.strip_suffix('>')?;
    Some(query.to_owned())
}

async fn every_sort_order_is_by_code_point_and_then_by_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for (at, (name, bio)) in [
        ("b", Some("")),
        ("B", None),
        ("ä", Some("x")),
        ("가", None),
        ("\u{1f600}", Some("＝")),
        ("ﬀ", Some("x")),
        ("a b", None),
        ("b", Some("X")),
    ]
    .into_iter()
    .enumerate()
    {
        app.clock.advance(1000);
        let body = json!({"name": name, "email": format!("U{at}@example.org"), "bio": bio});
        assert_eq!(
            app.json(&key, "POST", "/api/users", &body.to_string())
                .await
                .status,
            201
        );
    }
    for key in [None, Some(key.as_str())] {
        let all = list(&app, key, "per_page=100").await.json();
        let all = all.as_array().unwrap();
        for field in [
            "id",
            "name",
            "email",
            "role",
            "bio",
            "created_at",
            "updated_at",
        ] {
            for sign in ["", "-"] {
                let mut expected: Vec<&Value> = all.iter().collect();
                expected.sort_by(|one, other| {
                    // Null sorts first. UTF-8 text compares by bytes in the order of code points.
                    let by = match field {
                        "id" => one[field].as_i64().cmp(&other[field].as_i64()),
                        _ => one[field].as_str().cmp(&other[field].as_str()),
                    };
                    let by = if sign == "-" { by.reverse() } else { by };
                    by.then(one["id"].as_i64().cmp(&other["id"].as_i64()))
                });
                let expected: Vec<_> = expected
                    .iter()
                    .map(|user| user["id"].as_i64().unwrap())
                    .collect();
                let sorted = list(&app, key, &format!("per_page=100&sort={sign}{field}")).await;
                assert_eq!(ids(&sorted), expected, "{sign}{field}");
                let second =
                    list(&app, key, &format!("page=2&per_page=5&sort={sign}{field}")).await;
                assert_eq!(ids(&second), expected[5..10], "{sign}{field}");
            }
        }
    }
}

async fn filters_select_the_same_users_with_and_without_a_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for key in [None, Some(key.as_str())] {
        for (query, expected, total) in [
            ("role=admin", vec![1, 4, 12], "3"),
            ("role=admin&sort=-id", vec![12, 4, 1], "3"),
            ("role=member&per_page=2&page=2", vec![5, 6], "9"),
            ("q=ada", vec![4], "1"),
            ("q=ADA%20love", vec![4], "1"),
            ("q=%EC%A7%80", vec![5], "1"),
            ("q=HANEUL%40", vec![1], "1"),
            ("q=example.com&role=admin&sort=-name", vec![1, 12, 4], "3"),
            ("q=nobody", vec![], "0"),
            ("q=ada&page=2", vec![], "1"),
            ("cursor=&role=admin&per_page=2", vec![1, 4], "3"),
        ] {
            let response = list(&app, key, query).await;
            assert_eq!(ids(&response), expected, "{query}");
            assert_eq!(response.header("total-count"), Some(total), "{query}");
        }
    }
}

async fn search_ignores_case_and_has_no_wildcards(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for (at, name) in ["100%", "a_b", "a\\b", "ÉCLAIR", "İstanbul", "axb", "o'hara"]
        .iter()
        .enumerate()
    {
        let body = json!({"name": name, "email": format!("z{at}@example.org")});
        app.json(&key, "POST", "/api/users", &body.to_string())
            .await;
    }
    for (search, expected) in [
        ("%25", vec![13]),
        ("_", vec![14]),
        ("a_b", vec![14]),
        ("%5C", vec![15]),
        ("%25%25", vec![]),
        ("%C3%A9clair", vec![16]),
        ("%C3%89clair", vec![16]),
        ("%C4%B0STANBUL", vec![17]),
        ("a%25b", vec![]),
        ("'", vec![19]),
        ("Z6%40EXAMPLE", vec![19]),
    ] {
        assert_eq!(
            ids(&list(&app, Some(&key), &format!("q={search}")).await),
            expected,
            "{search}"
        );
    }
}

async fn fields_are_returned_in_the_order_of_a_user(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for key in [None, Some(key.as_str())] {
        let response = list(&app, key, "fields=bio,name,id&per_page=1&sort=-id&page=2").await;
        assert_eq!(
            response.body,
            "[{\"id\":11,\"name\":\"한소희\",\"bio\":null}]".as_bytes()
        );
        let one = list(&app, key, "fields=email&per_page=1").await;
        assert_eq!(one.body, b"[{\"email\":\"haneul@example.com\"}]");
        assert_ne!(one.header("etag"), response.header("etag"));
    }
    for fields in ["password", "", "id,", "id,id", "id,%20name"] {
        let response = app
            .get("GET", &format!("/api/users?fields={fields}"), &[])
            .await;
        assert_eq!(
            response.problem(400)["errors"][0]["parameter"],
            "fields",
            "{fields}"
        );
    }
}

async fn links_of_pages_keep_the_filters(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for key in [None, Some(key.as_str())] {
        let filters = "sort=-name&role=member&q=example&fields=id,role";
        let all = ids(&list(&app, key, &format!("per_page=100&{filters}")).await);
        assert_eq!(all.len(), 9);
        let (mut query, mut walked, mut pages) = (format!("per_page=2&{filters}"), Vec::new(), 0);
        loop {
            let response = list(&app, key, &query).await;
            assert!(
                response
                    .json()
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|user| user["role"] == "member" && user["name"].is_null())
            );
            walked.extend(ids(&response));
            pages += 1;
            assert_eq!(link(&response, "prev").is_some(), pages > 1);
            let first = list(&app, key, &link(&response, "first").unwrap()).await;
            assert_eq!(ids(&first), all[..2]);
            let last = list(&app, key, &link(&response, "last").unwrap()).await;
            assert_eq!((ids(&last), link(&last, "next")), (all[8..].to_vec(), None));
            match link(&response, "next") {
                Some(next) => query = next,
                None => break,
            }
        }
        assert_eq!((walked, pages), (all, 5));
        let beyond = list(&app, key, &format!("page=7&per_page=2&{filters}")).await;
        assert_eq!(beyond.body, b"[]");
        assert_eq!(beyond.header("total-count"), Some("9"));
    }
}

async fn unknown_cursor_or_cursor_with_sort_returns_400(database: &TestDatabase) {
    let app = App::new(database).await;
    let first = list(&app, None, "cursor=&per_page=5").await;
    let next = link(&first, "next").unwrap();
    let (_, cursor) = next.split_once("cursor=").unwrap();
    let cursor = cursor.split('&').next().unwrap();
    assert!(
        !cursor.is_empty()
            && cursor
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    let mut tampered = cursor.to_owned();
    let last = if tampered.ends_with('A') { "B" } else { "A" };
    tampered.replace_range(tampered.len() - 1.., last);
    for (query, key) in [
        (format!("cursor={tampered}"), "cursor"),
        ("cursor=5".to_owned(), "cursor"),
        (format!("cursor={cursor}%00"), "cursor"),
        (format!("cursor={cursor}&sort=id"), "sort"),
        (format!("cursor={cursor}&page=1"), "page"),
        (format!("cursor={cursor}&cursor={cursor}"), "cursor"),
    ] {
        let problem = app
            .get("GET", &format!("/api/users?{query}"), &[])
            .await
            .problem(400);
        assert_eq!(problem["errors"][0]["parameter"], key, "{query}");
    }
}

async fn cursor_walk_during_a_thousand_inserts_loses_and_repeats_no_user(database: &TestDatabase) {
    let limits = Limits {
        users: 2000,
        writes_per_minute: 100_000,
        requests_per_minute: 100_000,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    let key = app.sandbox().await;
    let insert = async |count: usize, from: usize| {
        for at in from..from + count {
            let body = json!({"name": "a", "email": format!("w{at}@example.org"), "role": if at % 2 == 0 { "member" } else { "admin" }});
            let created = app
                .json(&key, "POST", "/api/users", &body.to_string())
                .await;
            assert_eq!(created.status, 201);
        }
    };
    insert(200, 0).await;
    let before = {
        let all = app
            .get(
                "GET",
                "/api/users/export?format=json",
                &[("sandbox-key", &key)],
            )
            .await;
        let users = all.json();
        let of_role = users
            .as_array()
            .unwrap()
            .iter()
            .filter(|user| user["role"] == "member");
        of_role
            .map(|user| user["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let walk = async {
        let (mut query, mut walked) = ("cursor=&role=member&per_page=7".to_owned(), Vec::new());
        loop {
            let response = list(&app, Some(&key), &query).await;
            walked.extend(ids(&response));
            match link(&response, "next") {
                Some(next) => query = next,
                None => return walked,
            }
        }
    };
    let (walked, ()) = tokio::join!(walk, insert(1000, 1000));
    assert!(walked.is_sorted() && walked.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(
        walked[..before.len()],
        before,
        "nobody who was there is lost"
    );
    // A later walk returns every user once.
    let whole = list(&app, Some(&key), "role=member&per_page=1").await;
    let (mut query, mut met) = ("cursor=&role=member&per_page=100".to_owned(), 0);
    while !query.is_empty() {
        let response = list(&app, Some(&key), &query).await;
        met += ids(&response).len();
        query = link(&response, "next").unwrap_or_default();
    }
    assert_eq!(whole.header("total-count"), Some(&*met.to_string()));
    assert_eq!(met, 9 + 100 + 500);
}
