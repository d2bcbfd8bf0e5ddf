//! Paths, queries and the headers of every response.

use crate::app::App;
use crate::database::TestDatabase;
use crate::rules::{INVALID_IDS, MISSING_PATHS, invalid_queries, missing_users};

on_both_engines! {
    trailing_slash_redirects_to_the_list,
    malformed_id_returns_400_and_missing_id_404,
    unknown_paths_return_404_and_no_file,
    invalid_query_returns_400_with_the_key,
    pages_have_links_and_total_count_and_keep_per_page,
    every_response_has_request_id_and_vary,
    type_of_a_problem_leads_to_its_lesson,
}

async fn trailing_slash_redirects_to_the_list(database: &TestDatabase) {
    let app = App::new(database).await;
    for method in ["GET", "POST"] {
        let response = app.get(method, "/api/users/", &[]).await;
        assert_eq!(
            (response.status, response.header("location")),
            (308, Some("/api/users"))
        );
    }
    let response = app.get("GET", "/api/users/?page=2", &[]).await;
    assert_eq!(response.header("location"), Some("/api/users?page=2"));
}

async fn malformed_id_returns_400_and_missing_id_404(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in INVALID_IDS {
        app.get("GET", path, &[]).await.problem(400);
    }
    for path in missing_users() {
        app.get("GET", &path, &[]).await.problem(404);
    }
}

async fn unknown_paths_return_404_and_no_file(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in MISSING_PATHS {
        app.get("GET", path, &[]).await.problem(404);
    }
}

async fn invalid_query_returns_400_with_the_key(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app.users(&key).await;
    for (query, parameter) in invalid_queries() {
        let response = app.get("GET", &format!("/api/users?{query}"), &[]).await;
        let problem = response.problem(400);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}");
    }
    for (method, path) in [
        ("POST", "/api/users"),
        ("GET", "/api/users/1"),
        ("PUT", "/api/users/1"),
        ("PATCH", "/api/users/1"),
        ("DELETE", "/api/users/1"),
    ] {
        let path = format!("{path}?page=1");
        let response = app.json(&key, method, &path, "{}").await;
        let problem = response.problem(400);
        assert_eq!(problem["errors"][0]["parameter"], "page", "{method}");
    }
    assert_eq!(app.users(&key).await, before);
}

async fn pages_have_links_and_total_count_and_keep_per_page(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    // The seed and a new sandbox have the same users.
    for headers in [vec![], vec![("sandbox-key", key.as_str())]] {
        let response = app
            .get("GET", "/api/users?page=2&per_page=5", &headers)
            .await;
        let ids: Vec<i64> = response
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, [6, 7, 8, 9, 10]);
        assert_eq!(response.header("total-count"), Some("12"));
        let links = response.header("link").unwrap();
        for (page, relation) in [(1, "first"), (1, "prev"), (3, "next"), (3, "last")] {
            assert!(
                links.contains(&format!(
                    "</api/users?page={page}&per_page=5>; rel=\"{relation}\""
                )),
                "{links}"
            );
        }
        let beyond = app
            .get("GET", "/api/users?page=4&per_page=5", &headers)
            .await;
        assert_eq!(
            (beyond.status, beyond.body.as_slice()),
            (200, b"[]".as_slice())
        );
    }
}

async fn every_response_has_request_id_and_vary(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut ids = std::collections::HashSet::new();
    for (method, path) in [
        ("GET", "/api/users"),
        ("GET", "/api/users/99"),
        ("DELETE", "/api/users"),
        ("GET", "/api/nothing"),
        ("POST", "/api/users"),
        ("OPTIONS", "/api/users"),
        ("POST", "/api/sandbox"),
    ] {
        let response = app.get(method, path, &[("request-id", "mine")]).await;
        let id = response.header("request-id").unwrap();
        assert_ne!(id, "mine");
        assert!(ids.insert(id.to_owned()), "an id stands for one request");
        let vary = response.header("vary").unwrap();
        for name in ["Cookie", "Sandbox-Key", "Authorization"] {
            assert!(vary.contains(name), "{method} {path}: {vary}");
        }
        assert!(["no-cache", "no-store"].contains(&response.header("cache-control").unwrap()));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            response.header("content-security-policy"),
            Some("default-src 'none'; sandbox")
        );
        if response.headers.contains_key("set-cookie") {
            assert_eq!(response.header("cache-control"), Some("no-store"));
        }
    }
}

async fn type_of_a_problem_leads_to_its_lesson(database: &TestDatabase) {
    let app = App::new(database).await;
    let problem = app.get("GET", "/api/users/99", &[]).await.problem(404);
    let path = problem["type"]
        .as_str()
        .unwrap()
        .strip_prefix("http://127.0.0.1:3000")
        .unwrap()
        .to_owned();
    for (language, lesson) in [
        ("ko", "/ko/methods/get#missing"),
        ("en", "/en/methods/get#missing"),
    ] {
        let response = app
            .get("GET", &path, &[("accept-language", language)])
            .await;
        assert_eq!(
            (response.status, response.header("location")),
            (303, Some(lesson))
        );
        let page = lesson.split('#').next().unwrap();
        assert_eq!(app.get("GET", page, &[]).await.status, 200);
    }
    assert_eq!(
        app.get("GET", "/problems/no-such-kind", &[]).await.status,
        404
    );
}
