//! What admins and mentors see of the team.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::StreamExt as _;
use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::portal::store::audit::{Actor, AuditFilter};
use routebook::portal::store::group::GroupId;
use routebook::portal::store::learning::{
    AccountAnswer, AssessmentKind, AssessmentPass, ExerciseAttempt, LessonProgress, NewProgress,
};
use routebook::portal::store::member::MemberChange;
use routebook::portal::store::team::TeamView;

use crate::app::{App, DAY, START, TestResponse};
use crate::database::TestDatabase;
use crate::learning::{Browser, grace};

on_both_engines! {
    overview_counts_what_members_have_done_by_chapter,
    overview_is_searched_filtered_sorted_and_paged,
    lessons_show_shares_and_the_step_where_people_stop,
    stuck_are_those_who_failed_three_times_in_a_week,
    members_who_are_stuck_are_counted_by_group_time_and_access,
    question_makes_its_member_stuck_until_it_is_answered,
    pages_agree_about_who_is_stuck,
    restart_keeps_failures_and_their_reasons,
    exercise_passed_before_the_login_is_passed_for_the_team,
    readers_of_an_assignment_are_counted,
    attempts_of_a_deleted_member_count_on_in_the_whole_team,
    record_of_a_member_shows_attempts_and_scores,
    mentor_of_a_group_sees_its_members_only,
    progress_is_a_file_for_spreadsheets_and_audited,
    live_list_is_sent_again_when_it_changes_and_ends_with_the_session,
    live_lists_of_one_account_are_limited,
    disabled_members_do_not_count,
}

const LESSON: &str = "methods/post";

/// Returns the id of an exercise of the library, its lesson and that lesson's quiz.
fn course(app: &App) -> (String, String, String) {
    let library = &app.state().library;
    let locale = routebook::model::locale::Locale::En;
    let page = library.page(locale, LESSON).expect("the lesson");
    let exercise = page.exercises().next().expect("an exercise");
    let quiz = page.quizzes().next().expect("a quiz");
    (exercise.id.clone(), page.path.clone(), quiz.id.clone())
}

async fn add(app: &App, account: AccountId, progress: NewProgress) {
    let added = app.portal.store.merge_progress(account, progress).await;
    added.unwrap();
}

fn attempt(
    exercise: &str,
    started: i64,
    step: i64,
    failures: i64,
    passed: bool,
) -> ExerciseAttempt {
    ExerciseAttempt {
        exercise: exercise.to_owned(),
        started,
        checked: started,
        passed: passed.then_some(started),
        step,
        failures,
        hints: 0,
        is_solution_shown: false,
        verdict: String::new(),
    }
}

fn attempts(attempts: Vec<ExerciseAttempt>) -> NewProgress {
    NewProgress {
        attempts,
        ..NewProgress::default()
    }
}

fn read(lesson: &str, at: i64) -> NewProgress {
    NewProgress {
        lessons: vec![LessonProgress {
            lesson: lesson.to_owned(),
            opened: at,
            seen: at,
            read: Some(at),
        }],
        ..NewProgress::default()
    }
}

async fn team(app: &App) -> (String, AccountId, AccountId) {
    let admin = app.session_of("admin@example.com", TeamRole::Admin).await;
    let ada = app.register("ada@example.com", "Ada Lovelace").await;
    let bob = app.register("bob@example.com", "Bob Kahn").await;
    (admin, ada, bob)
}

/// Returns the row of a table that begins with a link to a member.
fn row(page: &TestResponse, member: AccountId) -> &str {
    let link = format!("/team/members/{member}\"");
    let at = page.body.find(&link).expect("the member");
    let rest = &page.body[at..];
    &rest[..rest.find("</tr>").unwrap_or(rest.len())]
}

fn lists(page: &TestResponse, member: AccountId) -> bool {
    page.body.contains(&format!("/team/members/{member}\""))
}

