//! Passwords: the rules for new ones, and how they are hashed and checked.
//!
//! Uses Argon2id (RFC 9106) with the parameters [`MEMORY`], [`PASSES`] and [`LANES`], on threads
//! of a lower priority that do not serve requests, as many at once as there are cores. The account of a
//! password is not handled here.

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::{Semaphore, oneshot};

/// The memory of a hash, in KiB.
const MEMORY: u32 = 19_456;
/// The number of passes over the memory.
const PASSES: u32 = 2;
/// The number of lanes that the memory is divided into.
const LANES: u32 = 1;

/// The minimum length of a password, in characters.
const CHARACTERS_MIN: usize = 8;
/// The maximum length of a password, in characters.
const CHARACTERS_MAX: usize = 256;

/// The number of passwords that may wait for each core; hashing them takes about four seconds. A team that logs in at once
/// waits rather than being refused, which would cost a page for each and the same again with each further try.
const QUEUE_PER_CORE: usize = 128;

/// By how much the priority of the threads that hash is lowered: they then get a tenth of the time of a core while it has other
/// work, and all of it otherwise.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The most common passwords in lower case, one on each line, in any order. Lines that begin with `#` say where they come from.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// The salt and digest that a password is checked against when the account does not exist or has no password, so that
/// a login takes the same time.
const DUMMY_HASH: &str = "$cm91dGVib29rLWRlY295LQ$bm9ib2R5J3MgcGFzc3dvcmQgaGFzaGVzIHRvIHRoaXM";

/// A password that may be hashed: a new one that meets the rules, or one that was just verified. It is neither
/// trimmed nor normalized, so two passwords are equal only if all bytes are equal.
#[derive(Clone)]
pub struct Password(String);

/// The reasons for which a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It has too few characters.
    #[error("a password has at least 8 characters")]
    TooShort,
    /// It has too many characters.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// It is one of the most common passwords.
    #[error("this password is one of the most common ones")]
    Common,
}

impl Password {
    /// Parses a new password: 8 to 256 characters, and not one of the most common passwords.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn parse(text: &str) -> Result<Password, PasswordError> {
        let characters = text.chars().count();
        if characters < CHARACTERS_MIN {
            return Err(PasswordError::TooShort);
        }
        if characters > CHARACTERS_MAX {
            return Err(PasswordError::TooLong);
        }
        let lower = text.to_lowercase();
        if common_passwords().any(|common| common == lower) {
            return Err(PasswordError::Common);
        }
        Ok(Password(text.to_owned()))
    }

    /// Wraps a password that was just verified. It was set earlier, perhaps under other rules.
    pub(super) fn from_verified(text: String) -> Password {
        Password(text)
    }
}

fn common_passwords() -> impl Iterator<Item = &'static str> {
    let lines = COMMON_PASSWORDS.lines();
    lines.filter(|line| !line.starts_with('#'))
}

/// Hides the password, because it is a secret.
impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password")
    }
}

/// The result of checking a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// The password is wrong.
    Wrong,
    /// The password is correct.
    Correct {
        /// Whether the hash was computed with weaker parameters, another algorithm or another version than the
        /// current ones.
        is_outdated: bool,
    },
}

/// The reasons for which a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many passwords are waiting. The client can retry after a second.
    #[error("too many passwords are waiting to be hashed or checked")]
    Busy,
    /// The hash in the database is not a PHC string of Argon2, or the system has no randomness.
    #[error("a password hash is not usable: {0}")]
    Unusable(argon2::password_hash::Error),
    /// The thread that hashes cannot be started, or panicked.
    #[error("the thread that hashes a password failed")]
    ThreadFailed,
}

/// Hashes and checks passwords; clones share the limits.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<HasherShared>);

#[derive(Debug)]
struct HasherShared {
    /// Permits for the hashes that run.
    running_permits: Arc<Semaphore>,
    /// Permits for the hashes that run or wait.
    queue_permits: Arc<Semaphore>,
    verifications: AtomicU64,
    /// The number of hashes that run now.
    running: AtomicUsize,
    /// The highest value that `running` has had.
    most_running: AtomicUsize,
}

impl Passwords {
    /// Returns a hasher that runs as many hashes at once as there are cores, with a short queue.
    #[must_use]
    pub fn new() -> Passwords {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Passwords::with_limits(cores, cores * QUEUE_PER_CORE)
    }

    /// Returns a hasher that runs `running_permits` hashes at once while at most `waiting` others wait.
    /// Further ones fail with [`HashingError::Busy`].
    #[must_use]
    pub fn with_limits(running_permits: usize, waiting: usize) -> Passwords {
        Passwords(Arc::new(HasherShared {
            running_permits: Arc::new(Semaphore::new(running_permits)),
            queue_permits: Arc::new(Semaphore::new(running_permits + waiting)),
            verifications: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
        }))
    }

