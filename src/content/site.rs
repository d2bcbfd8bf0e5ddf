//! `site.toml`: the title, locales and sections of the site. That of an author's folder is laid over the built-in one, key
//! by key.

use std::borrow::Cow;
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
    "pictures",
    "author",
];

/// The configuration of a site.
#[derive(Clone, Debug)]
pub struct SiteConfig {
    /// The name of the site.
    pub title: String,
    /// The path of the picture beside the name, inside the content folder.
    pub logo: Option<String>,
    /// The texts of the front page that differ from the messages of the interface.
    pub home: HomeTexts,
    /// The locale for visitors whose preferred languages are not offered.
    pub default_locale: Locale,
    /// The locales of the lessons.
    pub locales: Vec<Locale>,
    /// The address of the source of the content folder, for "edit this page" links; empty for no links.
    pub edit_link: String,
    /// Whether the built-in lessons are part of the site.
    pub built_in: bool,
    /// The sections in order.
    pub sections: Vec<SiteSection>,
    /// The built-in sections that are not shown.
    hidden: Vec<String>,
}

/// A section of the site.
#[derive(Clone, Debug)]
pub struct SiteSection {
    /// The name of the folder, which is also the first path segment.
    pub slug: String,
    /// The title in each locale.
    pub title: BTreeMap<Locale, String>,
    /// The icon on the front page.
    pub icon: SectionIcon,
    /// The title in each locale of the chapter that begins with this section; empty when none does.
    pub chapter: BTreeMap<Locale, String>,
}

/// The title and the introduction of the front page in each locale.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HomeTexts {
    /// The first heading.
    pub title: BTreeMap<Locale, String>,
    /// The sentences below it, which also describe the site to search engines.
    pub lead: BTreeMap<Locale, String>,
}

/// The keys of a `site.toml`; those that are absent are taken from the built-in one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteKeys {
    title: Option<String>,
    logo: Option<String>,
    #[serde(default)]
    home: HomeTexts,
    default_locale: Option<Locale>,
    locales: Option<Vec<Locale>>,
    edit_link: Option<String>,
    built_in: Option<bool>,
    #[serde(default)]
    sections: Vec<SectionKeys>,
}

/// A section as it is written. With the slug of a built-in section it changes that one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionKeys {
    slug: String,
    #[serde(default)]
    title: BTreeMap<Locale, String>,
    icon: Option<SectionIcon>,
    chapter: Option<BTreeMap<Locale, String>>,
    #[serde(default)]
    hidden: bool,
}

impl HomeTexts {
    /// Returns whether the site has the built-in front page.
    pub fn is_built_in(&self) -> bool {
        self.title.is_empty() && self.lead.is_empty()
    }
}

impl SiteConfig {
    /// Returns the address at which the source of a page can be edited.
    pub(super) fn edit_link(&self, page: &LessonPage) -> Option<String> {
        let folder = self.edit_link.trim_end_matches('/');
        (!folder.is_empty()).then(|| format!("{folder}/{}", page.file()))
    }

    /// Returns whether a built-in section is not shown.
    pub fn is_hidden(&self, slug: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden == slug)
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

/// Parses the `site.toml` of a content folder. Keys that it lacks are those of `built_in`, without which they must be
/// there.
pub(super) fn parse(
    files: &[SourceFile],
    built_in: Option<&SiteConfig>,
) -> Result<SiteConfig, ContentFinding> {
    match (files.iter().find(|file| file.path == "site.toml"), built_in) {
        (Some(file), _) => SiteToml::new(file)?.parse(built_in),
        (None, Some(built_in)) => Ok(built_in.clone()),
        (None, None) => Err(finding(
            0,
            "is missing: it names the site and its sections".to_owned(),
        )),
    }
}

/// Creates a finding for the logo at a path, which the file names.
pub(super) fn logo_finding(files: &[SourceFile], message: String) -> ContentFinding {
    let file = files.iter().find(|file| file.path == "site.toml");
    let text = file.and_then(|file| SiteToml::new(file).ok());
    let line = text.map_or(0, |text| text.line_with(&["logo"]));
    finding(line, message)
}

fn finding(line: usize, message: String) -> ContentFinding {
    ContentFinding {
        file: "site.toml".to_owned(),
        line,
        rule: "site",
        message,
    }
}

/// The text of a `site.toml`.
struct SiteToml<'a>(Cow<'a, str>);

