//! Parses the files of lessons.

use sha2::{Digest as _, Sha256};

use crate::content::assessments::Assessments;
use crate::content::files::page_path;
use crate::content::finding::{ContentFinding, Rule};
use crate::content::front_matter;
use crate::content::glossary::Glossary;
use crate::content::highlight::Highlighter;
use crate::content::lesson::LessonPage;
use crate::content::load::{self, SourceFile};
use crate::content::markdown::{self, ParsedLesson, ReplacedPart};
use crate::content::overlay::Overlay;
use crate::content::picture::Pictures;
use crate::content::source::Programs;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// What the lessons of a locale refer to.
#[derive(Clone, Copy)]
pub(super) struct ParseContext<'a> {
    pub(super) programs: &'a Programs,
    pub(super) assessments: &'a Assessments,
    pub(super) glossary: &'a Glossary,
    pub(super) highlighter: &'a Highlighter,
    pub(super) messages: &'a MessageCatalog,
    pub(super) pictures: &'a Pictures,
    pub(super) overlay: &'a Overlay,
}

/// Parses the pages of a locale; returns them with the findings in their files.
pub(super) fn parse_pages(
    locale: Locale,
    context: ParseContext<'_>,
) -> (Vec<LessonPage>, Vec<ContentFinding>) {
    let mut findings = Vec::new();
    let mut pages = Vec::new();
    for file in &context.overlay.files {
        if let Some((found, path)) = page_path(&file.path)
            && found == locale
        {
            let page = parse_page(file, locale, path, context, &mut findings);
            pages.extend(page);
        }
    }
    (pages, findings)
}

fn parse_page(
    file: &SourceFile,
    locale: Locale,
    path: String,
    context: ParseContext<'_>,
    findings: &mut Vec<ContentFinding>,
) -> Option<LessonPage> {
    let finding = |line, rule, message| ContentFinding {
        file: file.path.clone(),
        line,
        rule,
        message,
    };
    // Another encoding is a finding of `files`.
    let text = load::normalise(std::str::from_utf8(&file.bytes).ok()?);
    let text = &*text;
    let (front, body, first_line) = match front_matter::parse(text) {
        Ok(parts) => parts,
        Err((line, message)) => {
            findings.push(finding(line, Rule::FrontMatter, message));
            return None;
        }
    };
    let ParseContext {
        programs,
        assessments,
        glossary,
        highlighter,
        messages,
        pictures,
        overlay,
    } = context;
    // An author cannot correct the links of a built-in lesson to lessons that the site leaves out.
    let is_built_in = overlay.built_in.contains(&file.path);
    let link_targets = is_built_in.then_some(&overlay.lessons);
    let context = markdown::LessonContext {
        first_line,
        locale,
        path: &path,
        programs,
        assessments,
        glossary,
        highlighter,
        messages,
        pictures,
        link_targets,
    };
    let parsed = markdown::parse(body, context);
    let markdown = plain_markdown(body, first_line, &parsed);
    findings.extend(
        parsed
            .findings
            .into_iter()
            .map(|(line, rule, message)| finding(line, rule, message)),
    );
    Some(LessonPage {
        locale,
        path,
        front,
        blocks: parsed.blocks,
        headings: parsed.headings,
        passages: parsed.passages,
        markdown,
        hash: hash(body),
        terms: parsed.terms,
        links: parsed.links,
        pictures: parsed.pictures,
    })
}

/// Returns the first 8 bytes of the SHA-256 of a text in hexadecimal digits: short enough to be copied, long enough to
/// differ for texts that differ.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let half = digest.iter().take(8);
    half.map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the body of a lesson as programs get it that know Markdown only: with the code in the fences that show functions,
/// and with links in the place of exercises, quizzes and terms. `first_line` is the number of its first line in the file.
fn plain_markdown(body: &str, first_line: usize, parsed: &ParsedLesson) -> String {
    let mut text = String::new();
    let mut lines = (first_line..).zip(body.lines());
    while let Some((number, line)) = lines.next() {
        let mut line = line.to_owned();
        for replacement in parsed.replacements.iter().filter(|one| one.line == number) {
            let markdown = &replacement.markdown;
            match &replacement.part {
                ReplacedPart::Destination(destination) => {
                    let written = format!("]({destination})");
                    line = line.replacen(&written, &format!("]({markdown})"), 1);
                }
                ReplacedPart::Fence => {
                    line.clone_from(markdown);
                    // Between the lines of the fence is nothing.
                    lines.find(|(_, line)| !line.trim().is_empty());
                }
            }
        }
        text.push_str(&line);
        text.push('\n');
        let source = parsed.sources.iter().find(|(line, _)| *line == number);
        if let Some((_, code)) = source {
            text.push_str(code.trim_end_matches('\n'));
            text.push('\n');
        }
    }
    text
}
