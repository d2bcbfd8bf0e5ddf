//! Tests that run the curl command in a shell and compare the request that arrives at a socket. Tests
//! of other tools are in `program_tests`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::http_file::{RequestCredentials, RequestSession, SessionUser, prepare};
use crate::model::http::{Header, RequestDraft};
use crate::snippet::*;

pub(super) fn draft(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> RequestDraft {
    RequestDraft {
        method: method.into(),
        target: target.into(),
        headers: headers
            .iter()
            .map(|(name, value)| Header::new(*name, *value))
            .collect(),
        body: body.into(),
    }
}

/// A request as received.
#[derive(Debug)]
pub(super) struct DeliveredRequest {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl DeliveredRequest {
    /// Returns the values of a header.
    pub(super) fn header_values(&self, name: &str) -> Vec<Vec<u8>> {
        let same = |entry: &&(String, Vec<u8>)| entry.0.eq_ignore_ascii_case(name);
        let values = self.headers.iter().filter(same);
        values.map(|(_, value)| value.clone()).collect()
    }
}

/// The maximum time to wait for a connection, for data, and for the end of the tool.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Returns the snippet of a draft that is sent without a session.
pub(super) fn draft_code(
    language: SnippetLanguage,
    draft: &RequestDraft,
    base_url: &str,
    key: Option<&str>,
) -> String {
    code(
        language,
        &PreparedRequest::from(draft.clone()),
        base_url,
        key,
    )
}

/// Runs the snippet of a draft with the command that `program` returns for it, and returns the one
/// request that it sends.
pub(super) fn run(
    language: SnippetLanguage,
    program: &dyn Fn(&str) -> Command,
    draft: &RequestDraft,
    key: Option<&str>,
) -> DeliveredRequest {
    run_request(
        language,
        program,
        &PreparedRequest::from(draft.clone()),
        key,
    )
}

/// Runs the snippet of a request, and returns the request that it sends. Where the request has the session of a
/// login, checks that the snippet logs in before, and that the request has the cookie of that response.
pub(super) fn run_request(
    language: SnippetLanguage,
    program: &dyn Fn(&str) -> Command,
    request: &PreparedRequest,
    key: Option<&str>,
) -> DeliveredRequest {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let code = code(language, request, &format!("http://{address}"), key);
    let mut command = program(&code);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "XDG_CONFIG_HOME",
    ] {
        command.env_remove(name);
    }
    let mut child = command
        .env("CURL_HOME", "/nonexistent")
        .env("HOME", "/nonexistent")
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let mut next = || accept(&listener, &mut child).map(|stream| receive(&stream));
    let login = request.login.as_ref().map(|email| (email, next()));
    let received = next();
    let (status, stderr) = wait(&mut child);
    let Some(mut received) = received else {
        panic!("no request arrived (is the tool installed?): status {status:?}, {stderr}\n{code}");
    };
    if let Some((email, login)) = login {
        let login = login.expect("a login before the request");
        let target = (login.method.as_str(), login.target.as_str());
        assert_eq!(target, ("POST", "/api/session"));
        assert_eq!(login.header_values("content-type"), [b"application/json"]);
        let key = key.map(|key| key.as_bytes().to_vec());
        assert_eq!(login.header_values("sandbox-key"), Vec::from_iter(key));
        let body = String::from_utf8(login.body).expect("JSON is UTF-8");
        let expected = format!("{{\"email\": \"{email}\", \"password\": \"routebook\"}}");
        assert_eq!(body, expected);
        assert_eq!(
            received.header_values("cookie"),
            [b"api_session=s1"],
            "{code}"
        );
        received
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
    }
    received
}

fn shell(name: &'static str) -> impl Fn(&str) -> Command {
    move |code| {
        let mut command = Command::new(name);
        command.arg("-c").arg(code);
        command
    }
}

fn accept(listener: &TcpListener, child: &mut Child) -> Option<TcpStream> {
    listener.set_nonblocking(true).expect("a socket");
    let start = Instant::now();
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).expect("a socket");
            stream.set_read_timeout(Some(TIMEOUT)).expect("a socket");
            return Some(stream);
        }
        let ended = child.try_wait().expect("a child").is_some();
        if ended || start.elapsed() > TIMEOUT {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn receive(stream: &TcpStream) -> DeliveredRequest {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).expect("a line");
        assert!(line.ends_with(b"\r\n"), "{line:?}");
        line.truncate(line.len() - 2);
        line
    };
    let first = String::from_utf8(line()).expect("an ASCII request line");
    let parts: Vec<&str> = first.split(' ').collect();
    let [method, target, "HTTP/1.1"] = parts[..] else {
        panic!("{first:?}")
    };
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line();
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':').expect("a colon");
        let name = String::from_utf8(line[..colon].to_vec()).expect("an ASCII name");
        headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.map_or(0, |(_, value)| {
        String::from_utf8_lossy(value).parse().expect("a length")
    });
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut stream = stream;
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\nSet-Cookie: api_session=s1; Path=/; HttpOnly\r\nConnection: close\r\n\r\n")
        .expect("a response");
    DeliveredRequest {
        method,
        target,
        headers,
        body,
    }
}

