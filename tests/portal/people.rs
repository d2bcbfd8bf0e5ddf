//! How people get an account, what they do with their own, and what admins do with those of others.

use axum::http::StatusCode;
use routebook::model::account::{AccountId, TeamRole};
use routebook::model::user::Email;
use routebook::portal::LinkToken;
use routebook::portal::store::audit::{Actor, AuditAction, AuditFilter};
use routebook::portal::store::invitation::NewInvitation;
use routebook::portal::store::member::{MemberChange, MemberError};
use sqlx::{Executor as _, Row as _};

use crate::app::{App, HOUR, PASSWORD, START, TestResponse, connect, rows, sessions};
use crate::database::TestDatabase;

on_both_engines! {
    first_admin_is_created_with_a_link_while_there_is_no_account,
    links_of_the_first_admin_used_at_once_give_one_account,
    link_of_the_first_admin_waits_for_who_uses_another_one,
    invitation_gives_its_role_as_often_as_it_allows,
    invitation_used_by_many_at_once_gives_one_account,
    invitation_for_an_address_is_refused_to_others,
    refused_form_keeps_what_was_typed_beside_the_reason,
    invitation_ends_by_time_and_by_revocation,
    list_of_addresses_becomes_a_link_for_each,
    change_of_a_role_and_disabling_end_the_sessions,
    last_admin_can_be_neither_demoted_nor_disabled_nor_deleted,
    two_admins_cannot_remove_each_other_at_the_same_time,
    member_is_deleted_only_with_the_address_typed,
    link_sets_a_password_once,
    admin_who_is_removed_leaves_no_link_behind,
    password_is_changed_with_the_current_one_only,
    own_sessions_are_listed_and_ended,
    sessions_of_a_member_are_listed_and_ended_by_admins,
    download_has_the_identity_visits_and_entries_of_the_member,
    own_name_and_language_are_recorded_when_they_change,
    own_account_is_downloaded_and_deleted,
    members_are_searched_by_name_and_address,
    audit_log_has_what_was_done_and_no_secret,
}

const ADMIN: &str = "admin@example.com";

/// The answer to the question before all other sessions are ended.
const END_OTHERS: [(&str, &str); 2] = [("do", "end-others"), ("confirm", "yes")];

/// Creates an invitation and returns the path of its link.
async fn invite(app: &App, role: TeamRole, email: Option<&str>, uses: i64) -> String {
    let creator = app.portal.store.list_accounts().await.unwrap();
    let creator = creator.first().unwrap();
    let actor = Actor {
        account: Some((creator.id, creator.name.clone())),
        ..Actor::default()
    };
    let invitation = NewInvitation {
        role,
        group: None,
        email: email.and_then(Email::parse),
        uses,
        expires: app.clock.now() + HOUR,
    };
    let created = app.portal.invite(vec![invitation], &actor).await.unwrap();
    let (_, token) = &created.links[0];
    format!("/en/join/{}", token.as_str())
}

async fn join(app: &App, path: &str, email: &str) -> TestResponse {
    let form = [("name", "Ada"), ("email", email), ("password", PASSWORD)];
    app.post(path, None, &form).await
}

/// Returns the role of the account with an address.
async fn role(app: &App, email: &str) -> Option<TeamRole> {
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let mut accounts = accounts.into_iter();
    let found = accounts.find(|account| account.email.as_str() == email)?;
    Some(found.role)
}

/// Returns the first link of a page that contains a text, without the origin.
fn link(page: &TestResponse, part: &str) -> String {
    let at = page.body.find(part).expect("a link");
    let rest = &page.body[at..];
    let end = rest.find(['<', '"', '\n']).unwrap();
    let start = page.body[..at].rfind("http://127.0.0.1:3000").unwrap();
    page.body[start + "http://127.0.0.1:3000".len()..at + end].to_owned()
}

async fn first_admin_is_created_with_a_link_while_there_is_no_account(database: &TestDatabase) {
    let app = App::without_accounts(database).await;
    let token = app.portal.first_admin_link().await.unwrap().unwrap();
    let path = |token: &LinkToken| format!("/en/join/{}", token.as_str());
    // The server starts again.
    app.clock.advance(HOUR / 2);
    let later = app.portal.first_admin_link().await.unwrap().unwrap();
    let earlier = app.get(&path(&token), None).await;
    assert_eq!(earlier.status, StatusCode::OK, "who has it can use it");
    app.clock.advance(HOUR / 2);
    let expired = app.get(&path(&token), None).await;
    assert_eq!(expired.status, StatusCode::NOT_FOUND);
    assert!(expired.body.contains("This link is not valid"));
    let unused = app.portal.first_admin_link().await.unwrap().unwrap();
    let page = app.get(&path(&later), None).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("This is the first account"),
        "{}",
        page.body
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let joined = join(&app, &path(&later), ADMIN).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    let target = joined.target();
    assert_eq!(target.as_deref(), Some("/en/admin/invitations"));
    let session = joined.session_id(app.cookie).unwrap();
    assert_eq!(app.viewer_name(&session).await.as_deref(), Some("Ada"));
    assert_eq!(role(&app, ADMIN).await, Some(TeamRole::Admin));
    assert_eq!(app.portal.first_admin_link().await.unwrap(), None);
    for void in [&later, &unused] {
        let refused = join(&app, &path(void), "b@example.com").await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }

    // A link that was not used is void as soon as there is an account.
    let other = App::without_accounts(database).await;
    assert_eq!(other.portal.first_admin_link().await.unwrap(), None);
}

