//! What is sent by mail, received by a real SMTP server, and what happens without one.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use routebook::config::Config;
use routebook::model::account::TeamRole;
use routebook::model::user::Email;
use routebook::portal::store::audit::Actor;
use routebook::portal::store::invitation::NewInvitation;
use routebook::portal::{Registration, Settings};

use crate::app::{App, HOUR, PASSWORD, TestResponse, rows, sessions};
use crate::database::TestDatabase;
use crate::mail_server::{MailServer, ReceivedMail, smtp};

on_both_engines! {
    forgotten_password_is_set_with_a_link_from_a_mail,
    forgotten_password_is_answered_alike_for_known_and_unknown_addresses,
    forgotten_password_is_throttled,
    link_in_a_mail_does_not_follow_the_host_of_the_request,
    without_a_mail_server_the_page_says_whom_to_ask,
    invitations_are_sent_and_failures_named,
    invitation_is_in_the_language_of_the_invited_person,
    dead_mail_server_creates_nothing,
    new_address_is_used_when_its_owner_confirms_it,
    new_address_needs_the_password_and_must_be_free,
    without_a_mail_server_the_address_changes_at_once,
    address_of_a_chosen_domain_registers_by_a_link_from_a_mail,
    registration_answers_alike_and_only_while_it_is_open,
    registration_leaves_the_invitation_of_an_admin,
    link_of_a_registration_is_listed_and_holds_only_while_it_is_open,
}

/// A port on which nobody listens.
const DEAD: &str = "smtp://127.0.0.1:1";
const ADMIN: &str = "admin@example.com";
const GRACE: &str = "grace@example.com";

async fn site_with(database: &TestDatabase, server: &MailServer) -> App {
    let smtp = Some(server.config());
    let config = Config {
        smtp,
        ..Config::default()
    };
    App::with_config(database, config).await
}

async fn site_with_dead_server(database: &TestDatabase) -> App {
    let smtp = Some(smtp(DEAD));
    let config = Config {
        smtp,
        ..Config::default()
    };
    App::with_config(database, config).await
}

/// Returns the path of the link in a mail, which must begin with the base URL.
fn path_in(mail: &ReceivedMail) -> String {
    let link = mail.text.lines().find(|line| line.starts_with("http"));
    let path = link.and_then(|link| link.strip_prefix("http://127.0.0.1:3000"));
    path.expect("a link to the site").to_owned()
}

async fn forgot(app: &App, email: &str) -> TestResponse {
    app.post("/en/forgot", None, &[("email", email)]).await
}

async fn forgotten_password_is_set_with_a_link_from_a_mail(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    let login = app.get("/en/login", None).await;
    assert!(login.body.contains("href=\"/en/forgot\""), "{}", login.body);
    let session = app.log_in_as_grace(None).await;
    let sent = forgot(&app, "Grace@Example.com").await;
    assert_eq!(sent.header("location"), Some("/en/forgot?sent"));
    let mail = server.next_mail().await;
    assert_eq!(mail.to, GRACE);
    assert_eq!(mail.from, "Routebook <routebook@example.com>");
    assert_eq!(mail.subject, "Routebook: set a new password");
    let path = path_in(&mail);
    let form = [("password", "another sentence")];
    let set = app.post(&path, None, &form).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    assert_eq!(app.viewer_name(&session).await, None);
    let again = app.get(&path, None).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let audit = rows(
        database,
        "SELECT id FROM audit WHERE action = 'create-reset-link' AND actor_id IS NULL",
    )
    .await;
    assert_eq!(audit.len(), 1);
    // An hour later the link of another mail is void.
    app.clock.advance(HOUR);
    forgot(&app, GRACE).await;
    let path = path_in(&server.next_mail().await);
    app.clock.advance(HOUR);
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
}

async fn forgotten_password_is_answered_alike_for_known_and_unknown_addresses(
    database: &TestDatabase,
) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    for (lang, text) in [
        ("en", "If there is an account with this address"),
        ("ko", "이 주소를 쓰는 계정이 있다면"),
    ] {
        let path = format!("/{lang}/forgot");
        let mut pages = Vec::new();
        for email in ["nobody@example.com", GRACE] {
            let response = app.post(&path, None, &[("email", email)]).await;
            assert_eq!(response.status, StatusCode::SEE_OTHER);
            let target = response.header("location").unwrap();
            pages.push(app.get(target, None).await.body);
        }
        assert_eq!(pages[0], pages[1]);
        assert!(pages[0].contains(text), "{}", pages[0]);
    }
    // One mail only: nobody has no account, and a second link soon after the first is not sent.
    assert_eq!(server.next_mail().await.to, GRACE);
    app.clock.advance(HOUR);
    app.register("last@example.com", "Last").await;
    forgot(&app, "last@example.com").await;
    assert_eq!(server.next_mail().await.to, "last@example.com");
}

