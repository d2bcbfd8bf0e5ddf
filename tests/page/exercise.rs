//! The cards of exercises: what they show of the exchanges of a visitor, from whatever client.

use axum::body::Body;
use axum::http::Request;

use crate::client::{Page, app, call, cookie_of, get, post, sandbox_cookie};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    exercise_is_graded_from_the_requests_of_any_client,
    only_exchanges_since_the_last_start_or_reset_count,
    progress_survives_a_reset_and_is_that_of_one_visitor,
    start_sets_the_behaviors_of_the_exercise,
    behaviors_that_a_passed_exercise_has_set_can_be_switched_off,
    any_refused_method_passes_a_step_without_a_method,
    hints_and_solution_are_shown_after_asking,
    without_scripts_the_forms_redirect_to_the_page_of_the_card,
    lesson_has_the_card_before_anything_was_done,
    unknown_exercise_is_404_and_unknown_action_422,
}

const CARD: &str = "/en/exercises/create-an-admin";
const ADMIN: &str = r#"{"name":"Hana","email":"hana@example.com","role":"admin"}"#;
const MEMBER: &str = r#"{"name":"Hana","email":"member@example.com"}"#;

/// Returns the state of a card.
async fn state(app: &TestApp, cookie: &str, card: &str) -> Page {
    let page = get(app, &format!("{card}?part"), &[("cookie", cookie)]).await;
    assert!(!page.html.contains("<html"), "only a fragment");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.status, 200);
    page
}

/// Sends a form of a card as the island does.
async fn act(app: &TestApp, cookie: &str, card: &str, action: &str) -> Page {
    let path = format!("{card}?part");
    post(app, &path, &[("cookie", cookie)], &[("do", action)]).await
}

