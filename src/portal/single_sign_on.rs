//! Logins with an identity provider (OpenID Connect Core 1.0): the authorization code flow with PKCE.
//!
//! What the identity means for accounts is in `provider_account`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationFlow, AuthorizationCode, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::model::account::{DISPLAY_NAME_MAX, DisplayName, TeamRole};
use crate::model::user::Email;
use crate::portal::http_client::HttpClient;

/// How long the addresses and keys of the provider are used before they are fetched again.
const METADATA_LIFETIME: Duration = Duration::from_secs(600);

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type ProviderClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The claims that the standard does not define, such as the groups.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct OtherClaims(BTreeMap<String, Value>);

impl AdditionalClaims for OtherClaims {}

/// The provider, and what its groups mean.
#[derive(Clone)]
pub struct ProviderSettings {
    /// The issuer, whose path `/.well-known/openid-configuration` describes the provider.
    pub issuer: String,
    /// The id of this site at the provider.
    pub client_id: String,
    /// The secret of this site at the provider; `None` for a public client.
    pub client_secret: Option<String>,
    /// The name on the button.
    pub name: String,
    /// The scopes besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists the groups of a person.
    pub groups_claim: String,
    /// The group whose members are admins.
    pub admin_group: Option<String>,
    /// The group whose members are mentors.
    pub mentor_group: Option<String>,
    /// Whether an account with the same verified address is linked.
    pub links_accounts: bool,
    /// The address to which the provider sends people back.
    pub redirect_url: String,
    /// The address to which the provider sends people after a logout.
    pub logout_redirect_url: String,
}

/// What must be kept between the two halves of a login.
#[derive(Clone, Serialize, Deserialize)]
pub struct ProviderLogin {
    /// The state, which the response of the provider repeats.
    pub state: String,
    nonce: String,
    verifier: String,
}

/// Who somebody is, as the provider says.
#[derive(Clone)]
pub struct ProviderIdentity {
    /// The issuer.
    pub issuer: String,
    /// The id of the person at the issuer.
    pub subject: String,
    /// The address, if it is known.
    pub email: Option<Email>,
    /// Whether the provider has checked the address; `None` when it does not say so.
    pub is_email_verified: Option<bool>,
    /// The name.
    pub name: Option<DisplayName>,
    /// The role by the groups; `None` when the configuration gives no group a role.
    pub role: Option<TeamRole>,
    /// The token by which a logout names the session at the provider.
    pub id_token: String,
}

/// The reasons for which a login with the provider fails.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The configuration is not valid.
    #[error("{0}")]
    Configuration(String),
    /// The provider cannot be reached, or does not describe itself.
    #[error("the identity provider cannot be reached: {0}")]
    Unreachable(String),
    /// The provider refused the code, or its answer is not to be trusted.
    #[error("the answer of the identity provider is not valid: {0}")]
    Refused(String),
}

/// Logins with one provider; cheap to clone.
#[derive(Clone)]
pub struct SingleSignOn {
    settings: Arc<ProviderSettings>,
    http: HttpClient,
    metadata: Arc<Mutex<Option<(Instant, ProviderMetadataWithLogout)>>>,
}

impl SingleSignOn {
    /// Checks the settings. The provider is asked at the first login.
    ///
    /// # Errors
    /// [`ProviderError::Configuration`].
    pub fn new(settings: ProviderSettings) -> Result<SingleSignOn, ProviderError> {
        if !is_safe_issuer(&settings.issuer) || IssuerUrl::new(settings.issuer.clone()).is_err() {
            let issuer = &settings.issuer;
            let text = format!("oidc.issuer {issuer:?} is not an address: write https://…");
            return Err(ProviderError::Configuration(text));
        }
        for (key, value) in [("client_id", &settings.client_id), ("name", &settings.name)] {
            if value.trim().is_empty() {
                let text = format!("oidc.{key} is empty: set it");
                return Err(ProviderError::Configuration(text));
            }
        }
        Ok(SingleSignOn {
            settings: Arc::new(settings),
            http: HttpClient::new(),
            metadata: Arc::default(),
        })
    }

