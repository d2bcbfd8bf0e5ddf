//! The page of the invitations: lists of addresses, long lists of invitations, and the question before one is revoked.

use axum::http::StatusCode;
use routebook::model::account::TeamRole;
use routebook::model::user::Email;
use routebook::portal::store::audit::{Actor, AuditAction, AuditFilter};
use routebook::portal::store::group::GroupId;
use routebook::portal::store::invitation::{CreateInvitationsError, NewInvitation};

use crate::app::{App, HOUR, rows};
use crate::database::TestDatabase;

on_both_engines! {
    list_of_addresses_is_created_as_a_whole_or_not_at_all,
    group_deleted_meanwhile_is_said_beside_the_field,
    wrong_number_of_accounts_is_said_beside_the_field,
    invitation_is_revoked_after_a_question_only,
    invitation_that_another_one_replaces_is_in_the_audit_log,
    five_hundred_invitations_are_listed_in_pages,
    invitation_opened_while_logged_in_says_as_whom,
}

const ADMIN: &str = "admin@example.com";
const PATH: &str = "/en/admin/invitations";

async fn actor(app: &App) -> Actor {
    let accounts = app.portal.store.list_accounts().await.unwrap();
    Actor {
        account: Some((accounts[0].id, accounts[0].name.clone())),
        ..Actor::default()
    }
}

fn invitation(app: &App, email: &str) -> NewInvitation {
    NewInvitation {
        role: TeamRole::Learner,
        group: None,
        email: Email::parse(email),
        uses: 1,
        expires: app.clock.now() + HOUR,
    }
}

/// Returns the numbers of invitations and of entries of the audit log about them.
async fn counts(app: &App, database: &TestDatabase) -> (usize, usize) {
    let filter = AuditFilter {
        action: Some(AuditAction::Invite),
        ..AuditFilter::default()
    };
    let store = &app.portal.store;
    let entries = store.list_audit(&filter, None, 1000).await.unwrap();
    let invitations = rows(database, "SELECT id FROM invitation").await;
    (invitations.len(), entries.len())
}

async fn list_of_addresses_is_created_as_a_whole_or_not_at_all(database: &TestDatabase) {
    let app = App::new(database).await;
    let (actor, now) = (actor(&app).await, app.clock.now());
    let store = &app.portal.store;
    let one = |email: &str, hash: u8| (invitation(&app, email), vec![hash; 32]);
    let first = store.create_invitations(vec![one("a@example.com", 1)], &actor, now);
    assert!(first.await.unwrap().is_empty());
    let before = rows(database, "SELECT id FROM invitation").await.len();
    assert_eq!((before, counts(&app, database).await), (1, (1, 1)));
    // The last hash is taken, after the invitation of the first address was replaced.
    let taken = vec![
        one("a@example.com", 2),
        one("b@example.com", 3),
        one("c@example.com", 3),
    ];
    let failed = store.create_invitations(taken, &actor, now).await;
    assert!(
        matches!(failed, Err(CreateInvitationsError::Store(_))),
        "{failed:?}"
    );
    assert_eq!(counts(&app, database).await, (1, 1));
    // The group of the last one does not exist.
    let mut unknown = vec![one("a@example.com", 4), one("b@example.com", 5)];
    unknown[1].0.group = Some(GroupId(99));
    let failed = store.create_invitations(unknown, &actor, now).await;
    assert!(
        matches!(failed, Err(CreateInvitationsError::NoGroup)),
        "{failed:?}"
    );
    assert_eq!(counts(&app, database).await, (1, 1));
    let kept = store.list_invitations(now, (0, 50)).await.unwrap();
    assert_eq!(kept[0].email.as_ref().unwrap().as_str(), "a@example.com");
    // Without an error all but members are invited.
    let list = vec![
        one("a@example.com", 6),
        one("GRACE@example.com", 7),
        one("c@example.com", 8),
    ];
    let members = store.create_invitations(list, &actor, now).await.unwrap();
    let members: Vec<&str> = members.iter().map(Email::as_str).collect();
    assert_eq!(members, ["GRACE@example.com"]);
    assert_eq!(counts(&app, database).await, (2, 3));
}

async fn group_deleted_meanwhile_is_said_beside_the_field(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let form = [
        ("do", "create"),
        ("role", "mentor"),
        ("group", "99"),
        ("emails", "a@example.com\nb@example.com"),
        ("form", "7"),
    ];
    app.post(PATH, Some(&admin), &form).await;
    // Nothing was created, so the form was not sent in vain before.
    let page = app.post(PATH, Some(&admin), &form).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let field = "name=\"group\" aria-invalid=\"true\" aria-describedby=\"group-problem\"";
    assert!(page.body.contains(field), "{}", page.body);
    assert!(
        page.body
            .contains("This group was deleted in the meantime.")
    );
    assert!(
        page.body
            .contains("a@example.com\nb@example.com</textarea>")
    );
    assert!(page.body.contains("<option value=\"mentor\" selected"));
    assert_eq!(counts(&app, database).await, (0, 0));
}

async fn wrong_number_of_accounts_is_said_beside_the_field(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    for (lang, text) in [("en", "from 1 to 500."), ("ko", "1에서 500 사이입니다.")] {
        let path = format!("/{lang}/admin/invitations");
        let form = [("do", "create"), ("uses", "7<x"), ("days", "30")];
        let page = app.post(&path, Some(&admin), &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("id=\"uses-problem\""), "{}", page.body);
        assert!(page.body.contains("aria-describedby=\"uses-problem\""));
        assert!(page.body.contains(text), "{}", page.body);
        assert!(page.body.contains("value=\"7&lt;x\""), "{}", page.body);
        assert!(page.body.contains("<option value=\"30\" selected"));
        assert!(
            !page
                .body
                .contains("class=\"portal-problem\" role=\"alert\"")
        );
    }
}

