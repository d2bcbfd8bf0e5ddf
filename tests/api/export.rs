//! `/api/users/export`: the complete file and ranges of it.

use crate::app::{App, TestResponse};
use crate::database::TestDatabase;

on_both_engines! {
    export_returns_all_users_as_a_file,
    export_format_is_chosen_by_query_or_accept,
    export_with_range_returns_206_and_all_ranges_make_up_the_file,
    export_with_range_past_the_end_returns_416,
    export_with_malformed_or_several_ranges_returns_the_complete_file,
    export_with_if_range_returns_a_part_only_of_the_current_file,
    export_contains_the_users_of_the_sandbox,
}

const EXPORT: &str = "/api/users/export";

async fn get(app: &App, more: &[(&str, &str)]) -> TestResponse {
    app.get("GET", EXPORT, more).await
}

async fn export_returns_all_users_as_a_file(database: &TestDatabase) {
    let app = App::new(database).await;
    let response = get(&app, &[]).await;
    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    assert_eq!(
        response.header("content-disposition"),
        Some("attachment; filename=\"users.csv\"")
    );
    assert_eq!(response.header("accept-ranges"), Some("bytes"));
    let text = String::from_utf8(response.body.clone()).unwrap();
    assert_eq!(text.lines().count(), 13);
    assert_eq!(
        text.lines().next(),
        Some("id,name,email,role,bio,created_at,updated_at")
    );
    let head = app.get("HEAD", EXPORT, &[("range", "bytes=0-9")]).await;
    assert_eq!(
        (head.status, head.body.len()),
        (200, 0),
        "GET alone has ranges"
    );
    assert_eq!(
        head.header("content-length"),
        Some(&*response.body.len().to_string())
    );
    assert_eq!(head.header("etag"), response.header("etag"));
}

async fn export_format_is_chosen_by_query_or_accept(database: &TestDatabase) {
    let app = App::new(database).await;
    for (query, accept, ending) in [
        ("", "*/*", "csv"),
        ("", "application/json", "json"),
        ("", "application/xml, text/csv;q=0.9", "xml"),
        ("?format=json", "text/csv", "json"),
        ("?format=xml", "image/png", "xml"),
        ("?format=csv", "application/json", "csv"),
    ] {
        let path = format!("{EXPORT}{query}");
        let response = app.get("GET", &path, &[("accept", accept)]).await;
        let name = format!("attachment; filename=\"users.{ending}\"");
        assert_eq!(
            response.header("content-disposition"),
            Some(name.as_str()),
            "{query} {accept}"
        );
        assert!(response.header("content-type").unwrap().contains(ending));
        assert!(response.header("vary").unwrap().contains("Accept"));
        if ending != "csv" {
            let list = app
                .get(
                    "GET",
                    "/api/users?per_page=100",
                    &[("accept", &format!("application/{ending}"))],
                )
                .await;
            assert_eq!(
                (response.header("etag"), &response.body),
                (list.header("etag"), &list.body)
            );
        }
    }
    for (query, key) in [
        ("format=txt", "format"),
        ("format=", "format"),
        ("format=csv&format=csv", "format"),
        ("page=1", "page"),
    ] {
        let problem = app
            .get("GET", &format!("{EXPORT}?{query}"), &[])
            .await
            .problem(400);
        assert_eq!(problem["errors"][0]["parameter"], key, "{query}");
    }
    get(&app, &[("accept", "text/plain")]).await.problem(406);
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let response = app.get(method, EXPORT, &[]).await;
        response.problem(405);
        assert_eq!(
            response.header("allow").map(|allow| allow.replace(' ', "")),
            Some("GET,HEAD,OPTIONS".to_owned())
        );
    }
}

