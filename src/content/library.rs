//! The lessons of a site, found by locale and path. `build` creates the library.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::content::data_file::StartingUsers;
use crate::content::exercise::Exercise;
use crate::content::finding::{ContentFinding, Rule};
use crate::content::front_matter::NeighbourLink;
use crate::content::glossary::Glossary;
use crate::content::handlers::HandlerSource;
use crate::content::highlight::HighlightedCode;
use crate::content::lesson::{LessonBlock, LessonPage};
use crate::content::picture::Picture;
use crate::content::quiz::Quiz;
use crate::content::site::SiteConfig;
use crate::model::locale::Locale;
use crate::model::starting_data::StartingData;
use crate::model::user::User;

/// All lessons in all locales, with their order in the navigation.
pub struct Library {
    /// The configuration in `site.toml`.
    pub site: SiteConfig,
    /// The terms that lessons explain.
    pub glossary: Glossary,
    pub(super) pages: BTreeMap<(Locale, String), Arc<LessonPage>>,
    /// The lessons with `draft: true` that are not part of the site.
    pub(super) drafts: BTreeMap<(Locale, String), Arc<LessonPage>>,
    pub(super) sections: Vec<Section>,
    pub(super) handlers: BTreeMap<String, HandlerSource>,
    /// The starting data of lessons by the names of their files.
    pub(super) data: StartingUsers,
    pub(super) warnings: Vec<ContentFinding>,
    pub(super) logo: Option<Arc<Picture>>,
    /// The pictures of the site by the last segments of their addresses.
    pub(super) pictures: BTreeMap<String, Arc<Picture>>,
    /// The paths of built-in files, over which the folder of an author is laid.
    pub(super) built_in: BTreeSet<String>,
}

/// One section of the navigation, the same in every locale.
#[derive(Clone, Debug)]
pub struct Section {
    /// The first segment of the paths of its pages.
    pub slug: String,
    /// The paths of its pages (`section/slug`), in reading order.
    pub pages: Vec<String>,
}

impl Library {
    /// Highlights all code that has not been shown yet, which takes some hundred milliseconds, and so frees the memory
    /// of the grammars.
    pub fn highlight_all(&self) {
        for handler in self.handlers.values() {
            handler.axum.html();
            handler.flask.as_ref().map(HighlightedCode::html);
        }
        for block in self.pages().flat_map(|page| &page.blocks) {
            match block {
                LessonBlock::Code(code) => {
                    code.html();
                }
                LessonBlock::Sample(sample) => {
                    sample.code.html();
                }
                LessonBlock::Tabs(tabs) => tabs.iter().for_each(|tab| {
                    tab.code.html();
                }),
                LessonBlock::Exercise(exercise) => {
                    exercise.solution_code.html();
                }
                LessonBlock::Html(_)
                | LessonBlock::Diagram(_)
                | LessonBlock::Playground(_)
                | LessonBlock::Quiz(_) => {}
            }
        }
    }

    /// Returns the code of a handler of the API and of its Flask version, if there is one.
    pub fn handler(&self, name: &str) -> Option<&HandlerSource> {
        self.handlers.get(name)
    }

    /// Returns the users with which a lesson begins, `None` for the seed.
    pub fn starting_users(&self, page: &LessonPage) -> Option<&Arc<[User]>> {
        match &page.front.data.value {
            StartingData::Seed => None,
            StartingData::Named(name) => self.data.get(name),
        }
    }

    /// Reports the starting data with more users than a sandbox of the server may have.
    pub fn check_room_for_data(&self, limit: i64) -> Vec<ContentFinding> {
        let is_full = |users: &&[User]| i64::try_from(users.len()).is_ok_and(|count| count > limit);
        let full = self.data.iter().filter(|(_, users)| is_full(&&users[..]));
        full.map(|(name, users)| ContentFinding {
            file: format!("data/{name}.json"),
            line: 1,
            rule: Rule::Data,
            message: format!(
                "{} users are too many for a sandbox of this server: keep {limit}, or raise limits.users in the configuration",
                users.len()
            ),
        })
        .collect()
    }

    /// Returns the lesson with an exercise, in any locale.
    pub fn lesson_of_exercise(&self, id: &str) -> Option<&Arc<LessonPage>> {
        let has_it = |page: &&Arc<LessonPage>| page.exercises().any(|one| one.id == id);
        self.pages().find(has_it)
    }

    /// Returns the picture beside the name of the site.
    pub fn logo(&self) -> Option<&Picture> {
        self.logo.as_deref()
    }

    /// Returns the picture with the last segment of its address.
    pub fn picture(&self, name: &str) -> Option<&Arc<Picture>> {
        self.pictures.get(name)
    }

