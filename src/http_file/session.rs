//! Who sends the requests of a page: the choice of the visitor, the user of the last login and the last token.
//!
//! The browser holds the session of a login in a cookie that scripts cannot read, so only its user is known here.

use crate::model::http::{HttpResponse, RequestDraft};
use crate::model::json::Json;

/// The credentials with which a form sends its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestCredentials {
    /// The cookies of the browser.
    #[default]
    Session,
    /// The last token as a bearer token (RFC 6750), besides the cookies.
    Bearer,
    /// No cookies.
    None,
}

impl RequestCredentials {
    /// All of them, in the order in which a form offers them.
    pub const ALL: [RequestCredentials; 3] = [
        RequestCredentials::Session,
        RequestCredentials::Bearer,
        RequestCredentials::None,
    ];

    /// Returns the name in the form, which is also the end of the key of the message.
    pub fn name(self) -> &'static str {
        match self {
            RequestCredentials::Session => "session",
            RequestCredentials::Bearer => "bearer",
            RequestCredentials::None => "none",
        }
    }

    /// Returns the credentials of a name; the session for an unknown one.
    pub fn parse(name: &str) -> RequestCredentials {
        let mut all = RequestCredentials::ALL.into_iter();
        all.find(|credentials| credentials.name() == name)
            .unwrap_or_default()
    }
}

/// A user of the sandbox who has logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUser {
    /// The name.
    pub name: String,
    /// The email address, with which a program logs in again.
    pub email: String,
}

/// Who sends requests; the same for all forms of all pages of a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSession {
    /// The choice of the visitor.
    pub credentials: RequestCredentials,
    /// The user whose session cookie the browser has, as far as the responses show.
    pub user: Option<SessionUser>,
    /// The last token that a response contained.
    pub token: Option<String>,
    /// The key of the sandbox to which user and token belong.
    pub sandbox: Option<String>,
}

impl RequestSession {
    /// Returns the session as JSON. It contains secrets.
    #[must_use]
    pub fn to_json(&self) -> String {
        let user = self.user.as_ref();
        let members = [
            ("credentials", Some(self.credentials.name())),
            ("name", user.map(|user| user.name.as_str())),
            ("email", user.map(|user| user.email.as_str())),
            ("token", self.token.as_deref()),
            ("sandbox", self.sandbox.as_deref()),
        ];
        let members = members.into_iter();
        let members = members
            .filter_map(|(name, text)| Some((name.to_owned(), Json::String(text?.to_owned()))));
        Json::Object(members.collect()).pretty()
    }

    /// Parses the output of [`RequestSession::to_json`]; nobody for any other text.
    #[must_use]
    pub fn from_json(text: &str) -> RequestSession {
        let Ok(json) = Json::parse(text.as_bytes()) else {
            return RequestSession::default();
        };
        let text = |name| text_of(&json, name);
        RequestSession {
            credentials: RequestCredentials::parse(&text("credentials").unwrap_or_default()),
            user: user_of(&json),
            token: text("token"),
            sandbox: text("sandbox"),
        }
    }

    /// Returns the session for a sandbox: the user and the token of another sandbox are not valid in it.
    #[must_use]
    pub fn in_sandbox(mut self, key: &str) -> RequestSession {
        if self
            .sandbox
            .as_deref()
            .is_some_and(|sandbox| sandbox != key)
        {
            self = self.without_logins();
        }
        self.sandbox = Some(key.to_owned());
        self
    }

    /// Returns the session after a reset of the sandbox, which ends all logins and tokens.
    #[must_use]
    pub fn without_logins(mut self) -> RequestSession {
        self.user = None;
        self.token = None;
        if self.credentials == RequestCredentials::Bearer {
            self.credentials = RequestCredentials::Session;
        }
        self
    }

    /// Returns the session after the response to a request; `sends_cookies` says whether it had the cookies of the
    /// browser.
    #[must_use]
    pub fn after(
        &self,
        draft: &RequestDraft,
        sends_cookies: bool,
        response: &HttpResponse,
    ) -> RequestSession {
        let mut next = self.clone();
        let is_by_cookie = sends_cookies && draft.header("authorization").is_none();
        let json = || Json::parse(response.body.text()?.as_bytes()).ok();
        match (draft.method.as_str(), draft.path(), response.status) {
            ("POST", "/api/session", 201) => {
                next.user = json().and_then(|json| user_of(&json));
                // Otherwise the login would have no effect.
                if next.credentials == RequestCredentials::None {
                    next.credentials = RequestCredentials::Session;
                }
            }
            ("POST", "/api/session", _) => {}
            ("DELETE", "/api/session", 204) if is_by_cookie => next.user = None,
            ("POST", "/api/sandbox/reset", 204) | ("DELETE", "/api/sandbox", 204) => {
                next = next.without_logins();
            }
            (_, _, 401) if is_by_cookie => next.user = None,
            _ => {}
        }
        if let Some(token) = json().and_then(|json| text_of(&json, "token")) {
            next.token = Some(token);
        }
        next
    }
}

