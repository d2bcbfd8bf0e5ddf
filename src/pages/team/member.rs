//! `/{lang}/team/members/{id}`: what one member has read, tried and passed.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::Response;
use leptos::prelude::*;

use crate::model::account::{Account, AccountId};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::learn::question_view;
use crate::pages::meta::PageMeta;
use crate::pages::signed_in::MentorRequest;
use crate::pages::team::course::{CourseChapter, CourseLesson, course};
use crate::pages::team::stuck::verdict_view;
use crate::pages::team::{TeamAccess, ago, titled_page};
use crate::pages::{not_found, notice};
use crate::portal::store::StoreError;
use crate::portal::store::help::HelpRequest;
use crate::portal::store::learning::{
    AccountAnswer, AssessmentKind, ExerciseAttempt, LessonProgress,
};
use crate::state::AppState;

/// The most attempts of one exercise that are shown.
const ATTEMPTS: usize = 5;

/// What the page shows of a member.
#[derive(Clone)]
struct MemberRecord {
    account: Account,
    lessons: HashMap<String, LessonProgress>,
    passed: Vec<(AssessmentKind, String)>,
    /// The newest first.
    attempts: Vec<ExerciseAttempt>,
    answers: Vec<AccountAnswer>,
    questions: Vec<HelpRequest>,
}

