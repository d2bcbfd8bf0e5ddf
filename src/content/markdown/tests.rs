//! Tests of the conversion of Markdown to blocks.

use std::sync::LazyLock;

use super::*;
use crate::content::load;
use crate::i18n::I18n;

fn read(body: &str) -> ParsedLesson {
    read_with(body, &Pictures::default())
}

fn read_with(body: &str, pictures: &Pictures) -> ParsedLesson {
    static HIGHLIGHTER: LazyLock<Highlighter> = LazyLock::new(Highlighter::new);
    static I18N: LazyLock<I18n> = LazyLock::new(|| load::i18n(&[]).expect("the built-in messages"));
    static GLOSSARY: LazyLock<Glossary> = LazyLock::new(|| {
        let locales = [Locale::Ko, Locale::En];
        Glossary::parse(&load::built_in(), &[], &locales).0
    });
    let context = LessonContext {
        first_line: 1,
        locale: Locale::Ko,
        path: "methods/get",
        programs: &Programs::of(&[]),
        assessments: &Assessments::default(),
        glossary: &GLOSSARY,
        highlighter: &HIGHLIGHTER,
        messages: I18N.messages(Locale::Ko),
        pictures,
        link_targets: None,
    };
    parse(body, context)
}

fn html(body: &str) -> String {
    let parsed = read(body);
    assert_eq!(parsed.findings, [], "{body}");
    match &parsed.blocks[..] {
        [LessonBlock::Html(html)] => html.clone(),
        other => panic!("{other:?}"),
    }
}

fn rules(body: &str) -> Vec<(usize, &'static str)> {
    read(body)
        .findings
        .into_iter()
        .map(|(line, rule, _)| (line, rule.name()))
        .collect()
}

#[test]
fn term_is_a_button_that_shows_its_definition() {
    let shown = html("GET은 [**안전**](term:safe)하고 [`ETag`](term:validator)가 있습니다.\n");
    let button = "<button type=\"button\" class=\"term\" popovertarget=\"term-1\" popovertargetaction=\"show\" \
                  aria-describedby=\"term-1\"><strong>안전</strong></button>";
    assert!(shown.contains(button), "{shown}");
    assert!(
        shown.contains("id=\"term-1\" popover=\"auto\"><b>안전</b> "),
        "{shown}"
    );
    assert!(shown.contains("<code>ETag</code></button>"), "{shown}");
    assert!(shown.contains("<a href=\"/ko/glossary#validator\">용어집</a></span></span>가"));
    let parsed = read("A [b](term:safe) c.\n");
    assert_eq!(parsed.terms, ["safe"]);
    assert_eq!(parsed.passages[0].text.trim(), "A b c.");
    // Without a text of its own.
    let named = html("[](term:safe) [](term:validator)\n");
    assert!(
        named.contains("aria-describedby=\"term-1\">안전</button>"),
        "{named}"
    );
    assert!(
        named.contains("aria-describedby=\"term-2\">검증자</button>"),
        "{named}"
    );
    let parsed = read("A [](term:safe) c.\n");
    assert_eq!(parsed.passages[0].text.trim(), "A 안전 c.");
    assert_eq!(rules("a\n\n[b](term:nothing)\n"), [(3, "glossary")]);
    assert_eq!(rules("## [b](term:safe) {#b}\n"), [(1, "glossary")]);
    assert_eq!(rules("## A {#term-1}\n"), [(1, "id")]);
}

#[test]
fn headings_have_ids_and_are_listed() {
    let parsed = read("## 오류 `404` {#not-found}\n\n글\n");
    assert_eq!(
        parsed.headings,
        [Heading {
            level: 2,
            id: "not-found".into(),
            text: "오류 404".into(),
            line: 1
        }]
    );
    assert!(html("## A {#a}\n").starts_with("<h2 id=\"a\">A <a class=\"anchor\" href=\"#a\""));
    assert_eq!(rules("## 제목\n"), [(1, "heading-id")]);
    assert_eq!(rules("## A {#a}\n\n### B {#a}\n"), [(3, "id")]);
}

#[test]
fn alerts_have_a_label_in_the_locale_of_the_page() {
    let html = html("> [!WARNING]\n> 조심\n");
    assert!(
        html.contains("alert-warning") && html.contains(">주의<"),
        "{html}"
    );
}

