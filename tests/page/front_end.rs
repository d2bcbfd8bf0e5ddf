//! What pages embed of the front end, and what they leave to be loaded with the islands.

use std::collections::BTreeSet;
use std::path::Path;

use crate::client::{Page, app, get, post};
use crate::database::TestDatabase;

on_both_engines! {
    page_embeds_only_the_style_sheets_that_it_needs,
    each_class_of_a_page_has_its_rules_in_the_style_sheets_of_the_page,
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
        (get(&app, "/ko/methods", &[]).await, 2, false),
        (get(&app, "/ko/search", &[]).await, 2, false),
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

/// Returns the names of the classes in a style sheet and in those that it imports.
fn classes_of_sheet(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut classes = BTreeSet::new();
    for import in text.split("@import \"").skip(1) {
        let file = import.split('"').next().unwrap();
        classes.extend(classes_of_sheet(&path.with_file_name(file)));
    }
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    for rest in text.split('.').skip(1) {
        let name: String = rest.chars().take_while(|&c| is_name(c)).collect();
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            classes.insert(name);
        }
    }
    classes
}

/// A class that has rules, but only in style sheets that a page does not embed, would be without style there.
async fn each_class_of_a_page_has_its_rules_in_the_style_sheets_of_the_page(
    database: &TestDatabase,
) {
    let app = app(database).await;
    let sheet = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
        classes_of_sheet(&folder.join(format!("{name}.css")))
    };
    let site = sheet("site");
    let others = ["home", "reference", "response", "search"].map(|name| (name, sheet(name)));
    let form = [("method", "GET"), ("target", "/api/users")];
    for (page, embedded) in [
        (get(&app, "/ko", &[]).await, &["home", "response"][..]),
        (get(&app, "/en/methods", &[]).await, &["home"]),
        (get(&app, "/en/methods/post", &[]).await, &[]),
        (get(&app, "/en/exercises/create-an-admin", &[]).await, &[]),
        (get(&app, "/ko/quizzes/post", &[]).await, &[]),
        (get(&app, "/en/login", &[]).await, &[]),
        (get(&app, "/en/data", &[]).await, &["response"]),
        (get(&app, "/en/nothing", &[]).await, &[]),
        (get(&app, "/en/search?q=patch", &[]).await, &["search"]),
        (get(&app, "/ko/search?q=zzz", &[]).await, &["search"]),
        (get(&app, "/en/playground", &[]).await, &["reference"]),
        (
            get(&app, "/ko/playground/create-user", &[]).await,
            &["reference"],
        ),
        (post(&app, "/en/try", &[], &form).await, &["response"]),
    ] {
        let used = page.html.split("class=\"").skip(1);
        let used = used.filter_map(|rest| rest.split('"').next());
        for class in used.flat_map(str::split_whitespace) {
            let has_rules = |(name, classes): &(&str, BTreeSet<String>)| {
                classes.contains(class) && embedded.contains(name)
            };
            let is_known = others.iter().any(|(_, classes)| classes.contains(class));
            assert!(
                !is_known || site.contains(class) || others.iter().any(has_rules),
                "{embedded:?}: {class}"
            );
        }
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
