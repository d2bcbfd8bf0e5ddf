//! The layout around the content of every page: skip links, header, navigation, footer.

use leptos::prelude::*;

use crate::components::MethodBadge;
use crate::components::icon::{Icon, MENU, section_icon};
use crate::content::{LessonPage, Section};
use crate::islands::palette::Palette;
use crate::islands::theme_toggle::ThemeToggle;
use crate::model::account::TeamRole;
use crate::model::http::METHODS;
use crate::model::icon::SectionIcon;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::learner;
use crate::pages::meta::PageMeta;
use crate::state::AppState;

/// Renders the layout around `content`, with the navigation unless the page is a list of lessons itself.
pub(super) fn layout(state: &AppState, meta: &PageMeta, content: AnyView) -> impl IntoView + use<> {
    let messages = state.i18n.messages(meta.request.locale).clone();
    let navigation = meta.has_navigation.then(|| navigation(state, meta));
    let is_open = meta.request.viewer.is_some() || !state.is_members_only();
    let glossary = (is_open && !state.library.glossary.is_empty()).then(|| {
        let address = format!("/{}/glossary", meta.request.locale);
        view! { <p><a href=address>{messages.get("glossary")}</a></p> }
    });
    view! {
        <a class="skip-link" href="#content">{messages.get("skip-to-content")}</a>
        <a class="skip-link skip-to-data" href="#data-panel">{messages.get("skip-to-data")}</a>
        {header(state, meta)}
        <div class="page">
            {navigation}
            {content}
        </div>
        <footer class="site-footer">
            <p>{messages.get("footer")}</p>
            {glossary}
        </footer>
    }
}

/// Renders the header: search, the button that opens the data panel of a page that has one, links, and a menu of locales,
/// theme and account, which is folded on small screens.
fn header(state: &AppState, meta: &PageMeta) -> impl IntoView + use<> {
    let messages = state.i18n.messages(meta.request.locale).clone();
    let locale = meta.request.locale;
    let playground = format!("/{locale}/playground");
    // Visitors of a site for members only can open the login and nothing else.
    let is_open = meta.request.viewer.is_some() || !state.is_members_only();
    let palette = is_open.then(|| view! { <Palette/> });
    let header_link = is_open.then(|| {
        view! { <a class="header-link" href=playground.clone()>{messages.get("nav-playground")}</a> }
    });
    let menu_links = is_open.then(|| {
        view! {
            <a class="menu-link" href=format!("/{locale}#lessons")>{messages.get("lessons")}</a>
            <a class="menu-link menu-search" href=format!("/{locale}/search")>{messages.get("search-title")}</a>
            <a class="menu-link" href=playground.clone()>{messages.get("nav-playground")}</a>
            <a class="menu-link" href=format!("/{locale}/data")>{messages.get("palette-data")}</a>
        }
    });
    // On small screens the answers of mentors are in the menu.
    let new_answers = (meta.new_answers > 0).then(|| meta.new_answers.to_string());
    let menu_label = match &new_answers {
        Some(count) => messages.with("menu-answers", &[("count", count)]),
        None => messages.get("menu"),
    };
    let menu_badge = new_answers
        .map(|count| view! { <span class="menu-badge" aria-hidden="true">{count}</span> });
    // Its alternative is the name beside it.
    let logo = state.logo().map(|(address, width, height)| {
        view! { <img class="site-logo" src=address alt="" width=width height=height/> }
    });
    view! {
        <header class="site-header">
            <a class="site-title" href=format!("/{locale}")>{logo}<span>{state.site_title()}</span></a>
            {palette}
            <button type="button" class="button data-panel-open" popovertarget="data-panel">
                <Icon shapes=section_icon(SectionIcon::Database)/>
                <span class="data-panel-open-label">{messages.get("data-panel-title")}</span>
            </button>
            {header_link}
            <button type="button" class="icon-button menu-button" popovertarget="site-menu" aria-label=menu_label>
                <Icon shapes=MENU/>
                {menu_badge}
            </button>
            <div id="site-menu" class="site-menu" popover>
                {menu_links}
                {languages(state, meta, &messages)}
                <ThemeToggle/>
                {account(meta, &messages)}
            </div>
        </header>
    }
}

/// Renders links to the page in every locale, when there are several.
fn languages(
    state: &AppState,
    meta: &PageMeta,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let locale = meta.request.locale;
    let path = meta.path.as_deref().unwrap_or_default();
    let path = [path, &meta.query].concat();
    let locales = state.locales();
    let has_several = locales.len() > 1;
    let languages = locales.into_iter().map(|other| {
        let current = (other == locale).then_some("true");
        view! {
            <a href=format!("/{other}{path}") lang=other.as_str() hreflang=other.as_str() data-language=other.as_str() aria-current=current>
                {other.name()}
            </a>
        }
    });
    has_several.then(|| {
        view! { <nav class="language-switch" aria-label=messages.get("language")>{languages.collect_view()}</nav> }
    })
}

