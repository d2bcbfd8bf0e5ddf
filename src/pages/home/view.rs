//! Renders the front page.

use leptos::prelude::*;

use super::illustration::illustration;
use super::{HomeMember, draft, home_lead, home_text};
use crate::components::icon::{Icon, PENCIL, USERS, section_icon};
use crate::components::{HeaderNames, ResponseBody, StatusLine};
use crate::content::{LessonPage, Section};
use crate::islands::playground::Playground;
use crate::model::http::HttpResponse;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::form_action::form_action;
use crate::pages::learn::NextLessons;
use crate::pages::learner;
use crate::state::AppState;

/// Renders the front page with the sample response.
pub(super) fn content(
    state: &AppState,
    locale: Locale,
    member: Option<&HomeMember>,
    response: &HttpResponse,
) -> impl IntoView + use<> {
    let messages = state.i18n.messages(locale).clone();
    let sections = state.library.sections().iter();
    let sections = sections
        .map(|section| section_card(state, section, locale, &messages))
        .collect_view();
    // The site of a team does not present the program.
    let audiences = state.library.site.home.is_built_in().then(|| {
        view! {
            <section class="home-part audiences" aria-label=messages.get("home-audiences")>
                {audience(USERS, "home-teams", &messages)}
                {audience(PENCIL, "home-authors", &messages)}
            </section>
        }
    });
    view! {
        <main id="content" class="home" tabindex="-1">
            {hero(state, locale, member, &messages)}
            <section class="home-part" aria-labelledby="home-try">
                <h2 id="home-try">{messages.get("home-try")}</h2>
                <p class="quiet">{messages.get("home-try-text")}</p>
                {first_request(locale, response, &messages)}
            </section>
            <section class="home-part" id="lessons" aria-labelledby="home-path">
                <h2 id="home-path">{messages.get("home-path")}</h2>
                <ol class="chapters">{sections}</ol>
            </section>
            {audiences}
        </main>
    }
}

/// Renders the promise of the site with links to the playground and the first lesson or, for a member, what is next, and beside
/// it what happens when a request is sent.
fn hero(
    state: &AppState,
    locale: Locale,
    member: Option<&HomeMember>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let title = home_text(state, locale, "home-title", &state.library.site.home.title);
    let (primary, below) = match member {
        Some(member) => member_links(state, locale, member, messages),
        None => visitor_links(state, locale, messages),
    };
    let hello = member.map(|member| {
        let text = messages.with("home-hello", &[("name", &member.name)]);
        view! { <p class="quiet">{text}</p> }
    });
    view! {
        <section class="hero" aria-labelledby="home-title">
            <div class="hero-text">
                {hello}
                <h1 id="home-title">{title}</h1>
                <p class="lead">{home_lead(state, locale)}</p>
                <p class="hero-actions">
                    {primary}
                    <a class="button" href=format!("/{locale}/playground")>{messages.get("home-playground")}</a>
                </p>
                {below}
            </div>
            {illustration(messages)}
        </section>
    }
}

/// Renders the link to the first lesson, and the one to the lesson that was opened last, which `progress.js` fills in.
fn visitor_links(
    state: &AppState,
    locale: Locale,
    messages: &MessageCatalog,
) -> (AnyView, AnyView) {
    let first = state.library.all_listed(locale).next().map(|page| {
        let minutes = minutes([page.as_ref()], messages);
        view! {
            <a class="button primary" href=format!("/{locale}/{}", page.path)>{messages.get("home-start")}" "<span class="button-detail">{minutes}</span></a>
        }
    });
    let label = messages.get("home-continue");
    let resume = view! { <p class="continue" hidden>{label}": "<a href=""></a></p> };
    (first.into_any(), resume.into_any())
}

