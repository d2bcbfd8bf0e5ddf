//! Property tests: a file or a text is printed and parsed again, with an equal result.

use proptest::prelude::*;

use super::*;
use crate::model::expectation::{Expectation, ExpectedSend};
use crate::model::http::RequestDraft;

fn text() -> impl Strategy<Value = String> {
    // One line without surrounding white space and without invalid placeholders.
    let piece = prop::sample::select(vec![
        "a",
        "B",
        "한글",
        "é",
        "😀",
        "#",
        "@",
        "?",
        "&",
        "=",
        ":",
        "/",
        "\"",
        "'",
        "{",
        "}",
        "$",
        "%",
        "<",
        ">",
        "{{a}}",
        "{{%b-c}}",
        "{{$guid}}",
        "{{l.response.body.$.t}}",
        "{{l.response.headers.X-A}}",
        " ",
        "  ",
        "\t",
        "###",
        "HTTP/1.1",
        "\u{a0}",
        "\u{3000}",
    ]);
    prop::collection::vec(piece, 0..6)
        .prop_map(|pieces| pieces.concat().trim_matches(SPACE).to_owned())
        .prop_filter("valid placeholders", |text| template::parts(text).is_ok())
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_-]{0,6}"
}

fn expectation() -> impl Strategy<Value = Directive> {
    let send = prop::sample::select(vec![
        ExpectedSend::First,
        ExpectedSend::Every,
        ExpectedSend::Number(1),
        ExpectedSend::Number(12),
    ]);
    let text = prop::sample::select(vec![
        "status == 201",
        "header Location exists",
        "body $[0][\"a b\"].c includes \"한 # @\"",
        "body $ == {\"a\": [1.50]}",
        "rows changed <= 0",
    ]);
    (send, text).prop_map(|(send, text)| Directive::Expect {
        send,
        expectation: Expectation::parse(text).expect(text),
    })
}

fn line() -> impl Strategy<Value = BlockLine> {
    let comment = (prop::sample::select(vec!["", " ", "  ", "# "]), text())
        .prop_map(|(space, text)| format!("{space}{text}"))
        .prop_filter("a comment", |text| {
            !text.starts_with("##") && !text.trim_start_matches(SPACE).starts_with('@')
        });
    prop_oneof![
        Just(BlockLine::Blank),
        comment.prop_map(BlockLine::Comment),
        expectation().prop_map(BlockLine::Directive),
        text()
            .prop_filter("a note", |text| !text.is_empty())
            .prop_map(|text| BlockLine::Directive(Directive::Note(text))),
        (name(), text())
            .prop_map(|(name, label)| BlockLine::Directive(Directive::Prompt { name, label })),
        (name(), text()).prop_map(|(name, value)| BlockLine::Variable { name, value }),
        Just(BlockLine::Directive(Directive::Predict)),
        Just(BlockLine::Directive(Directive::NoRedirect)),
        Just(BlockLine::Directive(Directive::NoCookieJar)),
        Just(BlockLine::Directive(Directive::BrowserCache)),
        "[a-z0-9]{1,3}(-[a-z0-9]{1,3})?".prop_map(|id| BlockLine::Directive(Directive::Id(id))),
        name().prop_map(|name| BlockLine::Directive(Directive::Name(name))),
    ]
}

