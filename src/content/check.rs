//! Checks that concern several lessons: links, aliases, sections and translations.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::content::data_file::data_name;
use crate::content::files::page_path;
use crate::content::finding::{ContentFinding, Rule};
use crate::content::front_matter::{NeighbourLink, WithLine};
use crate::content::lesson::{Heading, LessonPage};
use crate::content::library::Library;
use crate::content::load::SourceFile;
use crate::content::overlay::Overlay;
use crate::content::site::{RESERVED_SLUGS, SiteConfig};
use crate::model::locale::Locale;
use crate::model::starting_data::StartingData;

/// Reports lessons in a language that `site.toml` does not list.
pub(super) fn check_locale(
    lessons: &[Arc<LessonPage>],
    site: &SiteConfig,
    findings: &mut Vec<ContentFinding>,
) {
    for page in lessons {
        let locale = page.locale;
        if !site.locales.contains(&locale) {
            let message = format!(
                "{locale} is not among the locales of site.toml: add it there, or delete the lesson"
            );
            findings.push(page.finding(1, Rule::Locale, message));
        }
    }
}

/// Reports links and aliases that lead nowhere or to another lesson, lessons outside the sections of the site, missing
/// and outdated translations, and translations whose headings differ. `lessons` are those of the library and drafts.
pub(super) fn check(
    library: &Library,
    lessons: &[Arc<LessonPage>],
    overlay: &Overlay,
    findings: &mut Vec<ContentFinding>,
) {
    let known = KnownLessons {
        library,
        lessons,
        files: &overlay.files,
        built_in: &overlay.built_in,
    };
    // An author cannot correct a built-in lesson.
    let own = |page: &&Arc<LessonPage>| !overlay.built_in.contains(&page.file());
    for page in lessons.iter().filter(own) {
        known.check_borrowed(page, findings);
        known.check_links(page, findings);
        known.check_aliases(page, findings);
        known.check_neighbours(page, findings);
        known.check_prerequisites(page, findings);
        known.check_data(page, findings);
        known.check_section(page, findings);
        known.check_translation(page, findings);
        known.check_source(page, findings);
    }
}

/// What a lesson can refer to.
struct KnownLessons<'a> {
    library: &'a Library,
    /// The lessons of the library and drafts.
    lessons: &'a [Arc<LessonPage>],
    /// The files, among them lessons that could not be parsed.
    files: &'a [SourceFile],
    /// The paths of the built-in files among them.
    built_in: &'a BTreeSet<String>,
}