#[test]
fn tables_have_no_style_attribute() {
    let html = html("| a | b |\n|:--|--:|\n| 1 | 2 |\n");
    assert!(
        html.contains("<td>1</td>") && !html.contains("style"),
        "{html}"
    );
}

#[test]
fn raw_html_is_dropped_and_reported() {
    let parsed = read("글 <script>alert(1)</script>\n\n<div onclick=x>\n");
    assert!(!parsed.findings.is_empty());
    for block in &parsed.blocks {
        assert!(!format!("{block:?}").contains("<script"), "{block:?}");
        assert!(!format!("{block:?}").contains("onclick"), "{block:?}");
    }
    assert!(html("**\"오류\"**를\n").contains("</strong>를"));
}

#[test]
fn tabs_and_requests_become_separate_blocks() {
    let body = "앞\n\n```python tab=flask\nx = 1\n```\n\n```rust tab=axum\nlet x = 1;\n```\n\n뒤\n\n```http\n# @id one\n# @expect status == 200\nGET /api/users\n```\n";
    let parsed = read(body);
    assert_eq!(parsed.findings, []);
    assert!(
        matches!(&parsed.blocks[..], [LessonBlock::Html(_), LessonBlock::Tabs(tabs), LessonBlock::Html(_), LessonBlock::Playground(_)] if tabs.len() == 2)
    );
}

#[test]
fn fence_with_source_shows_the_function_of_the_program() {
    let body = "```python tab=flask source=flask:get_user\n```\n\n```rust tab=axum source=axum:resources::user::show\n```\n";
    let parsed = read(body);
    assert_eq!(parsed.findings, []);
    let [LessonBlock::Tabs(tabs)] = &parsed.blocks[..] else {
        panic!("{:?}", parsed.blocks);
    };
    assert!(
        tabs[0].code.html().contains("get_user"),
        "{}",
        tabs[0].code.html()
    );
    assert!(
        tabs[1].code.html().contains("show"),
        "{}",
        tabs[1].code.html()
    );
    let rules = |info: &str, text: &str| rules(&format!("글\n\n```{info}\n{text}```\n"));
    assert_eq!(rules("python source=flask:no_such", ""), [(3, "source")]);
    assert_eq!(
        rules("rust source=axum:resources::user::no_such", ""),
        [(3, "source")]
    );
    assert_eq!(rules("rust source=axum:nowhere::show", ""), [(3, "source")]);
    assert_eq!(
        rules("python source=flask:get_user", "x\n"),
        [(3, "source")]
    );
    assert_eq!(
        rules("python source=axum:resources::user::show", ""),
        [(3, "fence")]
    );
}

#[test]
fn invalid_request_is_a_finding_with_its_line() {
    assert_eq!(
        rules("글\n\n```http\n# @id one\n# @expect status == 200\nGET https://example.com/\n```\n"),
        [(6, "http")]
    );
    assert_eq!(
        rules("```http\n# @expect status == 200\nGET /api/users\n```\n"),
        [(1, "http")]
    );
    assert_eq!(
        rules("```http\n# @id a\nGET /api/users\n```\n"),
        [(1, "no-expect")]
    );
    let block = |request: &str| {
        rules(&format!(
            "```http\n# @id a\n# @expect status == 200\n{request}\n```\n"
        ))
    };
    assert_eq!(block("GET /api/users\nX-A: {{a}}"), [(5, "http")]);
    assert_eq!(
        block("GET /api/users/{{a.response.body.$.id}}"),
        [(4, "http")]
    );
    assert_eq!(
        block("# @expect 9999 status == 200\nGET /api/users"),
        [(1, "http")]
    );
}

/// A request that refers to the name of a block with an error is no second finding.
#[test]
fn reference_to_a_request_with_an_error_is_not_reported() {
    let request =
        "```http\n# @id b\n# @expect status == 200\nGET /api/users/{{a.response.body.$.id}}\n```\n";
    let broken = "```http\n# @id a\n#  @name a\n# @expect\nGET /api/users\n```\n\n";
    assert_eq!(rules(&format!("{broken}{request}")), [(4, "http")]);
    assert_eq!(rules(request), [(4, "http")]);
}