async fn overview_counts_what_members_have_done_by_chapter(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, lesson, quiz) = course(&app);
    let page = app.get("/en/team", Some(&admin)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let cells = row(&page, ada).matches("heat-0").count();
    assert!(cells >= 3, "{}", row(&page, ada));
    add(&app, ada, read(&lesson, START)).await;
    add(
        &app,
        ada,
        attempts(vec![attempt(&exercise, START, 1, 0, true)]),
    )
    .await;
    let passes = vec![AssessmentPass {
        kind: AssessmentKind::Quiz,
        assessment: quiz,
        passed: START,
    }];
    let progress = NewProgress {
        passes,
        ..NewProgress::default()
    };
    add(&app, ada, progress).await;
    let page = app.get("/en/team", Some(&admin)).await;
    let changed = row(&page, ada);
    assert_eq!(changed.matches("heat-0").count(), cells - 1, "{changed}");
    assert!(changed.contains(">3"), "{changed}");
    assert_eq!(row(&page, bob).matches("heat-0").count(), cells);
    // The number of the chapter is read from the library, so that removed lessons do not count.
    add(&app, ada, read("gone/lesson", START)).await;
    let page = app.get("/en/team", Some(&admin)).await;
    assert_eq!(row(&page, ada), changed);
}

async fn overview_is_searched_filtered_sorted_and_paged(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, lesson, _) = course(&app);
    let get = async |query: &str| app.get(&format!("/en/team{query}"), Some(&admin)).await;
    let found = get("?q=LOVE").await;
    assert!(lists(&found, ada) && !lists(&found, bob));
    add(&app, ada, read(&lesson, START)).await;
    let sorted = get("?order=progress").await;
    let at = |page: &TestResponse, id| page.body.find(&format!("/team/members/{id}\""));
    assert!(at(&sorted, bob) < at(&sorted, ada));
    let by_name = get("").await;
    assert!(at(&by_name, ada) < at(&by_name, bob));
    add(
        &app,
        bob,
        attempts(vec![attempt(&exercise, START, 0, 3, false)]),
    )
    .await;
    let stuck = get("?state=stuck").await;
    assert!(lists(&stuck, bob) && !lists(&stuck, ada));
    // Nobody but the admin has logged in.
    let quiet = get("?state=quiet").await;
    assert!(lists(&quiet, ada) && lists(&quiet, bob));
    for number in 0..60 {
        let email = format!("z{number}@example.com");
        app.register(&email, &format!("Zoe {number:02}")).await;
    }
    let first = get("?order=progress").await;
    assert!(first.body.contains("rel=\"next\"") && !first.body.contains("rel=\"prev\""));
    let second = get("?order=progress&page=2").await;
    assert!(second.body.contains("rel=\"prev\"") && !second.body.contains("rel=\"next\""));
    let shown = |page: &TestResponse| page.body.matches("/team/members/").count();
    assert_eq!((shown(&first), shown(&second)), (50, 14));
    assert!(get("?page=999").await.body.contains("Nobody matches"));
}

async fn lessons_show_shares_and_the_step_where_people_stop(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, lesson, _) = course(&app);
    let eve = app.register("eve@example.com", "Eve").await;
    add(&app, ada, read(&lesson, START)).await;
    add(
        &app,
        ada,
        attempts(vec![attempt(&exercise, START, 1, 0, true)]),
    )
    .await;
    for account in [bob, eve] {
        let tries = vec![
            attempt(&exercise, START, 1, 1, false),
            attempt(&exercise, START + 1, 0, 1, false),
        ];
        add(&app, account, attempts(tries)).await;
    }
    let numbers = app.portal.store.team_numbers(TeamView::default()).await;
    let numbers = numbers.unwrap();
    let found = &numbers.exercises[&exercise];
    assert_eq!((found.started, found.passed), (3, 1));
    // The last attempt says where somebody stops.
    assert_eq!(found.stops, [(0, 2)]);
    assert_eq!(numbers.lessons[&lesson].read, 1);
    let page = app.get("/en/team/lessons", Some(&admin)).await;
    assert!(page.body.contains("1 of 3 (33 %)"), "{}", page.body);
    assert!(page.body.contains("2 at step 1: "));
}