impl KnownLessons<'_> {
    /// Returns a lesson or draft.
    fn find(&self, locale: Locale, path: &str) -> Option<&LessonPage> {
        let is_same = |page: &&Arc<LessonPage>| page.locale == locale && page.path == path;
        self.lessons.iter().find(is_same).map(|page| &**page)
    }

    /// Returns whether a lesson has a file that could not be parsed, which is a finding of its own.
    fn is_invalid(&self, locale: Locale, path: &str) -> bool {
        let of_file = |file: &SourceFile| page_path(&file.path);
        let is_same = |(of, other): (Locale, String)| of == locale && other == path;
        let has_file = self.files.iter().filter_map(of_file).any(is_same);
        has_file && self.find(locale, path).is_none()
    }

    /// Reports a lesson whose folder is not a section.
    fn check_section(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let slug = page.path.split('/').next().unwrap_or_default();
        let sections = &self.library.site.sections;
        if !sections.iter().any(|section| section.slug == slug) {
            let message = match self.library.site.is_hidden(slug) {
                true => "site.toml hides this section: remove hidden = true there".to_owned(),
                false => format!(
                    "the folder is not among the sections of site.toml: add [[sections]] with slug = {slug:?} there"
                ),
            };
            findings.push(page.finding(1, Rule::Section, message));
        }
    }

    /// Reports built-in exercises and quizzes in a lesson of an author that are in a built-in lesson too, because an
    /// exercise leads back to one lesson.
    fn check_borrowed(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let files_of = |page: &LessonPage| -> Vec<String> {
            let exercises = page.exercises().map(|exercise| exercise.file());
            exercises
                .chain(page.quizzes().map(|quiz| quiz.file()))
                .collect()
        };
        let files = files_of(page);
        for file in files.iter().filter(|file| self.built_in.contains(*file)) {
            let has_it = |other: &&Arc<LessonPage>| {
                let is_other = other.locale == page.locale && other.path != page.path;
                is_other && files_of(other).contains(file)
            };
            if let Some(other) = self.lessons.iter().find(has_it) {
                let message = format!(
                    "the built-in lesson {} has {file} too: write a file of your own, or hide that lesson",
                    other.file()
                );
                findings.push(page.finding(1, Rule::RepeatedAssessment, message));
            }
        }
    }

    /// Reports earlier paths that readers cannot use, that are those of a lesson, or those of another lesson too.
    fn check_aliases(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let aliases = &page.front.aliases;
        for (at, alias) in aliases.iter().enumerate() {
            let path = &alias.value;
            let is_lesson = |other: &&Arc<LessonPage>| other.path == *path;
            let is_taken = |other: &&Arc<LessonPage>| {
                let mut theirs = other.front.aliases.iter();
                other.path != page.path && theirs.any(|other| other.value == *path)
            };
            let mut others = self.lessons.iter();
            let other = others.find(|other| is_lesson(other) || is_taken(other));
            let section = path.split('/').next().unwrap_or_default();
            let message = if aliases[..at].iter().any(|other| other.value == *path) {
                format!("the alias {path} is listed twice: remove one")
            } else if path.split('/').filter(|part| !part.is_empty()).count() != 2 {
                format!("the alias {path:?} is not a path: write it as section/name")
            } else if RESERVED_SLUGS.contains(&section) {
                format!("the site itself uses addresses below {section}: remove the alias {path}")
            } else if let Some(other) = other {
                let file = other.file();
                format!("the alias {path} already leads to {file}: remove it here or there")
            } else {
                continue;
            };
            findings.push(page.finding(alias.line, Rule::Alias, message));
        }
    }

    /// Reports that the previous or next lesson that front matter names does not exist.
    fn check_neighbours(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        for neighbour in [&page.front.prev, &page.front.next] {
            let NeighbourLink::Lesson(path) = &neighbour.value else {
                continue;
            };
            self.check_path(page, (path, neighbour.line), findings);
        }
    }

    /// Reports a path in the front matter, with its line, at which there is no lesson.
    fn check_path(
        &self,
        page: &LessonPage,
        (path, line): (&str, usize),
        findings: &mut Vec<ContentFinding>,
    ) {
        let served = self.library.page_or_translation(page.locale, path);
        if served.is_none() && !self.is_invalid(page.locale, path) {
            let message = self.missing(page.locale, path, "write it as section/name");
            findings.push(page.finding(line, Rule::Link, message));
        }
    }

    /// Reports prerequisites that do not exist, are listed twice, or have the lesson among their own prerequisites.
    fn check_prerequisites(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let prerequisites = &page.front.lesson.prerequisites;
        for (at, WithLine { value: path, line }) in prerequisites.iter().enumerate() {
            self.check_path(page, (path, *line), findings);
            let mut earlier = prerequisites[..at].iter();
            let message = if earlier.any(|other| other.value == *path) {
                format!("{path} is listed twice: remove one")
            } else if let Some(way) = self.way_back(page, path) {
                format!(
                    "the prerequisites lead back to this lesson ({way}): remove one of them here or there"
                )
            } else {
                continue;
            };
            findings.push(page.finding(*line, Rule::Prerequisite, message));
        }
    }

    /// Reports starting data without a file.
    fn check_data(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let WithLine { value, line } = &page.front.data;
        let StartingData::Named(name) = value else {
            return;
        };
        let mut names = self.files.iter().filter_map(|file| data_name(&file.path));
        if names.clone().any(|other| other == name) {
            // A file with errors has findings of its own.
            return;
        }
        let message = match names.next() {
            None => format!("there is no data/{name}.json: write it, or begin with users"),
            Some(first) => {
                let others: String = names.map(|name| format!(", {name}")).collect();
                format!(
                    "there is no data/{name}.json: write it, or name one of users, {first}{others}"
                )
            }
        };
        findings.push(page.finding(*line, Rule::Data, message));
    }

    /// Returns the way from a lesson over one of its prerequisites back to itself, if there is one.
    fn way_back(&self, page: &LessonPage, first: &str) -> Option<String> {
        let mut seen = BTreeSet::new();
        let mut ways = vec![vec![first.to_owned()]];
        while let Some(way) = ways.pop() {
            let last = way.last()?;
            if *last == page.path {
                return Some(way.join(", then "));
            }
            if !seen.insert(last.clone()) {
                continue;
            }
            let own = self.find(page.locale, last);
            let served = self.library.page_or_translation(page.locale, last);
            if let Some(lesson) = own.or(served.map(|page| &**page)) {
                let after = lesson.front.lesson.prerequisites.iter();
                ways.extend(
                    after.map(|after| [&way[..], std::slice::from_ref(&after.value)].concat()),
                );
            }
        }
        None
    }

    /// Returns the message that a lesson is a draft or does not exist; `advice` says how its path is written.
    fn missing(&self, locale: Locale, path: &str, advice: &str) -> String {
        match self.find(locale, path) {
            Some(_) => {
                format!("{locale}/{path}.md is a draft, which readers cannot open: remove the link")
            }
            None => format!("{locale}/{path}.md does not exist: correct the path, {advice}"),
        }
    }

    /// Reports links to lessons, headings or request blocks that do not exist. A link to a lesson that exists in another
    /// language only leads to that.
    fn check_links(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        for link in &page.links {
            let own = self
                .find(page.locale, &link.path)
                .filter(|own| own.path == page.path);
            let served = self.library.page_or_translation(page.locale, &link.path);
            let Some(target) = own.or(served.map(|page| &**page)) else {
                if self.is_invalid(page.locale, &link.path) {
                    continue;
                }
                let advice = "which is relative to this file";
                let message = self.missing(page.locale, &link.path, advice);
                findings.push(page.finding(link.line, Rule::Link, message));
                continue;
            };
            let Some(fragment) = &link.fragment else {
                continue;
            };
            let mut headings = target.headings.iter();
            let mut requests = target.playgrounds();
            let is_found = headings.any(|heading| heading.id == *fragment)
                || requests.any(|request| request.id == *fragment);
            if !is_found {
                let message = format!(
                    "{} has no heading {{#{fragment}}} and no request with this id: correct the fragment",
                    target.file()
                );
                findings.push(page.finding(link.line, Rule::Anchor, message));
            }
        }
    }

    /// Reports a lesson without a translation, and the first heading of a translation that differs from the lesson in
    /// the default language.
    fn check_translation(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let site = &self.library.site;
        let other = page.locale.other();
        if !site.locales.contains(&other) || page.front.draft {
            return;
        }
        let Some(other) = self.find(other, &page.path) else {
            if !self.is_invalid(other, &page.path) {
                let message = format!(
                    "{other}/{}.md is missing: readers of that language get this text",
                    page.path
                );
                findings.push(page.finding(1, Rule::Translation, message));
            }
            return;
        };
        let has_ids = |page: &LessonPage| page.headings.iter().all(|one| !one.id.is_empty());
        // Once for both, in a file that the author can edit.
        let is_reported_there =
            page.locale == site.default_locale && !self.built_in.contains(&other.file());
        // A heading without an id is a finding of its own.
        if is_reported_there || !has_ids(page) || !has_ids(other) {
            return;
        }
        let id = |heading: &Heading| (heading.level, heading.id.clone());
        let written = |heading: &Heading| {
            let marks = "#".repeat(usize::from(heading.level));
            format!("{marks} … {{#{}}}", heading.id)
        };
        let count = page.headings.len().max(other.headings.len());
        for at in 0..count {
            let (here, there) = (page.headings.get(at), other.headings.get(at));
            if here.map(id) == there.map(id) {
                continue;
            }
            let file = other.file();
            let message = match there {
                Some(there) => format!(
                    "{file} has the heading {} here (line {}): use the same levels and ids in both",
                    written(there),
                    there.line
                ),
                None => format!("{file} has no such heading: use the same levels and ids in both"),
            };
            let line = here
                .or(page.headings.last())
                .map_or(1, |heading| heading.line);
            return findings.push(page.finding(line, Rule::HeadingIds, message));
        }
    }

    /// Reports a translation that was made from another text than the present one of its source.
    fn check_source(&self, page: &LessonPage, findings: &mut Vec<ContentFinding>) {
        let Some(source) = &page.front.l10n else {
            return;
        };
        let WithLine {
            value: locale,
            line,
        } = &source.source_locale;
        let mut report = |line, rule, message| findings.push(page.finding(line, rule, message));
        if *locale == page.locale {
            let message = format!(
                "sourceLocale is the language of the lesson itself, {locale}: name the other"
            );
            return report(*line, Rule::FrontMatter, message);
        }
        let Some(other) = self.find(*locale, &page.path) else {
            if !self.is_invalid(*locale, &page.path) {
                let message = format!(
                    "{locale}/{}.md, the source of the translation, is missing: remove l10n",
                    page.path
                );
                report(*line, Rule::OutdatedTranslation, message);
            }
            return;
        };
        let (file, hash) = (other.file(), &other.hash);
        match &source.source_hash {
            None => report(
                *line,
                Rule::OutdatedTranslation,
                format!(
                    "sourceHash is missing: compare the text with {file}, then write sourceHash: {hash:?}"
                ),
            ),
            Some(found) if found.value != *hash => report(
                found.line,
                Rule::OutdatedTranslation,
                format!(
                    "{file} has changed since it was translated: bring the text up to date, then write sourceHash: {hash:?}"
                ),
            ),
            Some(_) => {}
        }
    }
}
