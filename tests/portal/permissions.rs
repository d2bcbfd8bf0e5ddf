//! Who may request which page: every route, with every method, by every role.
//!
//! The table below lists the routes of pages; a test compares it with the source, so that no route is missing.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request, StatusCode};
use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::portal::store::audit::Actor;
use routebook::portal::store::member::MemberChange;

use crate::app::{App, START};
use crate::database::TestDatabase;

on_both_engines! {
    every_route_with_every_method_by_every_role,
}

/// Who may request a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Everybody.
    Everybody,
    /// Who has an account.
    Member,
    /// Mentors and admins.
    Mentor,
    /// Mentors who see the group, and admins; for other mentors it does not exist.
    MentorOfGroup,
    /// Admins.
    Admin,
}

use Access::{Admin, Everybody, Member, Mentor, MentorOfGroup};

/// The routes: the pattern in the source, an address that matches it, its methods besides HEAD and OPTIONS, and who may request it.
/// `GROUP` and `MEMBER` stand for ids.
const TABLE: &[(&str, &str, &[&str], Access)] = &[
    ("/", "/", &["GET"], Everybody),
    ("/{lang}", "/en", &["GET"], Everybody),
    ("/{lang}/data", "/en/data", &["GET", "POST"], Everybody),
    (
        "/{lang}/messages/{hash}",
        "/en/messages/x",
        &["GET"],
        Everybody,
    ),
    ("/{lang}/palette", "/en/palette", &["GET"], Everybody),
    (
        "/{lang}/exchanges/{id}",
        "/en/exchanges/x",
        &["GET"],
        Everybody,
    ),
    (
        "/{lang}/exercises/{id}",
        "/en/exercises/create-an-admin",
        &["GET", "POST"],
        Everybody,
    ),
    (
        "/{lang}/quizzes/{id}",
        "/en/quizzes/post",
        &["GET", "POST"],
        Everybody,
    ),
    (
        "/{lang}/playground",
        "/en/playground",
        &["GET", "POST"],
        Everybody,
    ),
    ("/{lang}/try", "/en/try", &["POST"], Everybody),
    (
        "/{lang}/playground/{operation}",
        "/en/playground/list-users",
        &["GET"],
        Everybody,
    ),
    (
        "/{lang}/print/{section}",
        "/en/print/methods",
        &["GET"],
        Everybody,
    ),
    ("/{lang}/llms.txt", "/en/llms.txt", &["GET"], Everybody),
    (
        "/{lang}/llms-full.txt",
        "/en/llms-full.txt",
        &["GET"],
        Everybody,
    ),
    ("/{lang}/search", "/en/search", &["GET"], Everybody),
    ("/{lang}/glossary", "/en/glossary", &["GET"], Everybody),
    ("/{lang}/{section}", "/en/methods", &["GET"], Everybody),
    (
        "/{lang}/{section}/{slug}",
        "/en/methods/post",
        &["GET"],
        Everybody,
    ),
    (
        "/problems/{slug}",
        "/problems/not-found",
        &["GET"],
        Everybody,
    ),
    ("/robots.txt", "/robots.txt", &["GET"], Everybody),
    ("/sitemap.xml", "/sitemap.xml", &["GET"], Everybody),
    ("/{lang}/login", "/en/login", &["GET", "POST"], Everybody),
    (
        "/{lang}/login/code",
        "/en/login/code",
        &["GET", "POST"],
        Everybody,
    ),
    (
        "/{lang}/login/passkey",
        "/en/login/passkey",
        &["POST"],
        Everybody,
    ),
    (
        "/{lang}/login/passkey/options",
        "/en/login/passkey/options",
        &["POST"],
        Everybody,
    ),
    (
        "/{lang}/login/provider",
        "/en/login/provider",
        &["POST"],
        Everybody,
    ),
    ("/login/callback", "/login/callback", &["GET"], Everybody),
    (
        "/scripts/{hash}/passkey.js",
        "/scripts/x/passkey.js",
        &["GET"],
        Everybody,
    ),
    (
        "/scripts/{hash}/time.js",
        "/scripts/x/time.js",
        &["GET"],
        Everybody,
    ),
    ("/{lang}/logout", "/en/logout", &["POST"], Everybody),
    ("/{lang}/forgot", "/en/forgot", &["GET", "POST"], Everybody),
    (
        "/{lang}/register",
        "/en/register",
        &["GET", "POST"],
        Everybody,
    ),
    (
        "/{lang}/join/{token}",
        "/en/join/x",
        &["GET", "POST"],
        Everybody,
    ),
    (
        "/{lang}/reset/{token}",
        "/en/reset/x",
        &["GET", "POST"],
        Everybody,
    ),
    (
        "/{lang}/confirm-email/{token}",
        "/en/confirm-email/x",
        &["GET", "POST"],
        Everybody,
    ),
    ("/{lang}/account", "/en/account", &["GET", "POST"], Member),
    (
        "/{lang}/account/data.json",
        "/en/account/data.json",
        &["GET"],
        Member,
    ),
    (
        "/{lang}/account/email",
        "/en/account/email",
        &["GET", "POST"],
        Member,
    ),
    (
        "/{lang}/account/passkeys",
        "/en/account/passkeys",
        &["GET", "POST"],
        Member,
    ),
    (
        "/{lang}/account/passkeys/options",
        "/en/account/passkeys/options",
        &["POST"],
        Member,
    ),
    (
        "/{lang}/account/second-factor",
        "/en/account/second-factor",
        &["GET", "POST"],
        Member,
    ),
    ("/{lang}/progress", "/en/progress", &["POST"], Member),
    ("/{lang}/learn", "/en/learn", &["GET"], Member),
    (
        "/{lang}/learn/certificate/{section}",
        "/en/learn/certificate/methods",
        &["GET"],
        Member,
    ),
    ("/{lang}/team", "/en/team", &["GET"], Mentor),
    (
        "/{lang}/team",
        "/en/team?group=GROUP",
        &["GET"],
        MentorOfGroup,
    ),
    ("/{lang}/team/lessons", "/en/team/lessons", &["GET"], Mentor),
    (
        "/{lang}/team/lessons",
        "/en/team/lessons?group=GROUP",
        &["GET"],
        MentorOfGroup,
    ),
    (
        "/{lang}/team/stuck",
        "/en/team/stuck",
        &["GET", "POST"],
        Mentor,
    ),
    (
        "/{lang}/team/stuck",
        "/en/team/stuck?group=GROUP",
        &["GET"],
        MentorOfGroup,
    ),
    (
        "/{lang}/team/assignments",
        "/en/team/assignments",
        &["GET", "POST"],
        Mentor,
    ),
    (
        "/{lang}/team/assignments",
        "/en/team/assignments?member=MEMBER",
        &["GET"],
        MentorOfGroup,
    ),
    ("/{lang}/team/live", "/en/team/live", &["GET"], Mentor),
    (
        "/{lang}/team/live",
        "/en/team/live?group=GROUP",
        &["GET"],
        MentorOfGroup,
    ),
    ("/{lang}/team/live.js", "/en/team/live.js", &["GET"], Mentor),
    (
        "/{lang}/team/live/events",
        "/en/team/live/events",
        &["GET"],
        Mentor,
    ),
    (
        "/{lang}/team/live/events",
        "/en/team/live/events?group=GROUP",
        &["GET"],
        MentorOfGroup,
    ),
    (
        "/{lang}/team/members/{id}",
        "/en/team/members/MEMBER",
        &["GET"],
        MentorOfGroup,
    ),
    (
        "/{lang}/team/progress.csv",
        "/en/team/progress.csv",
        &["GET"],
        Mentor,
    ),
    (
        "/{lang}/team/progress.csv",
        "/en/team/progress.csv?group=GROUP",
        &["GET"],
        MentorOfGroup,
    ),
    (
        "/{lang}/admin/members",
        "/en/admin/members",
        &["GET", "POST"],
        Admin,
    ),
    (
        "/{lang}/admin/members/{id}",
        "/en/admin/members/MEMBER",
        &["GET", "POST"],
        Admin,
    ),
    (
        "/{lang}/admin/groups",
        "/en/admin/groups",
        &["GET", "POST"],
        Admin,
    ),
    (
        "/{lang}/admin/groups/{id}",
        "/en/admin/groups/GROUP",
        &["GET", "POST"],
        Admin,
    ),
    (
        "/{lang}/admin/invitations",
        "/en/admin/invitations",
        &["GET", "POST"],
        Admin,
    ),
    (
        "/{lang}/admin/settings",
        "/en/admin/settings",
        &["GET", "POST"],
        Admin,
    ),
    ("/{lang}/admin/logo", "/en/admin/logo", &["POST"], Admin),
    (
        "/{lang}/admin/content",
        "/en/admin/content",
        &["GET", "POST"],
        Admin,
    ),
    ("/{lang}/admin/backup", "/en/admin/backup", &["GET"], Admin),
    ("/{lang}/admin/audit", "/en/admin/audit", &["GET"], Admin),
    (
        "/{lang}/admin/audit.csv",
        "/en/admin/audit.csv",
        &["GET"],
        Admin,
    ),
    (
        "/{lang}/admin/audit.jsonl",
        "/en/admin/audit.jsonl",
        &["GET"],
        Admin,
    ),
];

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Anonymous,
    Learner,
    MentorOfTheGroup,
    MentorOfAnother,
    Admin,
    /// An admin whose account was disabled after the login.
    Disabled,
}