async fn stuck_are_those_who_failed_three_times_in_a_week(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, ..) = course(&app);
    let page = async || app.get("/en/team/stuck", Some(&admin)).await;
    add(
        &app,
        ada,
        attempts(vec![attempt(&exercise, START, 0, 2, false)]),
    )
    .await;
    assert!(page().await.body.contains("Nobody is stuck"));
    let again = attempt(&exercise, START + 5, 0, 1, false);
    add(&app, ada, attempts(vec![again])).await;
    let stuck = page().await;
    assert!(lists(&stuck, ada) && !lists(&stuck, bob), "{}", stuck.body);
    assert!(stuck.body.contains("3 failed requests"));
    app.clock.advance(8 * DAY);
    // The sessions of two weeks are still valid.
    assert!(!lists(&page().await, ada));
    let now = app.clock.now();
    let again = attempt(&exercise, now, 0, 1, false);
    add(&app, ada, attempts(vec![again.clone()])).await;
    assert!(lists(&page().await, ada));
    let passed = ExerciseAttempt {
        passed: Some(now),
        ..again
    };
    add(&app, ada, attempts(vec![passed])).await;
    assert!(!lists(&page().await, ada));
}

async fn attempts_of_a_deleted_member_count_on_in_the_whole_team(database: &TestDatabase) {
    let app = App::new(database).await;
    let (_, ada, _) = team(&app).await;
    let (exercise, ..) = course(&app);
    add(
        &app,
        ada,
        attempts(vec![attempt(&exercise, START, 1, 0, true)]),
    )
    .await;
    let change = routebook::portal::store::member::MemberChange::Delete;
    let actor = Actor::default();
    let deleted = app.portal.store.change_member(ada, change, &actor, START);
    deleted.await.unwrap();
    let numbers = app.portal.store.team_numbers(TeamView::default()).await;
    assert_eq!(numbers.unwrap().exercises[&exercise].passed, 1);
    let of_group = TeamView {
        group: Some(GroupId(1)),
        mentor: None,
    };
    let numbers = app.portal.store.team_numbers(of_group).await.unwrap();
    assert!(numbers.exercises.is_empty());
}