async fn export_with_range_returns_206_and_all_ranges_make_up_the_file(database: &TestDatabase) {
    let app = App::new(database).await;
    let whole = get(&app, &[]).await;
    let length = whole.body.len();
    let tag = whole.header("etag").unwrap();
    for (range, first, last) in [
        ("bytes=0-99", 0, 99),
        ("bytes=100-199", 100, 199),
        ("bytes=200-", 200, length - 1),
        ("bytes=-10", length - 10, length - 1),
        ("bytes=0-999999", 0, length - 1),
        ("Bytes=5-5", 5, 5),
    ] {
        let response = get(&app, &[("range", range)]).await;
        assert_eq!(response.status, 206, "{range}");
        assert_eq!(response.body, &whole.body[first..=last], "{range}");
        let expected = format!("bytes {first}-{last}/{length}");
        assert_eq!(response.header("content-range"), Some(expected.as_str()));
        assert_eq!(
            response.header("content-length"),
            Some(&*(last - first + 1).to_string())
        );
        for name in [
            "etag",
            "content-type",
            "content-disposition",
            "vary",
            "accept-ranges",
        ] {
            assert_eq!(response.header(name), whole.header(name), "{name}");
        }
        // Preconditions are evaluated before the range.
        let has = get(&app, &[("range", range), ("if-none-match", tag)]).await;
        assert_eq!((has.status, has.header("content-range")), (304, None));
        get(&app, &[("range", range), ("if-match", "\"other\"")])
            .await
            .problem(412);
    }
}

async fn export_with_range_past_the_end_returns_416(database: &TestDatabase) {
    let app = App::new(database).await;
    let length = get(&app, &[]).await.body.len();
    for range in [
        format!("bytes={length}-"),
        "bytes=99999999999999999999-".to_owned(),
        "bytes=-0".to_owned(),
    ] {
        let response = get(&app, &[("range", &range)]).await;
        response.problem(416);
        assert_eq!(
            response.header("content-range"),
            Some(&*format!("bytes */{length}"))
        );
        assert_eq!(response.header("content-disposition"), None);
    }
}

async fn export_with_malformed_or_several_ranges_returns_the_complete_file(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let whole = get(&app, &[]).await;
    for range in [
        "bytes=0-9,20-29",
        "bytes=9-0",
        "lines=0-9",
        "bytes",
        "bytes=",
        "bytes=a-",
        "",
    ] {
        let response = get(&app, &[("range", range)]).await;
        assert_eq!(
            (response.status, &response.body),
            (200, &whole.body),
            "{range}"
        );
        assert_eq!(response.header("content-range"), None);
    }
    // Other resources ignore `Range`.
    let list = app
        .get("GET", "/api/users", &[("range", "bytes=0-9")])
        .await;
    assert_eq!((list.status, list.header("accept-ranges")), (200, None));
}

async fn export_with_if_range_returns_a_part_only_of_the_current_file(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let sandbox_key = ("sandbox-key", key.as_str());
    let first = get(&app, &[sandbox_key]).await;
    let tag = first.header("etag").unwrap().to_owned();
    let part = [sandbox_key, ("range", "bytes=0-9"), ("if-range", &tag)];
    assert_eq!(get(&app, &part).await.status, 206);
    for condition in [
        "\"other\"",
        &format!("W/{tag}"),
        "Sun, 04 Jan 2026 09:12:00 GMT",
        "",
        "*",
    ] {
        let headers = [sandbox_key, ("range", "bytes=0-9"), ("if-range", condition)];
        let response = get(&app, &headers).await;
        assert_eq!(
            (response.status, &response.body),
            (200, &first.body),
            "{condition}"
        );
    }
    app.json(&key, "DELETE", "/api/users/12", "").await;
    let changed = get(&app, &part).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.body, first.body);
}

async fn export_contains_the_users_of_the_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let (one, other) = (app.sandbox().await, app.sandbox().await);
    app.json(
        &one,
        "PATCH",
        "/api/users/4",
        r#"{"bio":"a secret of mine"}"#,
    )
    .await;
    let own_file = String::from_utf8(get(&app, &[("sandbox-key", &one)]).await.body).unwrap();
    assert!(own_file.contains("a secret of mine"));
    for headers in [vec![], vec![("sandbox-key", other.as_str())]] {
        let other_file = String::from_utf8(get(&app, &headers).await.body).unwrap();
        assert!(!other_file.contains("a secret of mine"));
    }
}