async fn forgotten_password_is_throttled(database: &TestDatabase) {
    let app = site_with_dead_server(database).await;
    let from =
        |email: &'static str| app.post_from("192.0.2.7:5000", "/en/forgot", vec![("email", email)]);
    let wrong = from("nobody").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("value=\"nobody\"")
            && wrong.body.contains("An email address has the form")
    );
    for _ in 0..20 {
        assert_eq!(from(GRACE).await.status, StatusCode::SEE_OTHER);
    }
    let refused = from(GRACE).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), Some("3"));
}

async fn link_in_a_mail_does_not_follow_the_host_of_the_request(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    for (host, status) in [
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("localhost", StatusCode::SEE_OTHER),
    ] {
        let request = Request::post("/en/forgot")
            .header("host", host)
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "host=evil.example")
            .header("content-type", "application/x-www-form-urlencoded");
        let form = Body::from("email=grace%40example.com");
        let sent = app.send(request.body(form).unwrap()).await;
        assert_eq!(sent.status, status, "{host}");
    }
    let mail = server.next_mail().await;
    assert!(path_in(&mail).starts_with("/en/reset/"), "{}", mail.text);
    assert!(!mail.text.contains("evil") && !mail.text.contains("localhost"));
}

async fn without_a_mail_server_the_page_says_whom_to_ask(database: &TestDatabase) {
    let app = App::new(database).await;
    app.session_of(ADMIN, TeamRole::Admin).await;
    for (path, text) in [
        ("/en/forgot", "An admin of your team can give you a link"),
        ("/ko/forgot", "팀의 관리자가"),
    ] {
        for page in [
            app.get(path, None).await,
            app.post(path, None, &[("email", GRACE)]).await,
        ] {
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.body.contains(text), "{}", page.body);
            assert!(!page.body.contains(ADMIN) && !page.body.contains("name=\"email\""));
        }
    }
    assert!(
        rows(database, "SELECT account_id FROM password_reset")
            .await
            .is_empty()
    );
}

fn invitations(emails: &str) -> Vec<(&str, &str)> {
    vec![
        ("do", "create"),
        ("role", "mentor"),
        ("days", "7"),
        ("uses", "1"),
        ("send", "mail"),
        ("emails", emails),
    ]
}

async fn invitations_are_sent_and_failures_named(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let form = invitations("ada@example.com, refused@example.com");
    let page = app.post("/en/admin/invitations", Some(&admin), &form).await;
    assert!(
        page.body
            .contains("No mail could be sent to: refused@example.com."),
        "{}",
        page.body
    );
    let mail = server.next_mail().await;
    assert_eq!(mail.to, "ada@example.com");
    let path = path_in(&mail);
    assert!(page.body.contains(&path), "the link is shown too");
    let form = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let joined = app.post(&path, None, &form).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
}

async fn invitation_is_in_the_language_of_the_invited_person(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let path = "/en/admin/invitations";
    let invite = async |language: &str| {
        let email = format!("{language}@example.com");
        let mut form = invitations(&email);
        form.push(("language", language));
        app.post(path, Some(&admin), &form).await
    };
    for (language, subject, title, texts) in [
        (
            "ko",
            "초대",
            "<html lang=\"ko\"",
            [
                "admin@example.com 님이",
                "역할: 멘토",
                "2027-01-22 08:00 UTC까지",
            ],
        ),
        (
            "en",
            "invitation",
            "<html lang=\"en\"",
            [
                "admin@example.com invites you",
                "Your role: Mentor",
                "until 2027-01-22 08:00 UTC",
            ],
        ),
    ] {
        let page = invite(language).await;
        let mail = server.next_mail().await;
        for text in texts {
            assert!(mail.text.contains(text), "{}", mail.text);
        }
        assert!(mail.subject.contains(subject), "{}", mail.subject);
        let link = path_in(&mail);
        assert!(link.starts_with(&format!("/{language}/join/")), "{link}");
        assert!(page.body.contains(&link), "{}", page.body);
        let opened = app.get(&link, None).await;
        assert!(opened.body.contains(title), "{}", opened.body);
    }
    let unknown = invite("fr").await;
    assert!(!unknown.body.contains("/join/"), "{}", unknown.body);
    assert_eq!(rows(database, "SELECT id FROM invitation").await.len(), 2);
}

