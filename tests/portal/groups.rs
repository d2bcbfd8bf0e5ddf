//! Groups of the team, and the settings that admins change in the browser.

use axum::http::StatusCode;
use routebook::model::account::TeamRole;
use routebook::portal::store::audit::{Actor, AuditAction, AuditFilter};
use routebook::portal::store::group::GroupId;

use crate::app::{App, PASSWORD, TestResponse};
use crate::database::TestDatabase;

on_both_engines! {
    group_is_created_renamed_filled_and_deleted,
    refused_form_of_a_group_says_why_beside_the_field,
    invitation_puts_into_a_group,
    mentor_sees_the_own_groups_or_else_everybody,
    settings_hold_at_once_and_are_audited,
    refused_settings_change_nothing,
    configuration_fixes_a_setting,
    closed_registration_lets_invitations_wait,
}

const ADMIN: &str = "admin@example.com";

async fn admin(app: &App) -> String {
    app.session_of(ADMIN, TeamRole::Admin).await
}

fn location(response: &TestResponse) -> &str {
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
    response.header("location").unwrap()
}

/// Creates a group and returns the path of its page.
async fn create(app: &App, admin: &str, name: &str) -> String {
    let form = [("name", name)];
    let created = app.post("/en/admin/groups", Some(admin), &form).await;
    let target = location(&created);
    let path = target.strip_suffix("?done=group-created").unwrap();
    path.to_owned()
}

fn group_id(path: &str) -> GroupId {
    GroupId(path.rsplit('/').next().unwrap().parse().unwrap())
}

async fn group_is_created_renamed_filled_and_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = admin(&app).await;
    let empty = app.get("/en/admin/groups", Some(&admin)).await;
    assert!(empty.body.contains("There are no groups yet"));
    let path = create(&app, &admin, " 1기 ").await;
    let form = [("do", "add"), ("email", "Grace@example.com")];
    let added = app.post(&path, Some(&admin), &form).await;
    assert_eq!(location(&added), format!("{path}?done=group-added"));
    let page = app.get(location(&added), Some(&admin)).await;
    assert!(page.body.contains("The member was added"), "{}", page.body);
    assert!(page.body.contains("Grace Hopper") && page.body.contains("1기"));
    let form = [("do", "rename"), ("name", "2기")];
    location(&app.post(&path, Some(&admin), &form).await);
    let id = group_id(&path).0;
    for (group, is_listed) in [(id, true), (id + 1, false)] {
        let members = format!("/en/admin/members?group={group}");
        let members = app.get(&members, Some(&admin)).await;
        let has_grace = members.body.contains("grace@example.com");
        assert_eq!(has_grace, is_listed, "{group}");
    }
    let list = app.get("/en/admin/groups", Some(&admin)).await;
    assert!(list.body.contains("2기") && list.body.contains("Members: 1"));
    let grace = app.portal.store.list_accounts().await.unwrap()[0].id;
    // Who is removed is asked first.
    let grace = grace.to_string();
    let ask = [("do", "remove"), ("id", grace.as_str())];
    let asked = app.post(&path, Some(&admin), &ask).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.body.contains("Grace Hopper leaves the group 2기"),
        "{}",
        asked.body
    );
    assert_eq!(find(&app, &path).await.unwrap().1, 1);
    let form = [("do", "remove"), ("id", &grace), ("confirm", "yes")];
    location(&app.post(&path, Some(&admin), &form).await);
    let (group, members) = find(&app, &path).await.unwrap();
    assert_eq!((group.as_str(), members), ("2기", 0));
    // The deletion asks first.
    let form = [("do", "delete")];
    let asked = app.post(&path, Some(&admin), &form).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("name=\"confirm\""));
    assert!(find(&app, &path).await.is_some());
    let form = [("do", "delete"), ("confirm", "yes")];
    let deleted = app.post(&path, Some(&admin), &form).await;
    assert_eq!(location(&deleted), "/en/admin/groups?done=group-deleted");
    assert_eq!(
        app.get(&path, Some(&admin)).await.status,
        StatusCode::NOT_FOUND
    );
    let audit = app
        .portal
        .store
        .list_audit(&AuditFilter::default(), None, 10)
        .await
        .unwrap();
    let actions: Vec<_> = audit.iter().rev().map(|entry| &*entry.action).collect();
    let expected = ["create", "add-to", "rename", "remove-from", "delete"];
    let expected = expected.map(|action| format!("{action}-group"));
    let groups = actions.iter().filter(|action| action.ends_with("group"));
    assert_eq!(groups.copied().collect::<Vec<_>>(), expected);
}

