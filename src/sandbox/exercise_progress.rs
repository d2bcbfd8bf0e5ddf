//! What a visitor has done of an exercise. It is part of the sandbox and not changed by a reset.
//!
//! Which exchanges pass an exercise is decided by `model::exercise`.

use std::sync::Arc;

use crate::database::{DatabaseError, Row, Statement};
use crate::model::exchange::Exchange;
use crate::model::timestamp::Timestamp;
use crate::sandbox::{SandboxId, Sandboxes};

/// What a visitor has done of an exercise; the default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExerciseProgress {
    /// The number of times that the exercise was started.
    pub attempts: i64,
    /// When it was last started, in milliseconds since 1970.
    pub started_at: Option<i64>,
    /// The number of hints that are shown.
    pub hints: i64,
    /// Whether the solution is shown.
    pub is_solution_shown: bool,
    /// When it was passed for the first time, in milliseconds since 1970.
    pub passed_at: Option<i64>,
    /// The newest exchange when it was last started.
    last_exchange: Option<String>,
}

impl ExerciseProgress {
    /// Returns the exchanges that count, the oldest first: those since the exercise was last started. `exchanges` are
    /// all that are recorded, the newest first.
    #[must_use]
    pub fn counted<'a>(&self, exchanges: &'a [Arc<Exchange>]) -> Vec<&'a Exchange> {
        let Some(started_at) = self.started_at else {
            return Vec::new();
        };
        // Without the last one before, all are newer: the oldest are deleted first, and a reset deletes all.
        let is_newer =
            |exchange: &&Arc<Exchange>| Some(&exchange.id) != self.last_exchange.as_ref();
        let newer = exchanges.iter().take_while(is_newer).map(|one| &**one);
        let mut counted: Vec<&Exchange> = newer
            // Exchanges have whole seconds.
            .filter(|exchange| exchange.at >= Timestamp::from_milliseconds(started_at))
            .collect();
        counted.reverse();
        counted
    }
}

