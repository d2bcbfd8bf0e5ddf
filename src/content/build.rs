//! Builds the library from the files of a content folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::content::assessments::{Assessments, check_use};
use crate::content::check::check;
use crate::content::finding::ContentFinding;
use crate::content::handlers::handler_sources;
use crate::content::highlight::Highlighter;
use crate::content::lesson::LessonPage;
use crate::content::library::{Library, Section};
use crate::content::load::{self, SourceFile};
use crate::content::overlay::Overlay;
use crate::content::parse::{ParseContext, parse_pages};
use crate::content::picture::{Picture, Pictures};
use crate::content::site::{self, SiteConfig};
use crate::content::source::Programs;
use crate::i18n::I18n;
use crate::model::locale::Locale;

impl Library {
    /// Builds the library from the files of a content folder.
    ///
    /// # Errors
    /// Returns all findings, sorted by file and line, when one of them is an error.
    pub fn build(files: &[SourceFile], i18n: &I18n) -> Result<Library, Vec<ContentFinding>> {
        Library::build_over(&[], files, i18n, false)
    }

    /// Builds the library from the files of an author's folder, which are laid over built-in ones: a file replaces the
    /// built-in one with the same path. Lessons with `draft: true` are part of it when `shows_drafts`.
    ///
    /// # Errors
    /// The same as [`Library::build`]; built-in files have no findings, because the author cannot edit them.
    pub fn build_over(
        built_in: &[SourceFile],
        own: &[SourceFile],
        i18n: &I18n,
        shows_drafts: bool,
    ) -> Result<Library, Vec<ContentFinding>> {
        let mut findings = Vec::new();
        let site = parse_site(built_in, own).map_err(|finding| vec![finding])?;
        let overlay = Overlay::new(own, built_in, &site);
        let files = &overlay.files[..];
        let (pictures, found) = Pictures::parse(files);
        findings.extend(found);
        let programs = Programs::of(files);
        let highlighter = Highlighter::new();
        let handlers = handler_sources(&programs, &highlighter);
        let (assessments, found) = Assessments::parse(files, &site.locales, &highlighter);
        findings.extend(found);
        let parsed = Locale::ALL.map(|locale| {
            let context = ParseContext {
                programs: &programs,
                assessments: &assessments,
                highlighter: &highlighter,
                messages: i18n.messages(locale),
                pictures: &pictures,
                overlay: &overlay,
            };
            parse_pages(locale, context)
        });
        let lessons = parsed.iter().flat_map(|(lessons, _)| lessons);
        let shown = lessons.flat_map(|lesson| &lesson.pictures);
        let used: Vec<&str> = shown.map(|picture| &*picture.file).collect();
        let (logo, found) = find_logo(own, &site, &pictures, &used);
        findings.extend(found);
        let mut pages = BTreeMap::new();
        for (lessons, found) in parsed {
            let is_listed = |page: &&LessonPage| site.locales.contains(&page.locale);
            for page in lessons.iter().filter(|page| !is_listed(page)) {
                let message = format!("{} is not among the locales of site.toml", page.locale);
                findings.push(page.finding(0, "locale", message));
            }
            findings.extend(found);
            let with_key = |page: LessonPage| ((page.locale, page.path.clone()), Arc::new(page));
            let is_served =
                |page: &LessonPage| is_listed(&page) && (shows_drafts || !page.front.draft);
            let listed = lessons.into_iter().filter(is_served);
            pages.extend(listed.map(with_key));
        }
        for locale in &site.locales {
            let pages = pages.values().map(|page| &**page);
            findings.extend(check_use(&assessments, *locale, pages));
        }
        let mut library = Library {
            sections: sections(&site, &pages),
            handlers,
            site,
            pictures: served_pictures(logo.as_ref(), pages.values()),
            logo,
            pages,
            built_in: BTreeSet::new(),
            warnings: Vec::new(),
        };
        check(&library, &overlay.built_in, &mut findings);
        findings.retain(|finding| overlay.is_own(finding));
        library.built_in = overlay.built_in;
        findings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        match findings.iter().all(ContentFinding::is_warning) {
            true => {
                library.sections.retain(|section| !section.pages.is_empty());
                library.warnings = findings;
                Ok(library)
            }
            false => Err(findings),
        }
    }
}

/// Returns the configuration of the site of an author's folder, which is laid over the built-in content.
///
/// # Errors
/// The error in its `site.toml`.
pub fn site_config(own: &[SourceFile]) -> Result<SiteConfig, ContentFinding> {
    parse_site(&load::built_in(), own)
}

/// Parses the `site.toml` of an author, over the built-in one when there are built-in files.
fn parse_site(built_in: &[SourceFile], own: &[SourceFile]) -> Result<SiteConfig, ContentFinding> {
    match built_in.is_empty() {
        true => site::parse(own, None),
        false => site::parse(own, Some(&site::parse(built_in, None)?)),
    }
}

/// Returns the logo, and the findings that concern it and the pictures that are not shown.
fn find_logo(
    own: &[SourceFile],
    site: &SiteConfig,
    pictures: &Pictures,
    shown: &[&str],
) -> (Option<Arc<Picture>>, Vec<ContentFinding>) {
    let mut findings = Vec::new();
    let logo = site.logo.as_ref().and_then(|path| match pictures.at(path) {
        Ok(picture) => Some(picture.clone()),
        Err(message) => {
            findings.extend(message.map(|message| site::logo_finding(own, message)));
            None
        }
    });
    let logo_file = logo.iter().map(|logo| &*logo.file);
    let used: Vec<&str> = shown.iter().copied().chain(logo_file).collect();
    findings.extend(pictures.check_use(&used));
    (logo, findings)
}

/// Returns the pictures of the pages of a site by the last segments of their addresses.
fn served_pictures<'a>(
    logo: Option<&'a Arc<Picture>>,
    pages: impl Iterator<Item = &'a Arc<LessonPage>>,
) -> BTreeMap<String, Arc<Picture>> {
    let shown = pages.flat_map(|page| &page.pictures).chain(logo);
    shown
        .map(|picture| (picture.name.clone(), picture.clone()))
        .collect()
}

/// Returns the sections of `site.toml` with the paths of their pages, sorted by order and path.
fn sections(
    site: &SiteConfig,
    pages: &BTreeMap<(Locale, String), Arc<LessonPage>>,
) -> Vec<Section> {
    let paths_in_section = |slug: &str| {
        let mut found: Vec<(i64, String)> = Vec::new();
        for page in pages.values() {
            let is_inside = page.path.split('/').next() == Some(slug);
            if is_inside && !found.iter().any(|(_, path)| *path == page.path) {
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
            pages: paths_in_section(&section.slug),
        })
        .collect()
}
