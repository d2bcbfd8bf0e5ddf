//! What a member has done of the lessons, as the pages show it: ticks beside lessons, rings of chapters, days of assignments.
//!
//! `render` puts it into the context of a page for a member. Pages for visitors are the same for everybody; their ticks are added
//! by `progress.js`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leptos::prelude::*;

use crate::content::{LessonPage, Library, Section};
use crate::model::account::AccountId;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::day::{day_of, day_text};
use crate::portal::store::StoreError;
use crate::portal::store::assignment::DueLesson;
use crate::portal::store::learning::{AssessmentKind, LessonProgress, NewProgress};
use crate::state::AppState;

/// What a member has done, and is to do.
#[derive(Clone, Debug, Default)]
pub(super) struct LearnerProgress {
    lessons: BTreeMap<String, LessonProgress>,
    exercises: BTreeMap<String, i64>,
    quizzes: BTreeMap<String, i64>,
    /// The quiz and the question of each answer that was correct once; read only for the path.
    solved: BTreeSet<(String, String)>,
    /// The lessons of assignments, the next due first.
    pub(super) due: Vec<DueLesson>,
    /// The current day, as `2026-11-29`.
    pub(super) today: String,
}

/// What a member has done of one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LessonState {
    /// Whether it was opened.
    pub(super) is_opened: bool,
    /// When it was read, in milliseconds since 1970.
    pub(super) read: Option<i64>,
    /// When each of its exercises was passed.
    pub(super) exercises: Vec<Option<i64>>,
    /// When each of its quizzes was passed.
    pub(super) quizzes: Vec<Option<i64>>,
}

/// How many lessons of a chapter are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ChapterState {
    /// The number of its lessons.
    pub(super) count: usize,
    /// The number of those that are done.
    pub(super) done: usize,
    /// When the last of them was done, in milliseconds since 1970.
    pub(super) last: Option<i64>,
}

impl LessonState {
    /// Returns when the lesson was done: read, and its exercises and quizzes passed.
    pub(super) fn done(&self) -> Option<i64> {
        let assessments = self.exercises.iter().chain(&self.quizzes);
        assessments.fold(self.read, |done, passed| Some(done?.max((*passed)?)))
    }

    /// Returns the name of the tick beside the lesson.
    pub(super) fn tick(&self) -> Option<&'static str> {
        match (self.done(), self.read) {
            (Some(_), _) => Some("done"),
            (None, Some(_)) => Some("read"),
            (None, None) => self.is_opened.then_some("opened"),
        }
    }

    /// Returns what the tick means, in words.
    pub(super) fn description(&self, messages: &MessageCatalog) -> String {
        let is_passed = |passed: &[Option<i64>]| {
            !passed.is_empty() && passed.iter().all(|passed| passed.is_some())
        };
        let keys = [
            (self.read.is_none(), "progress-opened"),
            (self.read.is_some(), "progress-read"),
            (is_passed(&self.exercises), "progress-exercise"),
            (is_passed(&self.quizzes), "progress-quiz"),
        ];
        let words = keys.into_iter().filter(|(is_shown, _)| *is_shown);
        let words: Vec<String> = words.map(|(_, key)| messages.get(key)).collect();
        words.join(", ")
    }
}

impl ChapterState {
    /// Returns whether the chapter has lessons and all are done.
    pub(super) fn is_done(&self) -> bool {
        self.count > 0 && self.done == self.count
    }
}

