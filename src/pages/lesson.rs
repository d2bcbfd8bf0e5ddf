//! The page of a lesson: its text with the data panel beside it. A path that ends in `.http` returns the requests of the
//! lesson as a file (`download`), one that ends in `.md` its Markdown (`lesson_markdown`), one that ends in `.png` its
//! image for links on other sites (`social_image`).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::*;
use serde_json::json;

use crate::components::{DataPanelParts, DiagramView, FormExtras, HeaderNames};
use crate::content::{
    CodeTab, HighlightedCode, LessonBlock, LessonPage, Playground as RequestBlock, SampleBlock,
};
use crate::islands::code_tabs::CodeTabs;
use crate::islands::copy_button::CopyButton;
use crate::islands::data_panel::DataPanel;
use crate::islands::playground::Playground;
use crate::islands::tabs::TabList;
use crate::model::http::RequestDraft;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::exercise::CardState;
use crate::pages::form_action::form_action;
use crate::pages::learner::LearnerProgress;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::quiz_state::QuizState;
use crate::pages::reference::block_extras;
use crate::pages::render::render;
use crate::pages::visitor::PageVisitor;
use crate::pages::{
    data_panel, download, draft, exercise, learner, lesson_markdown, member_lesson, not_found,
    quiz, social_image,
};
use crate::portal::Viewer;
use crate::state::AppState;

/// Handles `GET /{lang}/{section}/{slug}`, and the same path with `.http`, `.md` or `.png`.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, section, slug)): Path<(String, String, String)>,
    uri: Uri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let (name, form) = slug.split_once('.').unwrap_or((&slug, ""));
    let path = format!("{section}/{name}");
    let locale = page_request.locale;
    if form.is_empty()
        && let Some(draft) = draft::find_lesson(&state, &page_request, &path).await
    {
        return html(&state, page_request, &visitor, draft, false).await;
    }
    let library = state.library.clone();
    let Some(page) = library.page_or_translation(locale, &path).cloned() else {
        return match library.alias(&path) {
            Some(path) => redirect(locale, path, form, &uri),
            None => not_found::show(&state, page_request).await,
        };
    };
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    if let Some(refusal) = member_lesson::refuse(&page_request, &page, target) {
        return refusal;
    }
    // A page in a language that is switched off has no other address than this one.
    let is_own_address = page.locale == locale || !state.locales().contains(&page.locale);
    match form {
        "" if lesson_markdown::accepts_markdown(&headers) => lesson_markdown::negotiated(&page),
        "" => html(&state, page_request, &visitor, page, method == Method::GET).await,
        "http" if is_own_address && page.playgrounds().next().is_some() => {
            download::http_file(&state, &page, &headers)
        }
        "md" if is_own_address => lesson_markdown::file(&page),
        "png" if is_own_address => social_image::file(&state, &page).await,
        _ => not_found::show(&state, page_request).await,
    }
}

