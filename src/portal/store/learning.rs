//! What accounts have done of the lessons: lessons opened and read, attempts at exercises, answers to quizzes, and which
//! sandboxes belong to which account.
//!
//! Everything is written by [`Store::merge_progress`], which only adds: the earliest time counts, what is passed stays passed,
//! and a first answer is never changed. So the same progress can be merged again and at the same time.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::database::{Row, Statement, Transaction};
use crate::model::account::AccountId;
use crate::portal::store::team::update_exercise_state;
use crate::portal::store::{Store, StoreError, invalid_column};

pub use crate::portal::store::assessment_kind::AssessmentKind;

/// What an account has done of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonProgress {
    /// The path of the lesson, `section/slug`.
    pub lesson: String,
    /// When it was first opened, in milliseconds since 1970.
    pub opened: i64,
    /// When it was last opened.
    pub seen: i64,
    /// When its end was first reached, or it was marked as read.
    pub read: Option<i64>,
}

/// An assessment that an account has passed. A quiz is passed when each question was answered correctly once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentPass {
    /// Exercise or quiz.
    pub kind: AssessmentKind,
    /// The id of the exercise or quiz.
    pub assessment: String,
    /// When it was passed for the first time, in milliseconds since 1970.
    pub passed: i64,
}

/// One time that an account has started an exercise, as it was last graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExerciseAttempt {
    /// The id of the exercise.
    pub exercise: String,
    /// When it was started, in milliseconds since 1970, which distinguishes the attempts of an account.
    pub started: i64,
    /// When it was last graded.
    pub checked: i64,
    /// When it was passed.
    pub passed: Option<i64>,
    /// The number of steps that are passed: the one after them is where the attempt stopped.
    pub step: i64,
    /// The number of requests that did not meet their step.
    pub failures: i64,
    /// The number of hints that were shown before it was passed.
    pub hints: i64,
    /// Whether the solution was shown before it was passed.
    pub is_solution_shown: bool,
    /// A `model::exercise::AttemptVerdict` as JSON; empty when no request was graded.
    pub verdict: String,
}

/// The answer of an account to a question of a quiz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAnswer {
    /// The id of the quiz.
    pub quiz: String,
    /// The id of the question.
    pub question: String,
    /// The ids of the options of the first answer, which counts.
    pub first: Vec<String>,
    /// Those of the last answer.
    pub last: Vec<String>,
    /// Whether the first answer is correct.
    pub is_correct: bool,
    /// When the question was first answered, in milliseconds since 1970.
    pub answered: i64,
    /// When it was first answered correctly.
    pub solved: Option<i64>,
}

/// Progress to add to that of an account.
#[derive(Clone, Debug, Default)]
pub struct NewProgress {
    /// Lessons that were opened or read.
    pub lessons: Vec<LessonProgress>,
    /// Exercises that were passed, beyond those of passed attempts.
    pub passes: Vec<AssessmentPass>,
    /// Attempts at exercises.
    pub attempts: Vec<ExerciseAttempt>,
    /// Answers to questions.
    pub answers: Vec<AccountAnswer>,
    /// The questions of each quiz with answers: its id and theirs.
    pub questions: Vec<(String, Vec<String>)>,
}

impl NewProgress {
    /// Returns whether there is nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self {
            lessons,
            passes,
            attempts,
            answers,
            ..
        } = self;
        lessons.is_empty() && passes.is_empty() && attempts.is_empty() && answers.is_empty()
    }
}

impl Store {
    /// Adds progress to that of an account, all or nothing.
    ///
    /// # Errors
    /// [`StoreError`], also when the account was deleted.
    pub async fn merge_progress(
        &self,
        account: AccountId,
        progress: NewProgress,
    ) -> Result<(), StoreError> {
        if progress.is_empty() {
            return Ok(());
        }
        self.database
            .transaction(move |transaction| {
                let progress = progress.clone();
                Box::pin(async move { merge(transaction, account, progress).await })
            })
            .await
    }