#[test]
fn sample_response_answers_the_preceding_request() {
    let request =
        |id: &str| format!("```http\n# @id {id}\n# @expect status == 200\nGET /api/users\n```\n\n");
    let sample = "글\n\n```http\nHTTP/1.1 200 OK\nTotal-Count: 12\n\n[…]\n```\n";
    let body = format!("{}{}{sample}", request("one"), request("two"));
    let parsed = read(&body);
    assert_eq!(parsed.findings, []);
    let Some(LessonBlock::Sample(found)) = parsed.blocks.last() else {
        panic!("{:?}", parsed.blocks);
    };
    assert_eq!((found.request_id.as_str(), found.line), ("two", 15));
    assert_eq!(found.response.header("total-count"), Some("12"));
    assert!(
        found.code.html().contains("Total-Count"),
        "{}",
        found.code.html()
    );

    let problems = |sample: &str| {
        let parsed = read(&format!("{}```http{sample}\n```\n", request("one")));
        parsed.findings
    };
    assert_eq!(read(sample).findings[0].0, 4, "none before it");
    let of = |(line, rule, message): &(usize, Rule, String)| {
        (
            *line,
            rule.name(),
            message.split(':').next().map(str::to_owned),
        )
    };
    for (sample, line, rule, column) in [
        ("\nHTTP/2 200", 8, "http", "column 1"),
        ("\nHTTP/1.1 200 OK\nNo colon", 9, "http", "column 1"),
        (
            "\nHTTP/1.1 200 OK\n\n{\n  \"a\": …,\n}",
            11,
            "http",
            "column 9",
        ),
    ] {
        let problems = problems(sample);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let expected = (line, rule, Some(column.to_owned()));
        assert_eq!(of(&problems[0]), expected, "{problems:?}");
    }
    assert_eq!(problems(" side\nHTTP/1.1 200 OK")[0].1, Rule::Fence);
    let listed = format!(
        "{}- a\n\n  ```http\n  HTTP/1.1 200 OK\n  ```\n",
        request("one")
    );
    assert_eq!(rules(&listed), [(9, "fence")]);
}

#[test]
fn links_to_files_become_links_to_pages() {
    assert!(html("[경로](../routing/paths.md)\n").contains("href=\"/ko/routing/paths\""));
    assert_eq!(rules("[x](javascript:alert(1))\n"), [(1, "link")]);
}

#[test]
fn footnotes_are_numbered_over_the_whole_page() {
    let body = "가[^a]\n\n```json\n{}\n```\n\n나[^b], 다[^a]\n\n[^a]: 하나\n\n[^b]: 둘\n";
    let parsed = read(body);
    assert_eq!(parsed.findings, []);
    let html: String = parsed
        .blocks
        .iter()
        .filter_map(|block| match block {
            LessonBlock::Html(html) => Some(html.as_str()),
            _ => None,
        })
        .collect();
    for (found, count) in [
        ("<a href=\"#footnote-1\">1</a>", 2),
        ("<a href=\"#footnote-2\">2</a>", 1),
        ("id=\"footnote-1\"", 1),
        ("id=\"footnote-2\"", 1),
    ] {
        assert_eq!(html.matches(found).count(), count, "{found}: {html}");
    }
}

#[test]
fn duplicate_or_reserved_id_is_a_finding() {
    let request = "```http\n# @id get\n# @expect status == 200\nGET /api/users\n```\n\n";
    for id in [
        "content",
        "header-names",
        "data-panel",
        "footnote-1",
        "tabs-2-flask",
    ] {
        assert_eq!(
            rules(&format!("글\n\n## A {{#{id}}}\n")),
            [(3, "id")],
            "{id}"
        );
    }
    for id in [
        "get",
        "get-form",
        "get-response",
        "get-prompt-name",
        "get-0",
    ] {
        let body = format!("{request}#### A {{#{id}}}\n");
        assert_eq!(rules(&body), [(7, "id")], "{id}");
    }
    assert_eq!(rules(&format!("{request}#### A {{#get-one}}\n")), []);
    assert_eq!(rules(&format!("{request}{request}")), [(7, "id")]);
    assert_eq!(rules("글\n\n##### A {#a}\n\n###### B {#a}\n"), [(5, "id")]);
    assert_eq!(rules("글\n\n#### A\n"), [(3, "heading-id")]);
    assert_eq!(rules("## A {#a .b}\n"), [(1, "heading-id")]);
}

#[test]
fn headings_of_every_level_contain_links_and_code() {
    let html = html("##### `GET` [경로](../routing/paths.md) {#a}\n");
    assert!(
        html.starts_with("<h5 id=\"a\"><code>GET</code> <a href=\"/ko/routing/paths\">경로</a> <a"),
        "{html}"
    );
}