/// Redirects an earlier path of a lesson to the present one (RFC 9110, section 15.4.9).
fn redirect(locale: Locale, path: &str, form: &str, uri: &Uri) -> Response {
    let mut target = format!("/{locale}/{path}");
    if !form.is_empty() {
        target.extend([".", form]);
    }
    if let Some(query) = uri.query() {
        target.extend(["?", query]);
    }
    match HeaderValue::from_str(&target) {
        Ok(location) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The states of the cards of a lesson, by their ids; empty for a visitor, whose page is the same for everybody.
#[derive(Clone, Default)]
struct CardStates {
    exercises: BTreeMap<String, CardState>,
    quizzes: BTreeMap<String, QuizState>,
}

impl CardStates {
    /// Reads what a member has done of the exercises and quizzes of a lesson.
    async fn read(
        state: &AppState,
        viewer: Option<&Viewer>,
        visitor: &PageVisitor,
        page: &LessonPage,
    ) -> CardStates {
        let mut cards = CardStates::default();
        let Some(viewer) = viewer else {
            return cards;
        };
        for one in page.exercises() {
            if let Some(card) = exercise::lesson_state(state, viewer, visitor, (page, one)).await {
                cards.exercises.insert(one.id.clone(), card);
            }
        }
        for one in page.quizzes() {
            if let Some(card) = quiz::lesson_state(state, viewer, visitor, one).await {
                cards.quizzes.insert(one.id.clone(), card);
            }
        }
        cards
    }
}

/// Renders the page of a lesson. With `is_opened` it is one that the viewer has opened.
async fn html(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    page: Arc<LessonPage>,
    is_opened: bool,
) -> Response {
    let cards = CardStates::read(state, page_request.viewer.as_ref(), visitor, &page).await;
    let progress = match &page_request.viewer {
        Some(viewer) => {
            let loaded = LearnerProgress::load(state, viewer.account).await;
            let mut progress = loaded.unwrap_or_else(|cause| {
                tracing::error!(%cause, "the progress of a member cannot be read");
                LearnerProgress::default()
            });
            if is_opened {
                progress.open(state, viewer.account, &page.path).await;
            }
            Some(Arc::new(progress))
        }
        None => None,
    };
    let mut meta = PageMeta::new(
        page_request,
        page.front.title.clone(),
        format!("/{}", page.path),
    );
    meta.progress = progress;
    meta.description = page.front.description.clone();
    meta.locales = state.library.locales_of(&page.path);
    meta.is_indexed = !page.front.draft && !page.is_for_members();
    let is_hidden = state.library.is_hidden(&page);
    if is_hidden {
        meta.locales.push(page.locale);
    } else {
        meta.markdown = Some(lesson_markdown::address(&page));
        meta.image = social_image::address(&page);
        meta.structured_data = Some(structured_data(state, &page));
    }
    let data = data_panel::initial_lesson_parts(state, &page).await;
    if data.is_some() && !is_hidden && !page.is_for_members() {
        meta.share_for_any_query();
    }
    let locale = meta.request.locale;
    let library = state.clone();
    let view = move || content(&library, locale, (&page, &cards), data.clone());
    let mut response = render(state, meta, view).await;
    // A request can ask for Markdown instead.
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().append(VARY, vary);
    if is_hidden {
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(CACHE_CONTROL, no_store);
    }
    response
}

/// Returns the place of a lesson in the site and its properties, in the vocabulary of schema.org.
fn structured_data(state: &AppState, page: &LessonPage) -> serde_json::Value {
    let origin = state.config.origin();
    let section = page.path.split('/').next().unwrap_or_default();
    let section_title = state.library.site.section_title(section, page.locale);
    let item = |position: u8, name: &str, path: &str| {
        json!({
            "@type": "ListItem", "position": position, "name": name,
            "item": format!("{origin}/{}{path}", page.locale),
        })
    };
    json!({
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "TechArticle",
                "headline": page.front.title,
                "description": page.front.description,
                "inLanguage": page.locale.as_str(),
                "url": format!("{origin}{}", page.href()),
                "dateModified": page.front.last_updated.map(|day| day.to_string()),
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    item(1, &state.site_title(), ""),
                    item(2, &section_title, &format!("/{section}")),
                    item(3, &page.front.title, &format!("/{}", page.path)),
                ],
            },
        ],
    })
}

