//! Tests: the code for HTTPie, Python and Node run by them, compared with what arrives at a socket.
//!
//! PowerShell is rarely where tests run: of its form, the quoting is tested by its rules, and here
//! that curl reads headers from a file. reqwest is run in `tests/reqwest`.

use std::path::PathBuf;
use std::process::Command;

use proptest::prelude::*;

use crate::model::http::{Header, header};
use crate::snippet::delivery::{DeliveredRequest, any_draft, draft, run};
use crate::snippet::*;

/// The folder of the Python that scripts/setup makes for the tests.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by scripts/env where it is"
)]
fn python() -> PathBuf {
    let python = std::env::var_os("ROUTEBOOK_TEST_PYTHON").expect(
        "ROUTEBOOK_TEST_PYTHON names the Python of tests/requirements.txt: `. scripts/env`",
    );
    PathBuf::from(python)
}

fn program(form: SnippetLanguage) -> impl Fn(&str) -> Command {
    move |code| {
        let (name, flag) = match form {
            SnippetLanguage::Httpie => (PathBuf::from("sh"), "-c"),
            SnippetLanguage::Python => (python(), "-c"),
            _ => (PathBuf::from("node"), "--input-type=module"),
        };
        let mut command = Command::new(name);
        command.arg(flag);
        if form == SnippetLanguage::Fetch {
            command.arg("--eval");
        }
        command.arg(code).env("NO_COLOR", "1");
        if form == SnippetLanguage::Httpie {
            let python = python();
            let folder = python.parent().expect("it is in a folder");
            let path = std::env::join_paths([folder.to_owned(), "/usr/bin".into(), "/bin".into()]);
            command.env("PATH", path.expect("folders"));
        }
        command
    }
}

/// Sends a draft by a tool and compares what arrives. `Content-Type` and the headers of the draft are
/// the draft's, whatever the tool adds of its own.
fn check(form: SnippetLanguage, draft: &RequestDraft, key: Option<&str>) {
    let received = run(form, &program(form), draft, key);
    assert_eq!(received.body, draft.body.as_bytes(), "{form:?}: {draft:?}");
    assert_eq!(received.method, draft.method, "{form:?}");
    let target = normalise_target(&draft.target).expect("a target of the API");
    assert_eq!(received.target, target, "{form:?}");
    for Header { name, .. } in &draft.headers {
        let values = draft
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name));
        let values: Vec<&[u8]> = values.map(|header| header.value.as_bytes()).collect();
        assert_eq!(
            joined(&received, name),
            values.join(&b", "[..]),
            "{form:?}: {name}"
        );
    }
    if header(&draft.headers, "content-type").is_none() {
        assert_eq!(
            received.named("content-type"),
            Vec::<Vec<u8>>::new(),
            "{form:?}"
        );
    }
    if let Some(key) = key {
        assert_eq!(received.named("sandbox-key"), [key.as_bytes()], "{form:?}");
    }
}

/// The values of one name in the order they came.
fn joined(received: &DeliveredRequest, name: &str) -> Vec<u8> {
    received.named(name).join(&b", "[..])
}

const HOSTILE: &str = "' \" $HOME ${x} $(id) `id` ! !! \\ \\n %s %% ''' \"\"\" \n\n한글 😀\t& | ; < > # ~ * ? [a] {b,c}\n";

const PROGRAMS: [SnippetLanguage; 3] = [
    SnippetLanguage::Httpie,
    SnippetLanguage::Python,
    SnippetLanguage::Fetch,
];

#[test]
fn programs_deliver_what_the_draft_says() {
    let json = [("Content-Type", "application/json")];
    for form in PROGRAMS {
        let check = |draft: RequestDraft| check(form, &draft, Some("k-1"));
        check(draft(
            "GET",
            "/api/users?b=2&c=$x&d=!!&e=%ED%95%9C%20",
            &[("Accept", "text/csv")],
            "",
        ));
        check(draft("POST", "/api/users", &json, HOSTILE));
        check(draft("POST", "/api/users", &[], HOSTILE));
        check(draft("POST", "/api/users", &json, "-\r"));
        check(draft(
            "POST",
            "/api/users",
            &json,
            "\0 '\u{1}\u{7f}\r\n%d \\0 \\c \u{202e}한\u{1b}[0m\u{feff}",
        ));
        check(draft("POST", "/api/users", &[], "@/etc/hostname"));
        check(draft("POST", "/api/users", &[], ""));
        check(draft(
            "PUT",
            "/api/users/1",
            &[("Content-Type", "")],
            "${x}\\",
        ));
        check(draft(
            "PATCH",
            "/api/users/1",
            &[
                ("If-Match", "\"v1\", W/\"v2\""),
                ("X-A", "' \" $x ${y} `z` \\ 한글 é"),
                ("X-B", "=@x"),
                ("X-C", "@/etc/hostname"),
                ("X-D", ""),
                ("Content-Type", "application/merge-patch+json"),
            ],
            "{}",
        ));
        check(draft("DELETE", "/api/users/1", &json, "{}"));
        check(draft(
            "HEAD",
            "/api/users",
            &[("X-A", "1"), ("x-a", "2")],
            "",
        ));
        check(draft("OPTIONS", "/api/users", &[], ""));
    }
}

/// A draft that every tool can send: no method of one's own, no content where `fetch` refuses it.
fn ordinary_draft() -> impl Strategy<Value = RequestDraft> {
    let method = prop::sample::select(vec!["POST", "PUT", "PATCH", "DELETE"]);
    let value =
        "[!-9<>?A-\\[\\]-~한글é😀]([ -9<>?A-\\[\\]-~한글é😀]{0,20}[!-9<>?A-\\[\\]-~한글é😀])?";
    let headers = prop::collection::vec(
        ("X-[0-9A-Za-z-]{1,8}", value).prop_map(|(name, value)| Header::new(name, value)),
        0..3,
    );
    (method, headers, any_draft()).prop_map(|(method, headers, draft)| RequestDraft {
        method: method.into(),
        target: "/api/users".into(),
        headers,
        body: draft.body,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn programs_deliver_any_content(draft in ordinary_draft()) {
        for form in PROGRAMS {
            check(form, &draft, None);
        }
    }
}

#[test]
fn curl_reads_headers_from_a_file_as_from_arguments() {
    let folder = tempfile::tempdir().expect("a folder");
    let (headers, body) = (folder.path().join("headers"), folder.path().join("body"));
    std::fs::write(
        &headers,
        "If-Match: \"v1\"\nX-Empty;\nX: 한\\\nContent-Type:",
    )
    .expect("written");
    std::fs::write(&body, HOSTILE).expect("written");
    let curl = |code: &str| {
        let url = code.lines().next().and_then(|line| line.split(' ').nth(1));
        let mut command = Command::new("curl");
        command.args(["-i", url.expect("the file begins with a request line")]);
        command.arg("-H").arg(format!("@{}", headers.display()));
        command
            .arg("--data-binary")
            .arg(format!("@{}", body.display()));
        command
    };
    let received = run(
        SnippetLanguage::HttpFile,
        &curl,
        &draft("POST", "/api", &[], ""),
        None,
    );
    assert_eq!(received.body, HOSTILE.as_bytes());
    assert_eq!(received.named("if-match"), [b"\"v1\""]);
    assert_eq!(received.named("x-empty"), [b""]);
    assert_eq!(received.named("x"), ["한\\".as_bytes()]);
    assert_eq!(received.named("content-type"), Vec::<Vec<u8>>::new());
}
