//! The library of lessons, which is parsed once at start and immutable afterwards.
//!
//! Each Markdown file of a content folder becomes a [`LessonPage`] that consists of [`LessonBlock`]s. `pages`
//! renders them; within this module only `load` accesses the file system.

mod emphasis;
mod fence;
mod front_matter;
mod highlight;
mod links;
pub mod load;
mod markdown;
mod site;
mod source;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use crate::http_file::{RequestBlock as HttpBlock, SampleResponse};
use crate::i18n::{I18n, I18nError};
use crate::model::handler_source::HandlerSource;
use crate::model::http::RequestDraft;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

pub use front_matter::FrontMatter;
use highlight::Highlighter;
pub use load::SourceFile;
pub use site::{RESERVED, SiteConfig};
use source::{FunctionSource, Programs};

/// All lessons in all locales, with their order in the navigation.
pub struct Library {
    /// The configuration in `site.toml`.
    pub site: SiteConfig,
    pages: BTreeMap<(Locale, String), Arc<LessonPage>>,
    sections: Vec<Section>,
    handlers: BTreeMap<String, HandlerSource>,
}

/// One section of the navigation, the same in every locale.
#[derive(Clone, Debug)]
pub struct Section {
    /// The first segment of the paths of its pages.
    pub slug: String,
    /// The paths of its pages (`section/slug`), in reading order.
    pub pages: Vec<String>,
}

/// One lesson in one locale.
#[derive(Debug)]
pub struct LessonPage {
    /// The locale of the lesson.
    pub locale: Locale,
    /// The path `section/slug`, the same in every locale.
    pub path: String,
    /// The front matter of the file.
    pub front: FrontMatter,
    /// The blocks of the text, in order.
    pub blocks: Vec<LessonBlock>,
    /// The headings of all levels, in order.
    pub headings: Vec<Heading>,
    /// The Markdown as written, without front matter.
    pub markdown: String,
    links: Vec<links::Link>,
}

/// A heading of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// From 2 to 6.
    pub level: u8,
    /// The ASCII id, used as the fragment of links to the heading.
    pub id: String,
    /// The text without markup.
    pub text: String,
    /// The line in the file, from 1.
    pub line: usize,
}

/// One block of a lesson.
#[derive(Debug)]
pub enum LessonBlock {
    /// Prose as HTML.
    Html(String),
    /// Highlighted code as HTML.
    Code(String),
    /// A request that the reader can send.
    Playground(Box<Playground>),
    /// A sample response, which is only displayed.
    Sample(Box<SampleBlock>),
    /// The same code in several forms, of which one is shown at a time.
    Tabs(Vec<CodeTab>),
}

/// A request block of a lesson.
#[derive(Debug)]
pub struct Playground {
    /// The id, unique on the page.
    pub id: String,
    /// The parsed fence.
    pub block: HttpBlock,
    /// The request that the form contains at first; placeholders are not replaced.
    pub draft: RequestDraft,
    /// Whether the block is placed side by side with adjacent blocks that have `side`, on wide screens.
    pub side: bool,
    /// The line of the fence in the file, from 1.
    pub line: usize,
}

/// A sample response in a lesson.
#[derive(Debug)]
pub struct SampleBlock {
    /// The id of the request that the sample answers, which is the preceding request block.
    pub answers: String,
    /// The parsed fence.
    pub response: SampleResponse,
    /// The fence, highlighted.
    pub html: String,
    /// The line of the fence in the file, from 1.
    pub line: usize,
}

/// One tab of a group of code tabs.
#[derive(Debug)]
pub struct CodeTab {
    /// The key of the tab. Selecting a tab selects the tabs with the same key in all groups.
    pub key: String,
    /// Highlighted code as HTML.
    pub html: String,
}

/// An error in the content, with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentFinding {
    /// The path inside the content folder.
    pub file: String,
    /// The line from 1; 0 when the finding concerns the whole file.
    pub line: usize,
    /// The short name of the violated rule.
    pub rule: &'static str,
    /// A description of the error and of its correction.
    pub message: String,
}

