//! The twelve users that every sandbox begins with.

use serde::Deserialize;

use crate::database::{Database, DatabaseError, Statement, Transaction};
use crate::model::timestamp::Timestamp;
use crate::model::user::{Email, User, UserId, UserRole};
use crate::sandbox::SandboxId;

/// A user in the format of `seed.json`.
#[derive(Deserialize)]
struct SeedUser {
    id: i64,
    name: String,
    email: String,
    role: String,
    bio: Option<String>,
    created_at: String,
    updated_at: String,
}

/// Parses the built-in seed.
pub(super) fn users() -> Vec<User> {
    let seed: Vec<SeedUser> =
        serde_json::from_str(include_str!("seed.json")).expect("the seed is JSON");
    let time = |text: &str| Timestamp::parse(text).expect("a time of the seed");
    seed.into_iter()
        .map(|user| User {
            id: UserId::new(user.id).expect("an id of the seed"),
            name: user.name,
            email: Email::parse(&user.email).expect("an email address of the seed"),
            role: UserRole::parse(&user.role).expect("a role of the seed"),
            bio: user.bio,
            created_at: time(&user.created_at),
            updated_at: time(&user.updated_at),
        })
        .collect()
}

/// Replaces the rows of the table `seed` by the given users, so that one statement can copy them
/// into a sandbox.
pub(super) async fn store(database: &Database, users: &[User]) -> Result<(), DatabaseError> {
    let users = users.to_vec();
    database
        .transaction(move |transaction| {
            Box::pin(async move {
                transaction.write(Statement::new("DELETE FROM seed")).await?;
                for user in &users {
                    let sql = "INSERT INTO seed (id, name, name_folded, email, email_folded, role, bio, created_at, updated_at) \
                               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
                    let insert = Statement::new(sql)
                        .bind(user.id.get())
                        .bind(user.name.as_str())
                        .bind(user.name_folded())
                        .bind(user.email.as_str())
                        .bind(user.email.folded())
                        .bind(user.role.as_str())
                        .bind(user.bio.clone())
                        .bind(user.created_at.milliseconds())
                        .bind(user.updated_at.milliseconds());
                    transaction.write(insert).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Copies the seed into an empty sandbox.
pub(super) async fn copy(
    transaction: &mut Transaction,
    sandbox: SandboxId,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO users (sandbox_id, id, name, name_folded, email, email_folded, role, bio, created_at, updated_at) \
               SELECT $1, id, name, name_folded, email, email_folded, role, bio, created_at, updated_at FROM seed";
    transaction
        .write(Statement::new(sql).bind(sandbox.0))
        .await
        .map(drop)
}
