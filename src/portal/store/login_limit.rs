//! The table of failed logins that all instances on one database share: token buckets by the hash of a network, or of an account
//! and a network.
//!
//! A bucket is one number: the time at which it is full again (the generic cell rate algorithm). A missing row is a full
//! bucket.

use crate::database::{Row, Statement};
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

impl Rate {
    /// Returns the time in which an empty bucket fills, in milliseconds.
    #[must_use]
    pub fn capacity(self) -> i64 {
        self.burst * self.interval
    }

    /// Returns the seconds until the bucket that is full at `full_at` has a token; `None` when it has one.
    #[must_use]
    pub fn wait(self, full_at: i64, now: i64) -> Option<i64> {
        let wait = full_at.max(now) + self.interval - now - self.capacity();
        (wait > 0).then_some((wait + 999) / 1000)
    }
}

impl Store {
    /// Returns the seconds until each of the buckets has a token; `None` when each has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login_wait(
        &self,
        buckets: &[(BucketKey, Rate)],
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut longest = None;
        for (key, rate) in buckets {
            let select = Statement::new("SELECT full_at FROM login_limit WHERE bucket = $1");
            let row = self.database.optional(select.bind(key.to_vec())).await?;
            longest = longest.max(wait(row.as_ref(), *rate, now)?);
        }
        Ok(longest)
    }

    /// Takes a token of each bucket for a failed login, also of those that another instance has emptied meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_failed_login(
        &self,
        buckets: Vec<(BucketKey, Rate)>,
        now: i64,
    ) -> Result<(), StoreError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    for (key, rate) in buckets {
                        let sql = "INSERT INTO login_limit (bucket, full_at) VALUES ($1, $2 + $3) \
                                   ON CONFLICT (bucket) DO UPDATE SET full_at = $3 + \
                                   CASE WHEN login_limit.full_at > $2 \
                                   THEN login_limit.full_at ELSE $2 END";
                        let upsert = Statement::new(sql).bind(key.to_vec()).bind(now);
                        transaction.write(upsert.bind(rate.interval)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Takes a token of a bucket if it has one. Returns the seconds until it has one otherwise.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_login_token(
        &self,
        (key, rate): (BucketKey, Rate),
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "INSERT INTO login_limit (bucket, full_at) VALUES ($1, $2 + $3) \
                   ON CONFLICT (bucket) DO UPDATE SET full_at = $3 + \
                   CASE WHEN login_limit.full_at > $2 THEN login_limit.full_at ELSE $2 END \
                   WHERE login_limit.full_at + $3 - $2 <= $4 RETURNING full_at";
        let upsert = Statement::new(sql)
            .bind(key.to_vec())
            .bind(now)
            .bind(rate.interval)
            .bind(rate.capacity());
        if self.database.write_optional(upsert).await?.is_some() {
            return Ok(None);
        }
        let wait = self.login_wait(&[(key, rate)], now).await?;
        // A token may have been added meanwhile; this request has none all the same.
        Ok(Some(wait.unwrap_or(1)))
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

fn wait(row: Option<&Row>, rate: Rate, now: i64) -> Result<Option<i64>, StoreError> {
    let full_at = row.map_or(Ok(0), |row| row.integer("full_at"))?;
    Ok(rate.wait(full_at, now))
}
