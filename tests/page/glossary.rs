//! The glossary: its page, the terms in lessons, the search and the palette.

use crate::client::{app, get};
use crate::database::TestDatabase;

on_both_engines! {
    term_of_a_lesson_leads_to_the_glossary,
}

async fn term_of_a_lesson_leads_to_the_glossary(database: &TestDatabase) {
    let app = app(database).await;
    for locale in ["ko", "en"] {
        let lesson = get(&app, &format!("/{locale}/methods/get"), &[]).await.html;
        let glossary = get(&app, &format!("/{locale}/glossary"), &[]).await;
        assert_eq!(glossary.status, 200);
        let links: Vec<&str> = lesson
            .split(&format!("<a href=\"/{locale}/glossary#"))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(links.contains(&"safe"), "{locale}: {links:?}");
        for id in links {
            assert!(glossary.html.contains(&format!("<dt id=\"{id}\">")), "{id}");
        }
        // Each button names a definition that is on the page once.
        let buttons = lesson.split("popovertarget=\"term-").skip(1);
        for number in buttons.filter_map(|rest| rest.split('"').next()) {
            let id = format!(" id=\"term-{number}\" popover=\"auto\"");
            assert_eq!(lesson.matches(&id).count(), 1, "{id}");
        }
        assert!(
            glossary
                .html
                .contains(&format!("href=\"/{locale}/methods/get\""))
        );
        let palette = get(&app, &format!("/{locale}/palette"), &[]).await.body;
        assert!(palette.contains(&format!("/{locale}/glossary#idempotent")));
        assert!(lesson.contains(&format!("<a href=\"/{locale}/glossary\">")));
    }
    for (query, id) in [
        ("/en/search?q=weather", "resource"),
        ("/ko/search?q=%EB%A9%B1%EB%93%B1", "idempotent"),
    ] {
        let found = get(&app, query, &[]).await.html;
        assert!(found.contains(&format!("/glossary#{id}\"")), "{query}");
    }
    assert!(
        get(&app, "/sitemap.xml", &[])
            .await
            .body
            .contains("/en/glossary<")
    );
    let print = get(&app, "/en/print/methods", &[]).await.html;
    assert!(print.contains("popovertarget=\"methods-get-term-1\""));
    assert!(print.contains(" id=\"methods-get-term-1\""));
}