impl SiteToml<'_> {
    fn new(file: &SourceFile) -> Result<SiteToml<'_>, ContentFinding> {
        let text =
            std::str::from_utf8(&file.bytes).map_err(|_| finding(0, "is not UTF-8".to_owned()))?;
        Ok(SiteToml(normalise(text)))
    }

    /// Returns the first line that contains all parts, from 1; 0 when there is none.
    fn line_with(&self, parts: &[&str]) -> usize {
        let has_all = |line: &str| parts.iter().all(|part| line.contains(part));
        self.0.lines().position(has_all).map_or(0, |at| at + 1)
    }

    fn parse(&self, built_in: Option<&SiteConfig>) -> Result<SiteConfig, ContentFinding> {
        let keys: SiteKeys = toml::from_str(&self.0).map_err(|error| {
            let line = error
                .span()
                .map_or(0, |span| self.0[..span.start].matches('\n').count() + 1);
            finding(line, error.message().to_owned())
        })?;
        let missing = |key: &str| finding(1, format!("the key {key} is missing"));
        let title = keys.title.or(built_in.map(|site| site.title.clone()));
        let locales = keys.locales.or(built_in.map(|site| site.locales.clone()));
        let locales = locales.ok_or_else(|| missing("locales"))?;
        let Some(first) = locales.first().copied() else {
            let message = "locales is empty: name the languages of the lessons, ko or en";
            return Err(finding(self.line_with(&["locales"]), message.to_owned()));
        };
        let default_locale = match (keys.default_locale, built_in) {
            (Some(locale), _) if !locales.contains(&locale) => {
                let message = format!("default_locale {locale} is not among locales");
                return Err(finding(self.line_with(&["default_locale"]), message));
            }
            (Some(locale), _) => locale,
            (None, Some(site)) if locales.contains(&site.default_locale) => site.default_locale,
            (None, Some(_)) => first,
            (None, None) => return Err(missing("default_locale")),
        };
        let uses_built_in = keys.built_in.unwrap_or(true);
        let below = built_in.filter(|_| uses_built_in);
        let below = below.map(|site| &site.sections[..]).unwrap_or_default();
        let (sections, hidden) = self.sections(keys.sections, below)?;
        Ok(SiteConfig {
            title: title.ok_or_else(|| missing("title"))?,
            logo: keys.logo,
            home: keys.home,
            default_locale,
            locales,
            edit_link: keys.edit_link.unwrap_or_default(),
            built_in: uses_built_in,
            sections,
            hidden,
        })
    }

    /// Returns the sections in order, the built-in ones that are not named last, and the slugs of those that are hidden.
    fn sections(
        &self,
        written: Vec<SectionKeys>,
        built_in: &[SiteSection],
    ) -> Result<(Vec<SiteSection>, Vec<String>), ContentFinding> {
        let mut sections: Vec<SiteSection> = Vec::new();
        let mut hidden: Vec<String> = Vec::new();
        for SectionKeys {
            slug,
            title,
            icon,
            chapter,
            hidden: is_hidden,
        } in written
        {
            let error = |message: String| {
                Err(finding(
                    self.line_with(&["slug", &format!("{slug:?}")]),
                    message,
                ))
            };
            if RESERVED_SLUGS.contains(&&*slug) {
                return error(format!("section {slug:?} is reserved: choose another name"));
            }
            if hidden.contains(&slug) || sections.iter().any(|other| other.slug == slug) {
                return error(format!("section {slug:?} is listed twice"));
            }
            let below = built_in.iter().find(|section| section.slug == slug);
            match below {
                None if is_hidden => {
                    return error(format!(
                        "there is no built-in section {slug:?} to be hidden: remove the entry"
                    ));
                }
                None if title.is_empty() => {
                    return error(format!(
                        "section {slug:?} has no title: add title.ko = \"…\" or title.en = \"…\""
                    ));
                }
                _ => {}
            }
            if is_hidden {
                hidden.push(slug);
                continue;
            }
            let mut titles = below
                .map(|section| section.title.clone())
                .unwrap_or_default();
            titles.extend(title);
            sections.push(SiteSection {
                title: titles,
                icon: icon
                    .or(below.map(|section| section.icon))
                    .unwrap_or_default(),
                chapter: chapter
                    .or(below.map(|section| section.chapter.clone()))
                    .unwrap_or_default(),
                slug,
            });
        }
        let is_named = |slug: &String| {
            hidden.contains(slug) || sections.iter().any(|section| section.slug == *slug)
        };
        let mut others: Vec<SiteSection> = Vec::new();
        // A chapter whose first section is hidden begins with the next one.
        let mut chapter = BTreeMap::new();
        for section in built_in {
            if !section.chapter.is_empty() {
                chapter = section.chapter.clone();
            }
            if hidden.contains(&section.slug) {
                continue;
            }
            let chapter = std::mem::take(&mut chapter);
            if !is_named(&section.slug) {
                let section = section.clone();
                others.push(SiteSection { chapter, ..section });
            }
        }
        sections.extend(others);
        Ok((sections, hidden))
    }
}