    /// Returns the number of passwords that were checked.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.0.verifications.load(Ordering::SeqCst)
    }

    /// Returns the highest number of hashes that ran at once.
    #[must_use]
    pub fn most_running(&self) -> usize {
        self.0.most_running.load(Ordering::SeqCst)
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn hash(&self, password: Password) -> Result<String, HashingError> {
        self.run(move || {
            let hash = hasher().hash_password(password.0.as_bytes());
            Ok(hash.map_err(HashingError::Unusable)?.to_string())
        })
        .await
    }

    /// Checks a password against a PHC string. Without one the password is wrong, and the check
    /// takes the same time.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<PasswordCheck, HashingError> {
        let shared = Arc::clone(&self.0);
        self.run(move || {
            shared.verifications.fetch_add(1, Ordering::SeqCst);
            let has_hash = hash.is_some();
            let text = hash.unwrap_or_else(dummy_hash);
            let hash = PasswordHash::new(&text).map_err(|_| {
                HashingError::Unusable(argon2::password_hash::Error::EncodingInvalid)
            })?;
            match hasher().verify_password(password.as_bytes(), &hash) {
                Ok(()) if has_hash => Ok(PasswordCheck::Correct {
                    is_outdated: is_outdated(&hash),
                }),
                Ok(()) | Err(argon2::password_hash::Error::PasswordInvalid) => {
                    Ok(PasswordCheck::Wrong)
                }
                Err(error) => Err(HashingError::Unusable(error)),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let queue_permits = Arc::clone(&self.0.queue_permits).try_acquire_owned();
        let queue_permits = queue_permits.map_err(|_| HashingError::Busy)?;
        let running_permits = Arc::clone(&self.0.running_permits).acquire_owned().await;
        let running_permits = running_permits.map_err(|_| HashingError::Busy)?;
        let shared = Arc::clone(&self.0);
        // The work owns the permits, because it continues when the client disconnects and the
        // result is not awaited any more.
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            let _permits = (queue_permits, running_permits);
            lower_priority();
            let running = shared.running.fetch_add(1, Ordering::SeqCst) + 1;
            shared.most_running.fetch_max(running, Ordering::SeqCst);
            let result = work();
            shared.running.fetch_sub(1, Ordering::SeqCst);
            // The client may have disconnected.
            let _ = sender.send(result);
        };
        // A thread of its own, because the priority of a thread cannot be raised again. Starting it takes
        // a thousandth of the time of a hash.
        let thread = thread::Builder::new().name("password".to_owned());
        thread.spawn(work).map_err(|_| HashingError::ThreadFailed)?;
        receiver.await.map_err(|_| HashingError::ThreadFailed)?
    }
}

/// Lowers the priority of the current thread, so that many logins at once do not delay the other requests. On other systems
/// than Linux the priority is that of the whole process, and stays as it is.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the priority of a thread cannot be lowered");
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords::new()
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("constants within RFC 9106");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Returns the PHC string that a password is checked against when the account does not exist or has no password, so that
/// a login takes the same time.
fn dummy_hash() -> String {
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}{DUMMY_HASH}")
}

