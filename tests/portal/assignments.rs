//! Assignments, and what members ask mentors: who may do what, and who sees it.

use routebook::model::account::{AccountId, DisplayName, TeamRole};
use routebook::portal::store::assignment::{AssignOutcome, Assignee, NewAssignment, TeamMentor};
use routebook::portal::store::audit::{Actor, AuditAction, AuditFilter};
use routebook::portal::store::group::GroupId;
use routebook::portal::store::help::OPEN_HELP_MAX;
use routebook::portal::store::member::MemberChange;

use crate::app::{App, DAY, rows};
use crate::database::TestDatabase;
use crate::learning::{Browser, grace};

on_both_engines! {
    learner_sees_what_is_due,
    mentor_of_groups_uses_these_only,
    invalid_assignment_is_refused_and_keeps_what_was_typed,
    learners_are_refused,
    question_reaches_the_mentors_and_the_answer_the_learner,
    question_is_bounded,
    mentor_of_another_group_sees_no_question,
    form_says_who_gets_the_question,
    lessons_are_given_to_one_member,
    day_is_in_words_and_in_the_language_of_the_page,
    lesson_is_given_once_to_the_same_people,
    lesson_is_given_once_by_forms_at_the_same_time,
    disabled_member_is_refused_with_a_reason,
    texts_of_members_are_shown_as_markdown,
}

const PAGE: &str = "/en/team/assignments";
/// After the clock of the tests.
const DUE: &str = "2100-06-01";

/// Creates an account with a role and returns its id and a browser that is logged in.
async fn member<'a>(app: &'a App, email: &str, role: TeamRole) -> (AccountId, Browser<'a>) {
    app.session_of(email, role).await;
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let account = accounts.iter().find(|one| one.email.as_str() == email);
    let id = account.unwrap().id;
    let mut browser = Browser::new(app);
    browser.log_in(email).await;
    (id, browser)
}

/// Creates a group with members and returns its id.
async fn group(app: &App, name: &str, members: &[AccountId]) -> String {
    let (store, now) = (&app.portal.store, app.clock.now());
    let actor = Actor::default();
    let name = DisplayName::parse(name).unwrap();
    let id = store.create_group(name, &actor, now).await.unwrap();
    for member in members {
        let added = store.set_group_member(id, *member, true, &actor, now);
        added.await.unwrap();
    }
    id.0.to_string()
}

async fn assign(browser: &mut Browser<'_>, group: &str, lessons: &[&str]) -> u16 {
    let mut form = vec![("do", "create"), ("group", group), ("due", DUE)];
    form.extend(lessons.iter().map(|lesson| ("lesson", *lesson)));
    browser.post(PAGE, &form).await.status.as_u16()
}

