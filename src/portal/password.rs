//! Passwords: which are accepted, how they are hashed and checked.
//!
//! Argon2id (RFC 9106) with the parameters of [`MEMORY`], [`PASSES`] and [`LANES`], away from the
//! threads that serve requests, as many at once as there are cores. Not here: whose password it is.

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// KiB of memory a hash takes.
const MEMORY: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes that memory is divided into.
const LANES: u32 = 1;

/// The fewest characters of a password.
const CHARACTERS_MIN: usize = 8;
/// The most characters of a password.
const CHARACTERS_MAX: usize = 256;

/// How many may wait for each one that is being hashed; about a second's worth.
const WAITING: usize = 16;

/// What everybody tries first, in lower case, sorted or not, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

/// The salt and digest of nobody's password.
const DECOY: &str = "$cm91dGVib29rLWRlY295LQ$bm9ib2R5J3MgcGFzc3dvcmQgaGFzaGVzIHRvIHRoaXM";

/// A password that may be chosen. Every byte of it counts: nothing is trimmed or normalised.
#[derive(Clone)]
pub struct Password(String);

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It has too few characters.
    #[error("a password has at least 8 characters")]
    TooShort,
    /// It has too many characters.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// It is among the first that anybody would try.
    #[error("this password is one of the most common ones")]
    Common,
}

impl Password {
    /// The password, if it may be chosen: 8 to 256 characters, and not a common one.
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
        if COMMON.lines().any(|common| common == lower) {
            return Err(PasswordError::Common);
        }
        Ok(Password(text.to_owned()))
    }

    /// A password that has just been found right, so was chosen before, maybe by other rules.
    pub(super) fn verified(text: String) -> Password {
        Password(text)
    }
}

/// Shows nothing.
impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password")
    }
}

/// Whether a password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It was not.
    Wrong,
    /// It was.
    Right {
        /// The hash was made with weaker parameters than today's.
        weak: bool,
    },
}

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting; worth another try in a second.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hash in the database is not a PHC string of Argon2, or the system has no randomness.
    #[error("a password hash is not usable: {0}")]
    Unusable(argon2::password_hash::Error),
    /// The hashing itself came to grief.
    #[error("the hashing of a password was lost")]
    Lost,
}

/// Hashes and checks passwords; clones share the limits.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<HasherShared>);

#[derive(Debug)]
struct HasherShared {
    working: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    verifications: AtomicU64,
    /// How many hashes run now, and how many did at most.
    running: AtomicUsize,
    most_running: AtomicUsize,
}

impl Passwords {
    /// As many hashes at once as there are cores, and a short queue.
    #[must_use]
    pub fn new() -> Passwords {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Passwords::with_limits(cores, cores * WAITING)
    }

    /// `working` hashes at once, while `waiting` others wait; everybody else is told to come back.
    #[must_use]
    pub fn with_limits(working: usize, waiting: usize) -> Passwords {
        Passwords(Arc::new(HasherShared {
            working: Arc::new(Semaphore::new(working)),
            admitted: Arc::new(Semaphore::new(working + waiting)),
            verifications: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
        }))
    }

