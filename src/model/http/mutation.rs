//! Mutations: changes that make a valid request wrong on purpose, to show how the server responds.

use super::{Header, RequestDraft, is_json_type};

/// A change that makes a request wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Removes `Content-Type` from a request that has a body.
    NoContentType,
    /// Adds a comma after the last item of a JSON body.
    TrailingComma,
    /// Replaces the first text value of a JSON body by a number.
    WrongType,
    /// Replaces the method by one that the resource does not have.
    WrongMethod,
    /// Adds an `If-Match` with an outdated entity tag.
    StaleTag,
    /// Sends the request without cookies.
    NoCookie,
    /// Sends the request twice.
    Twice,
}

impl Mutation {
    /// All mutations, in the order in which the playground offers them.
    pub const ALL: [Mutation; 7] = [
        Mutation::NoContentType,
        Mutation::TrailingComma,
        Mutation::WrongType,
        Mutation::WrongMethod,
        Mutation::StaleTag,
        Mutation::NoCookie,
        Mutation::Twice,
    ];

    /// Returns the name in a form, which also ends the keys of its messages.
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

    /// Returns the mutation with this name.
    pub fn parse(name: &str) -> Option<Mutation> {
        Mutation::ALL
            .into_iter()
            .find(|mutation| mutation.name() == name)
    }

    /// Returns the changed draft, or `None` when the mutation does not apply to it. [`Mutation::NoCookie`] and
    /// [`Mutation::Twice`] return an equal draft, because they change only how it is sent.
    pub fn apply(self, draft: &RequestDraft) -> Option<RequestDraft> {
        let mut mutated = draft.clone();
        let path = draft.path();
        let is_json = draft.header("content-type").is_some_and(is_json_type);
        match self {
            Mutation::NoContentType => {
                mutated
                    .headers
                    .retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
                (mutated.headers.len() < draft.headers.len() && !draft.body.is_empty())
                    .then_some(mutated)
            }
            Mutation::TrailingComma => {
                let at = draft.body.rfind(['}', ']']).filter(|_| is_json)?;
                let end = draft.body[..at].trim_end().len();
                let has_items = !draft.body[..end].ends_with(['{', '[', ',']);
                mutated.body.insert(end, ',');
                (has_items && end > 0).then_some(mutated)
            }
            Mutation::WrongType => {
                // Finds the first member and applies only when its value is a string.
                let colon = draft.body.find(':').filter(|_| is_json)?;
                let open = colon + draft.body[colon..].find('"')?;
                let is_value = draft.body[colon + 1..open].trim().is_empty();
                let close = open + 1 + draft.body[open + 1..].find('"')?;
                mutated.body.replace_range(open..=close, "42");
                is_value.then_some(mutated)
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
                mutated.method = method.to_owned();
                (method != draft.method).then_some(mutated)
            }
            Mutation::StaleTag => {
                let is_write = ["PUT", "PATCH", "DELETE"].contains(&draft.method.as_str());
                let is_user = path
                    .strip_prefix("/api/users/")
                    .is_some_and(|id| !id.is_empty());
                mutated
                    .headers
                    .retain(|header| !header.name.eq_ignore_ascii_case("if-match"));
                mutated
                    .headers
                    .push(Header::new("If-Match", "\"an-older-state\""));
                (is_write && is_user).then_some(mutated)
            }
            Mutation::NoCookie => {
                let session_paths = ["/api/me", "/api/session", "/api/tokens", "/api/admin/stats"];
                session_paths.contains(&path).then_some(mutated)
            }
            Mutation::Twice => Some(mutated),
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
    fn each_mutation_changes_only_its_part_of_the_draft() {
        let body = |mutation: Mutation| {
            mutation
                .apply(&post())
                .expect("an applicable mutation")
                .body
        };
        assert_eq!(
            body(Mutation::TrailingComma),
            "{\n  \"name\": \"한 \\\"x\",\n  \"email\": \"a@b.c\",\n}"
        );
        assert!(body(Mutation::WrongType).starts_with("{\n  \"name\": 42"));
        let plain = Mutation::NoContentType
            .apply(&post())
            .expect("an applicable mutation");
        assert_eq!((plain.headers, plain.body), (vec![], post().body));
        let method = |method, target| {
            Mutation::WrongMethod
                .apply(&of(method, target))
                .map(|draft| draft.method)
        };
        assert_eq!(method("POST", "/api/users").as_deref(), Some("DELETE"));
        assert_eq!(
            method("GET", "/api/users/3?fields=id").as_deref(),
            Some("POST")
        );
        assert_eq!(method("GET", "/api/echo/x"), None);
        let stale = Mutation::StaleTag
            .apply(&of("PUT", "/api/users/3"))
            .expect("an applicable mutation");
        assert_eq!(stale.header("if-match"), Some("\"an-older-state\""));
    }

    #[test]
    fn mutation_that_does_not_apply_to_the_draft_returns_none() {
        let get = of("GET", "/api/users");
        let offered: Vec<Mutation> = Mutation::ALL
            .into_iter()
            .filter(|mutation| mutation.apply(&get).is_some())
            .collect();
        assert_eq!(offered, [Mutation::WrongMethod, Mutation::Twice]);
        let me: Vec<Mutation> = Mutation::ALL
            .into_iter()
            .filter(|mutation| mutation.apply(&of("GET", "/api/me")).is_some())
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
            assert_eq!(Mutation::TrailingComma.apply(&draft), None, "{body}");
        }
        for mutation in Mutation::ALL {
            assert_eq!(Mutation::parse(mutation.name()), Some(mutation));
        }
    }
}
