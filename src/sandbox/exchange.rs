//! The exchanges of a sandbox: their list, and the search that waits for a recent one.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::database::{DatabaseError, Statement};
use crate::model::exchange::Exchange;
use crate::sandbox::recorder::MAX_EXCHANGES;
use crate::sandbox::{SandboxId, Sandboxes};

/// How long a search waits for an exchange that may not be recorded yet.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(1);

impl Sandboxes {
    /// Lists the last exchanges of a sandbox, the newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_exchanges(
        &self,
        sandbox: SandboxId,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        // Reads memory before the database. An exchange that is written in between is then found
        // twice, and the duplicate is removed below; in the other order it could be missed.
        let buffered = self.recorder.buffered(sandbox);
        let sql = "SELECT body FROM exchange WHERE sandbox_id = $1 ORDER BY id";
        let rows = self
            .database
            .all(Statement::new(sql).bind(sandbox.0))
            .await?;
        let mut all: Vec<Arc<Exchange>> = Vec::new();
        for row in &rows {
            let stored: Vec<Exchange> =
                serde_json::from_str(&row.text("body")?).map_err(|_| DatabaseError::Column {
                    column: "body".to_owned(),
                    expected: "recorded exchanges",
                })?;
            all.extend(stored.into_iter().map(Arc::new));
        }
        let stored_ids: HashSet<String> = all.iter().map(|exchange| exchange.id.clone()).collect();
        all.extend(
            buffered
                .into_iter()
                .filter(|exchange| !stored_ids.contains(&exchange.id)),
        );
        all.reverse();
        all.truncate(MAX_EXCHANGES);
        Ok(all)
    }

    /// Finds the exchanges for which `matches` returns `true`, the newest first. An exchange is
    /// recorded a little after its response, so this waits up to one second for an exchange whose
    /// id or group is `name`: for the one with the id `last`, or without `last` for any.
    ///
    /// Reads the database once before the wait and once after it, since another instance may have
    /// recorded the exchange.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_exchanges(
        &self,
        sandbox: SandboxId,
        name: &str,
        last: Option<&str>,
        matches: impl Fn(&Exchange) -> bool,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        let is_complete = |found: &[Arc<Exchange>]| match last {
            Some(last) => found.iter().any(|exchange| exchange.id == last),
            None => !found.is_empty(),
        };
        let deadline = tokio::time::Instant::now() + SEARCH_TIMEOUT;
        let waiter = self.recorder.register_waiter(sandbox, name);
        let mut was_read = false;
        loop {
            let arrived = waiter.notify.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            let mut buffered = self.recorder.buffered(sandbox);
            buffered.retain(|exchange| matches(exchange));
            if !was_read || is_complete(&buffered) {
                let found = self.read_matching(sandbox, &matches).await?;
                if is_complete(&found) {
                    return Ok(found);
                }
                was_read = true;
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return self.read_matching(sandbox, &matches).await;
            }
        }
    }

    async fn read_matching(
        &self,
        sandbox: SandboxId,
        matches: &impl Fn(&Exchange) -> bool,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        let mut found = self.list_exchanges(sandbox).await?;
        found.retain(|exchange| matches(exchange));
        Ok(found)
    }
}
