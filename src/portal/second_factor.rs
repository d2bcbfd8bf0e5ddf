//! The second factor: codes of an authenticator app (RFC 6238), and recovery codes.

use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::model::account::{Account, AccountId, TeamRole};
use crate::portal::store::StoreError;
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::store::pending_login::{PendingLogin, PendingStep};
use crate::portal::store::second_factor::{CodeOutcome, TypedCode};
use crate::portal::store::session::SessionIdHash;
use crate::portal::{LinkToken, Portal};

/// The length of a secret in bytes, which RFC 4226 recommends.
const SECRET_LENGTH: usize = 20;
/// The number of recovery codes.
const RECOVERY_CODES: usize = 10;
/// The characters of recovery codes: without those that are mistaken for others.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// The groups of four characters in a recovery code, 20 bits each.
const RECOVERY_GROUPS: usize = 4;
/// The time in which a login that has begun must be finished: ten minutes, in milliseconds.
const LOGIN_LIFETIME: i64 = 10 * 60 * 1000;

/// A secret that an authenticator app gets, until a code confirms it. It does not implement `Debug`.
#[derive(Clone)]
pub struct NewSecret {
    bytes: Vec<u8>,
}

impl NewSecret {
    /// Generates a secret.
    #[must_use]
    pub fn random() -> NewSecret {
        NewSecret {
            bytes: rand::random::<[u8; SECRET_LENGTH]>().to_vec(),
        }
    }

    /// Parses a secret in base32 (RFC 4648, section 6), with or without spaces.
    #[must_use]
    pub fn parse(text: &str) -> Option<NewSecret> {
        let text: String = text.split_whitespace().collect();
        let secret = Secret::try_from_base32(text).ok()?;
        let bytes = secret.as_ref().to_vec();
        (bytes.len() == SECRET_LENGTH).then_some(NewSecret { bytes })
    }

    /// Returns the secret in base32, in groups of four characters to be typed.
    #[must_use]
    pub fn text(&self) -> String {
        let text = Secret::from(self.bytes.clone()).to_base32();
        let groups: Vec<&str> = text
            .as_bytes()
            .chunks(4)
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        groups.join(" ")
    }

    /// Returns the address that an authenticator app reads from a QR code, with the names that the app shows.
    #[must_use]
    pub fn address(&self, site: &str, email: &str) -> String {
        // A colon separates both names.
        let site = site.replace(':', " ");
        let builder = Builder::new().with_secret(self.bytes.clone());
        let builder = builder
            .with_account_name(email.to_owned())
            .with_issuer(Some(site));
        let address = builder.build().and_then(|totp| totp.to_url());
        address.unwrap_or_default()
    }
}

impl Portal {
    /// Returns whether an admin who logs in with a password needs a second factor, by the configuration or else by the settings.
    #[must_use]
    pub fn requires_admin_totp(&self) -> bool {
        let set = || self.settings.get().require_admin_totp;
        self.requires_admin_totp.unwrap_or_else(set)
    }

    /// Returns whether a viewer has to get a second factor before anything else.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn must_enrol(&self, id: AccountId, role: TeamRole) -> Result<bool, StoreError> {
        match role == TeamRole::Admin && self.requires_admin_totp() {
            true => self.store.has_password_only(id).await,
            false => Ok(false),
        }
    }

    /// Gives an account a second factor, if `code` is a code of the secret. Ends the sessions of the account except `kept`.
    /// Returns the recovery codes, or `None` when the code is wrong or the account has a second factor already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_second_factor(
        &self,
        account: &Account,
        (secret, code): (&NewSecret, &str),
        kept: Option<SessionIdHash>,
        actor: &Actor,
    ) -> Result<Option<Vec<String>>, StoreError> {
        let now = self.clock.now();
        let Some(period) = find_period(&secret.bytes, code, now) else {
            return Ok(None);
        };
        let (codes, hashes) = recovery_codes();
        let secret = (secret.bytes.clone(), period);
        let (store, about) = (&self.store, (actor, account.email.as_str()));
        let created = store.create_second_factor(account.id, secret, hashes, kept, about, now);
        Ok(created.await?.then_some(codes))
    }

    /// Replaces the recovery codes of an account and returns them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_recovery_codes(
        &self,
        account: &Account,
        actor: &Actor,
    ) -> Result<Vec<String>, StoreError> {
        let (codes, hashes) = recovery_codes();
        let (now, about) = (self.clock.now(), (actor, account.email.as_str()));
        let store = &self.store;
        let replaced = store.replace_recovery_codes(account.id, hashes, about, now);
        replaced.await?;
        Ok(codes)
    }

    /// Checks a code of the app or a recovery code, and uses it up. A wrong code counts against the limit of the account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_code(
        &self,
        account: &Account,
        code: &str,
        actor: &Actor,
    ) -> Result<CodeOutcome, StoreError> {
        let code = TypedCode {
            recovery_hash: recovery_hash(code),
            find_period,
            text: code.to_owned(),
        };
        let about = (actor, account.email.as_str());
        let now = self.clock.now();
        self.store.use_code(account.id, code, about, now).await
    }

    /// Removes the second factor of an account, for its owner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disable_second_factor(
        &self,
        account: &Account,
        actor: &Actor,
    ) -> Result<bool, StoreError> {
        let (action, now) = (AuditAction::DisableSecondFactor, self.clock.now());
        let about = (actor, account.email.as_str());
        let store = &self.store;
        store
            .delete_second_factor(account.id, action, about, now)
            .await
    }

    /// Removes the second factor, the passkeys and the sessions of a member who lost the device, for an admin.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reset_second_factor(
        &self,
        account: &Account,
        actor: &Actor,
    ) -> Result<bool, StoreError> {
        let (action, now) = (AuditAction::ResetSecondFactor, self.clock.now());
        let about = (actor, account.email.as_str());
        let store = &self.store;
        store
            .delete_second_factor(account.id, action, about, now)
            .await
    }

    /// Stores a login that needs another step, for ten minutes. Returns the token with which it continues.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_login(
        &self,
        step: PendingStep,
        login: PendingLogin,
    ) -> Result<LinkToken, StoreError> {
        let token = LinkToken::random();
        let expires = self.clock.now() + LOGIN_LIFETIME;
        let store = &self.store;
        let created = store.create_pending_login(token.hash(), step, login, expires);
        created.await?;
        Ok(token)
    }

    /// Finds a login that has begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_login(
        &self,
        token: &LinkToken,
        step: PendingStep,
    ) -> Result<Option<PendingLogin>, StoreError> {
        let now = self.clock.now();
        self.store.find_pending_login(token.hash(), step, now).await
    }

    /// Ends a login that has begun. Returns whether it was pending, so that it is finished once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_login(&self, token: &LinkToken) -> Result<bool, StoreError> {
        self.store.delete_pending_login(token.hash()).await
    }
}