async fn find(app: &App, path: &str) -> Option<(String, usize)> {
    let found = app.portal.store.find_group(group_id(path)).await.unwrap();
    found.map(|(group, members)| (group.name.as_str().to_owned(), members.len()))
}

async fn refused_form_of_a_group_says_why_beside_the_field(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = admin(&app).await;
    let path = create(&app, &admin, "Alpha").await;
    for (name, message) in [(" ", "1 to 100 characters"), ("ALPHA", "has this name")] {
        let form = [("name", name)];
        let refused = app.post("/en/admin/groups", Some(&admin), &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(message), "{}", refused.body);
        assert!(refused.body.contains("aria-invalid=\"true\""));
    }
    let beta = create(&app, &admin, "Beta").await;
    let form = [("do", "rename"), ("name", "alpha")];
    let refused = app.post(&beta, Some(&admin), &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(find(&app, &beta).await.unwrap().0, "Beta");
    let form = [("do", "rename"), ("name", "BETA")];
    let renamed = app.post(&beta, Some(&admin), &form).await;
    assert_eq!(location(&renamed), format!("{beta}?done=group-renamed"));
    // Its own name changes nothing and is not recorded.
    let same = app.post(&beta, Some(&admin), &form).await;
    assert_eq!(location(&same), format!("{beta}?done=group-same"));
    let page = app.get(location(&same), Some(&admin)).await.body;
    assert!(page.contains("has this name already"), "{page}");
    let filter = AuditFilter {
        action: Some(AuditAction::RenameGroup),
        ..AuditFilter::default()
    };
    let log = app.portal.store.list_audit(&filter, None, 9).await.unwrap();
    assert_eq!(log.len(), 1);
    let form = [("do", "add"), ("email", "nobody@example.com")];
    let refused = app.post(&path, Some(&admin), &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("nobody@example.com"));
    for path in ["/en/admin/groups/99", "/en/admin/groups/x"] {
        assert_eq!(
            app.get(path, Some(&admin)).await.status,
            StatusCode::NOT_FOUND
        );
        let form = [("do", "delete"), ("confirm", "yes")];
        let refused = app.post(path, Some(&admin), &form).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }
}

async fn invitation_puts_into_a_group(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = admin(&app).await;
    let path = create(&app, &admin, "Alpha").await;
    let id = group_id(&path).0.to_string();
    let form = |group| {
        [
            ("do", "create"),
            ("role", "learner"),
            ("group", group),
            ("days", "7"),
            ("uses", "2"),
        ]
    };
    let created = app
        .post("/en/admin/invitations", Some(&admin), &form(&id))
        .await;
    let start = created.body.find("/en/join/").expect("a link");
    let link: String = created.body[start..]
        .chars()
        .take_while(|character| !"<\"\n".contains(*character))
        .collect();
    let join = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    location(&app.post(&link, None, &join).await);
    assert_eq!(find(&app, &path).await.unwrap().1, 1);
    let refused = app
        .post("/en/admin/invitations", Some(&admin), &form("99"))
        .await;
    assert!(refused.body.contains("This group was deleted"));
    assert!(!refused.body.contains("/en/join/"));
    // The invitation outlives the group.
    app.portal
        .store
        .delete_group(group_id(&path), &Default::default(), 0)
        .await
        .unwrap();
    let join = [
        ("name", "Bob"),
        ("email", "bob@example.com"),
        ("password", PASSWORD),
    ];
    location(&app.post(&link, None, &join).await);
}

async fn mentor_sees_the_own_groups_or_else_everybody(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = admin(&app).await;
    let store = &app.portal.store;
    let accounts = store.list_accounts().await.unwrap();
    let (grace, boss) = (accounts[0].id, accounts[1].id);
    let sees_all = async |account, role| {
        let mentor = store.team_mentor(account, role).await;
        mentor.unwrap().is_whole_team
    };
    assert!(sees_all(grace, TeamRole::Mentor).await);
    let alpha = group_id(&create(&app, &admin, "Alpha").await);
    for account in [grace, boss] {
        let actor = Actor::default();
        let added = store.set_group_member(alpha, account, true, &actor, 0);
        added.await.unwrap();
    }
    assert!(!sees_all(grace, TeamRole::Mentor).await);
    assert!(sees_all(boss, TeamRole::Admin).await);
}

/// The form with the settings as they are by default, some of them changed.
fn settings<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let defaults = [
        ("title", ""),
        ("locale_en", "on"),
        ("locale_ko", "on"),
        ("registration", "invitation"),
        ("attempt_days", "365"),
        ("audit_days", "365"),
        ("address_days", "30"),
    ];
    let defaults = defaults.into_iter();
    let kept = defaults.filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed.iter().copied()).collect()
}