/// Returns whether a hash was computed with weaker parameters, another algorithm or another version than the
/// current ones.
fn is_outdated(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm.as_str() != "argon2id"
        || hash.version != Some(19)
        || params.is_ok_and(|params| params.m_cost() < MEMORY || params.t_cost() < PASSES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phc(memory: u32, passes: u32, password: &str) -> String {
        let params = Params::new(memory, passes, 1, None).expect("parameters");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = hasher.hash_password(password.as_bytes());
        hash.expect("a hash").to_string()
    }

    #[test]
    fn password_outside_the_rules_is_refused() {
        let check = |text: &str, expected: Option<PasswordError>| {
            assert_eq!(Password::parse(text).err(), expected, "{text:?}");
        };
        check("short12", Some(PasswordError::TooShort));
        check("비밀번호는여덟자", None);
        check("비밀번호일곱", Some(PasswordError::TooShort));
        check(&"글".repeat(256), None);
        check(&"글".repeat(257), Some(PasswordError::TooLong));
        check("password123", Some(PasswordError::Common));
        check("PassWord123", Some(PasswordError::Common));
        check("password123 but longer", None);
    }

    #[test]
    fn list_of_common_passwords_has_the_three_thousand_that_the_rules_allow() {
        let mut count = 0;
        let mut previous = "";
        for common in common_passwords() {
            let characters = common.chars().count();
            assert!(
                (CHARACTERS_MIN..=CHARACTERS_MAX).contains(&characters),
                "{common}"
            );
            assert_eq!(common.to_lowercase(), common);
            assert!(previous < common, "{previous}, {common}: sorted, each once");
            assert_eq!(Password::parse(common).err(), Some(PasswordError::Common));
            (previous, count) = (common, count + 1);
        }
        assert!(count >= 3000, "{count}");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_thread_that_hashes_has_a_lower_priority() {
        let niceness = || rustix::process::nice(0).expect("the niceness of this thread");
        let before = niceness();
        let hashing = Passwords::new().run(move || Ok(niceness())).await;
        let expected = (before + NICENESS).min(19);
        assert_eq!(hashing.expect("the niceness of the other"), expected);
        assert_eq!(niceness(), before);
    }

    #[tokio::test]
    async fn hash_has_the_documented_parameters() {
        let password = Password::parse("correct horse").expect("a password");
        let hash = Passwords::new().hash(password).await.expect("a hash");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }

    #[tokio::test]
    async fn password_that_differs_in_one_byte_is_wrong() {
        let passwords = Passwords::new();
        let chosen = Password::parse(" é-password ").expect("a password");
        let hash = passwords.hash(chosen).await.expect("a hash");
        for (attempt, is_correct) in [
            (" é-password ", true),
            ("é-password", false),
            (" e\u{301}-password ", false),
            (" É-password ", false),
            ("", false),
        ] {
            let check = passwords
                .verify(attempt.to_owned(), Some(hash.clone()))
                .await;
            let check = check.expect("a result");
            assert_eq!(
                check == PasswordCheck::Correct { is_outdated: false },
                is_correct,
                "{attempt:?}"
            );
        }
    }

    #[tokio::test]
    async fn hash_with_weaker_parameters_is_outdated() {
        let passwords = Passwords::new();
        for (memory, passes, is_outdated) in [
            (MEMORY, PASSES, false),
            (MEMORY / 2, PASSES, true),
            (MEMORY, PASSES - 1, true),
            (MEMORY * 2, PASSES, false),
        ] {
            let hash = phc(memory, passes, "correct horse");
            let check = passwords
                .verify("correct horse".to_owned(), Some(hash))
                .await;
            assert_eq!(
                check.expect("a result"),
                PasswordCheck::Correct { is_outdated },
                "{memory} {passes}"
            );
        }
    }

    #[tokio::test]
    async fn password_without_a_hash_is_checked_and_wrong() {
        let passwords = Passwords::new();
        let check = passwords.verify("nobody's password".to_owned(), None).await;
        assert_eq!(check.expect("a result"), PasswordCheck::Wrong);
        assert_eq!(passwords.verifications(), 1);
        let dummy_hash = dummy_hash();
        let hash = PasswordHash::new(&dummy_hash).expect("a PHC string");
        let params = Params::try_from(&hash).expect("parameters");
        let costs = (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(costs, (MEMORY, PASSES, LANES));
        assert_eq!(hash.hash.map(|output| output.len()), Some(32));
        assert_eq!(hash.salt.map(|salt| salt.len()), Some(16));
    }

    #[tokio::test]
    async fn verification_beyond_a_full_queue_is_refused_at_once() {
        let passwords = Passwords::with_limits(1, 1);
        let work = || {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.verify("x".to_owned(), None).await })
        };
        let (first, second) = (work(), work());
        tokio::task::yield_now().await;
        let started = std::time::Instant::now();
        let third = passwords.verify("x".to_owned(), None).await;
        assert!(matches!(third, Err(HashingError::Busy)));
        assert!(started.elapsed() < std::time::Duration::from_millis(10));
        for queued in [first, second] {
            assert_eq!(
                queued.await.expect("runs").expect("a result"),
                PasswordCheck::Wrong
            );
        }
        let later = passwords.verify("x".to_owned(), None).await;
        assert_eq!(later.expect("a result"), PasswordCheck::Wrong);
        assert_eq!(passwords.verifications(), 3);
    }

    #[tokio::test]
    async fn abandoned_verifications_stay_within_the_limit() {
        let passwords = Passwords::with_limits(2, 4);
        for _ in 0..1000 {
            let abandoned = tokio::spawn({
                let passwords = passwords.clone();
                async move { passwords.verify("x".to_owned(), None).await }
            });
            tokio::task::yield_now().await;
            abandoned.abort();
        }
        // A hash that has started holds its permit until it ends. Then the next one is queue_permits.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while matches!(
            passwords.verify("x".to_owned(), None).await,
            Err(HashingError::Busy)
        ) {
            assert!(std::time::Instant::now() < deadline, "a permit was lost");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!((1..=2).contains(&passwords.most_running()));
    }
}
