//! Traces: the steps of a successful write, and the step at which each class of errors stops.

use axum::http::Request;
use serde_json::Value;

use crate::app::{App, TestResponse, rows};
use crate::database::TestDatabase;

on_both_engines! {
    trace_of_a_write_has_layers_route_extractors_statements_and_response,
    trace_of_each_error_stops_at_its_step,
    exchange_has_changed_users_before_and_after,
    request_without_a_sandbox_is_not_recorded,
    write_that_creates_a_sandbox_is_recorded_in_it,
    requests_to_the_sandbox_path_are_not_recorded,
    secrets_are_masked_before_they_are_stored,
    trace_as_text_has_one_line_for_each_step,
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// Returns the recorded exchange of a response.
pub(crate) async fn exchange(app: &App, key: &str, response: &TestResponse) -> Value {
    let id = response.header("request-id").unwrap();
    let path = format!("/api/sandbox/exchanges/{id}");
    let found = app.get("GET", &path, &[("sandbox-key", key)]).await;
    assert_eq!(
        found.status,
        200,
        "{}",
        String::from_utf8_lossy(&found.body)
    );
    assert_eq!(found.header("cache-control"), Some("no-store"));
    found.json()
}

/// Returns the steps with an outcome, as `kind name`.
fn steps(exchange: &Value, outcome: &str) -> Vec<String> {
    let all = exchange["trace"].as_array().unwrap();
    let some = all.iter().filter(|step| step["outcome"] == outcome);
    some.map(|step| {
        let text = |member: &str| step[member].as_str().unwrap().to_owned();
        format!("{} {}", text("kind"), text("name"))
    })
    .collect()
}

async fn trace_of_a_write_has_layers_route_extractors_statements_and_response(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let response = app
        .json(
            &key,
            "PATCH",
            "/api/users/2",
            r#"{"name":"Grace O'Hopper"}"#,
        )
        .await;
    assert_eq!(response.status, 200);
    let exchange = exchange(&app, &key, &response).await;
    assert_eq!(steps(&exchange, "stopped"), [""; 0]);
    assert_eq!(steps(&exchange, "unreached"), [""; 0]);
    let passed = steps(&exchange, "passed");
    let at = |wanted: &str| {
        let found = passed.iter().position(|step| step.starts_with(wanted));
        found.unwrap_or_else(|| panic!("{wanted} is not among {passed:#?}"))
    };
    let order = [
        "layer CatchPanicLayer",
        "layer TimeoutLayer",
        "layer sandbox_key::resolve",
        "sql SELECT id, behaviors",
        "layer CsrfLayer",
        "layer headers::known_methods",
        "layer limits::limit",
        "layer behaviors::behave",
        "route /api/users/{id}",
        "extractor Data",
        "extractor NoQuery",
        "extractor JsonBody",
        "handler user::update",
        "sql BEGIN",
        "sql SELECT id, name",
        "sql UPDATE users",
        "sql COMMIT",
        "response 200 OK",
    ];
    let places = order.map(at);
    assert!(places.is_sorted(), "{passed:#?}");
    let trace = exchange["trace"].as_array().unwrap();
    let route = trace.iter().find(|step| step["kind"] == "route").unwrap();
    assert!(
        route["detail"]
            .as_str()
            .unwrap()
            .contains("/api/users/{id}")
    );
    let update = trace
        .iter()
        .find(|step| step["name"].as_str().unwrap().starts_with("UPDATE users"))
        .unwrap();
    assert_eq!(update["sql"]["affected"], 1);
    // The handler is inside every layer and the route, and its statements are inside the handler.
    let depth = |wanted: &str| {
        let mut steps = trace.iter();
        let found = steps.find(|step| step["name"].as_str().unwrap().starts_with(wanted));
        found.unwrap()["depth"].as_u64().unwrap()
    };
    assert_eq!(depth("CatchPanicLayer"), 0);
    assert_eq!(
        depth("SELECT id, behaviors"),
        depth("sandbox_key::resolve") + 1
    );
    assert_eq!(depth("user::update"), depth("/api/users/{id}") + 1);
    assert_eq!(depth("UPDATE users"), depth("user::update") + 1);
    assert_eq!(depth("200 OK"), depth("user::update"));
    // A statement that only reads affects no row, also after one that did.
    let selects = trace
        .iter()
        .filter(|step| step["name"].as_str().unwrap().starts_with("SELECT"));
    let selects: Vec<_> = selects.map(|step| &step["sql"]["affected"]).collect();
    assert!(
        selects.len() > 1 && selects.iter().all(|count| **count == 0),
        "{trace:#?}"
    );
    let parameters = update["sql"]["parameters"].as_array().unwrap();
    assert!(
        parameters.contains(&"'Grace O''Hopper'".into()),
        "{parameters:?}"
    );
    assert!(exchange["took"].as_u64().unwrap() > 0);
    assert_eq!(exchange["request"]["method"], "PATCH");
    assert_eq!(
        exchange["request"]["body"]["text"],
        r#"{"name":"Grace O'Hopper"}"#
    );
    assert_eq!(exchange["response"]["status"], 200);
    let sent: Value =
        serde_json::from_str(exchange["response"]["body"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(sent, response.json());
}

async fn trace_of_each_error_stops_at_its_step(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let valid = r#"{"name":"Rose","email":"rose@example.com","role":"member"}"#;
    let body = r#"{"name":"Rose","email":"minji.kim@example.com","role":"member"}"#;
    let first = app
        .get("GET", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    let email = first.json()["email"].as_str().unwrap().to_owned();
    let body = body.replace("minji.kim@example.com", &email);
    let json = "application/json";
    let patch = "application/merge-patch+json";
    // Method, target, Content-Type, body; status; the step that stopped; the steps not reached.
    let table = [
        (
            "BREW",
            "/api/users",
            json,
            "",
            501,
            "layer headers::known_methods",
            &["route", "handler"][..],
        ),
        (
            "GET",
            "/api/nothing",
            json,
            "",
            404,
            "route /api/nothing",
            &["handler"],
        ),
        (
            "DELETE",
            "/api/users",
            json,
            "",
            405,
            "route /api/users",
            &["handler"],
        ),
        (
            "GET",
            "/api/users/abc",
            json,
            "",
            400,
            "extractor PathId",
            &["handler"],
        ),
        (
            "GET",
            "/api/users/1?x=1",
            json,
            "",
            400,
            "extractor NoQuery",
            &["handler"],
        ),
        (
            "GET",
            "/api/users?sort=size",
            json,
            "",
            400,
            "handler user::list",
            &["sql SELECT id, name"],
        ),
        (
            "GET",
            "/api/users/99",
            json,
            "",
            404,
            "handler user::show",
            &[],
        ),
        (
            "POST",
            "/api/users",
            "text/plain",
            valid,
            415,
            "extractor UserBody",
            &["handler"],
        ),
        (
            "POST",
            "/api/users",
            json,
            "{",
            400,
            "extractor UserBody",
            &["handler"],
        ),
        (
            "POST",
            "/api/users",
            json,
            "{}",
            422,
            "validation NewUser",
            &["sql INSERT"],
        ),
        (
            "POST",
            "/api/users",
            json,
            &body,
            409,
            "constraint the email address is unique",
            &[],
        ),
        (
            "PATCH",
            "/api/users/99",
            patch,
            "{}",
            404,
            "constraint the user is there",
            &["sql UPDATE users"],
        ),
        (
            "PUT",
            "/api/users/1",
            json,
            r#"{"id":2,"name":"A","email":"a@b.c","role":"member"}"#,
            409,
            "validation the body fits the user",
            &["sql UPDATE users"],
        ),
    ];
    let before = rows(database).await;
    for (method, target, format, body, status, end, missing) in table {
        let headers = [("sandbox-key", key.as_str()), ("content-type", format)];
        let response = app.request(method, target, &headers, body.to_owned()).await;
        response.problem(status);
        let exchange = exchange(&app, &key, &response).await;
        let request = format!("{method} {target}: {exchange:#}");
        assert_eq!(steps(&exchange, "stopped"), [end], "{request}");
        let passed = steps(&exchange, "passed");
        for kind in missing {
            assert!(
                !passed.iter().any(|step| step.starts_with(kind)),
                "{kind}: {request}"
            );
        }
        let grey = steps(&exchange, "unreached");
        if end.starts_with("extractor") {
            assert!(
                grey.iter().any(|step| step.starts_with("handler ")),
                "{request}"
            );
        }
        if end.starts_with("extractor")
            || end.starts_with("handler")
            || end.starts_with("constraint")
        {
            assert!(
                grey.iter().any(|step| step.starts_with("response ")),
                "{request}"
            );
        }
        assert_eq!(
            exchange["changes"].as_array().unwrap().len(),
            0,
            "{request}"
        );
    }
    assert_eq!(rows(database).await, before);
}

async fn exchange_has_changed_users_before_and_after(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let one = app
        .get("GET", "/api/users/1", &[("sandbox-key", &key)])
        .await
        .json();
    let changed = app
        .json(&key, "PATCH", "/api/users/1", r#"{"bio":"new"}"#)
        .await;
    let changes = exchange(&app, &key, &changed).await["changes"].clone();
    assert_eq!(changes.as_array().unwrap().len(), 1);
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&one, &changed.json())
    );
    let created = app
        .json(
            &key,
            "POST",
            "/api/users",
            r#"{"name":"R","email":"r@s.t","role":"member"}"#,
        )
        .await;
    let changes = exchange(&app, &key, &created).await["changes"].clone();
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&Value::Null, &created.json())
    );
    let deleted = app
        .get("DELETE", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    let changes = exchange(&app, &key, &deleted).await["changes"].clone();
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&changed.json(), &Value::Null)
    );
    // An unchanged user is not a change.
    let same = app.json(&key, "PATCH", "/api/users/2", "{}").await;
    let changes = exchange(&app, &key, &same).await;
    assert_eq!(changes["changes"], serde_json::json!([]));
}

