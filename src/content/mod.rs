//! The library of lessons, which is parsed once at start and immutable afterwards.
//!
//! Each Markdown file of a content folder becomes a [`LessonPage`] that consists of [`LessonBlock`]s. `pages`
//! renders them; within this module only `load` accesses the file system.

mod advice;
mod assessments;
mod build;
mod check;
mod data_file;
mod emphasis;
mod exercise;
mod fence;
mod files;
mod finding;
mod front_matter;
mod glossary;
mod handlers;
mod highlight;
mod lesson;
mod library;
mod links;
pub mod load;
mod localized_text;
mod markdown;
mod member_text;
mod overlay;
mod parse;
mod picture;
mod quiz;
mod short_text;
mod site;
mod source;
#[cfg(test)]
mod tests;
mod toml_file;

pub use build::{ParsedContent, site_config};
pub use exercise::Exercise;
pub use finding::{ContentFinding, Rule, Severity, sort_findings};
pub use front_matter::{FrontMatter, LessonAccess, TranslationSource, WithLine};
pub use glossary::{Glossary, GlossaryTerm};
pub use handlers::HandlerSource;
pub use highlight::HighlightedCode;
pub use lesson::{CodeTab, Heading, LessonBlock, LessonPage, Passage, Playground, SampleBlock};
pub use library::{Library, Section};
pub use load::SourceFile;
pub use localized_text::LocalizedText;
pub use markdown::is_reserved_id;
pub use member_text::member_text_html;
pub use picture::{LOGO_SIZE_MAX, LogoError, Picture};
pub use quiz::{AnswerOption, Quiz, QuizQuestion};
pub use site::{HomeTexts, RESERVED_SLUGS, SiteConfig};