fn text_of(json: &Json, name: &str) -> Option<String> {
    json.member(name)?.as_text().map(str::to_owned)
}

fn user_of(json: &Json) -> Option<SessionUser> {
    Some(SessionUser {
        name: text_of(json, "name")?,
        email: text_of(json, "email")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Header;

    fn grace() -> RequestSession {
        RequestSession {
            user: Some(SessionUser {
                name: "Grace \"Hopper\"".to_owned(),
                email: "grace@example.com".to_owned(),
            }),
            token: Some("rbt_1".to_owned()),
            sandbox: Some("key".to_owned()),
            credentials: RequestCredentials::Bearer,
        }
    }

    /// Returns the session after a request with the cookies of the browser.
    fn after(
        session: &RequestSession,
        request: (&str, &str),
        authorization: Option<&str>,
        response: (u16, &str),
    ) -> RequestSession {
        let headers = authorization.map(|value| Header::new("authorization", value));
        let draft = RequestDraft {
            method: request.0.to_owned(),
            target: request.1.to_owned(),
            headers: headers.into_iter().collect(),
            ..RequestDraft::default()
        };
        let body = response.1.as_bytes().to_vec();
        let response = HttpResponse::new(response.0, vec![], body, 1);
        session.after(&draft, true, &response)
    }

    #[test]
    fn credentials_are_parsed_by_their_names() {
        for credentials in RequestCredentials::ALL {
            assert_eq!(RequestCredentials::parse(credentials.name()), credentials);
        }
        assert_eq!(RequestCredentials::parse("x"), RequestCredentials::Session);
    }

    #[test]
    fn session_is_the_same_after_a_round_trip() {
        for session in [grace(), RequestSession::default()] {
            assert_eq!(RequestSession::from_json(&session.to_json()), session);
        }
        assert_eq!(RequestSession::from_json("["), RequestSession::default());
    }

    #[test]
    fn login_and_logout_change_the_user() {
        let nobody = RequestSession {
            credentials: RequestCredentials::None,
            ..RequestSession::default()
        };
        let user = r#"{"id":2,"name":"Grace","email":"grace@example.com"}"#;
        let login = after(&nobody, ("POST", "/api/session"), None, (201, user));
        assert_eq!(login.credentials, RequestCredentials::Session);
        assert_eq!(
            login.user.as_ref().map(|user| user.name.as_str()),
            Some("Grace")
        );
        let wrong = after(&login, ("POST", "/api/session"), None, (401, "{}"));
        assert_eq!(wrong, login, "a failed login leaves the old one");
        let logout = after(&login, ("DELETE", "/api/session?x=1"), None, (204, ""));
        assert_eq!(logout.user, None);
        let bearer = after(
            &login,
            ("DELETE", "/api/session"),
            Some("Bearer x"),
            (204, ""),
        );
        assert_eq!(bearer, login, "the cookie was not used");
    }

    #[test]
    fn ended_session_and_reset_forget_the_user() {
        let session = RequestSession {
            credentials: RequestCredentials::Session,
            ..grace()
        };
        let ended = after(&session, ("GET", "/api/me"), None, (401, "{}"));
        assert_eq!((ended.user, ended.token.as_deref()), (None, Some("rbt_1")));
        let other = after(&session, ("GET", "/api/me"), Some("Bearer x"), (401, "{}"));
        assert_eq!(other, session);
        let reset = after(&grace(), ("POST", "/api/sandbox/reset"), None, (204, ""));
        let nobody = RequestSession {
            sandbox: grace().sandbox,
            ..RequestSession::default()
        };
        assert_eq!(reset, nobody, "without a token there is no bearer");
        let chosen = RequestSession {
            credentials: RequestCredentials::None,
            ..grace()
        };
        assert_eq!(
            chosen.without_logins().credentials,
            RequestCredentials::None
        );
    }

    #[test]
    fn last_token_is_kept_and_belongs_to_its_sandbox() {
        let session = after(
            &grace(),
            ("POST", "/api/tokens"),
            None,
            (201, r#"{"id":"1","token":"rbt_2"}"#),
        );
        assert_eq!(session.token.as_deref(), Some("rbt_2"));
        assert_eq!(session.clone().in_sandbox("key"), session);
        let other = session.in_sandbox("other");
        assert_eq!((other.token, other.user), (None, None));
        let first = RequestSession {
            sandbox: None,
            ..grace()
        };
        assert_eq!(first.in_sandbox("key"), grace());
    }
}
