//! Builds the library from the files of a content folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::assessments::{Assessments, check_use};
use crate::content::check::{check, check_locale};
use crate::content::exercise::Exercise;
use crate::content::files::{check_files, page_path};
use crate::content::finding::{ContentFinding, Rule, sort_findings};
use crate::content::handlers::handler_sources;
use crate::content::highlight::Highlighter;
use crate::content::lesson::LessonPage;
use crate::content::library::{Library, Section};
use crate::content::load::SourceFile;
use crate::content::parse::{ParseContext, parse_pages};
use crate::content::site::{self, SiteConfig};
use crate::content::source::Programs;
use crate::i18n::I18n;
use crate::model::locale::Locale;

/// A content folder, as far as it could be parsed.
pub struct ParsedContent {
    /// The library of the lessons that are served. It may be served only when no finding is an error.
    pub library: Library,
    /// All lessons that could be parsed, also drafts.
    pub lessons: Vec<Arc<LessonPage>>,
    /// The exercises without errors, each once.
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
        let ParsedContent {
            mut library,
            findings,
            ..
        } = ParsedContent::parse(files, i18n);
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
    /// Parses the files of a content folder.
    pub fn parse(files: &[SourceFile], i18n: &I18n) -> ParsedContent {
        let mut findings = Vec::new();
        check_files(files, &mut findings);
        let site = site::parse(files, &mut findings);
        let programs = Programs::of(files);
        let highlighter = Highlighter::new();
        let handlers = handler_sources(&programs, &highlighter);
        let (assessments, found) = Assessments::parse(files, &site.locales, &highlighter);
        findings.extend(found);
        let mut lessons = Vec::new();
        for locale in Locale::ALL {
            let context = ParseContext {
                programs: &programs,
                assessments: &assessments,
                highlighter: &highlighter,
                messages: i18n.messages(locale),
            };
            let (pages, found) = parse_pages(files, locale, context);
            lessons.extend(pages.into_iter().map(Arc::new));
            findings.extend(found);
        }
        check_locale(&lessons, &site, &mut findings);
        lessons.retain(|page| site.locales.contains(&page.locale));
        findings.extend(uses(&assessments, files, &site, &lessons));
        let served = lessons.iter().filter(|page| !page.front.draft);
        let pages = served.map(|page| ((page.locale, page.path.clone()), page.clone()));
        let pages: BTreeMap<_, _> = pages.collect();
        let library = Library {
            sections: sections(&site, &pages),
            handlers,
            site,
            pages,
            warnings: Vec::new(),
        };
        check(&library, &lessons, files, &mut findings);
        sort_findings(&mut findings);
        ParsedContent {
            library,
            lessons,
            exercises: assessments.exercises.into_values().collect(),
            findings,
        }
    }
}

/// Returns the findings about where exercises and quizzes are shown. Those that no lesson shows are left out when a
/// lesson could not be parsed, because it may show them.
fn uses(
    assessments: &Assessments,
    files: &[SourceFile],
    site: &SiteConfig,
    lessons: &[Arc<LessonPage>],
) -> Vec<ContentFinding> {
    let mut findings = Vec::new();
    check_use(assessments, &site.locales, lessons, &mut findings);
    let is_listed = |(locale, _): &(Locale, String)| site.locales.contains(locale);
    let paths = files.iter().filter_map(|file| page_path(&file.path));
    if paths.filter(is_listed).count() > lessons.len() {
        findings.retain(|finding| finding.rule != Rule::UnusedAssessment);
    }
    findings
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
