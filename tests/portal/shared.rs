//! Two instances on one database: what one has counted or changed holds for the other.

use routebook::clock::Clock;
use routebook::portal::store::audit::Actor;
use routebook::portal::{AuthenticationError, Portal, Settings};

use crate::app::{App, PASSWORD, START};
use crate::database::TestDatabase;

on_both_engines! {
    failed_logins_are_counted_together,
    owner_is_not_locked_out_of_another_instance,
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
    for attempt in 0..20 {
        let portal = if attempt % 2 == 0 {
            &app.portal
        } else {
            &other
        };
        let failed = log_in(portal, "wrong password", "192.0.2.1/32").await;
        assert!(
            matches!(failed, Err(AuthenticationError::WrongCredentials)),
            "{attempt}: {failed:?}"
        );
    }
    for portal in [&app.portal, &other] {
        let refused = log_in(portal, PASSWORD, "192.0.2.1/32").await;
        assert!(
            matches!(refused, Err(AuthenticationError::Throttled { seconds: 6 })),
            "{refused:?}"
        );
        log_in(portal, PASSWORD, "192.0.2.2/32").await.unwrap();
    }
    app.clock.advance(6_000);
    log_in(&app.portal, PASSWORD, "192.0.2.1/32").await.unwrap();
    // A bucket that is full again is deleted; the networks of the owner stay.
    let hour = START + 3_600_000;
    let deleted = app.portal.store.delete_full_login_buckets(hour).await;
    assert!(deleted.unwrap() >= 1);
    let deleted = app.portal.store.delete_full_login_buckets(hour).await;
    assert_eq!(deleted.unwrap(), 0);
}

async fn owner_is_not_locked_out_of_another_instance(database: &TestDatabase) {
    let app = App::new(database).await;
    let other = second(database).await;
    log_in(&app.portal, PASSWORD, "203.0.113.7/32")
        .await
        .unwrap();
    // Guesses from many networks use up the bucket of the account.
    let mut throttled = 0;
    for guess in 0..104 {
        let network = format!("198.51.100.{guess}/32");
        let failed = log_in(&app.portal, "wrong password", &network).await;
        throttled += i32::from(matches!(failed, Err(AuthenticationError::Throttled { .. })));
    }
    assert_eq!(throttled, 4);
    let guess = log_in(&other, PASSWORD, "198.51.100.200/32").await;
    assert!(
        matches!(guess, Err(AuthenticationError::Throttled { .. })),
        "{guess:?}"
    );
    log_in(&other, PASSWORD, "203.0.113.7/32").await.unwrap();
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