/// What a request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The page answers, whatever it says about the form.
    Allowed,
    /// A redirect to the login.
    Login,
    /// 401 with the form of the login.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    Missing,
    /// 405.
    NoMethod,
    /// 429, or an error of the server.
    Failed,
}

impl Outcome {
    fn of(status: StatusCode, location: Option<&str>) -> Outcome {
        let is_login = location.is_some_and(|target| target.starts_with("/en/login?next="));
        match status {
            StatusCode::SEE_OTHER if is_login => Outcome::Login,
            StatusCode::UNAUTHORIZED => Outcome::Unauthorized,
            StatusCode::FORBIDDEN => Outcome::Forbidden,
            StatusCode::NOT_FOUND => Outcome::Missing,
            StatusCode::METHOD_NOT_ALLOWED => Outcome::NoMethod,
            StatusCode::TOO_MANY_REQUESTS => Outcome::Failed,
            status if status.is_server_error() => Outcome::Failed,
            _ => Outcome::Allowed,
        }
    }

    /// Returns what a request must come to.
    fn expected(access: Access, role: Role, method: &Method, methods: &[&str]) -> Outcome {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let name = if is_read { "GET" } else { method.as_str() };
        if !methods.contains(&name) {
            return Outcome::NoMethod;
        }
        let is_logged_in = !matches!(role, Role::Anonymous | Role::Disabled);
        let leads_team = matches!(
            role,
            Role::MentorOfTheGroup | Role::MentorOfAnother | Role::Admin
        );
        match access {
            Everybody => Outcome::Allowed,
            _ if !is_logged_in && is_read => Outcome::Login,
            _ if !is_logged_in => Outcome::Unauthorized,
            Member => Outcome::Allowed,
            Mentor | MentorOfGroup if !leads_team => Outcome::Forbidden,
            MentorOfGroup if role == Role::MentorOfAnother => Outcome::Missing,
            Admin if role != Role::Admin => Outcome::Forbidden,
            Mentor | MentorOfGroup | Admin => Outcome::Allowed,
        }
    }
}

