//! What is stored about a member, for the member and for who runs the site. No secret and no hash is part of it. Times are texts
//! (RFC 3339).

use serde::Serialize;
use serde_json::Value;

use crate::model::account::AccountId;
use crate::model::locale::Locale;
use crate::model::timestamp::Timestamp;
use crate::portal::Portal;
use crate::portal::store::StoreError;
use crate::portal::store::audit::MemberAudit;
use crate::portal::store::provider_account::LinkedIdentity;

/// Everything that is stored about a member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedMember {
    /// The email address.
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// The preferred language.
    pub language: Locale,
    /// The team role.
    pub role: &'static str,
    /// The names of the groups.
    pub groups: Vec<String>,
    /// When the account was created.
    pub created: String,
    /// Where the member is logged in.
    pub sessions: Vec<ExportedSession>,
    /// Whether a code is asked for after the password.
    pub two_step_login: bool,
    /// The passkeys.
    pub passkeys: Vec<ExportedPasskey>,
    /// Who the member is at the identity provider.
    pub identity_provider: Option<LinkedIdentity>,
    /// When the member has last looked at the answers of mentors.
    pub answers_last_seen: Option<String>,
    /// What the member did and what was done with the account, the oldest first.
    pub audit_log: Vec<ExportedAudit>,
    /// What the member has learnt.
    pub learning: ExportedLearning,
}

/// A session of a member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedSession {
    created: String,
    last_used: String,
    address: Option<String>,
    user_agent: Option<String>,
}

/// A passkey of a member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedPasskey {
    name: String,
    created: String,
    last_used: Option<String>,
}

/// An entry of the audit log. Of what somebody else did it does not say who and from where.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedAudit {
    at: String,
    action: String,
    by_member: bool,
    subject: String,
    detail: String,
    address: Option<String>,
}

/// What is kept of a member's learning.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedLearning {
    /// The lessons that were opened.
    pub lessons: Vec<ExportedLesson>,
    /// The lessons that are to be read.
    pub assigned_lessons: Vec<ExportedAssignment>,
    /// The exercises and quizzes that were passed.
    pub passed: Vec<ExportedPass>,
    /// The attempts at exercises.
    pub attempts: Vec<ExportedAttempt>,
    /// The answers to the questions of quizzes.
    pub quiz_answers: Vec<ExportedAnswer>,
    /// The questions to mentors.
    pub questions_to_mentors: Vec<ExportedQuestion>,
}

/// A lesson that was opened.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedLesson {
    /// The path of the lesson.
    pub lesson: String,
    /// When it was first opened.
    pub opened: String,
    /// When it was last opened.
    pub last_opened: String,
    /// When it was read.
    pub read: Option<String>,
}

/// A lesson that is to be read.
#[derive(Debug, Serialize)]
pub struct ExportedAssignment {
    /// The path of the lesson.
    pub lesson: String,
    /// The last day.
    pub due: String,
}

/// An exercise or quiz that was passed.
#[derive(Debug, Serialize)]
pub struct ExportedPass {
    /// `exercise` or `quiz`.
    pub kind: &'static str,
    /// The id of the exercise or quiz.
    pub id: String,
    /// When it was passed.
    pub passed: String,
}

/// An attempt at an exercise.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedAttempt {
    /// The id of the exercise.
    pub exercise: String,
    /// When it was started.
    pub started: String,
    /// When it was last graded.
    pub checked: String,
    /// When it was passed.
    pub passed: Option<String>,
    /// The number of steps that are passed.
    pub passed_steps: i64,
    /// The number of requests that did not meet their step.
    pub failed_requests: i64,
    /// The number of hints that were shown.
    pub hints: i64,
    /// Whether the solution was shown.
    pub solution_shown: bool,
    /// The last verdict.
    pub verdict: Option<Value>,
}

/// The answers to a question of a quiz.
#[derive(Serialize)]
pub struct ExportedAnswer {
    /// The id of the quiz.
    pub quiz: String,
    /// The id of the question.
    pub question: String,
    /// The options of the first answer, which counts.
    pub first: Vec<String>,
    /// Those of the last answer.
    pub last: Vec<String>,
    /// Whether the first answer is correct.
    pub correct: bool,
    /// When the question was first answered.
    pub answered: String,
}

/// A question to mentors.
#[derive(Serialize)]
pub struct ExportedQuestion {
    /// The id of the exercise.
    pub exercise: String,
    /// What was asked.
    pub question: String,
    /// When it was asked.
    pub asked: String,
    /// What a mentor has answered.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered: Option<String>,
}

