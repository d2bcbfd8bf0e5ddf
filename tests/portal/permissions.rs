//! Who may request which page: every route, with every method, by every role.
//!
//! The tables below list the routes of pages and those of the server; tests compare them with the source, so that no route is
//! missing. Forms that would change something are sent by who may not do it, and by other sites.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST};
use axum::http::{Method, Request, StatusCode};
use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::portal::store::audit::Actor;
use routebook::portal::store::member::MemberChange;

use crate::app::{App, START};
use crate::database::TestDatabase;
use crate::learning::Browser;
use crate::security::dump;

on_both_engines! {
    every_route_with_every_method_by_every_role,
    form_changes_nothing_for_who_may_not_send_it,
    request_of_another_site_is_refused_and_changes_nothing,
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
    /// Who looks after the whole team; for mentors of groups it does not exist.
    MentorOfAll,
    /// Admins.
    Admin,
}

use Access::{Admin, Everybody, Member, Mentor, MentorOfAll, MentorOfGroup};

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
    ("/{lang}/admin", "/en/admin", &["GET"], Admin),
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

/// The routes of the server that are no pages: what the source gives as their address, an address that matches, and its methods.
/// Everybody may request them.
const SERVER_TABLE: &[(&str, &str, &[&str])] = &[
    // Each file of the front end has an address with a hash.
    ("address", "SCRIPT", &["GET"]),
    ("/favicon.svg", "/favicon.svg", &["GET"]),
    ("/favicon.ico", "/favicon.ico", &["GET"]),
    ("/og.png", "/og.png", &["GET"]),
    ("/pictures/{name}", "/pictures/x", &["GET"]),
    ("alive", "/healthz", &["GET"]),
    ("ready", "/readyz", &["GET"]),
];

/// The routes of a site that watches a folder of an author. What they show only admins see; `tests/authoring` has the tests.
const AUTHOR_ROUTES: &[&str] = &["/author/watch.js", "/author/watch.css", "/author/events"];

/// A form as it is sent.
type FormFields = &'static [(&'static str, &'static str)];

