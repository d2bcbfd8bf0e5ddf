//! Files about the whole site for programs that read it: search engines and language models.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::api::SharedResponse;
use crate::content::LessonPage;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::pages::home::home_lead;
use crate::pages::lesson_markdown;
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// Handles `GET /robots.txt` (RFC 9309).
pub(super) async fn robots(State(state): State<AppState>) -> Response {
    let origin = state.config.origin();
    let text = match state.is_members_only() {
        true => "User-agent: *\nDisallow: /\n".to_owned(),
        false => {
            format!("User-agent: *\nAllow: /\nDisallow: /api/\n\nSitemap: {origin}/sitemap.xml\n")
        }
    };
    shared("/robots.txt", "text/plain; charset=utf-8", text)
}

/// Handles `GET /sitemap.xml` (sitemaps.org): the front page, the playground, and the sections and lessons in all
/// locales.
pub(super) async fn sitemap(State(state): State<AppState>) -> Response {
    let library = &state.library;
    let all = &state.locales();
    let default = state.default_locale();
    let mut text = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    ));
    let mut add = |path: &str, locales: &[Locale], updated: Option<String>| {
        for locale in locales {
            text.push_str(&sitemap_entry(
                &state.config.origin(),
                *locale,
                path,
                (locales, default),
                updated.as_deref(),
            ));
        }
    };
    add("", all, None);
    add("/playground", all, None);
    if !library.glossary.is_empty() {
        add("/glossary", all, None);
    }
    for section in library.sections() {
        add(&format!("/{}", section.slug), all, None);
        for path in &section.pages {
            let mut locales = library.locales_of(path);
            let is_left_out = |locale: &Locale| {
                let page = library.page(*locale, path);
                page.is_some_and(|page| page.front.draft || page.is_for_members())
            };
            locales.retain(|locale| all.contains(locale) && !is_left_out(locale));
            let pages = locales
                .iter()
                .filter_map(|locale| library.page(*locale, path));
            let days = pages.filter_map(|page| page.front.last_updated);
            let updated = days.map(|day| day.to_string()).max();
            add(&format!("/{path}"), &locales, updated);
        }
    }
    text.push_str("</urlset>\n");
    shared("/sitemap.xml", "application/xml; charset=utf-8", text)
}

/// Returns the link to a page in a language.
fn alternate(language: &str, href: &str) -> String {
    format!("    <xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{href}\"/>\n")
}

/// Returns the entry of a page with its translations.
fn sitemap_entry(
    origin: &str,
    locale: Locale,
    path: &str,
    (locales, default): (&[Locale], Locale),
    updated: Option<&str>,
) -> String {
    let address = |locale: Locale| escape(&format!("{origin}/{locale}{path}"));
    let mut entry = format!("  <url>\n    <loc>{}</loc>\n", address(locale));
    if let Some(day) = updated {
        entry.push_str(&format!("    <lastmod>{day}</lastmod>\n"));
    }
    for other in locales.iter().filter(|_| locales.len() > 1) {
        let href = address(*other);
        entry.push_str(&alternate(other.as_str(), &href));
    }
    if locales.len() > 1 {
        let default = locales.contains(&default).then_some(default);
        entry.push_str(&alternate("x-default", &address(default.unwrap_or(locale))));
    }
    entry.push_str("  </url>\n");
    entry
}

/// Handles `GET /{lang}/llms.txt` (llmstxt.org): the lessons of a locale with links to their Markdown.
pub(super) async fn llms(State(state): State<AppState>, page_request: PageRequest) -> Response {
    let locale = page_request.locale;
    let (library, origin) = (&state.library, state.config.origin());
    let mut text = introduction(&state, locale);
    for section in library.sections() {
        let title = library.site.section_title(&section.slug, locale);
        text.push_str(&format!("\n## {title}\n\n"));
        let pages = section.pages.iter();
        let pages = pages.filter_map(|path| library.page(locale, path));
        for page in pages.filter(|page| !page.is_for_members()) {
            let (title, description) = (&page.front.title, &page.front.description);
            let address = lesson_markdown::address(page);
            text.push_str(&format!("- [{title}]({origin}{address}): {description}\n"));
        }
    }
    let path = format!("/{locale}/llms.txt");
    shared(path, "text/plain; charset=utf-8", text)
}

/// Handles `GET /{lang}/llms-full.txt`: the text of all lessons of a locale.
pub(super) async fn llms_full(
    State(state): State<AppState>,
    page_request: PageRequest,
) -> Response {
    let locale = page_request.locale;
    let lessons = state.library.in_order(locale);
    let lessons: Vec<String> = lessons
        .filter(|page| !page.is_for_members())
        .map(|page: &std::sync::Arc<LessonPage>| lesson_markdown::document(page))
        .collect();
    let text = [introduction(&state, locale), lessons.join("\n")].join("\n");
    let path = format!("/{locale}/llms-full.txt");
    shared(path, "text/plain; charset=utf-8", text)
}

/// Returns the title of the site and one sentence about it.
fn introduction(state: &AppState, locale: Locale) -> String {
    let lead = home_lead(state, locale);
    format!("# {}\n\n> {lead}\n", state.site_title())
}

/// Returns a file that is the same for every anonymous visitor.
fn shared(path: impl Into<String>, content_type: &'static str, text: String) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    let mut response = ([(CONTENT_TYPE, content_type)], text).into_response();
    let shared = SharedResponse::new(path.into());
    response.extensions_mut().insert(shared);
    response
}
