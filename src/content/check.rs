//! Checks that concern several lessons: links, sections and translations.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::content::finding::{ContentFinding, TRANSLATION};
use crate::content::front_matter::NeighbourLink;
use crate::content::lesson::{Heading, LessonPage};
use crate::content::library::Library;

/// Reports links that lead nowhere, lessons outside the sections of the site, missing translations, and
/// translations whose headings differ.
pub(super) fn check(
    library: &Library,
    built_in: &BTreeSet<String>,
    findings: &mut Vec<ContentFinding>,
) {
    for page in library.pages.values() {
        check_links(page, library, findings);
        check_aliases(page, library, findings);
        check_neighbours(page, library, findings);
        if !built_in.contains(&page.file()) {
            check_borrowed(page, library, built_in, findings);
        }
        if !library
            .sections
            .iter()
            .any(|section| section.pages.contains(&page.path))
        {
            let section = page.path.split('/').next().unwrap_or_default();
            let message = match library.site.is_hidden(section) {
                true => "site.toml hides this section: remove hidden = true there",
                false => "the folder is not among the sections of site.toml",
            };
            findings.push(page.finding(0, "section", message.to_owned()));
        }
        if !library.site.locales.contains(&page.locale.other()) {
            continue;
        }
        let Some(other) = library.page(page.locale.other(), &page.path) else {
            let file = format!("{}/{}.md", page.locale.other(), page.path);
            findings.push(page.finding(0, TRANSLATION, format!("{file} is missing")));
            continue;
        };
        // Once for both, in the file that can be edited.
        let is_built_in = |page: &LessonPage| built_in.contains(&page.file());
        let is_second = page.locale > other.locale;
        if is_built_in(page) || (is_second && !is_built_in(other)) {
            continue;
        }
        let id = |heading: Option<&Heading>| heading.map(|h| (h.level, h.id.clone()));
        let count = page.headings.len().max(other.headings.len());
        let differs = |at: &usize| id(page.headings.get(*at)) != id(other.headings.get(*at));
        if let Some(at) = (0..count).find(differs) {
            let heading = page.headings.get(at).or(page.headings.last());
            let message = format!(
                "from here on, levels and ids of the headings differ from {}",
                other.file()
            );
            let line = heading.map_or(0, |heading| heading.line);
            findings.push(page.finding(line, "heading-ids", message));
        }
    }
}

/// Reports earlier paths that are those of a lesson, or those of another lesson too.
fn check_aliases(page: &LessonPage, library: &Library, findings: &mut Vec<ContentFinding>) {
    for alias in &page.front.aliases {
        let is_lesson = |other: &&Arc<LessonPage>| other.path == *alias;
        let is_taken = |other: &&Arc<LessonPage>| {
            other.path != page.path && other.front.aliases.contains(alias)
        };
        let mut pages = library.pages.values();
        if let Some(other) = pages.find(|other| is_lesson(other) || is_taken(other)) {
            let message = format!(
                "the alias {alias} already leads to {}: remove it here or there",
                other.file()
            );
            findings.push(page.finding(1, "alias", message));
        }
    }
}

/// Reports built-in exercises and quizzes in a lesson of an author that are in a built-in lesson too: an exercise leads
/// back to one lesson.
fn check_borrowed(
    page: &LessonPage,
    library: &Library,
    built_in: &BTreeSet<String>,
    findings: &mut Vec<ContentFinding>,
) {
    let exercises = page.exercises().map(|exercise| exercise.file());
    let files = exercises.chain(page.quizzes().map(|quiz| quiz.file()));
    for file in files.filter(|file| built_in.contains(file)) {
        let has_it = |other: &&Arc<LessonPage>| {
            let mut exercises = other.exercises().map(|exercise| exercise.file());
            let mut quizzes = other.quizzes().map(|quiz| quiz.file());
            exercises.any(|other| other == file) || quizzes.any(|other| other == file)
        };
        let mut others = library.pages().filter(|other| other.locale == page.locale);
        if let Some(other) = others.find(|other| other.path != page.path && has_it(other)) {
            let message = format!(
                "the built-in lesson {} has {file} too: write a file of your own, or hide that lesson",
                other.file()
            );
            findings.push(page.finding(0, "fence", message));
        }
    }
}

/// Reports that the previous or next lesson that front matter names does not exist.
fn check_neighbours(page: &LessonPage, library: &Library, findings: &mut Vec<ContentFinding>) {
    for (key, link) in [("prev", &page.front.prev), ("next", &page.front.next)] {
        if let NeighbourLink::Lesson(path) = link
            && library.page(page.locale, path).is_none()
        {
            let message = format!("{key}: the lesson {path}.md does not exist");
            findings.push(page.finding(1, "link", message));
        }
    }
}

/// Reports links to lessons, headings or request blocks that do not exist.
fn check_links(page: &LessonPage, library: &Library, findings: &mut Vec<ContentFinding>) {
    for link in &page.links {
        let Some(target) = library.page(page.locale, &link.path) else {
            findings.push(page.finding(
                link.line,
                "link",
                format!("the lesson {}.md does not exist", link.path),
            ));
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
                "{} has no heading {{#{fragment}}} or request with this id",
                target.file()
            );
            findings.push(page.finding(link.line, "anchor", message));
        }
    }
}
