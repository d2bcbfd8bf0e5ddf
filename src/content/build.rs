//! Builds the library from the files of a content folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::content::assessments::{Assessments, check_use};
use crate::content::check::check;
use crate::content::finding::ContentFinding;
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

impl Library {
    /// Builds the library from the files of a content folder.
    ///
    /// # Errors
    /// Returns all findings, sorted by file and line, when one of them is an error.
    pub fn build(files: &[SourceFile], i18n: &I18n) -> Result<Library, Vec<ContentFinding>> {
        let mut findings = Vec::new();
        let site = match site::parse(files) {
            Ok(site) => site,
            Err(finding) => return Err(vec![finding]),
        };
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
            };
            parse_pages(files, locale, context)
        });
        let mut pages = BTreeMap::new();
        for (lessons, found) in parsed {
            let is_listed = |page: &&LessonPage| site.locales.contains(&page.locale);
            for page in lessons.iter().filter(|page| !is_listed(page)) {
                let message = format!("{} is not among the locales of site.toml", page.locale);
                findings.push(page.finding(0, "locale", message));
            }
            findings.extend(found);
            let with_key = |page: LessonPage| ((page.locale, page.path.clone()), Arc::new(page));
            let is_served = |page: &LessonPage| is_listed(&page) && !page.front.draft;
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
            pages,
            warnings: Vec::new(),
        };
        check(&library, &mut findings);
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