impl Portal {
    /// Returns everything that is stored about a member; `None` when there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_member(&self, id: AccountId) -> Result<Option<ExportedMember>, StoreError> {
        let (store, now) = (&self.store, self.clock.now());
        let Some(account) = store.find_account(id).await? else {
            return Ok(None);
        };
        let passkeys = store.list_passkeys(id).await?;
        let passkeys = passkeys.into_iter().map(|passkey| ExportedPasskey {
            name: passkey.name,
            created: text(passkey.created),
            last_used: passkey.used.map(text),
        });
        let sessions = store.list_sessions(id, now).await?;
        let sessions = sessions.into_iter().map(|session| ExportedSession {
            created: text(session.created),
            last_used: text(session.seen),
            address: session.address,
            user_agent: session.agent,
        });
        let groups = store.list_groups_of(id).await?;
        let groups = groups.into_iter().map(|group| group.name.to_string());
        let audit = store.list_audit_of(&account).await?;
        let audit = audit
            .into_iter()
            .map(|MemberAudit { is_own, entry }| ExportedAudit {
                at: text(entry.at),
                action: entry.action,
                by_member: is_own,
                subject: entry.subject,
                detail: entry.detail,
                address: entry.address.filter(|_| is_own),
            });
        Ok(Some(ExportedMember {
            email: account.email.as_str().to_owned(),
            name: account.name.to_string(),
            language: account.language,
            role: account.role.as_str(),
            groups: groups.collect(),
            created: text(account.created),
            sessions: sessions.collect(),
            two_step_login: store.has_second_factor(id).await?,
            passkeys: passkeys.collect(),
            identity_provider: store.find_provider_identity(id).await?,
            answers_last_seen: store.answers_seen(id).await?.map(text),
            audit_log: audit.collect(),
            learning: self.export_learning(id).await?,
        }))
    }

    /// Returns everything that is kept of a member's learning.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_learning(
        &self,
        account: AccountId,
    ) -> Result<ExportedLearning, StoreError> {
        let store = &self.store;
        let lessons = store.list_lesson_progress(account).await?;
        let lessons = lessons.into_iter().map(|lesson| ExportedLesson {
            lesson: lesson.lesson,
            opened: text(lesson.opened),
            last_opened: text(lesson.seen),
            read: lesson.read.map(text),
        });
        let passes = store.list_passes(account).await?;
        let passes = passes.into_iter().map(|pass| ExportedPass {
            kind: pass.kind.as_str(),
            id: pass.assessment,
            passed: text(pass.passed),
        });
        let attempts = store.list_attempts(account, None).await?;
        let attempts = attempts.into_iter().map(|attempt| ExportedAttempt {
            exercise: attempt.exercise,
            started: text(attempt.started),
            checked: text(attempt.checked),
            passed: attempt.passed.map(text),
            passed_steps: attempt.step,
            failed_requests: attempt.failures,
            hints: attempt.hints,
            solution_shown: attempt.is_solution_shown,
            verdict: serde_json::from_str(&attempt.verdict).ok(),
        });
        let answers = store.list_answers(account, None).await?;
        let answers = answers.into_iter().map(|answer| ExportedAnswer {
            quiz: answer.quiz,
            question: answer.question,
            first: answer.first,
            last: answer.last,
            correct: answer.is_correct,
            answered: text(answer.answered),
        });
        let questions = store.list_own_help(account, None).await?;
        let questions = questions.into_iter().map(|request| ExportedQuestion {
            exercise: request.exercise,
            question: request.question,
            asked: text(request.created),
            answered: request.answer.as_ref().map(|answer| text(answer.at)),
            answer: request.answer.map(|answer| answer.text),
        });
        let due = store.list_due_lessons(account).await?;
        let due = due.into_iter().map(|due| ExportedAssignment {
            lesson: due.lesson,
            due: due.due,
        });
        Ok(ExportedLearning {
            lessons: lessons.collect(),
            assigned_lessons: due.collect(),
            passed: passes.collect(),
            attempts: attempts.collect(),
            quiz_answers: answers.collect(),
            questions_to_mentors: questions.collect(),
        })
    }
}

/// Returns a time in milliseconds since 1970 as a text.
fn text(time: i64) -> String {
    Timestamp::from_milliseconds(time).to_string()
}
