//! The layout around the content of every page: skip links, header, navigation, footer.

use leptos::prelude::*;

use crate::components::MethodBadge;
use crate::content::LessonPage;
use crate::islands::theme_toggle::ThemeToggle;
use crate::model::http::METHODS;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::PageMeta;
use crate::state::AppState;

/// Renders the layout around `content`, with the navigation.
pub(super) fn layout(state: &AppState, meta: &PageMeta, content: AnyView) -> impl IntoView + use<> {
    let messages = state.i18n.messages(meta.request.locale).clone();
    view! {
        <a class="skip-link" href="#content">{messages.get("skip-to-content")}</a>
        {header(state, meta)}
        <div class="page">
            {navigation(state, meta)}
            {content}
        </div>
        <footer class="site-footer">
            <p>{messages.get("footer")}</p>
        </footer>
    }
}

/// Renders the header: links, locales, theme and account.
fn header(state: &AppState, meta: &PageMeta) -> impl IntoView + use<> {
    let messages = state.i18n.messages(meta.request.locale).clone();
    let locale = meta.request.locale;
    let path = meta.path.clone().unwrap_or_default();
    let name = meta
        .request
        .viewer
        .as_ref()
        .map(|viewer| viewer.name.to_string());
    let locales = state.library.site.locales.clone();
    let languages = locales
        .into_iter()
        .map(|other| {
            let current = (other == locale).then_some("true");
            view! {
                <a href=format!("/{other}{path}") lang=other.as_str() hreflang=other.as_str() data-language=other.as_str() aria-current=current>
                    {other.name()}
                </a>
            }
        })
        .collect_view();
    let account = match name {
        Some(name) => view! {
            <span class="account-name">{name}</span>
            <form method="post" action=format!("/{locale}/logout")>
                <button type="submit" class="link-button">{messages.get("logout")}</button>
            </form>
        }
        .into_any(),
        None => view! { <a href=format!("/{locale}/login?next=/{locale}{path}")>{messages.get("login")}</a> }.into_any(),
    };
    view! {
        <header class="site-header">
            <a class="site-title" href=format!("/{locale}")>{state.library.site.title.clone()}</a>
            <a class="header-link" href=format!("/{locale}/playground")>{messages.get("nav-playground")}</a>
            <nav class="language-switch" aria-label=messages.get("language")>{languages}</nav>
            <ThemeToggle/>
            <div class="account">{account}</div>
        </header>
    }
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
    let sections = state
        .library
        .sections()
        .iter()
        .map(|section| {
            let pages = section
                .pages
                .iter()
                .filter_map(|path| state.library.page(locale, path))
                .map(|page| {
                    let is_here = page.path == here;
                    let current = is_here.then_some("page");
                    let contents = is_here.then(|| contents(page, &messages));
                    view! { <li><a href=page.href() aria-current=current>{label(page.label())}</a>{contents}</li> }
                })
                .collect_view();
            let title = state.library.site.section_title(&section.slug, locale);
            view! { <li><p class="nav-section">{title}</p><ul>{pages}</ul></li> }
        })
        .collect_view();
    let playground = (here == "playground").then_some("page");
    view! {
        <details class="site-nav">
            <summary>{messages.get("contents")}</summary>
            <nav aria-label=messages.get("lessons")>
                <ul>
                    {sections}
                    <li><ul><li>
                        <a href=format!("/{locale}/playground") aria-current=playground>{messages.get("nav-playground")}</a>
                    </li></ul></li>
                </ul>
            </nav>
        </details>
    }
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