/// Handles `GET /{lang}/team/members/{id}`.
pub(super) async fn show(
    State(state): State<AppState>,
    MentorRequest(request): MentorRequest,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    let Ok(id) = id.parse() else {
        return not_found::show(&state, request.page).await;
    };
    let access = match TeamAccess::of(&state, &request).await {
        Ok(access) => access,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let record = match read(&state, &access, AccountId(id)).await {
        Ok(Some(record)) => record,
        Ok(None) => return not_found::show(&state, request.page).await,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let chapters = course(&state.library, locale);
    let now = state.portal.clock.now();
    let title = record.account.name.as_str().to_owned();
    let title_of = title.clone();
    let view = move || {
        let email = record.account.email.as_str().to_owned();
        let role = messages.get(&format!("role-{}", record.account.role));
        let tables = chapters.iter();
        let tables = tables.map(|chapter| table(locale, chapter, &record, now, &messages));
        let questions = record.questions.iter();
        let questions =
            questions.map(|question| question_view(question, title_of.clone(), &messages));
        let is_waiting = record.questions.iter().any(|one| one.answer.is_none());
        let answer = is_waiting.then(|| {
            let address = format!("/{locale}/team/stuck");
            view! { <p><a class="button" href=address>{messages.get("team-answer")}</a></p> }
        });
        let questions = (!record.questions.is_empty()).then(|| {
            view! { <h2>{messages.get("team-questions")}</h2>{questions.collect_view()}{answer} }
        });
        let assign = (!record.account.is_disabled).then(|| {
            let address = format!("/{locale}/team/assignments?member={id}");
            view! { <p><a class="button" href=address>{messages.get("assignment-new")}</a></p> }
        });
        view! {
            <p class="quiet">{email}" · "{role}</p>
            {assign}
            {questions}{tables.collect_view()}
        }
    };
    let meta = PageMeta::new(request.page, title, format!("/team/members/{id}"));
    titled_page(&state, meta, ("member", &access), view).await
}

/// Reads the record of a member whom the viewer may see.
async fn read(
    state: &AppState,
    access: &TeamAccess,
    id: AccountId,
) -> Result<Option<MemberRecord>, StoreError> {
    let store = &state.portal.store;
    if !store.is_in_view(access.view(), id).await? {
        return Ok(None);
    }
    let Some(account) = store.find_account(id).await? else {
        return Ok(None);
    };
    let lessons = store.list_lesson_progress(id).await?.into_iter();
    let passes = store.list_passes(id).await?.into_iter();
    Ok(Some(MemberRecord {
        account,
        lessons: lessons
            .map(|lesson| (lesson.lesson.clone(), lesson))
            .collect(),
        passed: passes.map(|pass| (pass.kind, pass.assessment)).collect(),
        attempts: store.list_attempts(id, None).await?,
        answers: store.list_answers(id, None).await?,
        questions: store.list_own_help(id, None).await?,
    }))
}

fn table(
    locale: Locale,
    chapter: &CourseChapter,
    record: &MemberRecord,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let title = chapter.title.clone();
    let title = title.unwrap_or_else(|| messages.get("lessons"));
    let heads = ["lesson", "read", "quiz", "exercise"]
        .map(|name| view! { <th scope="col">{messages.get(&format!("team-{name}"))}</th> });
    let read: Vec<String> = record
        .lessons
        .values()
        .filter(|lesson| lesson.read.is_some())
        .map(|lesson| lesson.lesson.clone())
        .collect();
    let (done, all) = chapter.done(&read, &record.passed);
    let rows = chapter.lessons.iter();
    let rows = rows.map(|lesson| row(locale, lesson, record, now, messages));
    view! {
        <h2>{title.clone()}" "<span class="quiet">{done}"/"{all}</span></h2>
        <div class="table-scroll" tabindex="0" role="region" aria-label=title>
            <table class="portal-table lesson-record">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(
    locale: Locale,
    lesson: &CourseLesson,
    record: &MemberRecord,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let read = match record.lessons.get(&lesson.path) {
        None => view! { <span class="quiet">"–"</span> }.into_any(),
        Some(progress) => match progress.read {
            Some(read) => ago(read, now, messages).into_any(),
            None => {
                let opened = ago(progress.opened, now, messages);
                view! { <span class="quiet">{messages.get("team-opened")}" "{opened}</span> }
                    .into_any()
            }
        },
    };
    let quizzes = lesson.quizzes.iter().map(|id| {
        let answers = record.answers.iter().filter(|answer| answer.quiz == *id);
        let (answered, correct) = answers.fold((0, 0), |(answered, correct), answer| {
            (answered + 1, correct + i32::from(answer.is_correct))
        });
        let score = match answered {
            0 => "–".to_owned(),
            _ => messages.with(
                "team-score",
                &[
                    ("correct", &correct.to_string()),
                    ("answered", &answered.to_string()),
                ],
            ),
        };
        view! { <p>{score}</p> }
    });
    let exercises = lesson.exercises.iter();
    let exercises =
        exercises.map(|(id, title)| exercise_view(locale, id, title, record, now, messages));
    view! {
        <tr>
            <th scope="row"><a href=format!("/{locale}/{}", lesson.path)>{lesson.title.clone()}</a></th>
            <td>{read}</td>
            <td>{quizzes.collect_view()}</td>
            <td class="portal-wrap">{exercises.collect_view()}</td>
        </tr>
    }
}

/// Renders the attempts of the member at an exercise, the newest first.
fn exercise_view(
    locale: Locale,
    id: &str,
    title: &str,
    record: &MemberRecord,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let is_passed = record
        .passed
        .iter()
        .any(|(kind, passed)| *kind == AssessmentKind::Exercise && passed == id);
    let mut attempts = record
        .attempts
        .iter()
        .filter(|attempt| attempt.exercise == id);
    let shown: Vec<_> = attempts.by_ref().take(ATTEMPTS).collect();
    let more = attempts.count();
    let state = match (is_passed, shown.is_empty()) {
        (true, _) => messages.get("team-passed"),
        (false, true) => "–".to_owned(),
        (false, false) => messages.get("team-not-passed"),
    };
    let rows = shown
        .into_iter()
        .map(|attempt| attempt_view(attempt, now, messages));
    let rows = rows.collect_view();
    let more = (more > 0).then(|| {
        view! { <li class="quiet">{messages.with("team-more-attempts", &[("count", &more.to_string())])}</li> }
    });
    view! {
        <p><a href=format!("/{locale}/exercises/{id}")>{title.to_owned()}</a>": "{state}</p>
        <ul class="portal-attempts">{rows}{more}</ul>
    }
}

fn attempt_view(
    attempt: &ExerciseAttempt,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let result = match attempt.passed {
        Some(_) => messages.get("team-passed"),
        None => messages.with(
            "team-attempt-stopped",
            &[
                ("step", &(attempt.step + 1).to_string()),
                ("failures", &attempt.failures.to_string()),
            ],
        ),
    };
    let help = match (attempt.is_solution_shown, attempt.hints) {
        (true, _) => messages.get("team-saw-solution"),
        (false, 0) => String::new(),
        (false, hints) => messages.with("team-saw-hints", &[("count", &hints.to_string())]),
    };
    let verdict = attempt
        .passed
        .is_none()
        .then(|| verdict_view(&attempt.verdict, messages));
    view! { <li>{ago(attempt.started, now, messages)}": "{result}" "<span class="quiet">{help}</span>{verdict}</li> }
}