impl Sandboxes {
    /// Reads what a visitor has done of an exercise.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn exercise_progress(
        &self,
        sandbox: SandboxId,
        exercise: &str,
    ) -> Result<ExerciseProgress, DatabaseError> {
        let sql = "SELECT attempts, started_at, last_exchange, hints, solution_shown, passed_at \
                   FROM exercise_progress WHERE sandbox_id = $1 AND exercise = $2";
        let select = Statement::new(sql).bind(sandbox.0).bind(exercise);
        let Some(row) = self.database.optional(select).await? else {
            return Ok(ExerciseProgress::default());
        };
        from_row(&row)
    }

    /// Lists what a visitor has done of each exercise, with its id.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_exercise_progress(
        &self,
        sandbox: SandboxId,
    ) -> Result<Vec<(String, ExerciseProgress)>, DatabaseError> {
        let sql = "SELECT exercise, attempts, started_at, last_exchange, hints, solution_shown, passed_at \
                   FROM exercise_progress WHERE sandbox_id = $1 ORDER BY exercise";
        let rows = self.database.all(Statement::new(sql).bind(sandbox.0));
        let rows = rows.await?;
        let progress = rows
            .iter()
            .map(|row| Ok((row.text("exercise")?, from_row(row)?)));
        progress.collect()
    }

    /// Starts an exercise, or starts it again: only exchanges from now on count.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn start_exercise(
        &self,
        sandbox: SandboxId,
        exercise: &str,
    ) -> Result<(), DatabaseError> {
        let newest = self.list_exchanges(sandbox).await?;
        let newest = newest.first().map(|exchange| exchange.id.clone());
        let sql = "INSERT INTO exercise_progress \
                   (sandbox_id, exercise, attempts, started_at, last_exchange, hints, solution_shown) \
                   VALUES ($1, $2, 1, $3, $4, 0, 0) \
                   ON CONFLICT (sandbox_id, exercise) DO UPDATE SET \
                   attempts = exercise_progress.attempts + 1, started_at = excluded.started_at, \
                   last_exchange = excluded.last_exchange";
        let upsert = Statement::new(sql)
            .bind(sandbox.0)
            .bind(exercise)
            .bind(self.clock.now())
            .bind(newest);
        self.database.write(upsert).await.map(drop)
    }

    /// Shows one hint more, up to `count`.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn show_hint(
        &self,
        sandbox: SandboxId,
        exercise: &str,
        count: usize,
    ) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO exercise_progress (sandbox_id, exercise, attempts, hints, solution_shown) \
                   VALUES ($1, $2, 0, 1, 0) \
                   ON CONFLICT (sandbox_id, exercise) DO UPDATE SET \
                   hints = exercise_progress.hints + 1 WHERE exercise_progress.hints < $3";
        let upsert = Statement::new(sql)
            .bind(sandbox.0)
            .bind(exercise)
            .bind(i64::try_from(count).unwrap_or(i64::MAX));
        self.database.write(upsert).await.map(drop)
    }

    /// Shows the solution.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn show_solution(
        &self,
        sandbox: SandboxId,
        exercise: &str,
    ) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO exercise_progress (sandbox_id, exercise, attempts, hints, solution_shown) \
                   VALUES ($1, $2, 0, 0, 1) \
                   ON CONFLICT (sandbox_id, exercise) DO UPDATE SET solution_shown = 1";
        let upsert = Statement::new(sql).bind(sandbox.0).bind(exercise);
        self.database.write(upsert).await.map(drop)
    }

    /// Stores that a started exercise is passed; only the first time counts.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn pass_exercise(
        &self,
        sandbox: SandboxId,
        exercise: &str,
    ) -> Result<(), DatabaseError> {
        let sql = "UPDATE exercise_progress SET passed_at = $3 \
                   WHERE sandbox_id = $1 AND exercise = $2 AND passed_at IS NULL";
        let update = Statement::new(sql)
            .bind(sandbox.0)
            .bind(exercise)
            .bind(self.clock.now());
        self.database.write(update).await.map(drop)
    }
}

fn from_row(row: &Row) -> Result<ExerciseProgress, DatabaseError> {
    Ok(ExerciseProgress {
        attempts: row.integer("attempts")?,
        started_at: row.optional_integer("started_at")?,
        hints: row.integer("hints")?,
        is_solution_shown: row.integer("solution_shown")? == 1,
        passed_at: row.optional_integer("passed_at")?,
        last_exchange: row.optional_text("last_exchange")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an exchange that began at a time in milliseconds.
    fn exchange(id: &str, at: i64) -> Arc<Exchange> {
        Arc::new(Exchange {
            id: id.to_owned(),
            at: Timestamp::from_milliseconds(at),
            ..Exchange::sample("GET", "/api/users")
        })
    }

    #[test]
    fn exchanges_after_the_start_count_also_in_its_second() {
        let started = |last: Option<&str>| ExerciseProgress {
            started_at: Some(10_900),
            last_exchange: last.map(str::to_owned),
            ..ExerciseProgress::default()
        };
        // The newest first.
        let all = [
            exchange("d", 12_000),
            exchange("c", 10_950),
            exchange("b", 10_100),
            exchange("a", 9_000),
        ];
        let counted = |progress: &ExerciseProgress| {
            let counted = progress.counted(&all);
            counted.iter().map(|one| one.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(counted(&started(Some("b"))), ["c", "d"]);
        assert_eq!(counted(&started(Some("d"))), [""; 0]);
        // The last one before is no longer recorded.
        assert_eq!(counted(&started(Some("x"))), ["b", "c", "d"]);
        assert_eq!(counted(&started(None)), ["b", "c", "d"]);
        assert_eq!(counted(&ExerciseProgress::default()), [""; 0]);
    }
}