impl fmt::Display for ContentFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: error[{}]: {}",
            self.file,
            self.line.max(1),
            self.rule,
            self.message
        )
    }
}

impl From<I18nError> for ContentFinding {
    fn from(error: I18nError) -> ContentFinding {
        ContentFinding {
            file: error.file,
            line: error.line,
            rule: "words",
            message: error.message,
        }
    }
}

impl Library {
    /// Builds the library from the files of a content folder.
    ///
    /// # Errors
    /// Returns all findings, sorted by file and line.
    pub fn build(files: &[SourceFile], i18n: &I18n) -> Result<Library, Vec<ContentFinding>> {
        let mut findings = Vec::new();
        let site = match site::parse(files) {
            Ok(site) => site,
            Err(finding) => return Err(vec![finding]),
        };
        let programs = Programs::of(files);
        let highlighter = Highlighter::new();
        // One thread for each locale, because highlighting takes most of the time of the start.
        let (handlers, read) = thread::scope(|scope| {
            let (programs, highlighter) = (&programs, &highlighter);
            let read = Locale::ALL.map(|locale| {
                let words = i18n.words(locale);
                scope.spawn(move || parse_pages(files, locale, programs, highlighter, words))
            });
            let handlers = handlers(programs, highlighter);
            let read =
                read.map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            (handlers, read)
        });
        let mut pages = BTreeMap::new();
        for (parsed, found) in read {
            let is_listed = |page: &&LessonPage| site.locales.contains(&page.locale);
            for page in parsed.iter().filter(|page| !is_listed(page)) {
                let message = format!("{} is not among the locales of site.toml", page.locale);
                findings.push(page.finding(0, "locale", message));
            }
            findings.extend(found);
            let named = |page: LessonPage| ((page.locale, page.path.clone()), Arc::new(page));
            let listed = parsed.into_iter().filter(|page| is_listed(&page));
            pages.extend(listed.map(named));
        }
        let mut library = Library {
            sections: sections(&site, &pages),
            handlers,
            site,
            pages,
        };
        library.check(&mut findings);
        match findings.is_empty() {
            true => {
                library.sections.retain(|section| !section.pages.is_empty());
                Ok(library)
            }
            false => {
                findings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
                Err(findings)
            }
        }
    }

    /// Returns the highlighted code of a handler of the API and of its Flask version, if there is one.
    pub fn handler(&self, name: &str) -> Option<&HandlerSource> {
        self.handlers.get(name)
    }

    /// Returns the lesson at a path, or `None` when it does not exist in this locale.
    pub fn page(&self, locale: Locale, path: &str) -> Option<&Arc<LessonPage>> {
        self.pages.get(&(locale, path.to_owned()))
    }

    /// Returns the lessons of all locales.
    pub fn pages(&self) -> impl Iterator<Item = &Arc<LessonPage>> {
        self.pages.values()
    }

    /// Returns the sections in the order of the navigation.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns the section with this slug.
    pub fn section(&self, slug: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.slug == slug)
    }

    /// Returns the lessons of a locale in reading order.
    pub fn in_order(&self, locale: Locale) -> impl Iterator<Item = &Arc<LessonPage>> {
        self.sections
            .iter()
            .flat_map(|section| &section.pages)
            .filter_map(move |path| self.page(locale, path))
    }

    /// Returns the lessons before and after a path in reading order.
    pub fn neighbours(
        &self,
        locale: Locale,
        path: &str,
    ) -> (Option<&Arc<LessonPage>>, Option<&Arc<LessonPage>>) {
        let pages: Vec<_> = self.in_order(locale).collect();
        match pages.iter().position(|page| page.path == path) {
            Some(at) => (
                at.checked_sub(1).map(|before| pages[before]),
                pages.get(at + 1).copied(),
            ),
            None => (None, None),
        }
    }

    fn check(&self, findings: &mut Vec<ContentFinding>) {
        for page in self.pages.values() {
            links::check(page, self, findings);
            if !self
                .sections
                .iter()
                .any(|section| section.pages.contains(&page.path))
            {
                findings.push(page.finding(
                    0,
                    "section",
                    "its folder is not among the sections of site.toml".to_owned(),
                ));
            }
            if !self.site.locales.contains(&page.locale.other()) {
                continue;
            }
            let Some(other) = self.page(page.locale.other(), &page.path) else {
                let file = format!("{}/{}.md", page.locale.other(), page.path);
                findings.push(page.finding(0, "translation", format!("{file} is missing")));
                continue;
            };
            if page.locale > other.locale {
                continue;
            }
            let id = |heading: Option<&Heading>| heading.map(|h| (h.level, h.id.clone()));
            let count = page.headings.len().max(other.headings.len());
            let differs = |at: &usize| id(page.headings.get(*at)) != id(other.headings.get(*at));
            if let Some(at) = (0..count).find(differs) {
                let heading = page.headings.get(at).or(page.headings.last());
                let message = format!(
                    "from here on the headings' levels and ids differ from {}",
                    other.file()
                );
                let line = heading.map_or(0, |heading| heading.line);
                findings.push(page.finding(line, "heading-ids", message));
            }
        }
    }
}

