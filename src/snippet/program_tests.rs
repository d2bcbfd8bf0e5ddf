//! Tests that run the snippets for HTTPie, Python and Node and compare the request that arrives at a socket.
//!
//! PowerShell is usually not installed where tests run: `powershell` has tests of its quoting, and here
//! is a test that curl reads headers from a file. `tests/reqwest` runs the snippet for reqwest.

use std::path::PathBuf;
use std::process::Command;

use proptest::prelude::*;

use crate::model::http::{Header, RequestDraft, header};
use crate::snippet::curl_tests::{DeliveredRequest, any_draft, draft, run, run_request};
use crate::snippet::*;

/// Returns the Python that scripts/setup installs for the tests.
#[expect(
    clippy::disallowed_methods,
    reason = "scripts/env sets the variable for tests"
)]
fn python() -> PathBuf {
    let python = std::env::var_os("ROUTEBOOK_TEST_PYTHON").expect(
        "ROUTEBOOK_TEST_PYTHON names the Python of tests/requirements.txt: `. scripts/env`",
    );
    PathBuf::from(python)
}

fn program(language: SnippetLanguage) -> impl Fn(&str) -> Command {
    move |code| {
        let (name, flag) = match language {
            SnippetLanguage::Httpie => (PathBuf::from("sh"), "-c"),
            SnippetLanguage::Python => (python(), "-c"),
            _ => (PathBuf::from("node"), "--input-type=module"),
        };
        let mut command = Command::new(name);
        command.arg(flag);
        if language == SnippetLanguage::Fetch {
            command.arg("--eval");
        }
        command.arg(code).env("NO_COLOR", "1");
        if language == SnippetLanguage::Httpie {
            let python = python();
            let folder = python.parent().expect("a folder");
            let path = std::env::join_paths([folder.to_owned(), "/usr/bin".into(), "/bin".into()]);
            command.env("PATH", path.expect("folders"));
        }
        command
    }
}

/// Sends a draft with a tool and compares the request that arrives. The tool may add headers, except
/// `Content-Type` and those of the draft.
fn check(language: SnippetLanguage, draft: &RequestDraft, key: Option<&str>) {
    let received = run(language, &program(language), draft, key);
    check_received(language, draft, &received, key);
}

fn check_received(
    language: SnippetLanguage,
    draft: &RequestDraft,
    received: &DeliveredRequest,
    key: Option<&str>,
) {
    assert_eq!(
        received.body,
        draft.body.as_bytes(),
        "{language:?}: {draft:?}"
    );
    assert_eq!(received.method, draft.method, "{language:?}");
    let target = normalize_target(&draft.target).expect("a target of the API");
    assert_eq!(received.target, target, "{language:?}");
    for Header { name, .. } in &draft.headers {
        let values = draft
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name));
        let values: Vec<&[u8]> = values.map(|header| header.value.as_bytes()).collect();
        assert_eq!(
            joined(received, name),
            values.join(&b", "[..]),
            "{language:?}: {name}"
        );
    }
    if header(&draft.headers, "content-type").is_none() {
        assert_eq!(
            received.header_values("content-type"),
            Vec::<Vec<u8>>::new(),
            "{language:?}"
        );
    }
    if let Some(key) = key {
        assert_eq!(
            received.header_values("sandbox-key"),
            [key.as_bytes()],
            "{language:?}"
        );
    }
}

/// Returns the values of a header in order, joined with commas.
fn joined(received: &DeliveredRequest, name: &str) -> Vec<u8> {
    received.header_values(name).join(&b", "[..])
}

const SPECIAL: &str = "' \" $HOME ${x} $(id) `id` ! !! \\ \\n %s %% ''' \"\"\" \n\n한글 😀\t& | ; < > # ~ * ? [a] {b,c}\n";

const PROGRAMS: [SnippetLanguage; 3] = [
    SnippetLanguage::Httpie,
    SnippetLanguage::Python,
    SnippetLanguage::Fetch,
];

#[test]
fn programs_log_in_first_and_send_the_cookie() {
    let json = [("Content-Type", "application/json"), ("X-A", "1")];
    for language in PROGRAMS {
        for draft in [
            draft("GET", "/api/me", &[], ""),
            draft("POST", "/api/users", &json, "{}"),
            draft("DELETE", "/api/users/1", &[("X-A", "1"), ("x-a", "2")], ""),
        ] {
            let mut request = PreparedRequest::from(draft);
            request.login = Some("o'neil@example.com".to_owned());
            let received = run_request(language, &program(language), &request, Some("k-1"));
            check_received(language, &request.draft, &received, Some("k-1"));
            // With data HTTPie sends this by itself; without, it must not come from the login.
            let accept = received.header_values("accept").join(&b", "[..]);
            let is_by_data = !request.draft.body.is_empty() && language == SnippetLanguage::Httpie;
            assert_eq!(
                accept.starts_with(b"application/json"),
                is_by_data,
                "{language:?}"
            );
        }
    }
}

#[test]
fn programs_send_the_draft() {
    let json = [("Content-Type", "application/json")];
    for language in PROGRAMS {
        let check = |draft: RequestDraft| check(language, &draft, Some("k-1"));
        check(draft(
            "GET",
            "/api/users?b=2&c=$x&d=!!&e=%ED%95%9C%20",
            &[("Accept", "text/csv")],
            "",
        ));
        check(draft("POST", "/api/users", &json, SPECIAL));
        check(draft("POST", "/api/users", &[], SPECIAL));
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

/// Returns drafts that every tool can send: with a standard method, and without a body where `fetch`
/// refuses one.
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
    fn programs_send_arbitrary_bodies(draft in ordinary_draft()) {
        for language in PROGRAMS {
            check(language, &draft, None);
        }
    }
}

#[test]
fn curl_reads_headers_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (headers, body) = (folder.path().join("headers"), folder.path().join("body"));
    std::fs::write(
        &headers,
        "If-Match: \"v1\"\nX-Empty;\nX: 한\\\nContent-Type:",
    )
    .expect("written");
    std::fs::write(&body, SPECIAL).expect("written");
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
    assert_eq!(received.body, SPECIAL.as_bytes());
    assert_eq!(received.header_values("if-match"), [b"\"v1\""]);
    assert_eq!(received.header_values("x-empty"), [b""]);
    assert_eq!(received.header_values("x"), ["한\\".as_bytes()]);
    assert_eq!(
        received.header_values("content-type"),
        Vec::<Vec<u8>>::new()
    );
}
