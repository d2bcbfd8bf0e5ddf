//! Limits how often passwords can be guessed: a token bucket for each client network, and one for each account and network.
//!
//! No bucket is of an account alone, because by guessing anybody could use it up and lock the owner out. From a network that has
//! not guessed, the owner logs in at any time.
//!
//! Only a failure takes a token. While attempts are being checked that would use up the tokens if they failed, further ones
//! of the same bucket wait; so a team behind one address can log in at once, and guesses sent at once are no more than guesses
//! sent one after the other.
//!
//! The crate `governor` is not used, for two reasons. Its keyed store grows with every key that
//! clients send until it is cleared, while this table has a fixed maximum of buckets. And it
//! measures the time itself, while this table uses the clock of the portal.
//!
//! The buckets here are in the memory of one instance, so that a flood of attempts does not reach the database. Failures are
//! also counted in the same buckets in the database (`store::login_limit`), which all instances share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::model::user::Email;
use crate::portal::store::login_limit::{BucketKey, Rate};

/// The rate of failed attempts from one network: 20 a minute.
const PER_NETWORK: Rate = Rate {
    burst: 20,
    interval: 3_000,
};
/// The rate of failed attempts at one account from one network: 5 in 15 minutes.
const PER_ACCOUNT_AND_NETWORK: Rate = Rate {
    burst: 5,
    interval: 180_000,
};

/// The maximum number of buckets in a table; beyond it the least recently used are removed.
const CAPACITY: u64 = 100_000;

/// The rate limits of attempts to log in; clones share the state.
#[derive(Clone, Debug)]
pub struct Throttle {
    networks: Buckets,
    accounts: Buckets,
}

/// An attempt that is allowed. It counts as failed unless [`LoginAttempt::withdraw`] is called, also when its request is
/// cancelled.
#[derive(Debug)]
pub(super) struct LoginAttempt {
    reserved: Vec<Reservation>,
}

impl Throttle {
    pub(super) fn new() -> Throttle {
        Throttle {
            networks: Buckets::new(PER_NETWORK, CAPACITY),
            accounts: Buckets::new(PER_ACCOUNT_AND_NETWORK, CAPACITY),
        }
    }

    /// Waits until an attempt at the time `now`, in milliseconds, could fail without exceeding a limit.
    ///
    /// # Errors
    /// The seconds until the next attempt is allowed, when too many have failed.
    pub(super) async fn attempt(
        &self,
        network: Option<IpNet>,
        email: Option<&Email>,
        now: i64,
    ) -> Result<LoginAttempt, i64> {
        let network = network.map(|network| network.to_string());
        let mut reserved = Vec::with_capacity(2);
        if let Some(email) = email {
            let network = network.as_deref().unwrap_or_default();
            let key = key(&[
                b"account and network",
                email.folded().as_bytes(),
                network.as_bytes(),
            ]);
            reserved.push(self.accounts.reserve(key, now).await?);
        }
        if let Some(network) = network {
            let key = key(&[b"network", network.as_bytes()]);
            match self.networks.reserve(key, now).await {
                Ok(reservation) => reserved.push(reservation),
                Err(seconds) => {
                    LoginAttempt { reserved }.withdraw();
                    return Err(seconds);
                }
            }
        }
        Ok(LoginAttempt { reserved })
    }
}

impl LoginAttempt {
    /// Returns the buckets of this attempt, by which they are found in the database too.
    pub(super) fn buckets(&self) -> Vec<(BucketKey, Rate)> {
        let buckets = self.reserved.iter();
        buckets
            .map(|reserved| (reserved.key, reserved.rate))
            .collect()
    }

    /// Takes no tokens, because the attempt has succeeded or no password was checked.
    pub(super) fn withdraw(mut self) {
        for reservation in &mut self.reserved {
            reservation.takes_token = false;
        }
    }
}

/// Returns the key of a bucket.
fn key(parts: &[&[u8]]) -> BucketKey {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize().into()
}

/// Token buckets by key. A missing bucket is a full one.
#[derive(Clone, Debug)]
struct Buckets {
    rate: Rate,
    buckets: Cache<BucketKey, Arc<Bucket>>,
}

/// A bucket, and who waits for one of its attempts to end.
#[derive(Debug, Default)]
struct Bucket {
    state: Mutex<BucketState>,
    ended: Notify,
}

/// The tokens of a bucket are one number: the time at which it is full again (the generic cell rate algorithm).
#[derive(Debug, Default)]
struct BucketState {
    full_at: i64,
    /// The number of attempts that have not ended.
    pending: i64,
}

/// The possible failure of an attempt in one bucket. It takes a token when it is dropped, unless that was switched off.
#[derive(Debug)]
struct Reservation {
    key: BucketKey,
    rate: Rate,
    bucket: Arc<Bucket>,
    now: i64,
    takes_token: bool,
}

impl Buckets {
    fn new(rate: Rate, capacity: u64) -> Buckets {
        let refill_time = u64::try_from(rate.capacity()).unwrap_or_default();
        Buckets {
            rate,
            buckets: Cache::builder()
                .max_capacity(capacity)
                // The default policy, by frequency, would not store new keys while the table is
                // full.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(Duration::from_millis(refill_time))
                .build(),
        }
    }

