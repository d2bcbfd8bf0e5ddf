//! Help requests: what members ask mentors about an exercise, and the answers.

use std::fmt;

use crate::database::{Row, Statement};
use crate::model::account::AccountId;
use crate::portal::store::assignment::TeamMentor;
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::team::last_graded;
use crate::portal::store::{Store, StoreError};

/// The maximum number of help requests of a member that nobody has answered.
pub const OPEN_HELP_MAX: i64 = 20;
/// The maximum length of a question or an answer, in characters.
pub const HELP_TEXT_MAX: usize = 1000;

/// A question about an exercise, and its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct HelpRequest {
    /// The id.
    pub id: i64,
    /// Who asks.
    pub account: AccountId,
    /// The name of who asks.
    pub name: String,
    /// The id of the exercise.
    pub exercise: String,
    /// What was asked.
    pub question: String,
    /// The verdict about the attempt when it was asked: a `model::exercise::AttemptVerdict` as JSON, or empty.
    pub verdict: String,
    /// When it was asked, in milliseconds since 1970.
    pub created: i64,
    /// The answer, if there is one.
    pub answer: Option<HelpAnswer>,
}

/// Shows no name and no text, which are personal data and must not be logged.
impl fmt::Debug for HelpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HelpRequest")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("exercise", &self.exercise)
            .finish_non_exhaustive()
    }
}

/// The answer of a mentor.
#[derive(Clone, PartialEq, Eq)]
pub struct HelpAnswer {
    /// The text.
    pub text: String,
    /// When it was given, in milliseconds since 1970.
    pub at: i64,
    /// The name of the mentor, unless the account was deleted.
    pub mentor: Option<String>,
}

/// Shows nothing, because the text and the name are personal data and must not be logged.
impl fmt::Debug for HelpAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HelpAnswer").finish_non_exhaustive()
    }
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskOutcome {
    /// It was sent.
    Asked,
    /// The exercise was not started with this account.
    NoAttempt,
    /// Too many questions of the member are not answered yet.
    TooMany,
}

/// Returns a question or an answer without white space around it, if it is neither empty nor too long.
#[must_use]
pub fn parse_help_text(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_valid = (1..=HELP_TEXT_MAX).contains(&text.chars().count()) && !text.contains('\0');
    is_valid.then_some(text)
}

