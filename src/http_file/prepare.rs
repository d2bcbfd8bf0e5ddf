//! From the draft of a form to the request that is sent. Sending and every snippet use the result, so
//! that a copied request is the one that is sent.

use super::resolve::{ResolveError, fill};
use super::session::{RequestCredentials, RequestSession};
use super::template::{PlaceholderSource, ResponsePart};
use crate::model::http::{
    DraftField, DraftFinding, FindingKind, Header, HttpResponse, RequestDraft, validate,
};
use crate::model::json::Json;

/// A request as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreparedRequest {
    /// The request: placeholders have their values, and the token is among the headers.
    pub draft: RequestDraft,
    /// Whether the browser adds its cookies.
    pub sends_cookies: bool,
    /// The email address of the user whose session is in those cookies. A program outside of the browser logs in
    /// as this user first, because scripts cannot read the cookie.
    pub login: Option<String>,
    /// What is wrong with the request.
    pub findings: Vec<DraftFinding>,
}

impl PreparedRequest {
    /// Returns the request if a browser can send it.
    ///
    /// # Errors
    /// [`PrepareError::Invalid`] with all findings.
    pub fn for_browser(self) -> Result<PreparedRequest, PrepareError> {
        match self.findings.is_empty() {
            true => Ok(self),
            false => Err(PrepareError::Invalid(Box::new(self))),
        }
    }

    /// Returns the request if a program that is no browser can send it.
    ///
    /// # Errors
    /// [`PrepareError::Invalid`] with the findings that are not for browsers only.
    pub fn for_program(mut self) -> Result<PreparedRequest, PrepareError> {
        self.findings
            .retain(|finding| !finding.kind.is_for_browsers_only());
        self.for_browser()
    }
}

impl From<RequestDraft> for PreparedRequest {
    /// Returns a request that is sent as it is written, without a session.
    fn from(draft: RequestDraft) -> PreparedRequest {
        PreparedRequest {
            findings: validate(&draft),
            draft,
            ..PreparedRequest::default()
        }
    }
}

/// Why a draft is not a request that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepareError {
    /// Placeholders have no value.
    Unresolved(ResolveError),
    /// The request is invalid; its findings say why.
    Invalid(Box<PreparedRequest>),
}

/// Returns the request that a draft stands for: placeholders have their values, and what the session adds is added.
/// It may be invalid, see [`PreparedRequest::for_browser`]; a snippet shows it nevertheless.
///
/// # Errors
/// [`PrepareError::Unresolved`].
pub fn prepare(
    draft: &RequestDraft,
    session: &RequestSession,
    value: &dyn Fn(&PlaceholderSource) -> Option<String>,
) -> Result<PreparedRequest, PrepareError> {
    let draft = fill(draft, value).map_err(PrepareError::Unresolved)?;
    let mut request = PreparedRequest::from(draft);
    let is_login = request.draft.method == "POST" && request.draft.path() == "/api/session";
    // A login would have no effect without the cookie that its response sets.
    request.sends_cookies = session.credentials != RequestCredentials::None || is_login;
    let has_own = |name| request.draft.header(name).is_some();
    let has_own_credentials = has_own("authorization") || has_own("cookie");
    match session.credentials {
        RequestCredentials::Session if !is_login && !has_own_credentials => {
            request.login = session.user.as_ref().map(|user| user.email.clone());
        }
        RequestCredentials::Bearer if !has_own("authorization") => match &session.token {
            Some(token) => {
                let bearer = ["Bearer ", token].concat();
                request
                    .draft
                    .headers
                    .push(Header::new("Authorization", bearer));
            }
            None => request.findings.push(DraftFinding {
                field: DraftField::Session,
                kind: FindingKind::NoToken,
            }),
        },
        _ => {}
    }
    Ok(request)
}

/// The responses of a page from which later requests take values.
#[derive(Clone, Debug, Default)]
pub struct EarlierResponses {
    named: Vec<(String, HttpResponse)>,
}

impl EarlierResponses {
    /// Stores the response to the request `name`.
    pub fn store(&mut self, name: String, response: &HttpResponse) {
        self.named.retain(|(other, _)| *other != name);
        self.named.push((name, response.clone()));
    }

