//! The progress of members: what is kept with the account, and what a login gives to it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use routebook::model::account::{AccountId, TeamRole};
use routebook::model::trace::Trace;
use routebook::portal::store::learning::{AccountAnswer, ExerciseAttempt};
use routebook::portal::store::team::{TeamNumbers, TeamView};
use routebook::sandbox::SandboxKey;
use serde_json::Value;

use crate::app::{App, DAY, PASSWORD, TestResponse, rows};
use crate::database::TestDatabase;

on_both_engines! {
    login_without_a_sandbox_changes_nothing,
    login_with_a_sandbox_without_progress_changes_nothing,
    login_gives_the_progress_of_the_sandbox_to_the_account,
    login_unites_the_progress_of_sandbox_and_account,
    logging_in_again_counts_nothing_twice,
    sandbox_of_another_account_gives_nothing,
    sandbox_of_a_deleted_account_gives_nothing,
    expired_sandbox_gives_nothing,
    two_logins_at_once_give_the_progress_once,
    two_accounts_at_once_share_no_progress,
    logout_leaves_nothing_in_the_browser,
    exercise_is_kept_at_the_moment_it_is_graded,
    each_attempt_is_kept_with_the_step_at_which_it_stopped,
    exercise_is_graded_when_the_account_cannot_be_written,
    first_answer_stays_in_a_new_sandbox,
    ticks_of_the_browser_are_merged_and_bounded,
    deleted_account_leaves_attempts_that_name_nobody,
    refused_deletion_keeps_the_sandbox,
    export_contains_what_was_learned,
    old_attempts_are_deleted,
}

const EXERCISE: &str = "create-an-admin";
const GRACE: &str = "grace@example.com";

/// A browser with a sandbox and, after a login, a session.
pub(crate) struct Browser<'a> {
    app: &'a App,
    pub(crate) sandbox: Option<String>,
    session: Option<String>,
}

impl Browser<'_> {
    pub(crate) fn new(app: &App) -> Browser<'_> {
        Browser {
            app,
            sandbox: None,
            session: None,
        }
    }

    /// Creates a browser with a new sandbox.
    pub(crate) async fn with_sandbox(app: &App) -> Browser<'_> {
        let mut browser = Browser::new(app);
        let created = browser.send("POST", "/api/sandbox", "").await;
        assert_eq!(created.status, 201);
        browser
    }

    /// Creates a browser that is logged in as Grace.
    pub(crate) async fn of_grace(app: &App) -> Browser<'_> {
        let mut browser = Browser::new(app);
        browser.log_in(GRACE).await;
        browser
    }

    /// Sends a request with the cookies of the browser, and stores those of the response.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &str) -> TestResponse {
        let mut cookies = vec!["lang=en".to_owned()];
        cookies.extend(self.sandbox.iter().map(|key| format!("sandbox={key}")));
        let session = self.session.iter();
        cookies.extend(session.map(|id| format!("{}={id}", self.app.cookie)));
        let kind = match path.starts_with("/api/") {
            true if method == "PATCH" => "application/merge-patch+json",
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies.join("; "))
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin");
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.app.send(request).await;
        for (name, stored) in [
            ("sandbox", &mut self.sandbox),
            (self.app.cookie, &mut self.session),
        ] {
            if let Some(cookie) = response.cookies(name).last() {
                let value = cookie.split(['=', ';']).nth(1).unwrap_or_default();
                *stored = (!value.is_empty()).then(|| value.to_owned());
            }
        }
        response
    }

    pub(crate) async fn get(&mut self, path: &str) -> TestResponse {
        self.send("GET", path, "").await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let mut body = form_urlencoded::Serializer::new(String::new());
        self.send("POST", path, &body.extend_pairs(form).finish())
            .await
    }

    pub(crate) async fn log_in(&mut self, email: &str) {
        let form = [("email", email), ("password", PASSWORD), ("next", "")];
        let response = self.post("/en/login", &form).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
    }

    pub(crate) async fn log_out(&mut self) -> TestResponse {
        self.post("/en/logout", &[]).await
    }

    /// Sends a form of the card of the exercise, as the island does.
    pub(crate) async fn exercise(&mut self, action: &str) -> TestResponse {
        let path = format!("/en/exercises/{EXERCISE}?part");
        let response = self.post(&path, &[("do", action)]).await;
        assert_eq!(response.status, 200, "{}", response.body);
        response
    }

    /// Sends the first request of the exercise; with the role of an admin it passes the first step.
    pub(crate) async fn create_user(&mut self, email: &str, role: &str) -> TestResponse {
        let body = format!(r#"{{"name":"Hana","email":"{email}","role":"{role}"}}"#);
        let created = self.send("POST", "/api/users", &body).await;
        assert_eq!(created.status, 201);
        created
    }

    /// Starts the exercise and passes it; the grading of the last request is up to the caller.
    pub(crate) async fn solve(&mut self, email: &str) {
        self.exercise("start").await;
        let created = self.create_user(email, "admin").await;
        let address = created.header("location").unwrap().to_owned();
        assert_eq!(self.get(&address).await.status, 200);
    }

    /// Answers the three questions of the quiz, the first with `created`.
    pub(crate) async fn answer(&mut self, created: &str) -> TestResponse {
        let form = [
            ("created", created),
            ("idempotent", "b"),
            ("order", "a"),
            ("order", "c"),
        ];
        self.post("/en/quizzes/post?part", &form).await
    }
}