/// Waits for the end of the tool and returns its status and its standard error.
fn wait(child: &mut Child) -> (Option<i32>, String) {
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if start.elapsed() > TIMEOUT {
            child.kill().expect("a child");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let mut text = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut text).expect("text");
    }
    (status.code(), text)
}

/// Sends the draft from a shell and compares the whole request that arrives.
fn check_delivery(name: &'static str, draft: &RequestDraft, key: Option<&str>) {
    check_request(name, &PreparedRequest::from(draft.clone()), key);
}

/// Sends the request from a shell and compares all that arrives with what a browser sends besides its own headers.
fn check_request(name: &'static str, request: &PreparedRequest, key: Option<&str>) {
    let received = run_request(SnippetLanguage::Curl, &shell(name), request, key);
    let draft = &request.draft;
    assert_eq!(received.method, draft.method);
    let target = normalize_target(&draft.target).expect("a target of the API");
    assert_eq!(received.target, target);
    assert_eq!(received.body, draft.body.as_bytes());
    let drafted = |name: &str| -> Vec<Vec<u8>> {
        let same = |header: &&Header| header.name.eq_ignore_ascii_case(name);
        draft
            .headers
            .iter()
            .filter(same)
            .map(|header| header.value.clone().into_bytes())
            .collect()
    };
    for header in &draft.headers {
        assert_eq!(
            received.header_values(&header.name),
            drafted(&header.name),
            "{}",
            header.name
        );
    }
    assert_eq!(
        received.header_values("content-type"),
        drafted("content-type")
    );
    let length = draft.body.len();
    let has_length = length > 0 || draft.method == "POST" || draft.method == "PUT";
    let expected = if has_length {
        vec![length.to_string().into_bytes()]
    } else {
        vec![]
    };
    assert_eq!(received.header_values("content-length"), expected);
    if let Some(key) = key {
        assert_eq!(received.header_values("sandbox-key"), [key.as_bytes()]);
    }
    let added = [
        "host",
        "user-agent",
        "accept",
        "content-length",
        "sandbox-key",
    ];
    for (name, _) in &received.headers {
        let expected =
            draft.header(name).is_some() || added.contains(&name.to_ascii_lowercase().as_str());
        assert!(expected, "an unexpected header {name}");
    }
}

#[test]
fn curl_in_a_shell_sends_the_draft() {
    let json = [("Content-Type", "application/json")];
    let special =
        "' \" $HOME $(id) `id` ! !! \\ \\n %s %% \n\n한글 😀\t& | ; < > # ~ * ? [a] {b,c}\n";
    for shell in ["sh", "bash"] {
        let check = |draft: RequestDraft| check_delivery(shell, &draft, Some("k-1"));
        check(draft(
            "GET",
            "/api/users?a=[1]&b={2,3}&c='$x'&d=100%&e=!!",
            &[("Accept", "text/csv")],
            "",
        ));
        check(draft("POST", "/api/users", &json, special));
        check(draft("POST", "/api/users", &[], special));
        check(draft("POST", "/api/users", &[], ""));
        check(draft("PUT", "/api/users/1", &[], ""));
        check(draft("PATCH", "/api/users/1", &[], ""));
        check(draft(
            "PATCH",
            "/api/users/1",
            &[("Content-Type", "")],
            "@/etc/hostname",
        ));
        // A body with a carriage return is piped from printf, for which a leading dash would begin an option.
        check(draft("POST", "/api/users", &json, "-\r"));
        check(draft(
            "POST",
            "/api/users",
            &json,
            "\0 '\u{1}\u{7f}\r\n%d \\0 \\c 한\u{1b}[0m\u{85}\u{9b}1m",
        ));
        check(draft(
            "DELETE",
            "/api/users/1",
            &[("If-Match", "\"v1\", W/\"v2\"")],
            "",
        ));
        check(draft("DELETE", "/api/users/1", &json, "{}"));
        check(draft(
            "HEAD",
            "/api/users",
            &[("X-A", "1"), ("x-a", "2"), ("X-A", "")],
            "",
        ));
        check(draft("HEAD", "/api/users", &json, "{}"));
        check(draft("GET", "/api/users", &json, "{}"));
        check(draft("OPTIONS", "/api/users", &[], ""));
        check(draft("TRACE", "/api/users", &[], ""));
        check(draft("get", "/api/users", &[], ""));
        check(draft(
            "!#$%&'*+-.^_`|~",
            "/api/users",
            &[("!#$%&'*+-.^_`|~", "' \" $x `y` \\ 한글")],
            "-d @x",
        ));
        check(draft("-d", "/api/users", &[("-o", "/tmp/x")], "--next"));
    }
}

