//! Markdown to blocks: one pass over the parser's events.
//!
//! Raw HTML is dropped and reported. Fenced requests and tabs become blocks of their own;
//! everything between them is finished HTML.

use std::ops::Range;

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};

use crate::content::fence::{self, Fence};
use crate::content::highlight::Highlighter;
use crate::content::source::Programs;
use crate::content::{Block, Heading, Playground, Sample, Tab, emphasis, links};
use crate::http_file::{self, Block as HttpBlock, Reference, Unresolved};
use crate::model::html::escape;
use crate::model::locale::Locale;

/// A lesson's text in pieces.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) blocks: Vec<Block>,
    pub(super) headings: Vec<Heading>,
    pub(super) links: Vec<links::Link>,
    /// Line, rule, message.
    pub(super) problems: Vec<(usize, &'static str, String)>,
}

/// Parses a body whose first line has the number `first_line` in its file.
pub(super) fn parse(
    body: &str,
    first_line: usize,
    locale: Locale,
    path: &str,
    programs: &Programs,
    highlighter: &Highlighter,
) -> Parsed {
    let mended = emphasis::mend(body);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM;
    let mut reader = Reader {
        text: &mended,
        first_line,
        locale,
        path,
        programs,
        highlighter,
        depth: 0,
        events: Vec::new(),
        heading: None,
        code: None,
        tabs: Vec::new(),
        parsed: Parsed::default(),
    };
    for (event, range) in Parser::new_ext(&mended, options).into_offset_iter() {
        reader.read(event, range);
    }
    reader.finish_tabs();
    reader.finish_html();
    reader.parsed
}

struct Reader<'a> {
    text: &'a str,
    first_line: usize,
    locale: Locale,
    path: &'a str,
    programs: &'a Programs,
    highlighter: &'a Highlighter,
    /// How many containers are open.
    depth: usize,
    /// Of the HTML block being made.
    events: Vec<Event<'a>>,
    heading: Option<Heading>,
    code: Option<(String, String, usize)>,
    tabs: Vec<Tab>,
    parsed: Parsed,
}

impl<'a> Reader<'a> {
    fn line(&self, range: &Range<usize>) -> usize {
        self.first_line + self.text[..range.start].matches('\n').count()
    }

    fn problem(&mut self, line: usize, rule: &'static str, message: impl Into<String>) {
        self.parsed.problems.push((line, rule, message.into()));
    }