async fn learner_sees_what_is_due(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (_, mut admin) = member(&app, "admin@example.com", TeamRole::Admin).await;
    let group = group(&app, "Backend", &[learner]).await;
    assert!(
        admin
            .get(PAGE)
            .await
            .body
            .contains("There are no assignments")
    );
    assert_eq!(
        assign(&mut admin, &group, &["methods/put", "methods/get"]).await,
        303
    );
    let page = admin
        .get(&format!("{PAGE}?done=assignment-created"))
        .await
        .body;
    assert!(page.contains("The lessons were assigned") && page.contains("Backend"));
    let mut browser = Browser::of_grace(&app).await;
    let text = "until 1 June 2100".to_owned();
    let path = browser.get("/en/learn").await.body;
    assert!(path.contains("To do") && path.contains(&text), "{path}");
    let (_, next) = path.split_once("class=\"learn-next\"").unwrap();
    let (next, _) = next.split_once("</p>").unwrap();
    assert!(
        next.contains("/en/methods/get"),
        "what is due comes first: {next}"
    );
    let lesson = browser.get("/en/methods/get").await.body;
    assert!(lesson.contains(&text), "in the sidebar");
    // Somebody else is not to do it, nor is a visitor.
    let (_, mut other) = member(&app, "other@example.com", TeamRole::Learner).await;
    assert!(!other.get("/en/learn").await.body.contains(&text));
    assert!(
        !Browser::new(&app)
            .get("/en/methods/get")
            .await
            .body
            .contains(&text)
    );
    // Everybody, each lesson once with its earliest day.
    assert_eq!(assign(&mut admin, "", &["methods/get"]).await, 303);
    assert!(other.get("/en/learn").await.body.contains(&text));
    let due = app.portal.store.list_due_lessons(learner).await.unwrap();
    let due: Vec<_> = due.iter().map(|due| due.lesson.as_str()).collect();
    assert_eq!(due, ["methods/get", "methods/put"]);
    // What is done is not due.
    assert_eq!(assign(&mut admin, "", &["methods/post"]).await, 303);
    let before = browser.get("/en/learn").await.body;
    browser
        .post("/en/progress", &[("read", "methods/post")])
        .await;
    browser.solve("hana@example.com").await;
    browser.exercise("check").await;
    browser.answer("c").await;
    let after = browser.get("/en/learn").await.body;
    let count = |page: &str| page.matches(&text).count();
    assert_eq!(
        count(&after),
        count(&before) - 2,
        "in the list and beside the lesson"
    );
    let assigning = AuditFilter {
        action: Some(AuditAction::Assign),
        ..AuditFilter::default()
    };
    let assigned = app.portal.store.list_audit(&assigning, None, 9).await;
    let assigned = assigned.unwrap();
    assert_eq!(assigned.len(), 3);
    assert_eq!(assigned[2].subject, "Backend");
    assert_eq!(
        assigned[2].detail,
        format!("methods/get, methods/put → {DUE}")
    );
    let assignments = rows(database, "SELECT id FROM assignment ORDER BY id").await;
    assert_eq!(assignments.len(), 3);
    let deleted = admin.post(PAGE, &[("do", "delete"), ("id", "1")]).await;
    assert_eq!(deleted.status, 303);
    let deleted = admin.post(PAGE, &[("do", "delete"), ("id", "1")]).await;
    assert_eq!(deleted.status, 404, "it is gone");
    assert_eq!(
        rows(database, "SELECT lesson FROM assignment_lesson")
            .await
            .len(),
        2
    );
}

async fn mentor_of_groups_uses_these_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let (own_id, mut mentor) = member(&app, "mentor@example.com", TeamRole::Mentor).await;
    let (_, mut free) = member(&app, "free@example.com", TeamRole::Mentor).await;
    let own = group(&app, "Own", &[own_id]).await;
    let other = group(&app, "Other", &[]).await;
    let page = mentor.get(PAGE).await.body;
    assert!(page.contains(">Own<") && !page.contains(">Other<"));
    assert!(!page.contains("Everybody"));
    assert_eq!(assign(&mut mentor, &own, &["methods/get"]).await, 303);
    for group in [other.as_str(), "", "999", "x"] {
        let status = assign(&mut mentor, group, &["methods/get"]).await;
        assert_eq!(status, 404, "{group}");
    }
    // A mentor without a group looks after the whole team.
    assert_eq!(assign(&mut free, &other, &["methods/get"]).await, 303);
    assert_eq!(assign(&mut free, "", &["methods/get"]).await, 303);
    for id in ["2", "3", "99", "x"] {
        let refused = mentor.post(PAGE, &[("do", "delete"), ("id", id)]).await;
        assert_eq!(refused.status, 404, "{id}");
    }
    let deleted = mentor.post(PAGE, &[("do", "delete"), ("id", "1")]).await;
    assert_eq!(deleted.status, 303);
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 2);
}

