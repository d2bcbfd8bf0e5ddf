//! Measures how long the server takes for the pages of the team, with a large team, and prints a table.
//!
//! The data is generated, the same in each run, through the function that stores the progress of members. With
//! `ROUTEBOOK_TEST_POSTGRES` it is measured on PostgreSQL too.

#![expect(clippy::unwrap_used, reason = "a measurement may end there")]

#[path = "../../tests/support/database.rs"]
#[expect(unused_macros, reason = "this is no test")]
mod database;
#[path = "../../tests/support/app.rs"]
mod site;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::model::locale::Locale;
use routebook::model::user::Email;
use routebook::portal::store::account::NewAccount;
use routebook::portal::store::audit::Actor;
use routebook::portal::store::learning::{ExerciseAttempt, LessonProgress, NewProgress};
use routebook::portal::{Password, Portal};

use crate::database::TestDatabase;
use crate::site::{START, TestApp};

/// The number of members.
const MEMBERS: usize = 500;
/// The number of lessons, each with one exercise.
const LESSONS: usize = 50;
/// The number of attempts of each member at each exercise.
const ATTEMPTS: usize = 30;
/// How often each page is requested.
const ROUNDS: usize = 20;
/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// A generator of numbers that are the same in each run (xorshift64, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn account(name: &str, role: TeamRole) -> NewAccount {
    NewAccount {
        email: Email::parse(&format!("{}@example.com", name.to_lowercase())).unwrap(),
        name: DisplayName::parse(name).unwrap(),
        language: Locale::En,
        role,
    }
}

/// Returns the paths of lessons and the ids of exercises: first those of the site, then others.
fn course(app: &TestApp) -> Vec<(String, String)> {
    let pages = app.state.library.in_order(Locale::En);
    let real = pages.filter_map(|page| {
        let exercise = page.exercises().next()?;
        Some((page.path.clone(), exercise.id.clone()))
    });
    let others = (0..).map(|number| {
        (
            format!("more/lesson-{number}"),
            format!("exercise-{number}"),
        )
    });
    real.chain(others).take(LESSONS).collect()
}

/// Returns the progress of a member who has come as far as the member's number says.
fn progress(course: &[(String, String)], numbers: &mut Numbers) -> NewProgress {
    let reached = 1 + numbers.below(LESSONS);
    let mut progress = NewProgress::default();
    for (at, (lesson, exercise)) in course.iter().enumerate() {
        let seen = START - i64::try_from(numbers.below(30 * 24 * 60)).unwrap() * MINUTE;
        progress.lessons.push(LessonProgress {
            lesson: lesson.clone(),
            opened: seen,
            seen,
            read: (at < reached).then_some(seen),
        });
        for attempt in 0..ATTEMPTS {
            let started = seen + i64::try_from(attempt).unwrap() * MINUTE;
            let is_passed = at < reached && attempt + 1 == ATTEMPTS;
            progress.attempts.push(ExerciseAttempt {
                exercise: exercise.clone(),
                started,
                checked: started,
                passed: is_passed.then_some(started),
                step: i64::try_from(numbers.below(3)).unwrap(),
                failures: i64::try_from(numbers.below(3)).unwrap(),
                hints: 0,
                is_solution_shown: false,
                verdict: r#"{"request":{"line":"POST /api/users","status":422},"unmet":[{"expected":"status == 201","actual":"422"}]}"#.to_owned(),
            });
        }
    }
    progress
}

async fn generate(app: &TestApp, portal: &Portal) -> AccountId {
    let course = course(app);
    let mut numbers = Numbers(20_261_129);
    let actor = Actor::default();
    let group = portal
        .store
        .create_group(DisplayName::parse("Alpha").unwrap(), &actor, START);
    let group = group.await.unwrap();
    let mut last = AccountId(0);
    for number in 0..MEMBERS {
        let member = account(&format!("Member{number}"), TeamRole::Learner);
        let created = portal.store.create_account(member, "x".to_owned(), START);
        last = created.await.unwrap();
        if number % 10 == 0 {
            let added = portal
                .store
                .set_group_member(group, last, true, &actor, START);
            added.await.unwrap();
        }
        let progress = progress(&course, &mut numbers);
        portal.store.merge_progress(last, progress).await.unwrap();
    }
    last
}

/// Requests a page again and again; returns the median and the longest time.
async fn measure(app: &TestApp, session: &str, path: &str) -> (Duration, Duration) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let request = Request::get(path).header(COOKIE, format!("routebook={session}"));
        let request = request.body(Body::empty()).unwrap();
        let begin = Instant::now();
        let (parts, _) = app.send(request).await;
        times.push(begin.elapsed());
        assert!(parts.status.is_success(), "{path}: {}", parts.status);
    }
    times.sort();
    (times[ROUNDS / 2], times[ROUNDS - 1])
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement has no configuration"
)]
fn has_postgres() -> bool {
    std::env::var_os("ROUTEBOOK_TEST_POSTGRES").is_some()
}

async fn run(engine: &str, database: &TestDatabase) {
    let app = TestApp::new(database, "http://127.0.0.1:3000").await;
    let portal = app.state.portal.clone();
    let password = "correct horse";
    let admin = account("Admin", TeamRole::Admin);
    let registered = portal.register(admin, Password::parse(password).unwrap());
    registered.await.unwrap();
    let begin = Instant::now();
    let member = generate(&app, &portal).await;
    eprintln!("{engine}: the data was generated in {:?}", begin.elapsed());
    let login = Request::post("/en/login")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(
            "email=admin%40example.com&password=correct+horse",
        ));
    let (parts, _) = app.send(login.unwrap()).await;
    let cookie = parts.headers["set-cookie"].to_str().unwrap();
    let (_, session) = cookie.split_once('=').unwrap();
    let session = session.split(';').next().unwrap();
    let pages = [
        "/en/team".to_owned(),
        "/en/team?order=progress&page=5".to_owned(),
        "/en/team?state=stuck".to_owned(),
        "/en/team?group=1".to_owned(),
        "/en/team/lessons".to_owned(),
        "/en/team/stuck".to_owned(),
        "/en/team/live".to_owned(),
        format!("/en/team/members/{member}"),
        "/en/team/progress.csv".to_owned(),
    ];
    for path in pages {
        let (median, longest) = measure(&app, session, &path).await;
        let path = path.replace(&member.to_string(), "…");
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "| {engine} | `{path}` | {:.1} | {:.1} |",
            milliseconds(median),
            milliseconds(longest)
        );
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        println!("| engine | page | p50 ms | longest ms |\n|---|---|--:|--:|");
        run("SQLite", &TestDatabase::sqlite().await).await;
        if has_postgres() {
            run("PostgreSQL", &TestDatabase::postgres().await).await;
        }
    });
}