async fn links_of_the_first_admin_used_at_once_give_one_account(database: &TestDatabase) {
    for round in 0..10 {
        let app = App::without_accounts(database).await;
        let mut paths = Vec::new();
        for _ in 0..4 {
            let token = app.portal.first_admin_link().await.unwrap().unwrap();
            paths.push(format!("/en/join/{}", token.as_str()));
        }
        let emails: Vec<String> = (0..4).map(|n| format!("u{round}{n}@example.com")).collect();
        let joins = paths.iter().zip(&emails);
        let joins = joins.map(|(path, email)| join(&app, path, email));
        let responses = futures_util::future::join_all(joins).await;
        let mut statuses: Vec<_> = responses.iter().map(|one| one.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 404, 404, 404], "{round}");
        let accounts = rows(database, "DELETE FROM account RETURNING id").await;
        assert_eq!(accounts.len(), 1, "{round}");
    }
}

async fn link_of_the_first_admin_waits_for_who_uses_another_one(database: &TestDatabase) {
    let app = App::without_accounts(database).await;
    let mut paths = Vec::new();
    for _ in 0..2 {
        let token = app.portal.first_admin_link().await.unwrap().unwrap();
        paths.push(format!("/en/join/{}", token.as_str()));
    }
    // Another instance uses the first link and has not ended its transaction.
    let mut connection = connect(database).await;
    let begin = match database {
        TestDatabase::Sqlite(_) => "BEGIN IMMEDIATE",
        TestDatabase::Postgres { .. } => "BEGIN",
    };
    for sql in [
        begin,
        "UPDATE invitation SET uses_left = 0 WHERE id = 1",
        "INSERT INTO account (email, email_folded, name, language, role, created, updated) \
         VALUES ('a@example.com', 'a@example.com', 'Ada', 'en', 'admin', 1, 1)",
    ] {
        connection.execute(sql).await.unwrap();
    }
    let joining = join(&app, &paths[1], "b@example.com");
    let ending = async {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        connection.execute("COMMIT").await.unwrap();
    };
    let (joined, ()) = tokio::join!(joining, ending);
    assert_eq!(joined.status, StatusCode::NOT_FOUND, "{}", joined.body);
    assert_eq!(role(&app, "b@example.com").await, None);
}

async fn invitation_gives_its_role_as_often_as_it_allows(database: &TestDatabase) {
    let app = App::new(database).await;
    let path = invite(&app, TeamRole::Mentor, None, 2).await;
    let page = app.get(&path, None).await;
    assert!(
        page.body.contains("Grace Hopper has invited you"),
        "{}",
        page.body
    );
    for email in ["a@example.com", "b@example.com"] {
        assert_eq!(join(&app, &path, email).await.status, StatusCode::SEE_OTHER);
        assert_eq!(role(&app, email).await, Some(TeamRole::Mentor));
    }
    assert_eq!(
        join(&app, &path, "c@example.com").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(role(&app, "c@example.com").await, None);
    for unknown in [
        "/en/join/x",
        &format!("/en/join/{}", LinkToken::random().as_str()),
    ] {
        assert_eq!(app.get(unknown, None).await.status, StatusCode::NOT_FOUND);
    }
    // A refused form uses nothing up.
    let path = invite(&app, TeamRole::Learner, None, 1).await;
    let taken = join(&app, &path, "A@example.com").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        taken
            .body
            .contains("There is an account with this address already")
    );
    assert_eq!(
        join(&app, &path, "c@example.com").await.status,
        StatusCode::SEE_OTHER
    );
}

async fn invitation_used_by_many_at_once_gives_one_account(database: &TestDatabase) {
    let app = App::new(database).await;
    let path = invite(&app, TeamRole::Learner, None, 1).await;
    let emails: Vec<String> = (0..8).map(|n| format!("u{n}@example.com")).collect();
    let joins = emails.iter().map(|email| join(&app, &path, email));
    let responses = futures_util::future::join_all(joins).await;
    let joined = responses.iter();
    let joined = joined.filter(|response| response.status == StatusCode::SEE_OTHER);
    assert_eq!(joined.count(), 1);
    let accounts = app.portal.store.list_accounts().await.unwrap();
    assert_eq!(accounts.len(), 2, "Grace and one more");
}

async fn invitation_for_an_address_is_refused_to_others(database: &TestDatabase) {
    let app = App::new(database).await;
    let path = invite(&app, TeamRole::Learner, Some("ada@example.com"), 1).await;
    let page = app.get(&path, None).await;
    assert!(
        page.body.contains("value=\"ada@example.com\" readonly"),
        "{}",
        page.body
    );
    let other = join(&app, &path, "other@example.com").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.body.contains("The invitation is for another address"));
    assert_eq!(
        join(&app, &path, "ADA@example.com").await.status,
        StatusCode::SEE_OTHER
    );
}

async fn refused_form_keeps_what_was_typed_beside_the_reason(database: &TestDatabase) {
    let app = App::new(database).await;
    let path = invite(&app, TeamRole::Learner, None, 1).await;
    for (password, text) in [
        ("short", "A password has at least 8 characters."),
        ("password", "one of the most common ones"),
        (&"x".repeat(257), "at most 256 characters"),
    ] {
        let form = [
            ("name", "A<b>"),
            ("email", "no address"),
            ("password", password),
        ];
        let page = app.post(&path, None, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(text), "{}", page.body);
        assert!(page.body.contains("An email address has the form"));
        assert!(
            page.body.contains("value=\"A&lt;b&gt;\"")
                && page.body.contains("value=\"no address\"")
        );
        assert!(!page.body.contains(&format!("value=\"{password}\"")));
    }
    let name = [
        ("name", " "),
        ("email", "a@example.com"),
        ("password", PASSWORD),
    ];
    let page = app.post(&path, None, &name).await;
    assert!(page.body.contains("A name has 1 to 100 characters."));
}