async fn invalid_assignment_is_refused_and_keeps_what_was_typed(database: &TestDatabase) {
    let app = App::new(database).await;
    let (_, mut admin) = member(&app, "admin@example.com", TeamRole::Admin).await;
    for (due, lesson, text) in [
        ("", "methods/get", "Choose a day."),
        ("2100-02-30", "methods/get", "Choose a day."),
        ("2100-6-1", "methods/get", "Choose a day."),
        ("1999-01-01", "methods/get", "This day is over"),
        ("9999-12-31", "methods/get", "is 30 December 9999."),
        ("10000-01-01", "methods/get", "is 30 December 9999."),
        (DUE, "methods/none", "Choose at least one lesson"),
        (DUE, "", "Choose at least one lesson"),
    ] {
        let form = [
            ("do", "create"),
            ("group", ""),
            ("due", due),
            ("lesson", lesson),
        ];
        let refused = admin.post(PAGE, &form).await;
        assert_eq!(refused.status, 422, "{due} {lesson}");
        assert!(refused.body.contains(text), "{due} {lesson}");
        assert!(refused.body.contains(&format!("value=\"{due}\"")), "{due}");
        if lesson == "methods/get" {
            let kept = "value=\"methods/get\" checked";
            assert!(refused.body.contains(kept), "{}", refused.body);
        }
    }
    assert_eq!(admin.post(PAGE, &[("do", "win")]).await.status, 422);
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 0);
}

async fn lesson_is_given_once_to_the_same_people(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (_, mut admin) = member(&app, "admin@example.com", TeamRole::Admin).await;
    let group = group(&app, "Backend", &[learner]).await;
    let member = learner.0.to_string();
    let give = async |admin: &mut Browser<'_>, assignee: (&'static str, &str), due: &str| {
        let lessons = [("lesson", "methods/put"), ("lesson", "methods/get")];
        let form = [("do", "create"), assignee, ("due", due)];
        admin.post(PAGE, &[&form[..], &lessons].concat()).await
    };
    for assignee in [
        ("group", ""),
        ("group", group.as_str()),
        ("member", member.as_str()),
    ] {
        let given = give(&mut admin, assignee, DUE).await;
        assert_eq!(given.status, 303, "{assignee:?}: {}", given.body);
    }
    let before = rows(database, "SELECT id FROM audit WHERE action = 'assign'").await;
    for assignee in [
        ("group", ""),
        ("group", group.as_str()),
        ("member", member.as_str()),
    ] {
        for due in [DUE, "2101-01-01"] {
            let again = give(&mut admin, assignee, due).await;
            assert_eq!(again.status, 422, "{assignee:?}");
            let library = app.library();
            let page = library.page(routebook::model::locale::Locale::En, "methods/get");
            let title = &page.unwrap().front.title;
            let text = format!("{title} (until 1 June 2100)");
            assert!(again.body.contains("Given already: "), "{}", again.body);
            assert!(again.body.contains(&text), "{text}: {}", again.body);
            assert!(
                again.body.contains(&format!("value=\"{due}\"")),
                "typed text"
            );
        }
    }
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 3);
    let after = rows(database, "SELECT id FROM audit WHERE action = 'assign'").await;
    assert_eq!(after.len(), before.len());
    // One of the lessons is enough, and one of others is not.
    assert_eq!(
        assign(&mut admin, &group, &["methods/post", "methods/put"]).await,
        422
    );
    assert_eq!(assign(&mut admin, &group, &["methods/post"]).await, 303);
    let deleted = admin.post(PAGE, &[("do", "delete"), ("id", "1")]).await;
    assert_eq!(deleted.status, 303);
    assert_eq!(assign(&mut admin, "", &["methods/put"]).await, 303);
}