async fn record_of_a_member_shows_attempts_and_scores(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, _) = team(&app).await;
    let (exercise, lesson, quiz) = course(&app);
    add(&app, ada, read(&lesson, START)).await;
    let tries = (0..8).map(|n| attempt(&exercise, START - n, 0, 1, false));
    add(&app, ada, attempts(tries.collect())).await;
    let answer = |question: &str, is_correct| AccountAnswer {
        quiz: quiz.clone(),
        question: question.to_owned(),
        first: vec!["a".to_owned()],
        last: vec!["a".to_owned()],
        is_correct,
        answered: START,
        solved: is_correct.then_some(START),
    };
    let answers = NewProgress {
        answers: vec![answer("1", true), answer("2", false)],
        ..NewProgress::default()
    };
    add(&app, ada, answers).await;
    let page = app
        .get(&format!("/en/team/members/{ada}"), Some(&admin))
        .await;
    assert!(page.body.contains("Ada Lovelace") && page.body.contains("ada@example.com"));
    assert!(
        page.body.contains("1 of 2 at the first try"),
        "{}",
        page.body
    );
    assert!(page.body.contains("3 earlier attempts"));
    assert!(page.body.contains("not passed yet"));
    for unknown in ["999", "x"] {
        let path = format!("/en/team/members/{unknown}");
        let page = app.get(&path, Some(&admin)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
}

async fn mentor_of_a_group_sees_its_members_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let (_, ada, bob) = team(&app).await;
    let (exercise, lesson, _) = course(&app);
    let mentor = app.session_of("mentor@example.com", TeamRole::Mentor).await;
    let store = &app.portal.store;
    let accounts = store.list_accounts().await.unwrap();
    let mentor_id = accounts.last().unwrap().id;
    for account in [ada, bob] {
        add(&app, account, read(&lesson, START)).await;
        let tried = attempt(&exercise, START, 0, 3, false);
        add(&app, account, attempts(vec![tried])).await;
    }
    let everybody = app.get("/en/team", Some(&mentor)).await;
    assert!(lists(&everybody, ada) && lists(&everybody, bob));
    let name = |name: &str| routebook::model::account::DisplayName::parse(name).unwrap();
    let actor = Actor::default();
    let alpha = store.create_group(name("Alpha"), &actor, START).await;
    let beta = store.create_group(name("Beta"), &actor, START).await;
    let (alpha, beta) = (alpha.unwrap(), beta.unwrap());
    for (group, account) in [(alpha, ada), (alpha, mentor_id), (beta, bob)] {
        let added = store.set_group_member(group, account, true, &actor, START);
        added.await.unwrap();
    }
    for page in ["", "/stuck", "/live"] {
        let page = app.get(&format!("/en/team{page}"), Some(&mentor)).await;
        assert!(lists(&page, ada) && !lists(&page, bob), "{}", page.body);
        assert!(!page.body.contains("Beta"));
    }
    let csv = app.get("/en/team/progress.csv", Some(&mentor)).await;
    assert!(csv.body.contains("ada@example.com") && !csv.body.contains("bob@example.com"));
    let numbers = app.get("/en/team/lessons", Some(&mentor)).await;
    assert!(numbers.body.contains("0 of 1 (0 %)"), "{}", numbers.body);
    let own = format!("/en/team/members/{ada}");
    assert_eq!(app.get(&own, Some(&mentor)).await.status, StatusCode::OK);
    let beta = beta.0;
    for path in [
        format!("/en/team/members/{bob}"),
        format!("/en/team?group={beta}"),
        format!("/en/team/lessons?group={beta}"),
        format!("/en/team/stuck?group={beta}"),
        format!("/en/team/live?group={beta}"),
        format!("/en/team/live/events?group={beta}"),
        format!("/en/team/progress.csv?group={beta}"),
        "/en/team?group=x".to_owned(),
    ] {
        let page = app.get(&path, Some(&mentor)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn progress_is_a_file_for_spreadsheets_and_audited(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ..) = team(&app).await;
    app.register("eve@example.com", "=1+1").await;
    let file = app.get("/en/team/progress.csv", Some(&admin)).await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.body.starts_with("\u{FEFF}Name,Email,Last here,"));
    let korean = app.get("/ko/team/progress.csv", Some(&admin)).await;
    assert!(korean.body.starts_with("\u{FEFF}이름,이메일,마지막 방문,"));
    assert_eq!(file.body.lines().count(), 6, "{}", file.body);
    assert!(file.body.contains("'=1+1,eve@example.com,"));
    let audit = app
        .portal
        .store
        .list_audit(&AuditFilter::default(), None, 1)
        .await
        .unwrap();
    assert_eq!(
        (&*audit[0].action, &*audit[0].subject),
        ("export", "progress")
    );
}

async fn live_list_is_sent_again_when_it_changes_and_ends_with_the_session(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let (admin, ada, _) = team(&app).await;
    let (exercise, ..) = course(&app);
    let cookie = format!("{}={admin}", app.cookie);
    let request = Request::get("/en/team/live/events").header("cookie", &cookie);
    let response = app.respond(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.into_body().into_data_stream();
    let mut next = async || {
        let wait = std::time::Duration::from_secs(20);
        let chunk = tokio::time::timeout(wait, events.next()).await.unwrap();
        chunk.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap())
    };
    assert!(next().await.unwrap().contains("Nobody is at work"));
    add(
        &app,
        ada,
        attempts(vec![attempt(&exercise, START, 0, 3, false)]),
    )
    .await;
    let changed = next().await.unwrap();
    assert!(
        changed.contains("Ada Lovelace") && changed.contains("live-stuck"),
        "{changed}"
    );
    app.post("/en/logout", Some(&admin), &[]).await;
    assert_eq!(next().await, None);
}

async fn members_who_are_stuck_are_counted_by_group_time_and_access(database: &TestDatabase) {
    let app = App::new(database).await;
    let (_, ada, bob) = team(&app).await;
    let (exercise, ..) = course(&app);
    let (store, actor) = (&app.portal.store, Actor::default());
    let name = DisplayName::parse("Backend").unwrap();
    let group = store.create_group(name, &actor, START).await.unwrap();
    let added = store.set_group_member(group, ada, true, &actor, START);
    added.await.unwrap();
    for (member, tried) in [(ada, START), (bob, START + DAY)] {
        let tried = attempt(&exercise, tried, 0, 3, false);
        add(&app, member, attempts(vec![tried])).await;
    }
    let count = async |view: TeamView, since| {
        let counts = store.count_stuck(view, since).await.unwrap();
        counts.get(&exercise).copied().unwrap_or_default()
    };
    let whole = TeamView::default();
    let backend = TeamView {
        group: Some(group),
        ..whole
    };
    assert_eq!(count(whole, 0).await, 2);
    assert_eq!(count(backend, 0).await, 1, "Ada only");
    assert_eq!(count(whole, START + 1).await, 1, "Bob only");
    assert_eq!(count(backend, START + 1).await, 0);
    let disabled = store.change_member(bob, MemberChange::Disabled(true), &actor, START);
    disabled.await.unwrap();
    assert_eq!(count(whole, 0).await, 1, "who cannot log in is not stuck");
}

async fn question_makes_its_member_stuck_until_it_is_answered(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, ..) = course(&app);
    add(
        &app,
        ada,
        attempts(vec![attempt(&exercise, START, 0, 0, false)]),
    )
    .await;
    let store = &app.portal.store;
    let asked = store
        .ask_for_help(ada, &exercise, "Why?", &Actor::default(), START)
        .await;
    asked.unwrap();
    let stuck = app.get("/en/team?state=stuck", Some(&admin)).await;
    assert!(lists(&stuck, ada) && !lists(&stuck, bob), "{}", stuck.body);
    assert!(stuck.body.contains("1 question waiting"));
    let page = app.get("/en/team/stuck", Some(&admin)).await;
    assert!(page.body.contains("Why?"), "{}", page.body);
    let form = [("id", "1"), ("answer", " ")];
    let refused = app.post("/en/team/stuck", Some(&admin), &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [("id", "1"), ("answer", "Look at the role.")];
    let answered = app.post("/en/team/stuck", Some(&admin), &form).await;
    let target = answered.header("location").unwrap();
    let page = app.get(target, Some(&admin)).await;
    assert!(page.body.contains("The answer was sent") && page.body.contains("Look at the role."));
    let stuck = app.get("/en/team?state=stuck", Some(&admin)).await;
    assert!(!lists(&stuck, ada) && !stuck.body.contains("1 question waiting"));
    let audit = store.list_audit(&AuditFilter::default(), None, 9).await;
    let audit = audit.unwrap();
    let find = |action| audit.iter().find(|entry| entry.action == action).unwrap();
    assert_eq!(find("ask-for-help").subject, exercise);
    let answer = find("answer-help");
    assert_eq!(answer.detail, exercise);
    assert!(answer.actor.is_some());
    let log = serde_json::to_string(&audit).unwrap();
    assert!(!log.contains("Why?") && !log.contains("Look at"), "{log}");
    let form = [("id", "99"), ("answer", "?")];
    let unknown = app.post("/en/team/stuck", Some(&admin), &form).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

/// Returns on which pages of the team a member is stuck: in the overview and its filter, in the list of the stuck, in the live list.
async fn stuck_on(app: &App, admin: &str, member: AccountId) -> [bool; 4] {
    let get = async |path: &str| app.get(path, Some(admin)).await;
    let overview = get("/en/team").await;
    let filtered = get("/en/team?state=stuck").await;
    let page = get("/en/team/stuck").await;
    let (_, list) = page.body.split_once(">Who is stuck<").unwrap();
    let live = get("/en/team/live").await.body;
    let link = format!("/team/members/{member}\"");
    let entry = live.split("<li>").find(|entry| entry.contains(&link));
    [
        row(&overview, member).contains(">stuck<"),
        lists(&filtered, member),
        list.contains(&link),
        entry.is_some_and(|entry| entry.contains("live-stuck")),
    ]
}

async fn pages_agree_about_who_is_stuck(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, ..) = course(&app);
    let stuck = async |member| stuck_on(&app, &admin, member).await;
    let (yes, no) = ([true; 4], [false; 4]);
    for member in [ada, bob] {
        let tried = attempt(&exercise, START, 0, 2, false);
        add(&app, member, attempts(vec![tried])).await;
        assert_eq!(stuck(member).await, no, "two failures");
    }
    // Failures.
    let again = attempt(&exercise, START + 1, 0, 1, false);
    add(&app, ada, attempts(vec![again])).await;
    assert_eq!((stuck(ada).await, stuck(bob).await), (yes, no));
    // A question, until it is answered.
    let (store, actor) = (&app.portal.store, Actor::default());
    let ask = async || {
        let asked = store.ask_for_help(bob, &exercise, "Why?", &actor, START);
        asked.await.unwrap()
    };
    ask().await;
    assert_eq!(stuck(bob).await, yes);
    let page = app.get("/en/team/stuck", Some(&admin)).await.body;
    assert_eq!(page.matches("has asked a question<").count(), 1);
    let form = [("id", "1"), ("answer", "Look at the role.")];
    app.post("/en/team/stuck", Some(&admin), &form).await;
    assert_eq!(stuck(bob).await, no);
    // Who passes needs no answer any more.
    ask().await;
    for member in [ada, bob] {
        let passed = attempt(&exercise, START + 2, 1, 0, true);
        add(&app, member, attempts(vec![passed])).await;
        assert_eq!(stuck(member).await, no, "passed");
    }
    let page = app.get("/en/team/stuck", Some(&admin)).await.body;
    assert!(page.contains("Why?") && page.contains("1 question waiting"));
    // A question after that, while practising, is one again.
    app.clock.advance(1000);
    let asked = store.ask_for_help(bob, &exercise, "And?", &actor, app.clock.now());
    asked.await.unwrap();
    assert_eq!(stuck(bob).await, yes);
    let page = app.get("/en/team/stuck", Some(&admin)).await.body;
    assert!(page.contains("stuck at step 2 of 2"), "{page}");
}

async fn restart_keeps_failures_and_their_reasons(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ..) = team(&app).await;
    let learner = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    let created = browser.create_user("a@example.com", "admin").await;
    assert_eq!(created.status, 201);
    // The second step: the new user, not another one.
    for _ in 0..3 {
        browser.get("/api/users/999").await;
    }
    browser.exercise("check").await;
    let page = async |path: &str| app.get(path, Some(&admin)).await.body;
    let shown = |page: &str| {
        let (_, list) = page.split_once(">Who is stuck<").unwrap();
        let reasons = list.split_once("portal-verdict").map(|(_, rest)| rest);
        let reasons = reasons.unwrap().split_once("</ul>").unwrap().0.to_owned();
        assert!(
            list.contains("stuck at step 2 of 2, 3 failed requests"),
            "{list}"
        );
        assert!(reasons.contains("GET /api/users/999"), "{reasons}");
        reasons
    };
    let before = shown(&page("/en/team/stuck").await);
    app.clock.advance(60_000);
    browser.exercise("restart").await;
    assert_eq!(shown(&page("/en/team/stuck").await), before);
    assert_eq!(stuck_on(&app, &admin, learner).await, [true; 4]);
    assert!(
        page("/en/team/live")
            .await
            .contains("stuck at step 2 of 2, 3 failed requests")
    );
    let lessons = page("/en/team/lessons").await;
    assert!(lessons.contains("1 at step 2: "));
    // One is stuck, in one exercise.
    let plain = lessons.replace("<!>", "");
    assert_eq!(plain.matches("<td><p>1</p></td>").count(), 1, "{plain}");
    // Who reads meanwhile is at the same step.
    app.clock.advance(60_000);
    add(&app, learner, read("methods/get", app.clock.now())).await;
    let live = page("/en/team/live").await;
    assert!(
        live.contains("stuck at step 2 of 2, 3 failed requests"),
        "{live}"
    );
    // A question carries the same reasons.
    let form = [("do", "ask"), ("question", "What now?")];
    browser.post("/en/exercises/create-an-admin", &form).await;
    let mentor = app.portal.store.team_mentor(learner, TeamRole::Admin).await;
    let open = app
        .portal
        .store
        .list_team_help(mentor.unwrap(), false, (0, 1));
    let (open, _) = open.await.unwrap();
    assert!(open[0].verdict.contains("/api/users/999"), "{open:?}");
    // What is sent now is the last attempt of which there is something to say.
    browser.create_user("b@example.com", "member").await;
    browser.exercise("check").await;
    let stuck = page("/en/team/stuck").await;
    assert!(
        stuck.contains("stuck at step 1 of 2, 4 failed requests"),
        "{stuck}"
    );
    assert!(page("/en/team/lessons").await.contains("1 at step 1: "));
}