pub(crate) async fn grace(app: &App) -> AccountId {
    app.portal.store.list_accounts().await.unwrap()[0].id
}

async fn attempts(app: &App, account: AccountId) -> Vec<ExerciseAttempt> {
    let attempts = app.portal.store.list_attempts(account, None).await;
    attempts.unwrap()
}

async fn answers(app: &App, account: AccountId) -> Vec<AccountAnswer> {
    app.portal.store.list_answers(account, None).await.unwrap()
}

/// Returns the ids of the passed exercises and quizzes.
async fn passed(app: &App, account: AccountId) -> Vec<String> {
    let passes = app.portal.store.list_passes(account).await.unwrap();
    let mut ids: Vec<_> = passes.into_iter().map(|pass| pass.assessment).collect();
    ids.sort();
    ids
}

/// Returns the score of the first answers to the quiz.
async fn score(app: &App, account: AccountId) -> (usize, usize) {
    let answers = answers(app, account).await;
    let correct = answers.iter().filter(|answer| answer.is_correct).count();
    (correct, answers.len())
}

async fn login_without_a_sandbox_changes_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    Browser::of_grace(&app).await;
    let account = grace(&app).await;
    assert_eq!(attempts(&app, account).await, []);
    assert_eq!(passed(&app, account).await, [""; 0]);
    assert_eq!(
        rows(database, "SELECT key_hash FROM sandbox_claim")
            .await
            .len(),
        0
    );
}

async fn login_with_a_sandbox_without_progress_changes_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    // The account has progress from another browser.
    let mut first = Browser::of_grace(&app).await;
    first.solve("hana@example.com").await;
    first.exercise("check").await;
    let before = attempts(&app, account).await;
    assert_eq!(before.len(), 1);
    let mut second = Browser::with_sandbox(&app).await;
    second.log_in(GRACE).await;
    assert_eq!(attempts(&app, account).await, before);
    assert_eq!(passed(&app, account).await, [EXERCISE]);
}

async fn login_gives_the_progress_of_the_sandbox_to_the_account(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::with_sandbox(&app).await;
    browser.solve("hana@example.com").await;
    browser.exercise("hint").await;
    browser.answer("c").await;
    browser.log_in(GRACE).await;
    let account = grace(&app).await;
    assert_eq!(passed(&app, account).await, [EXERCISE, "post"]);
    let attempts = attempts(&app, account).await;
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    let attempt = &attempts[0];
    assert_eq!((attempt.step, attempt.hints, attempt.failures), (2, 1, 0));
    assert!(attempt.passed.is_some() && !attempt.is_solution_shown);
    assert_eq!(score(&app, account).await, (3, 3));
}