async fn lesson_is_given_once_by_forms_at_the_same_time(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (admin, _) = member(&app, "admin@example.com", TeamRole::Admin).await;
    let (other, _) = member(&app, "other@example.com", TeamRole::Admin).await;
    let group = group(&app, "Backend", &[learner]).await;
    let assignees = [
        Assignee::Everybody,
        Assignee::Group(GroupId(group.parse().unwrap())),
        Assignee::Member(learner),
    ];
    for assignee in assignees {
        let (store, actor) = (&app.portal.store, Actor::default());
        let forms = (0..8).map(|number| {
            let assignment = NewAssignment {
                assignee,
                due: DUE.to_owned(),
                lessons: vec!["methods/get".to_owned()],
            };
            let mentor = TeamMentor {
                account: if number % 2 == 0 { admin } else { other },
                is_whole_team: true,
            };
            store.create_assignment(assignment, mentor, &actor, 1)
        });
        let outcomes = futures_util::future::join_all(forms).await;
        let outcomes = outcomes.into_iter().map(Result::unwrap);
        let given = outcomes.filter(|outcome| *outcome == AssignOutcome::Assigned);
        assert_eq!(given.count(), 1, "{assignee:?}");
    }
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 3);
}

async fn disabled_member_is_refused_with_a_reason(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (_, mut admin) = member(&app, "admin@example.com", TeamRole::Admin).await;
    let record = format!("/en/team/members/{learner}");
    let offer = format!("assignments?member={learner}\"");
    assert!(admin.get(&record).await.body.contains(&offer));
    let change = MemberChange::Disabled(true);
    let actor = Actor::default();
    let disabled = app.portal.store.change_member(learner, change, &actor, 1);
    disabled.await.unwrap();
    assert!(
        !admin.get(&record).await.body.contains(&offer),
        "not offered"
    );
    let id = learner.0.to_string();
    let form = [
        ("do", "create"),
        ("member", id.as_str()),
        ("due", DUE),
        ("lesson", "methods/get"),
    ];
    let text = "The account of Grace Hopper is disabled";
    let refused = admin.post(PAGE, &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains(text), "{}", refused.body);
    let page = admin.get(&format!("{PAGE}?member={id}")).await;
    assert!(page.status == 200 && page.body.contains(text));
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 0);
    let unknown = [
        ("do", "create"),
        ("member", "999"),
        ("due", DUE),
        ("lesson", "methods/get"),
    ];
    assert_eq!(admin.post(PAGE, &unknown).await.status, 404);
}

async fn texts_of_members_are_shown_as_markdown(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (_, mut admin) = member(&app, "admin@example.com", TeamRole::Admin).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    let question = "Why `role`? <script>alert(1)</script>";
    assert_eq!(ask(&mut browser, question).await.0, 200);
    let answer = "Look at `role`, **not** [this](javascript:alert(2)).\n</textarea><b>";
    let form = [("id", "1"), ("answer", answer)];
    assert_eq!(admin.post("/en/team/stuck", &form).await.status, 303);
    let record = format!("/en/team/members/{learner}");
    let mut pages = Vec::new();
    for path in [CARD, "/en/learn"] {
        pages.push((path, browser.get(path).await.body));
    }
    for path in ["/en/team/stuck", &record] {
        pages.push((path, admin.get(path).await.body));
    }
    for (path, page) in pages {
        for text in [
            "Why <code>role</code>? &lt;script&gt;alert(1)&lt;/script&gt;",
            "Look at <code>role</code>, <strong>not</strong> [this](javascript:alert(2)).<br />",
            "&lt;/textarea&gt;&lt;b&gt;</p>",
        ] {
            assert!(page.contains(text), "{path}: {text}\n{page}");
        }
        for text in ["<script>alert", "href=\"javascript", "</textarea><b>"] {
            assert!(!page.contains(text), "{path}: {text}");
        }
    }
    // To be changed, and in a file, it is as it was typed.
    let page = admin.get("/en/team/stuck").await.body;
    assert!(page.contains("Look at `role`, **not** [this](javascript:alert(2)).\n&lt;/textarea"));
    let data = browser.get("/en/account/data.json").await.body;
    assert!(data.contains("Look at `role`, **not**"));
}

async fn learners_are_refused(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut learner = Browser::of_grace(&app).await;
    assert_eq!(learner.get(PAGE).await.status, 403);
    assert_eq!(assign(&mut learner, "", &["methods/get"]).await, 403);
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 0);
}

