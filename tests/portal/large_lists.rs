//! Lists of large teams: each page shows fifty entries and leads to the others.

use axum::http::StatusCode;
use routebook::model::account::{DisplayName, TeamRole};
use routebook::portal::store::assignment::{Assignee, NewAssignment, TeamMentor};
use routebook::portal::store::audit::Actor;
use routebook::portal::store::group::GroupId;
use routebook::portal::store::learning::{LessonProgress, NewProgress};

use crate::app::{App, DAY, START, new_account};
use crate::database::TestDatabase;

on_both_engines! {
    groups_are_listed_in_pages,
    assignments_are_listed_in_pages_the_next_due_first,
    live_list_shows_fifty_members_and_says_how_many_more,
}

const ADMIN: &str = "admin@example.com";

/// Creates groups, `Group 000` and so on.
async fn create_groups(app: &App, count: usize) -> Vec<GroupId> {
    let actor = Actor::default();
    let mut groups = Vec::new();
    for number in 0..count {
        let name = DisplayName::parse(&format!("Group {number:03}")).unwrap();
        let created = app.portal.store.create_group(name, &actor, 1);
        groups.push(created.await.unwrap());
    }
    groups
}

async fn groups_are_listed_in_pages(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    create_groups(&app, 120).await;
    for (query, first, count, has_next) in [
        ("", 0, 50, true),
        ("?page=2", 50, 50, true),
        ("?page=3", 100, 20, false),
        ("?page=9", 100, 20, false),
    ] {
        let path = format!("/en/admin/groups{query}");
        let page = app.get(&path, Some(&admin)).await.body;
        assert_eq!(page.matches(">Group ").count(), count, "{query}");
        assert!(page.contains(&format!(">Group {first:03}<")), "{page}");
        assert_eq!(page.contains("rel=\"next\""), has_next, "{query}");
        assert_eq!(page.contains("rel=\"prev\""), first > 0, "{query}");
    }
}

async fn assignments_are_listed_in_pages_the_next_due_first(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let account = accounts.iter().find(|one| one.role == TeamRole::Admin);
    let mentor = TeamMentor {
        account: account.unwrap().id,
        is_whole_team: true,
    };
    let actor = Actor::default();
    // The day of the first twenty is over. Today is 2027-01-15.
    for (number, group) in create_groups(&app, 120).await.into_iter().enumerate() {
        let due = match number {
            0..20 => format!("2026-12-{:02}", number + 1),
            _ => format!("{}-02-01", 2007 + number),
        };
        let assignment = NewAssignment {
            assignee: Assignee::Group(group),
            due,
            lessons: vec!["methods/get".to_owned(), "methods/post".to_owned()],
        };
        let store = &app.portal.store;
        let created = store.create_assignment(assignment, mentor, &actor, START);
        created.await.unwrap();
    }
    let get = async |query: &str| {
        let path = format!("/en/team/assignments{query}");
        app.get(&path, Some(&admin)).await.body
    };
    for (query, groups, has_next) in [
        ("", (20..70).collect::<Vec<usize>>(), true),
        ("?page=2", (70..120).collect(), true),
        ("?page=3", (0..20).rev().collect(), false),
    ] {
        let page = get(query).await;
        let (_, table) = page.split_once("<tbody>").unwrap();
        let (table, _) = table.split_once("</tbody>").unwrap();
        let rows = table.split("<tr>").skip(1);
        let shown = rows.map(|row| row.split_once("<td>Group ").unwrap().1[..3].to_owned());
        let expected = groups.iter().map(|number| format!("{number:03}"));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            expected.collect::<Vec<_>>(),
            "{query}"
        );
        assert_eq!(page.contains("rel=\"next\""), has_next, "{query}");
        assert!(table.contains(", "), "both lessons: {table}");
    }
    // The page stays after one of its assignments was deleted.
    let page = get("?page=3").await;
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split_once('"').unwrap().0;
    assert!(page.contains("action=\"/en/team/assignments?page=3\""));
    let form = [("do", "delete"), ("id", id)];
    let path = "/en/team/assignments?page=3";
    let deleted = app.post(path, Some(&admin), &form).await;
    assert_eq!(deleted.status, StatusCode::SEE_OTHER);
    let target = "/en/team/assignments?page=3&done=assignment-deleted";
    assert_eq!(deleted.header("location"), Some(target));
    assert!(!get("?page=3").await.contains("<td>Group 019<"));
}

async fn live_list_shows_fifty_members_and_says_how_many_more(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let store = &app.portal.store;
    for number in 0..120 {
        let account = new_account(
            &format!("u{number}@example.com"),
            &format!("Member {number:03}"),
        );
        let account = store.create_account(account, String::new(), 1);
        let account = account.await.unwrap();
        let at = START - number;
        let progress = NewProgress {
            lessons: vec![LessonProgress {
                lesson: "methods/get".to_owned(),
                opened: at,
                seen: at,
                read: None,
            }],
            ..NewProgress::default()
        };
        store.merge_progress(account, progress).await.unwrap();
    }
    for (lang, all, more) in [
        ("en", "Members: 120", "More members are at work: 70."),
        ("ko", "120명", "학습하는 구성원이 더 있습니다: 70명."),
    ] {
        let path = format!("/{lang}/team/live");
        let page = app.get(&path, Some(&admin)).await.body;
        assert_eq!(page.matches(">Member ").count(), 50, "{page}");
        assert!(page.contains(">Member 000<") && !page.contains(">Member 050<"));
        assert!(page.contains(all) && page.contains(more), "{page}");
    }
    // With fifty there is nothing more to say.
    app.clock.advance(DAY);
    let page = app.get("/en/team/live", Some(&admin)).await.body;
    assert!(!page.contains("More members are at work"), "{page}");
}