impl LearnerProgress {
    /// Reads the progress of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn load(
        state: &AppState,
        account: AccountId,
    ) -> Result<LearnerProgress, StoreError> {
        let store = &state.portal.store;
        let lessons = store.list_lesson_progress(account).await?;
        let passes = store.list_passes(account).await?;
        let passed = |kind: AssessmentKind| {
            let passes = passes.iter().filter(move |pass| pass.kind == kind);
            passes.map(|pass| (pass.assessment.clone(), pass.passed))
        };
        Ok(LearnerProgress {
            exercises: passed(AssessmentKind::Exercise).collect(),
            quizzes: passed(AssessmentKind::Quiz).collect(),
            solved: BTreeSet::new(),
            lessons: lessons
                .into_iter()
                .map(|lesson| (lesson.lesson.clone(), lesson))
                .collect(),
            due: store.list_due_lessons(account).await?,
            today: day_of(state.portal.clock.now()),
        })
    }

    /// Reads the progress of an account with its answers to questions of quizzes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn load_with_answers(
        state: &AppState,
        account: AccountId,
    ) -> Result<LearnerProgress, StoreError> {
        let answers = state.portal.store.list_answers(account, None).await?;
        let solved = answers.into_iter().filter(|one| one.solved.is_some());
        Ok(LearnerProgress {
            solved: solved.map(|one| (one.quiz, one.question)).collect(),
            ..LearnerProgress::load(state, account).await?
        })
    }

    /// Reads the progress of an account for a page that can be shown without it.
    pub(super) async fn load_or_log(
        state: &AppState,
        account: AccountId,
    ) -> Option<Arc<LearnerProgress>> {
        let loaded = LearnerProgress::load(state, account).await;
        let loaded = loaded.inspect_err(|cause| {
            tracing::error!(%cause, "the progress of a member cannot be read");
        });
        loaded.ok().map(Arc::new)
    }

    /// Stores that a lesson is opened, unless it was the last one. A failure is logged only.
    pub(super) async fn open(&mut self, state: &AppState, account: AccountId, lesson: &str) {
        if self.last() == Some(lesson) {
            return;
        }
        let now = state.portal.clock.now();
        let opened = LessonProgress {
            lesson: lesson.to_owned(),
            opened: now,
            seen: now,
            read: None,
        };
        let new = NewProgress {
            lessons: vec![opened.clone()],
            ..NewProgress::default()
        };
        if let Err(cause) = state.portal.store.merge_progress(account, new).await {
            tracing::error!(%cause, "the lesson of a member was not kept");
        }
        let entry = self.lessons.entry(lesson.to_owned());
        entry.or_insert(opened).seen = now;
    }

    /// Returns the path of the lesson that was opened last.
    pub(super) fn last(&self) -> Option<&str> {
        let seen = self.lessons.values().filter(|lesson| lesson.seen > 0);
        let last = seen.max_by_key(|lesson| lesson.seen)?;
        Some(&last.lesson)
    }

    /// Returns what was done of a lesson.
    pub(super) fn lesson(&self, page: &LessonPage) -> LessonState {
        let progress = self.lessons.get(&page.path);
        let passed = |passes: &BTreeMap<String, i64>, id: &str| passes.get(id).copied();
        let exercises = page.exercises();
        let quizzes = page.quizzes();
        LessonState {
            is_opened: progress.is_some(),
            read: progress.and_then(|progress| progress.read),
            exercises: exercises
                .map(|one| passed(&self.exercises, &one.id))
                .collect(),
            quizzes: quizzes.map(|one| passed(&self.quizzes, &one.id)).collect(),
        }
    }

    /// Returns how many lessons are to be done until some day.
    pub(super) fn due_count(&self, library: &Library, locale: Locale) -> usize {
        let pages = self.due.iter();
        let pages = pages.filter_map(|due| library.page_or_translation(locale, &due.lesson));
        pages.filter(|page| self.due_day(page).is_some()).count()
    }

    /// Returns how many questions of the quizzes of a lesson were never answered correctly, and how many there are.
    pub(super) fn questions(&self, page: &LessonPage) -> (usize, usize) {
        let questions = page.quizzes().flat_map(|quiz| {
            let questions = quiz.questions.iter();
            questions.map(|question| (quiz.id.clone(), question.id.clone()))
        });
        let questions: Vec<_> = questions.collect();
        let open = questions.iter().filter(|one| !self.solved.contains(one));
        (open.count(), questions.len())
    }

    /// Returns how much of the listed lessons of sections is done.
    pub(super) fn chapter(
        &self,
        library: &Library,
        sections: &[&Section],
        locale: Locale,
    ) -> ChapterState {
        let pages = sections
            .iter()
            .flat_map(|section| library.listed(section, locale));
        let mut chapter = ChapterState::default();
        for page in pages {
            chapter.count += 1;
            if let Some(done) = self.lesson(page).done() {
                chapter.done += 1;
                chapter.last = chapter.last.max(Some(done));
            }
        }
        chapter
    }

    /// Returns the day until which a lesson is to be done, unless it is done.
    pub(super) fn due_day(&self, page: &LessonPage) -> Option<&str> {
        let due = self.due.iter().find(|due| due.lesson == page.path)?;
        self.lesson(page).done().is_none().then_some(&due.due)
    }
}