async fn invitation_ends_by_time_and_by_revocation(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let path = invite(&app, TeamRole::Learner, None, 1).await;
    let list = app.get("/en/admin/invitations", Some(&admin)).await;
    assert!(list.body.contains("Anybody with the link"));
    let invitations = app
        .portal
        .store
        .list_invitations(app.clock.now(), (0, 50))
        .await
        .unwrap();
    let id = invitations[0].id.to_string();
    let form = [("do", "revoke"), ("id", id.as_str()), ("confirm", "yes")];
    let revoked = app.post("/en/admin/invitations", Some(&admin), &form).await;
    let done = follow(&app, &admin, &revoked).await;
    assert!(done.contains("The invitation was revoked."), "{done}");
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
    let path = invite(&app, TeamRole::Learner, None, 1).await;
    app.clock.advance(HOUR);
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        join(&app, &path, "a@example.com").await.status,
        StatusCode::NOT_FOUND
    );
    app.portal
        .store
        .delete_expired_links(app.clock.now())
        .await
        .unwrap();
    assert!(rows(database, "SELECT id FROM invitation").await.is_empty());
}

async fn list_of_addresses_becomes_a_link_for_each(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let path = "/en/admin/invitations";
    let form = |emails: &'static str| {
        [
            ("do", "create"),
            ("role", "mentor"),
            ("days", "7"),
            ("uses", "1"),
            ("emails", emails),
        ]
    };
    let wrong = app
        .post(path, Some(&admin), &form("a@example.com\nnobody"))
        .await;
    assert!(
        wrong.body.contains("“nobody” is not an email address"),
        "{}",
        wrong.body
    );
    assert!(
        wrong.body.contains("a@example.com\nnobody</textarea>"),
        "{}",
        wrong.body
    );
    let problem = "id=\"emails\" name=\"emails\" rows=\"4\" autofocus aria-invalid=\"true\" \
                   aria-describedby=\"emails-problem\"";
    assert!(wrong.body.contains(problem), "{}", wrong.body);
    assert!(
        !wrong
            .body
            .contains("class=\"portal-problem\" role=\"alert\"")
    );
    let markup = app.post(path, Some(&admin), &form("</textarea><b>")).await;
    assert!(
        markup
            .body
            .contains("&lt;/textarea&gt;&lt;b&gt;</textarea>")
    );
    assert!(rows(database, "SELECT id FROM invitation").await.is_empty());
    let page = app
        .post(path, Some(&admin), &form("a@example.com\nb@example.com"))
        .await;
    assert!(
        page.body.contains("Invitations created: 2"),
        "{}",
        page.body
    );
    // The choices stay for the next invitation; the addresses do not.
    for chosen in [
        "<option value=\"mentor\" selected",
        "<option value=\"7\" selected",
    ] {
        assert!(page.body.contains(chosen), "{}", page.body);
    }
    assert!(!page.body.contains("b@example.com</textarea>"));
    let first = link(&page, "/en/join/");
    assert!(
        page.body
            .contains(&format!("a@example.com,http://127.0.0.1:3000{first}"))
    );
    assert_eq!(
        join(&app, &first, "a@example.com").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(role(&app, "a@example.com").await, Some(TeamRole::Mentor));
    // A reload sends the form again, which creates nothing.
    let mut form = form("c@example.com").to_vec();
    form.push(("form", "12345"));
    app.post(path, Some(&admin), &form).await;
    let again = app.post(path, Some(&admin), &form).await;
    assert!(again.body.contains("was sent already"), "{}", again.body);
    // Who has an account gets none, and a new invitation replaces the one before.
    let form = [
        ("do", "create"),
        ("role", "learner"),
        ("days", "7"),
        ("uses", "1"),
        ("emails", "a@example.com, b@example.com"),
    ];
    let page = app.post(path, Some(&admin), &form).await;
    assert!(
        page.body.contains("have accounts already: a@example.com"),
        "{}",
        page.body
    );
    let open = app
        .portal
        .store
        .list_invitations(app.clock.now(), (0, 50))
        .await
        .unwrap();
    let open: Vec<_> = open
        .iter()
        .filter_map(|one| one.email.as_ref())
        .map(Email::as_str)
        .collect();
    assert_eq!(open, ["b@example.com", "c@example.com"]);
    // Links are shown once, because only their hashes are stored.
    let again = app.get(path, Some(&admin)).await;
    assert!(!again.body.contains("/en/join/") && again.body.contains("b@example.com"));
}

/// Follows the redirect after a form that was accepted, and returns the page.
async fn follow(app: &App, session: &str, response: &TestResponse) -> String {
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
    let target = response.header("location").unwrap();
    let page = app.get(target, Some(session)).await;
    assert_eq!(page.status, StatusCode::OK, "{target}");
    page.body
}

/// Returns the id of the account with an address, as a form contains it.
async fn id(app: &App, email: &str) -> String {
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let mut accounts = accounts.iter();
    let account = accounts.find(|account| account.email.as_str() == email);
    account.unwrap().id.to_string()
}