const CARD: &str = "/en/exercises/create-an-admin";

/// Asks the mentors, as the card does.
async fn ask(browser: &mut Browser<'_>, question: &str) -> (u16, String) {
    let form = [("do", "ask"), ("question", question)];
    let response = browser.post(&format!("{CARD}?part"), &form).await;
    (response.status.as_u16(), response.body)
}

async fn question_reaches_the_mentors_and_the_answer_the_learner(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (mentor_id, _) = member(&app, "mentor@example.com", TeamRole::Mentor).await;
    let mut browser = Browser::of_grace(&app).await;
    let new = browser.get(&format!("{CARD}?part")).await.body;
    assert!(!new.contains("I am stuck"), "before it is started");
    browser.exercise("start").await;
    browser.create_user("hana@example.com", "member").await;
    let card = browser.exercise("check").await.body;
    assert!(card.contains("I am stuck"), "{card}");
    // What is typed stays when another button is used.
    let form = [("do", "hint"), ("question", "half a <question>")];
    let kept = browser.post(&format!("{CARD}?part"), &form).await.body;
    assert!(
        kept.contains("half a &lt;question&gt;</textarea>"),
        "{kept}"
    );
    let (status, card) = ask(&mut browser, "  Why <b> is role wrong?\n").await;
    assert_eq!(status, 200, "{card}");
    assert!(card.contains("Why &lt;b&gt; is role wrong?") && card.contains("has not answered yet"));
    let store = &app.portal.store;
    let mentor = store
        .team_mentor(mentor_id, TeamRole::Mentor)
        .await
        .unwrap();
    let (open, count) = store.list_team_help(mentor, false, (0, 10)).await.unwrap();
    assert_eq!((open.len(), count), (1, 1));
    assert_eq!(
        (open[0].account, open[0].name.as_str()),
        (learner, "Grace Hopper")
    );
    assert_eq!(open[0].question, "Why <b> is role wrong?");
    assert!(open[0].verdict.contains("request body $.role"), "{open:?}");
    let now = app.clock.now();
    let actor = Actor::default();
    let answered = store.answer_help(open[0].id, "Look at the body.", mentor, &actor, now);
    assert!(answered.await.unwrap());
    for path in [&format!("{CARD}?part"), "/en/learn"] {
        let page = browser.get(path).await.body;
        assert!(page.contains("Look at the body."), "{path}");
        assert!(
            page.contains("mentor@example.com"),
            "{path}: the name of the mentor"
        );
    }
    let (open, count) = store.list_team_help(mentor, false, (0, 10)).await.unwrap();
    assert_eq!((open.len(), count), (0, 0));
    let (done, count) = store.list_team_help(mentor, true, (0, 10)).await.unwrap();
    assert_eq!((done.len(), count), (1, 1));
    let unknown = store
        .answer_help(999, "?", mentor, &Actor::default(), now)
        .await
        .unwrap();
    assert!(!unknown);
    let data = browser.get("/en/account/data.json").await.body;
    assert!(data.contains("Look at the body.") && data.contains("Why <b> is role wrong?"));
    // A visitor has no mentors.
    let mut visitor = Browser::with_sandbox(&app).await;
    let card = visitor.exercise("start").await.body;
    assert!(!card.contains("I am stuck"));
    assert_eq!(ask(&mut visitor, "Hello?").await.0, 401);
}