    fn read(&mut self, event: Event<'a>, range: Range<usize>) {
        let line = self.line(&range);
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((info, String::new(), line));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((info, text, line)) = self.code.take() {
                    self.fence(&info, text, line);
                }
            }
            Event::Text(text) if self.code.is_some() => {
                if let Some((_, code, _)) = &mut self.code {
                    code.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                if html.trim() != emphasis::COMMENT {
                    self.problem(line, "raw-html", "raw HTML is dropped: write Markdown");
                }
            }
            other => {
                self.finish_tabs();
                self.prose(other, line);
            }
        }
    }

    fn prose(&mut self, event: Event<'a>, line: usize) {
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            _ => {}
        }
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => self.start_heading(level, id, line),
            Event::End(TagEnd::Heading(level)) => self.end_heading(level),
            Event::Start(Tag::BlockQuote(Some(kind))) => {
                self.push_html(alert_start(kind, self.locale))
            }
            Event::End(TagEnd::BlockQuote(Some(_))) => self.push_html("</div>\n".to_owned()),
            // Alignment would become a style attribute, which the policy refuses.
            Event::Start(Tag::Table(columns)) => {
                self.push_html("<div class=\"table-scroll\" tabindex=\"0\">".to_owned());
                let plain = columns
                    .iter()
                    .map(|_| pulldown_cmark::Alignment::None)
                    .collect();
                self.events.push(Event::Start(Tag::Table(plain)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(Event::End(TagEnd::Table));
                self.push_html("</div>\n".to_owned());
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let dest_url = self.link(&dest_url, line);
                self.events.push(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }));
            }
            Event::Start(Tag::Image { .. }) => {
                self.problem(line, "image", "pictures are not supported yet")
            }
            Event::Text(text) | Event::Code(text) if self.heading.is_some() => {
                if let Some(heading) = &mut self.heading {
                    heading.text.push_str(&text);
                }
                self.events.push(Event::Text(text));
            }
            other => self.events.push(other),
        }
    }

    fn start_heading(&mut self, level: HeadingLevel, id: Option<CowStr<'a>>, line: usize) {
        if level == HeadingLevel::H1 {
            self.problem(
                line,
                "heading",
                "the page prints its title: begin with a heading of the second level",
            );
        }
        let is_id =
            |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        if level <= HeadingLevel::H3 && !is_id(&id) {
            self.problem(
                line,
                "heading-id",
                "the heading needs an ASCII id: ## Title {#some-id}",
            );
        }
        if self.parsed.headings.iter().any(|heading| heading.id == id) {
            self.problem(
                line,
                "heading-id",
                format!("the id {id:?} is taken on this page"),
            );
        }
        self.push_html(format!("<{level} id=\"{}\">", escape(&id)));
        self.heading = Some(Heading {
            level: level as u8,
            id,
            text: String::new(),
            line,
        });
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let label = match self.locale {
            Locale::Ko => "이 절의 링크",
            Locale::En => "Link to this section",
        };
        let id = escape(&heading.id);
        self.push_html(format!(
            " <a class=\"anchor\" href=\"#{id}\" aria-label=\"{label}: {}\">#</a></{level}>\n",
            escape(&heading.text)
        ));
        if heading.level <= 3 {
            self.parsed.headings.push(heading);
        }
    }

    fn link(&mut self, destination: &str, line: usize) -> CowStr<'a> {
        match links::resolve(destination, self.locale, self.path, line) {
            Ok((address, link)) => {
                self.parsed.links.extend(link);
                address.into()
            }
            Err(message) => {
                self.problem(line, "link", message);
                "#".into()
            }
        }
    }

    fn fence(&mut self, info: &str, text: String, line: usize) {
        let fence = match fence::parse(info) {
            Ok(fence) => fence,
            Err(message) => return self.problem(line, "fence", message),
        };
        if self.depth > 0
            && (matches!(fence, Fence::Http { .. })
                || matches!(fence, Fence::Code { tab: Some(_), .. }))
        {
            return self.problem(
                line,
                "fence",
                "a request or a tab cannot stand inside a list or quotation",
            );
        }
        let text = match &fence {
            Fence::Code {
                source: Some(source),
                ..
            } if text.is_empty() => match self.programs.cut(source) {
                Ok(text) => text,
                Err(message) => return self.problem(line, "source", message),
            },
            Fence::Code {
                source: Some(_), ..
            } => {
                let message = "what is cut from a program is not written: leave the fence empty";
                return self.problem(line, "source", message);
            }
            _ => text,
        };
        match fence {
            // No request begins with the protocol's name.
            Fence::Http { side } if text.starts_with("HTTP/") => {
                self.finish_tabs();
                self.sample(&text, side, line);
            }
            Fence::Http { side } => {
                self.finish_tabs();
                self.playground(&text, side, line);
            }
            Fence::Code {
                language,
                tab: None,
                ..
            } => {
                self.finish_tabs();
                self.highlighted(&language, &text, line);
            }
            Fence::Code {
                language,
                tab: Some(key),
                ..
            } => {
                self.finish_html();
                match self.highlighter.code(&language, &text) {
                    Ok(html) => self.tabs.push(Tab { key, html }),
                    Err(message) => self.problem(line, "language", message),
                }
            }
        }
    }

    fn highlighted(&mut self, language: &str, text: &str, line: usize) {
        match self.highlighter.code(language, text) {
            Ok(html) if self.depth == 0 => {
                self.finish_html();
                self.parsed.blocks.push(Block::Code(html));
            }
            Ok(html) => self.push_html(html),
            Err(message) => self.problem(line, "language", message),
        }
    }

    /// What a request takes from elsewhere has to be there: a prompt of its own, or an earlier request
    /// of the page by its name.
    fn references(&mut self, block: &HttpBlock, line: usize) {
        let unknown = match block.draft() {
            Ok(_) => return,
            Err(Unresolved::Unknown(unknown)) => unknown,
            Err(Unresolved::TooLarge) => {
                return self.problem(line, "http", "the variables make too long a request");
            }
        };
        for reference in unknown {
            let is_known = match &reference {
                Reference::Variable(name) => block.prompts().any(|(prompt, _)| prompt == name),
                Reference::Reply { name, .. } => self.parsed.blocks.iter().any(|earlier| {
                    matches!(earlier, Block::Playground(earlier) if earlier.block.name() == Some(name))
                }),
                Reference::System(_) => true,
            };
            if !is_known {
                let message = format!("nothing says what {reference} is");
                self.problem(line, "http", message);
            }
        }
    }

    fn playground(&mut self, text: &str, side: bool, line: usize) {
        let file = match http_file::parse(text) {
            Ok(file) => file,
            Err(error) => {
                let message = format!("column {}: {}", error.column, error.problem);
                return self.problem(line + error.line, "http", message);
            }
        };
        let Ok([block]) = <[_; 1]>::try_from(file.blocks) else {
            return self.problem(
                line,
                "http",
                "a block holds one request: give each its own fence",
            );
        };
        self.references(&block, line);
        let draft = block.template();
        let Some(id) = block.id().map(str::to_owned) else {
            return self.problem(
                line,
                "http",
                "the block needs a name of its own: # @id some-name",
            );
        };
        if self
            .parsed
            .blocks
            .iter()
            .any(|b| matches!(b, Block::Playground(p) if p.id == id))
        {
            self.problem(line, "http", format!("the id {id:?} is taken on this page"));
        }
        if block.expectations().next().is_none() {
            self.problem(
                line,
                "http",
                "the block states nothing that is checked: add # @expect status == 200",
            );
        }
        self.finish_html();
        self.parsed
            .blocks
            .push(Block::Playground(Box::new(Playground {
                id,
                block,
                draft,
                side,
                line,
            })));
    }

    fn sample(&mut self, text: &str, side: bool, line: usize) {
        if side {
            return self.problem(line, "fence", "a sample reply does not stand beside others");
        }
        let reply = match http_file::parse_reply(text) {
            Ok(reply) => reply,
            Err(error) => {
                let message = format!("column {}: {}", error.column, error.problem);
                return self.problem(line + error.line, "http", message);
            }
        };
        let mut earlier = self.parsed.blocks.iter().rev();
        let Some(answers) = earlier.find_map(|block| match block {
            Block::Playground(playground) => Some(playground.id.clone()),
            _ => None,
        }) else {
            let message = "a sample reply answers the request before it, and there is none";
            return self.problem(line + 1, "http", format!("column 1: {message}"));
        };
        self.finish_html();
        match self.highlighter.code("http", text) {
            Ok(html) => self.parsed.blocks.push(Block::Sample(Box::new(Sample {
                answers,
                reply,
                html,
                line,
            }))),
            Err(message) => self.problem(line, "language", message),
        }
    }

    fn push_html(&mut self, html: String) {
        self.events.push(Event::Html(html.into()));
    }

    fn finish_html(&mut self) {
        if self.events.is_empty() {
            return;
        }
        let mut html = String::new();
        html::push_html(&mut html, self.events.drain(..));
        self.parsed.blocks.push(Block::Html(html));
    }

    fn finish_tabs(&mut self) {
        if !self.tabs.is_empty() {
            let tabs = std::mem::take(&mut self.tabs);
            self.parsed.blocks.push(Block::Tabs(tabs));
        }
    }
}