async fn login_unites_the_progress_of_sandbox_and_account(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut first = Browser::of_grace(&app).await;
    first.answer("a").await;
    first.solve("hana@example.com").await;
    first.exercise("check").await;
    let of_account = attempts(&app, account).await;
    let passed_at = app.portal.store.list_passes(account).await.unwrap()[0].passed;
    app.clock.advance(DAY / 2);
    // Another browser, before its login: another attempt, which stops, and other answers.
    let mut second = Browser::with_sandbox(&app).await;
    second.exercise("start").await;
    second.create_user("other@example.com", "member").await;
    second.answer("c").await;
    second.log_in(GRACE).await;
    let united = attempts(&app, account).await;
    assert_eq!(united.len(), 2, "{united:?}");
    assert_eq!(united[1], of_account[0], "what the account had stays");
    assert_eq!((united[0].passed, united[0].step), (None, 0));
    assert_eq!(united[0].failures, 1);
    let answers = answers(&app, account).await;
    assert_eq!(answers[0].question, "created");
    assert_eq!(answers[0].first, ["a"], "the first answer stays");
    assert_eq!(answers[0].last, ["c"]);
    assert!(!answers[0].is_correct && answers[0].solved.is_some());
    assert_eq!(score(&app, account).await, (2, 3));
    // Each question was answered correctly once.
    assert_eq!(passed(&app, account).await, [EXERCISE, "post"]);
    let passes = app.portal.store.list_passes(account).await.unwrap();
    let exercise = passes.iter().find(|pass| pass.assessment == EXERCISE);
    assert_eq!(
        exercise.unwrap().passed,
        passed_at,
        "the earliest time counts"
    );
}

async fn logging_in_again_counts_nothing_twice(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::with_sandbox(&app).await;
    browser.solve("hana@example.com").await;
    browser.answer("a").await;
    browser.log_in(GRACE).await;
    let account = grace(&app).await;
    let state = (
        attempts(&app, account).await,
        answers(&app, account).await,
        passed(&app, account).await,
    );
    assert_eq!(state.0.len(), 1);
    app.clock.advance(1000);
    browser.log_out().await;
    assert_eq!(browser.sandbox, None);
    browser.log_in(GRACE).await;
    browser.log_in(GRACE).await;
    assert!(browser.sandbox.is_some(), "it follows the account");
    let again = (
        attempts(&app, account).await,
        answers(&app, account).await,
        passed(&app, account).await,
    );
    assert_eq!(again, state);
}

async fn sandbox_of_another_account_gives_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let ada = app.register("ada@example.com", "Ada").await;
    // Graces's session ends without a logout, and the sandbox stays in the browser.
    let mut browser = Browser::of_grace(&app).await;
    browser.solve("hana@example.com").await;
    browser.exercise("check").await;
    let key = browser.sandbox.clone();
    let mut other = Browser::new(&app);
    other.sandbox = key.clone();
    other.log_in("ada@example.com").await;
    assert_eq!(other.sandbox, None, "the browser loses it");
    assert_eq!(attempts(&app, ada).await, []);
    // Also while Ada is logged in.
    other.sandbox = key;
    let card = other.exercise("check").await;
    assert!(card.body.contains("data-state=\"passed\""));
    other.answer("c").await;
    assert_eq!(attempts(&app, ada).await, []);
    assert_eq!(answers(&app, ada).await, []);
    assert_eq!(passed(&app, ada).await, [""; 0]);
    assert_eq!(passed(&app, grace(&app).await).await, [EXERCISE]);
}

async fn sandbox_of_a_deleted_account_gives_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let ada = app.register("ada@example.com", "Ada").await;
    let mut browser = Browser::with_sandbox(&app).await;
    browser.solve("hana@example.com").await;
    browser.log_in(GRACE).await;
    let key = browser.sandbox.clone();
    let form = [("do", "delete"), ("current", PASSWORD)];
    let deleted = browser.post("/en/account", &form).await;
    assert_eq!(deleted.status, 303, "{}", deleted.body);
    assert_eq!(browser.sandbox, None, "the browser loses the sandbox");
    browser.sandbox = key;
    browser.log_in("ada@example.com").await;
    assert_eq!(attempts(&app, ada).await, []);
    assert_eq!(browser.sandbox, None);
}

