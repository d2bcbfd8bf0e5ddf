//! Converts Markdown to blocks in one pass over the events of the parser.
//!
//! Raw HTML is dropped and reported. Requests, sample responses, tabs, and code outside lists and quotations become
//! separate blocks; everything between them is rendered to HTML. The numbers of footnotes and the uniqueness of ids apply to the whole page.

mod fences;
mod ids;
mod passages;
mod pictures;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag,
    TagEnd, html,
};

use crate::content::assessments::Assessments;
use crate::content::emphasis::{self, RepairedText};
use crate::content::finding::Rule;
use crate::content::glossary::Glossary;
use crate::content::highlight::Highlighter;
use crate::content::lesson::{CodeTab, Heading, LessonBlock, Passage};
use crate::content::links;
use crate::content::picture::{Picture, Pictures};
use crate::content::source::Programs;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

use ids::Ids;
use passages::PassageTexts;
use pictures::{Caption, OpenPicture};
use terms::OpenTerm;

pub use ids::is_reserved_id;

/// The extensions of CommonMark that are enabled.
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_GFM);

/// The parsed body of a lesson.
#[derive(Default)]
pub(super) struct ParsedLesson {
    pub(super) blocks: Vec<LessonBlock>,
    /// The headings of all levels.
    pub(super) headings: Vec<Heading>,
    /// The text below each heading of level 2 or 3, and before the first.
    pub(super) passages: Vec<Passage>,
    pub(super) links: Vec<links::Link>,
    /// The ids of the terms that the lesson explains.
    pub(super) terms: Vec<String>,
    /// The pictures that the lesson shows.
    pub(super) pictures: Vec<Arc<Picture>>,
    /// The code of the fences that show functions, with the lines at which the fences begin.
    pub(super) sources: Vec<(usize, String)>,
    /// What Markdown for other programs has in the place of what only this site can show.
    pub(super) replacements: Vec<Replacement>,
    /// The findings as line, rule, message.
    pub(super) findings: Vec<(usize, Rule, String)>,
}

/// Markdown that other programs understand, for a part that only this site does.
pub(super) struct Replacement {
    /// The line of the part.
    pub(super) line: usize,
    pub(super) part: ReplacedPart,
    pub(super) markdown: String,
}

/// What is replaced.
pub(super) enum ReplacedPart {
    /// The destination of a link to a term of the glossary.
    Destination(String),
    /// The fence of an exercise or a quiz that begins in the line.
    Fence,
}

/// The inputs for parsing the body of a lesson besides its text.
#[derive(Clone, Copy)]
pub(super) struct LessonContext<'a> {
    /// The line number of the first line of the body in its file.
    pub(super) first_line: usize,
    pub(super) locale: Locale,
    /// The path of the lesson, `section/slug`.
    pub(super) path: &'a str,
    pub(super) programs: &'a Programs,
    pub(super) assessments: &'a Assessments,
    pub(super) glossary: &'a Glossary,
    pub(super) highlighter: &'a Highlighter,
    pub(super) messages: &'a MessageCatalog,
    pub(super) pictures: &'a Pictures,
    /// The lessons to which links are kept; other links become their texts. All links are kept when it is `None`.
    pub(super) link_targets: Option<&'a BTreeSet<(Locale, String)>>,
}