/// A site with one session for each role.
pub(crate) struct Team {
    pub(crate) app: App,
    sessions: Vec<(Role, Option<String>)>,
    /// A group.
    pub(crate) group: i64,
    /// A learner in the group.
    pub(crate) member: AccountId,
}

/// Returns the addresses of all pages that can be read.
pub(crate) fn readable_addresses(group: i64, member: AccountId) -> Vec<String> {
    let readable = TABLE
        .iter()
        .filter(|(_, _, methods, _)| methods.contains(&"GET"));
    readable
        .map(|(_, address, ..)| fill_in(address, group, member))
        .collect()
}

/// Returns an address of the table with the ids of a group and a member.
fn fill_in(address: &str, group: i64, member: AccountId) -> String {
    address
        .replace("GROUP", &group.to_string())
        .replace("MEMBER", &member.to_string())
}

impl Team {
    /// Returns the session of an admin.
    pub(crate) fn admin(&self) -> String {
        let mut sessions = self.sessions.iter();
        let admin = sessions.find(|(role, _)| *role == Role::Admin);
        admin.and_then(|(_, session)| session.clone()).unwrap()
    }

    pub(crate) async fn new(database: &TestDatabase) -> Team {
        let app = App::new(database).await;
        let store = &app.portal.store;
        let actor = Actor::default();
        let mut sessions = vec![(Role::Anonymous, None)];
        let mut groups = Vec::new();
        for name in ["Alpha", "Beta"] {
            let name = DisplayName::parse(name).unwrap();
            groups.push(store.create_group(name, &actor, START).await.unwrap());
        }
        let roles = [
            (Role::Learner, TeamRole::Learner, Some(groups[0])),
            (Role::MentorOfTheGroup, TeamRole::Mentor, Some(groups[0])),
            (Role::MentorOfAnother, TeamRole::Mentor, Some(groups[1])),
            (Role::Admin, TeamRole::Admin, None),
            (Role::Disabled, TeamRole::Admin, None),
        ];
        let mut member = AccountId(0);
        for (role, team_role, group) in roles {
            let email = format!("{role:?}@example.com");
            let session = app.session_of(&email, team_role).await;
            let accounts = store.list_accounts().await.unwrap();
            let account = accounts.last().unwrap().id;
            if let Some(group) = group {
                let added = store.set_group_member(group, account, true, &actor, START);
                added.await.unwrap();
            }
            match role {
                Role::Learner => member = account,
                Role::Disabled => {
                    let change = MemberChange::Disabled(true);
                    let changed = store.change_member(account, change, &actor, START);
                    changed.await.unwrap();
                }
                _ => {}
            }
            sessions.push((role, Some(session)));
        }
        Team {
            group: groups[0].0,
            member,
            sessions,
            app,
        }
    }

