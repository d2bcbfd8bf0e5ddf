//! The cards of quizzes: what they send before an answer, and which answer counts.

use routebook::model::locale::Locale;

use crate::client::{Page, app, call, cookie_of, get, post, sandbox_cookie};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    answers_and_explanations_are_not_sent_before_the_question_is_answered,
    first_answer_counts_and_later_ones_are_practice,
    first_of_answers_at_the_same_time_stays,
    quiz_that_is_taken_again_begins_without_answers,
    answer_that_the_form_does_not_allow_is_refused_and_not_stored,
    answers_survive_a_reset_and_end_with_the_sandbox,
}

/// A quiz of three questions: `created` (c), `idempotent` (b) and `order` (a and c).
const QUIZ: &str = "/en/quizzes/post";

/// Sends answers as the island does.
async fn answer(app: &TestApp, cookie: &str, form: &[(&str, &str)]) -> Page {
    let path = format!("{QUIZ}?part");
    post(app, &path, &[("cookie", cookie)], form).await
}

async fn state(app: &TestApp, cookie: &str) -> Page {
    get(app, &format!("{QUIZ}?part"), &[("cookie", cookie)]).await
}

/// Returns the results of the questions that are answered.
fn results(page: &Page) -> Vec<&str> {
    let parts = page.html.split("data-state=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

async fn answers_and_explanations_are_not_sent_before_the_question_is_answered(
    database: &TestDatabase,
) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let mut quizzes = 0;
    for locale in Locale::ALL {
        for page in app.state.library.in_order(locale) {
            for quiz in page.quizzes() {
                quizzes += 1;
                let address = format!("/{locale}/quizzes/{}", quiz.id);
                for path in [page.href(), address.clone(), format!("{address}?part")] {
                    let html = get(&app, &path, &[("cookie", &cookie)]).await.html;
                    let start = html.find("class=\"quiz-form\"").unwrap();
                    let end = html[start..].find("</form>").unwrap();
                    let form = &html[start..start + end];
                    for question in &quiz.questions {
                        let explanation = question.explanation.get(locale).trim();
                        assert!(explanation.len() > 10, "{path}");
                        assert!(!html.contains(explanation), "{path}: {explanation}");
                        // Every option has the same attributes, whether it is correct or not.
                        for option in &question.options {
                            let kind = if question.is_multiple {
                                "checkbox"
                            } else {
                                "radio"
                            };
                            let input = format!(
                                "<label class=\"quiz-option\"><input type=\"{kind}\" name=\"{}\" value=\"{}\"><span>{}</span></label>",
                                question.id,
                                option.id,
                                option.text.get(locale)
                            );
                            let form = form.replace("<!>", "").replace("<!---->", "");
                            assert!(form.contains(&input), "{path}: {input}\n{form}");
                        }
                    }
                    assert!(!form.contains("data-state") && !form.contains("quiz-mark"));
                }
            }
        }
    }
    assert!(quizzes >= 10, "only {quizzes} quizzes were found");
    // After an answer, only that question is explained.
    let page = answer(&app, &cookie, &[("created", "a")]).await;
    let (_, quiz) = app.state.library.quiz(Locale::En, "post").unwrap();
    let is_explained = |at: usize| {
        let explanation = quiz.questions[at].explanation.get(Locale::En).trim();
        page.html.contains(explanation)
    };
    assert_eq!([0, 1, 2].map(is_explained), [true, false, false]);
    // The wrong option and the correct one.
    assert_eq!(page.html.matches("quiz-mark").count(), 2);
}

async fn first_answer_counts_and_later_ones_are_practice(database: &TestDatabase) {
    let app = app(database).await;
    let form = [("created", "a"), ("order", "a"), ("order", "c")];
    let first = answer(&app, "", &form).await;
    let cookie = cookie_of(&first);
    assert_eq!(results(&first), ["wrong", "correct"]);
    let score = "1 of 3 correct, 1 not answered.";
    assert!(first.html.contains(score), "{}", first.html);
    assert!(!first.html.contains("in practice:"));
    // The answer is now known; sending it changes nothing of the score.
    for _ in 0..3 {
        let again = answer(&app, &cookie, &[("created", "c")]).await;
        assert_eq!(results(&again), ["wrong", "correct"]);
        assert!(again.html.contains(score), "{}", again.html);
        assert!(again.html.contains("Your answer in practice: correct."));
    }
    let wrong = answer(&app, &cookie, &[("order", "b"), ("created", "b")]).await;
    assert!(wrong.html.contains(score) && wrong.html.contains("in practice: not correct."));
    let last = answer(&app, &cookie, &[("idempotent", "b")]).await;
    assert_eq!(results(&last), ["wrong", "correct", "correct"]);
    assert!(last.html.contains("2 of 3 correct."));
}

async fn quiz_that_is_taken_again_begins_without_answers(database: &TestDatabase) {
    const NOTE: &str = "Only your first answers count;";
    let app = app(database).await;
    let form = [
        ("created", "a"),
        ("idempotent", "b"),
        ("order", "a"),
        ("order", "c"),
    ];
    let answered = answer(&app, "", &form).await;
    let cookie = cookie_of(&answered);
    let checked = |page: &Page| page.html.matches("\" checked").count();
    // What was answered is shown and cannot be changed.
    assert_eq!(checked(&answered), 4, "{}", answered.html);
    let inputs = answered.html.matches("<input type=").count();
    assert_eq!(answered.html.matches(" disabled>").count(), inputs);
    assert!(answered.html.contains("value=\"again\"") && !answered.html.contains(NOTE));
    // With and without scripts.
    let begun = answer(&app, &cookie, &[("do", "again"), ("created", "b")]).await;
    let sent = post(&app, QUIZ, &[("cookie", &cookie)], &[("do", "again")]).await;
    assert_eq!((begun.status, sent.status), (200, 303));
    let target = sent.header("location").unwrap();
    assert_eq!(target, "/en/quizzes/post?again#quiz-post");
    let page = get(&app, "/en/quizzes/post?again", &[("cookie", &cookie)]).await;
    for page in [&begun, &page] {
        let class = page.html.find("class=\"quiz-form\"").unwrap();
        let start = page.html[..class].rfind("<form").unwrap();
        let form = &page.html[start..];
        let form = &form[..form.find("</form>").unwrap()];
        assert!(
            form.contains(NOTE) && form.contains("2 of 3 correct."),
            "{form}"
        );
        for mark in [
            "\" checked",
            " disabled",
            "quiz-result",
            "quiz-mark",
            "value=\"again\"",
        ] {
            assert!(!form.contains(mark), "{mark}: {form}");
        }
        assert!(form.contains("action=\"/en/quizzes/post?again\""), "{form}");
        assert!(
            form.contains("data-source=\"/en/quizzes/post?again&amp;part\""),
            "{form}"
        );
    }
    // Nothing was stored, and a form that is refused is still without answers.
    assert_eq!(
        results(&state(&app, &cookie).await),
        ["wrong", "correct", "correct"]
    );
    let again = "/en/quizzes/post?again&part";
    let refused = post(&app, again, &[("cookie", &cookie)], &[]).await;
    assert_eq!((refused.status, checked(&refused)), (422, 0));
    assert!(refused.html.contains(NOTE));
    let practised = post(&app, again, &[("cookie", &cookie)], &[("created", "c")]).await;
    assert!(practised.html.contains("Your answer in practice: correct."));
    assert!(practised.html.contains("2 of 3 correct.") && !practised.html.contains(NOTE));
    // A quiz with an open question is not taken again.
    let other = sandbox_cookie(&app).await;
    answer(&app, &other, &[("created", "a")]).await;
    let open = get(&app, "/en/quizzes/post?again&part", &[("cookie", &other)]).await;
    assert!(checked(&open) == 1 && !open.html.contains(NOTE));
}

async fn first_of_answers_at_the_same_time_stays(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    let send = async |option: &str| answer(&app, &cookie, &[("created", option)]).await.status;
    let statuses = tokio::join!(
        send("a"),
        send("c"),
        send("b"),
        send("c"),
        send("d"),
        send("c")
    );
    assert_eq!(statuses, (200, 200, 200, 200, 200, 200));
    let before = state(&app, &cookie).await;
    let before = results(&before)[0];
    for option in ["a", "b", "c", "d"] {
        let after = answer(&app, &cookie, &[("created", option)]).await;
        assert_eq!(results(&after), [before], "{option}");
    }
}

async fn answer_that_the_form_does_not_allow_is_refused_and_not_stored(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    for form in [
        &[][..],
        &[("unknown", "a")],
        &[("created", "x")],
        &[("created", "c"), ("created", "a")],
        &[("created", "c"), ("created", "c")],
        &[("order", "a"), ("order", "a")],
        &[("idempotent", "b"), ("created", "")],
    ] {
        let refused = answer(&app, &cookie, form).await;
        assert_eq!(refused.status, 422, "{form:?}");
        assert!(refused.html.contains("Choose an answer"), "{form:?}");
        assert!(results(&refused).is_empty(), "{form:?}");
    }
    assert_eq!(get(&app, "/en/quizzes/none", &[]).await.status, 404);
    assert_eq!(post(&app, "/en/quizzes/none", &[], &[]).await.status, 404);
    let sent = post(&app, QUIZ, &[("cookie", &cookie)], &[("created", "c")]).await;
    assert_eq!(sent.status, 303);
    assert_eq!(sent.header("location"), Some("/en/quizzes/post#quiz-post"));
}

async fn answers_survive_a_reset_and_end_with_the_sandbox(database: &TestDatabase) {
    let app = app(database).await;
    let cookie = sandbox_cookie(&app).await;
    answer(&app, &cookie, &[("created", "c")]).await;
    call(&app, &cookie, "POST", "/api/sandbox/reset", "").await;
    assert_eq!(results(&state(&app, &cookie).await), ["correct"]);
    let korean = get(&app, "/ko/quizzes/post", &[("cookie", &cookie)]).await;
    assert!(korean.html.contains("정답입니다."));
    let other = sandbox_cookie(&app).await;
    assert!(results(&state(&app, &other).await).is_empty());
    call(&app, &cookie, "DELETE", "/api/sandbox", "").await;
    assert!(results(&state(&app, &cookie).await).is_empty());
}
