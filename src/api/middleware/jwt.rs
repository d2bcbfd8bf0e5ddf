//! Signed tokens (RFC 7519): their claims and their signatures.
//!
//! HMAC with SHA-256 is the only algorithm that is accepted. `jsonwebtoken` encodes and decodes the tokens,
//! and this module computes the signature, because the backends of that crate include RSA: the feature
//! `rust_crypto` depends on the crate `rsa` (RUSTSEC-2023-0071) and on three crates for elliptic curves,
//! and `aws_lc_rs` builds a complete library in C. Whether a token was revoked is checked in
//! `authentication`.

use std::sync::Once;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation, decode, encode,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use signature::{Signer, Verifier};

use crate::model::user::UserId;
use crate::sandbox::SandboxId;

/// The type in the header of the tokens.
const TOKEN_TYPE: &str = "JWT";

/// The claims of a token (RFC 7519, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::api) struct Claims {
    /// The issuer: the origin of the site.
    pub(in crate::api) iss: String,
    /// The audience: the only sandbox in which the token is valid.
    pub(in crate::api) aud: String,
    /// The subject: the id of a user.
    pub(in crate::api) sub: String,
    /// The time of expiry, in seconds since 1970.
    pub(in crate::api) exp: i64,
    /// The time of issue, in seconds since 1970.
    pub(in crate::api) iat: i64,
    /// The id of the token.
    pub(in crate::api) jti: String,
}

impl Claims {
    /// Returns the id of the user; `None` when the subject is not an id.
    pub(in crate::api) fn user(&self) -> Option<UserId> {
        UserId::parse(&self.sub).ok()
    }
}

/// Returns the audience for a sandbox.
pub(in crate::api) fn audience(sandbox: SandboxId) -> String {
    format!("sandbox-{}", sandbox.get())
}

/// Encodes and signs a token.
pub(in crate::api) fn sign(key: &[u8], claims: &Claims) -> String {
    install_provider();
    let header = Header::new(Algorithm::HS256);
    encode(&header, claims, &EncodingKey::from_secret(key))
        .expect("claims are JSON, and any bytes are a key")
}

/// Verifies the signature, issuer and audience of a token and returns its claims; `None` when one of them
/// is wrong. The caller checks the expiry.
pub(in crate::api) fn verify(
    key: &[u8],
    token: &str,
    issuer: &str,
    audience: &str,
) -> Option<Claims> {
    install_provider();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The expiry is checked with the clock of the server, which tests can set.
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(key);
    let token = decode::<Claims>(token, &key, &validation).ok()?;
    (token.header.typ.as_deref() == Some(TOKEN_TYPE)).then_some(token.claims)
}

/// Installs the signature algorithm in `jsonwebtoken`, once for the process.
fn install_provider() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: signer,
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        PROVIDER
            .install_default()
            .expect("no other code installs a provider");
    });
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(key.as_bytes()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => {
            Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)))
        }
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

/// HMAC with SHA-256 (RFC 7518, section 3.2).
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> Hs256 {
        Hs256(Hmac::new_from_slice(key).expect("a key may have any length"))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let code = self.0.clone().chain_update(message).finalize();
        Ok(code.into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], code: &Vec<u8>) -> Result<(), signature::Error> {
        // `verify_slice` compares in constant time.
        let verified = self.0.clone().chain_update(message).verify_slice(code);
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7515, appendix A.1: its key and its token.
    #[test]
    fn sign_returns_the_signature_of_the_example_in_the_standard() {
        use base64::Engine as _;
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(key);
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signer = Hs256::new(&key.expect("base64url"));
        let code = signer.try_sign(message.as_bytes()).expect("a code");
        assert_eq!(
            base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&code),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert!(signer.verify(message.as_bytes(), &code).is_ok());
        assert!(signer.verify(&message.as_bytes()[1..], &code).is_err());
    }
}
