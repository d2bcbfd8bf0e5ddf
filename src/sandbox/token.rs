//! The bearer tokens of users.
//!
//! An opaque token is found by its hash, a JWT by its id. Both have a row in the database, so both
//! can be revoked. How a request carries a token is in `api::middleware::authentication`, the
//! signature in `api::middleware::jwt`.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::database::{DatabaseError, Row, Statement};
use crate::model::credential::{NewToken, TOKEN_PREFIX, Token, TokenKind};
use crate::model::timestamp::Timestamp;
use crate::model::user::{User, UserId};
use crate::sandbox::user_row::{find_user, invalid_column, user_from_row};
use crate::sandbox::{DataScope, Sandboxes, WriteError};

/// The maximum number of tokens of one sandbox.
const MAX_TOKENS: i64 = 100;
/// The minimum interval between two updates of `last_used_at`, in milliseconds.
const USE_RECORDING_INTERVAL: i64 = 60_000;

/// The credential that a client sends.
#[derive(Clone, Copy)]
pub enum TokenCredential<'a> {
    /// An opaque token.
    Opaque(&'a str),
    /// The claims of a JWT whose signature has been verified.
    Jwt {
        /// The id of the token.
        id: &'a str,
        /// The user that the token belongs to.
        user: UserId,
    },
}

/// The result of checking a token.
#[derive(Clone, Debug)]
pub enum TokenCheck {
    /// The token is valid and belongs to this user.
    Valid(User),
    /// The token has expired.
    Expired,
    /// The sandbox has no such token.
    Unknown,
}

/// A newly created token.
#[derive(Clone)]
pub struct IssuedToken {
    /// The token as the API lists it.
    pub token: Token,
    /// The secret of an opaque token. Only its hash is stored, so it cannot be shown again.
    pub secret: Option<String>,
}

impl Sandboxes {
    /// Returns the key that signs JWTs.
    #[must_use]
    pub fn signing_key(&self) -> &[u8] {
        &self.signing_key.0
    }

    /// Creates a token for a user. Deletes the expired tokens of the sandbox first.
    ///
    /// # Errors
    /// [`WriteError::TokensFull`] when the sandbox has the maximum number of tokens;
    /// [`WriteError::UserNotFound`] when the user does not exist.
    pub async fn create_token(
        &self,
        scope: &DataScope,
        owner: UserId,
        new: NewToken,
    ) -> Result<IssuedToken, WriteError> {
        let outcome = self
            .write(scope, move |transaction, context| {
                Box::pin(async move {
                    let sql = "DELETE FROM api_token WHERE sandbox_id = $1 AND expires_at <= $2";
                    let delete_expired = Statement::new(sql).bind(context.sandbox.0).bind(context.now);
                    transaction.write(delete_expired).await?;
                    let secret = (new.kind == TokenKind::Opaque).then(generate_secret);
                    let token = new_token(new, context.now);
                    let sql = "INSERT INTO api_token (id, sandbox_id, user_id, kind, hash, name, created_at, expires_at) \
                               SELECT $1, sandbox_id, id, $2, $3, $4, $5, $6 FROM users WHERE sandbox_id = $7 AND id = $8 \
                               AND $9 > (SELECT COUNT(*) FROM api_token WHERE sandbox_id = $7)";
                    let insert = Statement::new(sql)
                        .bind(token.id.as_str())
                        .bind(token.kind.as_str())
                        .bind(secret.as_deref().map(hash))
                        .bind(token.name.as_str())
                        .bind(token.created_at.milliseconds())
                        .bind(token.expires_at.milliseconds())
                        .bind(context.sandbox.0)
                        .bind(owner.get())
                        .bind(MAX_TOKENS);
                    if transaction.write(insert).await? == 1 {
                        return Ok(IssuedToken { token, secret });
                    }
                    match find_user(transaction, context, owner).await? {
                        Some(_) => Err(WriteError::TokensFull { limit: MAX_TOKENS }),
                        None => Err(WriteError::UserNotFound),
                    }
                })
            })
            .await?;
        Ok(outcome.value)
    }

