//! `/api/admin/stats`.

use serde_json::json;

use crate::app::App;
use crate::database::TestDatabase;
use crate::session::{cookie, log_in};
use crate::token::create_token;

on_both_engines! { stats_return_counts_to_admins_and_refuse_others }

async fn stats_return_counts_to_admins_and_refuse_others(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    log_in(&app, &other, "ada@example.com").await;
    let grace = cookie(&log_in(&app, &key, "grace@example.com").await);
    let ada = cookie(&log_in(&app, &key, "ada@example.com").await);
    for _ in 0..3 {
        create_token(&app, &key, &grace, "opaque").await;
    }
    let get_stats = async |cookie: &str| {
        let headers = [("sandbox-key", key.as_str()), ("cookie", cookie)];
        app.get("GET", "/api/admin/stats", &headers).await
    };
    get_stats("").await.problem(401);
    let refused = get_stats(&grace).await;
    refused.problem(403);
    // The error code is for tokens (RFC 6750, section 3.1).
    assert_eq!(refused.header("www-authenticate"), None);
    let stats = get_stats(&ada).await;
    let expected = json!({
        "users": { "admin": 3, "member": 9 },
        "tokens": 3,
        "sessions": 2,
    });
    assert_eq!((stats.status, stats.json()), (200, expected));
    // The stored role counts, not the role at the time of the login.
    app.json(&key, "PATCH", "/api/users/4", r#"{"role":"member"}"#)
        .await;
    get_stats(&ada).await.problem(403);
    // Expired tokens and sessions are not counted.
    app.json(&key, "PATCH", "/api/users/2", r#"{"role":"admin"}"#)
        .await;
    app.clock.advance(3_600_000);
    let stats = get_stats(&grace).await.json();
    assert_eq!(
        (&stats["tokens"], &stats["sessions"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(stats["users"], json!({ "admin": 3, "member": 9 }));
}
