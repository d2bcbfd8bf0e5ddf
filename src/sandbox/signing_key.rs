//! The key that signs JWTs, which the database stores.

use std::fmt;

use crate::database::{Database, DatabaseError, Statement};
use crate::sandbox::user_row::invalid_column;

/// The secret key that signs JWTs. Its `Debug` output does not contain it.
pub(super) struct SigningKey(pub(super) Vec<u8>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

/// Reads the key that signs JWTs. Creates it at the first start.
pub(super) async fn load(database: &Database) -> Result<SigningKey, DatabaseError> {
    let sql = "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    let insert = Statement::new(sql)
        .bind("token")
        .bind(rand::random::<[u8; 32]>());
    database.write(insert).await?;
    let select = Statement::new("SELECT value FROM secret WHERE name = $1").bind("token");
    let row = database.optional(select).await?;
    let value = row.ok_or_else(|| invalid_column("value"))?.blob("value")?;
    Ok(SigningKey(value))
}