/// Forms that change something: the address, the fields, and who may send them. `GROUP`, `MEMBER`, `OTHER`, `QUESTION`,
/// `ASSIGNMENT` and `INVITATION` stand for ids. In an order in which a form does not take away what the next one is about.
const FORMS: &[(&str, FormFields, Access)] = &[
    (
        "/en/progress",
        &[("read", "methods/get"), ("back", "1")],
        Member,
    ),
    (
        "/en/account",
        &[("do", "profile"), ("name", "Another"), ("language", "en")],
        Member,
    ),
    (
        "/en/team/stuck",
        &[("id", "QUESTION"), ("answer", "Look at the role.")],
        MentorOfGroup,
    ),
    (
        "/en/team/assignments",
        &[
            ("do", "create"),
            ("group", "GROUP"),
            ("due", "2100-06-01"),
            ("lesson", "methods/get"),
        ],
        MentorOfGroup,
    ),
    (
        "/en/team/assignments",
        &[
            ("do", "create"),
            ("member", "MEMBER"),
            ("due", "2100-06-01"),
            ("lesson", "methods/put"),
        ],
        MentorOfGroup,
    ),
    (
        "/en/team/assignments",
        &[
            ("do", "create"),
            ("group", ""),
            ("due", "2100-06-01"),
            ("lesson", "methods/get"),
        ],
        MentorOfAll,
    ),
    (
        "/en/team/assignments",
        &[("do", "delete"), ("id", "ASSIGNMENT")],
        MentorOfGroup,
    ),
    (
        "/en/admin/groups",
        &[("name", "Gamma"), ("description", "")],
        Admin,
    ),
    (
        "/en/admin/groups/GROUP",
        &[("do", "rename"), ("name", "Delta")],
        Admin,
    ),
    (
        "/en/admin/groups/GROUP",
        &[("do", "add"), ("email", "grace@example.com")],
        Admin,
    ),
    (
        "/en/admin/groups/GROUP",
        &[("do", "remove"), ("id", "MEMBER"), ("confirm", "yes")],
        Admin,
    ),
    (
        "/en/admin/groups/GROUP",
        &[("do", "delete"), ("confirm", "yes")],
        Admin,
    ),
    (
        "/en/admin/invitations",
        &[
            ("do", "create"),
            ("role", "admin"),
            ("days", "7"),
            ("uses", "1"),
            ("emails", ""),
        ],
        Admin,
    ),
    (
        "/en/admin/invitations",
        &[("do", "revoke"), ("id", "INVITATION"), ("confirm", "yes")],
        Admin,
    ),
    (
        "/en/admin/settings",
        &[
            ("title", "Team"),
            ("registration", "invitation"),
            ("locale_en", "on"),
            ("locale_ko", "on"),
            ("attempt_days", "365"),
            ("audit_days", "365"),
            ("address_days", "30"),
        ],
        Admin,
    ),
    (
        "/en/admin/members",
        &[("id", "OTHER"), ("do", "reset")],
        Admin,
    ),
    (
        "/en/admin/members/OTHER",
        &[("do", "end-all"), ("confirm", "yes")],
        Admin,
    ),
    (
        "/en/admin/members",
        &[("id", "OTHER"), ("do", "role"), ("role", "admin")],
        Admin,
    ),
    (
        "/en/admin/members",
        &[("id", "OTHER"), ("do", "disable"), ("confirm", "yes")],
        Admin,
    ),
    (
        "/en/admin/members",
        &[
            ("id", "OTHER"),
            ("do", "delete"),
            ("confirm", "grace@example.com"),
        ],
        Admin,
    ),
    // Ends the session, so it is the last.
    ("/en/logout", &[], Everybody),
];

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Anonymous,
    Learner,
    MentorOfTheGroup,
    MentorOfAnother,
    /// A mentor without a group, who looks after the whole team.
    MentorOfTeam,
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
    /// Any other status, which no page answers with here.
    Unexpected(u16),
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
            StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::SEE_OTHER => Outcome::Allowed,
            // To the front page in the language of the visitor.
            StatusCode::FOUND => Outcome::Allowed,
            // A form that is read and refused.
            StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
                Outcome::Allowed
            }
            other => Outcome::Unexpected(other.as_u16()),
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
            Role::MentorOfTheGroup | Role::MentorOfAnother | Role::MentorOfTeam | Role::Admin
        );
        match access {
            Everybody => Outcome::Allowed,
            _ if !is_logged_in && is_read => Outcome::Login,
            _ if !is_logged_in => Outcome::Unauthorized,
            Member => Outcome::Allowed,
            Mentor | MentorOfGroup | MentorOfAll if !leads_team => Outcome::Forbidden,
            MentorOfGroup if role == Role::MentorOfAnother => Outcome::Missing,
            MentorOfAll if !matches!(role, Role::MentorOfTeam | Role::Admin) => Outcome::Missing,
            Admin if role != Role::Admin => Outcome::Forbidden,
            Mentor | MentorOfGroup | MentorOfAll | Admin => Outcome::Allowed,
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
            (Role::MentorOfTeam, TeamRole::Mentor, None),
            (Role::Admin, TeamRole::Admin, None),
            (Role::Disabled, TeamRole::Admin, None),
        ];
        let mut member = AccountId(0);
        for (role, team_role, group) in roles {
            let email = format!("{role:?}@example.com").to_lowercase();
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
        self.send(method, path, session, OWN_PAGE, &[]).await
    }

    /// Sends a form with a header field that says where it comes from.
    async fn send(
        &self,
        method: &Method,
        path: &str,
        session: Option<&str>,
        (name, sender): (&str, &str),
        form: &[(&str, String)],
    ) -> Outcome {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "127.0.0.1:3000")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, sender);
        if let Some(session) = session {
            request = request.header(COOKIE, format!("{}={session}", self.app.cookie));
        }
        // Not read to its end, which an event stream does not have.
        let request = request.body(Body::from(body.finish())).unwrap();
        let response = self.app.respond(request).await;
        let location = response.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        Outcome::of(response.status(), location.as_deref())
    }

    /// Creates a question and an assignment of the member, and an invitation, and returns the names that stand for ids with the ids.
    async fn prepare_forms(&self) -> Vec<(&'static str, String)> {
        let app = &self.app;
        let mut learner = Browser::new(app);
        learner.log_in("learner@example.com").await;
        learner.exercise("start").await;
        learner.create_user("hana@example.com", "member").await;
        learner.exercise("check").await;
        let ask = [("do", "ask"), ("question", "Why?")];
        let card = "/en/exercises/create-an-admin?part";
        assert_eq!(learner.post(card, &ask).await.status, 200);
        let admin = Some(self.admin());
        let group = self.group.to_string();
        let assign = [
            ("do", "create"),
            ("group", group.as_str()),
            ("due", "2100-06-01"),
            ("lesson", "methods/post"),
        ];
        let given = app.post("/en/team/assignments", admin.as_deref(), &assign);
        assert_eq!(given.await.status, StatusCode::SEE_OTHER);
        let invite = [
            ("do", "create"),
            ("role", "learner"),
            ("days", "7"),
            ("uses", "1"),
            ("emails", ""),
        ];
        let invited = app.post("/en/admin/invitations", admin.as_deref(), &invite);
        assert_eq!(invited.await.status, StatusCode::OK);
        app.log_in_as_grace(None).await;
        let invitations = app
            .portal
            .store
            .list_invitations(START, (0, 1))
            .await
            .unwrap();
        let accounts = app.portal.store.list_accounts().await.unwrap();
        vec![
            ("GROUP", group),
            ("MEMBER", self.member.to_string()),
            // Grace, who is logged in and sends nothing.
            ("OTHER", accounts[0].id.to_string()),
            // The first rows of their tables.
            ("QUESTION", "1".to_owned()),
            ("ASSIGNMENT", "1".to_owned()),
            ("INVITATION", invitations[0].id.to_string()),
        ]
    }
}

