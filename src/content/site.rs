//! `site.toml`: the title, locales and sections of the site.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::files::page_path;
use crate::content::finding::{ContentFinding, Rule};
use crate::content::lesson::LessonPage;
use crate::content::load::{SourceFile, normalise};
use crate::model::icon::SectionIcon;
use crate::model::locale::Locale;

/// The first path segments that the site itself uses; a section cannot have one of them as its slug.
pub const RESERVED_SLUGS: &[&str] = &[
    "data",
    "exchanges",
    "exercises",
    "search",
    "palette",
    "messages",
    "playground",
    "quizzes",
    "try",
    "account",
    "join",
    "reset",
    "login",
    "logout",
    "me",
    "learn",
    "team",
    "admin",
    "print",
    "llms.txt",
    "llms-full.txt",
    "api",
    "pkg",
    "problems",
];

/// The configuration of a site in `site.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// The name of the site.
    pub title: String,
    /// The locale for visitors whose preferred languages are not offered.
    pub default_locale: Locale,
    /// The locales of the lessons.
    pub locales: Vec<Locale>,
    /// The address of the source of the content folder, for "edit this page" links; empty for no links.
    #[serde(default)]
    pub edit_link: String,
    /// The sections in order.
    pub sections: Vec<SiteSection>,
}

/// A section in `site.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSection {
    /// The name of the folder, which is also the first path segment.
    pub slug: String,
    /// The title in each locale.
    pub title: BTreeMap<Locale, String>,
    /// The icon on the front page.
    #[serde(default)]
    pub icon: SectionIcon,
    /// The title in each locale of the chapter that begins with this section; empty when none does.
    #[serde(default)]
    pub chapter: BTreeMap<Locale, String>,
}

impl SiteConfig {
    /// Returns the address at which the source of a page can be edited.
    pub fn edit_link(&self, page: &LessonPage) -> Option<String> {
        let folder = self.edit_link.trim_end_matches('/');
        (!folder.is_empty()).then(|| format!("{folder}/{}", page.file()))
    }

    /// Returns the icon of a section.
    pub fn section_icon(&self, slug: &str) -> SectionIcon {
        let section = self.sections.iter().find(|section| section.slug == slug);
        section.map(|section| section.icon).unwrap_or_default()
    }

    /// Returns the title of a section, or its slug when it has no title in this locale.
    pub fn section_title(&self, slug: &str, locale: Locale) -> String {
        let section = self.sections.iter().find(|section| section.slug == slug);
        section
            .and_then(|section| section.title.get(&locale))
            .cloned()
            .unwrap_or_else(|| slug.to_owned())
    }
}

/// Parses `site.toml` from the files of a content folder, and adds its findings. Of a file that is missing or cannot be
/// parsed, the folders of the lessons take over, so that the lessons can be checked.
pub(super) fn parse(files: &[SourceFile], findings: &mut Vec<ContentFinding>) -> SiteConfig {
    match read(files) {
        Ok((site, text)) => {
            check(&site, &text, findings);
            site
        }
        Err((line, message)) => {
            findings.push(finding(line, Rule::Site, message));
            of_folders(files)
        }
    }
}

fn finding(line: usize, rule: Rule, message: String) -> ContentFinding {
    ContentFinding {
        file: "site.toml".to_owned(),
        line,
        rule,
        message,
    }
}

/// Returns the configuration and its text, or the line and the message of the error that prevents it.
fn read(files: &[SourceFile]) -> Result<(SiteConfig, String), (usize, String)> {
    let file = files.iter().find(|file| file.path == "site.toml");
    let file = file.ok_or_else(|| {
        let message = "is missing: write one with title, default_locale, locales and [[sections]]";
        (1, message.to_owned())
    })?;
    let text = normalise(&String::from_utf8_lossy(&file.bytes)).into_owned();
    match toml::from_str(&text) {
        Ok(site) => Ok((site, text)),
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            Err((line, error.message().to_owned()))
        }
    }
}

/// Reports values that contradict each other or the site.
fn check(site: &SiteConfig, text: &str, findings: &mut Vec<ContentFinding>) {
    let line_with = |parts: &[&str]| {
        let has_all = |line: &str| parts.iter().all(|part| line.contains(part));
        text.lines().position(has_all).map_or(1, |at| at + 1)
    };
    let mut report = |line, rule, message: String| findings.push(finding(line, rule, message));
    let default = site.default_locale;
    if !site.locales.contains(&default) {
        let message = format!("default_locale {default} is not among locales: add it there");
        report(line_with(&["default_locale"]), Rule::Site, message);
    }
    for (at, locale) in site.locales.iter().enumerate() {
        if site.locales[..at].contains(locale) {
            let message = format!("locales lists {locale} twice: keep one");
            report(line_with(&["locales", "["]), Rule::Site, message);
        }
    }
    for (at, section) in site.sections.iter().enumerate() {
        let slug = &section.slug;
        let is_slug_line = |line: &&str| {
            line.trim_start().starts_with("slug") && line.contains(&format!("{slug:?}"))
        };
        let is_same = |other: &&SiteSection| other.slug == *slug;
        let earlier = site.sections[..at].iter().filter(is_same).count();
        let mut lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| is_slug_line(line));
        let line = lines.nth(earlier).map_or(1, |(at, _)| at + 1);
        if RESERVED_SLUGS.contains(&slug.as_str()) {
            let message = format!(
                "the site itself uses /{default}/{slug}: choose another name for the section"
            );
            report(line, Rule::Reserved, message);
        }
        if earlier > 0 {
            let message = format!("section {slug:?} is listed twice: remove one");
            report(line, Rule::Site, message);
        }
        for locale in &site.locales {
            if !section.title.contains_key(locale) {
                let message = format!(
                    "section {slug:?} has no title in {locale}: add title.{locale} = \"…\""
                );
                report(line, Rule::Translation, message);
            }
            if !section.chapter.is_empty() && !section.chapter.contains_key(locale) {
                let message = format!(
                    "the chapter of section {slug:?} has no title in {locale}: add chapter.{locale} = \"…\""
                );
                report(line, Rule::Translation, message);
            }
        }
    }
}

/// Returns a configuration with the languages and sections that have folders with lessons.
fn of_folders(files: &[SourceFile]) -> SiteConfig {
    let mut site = SiteConfig {
        title: String::new(),
        default_locale: Locale::default(),
        locales: Vec::new(),
        edit_link: String::new(),
        sections: Vec::new(),
    };
    for (locale, path) in files.iter().filter_map(|file| page_path(&file.path)) {
        if !site.locales.contains(&locale) {
            site.locales.push(locale);
        }
        let slug = path.split('/').next().unwrap_or_default();
        if !site.sections.iter().any(|section| section.slug == slug) {
            site.sections.push(SiteSection {
                slug: slug.to_owned(),
                title: BTreeMap::new(),
                icon: SectionIcon::default(),
                chapter: BTreeMap::new(),
            });
        }
    }
    site.default_locale = site.locales.first().copied().unwrap_or_default();
    site
}
