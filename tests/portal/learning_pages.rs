//! What members see of their progress: ticks, the own path, certificates, and what they are to do.

use routebook::model::account::TeamRole;
use routebook::model::locale::Locale;
use routebook::portal::store::audit::Actor;
use routebook::portal::store::learning::{
    AssessmentKind, AssessmentPass, LessonProgress, NewProgress,
};

use crate::app::{App, DAY};
use crate::database::TestDatabase;
use crate::learning::{Browser, grace};

on_both_engines! {
    opened_lesson_has_a_tick_on_the_pages_of_the_member_only,
    lesson_is_marked_as_read_without_scripts,
    lesson_of_a_member_shows_what_was_done_without_scripts,
    lesson_of_a_visitor_leads_to_the_pages_of_its_cards,
    card_of_a_passed_exercise_leads_on,
    quiz_is_passed_when_each_question_was_answered_correctly_once,
    new_answer_is_named_until_the_path_is_visited,
    marks_are_explained,
    tick_says_what_is_passed,
    path_shows_what_is_next_and_what_is_missing,
    certificate_exists_when_the_chapter_is_done,
    visitors_are_led_to_the_login,
    pages_say_which_sessions_are_those_of_members,
}

/// Returns the opening tag of the link to a lesson on a page.
fn link<'a>(html: &'a str, lesson: &str) -> &'a str {
    let mark = format!("data-lesson=\"{lesson}\"");
    let at = html
        .find(&mark)
        .unwrap_or_else(|| panic!("{lesson}: {html}"));
    let start = html[..at].rfind('<').unwrap();
    let end = at + html[at..].find('>').unwrap();
    &html[start..end]
}

async fn opened_lesson_has_a_tick_on_the_pages_of_the_member_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    // Neither a request for the head nor one for a file opens the lesson.
    browser.send("HEAD", "/en/methods/get", "").await;
    browser.get("/en/methods/get.md").await;
    let home = browser.get("/en").await.body;
    assert!(!link(&home, "methods/get").contains("data-progress"));
    assert!(!home.contains("class=\"continue\""));
    let lesson = browser.get("/en/methods/get").await.body;
    assert!(link(&lesson, "methods/get").contains("data-progress=\"opened\""));
    for path in ["/en", "/en/methods", "/en/methods/post", "/ko/methods/put"] {
        let page = browser.get(path).await.body;
        let link = link(&page, "methods/get");
        assert!(link.contains("data-progress=\"opened\""), "{path}: {link}");
        assert!(link.contains("aria-description"), "{path}: {link}");
    }
    app.clock.advance(1000);
    browser.get("/ko/methods/put").await;
    let home = browser.get("/en").await.body;
    let primary = "href=\"/en/methods/put\" class=\"button primary\">Continue: ";
    assert!(
        home.contains("Hello, Grace") && home.contains(primary),
        "{home}"
    );
    let library = app.library();
    let first = library.in_order(Locale::En).next().unwrap();
    let (_, next) = home.split_once("<p class=\"continue\">").unwrap();
    let (next, _) = next.split_once("</p>").unwrap();
    assert!(
        next.contains(&format!("href=\"{}\"", first.href())),
        "{next}"
    );
    let plain = Browser::new(&app).get("/en").await.body;
    assert!(
        !link(&plain, "methods/get").contains("data-progress") && !plain.contains("class=\"ring\"")
    );
    assert!(plain.contains("<p hidden class=\"continue\">"));
}

async fn lesson_is_marked_as_read_without_scripts(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    let lesson = browser.get("/en/methods/get").await.body;
    assert!(lesson.contains("action=\"/en/progress\"") && lesson.contains("Mark as read"));
    let form = [("read", "methods/get"), ("back", "1")];
    let marked = browser.post("/en/progress", &form).await;
    assert_eq!(marked.header("location"), Some("/en/methods/get"));
    let lesson = browser.get("/en/methods/get").await.body;
    assert!(!lesson.contains("Mark as read"));
    assert!(link(&lesson, "methods/get").contains("data-progress=\"read\""));
    let plain = Browser::new(&app).get("/en/methods/get").await.body;
    assert!(!plain.contains("Mark as read"));
}