async fn expired_sandbox_gives_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::with_sandbox(&app).await;
    browser.solve("hana@example.com").await;
    app.clock.advance(2 * DAY);
    browser.log_in(GRACE).await;
    assert_eq!(browser.sandbox, None);
    let account = grace(&app).await;
    assert_eq!(attempts(&app, account).await, []);
    assert_eq!(passed(&app, account).await, [""; 0]);
}

async fn two_logins_at_once_give_the_progress_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut first = Browser::with_sandbox(&app).await;
    first.solve("hana@example.com").await;
    first.answer("a").await;
    let mut second = Browser::new(&app);
    second.sandbox = first.sandbox.clone();
    tokio::join!(first.log_in(GRACE), second.log_in(GRACE));
    assert!(first.sandbox.is_some() && first.sandbox == second.sandbox);
    let account = grace(&app).await;
    assert_eq!(attempts(&app, account).await.len(), 1);
    assert_eq!(score(&app, account).await, (2, 3));
    assert_eq!(passed(&app, account).await, [EXERCISE]);
}

async fn two_accounts_at_once_share_no_progress(database: &TestDatabase) {
    let app = App::new(database).await;
    let ada = app.register("ada@example.com", "Ada").await;
    let mut first = Browser::with_sandbox(&app).await;
    first.solve("hana@example.com").await;
    let mut second = Browser::new(&app);
    second.sandbox = first.sandbox.clone();
    tokio::join!(first.log_in(GRACE), second.log_in("ada@example.com"));
    let counts = [
        attempts(&app, ada).await.len(),
        attempts(&app, grace(&app).await).await.len(),
    ];
    assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
    let kept = [second.sandbox.is_some(), first.sandbox.is_some()];
    assert_eq!(
        counts.map(|count| count == 1),
        kept,
        "whose it is keeps the sandbox"
    );
}

async fn logout_leaves_nothing_in_the_browser(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.solve("hana@example.com").await;
    browser.answer("c").await;
    let out = browser.log_out().await;
    assert_eq!(out.status, 303);
    assert_eq!(browser.sandbox, None);
    // The last request was graded at the logout.
    assert_eq!(passed(&app, grace(&app).await).await, [EXERCISE, "post"]);
    let card = browser.get(&format!("/en/exercises/{EXERCISE}?part")).await;
    assert!(card.body.contains("data-state=\"new\""), "{}", card.body);
    assert!(!card.body.contains("Passed in an earlier attempt"));
}

async fn exercise_is_kept_at_the_moment_it_is_graded(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.solve("hana@example.com").await;
    // Without scripts: the form alone, before the page that it redirects to.
    let path = format!("/en/exercises/{EXERCISE}");
    let checked = browser.post(&path, &[("do", "check")]).await;
    assert_eq!(checked.status, 303);
    assert_eq!(passed(&app, account).await, [EXERCISE]);
    let kept = attempts(&app, account).await;
    // Hints and the solution after it was passed do not count.
    browser.exercise("hint").await;
    browser.exercise("solution").await;
    assert_eq!(attempts(&app, account).await, kept);
    // In a new sandbox the card says that the account has passed it.
    let mut other = Browser::of_grace(&app).await;
    other.sandbox = None;
    let card = other.get(&format!("{path}?part")).await;
    assert!(
        card.body.contains("Passed in an earlier attempt"),
        "{}",
        card.body
    );
}

async fn each_attempt_is_kept_with_the_step_at_which_it_stopped(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    browser.create_user("one@example.com", "member").await;
    browser.create_user("two@example.com", "member").await;
    browser.exercise("hint").await;
    browser.exercise("solution").await;
    app.clock.advance(60_000);
    // What was sent since the last grading belongs to the first attempt.
    browser.create_user("three@example.com", "admin").await;
    browser.exercise("restart").await;
    let kept = attempts(&app, account).await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    let (second, first) = (&kept[0], &kept[1]);
    assert_eq!((first.step, first.failures, first.hints), (1, 2, 1));
    assert!(first.is_solution_shown && first.passed.is_none());
    assert_eq!((second.step, second.verdict.as_str()), (0, ""));
    browser.create_user("four@example.com", "member").await;
    browser.exercise("check").await;
    let kept = attempts(&app, account).await;
    let verdict: Value = serde_json::from_str(&kept[0].verdict).unwrap();
    assert_eq!(verdict["request"]["line"], "POST /api/users");
    let unmet = &verdict["unmet"][0];
    assert_eq!(unmet["expected"], "request body $.role == \"admin\"");
    // A reset deletes the exchanges, but not what is known of the attempt.
    let reset = browser.send("POST", "/api/sandbox/reset", "").await;
    assert_eq!(reset.status, 204);
    browser.exercise("check").await;
    let after = attempts(&app, account).await;
    assert_eq!(
        (after[0].failures, &after[0].verdict),
        (1, &kept[0].verdict)
    );
}

