//! A page with one form in a card.

use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use leptos::prelude::*;

use crate::pages::form_field::{Field, field};
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::{AppState, StyleSheet};

/// The form and the texts around it.
#[derive(Clone, Debug, Default)]
pub(super) struct FormCard {
    /// The title of the page.
    pub title: String,
    /// The sentences below the title.
    pub lead: String,
    /// The path of the page and of the form, after the locale.
    pub path: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// Hidden fields, with their values.
    pub hidden: Vec<(&'static str, String)>,
    /// The text of the button; without one there is no form, unless there are `buttons`.
    pub submit: Option<String>,
    /// Buttons that do different things, each with its value of `do`; without `submit` the first is the primary one.
    pub buttons: Vec<(&'static str, String)>,
    /// Whether the page leads back to the account.
    pub has_account_link: bool,
    /// What was done.
    pub done: Option<String>,
    /// Why the form was refused, with the status of the response; the text is empty when it stands beside a field.
    pub problem: Option<(StatusCode, String)>,
}

impl FormCard {
    /// Returns the card with a problem of the whole form.
    pub(super) fn refused(self, status: StatusCode, text: String) -> FormCard {
        FormCard {
            problem: Some((status, text)),
            ..self
        }
    }
}

/// Renders the page, with `below` after the form. The status is 422 when a field was refused.
pub(super) async fn show<V: IntoView + 'static>(
    state: &AppState,
    page_request: PageRequest,
    card: FormCard,
    below: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    show_with(state, page_request, card, || (), below).await
}

/// Does the same as [`show`], with `above` before the form.
pub(super) async fn show_with<A: IntoView + 'static, B: IntoView + 'static>(
    state: &AppState,
    page_request: PageRequest,
    card: FormCard,
    above: impl Fn() -> A + Clone + Send + Sync + 'static,
    below: impl Fn() -> B + Clone + Send + Sync + 'static,
) -> Response {
    let action = format!("/{}{}", page_request.locale, card.path);
    let is_refused = card.fields.iter().any(|field| field.problem.is_some());
    let status = match &card.problem {
        Some((status, _)) => *status,
        None if is_refused => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let meta = PageMeta {
        status,
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        ..PageMeta::new(page_request, card.title.clone(), card.path.clone())
    };
    let messages = state.i18n.messages(meta.request.locale).clone();
    let account = format!("/{}/account", meta.request.locale);
    let view = move || {
        let card = card.clone();
        let account = card.has_account_link.then(|| {
            view! { <p class="card-links"><a href=account.clone()>{messages.get("account-title")}</a></p> }
        });
        let problem = card
            .problem
            .filter(|(_, text)| !text.is_empty())
            .map(|(_, text)| view! { <p class="field-error" role="alert">{text}</p> });
        let done = card
            .done
            .map(|text| view! { <p class="portal-done" role="status">{text}</p> });
        let lead = (!card.lead.is_empty()).then(|| view! { <p class="lead">{card.lead}</p> });
        let hidden = card
            .hidden
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect_view();
        let fields = card.fields.into_iter().map(field).collect_view();
        let submit = card
            .submit
            .map(|text| view! { <button type="submit" class="button primary">{text}</button> });
        let buttons = card
            .buttons
            .into_iter()
            .enumerate()
            .map(|(at, (value, text))| {
                let is_primary = at == 0 && submit.is_none();
                let class = if is_primary {
                    "button primary"
                } else {
                    "button"
                };
                view! { <button class=class name="do" value=value>{text}</button> }
            })
            .collect::<Vec<_>>();
        let form = match submit.is_some() || !buttons.is_empty() {
            true => view! {
                <form class="login-form" method="post" action=action.clone()>
                    {problem}
                    {hidden}
                    {fields}
                    <p class="card-buttons">{submit}{buttons}</p>
                </form>
            }
            .into_any(),
            false => problem.into_any(),
        };
        view! {
            <main id="content" class="card-page" tabindex="-1"><div class="card">
                <h1>{card.title}</h1>
                {done}
                {lead}
                {above()}
                {form}
                {below()}
                {account}
            </div></main>
        }
    };
    let mut response = render(state, meta, view).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