async fn marks_are_explained(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    browser.get("/en/methods/get").await;
    for (path, text) in [
        ("/en/methods/post", "title=\"opened before\""),
        ("/en/methods", "title=\"opened before\""),
        ("/ko/methods/post", "title=\"열어 봄\""),
        ("/en", " · opened before\""),
    ] {
        let page = browser.get(path).await.body;
        let link = link(&page, "methods/get");
        assert!(link.contains(text), "{path}: {link}");
    }
    let section = browser.get("/en/methods").await.body;
    let count = section.matches("title=\"opened before\"").count();
    assert_eq!(count, 4, "two lessons, in the sidebar and in the list");
    let lesson = browser.get("/en/methods/post").await.body;
    let (_, ring) = lesson.split_once("class=\"ring\"").unwrap();
    let (ring, _) = ring.split_once("</svg>").unwrap();
    assert!(ring.contains("<title>0 of 2 lessons done"), "{ring}");
    for (path, texts) in [
        (
            "/en/learn",
            [
                "opened<",
                "read to the end<",
                "done: read,",
                "of a chapter are done<",
            ],
        ),
        (
            "/ko/learn",
            [
                "열어 봄<",
                "끝까지 읽음<",
                "완료: 끝까지",
                "장에서 완료한 레슨<",
            ],
        ),
    ] {
        let page = browser.get(path).await.body;
        let (_, legend) = page.split_once("class=\"learn-legend\"").unwrap();
        let (legend, _) = legend.split_once("</ul>").unwrap();
        for text in texts {
            assert!(legend.contains(text), "{path}: {text}: {legend}");
        }
    }
}

async fn tick_says_what_is_passed(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    browser
        .post("/en/progress", &[("read", "methods/post")])
        .await;
    browser.solve("hana@example.com").await;
    browser.exercise("check").await;
    let page = browser.get("/en").await.body;
    let tag = link(&page, "methods/post");
    assert!(tag.contains("data-progress=\"read\""), "{tag}");
    assert!(tag.contains("read, exercise passed\""), "{tag}");
    browser.answer("c").await;
    let page = browser.get("/en").await.body;
    let tag = link(&page, "methods/post");
    assert!(tag.contains("data-progress=\"done\""), "{tag}");
    assert!(tag.contains("read, exercise passed, quiz passed"), "{tag}");
    let count = page.matches("aria-label=\"1 of 5 lessons done\"").count();
    assert_eq!(count, 1, "the ring of the section");
}

async fn path_shows_what_is_next_and_what_is_missing(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    let empty = browser.get("/en/learn").await;
    assert_eq!(empty.status, 200);
    assert!(empty.body.contains("You have not finished a lesson yet"));
    let library = app.library();
    let first = library.in_order(Locale::En);
    let first = first.map(|page| page.path.clone()).next().unwrap();
    let next = format!("href=\"/en/{first}\" class=\"button primary\"");
    assert!(empty.body.contains(&next), "{}", empty.body);
    assert!(!empty.body.contains("still to do"));
    browser.get("/en/methods/post").await;
    let path = browser.get("/en/learn").await.body;
    assert!(path.contains("href=\"/en/methods/post\" class=\"button primary\""));
    assert!(path.contains(&format!("href=\"/en/{first}\" class=\"button\"")));
    assert!(path.contains(
        "still to do: read to the end, exercise, quiz (0 of 3 questions answered correctly, 3 left)"
    ));
    let korean = browser.get("/ko/learn").await.body;
    assert!(
        korean.contains("남은 것: 끝까지 읽기, 실습, 퀴즈(3문제 중 0문제 맞힘, 3문제 남음)"),
        "{korean}"
    );
    // It is linked from the header of every page.
    let home = browser.get("/en").await.body;
    assert!(home.contains("href=\"/en/learn\""));
}

