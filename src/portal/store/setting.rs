//! The table of settings: what admins set in the browser, each value as JSON under its name.

use std::collections::BTreeMap;

use crate::database::{Statement, Transaction};
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::{Store, StoreError};

impl Store {
    /// Lists the settings that were set, as JSON texts by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_settings(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let select = Statement::new("SELECT name, value FROM setting");
        let rows = self.database.all(select).await?;
        rows.iter()
            .map(|row| Ok((row.text("name")?, row.text("value")?)))
            .collect()
    }

    /// Stores settings, each given as its name, its JSON text, and what the audit log says about the change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_settings(
        &self,
        changes: Vec<(&'static str, String, String)>,
        actor: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    for (name, value, detail) in changes {
                        change(transaction, (name, value, &detail), &actor, now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Stores a setting, given as its name, its JSON text, and what the audit log says about the change.
pub(super) async fn change(
    transaction: &mut Transaction,
    (name, value, detail): (&str, String, &str),
    actor: &Actor,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (name, value, updated) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE \
               SET value = excluded.value, updated = excluded.updated";
    let upsert = Statement::new(sql).bind(name).bind(value).bind(now);
    transaction.write(upsert).await?;
    let action = AuditAction::ChangeSetting;
    audit::record(transaction, actor, action, (name, detail), now).await
}
