//! `site.toml`: the site's title, languages and sections.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::{Finding, SourceFile};
use crate::model::locale::Locale;

/// First path segments that the site itself uses; a section cannot have their names.
pub(super) const RESERVED: &[&str] = &[
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
pub struct Site {
    /// Name of the site.
    pub title: String,
    /// Language of a visitor whose own language is not there.
    pub default_locale: Locale,
    /// Languages that lessons come in.
    pub locales: Vec<Locale>,
    /// Address of the folder of sources, for "edit this page"; empty for none.
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

impl Site {
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
pub(super) fn parse(files: &[SourceFile]) -> Result<Site, Finding> {
    let found = |line, message| Finding {
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
    let site: Site = toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        found(line, error.message().to_owned())
    })?;
    match site
        .sections
        .iter()
        .find(|section| RESERVED.contains(&section.slug.as_str()))
    {
        Some(section) => Err(found(
            0,
            format!(
                "section {:?} is reserved: choose another name",
                section.slug
            ),
        )),
        None => Ok(site),
    }
}
