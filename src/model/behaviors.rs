//! Behaviors: switches of a sandbox that change how its API responds, for lessons.
//!
//! They take effect in `api::middleware::behaviors`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::Json;
use super::problem::PartError;

/// The longest delay, in milliseconds.
pub const LATENCY_MAX: i64 = 5000;
/// The highest number of `fail_every` and `rate_limit`.
pub const COUNT_MAX: i64 = 1_000_000;

/// What the sandbox does to requests about users, tokens and oneself, for lessons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Behaviors {
    /// Writes require a login, and DELETE requires the role admin.
    #[schema(required = true)]
    pub require_auth: bool,
    /// PUT, PATCH and DELETE without If-Match are refused with 428.
    #[schema(required = true)]
    pub require_if_match: bool,
    /// POST without an Idempotency-Key is refused with 400.
    #[schema(required = true)]
    pub require_idempotency_key: bool,
    /// The delay of every request in milliseconds.
    #[schema(required = true, maximum = 5000)]
    pub latency_ms: u32,
    /// Every n-th request is refused with 503; null for none.
    #[schema(required = true, minimum = 1, maximum = 1_000_000)]
    pub fail_every: Option<u32>,
    /// The number of requests per minute, if it is lower than the usual limit.
    #[schema(required = true, minimum = 1, maximum = 1_000_000)]
    pub rate_limit: Option<u32>,
}

impl Behaviors {
    /// Returns the behaviors with a merge patch applied (RFC 7396); null restores the default of a switch.
    ///
    /// # Errors
    /// Returns an error for each member that is not a switch and for each invalid value.
    pub fn patched(self, patch: &Json) -> Result<Behaviors, Vec<PartError>> {
        let Json::Object(members) = patch else {
            let detail = format!("must be an object, not {}", patch.kind());
            return Err(vec![PartError::at("", detail)]);
        };
        let mut changed = self;
        let mut errors = Vec::new();
        for (name, value) in members {
            if let Err(detail) = changed.set(name, value) {
                errors.push(PartError::at(super::json::pointer_to(name), detail));
            }
        }
        match errors.is_empty() {
            true => Ok(changed),
            false => Err(errors),
        }
    }

    fn set(&mut self, name: &str, value: &Json) -> Result<(), String> {
        match name {
            "require_auth" => self.require_auth = boolean(value)?,
            "require_if_match" => self.require_if_match = boolean(value)?,
            "require_idempotency_key" => self.require_idempotency_key = boolean(value)?,
            "latency_ms" => self.latency_ms = number(value, 0, LATENCY_MAX)?.unwrap_or(0),
            "fail_every" => self.fail_every = number(value, 1, COUNT_MAX)?,
            "rate_limit" => self.rate_limit = number(value, 1, COUNT_MAX)?,
            _ => {
                return Err("is no behavior; there are require_auth, require_if_match, \
                            require_idempotency_key, latency_ms, fail_every and rate_limit"
                    .to_owned());
            }
        }
        Ok(())
    }
}

fn boolean(value: &Json) -> Result<bool, String> {
    match value {
        Json::Bool(value) => Ok(*value),
        Json::Null => Ok(false),
        other => Err(format!("must be true or false, not {}", other.kind())),
    }
}

fn number(value: &Json, min: i64, max: i64) -> Result<Option<u32>, String> {
    if *value == Json::Null {
        return Ok(None);
    }
    let number = value.as_integer();
    number
        .filter(|number| (min..=max).contains(number))
        .and_then(|number| u32::try_from(number).ok())
        .map(Some)
        .ok_or_else(|| format!("must be a whole number from {min} to {max}, or null"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(text: &str) -> Result<Behaviors, Vec<String>> {
        let json = Json::parse(text.as_bytes()).expect("JSON");
        let errors = |errors: Vec<PartError>| {
            let pointers = errors.into_iter().map(|error| error.pointer);
            pointers.map(Option::unwrap_or_default).collect()
        };
        Behaviors::default().patched(&json).map_err(errors)
    }

    #[test]
    fn patch_changes_only_the_given_switches() {
        let changed = patch(r#"{"require_auth":true,"latency_ms":5000,"fail_every":3}"#);
        let expected = Behaviors {
            require_auth: true,
            latency_ms: 5000,
            fail_every: Some(3),
            ..Behaviors::default()
        };
        assert_eq!(changed, Ok(expected));
        let null = Json::parse(br#"{"fail_every":null,"require_auth":null}"#).expect("JSON");
        let back = expected.patched(&null).expect("a patch");
        assert_eq!(
            (back.fail_every, back.require_auth, back.latency_ms),
            (None, false, 5000)
        );
    }

    #[test]
    fn unknown_switch_or_invalid_value_is_an_error_with_its_pointer() {
        let check = |text: &str, pointers: &[&str]| {
            let expected = pointers
                .iter()
                .map(|pointer| (*pointer).to_owned())
                .collect();
            assert_eq!(patch(text), Err(expected), "{text}");
        };
        check("[]", &[""]);
        check(r#"{"latency":1}"#, &["/latency"]);
        check(
            r#"{"latency_ms":5001,"fail_every":0}"#,
            &["/latency_ms", "/fail_every"],
        );
        check(
            r#"{"require_auth":1,"rate_limit":"9"}"#,
            &["/require_auth", "/rate_limit"],
        );
        check(r#"{"latency_ms":-1}"#, &["/latency_ms"]);
        check(r#"{"latency_ms":1.5}"#, &["/latency_ms"]);
    }
}
