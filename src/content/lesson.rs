//! A lesson and the blocks of its text.

use std::sync::Arc;

use crate::content::exercise::Exercise;
use crate::content::finding::{ContentFinding, Rule};
use crate::content::front_matter::{FrontMatter, LessonAccess};
use crate::content::highlight::HighlightedCode;
use crate::content::links::Link;
use crate::content::picture::Picture;
use crate::content::quiz::Quiz;
use crate::http_file::{BlockLine, Directive, RequestBlock as HttpBlock, SampleResponse};
use crate::model::diagram::Diagram;
use crate::model::expectation::Expectation;
use crate::model::http::RequestDraft;
use crate::model::locale::Locale;

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
    /// The text below each heading of level 2 or 3, in order; the first is the text before them.
    pub passages: Vec<Passage>,
    /// The Markdown without front matter, with the code of the functions that it shows.
    pub markdown: String,
    /// The hash of the text below the front matter, which a translation made from it names.
    pub hash: String,
    /// The ids of the terms of the glossary that the lesson explains, in order.
    pub terms: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) pictures: Vec<Arc<Picture>>,
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

/// The plain text below a heading of level 2 or 3, until the next one, or the text before the first. The search finds
/// passages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The id of the heading; empty before the first heading.
    pub id: String,
    /// The text of the heading; empty before the first heading.
    pub heading: String,
    /// The text, with a line for each block. Code that is taken from the source of the programs is left out.
    pub text: String,
}

/// One block of a lesson.
#[derive(Debug)]
pub enum LessonBlock {
    /// Prose as HTML.
    Html(String),
    /// Highlighted code.
    Code(HighlightedCode),
    /// A diagram.
    Diagram(Diagram),
    /// A request that the reader can send.
    Playground(Box<Playground>),
    /// A sample response, which is only displayed.
    Sample(Box<SampleBlock>),
    /// The same code in several forms, of which one is shown at a time.
    Tabs(Vec<CodeTab>),
    /// An exercise, graded from what the reader sends.
    Exercise(Arc<Exercise>),
    /// A quiz.
    Quiz(Arc<Quiz>),
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
    /// The line of the first of `block.lines` in the file, from 1.
    pub(super) lines_line: usize,
}

impl Playground {
    /// Returns the expectations of the `number`-th send, from 1, each with its line in the file.
    pub fn expectations(&self, number: u32) -> impl Iterator<Item = (usize, &Expectation)> {
        let lines = self.block.lines.iter().enumerate();
        lines.filter_map(move |(at, line)| match line {
            BlockLine::Directive(Directive::Expect { send, expectation })
                if send.includes(number) =>
            {
                Some((self.lines_line + at, expectation))
            }
            _ => None,
        })
    }
}

/// A sample response in a lesson.
#[derive(Debug)]
pub struct SampleBlock {
    /// The id of the preceding request block, whose response the sample shows.
    pub request_id: String,
    /// The parsed fence.
    pub response: SampleResponse,
    /// The fence, highlighted.
    pub code: HighlightedCode,
    /// The line of the fence in the file, from 1.
    pub line: usize,
}

/// One tab of a group of code tabs.
#[derive(Debug)]
pub struct CodeTab {
    /// The key of the tab. Selecting a tab selects the tabs with the same key in all groups.
    pub key: String,
    /// Highlighted code.
    pub code: HighlightedCode,
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

    /// Returns whether the navigation and the lists of lessons contain the lesson.
    pub fn is_listed(&self) -> bool {
        !self.front.sidebar.hidden
    }

    /// Returns whether only members may read the lesson.
    pub fn is_for_members(&self) -> bool {
        self.front.access == LessonAccess::Member
    }

    /// Returns the request blocks of the page, in order.
    pub fn playgrounds(&self) -> impl Iterator<Item = &Playground> {
        self.blocks.iter().filter_map(|block| match block {
            LessonBlock::Playground(playground) => Some(&**playground),
            _ => None,
        })
    }

    /// Returns the exercises of the page, in order.
    pub fn exercises(&self) -> impl Iterator<Item = &Arc<Exercise>> {
        self.blocks.iter().filter_map(|block| match block {
            LessonBlock::Exercise(exercise) => Some(exercise),
            _ => None,
        })
    }

    /// Returns the quizzes of the page, in order.
    pub fn quizzes(&self) -> impl Iterator<Item = &Arc<Quiz>> {
        self.blocks.iter().filter_map(|block| match block {
            LessonBlock::Quiz(quiz) => Some(quiz),
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
    pub fn finding(&self, line: usize, rule: Rule, message: String) -> ContentFinding {
        ContentFinding {
            file: self.file(),
            line,
            rule,
            message,
        }
    }
}