async fn exercise_is_graded_when_the_account_cannot_be_written(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    rows(database, "ALTER TABLE assessment_pass RENAME TO away").await;
    browser.solve("hana@example.com").await;
    let card = browser.exercise("check").await;
    assert!(card.body.contains("data-state=\"passed\""), "{}", card.body);
    assert_eq!(attempts(&app, account).await, [], "all or nothing");
    rows(database, "ALTER TABLE away RENAME TO assessment_pass").await;
    browser.get(&format!("/en/exercises/{EXERCISE}?part")).await;
    assert_eq!(passed(&app, account).await, [EXERCISE], "it is repaired");
    assert_eq!(attempts(&app, account).await.len(), 1);
}

async fn first_answer_stays_in_a_new_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.answer("a").await;
    assert_eq!(score(&app, account).await, (2, 3));
    assert_eq!(passed(&app, account).await, [""; 0]);
    let deleted = browser.send("DELETE", "/api/sandbox", "").await;
    assert_eq!(deleted.status, 204);
    browser.sandbox = None;
    let card = browser.get("/en/quizzes/post?part").await;
    assert!(card.body.contains("2 of 3 correct"), "{}", card.body);
    let card = browser.answer("c").await;
    assert!(card.body.contains("2 of 3 correct"), "{}", card.body);
    assert!(card.body.contains("Your answer in practice: correct"));
    assert_eq!(score(&app, account).await, (2, 3));
    assert_eq!(passed(&app, account).await, ["post"], "solved once");
}

async fn ticks_of_the_browser_are_merged_and_bounded(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let lessons = async || {
        let lessons = app.portal.store.list_lesson_progress(account).await;
        let lessons = lessons.unwrap().into_iter();
        let mut lessons: Vec<_> = lessons
            .map(|one| (one.lesson, one.opened, one.read))
            .collect();
        lessons.sort();
        lessons
    };
    let mut visitor = Browser::new(&app);
    let refused = visitor
        .post("/en/progress", &[("read", "methods/get")])
        .await;
    assert_eq!(refused.status, 401);
    let mut browser = Browser::of_grace(&app).await;
    let form = [
        ("opened", "methods/post"),
        ("read", "methods/get"),
        ("read", "methods/none"),
        ("won", "methods/put"),
        ("opened", "../../etc"),
        ("last", "methods/post"),
    ];
    let now = app.clock.now();
    let sent = browser.post("/en/progress", &form).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    let known = [
        ("methods/get".to_owned(), now, Some(now)),
        ("methods/post".to_owned(), now, None),
    ];
    assert_eq!(lessons().await, known);
    app.clock.advance(1000);
    browser.post("/en/progress", &form).await;
    browser
        .post("/en/progress", &[("opened", "methods/get")])
        .await;
    assert_eq!(lessons().await, known, "the earliest time counts");
    browser
        .post("/en/progress", &[("read", "methods/post")])
        .await;
    assert_eq!(lessons().await[1].2, Some(now + 1000));
    // From a form without scripts.
    let form = [("read", "methods/put"), ("back", "1")];
    let marked = browser.post("/en/progress", &form).await;
    assert_eq!(marked.status, 303);
    assert_eq!(marked.header("location"), Some("/en/methods/put"));
    let many = [("opened", "methods/delete"); 1001];
    let refused = browser.post("/en/progress", &many).await;
    assert_eq!(refused.status, 413);
    let long = "x".repeat(70_000);
    let refused = browser.post("/en/progress", &[("opened", &long)]).await;
    assert_eq!(refused.status, 413);
    assert_eq!(lessons().await.len(), 3, "nothing is half written");
}