#[test]
fn unresolved_reference_is_a_finding_with_its_column() {
    let problems = |body: &str| {
        read(body)
            .findings
            .into_iter()
            .map(|(line, rule, message)| {
                let column = message.split(':').next().map(str::to_owned);
                (line, rule.name(), column)
            })
            .collect::<Vec<_>>()
    };
    let at = |line, rule, column: u32| (line, rule, Some(format!("column {column}")));
    assert_eq!(problems("글\n가 [x][nope]\n"), [at(2, "reference", 3)]);
    assert_eq!(problems("**\"오류\"**를 [x][]\n"), [at(1, "reference", 11)]);
    assert_eq!(problems("가[^no] 나\n"), [at(1, "footnote", 2)]);
    assert_eq!(rules("글\n\n[^a]: 아무도\n"), [(3, "footnote")]);
    for fine in [
        "[x] 글",
        "\\[^no]",
        "`[^no]`",
        "`[x][y]`",
        "[가][a]\n\n[a]: post.md",
    ] {
        assert_eq!(rules(fine), [], "{fine}");
    }
}

#[test]
fn fence_language_in_upper_case_is_a_finding() {
    let body = "글\n\n```HTTP\nGET /api/users\n```\n";
    assert_eq!(rules(body), [(3, "language")]);
}

#[test]
fn fence_that_is_not_closed_is_a_finding() {
    for (body, line) in [
        ("글\n\n```json\n{}\n", 3),
        ("```json", 1),
        ("글\n\n````json\n```\n", 3),
        ("글\n\n~~~json\n```\n", 3),
        ("- 글\n\n  ```json\n  {}\n\n글\n", 3),
        ("> ```json\n> {}\n\n글\n", 1),
    ] {
        assert_eq!(rules(body), [(line, "fence")], "{body}");
    }
    // The error in the request is at the end, where it has to be written.
    assert_eq!(rules("글\n\n```http"), [(3, "fence"), (3, "http")]);
    for fine in [
        "```json\n```\n",
        "~~~~json\n~~~\n~~~~~\n",
        "> - ```json\n>   {}\n>   ```\n",
        "  ```json\n{}\n ```  \n글\n",
    ] {
        assert_eq!(rules(fine), [], "{fine}");
    }
}

#[test]
fn code_without_a_known_language_is_a_finding() {
    assert_eq!(rules("글\n\n```\nx\n```\n"), [(3, "language")]);
    assert_eq!(rules("글\n\n    x\n\n    y\n"), [(3, "language")]);
    assert_eq!(
        rules("- 글\n\n  ~~~no-such\n  x\n  ~~~\n"),
        [(3, "language")]
    );
}

#[test]
fn delimiters_that_are_shown_are_a_finding_with_their_column() {
    let found = |body: &str| {
        let found = read(body).findings.into_iter();
        let found = found.map(|(line, rule, message)| {
            let column = message.split(':').next().map(str::to_owned);
            (line, rule.name(), column.unwrap_or_default())
        });
        found.collect::<Vec<_>>()
    };
    let at = |line, column: usize| (line, "emphasis", format!("column {column}"));
    assert_eq!(found("글\n가 **나 다\n"), [at(2, 3)]);
    assert_eq!(found("**\"가\"**는 ** 나**\n"), [at(1, 10), at(1, 14)]);
    assert_eq!(found("~~가 ~~ 나\n"), [at(1, 1), at(1, 5)]);
    assert_eq!(found("| a |\n|---|\n| **b |\n"), [at(3, 3)]);
    for fine in [
        "`**` 2 * 3",
        "\\*\\* \\~\\~",
        "**가**나",
        "가* 나~",
        "```text\n**\n```\n",
        "**\"오류\"**를",
    ] {
        assert_eq!(found(fine), [], "{fine}");
    }
}

#[test]
fn raw_html_is_one_finding_a_block() {
    assert_eq!(rules("글\n\n<div>\n<p>\n</div>\n\n글\n"), [(3, "raw-html")]);
    assert_eq!(
        rules("글\n가 <b>나</b>\n"),
        [(2, "raw-html"), (2, "raw-html")]
    );
}