/// Renders the name of the viewer with the button that logs out, or the link to the login.
fn account(meta: &PageMeta, messages: &MessageCatalog) -> impl IntoView + use<> {
    let locale = meta.request.locale;
    let viewer = meta.request.viewer.as_ref();
    let is_mentor = viewer.is_some_and(|viewer| viewer.role != TeamRole::Learner);
    let team = is_mentor
        .then(|| view! { <a href=format!("/{locale}/team")>{messages.get("team-title")}</a> });
    let is_admin = viewer.is_some_and(|viewer| viewer.role == TeamRole::Admin);
    let admin = is_admin.then(|| {
        view! { <a href=format!("/{locale}/admin/members")>{messages.get("admin-title")}</a> }
    });
    let new_answers = (meta.new_answers > 0).then(|| {
        let count = meta.new_answers.to_string();
        let text = messages.with("home-answers", &[("count", &count)]);
        let title = text.clone();
        view! { " "<span class="nav-badge" title=title><span aria-hidden="true">{count}</span><span class="visually-hidden">{text}</span></span> }
    });
    let account = match viewer.map(|viewer| viewer.name.to_string()) {
        Some(name) => view! {
            <a href=format!("/{locale}/learn")>{messages.get("learn-title")}{new_answers}</a>
            {team}
            {admin}
            <a class="account-name" href=format!("/{locale}/account")>{name}</a>
            <form method="post" action=format!("/{locale}/logout")>
                <button type="submit" class="link-button">{messages.get("logout")}</button>
            </form>
        }
        .into_any(),
        None => {
            let path = meta.path.clone().unwrap_or_default();
            let login = format!("/{locale}/login?next=/{locale}{path}");
            view! { <a href=login>{messages.get("login")}</a> }.into_any()
        }
    };
    view! { <div class="account">{account}</div> }
}

/// Renders the lessons by section in a `<details>` element, which is closed on small screens and always
/// visible on wide ones.
fn navigation(state: &AppState, meta: &PageMeta) -> impl IntoView + use<> {
    let messages = state.i18n.messages(meta.request.locale).clone();
    let locale = meta.request.locale;
    let here = meta
        .path
        .as_deref()
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    let chapters = state.library.chapters(locale).into_iter();
    let chapters = chapters
        .map(|(title, sections)| {
            let has_chapter = title.is_some();
            let ring = learner::of_context().map(|progress| {
                let done = progress.chapter(&state.library, &sections, locale);
                learner::ring(done, &messages)
            });
            let title =
                title.map(|title| view! { <p class="nav-chapter">{title.to_owned()}{ring}</p> });
            let sections = sections.into_iter();
            let sections = sections
                .map(|section| {
                    navigation_section(state, section, locale, (&here, has_chapter), &messages)
                })
                .collect_view();
            view! { <li>{title}<ul class="nav-sections">{sections}</ul></li> }
        })
        .collect_view();
    let playground = (here == "playground").then_some("page");
    view! {
        <details class="site-nav">
            <summary>{messages.get("contents")}</summary>
            <nav aria-label=messages.get("lessons")>
                <ul>
                    {chapters}
                    <li><ul class="nav-sections"><li>
                        <a href=format!("/{locale}/playground") aria-current=playground>{messages.get("nav-playground")}</a>
                    </li></ul></li>
                </ul>
            </nav>
        </details>
    }
}

/// Renders the lessons of a section, below its title if there are several.
fn navigation_section(
    state: &AppState,
    section: &Section,
    locale: Locale,
    (here, has_chapter): (&str, bool),
    messages: &MessageCatalog,
) -> AnyView {
    let pages = state.library.listed(section, locale);
    let pages: Vec<_> = pages
        .map(|page| {
            let is_here = page.path == here;
            let current = is_here.then_some("page");
            let contents = (is_here && page.front.table_of_contents).then(|| contents(page, messages));
            let path = page.path.clone();
            let draft = page.front.draft.then(|| messages.get("draft"));
            let badge = draft.or(page.front.sidebar.badge.clone());
            let badge = badge.map(|badge| view! { " "<span class="nav-badge">{badge}</span> });
            let address = format!("/{locale}/{path}");
            let lang = (page.locale != locale).then(|| page.locale.as_str());
            let (tick, description) = learner::tick(page, messages);
            let due = learner::of_context();
            let due = due.and_then(|progress| learner::due_badge(&progress, page, messages));
            view! { <li><a href=address lang=lang data-lesson=path data-progress=tick aria-description=description.clone() title=description aria-current=current>{label(page.label())}{badge}{due}</a>{contents}</li> }
        })
        .collect();
    // Without a chapter above it, the title of the section says what the lesson belongs to.
    if pages.len() == 1 && has_chapter {
        return pages.into_any();
    }
    let title = state.library.site.section_title(&section.slug, locale);
    view! { <li><details class="nav-section" data-section=section.slug.clone() open><summary>{title}</summary><ul>{pages}</ul></details></li> }
        .into_any()
}

/// Renders the label of a lesson; a label that is an HTTP method has the colour of the method.
fn label(text: &str) -> AnyView {
    match METHODS.contains(&text) {
        true => view! { <MethodBadge method=text/> }.into_any(),
        false => text.to_owned().into_any(),
    }
}

/// Renders the headings of the current lesson below its entry in the navigation.
fn contents(page: &LessonPage, messages: &MessageCatalog) -> impl IntoView + use<> {
    let links = page
        .headings
        .iter()
        .filter(|heading| heading.level <= 3)
        .map(|heading| {
            view! { <li class=format!("toc-{}", heading.level)><a href=format!("#{}", heading.id)>{heading.text.clone()}</a></li> }
        })
        .collect_view();
    view! {
        <nav class="toc" aria-labelledby="toc-title">
            <p id="toc-title" class="visually-hidden">{messages.get("on-this-page")}</p>
            <ul>{links}</ul>
        </nav>
    }
}