/// Returns whether the site itself uses an id on lesson pages, so that authors cannot use it.
pub fn is_reserved_id(id: &str) -> bool {
    markdown::is_reserved(id)
}

/// The handlers of the API, each with the function of the Flask version; empty when there is none.
const HANDLERS: [(&str, &str); 28] = [
    ("user::list", "list_users"),
    ("user::create", "create_user"),
    ("user::show", "get_user"),
    ("user::replace", "replace_user"),
    ("user::update", "update_user"),
    ("user::delete", "delete_user"),
    ("export::show", ""),
    ("session::show", "show_session"),
    ("session::create", "log_in"),
    ("session::delete", "log_out"),
    ("token::list", "app::list_tokens"),
    ("token::create", "create_token"),
    ("token::show", "get_token"),
    ("token::delete", "app::delete_token"),
    ("me::show", "show_me"),
    ("me::update", "update_me"),
    ("admin::stats", "show_stats"),
    ("echo::show", "echo"),
    ("status::show", ""),
    ("sandbox::show", ""),
    ("sandbox::create", ""),
    ("sandbox::update", ""),
    ("sandbox::delete", ""),
    ("sandbox::reset", ""),
    ("sandbox::undo", ""),
    ("exchange::list", ""),
    ("health::show", ""),
    ("openapi::show", ""),
];

/// Highlights the code of all [`HANDLERS`]. A Flask version in the content folder may lack functions.
fn handlers(programs: &Programs, highlighter: &Highlighter) -> BTreeMap<String, HandlerSource> {
    let cut = |source: String| {
        let source = FunctionSource::parse(&source).ok()?;
        let text = programs.cut(&source).ok()?;
        highlighter.code(source.language(), &text).ok()
    };
    let pair = |(name, flask): (&str, &str)| {
        let code = HandlerSource {
            axum: cut(format!("axum:resources::{name}")).or_else(|| cut(format!("axum:{name}")))?,
            flask: cut(format!("flask:{flask}")),
        };
        Some((name.to_owned(), code))
    };
    HANDLERS.into_iter().filter_map(pair).collect()
}

impl LessonPage {
    /// Returns the address of the page without the origin.
    pub fn href(&self) -> String {
        format!("/{}/{}", self.locale, self.path)
    }

    /// Returns the path of the file inside the content folder.
    pub fn file(&self) -> String {
        format!("{}/{}.md", self.locale, self.path)
    }

    /// Returns the short title for the navigation.
    pub fn label(&self) -> &str {
        self.front
            .sidebar
            .label
            .as_deref()
            .unwrap_or(&self.front.title)
    }

    /// Returns the request blocks of the page, in order.
    pub fn playgrounds(&self) -> impl Iterator<Item = &Playground> {
        self.blocks.iter().filter_map(|block| match block {
            LessonBlock::Playground(playground) => Some(&**playground),
            _ => None,
        })
    }

    /// Returns the sample responses of the page, in order.
    pub fn samples(&self) -> impl Iterator<Item = &SampleBlock> {
        self.blocks.iter().filter_map(|block| match block {
            LessonBlock::Sample(sample) => Some(&**sample),
            _ => None,
        })
    }