    /// Returns the lessons that are not built in below the folder of an author.
    pub fn own_pages(&self) -> impl Iterator<Item = &Arc<LessonPage>> {
        self.pages()
            .filter(|page| !self.built_in.contains(&page.file()))
    }

    /// Returns the exercises in the lessons of the default language that are not built in below the folder of an author,
    /// each once.
    pub fn own_exercises(&self) -> impl Iterator<Item = &Arc<Exercise>> {
        let is_own = |exercise: &&Arc<Exercise>| !self.built_in.contains(&exercise.file());
        let pages = self.in_order(self.site.default_locale);
        pages.flat_map(|page| page.exercises()).filter(is_own)
    }

    /// Returns the address at which the source of a page can be edited. Built-in pages have none in the source of a team.
    pub fn edit_link(&self, page: &LessonPage) -> Option<String> {
        let is_own = !self.built_in.contains(&page.file());
        is_own.then(|| self.site.edit_link(page)).flatten()
    }

    /// Returns the findings in spite of which the content is served, sorted by file and line.
    pub fn warnings(&self) -> &[ContentFinding] {
        &self.warnings
    }

    /// Returns the lesson at a path, or `None` when it does not exist in this locale.
    pub fn page(&self, locale: Locale, path: &str) -> Option<&Arc<LessonPage>> {
        self.pages.get(&(locale, path.to_owned()))
    }

    /// Returns the draft at a path that is not part of the site.
    pub fn draft(&self, locale: Locale, path: &str) -> Option<&Arc<LessonPage>> {
        self.drafts.get(&(locale, path.to_owned()))
    }

    /// Returns whether a lesson is a draft that is not part of the site.
    pub fn is_hidden(&self, page: &LessonPage) -> bool {
        page.front.draft && self.page(page.locale, &page.path).is_none()
    }

    /// Returns the drafts of all locales, whether or not they are part of the site.
    pub fn drafts(&self) -> impl Iterator<Item = &Arc<LessonPage>> {
        let pages = self.pages.values().chain(self.drafts.values());
        pages.filter(|page| page.front.draft)
    }

    /// Returns the path of the lesson to which an earlier path of a lesson leads.
    pub fn alias(&self, path: &str) -> Option<&str> {
        let mut pages = self.pages.values();
        let page = pages.find(|page| page.front.aliases.iter().any(|alias| alias.value == path));
        page.map(|page| page.path.as_str())
    }

    /// Returns the lesson at a path in this locale, or in the first of the site's that has it.
    pub fn page_or_translation(&self, locale: Locale, path: &str) -> Option<&Arc<LessonPage>> {
        let locales = std::iter::once(&locale).chain(&self.site.locales);
        locales.filter_map(|locale| self.page(*locale, path)).next()
    }

    /// Returns the lessons of a section as the navigation and other lists show them in a locale: those that are not
    /// translated in another language, and without those that are hidden.
    pub fn listed(
        &self,
        section: &Section,
        locale: Locale,
    ) -> impl Iterator<Item = &Arc<LessonPage>> {
        let paths = section.pages.iter();
        let pages = paths.filter_map(move |path| self.page_or_translation(locale, path));
        pages.filter(|page| page.is_listed())
    }

    /// Returns the locales in which there is a lesson at a path, in the order of the site's.
    pub fn locales_of(&self, path: &str) -> Vec<Locale> {
        let mut locales = self.site.locales.clone();
        locales.retain(|locale| self.page(*locale, path).is_some());
        locales
    }

    /// Returns the exercise with an id, and its lesson in this locale, or in the first of the site's that has it.
    pub fn exercise(&self, locale: Locale, id: &str) -> Option<(&Arc<LessonPage>, &Arc<Exercise>)> {
        self.in_order_or_translated(locale)
            .find_map(|page| exercise_of(page, id))
    }

    /// Returns the quiz with an id, and its lesson in this locale, or in the first of the site's that has it.
    pub fn quiz(&self, locale: Locale, id: &str) -> Option<(&Arc<LessonPage>, &Arc<Quiz>)> {
        self.in_order_or_translated(locale)
            .find_map(|page| quiz_of(page, id))
    }

    /// Returns the exercise with an id of a draft that is not part of the site, and the draft.
    pub fn draft_exercise(
        &self,
        locale: Locale,
        id: &str,
    ) -> Option<(&Arc<LessonPage>, &Arc<Exercise>)> {
        let mut drafts = self.drafts.values().filter(|page| page.locale == locale);
        drafts.find_map(|page| exercise_of(page, id))
    }

