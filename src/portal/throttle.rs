//! Limits how often passwords can be guessed: a token bucket for each client network and each
//! account.
//!
//! The crate `governor` is not used, for two reasons. Its keyed store grows with every key that
//! clients send until it is cleared, while this table has a fixed maximum of buckets. And it
//! measures the time itself, while this table uses the clock of the portal.
//!
//! With the bucket of the account alone, anybody could lock the owner out by guessing. Therefore it
//! does not apply to a network from which the owner has logged in before. Such a network is limited
//! by its own bucket only.
//!
//! The buckets here are in the memory of one instance, so that a flood of attempts does not reach the database. An attempt that
//! passes them also takes tokens of the same buckets in the database (`store::login_limit`), which all instances share.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

use crate::model::user::Email;
use crate::portal::store::login_limit::{LoginBuckets, Rate};

/// The rate of failed attempts from one network: 20 at once, then one every 6 s.
const PER_NETWORK: Rate = Rate {
    burst: 20,
    interval: 6_000,
};
/// The rate of failed attempts at one account from all networks: 100 at once, then one every 3 s.
/// One network alone cannot exhaust it.
const PER_ACCOUNT: Rate = Rate {
    burst: 100,
    interval: 3_000,
};

/// The maximum number of buckets in a table; beyond it the least recently used are removed.
const CAPACITY: u64 = 100_000;
/// How long a network of an account is stored after its last use.
pub(super) const NETWORK_TIME_TO_IDLE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The SHA-256 of an email address, so that long addresses do not take more memory than others.
type AccountKey = [u8; 32];

/// The rate limits of attempts to log in; clones share the state.
#[derive(Clone, Debug)]
pub struct Throttle {
    networks: Buckets<IpNet>,
    accounts: Buckets<AccountKey>,
    /// The networks from which the owner of an account has logged in.
    owner_networks: Cache<(AccountKey, IpNet), ()>,
}

/// An attempt that is allowed. It counts as failed unless [`LoginAttempt::succeed`] or
/// [`LoginAttempt::withdraw`] is called.
#[derive(Debug)]
pub(super) struct LoginAttempt<'a> {
    throttle: &'a Throttle,
    network: Option<IpNet>,
    account: Option<AccountKey>,
    /// Whether a token of the account was taken.
    has_account_token: bool,
}

impl Throttle {
    pub(super) fn new() -> Throttle {
        Throttle {
            networks: Buckets::new(PER_NETWORK, CAPACITY),
            accounts: Buckets::new(PER_ACCOUNT, CAPACITY),
            owner_networks: Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(NETWORK_TIME_TO_IDLE)
                .build(),
        }
    }

    /// Takes one token of the network and one of the account at the time `now`, in milliseconds.
    ///
    /// # Errors
    /// The seconds until the next attempt is allowed.
    pub(super) fn attempt(
        &self,
        network: Option<IpNet>,
        email: Option<&Email>,
        now: i64,
    ) -> Result<LoginAttempt<'_>, i64> {
        let account = email.map(|email| Sha256::digest(email.folded()).into());
        if let Some(network) = network {
            self.networks.take(network, now)?;
        }
        let mut attempt = LoginAttempt {
            throttle: self,
            network,
            account,
            has_account_token: false,
        };
        let is_owner_network = account
            .zip(network)
            .is_some_and(|key| self.owner_networks.contains_key(&key));
        if let Some(account) = account.filter(|_| !is_owner_network) {
            if let Err(seconds) = self.accounts.take(account, now) {
                attempt.withdraw();
                return Err(seconds);
            }
            attempt.has_account_token = true;
        }
        Ok(attempt)
    }
}

impl LoginAttempt<'_> {
    /// Returns the buckets of this attempt in the database.
    pub(super) fn shared_buckets(&self) -> LoginBuckets {
        let network = self.network.map(|network| network.to_string());
        let network = network.as_deref();
        LoginBuckets {
            network: network.map(|network| (key(&[b"network", network.as_bytes()]), PER_NETWORK)),
            account: self
                .account
                .map(|account| (key(&[b"account", &account]), PER_ACCOUNT)),
            owner_network: self
                .account
                .zip(network)
                .map(|(account, network)| key(&[b"owner", &account, network.as_bytes()])),
        }
    }

    /// Returns the tokens, because no password was checked.
    pub(super) fn withdraw(self) {
        if let Some(network) = self.network {
            self.throttle.networks.return_token(&network);
        }
        if let Some(account) = self.account.filter(|_| self.has_account_token) {
            self.throttle.accounts.return_token(&account);
        }
    }

    /// Returns the tokens, and stores that the owner of the account uses this network.
    pub(super) fn succeed(self) {
        if let Some(key) = self.account.zip(self.network) {
            self.throttle.owner_networks.insert(key, ());
        }
        self.withdraw();
    }
}

