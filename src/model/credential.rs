//! Login requests and tokens of the taught API, as a client sends and receives them.
//!
//! Secrets are verified in `api::middleware::authentication` and stored in `sandbox::session` and
//! `sandbox::token`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::Json;
use super::object_reader::ObjectReader;
use super::problem::PartError;
use super::timestamp::Timestamp;

/// The password of every user of every sandbox. It is public, because a sandbox has only data for
/// learning; accounts of the portal have passwords of their own.
pub const PASSWORD: &str = "routebook";
/// The prefix of an opaque token, by which a leaked token is recognized.
pub const TOKEN_PREFIX: &str = "rbt_";
/// The maximum length of the name of a token, in characters.
pub const TOKEN_NAME_MAX: usize = 100;
/// The default lifetime of a token: one hour, in seconds.
pub const TOKEN_AGE: i64 = 3600;
/// The maximum lifetime of a token: seven days, like that of a sandbox, in seconds.
pub const TOKEN_AGE_MAX: i64 = 7 * 24 * 3600;

/// The credentials of a user. They are neither `Debug` nor `Serialize`, because they include a password.
#[derive(ToSchema)]
#[schema(description = "The credentials of a user.")]
pub struct LoginRequest {
    /// The email address of the user.
    pub email: String,
    /// The password.
    pub password: String,
}

impl LoginRequest {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_json(body: &Json) -> Result<LoginRequest, Vec<PartError>> {
        let mut reader = ObjectReader::new(body)?;
        let email = reader.required_text("email").map(str::to_owned);
        let password = reader.required_text("password").map(str::to_owned);
        let unknown = "is not known here; known are email, password";
        let (email, password) = reader.finish(email.zip(password), unknown)?;
        Ok(LoginRequest { email, password })
    }
}

/// The kind of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Random; only the server knows what it stands for.
    Opaque,
    /// A signed statement that anybody can read (RFC 7519).
    Jwt,
}

impl TokenKind {
    /// Returns the kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<TokenKind> {
        match name {
            "opaque" => Some(TokenKind::Opaque),
            "jwt" => Some(TokenKind::Jwt),
            _ => None,
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TokenKind::Opaque => "opaque",
            TokenKind::Jwt => "jwt",
        }
    }
}

/// The fields of a new token that a client sends.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
pub struct NewToken {
    /// The name that the owner gives to the token.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
    )]
    pub name: String,
    /// The kind of the token.
    pub kind: TokenKind,
    /// The validity of the token in seconds.
    #[schema(required = false, default = 3600, minimum = 1, maximum = 604_800)]
    pub expires_in: i64,
}

impl NewToken {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_json(body: &Json) -> Result<NewToken, Vec<PartError>> {
        let mut reader = ObjectReader::new(body)?;
        let name = reader.required_text("name").filter(|name| {
            let length = name.chars().count();
            let fits = (1..=TOKEN_NAME_MAX).contains(&length) && !name.contains(char::is_control);
            if !fits {
                let detail =
                    format!("must have 1 to {TOKEN_NAME_MAX} characters, none of them a control");
                reader.add_error("name", detail);
            }
            fits
        });
        let kind = reader.required_text("kind").and_then(|kind| {
            let known = TokenKind::parse(kind);
            if known.is_none() {
                reader.add_error("kind", "must be `opaque` or `jwt`");
            }
            known
        });
        let expires_in = match reader.take("expires_in") {
            None => Some(TOKEN_AGE),
            Some(value) => {
                let seconds = value
                    .as_integer()
                    .filter(|seconds| (1..=TOKEN_AGE_MAX).contains(seconds));
                if seconds.is_none() {
                    let detail =
                        format!("must be a whole number of seconds from 1 to {TOKEN_AGE_MAX}");
                    reader.add_error("expires_in", detail);
                }
                seconds
            }
        };
        let parts = name.zip(kind).zip(expires_in);
        let unknown = "is not known here; known are name, kind, expires_in";
        let ((name, kind), expires_in) = reader.finish(parts, unknown)?;
        Ok(NewToken {
            name: name.to_owned(),
            kind,
            expires_in,
        })
    }
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// The id of the token, not its secret.
    #[schema(format = "uuid")]
    pub id: String,
    /// The name that the owner gives to the token.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
    )]
    pub name: String,
    /// The kind of the token.
    pub kind: TokenKind,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of expiry.
    pub expires_at: Timestamp,
    /// The time of the last use, to the minute; null when the token was never used.
    #[schema(required = true)]
    pub last_used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).expect("JSON")
    }

    fn pointers(errors: Vec<PartError>) -> Vec<String> {
        let pointers = errors.into_iter().filter_map(|error| error.pointer);
        pointers.collect()
    }

    #[test]
    fn login_request_needs_email_and_password() {
        let login = LoginRequest::from_json(&json(r#"{"password":"p","email":"e"}"#));
        let login = login.expect("a login");
        assert_eq!((login.email.as_str(), login.password.as_str()), ("e", "p"));
        let check = |text: &str, expected: &[&str]| {
            let errors = LoginRequest::from_json(&json(text)).err().expect("errors");
            assert_eq!(pointers(errors), expected, "{text}");
        };
        check("[]", &[""]);
        check("{}", &["/email", "/password"]);
        check(r#"{"email":1,"password":null}"#, &["/email", "/password"]);
        check(r#"{"email":"e","password":"p","role":"admin"}"#, &["/role"]);
    }

    #[test]
    fn new_token_has_a_default_lifetime_and_valid_fields() {
        let new = NewToken::from_json(&json(r#"{"name":"가","kind":"jwt"}"#)).expect("valid");
        assert_eq!((new.kind, new.expires_in), (TokenKind::Jwt, 3600));
        let long = format!(r#"{{"name":{:?},"kind":"opaque"}}"#, "가".repeat(101));
        let with_lifetime =
            |seconds: &str| format!(r#"{{"name":"a","kind":"opaque","expires_in":{seconds}}}"#);
        for valid in ["1", "604800", "60.0"] {
            assert!(
                NewToken::from_json(&json(&with_lifetime(valid))).is_ok(),
                "{valid}"
            );
        }
        let check = |text: &str, expected: &[&str]| {
            let errors = NewToken::from_json(&json(text)).expect_err("errors");
            assert_eq!(pointers(errors), expected, "{text}");
        };
        check("{}", &["/name", "/kind"]);
        check(r#"{"name":"","kind":"JWT"}"#, &["/name", "/kind"]);
        check(r#"{"name":"a\u0000","kind":"opaque"}"#, &["/name"]);
        check(&long, &["/name"]);
        for invalid in ["0", "-1", "604801", "1.5", "\"60\"", "null"] {
            check(&with_lifetime(invalid), &["/expires_in"]);
        }
    }
}