async fn request_without_a_sandbox_is_not_recorded(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in ["/api/users", "/api/users/1", "/api/health", "/api/nothing"] {
        app.get("GET", path, &[]).await;
    }
    app.sandboxes.recorder().flush().await;
    assert_eq!(
        crate::app::count(database, "SELECT COUNT(*) FROM exchange").await,
        0
    );
    let list = app.get("GET", "/api/sandbox/exchanges", &[]).await;
    assert_eq!(list.json(), serde_json::json!([]));
}

async fn write_that_creates_a_sandbox_is_recorded_in_it(database: &TestDatabase) {
    let app = App::new(database).await;
    let body = r#"{"name":"R","email":"r@s.t","role":"member"}"#;
    let created = app.request("POST", "/api/users", &[JSON], body).await;
    let key = created.header("sandbox-key").unwrap().to_owned();
    let exchange = exchange(&app, &key, &created).await;
    assert!(
        steps(&exchange, "passed")
            .iter()
            .any(|step| step.starts_with("sql INSERT INTO sandbox"))
    );
    // The key is sent to the visitor once and not recorded.
    assert!(!exchange.to_string().contains(&key), "{exchange:#}");
    assert!(exchange.to_string().contains(&format!("{}…", &key[..4])));
}

async fn requests_to_the_sandbox_path_are_not_recorded(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for (method, path) in [
        ("GET", "/api/sandbox"),
        ("POST", "/api/sandbox"),
        ("POST", "/api/sandbox/reset"),
        ("GET", "/api/sandbox/exchanges"),
        ("POST", "/api/sandbox/undo"),
    ] {
        app.get(method, path, &[("sandbox-key", &key)]).await;
    }
    let list = app
        .get("GET", "/api/sandbox/exchanges", &[("sandbox-key", &key)])
        .await;
    assert_eq!(list.json(), serde_json::json!([]));
}

