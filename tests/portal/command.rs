//! `routebook account` and `routebook export`, as processes.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use routebook::clock::Clock;
use routebook::portal::Portal;
use routebook::portal::store::assignment::{AssignOutcome, Assignee, NewAssignment, TeamMentor};
use routebook::portal::store::audit::{Actor, AuditAction, AuditFilter};
use serde_json::Value;

use crate::app::{App, rows};
use crate::database::TestDatabase;
use crate::learning::{Browser, grace};

on_both_engines! {
    created_account_is_listed_and_can_log_in,
    invalid_input_is_reported_and_creates_no_account,
    export_has_what_members_have_done_in_both_formats,
}

fn account(database: &TestDatabase, arguments: &[&str], input: &str) -> Output {
    run(database, &[&["account"], arguments].concat(), input)
}

fn run(database: &TestDatabase, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_routebook"))
        .args(arguments)
        .args(["--database", &database.url("portal")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that refuses its arguments does not read.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const GRACE: [&str; 5] = ["create", "--email", "grace@example.com", "--name", "Grace"];

async fn created_account_is_listed_and_can_log_in(database: &TestDatabase) {
    let empty = account(database, &["list"], "");
    let url = database.url("portal");
    match url.strip_prefix("sqlite:") {
        // A command that reads does not create a database.
        Some(file) => {
            assert!(text(&empty.stderr).contains(&format!("there is no database {file}")));
            assert!(!empty.status.success() && !Path::new(file).exists());
        }
        None => assert!(empty.status.success() && empty.stdout.is_empty()),
    }
    let created = account(
        database,
        &[&GRACE[..], &["--role", "admin"]].concat(),
        "correct horse\n",
    );
    assert!(created.status.success(), "{}", text(&created.stderr));
    assert_eq!(
        text(&created.stdout),
        "Created account 1, admin, for grace@example.com.\n"
    );
    let sql = "SELECT subject FROM audit WHERE action = 'create-account' AND actor_id IS NULL";
    assert_eq!(rows(database, sql).await.len(), 1);
    let listed = text(&account(database, &["list"], "").stdout);
    assert!(
        listed.starts_with("1\tadmin\tgrace@example.com\tGrace\t2"),
        "{listed}"
    );
    assert_eq!(listed.lines().count(), 1);
    assert!(!listed.contains("argon2"));

    let portal = Portal::open(&database.url("portal"), Clock::system())
        .await
        .unwrap();
    let login = portal
        .authenticate(
            "grace@example.com",
            "correct horse".to_owned(),
            None,
            &Actor::default(),
        )
        .await;
    assert!(login.is_ok());
}

async fn invalid_input_is_reported_and_creates_no_account(database: &TestDatabase) {
    let created = account(database, &GRACE, "correct horse");
    assert!(created.status.success(), "{}", text(&created.stderr));
    for (arguments, input, code, expected) in [
        (
            &GRACE[..],
            "correct horse\n",
            1,
            "belongs to another account",
        ),
        (
            &["create", "--email", "GRACE@example.com", "--name", "G"],
            "correct horse\n",
            1,
            "belongs to another",
        ),
        (
            &["create", "--email", "a@example.com", "--name", "A"],
            "short\n",
            1,
            "at least 8",
        ),
        (
            &["create", "--email", "a@example.com", "--name", "A"],
            "password123\n",
            1,
            "common",
        ),
        (
            &["create", "--email", "a@example.com", "--name", "A"],
            "",
            1,
            "at least 8",
        ),
        (
            &["create", "--email", "nobody", "--name", "A"],
            "correct horse\n",
            2,
            "name@example.com",
        ),
        (
            &["create", "--email", "a@example.com", "--name", " "],
            "correct horse\n",
            2,
            "1 to 100",
        ),
        (
            &[
                "create",
                "--email",
                "a@example.com",
                "--name",
                "A",
                "--role",
                "root",
            ],
            "correct horse\n",
            2,
            "mentor",
        ),
        (&["create", "--name", "A"], "correct horse\n", 2, "--email"),
        (
            &[
                "create",
                "--email",
                "a@example.com",
                "--name",
                "A",
                "--password",
                "x",
            ],
            "",
            2,
            "--password",
        ),
    ] {
        let refused = account(database, arguments, input);
        let errors = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert!(!errors.contains("correct horse") && !errors.contains("password123"));
    }
    let sql = "SELECT subject FROM audit WHERE action = 'create-account' AND actor_id IS NULL";
    assert_eq!(rows(database, sql).await.len(), 1);
    let listed = text(&account(database, &["list"], "").stdout);
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

async fn export_has_what_members_have_done_in_both_formats(database: &TestDatabase) {
    let app = App::new(database).await;
    app.register("zoe@example.com", "=Zoe").await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    browser.create_user("hana@example.com", "member").await;
    browser.exercise("check").await;
    // Wrong at first, then solved: the quiz is passed, and its first answer stays wrong.
    browser.answer("a").await;
    browser.answer("c").await;
    let read = [("read", "methods/get")];
    browser.post("/en/progress", &read).await;
    let ask = [("do", "ask"), ("question", "Why, \"Hana\"?")];
    browser
        .post("/en/exercises/create-an-admin?part", &ask)
        .await;
    let mentor = TeamMentor {
        account: grace(&app).await,
        is_whole_team: true,
    };
    for lessons in [["methods/get"], ["methods/put"]] {
        let assignment = NewAssignment {
            assignee: Assignee::Everybody,
            due: "2100-06-01".to_owned(),
            lessons: lessons.map(str::to_owned).to_vec(),
        };
        let (store, actor) = (&app.portal.store, Actor::default());
        let created = store.create_assignment(assignment, mentor, &actor, 1);
        assert_eq!(created.await.unwrap(), AssignOutcome::Assigned);
    }
    let export = |arguments: &[&str]| {
        let output = run(database, &[&["export"], arguments].concat(), "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let csv = export(&["progress"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("\u{FEFF}name,email,role,groups,lessons-read,"));
    assert_eq!(
        lines[1..],
        [
            "'=Zoe,zoe@example.com,learner,,0,0,0,0,0,0,2,0,0",
            "Grace Hopper,grace@example.com,learner,,1,0,1,1,3,2,2,1,1",
        ]
    );
    let json: Value = serde_json::from_str(&export(&["progress", "--format", "json"])).unwrap();
    let email = "grace@example.com";
    let member = export(&["member", "--email", email]);
    let own = browser.get("/en/account/data.json").await.body;
    let (member, own): (Value, Value) = (
        serde_json::from_str(&member).unwrap(),
        serde_json::from_str(&own).unwrap(),
    );
    assert_eq!(member["learning"], own["learning"]);
    assert_eq!(json[1]["learning"], own["learning"]);
    let csv = export(&["member", "--email", email, "--format", "csv"]);
    for line in [
        "lesson,methods/get,2027-01-15T08:00:00Z,2027-01-15T08:00:00Z,",
        "attempt,create-an-admin,2027-01-15T08:00:00Z,,",
        "first answer,post/created,,2027-01-15T08:00:00Z,wrong",
        "passed quiz,post,,2027-01-15T08:00:00Z,",
        "assigned,methods/put,,2100-06-01,",
        "question,create-an-admin,2027-01-15T08:00:00Z,,\"Why, \"\"Hana\"\"?\"",
    ] {
        assert!(csv.contains(line), "{line}\n{csv}");
    }
    let exports = AuditFilter {
        action: Some(AuditAction::Export),
        ..AuditFilter::default()
    };
    let audited = app.portal.store.list_audit(&exports, None, 9);
    assert_eq!(audited.await.unwrap().len(), 5);
    let unknown = ["export", "member", "--email", "nobody@example.com"];
    let unknown = run(database, &unknown, "");
    assert!(!unknown.status.success() && unknown.stdout.is_empty());
    assert!(text(&unknown.stderr).contains("no account has the address nobody@example.com"));
}
