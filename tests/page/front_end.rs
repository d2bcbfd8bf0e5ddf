//! What pages embed of the front end, and what they leave to be loaded with the islands.

use crate::client::{Page, app, get, post};
use crate::database::TestDatabase;

on_both_engines! {
    page_embeds_only_the_style_sheets_that_it_needs,
    messages_of_the_islands_are_immutable_at_the_address_in_the_page,
}

/// Returns the value of an attribute of the element that has the addresses of the front end.
fn address<'a>(page: &'a Page, attribute: &str) -> Option<&'a str> {
    let (_, element) = page.html.split_once("data-islands").unwrap();
    let (element, _) = element.split_once('>').unwrap();
    let (_, value) = element.split_once(&format!(" {attribute}=\""))?;
    value.split('"').next()
}

async fn page_embeds_only_the_style_sheets_that_it_needs(database: &TestDatabase) {
    let app = app(database).await;
    let form = [("method", "GET"), ("target", "/api/users")];
    for (page, count, has_responses) in [
        (get(&app, "/en/methods/post", &[]).await, 1, false),
        (get(&app, "/en/login", &[]).await, 1, false),
        (get(&app, "/en/playground", &[]).await, 2, false),
        (get(&app, "/en/playground/list-users", &[]).await, 2, false),
        (get(&app, "/ko", &[]).await, 3, true),
        (post(&app, "/ko/try", &[], &form).await, 2, true),
    ] {
        assert_eq!(page.html.matches("<style>").count(), count);
        let linked = address(&page, "data-css");
        assert_eq!(linked.is_none(), has_responses, "{linked:?}");
        assert!(linked.is_none_or(|address| address.ends_with("/response.css")));
    }
}

async fn messages_of_the_islands_are_immutable_at_the_address_in_the_page(database: &TestDatabase) {
    let app = app(database).await;
    let mut addresses = Vec::new();
    for locale in ["ko", "en"] {
        let page = get(&app, &format!("/{locale}/methods/get"), &[]).await;
        let address = address(&page, "data-messages").unwrap().to_owned();
        let messages = get(&app, &address, &[]).await;
        assert_eq!(messages.status, 200);
        assert_eq!(messages.header("content-type"), Some("application/json"));
        let caching = messages.header("cache-control").unwrap();
        assert!(caching.contains("immutable"), "{caching}");
        let texts: serde_json::Value = serde_json::from_str(&messages.html).unwrap();
        let expected = if locale == "ko" { "보내기" } else { "Send" };
        assert_eq!(texts["request-send"], expected);
        assert!(texts.get("home-lead").is_none());
        addresses.push(address);
    }
    // The address depends on the content, and another content is not served.
    assert_ne!(
        addresses[0].rsplit('/').next(),
        addresses[1].rsplit('/').next()
    );
    let other = get(&app, "/en/messages/0000000000000000", &[]).await;
    assert_eq!(other.status, 404);
}