    async fn outcome(&self, method: &Method, path: &str, session: Option<&str>) -> Outcome {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        if let Some(session) = session {
            request = request.header(COOKIE, format!("{}={session}", self.app.cookie));
        }
        // Not read to its end, which an event stream does not have.
        let response = self.app.respond(request.body(Body::empty()).unwrap()).await;
        let location = response.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        Outcome::of(response.status(), location.as_deref())
    }
}

/// A request that came to something else than the table says.
#[derive(Debug, PartialEq)]
struct Difference {
    request: String,
    role: Role,
    expected: Outcome,
    actual: Outcome,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            request,
            role,
            expected,
            actual,
        } = self;
        write!(
            formatter,
            "{request} by {role:?}: {actual:?}, not {expected:?}"
        )
    }
}

async fn every_route_with_every_method_by_every_role(database: &TestDatabase) {
    let team = Team::new(database).await;
    let mut differences = Vec::new();
    let mut count = 0;
    for (_, address, methods, access) in TABLE {
        let path = fill_in(address, team.group, team.member);
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            // A query chooses what is read.
            if path.contains('?') && !matches!(method, Method::GET | Method::HEAD) {
                continue;
            }
            // Logging out would end the session of the next request.
            if method == Method::POST && path == "/en/logout" {
                continue;
            }
            for (role, session) in &team.sessions {
                let expected = Outcome::expected(*access, *role, &method, methods);
                let actual = team.outcome(&method, &path, session.as_deref()).await;
                // What everybody may request may say that there is no such thing, and so may a form.
                let is_open = expected == Outcome::Allowed
                    && (*access == Everybody
                        || method == Method::POST
                        || path.contains("certificate"));
                count += 1;
                if actual != expected
                    && !(is_open && actual == Outcome::Missing)
                    && !is_refused_form(*access, &method, actual)
                {
                    differences.push(Difference {
                        request: format!("{method} {path}"),
                        role: *role,
                        expected,
                        actual,
                    });
                }
            }
        }
    }
    let texts: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
    assert!(count > 2000, "{count}");
}

/// Returns whether a page that is open to everybody refuses an empty form by itself, as a login does.
fn is_refused_form(access: Access, method: &Method, actual: Outcome) -> bool {
    let is_refusal = matches!(actual, Outcome::Unauthorized | Outcome::Forbidden);
    access == Everybody && *method == Method::POST && is_refusal
}

#[test]
fn table_has_every_route_of_the_pages() {
    let listed: BTreeSet<&str> = TABLE.iter().map(|(pattern, ..)| *pattern).collect();
    let mut found = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages");
    collect_routes(&folder, &mut found);
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert!(found.len() > 50, "{found:?}");
    assert_eq!(
        found.difference(&listed).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
    assert_eq!(
        listed.difference(&found).collect::<Vec<_>>(),
        Vec::<&&str>::new()
    );
}

/// Adds the patterns of `.route("…", …)` in the files of a folder.
fn collect_routes(folder: &Path, routes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_routes(&path, routes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split(".route(").skip(1) {
                let pattern = rest.trim_start().strip_prefix('"');
                if let Some((pattern, _)) = pattern.and_then(|rest| rest.split_once('"')) {
                    routes.insert(pattern.to_owned());
                }
            }
        }
    }
}