async fn exercise_passed_before_the_login_is_passed_for_the_team(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ..) = team(&app).await;
    let learner = grace(&app).await;
    let mut browser = Browser::with_sandbox(&app).await;
    browser.solve("hana@example.com").await;
    browser.exercise("check").await;
    app.clock.advance(60_000);
    browser.exercise("restart").await;
    for number in 0..3 {
        browser
            .create_user(&format!("m{number}@example.com"), "member")
            .await;
    }
    browser.log_in("grace@example.com").await;
    assert_eq!(stuck_on(&app, &admin, learner).await, [false; 4]);
    let page = app.get("/en/team/lessons", Some(&admin)).await.body;
    assert!(page.contains("1 of 1 (100 %)"), "{page}");
}

async fn readers_of_an_assignment_are_counted(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, _) = team(&app).await;
    let (_, lesson, _) = course(&app);
    let form = [
        ("do", "create"),
        ("group", ""),
        ("due", "2030-01-01"),
        ("lesson", lesson.as_str()),
        ("lesson", "methods/get"),
    ];
    let created = app.post("/en/team/assignments", Some(&admin), &form).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.body);
    add(&app, ada, read(&lesson, START)).await;
    let page = async || app.get("/en/team/assignments", Some(&admin)).await.body;
    // Grace, Ada and Bob are learners.
    assert!(page().await.contains("0 of 3"));
    add(&app, ada, read("methods/get", START)).await;
    assert!(page().await.contains("1 of 3"));
}