    /// Returns the settings.
    #[must_use]
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// Begins a login. Returns the address of the provider to which the browser goes, and what must be kept.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn begin(&self) -> Result<(String, ProviderLogin), ProviderError> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (address, state, nonce) = request.url();
        let login = ProviderLogin {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        };
        Ok((address.to_string(), login))
    }

    /// Exchanges the code for the identity of the person, and checks all that the standard requires.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn finish(
        &self,
        code: &str,
        login: &ProviderLogin,
    ) -> Result<ProviderIdentity, ProviderError> {
        let identity = self.exchange(code, login).await;
        if identity.is_err() {
            // The provider may have other keys by now.
            *self.metadata.lock().await = None;
        }
        identity
    }

    async fn exchange(
        &self,
        code: &str,
        login: &ProviderLogin,
    ) -> Result<ProviderIdentity, ProviderError> {
        let client = self.client().await?;
        let http = |request: HttpRequest| {
            let http = self.http.clone();
            async move { http.send(request).await }
        };
        let response = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(refused)?
            .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()))
            .request_async(&http)
            .await
            .map_err(refused)?;
        let token = response
            .id_token()
            .ok_or_else(|| ProviderError::Refused("the response has no ID token".to_owned()))?;
        let verifier = client.id_token_verifier();
        let nonce = Nonce::new(login.nonce.clone());
        let claims = token.claims(&verifier, &nonce).map_err(refused)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(refused)?;
            let key = token.signing_key(&verifier).map_err(refused)?;
            let hash = AccessTokenHash::from_token(response.access_token(), algorithm, key);
            if hash.map_err(refused)? != *expected {
                let text = "the access token is not that of the ID token";
                return Err(ProviderError::Refused(text.to_owned()));
            }
        }
        let localized = |name: Option<String>| name.and_then(|name| short_name(&name));
        let mut found = Found {
            email: claims.email().map(|email| email.to_string()),
            is_email_verified: claims.email_verified(),
            name: localized(
                claims
                    .name()
                    .and_then(|name| name.get(None))
                    .map(|name| name.to_string()),
            ),
            groups: self.groups(claims.additional_claims()),
        };
        // What the ID token does not contain may be at the endpoint for it.
        let subject = claims.subject().clone();
        if (found.email.is_none() || found.name.is_none() || found.groups.is_none())
            && let Ok(request) =
                client.user_info(response.access_token().clone(), Some(subject.clone()))
        {
            let info: UserInfoClaims<OtherClaims, CoreGenderClaim> =
                request.request_async(&http).await.map_err(refused)?;
            if found.email.is_none() {
                found.email = info.email().map(|email| email.to_string());
                found.is_email_verified = info.email_verified();
            }
            found.name = found.name.or_else(|| {
                let name = info.name().and_then(|name| name.get(None));
                localized(name.map(|name| name.to_string()))
            });
            found.groups = found
                .groups
                .or_else(|| self.groups(info.additional_claims()));
        }
        Ok(ProviderIdentity {
            issuer: claims.issuer().to_string(),
            subject: subject.to_string(),
            email: found.email.as_deref().and_then(Email::parse),
            is_email_verified: found.is_email_verified,
            name: found.name,
            role: self.role(found.groups.as_deref().unwrap_or_default()),
            id_token: token.to_string(),
        })
    }

    /// Returns the address at which the provider ends its own session, if it has one.
    pub async fn logout_address(&self, id_token: &str) -> Option<String> {
        let metadata = self.metadata().await.ok()?;
        let address = metadata.additional_metadata().end_session_endpoint.clone();
        let mut address = address?.url().clone();
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair(
                "post_logout_redirect_uri",
                &self.settings.logout_redirect_url,
            );
        Some(address.to_string())
    }

    /// Returns the groups in the claims; `None` when they have none.
    fn groups(&self, claims: &OtherClaims) -> Option<Vec<String>> {
        match claims.0.get(&self.settings.groups_claim)? {
            Value::String(group) => Some(vec![group.clone()]),
            Value::Array(groups) => {
                let groups = groups.iter().filter_map(Value::as_str);
                Some(groups.map(str::to_owned).collect())
            }
            _ => None,
        }
    }

    /// Returns the role of a member of groups; `None` when the configuration gives no group a role.
    fn role(&self, groups: &[String]) -> Option<TeamRole> {
        let settings = &self.settings;
        if settings.admin_group.is_none() && settings.mentor_group.is_none() {
            return None;
        }
        let is_in = |group: &Option<String>| {
            let group = group.as_ref();
            group.is_some_and(|group| groups.contains(group))
        };
        Some(
            match (is_in(&settings.admin_group), is_in(&settings.mentor_group)) {
                (true, _) => TeamRole::Admin,
                (false, true) => TeamRole::Mentor,
                (false, false) => TeamRole::Learner,
            },
        )
    }

    async fn client(&self) -> Result<ProviderClient, ProviderError> {
        let settings = &self.settings;
        let redirect = RedirectUrl::new(settings.redirect_url.clone()).map_err(refused)?;
        let id = ClientId::new(settings.client_id.clone());
        let secret = settings.client_secret.clone().map(ClientSecret::new);
        let client = ProviderClient::from_provider_metadata(self.metadata().await?, id, secret);
        Ok(client.set_redirect_uri(redirect))
    }

    /// Returns the description of the provider, fetched at most every ten minutes.
    async fn metadata(&self) -> Result<ProviderMetadataWithLogout, ProviderError> {
        let mut cached = self.metadata.lock().await;
        if let Some((fetched, metadata)) = &*cached
            && fetched.elapsed() < METADATA_LIFETIME
        {
            return Ok(metadata.clone());
        }
        let http = |request: HttpRequest| {
            let http = self.http.clone();
            async move { http.send(request).await }
        };
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(refused)?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http)
            .await
            .map_err(|error| ProviderError::Unreachable(chain(&error)))?;
        *cached = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}