async fn certificate_exists_when_the_chapter_is_done(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = grace(&app).await;
    let mut browser = Browser::of_grace(&app).await;
    let library = app.library();
    let chapters = library.chapters(Locale::En);
    let (title, sections) = &chapters[0];
    let slug = sections[0].slug.clone();
    let address = format!("/en/learn/certificate/{slug}");
    assert_eq!(browser.get(&address).await.status, 404);
    let pages: Vec<_> = sections
        .iter()
        .flat_map(|section| library.listed(section, Locale::En))
        .collect();
    let now = app.clock.now();
    let pass = |kind, id: &str| AssessmentPass {
        kind,
        assessment: id.to_owned(),
        passed: now - DAY,
    };
    let mut progress = NewProgress::default();
    for page in &pages {
        progress.lessons.push(LessonProgress {
            lesson: page.path.clone(),
            opened: now - DAY,
            seen: now - DAY,
            read: Some(now - DAY),
        });
        let exercises = page.exercises();
        progress
            .passes
            .extend(exercises.map(|one| pass(AssessmentKind::Exercise, &one.id)));
        let quizzes = page.quizzes();
        progress
            .passes
            .extend(quizzes.map(|one| pass(AssessmentKind::Quiz, &one.id)));
    }
    let last = progress.passes.pop().expect("an assessment in the chapter");
    let store = &app.portal.store;
    store.merge_progress(account, progress).await.unwrap();
    assert_eq!(browser.get(&address).await.status, 404, "one is missing");
    let path = browser.get("/en/learn").await.body;
    assert!(!path.contains(&address));
    let progress = NewProgress {
        passes: vec![AssessmentPass {
            passed: now,
            ..last
        }],
        ..NewProgress::default()
    };
    store.merge_progress(account, progress).await.unwrap();
    assert!(browser.get("/en/learn").await.body.contains(&address));
    let certificate = browser.get(&address).await;
    assert_eq!(certificate.status, 200);
    let texts = ["Grace Hopper", title.unwrap(), &pages[0].front.title];
    for text in texts.into_iter().chain(["15 January 2027"]) {
        assert!(certificate.body.contains(text), "{text}");
    }
    assert_eq!(browser.get("/en/learn/certificate/none").await.status, 404);
    // Of a section that is not the first of a chapter there is none.
    if let Some(second) = sections.get(1) {
        let other = format!("/en/learn/certificate/{}", second.slug);
        assert_eq!(browser.get(&other).await.status, 404);
    }
}

async fn visitors_are_led_to_the_login(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut visitor = Browser::new(&app);
    for path in [
        "/en/learn",
        "/en/learn/certificate/start",
        "/en/team/assignments",
    ] {
        let response = visitor.get(path).await;
        assert_eq!(response.status, 303, "{path}");
        let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let login = format!("/en/login?next={next}");
        assert_eq!(response.header("location"), Some(login.as_str()));
    }
    let refused = visitor
        .post("/en/team/assignments", &[("do", "create")])
        .await;
    assert_eq!(refused.status, 401);
}

async fn pages_say_which_sessions_are_those_of_members(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.session_of("mentor@example.com", TeamRole::Mentor).await;
    let member = app.get("/en/methods/get", Some(&id)).await.body;
    assert!(member.contains("data-member"), "for the script");
    let plain = app.get("/en/methods/get", None).await.body;
    assert!(!plain.contains("data-member"));
    // The login of the site is not that of the users in the lessons.
    let login = app.get("/en/login", None).await.body;
    assert!(login.contains("they log in with requests to the API, not here"));
    // Only mentors and admins see the link to the pages of the team.
    assert!(member.contains("href=\"/en/team\""));
    let mut learner = Browser::of_grace(&app).await;
    let page = learner.get("/en").await.body;
    assert!(!page.contains("href=\"/en/team\""));
}

const LESSON: &str = "/en/methods/post";

async fn lesson_of_a_member_shows_what_was_done_without_scripts(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    let lesson = browser.get(LESSON).await.body;
    assert!(lesson.contains("data-state=\"new\"") && !lesson.contains("<noscript>"));
    browser.exercise("start").await;
    browser.create_user("hana@example.com", "admin").await;
    let lesson = browser.get(LESSON).await.body;
    assert!(
        lesson.contains("data-message=\"In progress: 1 of 2 steps\""),
        "{lesson}"
    );
    assert!(lesson.contains("value=\"restart\"") && !lesson.contains("value=\"start\""));
    assert!(!lesson.contains("class=\"quiz-result\""));
    browser.answer("a").await;
    let lesson = browser.get(LESSON).await.body;
    assert_eq!(lesson.matches("class=\"quiz-result\"").count(), 3);
}