async fn settings_hold_at_once_and_are_audited(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = admin(&app).await;
    let path = "/en/admin/settings";
    let home = app.get("/en", None).await;
    assert!(home.body.contains("Routebook"));
    let form = settings(&[("title", "우리 팀 & Co"), ("members_only", "on")]);
    let saved = app.post(path, Some(&admin), &form).await;
    assert_eq!(location(&saved), "/en/admin/settings?done=saved");
    // The front page was in the cache before.
    let home = app.get("/en", None).await;
    assert!(location(&home).starts_with("/en/login"));
    let home = app.get("/en", Some(&admin)).await;
    assert!(home.body.contains("우리 팀 &amp; Co"), "{}", home.body);
    let same = app.post(path, Some(&admin), &form).await;
    assert_eq!(location(&same), "/en/admin/settings?done=same");
    // Twice, so that the page is sent from the cache.
    for title in ["첫 이름", "둘째 이름"] {
        let form = settings(&[("title", title)]);
        location(&app.post(path, Some(&admin), &form).await);
        for _ in 0..2 {
            let home = app.get("/en", None).await;
            assert!(home.body.contains(title), "{title}");
        }
    }
    location(&app.post(path, Some(&admin), &settings(&[])).await);
    let home = app.get("/en", None).await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(!home.body.contains("우리 팀"));
    let audit = app
        .portal
        .store
        .list_audit(&AuditFilter::default(), None, 20)
        .await
        .unwrap();
    let changes = audit
        .iter()
        .filter(|entry| entry.action == "change-setting");
    let changes: Vec<_> = changes
        .map(|entry| (&*entry.subject, &*entry.detail))
        .collect();
    assert_eq!(changes.len(), 6, "{changes:?}");
    assert!(changes.contains(&("members_only", "false → true")));
    assert!(changes.contains(&("title", "\"\" → \"우리 팀 & Co\"")));
}

async fn refused_settings_change_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = admin(&app).await;
    let path = "/en/admin/settings";
    for changed in [
        [("audit_days", "0"), ("title", "New")],
        [("address_days", ""), ("title", "New")],
        [("registration", "domains"), ("title", "New")],
        [("registration_domains", "nonsense"), ("title", "New")],
    ] {
        let refused = app.post(path, Some(&admin), &settings(&changed)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("field-error"), "{changed:?}");
        assert!(refused.body.contains("value=\"New\""), "{changed:?}");
    }
    assert_eq!(*app.portal.settings.get(), Default::default());
}

async fn configuration_fixes_a_setting(database: &TestDatabase) {
    let app = App::for_members(database).await;
    let admin = admin(&app).await;
    let page = app.get("/en/admin/settings", Some(&admin)).await;
    assert!(page.body.contains("For members only: on"), "{}", page.body);
    assert!(!page.body.contains("name=\"members_only\""));
    // A form without the box does not open the site.
    let form = settings(&[("title", "Closed")]);
    location(&app.post("/en/admin/settings", Some(&admin), &form).await);
    location(&app.get("/en", None).await);
}

async fn closed_registration_lets_invitations_wait(database: &TestDatabase) {
    let app = App::without_accounts(database).await;
    let closed = routebook::portal::Settings {
        registration: routebook::portal::Registration::Closed,
        ..Default::default()
    };
    let change = async |settings| {
        let actor = Actor::default();
        let changed = app.portal.change_settings(settings, &actor);
        changed.await.unwrap();
    };
    change(&closed).await;
    // The first admin can always come in.
    let first = app.portal.first_admin_link().await.unwrap().unwrap();
    let join = [("name", "Boss"), ("email", ADMIN), ("password", PASSWORD)];
    let path = format!("/en/join/{}", first.as_str());
    let joined = app.post(&path, None, &join).await;
    location(&joined);
    let admin = joined.session_id(app.cookie).unwrap();
    let form = [
        ("do", "create"),
        ("role", "learner"),
        ("days", "7"),
        ("uses", "1"),
    ];
    let created = app.post("/en/admin/invitations", Some(&admin), &form).await;
    let start = created.body.find("/en/join/").expect("a link");
    let link: String = created.body[start..]
        .chars()
        .take_while(|character| !"<\"\n".contains(*character))
        .collect();
    let join = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    for response in [
        app.get(&link, None).await,
        app.post(&link, None, &join).await,
    ] {
        assert_eq!(response.status, StatusCode::FORBIDDEN);
        assert!(response.body.contains("Nobody can register now"));
    }
    change(&Default::default()).await;
    location(&app.post(&link, None, &join).await);
}