fn alert_start(kind: BlockQuoteKind, locale: Locale) -> String {
    let (class, ko, en) = match kind {
        BlockQuoteKind::Note => ("note", "참고", "Note"),
        BlockQuoteKind::Tip => ("tip", "도움말", "Tip"),
        BlockQuoteKind::Important => ("important", "중요", "Important"),
        BlockQuoteKind::Warning => ("warning", "주의", "Warning"),
        BlockQuoteKind::Caution => ("caution", "경고", "Caution"),
    };
    let label = match locale {
        Locale::Ko => ko,
        Locale::En => en,
    };
    format!(
        "<div class=\"alert alert-{class}\" role=\"note\"><p class=\"alert-title\">{label}</p>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Parsed {
        let programs = Programs::of(&[]);
        let highlighter = Highlighter::new();
        parse(body, 1, Locale::Ko, "methods/get", &programs, &highlighter)
    }

    fn html(body: &str) -> String {
        let parsed = read(body);
        assert_eq!(parsed.problems, [], "{body}");
        match &parsed.blocks[..] {
            [Block::Html(html)] => html.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn rules(body: &str) -> Vec<(usize, &'static str)> {
        read(body)
            .problems
            .into_iter()
            .map(|(line, rule, _)| (line, rule))
            .collect()
    }

    #[test]
    fn headings_keep_their_ids_and_reach_the_contents() {
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
        assert_eq!(rules("## A {#a}\n\n### B {#a}\n"), [(3, "heading-id")]);
    }

    #[test]
    fn alerts_have_a_label_in_the_language_of_the_page() {
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
        assert!(!parsed.problems.is_empty());
        for block in &parsed.blocks {
            assert!(!format!("{block:?}").contains("<script"), "{block:?}");
            assert!(!format!("{block:?}").contains("onclick"), "{block:?}");
        }
        assert!(html("**\"오류\"**를\n").contains("</strong>를"));
    }

    #[test]
    fn tabs_and_requests_are_blocks_of_their_own() {
        let body = "앞\n\n```python tab=flask\nx = 1\n```\n\n```rust tab=axum\nlet x = 1;\n```\n\n뒤\n\n```http\n# @id one\n# @expect status == 200\nGET /api/users\n```\n";
        let parsed = read(body);
        assert_eq!(parsed.problems, []);
        assert!(
            matches!(&parsed.blocks[..], [Block::Html(_), Block::Tabs(tabs), Block::Html(_), Block::Playground(_)] if tabs.len() == 2)
        );
    }

    #[test]
    fn a_function_is_cut_from_the_program_that_runs() {
        let body = "```python tab=flask source=flask:get_user\n```\n\n```rust tab=axum source=axum:user::show\n```\n";
        let parsed = read(body);
        assert_eq!(parsed.problems, []);
        let [Block::Tabs(tabs)] = &parsed.blocks[..] else {
            panic!("{:?}", parsed.blocks);
        };
        assert!(tabs[0].html.contains("get_user"), "{}", tabs[0].html);
        assert!(tabs[1].html.contains("show"), "{}", tabs[1].html);
        let rules = |info: &str, text: &str| rules(&format!("글\n\n```{info}\n{text}```\n"));
        assert_eq!(rules("python source=flask:no_such", ""), [(3, "source")]);
        assert_eq!(rules("rust source=axum:user::no_such", ""), [(3, "source")]);
        assert_eq!(rules("rust source=axum:nowhere::show", ""), [(3, "source")]);
        assert_eq!(
            rules("python source=flask:get_user", "x\n"),
            [(3, "source")]
        );
        assert_eq!(rules("python source=axum:user::show", ""), [(3, "fence")]);
    }

    #[test]
    fn a_broken_request_names_its_line() {
        assert_eq!(
            rules(
                "글\n\n```http\n# @id one\n# @expect status == 200\nGET https://example.com/\n```\n"
            ),
            [(6, "http")]
        );
        assert_eq!(
            rules("```http\n# @expect status == 200\nGET /api/users\n```\n"),
            [(1, "http")]
        );
        assert_eq!(
            rules("```http\n# @id a\nGET /api/users\n```\n"),
            [(1, "http")]
        );
    }

    #[test]
    fn a_sample_reply_answers_the_request_before_it() {
        let request = |id: &str| {
            format!("```http\n# @id {id}\n# @expect status == 200\nGET /api/users\n```\n\n")
        };
        let sample = "글\n\n```http\nHTTP/1.1 200 OK\nTotal-Count: 12\n\n[…]\n```\n";
        let body = format!("{}{}{sample}", request("one"), request("two"));
        let parsed = read(&body);
        assert_eq!(parsed.problems, []);
        let Some(Block::Sample(found)) = parsed.blocks.last() else {
            panic!("{:?}", parsed.blocks);
        };
        assert_eq!((found.answers.as_str(), found.line), ("two", 15));
        assert_eq!(found.reply.header("total-count"), Some("12"));
        assert!(found.html.contains("Total-Count"), "{}", found.html);

        let problems = |sample: &str| {
            let parsed = read(&format!("{}```http{sample}\n```\n", request("one")));
            parsed.problems
        };
        assert_eq!(read(sample).problems[0].0, 4, "none before it");
        let of = |(line, rule, message): &(usize, &'static str, String)| {
            (*line, *rule, message.split(':').next().map(str::to_owned))
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
        assert_eq!(problems(" side\nHTTP/1.1 200 OK")[0].1, "fence");
        let listed = format!(
            "{}- a\n\n  ```http\n  HTTP/1.1 200 OK\n  ```\n",
            request("one")
        );
        assert_eq!(rules(&listed), [(9, "fence")]);
    }

    #[test]
    fn links_go_to_pages() {
        assert!(html("[경로](../routing/paths.md)\n").contains("href=\"/ko/routing/paths\""));
        assert_eq!(rules("[x](javascript:alert(1))\n"), [(1, "link")]);
    }
}
