//! The choice of who sends the request.

use leptos::prelude::*;

use super::errors::field_errors;
use super::form::{Form, flag};
use crate::http_file::{RequestCredentials, RequestSession, SessionUser};
use crate::islands::dom::listener;
use crate::islands::island_data::hydrated;
use crate::islands::server_view::server_view;
use crate::model::http::DraftField;

/// Returns who sends the request, in a few words. Before it is hydrated a form has the choice of its author and no
/// user, because the server knows no session.
pub(super) fn session_name(form: Form, is_hydrated: bool) -> String {
    let session = match is_hydrated {
        true => form.form_session(),
        false => RequestSession {
            credentials: RequestCredentials::parse(form.rendered_credentials()),
            ..RequestSession::default()
        },
    };
    match (session.credentials, session.user) {
        (RequestCredentials::Bearer, _) => "Bearer".to_owned(),
        (RequestCredentials::Session, Some(user)) => user.name,
        (RequestCredentials::Session, None) => form.message("request-not-logged-in"),
        (RequestCredentials::None, _) => form.message("request-credentials-none"),
    }
}

/// Renders the choices.
pub(super) fn session_choice(form: Form) -> impl IntoView {
    let is_hydrated = hydrated();
    let rendered = form.rendered_credentials();
    let user = Signal::derive(move || {
        let user = form.session.get().user.filter(|_| is_hydrated.get());
        user.map(|user: SessionUser| user.name).unwrap_or_default()
    });
    let has_token = Signal::derive(move || is_hydrated.get() && form.session.get().token.is_some());
    let chosen = Signal::derive(move || match is_hydrated.get() {
        true => form.form_session().credentials.name().to_owned(),
        false => rendered.to_owned(),
    });
    let choices = RequestCredentials::ALL.map(|credentials| {
        let name = credentials.name();
        let text = move || match (credentials, user.get()) {
            (RequestCredentials::Session, user) if !user.is_empty() => {
                form.message_with("request-credentials-user", &[("name", &user)])
            }
            _ => form.message(&["request-credentials-", name].concat()),
        };
        let hint = move || {
            let key = match credentials {
                RequestCredentials::Session if user.with(String::is_empty) => "session",
                RequestCredentials::Session => "user",
                RequestCredentials::Bearer if is_hydrated.get() && !has_token.get() => "no-token",
                RequestCredentials::Bearer => "bearer",
                RequestCredentials::None => "none",
            };
            form.message(&["request-session-hint-", key].concat())
        };
        let is_chosen = move || chosen.with(|chosen| chosen == name);
        let is_bearer = credentials == RequestCredentials::Bearer;
        let is_invalid = flag(move || is_bearer && form.is_invalid(DraftField::Session));
        view! {
            <label class="session-option">
                <input type="radio" name="credentials" value=name autocomplete="off" checked=rendered == name prop:checked=is_chosen
                    aria-invalid=is_invalid aria-errormessage=form.fixed_id("error-session") on:change=listener(move |_| form.choose_credentials(name))/>
                <span class="session-name">{text}</span>
                <span class="session-hint">{hint}</span>
            </label>
        }
    });
    let scope = match form.own_credentials.with_untracked(String::is_empty) {
        true => "request-session-shared",
        false => "request-session-own",
    };
    view! {
        <fieldset class="session-choice">
            {server_view(|| view! { <legend class="visually-hidden">{form.message("request-credentials")}</legend> })}
            {choices.collect_view()}
        </fieldset>
        {field_errors(form, form.id("error-session"), |field| field == DraftField::Session)}
        {server_view(|| view! { <p class="session-scope">{form.message(scope)}</p> })}
    }
}
