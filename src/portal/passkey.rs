//! Passkeys (Web Authentication, level 3): keys that the device of a member keeps and unlocks. A login with one needs no
//! password and no code, because the device is something that the member has and unlocking it is the second factor.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    USER_HANDLE_MAX_LEN, UserHandle64, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use crate::model::account::Account;
use crate::portal::store::StoreError;
use crate::portal::store::audit::Actor;
use crate::portal::store::passkey::PasskeyKey;
use crate::portal::store::pending_login::{PendingLogin, PendingStep};
use crate::portal::{LinkToken, Portal};

/// The site for which passkeys are made.
#[derive(Clone, Debug)]
pub struct PasskeySite {
    id: RpId,
    origin: String,
}

/// The options that a browser gets for a ceremony, as JSON, and the token with which it continues.
pub struct PasskeyOptions {
    /// The options.
    pub json: String,
    /// The token.
    pub token: LinkToken,
}

/// The reasons for which a passkey is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The ceremony is unknown, too old or finished.
    #[error("the ceremony is not pending")]
    NotPending,
    /// The passkey is unknown here.
    #[error("the passkey is unknown")]
    Unknown,
    /// An admin has disabled the account.
    #[error("the account is disabled")]
    Disabled,
    /// The response of the browser is not valid.
    #[error("the response of the passkey is not valid: {0}")]
    Invalid(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PasskeySite {
    /// Returns the site at an origin. Returns `None` when its host is an IP address, for which browsers make no passkeys.
    #[must_use]
    pub fn of_origin(origin: &str) -> Option<PasskeySite> {
        let uri: http::Uri = origin.parse().ok()?;
        let host = uri.host()?;
        let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
        if is_address {
            return None;
        }
        let domain = AsciiDomain::try_from(host.to_owned()).ok()?;
        Some(PasskeySite {
            id: RpId::Domain(domain),
            origin: origin.to_owned(),
        })
    }
}

impl Portal {
    /// Begins to add a passkey to an account.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn begin_passkey(
        &self,
        site: &PasskeySite,
        account: &Account,
    ) -> Result<PasskeyOptions, PasskeyError> {
        let handle = UserHandle64::new().as_ref().to_vec();
        let handle = self.store.user_handle(account.id, handle).await?;
        let handle = handle
            .and_then(|handle| user_handle(&handle))
            .ok_or(PasskeyError::Unknown)?;
        let keys = self.store.list_passkey_keys(account.id).await?;
        let known = keys.into_iter().filter_map(|key| {
            Some(PublicKeyCredentialDescriptor {
                id: CredentialId::<Vec<u8>>::decode(key.credential_id).ok()?,
                transports: transports(key.transports)?,
            })
        });
        // Devices show both names. What the library does not accept as a name is not needed.
        let name = Username::try_from(account.email.as_str().to_owned());
        let blank = PublicKeyCredentialUserEntity::from(&handle);
        let user = PublicKeyCredentialUserEntity {
            name: name.unwrap_or(blank.name),
            id: &handle,
            display_name: Nickname::try_from(account.name.as_str().to_owned()).ok(),
        };
        let mut options =
            PublicKeyCredentialCreationOptions::passkey(&site.id, user, known.collect());
        // Devices that do not know this extension would refuse; they are to be unlocked for each login anyway.
        options.extensions.cred_protect = CredProtect::None;
        let (server, client) = options.start_ceremony().map_err(invalid)?;
        let json = serde_json::to_string(&client).map_err(invalid)?;
        let login = PendingLogin {
            account: Some(account.id),
            data: BASE64_URL_SAFE_NO_PAD.encode(server.encode().map_err(invalid)?),
        };
        let token = self.begin_login(PendingStep::NewPasskey, login).await?;
        Ok(PasskeyOptions { json, token })
    }

    /// Adds a passkey to an account, with the response of the browser.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn add_passkey(
        &self,
        site: &PasskeySite,
        account: &Account,
        (token, response): (&LinkToken, &str),
        name: &str,
        actor: &Actor,
    ) -> Result<(), PasskeyError> {
        let (owner, state) = self.take_state(token, PendingStep::NewPasskey).await?;
        if owner.account != Some(account.id) {
            return Err(PasskeyError::NotPending);
        }
        let key = new_key(site, &state, response)?;
        let now = self.clock.now();
        let store = &self.store;
        let created = store.create_passkey(account, name, key, actor, now);
        match created.await? {
            true => Ok(()),
            false => Err(PasskeyError::Invalid("it exists already".to_owned())),
        }
    }

    /// Begins a login with a passkey, whichever the browser offers.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn begin_passkey_login(
        &self,
        site: &PasskeySite,
    ) -> Result<PasskeyOptions, PasskeyError> {
        let options = DiscoverableCredentialRequestOptions::passkey(&site.id);
        let (server, client) = options.start_ceremony().map_err(invalid)?;
        let json = serde_json::to_string(&client).map_err(invalid)?;
        let login = PendingLogin {
            account: None,
            data: BASE64_URL_SAFE_NO_PAD.encode(server.encode().map_err(invalid)?),
        };
        let token = self.begin_login(PendingStep::Passkey, login).await?;
        Ok(PasskeyOptions { json, token })
    }

    /// Finds the account of a passkey, with the response of the browser.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn check_passkey(
        &self,
        site: &PasskeySite,
        token: &LinkToken,
        response: &str,
    ) -> Result<Account, PasskeyError> {
        let (_, state) = self.take_state(token, PendingStep::Passkey).await?;
        let response = DiscoverableAuthentication64::from_json_relaxed(response.as_bytes())
            .map_err(invalid)?;
        let (id, handle) = (response.raw_id(), response.response().user_handle());
        let found = self
            .store
            .find_passkey(id.as_ref(), handle.as_ref())
            .await?;
        let (account, key) = found.ok_or(PasskeyError::Unknown)?;
        let changed = check(site, &state, &response, &key)?;
        if account.is_disabled {
            return Err(PasskeyError::Disabled);
        }
        let now = self.clock.now();
        let store = &self.store;
        store
            .update_passkey(key.credential_id, changed, now)
            .await?;
        Ok(account)
    }

    /// Ends a ceremony and returns its state: each challenge is used once.
    async fn take_state(
        &self,
        token: &LinkToken,
        step: PendingStep,
    ) -> Result<(PendingLogin, Vec<u8>), PasskeyError> {
        let login = self.find_login(token, step).await?;
        let login = login.ok_or(PasskeyError::NotPending)?;
        if !self.end_login(token).await? {
            return Err(PasskeyError::NotPending);
        }
        let state = BASE64_URL_SAFE_NO_PAD.decode(&login.data);
        Ok((login, state.map_err(invalid)?))
    }
}

