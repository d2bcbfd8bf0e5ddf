//! The HTML document around every page: head, constant scripts, addresses of what the islands need.

use std::sync::LazyLock;

use leptos::config::LeptosOptions;
use leptos::prelude::*;

use crate::model::account::TeamRole;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::pages::messages::IslandMessages;
use crate::pages::meta::PageMeta;
use crate::pages::time;
use crate::state::{AppState, Assets, StyleSheet};

/// The script that runs before the first paint: it applies the theme of the cookie and marks the document
/// as one with scripts, and as one of an Apple device, whose keyboards have other keys. It also makes language links keep the fragment of the address and store the chosen
/// locale in a cookie.
static EARLY: LazyLock<String> = LazyLock::new(|| compact(include_str!("early.js")));

/// The loader: it loads the WASM at the first sign that an island will be used, and hydrates the islands.
/// Events on an island before its hydration are queued and dispatched afterwards. Then it marks the links
/// to the lessons that were opened or read in this browser.
static LOADER: LazyLock<String> = LazyLock::new(|| {
    compact(concat!(
        include_str!("loader.js"),
        include_str!("progress.js")
    ))
});

/// Returns a script without the indentation of its lines and those that are comments, because it is part of every page.
/// No text in the scripts has more than one line.
fn compact(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Renders the complete document.
pub(super) fn shell(state: &AppState, meta: &PageMeta, body: AnyView) -> impl IntoView + use<> {
    // Only islands are hydrated, not the views around them.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let site = state.site_title();
    let title = match meta.title == site {
        true => site.clone(),
        false => format!("{} · {site}", meta.title),
    };
    let origin = state.config.origin();
    let address = |locale: Locale, path: &str| format!("{origin}/{locale}{path}");
    let is_translated = meta.locales.contains(&meta.request.locale);
    let is_indexed =
        meta.is_indexed && meta.path.is_some() && meta.status.is_success() && is_translated;
    let alternates = meta.path.as_deref().filter(|_| meta.is_indexed).map(|path| {
        let mut locales = state.locales();
        locales.retain(|locale| meta.locales.contains(locale));
        let default = state.default_locale();
        let own = match locales.contains(&meta.request.locale) {
            true => meta.request.locale,
            // Of a page in a language that is switched off there is none.
            false => locales.first().copied().unwrap_or(default),
        };
        let fallback = match locales.contains(&default) {
            true => default,
            false => own,
        };
        // A site of one language has no alternatives.
        let has_alternatives = state.locales().len() > 1;
        let links = locales
            .into_iter()
            .filter(|_| has_alternatives)
            .map(|locale| view! { <link rel="alternate" hreflang=locale.as_str() href=address(locale, path)/> })
            .collect_view();
        let (fallback, own) = (address(fallback, path), address(own, path));
        view! {
            <link rel="canonical" href=own.clone()/>
            {links}
            {has_alternatives.then(|| view! { <link rel="alternate" hreflang="x-default" href=fallback/> })}
            {open_graph("og:url", own)}
        }
    });
    let description = (!meta.description.is_empty()).then(|| {
        let text = meta.description.clone();
        view! { <meta name="description" content=text.clone()/>{open_graph("og:description", text)} }
    });
    let robots = (!is_indexed).then(|| view! { <meta name="robots" content="noindex"/> });
    let structured_data = meta.structured_data.as_ref().map(|data| {
        // So that no text in it ends the element.
        let json = data.to_string().replace('<', "\\u003c");
        view! { <script type="application/ld+json" inner_html=json></script> }
    });
    let markdown = meta.markdown.clone().map(|address| {
        view! { <link rel="alternate" type="text/markdown" href=address/> }
    });
    let messages = IslandMessages::new(state, meta.request.locale, meta.is_workspace);
    let progress = ["opened", "read"].map(|key| {
        let messages = state.i18n.messages(meta.request.locale);
        messages.get(&["progress-", key].concat())
    });
    let [opened, read] = progress;
    let member = meta.request.viewer.is_some().then_some("");
    let reload = state.assets.reload.map(|port| {
        let options = LeptosOptions::builder()
            .output_name("routebook")
            .reload_port(port.into())
            .build();
        view! { <AutoReload options=options/> }
    });
    // The pages of members show times, and lessons those of their questions to mentors.
    let shows_times = meta.request.viewer.is_some() || meta.styles.contains(&StyleSheet::Portal);
    let time_script = shows_times.then(|| {
        view! { <script src=time::script_address() defer></script> }
    });
    // On a site that others reach only admins may receive the findings; see `server::author`.
    let viewer = meta.request.viewer.as_ref();
    let is_admin = viewer.is_some_and(|viewer| viewer.role == TeamRole::Admin);
    let is_author = state.config.watch && (state.config.is_local() || is_admin);
    let author = is_author.then(|| {
        let messages = state.i18n.messages(meta.request.locale);
        let (title, outdated) = (messages.get("author-findings"), messages.get("author-outdated"));
        let (errors, warnings) = (messages.get("author-errors"), messages.get("author-warnings"));
        view! {
            <link rel="stylesheet" href="/author/watch.css"/>
            <script src="/author/watch.js" defer data-version=state.content.version.clone() data-title=title data-outdated=outdated data-errors=errors data-warnings=warnings></script>
        }
    });
    let Assets {
        css,
        js,
        wasm,
        response_css,
        ..
    } = state.assets.clone();
    let embedded = |sheet: &StyleSheet| *sheet == StyleSheet::Site || meta.styles.contains(sheet);
    // The loader adds the style sheet of responses to a page without it.
    let response_css = (css.is_none() && !embedded(&StyleSheet::Response)).then_some(response_css);
    let styles = match css {
        Some(address) => view! { <link rel="stylesheet" href=address/> }.into_any(),
        None => {
            let sheets = StyleSheet::ALL.into_iter().zip(state.assets.styles.clone());
            let sheets = sheets.filter(|(sheet, _)| embedded(sheet));
            let sheets = sheets.map(|(_, text)| view! { <style inner_html=text></style> });
            sheets.collect_view().into_any()
        }
    };
    // Not as a child: Leptos may put a comment after a text, which is no comment in a title.
    view! {
        <!DOCTYPE html>
        <html lang=meta.request.locale.as_str()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title inner_html=escape(&title)></title>
                {description}
                <meta name="color-scheme" content="light dark"/>
                <script>{EARLY.as_str()}</script>
                {styles}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {robots}
                {alternates}
                {markdown}
                {structured_data}
                {open_graph("og:title", title)}
                {open_graph("og:site_name", site)}
                {open_graph("og:image", [&origin, meta.image.as_str()].concat())}
                {open_graph("og:type", "article".to_owned())}
                <meta name="twitter:card" content="summary_large_image"/>
                <link rel="prefetch" data-islands="" data-href=js data-wasm=wasm data-messages=messages.address
                    data-css=response_css data-opened=opened data-read=read data-member=member/>
                {reload}
                {time_script}
                {author}
            </head>
            <body>
                {body}
                <script type="module">{LOADER.as_str()}</script>
            </body>
        </html>
    }
}

/// Renders an Open Graph property (ogp.me).
fn open_graph(name: &'static str, content: String) -> impl IntoView {
    leptos::html::meta()
        .attr("property", name)
        .attr("content", content)
}