    /// Lists the tokens of a user, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_tokens(
        &self,
        scope: &DataScope,
        owner: UserId,
    ) -> Result<Vec<Token>, DatabaseError> {
        let sql = "SELECT id, name, kind, created_at, expires_at, last_used_at FROM api_token \
                   WHERE sandbox_id = $1 AND user_id = $2 ORDER BY created_at, id";
        let select = self.bind_owner(sql, scope, owner);
        let rows = self.database.all(select).await?;
        rows.iter().map(token_from_row).collect()
    }

    /// Finds a token of a user.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_token(
        &self,
        scope: &DataScope,
        owner: UserId,
        id: &str,
    ) -> Result<Option<Token>, DatabaseError> {
        let sql = "SELECT id, name, kind, created_at, expires_at, last_used_at FROM api_token \
                   WHERE sandbox_id = $1 AND user_id = $2 AND id = $3";
        let select = self.bind_owner(sql, scope, owner).bind(id);
        let row = self.database.optional(select).await?;
        row.as_ref().map(token_from_row).transpose()
    }

    /// Deletes a token of a user. Returns whether the token existed.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn delete_token(
        &self,
        scope: &DataScope,
        owner: UserId,
        id: &str,
    ) -> Result<bool, DatabaseError> {
        let sql = "DELETE FROM api_token WHERE sandbox_id = $1 AND user_id = $2 AND id = $3";
        let delete = self.bind_owner(sql, scope, owner).bind(id);
        Ok(self.database.write(delete).await? > 0)
    }

    fn bind_owner(&self, sql: &'static str, scope: &DataScope, owner: UserId) -> Statement {
        // No sandbox has the id 0, so a visitor without a sandbox has no tokens.
        let sandbox = scope.sandbox.map_or(0, |sandbox| sandbox.0);
        let statement = Statement::new(sql).bind(sandbox).bind(owner.get());
        statement.traced(&scope.trace)
    }

    /// Finds the user of the token that a client sent, and records the use of the token.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn check_token(
        &self,
        scope: &DataScope,
        credential: TokenCredential<'_>,
    ) -> Result<TokenCheck, DatabaseError> {
        let Some(sandbox) = scope.sandbox else {
            return Ok(TokenCheck::Unknown);
        };
        let sql = match credential {
            TokenCredential::Opaque(_) => {
                "SELECT users.id, users.name, email, role, bio, users.created_at, updated_at, \
                 api_token.id AS token, expires_at, last_used_at \
                 FROM api_token JOIN users ON users.sandbox_id = api_token.sandbox_id AND users.id = user_id \
                 WHERE api_token.sandbox_id = $1 AND hash = $2"
            }
            TokenCredential::Jwt { .. } => {
                "SELECT users.id, users.name, email, role, bio, users.created_at, updated_at, \
                 api_token.id AS token, expires_at, last_used_at \
                 FROM api_token JOIN users ON users.sandbox_id = api_token.sandbox_id AND users.id = user_id \
                 WHERE api_token.sandbox_id = $1 AND api_token.id = $2 AND user_id = $3 AND kind = 'jwt'"
            }
        };
        let select = Statement::new(sql).bind(sandbox.0);
        let select = match credential {
            TokenCredential::Opaque(token) => select.bind(hash(token)),
            TokenCredential::Jwt { id, user } => select.bind(id).bind(user.get()),
        };
        let found = self.database.optional(select.traced(&scope.trace)).await?;
        let Some(row) = found else {
            return Ok(TokenCheck::Unknown);
        };
        let now = self.now();
        if row.integer("expires_at")? <= now {
            return Ok(TokenCheck::Expired);
        }
        let last_used_at = row.optional_integer("last_used_at")?;
        if last_used_at.is_none_or(|last_used_at| now - last_used_at >= USE_RECORDING_INTERVAL) {
            self.record_token_use(scope, &row.text("token")?, now).await;
        }
        user_from_row(&row).map(TokenCheck::Valid)
    }

    /// Records the use of a token. A failed write is logged only, because it must not fail the
    /// request.
    async fn record_token_use(&self, scope: &DataScope, id: &str, now: i64) {
        let update = Statement::new("UPDATE api_token SET last_used_at = $2 WHERE id = $1");
        let update = update.bind(id).bind(now).traced(&scope.trace);
        if let Err(error) = self.database.write(update).await {
            tracing::warn!(%error, "the use of a token was not recorded");
        }
    }
}

fn generate_secret() -> String {
    let random = rand::random::<[u8; 32]>();
    format!("{TOKEN_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// Builds a token. Its times are whole seconds, so that they equal the times in a JWT.
fn new_token(new: NewToken, now: i64) -> Token {
    let now = now / 1000 * 1000;
    Token {
        id: Uuid::new_v4().to_string(),
        name: new.name,
        kind: new.kind,
        created_at: Timestamp::from_milliseconds(now),
        expires_at: Timestamp::from_milliseconds(now + new.expires_in * 1000),
        last_used_at: None,
    }
}

/// Reads the columns `id, name, kind, created_at, expires_at, last_used_at`.
fn token_from_row(row: &Row) -> Result<Token, DatabaseError> {
    let time = Timestamp::from_milliseconds;
    Ok(Token {
        id: row.text("id")?,
        name: row.text("name")?,
        kind: TokenKind::parse(&row.text("kind")?).ok_or_else(|| invalid_column("kind"))?,
        created_at: time(row.integer("created_at")?),
        expires_at: time(row.integer("expires_at")?),
        last_used_at: row.optional_integer("last_used_at")?.map(time),
    })
}
