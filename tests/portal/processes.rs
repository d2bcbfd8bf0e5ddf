//! Two server processes on one PostgreSQL database, as behind a load balancer: what one has done holds for the other.

use std::time::{Duration, Instant};

use crate::database::TestDatabase;
use crate::server_process::{ServerProcess, get, invite, join, post_form};

/// Starts two servers at the same moment on an empty database.
fn start_two(database: &TestDatabase) -> (ServerProcess, ServerProcess) {
    std::thread::scope(|scope| {
        let second = scope.spawn(|| ServerProcess::start(database));
        let first = ServerProcess::start(database);
        (first, second.join().unwrap())
    })
}

/// Creates the first admin on a server, and returns the cookie of the session.
async fn first_admin(server: &ServerProcess) -> String {
    let link = server.first_admin_path();
    let joined = join(server.port, link, "admin@example.com").await.unwrap();
    assert_eq!(joined.status, 303, "{joined:?}");
    joined.cookie("routebook").expect("a session")
}

async fn status(server: &ServerProcess, path: &str, cookies: &str) -> u16 {
    get(server.port, path, cookies).await.unwrap().status
}

/// Requests a page until it has another status than before, and returns how long that took.
async fn time_until_changed(server: &ServerProcess, path: &str, cookies: &str) -> Duration {
    let begun = Instant::now();
    let before = 200;
    while status(server, path, cookies).await == before {
        assert!(begun.elapsed() < Duration::from_secs(10), "{path}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

#[tokio::test]
async fn session_ended_on_one_process_is_refused_by_the_other_on_postgresql() {
    let database = TestDatabase::postgres().await;
    let (first, second) = start_two(&database);
    let session = first_admin(&first).await;
    assert_eq!(status(&second, "/en/account", &session).await, 200);
    let ended = post_form(first.port, "/en/logout", &session, &[]).await;
    assert_eq!(ended.unwrap().status, 303);
    let time = time_until_changed(&second, "/en/account", &session).await;
    assert!(time < Duration::from_secs(1), "{time:?}");
    assert_eq!(status(&second, "/en/account", &session).await, 303);
}

#[tokio::test]
async fn invitation_used_on_two_processes_gives_one_account_on_postgresql() {
    let database = TestDatabase::postgres().await;
    let (first, second) = start_two(&database);
    let admin = first_admin(&first).await;
    for round in 0..10 {
        let link = invite(first.port, &admin, "1").await;
        let emails = ["a", "b"].map(|name| format!("{name}{round}@example.com"));
        let joined = tokio::join!(
            join(first.port, &link, &emails[0]),
            join(second.port, &link, &emails[1]),
        );
        let mut statuses = [joined.0.unwrap().status, joined.1.unwrap().status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 404], "{round}");
    }
    let members = get(second.port, "/en/admin/members", &admin).await.unwrap();
    for round in 0..10 {
        let count = |name: &str| usize::from(members.body.contains(&format!("{name}{round}@")));
        assert_eq!(count("a") + count("b"), 1, "{round}");
    }
}

#[tokio::test]
async fn setting_changed_on_one_process_holds_on_the_other_on_postgresql() {
    let database = TestDatabase::postgres().await;
    let (first, second) = start_two(&database);
    let admin = first_admin(&first).await;
    // Twice, so that the page comes from the cache of responses.
    for _ in 0..2 {
        assert_eq!(status(&second, "/en/methods/post", "").await, 200);
    }
    let form = [
        ("title", "Team"),
        ("members_only", "on"),
        ("registration", "invitation"),
        ("locale_en", "on"),
        ("locale_ko", "on"),
        ("attempt_days", "365"),
        ("audit_days", "365"),
        ("address_days", "30"),
    ];
    let saved = post_form(first.port, "/en/admin/settings", &admin, &form).await;
    assert_eq!(saved.unwrap().status, 303);
    assert_ne!(status(&first, "/en/methods/post", "").await, 200);
    let time = time_until_changed(&second, "/en/methods/post", "").await;
    assert!(time < Duration::from_secs(2), "{time:?}");
    assert_eq!(status(&second, "/en/methods/post", &admin).await, 200);
}

#[tokio::test]
async fn processes_started_together_print_links_of_which_none_is_void_on_postgresql() {
    let database = TestDatabase::postgres().await;
    let (first, second) = start_two(&database);
    let links = [first.first_admin_path(), second.first_admin_path()];
    assert_ne!(links[0], links[1]);
    for server in [&first, &second] {
        for link in links {
            assert_eq!(status(server, link, "").await, 200, "{link}");
        }
    }
    // Whoever is first is the admin.
    let joined = tokio::join!(
        join(first.port, links[0], "a@example.com"),
        join(second.port, links[1], "b@example.com"),
    );
    let mut statuses = [joined.0.unwrap().status, joined.1.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    for server in [&first, &second] {
        for link in links {
            assert_eq!(status(server, link, "").await, 404, "{link}");
        }
    }
}
