//! The answers of a visitor to the questions of quizzes. They are part of the sandbox and not changed by a reset.
//!
//! Which answers are correct is decided by `content::quiz`.

use crate::database::{DatabaseError, Row, Statement};
use crate::sandbox::{SandboxId, Sandboxes};

/// The answer to a question: the ids of the chosen options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizAnswer {
    /// The id of the quiz.
    pub quiz: String,
    /// The id of the question.
    pub question: String,
    /// The first answer, which counts.
    pub first: Vec<String>,
    /// The last answer, which is practice unless it is the first.
    pub last: Vec<String>,
    /// When the question was first answered, in milliseconds since 1970.
    pub answered_at: i64,
}

impl Sandboxes {
    /// Reads the answers to the questions of a quiz.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn quiz_answers(
        &self,
        sandbox: SandboxId,
        quiz: &str,
    ) -> Result<Vec<QuizAnswer>, DatabaseError> {
        let sql = "SELECT quiz, question, first_answer, last_answer, answered_at FROM quiz_answer \
                   WHERE sandbox_id = $1 AND quiz = $2 ORDER BY question";
        let select = Statement::new(sql).bind(sandbox.0).bind(quiz);
        let rows = self.database.all(select).await?;
        rows.iter().map(answer).collect()
    }

    /// Lists the answers to the questions of all quizzes.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_quiz_answers(
        &self,
        sandbox: SandboxId,
    ) -> Result<Vec<QuizAnswer>, DatabaseError> {
        let sql = "SELECT quiz, question, first_answer, last_answer, answered_at FROM quiz_answer \
                   WHERE sandbox_id = $1 ORDER BY quiz, question";
        let rows = self.database.all(Statement::new(sql).bind(sandbox.0));
        rows.await?.iter().map(answer).collect()
    }

    /// Stores the answer to a question. An earlier first answer stays, even if two requests arrive at the same time.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn answer_question(
        &self,
        sandbox: SandboxId,
        quiz: &str,
        question: &str,
        chosen: &[String],
    ) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO quiz_answer (sandbox_id, quiz, question, first_answer, last_answer, answered_at) \
                   VALUES ($1, $2, $3, $4, $4, $5) \
                   ON CONFLICT (sandbox_id, quiz, question) DO UPDATE SET last_answer = excluded.last_answer";
        let upsert = Statement::new(sql)
            .bind(sandbox.0)
            .bind(quiz)
            .bind(question)
            .bind(serde_json::to_string(chosen).expect("a list of texts is JSON"))
            .bind(self.clock.now());
        self.database.write(upsert).await.map(drop)
    }
}

fn answer(row: &Row) -> Result<QuizAnswer, DatabaseError> {
    let options = |column: &str| {
        serde_json::from_str(&row.text(column)?).map_err(|_| DatabaseError::Column {
            column: column.to_owned(),
            expected: "chosen options",
        })
    };
    Ok(QuizAnswer {
        quiz: row.text("quiz")?,
        question: row.text("question")?,
        first: options("first_answer")?,
        last: options("last_answer")?,
        answered_at: row.integer("answered_at")?,
    })
}
