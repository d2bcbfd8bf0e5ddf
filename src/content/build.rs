//! Builds the library from the files of a content folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::content::assessments::{Assessments, check_use};
use crate::content::check::{check, check_locale};
use crate::content::data_file;
use crate::content::exercise::Exercise;
use crate::content::files::{check_files, is_refused_for_its_size, page_path};
use crate::content::finding::{ContentFinding, Rule, sort_findings};
use crate::content::glossary::Glossary;
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

/// A content folder, as far as it could be parsed.
pub struct ParsedContent {
    /// The library of the lessons that are served. It may be served only when no finding is an error.
    pub library: Library,
    /// All lessons of the author that could be parsed, also drafts.
    pub lessons: Vec<Arc<LessonPage>>,
    /// The exercises of the author without errors, each once.
    pub exercises: Vec<Arc<Exercise>>,
    /// All findings, sorted by file and line.
    pub findings: Vec<ContentFinding>,
}

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
        let ParsedContent {
            mut library,
            findings,
            ..
        } = ParsedContent::parse(built_in, own, i18n, shows_drafts);
        match findings.iter().all(ContentFinding::is_warning) {
            true => {
                library.warnings = findings;
                Ok(library)
            }
            false => Err(findings),
        }
    }
}

impl ParsedContent {
    /// Parses the files of an author's folder, laid over built-in ones.
    pub fn parse(
        built_in: &[SourceFile],
        own: &[SourceFile],
        i18n: &I18n,
        shows_drafts: bool,
    ) -> ParsedContent {
        let mut findings = Vec::new();
        check_files(own, &mut findings);
        let site = parse_site(built_in, own, &mut findings);
        let overlay = Overlay::new(own, built_in, &site);
        let files = &overlay.files[..];
        let (pictures, found) = Pictures::parse(files);
        findings.extend(found);
        let programs = Programs::of(files);
        let highlighter = Highlighter::new();
        let handlers = handler_sources(&programs, &highlighter);
        let (assessments, found) = Assessments::parse(files, &site.locales, &highlighter);
        findings.extend(found);
        let below = if site.built_in { built_in } else { &[] };
        let (glossary, found) = Glossary::parse(below, own, &site.locales);
        findings.extend(found);
        let (data, found) = data_file::parse(files);
        findings.extend(found);
        let mut lessons = Vec::new();
        for locale in Locale::ALL {
            let context = ParseContext {
                programs: &programs,
                assessments: &assessments,
                glossary: &glossary,
                highlighter: &highlighter,
                messages: i18n.messages(locale),
                pictures: &pictures,
                overlay: &overlay,
            };
            let (pages, found) = parse_pages(locale, context);
            lessons.extend(pages.into_iter().map(Arc::new));
            findings.extend(found);
        }
        check_locale(&lessons, &site, &mut findings);
        let (logo, found) = uses_of_pictures(own, &site, &pictures, &lessons);
        findings.extend(found);
        lessons.retain(|page| site.locales.contains(&page.locale));
        check_use(&assessments, &site.locales, &lessons, &mut findings);
        let is_listed = |(locale, _): &(Locale, String)| site.locales.contains(locale);
        let paths = files.iter().filter_map(|file| page_path(&file.path));
        if paths.filter(is_listed).count() > lessons.len() {
            // A lesson that could not be parsed may show them.
            let is_unused = |rule| matches!(rule, Rule::UnusedAssessment | Rule::UnusedPicture);
            findings.retain(|finding| !is_unused(finding.rule));
        }
        let pages = lessons
            .iter()
            .map(|page| ((page.locale, page.path.clone()), page.clone()));
        let (pages, drafts): (BTreeMap<_, _>, BTreeMap<_, _>) =
            pages.partition(|(_, page)| shows_drafts || !page.front.draft);
        let mut library = Library {
            sections: sections(&site, &pages),
            handlers,
            data,
            glossary,
            site,
            pictures: served_pictures(logo.as_ref(), pages.values().chain(drafts.values())),
            logo,
            pages,
            drafts,
            built_in: BTreeSet::new(),
            warnings: Vec::new(),
        };
        check(&library, &lessons, &overlay, &mut findings);
        let too_large = own.iter().filter(|file| is_refused_for_its_size(file));
        let too_large: BTreeSet<&str> = too_large.map(|file| &*file.path).collect();
        findings.retain(|finding| {
            let is_first = finding.rule == Rule::FileSize;
            overlay.is_own(finding) && (is_first || !too_large.contains(&*finding.file))
        });
        sort_findings(&mut findings);
        lessons.retain(|page| !overlay.built_in.contains(&page.file()));
        let exercises = assessments.exercises.into_values();
        let exercises = exercises.filter(|one| !overlay.built_in.contains(&one.file()));
        let exercises = exercises.collect();
        library.built_in = overlay.built_in;
        ParsedContent {
            library,
            lessons,
            exercises,
            findings,
        }
    }
}

/// Returns the configuration of the site of an author's folder, which is laid over the built-in content.
///
/// # Errors
/// The first error in its `site.toml`.
pub fn site_config(own: &[SourceFile]) -> Result<SiteConfig, ContentFinding> {
    let mut findings = Vec::new();
    let site = parse_site(&load::built_in(), own, &mut findings);
    match findings.into_iter().find(|finding| !finding.is_warning()) {
        Some(finding) => Err(finding),
        None => Ok(site),
    }
}

/// Parses the `site.toml` of an author, over the built-in one when there are built-in files.
fn parse_site(
    built_in: &[SourceFile],
    own: &[SourceFile],
    findings: &mut Vec<ContentFinding>,
) -> SiteConfig {
    let below = (!built_in.is_empty()).then(|| site::parse(built_in, None, &mut Vec::new()));
    site::parse(own, below.as_ref(), findings)
}

/// Returns the logo, and the findings that concern it and the pictures that are not shown.
fn uses_of_pictures(
    own: &[SourceFile],
    site: &SiteConfig,
    pictures: &Pictures,
    lessons: &[Arc<LessonPage>],
) -> (Option<Arc<Picture>>, Vec<ContentFinding>) {
    let mut findings = Vec::new();
    let logo = site.logo.as_ref().and_then(|path| match pictures.at(path) {
        Ok(picture) => Some(picture.clone()),
        Err(message) => {
            findings.extend(message.map(|message| site::logo_finding(own, message)));
            None
        }
    });
    let shown = lessons.iter().flat_map(|lesson| &lesson.pictures);
    let used = shown.chain(&logo).map(|picture| &*picture.file);
    findings.extend(pictures.check_use(&used.collect::<Vec<_>>()));
    (logo, findings)
}

/// Returns the pictures of the pages and drafts of a site by the last segments of their addresses.
fn served_pictures<'a>(
    logo: Option<&'a Arc<Picture>>,
    pages: impl Iterator<Item = &'a Arc<LessonPage>>,
) -> BTreeMap<String, Arc<Picture>> {
    let shown = pages.flat_map(|page| &page.pictures).chain(logo);
    shown
        .map(|picture| (picture.name.clone(), picture.clone()))
        .collect()
}

/// Returns the sections of `site.toml` that have lessons, with the paths of their pages, sorted by order and path.
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
    let sections = site.sections.iter().map(|section| Section {
        slug: section.slug.clone(),
        pages: paths_in_section(&section.slug),
    });
    sections
        .filter(|section| !section.pages.is_empty())
        .collect()
}
