//! `site.toml`: the title, locales and sections of the site. That of an author's folder is laid over the built-in one, key
//! by key.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::advice;
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
    "glossary",
    "exercises",
    "search",
    "palette",
    "messages",
    "playground",
    "progress",
    "quizzes",
    "try",
    "account",
    "join",
    "reset",
    "register",
    "forgot",
    "confirm-email",
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
    "scripts",
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

/// Parses the `site.toml` of a content folder, and adds its findings. Keys that it lacks are those of `built_in`, without
/// which they must be there. Of a file that is missing or cannot be parsed, the folders of the lessons take over, so that
/// the lessons can be checked.
pub(super) fn parse(
    files: &[SourceFile],
    built_in: Option<&SiteConfig>,
    findings: &mut Vec<ContentFinding>,
) -> SiteConfig {
    match (SiteToml::find(files), built_in) {
        (Some(file), _) => file.parse(built_in, findings).unwrap_or_else(|error| {
            findings.push(error);
            of_folders(files, built_in)
        }),
        (None, Some(built_in)) => built_in.clone(),
        (None, None) => {
            let message =
                "is missing: write one with title, default_locale, locales and [[sections]]";
            findings.push(finding(1, Rule::Site, message.to_owned()));
            of_folders(files, None)
        }
    }
}

/// Creates a finding for the logo at a path, which the file names.
pub(super) fn logo_finding(files: &[SourceFile], message: String) -> ContentFinding {
    let line = SiteToml::find(files).map_or(1, |file| file.line_with(&["logo"]));
    finding(line, Rule::PictureMissing, message)
}

fn finding(line: usize, rule: Rule, message: String) -> ContentFinding {
    ContentFinding {
        file: "site.toml".to_owned(),
        line,
        rule,
        message,
    }
}

/// The text of a `site.toml`.
struct SiteToml(String);

impl SiteToml {
    fn find(files: &[SourceFile]) -> Option<SiteToml> {
        let file = files.iter().find(|file| file.path == "site.toml")?;
        // Another encoding is a finding of `files`.
        let text = String::from_utf8_lossy(&file.bytes);
        Some(SiteToml(normalise(&text).into_owned()))
    }

    /// Returns the first line that contains all parts, from 1; 1 when there is none.
    fn line_with(&self, parts: &[&str]) -> usize {
        let has_all = |line: &str| parts.iter().all(|part| line.contains(part));
        self.0.lines().position(has_all).map_or(1, |at| at + 1)
    }

