//! `site.toml`: the site's title, languages and sections.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::load::normalise;
use crate::content::{ContentFinding, LessonPage, SourceFile};
use crate::model::locale::Locale;

/// First path segments that the site itself uses; a section cannot have their names.
pub const RESERVED: &[&str] = &[
    "bench",
    "exchanges",
    "search",
    "playground",
    "try",
    "login",
    "logout",
    "me",
    "learn",
    "team",
    "admin",
    "print",
    "api",
    "pkg",
    "problems",
];

/// What `site.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Name of the site.
    pub title: String,
    /// Language of a visitor whose own language is not there.
    pub default_locale: Locale,
    /// Languages that lessons come in.
    pub locales: Vec<Locale>,
    /// Address of the content folder's source, for "edit this page"; empty for none.
    #[serde(default)]
    pub edit_link: String,
    /// Sections in order.
    pub sections: Vec<SiteSection>,
}

/// A section as `site.toml` names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSection {
    /// Folder and first path segment.
    pub slug: String,
    /// Title in each language.
    pub title: BTreeMap<Locale, String>,
}

impl SiteConfig {
    /// Where the source of a page can be edited.
    pub fn edit_link(&self, page: &LessonPage) -> Option<String> {
        let folder = self.edit_link.trim_end_matches('/');
        (!folder.is_empty()).then(|| format!("{folder}/{}", page.file()))
    }

    /// The title of a section; its slug when it has none in this language.
    pub fn section_title(&self, slug: &str, locale: Locale) -> String {
        let section = self.sections.iter().find(|section| section.slug == slug);
        section
            .and_then(|section| section.title.get(&locale))
            .cloned()
            .unwrap_or_else(|| slug.to_owned())
    }
}

/// Reads `site.toml` from the files of a content folder.
pub(super) fn parse(files: &[SourceFile]) -> Result<SiteConfig, ContentFinding> {
    let found = |line, message| ContentFinding {
        file: "site.toml".to_owned(),
        line,
        rule: "site",
        message,
    };
    let Some(file) = files.iter().find(|file| file.path == "site.toml") else {
        return Err(found(
            0,
            "is missing: it names the site and its sections".to_owned(),
        ));
    };
    let text = std::str::from_utf8(&file.bytes).map_err(|_| found(0, "is not UTF-8".to_owned()))?;
    let text = normalise(text);
    let site: SiteConfig = toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        found(line, error.message().to_owned())
    })?;
    let line = |words: &[&str]| {
        let has_all = |line: &str| words.iter().all(|word| line.contains(word));
        text.lines().position(has_all).map_or(0, |at| at + 1)
    };
    if !site.locales.contains(&site.default_locale) {
        let message = format!(
            "default_locale {} is not among locales",
            site.default_locale
        );
        return Err(found(line(&["default_locale"]), message));
    }
    for (at, section) in site.sections.iter().enumerate() {
        let slug = &section.slug;
        let at_line = line(&["slug", &format!("{slug:?}")]);
        if RESERVED.contains(&slug.as_str()) {
            let message = format!("section {slug:?} is reserved: choose another name");
            return Err(found(at_line, message));
        }
        if site.sections[..at].iter().any(|other| other.slug == *slug) {
            return Err(found(at_line, format!("section {slug:?} is there twice")));
        }
    }
    Ok(site)
}
