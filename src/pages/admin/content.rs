//! `/{lang}/admin/content`: which content is loaded, what was found in it, its drafts, and the button that loads the folder again.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use tokio::sync::oneshot;

use crate::content::{ContentFinding, LessonPage};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::{outcome_view, page};
use crate::pages::signed_in::AdminRequest;
use crate::pages::time::time;
use crate::state::{AppState, ContentStatus, ReloadRequest};

/// The most findings that are shown.
const FINDINGS: usize = 100;

/// Handles `GET /{lang}/admin/content`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let outcome = match query.as_deref() {
        Some("done=served") => Some((true, messages.get("content-reload-done"))),
        Some("done=refused") => Some((false, messages.get("content-reload-refused"))),
        Some("done=busy") => Some((false, messages.get("content-reload-busy"))),
        _ => None,
    };
    let status = state.content.status.borrow().clone();
    let shared = state.clone();
    let view = move || {
        view! {
            {outcome_view(outcome.clone())}
            {source_view(&shared, locale, &status, &messages)}
            {findings_view(&shared, &status, &messages)}
            {drafts_view(&shared, &messages)}
            {lessons_view(&shared, locale, &messages)}
        }
    };
    page(&state, request.page, "content", view).await
}

/// Handles `POST /{lang}/admin/content`: loads the content folder again.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
) -> Response {
    let (sender, served) = oneshot::channel();
    let reload = ReloadRequest {
        actor: request.actor,
        served: sender,
    };
    let is_sent = match &state.content.reloads {
        Some(reloads) => reloads.try_send(reload).is_ok(),
        None => false,
    };
    let outcome = match is_sent {
        true => served.await.ok(),
        false => None,
    };
    let locale = request.page.locale;
    let (done, locale) = match outcome {
        // The new content may not have the language of the page.
        Some(Some(new)) => ("served", new.offered_locale(locale)),
        Some(None) => ("refused", locale),
        None => ("busy", locale),
    };
    Redirect::to(&format!("/{locale}/admin/content?done={done}")).into_response()
}

/// Renders where the content comes from and when it was loaded, with the button that loads it again.
fn source_view(
    state: &AppState,
    locale: Locale,
    status: &ContentStatus,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let folder = match &state.config.content {
        None => messages.get("content-built-in"),
        Some(folder) => {
            let key = match state.library.site.built_in {
                true => "content-over-built-in",
                false => "content-over-none",
            };
            messages.with(key, &[("folder", &folder.display().to_string())])
        }
    };
    let reloads = state.content.reloads.is_some();
    let last_reload = reloads.then(|| {
        let last = match status.last_reload {
            Some(last) => {
                let key = match last.is_served {
                    true => "content-reload-served",
                    false => "content-reload-failed",
                };
                view! { {time(last.at)}<br/>{messages.get(key)} }.into_any()
            }
            None => messages.get("content-no-reload").into_any(),
        };
        view! { <tr><th scope="row">{messages.get("content-last-reload")}</th><td class="portal-wrap">{last}</td></tr> }
    });
    let form = reloads.then(|| {
        let note = match state.config.watch {
            true => "content-watched",
            false => "content-reload-note",
        };
        view! {
            <form class="portal-form" method="post" action=format!("/{locale}/admin/content")>
                <p class="portal-wide quiet">{messages.get(note)}</p>
                <p class="portal-wide"><button class="button primary">{messages.get("content-reload")}</button></p>
            </form>
        }
    });
    let label = messages.get("content-source");
    view! {
        <section class="portal-section">
            <h2>{label.clone()}</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label=label>
                <table class="portal-table"><tbody>
                    <tr><th scope="row">{messages.get("content-folder")}</th><td class="portal-wrap">{folder}</td></tr>
                    <tr><th scope="row">{messages.get("content-loaded")}</th><td>{time(state.content.loaded)}</td></tr>
                    {last_reload}
                </tbody></table>
            </div>
            {form}
        </section>
    }
}