async fn invitation_is_revoked_after_a_question_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let actor = actor(&app).await;
    let created = vec![invitation(&app, "a@example.com")];
    app.portal.invite(created, &actor).await.unwrap();
    let now = app.clock.now();
    let store = &app.portal.store;
    let id = store.list_invitations(now, (0, 50)).await.unwrap()[0].id;
    let id = id.to_string();
    for (lang, text) in [("en", "stops working"), ("ko", "더는 쓸 수 없습니다")] {
        let path = format!("/{lang}/admin/invitations");
        let ask = [("do", "revoke"), ("id", id.as_str())];
        let asked = app.post(&path, Some(&admin), &ask).await;
        assert_eq!(asked.status, StatusCode::OK);
        let (_, question) = asked.body.split_once("class=\"portal-confirm\"").unwrap();
        let (question, _) = question.split_once("</form>").unwrap();
        assert!(
            question.contains(text) && question.contains("a@example.com"),
            "{question}"
        );
    }
    assert_eq!(counts(&app, database).await.0, 1);
    let confirmed = [("do", "revoke"), ("id", id.as_str()), ("confirm", "yes")];
    let revoked = app.post(PATH, Some(&admin), &confirmed).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    let target = revoked.header("location").unwrap();
    assert_eq!(target, format!("{PATH}?done=revoked"));
    let page = app.get(target, Some(&admin)).await.body;
    assert!(page.contains("The invitation was revoked."), "{page}");
    assert_eq!(counts(&app, database).await.0, 0);
    let again = app.post(PATH, Some(&admin), &confirmed).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("no longer open"), "{}", again.body);
}

async fn five_hundred_invitations_are_listed_in_pages(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let emails: Vec<String> = (0..500).map(|n| format!("u{n:03}@example.com")).collect();
    let emails = emails.join("\n");
    let form = [("do", "create"), ("emails", emails.as_str())];
    let created = app.post(PATH, Some(&admin), &form).await;
    assert_eq!(created.status, StatusCode::OK);
    assert!(created.body.contains("Invitations created: 500"));
    let get = async |query: &str| app.get(&format!("{PATH}{query}"), Some(&admin)).await.body;
    for (query, first, last) in [("", 499, 450), ("?page=2", 449, 400), ("?page=10", 49, 0)] {
        let page = get(query).await;
        assert_eq!(page.matches("<tr>").count(), 51, "50 and the head: {query}");
        let at = |n: i32| page.find(&format!("<td>u{n:03}@example.com<"));
        let (first, last) = (at(first), at(last));
        assert!(
            first.is_some() && first < last,
            "the newest first: {query} {page}"
        );
        assert_eq!(page.contains("rel=\"next\""), query != "?page=10");
        assert_eq!(page.contains("rel=\"prev\""), !query.is_empty());
    }
    // After the last page there is none.
    assert!(get("?page=11").await.contains("u000@example.com"));
    // The page stays after one of its invitations was revoked.
    let store = &app.portal.store;
    let listed = store.list_invitations(app.clock.now(), (60, 1)).await;
    let id = listed.unwrap()[0].id.to_string();
    let revoke = [("do", "revoke"), ("id", id.as_str()), ("confirm", "yes")];
    let path = format!("{PATH}?page=2");
    let revoked = app.post(&path, Some(&admin), &revoke).await;
    let target = format!("{PATH}?page=2&done=revoked");
    assert_eq!(revoked.header("location"), Some(target.as_str()));
    let page = get("?page=2&done=revoked").await;
    assert!(page.contains("The invitation was revoked.") && page.contains("rel=\"prev\""));
    assert!(!page.contains("u439@example.com"), "{page}");
}

async fn invitation_opened_while_logged_in_says_as_whom(database: &TestDatabase) {
    let app = App::new(database).await;
    let created = vec![invitation(&app, "a@example.com")];
    let actor = actor(&app).await;
    let created = app.portal.invite(created, &actor).await.unwrap();
    let (_, token) = &created.links[0];
    let session = app.log_in_as_grace(None).await;
    for (lang, text) in [
        ("en", "You are logged in as Grace Hopper."),
        ("ko", "Grace Hopper(으)로 로그인되어 있습니다."),
    ] {
        let path = format!("/{lang}/join/{}", token.as_str());
        let page = app.get(&path, Some(&session)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(text), "{}", page.body);
        let next = format!("name=\"next\" value=\"{path}\"");
        assert!(page.body.contains(&next), "{}", page.body);
        assert!(!app.get(&path, None).await.body.contains(text));
    }
    // The logout leads back to the link, and to no other site.
    let path = format!("/en/join/{}", token.as_str());
    for (next, target) in [(path.as_str(), path.as_str()), ("//evil.example", "/en")] {
        let session = app.log_in_as_grace(None).await;
        let form = [("next", next)];
        let response = app.post("/en/logout", Some(&session), &form).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER);
        assert_eq!(response.header("location"), Some(target));
        assert_eq!(app.viewer_name(&session).await, None);
    }
}

async fn invitation_that_another_one_replaces_is_in_the_audit_log(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let actor = actor(&app).await;
    for email in ["bob@example.com", "Bob@example.com"] {
        let created = vec![invitation(&app, email), invitation(&app, "a@example.com")];
        app.portal.invite(created, &actor).await.unwrap();
    }
    assert_eq!(counts(&app, database).await, (2, 4));
    let log = app.get("/en/admin/audit", Some(&admin)).await.body;
    assert_eq!(log.matches("Replaced by a new invitation").count(), 2);
}