fn request() -> impl Strategy<Value = RequestTemplate> {
    let method = prop::option::of("[!$%'*+.^_`|~0-9A-Za-z-]{1,6}");
    let target = (
        prop::sample::select(vec!["/", "/api/users", "{{a}}", "/{{%b}}/"]),
        text(),
    )
        .prop_map(|(start, rest)| [start, &rest].concat())
        .prop_filter("one target", |target| {
            let last = target.rsplit(SPACE).next().unwrap_or_default();
            !target.starts_with("//") && !target.contains('\t') && !last.starts_with("HTTP/")
        });
    let query = prop::collection::vec(
        (
            "[a-z]{1,3}",
            text().prop_filter("no tab", |text| !text.contains('\t')),
        ),
        0..3,
    );
    let header = ("[!$%'*+.^_`|~0-9A-Za-z-]{1,8}", text())
        .prop_map(|(name, value)| Header::new(name, value));
    let body = prop::collection::vec(
        (
            prop::sample::select(vec!["", " ", "  ", "\r", "\u{1}", "# ", "@"]),
            text(),
        ),
        0..4,
    )
    .prop_map(|lines| {
        let lines: Vec<String> = lines
            .into_iter()
            .map(|(start, text)| start.to_owned() + &text)
            .collect();
        lines.join("\n")
    })
    .prop_filter("a body", |body| {
        let fine = |line: &str| {
            !line.ends_with('\r')
                && !line.starts_with("###")
                && !line.starts_with("> {%")
                && !line.starts_with("< {%")
        };
        let blank = body
            .split('\n')
            .all(|line| line.trim_matches(SPACE).is_empty());
        (body.is_empty() || !blank)
            && body.split('\n').all(fine)
            && !body.starts_with("< ")
            && !body.starts_with("<@")
    });
    (
        method,
        target,
        any::<bool>(),
        query,
        prop::collection::vec(header, 0..3),
        body,
    )
        .prop_map(|(method, target, version, query, headers, body)| {
            let mut has_query = target.contains('?');
            let query = query
                .into_iter()
                .map(|(key, value)| {
                    let mark = if has_query { '&' } else { '?' };
                    has_query = true;
                    format!("{mark}{key}={value}")
                        .trim_end_matches(SPACE)
                        .to_owned()
                })
                .collect();
            RequestTemplate {
                method,
                target,
                version,
                query,
                headers,
                body,
            }
        })
}

/// Returns files whose names are unique.
fn file() -> impl Strategy<Value = HttpFile> {
    let block = (text(), prop::collection::vec(line(), 0..6), request()).prop_map(
        |(title, lines, request)| RequestBlock {
            title,
            lines,
            request,
        },
    );
    prop::collection::vec(block, 1..4).prop_map(|mut blocks| {
        for (index, block) in blocks.iter_mut().enumerate() {
            let mut kinds = Vec::new();
            for (number, line) in block.lines.iter_mut().enumerate() {
                match line {
                    BlockLine::Directive(
                        Directive::Prompt { name, .. } | Directive::Name(name),
                    )
                    | BlockLine::Variable { name, .. } => {
                        *name = format!("{name}-{index}-{number}");
                    }
                    BlockLine::Directive(Directive::Id(id)) => {
                        *id = format!("{id}-{index}-{number}")
                    }
                    _ => {}
                }
            }
            block.lines.retain(|line| match line {
                BlockLine::Directive(
                    Directive::Prompt { .. } | Directive::Expect { .. } | Directive::Note(_),
                ) => true,
                BlockLine::Directive(directive) => {
                    let kind = std::mem::discriminant(directive);
                    let is_first = !kinds.contains(&kind);
                    kinds.push(kind);
                    is_first
                }
                _ => true,
            });
        }
        HttpFile { blocks }
    })
}

/// Returns valid texts with parts removed, repeated and inserted.
fn mutated() -> impl Strategy<Value = String> {
    let noise = prop::sample::select(vec![
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        " ",
        "\t",
        "#",
        "###",
        "\n###\n",
        "\n### t\n",
        "# @",
        "@",
        "@a=",
        "?",
        "  ?a=1",
        "\n  &b=2",
        ":",
        "{{",
        "}}",
        "{{a}}",
        "HTTP/1.1",
        "GET /b",
        "http://",
        "/",
        "< ",
        "> {%",
        "한",
        "\u{feff}",
        "\u{85}",
        "\u{1}",
        "\n# @id x\n",
        "A: b",
    ]);
    let change = (
        any::<prop::sample::Index>(),
        0..12usize,
        prop::option::of(noise),
        any::<bool>(),
    );
    (file(), prop::collection::vec(change, 0..5)).prop_map(|(file, changes)| {
        let mut text: Vec<char> = print(&file).chars().collect();
        for (at, length, noise, doubled) in changes {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            let cut: Vec<char> = text[start..end].to_vec();
            let put: Vec<char> = match noise {
                Some(noise) => noise.chars().chain(cut).collect(),
                None if doubled => [cut.clone(), cut].concat(),
                None => Vec::new(),
            };
            text.splice(start..end, put);
        }
        text.into_iter().collect()
    })
}