    /// How many passwords have been checked.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.0.verifications.load(Ordering::SeqCst)
    }

    /// How many hashes have run at once, at most.
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

    /// Checks a password against a PHC string. Without one the password is wrong, which takes
    /// the same work to find out.
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
            let known = hash.is_some();
            let text = hash.unwrap_or_else(decoy);
            let hash = PasswordHash::new(&text).map_err(|_| {
                HashingError::Unusable(argon2::password_hash::Error::EncodingInvalid)
            })?;
            match hasher().verify_password(password.as_bytes(), &hash) {
                Ok(()) if known => Ok(PasswordCheck::Right {
                    weak: is_weak(&hash),
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
        let admitted = Arc::clone(&self.0.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| HashingError::Busy)?;
        let working = Arc::clone(&self.0.working).acquire_owned().await;
        let working = working.map_err(|_| HashingError::Busy)?;
        let shared = Arc::clone(&self.0);
        // The permits belong to the work: it goes on when the client hangs up and nobody waits for
        // its result any more.
        let work = move || {
            let _permits = (admitted, working);
            let running = shared.running.fetch_add(1, Ordering::SeqCst) + 1;
            shared.most_running.fetch_max(running, Ordering::SeqCst);
            let result = work();
            shared.running.fetch_sub(1, Ordering::SeqCst);
            result
        };
        spawn_blocking(work).await.map_err(|_| HashingError::Lost)?
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

fn decoy() -> String {
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}{DECOY}")
}

fn is_weak(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm.as_str() != "argon2id"
        || hash.version != Some(19)
        || params.is_ok_and(|params| params.m_cost() < MEMORY || params.t_cost() < PASSES)
}

#[cfg(test)]
mod tests {
    use crate::portal::password::*;

    fn phc(memory: u32, passes: u32, password: &str) -> String {
        let params = Params::new(memory, passes, 1, None).expect("parameters");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = hasher.hash_password(password.as_bytes());
        hash.expect("a hash").to_string()
    }

    #[test]
    fn rules() {
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

    #[tokio::test]
    async fn a_hash_has_the_parameters_that_are_promised() {
        let password = Password::parse("correct horse").expect("a password");
        let hash = Passwords::new().hash(password).await.expect("a hash");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }

    #[tokio::test]
    async fn every_byte_counts() {
        let passwords = Passwords::new();
        let chosen = Password::parse(" é-password ").expect("a password");
        let hash = passwords.hash(chosen).await.expect("a hash");
        for (attempt, right) in [
            (" é-password ", true),
            ("é-password", false),
            (" e\u{301}-password ", false),
            (" É-password ", false),
            ("", false),
        ] {
            let verdict = passwords
                .verify(attempt.to_owned(), Some(hash.clone()))
                .await;
            let verdict = verdict.expect("a verdict");
            assert_eq!(
                verdict == PasswordCheck::Right { weak: false },
                right,
                "{attempt:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_weaker_hash_is_told() {
        let passwords = Passwords::new();
        for (memory, passes, weak) in [
            (MEMORY, PASSES, false),
            (MEMORY / 2, PASSES, true),
            (MEMORY, PASSES - 1, true),
            (MEMORY * 2, PASSES, false),
        ] {
            let hash = phc(memory, passes, "correct horse");
            let verdict = passwords
                .verify("correct horse".to_owned(), Some(hash))
                .await;
            assert_eq!(
                verdict.expect("a verdict"),
                PasswordCheck::Right { weak },
                "{memory} {passes}"
            );
        }
    }

    #[tokio::test]
    async fn nobody_has_a_password_but_it_is_checked() {
        let passwords = Passwords::new();
        let verdict = passwords.verify("nobody's password".to_owned(), None).await;
        assert_eq!(verdict.expect("a verdict"), PasswordCheck::Wrong);
        assert_eq!(passwords.verifications(), 1);
        let decoy = decoy();
        let hash = PasswordHash::new(&decoy).expect("a PHC string");
        let params = Params::try_from(&hash).expect("parameters");
        let costs = (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(costs, (MEMORY, PASSES, LANES));
        assert_eq!(hash.hash.map(|output| output.len()), Some(32));
        assert_eq!(hash.salt.map(|salt| salt.len()), Some(16));
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_at_once() {
        let passwords = Passwords::with_limits(1, 1);
        let work = || {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.verify("x".to_owned(), None).await })
        };
        let (first, second) = (work(), work());
        tokio::task::yield_now().await;
        let begun = std::time::Instant::now();
        let third = passwords.verify("x".to_owned(), None).await;
        assert!(matches!(third, Err(HashingError::Busy)));
        assert!(begun.elapsed() < std::time::Duration::from_millis(10));
        for queued in [first, second] {
            assert_eq!(
                queued.await.expect("runs").expect("a verdict"),
                PasswordCheck::Wrong
            );
        }
        let later = passwords.verify("x".to_owned(), None).await;
        assert_eq!(later.expect("a verdict"), PasswordCheck::Wrong);
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
        // What has begun takes its place until it ends; then there is room again.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while matches!(
            passwords.verify("x".to_owned(), None).await,
            Err(HashingError::Busy)
        ) {
            assert!(std::time::Instant::now() < deadline, "the room is lost");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!((1..=2).contains(&passwords.most_running()));
    }
}