/// Returns whether an issuer is reached with encryption, or on this machine.
fn is_safe_issuer(issuer: &str) -> bool {
    let Ok(uri) = issuer.parse::<http::Uri>() else {
        return false;
    };
    // A user before the host would make an address look like that of another host.
    let has_user = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => !has_user,
        (Some("http"), Some(host)) => {
            !has_user && ["127.0.0.1", "localhost", "[::1]"].contains(&host)
        }
        _ => false,
    }
}

/// What the provider says about a person.
struct Found {
    email: Option<String>,
    is_email_verified: Option<bool>,
    name: Option<DisplayName>,
    groups: Option<Vec<String>>,
}

/// Returns a name cut to the length of a display name.
fn short_name(name: &str) -> Option<DisplayName> {
    let name: String = name.trim().chars().take(DISPLAY_NAME_MAX).collect();
    DisplayName::parse(&name)
}

fn refused(error: impl std::error::Error) -> ProviderError {
    ProviderError::Refused(chain(&error))
}

/// Returns the text of an error with those of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Shows the issuer only, because the settings contain a secret.
impl fmt::Debug for SingleSignOn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SingleSignOn")
            .field("issuer", &self.settings.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(issuer: &str) -> ProviderSettings {
        ProviderSettings {
            issuer: issuer.to_owned(),
            client_id: "routebook".to_owned(),
            client_secret: Some("secret".to_owned()),
            name: "Example".to_owned(),
            scopes: vec!["email".to_owned()],
            groups_claim: "groups".to_owned(),
            admin_group: Some("leads".to_owned()),
            mentor_group: Some("mentors".to_owned()),
            links_accounts: false,
            redirect_url: "http://127.0.0.1:3000/login/callback".to_owned(),
            logout_redirect_url: "http://127.0.0.1:3000/".to_owned(),
        }
    }

    #[test]
    fn issuer_beyond_this_machine_must_encrypt() {
        for (issuer, is_valid) in [
            ("https://id.example.com/realms/team", true),
            ("http://127.0.0.1:9000", true),
            ("http://localhost:9000/realms/team", true),
            ("http://[::1]:9000", true),
            ("http://id.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1@example.com", false),
            ("http://localhost:9000@example.com", false),
            ("id.example.com", false),
            ("", false),
        ] {
            let result = SingleSignOn::new(settings(issuer));
            assert_eq!(result.is_ok(), is_valid, "{issuer}");
            assert!(!format!("{result:?}").contains("secret"));
        }
    }

    #[test]
    fn groups_give_the_highest_role() {
        let provider = SingleSignOn::new(settings("https://id.example.com")).expect("valid");
        let role = |groups: Value| {
            let claims = BTreeMap::from([("groups".to_owned(), groups)]);
            let groups = provider.groups(&OtherClaims(claims));
            provider.role(&groups.unwrap_or_default())
        };
        assert_eq!(
            role(serde_json::json!(["mentors", "leads"])),
            Some(TeamRole::Admin)
        );
        assert_eq!(role(serde_json::json!("mentors")), Some(TeamRole::Mentor));
        assert_eq!(
            role(serde_json::json!(["others", 7])),
            Some(TeamRole::Learner)
        );
        assert_eq!(role(serde_json::json!(null)), Some(TeamRole::Learner));
        let without = ProviderSettings {
            admin_group: None,
            mentor_group: None,
            ..settings("https://id.example.com")
        };
        let provider = SingleSignOn::new(without).expect("valid");
        assert_eq!(provider.role(&["leads".to_owned()]), None);
    }

    #[tokio::test]
    async fn provider_that_does_not_answer_is_an_error_with_its_address() {
        let provider = SingleSignOn::new(settings("http://127.0.0.1:1")).expect("valid");
        let error = provider.begin().await.err().expect("unreachable");
        assert!(matches!(error, ProviderError::Unreachable(_)), "{error}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
}
