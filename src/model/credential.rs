//! Logins and tokens of the taught API: what a client sends of them, and what it is shown.
//!
//! Not here: the secrets themselves and how they are checked (see `api::auth`), and where they are
//! kept (see `sandbox::session` and `sandbox::token`).

use serde::{Deserialize, Serialize};

use super::json::{Json, pointer_to};
use super::problem::PartError;
use super::timestamp::Timestamp;

/// The password of every user of every sandbox. It is for learning: it protects data that anybody
/// can have anew, and is no account's of the portal.
pub const PASSWORD: &str = "routebook";
/// How an opaque token begins, so that one that is found somewhere is known for what it is.
pub const TOKEN_PREFIX: &str = "rbt_";
/// The longest name of a token, in characters.
pub const TOKEN_NAME_MAX: usize = 100;
/// How long a token lives when the client does not say, in seconds: an hour.
pub const TOKEN_AGE: i64 = 3600;
/// How long a token lives at most, in seconds: seven days, as long as a sandbox.
pub const TOKEN_AGE_MAX: i64 = 7 * 24 * 3600;

/// The body of `POST /api/session`. It is not shown anywhere: it holds a password.
pub struct Login {
    /// The e-mail address, as it was written.
    pub email: String,
    /// The password.
    pub password: String,
}

impl Login {
    /// Reads it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(body: &Json) -> Result<Login, Vec<PartError>> {
        let mut members = Members::of(body, &["email", "password"])?;
        let login = (members.text("email"), members.text("password"));
        let (email, password) = members.finish(login.0.zip(login.1))?;
        Ok(Login { email, password })
    }
}

/// What kind of token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Random; only the server knows what it stands for.
    Opaque,
    /// A signed statement that anybody can read (RFC 7519).
    Jwt,
}

impl TokenKind {
    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<TokenKind> {
        match name {
            "opaque" => Some(TokenKind::Opaque),
            "jwt" => Some(TokenKind::Jwt),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TokenKind::Opaque => "opaque",
            TokenKind::Jwt => "jwt",
        }
    }
}

/// The body of `POST /api/tokens`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it: 1 to 100 characters.
    pub name: String,
    /// Its kind.
    pub kind: TokenKind,
    /// Seconds that it lives: 1 to 604 800.
    pub expires_in: i64,
}

impl NewToken {
    /// Reads it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(body: &Json) -> Result<NewToken, Vec<PartError>> {
        let mut members = Members::of(body, &["name", "kind", "expires_in"])?;
        let name = members.text("name").filter(|name| {
            let length = name.chars().count();
            let fits = (1..=TOKEN_NAME_MAX).contains(&length) && !name.contains(char::is_control);
            if !fits {
                let detail =
                    format!("must have 1 to {TOKEN_NAME_MAX} characters, none of them a control");
                members.error("name", detail);
            }
            fits
        });
        let kind = members.text("kind").and_then(|kind| {
            let known = TokenKind::parse(&kind);
            if known.is_none() {
                members.error("kind", "must be `opaque` or `jwt`");
            }
            known
        });
        let expires_in = members.seconds("expires_in");
        let parts = name.zip(kind).zip(expires_in);
        let ((name, kind), expires_in) = members.finish(parts)?;
        Ok(NewToken {
            name,
            kind,
            expires_in,
        })
    }
}

/// A token as its owner is shown it: never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// A UUID.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its kind.
    pub kind: TokenKind,
    /// When it came to be.
    pub created_at: Timestamp,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Timestamp>,
}

/// The members of an object that is being read, with what is wrong so far.
struct Members<'b> {
    members: &'b [(String, Json)],
    errors: Vec<PartError>,
}

impl<'b> Members<'b> {
    fn of(body: &'b Json, known: &[&str]) -> Result<Members<'b>, Vec<PartError>> {
        let Json::Object(members) = body else {
            let detail = format!("must be an object, not {}", body.kind());
            return Err(vec![PartError::at("", detail)]);
        };
        let unknown = members
            .iter()
            .map(|(key, _)| key)
            .find(|key| !known.contains(&key.as_str()));
        // One is enough to see that the body is meant for something else.
        let errors = unknown.map(|key| {
            let detail = format!("is not known here; known are {}", known.join(", "));
            PartError::at(pointer_to(key), detail)
        });
        Ok(Members {
            members,
            errors: errors.into_iter().collect(),
        })
    }

    fn get(&self, name: &str) -> Option<&'b Json> {
        let found = self.members.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    fn error(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(PartError::at(pointer_to(name), detail));
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.get(name) {
            Some(Json::String(text)) => return Some(text.clone()),
            Some(other) => {
                let detail = format!("must be text, not {}", other.kind());
                self.error(name, detail);
            }
            None => self.error(name, "is required"),
        }
        None
    }

    fn seconds(&mut self, name: &str) -> Option<i64> {
        let Some(value) = self.get(name) else {
            return Some(TOKEN_AGE);
        };
        let seconds = value
            .as_integer()
            .filter(|seconds| (1..=TOKEN_AGE_MAX).contains(seconds));
        if seconds.is_none() {
            let detail = format!("must be a whole number of seconds from 1 to {TOKEN_AGE_MAX}");
            self.error(name, detail);
        }
        seconds
    }

    fn finish<T>(self, value: Option<T>) -> Result<T, Vec<PartError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }
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
    fn a_login_is_two_texts() {
        let login = Login::from_json(&json(r#"{"password":"p","email":"e"}"#));
        let login = login.expect("a login");
        assert_eq!((login.email.as_str(), login.password.as_str()), ("e", "p"));
        let check = |text: &str, expected: &[&str]| {
            let errors = Login::from_json(&json(text)).err().expect("errors");
            assert_eq!(pointers(errors), expected, "{text}");
        };
        check("[]", &[""]);
        check("{}", &["/email", "/password"]);
        check(r#"{"email":1,"password":null}"#, &["/email", "/password"]);
        check(r#"{"email":"e","password":"p","role":"admin"}"#, &["/role"]);
    }

    #[test]
    fn a_token_lives_an_hour_if_nobody_says_otherwise() {
        let new = NewToken::from_json(&json(r#"{"name":"가","kind":"jwt"}"#)).expect("valid");
        assert_eq!((new.kind, new.expires_in), (TokenKind::Jwt, 3600));
        let long = format!(r#"{{"name":{:?},"kind":"opaque"}}"#, "가".repeat(101));
        let aged =
            |seconds: &str| format!(r#"{{"name":"a","kind":"opaque","expires_in":{seconds}}}"#);
        for valid in ["1", "604800", "60.0"] {
            assert!(NewToken::from_json(&json(&aged(valid))).is_ok(), "{valid}");
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
            check(&aged(invalid), &["/expires_in"]);
        }
    }
}