async fn dead_mail_server_creates_nothing(database: &TestDatabase) {
    let app = site_with_dead_server(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let form = invitations("ada@example.com");
    let page = app.post("/en/admin/invitations", Some(&admin), &form).await;
    assert!(
        page.body.contains("so nothing was created"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("ada@example.com</textarea>"),
        "{}",
        page.body
    );
    assert!(rows(database, "SELECT id FROM invitation").await.is_empty());
    let form = [("email", "new@example.com"), ("current", PASSWORD)];
    let page = app.post("/en/account/email", Some(&admin), &form).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.body.contains("so nothing was changed"),
        "{}",
        page.body
    );
    assert!(
        rows(database, "SELECT account_id FROM email_change")
            .await
            .is_empty()
    );
    // Without mail, invitations work.
    let form: Vec<_> = invitations("ada@example.com")
        .into_iter()
        .filter(|(name, _)| *name != "send")
        .collect();
    let page = app.post("/en/admin/invitations", Some(&admin), &form).await;
    assert!(page.body.contains("/en/join/"), "{}", page.body);
}

async fn new_address_is_used_when_its_owner_confirms_it(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    let (session, other) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let form = [("email", "hopper@example.com"), ("current", PASSWORD)];
    let page = app.post("/en/account/email", Some(&session), &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let target = page.header("location").unwrap();
    let waiting = async |session: &str| {
        let page = app.get(target, Some(session)).await;
        page.body.contains("on its way to hopper@example.com")
    };
    assert!(waiting(&session).await);
    let ada = app.session_of("ada@example.com", TeamRole::Learner).await;
    assert!(!waiting(&ada).await, "of another account");
    let mail = server.next_mail().await;
    assert_eq!(mail.to, "hopper@example.com");
    let path = path_in(&mail);
    // Opening the link asks only.
    let asked = app.get(&path, None).await;
    assert!(
        asked
            .body
            .contains("hopper@example.com becomes the address"),
        "{}",
        asked.body
    );
    let old = app.log_in(None, GRACE, PASSWORD).await;
    assert_eq!(old.status, StatusCode::SEE_OTHER);
    let confirmed = app.post(&path, Some(&session), &[]).await;
    assert_eq!(
        confirmed.header("location"),
        Some("/en/account?done=email-changed"),
        "{}",
        confirmed.body
    );
    assert!(!waiting(&session).await);
    let notice = server.next_mail().await;
    assert_eq!(notice.to, GRACE);
    assert!(
        notice.text.contains("hopper@example.com"),
        "{}",
        notice.text
    );
    assert!(app.viewer_name(&session).await.is_some());
    assert_eq!(app.viewer_name(&other).await, None);
    assert_eq!(sessions(database).await, 2, "that of Grace and that of Ada");
    let old = app.log_in(None, GRACE, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = app.log_in(None, "hopper@example.com", PASSWORD).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
    let audit = rows(database, "SELECT id FROM audit WHERE action = 'change-email' AND detail = 'grace@example.com → hopper@example.com'").await;
    assert_eq!(audit.len(), 1);
}

async fn new_address_needs_the_password_and_must_be_free(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    app.register("ada@example.com", "Ada").await;
    let session = app.log_in_as_grace(None).await;
    let change = async |email: &str, current: &str| {
        let form = [("email", email), ("current", current)];
        app.post("/en/account/email", Some(&session), &form).await
    };
    for (email, current, text) in [
        (
            "hopper@example.com",
            "wrong password",
            "This is not the current password.",
        ),
        (
            "Ada@example.com",
            PASSWORD,
            "Another account has this address.",
        ),
        ("hopper", PASSWORD, "An email address has the form"),
    ] {
        let page = change(email, current).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(text), "{}", page.body);
        assert!(
            page.body.contains(&format!("value=\"{email}\"")),
            "{}",
            page.body
        );
    }
    // Somebody else takes the address before it is confirmed.
    change("hopper@example.com", PASSWORD).await;
    let path = path_in(&server.next_mail().await);
    app.register("hopper@example.com", "Other").await;
    let taken = app.post(&path, Some(&session), &[]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    app.log_in_as_grace(None).await;
    let anonymous = app.get("/en/account/email", None).await;
    assert_eq!(anonymous.status, StatusCode::SEE_OTHER);
}

async fn without_a_mail_server_the_address_changes_at_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let (session, other) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let form = [("email", "hopper@example.com"), ("current", PASSWORD)];
    let changed = app.post("/ko/account/email", Some(&session), &form).await;
    assert_eq!(
        changed.header("location"),
        Some("/ko/account?done=email-changed"),
        "{}",
        changed.body
    );
    let page = app.get("/ko/account", Some(&session)).await;
    assert!(page.body.contains("hopper@example.com"), "{}", page.body);
    assert_eq!(app.viewer_name(&other).await, None);
}

/// Lets addresses of example.com register.
async fn open_registration(app: &App) {
    let settings = Settings {
        registration: Registration::Domains,
        registration_domains: vec!["example.com".to_owned()],
        ..Settings::default()
    };
    let actor = Actor::default();
    let changed = app.portal.change_settings(&settings, &actor).await;
    changed.unwrap();
}

async fn register(app: &App, email: &str) -> TestResponse {
    let form = [("email", email)];
    app.post("/en/register", None, &form).await
}

async fn address_of_a_chosen_domain_registers_by_a_link_from_a_mail(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    open_registration(&app).await;
    let login = app.get("/en/login", None).await;
    assert!(login.body.contains("/en/register"), "{}", login.body);
    let sent = register(&app, "ada@EXAMPLE.com").await;
    assert_eq!(sent.header("location"), Some("/en/register?sent"));
    let mail = server.next_mail().await;
    let path = path_in(&mail);
    let page = app.get(&path, None).await;
    assert!(
        page.body.contains("Your address is confirmed"),
        "{}",
        page.body
    );
    let form = |email| [("name", "Ada"), ("email", email), ("password", PASSWORD)];
    let other = app.post(&path, None, &form("eve@example.com")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let joined = app.post(&path, None, &form("ada@example.com")).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    let again = app.post(&path, None, &form("ada@example.com")).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let ada = accounts.last().unwrap();
    assert_eq!(ada.email.as_str(), "ada@example.com");
    assert_eq!(ada.role, TeamRole::Learner);
}

async fn registration_answers_alike_and_only_while_it_is_open(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    let closed = register(&app, "ada@example.com").await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    open_registration(&app).await;
    let other = register(&app, "ada@example.org").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.body.contains("Only addresses of example.com"));
    let known = register(&app, "Grace@example.com").await;
    let unknown = register(&app, "ada@example.com").await;
    assert_eq!(known.header("location"), unknown.header("location"));
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let mut texts = [server.next_mail().await.text, server.next_mail().await.text];
    texts.sort_by_key(|text| text.contains("/en/join/"));
    assert!(texts[0].contains("You have one already"), "{}", texts[0]);
    assert!(!texts[0].contains("/en/join/"));
    assert!(texts[1].contains("/en/join/"));
}

async fn registration_leaves_the_invitation_of_an_admin(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    open_registration(&app).await;
    let admin = app.portal.store.list_accounts().await.unwrap()[0].clone();
    let actor = Actor {
        account: Some((admin.id, admin.name)),
        ..Actor::default()
    };
    let invitation = NewInvitation {
        role: TeamRole::Mentor,
        group: None,
        email: Email::parse("ada@example.com"),
        uses: 1,
        expires: app.clock.now() + HOUR,
    };
    let created = app.portal.invite(vec![invitation], &actor).await.unwrap();
    let (_, token) = &created.links[0];
    let invited = register(&app, "Ada@example.com").await;
    let unknown = register(&app, "eve@example.com").await;
    assert_eq!(invited.header("location"), unknown.header("location"));
    assert_eq!(
        (invited.status, &invited.body),
        (unknown.status, &unknown.body)
    );
    let mut texts = [server.next_mail().await.text, server.next_mail().await.text];
    texts.sort_by_key(|text| text.contains("/en/join/"));
    assert!(texts[0].contains("has invited you already"), "{}", texts[0]);
    assert!(texts[1].contains("/en/join/"));
    let path = format!("/en/join/{}", token.as_str());
    let form = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let joined = app.post(&path, None, &form).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    let accounts = app.portal.store.list_accounts().await.unwrap();
    assert_eq!(accounts.last().unwrap().role, TeamRole::Mentor);
}

async fn link_of_a_registration_is_listed_and_holds_only_while_it_is_open(database: &TestDatabase) {
    let mut server = MailServer::start().await;
    let app = site_with(database, &server).await;
    open_registration(&app).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    register(&app, "ada@example.com").await;
    let path = path_in(&server.next_mail().await);
    let list = app.get("/en/admin/invitations", Some(&admin)).await;
    assert!(list.body.contains("ada@example.com"), "{}", list.body);
    assert!(list.body.contains("Registered with the address"));
    let form = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let other_domain = Settings {
        registration: Registration::Domains,
        registration_domains: vec!["example.org".to_owned()],
        ..Settings::default()
    };
    for settings in [Settings::default(), other_domain] {
        let actor = Actor::default();
        let changed = app.portal.change_settings(&settings, &actor);
        changed.await.unwrap();
        let page = app.get(&path, None).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        let joined = app.post(&path, None, &form).await;
        assert_eq!(joined.status, StatusCode::FORBIDDEN);
    }
    open_registration(&app).await;
    assert_eq!(app.get(&path, None).await.status, StatusCode::OK);
    let now = app.clock.now();
    let listed = app
        .portal
        .store
        .list_invitations(now, (0, 50))
        .await
        .unwrap();
    let id = listed[0].id.to_string();
    let revoke = [("do", "revoke"), ("id", id.as_str()), ("confirm", "yes")];
    app.post("/en/admin/invitations", Some(&admin), &revoke)
        .await;
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
}