/// Checks that a text is parsed to a file that printing preserves, or is an error with a position in the text.
fn check(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(file) => {
            let printed = print(&file);
            let parsed = parse(&printed);
            prop_assert_eq!(parsed.as_ref(), Ok(&file), "{:?}", printed);
            prop_assert_eq!(&print(&file), &printed);
            for index in 0..file.blocks.len() {
                let _ = file.resolve(index, &|_| Some("x".into()));
            }
        }
        Err(error) => {
            let line = text.split('\n').nth(error.line - 1).unwrap_or_default();
            prop_assert!(
                error.column <= line.chars().count() + 1,
                "{error} in {text:?}"
            );
            prop_assert!(!error.to_string().is_empty());
        }
    }
    if let Err(error) = parse_response(text) {
        let line = text.split('\n').nth(error.line - 1).unwrap_or_default();
        prop_assert!(
            (1..=line.chars().count() + 1).contains(&error.column),
            "{error} in {text:?}"
        );
    }
    Ok(())
}

/// Returns drafts as a form may have them, many of which the format cannot represent.
fn draft() -> impl Strategy<Value = RequestDraft> {
    let text = "\\PC{0,8}|(GET|/|a|\\{\\{|\\$guid|\\}\\}|#|###|\n| |\t|: |< |> \\{%|HTTP/1.1){0,6}";
    let target = ("(/|/api|\\{\\{\\$guid\\}\\})?", text).prop_map(|(start, rest)| start + &rest);
    let header = ("[A-Za-z-]{1,6}| a", text).prop_map(|(name, value)| Header::new(name, value));
    let headers = prop::collection::vec(header, 0..3);
    ("[A-Z]{1,5}|a b", target, headers, text).prop_map(|(method, target, headers, body)| {
        RequestDraft {
            method,
            target,
            headers,
            body,
        }
    })
}

/// Returns the requests that a file with these requests opens.
fn reopened(requests: &[ExportedRequest]) -> Result<Vec<ExportedRequest>, OpenError> {
    const SITE: &str = "https://site.test";
    let text = export(requests, SITE, None).expect("the requests are representable");
    let opened = open(&text, &[SITE])?.into_iter();
    Ok(opened
        .map(|request| ExportedRequest {
            lines: request.block.kept_lines(),
            draft: request.draft,
        })
        .collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn opened_file_is_exported_and_opened_to_equal_requests(file in file()) {
        let Ok(opened) = open(&print(&file), &[]) else { return Ok(()) };
        let requests: Vec<_> = opened
            .into_iter()
            .map(|request| ExportedRequest { lines: request.block.kept_lines(), draft: request.draft })
            .collect();
        if export(&requests, "", None).is_ok() {
            let again = reopened(&requests);
            prop_assert_eq!(again.as_ref(), Ok(&requests));
        }
    }

    #[test]
    fn exported_drafts_are_opened_to_equal_drafts(drafts in prop::collection::vec(draft(), 1..3)) {
        let requests: Vec<_> = drafts
            .into_iter()
            .map(|draft| ExportedRequest { draft, ..ExportedRequest::default() })
            .filter(|request| export(std::slice::from_ref(request), "", None).is_ok())
            .collect();
        if !requests.is_empty() {
            match reopened(&requests) {
                // A variable that nobody defines has no value.
                Err(OpenError::Unresolved(ResolveError::Unknown(_))) => {}
                again => prop_assert_eq!(again.as_ref(), Ok(&requests)),
            }
        }
    }

    #[test]
    fn printed_file_is_parsed_to_an_equal_file(file in file()) {
        let printed = print(&file);
        let parsed = parse(&printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&file), "{}", printed);
    }

    #[test]
    fn parsed_text_is_printed_without_change_of_meaning(text in mutated()) {
        check(&text)?;
    }

    #[test]
    fn arbitrary_body_of_a_sample_is_parsed_or_an_error(body in "[{\\[][{}\\[\\]\\\\\":,…a1 \n]{0,30}") {
        check(&format!("HTTP/1.1 200 OK\nA: …\n\n{body}"))?;
    }

    #[test]
    fn arbitrary_text_is_parsed_or_an_error(text in "\\PC{0,40}|[GET/api #@:?&=\\n\\r\\t{}%<>HTP1.]{0,60}") {
        check(&text)?;
        check(&format!("GET /a\n{text}"))?;
        check(&format!("POST /a\n\n{text}"))?;
    }
}