async fn secrets_are_masked_before_they_are_stored(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let cookie = format!("sandbox={key}; sso=company-secret; api_session=0123456789");
    let request = Request::post("/api/users")
        .header("sandbox-key", &key)
        .header("cookie", cookie)
        .header("authorization", "Basic bmV2ZXI6c2hvd24=")
        .header("x-forwarded-for", "192.0.2.7")
        .header("x-company-token", "company-secret")
        .header("content-type", "application/json")
        .body(r#"{"password":"never-shown","token":"never-shown"}"#.into())
        .unwrap();
    let response = app.send(request).await;
    response.problem(422);
    let headers = [("sandbox-key", key.as_str())];
    let echo = app
        .get("GET", "/api/echo?access_token=never-shown", &headers)
        .await;
    let echo = exchange(&app, &key, &echo).await;
    assert_eq!(echo["request"]["target"], "/api/echo?access_token=(hidden)");
    let exchange = exchange(&app, &key, &response).await;
    app.sandboxes.recorder().flush().await;
    let stored: String = crate::app::value(database, "SELECT body FROM exchange").await;
    for text in [exchange.to_string(), echo.to_string(), stored] {
        for secret in [
            "company-secret",
            "never-shown",
            "bmV2ZXI6",
            "192.0.2.7",
            "0123456789",
            &key,
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let headers = exchange["request"]["headers"].as_array().unwrap();
    let find = |name: &str| {
        headers
            .iter()
            .find(|header| header["name"] == name)
            .unwrap()
    };
    assert_eq!(find("x-company-token")["value"], "(hidden)");
    assert_eq!(find("x-forwarded-for")["source"], "proxy");
    assert_eq!(find("content-type")["source"], "client");
}

async fn trace_as_text_has_one_line_for_each_step(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let response = app.json(&key, "DELETE", "/api/users/3", "").await;
    let path = format!(
        "/api/sandbox/exchanges/{}",
        response.header("request-id").unwrap()
    );
    let headers = [("sandbox-key", key.as_str()), ("accept", "text/plain")];
    let text = app.get("GET", &path, &headers).await;
    assert_eq!(
        text.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    for (accept, format) in [
        ("*/*;q=0.1, text/plain", "text/plain; charset=utf-8"),
        ("text/plain;q=0.5, application/json", "application/json"),
        ("text/html, */*", "application/json"),
        ("image/png", "application/json"),
    ] {
        let headers = [("sandbox-key", key.as_str()), ("accept", accept)];
        let response = app.get("GET", &path, &headers).await;
        assert_eq!(response.header("content-type"), Some(format), "{accept}");
        assert!(response.header("vary").unwrap().contains("Accept"));
    }
    let text = String::from_utf8(text.body).unwrap();
    assert!(text.starts_with("DELETE /api/users/3 HTTP/1.1\n"), "{text}");
    for line in [
        "✓ route          /api/users/{id}",
        "- user 3\n",
        "204 after ",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
}