/// Parses the body of a lesson.
pub(super) fn parse(body: &str, context: LessonContext<'_>) -> ParsedLesson {
    let repaired = emphasis::repair_emphasis(body, OPTIONS);
    let lines = repaired.text.match_indices('\n').map(|(at, _)| at + 1);
    let mut reader = MarkdownReader {
        text: &repaired.text,
        repaired: &repaired,
        lines: std::iter::once(0).chain(lines).collect(),
        context,
        depth: 0,
        events: Vec::new(),
        heading: None,
        picture: None,
        caption: None,
        paragraph: 0,
        is_link_dropped: false,
        term: None,
        code: None,
        text_end: 0,
        delimiters: Vec::new(),
        definitions: HashMap::new(),
        footnotes: Vec::new(),
        invalid_names: Vec::new(),
        ids: Ids::default(),
        tabs: Vec::new(),
        passages: PassageTexts::default(),
        parsed: ParsedLesson::default(),
    };
    let mut unresolved = Vec::new();
    let mut report = |link: pulldown_cmark::BrokenLink<'_>| {
        // A shortcut reference may be plain text in brackets, so it is not reported.
        if link.link_type != LinkType::Shortcut {
            unresolved.push((link.span.start, link.reference.to_string()));
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(&repaired.text, OPTIONS, Some(&mut report));
    let definitions = parser.reference_definitions().iter();
    let spans =
        definitions.map(|(label, definition)| (normalised_label(label), definition.span.clone()));
    reader.definitions = spans.collect();
    for (event, range) in parser.into_offset_iter() {
        reader.read(event, range);
    }
    for (at, label) in unresolved {
        let message = format!(
            "the reference [{label}] is not defined: add a line [{label}]: ADDRESS, or write \\[ for a bracket"
        );
        reader.problem_at(at, Rule::Reference, &message);
    }
    reader.finish()
}

/// Returns the label of a reference as CommonMark compares it.
fn normalised_label(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// A footnote of the page.
struct Footnote {
    name: String,
    /// The line of the first reference or definition.
    line: usize,
    is_defined: bool,
    is_referenced: bool,
}

struct MarkdownReader<'a> {
    text: &'a str,
    repaired: &'a RepairedText<'a>,
    /// The byte offset of the start of each line.
    lines: Vec<usize>,
    context: LessonContext<'a>,
    /// The number of open containers.
    depth: usize,
    /// The events that are not yet rendered to HTML.
    events: Vec<Event<'a>>,
    heading: Option<Heading>,
    /// The open picture.
    picture: Option<OpenPicture>,
    /// The caption of the picture with which the open paragraph begins.
    caption: Option<Caption>,
    /// The number of events before the last paragraph.
    paragraph: usize,
    /// Whether the open link leads to a lesson that the site leaves out.
    is_link_dropped: bool,
    /// The open link to a term.
    term: Option<OpenTerm>,
    /// The open code block: info string, text, line.
    code: Option<(String, String, usize)>,
    /// The byte offset of the end of the last text event.
    text_end: usize,
    /// The byte offsets of the delimiters of emphasis that are left as text.
    delimiters: Vec<usize>,
    /// Where the references to links are defined, by their labels.
    definitions: HashMap<String, Range<usize>>,
    /// The footnotes in the order of their numbers.
    footnotes: Vec<Footnote>,
    /// The names (`# @name`) of request blocks with errors.
    invalid_names: Vec<String>,
    ids: Ids,
    tabs: Vec<CodeTab>,
    passages: PassageTexts,
    parsed: ParsedLesson,
}

impl<'a> MarkdownReader<'a> {
    /// Returns the line of a byte offset, from 0.
    fn line_index(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at) - 1
    }

    fn line(&self, at: usize) -> usize {
        self.context.first_line + self.line_index(at)
    }

    /// Reports an error. What is missing below the last line is reported there.
    fn problem(&mut self, line: usize, rule: Rule, message: impl Into<String>) {
        let line = line.min(self.line(self.text.len()));
        self.parsed.findings.push((line, rule, message.into()));
    }

    /// Reports an error at a byte offset, with its column.
    fn problem_at(&mut self, at: usize, rule: Rule, message: &str) {
        let before = self.text[self.lines[self.line_index(at)]..at].into();
        let column = self.repaired.remove_emphasis_repair(before).chars().count() + 1;
        self.problem(self.line(at), rule, format!("column {column}: {message}"));
    }

    fn read(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let line = self.line(range.start);
                match kind {
                    CodeBlockKind::Fenced(info) => {
                        self.code = Some((info.to_string(), String::new(), line));
                    }
                    CodeBlockKind::Indented => {
                        let message = "code that is indented has no language: put it between lines ``` and name its language after the first";
                        self.problem(line, Rule::Language, message);
                        self.code = Some(("text".to_owned(), String::new(), line));
                    }
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((info, text, line)) = self.code.take() {
                    if !is_closed(&self.text[range]) {
                        let message =
                            "the fence is not closed: add a line with its backticks below it";
                        self.problem(line, Rule::Fence, message);
                    }
                    self.fence(&info, text, line);
                }
            }
            Event::Text(text) if self.code.is_some() => {
                if let Some((_, code, _)) = &mut self.code {
                    code.push_str(&text);
                }
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => {
                self.problem_at(
                    range.start,
                    Rule::RawHtml,
                    "raw HTML is not supported: write Markdown",
                );
            }
            Event::Html(_) | Event::End(TagEnd::HtmlBlock) => {}
            other => {
                self.finish_tabs();
                self.prose(other, range);
            }
        }
    }

    fn prose(&mut self, event: Event<'a>, range: Range<usize>) {
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            _ => {}
        }
        if self.heading.is_none() {
            self.passages.separate(&event);
        }
        let line = self.line(range.start);
        let event = match self.picture.take() {
            Some(picture) => return self.read_picture(picture, event, range.clone()),
            None => event,
        };
        match event {
            Event::Start(Tag::Heading {
                level,
                id,
                classes,
                attrs,
            }) => {
                if !classes.is_empty() || !attrs.is_empty() {
                    let message = "a heading can have only an id: ## Title {#some-id}";
                    self.problem(line, Rule::HeadingId, message);
                }
                self.start_heading(level, id, line)
            }
            Event::End(TagEnd::Heading(level)) => self.end_heading(level),
            Event::Start(Tag::BlockQuote(Some(kind))) => {
                self.push_html(alert_start(kind, self.context.messages))
            }
            Event::End(TagEnd::BlockQuote(Some(_))) => self.push_html("</div>\n".to_owned()),
            // Alignment is removed, because it would become a style attribute, which the content security
            // policy blocks.
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
            Event::Start(Tag::Link { dest_url, .. }) if terms::id(&dest_url).is_some() => {
                self.start_term(&dest_url, line);
            }
            Event::End(TagEnd::Link) if self.term.is_some() => self.end_term(),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                // The renderer adds `mailto:` to an address in angle brackets.
                let dest_url = match link_type {
                    LinkType::Email => dest_url,
                    _ => {
                        let line = self.destination_line(link_type, &dest_url, &id, range);
                        match self.link(&dest_url, line) {
                            Some(address) => address,
                            None => {
                                self.is_link_dropped = true;
                                return;
                            }
                        }
                    }
                };
                self.events.push(Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }));
            }
            Event::End(TagEnd::Link) if self.is_link_dropped => self.is_link_dropped = false,
            Event::Start(Tag::Paragraph) => {
                self.paragraph = self.events.len();
                self.events.push(event);
            }
            Event::End(TagEnd::Paragraph) => self.end_paragraph(),
            Event::Start(Tag::Image {
                dest_url, title, ..
            }) => {
                self.picture = Some(OpenPicture::new(&dest_url, &title, line));
            }
            Event::FootnoteReference(name) => {
                let (number, footnote) = self.footnote(&name, line);
                footnote.is_referenced = true;
                self.push_html(format!(
                    "<sup class=\"footnote-reference\"><a href=\"#footnote-{number}\">{number}</a></sup>"
                ));
            }
            Event::Start(Tag::FootnoteDefinition(name)) => {
                let (number, footnote) = self.footnote(&name, line);
                let is_repeated = std::mem::replace(&mut footnote.is_defined, true);
                if is_repeated {
                    let message = format!("the footnote [^{name}] is defined twice: remove one");
                    self.problem(line, Rule::Footnote, message);
                }
                self.push_html(format!(
                    "<div class=\"footnote-definition\" id=\"footnote-{number}\"><sup class=\"footnote-definition-label\">{number}</sup>"
                ));
            }
            Event::End(TagEnd::FootnoteDefinition) => self.push_html("</div>\n".to_owned()),
            Event::Text(text) => {
                self.report_undefined_footnotes(range.clone());
                self.collect_delimiters(range.clone());
                self.report_alert(range.clone());
                self.text_end = range.end;
                let text = self.repaired.remove_emphasis_repair(text);
                self.add_text(&text);
                self.events.push(Event::Text(text));
            }
            Event::Code(text) => {
                self.add_text(&text);
                self.events.push(Event::Code(text));
            }
            other => self.events.push(other),
        }
    }

    /// Adds text to the open heading, or to the open passage.
    fn add_text(&mut self, text: &str) {
        match &mut self.heading {
            Some(heading) => heading.text.push_str(text),
            None => self.passages.add(text),
        }
    }

    /// Returns number and state of a footnote. Numbers are assigned in the order of first use on the page.
    fn footnote(&mut self, name: &str, line: usize) -> (usize, &mut Footnote) {
        let found = self.footnotes.iter().position(|one| one.name == name);
        let at = found.unwrap_or(self.footnotes.len());
        if found.is_none() {
            self.footnotes.push(Footnote {
                name: name.to_owned(),
                line,
                is_defined: false,
                is_referenced: false,
            });
        }
        (at + 1, &mut self.footnotes[at])
    }

    /// Reports references to undefined footnotes, which the parser leaves as text.
    fn report_undefined_footnotes(&mut self, range: Range<usize>) {
        let skipped = usize::from(emphasis::is_escaped(self.text, range.start, self.text_end));
        let text = self.text;
        let brackets = text[range.clone()].char_indices().skip(skipped);
        for (at, _) in brackets.filter(|(_, c)| *c == '[') {
            let at = range.start + at;
            let Some(rest) = text[at..].strip_prefix("[^") else {
                continue;
            };
            let name = rest.split([']', '[', '\n']).next().unwrap_or_default();
            let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
            if is_name && rest[name.len()..].starts_with(']') {
                let message =
                    format!("the footnote [^{name}] is not defined: add a line [^{name}]: TEXT");
                self.problem_at(at, Rule::Footnote, &message);
            }
        }
    }

    /// Collects the delimiters of emphasis that the parser leaves as text.
    fn collect_delimiters(&mut self, range: Range<usize>) {
        let skipped = usize::from(emphasis::is_escaped(self.text, range.start, self.text_end));
        let characters = self.text[range.clone()].char_indices().skip(skipped);
        let delimiters = characters.filter(|(_, c)| matches!(c, '*' | '~'));
        self.delimiters
            .extend(delimiters.map(|(at, _)| range.start + at));
    }

    /// Reports the runs of two or more delimiters that the parser left as text. A single one may be meant.
    fn report_delimiters(&mut self) {
        let delimiters = std::mem::take(&mut self.delimiters);
        let bytes = self.text.as_bytes();
        let is_run = |a: &usize, b: &usize| a + 1 == *b && bytes[*a] == bytes[*b];
        for run in delimiters.chunk_by(is_run).filter(|run| run.len() > 1) {
            let written = &self.text[run[0]..run[0] + run.len()];
            let message = format!(
                "the page shows {written} as characters: close the emphasis, without a space beside its text, or put the \
                 characters between backticks"
            );
            self.problem_at(run[0], Rule::Emphasis, &message);
        }
    }

    /// Reports the beginning of an alert that the parser left as text.
    fn report_alert(&mut self, range: Range<usize>) {
        let is_escaped = emphasis::is_escaped(self.text, range.start, self.text_end);
        let Some(at) = self.text[range.clone()].find('[').filter(|_| !is_escaped) else {
            return;
        };
        let at = range.start + at;
        let kind = self.text[at..].strip_prefix("[!");
        let kind = kind.and_then(|rest| rest.split_once(']'));
        let Some((kind, _)) = kind else { return };
        if !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphabetic()) {
            let message = format!(
                "the page shows [!{kind}] as characters: begin a quotation of its own, after an empty line, with > [!NOTE], \
                 > [!TIP], > [!IMPORTANT], > [!WARNING] or > [!CAUTION] and nothing else in that line"
            );
            self.problem_at(at, Rule::Alert, &message);
        }
    }

    /// Returns the line on which the destination of a link is written, which may be its definition.
    fn destination_line(
        &self,
        link_type: LinkType,
        destination: &str,
        label: &str,
        range: Range<usize>,
    ) -> usize {
        let written = match link_type {
            LinkType::Inline | LinkType::Autolink | LinkType::Email => range,
            _ => self
                .definitions
                .get(&normalised_label(label))
                .cloned()
                .unwrap_or(range),
        };
        let at = self.text[written.clone()].rfind(destination);
        self.line(written.start + at.unwrap_or_default())
    }

    fn start_heading(&mut self, level: HeadingLevel, id: Option<CowStr<'a>>, line: usize) {
        if level == HeadingLevel::H1 {
            self.problem(
                line,
                Rule::Heading,
                "the page shows its title as the first heading: begin with a heading of the second level",
            );
        }
        let is_id =
            |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let id = id.filter(|id| is_id(id)).map(|id| id.to_string());
        match &id {
            Some(id) => self.ids.add(id, line),
            None => self.problem(
                line,
                Rule::HeadingId,
                "the heading needs an ASCII id: ## Title {#some-id}",
            ),
        }
        let id = id.unwrap_or_default();
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
        let label = self
            .context
            .messages
            .with("heading-link", &[("heading", &heading.text)]);
        self.push_html(format!(
            " <a class=\"anchor\" href=\"#{}\" aria-label=\"{}\">#</a></{level}>\n",
            escape(&heading.id),
            escape(&label)
        ));
        let Heading { id, text, .. } = &heading;
        self.passages.add_heading(heading.level, id, text);
        self.parsed.headings.push(heading);
    }

    /// Returns the address of a link, or `None` when it leads to a lesson that the site leaves out.
    fn link(&mut self, destination: &str, line: usize) -> Option<CowStr<'a>> {
        let LessonContext {
            locale,
            path,
            link_targets,
            ..
        } = self.context;
        match links::resolve(destination, locale, path, line) {
            Ok((address, link)) => {
                let is_kept = |link: &links::Link| {
                    link_targets.is_none_or(|all| all.contains(&(locale, link.path.clone())))
                };
                if !link.as_ref().is_none_or(is_kept) {
                    return None;
                }
                self.parsed.links.extend(link);
                Some(address.into())
            }
            Err(message) => {
                self.problem(line, Rule::Link, message);
                Some("#".into())
            }
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
        self.parsed.blocks.push(LessonBlock::Html(html));
    }

    fn finish_tabs(&mut self) {
        if !self.tabs.is_empty() {
            let tabs = std::mem::take(&mut self.tabs);
            self.parsed.blocks.push(LessonBlock::Tabs(tabs));
        }
    }

    /// Completes the page and reports errors that can only be found at its end: footnotes without a reference, and ids
    /// that are reserved or used twice.
    fn finish(mut self) -> ParsedLesson {
        self.finish_tabs();
        self.finish_html();
        self.report_delimiters();
        for at in 0..self.footnotes.len() {
            let Footnote {
                name,
                line,
                is_referenced,
                ..
            } = &self.footnotes[at];
            if !is_referenced {
                let message = format!("the footnote [^{name}] is not referenced: remove it");
                self.problem(*line, Rule::Footnote, message);
            }
        }
        for (line, message) in self.ids.problems() {
            self.problem(line, Rule::Id, message);
        }
        self.parsed.passages = self.passages.finish();
        self.parsed
    }
}

