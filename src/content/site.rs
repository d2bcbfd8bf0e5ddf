//! `site.toml`: the title, locales and sections of the site.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::finding::ContentFinding;
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

/// Parses `site.toml` from the files of a content folder.
pub(super) fn parse(files: &[SourceFile]) -> Result<SiteConfig, ContentFinding> {
    let finding = |line, message| ContentFinding {
        file: "site.toml".to_owned(),
        line,
        rule: "site",
        message,
    };
    let Some(file) = files.iter().find(|file| file.path == "site.toml") else {
        return Err(finding(
            0,
            "is missing: it names the site and its sections".to_owned(),
        ));
    };
    let text =
        std::str::from_utf8(&file.bytes).map_err(|_| finding(0, "is not UTF-8".to_owned()))?;
    let text = normalise(text);
    let site: SiteConfig = toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        finding(line, error.message().to_owned())
    })?;
    let line_with = |parts: &[&str]| {
        let has_all = |line: &str| parts.iter().all(|part| line.contains(part));
        text.lines().position(has_all).map_or(0, |at| at + 1)
    };
    if !site.locales.contains(&site.default_locale) {
        let message = format!(
            "default_locale {} is not among locales",
            site.default_locale
        );
        return Err(finding(line_with(&["default_locale"]), message));
    }
    for (at, section) in site.sections.iter().enumerate() {
        let slug = &section.slug;
        let at_line = line_with(&["slug", &format!("{slug:?}")]);
        if RESERVED_SLUGS.contains(&slug.as_str()) {
            let message = format!("section {slug:?} is reserved: choose another name");
            return Err(finding(at_line, message));
        }
        if site.sections[..at].iter().any(|other| other.slug == *slug) {
            return Err(finding(
                at_line,
                format!("section {slug:?} is listed twice"),
            ));
        }
    }
    Ok(site)
}