    /// Lists the lessons that an account has opened, the last opened first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_lesson_progress(
        &self,
        account: AccountId,
    ) -> Result<Vec<LessonProgress>, StoreError> {
        let sql = "SELECT lesson, opened, seen, read FROM lesson_progress \
                   WHERE account_id = $1 ORDER BY seen DESC, lesson";
        let rows = self.database.all(Statement::new(sql).bind(account.0));
        let lesson = |row: &Row| {
            Ok(LessonProgress {
                lesson: row.text("lesson")?,
                opened: row.integer("opened")?,
                seen: row.integer("seen")?,
                read: row.optional_integer("read")?,
            })
        };
        rows.await?.iter().map(lesson).collect()
    }

    /// Lists the exercises and quizzes that an account has passed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_passes(&self, account: AccountId) -> Result<Vec<AssessmentPass>, StoreError> {
        let sql = "SELECT kind, assessment, passed FROM assessment_pass \
                   WHERE account_id = $1 ORDER BY passed, assessment";
        let rows = self.database.all(Statement::new(sql).bind(account.0));
        let pass = |row: &Row| {
            let kind = AssessmentKind::parse(&row.text("kind")?);
            Ok(AssessmentPass {
                kind: kind.ok_or_else(|| invalid_column("kind"))?,
                assessment: row.text("assessment")?,
                passed: row.integer("passed")?,
            })
        };
        rows.await?.iter().map(pass).collect()
    }

    /// Returns when an account has passed an exercise for the first time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_exercise_pass(
        &self,
        account: AccountId,
        exercise: &str,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT passed FROM assessment_pass \
                   WHERE account_id = $1 AND kind = 'exercise' AND assessment = $2";
        let select = Statement::new(sql).bind(account.0).bind(exercise);
        let row = self.database.optional(select).await?;
        row.map(|row| row.integer("passed")).transpose()
    }

    /// Lists the attempts of an account at an exercise or, without one, at all; the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_attempts(
        &self,
        account: AccountId,
        exercise: Option<&str>,
    ) -> Result<Vec<ExerciseAttempt>, StoreError> {
        let sql = "SELECT exercise, started, checked, passed, step, failures, hints, solution_shown, verdict \
                   FROM exercise_attempt WHERE account_id = $1 AND ($2 = '' OR exercise = $2) \
                   ORDER BY started DESC, exercise";
        let select = Statement::new(sql)
            .bind(account.0)
            .bind(exercise.unwrap_or_default());
        let rows = self.database.all(select).await?;
        let attempt = |row: &Row| {
            Ok(ExerciseAttempt {
                exercise: row.text("exercise")?,
                started: row.integer("started")?,
                checked: row.integer("checked")?,
                passed: row.optional_integer("passed")?,
                step: row.integer("step")?,
                failures: row.integer("failures")?,
                hints: row.integer("hints")?,
                is_solution_shown: row.boolean("solution_shown")?,
                verdict: row.text("verdict")?,
            })
        };
        rows.iter().map(attempt).collect()
    }

    /// Lists the answers of an account to the questions of a quiz or, without one, of all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_answers(
        &self,
        account: AccountId,
        quiz: Option<&str>,
    ) -> Result<Vec<AccountAnswer>, StoreError> {
        let sql = "SELECT quiz, question, first_answer, last_answer, is_correct, answered, solved \
                   FROM account_answer WHERE account_id = $1 AND ($2 = '' OR quiz = $2) \
                   ORDER BY quiz, question";
        let select = Statement::new(sql)
            .bind(account.0)
            .bind(quiz.unwrap_or_default());
        let rows = self.database.all(select).await?;
        rows.iter().map(answer).collect()
    }

    /// Gives the progress of a sandbox to an account, by the key of the sandbox, unless another account has it. Returns whether
    /// the account has it.
    ///
    /// # Errors
    /// [`StoreError`], also when the account was deleted.
    pub async fn claim_sandbox(
        &self,
        account: AccountId,
        key: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let hash: [u8; 32] = Sha256::digest(key).into();
        if let Some(owner) = self.claim_of(hash).await? {
            return Ok(owner == Some(account));
        }
        let sql = "INSERT INTO sandbox_claim (key_hash, account_id, claimed) \
                   SELECT $1, id, $3 FROM account WHERE id = $2 AND NOT EXISTS \
                   (SELECT 1 FROM account AS other WHERE other.sandbox_key = $4 AND other.id <> $2) \
                   ON CONFLICT (key_hash) DO NOTHING";
        let insert = Statement::new(sql)
            .bind(hash)
            .bind(account.0)
            .bind(now)
            .bind(key);
        self.database.write(insert).await?;
        // Another login may have been faster.
        Ok(self.claim_of(hash).await? == Some(Some(account)))
    }

    /// Returns whether a sandbox belongs to an account that may log in, by the key of the sandbox.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_sandbox_of_member(&self, key: &str) -> Result<bool, StoreError> {
        let hash: [u8; 32] = Sha256::digest(key).into();
        let sql = "SELECT account.id FROM sandbox_claim JOIN account ON account.id = account_id \
                   WHERE key_hash = $1 AND disabled IS NULL";
        let select = Statement::new(sql).bind(hash);
        Ok(self.database.optional(select).await?.is_some())
    }

    /// Returns the account that has claimed a sandbox, which may be deleted.
    async fn claim_of(&self, hash: [u8; 32]) -> Result<Option<Option<AccountId>>, StoreError> {
        let sql = "SELECT account_id FROM sandbox_claim WHERE key_hash = $1";
        let row = self.database.optional(Statement::new(sql).bind(hash));
        let Some(row) = row.await? else {
            return Ok(None);
        };
        Ok(Some(row.optional_integer("account_id")?.map(AccountId)))
    }

    /// Deletes the attempts, and the questions to mentors with their answers, before a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_attempts_before(&self, time: i64) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM help_request WHERE created < $1",
            "DELETE FROM exercise_attempt WHERE started < $1",
        ] {
            self.database.write(Statement::new(sql).bind(time)).await?;
        }
        Ok(())
    }

    /// Deletes the claims of sandboxes before a time, which must be longer ago than a sandbox can be old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_claims_before(&self, time: i64) -> Result<u64, StoreError> {
        let delete = Statement::new("DELETE FROM sandbox_claim WHERE claimed < $1").bind(time);
        self.database.write(delete).await
    }
}