async fn change_of_a_role_and_disabling_end_the_sessions(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let grace = id(&app, "grace@example.com").await;
    let change = async |action: &str, value: &str| {
        let form = [
            ("id", grace.as_str()),
            ("do", action),
            ("role", value),
            ("confirm", "yes"),
        ];
        app.post_and_follow("/en/admin/members", Some(&admin), &form)
            .await
    };
    let session = app.log_in_as_grace(None).await;
    // Disabling asks first, and so does a role with fewer rights; what was done is said after a redirect.
    let ask = [("id", grace.as_str()), ("do", "disable")];
    let asked = app.post("/en/admin/members", Some(&admin), &ask).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked
            .body
            .contains("is logged out everywhere and can no longer log in")
    );
    assert!(app.viewer_name(&session).await.is_some());
    let promotion = [("id", grace.as_str()), ("do", "role"), ("role", "admin")];
    let promoted = app
        .post("/en/admin/members", Some(&admin), &promotion)
        .await;
    let target = format!("/en/admin/members?done=role-changed&member={grace}");
    assert_eq!(promoted.header("location"), Some(target.as_str()));
    let demotion = [("id", grace.as_str()), ("do", "role"), ("role", "mentor")];
    let asked = app.post("/en/admin/members", Some(&admin), &demotion).await;
    assert!(
        asked.body.contains("Grace Hopper becomes Mentor"),
        "{}",
        asked.body
    );
    assert_eq!(role(&app, "grace@example.com").await, Some(TeamRole::Admin));
    let page = change("role", "mentor").await;
    assert!(
        page.body.contains("Grace Hopper has another role now"),
        "{}",
        page.body
    );
    assert_eq!(
        role(&app, "grace@example.com").await,
        Some(TeamRole::Mentor)
    );
    assert_eq!(app.viewer_name(&session).await, None);
    let session = app.log_in_as_grace(None).await;
    change("disable", "").await;
    assert_eq!(app.viewer_name(&session).await, None);
    let refused = app.log_in(None, "grace@example.com", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("An admin has disabled this account."));
    assert!(refused.cookies(app.cookie).is_empty());
    // Whoever does not know the password does not learn that the account is disabled.
    let wrong = app
        .log_in(None, "grace@example.com", "wrong password")
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    change("enable", "").await;
    app.log_in_as_grace(None).await;
    let unknown = app
        .post(
            "/en/admin/members",
            Some(&admin),
            &[("id", "999"), ("do", "disable")],
        )
        .await;
    assert!(unknown.body.contains("There is no such account any more."));
}

async fn last_admin_can_be_neither_demoted_nor_disabled_nor_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let own = id(&app, ADMIN).await;
    let text = "The team needs an admin who can log in.";
    for (action, role, confirm) in [
        ("role", "learner", "yes"),
        ("disable", "", "yes"),
        ("delete", "", ADMIN),
    ] {
        let form = [
            ("id", own.as_str()),
            ("do", action),
            ("role", role),
            ("confirm", confirm),
        ];
        let page = app
            .post_and_follow("/en/admin/members", Some(&admin), &form)
            .await;
        assert!(page.body.contains(text), "{action}: {}", page.body);
    }
    let form = [("do", "delete"), ("current", PASSWORD)];
    let page = app.post("/en/account", Some(&admin), &form).await;
    assert!(page.body.contains(text), "{}", page.body);
    assert_eq!(role(&app, ADMIN).await, Some(TeamRole::Admin));
    // A disabled admin does not count.
    app.session_of("second@example.com", TeamRole::Admin).await;
    let second = id(&app, "second@example.com").await;
    for (id, expected) in [(&second, "can no longer log in"), (&own, text)] {
        let form = [("id", id.as_str()), ("do", "disable"), ("confirm", "yes")];
        let page = app
            .post_and_follow("/en/admin/members", Some(&admin), &form)
            .await;
        assert!(page.body.contains(expected), "{}", page.body);
    }
}

async fn two_admins_cannot_remove_each_other_at_the_same_time(database: &TestDatabase) {
    let app = App::new(database).await;
    for email in ["a@example.com", "b@example.com"] {
        app.session_of(email, TeamRole::Admin).await;
    }
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let admins = accounts
        .iter()
        .filter(|account| account.role == TeamRole::Admin);
    let store = &app.portal.store;
    let actor = Actor::default();
    let changes = admins.map(|account| {
        let change = MemberChange::Role(TeamRole::Learner);
        store.change_member(account.id, change, &actor, 1)
    });
    let results = futures_util::future::join_all(changes).await;
    let refused = results.iter();
    let refused = refused.filter(|result| matches!(result, Err(MemberError::LastAdmin)));
    assert_eq!((results.len(), refused.count()), (2, 1), "{results:?}");
}

async fn member_is_deleted_only_with_the_address_typed(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let grace = id(&app, "grace@example.com").await;
    app.log_in_as_grace(None).await;
    for (confirm, text) in [
        ("", "Type grace@example.com to confirm."),
        ("grace", "Nothing was deleted."),
    ] {
        let form = [
            ("id", grace.as_str()),
            ("do", "delete"),
            ("confirm", confirm),
        ];
        let page = app
            .post_and_follow("/en/admin/members", Some(&admin), &form)
            .await;
        assert!(page.body.contains(text), "{}", page.body);
        assert!(role(&app, "grace@example.com").await.is_some());
    }
    let form = [
        ("id", grace.as_str()),
        ("do", "delete"),
        ("confirm", "grace@example.com"),
    ];
    let page = app
        .post_and_follow("/en/admin/members", Some(&admin), &form)
        .await;
    assert!(
        page.body.contains("The account was deleted."),
        "{}",
        page.body
    );
    assert_eq!(role(&app, "grace@example.com").await, None);
    assert_eq!(sessions(database).await, 1, "only the admin's");
}