    /// Creates a finding for this page.
    pub fn finding(&self, line: usize, rule: &'static str, message: String) -> ContentFinding {
        ContentFinding {
            file: self.file(),
            line,
            rule,
            message,
        }
    }
}

/// Splits the path of a file: `ko/methods/get.md` becomes Korean and `methods/get`.
fn page_path(file: &str) -> Option<(Locale, String)> {
    let (first, rest) = file.split_once('/')?;
    Some((Locale::parse(first)?, rest.strip_suffix(".md")?.to_owned()))
}

/// Parses the pages of a locale; returns them with the findings in their files.
fn parse_pages(
    files: &[SourceFile],
    locale: Locale,
    programs: &Programs,
    highlighter: &Highlighter,
    words: &MessageCatalog,
) -> (Vec<LessonPage>, Vec<ContentFinding>) {
    let mut findings = Vec::new();
    let mut pages = Vec::new();
    for file in files {
        if let Some((found, path)) = page_path(&file.path)
            && found == locale
        {
            let page = parse_page(
                file,
                locale,
                path,
                programs,
                highlighter,
                words,
                &mut findings,
            );
            pages.extend(page);
        }
    }
    (pages, findings)
}

fn parse_page(
    file: &SourceFile,
    locale: Locale,
    path: String,
    programs: &Programs,
    highlighter: &Highlighter,
    words: &MessageCatalog,
    findings: &mut Vec<ContentFinding>,
) -> Option<LessonPage> {
    let found = |line, rule, message| ContentFinding {
        file: file.path.clone(),
        line,
        rule,
        message,
    };
    let text = match std::str::from_utf8(&file.bytes) {
        Ok(text) => load::normalise(text),
        Err(error) => {
            let read = &file.bytes[..error.valid_up_to()];
            let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
            let message = "is not UTF-8 from here on: save it as UTF-8".to_owned();
            findings.push(found(line, "encoding", message));
            return None;
        }
    };
    let text = &*text;
    let is_other = |line: &str| !unicode_normalization::is_nfc(line);
    if let Some(at) = text.lines().position(is_other) {
        findings.push(found(
            at + 1,
            "nfc",
            "is not in Unicode Normalization Form C: save it as NFC".to_owned(),
        ));
    }
    let is_slug = |s: &str| {
        !s.is_empty()
            && s.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if path.split('/').count() != 2 || !path.split('/').all(is_slug) {
        findings.push(found(
            0,
            "path",
            "a lesson is <section>/<slug>.md in ASCII kebab-case".to_owned(),
        ));
    }
    let (front, body, first_line) = match front_matter::parse(text) {
        Ok(parts) => parts,
        Err((line, message)) => {
            findings.push(found(line, "front-matter", message));
            return None;
        }
    };
    let context = markdown::Context {
        first_line,
        locale,
        path: &path,
        programs,
        highlighter,
        words,
    };
    let parsed = markdown::parse(body, context);
    findings.extend(
        parsed
            .problems
            .into_iter()
            .map(|(line, rule, message)| found(line, rule, message)),
    );
    Some(LessonPage {
        locale,
        path,
        front,
        blocks: parsed.blocks,
        headings: parsed.headings,
        markdown: body.to_owned(),
        links: parsed.links,
    })
}

fn sections(
    site: &SiteConfig,
    pages: &BTreeMap<(Locale, String), Arc<LessonPage>>,
) -> Vec<Section> {
    let in_section = |slug: &str| {
        let mut found: Vec<(i64, String)> = Vec::new();
        for page in pages.values() {
            let inside = page.path.split('/').next() == Some(slug);
            if inside && !found.iter().any(|(_, path)| *path == page.path) {
                found.push((
                    page.front.sidebar.order.unwrap_or(i64::MAX),
                    page.path.clone(),
                ));
            }
        }
        found.sort();
        found.into_iter().map(|(_, path)| path).collect()
    };
    site.sections
        .iter()
        .map(|section| Section {
            slug: section.slug.clone(),
            pages: in_section(&section.slug),
        })
        .collect()
}

#[cfg(test)]
mod tests;
