//! Backups of this database: the copy of a SQLite file, and the record of when the last one was made.

use std::path::Path;

use crate::database::{Statement, Transaction};
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::{Store, StoreError};

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The name of its file, without the folder.
    pub name: String,
    /// The size of its file, in bytes.
    pub size: i64,
}

impl Store {
    /// Copies the SQLite database as it is at one moment into an empty or new file, also while a server uses it.
    ///
    /// # Errors
    /// [`StoreError`], for example when the disk is full.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let path = file.to_string_lossy().into_owned();
        let copy = Statement::new("VACUUM INTO $1").bind(path);
        self.database.write(copy).await.map(drop)
    }

    /// Returns what SQLite finds wrong in the whole file; empty when it is intact.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.database.all(Statement::new("PRAGMA integrity_check"));
        let mut lines = Vec::new();
        for row in rows.await? {
            lines.push(row.text("integrity_check")?);
        }
        lines.retain(|line| line != "ok");
        Ok(lines)
    }

    /// Records a backup.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_backup(&self, backup: Backup) -> Result<(), StoreError> {
        self.database
            .transaction(move |transaction| {
                let backup = backup.clone();
                Box::pin(async move {
                    insert_backup(transaction, &backup).await?;
                    let (actor, action) = (Actor::default(), AuditAction::BackUp);
                    let size = backup.size.to_string();
                    let entry = (backup.name.as_str(), size.as_str());
                    audit::record(transaction, &actor, action, entry, backup.at).await
                })
            })
            .await
    }

    /// Records that this database was restored from a backup, which is the last one from then on. Ends all sessions and logins that have begun, and deletes the links that
    /// were sent: those that were ended or used after the backup would be open again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_restore(&self, backup: Backup, now: i64) -> Result<(), StoreError> {
        self.database
            .transaction(move |transaction| {
                let backup = backup.clone();
                Box::pin(async move {
                    insert_backup(transaction, &backup).await?;
                    for sql in [
                        "DELETE FROM session",
                        "DELETE FROM pending_login",
                        "DELETE FROM password_reset",
                        "DELETE FROM email_change",
                    ] {
                        transaction.write(Statement::new(sql)).await?;
                    }
                    let (actor, action) = (Actor::default(), AuditAction::Restore);
                    audit::record(transaction, &actor, action, (&backup.name, ""), now).await
                })
            })
            .await
    }

    /// Returns the last backup, if one was ever recorded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_backup(&self) -> Result<Option<Backup>, StoreError> {
        let sql = "SELECT at, name, size FROM backup ORDER BY at DESC, id DESC LIMIT 1";
        let Some(row) = self.database.optional(Statement::new(sql)).await? else {
            return Ok(None);
        };
        Ok(Some(Backup {
            at: row.integer("at")?,
            name: row.text("name")?,
            size: row.integer("size")?,
        }))
    }
}

async fn insert_backup(transaction: &mut Transaction, backup: &Backup) -> Result<(), StoreError> {
    let sql = "INSERT INTO backup (at, name, size) VALUES ($1, $2, $3)";
    let insert = Statement::new(sql)
        .bind(backup.at)
        .bind(backup.name.as_str())
        .bind(backup.size);
    transaction.write(insert).await.map(drop)
}