/// What a browser says about a request of a page of the site.
const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Returns the address of a form of the table with ids.
fn filled_path(address: &str, ids: &[(&'static str, String)]) -> String {
    let ids = ids.iter();
    ids.fold(address.to_owned(), |path, (name, id)| {
        path.replace(name, id)
    })
}

/// Returns the fields of a form of the table with ids.
fn filled(form: FormFields, ids: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let value = |value: &str| {
        let mut ids = ids.iter();
        let id = ids.find(|(name, _)| *name == value);
        id.map_or_else(|| value.to_owned(), |(_, id)| id.clone())
    };
    let fields = form.iter();
    fields.map(|(name, text)| (*name, value(text))).collect()
}

/// A request that came to something else than the table says.
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
    let server = SERVER_TABLE.iter();
    let server = server.map(|(_, address, methods)| (*address, *methods, Everybody));
    let pages = TABLE.iter();
    let pages = pages.map(|(_, address, methods, access)| (*address, *methods, *access));
    for (address, methods, access) in pages.chain(server) {
        let path = fill_in(address, team.group, team.member);
        let path = path.replace("SCRIPT", &team.app.state().assets.js);
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
                let expected = Outcome::expected(access, *role, &method, methods);
                let actual = team.outcome(&method, &path, session.as_deref()).await;
                // What everybody may request may say that there is no such thing, and so may a form.
                let is_open = expected == Outcome::Allowed
                    && (access == Everybody
                        || method == Method::POST
                        || path.contains("certificate"));
                count += 1;
                if actual != expected
                    && !(is_open && actual == Outcome::Missing)
                    && !is_refused_form(access, &method, actual)
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

async fn form_changes_nothing_for_who_may_not_send_it(database: &TestDatabase) {
    let team = Team::new(database).await;
    let ids = team.prepare_forms().await;
    for (address, form, access) in FORMS {
        let path = filled_path(address, &ids);
        let fields = filled(form, &ids);
        let expected = |role| Outcome::expected(*access, role, &Method::POST, &["POST"]);
        let before = dump(database).await;
        let (allowed, refused): (Vec<_>, Vec<_>) = team
            .sessions
            .iter()
            .partition(|(role, _)| expected(*role) == Outcome::Allowed);
        for (role, session) in refused {
            let sent = team.send(&Method::POST, &path, session.as_deref(), OWN_PAGE, &fields);
            assert_eq!(sent.await, expected(*role), "{path} {form:?} by {role:?}");
        }
        let changed = changed_tables(&before, &dump(database).await);
        assert_eq!(changed, [""; 0], "{path} {form:?}");
        // The same form does something for who may send it, so it was not refused for another reason.
        // Who is not logged in has nothing to log out of.
        let mut allowed = allowed.into_iter();
        let sender = allowed.find(|(role, _)| *access != Everybody || *role == Role::Admin);
        let (role, session) = sender.unwrap();
        let sent = team.send(&Method::POST, &path, session.as_deref(), OWN_PAGE, &fields);
        assert_eq!(sent.await, Outcome::Allowed, "{path} {form:?} by {role:?}");
        let changed = changed_tables(&before, &dump(database).await);
        assert_ne!(changed, [""; 0], "{path} {form:?} by {role:?}");
    }
}

async fn request_of_another_site_is_refused_and_changes_nothing(database: &TestDatabase) {
    let team = Team::new(database).await;
    let ids = team.prepare_forms().await;
    let before = dump(database).await;
    let mut count = 0;
    for sender in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for (role, session) in &team.sessions {
            let session = session.as_deref();
            for (_, address, methods, _) in TABLE {
                let path = fill_in(address, team.group, team.member);
                if !methods.contains(&"POST") {
                    continue;
                }
                let sent = team.send(&Method::POST, &path, session, sender, &[]).await;
                assert_eq!(sent, Outcome::Forbidden, "{path} by {role:?}, {sender:?}");
                count += 1;
            }
            for (address, form, _) in FORMS {
                let path = filled_path(address, &ids);
                let fields = filled(form, &ids);
                let sent = team.send(&Method::POST, &path, session, sender, &fields);
                let sent = sent.await;
                assert_eq!(sent, Outcome::Forbidden, "{path} by {role:?}, {sender:?}");
            }
        }
    }
    assert!(count > 500, "{count}");
    assert_eq!(changed_tables(&before, &dump(database).await), [""; 0]);
}

/// Returns the names of the tables that differ.
fn changed_tables(
    before: &BTreeMap<String, Vec<String>>,
    after: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let tables = before.iter();
    let changed = tables.filter(|(table, rows)| after.get(*table) != Some(rows));
    changed.map(|(table, _)| table.clone()).collect()
}

#[test]
fn tables_have_every_route_of_the_pages_and_of_the_server() {
    let pages: BTreeSet<_> = TABLE.iter().map(|(route, ..)| *route).collect();
    let found = routes_of("src/pages");
    assert!(found.len() > 50, "{found:?}");
    assert_eq!(found, pages.into_iter().map(str::to_owned).collect());
    let server = SERVER_TABLE.iter().map(|(route, ..)| *route);
    let server: BTreeSet<_> = server.chain(AUTHOR_ROUTES.iter().copied()).collect();
    let found = routes_of("src/server");
    assert_eq!(found, server.into_iter().map(str::to_owned).collect());
}

/// Returns the addresses of the routes in a folder of the source.
fn routes_of(folder: &str) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    collect_routes(&folder, &mut routes);
    routes
}

/// Adds the first argument of each call of `route` in the files of a folder, without its quotation marks. Tests in the files have
/// routes of their own.
fn collect_routes(folder: &Path, routes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_routes(&path, routes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let (text, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
            for other in [".route_service(", ".nest(", ".nest_service("] {
                assert!(!text.contains(other), "{}: {other}", path.display());
            }
            for rest in text.split(".route(").skip(1) {
                let (argument, _) = rest.split_once(',').unwrap();
                routes.insert(argument.trim().trim_matches('"').to_owned());
            }
        }
    }
}