impl Store {
    /// Asks the mentors about an exercise, with the verdict about the last attempt of the account with a graded request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_for_help(
        &self,
        account: AccountId,
        exercise: &str,
        question: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<AskOutcome, StoreError> {
        let (exercise, question) = (exercise.to_owned(), question.to_owned());
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    // Behind the lock of the account, so that requests at the same time are counted.
                    let sql = "UPDATE account SET updated = updated WHERE id = $1";
                    let lock = Statement::new(sql).bind(account.0);
                    transaction.write(lock).await?;
                    let sql = "SELECT COUNT(*) AS count FROM help_request \
                               WHERE account_id = $1 AND answered IS NULL";
                    let row = transaction.optional(Statement::new(sql).bind(account.0));
                    let count = row.await?.map_or(Ok(0), |row| row.integer("count"))?;
                    if count >= OPEN_HELP_MAX {
                        return Ok(AskOutcome::TooMany);
                    }
                    let sql = concat!(
                        "INSERT INTO help_request \
                         (account_id, attempt_id, exercise, question, verdict, created) \
                         SELECT account_id, id, exercise, $3, verdict, $4 FROM exercise_attempt \
                         WHERE account_id = $1 AND exercise = $2 ",
                        last_graded!()
                    );
                    let insert = Statement::new(sql)
                        .bind(account.0)
                        .bind(exercise.clone())
                        .bind(question)
                        .bind(now);
                    if transaction.write(insert).await? == 0 {
                        return Ok(AskOutcome::NoAttempt);
                    }
                    let action = AuditAction::AskForHelp;
                    audit::record(transaction, &actor, action, (&exercise, ""), now).await?;
                    Ok(AskOutcome::Asked)
                })
            })
            .await
    }

    /// Lists the questions of an account about an exercise or, without one, of all, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_own_help(
        &self,
        account: AccountId,
        exercise: Option<&str>,
    ) -> Result<Vec<HelpRequest>, StoreError> {
        let sql = "SELECT help_request.id, account_id, account.name, exercise, question, verdict, \
                   help_request.created, answer, answered, mentor.name AS mentor \
                   FROM help_request JOIN account ON account.id = account_id \
                   LEFT JOIN account AS mentor ON mentor.id = answered_by \
                   WHERE account_id = $1 AND ($2 = '' OR exercise = $2) \
                   ORDER BY help_request.created DESC, help_request.id DESC";
        let select = Statement::new(sql)
            .bind(account.0)
            .bind(exercise.unwrap_or_default());
        let rows = self.database.all(select).await?;
        rows.iter().map(from_row).collect()
    }

    /// Lists the names of the mentors who get the questions of an account: those of its groups, and those without groups, who look
    /// after the whole team.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_mentors_of(&self, account: AccountId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM account WHERE role = 'mentor' AND disabled IS NULL AND id <> $1 \
                   AND (NOT EXISTS (SELECT 1 FROM group_member WHERE account_id = account.id) \
                   OR EXISTS (SELECT 1 FROM group_member AS member \
                   JOIN group_member AS own ON own.group_id = member.group_id \
                   WHERE member.account_id = $1 AND own.account_id = account.id)) \
                   ORDER BY name, id";
        let rows = self.database.all(Statement::new(sql).bind(account.0));
        rows.await?.iter().map(|row| row.text("name")).collect()
    }

    /// Counts the answers to questions of an account since it last looked at them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_new_answers(&self, account: AccountId) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS count FROM help_request WHERE account_id = $1 \
                   AND answered > COALESCE((SELECT seen FROM learn_visit WHERE account_id = $1), 0)";
        let select = Statement::new(sql).bind(account.0);
        let row = self.database.optional(select).await?;
        row.map_or(Ok(0), |row| row.integer("count"))
    }

    /// Returns when an account has last looked at the answers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answers_seen(&self, account: AccountId) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT seen FROM learn_visit WHERE account_id = $1";
        let row = self.database.optional(Statement::new(sql).bind(account.0));
        row.await?.map(|row| row.integer("seen")).transpose()
    }

    /// Stores that an account looks at the answers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn see_answers(&self, account: AccountId, now: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO learn_visit (account_id, seen) VALUES ($1, $2) \
                   ON CONFLICT (account_id) DO UPDATE SET seen = excluded.seen";
        let upsert = Statement::new(sql).bind(account.0).bind(now);
        self.database.write(upsert).await.map(drop)
    }

    /// Lists the questions of the part of the team that somebody looks after: those without an answer, the oldest first, or those with
    /// one, the newest first. Returns also the number of all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_team_help(
        &self,
        mentor: TeamMentor,
        is_answered: bool,
        (offset, limit): (i64, i64),
    ) -> Result<(Vec<HelpRequest>, i64), StoreError> {
        let bind = |sql: &'static str| {
            Statement::new(sql)
                .bind(mentor.is_whole_team)
                .bind(mentor.account.0)
                .bind(is_answered)
        };
        let count = "SELECT COUNT(*) AS count FROM help_request \
                     WHERE ($3 = 1) = (answered IS NOT NULL) AND ($1 = 1 OR account_id IN \
                     (SELECT member.account_id FROM group_member AS member \
                     JOIN group_member AS own ON own.group_id = member.group_id WHERE own.account_id = $2)) \
                     AND ($3 = 1 OR account_id IN (SELECT id FROM account WHERE disabled IS NULL))";
        let count = self.database.optional(bind(count)).await?;
        let count = count.map_or(Ok(0), |row| row.integer("count"))?;
        let page = "SELECT help_request.id, account_id, account.name, exercise, question, verdict, \
                    help_request.created, answer, answered, mentor.name AS mentor \
                    FROM help_request JOIN account ON account.id = account_id \
                    LEFT JOIN account AS mentor ON mentor.id = answered_by \
                    WHERE ($3 = 1) = (answered IS NOT NULL) AND ($1 = 1 OR account_id IN \
                    (SELECT member.account_id FROM group_member AS member \
                    JOIN group_member AS own ON own.group_id = member.group_id WHERE own.account_id = $2)) \
                    AND ($3 = 1 OR account.disabled IS NULL) \
                    ORDER BY answered DESC, help_request.created, help_request.id LIMIT $4 OFFSET $5";
        let select = bind(page).bind(limit).bind(offset);
        let rows = self.database.all(select).await?;
        let requests = rows.iter().map(from_row).collect::<Result<_, _>>()?;
        Ok((requests, count))
    }

    /// Answers a question, or replaces its answer. Returns `false` when there is no such question in the part of the team that somebody
    /// looks after.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answer_help(
        &self,
        id: i64,
        answer: &str,
        mentor: TeamMentor,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (answer, actor) = (answer.to_owned(), actor.clone());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
        let sql = "UPDATE help_request SET answer = $1, answered = $2, answered_by = $3 \
                   WHERE id = $4 AND ($5 = 1 OR account_id IN \
                   (SELECT member.account_id FROM group_member AS member \
                   JOIN group_member AS own ON own.group_id = member.group_id WHERE own.account_id = $3))";
        let update = Statement::new(sql)
            .bind(answer.clone())
            .bind(now)
            .bind(mentor.account.0)
            .bind(id)
            .bind(mentor.is_whole_team);
                    if transaction.write(update).await? == 0 {
                        return Ok(false);
                    }
                    let sql = "SELECT email, exercise FROM help_request \
                               JOIN account ON account.id = account_id WHERE help_request.id = $1";
                    let row = transaction.optional(Statement::new(sql).bind(id)).await?;
                    let (email, exercise) = match row {
                        Some(row) => (row.text("email")?, row.text("exercise")?),
                        None => return Ok(false),
                    };
                    let action = AuditAction::AnswerHelp;
                    let entry = (email.as_str(), exercise.as_str());
                    audit::record(transaction, &actor, action, entry, now).await?;
                    Ok(true)
                })
            })
            .await
    }
}

fn from_row(row: &Row) -> Result<HelpRequest, StoreError> {
    let answer = match (
        row.optional_text("answer")?,
        row.optional_integer("answered")?,
    ) {
        (Some(text), Some(at)) => Some(HelpAnswer {
            text,
            at,
            mentor: row.optional_text("mentor")?,
        }),
        _ => None,
    };
    Ok(HelpRequest {
        id: row.integer("id")?,
        account: AccountId(row.integer("account_id")?),
        name: row.text("name")?,
        exercise: row.text("exercise")?,
        question: row.text("question")?,
        verdict: row.text("verdict")?,
        created: row.integer("created")?,
        answer,
    })
}
