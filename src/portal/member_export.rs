//! What is stored about a member, as JSON: for the member, and for who runs the site. No secret and no hash is part of it.

use serde_json::{Value, json};

use crate::model::account::AccountId;
use crate::model::timestamp::Timestamp;
use crate::portal::Portal;
use crate::portal::store::StoreError;

impl Portal {
    /// Returns everything that is stored about a member; `None` when there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_member(&self, id: AccountId) -> Result<Option<Value>, StoreError> {
        let (store, now) = (&self.store, self.clock.now());
        let Some(account) = store.find_account(id).await? else {
            return Ok(None);
        };
        let text = |time| Timestamp::from_milliseconds(time).to_string();
        let passkeys = store.list_passkeys(id).await?;
        let passkeys = passkeys.iter().map(|passkey| {
            json!({
                "name": passkey.name,
                "created": text(passkey.created),
                "lastUsed": passkey.used.map(text),
            })
        });
        let passkeys: Vec<Value> = passkeys.collect();
        let sessions = store.list_sessions(id, now).await?;
        let sessions = sessions.iter().map(|session| {
            json!({
                "created": text(session.created),
                "lastUsed": text(session.seen),
                "address": session.address,
                "userAgent": session.agent,
            })
        });
        let sessions: Vec<Value> = sessions.collect();
        let groups = store.list_groups_of(id).await?;
        let groups: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        Ok(Some(json!({
            "email": account.email.as_str(),
            "name": account.name.as_str(),
            "language": account.language,
            "role": account.role.as_str(),
            "groups": groups,
            "created": text(account.created),
            "sessions": sessions,
            "twoStepLogin": store.has_second_factor(id).await?,
            "passkeys": passkeys,
            "learning": self.export_learning(id).await?,
        })))
    }

    /// Returns everything that is kept of a member's learning.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_learning(&self, account: AccountId) -> Result<Value, StoreError> {
        let store = &self.store;
        let text = |time: i64| Timestamp::from_milliseconds(time).to_string();
        let optional = |time: Option<i64>| time.map(text);
        let lessons = store.list_lesson_progress(account).await?;
        let lessons = lessons.iter().map(|lesson| {
            json!({
                "lesson": lesson.lesson,
                "opened": text(lesson.opened),
                "read": optional(lesson.read),
            })
        });
        let lessons: Vec<Value> = lessons.collect();
        let passes = store.list_passes(account).await?;
        let passes = passes.iter().map(|pass| {
            json!({
                "kind": pass.kind.as_str(),
                "id": pass.assessment,
                "passed": text(pass.passed),
            })
        });
        let passes: Vec<Value> = passes.collect();
        let attempts = store.list_attempts(account, None).await?;
        let attempts = attempts.iter().map(|attempt| {
            json!({
                "exercise": attempt.exercise,
                "started": text(attempt.started),
                "checked": text(attempt.checked),
                "passed": optional(attempt.passed),
                "passedSteps": attempt.step,
                "failedRequests": attempt.failures,
                "hints": attempt.hints,
                "solutionShown": attempt.is_solution_shown,
                "verdict": serde_json::from_str::<Value>(&attempt.verdict).ok(),
            })
        });
        let attempts: Vec<Value> = attempts.collect();
        let answers = store.list_answers(account, None).await?;
        let answers = answers.iter().map(|answer| {
            json!({
                "quiz": answer.quiz,
                "question": answer.question,
                "first": answer.first,
                "last": answer.last,
                "correct": answer.is_correct,
                "answered": text(answer.answered),
            })
        });
        let answers: Vec<Value> = answers.collect();
        let questions = store.list_own_help(account, None).await?;
        let questions = questions.iter().map(|request| {
            let answer = request.answer.as_ref();
            json!({
                "exercise": request.exercise,
                "question": request.question,
                "asked": text(request.created),
                "answer": answer.map(|answer| &answer.text),
                "answered": optional(answer.map(|answer| answer.at)),
            })
        });
        let questions: Vec<Value> = questions.collect();
        let due = store.list_due_lessons(account).await?;
        let due = due.iter().map(|due| {
            json!({
                "lesson": due.lesson,
                "due": due.due,
            })
        });
        let due: Vec<Value> = due.collect();
        Ok(json!({
            "lessons": lessons,
            "assignedLessons": due,
            "passed": passes,
            "attempts": attempts,
            "quizAnswers": answers,
            "questionsToMentors": questions,
        }))
    }
}