#[test]
fn finding_about_a_link_has_the_line_of_its_destination() {
    for (body, line) in [
        ("글\n[가\n나](/x)\n", 3),
        ("글\n[가][x]\n\n[x]: /x\n", 4),
        ("글\n[X  가]\n\n[x 가]:\n  /x\n", 5),
        ("글\n[가](</x>\n\"y\")\n", 2),
        ("글\n<javascript:x>\n", 2),
    ] {
        assert_eq!(rules(body), [(line, "link")], "{body}");
    }
}

#[test]
fn markup_and_scripts_of_an_author_are_not_rendered() {
    for body in [
        "<svg onload=alert(1)><style>a{}</style></svg>",
        "글 <svg><script>alert(1)</script></svg>",
        "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
        "글 <math href=\"javascript:alert(1)\">",
        "<style>body{display:none}</style>",
        "<p style=\"color:red\">",
        "<!-- <script>alert(1)</script> -->",
        "<?php x ?>",
        "<![CDATA[<script>]]>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](java&#x0A;script:alert(1))",
        "[x](&#x01;javascript:alert(1))",
        "[x](https://example.com/&#9;a)",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](//example.com)",
        "<javascript:alert(1)>",
        "[x][a]\n\n[a]: javascript:alert(1)",
        "![x](https://example.com/a.svg)",
        "## A {#a onclick=alert(1)}",
        "## A {#a\"onclick=alert(1)}",
    ] {
        let parsed = read(body);
        assert!(!parsed.findings.is_empty(), "{body}");
        let html: String = parsed
            .blocks
            .iter()
            .filter_map(|block| match block {
                LessonBlock::Html(html) => Some(html.to_lowercase()),
                _ => None,
            })
            .collect();
        for tag in html.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("the end of a tag");
            let mut parts = tag.split_whitespace();
            let name = parts.next().unwrap_or_default().trim_start_matches('/');
            assert!(["p", "a", "h2"].contains(&name), "{body}: {html}");
            for attribute in parts.filter(|part| part.contains('=')) {
                let is_allowed = [
                    "href=\"#",
                    "href=\"https://",
                    "id=\"",
                    "class=\"anchor\"",
                    "aria-label=\"",
                ]
                .iter()
                .any(|allowed| attribute.starts_with(allowed));
                assert!(is_allowed, "{body}: {html}");
            }
        }
    }
    assert!(html("<mina@example.com>\n").contains("href=\"mailto:mina@example.com\""));
}

/// Parses patterns for which Markdown parsers are known to need more than linear time. Doubling the input
/// may increase the number of events and the size of the HTML by at most a factor of 2.5.
#[test]
fn pathological_text_is_parsed_in_linear_time() {
    let cost = |body: &str| {
        let repaired = emphasis::repair_emphasis(body, OPTIONS);
        let events = Parser::new_ext(&repaired.text, OPTIONS).count();
        let html: usize = read(body)
            .blocks
            .iter()
            .map(|block| match block {
                LessonBlock::Html(html) => html.len(),
                _ => 0,
            })
            .sum();
        (events, html)
    };
    for piece in [
        "*a ",
        "*a_ ",
        "**가(",
        "**\"x\"**를 ",
        "(**a**가)",
        "~~\"x\"~",
        "[",
        "[a](",
        "![[]()",
        "[^a]",
        "[a][b]",
        "`a``",
        "<a ",
        "<!-- ",
        "&lt;",
        "> ",
        "- ",
        "* - ",
        "|a",
        "\\*",
        "a\n",
        "***a**가*",
    ] {
        let (events, html) = cost(&piece.repeat(500));
        let (events_twice, html_twice) = cost(&piece.repeat(1000));
        assert!(
            2 * events_twice <= 5 * events + 20,
            "{piece:?}: {events}, {events_twice}"
        );
        assert!(
            2 * html_twice <= 5 * html + 400,
            "{piece:?}: {html}, {html_twice}"
        );
    }
}

