//! Users sent as XML and CSV. Refused requests write nothing.

use crate::app::{App, TestResponse, rows};
use crate::database::TestDatabase;

on_both_engines! {
    user_sent_as_xml_or_csv_is_stored,
    get_response_in_each_format_can_be_put_back,
    malformed_xml_or_csv_returns_400_with_line_and_column,
    invalid_fields_in_xml_and_csv_return_422_with_the_pointers_of_json,
    patch_as_xml_or_csv_returns_415,
}

const XML: &str = "application/xml";
const CSV: &str = "text/csv";

async fn send(
    app: &App,
    key: &str,
    method: &str,
    path: &str,
    format: &str,
    body: &[u8],
) -> TestResponse {
    let headers = [("sandbox-key", key), ("content-type", format)];
    app.request(method, path, &headers, body.to_vec()).await
}

async fn user_sent_as_xml_or_csv_is_stored(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<user>\n  <name>장미 &lt;&amp;&gt;</name>\n  \
               <email>rose1@example.org</email>\n  <bio><![CDATA[줄\r\n바꿈]]></bio>\n</user>\n";
    let csv = "\u{feff}email,bio,name\r\nrose2@example.org,\"줄\n바꿈\",장미 <&>\r\n";
    for (at, (format, body)) in [
        (XML, xml),
        (CSV, csv),
        (
            "Text/CSV; charset=\"UTF-8\"; header=present",
            "name,email\na,b@c",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let created = send(&app, &key, "POST", "/api/users", format, body.as_bytes()).await;
        assert_eq!(
            created.status,
            201,
            "{}",
            String::from_utf8_lossy(&created.body)
        );
        assert_eq!(
            created.header("content-type"),
            Some("application/json"),
            "as Accept says"
        );
        let user = created.json();
        assert_eq!(user["id"], 13 + at);
        assert_eq!(user["role"], "member");
        if at < 2 {
            assert_eq!(
                (&user["name"], &user["bio"]),
                (&"장미 <&>".into(), &"줄\n바꿈".into())
            );
        } else {
            assert!(user["bio"].is_null());
        }
    }
    // A missing element or an empty cell means null, and an empty element means an empty bio.
    for (format, body, bio) in [
        (
            XML,
            "<user><name>a</name><email>a@b</email><role>admin</role></user>",
            None,
        ),
        (
            XML,
            "<user><name>a</name><email>a@b</email><role>admin</role><bio/></user>",
            Some(""),
        ),
        (CSV, "name,email,role,bio\na,a@b,admin,\n", None),
        (CSV, "name,email,role,bio\na,a@b,admin,'\n", Some("")),
        (
            CSV,
            "id,name,email,role,bio\n13,'=1,a@b,admin,'=2\n",
            Some("=2"),
        ),
    ] {
        let put = send(&app, &key, "PUT", "/api/users/13", format, body.as_bytes()).await;
        assert_eq!(put.status, 200, "{}", String::from_utf8_lossy(&put.body));
        assert_eq!(put.json()["bio"], serde_json::json!(bio), "{body}");
    }
}

async fn get_response_in_each_format_can_be_put_back(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let all = app.users(&key).await;
    for id in 1..=12 {
        for format in [XML, CSV] {
            let path = format!("/api/users/{id}");
            let headers = [("sandbox-key", key.as_str()), ("accept", format)];
            let read = app.get("GET", &path, &headers).await;
            app.clock.advance(5_000);
            let headers = [
                ("sandbox-key", key.as_str()),
                ("accept", format),
                ("content-type", format),
                ("if-match", read.header("etag").unwrap()),
            ];
            let put = app.request("PUT", &path, &headers, read.body.clone()).await;
            assert_eq!(
                (put.status, &put.body),
                (200, &read.body),
                "{path} {format}"
            );
        }
    }
    assert_eq!(app.users(&key).await, all);
}

async fn malformed_xml_or_csv_returns_400_with_line_and_column(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = rows(database).await;
    let deep = format!("<user>{}", "<a>".repeat(10_000));
    let entities =
        "<!DOCTYPE u [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><user><name>&b;</name></user>";
    let outside =
        "<!DOCTYPE u [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><user><name>&x;</name></user>";
    for (format, body, expected) in [
        (XML, &b""[..], "line 1, column 1"),
        (XML, b"<user>\n  <name>a</nam>\n</user>", "line 2, column"),
        (XML, b"<user><name>a</name>", "line 1, column 21"),
        (XML, b"<user/><user/>", "line 1, column 8"),
        (XML, b"<users><user/></users>", "line 1, column 1"),
        (
            XML,
            b"<user><name>a</name><name>b</name></user>",
            "name appears twice",
        ),
        (XML, b"<user><name>\xff</name></user>", "line 1, column 13"),
        (XML, b"<user><name>&nope;</name></user>", "&nope;"),
        (XML, b"<user><name>&#0;</name></user>", "line 1, column 13"),
        (XML, b"<user id=\"1\"/>", "attributes"),
        (XML, deep.as_bytes(), "line 1, column 10"),
        (XML, entities.as_bytes(), "document type"),
        (XML, outside.as_bytes(), "document type"),
        (XML, b"{\"name\":\"a\"}", "line 1, column 1"),
        (CSV, b"", "header row"),
        (CSV, b"name,email\r\n", "line 2, column 1"),
        (CSV, b"name,email\r\na,b@c\r\nd,e@f\r\n", "line 3, column 1"),
        (CSV, b"name,email\r\na\r\n", "line 2, column 1"),
        (CSV, b"name,name\r\na,b\r\n", "\"name\" appears twice"),
        (CSV, b"name\r\n\"a", "line 2, column 1"),
        (CSV, b"name\r\n\"a\"b", "line 2, column 4"),
        (CSV, b"name\r\n\xff", "line 2, column 1"),
    ] {
        for (method, path) in [("POST", "/api/users"), ("PUT", "/api/users/4")] {
            let response = send(&app, &key, method, path, format, body).await;
            let problem = response.problem(400);
            let detail = problem["detail"].as_str().unwrap();
            assert!(
                detail.contains(expected) && detail.contains("line "),
                "{detail}"
            );
            assert!(
                problem["type"]
                    .as_str()
                    .unwrap()
                    .ends_with("/malformed-body")
            );
        }
    }
    let large = format!("name,email\n{},a@b", "a".repeat(64 * 1024));
    send(&app, &key, "POST", "/api/users", CSV, large.as_bytes())
        .await
        .problem(413);
    for format in [
        "application/xml; charset=euc-kr",
        "text/xml",
        "text/csv;charset=utf-16",
    ] {
        send(&app, &key, "POST", "/api/users", format, b"<user/>")
            .await
            .problem(415);
    }
    assert_eq!(rows(database).await, before);
}

async fn invalid_fields_in_xml_and_csv_return_422_with_the_pointers_of_json(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = rows(database).await;
    for (json, xml, csv, pointers) in [
        ("{}", "<user/>", "bio\nx", vec!["/name", "/email"]),
        (
            r#"{"name":"a","email":"x","role":"root","color":"red"}"#,
            "<user><name>a</name><email>x</email><role>root</role><color>red</color></user>",
            "name,email,role,color\na,x,root,red",
            vec!["/email", "/role", "/color"],
        ),
        (
            r#"{"id":5,"name":"a","email":"a@b"}"#,
            "<user><id>5</id><name>a</name><email>a@b</email></user>",
            "id,name,email\n5,a,a@b",
            vec!["/id"],
        ),
    ] {
        for (format, body) in [("application/json", json), (XML, xml), (CSV, csv)] {
            let response = send(&app, &key, "POST", "/api/users", format, body.as_bytes()).await;
            assert_eq!(response.pointers(422), pointers, "{body}");
        }
    }
    // The id in a body of PUT is validated as a number in every format.
    for (format, body) in [
        (
            XML,
            "<user><id>5</id><name>a</name><email>a@b</email><role>admin</role></user>",
        ),
        (CSV, "id,name,email,role\n5,a,a@b,admin"),
    ] {
        send(&app, &key, "PUT", "/api/users/4", format, body.as_bytes())
            .await
            .problem(409);
        let words = body.replace('5', "five");
        let response = send(&app, &key, "PUT", "/api/users/4", format, words.as_bytes()).await;
        assert_eq!(response.pointers(422), ["/id"]);
    }
    assert_eq!(
        rows(database)
            .await
            .iter()
            .filter(|row| row.contains('@'))
            .collect::<Vec<_>>(),
        before
            .iter()
            .filter(|row| row.contains('@'))
            .collect::<Vec<_>>()
    );
}

async fn patch_as_xml_or_csv_returns_415(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for format in [XML, CSV, "application/json"] {
        let response = send(&app, &key, "PATCH", "/api/users/4", format, b"{}").await;
        response.problem(415);
        assert_eq!(
            response.header("accept-patch"),
            Some("application/merge-patch+json")
        );
    }
}