async fn merge(
    transaction: &mut Transaction,
    account: AccountId,
    progress: NewProgress,
) -> Result<(), StoreError> {
    for lesson in &progress.lessons {
        merge_lesson(transaction, account, lesson).await?;
    }
    for attempt in &progress.attempts {
        merge_attempt(transaction, account, attempt).await?;
    }
    let passed = progress.attempts.iter().filter_map(|attempt| {
        Some(AssessmentPass {
            kind: AssessmentKind::Exercise,
            assessment: attempt.exercise.clone(),
            passed: attempt.passed?,
        })
    });
    let passes: Vec<AssessmentPass> = passed.chain(progress.passes).collect();
    for pass in &passes {
        merge_pass(transaction, account, pass).await?;
    }
    let passed = passes.iter();
    let passed = passed.filter(|pass| pass.kind == AssessmentKind::Exercise);
    let passed = passed.map(|pass| &pass.assessment);
    let tried = progress.attempts.iter().map(|attempt| &attempt.exercise);
    for exercise in tried.chain(passed).collect::<BTreeSet<_>>() {
        update_exercise_state(transaction, account, exercise).await?;
    }
    for answer in &progress.answers {
        merge_answer(transaction, account, answer).await?;
    }
    for (quiz, questions) in &progress.questions {
        merge_quiz_pass(transaction, account, quiz, questions).await?;
    }
    Ok(())
}

async fn merge_lesson(
    transaction: &mut Transaction,
    account: AccountId,
    lesson: &LessonProgress,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO lesson_progress (account_id, lesson, opened, seen, read) \
               VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (account_id, lesson) DO UPDATE SET \
               opened = CASE WHEN excluded.opened < lesson_progress.opened \
               THEN excluded.opened ELSE lesson_progress.opened END, \
               seen = CASE WHEN excluded.seen > lesson_progress.seen \
               THEN excluded.seen ELSE lesson_progress.seen END, \
               read = CASE WHEN lesson_progress.read IS NULL OR excluded.read < lesson_progress.read \
               THEN excluded.read ELSE lesson_progress.read END";
    let upsert = Statement::new(sql)
        .bind(account.0)
        .bind(&lesson.lesson)
        .bind(lesson.opened)
        .bind(lesson.seen)
        .bind(lesson.read);
    transaction.write(upsert).await.map(drop)
}