fn method() -> impl Strategy<Value = String> {
    let usual = prop::sample::select(vec![
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS",
    ]);
    prop_oneof![6 => usual.prop_map(str::to_owned), 1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}"]
        .prop_filter("not CONNECT", |method| method != "CONNECT")
}

fn value() -> impl Strategy<Value = String> {
    "[!-~한글é😀]([ -~한글é😀]{0,20}[!-~한글é😀])?|".prop_map(|value| value)
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => prop::sample::select(vec!["'", "\"", "$", "!", "\\", "\n", "한글", "@", "%", "`", "\r", "\0", "\t", "-", "\\0", "''"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

pub(super) fn any_draft() -> impl Strategy<Value = RequestDraft> {
    let name =
        "(X-[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8})|Accept|If-None-Match|Content-Type|Cookie|User-Agent";
    let headers = prop::collection::vec(
        (name, value()).prop_map(|(name, value)| Header::new(name, value)),
        0..4,
    );
    let target = "/api/users(/[!-\"$->@-\\[\\]-~ 한글]{0,8})?(\\?[!-\"$-~ 한글]{0,12})?"
        .prop_filter("stays in the API", |target| {
            normalize_target(target).is_ok()
        });
    (method(), target, headers, text()).prop_map(|(method, target, headers, body)| RequestDraft {
        body: if method == "HEAD" {
            String::new()
        } else {
            body
        },
        method,
        target,
        headers,
    })
}

/// Returns any choice of the session, with a user and a token that a response may have contained.
fn any_session() -> impl Strategy<Value = RequestSession> {
    let credentials = prop::sample::select(RequestCredentials::ALL.to_vec());
    let email = prop::option::of("[a-z'.+]{1,8}@example\\.com");
    let token = "[A-Za-z0-9._~+/-]{1,40}=?";
    (credentials, email, token).prop_map(|(credentials, email, token)| RequestSession {
        credentials,
        user: email.map(|email| SessionUser {
            name: "x".to_owned(),
            email,
        }),
        token: Some(token),
        sandbox: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn curl_in_a_shell_sends_what_send_sends_with_any_session(draft in any_draft(), session in any_session()) {
        // `{{…}}` of the draft has no value here.
        let request = prepare(&draft, &session, &|_| None);
        prop_assume!(request.is_ok());
        let request = request.expect("checked before");
        check_request("sh", &request, Some("k-1"));
    }

    #[test]
    fn code_has_no_control_characters_that_a_terminal_interprets(draft in any_draft(), login: bool) {
        let mut request = PreparedRequest::from(draft);
        request.login = login.then(|| "grace@example.com".to_owned());
        // A `.http` file has no escapes for its body.
        let languages = SnippetLanguage::ALL.into_iter();
        for language in languages.filter(|language| *language != SnippetLanguage::HttpFile) {
            let code = code(language, &request, "http://h", Some("k"));
            prop_assert!(!code.contains(is_unsafe_in_a_terminal), "{code:?}");
        }
    }

    #[test]
    fn curl_in_a_shell_sends_arbitrary_drafts(draft in any_draft()) {
        check_delivery("sh", &draft, None);
    }
}