/// Renders the findings of the check, the first ones if there are many.
fn findings_view(
    state: &AppState,
    status: &ContentStatus,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let findings = &status.findings;
    let shown = findings.iter().take(FINDINGS);
    let rows: Vec<_> = shown
        .map(|finding| finding_row(finding, messages))
        .collect();
    let more = (findings.len() > FINDINGS).then(|| {
        let count = (findings.len() - FINDINGS).to_string();
        view! { <p>{messages.with("content-findings-more", &[("count", &count)])}</p> }
    });
    let checking = status
        .is_checking
        .then(|| view! { <p role="status">{messages.get("content-checking")}</p> });
    let empty = match state.config.content {
        Some(_) => "content-no-findings",
        None => "content-no-own",
    };
    let label = messages.get("content-findings");
    let list = match rows.is_empty() {
        true if status.is_checking => ().into_any(),
        true => view! { <p class="quiet">{messages.get(empty)}</p> }.into_any(),
        false => {
            let heads = ["severity", "position", "message", "rule"].map(
                |name| view! { <th scope="col">{messages.get(&format!("content-finding-{name}"))}</th> },
            );
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=label.clone()>
                    <table class="portal-table">
                        <thead><tr>{heads.collect_view()}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    };
    view! { <section class="portal-section"><h2>{label}</h2>{checking}{list}{more}</section> }
}

fn finding_row(finding: &ContentFinding, messages: &MessageCatalog) -> impl IntoView + use<> {
    let severity = match finding.is_warning() {
        true => "content-warning",
        false => "content-error",
    };
    let position = format!("{}:{}", finding.file, finding.line);
    view! {
        <tr>
            <td>{messages.get(severity)}</td>
            <td class="portal-wrap"><code>{position}</code></td>
            <td class="portal-wrap" lang="en">{finding.message.clone()}</td>
            <td><code>{finding.rule.name()}</code></td>
        </tr>
    }
}

fn drafts_view(state: &AppState, messages: &MessageCatalog) -> impl IntoView + use<> {
    let library = &state.library;
    let drafts = library.drafts().map(|page| {
        let served = (!library.is_hidden(page)).then(|| {
            view! { <br/><span class="quiet">{messages.get("content-draft-served")}</span> }
        });
        let lang = page.locale.as_str();
        view! {
            <li>
                <span><a href=page.href() lang=lang>{page.front.title.clone()}</a>{served}</span>
                <span class="quiet">{page.locale.name()}", "<code>{page.file()}</code></span>
            </li>
        }
    });
    let drafts: Vec<_> = drafts.collect();
    let list = match drafts.is_empty() {
        true => view! { <p class="quiet">{messages.get("content-no-drafts")}</p> }.into_any(),
        false => view! {
            <p class="quiet">{messages.get("content-drafts-note")}</p>
            <ul class="portal-list">{drafts}</ul>
        }
        .into_any(),
    };
    view! { <section class="portal-section"><h2>{messages.get("content-drafts")}</h2>{list}</section> }
}

/// Renders the number of lessons of each section in each language.
fn lessons_view(
    state: &AppState,
    locale: Locale,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let library = &state.library;
    let locales = &library.site.locales;
    let count = |locale: Locale, is_counted: &dyn Fn(&LessonPage) -> bool| {
        let pages = library.in_order(locale);
        pages.filter(|page| is_counted(page)).count()
    };
    let heads: Vec<_> = locales
        .iter()
        .map(|one| view! { <th scope="col" lang=one.as_str()>{one.name()}</th> })
        .collect();
    let rows = library.sections().iter().map(|section| {
        let title = library.site.section_title(&section.slug, locale);
        let is_inside = |page: &LessonPage| section.pages.contains(&page.path);
        let counts: Vec<_> = locales
            .iter()
            .map(|one| view! { <td>{count(*one, &is_inside)}</td> })
            .collect();
        let address = format!("/{locale}/{}", section.slug);
        view! { <tr><th scope="row" class="portal-wrap"><a href=address>{title}</a></th>{counts}</tr> }
    });
    let rows: Vec<_> = rows.collect();
    let totals: Vec<_> = locales
        .iter()
        .map(|one| view! { <td>{count(*one, &|_| true)}</td> })
        .collect();
    let label = messages.get("content-lessons");
    let (lessons, stuck) = (
        format!("/{locale}/team/lessons"),
        format!("/{locale}/team/stuck"),
    );
    view! {
        <section class="portal-section">
            <h2>{label.clone()}</h2>
            <p>
                {messages.get("content-numbers")} " "
                <a href=lessons>{messages.get("content-numbers-lessons")}</a> ", "
                <a href=stuck>{messages.get("content-numbers-stuck")}</a>
            </p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=label>
                <table class="portal-table">
                    <thead><tr><th scope="col">{messages.get("content-section")}</th>{heads}</tr></thead>
                    <tbody>
                        {rows}
                        <tr><th scope="row">{messages.get("content-total")}</th>{totals}</tr>
                    </tbody>
                </table>
            </div>
        </section>
    }
}