/// A passed attempt is not changed any more, so that hints and the solution count only before.
async fn merge_attempt(
    transaction: &mut Transaction,
    account: AccountId,
    attempt: &ExerciseAttempt,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO exercise_attempt \
               (account_id, exercise, started, checked, passed, step, failures, hints, solution_shown, verdict) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               ON CONFLICT (account_id, exercise, started) DO UPDATE SET \
               checked = excluded.checked, passed = excluded.passed, \
               step = CASE WHEN excluded.verdict = '' THEN exercise_attempt.step ELSE excluded.step END, \
               failures = CASE WHEN excluded.failures > exercise_attempt.failures \
               THEN excluded.failures ELSE exercise_attempt.failures END, \
               hints = excluded.hints, solution_shown = excluded.solution_shown, \
               verdict = CASE WHEN excluded.verdict = '' THEN exercise_attempt.verdict ELSE excluded.verdict END \
               WHERE exercise_attempt.passed IS NULL";
    let upsert = Statement::new(sql)
        .bind(account.0)
        .bind(&attempt.exercise)
        .bind(attempt.started)
        .bind(attempt.checked)
        .bind(attempt.passed)
        .bind(attempt.step)
        .bind(attempt.failures)
        .bind(attempt.hints)
        .bind(attempt.is_solution_shown)
        .bind(&attempt.verdict);
    transaction.write(upsert).await.map(drop)
}

async fn merge_pass(
    transaction: &mut Transaction,
    account: AccountId,
    pass: &AssessmentPass,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO assessment_pass (account_id, kind, assessment, passed) \
               VALUES ($1, $2, $3, $4) \
               ON CONFLICT (account_id, kind, assessment) DO UPDATE SET passed = excluded.passed \
               WHERE excluded.passed < assessment_pass.passed";
    let upsert = Statement::new(sql)
        .bind(account.0)
        .bind(pass.kind.as_str())
        .bind(&pass.assessment)
        .bind(pass.passed);
    transaction.write(upsert).await.map(drop)
}

async fn merge_answer(
    transaction: &mut Transaction,
    account: AccountId,
    answer: &AccountAnswer,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO account_answer \
               (account_id, quiz, question, first_answer, last_answer, is_correct, answered, solved) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (account_id, quiz, question) DO UPDATE SET \
               last_answer = excluded.last_answer, \
               solved = CASE WHEN account_answer.solved IS NULL OR excluded.solved < account_answer.solved \
               THEN excluded.solved ELSE account_answer.solved END";
    let upsert = Statement::new(sql)
        .bind(account.0)
        .bind(&answer.quiz)
        .bind(&answer.question)
        .bind(options_text(&answer.first))
        .bind(options_text(&answer.last))
        .bind(answer.is_correct)
        .bind(answer.answered)
        .bind(answer.solved);
    transaction.write(upsert).await.map(drop)
}

/// Passes a quiz whose questions are all solved, at the time of the last one.
async fn merge_quiz_pass(
    transaction: &mut Transaction,
    account: AccountId,
    quiz: &str,
    questions: &[String],
) -> Result<(), StoreError> {
    let sql = "SELECT question, solved FROM account_answer \
               WHERE account_id = $1 AND quiz = $2 AND solved IS NOT NULL";
    let select = Statement::new(sql).bind(account.0).bind(quiz);
    let rows = transaction.all(select).await?;
    let mut passed = None;
    for question in questions {
        let mut solved = None;
        for row in &rows {
            if row.text("question")? == *question {
                solved = Some(row.integer("solved")?);
            }
        }
        let Some(solved) = solved else {
            return Ok(());
        };
        passed = passed.max(Some(solved));
    }
    let Some(passed) = passed else {
        return Ok(());
    };
    let pass = AssessmentPass {
        kind: AssessmentKind::Quiz,
        assessment: quiz.to_owned(),
        passed,
    };
    merge_pass(transaction, account, &pass).await
}

fn options_text(options: &[String]) -> String {
    serde_json::to_string(options).expect("a list of texts is JSON")
}

fn answer(row: &Row) -> Result<AccountAnswer, StoreError> {
    let options = |column: &str| {
        let options = serde_json::from_str(&row.text(column)?);
        options.map_err(|_| invalid_column(column))
    };
    Ok(AccountAnswer {
        quiz: row.text("quiz")?,
        question: row.text("question")?,
        first: options("first_answer")?,
        last: options("last_answer")?,
        is_correct: row.boolean("is_correct")?,
        answered: row.integer("answered")?,
        solved: row.optional_integer("solved")?,
    })
}