async fn link_sets_a_password_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let session = app.log_in_as_grace(None).await;
    let grace = id(&app, "grace@example.com").await;
    let form = [("id", grace.as_str()), ("do", "reset")];
    let first = app
        .post_and_follow("/en/admin/members", Some(&admin), &form)
        .await;
    let replaced = link(&first, "/en/reset/");
    let page = app
        .post_and_follow("/en/admin/members", Some(&admin), &form)
        .await;
    let path = link(&page, "/en/reset/");
    assert_eq!(app.get(&replaced, None).await.status, StatusCode::NOT_FOUND);
    let page = app.get(&path, None).await;
    assert!(
        page.body.contains("value=\"grace@example.com\""),
        "{}",
        page.body
    );
    let short = app.post(&path, None, &[("password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        app.viewer_name(&session).await.as_deref(),
        Some("Grace Hopper")
    );
    let form = [("password", "a new sentence")];
    assert_eq!(
        app.post(&path, None, &form).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(app.viewer_name(&session).await, None);
    assert_eq!(
        app.post(&path, None, &form).await.status,
        StatusCode::NOT_FOUND
    );
    let old = app.log_in(None, "grace@example.com", PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = app
        .log_in(None, "grace@example.com", "a new sentence")
        .await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

async fn admin_who_is_removed_leaves_no_link_behind(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let grace = id(&app, "grace@example.com").await;
    for (number, change) in [
        MemberChange::Role(TeamRole::Learner),
        MemberChange::Disabled(true),
        MemberChange::Delete,
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("second{number}@example.com");
        let second = app.session_of(&email, TeamRole::Admin).await;
        let form = [
            ("do", "create"),
            ("role", "admin"),
            ("days", "7"),
            ("uses", "1"),
            ("emails", ""),
        ];
        let page = app
            .post("/en/admin/invitations", Some(&second), &form)
            .await;
        let invitation = link(&page, "/en/join/");
        let form = [("id", grace.as_str()), ("do", "reset")];
        let page = app
            .post_and_follow("/en/admin/members", Some(&second), &form)
            .await;
        let reset = link(&page, "/en/reset/");
        for path in [&invitation, &reset] {
            assert_eq!(app.get(path, None).await.status, StatusCode::OK);
        }
        let second = AccountId(id(&app, &email).await.parse().unwrap());
        let store = &app.portal.store;
        store
            .change_member(second, change, &Actor::default(), 1)
            .await
            .unwrap();
        for path in [&invitation, &reset] {
            let found = app.get(path, None).await;
            assert_eq!(found.status, StatusCode::NOT_FOUND, "{change:?} {path}");
        }
    }
    // What others have created stays.
    let kept = invite(&app, TeamRole::Learner, None, 1).await;
    assert_eq!(app.get(&kept, None).await.status, StatusCode::OK);
    assert!(app.viewer_name(&admin).await.is_some());
}

async fn password_is_changed_with_the_current_one_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let (here, there) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let form = |current: &'static str, new: &'static str| {
        [("do", "password"), ("current", current), ("password", new)]
    };
    let wrong = app
        .post(
            "/en/account",
            Some(&here),
            &form("wrong password", "a new sentence"),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("This is not the current password."),
        "{}",
        wrong.body
    );
    let short = app
        .post("/en/account", Some(&here), &form(PASSWORD, "short"))
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("A password has at least 8 characters."));
    assert_eq!(
        app.viewer_name(&there).await.as_deref(),
        Some("Grace Hopper")
    );
    let changed = app
        .post(
            "/en/account",
            Some(&here),
            &form(PASSWORD, "a new sentence"),
        )
        .await;
    let renewed = changed.session_id(app.cookie).expect("a new session");
    let done = follow(&app, &renewed, &changed).await;
    assert!(done.contains("The password was changed."), "{done}");
    for old in [&here, &there] {
        assert_eq!(app.viewer_name(old).await, None);
    }
    assert_eq!(
        app.viewer_name(&renewed).await.as_deref(),
        Some("Grace Hopper")
    );
    let new = app
        .log_in(None, "grace@example.com", "a new sentence")
        .await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

async fn own_sessions_are_listed_and_ended(database: &TestDatabase) {
    let app = App::new(database).await;
    let other = app.session_of("other@example.com", TeamRole::Learner).await;
    let (here, there) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let page = app.get("/en/account", Some(&here)).await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let hash = |page: &TestResponse| {
        let (_, rest) = page.body.split_once("name=\"session\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!(
        page.body.matches("name=\"session\"").count(),
        1,
        "not this device"
    );
    // Nobody ends the session of another.
    let form = |hash: &str| {
        [
            ("do", "end-session".to_owned()),
            ("session", hash.to_owned()),
        ]
    };
    let form_of = |hash: &str| form(hash).map(|(name, value)| (name, value));
    let end = async |session: &str, hash: &str| {
        let form = form_of(hash);
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        app.post("/en/account", Some(session), &form).await
    };
    let refused = end(&other, &hash(&page)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("no longer logged in"),
        "{}",
        refused.body
    );
    assert!(app.viewer_name(&there).await.is_some());
    let ended = end(&here, &hash(&page)).await;
    let done = follow(&app, &here, &ended).await;
    assert!(done.contains("The device is logged out."), "{done}");
    assert_eq!(app.viewer_name(&there).await, None);
    let (third, fourth) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let asked = app
        .post("/en/account", Some(&here), &[("do", "end-others")])
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked
            .body
            .contains("You are logged out on all devices but this one."),
        "{}",
        asked.body
    );
    assert!(app.viewer_name(&third).await.is_some());
    let all = app.post("/en/account", Some(&here), &END_OTHERS).await;
    let done = follow(&app, &here, &all).await;
    assert!(done.contains("All other devices are logged out."), "{done}");
    for ended in [&third, &fourth] {
        assert_eq!(app.viewer_name(ended).await, None);
    }
    assert!(app.viewer_name(&here).await.is_some() && app.viewer_name(&other).await.is_some());
}

async fn sessions_of_a_member_are_listed_and_ended_by_admins(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let other = app.session_of("other@example.com", TeamRole::Learner).await;
    let (first, second, third) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let email = Email::parse("grace@example.com").unwrap();
    let grace = app
        .portal
        .store
        .find_credentials(&email)
        .await
        .unwrap()
        .unwrap();
    let path = format!("/en/admin/members/{}", grace.account.id);
    let list = app.get("/en/admin/members", Some(&admin)).await.body;
    assert!(list.contains(&format!("href=\"{path}\"")), "{list}");
    let hashes = |page: &TestResponse| -> Vec<String> {
        let parts = page.body.split("name=\"session\" value=\"").skip(1);
        parts
            .map(|part| part.split('"').next().unwrap().to_owned())
            .collect()
    };
    let page = app.get(&path, Some(&admin)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Grace Hopper") && !page.body.contains(&first));
    let shown = hashes(&page);
    assert_eq!(shown.len(), 3);
    // Neither a session nor its hash is on a page.
    let own = app.get("/en/account", Some(&first)).await;
    assert_eq!(hashes(&own).len(), 2);
    let stored = rows(database, "SELECT id_hash FROM session").await;
    assert_eq!(stored.len(), 5);
    for row in stored {
        let hash: Vec<u8> = row.get("id_hash");
        let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        for page in [&page, &own] {
            // The beginning of a hash would say as much as the whole.
            assert!(!page.body.contains(&digits[..16]), "{}", page.body);
        }
    }
    let end = async |hash: &str| {
        let form = [("do", "end-session"), ("session", hash), ("confirm", "yes")];
        app.post(&path, Some(&admin), &form).await
    };
    // What is ended is asked first.
    for (form, text) in [
        (
            [("do", "end-session"), ("session", &*shown[0])],
            "Grace Hopper is logged out on this device",
        ),
        (
            [("do", "end-all"), ("session", "")],
            "Grace Hopper is logged out on all devices",
        ),
    ] {
        let asked = app.post(&path, Some(&admin), &form).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(asked.body.contains(text), "{}", asked.body);
        assert_eq!(asked.body.matches("name=\"confirm\"").count(), 1);
    }
    assert_eq!(hashes(&app.get(&path, Some(&admin)).await), shown);
    let location = |done: &str| format!("{path}?done={done}");
    let ended = end(&shown[0]).await;
    assert_eq!(ended.header("location"), Some(&*location("ended")));
    let page = app.get(&location("ended"), Some(&admin)).await;
    assert!(page.body.contains("The device is logged out."));
    assert_eq!(hashes(&page), shown[1..]);
    let left = [&first, &second, &third];
    let mut left_names = 0;
    for session in left {
        left_names += usize::from(app.viewer_name(session).await.is_some());
    }
    assert_eq!(left_names, 2);
    // Ended before, and the session of somebody else.
    let own = app.get("/en/admin/members", Some(&admin)).await;
    assert_eq!(own.status, StatusCode::OK);
    let email = Email::parse("other@example.com").unwrap();
    let found = app
        .portal
        .store
        .find_credentials(&email)
        .await
        .unwrap()
        .unwrap();
    let path_of_other = format!("/en/admin/members/{}", found.account.id);
    let page_of_other = app.get(&path_of_other, Some(&admin)).await;
    for hash in [&shown[0], &hashes(&page_of_other)[0]] {
        assert_eq!(end(hash).await.header("location"), Some(&*location("gone")));
    }
    assert!(app.viewer_name(&other).await.is_some());
    let unreadable = app.post(&path, Some(&admin), &[("do", "fly")]).await;
    assert_eq!(unreadable.status, StatusCode::UNPROCESSABLE_ENTITY);
    let end_all = [("do", "end-all"), ("confirm", "yes")];
    let all = app.post(&path, Some(&admin), &end_all).await;
    assert_eq!(all.header("location"), Some(&*location("all")));
    for session in [&first, &second, &third] {
        assert_eq!(app.viewer_name(session).await, None);
    }
    let page = app.get(&location("all"), Some(&admin)).await.body;
    assert!(page.contains("logged in nowhere"), "{page}");
    // Nothing is left to end, and nothing more is in the log.
    app.post(&path, Some(&admin), &end_all).await;
    let filter = AuditFilter {
        action: Some(AuditAction::EndSessions),
        ..AuditFilter::default()
    };
    let log = app.portal.store.list_audit(&filter, None, 9).await.unwrap();
    let entries: Vec<_> = log
        .iter()
        .map(|entry| (&*entry.subject, &*entry.detail))
        .collect();
    let grace = "grace@example.com";
    assert_eq!(entries, [(grace, "2"), (grace, "1")]);
    assert!(
        log.iter()
            .all(|entry| entry.actor.as_deref() == Some(ADMIN))
    );
    for unknown in ["/en/admin/members/999999", "/en/admin/members/x"] {
        let page = app.get(unknown, Some(&admin)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{unknown}");
        let posted = app.post(unknown, Some(&admin), &[("do", "end-all")]).await;
        assert_eq!(posted.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

async fn download_has_the_identity_visits_and_entries_of_the_member(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let store = &app.portal.store;
    let email = Email::parse("grace@example.com").unwrap();
    let grace = store
        .find_credentials(&email)
        .await
        .unwrap()
        .unwrap()
        .account;
    let at = |address: &str, account| Actor {
        account,
        address: Some(address.to_owned()),
        ..Actor::default()
    };
    let own = at("192.0.2.1", Some((grace.id, grace.name.clone())));
    let identity = ("https://id.example.com", "subject-7");
    let linked = store.link_provider_account(&grace, identity, &own, START);
    assert!(linked.await.unwrap());
    let portal = &app.portal;
    let failed = at("192.0.2.9", None);
    let action = AuditAction::LogInFailed;
    portal
        .record_audit(&failed, action, "grace@example.com")
        .await;
    portal
        .record_audit(&failed, action, "other@example.com")
        .await;
    store.see_answers(grace.id, START).await.unwrap();
    app.get("/en/methods/get", Some(&session)).await;
    let data = app.get("/en/account/data.json", Some(&session)).await.body;
    let json: serde_json::Value = serde_json::from_str(&data).unwrap();
    let expected = serde_json::json!({"issuer": identity.0, "subject": identity.1});
    assert_eq!(json["identityProvider"], expected);
    assert_eq!(json["answersLastSeen"], "2027-01-15T08:00:00Z");
    let visit = &json["learning"]["lessons"][0];
    assert_eq!(
        (&visit["lesson"], &visit["lastOpened"]),
        (&"methods/get".into(), &"2027-01-15T08:00:00Z".into())
    );
    let entries = json["auditLog"].as_array().unwrap();
    let entry = |action: &str| {
        entries
            .iter()
            .find(|entry| entry["action"] == action)
            .unwrap()
    };
    assert_eq!(entry("link-provider")["byMember"], true);
    assert_eq!(entry("link-provider")["address"], "192.0.2.1");
    assert_eq!(entry("log-in-failed")["byMember"], false);
    assert_eq!(entry("log-in")["at"], "2027-01-15T08:00:00Z");
    assert_eq!(entry("create-account")["byMember"], false);
    assert_eq!(entries.len(), 4, "{data}");
    assert!(!data.contains("192.0.2.9") && !data.contains("other@example.com"));
    // Of an account without a provider.
    let other = app.session_of("b@example.com", TeamRole::Learner).await;
    let data = app.get("/en/account/data.json", Some(&other)).await.body;
    let json: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert!(json["identityProvider"].is_null() && json["answersLastSeen"].is_null());
}

async fn own_name_and_language_are_recorded_when_they_change(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let session = app.log_in_as_grace(None).await;
    for (name, language, done) in [
        ("Grace Hopper", "en", "same"),
        ("Amazing Grace", "en", "saved"),
        ("Amazing Grace", "ko", "saved"),
        ("Amazing Grace", "ko", "same"),
    ] {
        let form = [("do", "profile"), ("name", name), ("language", language)];
        let response = app.post("/en/account", Some(&session), &form).await;
        let target = format!("/{language}/account?done={done}");
        assert_eq!(response.header("location"), Some(target.as_str()));
    }
    let same = app.get("/en/account?done=same", Some(&session)).await.body;
    assert!(same.contains("Nothing was different"), "{same}");
    let store = &app.portal.store;
    let filter = AuditFilter::default();
    let log = store.list_audit(&filter, None, 9).await.unwrap();
    let changes = log
        .iter()
        .filter(|entry| entry.action.starts_with("change-"));
    let changes: Vec<_> = changes
        .map(|entry| (&*entry.action, &*entry.subject, &*entry.detail))
        .collect();
    let grace = "grace@example.com";
    let name = ("change-name", grace, "Grace Hopper → Amazing Grace");
    assert_eq!(changes, [("change-language", grace, "en → ko"), name]);
    let page = app.get("/en/admin/audit", Some(&admin)).await.body;
    assert!(
        page.contains("Changed the name") && page.contains("English → 한국어"),
        "{page}"
    );
}

async fn own_account_is_downloaded_and_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let form = |language| {
        [
            ("do", "profile"),
            ("name", "Rear Admiral Hopper"),
            ("language", language),
        ]
    };
    let saved = app.post("/en/account", Some(&session), &form("en")).await;
    let done = follow(&app, &session, &saved).await;
    assert!(
        done.contains("Saved.") && done.contains(">Rear Admiral Hopper<"),
        "{done}"
    );
    let plain = app.get("/en/account", Some(&session)).await.body;
    assert!(!plain.contains("Saved."));
    // What was typed stays.
    let wrong = [("do", "profile"), ("name", "\t "), ("language", "ko")];
    let refused = app.post("/en/account", Some(&session), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("value=\"ko\" selected"),
        "{}",
        refused.body
    );
    // Another language is shown at once, and after the next login.
    let saved = app.post("/en/account", Some(&session), &form("ko")).await;
    assert_eq!(saved.header("location"), Some("/ko/account?done=saved"));
    let login = app.log_in(None, "grace@example.com", PASSWORD).await;
    assert_eq!(login.target().as_deref(), Some("/ko"));
    let session = login.session_id(app.cookie).unwrap();
    app.post("/en/account", Some(&session), &END_OTHERS).await;
    let data = app.get("/en/account/data.json", Some(&session)).await;
    let json: serde_json::Value = serde_json::from_str(&data.body).unwrap();
    assert_eq!(json["email"], "grace@example.com");
    assert_eq!(json["name"], "Rear Admiral Hopper");
    assert_eq!(json["sessions"].as_array().map(Vec::len), Some(1));
    assert!(!data.body.contains("$argon2") && !data.body.contains(&session));
    let wrong = app
        .post(
            "/en/account",
            Some(&session),
            &[("do", "delete"), ("current", "wrong password")],
        )
        .await;
    assert!(
        wrong.body.contains("This is not the current password."),
        "{}",
        wrong.body
    );
    let deleted = app
        .post(
            "/en/account",
            Some(&session),
            &[("do", "delete"), ("current", PASSWORD)],
        )
        .await;
    assert_eq!(deleted.status, StatusCode::SEE_OTHER, "{}", deleted.body);
    assert_eq!(app.viewer_name(&session).await, None);
    assert_eq!(
        (
            role(&app, "grace@example.com").await,
            sessions(database).await
        ),
        (None, 0)
    );
}

async fn members_are_searched_by_name_and_address(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    for number in 0..60 {
        app.portal
            .store
            .create_account(
                crate::app::new_account(
                    &format!("u{number}@example.com"),
                    &format!("Member 100%_{number:02}"),
                ),
                String::new(),
                1,
            )
            .await
            .unwrap();
    }
    let get = async |query: &str| {
        app.get(&format!("/en/admin/members{query}"), Some(&admin))
            .await
    };
    let all = get("").await;
    assert!(
        all.body.contains("Members: 62") && all.body.contains("page=2"),
        "{}",
        all.body
    );
    let second = get("?page=2").await;
    assert_eq!(
        second.body.matches("<tr>").count(),
        13,
        "12 members and the head"
    );
    for (query, count) in [
        ("?q=HOPPER", 1),
        ("?q=u1%40", 1),
        ("?q=100%25_", 60),
        ("?q=0%250", 0),
        ("?role=admin", 1),
        ("?state=disabled", 0),
        ("?q=nobody", 0),
    ] {
        let page = get(query).await;
        assert!(
            page.body.contains(&format!("Members: {count}<")),
            "{query}: {}",
            page.body
        );
    }
}

async fn audit_log_has_what_was_done_and_no_secret(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    app.log_in(None, "grace@example.com", "a wrong secret")
        .await;
    app.log_in(None, "my secret password", "a wrong secret")
        .await;
    let form = [
        ("do", "create"),
        ("role", "learner"),
        ("days", "7"),
        ("uses", "1"),
        ("emails", ""),
    ];
    let page = app.post("/en/admin/invitations", Some(&admin), &form).await;
    let path = link(&page, "/en/join/");
    join(&app, &path, "ada@example.com").await;
    let ada = id(&app, "ada@example.com").await;
    let form = [("id", ada.as_str()), ("do", "role"), ("role", "mentor")];
    app.post_and_follow("/en/admin/members", Some(&admin), &form)
        .await;
    let entries = app
        .portal
        .store
        .list_audit(&AuditFilter::default(), None, 100)
        .await
        .unwrap();
    let done: Vec<_> = entries
        .iter()
        .rev()
        .filter(|entry| entry.action.as_str() != "create-account")
        .map(|entry| {
            (
                entry.action.as_str(),
                entry.actor.as_deref(),
                entry.subject.as_str(),
            )
        })
        .collect();
    assert_eq!(
        done,
        [
            ("log-in", Some(ADMIN), ADMIN),
            ("log-in-failed", None, "grace@example.com"),
            ("log-in-failed", None, ""),
            ("invite", Some(ADMIN), ""),
            ("join", Some("Ada"), "ada@example.com"),
            ("change-role", Some(ADMIN), "ada@example.com"),
        ]
    );
    assert_eq!(entries[0].detail, "learner → mentor");
    // The accounts that the test begins with were created by no request.
    let mut by_request = entries
        .iter()
        .filter(|entry| entry.action.as_str() != "create-account");
    assert!(by_request.all(|entry| !entry.request_id.is_empty()));
    let lines = app.get("/en/admin/audit.jsonl", Some(&admin)).await;
    assert_eq!(lines.body.lines().count(), 8);
    let csv = app.get("/en/admin/audit.csv", Some(&admin)).await;
    let token = path.rsplit('/').next().unwrap();
    let page = app.get("/en/admin/audit", Some(&admin)).await;
    assert!(page.body.contains("Changed a role") && page.body.contains("Learner → Mentor"));
    for text in [&lines.body, &csv.body, &page.body] {
        for secret in [
            token,
            PASSWORD,
            "a wrong secret",
            "my secret password",
            &admin,
        ] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    let filtered = app.get("/en/admin/audit?action=join", Some(&admin)).await;
    assert!(
        filtered.body.contains("ada@example.com") && !filtered.body.contains("Learner → Mentor")
    );
}
