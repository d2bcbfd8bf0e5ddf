//! Two instances on one database: what one has counted or changed holds for the other.

use routebook::clock::Clock;
use routebook::portal::store::audit::Actor;
use routebook::portal::{AuthenticationError, Portal, Settings};

use crate::app::{App, PASSWORD, START};
use crate::database::TestDatabase;

on_both_engines! {
    failed_logins_are_counted_together,
    guesses_from_many_networks_do_not_lock_out_the_owner,
    team_behind_one_address_logs_in_at_once,
    requests_for_links_are_counted_together,
    settings_of_another_instance_are_read,
    session_begun_on_one_instance_is_used_on_another_and_ended_for_both,
}

async fn second(database: &TestDatabase) -> Portal {
    let clock = Clock::manual(START);
    Portal::open(&database.url("portal"), clock).await.unwrap()
}

async fn log_in(portal: &Portal, password: &str, network: &str) -> Result<(), AuthenticationError> {
    let network = network.parse().ok();
    let actor = Actor::default();
    let account = portal.authenticate("grace@example.com", password.to_owned(), network, &actor);
    account.await.map(drop)
}

async fn failed_logins_are_counted_together(database: &TestDatabase) {
    let app = App::new(database).await;
    let other = second(database).await;
    let home = "192.0.2.1/32";
    for attempt in 0..5 {
        let portal = if attempt % 2 == 0 {
            &app.portal
        } else {
            &other
        };
        // Successes are not counted.
        log_in(portal, PASSWORD, home).await.unwrap();
        let failed = log_in(portal, "wrong password", home).await;
        assert!(
            matches!(failed, Err(AuthenticationError::WrongCredentials)),
            "{attempt}: {failed:?}"
        );
    }
    for portal in [&app.portal, &other] {
        let refused = log_in(portal, PASSWORD, home).await;
        assert!(
            matches!(
                refused,
                Err(AuthenticationError::Throttled { seconds: 180 })
            ),
            "{refused:?}"
        );
        log_in(portal, PASSWORD, "192.0.2.2/32").await.unwrap();
    }
    app.clock.advance(180_000);
    log_in(&app.portal, PASSWORD, home).await.unwrap();
    // A bucket that is full again is deleted.
    let hour = START + 3_600_000;
    let deleted = app.portal.store.delete_full_login_buckets(hour).await;
    assert_eq!(deleted.unwrap(), 2);
    let deleted = app.portal.store.delete_full_login_buckets(hour).await;
    assert_eq!(deleted.unwrap(), 0);
}

async fn guesses_from_many_networks_do_not_lock_out_the_owner(database: &TestDatabase) {
    let app = App::new(database).await;
    let other = second(database).await;
    for guess in 0..110 {
        let network = format!("198.51.100.{guess}/32");
        let failed = log_in(&app.portal, "wrong password", &network).await;
        assert!(
            matches!(failed, Err(AuthenticationError::WrongCredentials)),
            "{guess}: {failed:?}"
        );
    }
    for portal in [&app.portal, &other] {
        log_in(portal, PASSWORD, "203.0.113.7/32").await.unwrap();
    }
}

async fn team_behind_one_address_logs_in_at_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let home = "192.0.2.1/32";
    let logins = (0..60).map(|_| log_in(&app.portal, PASSWORD, home));
    for login in futures_util::future::join_all(logins).await {
        login.unwrap();
    }
    // Guesses sent at once are not more than guesses sent one after the other.
    let guesses = (0..60).map(|_| log_in(&app.portal, "wrong password", home));
    let guesses = futures_util::future::join_all(guesses).await;
    let checked =
        |result: &&Result<(), _>| matches!(result, Err(AuthenticationError::WrongCredentials));
    assert_eq!(guesses.iter().filter(checked).count(), 5);
}

async fn requests_for_links_are_counted_together(database: &TestDatabase) {
    let app = App::new(database).await;
    let other = second(database).await;
    let network: Option<ipnet::IpNet> = "192.0.2.1/32".parse().ok();
    for request in 0..20 {
        let portal = if request % 2 == 0 {
            &app.portal
        } else {
            &other
        };
        assert_eq!(portal.throttle_link_request(network).await, Ok(()));
    }
    for portal in [&app.portal, &other] {
        assert_eq!(portal.throttle_link_request(network).await, Err(3));
    }
    let elsewhere: Option<ipnet::IpNet> = "192.0.2.2/32".parse().ok();
    assert_eq!(other.throttle_link_request(elsewhere).await, Ok(()));
}

async fn settings_of_another_instance_are_read(database: &TestDatabase) {
    let app = App::new(database).await;
    let other = second(database).await;
    let settings = Settings {
        members_only: true,
        title: "우리 팀".to_owned(),
        ..Settings::default()
    };
    let changed = other.change_settings(&settings, &Actor::default()).await;
    assert_eq!(changed.unwrap(), 2);
    assert_eq!(*app.portal.settings.get(), Settings::default());
    app.portal.reload_settings().await.unwrap();
    assert_eq!(*app.portal.settings.get(), settings);
}

async fn session_begun_on_one_instance_is_used_on_another_and_ended_for_both(
    database: &TestDatabase,
) {
    let first = App::new(database).await;
    // Another site with caches of its own, on the same database.
    let second = App::without_accounts(database).await;
    let session = first.log_in_as_grace(None).await;
    for _ in 0..2 {
        let name = second.viewer_name(&session).await;
        assert_eq!(name.as_deref(), Some("Grace Hopper"));
    }
    first.post("/en/logout", Some(&session), &[]).await;
    assert_eq!(second.viewer_name(&session).await, None);
    let account = second.get("/en/account", Some(&session)).await;
    assert_eq!(account.status, 303);
}