/// Renders the link to the lesson with which a member goes on, the one after it, and what is new on the own path.
fn member_links(
    state: &AppState,
    locale: Locale,
    member: &HomeMember,
    messages: &MessageCatalog,
) -> (AnyView, AnyView) {
    let HomeMember {
        progress,
        new_answers,
        ..
    } = member;
    let path = format!("/{locale}/learn");
    let NextLessons { last, next } = NextLessons::of(state, locale, progress);
    let address = |page: &LessonPage| format!("/{locale}/{}", page.path);
    let (primary, other) = match (last, next) {
        (Some(last), next) => (Some(("home-continue", last)), next),
        (None, Some(next)) => (Some(("learn-next", next)), None),
        (None, None) => (None, None),
    };
    let primary = match primary {
        Some((key, page)) => {
            let text = format!("{}: {}", messages.get(key), page.front.title);
            view! { <a class="button primary" href=address(&page)>{text}</a> }
        }
        None => {
            let text = messages.get("home-all-done");
            view! { <a class="button primary" href=path.clone()>{text}</a> }
        }
    };
    let other = other.map(|page| {
        let label = messages.get("learn-next");
        view! { <p class="continue">{label}": "<a href=address(&page)>{page.front.title.clone()}</a></p> }
    });
    let due = progress.due_count(&state.library, locale);
    let news = [
        (due.to_string(), "home-due"),
        (new_answers.to_string(), "home-answers"),
    ];
    let news = news.into_iter().filter(|(count, _)| count != "0");
    let news: Vec<String> = news
        .map(|(count, key)| messages.with(key, &[("count", &count)]))
        .collect();
    let news = (!news.is_empty()).then(|| {
        view! { <p class="continue"><a href=path>{messages.get("learn-title")}": "{news.join(", ")}</a></p> }
    });
    (primary.into_any(), view! { {other}{news} }.into_any())
}

/// Renders the form of the first request with its response.
fn first_request(
    locale: Locale,
    response: &HttpResponse,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let status = response.status;
    let content_type = response
        .header("content-type")
        .unwrap_or_default()
        .to_owned();
    let text = response.body.text().unwrap_or_default().to_owned();
    let title = messages.get("home-request");
    let messages = messages.clone();
    view! {
        <Playground id="first-request" title=title draft=draft() action=form_action(locale, "", &draft())>
            <div class="response sample-response">
                <p class="response-status"><StatusLine status=status/></p>
                <div><ResponseBody text=text content_type=content_type messages=messages/></div>
            </div>
        </Playground>
        <HeaderNames/>
    }
}

/// Renders a section with its lessons, in reading order.
fn section_card(
    state: &AppState,
    section: &Section,
    locale: Locale,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let pages: Vec<_> = state.library.listed(section, locale).collect();
    let minutes = minutes(pages.iter().map(|page| page.as_ref()), messages);
    let lessons = pages
        .iter()
        .map(|page| {
            let path = page.path.clone();
            let (tick, description) = learner::tick(page, messages);
            let about = Some(page.front.description.clone());
            let title = [about, description.clone()].into_iter().flatten();
            let title = title.collect::<Vec<_>>().join(" · ");
            view! {
                <li><a href=format!("/{locale}/{path}") data-lesson=path data-progress=tick aria-description=description title=title>{page.front.title.clone()}</a></li>
            }
        })
        .collect_view();
    let ring = learner::of_context().map(|progress| {
        let done = progress.chapter(&state.library, &[section], locale);
        learner::ring(done, messages)
    });
    let site = &state.library.site;
    let icon = section_icon(site.section_icon(&section.slug));
    view! {
        <li class="chapter">
            <span class="chapter-icon"><Icon shapes=icon/></span>
            <div class="chapter-head">
                <h3>{site.section_title(&section.slug, locale)}</h3>
                <span class="quiet">{minutes}{ring}</span>
            </div>
            <ol class="chapter-lessons">{lessons}</ol>
        </li>
    }
}

/// Returns how long lessons take together; empty when none of them says so.
fn minutes<'a>(
    pages: impl IntoIterator<Item = &'a LessonPage>,
    messages: &MessageCatalog,
) -> String {
    let pages = pages.into_iter();
    match pages
        .filter_map(|page| page.front.lesson.minutes)
        .sum::<u32>()
    {
        0 => String::new(),
        minutes => messages.with("minutes", &[("count", &minutes.to_string())]),
    }
}

/// Renders what the site is for teams or for authors.
fn audience(icon: &'static str, key: &str, messages: &MessageCatalog) -> impl IntoView + use<> {
    view! {
        <div class="audience">
            <h2><Icon shapes=icon/>{messages.get(key)}</h2>
            <p>{messages.get(&format!("{key}-text"))}</p>
        </div>
    }
}