/// Returns whether the source of a code block has a last line that closes it, or is indented and so needs none.
fn is_closed(block: &str) -> bool {
    let marks = |line: &str| {
        let fence = line.trim_start_matches([' ', '\t', '>']);
        let mark = fence
            .chars()
            .next()
            .filter(|mark| matches!(mark, '`' | '~'))?;
        let length = fence.chars().take_while(|c| *c == mark).count();
        let is_alone = fence.trim_end().len() == length;
        (length >= 3).then_some((mark, length, is_alone))
    };
    let mut lines = block.trim_end().lines();
    let Some((mark, length, _)) = lines.next().and_then(marks) else {
        return true;
    };
    let closing = lines.next_back().and_then(marks);
    closing
        .is_some_and(|(other, at_least, is_alone)| other == mark && at_least >= length && is_alone)
}

fn alert_start(kind: BlockQuoteKind, messages: &MessageCatalog) -> String {
    let class = match kind {
        BlockQuoteKind::Note => "note",
        BlockQuoteKind::Tip => "tip",
        BlockQuoteKind::Important => "important",
        BlockQuoteKind::Warning => "warning",
        BlockQuoteKind::Caution => "caution",
    };
    let label = escape(&messages.get(&format!("alert-{class}")));
    format!(
        "<div class=\"alert alert-{class}\" role=\"note\"><p class=\"alert-title\">{label}</p>\n"
    )
}
