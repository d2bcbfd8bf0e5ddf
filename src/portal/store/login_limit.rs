//! The table of failed logins that all instances on one database share: token buckets by the hash of a network or of an address.
//!
//! A bucket is one number: the time at which it is full again (the generic cell rate algorithm). A missing row is a full
//! bucket. The same table has the networks from which owners have logged in, until the time at which this is forgotten.

use crate::database::{Statement, Transaction};
use crate::portal::store::{Store, StoreError};

/// The key of a bucket: a SHA-256.
pub type BucketKey = [u8; 32];

/// The capacity of a bucket and the rate at which it fills.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The number of tokens in a full bucket.
    pub burst: i64,
    /// The time in which one token is added, in milliseconds.
    pub interval: i64,
}

/// The buckets of an attempt to log in.
#[derive(Clone, Debug, Default)]
pub struct LoginBuckets {
    /// The bucket of the network of the client, with its rate.
    pub network: Option<(BucketKey, Rate)>,
    /// The bucket of the account, with its rate.
    pub account: Option<(BucketKey, Rate)>,
    /// The key under which it is stored that the owner of the account uses this network. Then the bucket of the account does
    /// not apply.
    pub owner_network: Option<BucketKey>,
}

/// The reasons for which an attempt gets no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A bucket is empty.
    #[error("the next attempt is allowed in {0} s")]
    Throttled(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Takes a token of each bucket, or none. Returns the buckets of which one was taken.
    ///
    /// # Errors
    /// [`TakeError`].
    pub async fn take_login_tokens(
        &self,
        buckets: LoginBuckets,
        now: i64,
    ) -> Result<Vec<(BucketKey, Rate)>, TakeError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let is_owner = match buckets.owner_network {
                        Some(key) => full_at(transaction, key).await? > now,
                        None => false,
                    };
                    let account = buckets.account.filter(|_| !is_owner);
                    let taken: Vec<_> = [buckets.network, account].into_iter().flatten().collect();
                    for (key, rate) in &taken {
                        take(transaction, *key, *rate, now).await?;
                    }
                    Ok(taken)
                })
            })
            .await
    }

    /// Returns tokens that were taken, and stores until `until` that the owner of an account uses a network.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn return_login_tokens(
        &self,
        taken: Vec<(BucketKey, Rate)>,
        owner_network: Option<(BucketKey, i64)>,
    ) -> Result<(), StoreError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    for (key, rate) in taken {
                        let sql = "UPDATE login_limit SET full_at = full_at - $1 WHERE bucket = $2";
                        let update = Statement::new(sql).bind(rate.interval).bind(key.to_vec());
                        transaction.write(update).await?;
                    }
                    if let Some((key, until)) = owner_network {
                        let sql = "INSERT INTO login_limit (bucket, full_at) VALUES ($1, $2) \
                                   ON CONFLICT (bucket) DO UPDATE SET full_at = excluded.full_at";
                        let upsert = Statement::new(sql).bind(key.to_vec()).bind(until);
                        transaction.write(upsert).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Deletes the buckets that are full again, which is the same as no bucket.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_full_login_buckets(&self, now: i64) -> Result<u64, StoreError> {
        let delete = Statement::new("DELETE FROM login_limit WHERE full_at <= $1").bind(now);
        self.database.write(delete).await
    }
}

async fn full_at(transaction: &mut Transaction, key: BucketKey) -> Result<i64, StoreError> {
    let sql = "SELECT full_at FROM login_limit WHERE bucket = $1";
    let row = transaction
        .optional(Statement::new(sql).bind(key.to_vec()))
        .await?;
    row.map_or(Ok(0), |row| row.integer("full_at"))
}

async fn take(
    transaction: &mut Transaction,
    key: BucketKey,
    rate: Rate,
    now: i64,
) -> Result<(), TakeError> {
    let sql = "INSERT INTO login_limit (bucket, full_at) VALUES ($1, $2 + $3) \
               ON CONFLICT (bucket) DO UPDATE SET full_at = $3 + \
               CASE WHEN login_limit.full_at > $2 THEN login_limit.full_at ELSE $2 END \
               WHERE login_limit.full_at + $3 - $2 <= $4 RETURNING full_at";
    let capacity = rate.burst * rate.interval;
    let upsert = Statement::new(sql)
        .bind(key.to_vec())
        .bind(now)
        .bind(rate.interval)
        .bind(capacity);
    if transaction.optional(upsert).await?.is_some() {
        return Ok(());
    }
    let wait = full_at(transaction, key).await? + rate.interval - now - capacity;
    Err(TakeError::Throttled((wait.max(1) + 999) / 1000))
}
