//! Writes to sandboxes: each is one transaction, which appends its changes to the undo log too.

use std::sync::atomic::Ordering;

use crate::database::{Transaction, TransactionFuture};
use crate::sandbox::write_context::WriteContext;
use crate::sandbox::{
    DataScope, SandboxId, SandboxKey, Sandboxes, WriteError, sandbox_row, undo_log,
};

/// The result of a write, with the sandbox that it created.
#[derive(Clone, Debug)]
pub struct WriteOutcome<T> {
    /// The result of the work.
    pub value: T,
    /// The sandbox that the write created, if any.
    pub created: Option<CreatedSandbox>,
}

/// A newly created sandbox.
#[derive(Clone, Debug)]
pub struct CreatedSandbox {
    /// The key. It is not stored, so this is the only copy.
    pub key: SandboxKey,
    /// The id of the sandbox.
    pub sandbox: SandboxId,
}

impl Sandboxes {
    /// Runs a write in one transaction, in the visitor's sandbox or, without one, in a new sandbox.
    /// When the write fails, the transaction is rolled back and no sandbox is created. The same
    /// transaction appends the changes of the write to the undo log.
    pub(super) async fn write<T, F>(
        &self,
        scope: &DataScope,
        work: F,
    ) -> Result<WriteOutcome<T>, WriteError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(
                &'a mut Transaction,
                &'a mut WriteContext,
            ) -> TransactionFuture<'a, T, WriteError>
            + Clone
            + Send
            + 'static,
    {
        let (now, limits, first_id) = (self.clock.now(), self.limits, self.first_id());
        let DataScope {
            sandbox,
            trace,
            source,
        } = scope.clone();
        let (outcome, changes, step) = self
            .database
            .traced_transaction(trace.clone(), {
                let trace = trace.clone();
                move |transaction| {
                    Box::pin(async move {
                        let (sandbox, created) = match sandbox {
                            Some(sandbox) => (sandbox, None),
                            None => {
                                let key = SandboxKey::random();
                                let sandbox =
                                    sandbox_row::insert(transaction, &key, first_id, now).await?;
                                (sandbox, Some(CreatedSandbox { key, sandbox }))
                            }
                        };
                        let floor = sandbox_row::lock(transaction, sandbox, now).await?;
                        let mut context = WriteContext {
                            sandbox,
                            now,
                            floor,
                            limits,
                            trace,
                            changes: Vec::new(),
                            reset: None,
                        };
                        let value = work(transaction, &mut context).await;
                        let value =
                            value.inspect_err(|error| error.add_to_trace(&context.trace))?;
                        let step =
                            undo_log::append(transaction, &context, source.as_deref()).await?;
                        let step = step.map(|step| (sandbox, step));
                        Ok::<_, WriteError>((
                            WriteOutcome { value, created },
                            context.changes,
                            step,
                        ))
                    })
                }
            })
            .await?;
        if outcome.created.is_some() {
            self.count_created();
        }
        for change in &changes {
            trace.add_change(change.before.as_ref(), change.after.as_ref());
        }
        if let Some((sandbox, step)) = step {
            self.recorder.record_step(sandbox, step);
        }
        Ok(outcome)
    }

    fn count_created(&self) {
        let count = self.creations.count.fetch_add(1, Ordering::Relaxed) + 1;
        if count > self.limits.sandboxes / 100 {
            self.creations.limit_reached.notify_one();
        }
    }

    /// Waits until more sandboxes were created since the last [`Sandboxes::expire`] than 1 % of the
    /// maximum number, so that the caller can run the next one.
    pub async fn wait_for_many_creations(&self) {
        self.creations.limit_reached.notified().await;
    }
}