#[test]
fn passages_have_the_text_below_each_heading_without_markup_and_directives() {
    let parsed = read(
        "첫 **문단**은\n두 줄.\n\n## 요청 `POST` {#post}\n\n- 하나\n  - 둘 [링크](https://example.org)\n\n\
         ```http\n# @id a\n# @expect status == 200\nGET /api/users?a=1\nAccept: text/csv\n```\n\n\
         ### 표 {#table}\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n#### 작은 제목 {#small}\n\n\
         ```python\nprint(1)\n```\n\n## 끝 {#end}\n",
    );
    assert_eq!(parsed.findings, []);
    let passages: Vec<_> = parsed.passages.iter().collect();
    let passage = |at: usize| {
        let Passage { id, heading, text } = passages[at];
        (id.as_str(), heading.as_str(), text.as_str())
    };
    assert_eq!(passages.len(), 4);
    assert_eq!(passage(0), ("", "", "첫 문단은 두 줄."));
    let text = "하나\n둘 링크\nGET /api/users?a=1\nAccept: text/csv";
    assert_eq!(passage(1), ("post", "요청 POST", text));
    let text = "A\nB\n1\n2\n작은 제목\nprint(1)";
    assert_eq!(passage(2), ("table", "표", text));
    assert_eq!(passage(3), ("end", "끝", ""));
}

/// Returns the pictures of the section, one in each language.
fn pictures() -> Pictures {
    let file = |path: &str| {
        load::SourceFile {
        path: path.to_owned(),
        bytes: format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 3\"><title>{path}</title></svg>"
        )
        .into_bytes(),
    }
    };
    let files = [
        file("ko/methods/img/own.svg"),
        file("en/methods/img/own.svg"),
        file("en/methods/img/other one.svg"),
        file("en/methods/img/broken.png"),
    ];
    Pictures::parse(&files).0
}

#[test]
fn picture_has_its_size_and_the_address_of_its_bytes() {
    let pictures = pictures();
    let parsed = read_with("A ![흐름 `GET`](img/own.svg) b\n", &pictures);
    assert_eq!(parsed.findings, []);
    let [LessonBlock::Html(html)] = &parsed.blocks[..] else {
        panic!("{:?}", parsed.blocks)
    };
    let href = parsed.pictures[0].href();
    assert_eq!(parsed.pictures[0].file, "ko/methods/img/own.svg");
    assert_eq!(
        html.trim(),
        format!(
            "<p>A <img src=\"{href}\" alt=\"흐름 GET\" width=\"4\" height=\"3\" loading=\"lazy\" decoding=\"async\"> b</p>"
        )
    );
    assert_eq!(parsed.passages[0].text, "A 흐름 GET b");
    let other = read_with("![D](./img/other%20one.svg)\n", &pictures);
    assert_eq!(other.pictures[0].file, "en/methods/img/other one.svg");
}

#[test]
fn picture_with_a_caption_is_a_figure() {
    let parsed = read_with("A\n\n![D](img/own.svg \"B < C\")\n\nE\n", &pictures());
    assert_eq!(parsed.findings, []);
    let [LessonBlock::Html(html)] = &parsed.blocks[..] else {
        panic!("{:?}", parsed.blocks)
    };
    assert!(
        html.starts_with("<p>A</p>\n<figure class=\"picture\"><img "),
        "{html}"
    );
    assert!(
        html.ends_with("><figcaption>B &lt; C</figcaption></figure>\n<p>E</p>\n"),
        "{html}"
    );
}

#[test]
fn picture_that_cannot_be_shown_is_a_finding() {
    let pictures = pictures();
    let rules = |body: &str| -> Vec<(usize, &'static str)> {
        let findings = read_with(body, &pictures).findings.into_iter();
        findings
            .map(|(line, rule, _)| (line, rule.name()))
            .collect()
    };
    assert_eq!(rules("a\n\n![](img/own.svg)\n"), [(3, "picture-alt")]);
    assert_eq!(rules("![D](img/none.svg)\n"), [(1, "picture-missing")]);
    assert_eq!(rules("![D](own.svg)\n"), [(1, "picture-folder")]);
    assert_eq!(
        rules("![D](../../../img/own.svg)\n"),
        [(1, "picture-folder")]
    );
    let remote = "![D](https://example.com/img/own.svg)\n";
    assert_eq!(rules(remote), [(1, "picture-folder")]);
    // The file itself has a finding.
    assert_eq!(rules("![D](img/broken.png)\n"), []);
    for inside in [
        "a ![D](img/own.svg \"C\")\n",
        "![D](img/own.svg \"C\") a\n",
        "- ![D](img/own.svg \"C\")\n",
        "[![D](img/own.svg \"C\")](post.md)\n",
    ] {
        assert_eq!(rules(inside), [(1, "picture-caption")], "{inside}");
    }
}