    /// Returns the value that a part of the response to the request `name` has.
    pub fn value(&self, name: &str, part: &ResponsePart) -> Option<String> {
        let (_, response) = self.named.iter().find(|(other, _)| other == name)?;
        match part {
            ResponsePart::Header(header) => response.header(header).map(str::to_owned),
            ResponsePart::Body(path) => {
                let json = Json::parse(response.body.text()?.as_bytes()).ok()?;
                json.at(path).map(Json::as_value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::session::SessionUser;
    use super::*;

    fn draft(body: &str) -> RequestDraft {
        RequestDraft {
            method: "POST".to_owned(),
            target: "/api/users".to_owned(),
            body: body.to_owned(),
            ..RequestDraft::default()
        }
    }

    fn response(body: &str) -> HttpResponse {
        let headers = vec![Header::new("Location", "/api/users/7")];
        HttpResponse::new(201, headers, body.as_bytes().to_vec(), 1)
    }

    fn with(credentials: RequestCredentials) -> RequestSession {
        RequestSession {
            credentials,
            user: Some(SessionUser {
                name: "Grace".to_owned(),
                email: "grace@example.com".to_owned(),
            }),
            ..RequestSession::default()
        }
    }

    fn prepared(draft: &RequestDraft, session: &RequestSession) -> PreparedRequest {
        prepare(draft, session, &|_| None).expect("no placeholders")
    }

    #[test]
    fn values_come_from_earlier_responses() {
        let mut earlier = EarlierResponses::default();
        earlier.store("made".to_owned(), &response(r#"{"id":7}"#));
        earlier.store("made".to_owned(), &response(r#"{"id":8}"#));
        let value = |kind: &PlaceholderSource| match kind {
            PlaceholderSource::Response { name, part } => earlier.value(name, part),
            _ => None,
        };
        let session = RequestSession::default();
        let body = "{{made.response.body.$.id}} {{made.response.headers.location}}";
        let request = prepare(&draft(body), &session, &value).expect("all have values");
        assert_eq!(request.draft.body, "8 /api/users/7");
        let unknown = draft("{{other.response.body.$.id}}");
        let unknown = prepare(&unknown, &session, &value);
        assert!(matches!(unknown, Err(PrepareError::Unresolved(_))));
    }

    #[test]
    fn bearer_token_is_added_unless_the_draft_has_its_own() {
        let mut session = with(RequestCredentials::Bearer);
        let plain = draft("");
        let without = prepared(&plain, &session);
        assert_eq!(
            without.findings,
            [DraftFinding {
                field: DraftField::Session,
                kind: FindingKind::NoToken
            }]
        );
        assert!(without.for_program().is_err());
        session.token = Some("abc".to_owned());
        let request = prepared(&plain, &session).for_browser().expect("valid");
        assert_eq!(request.draft.header("authorization"), Some("Bearer abc"));
        assert_eq!((request.sends_cookies, request.login), (true, None));
        let own = RequestDraft {
            headers: vec![Header::new("authorization", "Bearer own")],
            ..plain
        };
        assert_eq!(prepared(&own, &session).draft, own);
    }

    #[test]
    fn login_is_that_of_the_cookie_and_only_where_the_cookie_is_used() {
        let login = |credentials, draft: &RequestDraft| {
            let request = prepared(draft, &with(credentials));
            (request.sends_cookies, request.login)
        };
        let (session, none) = (RequestCredentials::Session, RequestCredentials::None);
        let grace = Some("grace@example.com".to_owned());
        let plain = draft("");
        assert_eq!(login(session, &plain), (true, grace));
        assert_eq!(login(none, &plain), (false, None));
        for name in ["Authorization", "Cookie"] {
            let own = RequestDraft {
                headers: vec![Header::new(name, "x")],
                ..plain.clone()
            };
            assert_eq!(login(session, &own), (true, None), "{name}");
        }
        let log_in = RequestDraft {
            target: "/api/session".to_owned(),
            ..plain
        };
        assert_eq!(login(none, &log_in), (true, None), "its cookie is kept");
    }

    #[test]
    fn invalid_request_has_findings_and_is_sent_by_none_or_by_programs_only() {
        let session = RequestSession::default();
        let wrong = RequestDraft {
            target: "https://example.com/api/users".to_owned(),
            ..draft("")
        };
        let request = prepared(&wrong, &session);
        assert_eq!(request.findings[0].field, DraftField::Target);
        assert!(request.for_program().is_err());
        let forbidden = RequestDraft {
            headers: vec![Header::new("Host", "a")],
            ..draft("")
        };
        let request = prepared(&forbidden, &session);
        assert!(request.clone().for_program().is_ok());
        let Err(PrepareError::Invalid(invalid)) = request.for_browser() else {
            panic!("a browser does not send Host");
        };
        assert_eq!(invalid.draft, forbidden);
    }
}