async fn deleted_account_leaves_attempts_that_name_nobody(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    browser.create_user("hana@example.com", "member").await;
    browser.exercise("check").await;
    browser.answer("c").await;
    browser
        .post("/en/progress", &[("read", "methods/get")])
        .await;
    let store = &app.portal.store;
    let numbers = async || store.team_numbers(TeamView::default()).await.unwrap();
    let before = numbers().await;
    assert!(!before.quizzes.is_empty() && !before.lessons.is_empty());
    let key = browser.sandbox.clone().expect("a sandbox");
    let form = [("do", "delete"), ("current", PASSWORD)];
    let deleted = browser.post("/en/account", &form).await;
    assert_eq!(deleted.status, 303, "{}", deleted.body);
    let after = numbers().await;
    let lesson = |numbers: &TeamNumbers| {
        let lesson = &numbers.lessons["methods/get"];
        (numbers.lessons.len(), lesson.opened, lesson.read)
    };
    assert_eq!(lesson(&after), lesson(&before));
    assert_eq!(after.quizzes, before.quizzes);
    let count = async |sql| rows(database, sql).await.len();
    // Its data are gone, and their key opens nothing.
    let key = SandboxKey::parse(&key).expect("a key");
    let trace = Trace::disabled();
    let opened = app.state().sandboxes.open_sandbox(&key, &trace);
    assert!(opened.await.unwrap().is_none());
    let anonymous = "SELECT id FROM exercise_attempt \
                     WHERE account_id IS NULL AND failures = 1 AND verdict = ''";
    assert_eq!(count(anonymous).await, 1);
    for sql in [
        "SELECT lesson FROM lesson_progress",
        "SELECT quiz FROM account_answer",
        "SELECT assessment FROM assessment_pass",
        "SELECT key_hash FROM sandbox_claim WHERE account_id IS NOT NULL",
        "SELECT key FROM left_sandbox",
    ] {
        assert_eq!(count(sql).await, 0, "{sql}");
    }
}

async fn export_contains_what_was_learned(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    browser.create_user("hana@example.com", "member").await;
    browser.exercise("check").await;
    browser.answer("c").await;
    browser
        .post("/en/progress", &[("read", "methods/get")])
        .await;
    let data = browser.get("/en/account/data.json").await;
    let data: Value = serde_json::from_str(&data.body).unwrap();
    let learning = &data["learning"];
    assert_eq!(learning["lessons"][0]["lesson"], "methods/get");
    assert_eq!(learning["passed"][0]["id"], "post");
    let attempt = &learning["attempts"][0];
    assert_eq!(attempt["exercise"], EXERCISE);
    assert_eq!(attempt["verdict"]["request"]["status"], 201);
    assert_eq!(learning["quizAnswers"].as_array().unwrap().len(), 3);
}

async fn old_attempts_are_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.solve("hana@example.com").await;
    browser.exercise("check").await;
    let started = attempts(&app, account).await[0].started;
    let store = &app.portal.store;
    store.delete_attempts_before(started).await.unwrap();
    assert_eq!(attempts(&app, account).await.len(), 1);
    store.delete_attempts_before(started + 1).await.unwrap();
    assert_eq!(attempts(&app, account).await, []);
    assert_eq!(
        passed(&app, account).await,
        [EXERCISE],
        "what is passed stays"
    );
}

async fn refused_deletion_keeps_the_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    app.session_of("boss@example.com", TeamRole::Admin).await;
    let mut browser = Browser::with_sandbox(&app).await;
    browser.log_in("boss@example.com").await;
    let form = [("do", "delete"), ("current", PASSWORD)];
    let refused = browser.post("/en/account", &form).await;
    // The team needs its last admin.
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(
        rows(database, "SELECT key FROM left_sandbox").await.len(),
        0
    );
    let key = SandboxKey::parse(&browser.sandbox.clone().unwrap()).unwrap();
    let trace = Trace::disabled();
    let opened = app.state().sandboxes.open_sandbox(&key, &trace);
    assert!(opened.await.unwrap().is_some());
}