    /// Returns the quiz with an id of a draft that is not part of the site, and the draft.
    pub fn draft_quiz(&self, locale: Locale, id: &str) -> Option<(&Arc<LessonPage>, &Arc<Quiz>)> {
        let mut drafts = self.drafts.values().filter(|page| page.locale == locale);
        drafts.find_map(|page| quiz_of(page, id))
    }

    /// Returns the lessons of all locales.
    pub fn pages(&self) -> impl Iterator<Item = &Arc<LessonPage>> {
        self.pages.values()
    }

    /// Returns the sections in the order of the navigation.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns the sections by chapter, in the order of the navigation: the title of the chapter in a locale and its
    /// sections. Sections before the first chapter are in one without a title.
    pub fn chapters(&self, locale: Locale) -> Vec<(Option<&str>, Vec<&Section>)> {
        let mut chapters = vec![(None, Vec::new())];
        for configured in &self.site.sections {
            let begun = chapters.last().and_then(|(title, _)| *title);
            if let Some(title) = configured.chapter.get(&locale)
                && begun != Some(title.as_str())
            {
                chapters.push((Some(title.as_str()), Vec::new()));
            }
            if let (Some(section), Some((_, sections))) =
                (self.section(&configured.slug), chapters.last_mut())
            {
                sections.push(section);
            }
        }
        chapters.retain(|(_, sections)| !sections.is_empty());
        chapters
    }

    /// Returns the chapters that somebody who learns works through: those with exercises or quizzes, or all if there are none
    /// anywhere. A guide, for example, is not part of the course.
    pub fn course(&self, locale: Locale) -> Vec<(Option<&str>, Vec<&Section>)> {
        let has_work = |(_, sections): &(Option<&str>, Vec<&Section>)| {
            let mut pages = sections
                .iter()
                .flat_map(|section| self.listed(section, locale));
            pages.any(|page| page.exercises().next().is_some() || page.quizzes().next().is_some())
        };
        let mut chapters = self.chapters(locale);
        if chapters.iter().any(has_work) {
            chapters.retain(has_work);
        }
        chapters
    }

    /// Returns the section with this slug.
    pub fn section(&self, slug: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.slug == slug)
    }

    /// Returns the lessons of a locale in reading order.
    pub fn in_order(&self, locale: Locale) -> impl Iterator<Item = &Arc<LessonPage>> {
        self.sections
            .iter()
            .flat_map(|section| &section.pages)
            .filter_map(move |path| self.page(locale, path))
    }

    /// Returns all lessons in reading order, those that are not translated in another language.
    fn in_order_or_translated(&self, locale: Locale) -> impl Iterator<Item = &Arc<LessonPage>> {
        let paths = self.sections.iter().flat_map(|section| &section.pages);
        paths.filter_map(move |path| self.page_or_translation(locale, path))
    }

    /// Returns the lessons that the navigation lists in a locale, in reading order.
    pub fn all_listed(&self, locale: Locale) -> impl Iterator<Item = &Arc<LessonPage>> {
        let sections = self.sections.iter();
        sections.flat_map(move |section| self.listed(section, locale))
    }

    /// Returns the lessons to which a page in a locale links as the previous and the next one: its neighbours in the
    /// navigation, unless its front matter names others.
    pub fn neighbours(
        &self,
        locale: Locale,
        path: &str,
    ) -> (Option<&Arc<LessonPage>>, Option<&Arc<LessonPage>>) {
        let Some(here) = self.page_or_translation(locale, path) else {
            return (None, None);
        };
        // A lesson that is not listed has no neighbours of its own.
        let pages: Vec<_> = self.all_listed(locale).collect();
        let at = pages.iter().position(|page| page.path == path);
        let link = |link: &NeighbourLink, at: Option<usize>| match link {
            NeighbourLink::Navigation(true) => pages.get(at?).copied(),
            NeighbourLink::Navigation(false) => None,
            NeighbourLink::Lesson(path) => self.page_or_translation(locale, path),
        };
        (
            link(&here.front.prev.value, at.and_then(|at| at.checked_sub(1))),
            link(&here.front.next.value, at.map(|at| at + 1)),
        )
    }
}

fn exercise_of<'a>(
    page: &'a Arc<LessonPage>,
    id: &str,
) -> Option<(&'a Arc<LessonPage>, &'a Arc<Exercise>)> {
    let exercise = page.exercises().find(|exercise| exercise.id == id)?;
    Some((page, exercise))
}

fn quiz_of<'a>(
    page: &'a Arc<LessonPage>,
    id: &str,
) -> Option<(&'a Arc<LessonPage>, &'a Arc<Quiz>)> {
    let quiz = page.quizzes().find(|quiz| quiz.id == id)?;
    Some((page, quiz))
}