/// Returns the states of the card and of its steps.
fn states(page: &Page) -> Vec<&str> {
    let parts = page.html.split("data-state=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

/// Sends the requests that pass the exercise.
async fn solve(app: &TestApp, cookie: &str) {
    let created = call(app, cookie, "POST", "/api/users", ADMIN).await;
    assert_eq!(created.status, 201);
    let location = created.header("location").unwrap().to_owned();
    call(app, cookie, "GET", &location, "").await;
}

async fn exercise_is_graded_from_the_requests_of_any_client(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    assert_eq!(
        states(&state(&app, &cookie, CARD).await),
        ["new", "later", "later"]
    );
    let started = act(&app, &cookie, CARD, "start").await;
    assert_eq!(states(&started), ["started", "waiting", "later"]);
    assert!(started.html.contains("Attempt 1"), "{}", started.html);
    // Another request is named with the part that differs, but not the request of the step.
    for (method, path, text) in [
        ("GET", "/api/users", "needs a request with another method"),
        ("POST", "/api/users/1", "this step needs another path"),
    ] {
        call(&app, &cookie, method, path, "").await;
        let other = state(&app, &cookie, CARD).await;
        assert_eq!(states(&other), ["started", "waiting", "later"]);
        let sent = format!("<code>{method} {path}</code>");
        assert!(other.html.contains(&sent), "{}", other.html);
        assert!(other.html.contains(text), "{text}: {}", other.html);
        assert!(!other.html.contains("<code>POST /api/users</code>"));
    }
    // A wrong request, with what was expected and what came.
    call(&app, &cookie, "POST", "/api/users", MEMBER).await;
    let failed = state(&app, &cookie, CARD).await;
    assert_eq!(states(&failed), ["failed", "failed", "later"]);
    assert!(
        failed
            .html
            .contains("The body of the request is not as this step needs it.")
    );
    assert!(
        failed.html.contains("<code>\"member\"</code>"),
        "{}",
        failed.html
    );
    assert!(
        !failed.html.contains("the status is"),
        "the status was as expected"
    );
    let korean = state(&app, &cookie, "/ko/exercises/create-an-admin").await;
    assert!(
        korean
            .html
            .contains("요청의 본문이 이 단계에 맞지 않습니다.")
    );
    // What the request must contain is said when the hints have said it.
    let exact = "$.role</code> in the request body is <code>\"admin\"</code>";
    let hinted = act(&app, &cookie, CARD, "hint").await;
    assert!(!hinted.html.contains(exact), "{}", hinted.html);
    let hinted = act(&app, &cookie, CARD, "hint").await;
    assert!(
        hinted.html.contains(exact) && hinted.html.contains("but it is missing"),
        "{}",
        hinted.html
    );
    let korean = state(&app, &cookie, "/ko/exercises/create-an-admin").await;
    assert!(korean.html.contains("요청 본문의") && korean.html.contains("(실제 값: 없음)"));
    solve(&app, &cookie).await;
    let passed = state(&app, &cookie, CARD).await;
    assert_eq!(states(&passed), ["passed", "passed", "passed"]);
    assert!(
        passed
            .html
            .contains("data-message=\"Passed: 2 of 2 steps\"")
    );
}

async fn only_exchanges_since_the_last_start_or_reset_count(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    solve(&app, &cookie).await;
    let started = act(&app, &cookie, CARD, "start").await;
    assert_eq!(states(&started), ["started", "waiting", "later"]);
    let checked = act(&app, &cookie, CARD, "check").await;
    assert_eq!(states(&checked), ["started", "waiting", "later"]);
    let second = ADMIN.replace("hana@", "second@");
    call(&app, &cookie, "POST", "/api/users", &second).await;
    let half = act(&app, &cookie, CARD, "check").await;
    assert_eq!(states(&half), ["started", "passed", "waiting"]);
    let (_, restart) = half
        .html
        .split_once("<details class=\"exercise-restart\">")
        .unwrap();
    let (restart, _) = restart.split_once("</details>").unwrap();
    assert!(
        restart.contains("The steps that this attempt has passed are lost")
            && restart.contains("value=\"restart\""),
        "{restart}"
    );
    assert_eq!(half.html.matches("value=\"restart\"").count(), 1);
    // A reset deletes what was sent before it.
    let reset = call(&app, &cookie, "POST", "/api/sandbox/reset", "").await;
    assert_eq!(reset.status, 204);
    let after = state(&app, &cookie, CARD).await;
    assert_eq!(states(&after), ["started", "waiting", "later"]);
    solve(&app, &cookie).await;
    assert_eq!(states(&state(&app, &cookie, CARD).await)[0], "passed");
    // The form of the lesson does not know that the exercise was begun: nothing is lost.
    let again = act(&app, &cookie, CARD, "start").await;
    assert_eq!(states(&again), ["passed", "passed", "passed"]);
    assert!(again.html.contains("The exercise stays passed"), "it asks");
    let again = act(&app, &cookie, CARD, "restart").await;
    assert_eq!(states(&again), ["started", "waiting", "later"]);
    assert!(
        again.html.contains("Attempt 2") && again.html.contains("Passed in an earlier attempt")
    );
    // What is written to the database counts as what is in memory.
    app.state.sandboxes.recorder().flush().await;
    assert_eq!(
        states(&state(&app, &cookie, CARD).await),
        ["started", "waiting", "later"]
    );
}

async fn progress_survives_a_reset_and_is_that_of_one_visitor(database: &TestDatabase) {
    let app = app(database).await;
    let (own, other) = (sandbox_cookie(&app).await, sandbox_cookie(&app).await);
    act(&app, &own, CARD, "start").await;
    act(&app, &own, CARD, "hint").await;
    solve(&app, &own).await;
    assert_eq!(states(&state(&app, &own, CARD).await)[0], "passed");
    call(&app, &own, "POST", "/api/sandbox/reset", "").await;
    let after = state(&app, &own, CARD).await;
    assert!(
        after.html.contains("Attempt 1") && after.html.contains("Passed in an earlier attempt")
    );
    assert!(after.html.contains("Add one more field"), "the hint");
    for cookie in [other.as_str(), "", "sandbox=AAAAAAAAAAAAAAAAAAAAAA"] {
        let page = state(&app, cookie, CARD).await;
        assert_eq!(states(&page), ["new", "later", "later"], "{cookie}");
        assert_eq!(page.header("set-cookie"), None);
    }
    let deleted = call(&app, &own, "DELETE", "/api/sandbox", "").await;
    assert_eq!(deleted.status, 204);
    assert_eq!(states(&state(&app, &own, CARD).await)[0], "new");
}

async fn start_sets_the_behaviors_of_the_exercise(database: &TestDatabase) {
    let app = app(database).await;
    let card = "/en/exercises/replace-with-if-match";
    let before = state(&app, "", card).await;
    assert!(
        before.html.contains("changes the switches"),
        "{}",
        before.html
    );
    let started = act(&app, "", card, "start").await;
    let cookie = cookie_of(&started);
    let body = r#"{"name":"A","email":"a@example.com","role":"member"}"#;
    let refused = call(&app, &cookie, "PUT", "/api/users/6", body).await;
    assert_eq!(refused.status, 428);
    assert!(!started.html.contains("no longer those"));
    call(&app, &cookie, "POST", "/api/sandbox/reset", "").await;
    let reset = state(&app, &cookie, card).await;
    assert!(reset.html.contains("no longer those"), "{}", reset.html);
    // An exercise without switches sets none.
    act(&app, &cookie, card, "start").await;
    act(&app, &cookie, CARD, "start").await;
    let accepted = call(&app, &cookie, "PUT", "/api/users/6", body).await;
    assert_eq!(accepted.status, 200);
}

async fn behaviors_that_a_passed_exercise_has_set_can_be_switched_off(database: &TestDatabase) {
    let app = app(database).await;
    let card = "/en/exercises/log-in-before-writing";
    let left = "are still on";
    let cookie = cookie_of(&act(&app, "", card, "start").await);
    let patch = async |cookie: &str| {
        let request = Request::patch("/api/users/2")
            .header("content-type", "application/merge-patch+json")
            .header("cookie", cookie)
            .body(Body::from(r#"{"bio":"Found it."}"#));
        app.send(request.unwrap()).await.0.status.as_u16()
    };
    assert_eq!(patch(&cookie).await, 401);
    let login = r#"{"email":"grace@example.com","password":"routebook"}"#;
    let session = call(&app, &cookie, "POST", "/api/session", login).await;
    assert!(!state(&app, &cookie, card).await.html.contains(left));
    let logged_in = format!("{cookie}; {}", cookie_of(&session));
    assert_eq!(patch(&logged_in).await, 200);
    let passed = state(&app, &cookie, card).await;
    assert!(states(&passed).starts_with(&["passed"]) && passed.html.contains(left));
    let after = act(&app, &cookie, card, "default-behaviors").await;
    assert!(states(&after).starts_with(&["passed"]) && !after.html.contains(left));
    assert_eq!(patch(&cookie).await, 200);
}

async fn any_refused_method_passes_a_step_without_a_method(database: &TestDatabase) {
    let app = app(database).await;
    let card = "/en/exercises/not-found-and-not-allowed";
    let cookie = cookie_of(&act(&app, "", card, "start").await);
    call(&app, &cookie, "GET", "/api/users/9999", "").await;
    let refused = call(&app, &cookie, "PUT", "/api/users", "{}").await;
    assert_eq!(refused.status, 405);
    assert!(states(&state(&app, &cookie, card).await).starts_with(&["passed"]));
}

async fn hints_and_solution_are_shown_after_asking(database: &TestDatabase) {
    let app = app(database).await;
    let started = act(&app, "", CARD, "start").await;
    let cookie = cookie_of(&started);
    let hints = ["Add one more field", "If the email is already taken"];
    let solution = "The server chooses the id";
    let shown = |page: &Page| {
        let mut texts = hints.iter().chain([&solution]);
        let count = texts
            .clone()
            .filter(|text| page.html.contains(**text))
            .count();
        (
            count,
            texts.any(|text| *text == solution && page.html.contains(text)),
        )
    };
    assert_eq!(shown(&started), (0, false));
    assert!(started.html.contains("Show hint 1 of 2"));
    let first = act(&app, &cookie, CARD, "hint").await;
    assert_eq!(shown(&first), (1, false));
    assert!(first.html.contains("Show hint 2 of 2") && first.html.contains(hints[0]));
    let second = act(&app, &cookie, CARD, "hint").await;
    assert_eq!(shown(&second), (2, false));
    assert!(!second.html.contains("value=\"hint\""), "there are two");
    let third = act(&app, &cookie, CARD, "hint").await;
    assert_eq!(third.html, second.html, "no third hint");
    let solved = act(&app, &cookie, CARD, "solution").await;
    assert_eq!(shown(&solved), (3, true));
    assert!(!solved.html.contains("value=\"solution\""));
}

async fn without_scripts_the_forms_redirect_to_the_page_of_the_card(database: &TestDatabase) {
    let app = app(database).await;
    let started = post(&app, CARD, &[], &[("do", "start")]).await;
    assert_eq!(started.status, 303);
    let location = started.header("location").unwrap();
    assert_eq!(location, format!("{CARD}#exercise-create-an-admin"));
    let cookie = cookie_of(&started);
    let page = get(&app, CARD, &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for text in [
        "id=\"exercise-create-an-admin\"",
        "data-state=\"started\"",
        "href=\"/en/methods/post\"",
        "value=\"check\"",
        "action=\"/en/try?from=/methods/post&amp;exercise=create-an-admin&amp;method=POST\"",
    ] {
        assert!(page.html.contains(text), "{text}: {}", page.html);
    }
    solve(&app, &cookie).await;
    let headers = [("cookie", cookie.as_str())];
    let checked = post(&app, CARD, &headers, &[("do", "check")]).await;
    assert_eq!(checked.status, 303);
    let page = get(&app, CARD, &headers).await;
    assert!(page.html.contains("data-state=\"passed\""));
}

async fn lesson_has_the_card_before_anything_was_done(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    act(&app, &cookie, CARD, "start").await;
    let plain = get(&app, "/en/methods/post", &[]).await;
    let own = get(&app, "/en/methods/post", &[("cookie", &cookie)]).await;
    assert_eq!(plain.html, own.html, "it is the same for everybody");
    assert!(plain.html.contains("id=\"exercise-create-an-admin\""));
    assert!(
        plain
            .html
            .contains("id=\"exercise-create-an-admin-request-1\"")
    );
    assert!(plain.html.contains("data-state=\"new\"") && plain.html.contains("value=\"start\""));
    for text in [
        "Add one more field",
        "The server chooses the id",
        "value=\"hint\"",
    ] {
        assert!(!plain.html.contains(text), "{text}");
    }
}

async fn unknown_exercise_is_404_and_unknown_action_422(database: &TestDatabase) {
    let app = app(database).await;
    for path in ["/en/exercises/none", "/ko/exercises/none?part"] {
        assert_eq!(get(&app, path, &[]).await.status, 404, "{path}");
        assert_eq!(post(&app, path, &[], &[("do", "start")]).await.status, 404);
    }
    for form in [&[("do", "win")][..], &[]] {
        let refused = post(&app, CARD, &[], form).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.header("set-cookie"), None, "no sandbox is created");
    }
}
