//! From the draft of a form to the request that is sent. Sending and every snippet use the result, so
//! that a copied request is the one that is sent.

use super::resolve::{ResolveError, fill};
use super::template::{PlaceholderSource, ResponsePart};
use crate::model::http::{DraftFinding, Header, HttpResponse, RequestDraft, validate};
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

/// Why a draft is not a request that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepareError {
    /// Placeholders have no value.
    Unresolved(ResolveError),
    /// The draft is invalid.
    Invalid(Vec<DraftFinding>),
    /// No response has brought a token yet.
    NoToken,
}

/// Returns the request that a draft stands for: placeholders have their values, and the token is added
/// unless the draft has an `Authorization` of its own.
///
/// # Errors
/// [`PrepareError`].
pub fn prepare(
    draft: &RequestDraft,
    credentials: RequestCredentials,
    token: Option<&str>,
    value: &dyn Fn(&PlaceholderSource) -> Option<String>,
) -> Result<RequestDraft, PrepareError> {
    let mut request = fill(draft, value).map_err(PrepareError::Unresolved)?;
    let findings = validate(&request);
    if !findings.is_empty() {
        return Err(PrepareError::Invalid(findings));
    }
    if credentials == RequestCredentials::Bearer && request.header("authorization").is_none() {
        let token = token.ok_or(PrepareError::NoToken)?;
        let bearer = ["Bearer ", token].concat();
        request.headers.push(Header::new("Authorization", bearer));
    }
    Ok(request)
}

/// The responses of a page from which later requests take values.
#[derive(Clone, Debug, Default)]
pub struct EarlierResponses {
    named: Vec<(String, HttpResponse)>,
    token: Option<String>,
}

impl EarlierResponses {
    /// Stores the response to the request `name`, and its token if it has one.
    pub fn store(&mut self, name: Option<String>, response: &HttpResponse) {
        if let Some(token) = token_of(response) {
            self.token = Some(token);
        }
        if let Some(name) = name {
            self.named.retain(|(other, _)| *other != name);
            self.named.push((name, response.clone()));
        }
    }

    /// Returns the token of the last response that had one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
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

fn token_of(response: &HttpResponse) -> Option<String> {
    let json = Json::parse(response.body.text()?.as_bytes()).ok()?;
    json.member("token")?.as_text().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::DraftField;

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

    #[test]
    fn values_come_from_earlier_responses() {
        let mut earlier = EarlierResponses::default();
        earlier.store(Some("made".to_owned()), &response(r#"{"id":7}"#));
        earlier.store(Some("made".to_owned()), &response(r#"{"id":8}"#));
        let value = |kind: &PlaceholderSource| match kind {
            PlaceholderSource::Response { name, part } => earlier.value(name, part),
            _ => None,
        };
        let body = "{{made.response.body.$.id}} {{made.response.headers.location}}";
        let request = prepare(&draft(body), RequestCredentials::Session, None, &value);
        assert_eq!(request.expect("valid").body, "8 /api/users/7");
        let unknown = prepare(
            &draft("{{other.response.body.$.id}}"),
            RequestCredentials::Session,
            None,
            &value,
        );
        assert!(matches!(unknown, Err(PrepareError::Unresolved(_))));
    }

    #[test]
    fn bearer_token_is_added_unless_the_draft_has_its_own() {
        let mut earlier = EarlierResponses::default();
        let prepared = |draft: &RequestDraft, earlier: &EarlierResponses| {
            prepare(draft, RequestCredentials::Bearer, earlier.token(), &|_| {
                None
            })
        };
        let plain = draft("");
        assert_eq!(prepared(&plain, &earlier), Err(PrepareError::NoToken));
        earlier.store(None, &response(r#"{"token":"abc"}"#));
        earlier.store(None, &response("no JSON"));
        let request = prepared(&plain, &earlier).expect("valid");
        assert_eq!(request.header("authorization"), Some("Bearer abc"));
        let own = RequestDraft {
            headers: vec![Header::new("Authorization", "Bearer own")],
            ..plain
        };
        assert_eq!(prepared(&own, &earlier).expect("valid"), own);
    }

    #[test]
    fn invalid_draft_is_refused_with_its_fields() {
        let wrong = RequestDraft {
            target: "https://example.com/api/users".to_owned(),
            ..draft("")
        };
        let Err(PrepareError::Invalid(findings)) =
            prepare(&wrong, RequestCredentials::Session, None, &|_| None)
        else {
            panic!("the target is invalid");
        };
        assert_eq!(findings[0].field, DraftField::Target);
    }

    #[test]
    fn credentials_are_parsed_by_their_names() {
        for credentials in RequestCredentials::ALL {
            assert_eq!(RequestCredentials::parse(credentials.name()), credentials);
        }
        assert_eq!(RequestCredentials::parse("x"), RequestCredentials::Session);
    }
}