/// Renders the content of a lesson with the data panel beside it, for a page in a locale, which the lesson may not be
/// translated to.
fn content(
    state: &AppState,
    locale: Locale,
    (page, cards): (&LessonPage, &CardStates),
    data: Option<DataPanelParts>,
) -> impl IntoView + use<> {
    // The interface is in the language of the address, also around a text in another one.
    let messages = state.i18n.messages(locale).clone();
    let is_translated = page.locale == locale;
    let untranslated = (!is_translated).then(|| {
        let text = state
            .i18n
            .messages(locale)
            .with("untranslated", &[("language", page.locale.name())]);
        view! { <div class="alert alert-note" lang=locale.as_str()><p>{text}</p></div> }
    });
    let is_hidden = state.library.is_hidden(page);
    let draft = page.front.draft.then(|| {
        let notice = match is_hidden {
            true => "draft-notice-admin",
            false => "draft-notice",
        };
        view! { <div class="alert alert-warning"><p>{messages.get(notice)}</p></div> }
    });
    let section = page.path.split('/').next().unwrap_or_default();
    let section_address = format!("/{locale}/{section}");
    let site_name = state.site_title();
    let section = state.library.site.section_title(section, locale);
    let minutes = page
        .front
        .lesson
        .minutes
        .map(|minutes| messages.with("minutes", &[("count", &minutes.to_string())]));
    let download = page.playgrounds().next().filter(|_| !is_hidden).map(|_| {
        let address = format!("{}.http", page.href());
        view! { <p class="download"><a href=address download="">{messages.get("download-http")}</a></p> }
    });
    let edit = state.library.edit_link(page);
    let edit = edit.map(
        |address| view! { <p class="edit"><a href=address>{messages.get("edit-page")}</a></p> },
    );
    let updated = page.front.last_updated.map(|day| {
        let day = day.to_string();
        let text = messages.with("last-updated", &[("day", &day)]);
        view! { <p class="quiet"><time datetime=day>{text}</time></p> }
    });
    let mut at = 0;
    let is_side_by_side =
        |block: &LessonBlock| matches!(block, LessonBlock::Playground(request) if request.side);
    let blocks = page
        .blocks
        .chunk_by(|one, other| is_side_by_side(one) && is_side_by_side(other))
        .map(|group| {
            let views = group.iter().map(|block| {
                at += 1;
                block_view((page, cards), &messages, at, block)
            });
            let views = views.collect_view();
            match group.len() {
                1 => views.into_any(),
                _ => view! { <div class="side-by-side">{views}</div> }.into_any(),
            }
        })
        .collect_view();
    view! {
        <main id="content" class="lesson" tabindex="-1" lang=(!is_translated).then(|| page.locale.as_str())>
            {untranslated}
            {draft}
            <div class="breadcrumb"><nav aria-label=messages.get("breadcrumb")><ol><li><a href=format!("/{locale}")>{site_name}</a></li><li><a href=section_address>{section}</a></li></ol></nav> {minutes.map(|text| view! { <span class="quiet">{text}</span> })}</div>
            <h1>{page.front.title.clone()}</h1>
            <p class="lead">{page.front.description.clone()}</p>
            {prerequisites(state, locale, page, &messages)}
            <div class="prose">{blocks}</div>
            <HeaderNames/>
            {download}
            {edit}
            {updated}
            {(!is_hidden).then(|| read_form(locale, page, &messages))}
            {neighbours(state, locale, page, &messages)}
        </main>
        <DataPanel locale=locale from=format!("/{}", page.path) parts=data words=messages.clone()/>
    }
}

/// Renders a block, the `at`-th of the lesson.
fn block_view(
    (page, cards): (&LessonPage, &CardStates),
    messages: &MessageCatalog,
    at: usize,
    block: &LessonBlock,
) -> AnyView {
    match block {
        LessonBlock::Html(html) => {
            view! { <div class="prose-part" inner_html=html.clone()></div> }.into_any()
        }
        LessonBlock::Code(code) => code_block(code).into_any(),
        LessonBlock::Diagram(diagram) => {
            view! { <DiagramView diagram=diagram.clone() messages=messages.clone()/> }.into_any()
        }
        LessonBlock::Playground(playground) => {
            let origin = format!("from=/{}&block={}", page.path, playground.id);
            let action = form_action(page.locale, &origin, &playground.draft);
            let (id, draft) = (playground.id.clone(), playground.draft.clone());
            let title = request_title(page, playground, messages);
            let extras = form_extras(page, playground);
            let empty = messages.get("reference-empty");
            view! {
                <Playground id=id title=title draft=draft action=action extras=extras>
                    <div class="sample-response response-empty"><p>{empty}</p></div>
                </Playground>
            }
            .into_any()
        }
        LessonBlock::Sample(sample) => sample_response(page, sample, messages).into_any(),
        LessonBlock::Exercise(exercise) => {
            let state = cards.exercises.get(&exercise.id);
            exercise::lesson_card(page, exercise, state, messages)
        }
        LessonBlock::Quiz(quiz) => {
            let state = cards.quizzes.get(&quiz.id);
            quiz::lesson_card(page.locale, quiz, state, messages)
        }
        LessonBlock::Tabs(tabs) => {
            let id = format!("tabs-{at}");
            let panels = tabs.iter().enumerate();
            let panels = panels
                .map(|(at, tab)| tab_panel(&id, at == 0, tab))
                .collect_view();
            let labels = tabs
                .iter()
                .map(|tab| (tab.key.clone(), tab_label(&tab.key)));
            let list = TabList {
                id,
                label: messages.get("tabs-label"),
                selected: tabs.first().map(|tab| tab.key.clone()).unwrap_or_default(),
                tabs: labels.collect(),
            };
            view! { <CodeTabs list=list>{panels}</CodeTabs> }.into_any()
        }
    }
}

/// Returns the directives of a request block for its form.
pub(super) fn form_extras(page: &LessonPage, playground: &RequestBlock) -> FormExtras {
    FormExtras {
        lesson: Some(format!("{}#{}", page.path, playground.id)),
        ..block_extras(&playground.block, &playground.draft)
    }
}