async fn question_is_bounded(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    let (status, card) = ask(&mut browser, "Where do I begin?").await;
    assert_eq!(status, 422, "{card}");
    let started = browser.exercise("start").await.body;
    assert!(started.contains("I am stuck"));
    let long = "글".repeat(1001);
    for question in ["", " \n", &long] {
        let (status, card) = ask(&mut browser, question).await;
        assert_eq!(status, 422);
        assert!(card.contains("Write a question with 1 to 1000 characters"));
    }
    let (_, card) = ask(&mut browser, &long).await;
    assert!(card.contains(&long), "what was typed stays");
    let longest = "글".repeat(1000);
    for _ in 0..OPEN_HELP_MAX {
        assert_eq!(ask(&mut browser, &longest).await.0, 200);
    }
    let (status, card) = ask(&mut browser, "One more").await;
    assert_eq!(status, 429);
    assert!(card.contains("20 of your questions are not answered yet"));
    let count = rows(database, "SELECT id FROM help_request").await.len();
    assert_eq!(i64::try_from(count).unwrap(), OPEN_HELP_MAX);
    // Without scripts: the page after a redirect.
    let form = [("do", "ask"), ("question", "")];
    let page = browser.post(CARD, &form).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("<html"));
}

async fn mentor_of_another_group_sees_no_question(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (own_id, _) = member(&app, "own@example.com", TeamRole::Mentor).await;
    let (other_id, _) = member(&app, "other@example.com", TeamRole::Mentor).await;
    group(&app, "One", &[own_id, learner]).await;
    group(&app, "Two", &[other_id]).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    assert_eq!(ask(&mut browser, "Why?").await.0, 200);
    let store = &app.portal.store;
    let own = store.team_mentor(own_id, TeamRole::Mentor).await.unwrap();
    let other = store.team_mentor(other_id, TeamRole::Mentor).await.unwrap();
    let (seen, count) = store.list_team_help(own, false, (0, 10)).await.unwrap();
    assert_eq!((seen.len(), count), (1, 1));
    let (hidden, count) = store.list_team_help(other, false, (0, 10)).await.unwrap();
    assert_eq!((hidden.len(), count), (0, 0));
    let now = app.clock.now();
    assert!(
        !store
            .answer_help(seen[0].id, "No", other, &Actor::default(), now)
            .await
            .unwrap()
    );
    assert!(
        store
            .answer_help(seen[0].id, "Yes", own, &Actor::default(), now)
            .await
            .unwrap()
    );
}

async fn form_says_who_gets_the_question(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    let mut card = async || {
        let card = browser.exercise("check").await.body;
        let (_, note) = card.split_once("class=\"field-note\">").expect("a note");
        note.split('<').next().unwrap().to_owned()
    };
    assert!(
        card()
            .await
            .contains("goes to the admins, because no mentor")
    );
    let (own, _) = member(&app, "anna@example.com", TeamRole::Mentor).await;
    group(&app, "One", &[own, learner]).await;
    let (other, _) = member(&app, "other@example.com", TeamRole::Mentor).await;
    group(&app, "Two", &[other]).await;
    let text = card().await;
    assert!(
        text.contains("goes to anna@example.com and the admins."),
        "{text}"
    );
    // Who belongs to no group looks after everybody.
    member(&app, "free@example.com", TeamRole::Mentor).await;
    let text = card().await;
    assert!(
        text.contains("goes to anna@example.com, free@example.com and"),
        "{text}"
    );
    for number in 0..4 {
        let email = format!("more{number}@example.com");
        member(&app, &email, TeamRole::Mentor).await;
    }
    assert!(card().await.contains("goes to 6 mentors and the admins."));
    let (store, actor) = (&app.portal.store, Actor::default());
    let change = MemberChange::Disabled(true);
    store.change_member(own, change, &actor, 1).await.unwrap();
    let text = card().await;
    assert!(
        text.contains("free@example.com, more0@example.com"),
        "{text}"
    );
    assert!(!text.contains("anna@example.com"), "{text}");
}