    /// Reserves a token, after those attempts have ended that may use up the last ones.
    ///
    /// # Errors
    /// The seconds until a token is available.
    async fn reserve(&self, key: BucketKey, now: i64) -> Result<Reservation, i64> {
        let rate = self.rate;
        let bucket = self.buckets.get_with(key, Arc::default);
        loop {
            // Before the state is read, so that no end of an attempt is missed.
            let ended = bucket.ended.notified();
            {
                let mut state = bucket.lock();
                if let Some(seconds) = rate.wait(state.full_at, now) {
                    return Err(seconds);
                }
                let pending = state.pending * rate.interval;
                if rate.wait(state.full_at.max(now) + pending, now).is_none() {
                    state.pending += 1;
                    break;
                }
            }
            ended.await;
        }
        Ok(Reservation {
            key,
            rate,
            bucket,
            now,
            takes_token: true,
        })
    }
}

impl Bucket {
    fn lock(&self) -> MutexGuard<'_, BucketState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.bucket.lock();
        state.pending -= 1;
        if self.takes_token {
            state.full_at = state.full_at.max(self.now) + self.rate.interval;
        }
        drop(state);
        self.bucket.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Option<IpNet> {
        Some(text.parse().expect("a network"))
    }

    fn email(text: &str) -> Option<Email> {
        Some(Email::parse(text).expect("an address"))
    }

    #[tokio::test]
    async fn failures_of_a_network_are_limited_to_twenty_a_minute() {
        let throttle = Throttle::new();
        let fail = async |now| {
            let attempt = throttle.attempt(network("192.0.2.1/32"), None, now);
            attempt.await.map(drop)
        };
        for _ in 0..20 {
            assert_eq!(fail(1_000).await, Ok(()));
        }
        assert_eq!(fail(1_000).await, Err(3));
        assert_eq!(fail(3_500).await, Err(1));
        assert_eq!(fail(4_000).await, Ok(()));
        assert_eq!(fail(4_000).await, Err(3));
        let other = throttle.attempt(network("192.0.2.2/32"), None, 4_000);
        assert!(other.await.is_ok());
    }

    #[tokio::test]
    async fn failures_at_an_account_are_limited_for_their_network_only() {
        let throttle = Throttle::new();
        let grace = email("grace@example.com");
        let fail = async |from: &str, at: &Option<Email>| {
            let attempt = throttle.attempt(network(from), at.as_ref(), 0);
            attempt.await.map(drop)
        };
        for _ in 0..5 {
            assert_eq!(fail("198.51.100.1/32", &grace).await, Ok(()));
        }
        assert_eq!(fail("198.51.100.1/32", &grace).await, Err(180));
        let upper_case = email("GRACE@example.com");
        assert_eq!(fail("198.51.100.1/32", &upper_case).await, Err(180));
        let other = email("alan@example.com");
        assert_eq!(fail("198.51.100.1/32", &other).await, Ok(()));
        // However many networks guess, the owner is not locked out.
        for guess in 0..1000 {
            let from = format!("10.0.{}.{}/32", guess / 250, guess % 250);
            assert_eq!(fail(&from, &grace).await, Ok(()), "{from}");
        }
        assert_eq!(fail("192.0.2.1/32", &grace).await, Ok(()));
    }

    #[tokio::test]
    async fn withdrawn_attempt_takes_no_token() {
        let throttle = Throttle::new();
        let grace = email("grace@example.com");
        for _ in 0..1000 {
            let attempt = throttle.attempt(network("192.0.2.1/32"), grace.as_ref(), 0);
            attempt.await.expect("allowed").withdraw();
        }
    }

    #[tokio::test]
    async fn attempts_at_once_wait_and_are_refused_only_when_those_before_fail() {
        for (fails, expected) in [(false, 200), (true, 20)] {
            let throttle = Throttle::new();
            let attempts: Vec<_> = (0..200)
                .map(|number| {
                    let throttle = throttle.clone();
                    tokio::spawn(async move {
                        let email = email(&format!("learner{number}@example.com"));
                        let home = network("192.0.2.1/32");
                        let attempt = throttle.attempt(home, email.as_ref(), 0).await?;
                        tokio::task::yield_now().await;
                        if !fails {
                            attempt.withdraw();
                        }
                        Ok::<_, i64>(())
                    })
                })
                .collect();
            let mut allowed = 0;
            for attempt in attempts {
                allowed += i32::from(attempt.await.expect("no panic").is_ok());
            }
            assert_eq!(allowed, expected, "fails: {fails}");
        }
    }

    #[tokio::test]
    async fn table_stays_within_its_capacity_with_a_million_keys() {
        let buckets = Buckets::new(PER_ACCOUNT_AND_NETWORK, 1000);
        for number in 0..1_000_000_u32 {
            let mut key = BucketKey::default();
            key[..4].copy_from_slice(&number.to_le_bytes());
            assert!(buckets.reserve(key, 0).await.is_ok());
        }
        buckets.buckets.run_pending_tasks();
        assert!(buckets.buckets.entry_count() <= 1000);
    }
}