/// Returns the number of a request on its page, by which texts refer to it.
pub(super) fn request_number(page: &LessonPage, id: &str) -> String {
    let at = page.playgrounds().position(|other| other.id == id);
    (at.unwrap_or_default() + 1).to_string()
}

/// Renders a sample response with a link to its request.
fn sample_response(
    page: &LessonPage,
    sample: &SampleBlock,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let number = request_number(page, &sample.request_id);
    let label = messages.with("sample-response", &[("number", &number)]);
    let request = format!("#{}", sample.request_id);
    let varies = sample
        .code
        .html()
        .contains('…')
        .then(|| messages.get("sample-varies"));
    view! {
        <figure class="sample-response">
            <figcaption><a href=request>{label}</a> " " {varies.map(|text| view! { <span class="quiet">{text}</span> })}</figcaption>
            <div inner_html=sample.code.html().to_owned()></div>
        </figure>
    }
}

/// Returns the title of a request, which contains its number on the page so that titles are unique.
fn request_title(
    page: &LessonPage,
    playground: &RequestBlock,
    messages: &MessageCatalog,
) -> String {
    let number = request_number(page, &playground.id);
    let RequestDraft { method, target, .. } = &playground.draft;
    messages.with(
        "request-title",
        &[("number", &number), ("method", method), ("target", target)],
    )
}

/// Renders the panel of a code tab.
fn tab_panel(id: &str, is_selected: bool, tab: &CodeTab) -> impl IntoView + use<> {
    view! {
        <div class="tab-panel" id=format!("{id}-{}", tab.key) data-tab=tab.key.clone() data-hidden=(!is_selected).then_some("") role="tabpanel" aria-labelledby=format!("{id}-{}-tab", tab.key)>
            <p class="tab-label">{tab_label(&tab.key)}</p>
            {code_block(&tab.code)}
        </div>
    }
}

/// Renders a code block with its copy button.
fn code_block(code: &HighlightedCode) -> impl IntoView + use<> {
    view! {
        <div class="code-block">
            <div inner_html=code.html().to_owned()></div>
            <CopyButton/>
        </div>
    }
}

/// Returns the label that visitors see for the key of a tab.
pub(super) fn tab_label(key: &str) -> String {
    let mut letters = key.chars();
    match (key, letters.next()) {
        ("curl", _) | (_, None) => key.to_owned(),
        (_, Some(first)) => first.to_uppercase().chain(letters).collect(),
    }
}

/// Renders, for a member without scripts, the button that marks the lesson as read. With scripts it is read when its end was in
/// view.
fn read_form(
    locale: Locale,
    page: &LessonPage,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let progress = learner::of_context()?;
    let is_read = progress.lesson(page).read.is_some();
    (!is_read).then(|| {
        view! {
            <form class="mark-read" method="post" action=format!("/{locale}/progress")>
                <input type="hidden" name="read" value=page.path.clone()/>
                <button class="button" name="back" value="1">{messages.get("mark-read")}</button>
            </form>
        }
    })
}

/// Renders links to the lessons to read before this one. A site may have left some out.
fn prerequisites(
    state: &AppState,
    locale: Locale,
    page: &LessonPage,
    messages: &MessageCatalog,
) -> Option<AnyView> {
    let paths = page.front.lesson.prerequisites.iter();
    let pages = paths.filter_map(|path| state.library.page_or_translation(locale, &path.value));
    let links: Vec<_> = pages
        .map(|page| {
            let address = format!("/{locale}/{}", page.path);
            view! { <li><a href=address>{page.front.title.clone()}</a></li> }
        })
        .collect();
    let title = messages.get("read-first");
    (!links.is_empty()).then(|| {
        view! { <div class="prerequisites" lang=locale.as_str()><p>{title}</p><ul>{links}</ul></div> }.into_any()
    })
}

/// Renders links to the previous and the next lesson.
fn neighbours(
    state: &AppState,
    locale: Locale,
    page: &LessonPage,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let (previous, next) = state.library.neighbours(locale, &page.path);
    let link = |page: Option<&std::sync::Arc<LessonPage>>, rel: &'static str, label: String| {
        page.map(|page| {
            view! {
                <a class=rel rel=rel href=format!("/{locale}/{}", page.path)>
                    <span class="quiet">{label}</span>
                    <span>{page.front.title.clone()}</span>
                </a>
            }
        })
    };
    view! {
        <nav class="neighbours" aria-label=messages.get("neighbours")>
            {link(previous, "prev", messages.get("previous"))}
            {link(next, "next", messages.get("next"))}
        </nav>
    }
}
