//! What a learner breaks on purpose in a request, to see what the server makes of it.

use super::{Header, RequestDraft, is_json_type};

/// One way of making a request wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// The body comes without saying what it is.
    NoContentType,
    /// A comma where JSON allows none.
    TrailingComma,
    /// A number where the API wants text.
    WrongType,
    /// A method that the resource does not have.
    WrongMethod,
    /// A condition on a state that is long gone.
    StaleTag,
    /// Nobody is logged in.
    NoCookie,
    /// The same again.
    Twice,
}

impl Mutation {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Mutation; 7] = [
        Mutation::NoContentType,
        Mutation::TrailingComma,
        Mutation::WrongType,
        Mutation::WrongMethod,
        Mutation::StaleTag,
        Mutation::NoCookie,
        Mutation::Twice,
    ];

    /// Its name in a form, and the end of the keys of its words.
    pub fn name(self) -> &'static str {
        match self {
            Mutation::NoContentType => "no-content-type",
            Mutation::TrailingComma => "trailing-comma",
            Mutation::WrongType => "wrong-type",
            Mutation::WrongMethod => "wrong-method",
            Mutation::StaleTag => "stale-tag",
            Mutation::NoCookie => "no-cookie",
            Mutation::Twice => "twice",
        }
    }

    /// The fault of a name.
    pub fn parse(name: &str) -> Option<Mutation> {
        Mutation::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// The draft with the fault in it; `None` when it has no place there. The draft of
    /// [`Mutation::NoCookie`] and [`Mutation::Twice`] is as it was: how it is sent is what changes.
    pub fn applied(self, draft: &RequestDraft) -> Option<RequestDraft> {
        let mut broken = draft.clone();
        let path = draft.target.split('?').next().unwrap_or_default();
        let is_json = draft.header("content-type").is_some_and(is_json_type);
        match self {
            Mutation::NoContentType => {
                broken
                    .headers
                    .retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
                (broken.headers.len() < draft.headers.len() && !draft.body.is_empty())
                    .then_some(broken)
            }
            Mutation::TrailingComma => {
                let at = draft.body.rfind(['}', ']']).filter(|_| is_json)?;
                let end = draft.body[..at].trim_end().len();
                let inside = !draft.body[..end].ends_with(['{', '[', ',']);
                broken.body.insert(end, ',');
                (inside && end > 0).then_some(broken)
            }
            Mutation::WrongType => {
                // The first text that is a member's value.
                let colon = draft.body.find(':').filter(|_| is_json)?;
                let open = colon + draft.body[colon..].find('"')?;
                let is_value = draft.body[colon + 1..open].trim().is_empty();
                let close = open + 1 + draft.body[open + 1..].find('"')?;
                broken.body.replace_range(open..=close, "42");
                is_value.then_some(broken)
            }
            Mutation::WrongMethod => {
                let method = match path.trim_end_matches('/') {
                    "/api/users" | "/api/tokens" => "DELETE",
                    "/api/echo" => return None,
                    path if path.starts_with("/api/echo/") || path.starts_with("/api/status/") => {
                        return None;
                    }
                    "/api/session" => "PATCH",
                    _ => "POST",
                };
                broken.method = method.to_owned();
                (method != draft.method).then_some(broken)
            }
            Mutation::StaleTag => {
                let changes = ["PUT", "PATCH", "DELETE"].contains(&draft.method.as_str());
                let one = path
                    .strip_prefix("/api/users/")
                    .is_some_and(|id| !id.is_empty());
                broken
                    .headers
                    .retain(|header| !header.name.eq_ignore_ascii_case("if-match"));
                broken
                    .headers
                    .push(Header::new("If-Match", "\"an-older-state\""));
                (changes && one).then_some(broken)
            }
            Mutation::NoCookie => {
                let own = ["/api/me", "/api/session", "/api/tokens", "/api/admin/stats"];
                own.contains(&path).then_some(broken)
            }
            Mutation::Twice => Some(broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post() -> RequestDraft {
        RequestDraft {
            method: "POST".into(),
            target: "/api/users".into(),
            headers: vec![Header::new("Content-Type", "application/json")],
            body: "{\n  \"name\": \"한 \\\"x\",\n  \"email\": \"a@b.c\"\n}".into(),
        }
    }

    fn of(method: &str, target: &str) -> RequestDraft {
        RequestDraft {
            method: method.into(),
            target: target.into(),
            ..RequestDraft::default()
        }
    }

    #[test]
    fn each_fault_breaks_what_it_says_and_nothing_else() {
        let body = |fault: Mutation| fault.applied(&post()).expect("a place for it").body;
        assert_eq!(
            body(Mutation::TrailingComma),
            "{\n  \"name\": \"한 \\\"x\",\n  \"email\": \"a@b.c\",\n}"
        );
        assert!(body(Mutation::WrongType).starts_with("{\n  \"name\": 42"));
        let plain = Mutation::NoContentType
            .applied(&post())
            .expect("a place for it");
        assert_eq!((plain.headers, plain.body), (vec![], post().body));
        let method = |method, target| {
            Mutation::WrongMethod
                .applied(&of(method, target))
                .map(|draft| draft.method)
        };
        assert_eq!(method("POST", "/api/users").as_deref(), Some("DELETE"));
        assert_eq!(
            method("GET", "/api/users/3?fields=id").as_deref(),
            Some("POST")
        );
        assert_eq!(method("GET", "/api/echo/x"), None);
        let stale = Mutation::StaleTag
            .applied(&of("PUT", "/api/users/3"))
            .expect("a place for it");
        assert_eq!(stale.header("if-match"), Some("\"an-older-state\""));
    }

    #[test]
    fn a_fault_is_offered_only_where_it_has_a_place() {
        let get = of("GET", "/api/users");
        let offered: Vec<Mutation> = Mutation::ALL
            .into_iter()
            .filter(|fault| fault.applied(&get).is_some())
            .collect();
        assert_eq!(offered, [Mutation::WrongMethod, Mutation::Twice]);
        let me: Vec<Mutation> = Mutation::ALL
            .into_iter()
            .filter(|fault| fault.applied(&of("GET", "/api/me")).is_some())
            .collect();
        assert_eq!(
            me,
            [Mutation::WrongMethod, Mutation::NoCookie, Mutation::Twice]
        );
        for body in ["{}", "[]", "[1,]", ""] {
            let draft = RequestDraft {
                body: body.into(),
                ..post()
            };
            assert_eq!(Mutation::TrailingComma.applied(&draft), None, "{body}");
        }
        for fault in Mutation::ALL {
            assert_eq!(Mutation::parse(fault.name()), Some(fault));
        }
    }
}