/// Returns the number of the period of 30 s in which a code is the one of a secret, from the one before to the one after
/// `now`.
fn find_period(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let digits: String = code.split_whitespace().collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let totp: Totp = Builder::new()
        .with_secret(secret.to_vec())
        .build_noncompliant();
    let seconds = u64::try_from(now / 1000).ok()?;
    let period = totp.check(&digits, seconds)?;
    i64::try_from(period).ok()
}

/// Generates recovery codes; returns them with their hashes.
fn recovery_codes() -> (Vec<String>, Vec<Vec<u8>>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
    (codes, hashes)
}

fn recovery_code() -> String {
    let groups: [[u8; 4]; RECOVERY_GROUPS] = rand::random();
    let groups = groups.map(|group| {
        let characters = group.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        String::from_iter(characters)
    });
    groups.join("-")
}

/// Returns the hash of a recovery code, without regard to case, spaces and hyphens. The codes are random, so one round of SHA-256 is
/// enough.
fn recovery_hash(code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(|character| character.is_ascii_alphanumeric())
        .map(|character| character.to_ascii_lowercase())
        .collect();
    Sha256::digest(plain).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six digits, with the secret for SHA-1.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let period = seconds / 30;
            assert_eq!(find_period(secret, code, seconds * 1000), Some(period));
            let spaced = format!(" {} {} ", &code[..3], &code[3..]);
            assert_eq!(find_period(secret, &spaced, seconds * 1000), Some(period));
            for (shift, is_valid) in [(-60, false), (-30, true), (30, true), (60, false)] {
                let found = find_period(secret, code, (seconds + shift) * 1000);
                assert_eq!(found.is_some(), is_valid, "{shift}");
            }
        }
        for wrong in ["", "28708", "2870822", "28708a", "２８７０８２"] {
            assert_eq!(find_period(secret, wrong, 59_000), None, "{wrong}");
        }
    }

    #[test]
    fn secret_is_read_back_from_what_is_shown() {
        let secret = NewSecret::random();
        let text = secret.text();
        assert_eq!(text.len(), 39, "{text}");
        let parsed = NewSecret::parse(&text.to_lowercase()).or_else(|| NewSecret::parse(&text));
        assert!(parsed.is_some_and(|parsed| parsed.bytes == secret.bytes));
        for wrong in ["", "AAAA", "!!!!", &text[..38]] {
            assert!(NewSecret::parse(wrong).is_none(), "{wrong}");
        }
        let address = secret.address("Our: site", "a@example.com");
        assert!(address.starts_with("otpauth://totp/"), "{address}");
        let plain = text.replace(' ', "");
        assert!(address.contains(&format!("secret={plain}")), "{address}");
    }

    #[test]
    fn recovery_codes_differ_and_are_read_as_people_type_them() {
        let (codes, hashes) = recovery_codes();
        let different: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!((different.len(), hashes.len()), (10, 10));
        let typed = format!(" {} ", codes[0].to_uppercase().replace('-', " "));
        assert_eq!(recovery_hash(&typed), hashes[0]);
        assert_eq!(codes[0].len(), 19);
    }
}