/// Checks the response with which a passkey is added.
fn new_key(site: &PasskeySite, state: &[u8], response: &str) -> Result<PasskeyKey, PasskeyError> {
    let registration = Registration::from_json_relaxed(response.as_bytes()).map_err(invalid)?;
    let state = RegistrationServerState::<USER_HANDLE_MAX_LEN>::decode(state);
    let state = state.map_err(invalid)?;
    let origins = [site.origin.as_str()];
    let options = RegistrationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..RegistrationVerificationOptions::default()
    };
    let credential = state
        .verify(&site.id, &registration, &options)
        .map_err(invalid)?;
    let transports = credential.transports().encode().map_err(invalid)?;
    let dynamic_state = credential.dynamic_state().encode().map_err(invalid)?;
    Ok(PasskeyKey {
        credential_id: credential.id().as_ref().to_vec(),
        transports: i64::from(transports),
        static_state: credential.static_state().encode().map_err(invalid)?,
        dynamic_state: dynamic_state.to_vec(),
    })
}

/// Checks the response of a login. Returns what the device reported, to be stored.
fn check(
    site: &PasskeySite,
    state: &[u8],
    response: &DiscoverableAuthentication64,
    key: &PasskeyKey,
) -> Result<Vec<u8>, PasskeyError> {
    let state = DiscoverableAuthenticationServerState::decode(state).map_err(invalid)?;
    let public = StaticState::<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>::decode(
        &key.static_state,
    );
    let reported: [u8; 7] = key.dynamic_state.as_slice().try_into().map_err(invalid)?;
    let reported = DynamicState::decode(reported).map_err(invalid)?;
    let id = CredentialId::<&[u8]>::decode(key.credential_id.as_slice()).map_err(invalid)?;
    let handle = response.response().user_handle();
    let credential = AuthenticatedCredential::new(id, handle, public.map_err(invalid)?, reported);
    let mut credential = credential.map_err(invalid)?;
    let origins = [site.origin.as_str()];
    let options = AuthenticationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..AuthenticationVerificationOptions::default()
    };
    state
        .verify(&site.id, response, &mut credential, &options)
        .map_err(invalid)?;
    let reported = credential.dynamic_state().encode().map_err(invalid)?;
    Ok(reported.to_vec())
}

fn user_handle(bytes: &[u8]) -> Option<UserHandle64> {
    let bytes: [u8; USER_HANDLE_MAX_LEN] = bytes.try_into().ok()?;
    UserHandle64::decode(bytes).ok()
}

fn transports(stored: i64) -> Option<AuthTransports> {
    AuthTransports::decode(u8::try_from(stored).ok()?).ok()
}

fn invalid(error: impl std::fmt::Display) -> PasskeyError {
    PasskeyError::Invalid(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_host_name() {
        for (origin, has_passkeys) in [
            ("https://learn.example.com", true),
            ("http://localhost:3000", true),
            ("http://127.0.0.1:3000", false),
            ("https://[::1]:3000", false),
        ] {
            assert_eq!(
                PasskeySite::of_origin(origin).is_some(),
                has_passkeys,
                "{origin}"
            );
        }
    }
}
