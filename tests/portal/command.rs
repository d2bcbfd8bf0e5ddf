//! `routebook account`, as a process.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use routebook::clock::Clock;
use routebook::portal::Portal;
use routebook::portal::store::audit::Actor;

use crate::database::TestDatabase;

on_both_engines! {
    created_account_is_listed_and_can_log_in,
    invalid_input_is_reported_and_creates_no_account,
}

fn account(database: &TestDatabase, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_routebook"))
        .arg("account")
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
    assert!(empty.status.success() && empty.stdout.is_empty());
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
    let listed = text(&account(database, &["list"], "").stdout);
    assert_eq!(listed.lines().count(), 1, "{listed}");
}
