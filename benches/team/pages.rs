//! Measures how long the server takes for the pages of the team, with a large team, and prints a table.
//!
//! The data is generated, the same in each run, through the function that stores the progress of members. With
//! `ROUTEBOOK_TEST_POSTGRES` it is measured on PostgreSQL too.

#![expect(clippy::unwrap_used, reason = "a measurement may end there")]

#[path = "../../tests/support/database.rs"]
#[expect(unused_macros, reason = "this is no test")]
mod database;
#[path = "../../tests/support/app.rs"]
#[expect(dead_code, reason = "the lessons are generated here")]
mod site;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use routebook::config::Config;
use routebook::content::{SourceFile, load};
use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::model::locale::Locale;
use routebook::model::user::Email;
use routebook::portal::store::account::NewAccount;
use routebook::portal::store::assignment::{Assignee, NewAssignment, TeamMentor};
use routebook::portal::store::audit::{Actor, AuditAction};
use routebook::portal::store::learning::{
    AccountAnswer, ExerciseAttempt, LessonProgress, NewProgress,
};
use routebook::portal::{Password, Portal};
use routebook::server::Content;

use crate::database::TestDatabase;
use crate::site::{START, TestApp};

/// The number of members.
const MEMBERS: usize = 500;
/// The number of lessons, each with one exercise.
const LESSONS: usize = 50;
/// The number of attempts of each member at each exercise.
const ATTEMPTS: usize = 30;
/// The number of lessons in a chapter.
const CHAPTER: usize = 5;
/// The ids of the questions of each quiz.
const QUESTIONS: [&str; 3] = ["safe", "empty-list", "head"];
/// The number of entries of the audit log.
const AUDIT_ENTRIES: usize = 100_000;
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