/// Returns the progress of the member for whom the page is rendered.
pub(super) fn of_context() -> Option<Arc<LearnerProgress>> {
    use_context::<Arc<LearnerProgress>>()
}

/// Returns the tick beside the link to a lesson and what it means, for the attribute `data-progress`, and `aria-description` and
/// `title`.
pub(super) fn tick(
    page: &LessonPage,
    messages: &MessageCatalog,
) -> (Option<&'static str>, Option<String>) {
    let state = of_context().map(|progress| progress.lesson(page));
    let tick = state.as_ref().and_then(LessonState::tick);
    let description = state.filter(|_| tick.is_some());
    (tick, description.map(|state| state.description(messages)))
}

/// Renders the day until which a lesson is to be done.
pub(super) fn due_badge(
    progress: &LearnerProgress,
    page: &LessonPage,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let day = progress.due_day(page)?;
    let order = day.cmp(&progress.today);
    let key = match order {
        Ordering::Less => "due-late",
        Ordering::Equal => "due-today",
        Ordering::Greater => "due-until",
    };
    let text = messages.with(key, &[("day", &day_text(day, messages))]);
    let late = order.is_lt().then_some("");
    Some(view! { <span class="due" data-late=late>{text}</span> })
}

/// Renders how much of a chapter is done: a ring with the number in words.
pub(super) fn ring(chapter: ChapterState, messages: &MessageCatalog) -> impl IntoView + use<> {
    let (done, count) = (chapter.done.to_string(), chapter.count.to_string());
    let label = messages.with("ring-label", &[("done", &done), ("count", &count)]);
    let title = label.clone();
    let percent = (chapter.done * 100).checked_div(chapter.count);
    let part = percent.filter(|percent| *percent > 0).map(|percent| {
        view! { <circle class="ring-done" cx="10" cy="10" r="8" pathLength="100" stroke-dasharray=format!("{percent} 100")></circle> }
    });
    let tick = chapter
        .is_done()
        .then(|| view! { <path d="m6.5 10 2.5 2.5 4.5-5"></path> });
    view! {
        <svg class="ring" viewBox="0 0 20 20" role="img" aria-label=label>
            <title>{title}</title>
            <circle cx="10" cy="10" r="8"></circle>
            {part}
            {tick}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lesson_is_done_when_it_is_read_and_everything_in_it_is_passed() {
        let state = |read, exercises: &[Option<i64>], quizzes: &[Option<i64>]| LessonState {
            is_opened: true,
            read,
            exercises: exercises.to_vec(),
            quizzes: quizzes.to_vec(),
        };
        for (state, done, tick) in [
            (LessonState::default(), None, None),
            (state(None, &[], &[]), None, Some("opened")),
            (state(Some(5), &[], &[]), Some(5), Some("done")),
            (
                state(Some(5), &[Some(9)], &[Some(7)]),
                Some(9),
                Some("done"),
            ),
            (state(Some(5), &[Some(9)], &[None]), None, Some("read")),
            (state(Some(5), &[None], &[Some(7)]), None, Some("read")),
            (state(None, &[Some(9)], &[Some(7)]), None, Some("opened")),
        ] {
            assert_eq!((state.done(), state.tick()), (done, tick), "{state:?}");
        }
    }
}
