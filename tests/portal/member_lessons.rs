//! Lessons for members only, by every way in which a lesson can be read.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use routebook::content::{SourceFile, load};
use routebook::server::Content;

use crate::app::App;
use crate::database::TestDatabase;

on_both_engines! {
    text_of_a_member_lesson_is_shown_to_members_only,
    exercise_and_quiz_of_a_member_lesson_are_for_members_only,
    starting_data_and_titles_of_a_member_lesson_are_for_members_only,
}

/// A sentence that occurs in the text of the lesson only.
const SECRET: &str = "Zanzibar pelicans";
/// The users with which the lesson begins.
const USERS: &str =
    r#"[{"id":5,"name":"Secret Ada","email":"ada@example.com","role":"member","bio":null}]"#;
const PATH: &str = "/en/internal/ours";

/// Returns the files of an exercise and of a quiz with the id `ours`.
pub(crate) fn cards() -> [SourceFile; 2] {
    [("exercises", "first-change"), ("quizzes", "get")].map(|(folder, id)| {
        let path = format!("{folder}/{id}.toml");
        let file = load::built_in().into_iter().find(|file| file.path == path);
        let text = String::from_utf8(file.unwrap().bytes).unwrap();
        let text = text.replace(&format!("id = \"{id}\""), "id = \"ours\"");
        SourceFile {
            path: format!("{folder}/ours.toml"),
            bytes: text.into_bytes(),
        }
    })
}

/// Returns the built-in lessons, with one for members that has an exercise and a quiz.
fn content() -> Content {
    let lesson = format!(
        "---\ntitle: Our secret API\ndescription: For us.\naccess: member\ndata: ours\n---\n\n{SECRET}.\n\n\
         ```http\n# @id one\n# @expect status == 404\nGET /api/users/999\n```\n\n\
         ```exercise ours\n```\n\n```quiz ours\n```\n"
    );
    let site = "[[sections]]\nslug = \"internal\"\ntitle.en = \"Internal\"\ntitle.ko = \"내부\"\n";
    let files = [
        ("site.toml", site.to_owned()),
        ("en/internal/ours.md", lesson),
        ("data/ours.json", USERS.to_owned()),
    ];
    let files = files.map(|(path, text)| SourceFile {
        path: path.to_owned(),
        bytes: text.into_bytes(),
    });
    let files = [&files[..], &cards()].concat();
    Content::over_built_in(&files, false).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn is_sent_to_login(response: &crate::app::TestResponse, target: &str) -> bool {
    let next: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
    response.status == StatusCode::SEE_OTHER
        && response.header("location") == Some(&format!("/en/login?next={next}"))
        && response.header("cache-control") == Some("no-store")
}

async fn text_of_a_member_lesson_is_shown_to_members_only(database: &TestDatabase) {
    let app = App::with_content(database, content()).await;
    let session = app.log_in_as_grace(None).await;
    let member = Some(session.as_str());
    // Twice, because a response that was cached for somebody must not be shown to others.
    for id in [None, member, None, Some("forged")] {
        let is_member = id == member;
        for ending in ["", ".md", ".http", ".png", "?a=b"] {
            let path = format!("{PATH}{ending}");
            let response = app.get(&path, id).await;
            assert_eq!(
                is_sent_to_login(&response, &path),
                !is_member,
                "{path} {id:?}"
            );
            assert_eq!(
                response.status == StatusCode::OK,
                is_member,
                "{path} {id:?}"
            );
        }
        // The lesson is not translated.
        let response = app.get("/ko/internal/ours", id).await;
        assert_eq!(response.status == StatusCode::OK, is_member);
        let mut request = Request::get(PATH).header("accept", "text/markdown");
        if let Some(id) = id {
            request = request.header("cookie", format!("{}={id}", app.cookie));
        }
        let markdown = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(markdown.body.contains(SECRET), is_member);
        assert_eq!(is_sent_to_login(&markdown, PATH), !is_member);
        for path in [
            "/en/print/internal",
            "/en/search?q=Zanzibar",
            "/en/search?part&q=Zanzibar",
        ] {
            let response = app.get(path, id).await;
            assert_eq!(response.status, StatusCode::OK, "{path}");
            assert_eq!(
                response.body.contains("pelicans"),
                is_member,
                "{path} {id:?}"
            );
        }
        for path in ["/sitemap.xml", "/en/llms.txt", "/en/llms-full.txt"] {
            let response = app.get(path, id).await;
            assert_eq!(response.status, StatusCode::OK, "{path}");
            let text = response.body;
            assert!(
                !text.contains("internal/ours") && !text.contains(SECRET),
                "{path}"
            );
        }
        // Title and description are in the lists.
        let section = app.get("/en/internal", id).await.body;
        assert!(section.contains("Our secret API") && !section.contains(SECRET));
    }
    let page = app.get(PATH, member).await.body;
    assert!(page.contains(SECRET) && page.contains("content=\"noindex\""));
}

async fn exercise_and_quiz_of_a_member_lesson_are_for_members_only(database: &TestDatabase) {
    let app = App::with_content(database, content()).await;
    let session = app.log_in_as_grace(None).await;
    for path in ["/en/exercises/ours", "/en/quizzes/ours"] {
        let refused = app.get(path, None).await;
        assert!(is_sent_to_login(&refused, path), "{path}");
        let posted = app.post(path, None, &[("do", "start")]).await;
        assert_eq!(posted.status, StatusCode::UNAUTHORIZED, "{path}");
        let part = app.get(&format!("{path}?part"), None).await;
        assert_eq!(part.status, StatusCode::UNAUTHORIZED, "{path}");
        let shown = app.get(path, Some(&session)).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
    }
    // Those of other lessons stay open.
    for path in ["/en/exercises/first-change", "/en/quizzes/get"] {
        assert_eq!(app.get(path, None).await.status, StatusCode::OK, "{path}");
    }
}

async fn starting_data_and_titles_of_a_member_lesson_are_for_members_only(database: &TestDatabase) {
    let app = App::with_content(database, content()).await;
    let session = app.log_in_as_grace(None).await;
    for (id, is_shown) in [(None, false), (Some(session.as_str()), true)] {
        let panel = "/en/data?from=/internal/ours";
        let restored = app.post(panel, id, &[("do", "restore")]).await;
        assert_eq!(restored.status == StatusCode::SEE_OTHER, is_shown);
        let fields = [("method", "GET"), ("target", "/api/users/1")];
        let tried = app.post("/en/try?exercise=ours", id, &fields).await.body;
        assert_eq!(tried.contains("/en/exercises/ours"), is_shown, "{tried}");
    }
}