    /// Returns the configuration.
    ///
    /// # Errors
    /// The finding because of which there is none; others are added to `findings`.
    fn parse(
        &self,
        built_in: Option<&SiteConfig>,
        findings: &mut Vec<ContentFinding>,
    ) -> Result<SiteConfig, ContentFinding> {
        let keys: SiteKeys = toml::from_str(&self.0).map_err(|error| {
            let before = error.span().and_then(|span| self.0.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            finding(line, Rule::Site, advice::toml(error.message()))
        })?;
        let missing = |key: &str| finding(1, Rule::Site, format!("the key {key} is missing"));
        let title = keys.title.or(built_in.map(|site| site.title.clone()));
        let locales = keys.locales.or(built_in.map(|site| site.locales.clone()));
        let locales = locales.ok_or_else(|| missing("locales"))?;
        let Some(first) = locales.first().copied() else {
            let message = "locales is empty: name the languages of the lessons, ko or en";
            let line = self.line_with(&["locales"]);
            return Err(finding(line, Rule::Site, message.to_owned()));
        };
        let below = built_in.map(|site| site.default_locale);
        let default_locale = match (keys.default_locale, below) {
            (Some(locale), _) => locale,
            (None, Some(below)) if locales.contains(&below) => below,
            (None, Some(_)) => first,
            (None, None) => return Err(missing("default_locale")),
        };
        self.check_locales(default_locale, &locales, findings);
        for (key, texts) in [("title", &keys.home.title), ("lead", &keys.home.lead)] {
            for locale in locales.iter().filter(|_| !texts.is_empty()) {
                if !texts.contains_key(locale) {
                    let message = format!(
                        "the {key} of the front page is missing in {locale}: add {key}.{locale} = \"…\" to [home]"
                    );
                    let line = self.line_with(&["[home]"]);
                    findings.push(finding(line, Rule::Translation, message));
                }
            }
        }
        let uses_built_in = keys.built_in.unwrap_or(true);
        let known = built_in.map(|site| &site.sections[..]).unwrap_or_default();
        let (sections, hidden) = self.sections(
            keys.sections,
            known,
            uses_built_in,
            (default_locale, &locales),
            findings,
        );
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

    /// Reports a default language that is not one of the site, and languages that are listed twice.
    fn check_locales(
        &self,
        default: Locale,
        locales: &[Locale],
        findings: &mut Vec<ContentFinding>,
    ) {
        if !locales.contains(&default) {
            let message = format!("default_locale {default} is not among locales: add it there");
            let line = self.line_with(&["default_locale"]);
            findings.push(finding(line, Rule::Site, message));
        }
        for (at, locale) in locales.iter().enumerate() {
            if locales[..at].contains(locale) {
                let message = format!("locales lists {locale} twice: keep one");
                let line = self.line_with(&["locales", "["]);
                findings.push(finding(line, Rule::Site, message));
            }
        }
    }

    /// Returns the line of the `at`-th section with a slug, from 0.
    fn section_line(&self, slug: &str, at: usize) -> usize {
        let is_slug_line = |line: &str| {
            line.trim_start().starts_with("slug") && line.contains(&format!("{slug:?}"))
        };
        let lines = self.0.lines().enumerate();
        let mut lines = lines.filter(|(_, line)| is_slug_line(line));
        lines.nth(at).map_or(1, |(at, _)| at + 1)
    }

    /// Reports sections and chapters without a title in a language of the site.
    fn check_titles(
        &self,
        sections: &[SiteSection],
        locales: &[Locale],
        findings: &mut Vec<ContentFinding>,
    ) {
        for section in sections.iter().filter(|section| !section.title.is_empty()) {
            let slug = &section.slug;
            let line = self.section_line(slug, 0);
            let mut report =
                |message: String| findings.push(finding(line, Rule::Translation, message));
            for locale in locales {
                if !section.title.contains_key(locale) {
                    report(format!(
                        "section {slug:?} has no title in {locale}: add title.{locale} = \"…\""
                    ));
                }
                if !section.chapter.is_empty() && !section.chapter.contains_key(locale) {
                    report(format!(
                        "the chapter of section {slug:?} has no title in {locale}: add chapter.{locale} = \"…\""
                    ));
                }
            }
        }
    }

    /// Returns the sections in order, the built-in ones (`known`) that are not named last if they are used, and the slugs of those that are hidden.
    fn sections(
        &self,
        written: Vec<SectionKeys>,
        known: &[SiteSection],
        uses_built_in: bool,
        (default, locales): (Locale, &[Locale]),
        findings: &mut Vec<ContentFinding>,
    ) -> (Vec<SiteSection>, Vec<String>) {
        let built_in = if uses_built_in { known } else { &[] };
        let mut sections: Vec<SiteSection> = Vec::new();
        let mut hidden: Vec<String> = Vec::new();
        let mut slugs: Vec<String> = Vec::new();
        for SectionKeys {
            slug,
            title,
            icon,
            chapter,
            hidden: is_hidden,
        } in written
        {
            let earlier = slugs.iter().filter(|other| **other == slug).count();
            slugs.push(slug.clone());
            let line = self.section_line(&slug, earlier);
            let mut report = |rule, message: String| findings.push(finding(line, rule, message));
            if RESERVED_SLUGS.contains(&&*slug) {
                let message = format!(
                    "the site itself uses /{default}/{slug}: choose another name for the section"
                );
                report(Rule::Reserved, message);
            }
            if earlier > 0 {
                let message = format!("section {slug:?} is listed twice: remove one");
                report(Rule::Site, message);
                continue;
            }
            let below = built_in.iter().find(|section| section.slug == slug);
            if is_hidden && !known.iter().any(|section| section.slug == slug) {
                let message =
                    format!("there is no built-in section {slug:?} to be hidden: remove the entry");
                report(Rule::Site, message);
                continue;
            }
            if below.is_none() && title.is_empty() && !is_hidden {
                let message = format!(
                    "section {slug:?} has no title: add title.ko = \"…\" or title.en = \"…\""
                );
                report(Rule::Site, message);
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
                // The chapter of a section that is moved stays where it was.
                chapter: chapter.unwrap_or_default(),
                slug,
            });
        }
        self.check_titles(&sections, locales, findings);
        let is_named = |slug: &String| {
            hidden.contains(slug) || sections.iter().any(|section| section.slug == *slug)
        };
        let mut others: Vec<SiteSection> = Vec::new();
        // A chapter whose first section is hidden or moved begins with the next one.
        let mut chapter = BTreeMap::new();
        for section in built_in {
            if !section.chapter.is_empty() {
                chapter = section.chapter.clone();
            }
            if !is_named(&section.slug) {
                let chapter = std::mem::take(&mut chapter);
                let section = section.clone();
                others.push(SiteSection { chapter, ..section });
            }
        }
        sections.extend(others);
        (sections, hidden)
    }
}

/// Returns a configuration with the languages and sections that have folders with lessons, besides those of `built_in`.
fn of_folders(files: &[SourceFile], built_in: Option<&SiteConfig>) -> SiteConfig {
    let mut site = built_in.cloned().unwrap_or_else(|| SiteConfig {
        title: String::new(),
        logo: None,
        home: HomeTexts::default(),
        default_locale: Locale::default(),
        locales: Vec::new(),
        edit_link: String::new(),
        built_in: false,
        sections: Vec::new(),
        hidden: Vec::new(),
    });
    let lessons: Vec<_> = files
        .iter()
        .filter_map(|file| page_path(&file.path))
        .collect();
    if !lessons.is_empty() {
        site.locales.clear();
    }
    for (locale, path) in lessons {
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
    if !site.locales.contains(&site.default_locale) {
        site.default_locale = site.locales.first().copied().unwrap_or_default();
    }
    site
}