async fn lesson_of_a_visitor_leads_to_the_pages_of_its_cards(database: &TestDatabase) {
    let app = App::new(database).await;
    let lesson = Browser::new(&app).get(LESSON).await.body;
    for card in ["exercises/create-an-admin", "quizzes/post"] {
        let link = format!("<noscript><p class=\"quiet\"><a href=\"/en/{card}\">");
        assert!(lesson.contains(&link), "{link}: {lesson}");
    }
}

async fn card_of_a_passed_exercise_leads_on(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    let path = "/en/exercises/create-an-admin";
    let started = browser.exercise("start").await.body;
    assert!(started.contains("value=\"check\"") && started.contains("name=\"question\""));
    browser.solve("hana@example.com").await;
    let next = "href=\"/en/methods/put\" class=\"button primary\"";
    let back = "href=\"/en/methods/post\" class=\"button primary\"";
    for (address, own, other) in [
        (LESSON.to_owned(), next, back),
        (format!("{path}?part"), next, back),
        (path.to_owned(), back, next),
        (format!("{path}?part=page"), back, next),
    ] {
        let card = browser.get(&address).await.body;
        assert!(
            card.contains(own) && !card.contains(other),
            "{address}: {card}"
        );
        assert!(!card.contains("value=\"check\"") && !card.contains("name=\"question\""));
    }
}

async fn quiz_is_passed_when_each_question_was_answered_correctly_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut browser = Browser::of_grace(&app).await;
    let passed = "Passed. You have answered every question correctly.";
    browser.get(LESSON).await;
    let wrong = browser.answer("a").await.body;
    assert!(!wrong.contains(passed), "{wrong}");
    let path = browser.get("/en/learn").await.body;
    assert!(
        path.contains("quiz (2 of 3 questions answered correctly, 1 left)"),
        "{path}"
    );
    let right = browser.answer("c").await.body;
    assert!(
        right.contains(passed) && right.contains("2 of 3 correct"),
        "{right}"
    );
    // It stays passed, whatever is answered as practice.
    let practice = browser.answer("a").await.body;
    assert!(practice.contains(passed), "{practice}");
    assert!(!browser.get("/en/learn").await.body.contains("quiz ("));
}

async fn new_answer_is_named_until_the_path_is_visited(database: &TestDatabase) {
    let app = App::new(database).await;
    let (account, store) = (grace(&app).await, &app.portal.store);
    let mut browser = Browser::of_grace(&app).await;
    browser.exercise("start").await;
    let form = [("do", "ask"), ("question", "Why?")];
    let asked = browser
        .post("/en/exercises/create-an-admin?part", &form)
        .await;
    assert_eq!(asked.status, 200);
    let news = "new answers of mentors: 1";
    assert!(!browser.get("/en").await.body.contains(news));
    app.clock.advance(1000);
    let question = store.list_own_help(account, None).await.unwrap().remove(0);
    let mentor = store.team_mentor(account, TeamRole::Admin).await.unwrap();
    let now = app.clock.now();
    let actor = Actor::default();
    let answered = store.answer_help(question.id, "Because.", mentor, &actor, now);
    assert!(answered.await.unwrap());
    app.clock.advance(1000);
    let home = browser.get("/en").await.body;
    // In the header, with its title, on the button of the folded menu, and on the front page.
    assert_eq!(home.matches(news).count(), 4, "{home}");
    let button = "popovertarget=\"site-menu\" aria-label=\"Menu, new answers of mentors: 1\"";
    assert!(
        home.contains(button) && home.contains("class=\"menu-badge\""),
        "{home}"
    );
    let path = browser.get("/en/learn").await.body;
    assert!(path.contains("Because.") && !path.contains(news));
    assert!(path.contains("aria-label=\"Menu\"") && !path.contains("class=\"menu-badge\""));
    assert!(!browser.get("/en/account").await.body.contains(news));
}