/// Returns the key of a bucket in the database.
fn key(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize().into()
}

/// Token buckets by key. A bucket is one number: the time at which it is full again (the generic
/// cell rate algorithm). Therefore a missing bucket is a full one.
#[derive(Clone, Debug)]
struct Buckets<K: Hash + Eq + Send + Sync + 'static> {
    rate: Rate,
    full_at: Cache<K, Arc<AtomicI64>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Buckets<K> {
    fn new(rate: Rate, capacity: u64) -> Buckets<K> {
        let refill_time = u64::try_from(rate.burst * rate.interval).unwrap_or_default();
        Buckets {
            rate,
            full_at: Cache::builder()
                .max_capacity(capacity)
                // The default policy, by frequency, would not store new keys while the table is
                // full.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(Duration::from_millis(refill_time))
                .build(),
        }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// The seconds until a token is available.
    fn take(&self, key: K, now: i64) -> Result<(), i64> {
        let Rate { burst, interval } = self.rate;
        let after = |full_at: i64| full_at.max(now) + interval;
        let full_at = self.full_at.get_with(key, Arc::default);
        let taken = full_at.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |full_at| {
            let after = after(full_at);
            (after - now <= burst * interval).then_some(after)
        });
        match taken {
            Ok(_) => Ok(()),
            Err(full_at) => {
                let milliseconds = after(full_at) - now - burst * interval;
                Err((milliseconds + 999) / 1000)
            }
        }
    }

    fn return_token(&self, key: &K) {
        if let Some(full_at) = self.full_at.get(key) {
            full_at.fetch_sub(self.rate.interval, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Option<IpNet> {
        Some(text.parse().expect("a network"))
    }

    fn email() -> Email {
        Email::parse("grace@example.com").expect("an address")
    }

    #[test]
    fn tokens_of_a_network_are_added_one_at_a_time() {
        let throttle = Throttle::new();
        let attempt = |now| {
            throttle
                .attempt(network("192.0.2.1/32"), None, now)
                .map(drop)
        };
        for _ in 0..20 {
            assert_eq!(attempt(1_000), Ok(()));
        }
        assert_eq!(attempt(1_000), Err(6));
        assert_eq!(attempt(6_500), Err(1));
        assert_eq!(attempt(7_000), Ok(()));
        assert_eq!(attempt(7_000), Err(6));
        let other = throttle.attempt(network("192.0.2.2/32"), None, 7_000);
        assert!(other.is_ok());
    }

    #[test]
    fn attempt_that_succeeds_or_is_withdrawn_takes_no_token() {
        let throttle = Throttle::new();
        for at in 0..1000 {
            let attempt = throttle.attempt(network("192.0.2.1/32"), Some(&email()), 0);
            let attempt = attempt.expect("allowed");
            match at % 2 {
                0 => attempt.succeed(),
                _ => attempt.withdraw(),
            }
        }
    }

    #[test]
    fn guesses_from_many_networks_are_limited_and_do_not_lock_out_the_owner() {
        let throttle = Throttle::new();
        let home = network("192.0.2.1/32");
        let login = throttle.attempt(home, Some(&email()), 0);
        login.expect("allowed").succeed();
        let guess = |at: i64| {
            let network = network(&format!("198.51.100.{at}/32"));
            throttle.attempt(network, Some(&email()), 0).map(drop)
        };
        let allowed = (0..200).filter(|at| guess(*at).is_ok()).count();
        assert_eq!(allowed, 100);
        assert_eq!(guess(201), Err(3));
        assert!(throttle.attempt(home, Some(&email()), 0).is_ok());
        // Other accounts are not affected.
        let other = Email::parse("alan@example.com");
        let attempt = throttle.attempt(network("198.51.100.1/32"), other.as_ref(), 0);
        assert!(attempt.is_ok());
    }

    #[test]
    fn table_stays_within_its_capacity_with_a_million_keys() {
        let buckets = Buckets::new(PER_ACCOUNT, 1000);
        for key in 0..1_000_000_u32 {
            assert_eq!(buckets.take(key, 0), Ok(()));
        }
        buckets.full_at.run_pending_tasks();
        assert!(buckets.full_at.entry_count() <= 1000);
    }
}
