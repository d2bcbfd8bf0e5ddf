//! The lessons, exercises and quizzes of the site by chapter, as the pages of the team count them.

use std::collections::HashSet;

use crate::content::Library;
use crate::model::locale::Locale;
use crate::portal::store::learning::AssessmentKind;

/// A chapter of the site.
#[derive(Clone)]
pub(super) struct CourseChapter {
    /// The title; `None` for lessons before the first chapter.
    pub(super) title: Option<String>,
    /// The lessons in reading order.
    pub(super) lessons: Vec<CourseLesson>,
}

/// A lesson with what can be done in it.
#[derive(Clone)]
pub(super) struct CourseLesson {
    /// The path, `section/slug`.
    pub(super) path: String,
    /// The title.
    pub(super) title: String,
    /// The ids of its exercises with their titles.
    pub(super) exercises: Vec<(String, String)>,
    /// The ids of its quizzes.
    pub(super) quizzes: Vec<String>,
}

/// Returns the chapters of the course.
pub(super) fn course(library: &Library, locale: Locale) -> Vec<CourseChapter> {
    let chapters = library.course(locale).into_iter();
    let chapters = chapters.map(|(title, sections)| {
        let pages = sections
            .iter()
            .flat_map(|section| library.listed(section, locale));
        let lessons = pages.map(|page| CourseLesson {
            path: page.path.clone(),
            title: page.front.title.clone(),
            exercises: page
                .exercises()
                .map(|exercise| (exercise.id.clone(), exercise.title.get(locale).to_owned()))
                .collect(),
            quizzes: page.quizzes().map(|quiz| quiz.id.clone()).collect(),
        });
        CourseChapter {
            title: title.map(str::to_owned),
            lessons: lessons.collect(),
        }
    });
    chapters.collect()
}

impl CourseChapter {
    /// Returns how much of the chapter somebody has done, and how much there is: each lesson read, each exercise and each quiz
    /// passed counts one.
    pub(super) fn done(
        &self,
        read: &[String],
        passed: &[(AssessmentKind, String)],
    ) -> (usize, usize) {
        let read: HashSet<&str> = read.iter().map(String::as_str).collect();
        let passed: HashSet<(&str, &str)> = passed
            .iter()
            .map(|(kind, id)| (kind.as_str(), id.as_str()))
            .collect();
        let has = |kind: AssessmentKind, id: &str| passed.contains(&(kind.as_str(), id));
        let (mut done, mut all) = (0, 0);
        for lesson in &self.lessons {
            let exercises = lesson.exercises.iter();
            let exercises = exercises.map(|(id, _)| has(AssessmentKind::Exercise, id));
            let quizzes = lesson.quizzes.iter();
            let quizzes = quizzes.map(|id| has(AssessmentKind::Quiz, id));
            let parts = exercises.chain(quizzes);
            for is_done in parts.chain([read.contains(lesson.path.as_str())]) {
                done += usize::from(is_done);
                all += 1;
            }
        }
        (done, all)
    }
}