/// Returns a site of chapters of five lessons. Each lesson has an exercise and a quiz: a built-in one with the number of the lesson
/// for its id.
fn content() -> Content {
    let built_in = load::built_in();
    let copied = |folder: &str, name: &str, id: &str| {
        let path = format!("{folder}/{name}.toml");
        let file = built_in.iter().find(|file| file.path == path).unwrap();
        let text = std::str::from_utf8(&file.bytes).unwrap();
        let id_line = format!("id = \"{id}\"");
        file_of(
            &format!("{folder}/{id}.toml"),
            text.replacen(&format!("id = \"{name}\""), &id_line, 1),
        )
    };
    let mut site = "title = \"Course\"\ndefault_locale = \"en\"\nlocales = [\"en\"]\n".to_owned();
    let mut files = Vec::new();
    for (number, path) in lessons().enumerate() {
        let (section, _) = path.split_once('/').unwrap();
        if number % CHAPTER == 0 {
            let line = format!("[[sections]]\nslug = \"{section}\"\ntitle.en = \"{section}\"\n");
            site.push_str(&line);
        }
        let id = exercise(number);
        files.push(file_of(
            &format!("en/{path}.md"),
            format!("---\ntitle: Lesson {number}\ndescription: A lesson.\n---\n\nText.\n\n```exercise {id}\n```\n\n```quiz {id}\n```\n"),
        ));
        files.push(copied("exercises", "first-change", &id));
        files.push(copied("quizzes", "get", &id));
    }
    files.push(file_of("site.toml", site));
    Content::read(&files).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn file_of(path: &str, text: String) -> SourceFile {
    SourceFile {
        path: path.to_owned(),
        bytes: text.into_bytes(),
    }
}

/// Returns the paths of the lessons.
fn lessons() -> impl Iterator<Item = String> {
    (0..LESSONS).map(|number| format!("chapter-{}/lesson-{number}", number / CHAPTER))
}

/// Returns the id of the exercise and of the quiz of a lesson.
fn exercise(number: usize) -> String {
    format!("number-{number}")
}

/// Returns the progress of a member who has passed a random number of lessons, at least one.
fn progress(numbers: &mut Numbers) -> NewProgress {
    let reached = 1 + numbers.below(LESSONS);
    let mut progress = NewProgress::default();
    for (at, lesson) in lessons().enumerate() {
        let exercise = exercise(at);
        let seen = START - i64::try_from(numbers.below(30 * 24 * 60)).unwrap() * MINUTE;
        progress.lessons.push(LessonProgress {
            lesson,
            opened: seen,
            seen,
            read: (at < reached).then_some(seen),
        });
        for question in QUESTIONS {
            progress.answers.push(AccountAnswer {
                quiz: exercise.clone(),
                question: question.to_owned(),
                first: vec!["a".to_owned()],
                last: vec!["b".to_owned()],
                is_correct: false,
                answered: seen,
                solved: (at < reached).then_some(seen),
            });
        }
        let questions = QUESTIONS.map(str::to_owned).to_vec();
        progress.questions.push((exercise.clone(), questions));
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

async fn generate(portal: &Portal) -> AccountId {
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
        let progress = progress(&mut numbers);
        portal.store.merge_progress(last, progress).await.unwrap();
        if number % 2 == 0 {
            let exercise = exercise(numbers.below(LESSONS));
            let asked = portal
                .store
                .ask_for_help(last, &exercise, "Why is it 422?", &actor, START);
            asked.await.unwrap();
        }
    }
    let mentor = TeamMentor {
        account: last,
        is_whole_team: true,
    };
    for (number, lesson) in lessons().enumerate() {
        let assignment = NewAssignment {
            assignee: if number % 2 == 0 {
                Assignee::Everybody
            } else {
                Assignee::Group(group)
            },
            due: "2027-01-31".to_owned(),
            lessons: vec![lesson],
        };
        let created = portal
            .store
            .create_assignment(assignment, mentor, &actor, START);
        created.await.unwrap();
    }
    for number in 0..AUDIT_ENTRIES {
        let subject = format!("member{}@example.com", number % MEMBERS);
        let recorded = portal
            .store
            .record_audit(&actor, AuditAction::LogIn, (&subject, ""), START);
        recorded.await.unwrap();
    }
    last
}

/// Logs in and returns the id of the session.
async fn log_in(app: &TestApp, email: &str, password: &str) -> String {
    let form = [("email", email), ("password", password)];
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request =
        Request::post("/en/login").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (parts, _) = app.send(request.body(Body::from(form)).unwrap()).await;
    let cookie = parts.headers["set-cookie"].to_str().unwrap();
    let (_, session) = cookie.split_once('=').unwrap();
    session.split(';').next().unwrap().to_owned()
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
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        ..Config::default()
    };
    let app = TestApp::with_content(database, config, content()).await;
    let portal = app.state.portal.clone();
    let password = "correct horse";
    let admin = account("Admin", TeamRole::Admin);
    let registered = portal.register(admin, Password::parse(password).unwrap());
    registered.await.unwrap();
    let begin = Instant::now();
    let member = generate(&portal).await;
    eprintln!("{engine}: the data was generated in {:?}", begin.elapsed());
    let admin = log_in(&app, "admin@example.com", password).await;
    let learner = account("Learner", TeamRole::Learner);
    let registered = portal.register(learner, Password::parse(password).unwrap());
    let id = registered.await.unwrap();
    let progress = progress(&mut Numbers(1));
    portal.store.merge_progress(id, progress).await.unwrap();
    let learner = log_in(&app, "learner@example.com", password).await;
    let pages = [
        "/en/team".to_owned(),
        "/en/team?order=progress&page=5".to_owned(),
        "/en/team?state=stuck".to_owned(),
        "/en/team?group=1".to_owned(),
        "/en/team/lessons".to_owned(),
        "/en/team/stuck".to_owned(),
        "/en/team/assignments".to_owned(),
        "/en/team/live".to_owned(),
        format!("/en/team/members/{member}"),
        "/en/team/progress.csv".to_owned(),
        "/en/admin/members".to_owned(),
        "/en/admin/members?q=member4&page=2".to_owned(),
        format!("/en/admin/members/{member}"),
        "/en/admin/groups".to_owned(),
        "/en/admin/groups/1".to_owned(),
        "/en/admin/invitations".to_owned(),
        "/en/admin/content".to_owned(),
        "/en/admin/audit".to_owned(),
        "/en/admin/audit?q=member17".to_owned(),
        "/en/learn".to_owned(),
        "/en/account".to_owned(),
        "/en/chapter-3/lesson-17".to_owned(),
    ];
    for path in pages {
        let is_of_team = path.starts_with("/en/team") || path.starts_with("/en/admin");
        let session = if is_of_team { &admin } else { &learner };
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
