//! The explanations of statuses, methods, headers and cookies exist in every locale and link to existing headings.

use std::collections::BTreeSet;

use routebook::api;
use routebook::model::explain::{
    Explanation, explain_cookie, explain_header, explain_method, explain_status,
};
use routebook::model::http::{METHODS, reason_phrase};
use routebook::model::locale::Locale;
use serde_json::Value;

use crate::client::{app, get};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    statuses_methods_headers_and_cookies_of_the_api_have_explanations,
}

async fn statuses_methods_headers_and_cookies_of_the_api_have_explanations(
    database: &TestDatabase,
) {
    let app = app(database).await;
    let document = serde_json::to_value(api::document()).unwrap();
    let mut headers = BTreeSet::new();
    names_of_headers(&document["paths"], &mut headers);
    names_of_headers(&document["components"]["responses"], &mut headers);
    assert!(headers.len() > 25, "{headers:?}");
    for target in [
        "/api/users",
        "/api/users/2",
        "/api/users/export",
        "/api/me",
        "/api/echo",
        "/api/users/x",
    ] {
        let page = get(&app, target, &[]).await;
        headers.extend(page.headers.keys().map(ToString::to_string));
    }
    let read = [
        "Accept",
        "Authorization",
        "Content-Type",
        "Content-Length",
        "Cookie",
        "Host",
        "User-Agent",
        "Origin",
    ];
    headers.extend(read.map(str::to_owned));
    for locale in Locale::ALL {
        let words = app.state.i18n.messages(locale);
        for status in (200..600).filter(|status| !reason_phrase(*status).is_empty()) {
            check(
                &app,
                locale,
                &status.to_string(),
                explain_status(words, locale, status),
            );
        }
        for method in METHODS {
            check(&app, locale, method, explain_method(words, locale, method));
        }
        for header in &headers {
            check(&app, locale, header, explain_header(words, locale, header));
        }
        let cookie =
            "__Host-a=b; Path=/; Max-Age=1; Expires=x; Domain=h; HttpOnly; Secure; SameSite=Lax";
        let parts = explain_cookie(words, locale, cookie);
        assert_eq!(parts.len(), 9);
        for part in parts {
            let name = part.name.clone();
            check(&app, locale, &name, Some(part));
        }
    }
}

fn check(app: &TestApp, locale: Locale, name: &str, explanation: Option<Explanation>) {
    let explanation = explanation.unwrap_or_else(|| panic!("{locale}: {name} is not explained"));
    assert!(explanation.text.len() > 15, "{locale}: {name}");
    let hangul = explanation
        .text
        .contains(|letter| ('가'..='힣').contains(&letter));
    assert_eq!(hangul, locale == Locale::Ko, "{locale}: {name}");
    let path = explanation
        .href
        .strip_prefix(&format!("/{locale}/"))
        .unwrap();
    let (path, anchor) = path.split_once('#').unwrap();
    let page = app.state.library.page(locale, path);
    let page = page.unwrap_or_else(|| panic!("{name}: the page {path} does not exist"));
    assert!(
        page.headings.iter().any(|heading| heading.id == anchor),
        "{name}: {path}#{anchor}"
    );
}

/// Collects the names of headers in responses and parameters.
fn names_of_headers(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let is_response = map.contains_key("description") && map["description"].is_string();
            if let Some(Value::Object(headers)) = map.get("headers").filter(|_| is_response) {
                names.extend(headers.keys().cloned());
            }
            if map.get("in").is_some_and(|location| location == "header") {
                names.insert(map["name"].as_str().unwrap().to_owned());
            }
            map.values()
                .for_each(|value| names_of_headers(value, names));
        }
        Value::Array(list) => list.iter().for_each(|value| names_of_headers(value, names)),
        _ => {}
    }
}