async fn lessons_are_given_to_one_member(database: &TestDatabase) {
    let app = App::new(database).await;
    let learner = grace(&app).await;
    let (own_id, mut own) = member(&app, "own@example.com", TeamRole::Mentor).await;
    let (other_id, mut other) = member(&app, "other@example.com", TeamRole::Mentor).await;
    group(&app, "One", &[own_id, learner]).await;
    group(&app, "Two", &[other_id]).await;
    let id = learner.0.to_string();
    let record = own.get(&format!("/en/team/members/{id}")).await.body;
    let address = format!("{PAGE}?member={id}");
    assert!(record.contains(&format!("href=\"{address}\"")), "{record}");
    let page = own.get(&address).await.body;
    assert!(page.contains("For Grace Hopper.") && !page.contains("name=\"group\""));
    assert!(page.contains(&format!("href=\"/ko/team/assignments?member={id}\"")));
    let give = async |browser: &mut Browser<'_>, member: &str, due: &str| {
        let form = [
            ("do", "create"),
            ("member", member),
            ("due", due),
            ("lesson", "methods/put"),
        ];
        browser.post(PAGE, &form).await
    };
    // What was refused is still for the member.
    let refused = give(&mut own, &id, "").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("For Grace Hopper."),
        "{}",
        refused.body
    );
    for member in [id.as_str(), "999", "x"] {
        assert_eq!(give(&mut other, member, DUE).await.status, 404, "{member}");
    }
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 0);
    assert_eq!(give(&mut own, &id, DUE).await.status, 303);
    let listed = own.get(PAGE).await.body;
    assert!(
        listed.contains("<td>Grace Hopper<") && listed.contains("0 of 1"),
        "{listed}"
    );
    assert!(!other.get(PAGE).await.body.contains("Grace Hopper"));
    // Only the member is to do it.
    let text = "until 1 June 2100";
    let mut browser = Browser::of_grace(&app).await;
    assert!(browser.get("/en/learn").await.body.contains(text));
    let data = browser.get("/en/account/data.json").await.body;
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let assigned = &data["learning"]["assignedLessons"];
    assert_eq!(assigned[0]["lesson"], "methods/put");
    let (_, mut somebody) = member(&app, "somebody@example.com", TeamRole::Learner).await;
    assert!(!somebody.get("/en/learn").await.body.contains(text));
    let store = &app.portal.store;
    let assigning = AuditFilter {
        action: Some(AuditAction::Assign),
        ..AuditFilter::default()
    };
    let audit = store.list_audit(&assigning, None, 9).await;
    assert_eq!(audit.unwrap()[0].subject, "grace@example.com");
    let delete = [("do", "delete"), ("id", "1")];
    assert_eq!(other.post(PAGE, &delete).await.status, 404);
    assert_eq!(own.post(PAGE, &delete).await.status, 303);
    assert!(!browser.get("/en/learn").await.body.contains(text));
    // It goes with its member.
    assert_eq!(give(&mut own, &id, DUE).await.status, 303);
    let (change, actor) = (MemberChange::Delete, Actor::default());
    store
        .change_member(learner, change, &actor, 1)
        .await
        .unwrap();
    assert_eq!(rows(database, "SELECT id FROM assignment").await.len(), 0);
}

async fn day_is_in_words_and_in_the_language_of_the_page(database: &TestDatabase) {
    let app = App::new(database).await;
    let (_, mut admin) = member(&app, "admin@example.com", TeamRole::Admin).await;
    // The clock of the tests begins on 2027-01-15.
    let form = [
        ("do", "create"),
        ("group", ""),
        ("due", "2027-01-16"),
        ("lesson", "methods/get"),
    ];
    assert_eq!(admin.post(PAGE, &form).await.status, 303);
    let mut browser = Browser::of_grace(&app).await;
    for (english, korean) in [
        ("until 16 January 2027", "2027년 1월 16일까지"),
        ("due today", "오늘까지"),
        (
            "overdue: was due 16 January 2027",
            "기한 지남: 2027년 1월 16일까지",
        ),
    ] {
        let page = browser.get("/en/learn").await.body;
        assert!(page.contains(english), "{page}");
        let page = browser.get("/ko/learn").await.body;
        assert!(page.contains(korean), "{page}");
        app.clock.advance(DAY);
    }
}