async fn live_lists_of_one_account_are_limited(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ..) = team(&app).await;
    let mentor = app.session_of("mentor@example.com", TeamRole::Mentor).await;
    let open = async |session: &str| {
        let request = Request::get("/en/team/live/events")
            .header("cookie", format!("{}={session}", app.cookie));
        app.respond(request.body(Body::empty()).unwrap()).await
    };
    let mut streams = Vec::new();
    for _ in 0..5 {
        let stream = open(&admin).await;
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    assert_eq!(open(&admin).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(open(&mentor).await.status(), StatusCode::OK);
    streams.pop();
    assert_eq!(open(&admin).await.status(), StatusCode::OK);
}

async fn disabled_members_do_not_count(database: &TestDatabase) {
    let app = App::new(database).await;
    let (admin, ada, bob) = team(&app).await;
    let (exercise, lesson, quiz) = course(&app);
    let actor = Actor::default();
    for member in [ada, bob] {
        add(&app, member, read(&lesson, START)).await;
        let failed = attempt(&exercise, START, 1, 3, false);
        add(&app, member, attempts(vec![failed])).await;
        let passes = vec![AssessmentPass {
            kind: AssessmentKind::Quiz,
            assessment: quiz.clone(),
            passed: START,
        }];
        let progress = NewProgress {
            passes,
            ..NewProgress::default()
        };
        add(&app, member, progress).await;
    }
    let store = &app.portal.store;
    let numbers = async || {
        let numbers = store.team_numbers(TeamView::default()).await.unwrap();
        let stuck = store.count_stuck(TeamView::default(), START - DAY).await;
        let (lesson, exercise_numbers) = (&numbers.lessons[&lesson], &numbers.exercises[&exercise]);
        [
            lesson.opened,
            lesson.read,
            exercise_numbers.started,
            exercise_numbers.stops[0].1,
            numbers.quizzes[&quiz],
            stuck.unwrap()[&exercise],
        ]
    };
    assert_eq!(numbers().await, [2; 6]);
    let change = MemberChange::Disabled(true);
    let disabled = store.change_member(bob, change, &actor, START);
    disabled.await.unwrap();
    assert_eq!(numbers().await, [1; 6]);
    let page = app.get("/en/team", Some(&admin)).await;
    assert!(lists(&page, ada) && !lists(&page, bob));
    let change = MemberChange::Disabled(false);
    let enabled = store.change_member(bob, change, &actor, START);
    enabled.await.unwrap();
    assert_eq!(numbers().await, [2; 6]);
}
