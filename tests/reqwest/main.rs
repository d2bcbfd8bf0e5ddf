//! Test that compiles and runs the snippets for reqwest and compares the requests that arrive at a socket.
//!
//! The snippets of all drafts are compiled as modules of one program with a separate target folder, so
//! that Cargo builds its dependencies only once.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use routebook::http_file::PreparedRequest;
use routebook::model::http::{Header, RequestDraft};
use routebook::snippet::{self, SnippetLanguage};

const SPECIAL: &str =
    "' \" \"# \"## $HOME {} {x} \\ \\n %s \n\n한글 😀\t& | ; < > # ~ * ? [a] {b,c}\n";

/// The index of the draft that is sent with the session of a login.
const WITH_LOGIN: usize = 0;

fn drafts() -> Vec<RequestDraft> {
    let draft = |method: &str, target: &str, headers: &[(&str, &str)], body: &str| RequestDraft {
        method: method.into(),
        target: target.into(),
        headers: headers
            .iter()
            .map(|(name, value)| Header::new(*name, *value))
            .collect(),
        body: body.into(),
    };
    let json = [("Content-Type", "application/json")];
    vec![
        draft(
            "GET",
            "/api/users?b=2&c=$x&d='!!'&e=%ED%95%9C",
            &[("Accept", "text/csv")],
            "",
        ),
        draft("POST", "/api/users", &json, SPECIAL),
        draft("POST", "/api/users", &[], SPECIAL),
        draft(
            "PUT",
            "/api/users/1",
            &json,
            "\0 '\u{1}\u{7f}\r\n\\0 \" \u{202e}한\u{1b}[0m",
        ),
        draft("PUT", "/api/users/1", &[], ""),
        draft(
            "PATCH",
            "/api/users/1",
            &[
                ("If-Match", "\"v1\", W/\"v2\""),
                ("X-A", "1"),
                ("X-A", "한글 \\ é"),
                ("X-B", ""),
            ],
            "{}",
        ),
        draft("DELETE", "/api/users/1", &[], "{\"a\": \"}\"}"),
        draft("HEAD", "/api/users", &[], ""),
        draft("OPTIONS", "/api/users", &[], ""),
        draft("get", "/api/users", &[], ""),
        draft(
            "!#$%&'*+-.^_`|~",
            "/api/users",
            &[("!#$%&'*+-.^_`|~", "' \" $x")],
            "",
        ),
    ]
}

#[test]
fn reqwest_sends_the_draft() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let drafts = drafts();
    let program = build(&drafts, &base_url);
    for (at, draft) in drafts.iter().enumerate() {
        let run = std::thread::spawn({
            let mut command = Command::new(&program);
            command.arg(at.to_string()).env("NO_PROXY", "*");
            move || command.output().unwrap()
        });
        if at == WITH_LOGIN {
            let (first, _, body) = receive(&accept(&listener));
            assert_eq!(first, "POST /api/session HTTP/1.1");
            assert!(body.starts_with(b"{\"email\": \"grace@example.com\""));
        }
        let (first, headers, body) = receive(&accept(&listener));
        let cookie = ("cookie".to_owned(), b"api_session=s1".to_vec());
        assert_eq!(headers.contains(&cookie), at == WITH_LOGIN, "{first}");
        assert_success(&run.join().unwrap());
        assert_eq!(
            first,
            format!(
                "{} {} HTTP/1.1",
                draft.method,
                draft.target.replace('\'', "%27")
            )
        );
        assert_eq!(body, draft.body.as_bytes(), "{first}");
        for name in draft
            .headers
            .iter()
            .map(|header| header.name.as_str())
            .chain(["content-type"])
        {
            let drafted = draft
                .headers
                .iter()
                .filter(|header| header.name.eq_ignore_ascii_case(name));
            let drafted: Vec<&[u8]> = drafted.map(|header| header.value.as_bytes()).collect();
            let received = headers
                .iter()
                .filter(|(other, _)| other.eq_ignore_ascii_case(name));
            let received: Vec<&[u8]> = received.map(|(_, value)| &value[..]).collect();
            assert_eq!(received, drafted, "{first}: {name}");
        }
        assert!(
            headers.contains(&("sandbox-key".to_owned(), b"k-1".to_vec())),
            "{first}"
        );
    }
}

/// Compiles the snippets of all drafts into one program, whose argument is the index of the snippet to run.
fn build(drafts: &[RequestDraft], base_url: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reqwest");
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reqwest/client");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    for name in ["Cargo.toml", "Cargo.lock"] {
        std::fs::copy(package.join(name), folder.join(name)).unwrap();
    }
    let (mut modules, mut arms) = (String::new(), String::new());
    for (at, draft) in drafts.iter().enumerate() {
        let mut request = PreparedRequest::from(draft.clone());
        request.login = (at == WITH_LOGIN).then(|| "grace@example.com".to_owned());
        let code = snippet::code(SnippetLanguage::Reqwest, &request, base_url, Some("k-1"));
        let code = code.replacen("async fn main", "pub async fn main", 1);
        writeln!(modules, "mod draft{at} {{\n{code}}}").unwrap();
        writeln!(arms, "        Some(\"{at}\") => draft{at}::main(),").unwrap();
    }
    let main = format!(
        "fn main() -> Result<(), Box<dyn std::error::Error>> {{\n    match std::env::args().nth(1).as_deref() {{\n\
         {arms}        _ => unreachable!(),\n    }}\n}}\n{modules}"
    );
    std::fs::write(folder.join("src/main.rs"), main).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("target"))
        .output()
        .unwrap();
    assert_success(&output);
    folder.join("target/debug/client")
}

fn assert_success(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
}

/// Returns the connection of a started program. Fails after 20 s, so that a program that sends nothing
/// does not block the test.
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    for _ in 0..2000 {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(20)))
                .unwrap();
            return stream;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no request arrived within 20 s");
}

type Received = (String, Vec<(String, Vec<u8>)>, Vec<u8>);

fn receive(mut stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).unwrap();
        line.strip_suffix(b"\r\n").unwrap().to_vec()
    };
    let first = String::from_utf8(line()).unwrap();
    let mut headers = Vec::new();
    loop {
        let line = line();
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            break;
        };
        let name = String::from_utf8(line[..colon].to_ascii_lowercase()).unwrap();
        headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| {
        String::from_utf8_lossy(value).parse().unwrap()
    });
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\nSet-Cookie: api_session=s1; Path=/; HttpOnly\r\nConnection: close\r\n\r\n")
        .unwrap();
    (first, headers, body)
}
